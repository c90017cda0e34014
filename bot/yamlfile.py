"""Reads a YAML content file into a pydantic model and names every defect by file, line, field and remedy.

Used for courses and procedures alike. Authors see the result of `bot courses check`; a traceback helps none of them.
"""

import unicodedata
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from bot.errors import ContentError, Problem

M = TypeVar("M", bound=BaseModel)

REMEDIES = {
    "missing": "add this field",
    "extra_forbidden": "no such field; check its spelling or remove it",
    "string_type": "write text here (put it in quotes if it looks like a number or a date)",
    "list_type": "write a list here, one '- ' line an entry",
    "date_from_datetime_parsing": "write a date as YYYY-MM-DD",
    "date_parsing": "write a date as YYYY-MM-DD",
}


def read(path: Path, model: type[M]) -> M:
    """The document in `path` as `model`. Text is NFC. Raises ContentError with every problem found."""
    try:
        tree = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ContentError([Problem(str(path), line, "", f"not valid YAML: {error.problem}")]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError([Problem(str(path), 0, "", f"cannot be read: {error}")]) from error
    if not isinstance(tree, dict):
        raise ContentError([Problem(str(path), 1, "", "the file must hold one mapping of fields")])
    try:
        return model.model_validate(plain(tree))
    except ValidationError as error:
        raise ContentError([problem(str(path), tree, e) for e in error.errors()]) from error


def plain(node: Any) -> Any:
    """The tree without ruamel's types and with all text in NFC."""
    if isinstance(node, dict):
        return {str(k): plain(v) for k, v in node.items()}
    if isinstance(node, list):
        return [plain(v) for v in node]
    if isinstance(node, str):
        return unicodedata.normalize("NFC", str(node)).strip()
    return node


def problem(file: str, tree: Any, error: Any) -> Problem:
    """One pydantic error as a Problem; the line is that of the nearest place that exists in the file."""
    loc = [p for p in error["loc"] if not (isinstance(p, str) and p in TAGS)]
    remedy = REMEDIES.get(error["type"])
    if remedy is None:
        remedy = str(error.get("ctx", {}).get("error", "")) or error["msg"]
    return Problem(file, line_of(tree, loc), ".".join(map(str, loc)), remedy)


TAGS = {"CardStep", "QuestionStep", "single", "multiple", "ordering", "true_false", "fill", "card", "question"}
"""Names pydantic puts into an error's path for a chosen variant; they are not keys of the file."""


def line_of(tree: Any, loc: list[Any]) -> int:
    """1-based line of the deepest part of `loc` that the file has."""
    line, node = 1, tree
    for part in loc:
        try:
            where = node.lc.key(part) if isinstance(node, dict) else node.lc.item(part)
            line, node = where[0] + 1, node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line
