"""What of the overview may be seen: its counts within a filter, with what must be hidden of them, also against other filters.

Whoever reads one page may read them all: of everything, of each commune, channel and course. So what is chosen is a row of the
table of all, and a table with something chosen is a column of the table by both (bot/services/figures/crossed.py). There the
sums are hidden as the pages of all hide them, and so much of the rest that no cell can be worked out from the other pages
(hide_crossed). With two things chosen only their figure itself is left, with three nothing: every choice more would have to be
held against all the others.

Weeks of a commune are not held against those of the others where the whole province is seen: those who never named a commune
can be chosen nowhere, so that the communes never add up to a week.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from bot.errors import Refusal
from bot.services.figures import counts
from bot.services.figures.counts import By, Key
from bot.services.figures.crossed import Only, Pair, Row, by_two
from bot.services.figures.hiding import Place, few, hide_column, hide_crossed, hide_parts
from bot.services.figures.measures import PARTS, Measure, measures_of
from bot.services.figures.periods import Filter
from bot.services.figures.table import FEW, KEPT, Cell, Hidden

ROWS_FIRST: tuple[By, ...] = ("week", "commune", "course", "channel")
"""Of two dimensions the one that stands here first makes the rows: sums over weeks need not hold, and columns are better few."""
MOST_CHOSEN = 2
CHOICES: tuple[By, ...] = ("commune", "channel", "course")
Marks = dict[str, dict[Key, Hidden]]
"""measure -> key -> what stands instead of it."""


@dataclass(frozen=True)
class Headline:
    """The figures of one period, and which of them nobody may see."""

    row: Row
    hidden: dict[str, Hidden]

    def cell(self, measure: Measure) -> Cell:
        return made(measure, self.row, self.hidden)


@dataclass(frozen=True)
class Side:
    """The figures by one dimension."""

    rows: dict[Key, Row]
    marks: Marks

    def hidden(self, key: Key) -> dict[str, Hidden]:
        return {measure: of[key] for measure, of in self.marks.items() if key in of}


@dataclass(frozen=True)
class Seen:
    total: Headline
    sides: dict[By, Side]


def made(measure: Measure, row: Row, hidden: Mapping[str, Hidden]) -> Cell:
    """A count, or a share or mean of two; hidden when what it is made of is."""
    if measure.of is None:
        return hidden.get(measure.key, row.values.get(measure.key, 0))
    top, below = measure.of
    if top in hidden or below in hidden:
        return KEPT
    if not row.values.get(below):
        return None
    return (100 if measure.kind == "percent" else 1) * row.values.get(top, 0) / row.values[below]


def rows_by(session: Session, flt: Filter, *bys: By, only: Only = "") -> dict[By, dict[Key, Row]]:
    """Everything that is counted, or only some, by each of these dimensions; every week of the period is there."""
    found: dict[By, dict[Key, Row]] = {by: {} for by in bys}
    if "week" in found:
        found["week"] = {monday: Row() for monday in flt.period.weeks()}

    def put(by: By, key: Key, values: dict[str, float], people: dict[str, int] | None = None) -> None:
        row = found[by].setdefault(key, Row())
        row.values |= values
        row.people |= people or {}

    if "place" in bys:
        found["place"] = dict(by_two(session, flt, "commune", "channel"))
    plain = tuple(by for by in bys if by != "place")
    for by, learned in counts.learning(session, flt, plain).items() if only != "asked" else ():
        for key, n in learned.items():
            put(by, key, {"enrolled": n.enrolled, "begun": n.begun, "completed": n.completed, "both": n.both, "gain": n.gain},
                {"enrolled": n.enrolled_people, "begun": n.begun_people, "completed": n.completed_people, "both": n.both_people})
    for by, ratings in counts.rated(session, flt, plain).items() if only != "asked" else ():
        for key, rated in ratings.items():
            put(by, key, rated._asdict())
    bys = tuple(by for by in bys if by != "course")
    if flt.course or only == "learning" or not bys:
        return found
    for name, measure in (("citizens", counts.citizens), ("joined", counts.joined), ("active", counts.active)) if not only else ():
        for by, people in measure(session, flt, bys).items():
            for key, count in people.items():
                put(by, key, {name: count})
    for by, questions in counts.asked(session, flt, bys).items():
        for key, asking in questions.items():
            put(by, key, asking._asdict())
    for by, messages in counts.reminding(session, flt, bys).items() if not only else ():
        for key, sent in messages.items():
            put(by, key, {"sent": sent.sent, "replied": sent.replied}, {"sent": sent.sent_people, "replied": sent.replied_people})
    return found


def chosen_of(flt: Filter) -> dict[By, str]:
    """What a filter chooses beside the period."""
    return {by: chosen for by in CHOICES if (chosen := getattr(flt, by))}


def seen(session: Session, flt: Filter, *bys: By, only: Only = "") -> Seen:
    """The filter's figures as a whole and by these dimensions; by none where two things are chosen. Raises Refusal where three are."""
    chosen = chosen_of(flt)
    if len(chosen) > MOST_CHOSEN:
        raise Refusal("Xã phường, kênh và khóa học: hãy chọn nhiều nhất hai trong ba. Chọn cả ba thì số còn lại quá ít người, dễ lộ ra ai.", "khoa")
    if not chosen:
        return _of_all(session, flt, bys, only)
    base = replace(flt, **dict.fromkeys(chosen, ""))
    if len(chosen) == MOST_CHOSEN:
        return _of_two(session, base, chosen)
    ((by, key),) = chosen.items()
    wanted = [side for side in bys if side != "week" or by == "course" or (by == "commune" and flt.allowed)]
    places = _places(by, *bys) if by != "course" else ()
    everything = _of_all(session, base, (by, *wanted, *places), "learning" if by == "course" else only)
    there = everything.sides[by]
    total = Headline(there.rows.get(key, Row()), as_whole(there.hidden(key)))
    return Seen(total, {side: _side(session, flt, everything, total, side, by, key, only) for side in bys})


