"""By when a request under the data protection law is to be answered. Pure.

From Nghị định 356/2025/NĐ-CP, Điều 5 (shared/curriculum/privacy.md, section 4, grade A). Days are counted from the day after the
request; working days leave out Saturdays, Sundays and HOLIDAYS. Tết, the Hùng Kings' day and days off in exchange move from year to year and are
not known here: where one falls in between, the true date is later than ours, never earlier.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.clock import local

SOURCE = "Nghị định 356/2025/NĐ-CP, Điều 5"
FIRST_REPLY_WORKING_DAYS = 2
HOLIDAYS = {(1, 1), (4, 30), (5, 1), (9, 2)}
"""(month, day) of holidays that are on the same day each year (Bộ luật Lao động 2019, Điều 112)."""


@dataclass(frozen=True)
class Kind:
    """words: as citizens and staff read it. days: to complete; with_others_days: where others hold the data too; extension_days: at most, None: none."""

    words: str
    days: int
    with_others_days: int | None
    extension_days: int | None


KINDS: dict[str, Kind] = {
    "access": Kind("Xem dữ liệu", 10, 15, 10),
    "correction": Kind("Sửa dữ liệu", 10, 15, 10),
    "provision": Kind("Cung cấp dữ liệu", 10, 15, 10),
    "erasure": Kind("Xóa dữ liệu", 20, 30, 20),
    "withdrawal": Kind("Rút lại sự đồng ý", 15, 20, 15),
    "restriction": Kind("Hạn chế xử lý", 15, 20, 15),
    "objection": Kind("Phản đối xử lý", 15, 20, 15),
    "protection": Kind("Biện pháp bảo vệ", 15, None, None),
}


@dataclass(frozen=True)
class Clock:
    """The last days on which each is still in time."""

    reply_by: date
    done_by: date


def clock(kind: str, received_at: datetime, with_others: bool = False, extended_days: int = 0) -> Clock:
    """Raises KeyError for an unknown kind."""
    received, rule = local(received_at).date(), KINDS[kind]
    days = rule.with_others_days if with_others and rule.with_others_days else rule.days
    return Clock(after_working_days(received, FIRST_REPLY_WORKING_DAYS), received + timedelta(days=days + extended_days))


def works(day: date) -> bool:
    return day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS


def after_working_days(day: date, count: int) -> date:
    """The count-th working day after that day."""
    while count:
        day += timedelta(days=1)
        count -= works(day)
    return day
