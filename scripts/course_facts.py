"""Writes docs/course_facts.md: which card and question of which lesson states facts of which source; a test compares it.

Run `PYTHONPATH=. .venv/bin/python scripts/course_facts.py` after a course or a drill was changed.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.learning import document
from bot.learning.drill import AnyDrill
from bot.learning.items.base import Part
from bot.learning.model import Course, Source

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "course_facts.md"
COURSES = ROOT / "courses"
HEAD = """# Facts of the courses and drills

Which source stands behind which card and question, and the row of the project's fact sheets that says so. What is listed as
practice advice states no fact: it says what to do. Made by `scripts/course_facts.py`; tests/unit/learning/test_facts.py
compares this page with the courses, and each row's grade with the fact sheets.
"""
COLUMNS = "| source | grade | rows | stated in | title |\n|---|---|---|---|---|\n"


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def table(parts: list[tuple[str, tuple[str, ...]]], sources: dict[str, Source]) -> str:
    """The sources of the parts as a table, the parts that name none as a line. parts: (id, sources), in order."""
    used = list(dict.fromkeys(s for _, named in parts for s in named))
    rows = [f"| {s.id} | {s.grade} | {cell('; '.join(s.rows))} | {', '.join(p for p, named in parts if s.id in named)} | {cell(s.title)} |"
            for s in map(sources.__getitem__, used)]
    plain = [part for part, named in parts if not named]
    told = [COLUMNS + "\n".join(rows) + "\n"] if rows else []
    return "\n".join([*told, *([f"Practice advice: {', '.join(plain)}.\n"] if plain else [])])


def of_course(course: Course) -> str:
    sources = {s.id: s for s in course.sources}
    head = (f"\n## {course.slug}: {course.title}\n\nFor {course.group}; checked on {course.checked_on:%d/%m/%Y}, "
            f"to be reviewed by {course.review_by:%d/%m/%Y}.\n")
    groups: dict[str, list[tuple[str, tuple[str, ...]]]] = {"Test": []}
    for loc, part in course.parts():
        if loc[0] == "lessons" and len(loc) == 2:
            group = f"{part.id}: {part.title}"
            groups[group] = []
        elif loc[0] == "test":
            groups["Test"].append((part.id, part.source))
        else:
            groups[group].append((part.id, part.source))
    return head + "".join(f"\n### {name}\n\n{table(parts, sources)}" for name, parts in groups.items() if parts)


def named_in(part: Any, path: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """(path, sources) of every part of a drill that names some."""
    if isinstance(part, tuple):
        for number, one in enumerate(part, 1):
            yield from named_in(one, f"{path} {number}".strip())
    elif isinstance(part, Part):
        if getattr(part, "source", ()):
            yield path, part.source  # type: ignore[attr-defined]
        for name in type(part).model_fields:
            if name not in ("source", "sources"):
                yield from named_in(getattr(part, name), f"{path} {name}".strip())


def of_drill(drill: AnyDrill) -> str:
    sources = {s.id: s for s in drill.sources}
    return f"\n## drills/{drill.slug}: {drill.title}\n\n{table(list(named_in(drill)), sources)}"


def page() -> str:
    """The whole page."""
    courses = document.load_all(COURSES)
    drills = [document.load_drill(path) for path in document.drill_files_of(COURSES)]
    return HEAD + "".join(of_course(c) for c in courses.values()) + "".join(of_drill(d) for d in drills)


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
