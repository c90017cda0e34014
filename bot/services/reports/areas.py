"""The areas of figures, each with the function that gives its tables: what the dashboard shows, exports write and reports print."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.services.figures import courses, overview, service
from bot.services.figures.periods import Filter
from bot.services.figures.table import Table


@dataclass(frozen=True)
class Area:
    """key: of addresses, ASCII. tables: (session, filter, now) -> its tables, hidden where they must be. With a course in the
    filter the area of courses is about that one alone."""

    key: str
    title: str
    tables: Callable[[Session, Filter, datetime], Sequence[Table]]


ALL: tuple[Area, ...] = (
    Area("tong-quan", "Tổng quan", lambda session, flt, now: overview.tables(session, flt)),
    Area("khoa-hoc", "Khoá học", courses.tables),
    Area("dich-vu", "Dịch vụ công", lambda session, flt, now: service.tables(session, flt)),
)


def called(key: str) -> Area | None:
    """The area with this key."""
    return next((one for one in ALL if one.key == key), None)
