"""How people ask for procedures that have no file of their own: `procedures/ways/<topic>.yml`.

An imported record says nothing of how people ask; these files do. A procedure of which only the name is known (`known:
name_only`) is recognised too, and answered with what is known of it and where to ask; as long as no records were imported, so are the others.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field

from bot.errors import ContentError, Problem
from bot.procedures.model import Part
from bot.yamlfile import read, tree_of, where

LEAST = 3


class Asked(Part):
    """One procedure and the ways people ask for it. field and level: only where nothing else is known of it."""

    code: str = Field(pattern=r"^[0-9A-Z][0-9A-Za-z.\-]{1,60}$")
    name: str = Field(min_length=3, max_length=400)
    ways: tuple[str, ...] = Field(min_length=LEAST)
    field: str = ""
    level: str = "Cấp xã"
    known: Literal["record", "name_only"] = "record"


class WaysFile(Part):
    """A file of `procedures/ways/`: one topic."""

    format: Literal[1]
    procedures: tuple[Asked, ...]


def load_all(folder: Path) -> dict[str, Asked]:
    """Every procedure of every file by code. Raises ContentError with the problems of all files."""
    found: dict[str, Asked] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yml")):
        try:
            procedures = read(path, WaysFile).procedures
        except ContentError as error:
            problems += error.problems
            continue
        for number, one in enumerate(procedures):
            if one.code in found:
                line, field = where(tree_of(path), ["procedures", number, "code"])
                problems.append(Problem(str(path), line, field, f"{one.code} has its ways already; keep them in one place"))
            found[one.code] = one
    if problems:
        raise ContentError(problems)
    return found
