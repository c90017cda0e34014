"""Courses: YAML files under `courses/`, checked with file, line and remedy; stored documents of any format."""

from pathlib import Path
from typing import Any

from bot.errors import ContentError, Problem
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


def load_all(folder: Path) -> dict[str, Course]:
    """Every course of the folder by slug. Raises ContentError with the problems of all files."""
    found, problems = {}, []
    for path in sorted(folder.glob("*.yml")):
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
