"""What a figure page shows and an export writes: one object for both, so that the two can never differ."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["text", "day", "count", "percent", "points", "score", "number"]
"""percent, points: of a hundred, one decimal. score: 1 to 5, one decimal. number: anything else, one decimal. day: local date."""


@dataclass(frozen=True)
class Hidden:
    """A cell whose value nobody may see; mark: what stands there instead, on the page and in every export."""

    mark: str


FEW = Hidden("<5")
"""Somebody, but fewer than five people."""
KEPT = Hidden("ẩn")
"""Enough people, hidden so that another cell of the table cannot be worked out from it."""

Cell = str | int | float | date | Hidden | None
"""None: there is no such figure (a share of nothing); never zero."""


@dataclass(frozen=True)
class Column:
    """heading: Vietnamese, with its unit where the kind does not say it."""

    key: str
    heading: str
    kind: Kind = "count"


@dataclass(frozen=True)
class Table:
    """One table of figures, already hidden where it must be.

    key: ASCII, unique on its page; names sheets and files. rows: cells in the order of the columns, the first cell names the
    row. totals: the last row is the total of the others. note: one sentence below. definitions: (term, what it counts).
    row_kinds: of the numbers of each row, where rows differ instead of columns.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    definitions: tuple[tuple[str, str], ...] = ()
    totals: bool = False
    row_kinds: tuple[Kind, ...] = ()

    def shown(self, row: int, column: int) -> str:
        """A cell as people read it."""
        kind = self.columns[column].kind
        return shown(self.rows[row][column], self.row_kinds[row] if self.row_kinds and kind == "number" else kind)

    def column(self, key: str) -> tuple[Cell, ...]:
        """The cells of one column, top down. Raises KeyError."""
        at = {c.key: n for n, c in enumerate(self.columns)}[key]
        return tuple(row[at] for row in self.rows)


def shown(cell: Cell, kind: Kind = "count") -> str:
    """A cell as people read it: "12.345", "71,4 %", "+8,3 điểm", "<5"; "–" for what is not there."""
    if cell is None:
        return "–"
    if isinstance(cell, Hidden):
        return cell.mark
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, str):
        return cell
    places = 0 if kind == "count" else 1
    said = f"{cell:{'+' if kind == 'points' else ''},.{places}f}".translate(str.maketrans(",.", ".,"))
    return said.replace("-", "−") + {"percent": " %", "points": " điểm"}.get(kind, "")
