"""Cells under five people are hidden, and so many more that no hidden cell can be worked out from what is shown.

A reader is taken to know the totals, the shown cells, that "<5" is 1 to 4 (at least 1 where the cell counts things of fewer than
five people) and that "ẩn" is at least 5. A hidden cell is safe when it could have another value with every sum and bound kept: in
a column, when another cell can give what it takes; in a table of parts and their sum, when a chain of hidden cells from row to
column to row leads back to it (the sums are a network, so this check is exact). What is hidden beside is chosen greedily, the
smallest first. The same numbers always hide the same cells.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from bot.services.figures.table import FEW, KEPT, Cell, Hidden

LEAST = 5
"""So many people a cell needs to be shown."""
Place = tuple[int, int]


@dataclass(frozen=True)
class Hiding:
    """What stands in hidden cells, by (row, column); every cell that is not among them is shown."""

    marks: dict[Place, Hidden]

    def cell(self, row: int, column: int, value: Cell) -> Cell:
        return self.marks.get((row, column), value)


def few(people: int) -> bool:
    """Somebody, but too few to be shown."""
    return 0 < people < LEAST


def hide_column(values: Sequence[int], people: Sequence[int] | None = None, total: bool = True) -> Hiding:
    """What to hide of one column of counts; its places are (row, 0).

    people: how many people stand behind each value, when it counts something else. total: the sum is shown, here or elsewhere.
    Where nothing else helps, all cells get the same mark, the empty ones too: then each may be anything up to the total. A column
    of one row is its own total, which its caller has to hide.
    """
    marks: dict[Place, Hidden] = {(r, 0): FEW for r, n in enumerate(people or values) if few(n)}
    beside = sorted((v, r) for r, v in enumerate(values) if v and (r, 0) not in marks)
    while total and marks and not _column_safe(values, people is None, marks, beside[0][0] if beside else inf):
        if not beside:
            return Hiding({(r, 0): KEPT for r in range(len(values))})
        marks[beside.pop(0)[1], 0] = KEPT
    return Hiding(marks)


def _column_safe(values: Sequence[int], people: bool, marks: dict[Place, Hidden], most: float) -> bool:
    """most: the smallest shown value, which no cell hidden beside exceeds: the reader knows how those are chosen."""
    bounds = {place: (1, LEAST - 1 if people else inf) if mark is FEW else (LEAST, most) for place, mark in marks.items()}
    gives = {p for p, (least, _) in bounds.items() if values[p[0]] > least}
    takes = {p for p, (_, top) in bounds.items() if values[p[0]] < top}
    return all((p in takes and gives - {p}) or (p in gives and takes - {p}) for p in bounds)


def hide_parts(values: Sequence[Sequence[int]], people: Sequence[Sequence[int]] | None = None, total: bool = True,
               also: dict[Place, Hidden] | None = None) -> Hiding:
    """What to hide of a table whose first column is, row by row, the sum of the others, and whose column totals are shown.

    people, total: as in `hide_column`; so is what happens where nothing else helps, in each column that has anything at all.
    also: what must be hidden for another table's sake.
    """
    marks: dict[Place, Hidden] = {(r, c): FEW for r, row in enumerate(people or values) for c, n in enumerate(row) if few(n)}
    found = _closed(_Parts(values, people is None, total, (also or {}) | marks))
    return Hiding(found if found is not None else _all_of(values))


def hide_crossed(values: Sequence[Sequence[int]], marks: dict[Place, Hidden], people: Sequence[Sequence[int]] | None = None, total: bool = True) -> Hiding:
    """What to hide of a table that several filters show piece by piece: its first column and its last row hold the sums of the others.

    marks: what is hidden already: of the sums all that ever is, for they are shown elsewhere and nothing of them is hidden beside.
    Where nothing else helps, everything but the sums is hidden. people: as in `hide_column`; total: the rows add up to the last one.
    """
    last = len(values) - 1
    inner = {(r, c): FEW for r, row in enumerate(people or values) for c, n in enumerate(row) if r != last and c and few(n)}
    found = _closed(_Parts(values, people is None, total, marks | inner, last))
    return Hiding(found if found is not None else _all_of(values, last) | marks)


def _all_of(values: Sequence[Sequence[int]], last: int = -1) -> dict[Place, Hidden]:
    """Every cell of the columns that have anything; of a table with sums in its last row and first column only the others."""
    return {(r, c): KEPT for c, column in enumerate(zip(*values, strict=True)) if any(column) and (c or last < 0)
            for r in range(len(values)) if r != last}


def _closed(table: "_Parts") -> dict[Place, Hidden] | None:
    """The marks, and so many more that none can be worked out; None when that cannot be had. A cell once safe stays so as more is hidden."""
    waiting = sorted(table.marks)
    for place in waiting:  # grows as it is gone through
        while not table.safe(place):
            new = table.cheapest(place)
            if not new:
                return None
            table.hide(new)
            waiting += new
    return table.marks


class _Parts:
    """The hidden cells of a table of parts, as arcs between its rows and its columns.

    A part leads from its row to its column, a sum from its column to its row: then adding along a circle keeps every sum. In the
    row of the sums over all rows (last; -1 where there is none) it is the other way round.
    """

    def __init__(self, values: Sequence[Sequence[int]], people: bool, total: bool, marks: dict[Place, Hidden], last: int = -1):
        self.values, self.marks, self.total, self.last = values, dict(marks), total, last
        self.most_of_few = LEAST - 1 if people else inf
        self.rows: dict[int, list[tuple[Place, bool, bool]]] = {}
        self.ways: dict[int, Counter[int]] = {}
        for place in sorted(self.marks):
            self.rows.setdefault(place[0], []).append((place, *self.moves(place)))
        for r in self.rows:
            self._count(r, 1)
        # what hiding a cell would cost: its value; nothing where it is hidden, and sums of a table with a last row are not to be
        self.cost = [[float(v) if v and (last < 0 or (c and r != last)) else inf for c, v in enumerate(row)] for r, row in enumerate(values)]
        for r, c in self.marks:
            self.cost[r][c] = 0

    def hide(self, places: Sequence[Place]) -> None:
        """These too, though they are not few."""
        for place in places:
            self._count(place[0], -1)
            self.marks[place], self.cost[place[0]][place[1]] = KEPT, 0
            self.rows.setdefault(place[0], []).append((place, *self.moves(place)))
            self._count(place[0], 1)

    def _count(self, r: int, times: int) -> None:
        """Over this row one gets from each column that leads in to each that leads out."""
        leaving = self.leaving(r)
        for a in self.entering(r):
            ways = self.ways.setdefault(a, Counter())
            for b in leaving:
                ways[b] += times

    def column(self, place: Place) -> int:
        """The sum a cell lies on beside its row's; without totals nothing holds the columns together or apart."""
        return place[1] if self.total else -1

    def moves(self, place: Place) -> tuple[bool, bool]:
        """Can something go from the row to the column over this cell, and from the column to the row?"""
        value = self.values[place[0]][place[1]]
        least, most = (1, self.most_of_few) if self.marks[place] is FEW else (LEAST, inf)
        more, less = value < most, value > least
        return (less, more) if (place[1] == 0) != (place[0] == self.last) else (more, less)

    def leaving(self, r: int, but: Place | None = None) -> set[int]:
        return {self.column(p) for p, out, _ in self.rows.get(r, ()) if out and p != but}

    def entering(self, r: int, but: Place | None = None) -> set[int]:
        return {self.column(p) for p, _, back in self.rows.get(r, ()) if back and p != but}

    def leads(self, start: set[int], goal: set[int], without: int) -> bool:
        """Does one get from one of these columns to one of those, not over that row?"""
        if not start or not goal or start & goal:
            return bool(start & goal)
        entering, leaving = self.entering(without), self.leaving(without)
        seen, waiting = set(start), list(start)
        while waiting:
            here = waiting.pop()
            own = leaving if here in entering else ()
            new = {b for b, n in self.ways.get(here, {}).items() if n > (b in own) and b not in seen}
            if new & goal:
                return True
            seen |= new
            waiting += new
        return False

    def safe(self, place: Place) -> bool:
        """Could it have another value?"""
        r, here = place[0], self.column(place)
        out, back = self.moves(place)
        return (out and self.leads({here}, self.entering(r, place), r)) or (back and self.leads(self.leaving(r, place), {here}, r))

    def cheapest(self, stuck: Place) -> list[Place]:
        """The cells to hide that close a circle of hidden cells through this one, of the smallest sum; [] when nothing is left to hide."""
        r, c = stuck
        cost, best, found = self.cost, inf, []
        if not self.total:
            ways = [(v, [(r, n)]) for n, v in enumerate(cost[r]) if 0 < v < inf]
            return min(ways, default=(0, []))[1]
        near = self.joined({self.column(p) for p, *_ in self.rows[r] if p != stuck})
        others = sorted((row[c], o) for o, row in enumerate(cost) if o != r and row[c] < inf)
        for column, here in enumerate(cost[r]):
            here = 0 if column in near else here
            if column == c or here == inf:
                continue
            for there, o in others:
                if here + there >= best:
                    break
                if 0 < here + there + cost[o][column] < best:
                    best, found = here + there + cost[o][column], [(r, column)] * bool(here) + [(o, c), (o, column)]
        if found:
            return [p for p in found if p not in self.marks]
        return min(((v, [(a, b)]) for a, row in enumerate(cost) for b, v in enumerate(row) if 0 < v < inf), default=(0, []))[1]

    def joined(self, start: set[int]) -> set[int]:
        """The columns one gets to from these over hidden cells, either way."""
        seen, waiting = set(start), list(start)
        while waiting:
            here = waiting.pop()
            new = {b for b, n in self.ways.get(here, {}).items() if n} - seen
            seen |= new
            waiting += new
        return seen
