"""Who comes back after days finds one reminder of a series, and it says that it is late."""

from datetime import timedelta

from sqlalchemy import select

from bot.language import times
from bot.services import outbox, remind
from bot.store.tables import Outbound, Reminder
from tests.factories import TUESDAY_TEN, FrozenClock, talk_of


def every_evening(database, clock, channel="web", days=10) -> str:
    """Ten evenings on which nobody looks; the conversation's id."""
    with database.write() as session:
        talk = talk_of(session, channel=channel, consent=("reminders",))
        remind.add(session, talk, times.parse("mỗi ngày lúc 20h", clock()), "uống thuốc", clock())
        ident = talk.id
    for day in range(days):
        clock.at = TUESDAY_TEN.replace(hour=20) + timedelta(days=day)
        with database.write() as session:
            assert remind.plan(session, clock()) == 1
    return ident


def test_in_the_browser_the_last_one_is_shown_and_says_when_it_was_due(database):
    clock = FrozenClock()
    chat = every_evening(database, clock)
    clock.forward(hours=13)
    with database.read() as session:
        (row,) = outbox.for_stream(session, [chat], clock())
    assert row.body["text"] == "⏰ Tôi nhắc muộn, đúng ra là 20 giờ tối thứ năm 03/12/2026: uống thuốc."
    assert [b["title"] for b in row.body["buttons"]][0] == "Nhắc lại sau 10 phút"
    with database.write() as session:
        assert outbox.streamed(session, row.id, clock())
    with database.read() as session:  # the line broke: it says the same again
        (again,) = outbox.since(session, chat, row.id - 1)
    assert again.body["text"] == row.body["text"]


def test_in_time_it_does_not_say_that_it_is_late(database):
    clock = FrozenClock()
    chat = every_evening(database, clock, days=1)
    with database.read() as session:
        (row,) = outbox.for_stream(session, [chat], clock())
    assert row.body["text"] == "⏰ Đến giờ bạn dặn: uống thuốc."


def test_after_days_in_which_a_platform_was_away_one_goes_out_and_says_so(database):
    clock = FrozenClock()
    every_evening(database, clock, "telegram", days=3)
    clock.forward(hours=1)
    with database.write() as session:
        (row,) = outbox.claim(session, ["telegram"], clock(), holder="worker:a")
    assert row.body["text"] == "⏰ Tôi nhắc muộn, đúng ra là 20 giờ tối nay, thứ năm 26/11/2026: uống thuốc."
    with database.read() as session:
        assert session.get_one(Outbound, row.id).body["text"] == row.body["text"]
        assert [r.error for r in session.scalars(select(Outbound).order_by(Outbound.id))] == ["superseded", "superseded", None]


def test_what_was_delivered_is_not_touched(database):
    clock = FrozenClock()
    chat = every_evening(database, clock, days=1)
    with database.write() as session:
        ident = outbox.for_stream(session, [chat], clock())[0].id
        outbox.streamed(session, ident, clock())
    clock.forward(days=1)
    with database.write() as session:
        remind.plan(session, clock())
    with database.read() as session:
        assert [r.state for r in session.scalars(select(Outbound).order_by(Outbound.id))] == ["sent", "due"]


def test_the_same_snooze_tapped_twice_is_one(database):
    clock = FrozenClock()
    chat = every_evening(database, clock, days=1)
    with database.write() as session:
        reminder = session.scalars(select(Reminder)).one()
        first, second, later = (remind.snooze(session, reminder.citizen_id, reminder.id, clock() + after, clock())
                                for after in (remind.SNOOZE, remind.SNOOZE + timedelta(seconds=20), timedelta(hours=1)))
        assert first.id == second.id != later.id
    clock.forward(minutes=11)
    with database.write() as session:
        assert remind.plan(session, clock()) == 1
        assert {row.conversation_id for row in session.scalars(select(Outbound))} == {chat}
