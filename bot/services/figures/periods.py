"""Which days, communes, channel and course figures are about. Days are the province's local dates, both ends included."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.clock import ZONE
from bot.errors import Refusal

PRESETS = {"7": "7 ngày qua", "28": "28 ngày qua", "90": "90 ngày qua", "365": "12 tháng qua", "thang": "Tháng này", "thang-truoc": "Tháng trước",
           "nam": "Năm nay", "rieng": "Tự chọn ngày"}
DEFAULT = "28"
LONGEST_DAYS = 1100
"""Three years: a longer table of weeks tells nobody anything."""


@dataclass(frozen=True)
class Period:
    """Whole local days, first and last included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """The period of the same length that ends the day before this one."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    @property
    def begins(self) -> datetime:
        """Its first instant, UTC."""
        return datetime.combine(self.first, time(), ZONE).astimezone(UTC)

    @property
    def ends(self) -> datetime:
        """The first instant that is no longer in it, UTC."""
        return datetime.combine(self.last + timedelta(days=1), time(), ZONE).astimezone(UTC)

    def weeks(self) -> Iterator[date]:
        """The Mondays of its weeks; the first and the last week may be cut."""
        monday = monday_of(self.first)
        while monday <= self.last:
            yield monday
            monday += timedelta(days=7)

    def __str__(self) -> str:
        return f"{self.first:%d/%m/%Y} – {self.last:%d/%m/%Y}"


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True)
class Filter:
    """What figures are about.

    allowed: the communes its reader may see, () for all. commune, channel, course (slug): only these; "" for every one.
    """

    period: Period
    allowed: tuple[str, ...] = ()
    commune: str = ""
    channel: str = ""
    course: str = ""

    @property
    def communes(self) -> tuple[str, ...]:
        """The communes that are counted; () for the whole province, those who never named one included."""
        return (self.commune,) if self.commune else self.allowed


def period_of(preset: str, first: str, last: str, today: date) -> Period:
    """What the form of a figure page chose. first, last: ISO dates, read when the preset is "rieng". Raises Refusal."""
    if preset == "rieng":
        return _own(first, last)
    if preset == "thang":
        return Period(today.replace(day=1), today)
    if preset == "thang-truoc":
        end = today.replace(day=1) - timedelta(days=1)
        return Period(end.replace(day=1), end)
    if preset == "nam":
        return Period(today.replace(month=1, day=1), today)
    days = int(preset) if preset in PRESETS else int(DEFAULT)
    return Period(today - timedelta(days=days - 1), today)


def _own(first: str, last: str) -> Period:
    try:
        chosen = Period(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        raise Refusal("Hãy chọn đủ ngày bắt đầu và ngày kết thúc.", "tu") from None
    if chosen.last < chosen.first:
        raise Refusal("Ngày kết thúc đang trước ngày bắt đầu.", "den")
    if chosen.days > LONGEST_DAYS:
        raise Refusal("Kỳ dài nhất là ba năm.", "tu")
    if chosen.first.year < 2020 or chosen.last.year > 2100:
        raise Refusal("Hãy chọn ngày từ năm 2020 trở đi.", "tu")
    return chosen


def filter_of(allowed: tuple[str, ...], today: date, ky: str = DEFAULT, tu: str = "", den: str = "", xa: str = "", kenh: str = "",
              khoa: str = "") -> Filter:
    """The form's fields as a filter; a commune its reader may not see is refused. Raises Refusal."""
    if allowed and xa and xa not in allowed:
        raise Refusal("Bạn chỉ xem được số liệu của xã, phường được giao.", "xa")
    return Filter(period_of(ky, tu, den, today), allowed, xa, kenh, khoa)
