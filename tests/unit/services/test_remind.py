"""Reminders: planned once, late once, in the province's time."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.language import times
from bot.reminders.moving import Moved
from bot.services import inbox, outbox, people, remind
from bot.store.tables import Inbound, Outbound, Reminder
from tests.factories import HANOI, KEY, TUESDAY_TEN, FrozenClock, incoming, talk_of


@pytest.fixture
def clock():
    return FrozenClock()


def add(database, clock, words, about="học bài"):
    with database.write() as session:
        talk = talk_of(session, consent=("reminders",))
        return remind.add(session, talk, times.parse(words, clock()), about, clock()).id


def plan(database, clock):
    with database.write() as session:
        return remind.plan(session, clock())


def queued(database):
    with database.read() as session:
        return [row.body["text"] for row in session.scalars(select(Outbound).order_by(Outbound.id))]


def test_nothing_comes_before_its_time_and_one_message_at_it(database, clock):
    add(database, clock, "sau 2 phút")
    clock.forward(minutes=1, seconds=59)
    assert plan(database, clock) == 0
    clock.forward(seconds=1)
    assert plan(database, clock) == 1
    assert plan(database, clock) == 0
    assert queued(database) == ["⏰ Đến giờ bạn dặn: học bài."]


def test_planning_twice_at_the_same_time_queues_once(database, clock):
    ident = add(database, clock, "sau 2 phút")
    clock.forward(minutes=3)
    plan(database, clock)
    with database.write() as session:  # as if the commit of the first plan had been lost after the outbox row
        reminder = session.get_one(Reminder, ident)
        reminder.state, reminder.next_due_at = "on", reminder.last_due_at
    plan(database, clock)
    assert len(queued(database)) == 1


def test_after_a_downtime_a_recurrence_says_so_once(database, clock):
    add(database, clock, "mỗi ngày lúc 20h")
    clock.forward(days=10)
    assert plan(database, clock) == 1
    assert plan(database, clock) == 0
    (text,) = queued(database)
    assert "muộn" in text
    with database.read() as session:
        reminder = session.scalars(select(Reminder)).one()
        assert reminder.state == "on" and clock() < reminder.next_due_at <= clock() + timedelta(days=1)


def test_a_weekly_reminder_comes_every_tuesday_at_half_past_seven(database, clock):
    add(database, clock, "mỗi thứ 3 lúc 19h30")
    for week in range(3):
        clock.at = TUESDAY_TEN.replace(hour=19, minute=30) + timedelta(days=7 * week)
        assert plan(database, clock) == 1
    assert len(queued(database)) == 3


def test_cancelling_takes_back_what_is_queued(database, clock):
    ident = add(database, clock, "sau 2 phút")
    clock.forward(minutes=3)
    plan(database, clock)
    again = add(database, clock, "mỗi ngày lúc 20h")
    with database.write() as session:
        citizen = session.get_one(Reminder, again).citizen_id
        assert [r.id for r in remind.cancel(session, citizen)] == [again]
    with database.read() as session:
        assert session.get_one(Reminder, ident).state == "done"


def change(database, clock, ident, to):
    with database.write() as session:
        one = remind.change(session, session.get_one(Reminder, ident).citizen_id, ident, to, clock())
        return None if one is None else (one.id, one.state, one.next_due_at)


def test_a_changed_reminder_is_the_same_row_and_told_at_its_new_time_alone(database, clock):
    ident = add(database, clock, "sau 2 phút")
    later = TUESDAY_TEN + timedelta(minutes=5)
    assert change(database, clock, ident, Moved(later, None)) == (ident, "on", later)
    clock.forward(minutes=3)
    assert plan(database, clock) == 0
    clock.forward(minutes=2)
    assert (plan(database, clock), plan(database, clock), len(queued(database))) == (1, 0, 1)


def test_what_was_queued_for_the_old_time_is_dead_and_nobodys_fault(database, clock):
    ident = add(database, clock, "sau 2 phút")
    clock.forward(minutes=2)
    assert plan(database, clock) == 1
    change(database, clock, ident, Moved(TUESDAY_TEN + timedelta(minutes=5), None))
    clock.forward(minutes=3)
    assert plan(database, clock) == 1
    with database.read() as session:
        rows = [(row.state, row.error) for row in session.scalars(select(Outbound).order_by(Outbound.id))]
    assert rows == [("dead", "superseded"), ("due", None)] and "superseded" in outbox.NOBODYS_FAULT


def test_a_cancelled_or_foreign_reminder_is_not_changed(database, clock):
    ident = add(database, clock, "tối mai 8 giờ")
    with database.write() as session:
        other = talk_of(session, address="sender-two-0123456", consent=("reminders",))
        assert remind.change(session, other.citizen_id, ident, Moved(TUESDAY_TEN, None), clock()) is None
        remind.cancel(session, session.get_one(Reminder, ident).citizen_id)
    assert change(database, clock, ident, Moved(TUESDAY_TEN + timedelta(days=1), None)) is None


def test_one_time_of_a_recurrence_that_comes_earlier_is_not_told_again(database, clock):
    ident = add(database, clock, "mỗi thứ hai 7h")
    at = times.parse("thứ năm 7h", clock()).at
    with database.read() as session:
        rule = session.get_one(Reminder, ident).rule
    change(database, clock, ident, Moved(at, rule, once=True))
    told = []
    for day in range(1, 15):
        clock.at = TUESDAY_TEN + timedelta(days=day)
        told += [f"{clock.at:%d/%m}"] * plan(database, clock)
    assert told == ["26/11", "07/12"]


def test_a_stranger_cannot_cancel(database, clock):
    ident = add(database, clock, "tối mai 8 giờ")
    with database.write() as session:
        other = talk_of(session, address="sender-two-0123456", consent=("reminders",))
        assert remind.cancel(session, other.citizen_id, ident) == []


def test_snooze_makes_a_second_one_of_what_was_delivered_last(database, clock):
    add(database, clock, "sau 2 phút", about="uống thuốc")
    clock.forward(minutes=3)
    plan(database, clock)
    with database.write() as session:
        talk = talk_of(session)
        again = remind.snooze(session, talk.citizen_id, None, clock() + remind.SNOOZE, clock())
        assert (again.about, again.rule) == ("uống thuốc", None)
    clock.forward(minutes=11)
    assert plan(database, clock) == 1


def test_there_is_a_limit(database, clock):
    for _ in range(remind.MOST_PER_CITIZEN):
        add(database, clock, "tối mai 8 giờ")
    with pytest.raises(remind.TooMany):
        add(database, clock, "tối mai 8 giờ")


def test_a_reminder_belongs_to_the_web_stream_of_its_conversation(database, clock):
    add(database, clock, "sau 2 phút")
    clock.forward(minutes=3)
    plan(database, clock)
    with database.read() as session:
        row = session.scalars(select(Outbound)).one()
        assert [r.id for r in outbox.for_stream(session, [row.conversation_id], clock())] == [row.id]


@pytest.mark.parametrize("lesson, cancels", [(False, True), (True, False)])
def test_a_bare_stop_under_a_recurring_reminder_stops_it_unless_a_lesson_is_on_the_screen(database, clock, lesson, cancels):
    add(database, clock, "mỗi ngày lúc 20h")
    clock.at = TUESDAY_TEN.replace(hour=20)
    plan(database, clock)
    with database.write() as session:
        talk_of(session).lesson_on_screen = lesson
        stored = inbox.store(session, KEY, incoming(text="dừng"), clock())
        payload = session.get_one(Inbound, stored.inbox_id).payload
        assert (payload is not None and payload.startswith("/cancel_reminder")) is cancels


def test_month_ends_are_kept_by_a_reminder_for_the_31st(database, clock):
    clock.at = TUESDAY_TEN.replace(month=1, day=20)
    add(database, clock, "ngày 31 hằng tháng lúc 9 giờ nhắc chốt sổ")
    for day in ("01-31", "02-28", "03-31", "04-30"):
        with database.read() as session:
            due = session.scalars(select(Reminder)).one().next_due_at.astimezone(HANOI)
        assert f"{due:%m-%d %H:%M}" == f"{day} 09:00"
        clock.at = due
        assert plan(database, clock) == 1
    assert ["muộn" in text for text in queued(database)] == [False] * 4


def test_a_time_at_night_that_was_named_is_kept_and_a_late_evening_one_waits_for_the_morning(database, clock):
    add(database, clock, "23 giờ đêm nay")
    clock.at = TUESDAY_TEN.replace(hour=23)
    plan(database, clock)
    add(database, clock, "sáng mai 8 giờ")
    clock.at = (TUESDAY_TEN + timedelta(days=1)).replace(hour=22)
    plan(database, clock)
    with database.read() as session:
        goes = [row.next_try_at.astimezone(HANOI) for row in session.scalars(select(Outbound).order_by(Outbound.id))]
    assert [f"{at:%d %H:%M}" for at in goes] == ["24 23:00", "26 07:00"]


@pytest.mark.parametrize(("others", "comes_to"), [
    ((), "telegram"), ((("web", 1, True, False),), "web"), ((("zalo_oa", 1, True, False), ("web", 2, True, False)), "web"),
    ((("zalo_oa", 1, True, False), ("web", 2, True, True)), "zalo_oa"), ((("zalo_oa", 1, False, False),), "telegram")],
    ids=["no other", "one", "the last used", "not a closed one", "not without an address"])
def test_a_reminder_of_a_closed_chat_comes_where_the_citizen_is(database, clock, others, comes_to):
    """others: (channel, used how many minutes later, with an address, closed)."""
    with database.write() as session:
        talk = talk_of(session, "700", "telegram", consent=("reminders",))
        remind.add(session, talk, times.parse("mỗi ngày lúc 20h", clock()), "học", clock())
        for channel, minutes, addressed, closed in others:
            other = talk_of(session, f"at-{channel}-0123456789", channel)
            other.citizen_id, other.seen_at = talk.citizen_id, clock() + timedelta(minutes=minutes)
            other.address = "at" if addressed and channel != "web" else None
            other.closed_at = clock() if closed else None
        stranger = talk_of(session, "800", "telegram", consent=("reminders",))
        stranger.seen_at = clock() + timedelta(hours=1)
        people.close(session, talk, clock(), clock())
    clock.forward(days=1)
    assert plan(database, clock) == 1
    with database.read() as session:
        (row,) = session.scalars(select(Outbound)).all()
        assert (row.channel, row.state) == (comes_to, "dead" if comes_to == "telegram" else "due")
        assert row.conversation_id != stranger.id


def test_a_reminder_stays_in_its_own_chat_while_that_is_open(database, clock):
    with database.write() as session:
        talk = talk_of(session, "700", "telegram", consent=("reminders",))
        remind.add(session, talk, times.parse("sau 2 phút", clock()), "học", clock())
        other = talk_of(session)
        other.citizen_id, other.seen_at = talk.citizen_id, clock() + timedelta(minutes=1)
    clock.forward(minutes=3)
    plan(database, clock)
    with database.read() as session:
        assert session.scalars(select(Outbound.channel)).one() == "telegram"
