"""Figures of reports for everybody: how many, where, how quickly answered. Nothing of a report itself, and no cell of fewer than five people."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import local
from bot.services.figures.hiding import LEAST, hide_column
from bot.services.tickets import rules
from bot.store.tables import Ticket

MONTHS = 12
UNKNOWN = "Chưa rõ xã, phường"


@dataclass(frozen=True)
class Seen:
    """What is counted of one ticket. person: tells people apart within this page; an erased one stands for itself."""

    category: str
    commune: str
    month: str
    person: str
    answered_hours: float | None
    in_time: bool | None
    """None while the answer is neither there nor overdue."""


@dataclass(frozen=True)
class Line:
    """A row of a table; None where the number is hidden."""

    name: str
    count: int | None


@dataclass(frozen=True)
class Public:
    """total, answer_days, in_time_percent: None when too few people stand behind them."""

    total: int | None
    answer_days: float | None
    in_time_percent: int | None
    by_category: Sequence[Line]
    by_commune: Sequence[Line]
    by_month: Sequence[Line]


def public(session: Session, now: datetime) -> Public:
    """Of the last twelve months, this one included."""
    rows = [seen(row, now) for row in session.execute(select(
        Ticket.id, Ticket.category, Ticket.commune, Ticket.citizen_id, Ticket.created_at, Ticket.replied_at, Ticket.due_at)
        .where(Ticket.created_at >= since(now)))]
    answered = [row for row in rows if row.answered_hours is not None]
    judged = [row for row in rows if row.in_time is not None]
    return Public(
        len(rows) if people(rows) >= LEAST else None,
        round(median(row.answered_hours for row in answered) / 24, 1) if people(answered) >= LEAST else None,
        # how many of them were late must not be a handful either: a share next to 0 or 100 % tells of few people
        share(judged),
        lines(rows, lambda row: rules.CATEGORIES[row.category]), lines(rows, lambda row: row.commune),
        lines(rows, lambda row: row.month, by_name=True))


def since(now: datetime) -> datetime:
    first = local(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(MONTHS - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def seen(row, now: datetime) -> Seen:
    hours = (row.replied_at - row.created_at).total_seconds() / 3600 if row.replied_at is not None else None
    in_time = row.replied_at <= row.due_at if row.replied_at is not None else False if row.due_at < now else None
    return Seen(row.category, row.commune or UNKNOWN, f"{local(row.created_at):%m/%Y}", str(row.citizen_id or f"t{row.id}"), hours, in_time)


def people(rows: Iterable[Seen]) -> int:
    return len({row.person for row in rows})


def share(rows: Sequence[Seen]) -> int | None:
    """Per cent answered in time; None unless those in time and those late are each nobody or at least five."""
    sides = [people(r for r in rows if r.in_time is side) for side in (True, False)]
    if not rows or any(0 < side < LEAST for side in sides):
        return None
    return round(100 * sum(bool(r.in_time) for r in rows) / len(rows))


def lines(rows: Sequence[Seen], key: Callable[[Seen], str], by_name: bool = False) -> list[Line]:
    """Counts by key, cells under five people hidden and so many more that none can be worked out; the largest first, hidden ones last."""
    groups: dict[str, list[Seen]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    names = sorted(groups)
    counts = [len(groups[name]) for name in names]
    hiding = hide_column(counts, [people(groups[name]) for name in names])
    alone = len(names) == 1 and people(rows) < LEAST
    found = [Line(name, None if alone or (n, 0) in hiding.marks else count) for n, (name, count) in enumerate(zip(names, counts, strict=True))]
    if by_name:
        return sorted(found, key=lambda line: (line.name[3:], line.name[:2]))
    return sorted(found, key=lambda line: (line.count is None, -(line.count or 0), line.name))
