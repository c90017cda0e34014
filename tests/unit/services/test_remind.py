"""Reminders: planned once, late once, in the province's time."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.language import times
from bot.services import inbox, outbox, remind
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
