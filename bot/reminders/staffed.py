"""When people of ours answer in the chat: local days and hours, read from one setting. Pure.

"1-5 07:30-11:30 13:30-17:00": the days of the week from Monday (1), then hours from and up to.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time

from bot.clock import local

PATTERN = r"[1-7](-[1-7])?( ([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)+"
DAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


@dataclass(frozen=True)
class Hours:
    """days: 0 for Monday, first and last; spans: from, up to but without."""

    days: tuple[int, int]
    spans: tuple[tuple[time, time], ...]

    def at(self, instant: datetime) -> bool:
        """Is somebody to be there? Raises NaiveTime."""
        here = local(instant)
        return self.days[0] <= here.weekday() <= self.days[1] and any(start <= here.time() < end for start, end in self.spans)

    @property
    def words(self) -> str:
        first, last = self.days
        days = DAYS[first] if first == last else f"{DAYS[first]} đến {DAYS[last]}"
        return f"{days}, " + " và ".join(f"{start:%H:%M}–{end:%H:%M}" for start, end in self.spans)


def read(setting: str) -> Hours:
    """Raises ValueError for what is not of that form, or runs backwards."""
    if not re.fullmatch(PATTERN, setting):
        raise ValueError(f"not of the form 1-5 07:30-11:30: {setting}")
    days, *spans = setting.split(" ")
    first, _, last = days.partition("-")
    found = Hours((int(first) - 1, int(last or first) - 1),
                  tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, _, b in (span.partition("-") for span in spans)))
    if found.days[0] > found.days[1] or any(start >= end for start, end in found.spans):
        raise ValueError(f"runs backwards: {setting}")
    return found
