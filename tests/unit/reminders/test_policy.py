"""When we may write: by day, once a day, not for ever. Frozen instants and generated ones."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import local
from bot.errors import NaiveTime
from bot.language.times_calendar import next_after
from bot.reminders import policy
from bot.reminders.policy import Standing
from tests.factories import HANOI

DAY = timedelta(days=1)
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.sampled_from([timezone.utc, HANOI]))


def at(hour: int, minute: int = 0, day: int = 1) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=HANOI)


def somebody(learner_id: int = 1, hour: int | None = 12, due: int = 3, unanswered: int = 0, nudged_at: datetime | None = None,
             course: tuple[datetime, datetime | None] | None = None) -> Standing:
    return Standing(learner_id, hour, due, unanswered, nudged_at, course)


def chosen(*phone: Standing, now: datetime = at(12), seen_at: datetime = at(9) - DAY):
    return policy.choose(phone, seen_at, now)


@pytest.mark.parametrize(("hour", "minute", "quiet"), [(20, 59, False), (21, 0, True), (0, 0, True), (6, 59, True), (7, 0, False)])
def test_the_night_is_from_nine_to_seven_in_the_province(hour, minute, quiet):
    assert policy.quiet(at(hour, minute)) is quiet
    assert policy.quiet(at(hour, minute).astimezone(timezone.utc)) is quiet


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(NaiveTime):
        policy.quiet(datetime(2026, 12, 1, 12))


@given(INSTANTS)
def test_by_day_is_the_first_moment_outside_the_night(now):
    day = policy.by_day(now)
    assert day >= now and not policy.quiet(day)
    if policy.quiet(now):
        assert (day.hour, day.minute) == (7, 0) and policy.quiet(day - timedelta(minutes=1)) and day - now <= timedelta(hours=10)
    else:
        assert day == now


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_a_reminder_never_goes_before_its_time_and_a_late_one_never_into_a_night_nobody_asked_for(due, delay):
    now = due + delay
    goes = policy.goes_at(due, now)
    assert goes >= now >= due
    if not policy.is_late(due, now):
        assert goes == now  # the citizen's own time, at night as well
    elif policy.quiet(goes):
        assert policy.quiet(due) and policy.by_day(due) == policy.by_day(now)


@pytest.mark.parametrize(("due", "now", "goes"), [
    (at(23), at(23), at(23)),              # named for the night, in time
    (at(20), at(2, day=2), at(7, day=2)),  # an evening's, after a downtime: in the morning
    (at(23), at(2, day=2), at(2, day=2)),  # named for this very night
    (at(23), at(2, day=3), at(7, day=3)),  # named for a night before
    (at(8), at(15), at(15)),
])
def test_late_reminders(due, now, goes):
    assert policy.goes_at(due, now) == goes


def test_the_cause_is_of_the_local_day():
    late_evening = datetime(2026, 12, 1, 16, 59, tzinfo=timezone.utc)
    assert policy.day_cause(7, late_evening) == "nudge:7:2026-12-01"
    assert policy.day_cause(7, late_evening + timedelta(minutes=1)) == "nudge:7:2026-12-02"


def test_a_course_is_idle_after_three_days_and_again_three_days_after_it_was_mentioned():
    touched = at(9)
    assert [policy.course_is_idle(touched, None, touched + d * DAY) for d in (2, 3)] == [False, True]
    mentioned = touched + 3 * DAY
    assert [policy.course_is_idle(touched, mentioned, touched + d * DAY) for d in (5, 6)] == [False, True]
    assert policy.course_is_idle(touched + 5 * DAY, mentioned, touched + 7 * DAY) is False  # somebody learned since


def test_an_idle_course_comes_before_revision_and_revision_else():
    idle = (at(9) - 4 * DAY, None)
    assert chosen(somebody(course=idle)).kind == "course"
    assert chosen(somebody(course=(at(9) - DAY, None))).kind == "revision"
    assert chosen(somebody(due=0, course=(at(9) - DAY, None))) is None


def test_the_hour_is_the_learners():
    assert chosen(somebody(), now=at(11, 59)) is None
    assert chosen(somebody(hour=None)) is None
    assert chosen(somebody(), now=at(20, 59)) is not None
    assert chosen(somebody(), now=at(21)) is None


def test_once_a_day_for_a_phone_whoever_it_was_about():
    told = somebody(1, nudged_at=at(7))
    assert chosen(told, somebody(2)) is None
    assert chosen(told, somebody(2), now=at(12, day=2)).learner_id == 2  # who was never told comes first
    assert chosen(somebody(1, nudged_at=at(7) - DAY), somebody(2, nudged_at=at(7) - 2 * DAY)).learner_id == 2


def test_three_in_a_row_without_an_answer_and_it_is_silent():
    assert chosen(somebody(unanswered=2)) is not None
    assert chosen(somebody(unanswered=3)) is None
    assert chosen(somebody(1, unanswered=1), somebody(2, unanswered=2)) is None


def test_nobody_is_nudged_in_the_middle_of_a_talk():
    assert chosen(somebody(), seen_at=at(11, 50)) is None
    assert chosen(somebody(), seen_at=at(11, 45)) is not None


@given(st.lists(st.builds(somebody, st.integers(1, 4), st.sampled_from([None, 7, 12, 19]), st.integers(0, 3), st.integers(0, 4),
                          st.none() | INSTANTS, st.none() | st.tuples(INSTANTS, st.none() | INSTANTS)), max_size=4, unique_by=lambda s: s.learner_id),
       INSTANTS, INSTANTS)
def test_whatever_the_phone_the_promises_hold(phone, seen_at, now):
    choice = policy.choose(phone, seen_at, now)
    if choice is None:
        return
    one = next(s for s in phone if s.learner_id == choice.learner_id)
    assert not policy.quiet(now) and one.hour is not None and one.hour <= local(now).hour
    assert sum(s.unanswered for s in phone) < policy.SILENT_AFTER
    assert all(s.nudged_at is None or local(s.nudged_at).date() < local(now).date() for s in phone)
    assert one.due if choice.kind == "revision" else policy.course_is_idle(*one.course, now)


RULES = st.one_of(
    st.builds(lambda d, h: {"every": "month", "day": d, "time": h}, st.integers(1, 31), st.sampled_from(["00:00", "07:30", "23:59"])),
    st.builds(lambda d, h: {"every": "week", "weekdays": sorted(d), "time": h}, st.sets(st.integers(0, 6), min_size=1), st.just("19:30")),
    st.just({"every": "day", "time": "06:15"}))


@given(RULES, INSTANTS)
def test_a_recurrence_never_skips_and_never_stands_still(rule, now):
    first = next_after(rule, now)
    second = next_after(rule, first)
    assert now < first < second
    assert second - first <= {"day": DAY, "week": 7 * DAY, "month": 31 * DAY}[rule["every"]]
    assert f"{first:%H:%M}" == rule["time"]


@pytest.mark.parametrize(("day", "after", "comes"), [
    (31, datetime(2027, 1, 31, 8, tzinfo=HANOI), "2027-02-28"), (31, datetime(2028, 1, 31, 8, tzinfo=HANOI), "2028-02-29"),
    (29, datetime(2027, 2, 1, 8, tzinfo=HANOI), "2027-02-28"), (31, datetime(2027, 2, 28, 8, tzinfo=HANOI), "2027-03-31"),
    (30, datetime(2026, 12, 30, 8, tzinfo=HANOI), "2027-01-30"),
])
def test_month_ends_and_the_leap_day(day, after, comes):
    assert str(next_after({"every": "month", "day": day, "time": "08:00"}, after).date()) == comes
