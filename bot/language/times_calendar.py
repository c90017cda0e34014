"""Dates reckoned from dates, without words. Wall-clock time of Asia/Ho_Chi_Minh, which knows no summer time."""

import calendar
from datetime import date, datetime, time, timedelta
from typing import Any, Dict
from zoneinfo import ZoneInfo

from bot.errors import NaiveTime

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
Rule = Dict[str, Any]
"""{"every": "day"|"week"|"month", "time": "19:30"}, and "weekdays": [0..6], Monday 0, for week; "day": 1..31 for month."""


class NoSuchTime(Exception):
    """The words name a time that does not exist (25 giờ, 31/4) or that we do not compute; the parser then answers None."""


def local(instant: datetime) -> datetime:
    """The instant in our zone. Raises NaiveTime."""
    if instant.utcoffset() is None:
        raise NaiveTime("a datetime without a zone")
    return instant.astimezone(ZONE)


def at(day: date, hour: int, minute: int) -> datetime:
    """Aware, on that day in our zone."""
    return datetime.combine(day, time(hour, minute), ZONE)


def next_after(rule: Rule, after: datetime) -> datetime:
    """The first occurrence strictly after `after`; both aware, the answer in Asia/Ho_Chi_Minh.

    A month shorter than rule["day"] takes its last day. Raises NaiveTime, and ValueError for a rule of another shape.
    """
    after = local(after)
    try:
        hour, minute = (int(part) for part in rule["time"].split(":"))
        every = rule["every"]
        days = set(range(7)) if every == "day" else set(rule["weekdays"]) if every == "week" else set()
        if every == "month":
            first = after.date().replace(day=1)
            found = at(_clamped(first, rule["day"]), hour, minute)
            return found if found > after else at(_clamped(add_months(first, 1), rule["day"]), hour, minute)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a recurrence: {rule!r}") from error
    for ahead in range(8):
        day = after.date() + timedelta(days=ahead)
        if day.weekday() in days and at(day, hour, minute) > after:
            return at(day, hour, minute)
    raise ValueError(f"not a recurrence: {rule!r}")


def _clamped(first: date, day: int) -> date:
    if not 1 <= day <= 31:
        raise ValueError(f"no day of a month: {day}")
    return first.replace(day=min(day, calendar.monthrange(first.year, first.month)[1]))


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last one. Raises NoSuchTime past the year 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise NoSuchTime
    return _clamped(date(year, month + 1, 1), day.day)


def real(year: int, month: int, day: int) -> date:
    """Raises NoSuchTime where no calendar has it."""
    try:
        return date(year, month, day)
    except ValueError as error:
        raise NoSuchTime from error


def next_date(since: date, month: int, day: int) -> date:
    """The first day and month on or after `since`; 29 February waits for a leap year. Raises NoSuchTime for 31/4."""
    for year in range(since.year, since.year + 9):
        if day <= calendar.monthrange(year, month)[1] and date(year, month, day) >= since:
            return date(year, month, day)
    raise NoSuchTime


def next_day_of_month(since: date, day: int) -> date:
    """The first such day on or after `since`, in a month that has it."""
    first = since.replace(day=1)
    for ahead in range(4):
        month = add_months(first, ahead)
        if day <= calendar.monthrange(month.year, month.month)[1] and month.replace(day=day) >= since:
            return month.replace(day=day)
    raise NoSuchTime


def part_of_month(first: date, part: str) -> date:
    """part: "dau" the first, "giua" the 15th, "cuoi" the last day; anything else the first."""
    return _clamped(first, {"giua": 15, "cuoi": 31}.get(part, 1))
