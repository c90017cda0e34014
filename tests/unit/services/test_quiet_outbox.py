"""What we send of our own accord stays in the outbox at night; nothing overtakes within a chat, over several workers."""

from datetime import datetime, timedelta

import pytest

from bot.services import outbox
from tests.factories import HANOI, talk_of

BODY = {"text": "chào", "buttons": [], "image": None, "quick": False}
EVENING = datetime(2026, 12, 1, 20, 59, tzinfo=HANOI)


def put(database, cause: str, kind: str, now=EVENING, channel: str = "telegram", chat: str = "chat-0123456789abc") -> int:
    with database.write() as session:
        return outbox.enqueue(session, talk_of(session, chat, channel), cause, kind, BODY, now, address="77")


def claimed(database, now, holder=None) -> list[str]:
    with database.write() as session:
        return [r.kind for r in outbox.claim(session, ["telegram"], now, holder=holder)]


@pytest.mark.parametrize(("kind", "at_night"), [("reply", True), ("notice", True), ("reminder", True), ("drill", True), ("nudge", False),
                                                ("announcement", False)])
def test_at_night_only_answers_and_what_was_asked_for_goes(database, kind, at_night):
    put(database, "a", kind)
    assert claimed(database, EVENING + timedelta(minutes=1), "worker:a") == ([kind] if at_night else [])
    morning = datetime(2026, 12, 2, 7, 0, tzinfo=HANOI)
    assert claimed(database, morning, "worker:a") == ([] if at_night else [kind])


def test_a_browser_is_not_told_at_night_either(database):
    put(database, "a", "nudge", channel="web")
    with database.read() as session:
        talk = talk_of(session, "chat-0123456789abc", "web").id
        assert outbox.for_stream(session, [talk], EVENING + timedelta(minutes=1)) == []
        assert len(outbox.for_stream(session, [talk], EVENING)) == 1


def test_while_one_worker_sends_to_a_chat_no_other_overtakes_it(database):
    first = put(database, "a", "reply")
    assert claimed(database, EVENING, "worker:a") == ["reply"]
    put(database, "b", "reply")
    put(database, "c", "reminder", chat="another-chat-0123456")
    assert claimed(database, EVENING, "worker:b") == ["reminder"]
    with database.write() as session:
        outbox.sent(session, first, "1", EVENING)
    assert claimed(database, EVENING, "worker:b") == ["reply"]
