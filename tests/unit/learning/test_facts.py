"""No fact is stated that nobody has verified: every row that a course or a drill names exists in the project's fact sheets and
is graded A or B there. The sheets are beside the project, not in it; where they are absent, that part is skipped."""

from collections import Counter
from datetime import date

import pytest

from bot.learning import document
from bot.learning.model import Source
from scripts import course_facts
from scripts.fact_sheets import FOLDER, SHEETS, Sheets, codes_of, grades_of
from tests.factories import ROOT

COURSES = ROOT / "courses"
DOCUMENTS = [*document.load_all(COURSES).values(), *(document.load_drill(path) for path in document.drill_files_of(COURSES))]
STATED = [(d.slug, source) for d in DOCUMENTS for source in d.sources if source.grade != "KD"]
PRESENT = all((FOLDER / file).is_file() for file in SHEETS.values())
needs_sheets = pytest.mark.skipif(not PRESENT, reason=f"{FOLDER} is not here: the fact sheets are beside the project, not in it")
UNGRADED = {"services P52": "the sheet names its source for the channel and gives no letter; unverified is only the time until an answer"}
"""Rows without a letter that may be stated all the same, and why."""

every_source = pytest.mark.parametrize(("slug", "source"), STATED, ids=lambda value: value.id if isinstance(value, Source) else value)


@pytest.fixture(scope="module")
def sheets() -> Sheets:
    return Sheets()


@needs_sheets
@every_source
def test_a_source_stands_behind_rows_of_the_fact_sheets_that_are_graded_a_or_b(sheets, slug, source):
    assert source.rows, f"{source.id} of {slug} names no row"
    assert [row for row in source.rows if not sheets.row(row)] == [], "no such row"
    assert [(row, sorted(grades)) for row in source.rows
            if not (grades := sheets.grades(row, source.id)) & {"A", "B"} and row not in UNGRADED] == []


@needs_sheets
@every_source
def test_a_source_of_grade_a_is_of_grade_a_in_the_sheets(sheets, slug, source):
    assert source.grade != "A" or [row for row in source.rows if "A" not in sheets.grades(row, source.id)] == []


@needs_sheets
@every_source
def test_a_source_is_one_of_the_sheets_own(slug, source):
    """"P-TC-35" is the record of one procedure among those of [P-TC]."""
    known = {code for file in SHEETS.values() for code in codes_of((FOLDER / file).read_text(encoding="utf-8"))}
    assert any(source.id == code or source.id.startswith(f"{code}-") for code in known)


@needs_sheets
@pytest.mark.parametrize(("row", "lines", "grades"), [
    ("services P13", 1, "C"), ("services P30", 1, "C"), ("services P54", 1, "-"), ("services P04", 1, "AC"), ("services P10", 1, "A"),
    ("services W3", 1, "C"), ("services W5", 1, "B"), ("services W6", 1, "A"), ("services W7", 1, "BC"), ("services P52", 1, "-"),
    ("scams K1", 1, "B"), ("scams K99", 0, ""), ("scams #14", 1, "B"), ("scams #25", 0, ""), ("scams NB 14/01/2026", 1, "B"), ("scams mục 4", 14, "-BC"),
    ("frameworks F-ISO1", 1, "B"), ("frameworks F-NO1", 0, ""), ("privacy mục 4", 10, "AB"), ("law 1", 0, ""),
])
def test_the_sheets_are_read_as_they_stand(sheets, row, lines, grades):
    """Pins what the other tests rest on: a row of grade C or without verification is told from one that may be stated."""
    assert (len(sheets.row(row)), "".join(sorted(sheets.grades(row, "")))) == (lines, grades)


@needs_sheets
@pytest.mark.parametrize(("source", "grades"), [("V-91", "ABC"), ("V-356", "ABC"), ("V-331", "BC"), ("V-330", "C"), ("V-14423", "C")])
def test_of_a_section_the_lines_count_that_cite_the_source(sheets, source, grades):
    assert "".join(sorted(sheets.grades("privacy 6", source))) == grades


@pytest.mark.parametrize(("line", "grades"), [
    ("| K1 | câu mồi | B · nguồn: [S-K1a], [S-K1b] |", "B"), ("| W7 | … | B/C · nguồn: [W-118] |", "BC"), ("Thế. Grade A · nguồn: [F-224].", "A"),
    ("| P13 | … | C · nguồn: [L-5230] |", "C"), ("| P54 | **chưa xác minh** — không có nguồn | chưa xác minh |", "-"), ("Dấu hiệu A rồi B", ""),
    ("| W5 | … | B · nguồn: [W-DVC4]; phần còn lại: chưa xác minh |", "B"), ("**C** · nguồn: [V-14423]", "C"),
    ("chưa xác minh. Nguồn: [V-91] Đ21 (B).", "B"), ("| C; chủ quản là A05: [S-A05] |", "C"), ("| **156** | … | B (cũ) · nguồn: [S-156] |", "B"),
    ("Biện pháp 6.3. Grade B · nguồn: [F-ISO2]. Số hiệu khác: **chưa xác minh**", "B"),
])
def test_grades_are_read_from_a_line(line, grades):
    assert "".join(sorted(grades_of(line))) == grades


def test_the_page_of_facts_is_up_to_date():
    assert course_facts.FILE.read_text(encoding="utf-8") == course_facts.page(), "run: PYTHONPATH=. .venv/bin/python scripts/course_facts.py"


def ids_told(line: str) -> list[str]:
    """The ids of cards and questions that a line of the page speaks of."""
    if line.startswith("Practice advice: "):
        return line.removeprefix("Practice advice: ").rstrip(".").split(", ")
    return line.split(" | ")[3].split(", ") if line.startswith("| ") and not line.startswith("| source") else []


def test_the_page_names_every_card_and_question_with_each_of_its_sources():
    text = course_facts.FILE.read_text(encoding="utf-8")
    for course in (d for d in DOCUMENTS if hasattr(d, "lessons")):
        part = text.partition(f"\n## {course.slug}: ")[2].partition("\n## ")[0]
        told = Counter(ident for line in part.splitlines() for ident in ids_told(line))
        assert told == {one.id: max(1, len(one.source)) for loc, one in course.parts() if not (loc[0] == "lessons" and len(loc) == 2)}, course.slug


@pytest.mark.parametrize("checked", DOCUMENTS, ids=lambda d: d.slug)
def test_what_was_checked_was_checked_before_it_must_be_reviewed(checked):
    assert date(2026, 11, 1) <= checked.checked_on < checked.review_by
