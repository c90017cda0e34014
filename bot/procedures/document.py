"""Curated procedures: YAML files under `procedures/`, checked with file, line and remedy."""

from pathlib import Path

from bot.errors import ContentError, Problem
from bot.procedures.model import Procedure
from bot.yamlfile import read


def load_all(folder: Path) -> dict[str, Procedure]:
    """Every `*.yml` of the folder by slug (the file's name). Raises ContentError with the problems of all files."""
    found: dict[str, Procedure] = {}
    problems: list[Problem] = []
    by_code: dict[str, str] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            procedure = read(path, Procedure)
        except ContentError as error:
            problems += error.problems
            continue
        found[path.stem] = procedure
        for code in (procedure.code, *procedure.also_codes):
            if code in by_code:
                problems.append(Problem(str(path), 1, "code", f"{code} stands in {by_code[code]}.yml already"))
            by_code[code] = path.stem
    for slug, procedure in found.items():
        for other in procedure.related:
            if other not in found:
                problems.append(Problem(str(folder / f"{slug}.yml"), 1, "related", f"there is no file {other}.yml"))
    if problems:
        raise ContentError(problems)
    return found
