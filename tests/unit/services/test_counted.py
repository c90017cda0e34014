"""What is noted for the figures: once a day who wrote, once what left, the answer within a day, ratings of nobody; erasure cuts the thread."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from bot.services import counted, inbox, learn, outbox, people
from bot.store.tables import ActiveDay, Citizen, Conversation, Enrolment, MessageSent, Rating
from tests.factories import HANOI, KEY, TUESDAY_TEN, incoming, talk_of
from tests.small_course import answer, publish


def heard(database, number: int, at: datetime, address: str = "sender-one-0123456") -> str:
    with database.write() as session:
        return inbox.store(session, KEY, incoming(str(number), address=address), at).conversation_id


def days(database) -> list[tuple]:
    with database.read() as session:
        return [(f"{r.day:%d/%m}", r.channel, r.commune) for r in session.scalars(select(ActiveDay).order_by(ActiveDay.day, ActiveDay.conversation_id))]


@pytest.mark.parametrize(("utc", "local"), [((2026, 11, 23, 16, 59), "23/11"), ((2026, 11, 23, 17, 1), "24/11")])
def test_a_day_is_the_province_s(database, utc, local):
    heard(database, 1, datetime(*utc, tzinfo=UTC))
    assert days(database) == [(local, "web", None)]


def test_a_day_is_counted_once_and_two_conversations_are_two(database):
    for number in range(3):
        heard(database, number, TUESDAY_TEN + timedelta(minutes=number))
    heard(database, 4, TUESDAY_TEN + timedelta(days=1))
    heard(database, 5, TUESDAY_TEN, "sender-two-0123456")
    assert days(database) == [("24/11", "web", None), ("24/11", "web", None), ("25/11", "web", None)]


def test_a_second_message_of_the_day_costs_one_statement_and_no_row(database):
    heard(database, 1, TUESDAY_TEN)
    seen: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda c, cur, statement, *_: seen.append(statement))
    heard(database, 2, TUESDAY_TEN + timedelta(minutes=1))
    assert not [s for s in seen if "active_days" in s]
    assert len([s for s in seen if "messages_sent" in s]) == 1


def test_the_commune_is_the_citizen_s_on_that_day(database):
    with database.write() as session:
        talk = talk_of(session, consent=("learning",), now=TUESDAY_TEN - timedelta(days=3))
        session.get_one(Citizen, talk.citizen_id).commune = "Phường Hoa Lư"
    heard(database, 1, TUESDAY_TEN)
    assert days(database) == [("24/11", "web", "Phường Hoa Lư")]


def test_the_channel_of_the_first_consent_is_the_citizen_s(database):
    with database.write() as session:
        assert session.get_one(Citizen, talk_of(session, channel="telegram", consent=("learning",)).citizen_id).channel == "telegram"


@pytest.fixture
def reminder(database):
    """(conversation, outbox id) of a reminder that is due."""
    with database.write() as session:
        talk = talk_of(session, consent=("reminders",))
        return talk.id, outbox.enqueue(session, talk, "reminder:1:x", "reminder", {"text": "học"}, TUESDAY_TEN)


def sent(database) -> list[MessageSent]:
    with database.read() as session:
        return list(session.scalars(select(MessageSent).order_by(MessageSent.id)))


def leave(database, row_id: int, at: datetime = TUESDAY_TEN) -> None:
    with database.write() as session:
        outbox.sent(session, row_id, "p1", at)


class TestWhatLeft:
    def test_a_reminder_counts_once_however_often_its_sending_is_recorded(self, database, reminder):
        leave(database, reminder[1])
        leave(database, reminder[1])
        assert [(r.kind, r.channel, r.conversation_id, r.sent_at) for r in sent(database)] == [("reminder", "web", reminder[0], TUESDAY_TEN)]

    def test_one_that_went_over_the_stream_counts_too(self, database, reminder):
        with database.write() as session:
            assert outbox.streamed(session, reminder[1], TUESDAY_TEN)
            assert not outbox.streamed(session, reminder[1], TUESDAY_TEN)
        assert len(sent(database)) == 1

    def test_a_reply_does_not_count(self, database):
        with database.write() as session:
            row = outbox.enqueue(session, talk_of(session), "inbox:1:0", "reply", {"text": "chào"}, TUESDAY_TEN)
        leave(database, row)
        assert sent(database) == []

    @pytest.mark.parametrize(("after", "answered"), [(timedelta(hours=23, minutes=59), True), (timedelta(hours=24, minutes=1), False)])
    def test_an_answer_is_what_comes_within_a_day(self, database, reminder, after, answered):
        leave(database, reminder[1])
        heard(database, 1, TUESDAY_TEN + after)
        assert [r.answered_at for r in sent(database)] == [TUESDAY_TEN + after if answered else None]

    def test_the_first_answer_stays_and_another_chat_answers_nothing(self, database, reminder):
        leave(database, reminder[1])
        heard(database, 1, TUESDAY_TEN + timedelta(minutes=1), "sender-two-0123456")
        assert sent(database)[0].answered_at is None
        for minutes in (2, 3):
            heard(database, minutes, TUESDAY_TEN + timedelta(minutes=minutes))
        assert sent(database)[0].answered_at == TUESDAY_TEN + timedelta(minutes=2)


def test_who_asks_what_is_stored_is_told_of_it(database, reminder):
    heard(database, 1, TUESDAY_TEN)
    leave(database, reminder[1])
    with database.read() as session:
        known = people.known_about(session, session.get_one(Conversation, reminder[0]))
        assert (known["days"], known["sent"]) == (1, 1)


class TestErasure:
    def test_what_was_counted_stays_and_leads_to_nobody(self, database, reminder):
        with database.write() as session:
            session.get_one(Citizen, session.get_one(Conversation, reminder[0]).citizen_id).commune = "Phường Hoa Lư"
        for number, at in enumerate((TUESDAY_TEN, TUESDAY_TEN + timedelta(days=1))):
            heard(database, number, at)
        leave(database, reminder[1])
        with database.write() as session:
            talk = session.get_one(Conversation, reminder[0])
            people.erase(session, talk, TUESDAY_TEN)
            people.forget(session, talk.id)
        with database.read() as session:
            rows = session.scalars(select(ActiveDay)).all()
            assert len(rows) == 2 and len({r.conversation_id for r in rows}) == 1
            assert rows[0].conversation_id.startswith("gone:") and {r.commune for r in rows} == {None}
        assert [(r.conversation_id, r.commune) for r in sent(database)] == [(None, None)]

    def test_a_moved_chat_stays_one(self, database):
        first, both = TUESDAY_TEN, TUESDAY_TEN + timedelta(days=1)
        for number, at in enumerate((first, both)):
            heard(database, number, at)
        heard(database, 3, both, "sender-two-0123456")
        with database.write() as session:
            people.move(session, KEY, talk_of(session), "sender-two-0123456", both)
        assert [day for day, *_ in days(database)] == ["24/11", "25/11"]
        with database.read() as session:
            assert {r.conversation_id for r in session.scalars(select(ActiveDay))} == {people.conversation_id(KEY, "web", "sender-two-0123456")}


class TestRatings:
    def test_a_rating_is_tied_to_nobody(self, database):
        with database.write() as session:
            counted.rated(session, "answer", "1.001193", 4, "web", "Phường Hoa Lư", TUESDAY_TEN)
        with database.read() as session:
            row = session.scalars(select(Rating)).one()
            assert (f"{row.day}", row.about, row.key, row.score, row.channel, row.commune) == ("2026-11-24", "answer", "1.001193", 4, "web", "Phường Hoa Lư")
            assert not {"at", "conversation_id", "citizen_id", "learner_id"} & set(Rating.__table__.c.keys())

    @pytest.mark.parametrize("score", [0, 6, -1])
    def test_there_are_five_scores(self, database, score):
        with pytest.raises(ValueError), database.write() as session:
            counted.rated(session, "answer", "x", score, "web", None, TUESDAY_TEN)


class TestBegun:
    def test_a_course_is_begun_with_its_second_card_or_first_answer(self, database, tmp_path):
        with database.write() as session:
            publish(session, tmp_path / "courses")
            talk = talk_of(session, consent=("learning",), channel="telegram")
            enrolment, *_ = learn.enrol(session, talk.learner_id, "khoa-nho", TUESDAY_TEN, "telegram")
            learn.show(session, enrolment, TUESDAY_TEN)
            assert (enrolment.begun_at, enrolment.channel) == (None, "telegram")
            later = TUESDAY_TEN.astimezone(HANOI) + timedelta(minutes=5)
            answer(session, enrolment, now=later)
            assert enrolment.begun_at == later
            answer(session, enrolment, now=later + timedelta(minutes=1))
            assert enrolment.begun_at == later
        with database.read() as session:
            assert session.scalars(select(Enrolment)).one().begun_at == later
