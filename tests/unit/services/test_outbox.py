"""Messages are queued once by cause and sent under a lease."""

from datetime import timedelta

import pytest

from bot.services import outbox
from bot.store.tables import Outbound
from tests.factories import TUESDAY_TEN, talk_of

BODY = {"text": "chào", "buttons": [{"title": "Tiếp", "payload": "/next_step"}], "image": None, "quick": False}


@pytest.fixture
def queue(database):
    """Queues one message and returns its id (None for a known cause)."""

    def put(cause="a:1", channel="telegram", not_before=None):
        with database.write() as session:
            return outbox.enqueue(session, talk_of(session, channel=channel), cause, "reply", BODY, TUESDAY_TEN, not_before,
                                  address="77")

    return put


def claim(database, now=TUESDAY_TEN, channels=("telegram",)):
    with database.write() as session:
        return outbox.claim(session, channels, now)


def test_a_cause_is_queued_once(database, queue):
    assert queue("reminder:1:x") is not None
    assert queue("reminder:1:x") is None


def test_payloads_stay_here_and_ids_go_out(database, queue):
    queue()
    (row,) = claim(database)
    assert row.body["buttons"][0]["title"] == "Tiếp"
    assert row.body["buttons"][0]["payload"].startswith("b") and "next_step" not in str(row.body)
    assert len(row.body["buttons"][0]["payload"].encode()) <= 64


def test_a_claimed_row_is_not_claimed_again_until_its_lease_ends(database, queue):
    queue()
    assert len(claim(database)) == 1
    assert claim(database) == []
    assert len(claim(database, TUESDAY_TEN + outbox.LEASE + timedelta(seconds=1))) == 1


def test_other_channels_and_later_messages_are_left_alone(database, queue):
    queue("a", channel="web")
    queue("b", not_before=TUESDAY_TEN + timedelta(minutes=1))
    assert claim(database) == []
    assert len(claim(database, TUESDAY_TEN + timedelta(minutes=2))) == 1


def test_a_retry_waits_as_told_and_ends_after_too_many(database, queue):
    queue()
    now = TUESDAY_TEN
    for attempt in range(outbox.TRIES):
        (row,) = claim(database, now)
        assert row.attempts == attempt + 1
        with database.write() as session:
            outbox.not_sent(session, row, "internal", 30, now)
        assert claim(database, now + timedelta(seconds=29)) == []
        now += timedelta(seconds=31)
    with database.read() as session:
        assert session.query(Outbound).one().state == "dead"


@pytest.mark.parametrize("error", ["unknown_outcome", "retry_after"])
def test_what_a_citizen_waits_for_is_tried_slowly_for_six_hours_more_and_holds_nothing_up(database, queue, error):
    queue()
    now, slow_at = TUESDAY_TEN, None
    for attempt in range(outbox.TRIES + outbox.SLOW_TRIES):
        (row,) = claim(database, now)
        with database.write() as session:
            outbox.not_sent(session, row, error, 30, now)
        if attempt == outbox.TRIES - 1:
            slow_at = now
            queue("a:2")
            (other,) = claim(database, now)
            assert other.cause == "a:2", "later messages of the chat no longer wait for it"
            with database.write() as session:
                outbox.sent(session, other.id, "2", now)
        wait = timedelta(seconds=30) if attempt < outbox.TRIES - 1 else outbox.SLOWLY
        assert claim(database, now + wait - timedelta(seconds=1)) == []
        now += wait
    assert now - slow_at == timedelta(hours=6, minutes=30)
    with database.read() as session:
        assert [r.state for r in session.query(Outbound).order_by(Outbound.id)] == ["dead", "sent"]


def test_a_broadcast_is_not_tried_slowly(database):
    with database.write() as session:
        outbox.enqueue(session, talk_of(session, channel="telegram"), "n:1", "news", BODY, TUESDAY_TEN, address="77")
    (row,) = claim(database)
    row.attempts = outbox.TRIES
    with database.write() as session:
        outbox.not_sent(session, row, "unknown_outcome", 1, TUESDAY_TEN)
        assert session.query(Outbound).one().state == "dead"