def _of_all(session: Session, flt: Filter, bys: Sequence[By], only: Only = "") -> Seen:
    found = rows_by(session, flt, "all", *bys, only=only)
    row = found["all"].get("", Row())
    total = Headline(row, as_whole({m.key: FEW for m in measures_of(flt) if m.of is None and few(row.behind(m.key))}))
    return Seen(total, {by: Side(found[by], marks_of(found[by], measures_of(flt, by), total.hidden, by) if by != "place" else {}) for by in bys})


def _of_two(session: Session, base: Filter, chosen: dict[By, str]) -> Seen:
    one, other = sorted(chosen, key=ROWS_FIRST.index)
    everything = _of_all(session, base, (one, other, *_places(one, other)), "learning" if "course" in chosen else "")
    inner = _inner(session, base, everything, one, other)
    place = chosen[one], chosen[other]
    marks = crossed_marks(base, everything, one, other, inner)
    return Seen(Headline(inner.get(place, Row()), as_whole({m: of[place] for m, of in marks.items() if place in of})), {})


def _places(*bys: By) -> tuple[By, ...]:
    """What _of_all is to count too, so that `_inner` need not."""
    return ("place",) if {"commune", "channel"} <= {*bys} else ()


def _inner(session: Session, base: Filter, everything: Seen, one: By, other: By, only: Only = "") -> Mapping[Pair, Row]:
    return everything.sides["place"].rows if (one, other) == ("commune", "channel") else by_two(session, base, one, other, only)  # type: ignore[return-value]


def _side(session: Session, flt: Filter, everything: Seen, total: Headline, side: By, by: By, key: str, only: Only) -> Side:
    """By one dimension, with a key of another chosen."""
    if side == "week" and by == "commune" and not flt.allowed:
        rows = rows_by(session, flt, side, only=only)[side]
        return Side(rows, marks_of(rows, measures_of(flt, side), total.hidden, side))
    base = replace(flt, **{by: ""})
    one, other = sorted((side, by), key=ROWS_FIRST.index)
    inner = _inner(session, base, everything, one, other, only)
    if side not in everything.sides:
        weeks = _weeks_of_all(session, base, inner, only)
        everything = replace(everything, sides=everything.sides | {side: Side(weeks, marks_of(weeks, measures_of(base, side), everything.total.hidden, side))})
    marks = crossed_marks(base, everything, one, other, inner)
    at = 0 if one == side else 1
    rows = {pair[at]: row for pair, row in inner.items() if pair[1 - at] == key}
    if side == "week":
        rows = {monday: rows.get(monday, Row()) for monday in flt.period.weeks()}
    return Side(rows, {m: {pair[at]: mark for pair, mark in of.items() if pair[1 - at] == key} for m, of in marks.items()})


def _weeks_of_all(session: Session, base: Filter, inner: Mapping[Pair, Row], only: Only) -> dict[Key, Row]:
    """The weeks of all channels from those of each: nothing is in two channels but a learner."""
    found: dict[Key, Row] = {monday: Row() for monday in base.period.weeks()}
    for (monday, _), row in inner.items():
        for sums, parts in ((found[monday].values, row.values), (found[monday].people, row.people)):
            for name, n in parts.items():
                sums[name] = sums.get(name, 0) + n
    for monday, n in counts.learning(session, base, ("week",))["week"].items() if only != "asked" else ():
        found[monday].people |= {"enrolled": n.enrolled_people, "begun": n.begun_people, "completed": n.completed_people, "both": n.both_people}
    return found


