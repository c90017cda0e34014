"""Procedures imported from the national portal's records: JSON lines in, checked rows out.

Fields are those of `../shared/data/README.md`; its list of known defects is why `facts.py` words things carefully.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import ContentError, Problem
from bot.language.normalise import clean, fold


class Record(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class ImportedPaper(Record):
    name: str
    original: int | str = ""
    copies: int | str = ""
    form: str = ""
    case: str = ""


class ImportedMethod(Record):
    method: str = ""
    duration: str = ""
    fee: str = ""
    note: str = ""


class ImportedProcedure(Record):
    """One row. code may be empty at the source (then one is made from the name). as_of: "YYYY-MM" of the snapshot."""

    code: str = Field(max_length=60)
    name: str = Field(min_length=3)
    field: str = ""
    level: str = ""
    agency: str = ""
    applicants: str = ""
    steps: list[str] = []
    documents: list[ImportedPaper] = []
    methods: list[ImportedMethod] = []
    duration: str = ""
    fee: str = ""
    result: str = ""
    legal_basis: list[str] = []
    conditions: str = ""
    url: str = ""
    promulgated_by: str = ""
    scope: str = "toàn quốc"
    as_of: str = ""
    pre_reform: bool = False
    mentions_district_level: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """What search needs of a record; reading only this is ten times faster than checking it all."""

    name: str
    level: str = ""
    scope: str = "toàn quốc"
    pre_reform: bool = False


def read_headings(path: Path) -> dict[str, Heading]:
    """Headings of a JSONL file by code. Raises ContentError naming the line of what is no record."""
    rows: dict[str, Heading] = {}
    problems: list[Problem] = []
    for number, line in lines_of(path):
        try:
            record = json.loads(line)
            heading = Heading(clean(record["name"]), record.get("level") or "", record.get("scope") or "toàn quốc",
                              bool(record.get("pre_reform")))
            rows[key_of(str(record.get("code") or "").strip(), heading.name)] = heading
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problems.append(Problem(str(path), number, "", f"not a record with a name ({type(error).__name__})"))
    if problems:
        raise ContentError(problems)
    return rows


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """(line number, line) of the lines that hold something. Raises ContentError."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # splitlines would also split at U+2028 inside a text
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError([Problem(str(path), 0, "", f"cannot be read: {error}")]) from error
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def key_of(code: str, name: str) -> str:
    """The row's code; where the source has none, a stable one made from its name."""
    return code or "x-" + hashlib.sha256(fold(name).encode()).hexdigest()[:12]


def read_rows(path: Path) -> dict[str, ImportedProcedure]:
    """Rows of a JSONL file by code, text in NFC. Raises ContentError naming row (line) and field of every defect."""
    rows, defects = rows_of(lines_of(path))
    if defects:
        raise ContentError([Problem(str(path), d.row, d.field, d.sentence) for d in defects])
    return rows


@dataclass(frozen=True, slots=True)
class Defect:
    """What is wrong in a row. error: pydantic's, with its type; {} where it has none to do with the shape. sentence: for developers."""

    row: int
    field: str
    kind: str
    sentence: str
    error: dict[str, Any]


def rows_of(lines: Iterable[tuple[int, str]]) -> tuple[dict[str, ImportedProcedure], list[Defect]]:
    """The good rows by code, text in NFC, and every defect: kind is not_json, twice or shape."""
    rows: dict[str, ImportedProcedure] = {}
    defects: list[Defect] = []
    for number, line in lines:
        try:
            row = ImportedProcedure.model_validate(nfc(json.loads(line)))
        except json.JSONDecodeError as error:
            defects.append(Defect(number, "", "not_json", f"not valid JSON: {error.msg}", {}))
            continue
        except ValidationError as error:
            defects += [Defect(number, ".".join(map(str, e["loc"])), "shape", e["msg"], dict(e)) for e in error.errors()]
            continue
        key = key_of(row.code, row.name)
        if key in rows:
            defects.append(Defect(number, "code", "twice", f"{key} stands in this file twice", {}))
        rows[key] = row
    return rows, defects


def nfc(node: Any) -> Any:
    if isinstance(node, str):
        return clean(node)
    if isinstance(node, list):
        return [nfc(v) for v in node]
    if isinstance(node, dict):
        return {k: nfc(v) for k, v in node.items()}
    return node
