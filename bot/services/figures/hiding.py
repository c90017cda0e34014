"""Cells under five people are hidden, and so many more that no hidden cell can be worked out from what is shown.

A reader is taken to know the totals, the shown cells, that "<5" is 1 to 4 (at least 1 where the cell counts things of fewer than
five people) and that "ẩn" is at least 5. A hidden cell is safe when it could have another value with every sum and bound kept: in
a column, when another cell can give what it takes; in a table of parts and their sum, when a chain of hidden cells from row to
column to row leads back to it (the sums are a network, so this check is exact). What is hidden beside is chosen greedily, the
smallest first. The same numbers always hide the same cells.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
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


def hide_parts(values: Sequence[Sequence[int]], people: Sequence[Sequence[int]] | None = None, total: bool = True) -> Hiding:
    """What to hide of a table whose first column is, row by row, the sum of the others, and whose column totals are shown.

    people, total: as in `hide_column`; so is what happens where nothing else helps, in each column that has anything at all.
    """
    marks: dict[Place, Hidden] = {(r, c): FEW for r, row in enumerate(people or values) for c, n in enumerate(row) if few(n)}
    while (stuck := _Parts(values, people is None, total, marks).stuck()) is not None:
        new = _cheapest(values, marks, stuck, total)
        if not new:
            return Hiding({(r, c): KEPT for c, column in enumerate(zip(*values, strict=True)) if any(column) for r in range(len(values))})
        marks |= dict.fromkeys(new, KEPT)
    return Hiding(marks)


def _cheapest(values: Sequence[Sequence[int]], marks: dict[Place, Hidden], stuck: Place, total: bool) -> list[Place]:
    """The cells to hide that make a rectangle of hidden cells with this one, of the smallest sum; [] when nothing is left to hide."""
    r, c = stuck
    columns = [n for n in range(len(values[r])) if n != c and values[r][n]]
    others = [n for n in range(len(values)) if n != r and values[n][c]] if total else []
    ways = []
    for column in columns:
        for corners in [[(r, column), (o, c), (o, column)] for o in others] if total else [[(r, column)]]:
            new = [p for p in corners if p not in marks]
            if new and all(values[a][b] for a, b in new):
                ways.append((sum(values[a][b] for a, b in new), new))
    left = [(v, [(a, b)]) for a, row in enumerate(values) for b, v in enumerate(row) if v and (a, b) not in marks and (total or a == r)]
    return min(ways or left, default=(0, []))[1]


class _Parts:
    """The hidden cells of a table of parts, as arcs between its rows and its columns.

    A part leads from its row to its column, a sum from its column to its row: then adding along a circle keeps every sum.
    """

    def __init__(self, values: Sequence[Sequence[int]], people: bool, total: bool, marks: dict[Place, Hidden]):
        self.values, self.marks, self.total = values, marks, total
        self.bounds = {p: (1, LEAST - 1 if people else inf) if m is FEW else (LEAST, inf) for p, m in marks.items()}
        self.rows: dict[int, list[Place]] = {}
        for place in sorted(marks):
            self.rows.setdefault(place[0], []).append(place)
        self.ways = Counter(way for r in self.rows for way in self.through(r))

    def column(self, place: Place) -> int:
        """The sum a cell lies on beside its row's; without totals nothing holds the columns together or apart."""
        return place[1] if self.total else -1

    def moves(self, place: Place) -> tuple[bool, bool]:
        """Can something go from the row to the column over this cell, and from the column to the row?"""
        value, (least, most) = self.values[place[0]][place[1]], self.bounds[place]
        more, less = value < most, value > least
        return (less, more) if place[1] == 0 else (more, less)

    def leaving(self, r: int, but: Place | None = None) -> set[int]:
        return {self.column(p) for p in self.rows[r] if p != but and self.moves(p)[0]}

    def entering(self, r: int, but: Place | None = None) -> set[int]:
        return {self.column(p) for p in self.rows[r] if p != but and self.moves(p)[1]}

    def through(self, r: int) -> Iterator[tuple[int, int]]:
        """From which column to which one gets over this row."""
        return ((a, b) for a in self.entering(r) for b in self.leaving(r) if a != b)

    def reached(self, start: set[int], without: int) -> set[int]:
        """The columns one gets to from these, not over that row."""
        own = Counter(self.through(without))
        seen, waiting = set(start), list(start)
        while waiting:
            here = waiting.pop()
            new = {b for (a, b), n in self.ways.items() if a == here and b not in seen and n > own[a, b]}
            seen |= new
            waiting += new
        return seen

    def safe(self, place: Place) -> bool:
        r, here = place[0], self.column(place)
        out, back = self.moves(place)
        return (out and bool(self.reached({here}, r) & self.entering(r, place))) or (back and here in self.reached(self.leaving(r, place), r))

    def stuck(self) -> Place | None:
        """The first hidden cell that could be worked out."""
        return next((p for p in sorted(self.marks) if not self.safe(p)), None)
