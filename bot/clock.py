"""Time: UTC in storage, the province's zone for people. Code that needs the time is handed a clock."""

from collections.abc import Callable
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from bot.errors import NaiveTime

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
Clock = Callable[[], datetime]


def now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(timezone.utc)


def local(instant: datetime) -> datetime:
    """The instant in the province's zone. Raises NaiveTime."""
    if instant.tzinfo is None:
        raise NaiveTime("a datetime without a zone")
    return instant.astimezone(ZONE)