def as_whole(hidden: dict[str, Hidden]) -> dict[str, Hidden]:
    """Questions and their parts: when one is hidden, no part is shown, for the others would betray it."""
    if any(p in hidden for p in PARTS):
        return dict.fromkeys(PARTS[1:], KEPT) | hidden
    return hidden


def _order(key: Key) -> tuple[bool, str]:
    """The same on every page, whatever the database gave first: the same numbers hide the same cells."""
    return key is None, str(key)


def marks_of(found: Mapping[Key, Row], measures: Sequence[Measure], whole: dict[str, Hidden], by: By) -> Marks:
    """What is hidden of each column. whole: what is hidden in the total."""
    keys = sorted(found, key=_order)
    rows = [found[k] for k in keys]
    plain = [m for m in measures if m.of is None]
    marks: Marks = {}
    if all(p in {m.key for m in plain} for p in PARTS) and not any(p in whole for p in PARTS):
        parts = hide_parts([[r.count(p) for p in PARTS] for r in rows]).marks
        marks = {p: {keys[r]: mark for (r, at), mark in parts.items() if at == c} for c, p in enumerate(PARTS)}
    for m in plain:
        if m.key in marks:
            continue
        values = [r.count(m.key) for r in rows]
        if m.key in whole:
            mark = whole[m.key]
            marks[m.key] = {k: mark for k, v in zip(keys, values, strict=True) if v or mark is KEPT}
        else:
            people = [r.behind(m.key) for r in rows]
            found_ = hide_column(values, people if people != values else None, total=by not in m.untied).marks
            marks[m.key] = {keys[r]: mark for (r, _), mark in found_.items()}
    return marks


def crossed_marks(base: Filter, everything: Seen, one: By, other: By, inner: Mapping[Pair, Row]) -> dict[str, dict[Pair, Hidden]]:
    """measure -> place -> what stands there, in the table by two dimensions. everything: the pages of all of both, with their sums."""
    rows, columns = everything.sides[one], everything.sides[other]
    firsts, seconds = (sorted({*side.rows, *(pair[at] for pair in inner)}, key=_order) for at, side in enumerate((rows, columns)))
    last = len(firsts)
    measures = [m for m in measures_of(base, one) if m.of is None and other in m.by]

    def table(of: str, count) -> list[list[int]]:
        body = [[count(rows.rows.get(a, Row()), of), *(count(inner.get((a, b), Row()), of) for b in seconds)] for a in firsts]
        return [*body, [count(everything.total.row, of), *(count(columns.rows.get(b, Row()), of) for b in seconds)]]

    def sums(of: str) -> dict[Place, Hidden]:
        corner = everything.total.hidden.get(of)
        return {(r, 0): rows.marks[of][a] for r, a in enumerate(firsts) if a in rows.marks.get(of, {})} | {
            (last, c): columns.marks[of][b] for c, b in enumerate(seconds, 1) if b in columns.marks.get(of, {})} | ({(last, 0): corner} if corner else {})

    found: dict[str, dict[Place, Hidden]] = {}
    values = {m.key: table(m.key, Row.count) for m in measures}
    people = {m.key: table(m.key, Row.behind) for m in measures}
    for m in measures:
        tied = not {one, other} & set(m.untied)
        found[m.key] = hide_crossed(values[m.key], sums(m.key), people[m.key] if people[m.key] != values[m.key] else None, tied).marks
    if all(p in found for p in PARTS):
        _parts_alike(found, values, last)
    return {m: {(firsts[r], seconds[c - 1]): mark for (r, c), mark in marks.items() if r != last and c} for m, marks in found.items()}


def _parts_alike(found: dict[str, dict[Place, Hidden]], values: dict[str, list[list[int]]], last: int) -> None:
    """Where one part of the questions is hidden, all are that are not nought: else the sum of the questions would tell it."""
    while True:
        together = {place for p in PARTS for place in found[p] if place[0] != last and place[1]}
        more = {p: [at for at in together if at not in found[p] and values[p][at[0]][at[1]]] for p in PARTS[1:]}
        if not any(more.values()):
            return
        for p, places in more.items():
            found[p] = hide_crossed(values[p], found[p] | dict.fromkeys(places, KEPT)).marks
