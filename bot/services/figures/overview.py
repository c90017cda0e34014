"""The overview: what page, export and tests take. `tables` gives everything, already hidden where it must be.

What is hidden, and why: bot/services/figures/seen.py.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import places
from bot.services.figures.counts import By, Key
from bot.services.figures.measures import measures_of
from bot.services.figures.periods import Filter
from bot.services.figures.seen import MOST_CHOSEN, Headline, Seen, chosen_of, made, seen
from bot.services.figures.table import KEPT, Cell, Column, Kind, Table
from bot.services.operations import CHANNEL_NAMES
from bot.store.tables import CourseVersion

HIDDEN_NOTE = "“<5”: có nhưng dưới năm người. “ẩn”: che để không tính ngược ra ô “<5”."
SIDES: dict[By, str] = {"week": "Theo tuần", "channel": "Theo kênh", "commune": "Theo xã, phường", "course": "Theo khóa học"}
FIRST: dict[By, str] = {"week": "Tuần từ ngày", "channel": "Kênh", "commune": "Xã, phường", "course": "Khóa học"}


def table_by(flt: Filter, by: By, found: Seen, names: dict[Key, str]) -> Table:
    """Every figure by week, channel, commune or course, with the total below."""
    measures, side, total = measures_of(flt, by), found.sides[by], found.total
    cells: list[tuple[Cell, ...]] = []
    for key in sorted(side.rows, key=_order(by, names)):
        hidden = side.hidden(key)
        cells.append((_name(by, key, names), *(made(m, side.rows[key], hidden) for m in measures)))
    if cells:
        cells.append(("Tất cả", *(total.cell(m) for m in measures)))
    first = Column(by, FIRST[by], "day" if by == "week" else "text")
    note = HIDDEN_NOTE
    if by == "course":
        note += " Hàng “Tất cả” tính cả lượt đánh giá câu trả lời và việc khác."
    return Table(f"theo-{by}", SIDES[by], (first, *(Column(m.key, m.short, m.kind) for m in measures)), tuple(cells), note, totals=bool(cells))


def _order(by: By, names: dict[Key, str]) -> Callable[[Key], tuple]:
    return lambda key: (key is None, key if isinstance(key, date) else places.plain(_name(by, key, names)))


def _name(by: By, key: Key, names: dict[Key, str]) -> date | str:
    if key is None:
        return "Chưa rõ nơi ở" if by == "commune" else "Không rõ"
    return key if isinstance(key, date) else names.get(key, key)


def change(now: Cell, before: Cell, kind: Kind) -> str:
    """The difference to the period before in words: "tăng 120 (+12,5 %)"; "" where there is none to tell."""
    if not isinstance(now, int | float) or not isinstance(before, int | float):
        return ""
    difference = now - before
    unit = {"percent": " điểm %", "points": " điểm", "score": " điểm"}.get(kind, "")
    said = _number(abs(difference), 0 if kind == "count" else 1)
    if not said.strip("0,"):
        return "không đổi"
    share = f" ({'+' if difference > 0 else '−'}{_number(abs(100 * difference / before), 1)} %)" if kind == "count" and before else ""
    return f"{'tăng' if difference > 0 else 'giảm'} {said}{unit}{share}"


def _number(value: float, places_: int) -> str:
    return f"{value:,.{places_}f}".translate(str.maketrans(",.", ".,"))


def summary(flt: Filter, now: Headline, before: Headline) -> Table:
    """The first table: each figure, the period before, the difference, what it counts."""
    columns = (Column("figure", "Chỉ số", "text"), Column("now", "Kỳ này", "number"), Column("before", "Kỳ trước", "number"),
               Column("change", "Thay đổi", "text"))
    measures = measures_of(flt)
    rows = tuple((m.title, now.cell(m), before.cell(m), change(now.cell(m), before.cell(m), m.kind)) for m in measures)
    return Table("tong-quan", "Tổng quan", columns, rows, f"Kỳ này: {flt.period}. Kỳ trước: {flt.period.before}. {HIDDEN_NOTE}",
                 tuple((m.title, m.definition) for m in measures), row_kinds=tuple(m.kind for m in measures))


def course_names(session: Session) -> dict[Key, str]:
    """slug -> title, as last published; in the order of the titles."""
    rows = session.execute(select(CourseVersion.slug, CourseVersion.document["title"].as_string()).order_by(CourseVersion.live, CourseVersion.id))
    return dict(sorted(((slug, title or slug) for slug, title in rows), key=lambda pair: places.plain(pair[1])))


def sides_of(flt: Filter) -> list[By]:
    """The dimensions that still divide anything; none with two things chosen (bot/services/figures/seen.py)."""
    chosen = chosen_of(flt)
    return [by for by in SIDES if by not in chosen] if len(chosen) < MOST_CHOSEN else []


def tables(session: Session, flt: Filter) -> list[Table]:
    """Everything the overview shows: the summary, then by week, channel, commune and course. Raises Refusal."""
    sides = sides_of(flt)
    found = seen(session, flt, *sides)
    before = seen(session, replace(flt, period=flt.period.before)).total
    if "joined" in found.total.hidden:  # people at the end of both periods would tell how many joined in between
        before = replace(before, hidden=before.hidden | {"citizens": KEPT})
    names: dict[By, dict[Key, str]] = {"channel": dict(CHANNEL_NAMES), "course": course_names(session)}
    return [summary(flt, found.total, before), *(table_by(flt, by, found, names.get(by, {})) for by in sides)]
