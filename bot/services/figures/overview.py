"""The overview: what page, export and tests take. `tables` gives everything, already hidden where it must be.

How cells are hidden: bot/services/figures/hiding.py. A figure that is hidden as a whole is hidden in every row of the
page; with a commune, channel or course chosen, whatever the table of all of them would hide is hidden here too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import places
from bot.services.figures import counts
from bot.services.figures.counts import By, Key
from bot.services.figures.hiding import Hiding, few, hide_column, hide_parts
from bot.services.figures.measures import MEASURES, PARTS, Measure, measures_of
from bot.services.figures.periods import Filter
from bot.services.figures.table import FEW, KEPT, Cell, Column, Hidden, Kind, Table
from bot.services.operations import CHANNEL_NAMES
from bot.store.tables import CourseVersion

HIDDEN_NOTE = "“<5”: có nhưng dưới năm người. “ẩn”: che để không tính ngược ra ô “<5”."
SIDES: dict[By, str] = {"week": "Theo tuần", "channel": "Theo kênh", "commune": "Theo xã, phường", "course": "Theo khóa học"}
FIRST: dict[By, str] = {"week": "Tuần từ ngày", "channel": "Kênh", "commune": "Xã, phường", "course": "Khóa học"}


@dataclass
class Row:
    """The counts of one key, and how many people stand behind those that do not count people."""

    values: dict[str, float]
    people: dict[str, int]


def rows_by(session: Session, flt: Filter, *bys: By) -> dict[By, dict[Key, Row]]:
    """Everything that is counted, by each of these dimensions."""
    found: dict[By, dict[Key, Row]] = {by: {} for by in bys}

    def put(by: By, key: Key, values: dict[str, float], people: dict[str, int] | None = None) -> None:
        row = found[by].setdefault(key, Row({}, {}))
        row.values |= values
        row.people |= people or {}

    for by, learned in counts.learning(session, flt, bys).items():
        for key, n in learned.items():
            put(by, key, {"enrolled": n.enrolled, "begun": n.begun, "completed": n.completed, "both": n.both, "gain": n.gain},
                {"enrolled": n.enrolled_people, "begun": n.begun_people, "completed": n.completed_people, "both": n.both_people})
    for by, ratings in counts.rated(session, flt, bys).items():
        for key, rated in ratings.items():
            put(by, key, rated._asdict())
    bys = tuple(by for by in bys if by != "course")
    if flt.course or not bys:
        return found
    for name, measure in (("citizens", counts.citizens), ("joined", counts.joined), ("active", counts.active)):
        for by, people in measure(session, flt, bys).items():
            for key, count in people.items():
                put(by, key, {name: count})
    for by, questions in counts.asked(session, flt, bys).items():
        for key, asking in questions.items():
            put(by, key, asking._asdict())
    for by, messages in counts.reminding(session, flt, bys).items():
        for key, sent in messages.items():
            put(by, key, {"sent": sent.sent, "replied": sent.replied}, {"sent": sent.sent_people, "replied": sent.replied_people})
    return found


@dataclass(frozen=True)
class Headline:
    """The figures of one period, and which of them nobody may see."""

    row: Row
    hidden: dict[str, Hidden]

    def cell(self, measure: Measure) -> Cell:
        return made(measure, self.row, self.hidden)


def made(measure: Measure, row: Row, hidden: dict[str, Hidden]) -> Cell:
    """A count, or a share or mean of two; hidden when what it is made of is."""
    if measure.of is None:
        return hidden.get(measure.key, row.values.get(measure.key, 0))
    top, below = measure.of
    if top in hidden or below in hidden:
        return KEPT
    if not row.values.get(below):
        return None
    return (100 if measure.kind == "percent" else 1) * row.values.get(top, 0) / row.values[below]


def headline(session: Session, flt: Filter, row: Row | None = None) -> Headline:
    """The figures of the filter's period as a whole. row: its counts, when they are known already."""
    hidden: dict[str, Hidden] = {}
    for by, chosen in (("commune", flt.commune), ("channel", flt.channel), ("course", flt.course)):
        if chosen:
            hidden |= _hidden_beside(session, replace(flt, **{by: ""}), by, chosen)
    row = row or rows_by(session, flt, "all")["all"].get("", Row({}, {}))
    hidden |= {m.key: FEW for m in MEASURES if m.of is None and few(row.people.get(m.key, int(row.values.get(m.key, 0))))}
    return Headline(row, _as_whole(hidden))


