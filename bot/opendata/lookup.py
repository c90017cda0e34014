"""Which table, and which rows of it, a question asks for."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.language.normalise import fold, normalise
from bot.opendata.model import Table

MOST_LISTED = 8
UNVERIFIED = "⚠️ Chưa kiểm chứng: chưa có văn bản nào xác nhận những điều dưới đây. Cần chắc chắn thì hỏi nơi ghi ở cuối."
"""Before every answer of a table of grade C, which is never stated as fact."""


@dataclass(frozen=True)
class Found:
    """kind: one row; several rows; the table as a whole; nothing. rows: indexes into the table's."""

    kind: Literal["row", "rows", "table", "none"]
    table: Table | None = None
    rows: tuple[int, ...] = ()


def plain(text: str) -> str:
    return re.sub(r"[^\w]+", " ", fold(normalise(text))).strip()


def holds(text: str, phrase: str) -> bool:
    """Does the text hold the phrase as whole words? Both plain."""
    return bool(phrase) and f" {phrase} " in f" {text} "


def find(tables: Sequence[Table], question: str) -> Found:
    """A row by its name first, whichever table it is in; then a table by its words, narrowed by what its filters say."""
    asked = plain(question)
    named: list[tuple[int, Table, int]] = []
    for table in tables:
        for at, row in enumerate(table.rows):
            length = max((len(n) for n in names_of(table, row) if holds(asked, n)), default=0)
            if length:
                named.append((length, table, at))
    if named:
        longest = max(length for length, _, _ in named)
        best = [(table, at) for length, table, at in named if length == longest]
        if len(best) == 1:
            return Found("row", *best[0][:1], (best[0][1],))
        table = best[0][0]
        return Found("rows", table, tuple(at for t, at in best if t is table))
    about = next((t for t in tables if any(holds(asked, plain(w)) for w in t.description.words)), None) or next(
        (t for t in tables if any(holds(asked, f"lang {part}") for part in filters_of(t))), None)  # "làng Xuân Phương làm gì": a village by its place
    if about is None:
        return Found("none")
    rows = narrowed(about, asked)
    if rows is None:
        return Found("table", about, tuple(range(len(about.rows))))
    return Found("row" if len(rows) == 1 else "rows", about, rows)


def names_of(table: Table, row: dict[str, str]) -> list[str]:
    given = [row[table.description.name], *(row[table.description.aliases].split("|") if table.description.aliases else [])]
    return [p for one in given if len(p := plain(one)) >= 4]


def narrowed(table: Table, asked: str) -> tuple[int, ...] | None:
    """Rows whose filter columns hold what the question names; None when it names nothing of them."""
    by_phrase: dict[str, set[int]] = defaultdict(set)
    for column, one in table.description.columns.items():
        for at, row in enumerate(table.rows) if one.filter else ():
            for part in parts_of(row[column]):
                if holds(asked, part):
                    by_phrase[part].add(at)
    if not by_phrase:
        return None
    # one phrase may stand in several columns (an old district, a new commune); different phrases narrow each other
    return tuple(sorted(set.intersection(*by_phrase.values()) or set.union(*by_phrase.values())))


def filters_of(table: Table) -> set[str]:
    """Everything that the table may be narrowed by."""
    return {part for column, one in table.description.columns.items() if one.filter for row in table.rows for part in parts_of(row[column])}


def parts_of(cell: str) -> list[str]:
    """What a cell may be asked for by: its parts between commas, each also without the kind of unit."""
    found = []
    for part in re.split(r"[,;|]| và ", cell):
        one = plain(part)
        bare = re.sub(r"^(?:xa|phuong|thi tran|huyen|tinh|thanh pho|lam|trong) ", "", one)
        found += [p for p in {one, bare} if len(p) >= 3]
    return found


def card(table: Table, at: int) -> str:
    """The answer for one row, with source, date and where to ask."""
    said, row = table.description, table.rows[at]
    text = said.answer.format(**{column: row[column] or said.unknown for column in said.columns})
    return f"{warned(table)}{text}\n{f'{said.caution} ' if said.caution else ''}{source(table)}"


def warned(table: Table) -> str:
    """What stands before an answer of this table: a line, or nothing."""
    return f"{UNVERIFIED}\n" if table.description.grade == "C" else ""


def source(table: Table) -> str:
    said = table.description
    return f"Nguồn: {said.source}. Đối chiếu ngày {said.checked_on:%d/%m/%Y}. Hỏi thêm: {said.ask_at}."
