"""Courses: YAML files under `courses/`, checked with file, line and remedy; stored documents of any format."""

import re
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import field_validator

from bot.errors import ContentError, Problem
from bot.learning import drill_check
from bot.learning.check import Claim, findings
from bot.learning.drill import KINDS, AnyDrill
from bot.learning.items.base import Part
from bot.learning.model import Course
from bot.learning.upgrades import upgraded
from bot.yamlfile import read, tree_of, where


def load(path: Path) -> Course:
    """One course file. Raises ContentError with every problem."""
    course = read(path, Course, upgraded)
    if course.slug != path.stem:
        line, field = where(tree_of(path), ["slug"])
        raise ContentError([Problem(str(path), line, field, f"must equal the file's name, {path.stem}")])
    return course


UNVERIFIED = "unverified.yml"
"""Beside the courses: what none of them may state."""


class Claims(Part):
    """The file of claims nobody has verified."""

    class One(Part):
        said: str
        why: str

        @field_validator("said")
        @classmethod
        def pattern(cls, said: str) -> str:
            try:
                re.compile(said)
            except re.error as error:
                raise ValueError(f"no pattern that Python reads: {error}") from error
            return said

    format: Literal[1]
    claims: tuple[One, ...]


def claims_of(folder: Path) -> tuple[Claim, ...]:
    """What courses of this folder may not state; nothing when the folder has no such file. Raises ContentError."""
    path = folder / UNVERIFIED
    if not path.exists():
        return ()
    return tuple(Claim(re.compile(one.said), one.why) for one in read(path, Claims).claims)


def checked(path: Path, claims: tuple[Claim, ...], today: date) -> Course:
    """One course file that may be published. Raises ContentError with everything that stands against it."""
    course = load(path)
    found = findings(course, claims, today)
    if found:
        tree = tree_of(path)
        raise ContentError([Problem(str(path), *where(tree, list(f.loc)), f.message) for f in found])
    return course


def files_of(folder: Path) -> list[Path]:
    """The course files of a folder."""
    return [p for p in sorted(folder.glob("*.yml")) if p.name != UNVERIFIED]


def load_all(folder: Path) -> dict[str, Course]:
    """Every course of the folder by slug. Raises ContentError with the problems of all files."""
    found, problems = {}, []
    for path in files_of(folder):
        try:
            found[path.stem] = load(path)
        except ContentError as error:
            problems += error.problems
    if problems:
        raise ContentError(problems)
    return found


def of(stored: dict[str, Any]) -> Course:
    """A published document, of whatever format it was published in."""
    return Course.model_validate(upgraded(stored))


DRILLS = "drills"
"""The folder of drills beside the courses."""


def load_drill(path: Path) -> AnyDrill:
    """One drill file. Raises ContentError with every problem."""
    tree = tree_of(path)
    kind = tree.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ContentError([Problem(str(path), where(tree, ["kind"])[0], "kind", f"write one of: {', '.join(KINDS)}")])
    drill = read(path, KINDS[kind])
    if drill.slug != path.stem:
        line, field = where(tree, ["slug"])
        raise ContentError([Problem(str(path), line, field, f"must equal the file's name, {path.stem}")])
    return drill


def checked_drill(path: Path, claims: tuple[Claim, ...], today: date) -> AnyDrill:
    """One drill file that may go out. Raises ContentError with everything that stands against it."""
    drill = load_drill(path)
    found = drill_check.findings(drill, claims, today)
    if found:
        tree = tree_of(path)
        raise ContentError([Problem(str(path), *where(tree, list(f.loc)), f.message) for f in found])
    return drill


def drill_files_of(folder: Path) -> list[Path]:
    """The drill files that belong to a folder of courses."""
    return sorted((folder / DRILLS).glob("*.yml"))
