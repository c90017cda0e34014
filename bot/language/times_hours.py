"""What an hour said in Vietnamese may mean: "1 giờ trưa", "12 giờ đêm", a bare "8 giờ"."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import List, Match, Optional, Tuple

from bot.language.times_calendar import NoSuchTime, at
from bot.language.times_lexicon import number

ASSUMED = {"sang": 8, "trua": 12, "chieu": 14, "toi": 20, "dem": 21, None: 8}
"""The hour taken when only the part of the day was said, or not even that."""
ENDS = {"sang": time(11, 0), "trua": time(13, 30), "chieu": time(18, 0), "toi": time(23, 0), "dem": time(23, 30),
        None: time(21, 0)}
"""Until when a reminder for "sáng nay", "hôm nay" still makes sense."""
FIRST, LAST = time(7, 0), time(21, 0)
"""A bare hour is looked for between these two, ends included."""


@dataclass(frozen=True)
class Clock:
    """An hour of the day. shift: days after the day that is named, since "12 giờ đêm" ends it."""

    hour: int
    minute: int = 0
    shift: int = 0

    def on(self, day: date) -> datetime:
        """Aware, Asia/Ho_Chi_Minh."""
        return at(day + timedelta(days=self.shift), self.hour, self.minute)

    @property
    def said(self) -> str:
        return f"{self.hour:02}:{self.minute:02}"


def sensible(instant: datetime) -> bool:
    return FIRST <= instant.time() <= LAST


def readings(match: Match[str], part: Optional[str]) -> List[Clock]:
    """The hours that a match of times_grammar.CLOCKS may mean, likeliest first. Raises NoSuchTime for "25 giờ"."""
    hour, minute, zero_led = _said(match)
    if hour == 24 and not minute:
        return [Clock(0, 0, 1)]
    if hour > 23 or not 0 <= minute < 60:
        raise NoSuchTime
    if hour == 0:
        return [Clock(0, minute, 1 if part in ("toi", "dem") else 0)]
    if hour > 12 or (zero_led and part is None):
        return [Clock(hour, minute)]
    if part is None:
        both = [Clock(hour, minute), Clock(0, minute, 1) if hour == 12 else Clock(hour + 12, minute)]
        return sorted(both, key=lambda c: not FIRST <= time(c.hour, c.minute) <= LAST)
    return [_in_part(hour, minute, part)]


def _in_part(hour: int, minute: int, part: str) -> Clock:
    """hour: 1 to 12."""
    if part == "sang":
        return Clock(hour % 12, minute)
    if part in ("toi", "dem") and (hour == 12 or hour < (6 if part == "dem" else 4)):
        return Clock(hour % 12, minute, 1)
    afternoon = hour <= 3 if part == "trua" else hour < 12
    return Clock(hour + 12 if afternoon else hour, minute)


def _said(match: Match[str]) -> Tuple[int, int, bool]:
    """Hour and minute by the numbers, "8 kém 15" counted back; whether the hour was typed with a leading zero."""
    found = match.groupdict()
    hour = number(found["h"])
    zero_led = len(found["h"]) == 2 and found["h"].startswith("0")
    if found.get("less"):
        less = number(found["less"])
        if not 0 < less < 60:
            raise NoSuchTime
        return {0: 23, 1: 12}.get(hour, hour - 1), 60 - less, zero_led
    return hour, 30 if found.get("half") else number(found["m"]) if found.get("m") else 0, zero_led
