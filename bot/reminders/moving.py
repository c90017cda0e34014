"""Another time for a reminder: what was said of it, joined with what it has been so far. Pure.

"Đổi thành thứ ba" keeps the hour, "đổi sang 9 giờ" the day; what comes again and again goes on doing so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Optional

from bot.language import times
from bot.language.times_calendar import at as on_day
from bot.language.times_calendar import local

FIRST, LAST = 5, 22
"""Hours that a bare "9 giờ" may come to mean for being nearer to what it was."""
HOURS_OF = {"sang": (0, 11), "trua": (11, 14), "chieu": (12, 19), "toi": (17, 24), "dem": (19, 24)}
"""Local hours, from and up to, that "chiều mai" leaves as they were."""


@dataclass(frozen=True)
class Moved:
    """at: aware, the next time. rule: as in When.rule. once: only the next of several times has moved. past: that time is over."""

    at: datetime
    rule: Optional[times.Rule]
    once: bool = False
    past: bool = False


def moved(before: datetime, rule: Optional[times.Rule], new: times.When, now: datetime, puts_off: bool = False) -> Moved:
    """before: when the reminder was to come next, aware; rule: what it goes by. puts_off: "lùi 1 tiếng" counts from there."""
    before, now = local(before), local(now)
    if not new.clocks:
        at = before + (new.at - now.replace(microsecond=0)) if puts_off and before > now else new.at
        return Moved(at, rule, rule is not None)
    clock = _clock(before, new)
    if new.rule is not None:
        made = {**new.rule, "time": clock.said}
        since = max(now, on_day(new.day, 0, 0) - timedelta(seconds=1)) if new.day else now
        return Moved(new.at if made == new.rule else times.next_after(made, since), made)
    if rule is not None and new.day_said in ("", "weekday", "day of a month"):
        made = {**rule, "time": clock.said}
        if new.day_said == "weekday":
            made = {"every": "week", "time": clock.said, "weekdays": sorted({(day + clock.shift) % 7 for day in new.weekdays})}
        elif new.day_said:
            made = {"every": "month", "time": clock.said, "day": new.day.day}
        return Moved(times.next_after(made, now), made)
    day = new.day or before.date()
    if puts_off and new.day_said == "days ahead":
        day = before.date() + (day - now.date())
    at = clock.on(day)
    if at <= now and not new.past:
        at = new.at
    return Moved(at, rule, rule is not None, at <= now)


def _clock(before: datetime, new: times.When) -> times.Clock:
    """The hour as said; of two that may be meant the nearer one to what it was; where none was said, what it was."""
    if not (new.exact or new.unsure):
        return times.Clock(before.hour, before.minute) if new.part is None or _within(before.hour, new.part) else new.clocks[0]
    if new.unsure:
        return new.clocks[0]
    return min(new.clocks, key=lambda clock: (not FIRST <= clock.hour <= LAST, _apart(clock.hour, before.hour)))


def _within(hour: int, part: str) -> bool:
    return HOURS_OF[part][0] <= hour < HOURS_OF[part][1]


def _apart(one: int, other: int) -> int:
    return min((one - other) % 24, (other - one) % 24)
