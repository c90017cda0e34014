"""Reads the project's fact sheets (../shared/curriculum/*.md beside the project, where they are present): which row says what, at which grade.

A row is named "<sheet> <row>" in courses' `rows`: "scams K1", "scams #14" (the list of section 2), "scams NB 14/01/2026",
"services P10", "services W6", "frameworks F-ISO1" (the lines that cite a source), "privacy 4" or "privacy mục 4" (a section).
Grades: A, B, C; "-" where a line says "chưa xác minh" and gives no grade.
"""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "curriculum"
SHEETS = {"scams": "scams.md", "services": "services_2026.md", "privacy": "privacy.md", "frameworks": "frameworks.md"}
UNVERIFIED = "-"

_SECTION = re.compile(r"## (\d+)\. ")
_ID = re.compile(r"\|\s*(?:\*\*)?((?:W|P|K)\d+)\b")
_NUMBER = re.compile(r"\|\s*(\d+)\s*\|")
_CASE = re.compile(r"\|\s*(\d\d/\d\d/\d{4}),")
_CODE = re.compile(r"\[([A-ZĐ]+-[A-Z0-9a-z]+)\]")
_GRADE = re.compile(r"(?:Grade |\|\s*|[.;:)] |^)\**([ABC](?:/[ABC])*)\**(?: \([^)|]*\))?\**,? *(?:·|nguồn|\(|\||\[|;|$)")
_BEHIND = re.compile(r"\](?: Đ[\d.]+)? \(([ABC])\)")
"""A grade behind its source: "Nguồn: [V-91] Đ21 (B)"."""
_LIST_OF_24 = ("scams", "2")


@dataclass(frozen=True)
class Line:
    """A line of a sheet. section: its number; names: the rows it may be called by; codes: the sources it cites.

    cited: the grades that stand before a source, where a line has several: "A · nguồn: [V-91]. Ví dụ … C · nguồn: [V-330]".
    """

    sheet: str
    section: str
    names: tuple[str, ...]
    codes: frozenset[str]
    grades: frozenset[str]
    cited: dict[str, frozenset[str]]
    text: str


def lines_of(sheet: str, text: str) -> list[Line]:
    """The lines of a sheet that say something: rows of tables, points, paragraphs; not its list of sources at the end."""
    found, section, ending = [], "", False
    for raw in text.splitlines():
        if head := _SECTION.match(raw):
            section, ending = head.group(1), raw.rstrip().endswith("Sources")
        line = raw.strip()
        if ending or not line or set(line) <= set("|-: "):
            continue
        names = [m.group(1) for m in (_ID.match(line),) if m]
        names += [f"#{m.group(1)}" for m in (_NUMBER.match(line),) if m and (sheet, section) == _LIST_OF_24]
        names += [f"NB {m.group(1)}" for m in (_CASE.match(line),) if m]
        if line.startswith("| ") and not names and (at := re.match(r"\| (\d\d/\d\d/\d{4})", line)):
            names.append(f"NB {at.group(1)}")
        found.append(Line(sheet, section, tuple(names), codes_of(line), grades_of(line), cited_in(line), line))
    return found


def codes_of(line: str) -> frozenset[str]:
    return frozenset(_CODE.findall(line))


def grades_of(line: str) -> frozenset[str]:
    """The grades a line gives, each letter of "A/C" for itself."""
    letters = {letter for grades in [*_GRADE.findall(line), *_BEHIND.findall(line)] for letter in grades.split("/")}
    return frozenset(letters or ({UNVERIFIED} if "chưa xác minh" in line else ()))


def cited_in(line: str) -> dict[str, frozenset[str]]:
    """Source -> the grades given just before it."""
    found: dict[str, frozenset[str]] = {}
    marks = list(_GRADE.finditer(line))
    for number, mark in enumerate(marks):
        until = marks[number + 1].start() if number + 1 < len(marks) else len(line)
        for code in codes_of(line[mark.end() - 1:until]):
            found[code] = found.get(code, frozenset()) | frozenset(mark.group(1).split("/"))
    return found


class Sheets:
    """Every line of the four sheets. Raises OSError when one is missing."""

    def __init__(self, folder: Path = FOLDER):
        self.lines = [line for sheet, file in SHEETS.items() for line in lines_of(sheet, (folder / file).read_text(encoding="utf-8"))]

    def row(self, named: str) -> list[Line]:
        """The lines of a row; none when the sheets have no such row."""
        sheet, _, name = named.partition(" ")
        name = name.removeprefix("mục ").strip()
        own = [line for line in self.lines if line.sheet == sheet]
        return [line for line in own if name in line.names] or [line for line in own if line.section == name] \
            or [line for line in own if name in line.codes]

    def grades(self, named: str, source: str) -> frozenset[str]:
        """The grades of a row: those given for the source, else of the lines that cite it, else of all; where they give none,
        of the section's own words, else of whatever cites the same sources."""
        lines = self.row(named)
        citing = [line for line in lines if source in line.codes]
        exact = frozenset().union(*(line.cited.get(source, frozenset()) for line in citing))
        return (exact or graded(citing) or graded(lines)
                or graded([line for line in self.lines if line.section == lines[0].section and line.sheet == lines[0].sheet
                           and not line.names and not line.text.startswith("|")] if lines else [])
                or graded([line for line in self.lines if line.codes & frozenset().union(*(at.codes for at in lines))]))


def graded(lines: list[Line]) -> frozenset[str]:
    return frozenset().union(*(line.grades for line in lines))