def _hidden_beside(session: Session, flt: Filter, by: By, chosen: str) -> dict[str, Hidden]:
    """What the table of all communes (channels, courses) hides in the row that was chosen."""
    rows = rows_by(session, flt, by)[by]
    if chosen not in rows:
        return {}
    at = list(rows).index(chosen)
    hidings = _hidings(list(rows.values()), measures_of(flt, by), {}, by)
    return {m: marks.marks[at, c] for m, (marks, c) in hidings.items() if (at, c) in marks.marks}


def _as_whole(hidden: dict[str, Hidden]) -> dict[str, Hidden]:
    """Questions and their parts: when one is hidden, no part is shown, for the others would betray it."""
    if any(p in hidden for p in PARTS):
        return dict.fromkeys(PARTS[1:], KEPT) | hidden
    return hidden


def _hidings(rows: Sequence[Row], measures: Sequence[Measure], whole: dict[str, Hidden], by: By) -> dict[str, tuple[Hiding, int]]:
    """measure -> what is hidden of its column, and the column's number there. whole: what is hidden in the total."""
    found: dict[str, tuple[Hiding, int]] = {}
    plain = [m for m in measures if m.of is None]
    if all(p in {m.key for m in plain} for p in PARTS) and not any(p in whole for p in PARTS):
        parts = hide_parts([[int(r.values.get(p, 0)) for p in PARTS] for r in rows])
        found = {p: (parts, c) for c, p in enumerate(PARTS)}
    for m in plain:
        if m.key in found:
            continue
        values = [int(r.values.get(m.key, 0)) for r in rows]
        if m.key in whole:
            mark = whole[m.key]
            found[m.key] = (Hiding({(r, 0): mark for r, v in enumerate(values) if v or mark is KEPT}), 0)
        else:
            people = [r.people.get(m.key, v) for r, v in zip(rows, values, strict=True)]
            found[m.key] = (hide_column(values, people if people != values else None, total=by not in m.untied), 0)
    return found


def table_by(flt: Filter, by: By, found: dict[Key, Row], total: Headline, names: dict[Key, str]) -> Table:
    """Every figure by week, channel, commune or course, with the total below. found: the counts of each."""
    measures = measures_of(flt, by)
    if by == "week":
        found |= {monday: Row({}, {}) for monday in flt.period.weeks() if monday not in found}
    keys = sorted(found, key=_order(by, names))
    rows = [found[k] for k in keys]
    hidings = _hidings(rows, measures, total.hidden, by)
    cells: list[tuple[Cell, ...]] = []
    for at, key in enumerate(keys):
        hidden = {m: marks.marks[at, c] for m, (marks, c) in hidings.items() if (at, c) in marks.marks}
        cells.append((_name(by, key, names), *(made(m, rows[at], hidden) for m in measures)))
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
    """The dimensions that still divide anything."""
    chosen = {"channel": flt.channel, "commune": flt.commune, "course": flt.course}
    return [by for by in SIDES if not chosen.get(by)]


def tables(session: Session, flt: Filter) -> list[Table]:
    """Everything the overview shows: the summary, then by week, channel, commune and course."""
    sides = sides_of(flt)
    found = rows_by(session, flt, "all", *sides)
    now, before = headline(session, flt, found["all"].get("", Row({}, {}))), headline(session, replace(flt, period=flt.period.before))
    names: dict[By, dict[Key, str]] = {"channel": dict(CHANNEL_NAMES), "course": course_names(session)}
    return [summary(flt, now, before), *(table_by(flt, by, found[by], now, names.get(by, {})) for by in sides)]
