"""What an open table is, and how a CSV with its description becomes one; faults are told to staff by row and column."""

import csv
import io
import string
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import Refusal
from bot.language.sensitive import mask

MOST_ROWS, MOST_CELL = 20_000, 2_000


class Column(BaseModel):
    """filter: rows can be asked for by what stands here ("làng nghề ở Vụ Bản")."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    heading: str = Field(min_length=1, max_length=80)
    filter: bool = False


class Description(BaseModel):
    """words: what questions about this table say. name: the column that names a row; aliases: one with other names, "|" between.

    answer: the card of a row, {column} by column. unknown: what stands there for an empty cell. caution: said with every card.
    grade: A, a document of an office that the source names; B, a source that can be looked up; C, neither: said before every answer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    format: Literal[1]
    slug: str = Field(pattern=r"^[a-z0-9-]{3,40}$")
    title: str = Field(min_length=3, max_length=120)
    about: str = Field(max_length=400)
    words: tuple[str, ...] = Field(min_length=1, max_length=40)
    name: str
    aliases: str = ""
    columns: dict[str, Column] = Field(min_length=1, max_length=40)
    answer: str = Field(min_length=10, max_length=1500)
    unknown: str = "chưa rõ"
    source: str = Field(min_length=5, max_length=300)
    grade: Literal["A", "B", "C"] = "B"
    ask_at: str = Field(min_length=3, max_length=200)
    caution: str = Field("", max_length=300)
    checked_on: date
    licence: str = Field(min_length=3, max_length=200)
    owner: str = Field(min_length=2, max_length=80)

    @model_validator(mode="after")
    def fits(self):
        for used in (self.name, *([self.aliases] if self.aliases else [])):
            if used not in self.columns:
                raise ValueError(f"không có cột {used} trong phần columns")
        try:
            gaps = {name for _, name, spec, conversion in string.Formatter().parse(self.answer) if name is not None}
        except ValueError as error:
            raise ValueError("mẫu câu trả lời có dấu { hoặc } thừa") from error
        for gap in sorted(gaps - self.columns.keys()):
            raise ValueError(f"mẫu câu trả lời nhắc cột {{{gap}}} không có trong bảng")
        return self


@dataclass(frozen=True)
class Fault:
    """row: 1-based line of the CSV, 0 for the description. remedy: a sentence in Vietnamese."""

    row: int
    column: str
    remedy: str

    def __str__(self) -> str:
        where = f"dòng {self.row}{f', cột {self.column}' if self.column else ''}" if self.row else f"bản mô tả{f', mục {self.column}' if self.column else ''}"
        return f"{where}: {self.remedy}"


class BadTable(Refusal):
    """The files cannot be taken; every fault is named, nothing was imported."""

    def __init__(self, faults: list[Fault]):
        self.faults = faults
        super().__init__("\n".join(map(str, faults[:50])))


@dataclass(frozen=True)
class Table:
    """rows: one mapping of column to text each, NFC, trimmed."""

    description: Description
    rows: tuple[dict[str, str], ...]

    @classmethod
    def of(cls, stored: dict[str, Any], rows: list[dict[str, str]]) -> "Table":
        """What was published once."""
        return cls(Description.model_validate(stored), tuple(rows))


def read(described: bytes, sheet: bytes) -> Table:
    """Both files as a table. Raises BadTable with everything that is wrong in them."""
    description = description_of(described)
    faults: list[Fault] = []
    rows = list(rows_of(description, sheet, faults))
    if not faults and not rows:
        faults.append(Fault(1, "", "bảng chưa có dòng dữ liệu nào"))
    if faults:
        raise BadTable(faults)
    return Table(description, tuple(rows))


def description_of(described: bytes) -> Description:
    try:
        found = YAML(typ="safe").load(described.decode("utf-8-sig"))
    except (UnicodeDecodeError, YAMLError, ValueError) as error:
        raise BadTable([Fault(0, "", "không đọc được; hãy lưu tệp YAML bằng mã UTF-8")]) from error
    try:
        return Description.model_validate(found)
    except ValidationError as error:
        raise BadTable([Fault(0, ".".join(map(str, e["loc"])), told(e)) for e in error.errors()]) from error


def told(error: Any) -> str:
    """pydantic's error in the words of whoever keeps the table."""
    kind = error["type"]
    if kind == "value_error":
        return str(error["ctx"]["error"])
    expected = error.get("ctx", {}).get("expected", "")
    return {"missing": "thiếu mục này", "extra_forbidden": "không có mục này; xem lại chính tả",
            "literal_error": f"phải là {str(expected).replace(' or ', ' hoặc ')}",
            "string_too_short": "còn trống hoặc quá ngắn", "string_too_long": "quá dài",
            "string_pattern_mismatch": "chỉ dùng chữ thường không dấu, số và gạch nối",
            "date_parsing": "ghi ngày dạng 2026-11-29", "date_from_datetime_parsing": "ghi ngày dạng 2026-11-29"}.get(kind, "giá trị không đúng kiểu")


def rows_of(description: Description, sheet: bytes, faults: list[Fault]) -> Iterator[dict[str, str]]:
    """The rows that are right; what is not goes into faults."""
    try:
        text = unicodedata.normalize("NFC", sheet.decode("utf-8-sig"))
    except UnicodeDecodeError:
        faults.append(Fault(1, "", "không phải UTF-8; trong Excel chọn “CSV UTF-8” khi lưu"))
        return
    first = text.partition("\n")[0]
    # Excel with Vietnamese settings writes semicolons
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        heads = [h.strip() for h in next(reader, [])]
        if missing := [c for c in description.columns if c not in heads]:
            faults.append(Fault(1, missing[0], "thiếu cột này ở dòng đầu"))
            return
        if strange := [h for h in heads if h not in description.columns]:
            faults.append(Fault(1, strange[0] or "(trống)", "cột này không có trong bản mô tả"))
            return
        if len(set(heads)) < len(heads):
            faults.append(Fault(1, next(h for h in heads if heads.count(h) > 1), "cột này có hai lần"))
            return
        seen: dict[str, int] = {}
        for cells in reader:
            if not any(c.strip() for c in cells):
                continue
            if len(seen) >= MOST_ROWS:
                faults.append(Fault(reader.line_num, "", f"bảng dài quá {MOST_ROWS} dòng"))
                return
            if (row := checked(description, heads, cells, reader.line_num, seen, faults)) is not None:
                yield row
    except csv.Error:
        faults.append(Fault(reader.line_num, "", "dấu nháy hoặc dấu phẩy không khớp"))


def checked(description: Description, heads: list[str], cells: list[str], line: int, seen: dict[str, int],
            faults: list[Fault]) -> dict[str, str] | None:
    if len(cells) != len(heads):
        faults.append(Fault(line, "", f"có {len(cells)} ô, dòng đầu có {len(heads)}; ô chứa dấu phẩy phải đặt trong dấu nháy"))
        return None
    row, before = {h: c.strip() for h, c in zip(heads, cells, strict=True)}, len(faults)
    name = row[description.name]
    if not name:
        faults.append(Fault(line, description.name, "ô tên đang trống"))
    elif name in seen:
        faults.append(Fault(line, description.name, f"“{name}” đã có ở dòng {seen[name]}"))
    seen.setdefault(name, line)
    for head, cell in row.items():
        if len(cell) > MOST_CELL:
            faults.append(Fault(line, head, f"dài quá {MOST_CELL} ký tự"))
        if mask(cell)[1]:
            faults.append(Fault(line, head, "có vẻ chứa số định danh, số thẻ hoặc mã bí mật; hãy bỏ ra"))
    return row if len(faults) == before else None