def test_only_its_holder_puts_a_row_back(database, queue):
    queue()
    with database.write() as session:
        (row,) = outbox.claim(session, ["telegram"], TUESDAY_TEN, holder="worker:b")
        outbox.put_back(session, [row.id], TUESDAY_TEN, "worker:a")
        assert outbox.leased_by(session, "worker:b") == {row.id}
        outbox.put_back(session, [row.id], TUESDAY_TEN, "worker:b")
        assert outbox.leased_by(session, "worker:b") == set()


def test_what_cannot_succeed_dies_at_once(database, queue):
    queue()
    (row,) = claim(database)
    with database.write() as session:
        outbox.not_sent(session, row, "blocked", None, TUESDAY_TEN)
    with database.read() as session:
        assert session.query(Outbound).one().state == "dead"


def test_a_row_is_streamed_by_one_process_only_and_can_be_resumed(database, queue):
    ident = queue("a", channel="web")
    with database.write() as session:
        assert outbox.streamed(session, ident, TUESDAY_TEN) is True
        assert outbox.streamed(session, ident, TUESDAY_TEN) is False
    with database.read() as session:
        talk = talk_of_id(session)
        assert [r.id for r in outbox.since(session, talk, ident - 1)] == [ident]
        assert outbox.since(session, talk, ident) == []


def talk_of_id(session) -> str:
    return session.query(Outbound).one().conversation_id


@pytest.fixture
def many(database):
    """Queues so many messages of a kind, each to a chat of its own."""

    def put(kind, count, channel="telegram"):
        with database.write() as session:
            return [outbox.enqueue(session, talk_of(session, f"{kind}-{n:04d}-{'x' * 10}", channel), f"{kind}:{n}", kind, BODY, TUESDAY_TEN, address=str(n))
                    for n in range(count)]

    return put


def paced(database, now=TUESDAY_TEN, per_second=10.0):
    with database.write() as session:
        return [r.kind for r in outbox.claim(session, {"telegram": per_second}, now)]


def test_replies_go_before_reminders_and_reminders_before_broadcasts(database, many):
    many("announcement", 3), many("reminder", 2), many("reply", 2)
    assert paced(database, per_second=100) == ["reply", "reply", "reminder", "reminder", "announcement", "announcement", "announcement"]


def test_a_broadcast_takes_at_most_four_fifths_of_what_the_platform_takes(database, many):
    many("announcement", 100)
    sent = len(paced(database))
    for second in range(1, 5):
        sent += len(paced(database, TUESDAY_TEN + timedelta(seconds=second)))
    assert sent == 8 + 4 * 8


def test_a_reply_finds_room_in_the_middle_of_a_broadcast(database, many):
    many("announcement", 100)
    for second in range(3):
        paced(database, TUESDAY_TEN + timedelta(seconds=second))
    many("reply", 2)
    assert paced(database, TUESDAY_TEN + timedelta(seconds=3))[:2] == ["reply", "reply"]


def test_several_workers_share_one_limit(database, many):
    many("reply", 100)
    assert sum(len(paced(database)) for _ in range(4)) == 10


def test_a_clock_set_back_neither_fills_nor_stops_the_bucket(database, many):
    many("reply", 100)
    later = TUESDAY_TEN + timedelta(hours=1)
    assert len(paced(database, later)) == 10
    assert paced(database, TUESDAY_TEN) == []
    assert len(paced(database, TUESDAY_TEN + timedelta(seconds=1))) == 10


def test_nothing_overtakes_a_message_of_the_same_chat_that_waits_for_another_try(database, queue):
    queue("a:1"), queue("a:2")
    first, second = claim(database)
    with database.write() as session:
        outbox.not_sent(session, first, "unreachable", 30.0, TUESDAY_TEN)
        outbox.put_back(session, [second.id], TUESDAY_TEN, None)
    assert claim(database, TUESDAY_TEN + timedelta(seconds=5)) == []
    again = claim(database, TUESDAY_TEN + timedelta(seconds=31))
    assert [r.id for r in again] == [first.id, second.id]
    assert again[1].attempts == 1  # it was not tried before


def test_a_dead_message_is_seen_and_can_be_sent_again(database, queue):
    queue()
    (row,) = claim(database)
    with database.write() as session:
        outbox.not_sent(session, row, "blocked", None, TUESDAY_TEN)
        assert [(r.id, r.error) for r in outbox.dead(session)] == [(row.id, "blocked")]
        assert outbox.replay(session, [row.id], TUESDAY_TEN) == 1
    assert [r.id for r in claim(database)] == [row.id]
