"""What a page that shows one commune or channel alone must hide, because the pages of all and of the others are open to the same reader."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bot.errors import Refusal
from bot.services.figures.counts import By
from bot.services.figures.hiding import LEAST, Place, few, hide_column, hide_crossed
from bot.services.figures.periods import Filter
from bot.services.figures.sql import within
from bot.services.figures.table import FEW, Hidden
from bot.store.tables import Asked, Rating, Reaction

Line = Hashable
Inner = Mapping[tuple[Line, str | None], int]
"""(row of a table, commune or channel) -> its count."""


def days(table: type[Asked] | type[Reaction] | type[Rating], flt: Filter) -> list[ColumnElement[bool]]:
    """The conditions of the filter on a table with day, channel and commune."""
    return [table.day.between(flt.period.first, flt.period.last), *within(flt, table.channel, table.commune)]


def chosen_side(session: Session, flt: Filter) -> By | None:
    """The dimension whose other keys this reader may see too; None where they cannot be had. Raises Refusal.

    Communes of the whole province never add up to it: those who never named one can be chosen nowhere, as long as there are enough of them.
    """
    if flt.commune and flt.channel:
        raise Refusal("Trang này hiện theo xã phường hoặc theo kênh, không theo cả hai: chọn cả hai thì số còn lại quá ít người, dễ lộ ra ai.", "kenh")
    if flt.channel or not flt.commune:
        return "channel" if flt.channel else None
    if flt.allowed:
        return "commune"
    nowhere = session.scalar(select(func.count()).select_from(Asked).where(*days(Asked, replace(flt, commune="")), Asked.commune.is_(None))) or 0
    return None if nowhere >= LEAST else "commune"


def others(flt: Filter, by: By) -> Filter:
    """The filter with the choice taken back."""
    return replace(flt, **{by: ""})


def counted(session: Session, flt: Filter, by: By | None, table: type[Asked] | type[Reaction], column: ColumnElement[Any], *where: ColumnElement[bool],
            ) -> tuple[dict[Any, int], Inner]:
    """Rows of the table by a column: within the filter, and (with by) of every key of that dimension, in one query."""
    own = getattr(table, by) if by else func.coalesce("", "")
    each = select(column.label("line"), own.label("own")).where(*days(table, others(flt, by) if by else flt), *where).subquery()
    keys = (each.c.line, each.c.own) if by else (each.c.line,)
    rows = session.execute(select(*keys, func.count()).group_by(*keys)).all()
    if by is None:
        return dict(rows), {}  # type: ignore[arg-type]
    inner = {(line, key): n for line, key, n in rows}
    return {line: n for (line, key), n in inner.items() if key == getattr(flt, by)}, inner


def hidden_beside(inner: Inner, key: str, shown: Callable[[dict[Line, int]], Mapping[Line, Hidden]], total: bool = True,
                  kept: Collection[Line] | None = None) -> dict[Line, Hidden]:
    """Rows that must not be shown of this commune or channel. shown: from the sums of all, what the page of all hides of them.

    kept: the rows that any of these pages may show; the others, which stand together everywhere, are taken together.
    """
    if not inner:
        return {}
    if kept is not None:
        folded: dict[tuple[Line, str | None], int] = defaultdict(int)
        for (line, own), n in inner.items():
            folded[line if line in kept else "", own] += n
        inner = folded
    lines, keys = (sorted({pair[at] for pair in inner}, key=lambda one: (one is None, str(one))) for at in (0, 1))
    sums: dict[Line, int] = defaultdict(int)
    below: dict[str | None, int] = defaultdict(int)
    for (line, own), n in inner.items():
        sums[line] += n
        below[own] += n
    values = [[sums[line], *(inner.get((line, own), 0) for own in keys)] for line in lines]
    last = [sum(below.values()), *(below[own] for own in keys)]
    hidden = {**{line: FEW for line, n in sums.items() if few(n)}, **shown(dict(sums))}
    marks: dict[Place, Hidden] = {(r, 0): hidden[line] for r, line in enumerate(lines) if line in hidden}
    marks |= {(len(lines), at + 1): mark for (at, _), mark in hide_column(last[1:]).marks.items()}
    marks |= {(len(lines), 0): FEW} if few(last[0]) else {}
    found = hide_crossed([*values, last], marks, total=total).marks
    return {lines[r]: mark for (r, c), mark in found.items() if r < len(lines) and c == keys.index(key) + 1} if key in keys else {}


def together(*marks: Mapping[Line, Hidden]) -> dict[Line, Hidden]:
    """What is hidden in any of them, "<5" before "ẩn"."""
    found: dict[Line, Hidden] = {}
    for one in marks:
        found |= {line: mark for line, mark in one.items() if found.get(line) is not FEW}
    return found
