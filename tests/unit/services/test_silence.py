"""While a person of ours writes with a citizen, the machine says nothing over them, and loses nothing either."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.messages import Incoming
from bot.services import inbox, outbox, people
from bot.store.tables import Inbound, Outbound
from tests.factories import KEY, FrozenClock, talk_of

USER = "1112223334445556667"


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def tell(database, clock):
    """Stores an event of this citizen's chat now."""
    def do(ident="m1", **what):
        with database.write() as session:
            return inbox.store(session, KEY, Incoming("zalo_oa", ident, USER, **{"at": clock(), **what}), clock())
    return do


def person_writes(tell, ident="p1", **what):
    return tell(ident, person_minutes=30, **what)


def queue(database, clock, cause, kind="reply", body=None):
    with database.write() as session:
        return outbox.enqueue(session, people.conversation(session, KEY, "zalo_oa", USER, clock()), cause, kind,
                              body or {"text": cause}, clock(), address=USER)


def going_out(database, clock):
    with database.write() as session:
        return [row.cause for row in outbox.claim(session, ["zalo_oa"], clock())]


def states(database):
    with database.read() as session:
        return [(row.platform_id, row.state, row.text) for row in session.scalars(select(Inbound).order_by(Inbound.id))]


def test_what_is_typed_to_a_person_is_not_answered_nor_kept(database, clock, tell):
    person_writes(tell)
    clock.forward(minutes=29)
    stored = tell("m2", text="vâng tôi mang giấy ra ạ")
    assert (stored.new, states(database)) == (False, [("m2", "done", None)])
    with database.write() as session:
        assert inbox.claim(session, clock()) is None
    clock.forward(minutes=1)
    assert tell("m3", text="học tiếp").new


def test_a_photo_and_the_opening_of_the_chat_are_met_with_silence_too(database, clock, tell):
    tell("m0", text="chào")
    person_writes(tell)
    clock.forward(seconds=20)
    tell("m2", answer="Tôi chỉ đọc được chữ.")
    tell("m3", text="xin chào", opened=True)
    assert going_out(database, clock) == []


def test_each_word_of_the_person_makes_it_longer(database, clock, tell):
    person_writes(tell)
    clock.forward(minutes=20)
    person_writes(tell, "p2")
    clock.forward(minutes=20)
    assert not tell("m2", text="chào").new


def test_a_late_or_repeated_report_makes_it_no_longer(database, clock, tell):
    spoke = clock()
    person_writes(tell)
    clock.forward(minutes=25)
    person_writes(tell, at=spoke)
    clock.forward(minutes=6)
    assert tell("m2", text="chào").new
    person_writes(tell, "p0", at=spoke - timedelta(hours=2))
    assert tell("m3", text="chào").new


def test_a_button_is_pressed_for_the_machine_and_answered(database, clock, tell):
    tell("m0", text="chào")
    queue(database, clock, "inbox:1:0", body={"text": "Bài 1", "buttons": [{"title": "Bắt đầu", "payload": "/next_step"}]})
    with database.read() as session:
        ident = session.scalars(select(Outbound)).one().body["buttons"][0]["payload"]
    person_writes(tell)
    assert tell("m2", button=ident).new
    assert not tell("m3", button="bxxxxxxxxxxxx").new
    assert not tell("m4", button="baohiemxahoi1", text="baohiemxahoi1").new


def test_what_waited_for_an_answer_has_been_answered_by_the_person(database, clock, tell):
    tell("m1", text="cho hỏi nộp ở đâu")
    clock.forward(minutes=2)
    person_writes(tell)
    assert states(database) == [("m1", "done", None)]


def test_what_came_after_the_person_wrote_is_not_taken_from_the_machine(database, clock, tell):
    spoke = clock()
    clock.forward(seconds=5)
    tell("m1", text="tôi bị lừa chuyển tiền")
    person_writes(tell, at=spoke)
    assert [s for _, s, _ in states(database)] == ["new"]


@pytest.mark.parametrize("kind", ["reminder", "nudge"])
def test_what_we_send_of_our_own_accord_waits_until_the_person_is_done(database, clock, tell, kind):
    tell("m0", text="chào")
    queue(database, clock, "waits", kind)
    person_writes(tell)
    queue(database, clock, "came", kind)
    assert going_out(database, clock) == []
    clock.forward(minutes=30)
    assert going_out(database, clock) == ["waits", "came"]


def test_an_answer_that_could_not_be_sent_before_comes_afterwards(database, clock, tell):
    tell("m0", text="chào")
    queue(database, clock, "inbox:1:0")
    clock.forward(seconds=1)
    person_writes(tell)
    assert going_out(database, clock) == []
    clock.forward(minutes=30)
    assert going_out(database, clock) == ["inbox:1:0"]


def test_the_answer_to_a_press_goes_out_meanwhile(database, clock, tell):
    tell("m0", text="chào")
    person_writes(tell)
    clock.forward(seconds=3)
    queue(database, clock, "inbox:2:0")
    assert going_out(database, clock) == ["inbox:2:0"]


def test_other_conversations_go_on(database, clock, tell):
    person_writes(tell)
    with database.write() as session:
        other = talk_of(session, "999", "zalo_oa", clock(), consent=("reminders",))
        outbox.enqueue(session, other, "reminder:9:a", "reminder", {"text": "đến giờ"}, clock())
        assert inbox.store(session, KEY, Incoming("zalo_oa", "m9", "999", "chào", at=clock()), clock()).new
    assert going_out(database, clock) == ["reminder:9:a"]


def test_the_echo_of_a_message_that_we_sent_is_no_person(database, clock, tell):
    tell("m0", text="chào")
    row = queue(database, clock, "inbox:1:0")
    with database.write() as session:
        outbox.claim(session, ["zalo_oa"], clock())
        outbox.sent(session, row, "z7,z8", clock())
    person_writes(tell, "z8")
    assert tell("m2", text="học").new
    person_writes(tell, "z")
    assert not tell("m3", text="học").new


class TestOpening:
    def test_a_newcomer_is_greeted_once(self, database, clock, tell):
        assert tell("e1", text="xin chào", opened=True).new
        assert not tell("e1", text="xin chào", opened=True).new
        clock.forward(seconds=2)
        assert not tell("e2", text="xin chào", opened=True).new
        assert [i for i, _, _ in states(database)] == ["e1"]

    def test_two_ways_of_opening_at_one_moment_are_one_greeting(self, database, tell):
        tell("e1", text="xin chào", opened=True)
        tell("e2", text="xin chào", opened=True)
        assert [i for i, _, _ in states(database)] == ["e1"]

    def test_who_comes_back_after_leaving_is_greeted_again(self, database, clock, tell):
        tell("e1", text="xin chào", opened=True)
        clock.forward(minutes=1)
        tell("u1", left=True)
        clock.forward(minutes=1)
        assert tell("e2", text="xin chào", opened=True).new

    def test_opening_the_chat_is_no_word_that_opens_the_window_again(self, database, clock, tell):
        tell("m1", text="chào")
        wrote = clock()
        clock.forward(hours=3)
        tell("e1", text="xin chào", opened=True)
        with database.read() as session:
            assert people.conversation(session, KEY, "zalo_oa", USER, clock()).seen_at == wrote
