"""What citizens do besides typing: edit, press old buttons, open links, block us, send pictures."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.base import BLOCKED, Moved, SendError
from bot.messages import Incoming
from bot.services import drills, inbox, linking, outbox, people, remind
from bot.services.drills import AWAITED
from bot.store.tables import Button, Conversation, DrillRun, Inbound, Outbound, Reminder
from bot.wording import say
from tests.factories import KEY, TUESDAY_TEN, talk_of

CHAT = "700123"
LATER = TUESDAY_TEN + timedelta(minutes=1)


@pytest.fixture
def session(database):
    with database.write() as one:
        yield one


def store(session, text="", platform_id="1", now=TUESDAY_TEN, channel="telegram", **more):
    return inbox.store(session, KEY, Incoming(channel, platform_id, CHAT, text, **more), now)


def row(session, stored):
    session.flush()
    return session.get(Inbound, stored.inbox_id, populate_existing=True)


def queued(session):
    return [(r.kind, r.body["text"], r.state) for r in session.scalars(select(Outbound).order_by(Outbound.id))]


def answered(session, stored):
    """The message is worked off, as the gateway leaves it."""
    assert inbox.claim(session, LATER, stored.conversation_id).id == stored.inbox_id
    inbox.done(session, stored.inbox_id, LATER)
    session.expire_all()


# --- edits


def test_an_edit_of_the_newest_question_is_answered_anew(session):
    first = store(session, "làm căn cứoc", message="5")
    answered(session, first)
    again = store(session, "làm căn cước", "2", message="5", edited=True)
    assert again.new and again.inbox_id != first.inbox_id
    assert row(session, again).text == "làm căn cước"


def test_an_edit_is_never_answered_twice(session):
    answered(session, store(session, "một", message="5"))
    answered(session, store(session, "hai", "2", message="5", edited=True))
    assert store(session, "hai", "2", message="5", edited=True).inbox_id == 0
    assert store(session, "hai", "3", message="5", edited=True).inbox_id == 0, "the words did not change"
    assert store(session, "ba", "4", message="5", edited=True).new


def test_an_edit_of_an_older_question_is_not_answered(session):
    answered(session, store(session, "một", message="5"))
    answered(session, store(session, "hai", "2", message="6"))
    assert store(session, "một rưỡi", "3", message="5", edited=True).inbox_id == 0
    assert len(session.scalars(select(Inbound)).all()) == 2


def test_a_button_pressed_since_makes_a_question_older(session):
    answered(session, store(session, "một", message="5"))
    button = button_of(session, "/help_menu")
    answered(session, store(session, platform_id="2", button=button))
    assert store(session, "một rưỡi", "3", message="5", edited=True).inbox_id == 0


def test_an_edit_of_a_question_that_still_waits_takes_its_place(session):
    first = store(session, "thẻ 1", message="5")
    second = store(session, "mật khẩu: hoahong99", "2", message="5", edited=True)
    assert (second.inbox_id, second.new) == (first.inbox_id, False)
    assert row(session, first).text == "mật khẩu: [mật khẩu]"
    assert row(session, first).masked == ["password"]
    assert len(session.scalars(select(Inbound)).all()) == 1


@pytest.mark.parametrize("state", [{"lesson_on_screen": True}, {"awaiting": "learner"}])
def test_an_edited_answer_answers_no_later_question(session, state):
    first = store(session, "b", message="5")
    answered(session, first)
    talk = session.get_one(Conversation, first.conversation_id)
    for name, value in state.items():
        setattr(talk, name, value)
    for _ in range(2):
        store(session, "a", "2", message="5", edited=True)
    assert queued(session) == [("notice", say("edited_answer"), "due")]
    assert inbox.waiting(session, LATER, 10) == []


def test_the_words_of_an_edit_cannot_be_read_from_what_is_kept(session):
    first = store(session, "bí mật của tôi", message="5")
    ref = row(session, first).message_ref
    assert ref.startswith("5:") and "mật" not in ref and len(ref) <= 60
    assert inbox.ref_of(b"another key", Incoming("telegram", "1", CHAT, "bí mật của tôi", message="5")) != ref


# --- buttons


def button_of(session, payload, cause="inbox:1:0", kind="reply"):
    talk = talk_of(session, CHAT, "telegram")
    outbox.enqueue(session, talk, cause, kind, {"text": "?", "buttons": [{"title": "Có", "payload": payload}]}, TUESDAY_TEN, address=CHAT)
    session.flush()
    return session.scalars(select(Button.id).where(Button.payload == payload).order_by(Button.created_at.desc())).first()


def test_a_button_that_is_no_more_says_so(session):
    stored = store(session, button="bOfAnotherTime")
    assert stored.new is False and row(session, stored).state == "done"
    assert queued(session) == [("notice", say("stale_button"), "due")]
    store(session, button="bOfAnotherTime")
    assert len(queued(session)) == 1, "the same press again"


def test_a_button_of_another_chat_says_so_too(session):
    other = talk_of(session, "700999", "telegram")
    outbox.enqueue(session, other, "inbox:9:0", "reply", {"text": "?", "buttons": [{"title": "Có", "payload": "/help_menu"}]}, TUESDAY_TEN, address="9")
    session.flush()
    assert row(session, store(session, button=session.scalars(select(Button.id)).one())).state == "done"


def test_a_bare_yes_is_valid_under_the_newest_question_only(session):
    erase = button_of(session, "/affirm", "inbox:1:0")
    assert row(session, store(session, button=erase)).payload == "/affirm"
    button_of(session, "/help_menu", "inbox:2:0")
    stale = store(session, platform_id="2", button=erase)
    assert (row(session, stale).state, row(session, stale).payload) == ("done", None)


def test_what_comes_by_itself_makes_no_answer_old(session):
    erase = button_of(session, "/affirm", "inbox:1:0")
    button_of(session, "/snooze_reminder", "reminder:1:x", "reminder")
    store(session, platform_id="2", button="bGone")
    assert row(session, store(session, platform_id="3", button=erase)).payload == "/affirm"


def test_an_old_button_that_names_its_own_subject_stays_valid(session):
    old = button_of(session, '/course_begin{"value": "a"}', "inbox:1:0")
    button_of(session, "/affirm", "inbox:2:0")
    assert row(session, store(session, button=old)).payload == '/course_begin{"value": "a"}'


# --- links


@pytest.mark.parametrize(("start", "payload"), [
    ("c-gia-danh-cong-an", '/list_courses{"value": "course:gia-danh-cong-an"}'), ("x-13285", '/set_commune{"value": "13285"}'),
    ("z-1", None), ("c-", None), ('c-"}', None), ("c", None)])
def test_a_link_stands_for_a_course_or_a_commune(start, payload):
    assert inbox.start_payload(start) == payload


def test_a_link_is_stored_as_what_it_means(session):
    assert row(session, store(session, start="x-13285")).payload == '/set_commune{"value": "13285"}'


def test_a_code_for_linking_goes_no_further_than_the_inbox(session):
    found = row(session, store(session, "X7K2QP"))
    assert found.text == inbox.LINK_TOKEN
    assert found.payload == linking.payload(f"code:{linking.hashed(KEY, 'X7K2QP')}")


# --- closed chats


def citizen(session):
    talk = talk_of(session, CHAT, "telegram", consent=("learning", "reminders", "drills"))
    session.add(Reminder(citizen_id=talk.citizen_id, conversation_id=talk.id, about="học", rule=None, next_due_at=LATER, state="on", created_at=TUESDAY_TEN))
    session.flush()
    return talk


def test_who_blocked_us_gets_nothing_of_our_own_accord(session):
    talk = citizen(session)
    outbox.enqueue(session, talk, "nudge:1", "nudge", {"text": "ôn bài"}, TUESDAY_TEN)
    store(session, platform_id="9", left=True, at=LATER, now=LATER)
    remind.plan(session, LATER + timedelta(seconds=1))
    assert talk.closed_at is not None
    assert {state for _, _, state in queued(session)} == {"dead"} and len(queued(session)) == 2
    assert outbox.claim(session, ["telegram"], LATER + timedelta(hours=1)) == []


def test_writing_again_opens_the_chat_and_missed_reminders_do_not_pour_in(session):
    talk = citizen(session)
    store(session, platform_id="9", left=True, at=LATER, now=LATER)
    remind.plan(session, LATER + timedelta(seconds=1))
    back = LATER + timedelta(days=1)
    store(session, "tôi đây", "10", now=back)
    session.add(Reminder(citizen_id=talk.citizen_id, conversation_id=talk.id, about="mới", rule=None, next_due_at=back, state="on", created_at=back))
    session.flush()
    remind.plan(session, back)
    assert talk.closed_at is None
    assert [r.cause.split(":")[0] for r in outbox.claim(session, ["telegram"], back)] == ["reminder"]


def test_news_of_blocking_that_comes_late_does_not_close_a_chat_in_use(session):
    talk = citizen(session)
    store(session, "tôi đây", "10", now=LATER)
    store(session, platform_id="9", left=True, at=TUESDAY_TEN, now=LATER)
    assert talk.closed_at is None


def test_a_drill_is_not_begun_in_a_closed_chat(session):
    talk = citizen(session)
    run = DrillRun(learner_id=talk.learner_id, conversation_id=talk.id, kind="scam", slug="a", document={}, state="waiting", choices=[],
                   next_due_at=TUESDAY_TEN, agreed_at=TUESDAY_TEN)
    session.add(run)
    people.close(session, talk, LATER, LATER)
    talk.awaiting = f"{AWAITED}{run.id}"
    drills.plan(session, LATER)
    assert (run.state, talk.awaiting, queued(session)) == ("cancelled", None, [])


def test_answers_still_go_to_a_closed_chat(session):
    talk = citizen(session)
    people.close(session, talk, LATER, LATER)
    outbox.enqueue(session, talk, "inbox:1:0", "reply", {"text": "chào"}, LATER)
    assert queued(session) == [("reply", "chào", "due")]


class Refusing:
    """A channel that cannot deliver, for the reason given."""

    name = "telegram"

    def __init__(self, error):
        from bot.channels.base import Limits

        self.limits, self._error = Limits(4096, 100), error

    async def send(self, address, body, occasion=None):
        raise self._error


def delivered(database, error, monkeypatch):
    import asyncio

    from bot.app import App
    from bot.config import Settings
    from bot.worker import Worker
    from tests.factories import FrozenClock

    app = App(Settings(_env_file=None, secret_key=KEY.decode()), database, FrozenClock(LATER))
    return asyncio.run(Worker(app, [Refusing(error)]).deliver())


def test_a_message_that_is_refused_as_blocked_closes_the_chat(database, monkeypatch):
    with database.write() as session:
        talk = citizen(session)
        outbox.enqueue(session, talk, "reminder:1:x", "reminder", {"text": "học"}, TUESDAY_TEN)
        outbox.enqueue(session, talk, "reminder:2:x", "reminder", {"text": "ôn"}, LATER + timedelta(hours=1))
    assert delivered(database, SendError(BLOCKED), monkeypatch) == 1
    with database.read() as session:
        assert session.scalars(select(Conversation.closed_at)).one() is not None
        assert [s for _, _, s in queued(session)] == ["dead", "dead"]


def test_a_chat_that_moved_keeps_everything_under_its_new_address(database, monkeypatch):
    with database.write() as session:
        talk = citizen(session)
        old, who = talk.id, talk.citizen_id
        outbox.enqueue(session, talk, "reminder:1:x", "reminder", {"text": "học", "buttons": [{"title": "Hoãn", "payload": "/snooze_reminder"}]}, TUESDAY_TEN)
    assert delivered(database, Moved("-1001"), monkeypatch) == 1
    with database.write() as session:
        new = session.scalars(select(Conversation)).one()
        assert new.id == people.conversation_id(KEY, "telegram", "-1001") != old
        assert (new.citizen_id, new.address) == (who, "-1001")
        assert session.scalars(select(Reminder.conversation_id)).one() == session.scalars(select(Button.conversation_id)).one() == new.id
        assert [(r.conversation_id, r.address, r.state) for r in session.scalars(select(Outbound))] == [(new.id, "-1001", "due")]


# --- pictures


def test_every_album_gets_one_answer(session):
    for number, album in enumerate(["a", "a", "a", "b"]):
        store(session, platform_id=str(number), answer=say("not_text"), album=album, now=TUESDAY_TEN + timedelta(seconds=7 * number))
    assert queued(session) == [("notice", say("not_text"), "due")] * 2


def test_a_picture_that_comes_again_much_later_is_not_answered_again(session):
    for seconds in (0, 1, 30, 3600):
        for number in ("1", "2"):  # the second came right after the first
            store(session, platform_id=number, answer=say("not_text"), at=TUESDAY_TEN, now=TUESDAY_TEN + timedelta(seconds=seconds))
    assert queued(session) == [("notice", say("not_text"), "due")]


def test_without_a_time_a_picture_that_comes_again_is_known_by_its_id(session):
    for seconds in (0, 30):
        store(session, platform_id="1", answer=say("not_text"), now=TUESDAY_TEN + timedelta(seconds=seconds))
    assert queued(session) == [("notice", say("not_text"), "due")]


def test_pictures_within_ten_seconds_get_one_answer_and_later_ones_another(session):
    for number, seconds in enumerate((0, 9, 10, 19, 21)):
        at = TUESDAY_TEN + timedelta(seconds=seconds)
        store(session, platform_id=str(number), answer=say("not_text"), at=at, now=at)
    assert len(queued(session)) == 3
