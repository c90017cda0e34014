"""What a worker writes late, a failure that is nobody's to wait for, and what was taken back: nothing goes out that should not."""

from datetime import timedelta

import pytest

from bot.services import outbox, remind
from bot.store.tables import Outbound, Reminder
from tests.factories import TUESDAY_TEN, talk_of

BODY = {"text": "chào", "buttons": [], "image": None, "quick": False}
SIX_HOURS = 6 * 3600


def put(database, cause: str, kind: str, channel: str = "telegram", chat: str = "chat-0123456789abc") -> int:
    with database.write() as session:
        return outbox.enqueue(session, talk_of(session, chat, channel), cause, kind, BODY, TUESDAY_TEN, address="77")


def claim(database, holder: str, seconds: float = 0) -> list[Outbound]:
    with database.write() as session:
        return list(outbox.claim(session, ["telegram"], TUESDAY_TEN + timedelta(seconds=seconds), holder=holder))


def state(database, ident: int) -> str:
    with database.read() as session:
        return session.get_one(Outbound, ident).state


def fail(database, row: Outbound, error: str, wait_seconds: float | None) -> None:
    with database.write() as session:
        outbox.not_sent(session, row, error, wait_seconds, TUESDAY_TEN)


@pytest.mark.parametrize("first", ["announcement", "reminder"])
def test_a_reply_does_not_wait_for_something_less_urgent_that_failed(database, first):
    put(database, "a", first)
    fail(database, *claim(database, "worker:a"), "retry_after", SIX_HOURS)
    put(database, "b", "reply")
    assert [row.kind for row in claim(database, "worker:a", 1)] == ["reply"]


def test_something_less_urgent_waits_for_a_reply_that_failed(database):
    put(database, "a", "reply")
    fail(database, *claim(database, "worker:a"), "retry_after", 60)
    put(database, "b", "announcement")
    assert claim(database, "worker:a", 1) == []


@pytest.mark.parametrize("how", ["failed", "held"])
def test_what_another_worker_has_sent_meanwhile_stays_sent(database, how):
    ident = put(database, "a", "reply")
    (slow,) = claim(database, "worker:slow")
    with database.write() as session:
        outbox.given_up(session, "worker:slow", TUESDAY_TEN)  # it was silent for long
    claim(database, "worker:quick")
    if how == "failed":
        fail(database, slow, "unknown_outcome", 1.0)
        assert state(database, ident) == "sending", "it is another's now"
    with database.write() as session:
        outbox.sent(session, ident, "55", TUESDAY_TEN)
    if how == "failed":
        fail(database, slow, "unknown_outcome", 1.0)
    else:
        with database.write() as session:
            outbox.hold(session, slow)
    assert state(database, ident) == "sent" and claim(database, "worker:quick", 5) == []


def test_a_reminder_cancelled_while_it_is_being_sent_is_not_tried_again(database):
    with database.write() as session:
        talk = talk_of(session, "chat-0123456789abc", "telegram", consent=("reminders",))
        reminder = Reminder(citizen_id=talk.citizen_id, conversation_id=talk.id, about="uống thuốc", rule=None, next_due_at=TUESDAY_TEN,
                            state="on", created_at=TUESDAY_TEN)
        session.add(reminder)
        session.flush()
        citizen, number = talk.citizen_id, reminder.id
    ident = put(database, f"reminder:{number}:{TUESDAY_TEN.isoformat()}", "reminder")
    (row,) = claim(database, "worker:a")
    with database.write() as session:
        remind.cancel(session, citizen, number)
    fail(database, row, "retry_after", 1.0)
    assert state(database, ident) == "dead" and claim(database, "worker:a", 5) == []


def test_one_that_went_out_while_it_was_cancelled_is_told_as_sent(database):
    ident = put(database, "a", "reminder")
    claim(database, "worker:a")
    with database.write() as session:
        session.get_one(Outbound, ident).state = "dead"
        session.flush()
        outbox.sent(session, ident, "55", TUESDAY_TEN)
    assert state(database, ident) == "sent"


@pytest.mark.parametrize("why", outbox.NOBODYS_FAULT)
def test_what_was_taken_back_is_not_sent_again_by_hand(database, why):
    ident = put(database, "a", "reminder")
    with database.write() as session:
        row = session.get_one(Outbound, ident)
        row.state, row.error = "dead", why
    with database.write() as session:
        assert outbox.replay(session, [ident], TUESDAY_TEN) == 0
    assert state(database, ident) == "dead"


@pytest.mark.parametrize(("kind", "goes"), [("reminder", False), ("nudge", False), ("reply", True)])
def test_in_the_browser_too_the_machine_is_still_while_a_person_writes(database, kind, goes):
    ident = put(database, "a", kind, "web", "sender-one-0123456")
    with database.write() as session:
        talk = talk_of(session)
        talk.person_until = TUESDAY_TEN + timedelta(minutes=10)
        chat = talk.id
    with database.read() as session:
        assert [row.id for row in outbox.for_stream(session, [chat], TUESDAY_TEN)] == ([ident] if goes else [])
        assert [row.id for row in outbox.for_stream(session, [chat], TUESDAY_TEN + timedelta(minutes=11))] == [ident]
