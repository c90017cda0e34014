"""Reads a YAML content file into a pydantic model and names every defect by file, line, field and remedy.

Used for courses and procedures alike. Authors see the result of `bot courses check`; a traceback helps none of them.
"""

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bot.errors import ContentError, Problem

M = TypeVar("M", bound=BaseModel)

REMEDIES = {
    "missing": "add this field",
    "extra_forbidden": "no such field; check its spelling or remove it",
    "string_type": "write text here (put it in quotes if it looks like a number)",
    "list_type": "write a list here, one '- ' line an entry",
    "tuple_type": "write a list here, one '- ' line an entry",
    "model_type": "write fields here, one 'name: value' a line",
    "int_parsing": "write a whole number",
    "bool_parsing": "write true or false",
    "literal_error": "write one of: {expected}",
    "union_tag_invalid": "{tag} is no {discriminator}; write one of: {expected_tags}",
    "union_tag_not_found": "add the field {discriminator}",
    "date_from_datetime_parsing": "write a date as YYYY-MM-DD",
    "date_parsing": "write a date as YYYY-MM-DD",
}
"""pydantic's error types in an author's words; {names} come from the error's context."""


class DatesAsText(RoundTripConstructor):
    """Leaves dates as they are written: ruamel stops at 30 February without saying where, the model names the line."""


DatesAsText.add_constructor("tag:yaml.org,2002:timestamp", lambda self, node: node.value)


def read(path: Path, model: type[M], upgrade: Callable[[Any], Any] = lambda document: document) -> M:
    """The document in `path` as `model`. Text is NFC. Raises ContentError with every problem found.

    upgrade: brings a document of an older format to the newest one.
    """
    try:
        # libyaml reads forty times faster but knows no lines; whatever it or the model objects to is read again with them
        return model.model_validate(upgrade(plain(quick(path))))
    except Exception:
        tree = tree_of(path)
    try:
        return model.model_validate(upgrade(plain(tree)))
    except ValidationError as error:
        raise ContentError([problem(str(path), tree, e) for e in own(error.errors())]) from error


class DatesAsTextQuickly(SafeConstructor):
    """The same for the fast reader."""


DatesAsTextQuickly.add_constructor("tag:yaml.org,2002:timestamp", lambda self, node: node.value)


def quick(path: Path) -> Any:
    """The document as plain values. Raises whatever is wrong with it."""
    yaml = YAML(typ="safe")
    yaml.Constructor = DatesAsTextQuickly
    return yaml.load(path.read_bytes().decode("utf-8-sig"))


def own(errors: list[Any]) -> list[Any]:
    """The errors without those that only follow: a list is not too short because one of its entries is wrong."""
    return [e for e in errors if e["type"] != "too_short" or not any(
        len(o["loc"]) > len(e["loc"]) and o["loc"][:len(e["loc"])] == e["loc"] for o in errors)]


def tree_of(path: Path) -> dict:
    """The file as ruamel's tree, which knows its lines. Raises ContentError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ContentError([Problem(str(path), 0, "", f"cannot be read: {error}")]) from error
    return tree_in(data, str(path))


def tree_in(data: bytes, name: str) -> dict:
    """The same of a file's content. name: what the file is called in problems."""
    try:
        text = data.decode("utf-8-sig")  # Notepad writes a byte order mark
    except UnicodeDecodeError as error:
        line = error.object[:error.start].count(b"\n") + 1
        raise ContentError([Problem(name, line, "", "not UTF-8; save the file as UTF-8")]) from error
    yaml = YAML(typ="rt")
    yaml.Constructor = DatesAsText
    try:
        tree = yaml.load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ContentError([Problem(name, line, "", f"not valid YAML: {error.problem}")]) from error
    except YAMLError as error:  # a character that YAML does not allow
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise ContentError([Problem(name, line, "", "holds an invisible control character; delete it")]) from error
    if not isinstance(tree, dict):
        raise ContentError([Problem(name, 1, "", "the file must hold one mapping of fields")])
    return tree


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
    """One pydantic error as a Problem; the line is that of the nearest place that exists in the file.

    A validator may raise a ValueError with `loc`, the path to the wrong place below what it validates.
    """
    context = error.get("ctx", {})
    raised = context.get("error")
    line, field = where(tree, [*error["loc"], *getattr(raised, "loc", ())])
    if error["type"] in REMEDIES:
        remedy = REMEDIES[error["type"]].format(**context)
    else:
        remedy = str(raised or "") or error["msg"]
    return Problem(file, line, field, remedy)


STEPS = {"CardStep", "QuestionStep"}
"""Names pydantic puts into an error's path for a chosen variant; they are not keys of the file."""


def where(tree: Any, loc: list[Any]) -> tuple[int, str]:
    """(1-based line of the deepest part of `loc` that the file has, dotted path without the names of variants)."""
    line, node, path, named = 1, tree, [], None
    for part in loc:
        # a variant chosen by its `type` has that name in the path, once, before its fields; a field may be called the same
        if part in STEPS or (isinstance(node, dict) and node.get("type") == part and named is not node):
            named = node
            continue
        try:
            mark = node.lc.key(part) if isinstance(node, dict) else node.lc.item(part)
            line, node = mark[0] + 1, node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            node = None
        path.append(str(part))
    return line, ".".join(path)
