"""What went wrong can be looked at without its words, and tried again."""

import json

import pytest
from sqlalchemy import select

from bot.services import inbox, letters, outbox
from bot.store.tables import Inbound, Outbound
from tests.factories import KEY, TUESDAY_TEN, FrozenClock, incoming, talk_of

SECRET = "chuyện riêng của bác Tám"


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def wrong(database, clock):
    """A parked message and a dead one; their names."""
    with database.write() as session:
        stored = inbox.store(session, KEY, incoming(text=SECRET), clock())
        talk = talk_of(session)
        outbox.enqueue(session, talk, f"inbox:{stored.inbox_id}:0", "reply", {"text": "không trả lời được", "buttons": []}, clock(), address="web")
        for _ in range(inbox.TRIES):
            clock.forward(minutes=1)
            inbox.failed(session, inbox.claim(session, clock()), "no reply", clock(), ours=False)
        other = talk_of(session, "77", "telegram")
        out = outbox.enqueue(session, other, "reminder:1:x", "reminder", {"text": SECRET, "buttons": []}, clock(), address="77")
        (row,) = outbox.claim(session, ["telegram"], clock())
        outbox.not_sent(session, row, "unreachable", None, clock())
        return f"in:{stored.inbox_id}", f"out:{out}"


def test_they_are_listed_with_what_went_wrong_and_without_their_words(database, wrong):
    with database.read() as session:
        found = letters.all_of(session)
    assert [(one.name, one.state, one.error) for one in found] == [(wrong[0], "parked", "no reply"), (wrong[1], "dead", "unreachable")]
    shown = json.dumps([one.as_dict() for one in found], ensure_ascii=False)
    assert SECRET not in shown and "77" not in shown.replace(wrong[1], "")
    assert found[0].characters == len(SECRET)


def test_both_can_be_tried_again(database, clock, wrong):
    with database.write() as session:
        assert letters.replay(session, wrong, clock()) == 2
        assert letters.all_of(session) == []
        assert inbox.claim(session, clock()).attempts == 1
        assert [r.id for r in outbox.claim(session, ["telegram"], clock())] == [int(wrong[1][4:])]


def test_the_answer_to_a_replayed_message_is_not_kept_back_by_the_apology(database, clock, wrong):
    with database.write() as session:
        letters.replay(session, wrong, clock())
        talk = talk_of(session)
        assert outbox.enqueue(session, talk, f"inbox:{wrong[0][3:]}:0", "reply", {"text": "đây ạ", "buttons": []}, clock(), address="web") is not None
        assert [r.body["text"] for r in outbox.replies_to(session, talk.id, int(wrong[0][3:]))] == ["đây ạ"]


def test_what_is_well_is_left_alone(database, clock, wrong):
    with database.write() as session:
        fine = inbox.store(session, KEY, incoming("2", "chào", "sender-two-0123456"), clock())
        assert letters.replay(session, [f"in:{fine.inbox_id}", "out:999999"], clock()) == 0
        assert session.get_one(Inbound, fine.inbox_id).state == "new"
        assert session.scalars(select(Outbound).where(Outbound.state == "dead")).one().error == "unreachable"


@pytest.mark.parametrize("name", ["7", "x:7", "in:", "in:-1", "in:7; drop", "in:²"])
def test_a_name_that_is_none_is_refused(database, name):
    with database.read() as session, pytest.raises(letters.UnknownLetter):
        letters.find(session, name)


def test_what_was_taken_back_is_no_letter(database):
    with database.write() as session:
        talk = talk_of(session, "77", "telegram")
        outbox.enqueue(session, talk, "reminder:1:x", "reminder", {"text": "x", "buttons": []}, TUESDAY_TEN, address="77")
        session.scalars(select(Outbound)).one().state = "dead"
        session.scalars(select(Outbound)).one().error = "cancelled"
        session.flush()
        assert letters.all_of(session) == []
