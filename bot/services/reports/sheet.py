"""Tables as CSV and XLSX, row by row: a large one takes no more memory than a small one. Cells a spreadsheet would compute are harmless."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from bot.services.figures.table import Cell, Column, Hidden, Table
from bot.services.results import FORMULA

MARK = "\ufeff"
"""By which Excel knows that a CSV file is UTF-8."""
CHUNK = 64 * 1024
ROWS_A_SHEET = 1_000_000
"""Excel takes 1,048,576 lines a sheet; the heading and the note are among them."""
FORMATS = {"count": "#,##0", "percent": '0.0" %"', "points": '+0.0;-0.0;0.0', "score": "0.0", "number": "0.0", "day": "dd/mm/yyyy"}
UNITS = {"percent": " (%)", "points": " (điểm)"}


@dataclass(frozen=True)
class Sheet:
    """A table whose rows come one after another, and may be gone through once. key: ASCII; names the file and the sheet."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[tuple[Any, ...]]
    note: str = ""
    row_kinds: tuple[str, ...] = ()

    @classmethod
    def of(cls, table: Table) -> "Sheet":
        """A table of figures with its notes and definitions."""
        notes = [table.note, *(f"{term}: {meaning}" for term, meaning in table.definitions)]
        return cls(table.key, table.title, table.columns, table.rows, " ".join(n for n in notes if n), table.row_kinds)


def heading(column: Column) -> str:
    return column.heading if any(c in column.heading for c in "%(") else column.heading + UNITS.get(column.kind, "")


def harmless(text: str) -> str:
    """The text without control characters, behind an apostrophe when a spreadsheet would take it for a formula."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{text}" if text[:1] in FORMULA else text


def plain(cell: Cell) -> str | int | float:
    """A cell as CSV has it: numbers with a point, days as 2026-11-24, "" for what is not there, hidden ones by their mark."""
    if cell is None:
        return ""
    if isinstance(cell, Hidden):
        return cell.mark
    if isinstance(cell, date):
        return cell.isoformat()
    return harmless(cell) if isinstance(cell, str) else round(cell, 3) if isinstance(cell, float) else cell


def as_csv(sheets: Iterable[Sheet]) -> Iterator[bytes]:
    """The file in pieces of some 64 kB. Several tables stand one under the other, each under its title, an empty line between."""
    out = io.StringIO()
    out.write(MARK)
    writer = csv.writer(out)
    many = False
    for sheet in sheets:
        if many:
            writer.writerow(())
        if isinstance(sheets, (list, tuple)) and len(sheets) > 1:
            writer.writerow((harmless(sheet.title),))
        many = True
        writer.writerow(harmless(heading(c)) for c in sheet.columns)
        for row in sheet.rows:
            writer.writerow([plain(cell) for cell in row])
            if out.tell() > CHUNK:
                yield out.getvalue().encode()
                out.seek(0)
                out.truncate()
    yield out.getvalue().encode()


def write_xlsx(sheets: Iterable[Sheet], out: IO[bytes]) -> int:
    """A workbook with one sheet a table, on disk as it goes; returns how many rows it has without headings."""
    book = Workbook(write_only=True)
    count, names = 0, set()
    for sheet in sheets:
        count += _fill(book, sheet, names)
    book.save(out)
    return count


def _fill(book: Workbook, sheet: Sheet, names: set[str]) -> int:
    page, count = None, 0
    styled: dict[tuple[int, str], WriteOnlyCell] = {}
    for row in sheet.rows:
        if page is None or (count and count % ROWS_A_SHEET == 0):
            page = _page(book, sheet, names)
            styled.clear()
        own = sheet.row_kinds[count] if sheet.row_kinds else "number"
        kinds = [own if c.kind == "number" else c.kind for c in sheet.columns]
        page.append([_cell(page, styled, at, cell, kind) for at, (cell, kind) in enumerate(zip(row, kinds, strict=True))])
        count += 1
    page = page or _page(book, sheet, names)
    if sheet.note:
        page.append([])
        page.append([harmless(sheet.note)])
    return count


def _page(book: Workbook, sheet: Sheet, names: set[str]) -> Any:
    """A new sheet with its heading line. Names are the keys, numbered when a table needs more than one."""
    name = sheet.key[:28]
    name = name if name not in names else f"{name}-{sum(n.startswith(name) for n in names) + 1}"
    names.add(name)
    page = book.create_sheet(name)
    page.freeze_panes = "A2"
    for at, column in enumerate(sheet.columns):
        letter = chr(ord("A") + at) if at < 26 else f"A{chr(ord('A') + at - 26)}"
        page.column_dimensions[letter].width = max(12, min(48, len(heading(column)) + 4))
    cells = []
    for column in sheet.columns:
        cell = WriteOnlyCell(page, harmless(heading(column)))
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        cells.append(cell)
    page.append(cells)
    return page


def _cell(page: Any, styled: dict[tuple[int, str], WriteOnlyCell], at: int, value: Cell, kind: str) -> Any:
    """Text as it is, numbers and days with the format of their column, so that Excel can go on counting.

    styled: the cells by column and kind; a row is on disk once it is appended, so the next one takes the same, and no style is made anew.
    """
    if isinstance(value, (int, float, date)) and not isinstance(value, bool):
        cell = styled.get((at, kind))
        if cell is None:
            cell = styled[at, kind] = WriteOnlyCell(page)
            cell.number_format = FORMATS.get(kind, "General")
        cell.value = value
        return cell
    return "" if value is None else value.mark if isinstance(value, Hidden) else harmless(str(value))
