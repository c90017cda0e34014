"""Consent is a ledger by purpose; erasure leaves nothing that leads to the person."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from bot.language import times
from bot.services import inbox, learn, outbox, people, remind
from bot.store.db import Base
from bot.store.tables import Citizen, Consent, Conversation, Outbound
from tests.factories import KEY, TUESDAY_TEN, course_folder, incoming, talk_of


def test_nobody_is_a_citizen_before_consenting(database):
    with database.write() as session:
        talk = talk_of(session)
        assert people.consents(session, talk.citizen_id) == set()
        assert session.scalar(select(func.count()).select_from(Citizen)) == 0


def test_the_newest_word_on_a_purpose_counts(database):
    with database.write() as session:
        talk = talk_of(session, consent=("learning", "reminders"))
        assert people.consents(session, talk.citizen_id) == {"learning", "reminders"}
        people.withdraw(session, talk, ["reminders"], TUESDAY_TEN)
        assert people.consents(session, talk.citizen_id) == {"learning"}
        people.give_consent(session, talk, None, ["reminders"], TUESDAY_TEN)
        assert people.consents(session, talk.citizen_id) == {"learning", "reminders"}
        assert session.scalar(select(func.count()).select_from(Consent)) == 4


def test_withdrawing_reminders_cancels_them(database):
    with database.write() as session:
        talk = talk_of(session, consent=("reminders",))
        remind.add(session, talk, times.parse("tối mai 8 giờ", TUESDAY_TEN), "học", TUESDAY_TEN)
        people.withdraw(session, talk, ["reminders"], TUESDAY_TEN)
        assert remind.listed(session, talk.citizen_id) == []


def test_what_is_known_is_counted_in_the_database(database, tmp_path):
    with database.write() as session:
        learn.publish(session, course_folder(tmp_path / "courses"), TUESDAY_TEN)
        talk = talk_of(session, consent=("learning",))
        learn.enrol(session, talk.learner_id, "gia-danh-cong-an", TUESDAY_TEN)
        known = people.known_about(session, talk)
    assert (known["courses"], known["attempts"], known["reminders"], known["consents"]) == (1, 0, 0, {"learning"})


def test_erasure_removes_every_trace_but_the_anonymous_ledger_and_the_receipt(database, tmp_path):
    with database.write() as session:
        learn.publish(session, course_folder(tmp_path / "courses"), TUESDAY_TEN)
        stored = inbox.store(session, KEY, incoming("1", "xóa hết"), TUESDAY_TEN)
        talk = talk_of(session, consent=("learning", "reminders"))
        citizen, address = talk.citizen_id, "sender-one-0123456"
        learn.enrol(session, talk.learner_id, "gia-danh-cong-an", TUESDAY_TEN)
        remind.add(session, talk, times.parse("tối mai 8 giờ", TUESDAY_TEN), "học", TUESDAY_TEN)
        outbox.enqueue(session, talk, "inbox:99:0", "reply", {"text": "cũ", "buttons": [{"title": "x", "payload": "/y"}]}, TUESDAY_TEN)
        session.execute(text("INSERT INTO rasa_trackers VALUES (:i, '[]', 0)"), {"i": talk.id})
        other = talk_of(session, address="the-same-person-2", channel="telegram")
        other.citizen_id = citizen
    with database.write() as session:
        talk = session.get_one(Conversation, stored.conversation_id)
        receipt = people.erase(session, talk, TUESDAY_TEN)
        outbox.enqueue(session, talk, f"inbox:{stored.inbox_id}:0", "reply", {"text": receipt}, TUESDAY_TEN)
        inbox.done(session, stored.inbox_id, TUESDAY_TEN)
        session.flush()
        people.forget(session, talk.id, keep_inbox=stored.inbox_id)
    with database.read() as session:
        left = {t.name: session.execute(select(func.count()).select_from(t)).scalar() for t in Base.metadata.sorted_tables}
        left["rasa_trackers"] = session.execute(text("SELECT count(*) FROM rasa_trackers")).scalar()
        left.pop("pictures")  # of published courses, nobody's
        assert {k: v for k, v in left.items() if v} == {"course_versions": 1, "consents": 2, "erasures": 1, "inbox": 1, "outbox": 1,
                                                        "active_days": 1}
        assert session.scalar(text("SELECT conversation_id FROM active_days")).startswith("gone:")  # counted, under a word that leads nowhere
        assert {c.citizen_id for c in session.scalars(select(Consent))} == {-citizen}
        everything = str(session.execute(text("SELECT * FROM inbox")).all() + session.execute(text("SELECT * FROM erasures")).all())
        assert address not in everything and "xóa hết" not in everything


def test_forgetting_one_conversation_leaves_the_others(database):
    with database.write() as session:
        mine, other = talk_of(session), talk_of(session, address="sender-two-0123456")
        people.forget(session, mine.id)
        session.expire_all()
        assert session.get(Conversation, other.id) is not None


QUEUED = {"text": "nhắc", "buttons": [], "image": None, "quick": False}


@pytest.mark.parametrize(("purpose", "kind"), [("reminders", "reminder"), ("reminders", "nudge"), ("reminders", "dossier"), ("answers", "answer_ready"),
                                               ("feedback", "ticket"), ("drills", "drill"), ("news", "news")])
def test_after_a_no_nothing_that_is_being_sent_is_tried_again_and_no_dead_letter_comes_back(database, purpose, kind):
    with database.write() as session:
        talk = talk_of(session, "77", "telegram", consent=(purpose,))
        for cause in ("a", "b"):
            outbox.enqueue(session, talk, cause, kind, QUEUED, TUESDAY_TEN)
    with database.write() as session:
        dead, sending = outbox.claim(session, ["telegram"], TUESDAY_TEN)
        outbox.not_sent(session, dead, "bad_request", None, TUESDAY_TEN)
    with database.write() as session:
        people.withdraw(session, session.get_one(Conversation, talk.id), [purpose], TUESDAY_TEN)
    with database.write() as session:
        outbox.not_sent(session, sending, "unknown_outcome", 1.0, TUESDAY_TEN)
        outbox.replay(session, [dead.id, sending.id], TUESDAY_TEN)
        assert outbox.claim(session, ["telegram"], TUESDAY_TEN + timedelta(hours=1)) == []


@pytest.mark.parametrize("arrives", [True, False])
def test_what_is_being_sent_to_a_chat_that_closes_is_not_tried_again(database, arrives):
    with database.write() as session:
        outbox.enqueue(session, talk_of(session, "77", "telegram"), "a", "reminder", QUEUED, TUESDAY_TEN, address="77")
        (row,) = outbox.claim(session, ["telegram"], TUESDAY_TEN)
    with database.write() as session:
        assert people.close(session, session.get_one(Conversation, row.conversation_id), TUESDAY_TEN, TUESDAY_TEN)
    with database.write() as session:
        if arrives:
            outbox.sent(session, row.id, "1", TUESDAY_TEN)
        else:
            outbox.not_sent(session, row, "unknown_outcome", 1.0, TUESDAY_TEN)
    with database.write() as session:
        assert outbox.claim(session, ["telegram"], TUESDAY_TEN + timedelta(hours=1)) == []
        assert session.get_one(Outbound, row.id).state == ("sent" if arrives else "dead")
