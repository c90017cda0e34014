"""What differs between two documents of a course, place by place, in the words of who writes and approves them. Pure.

Lessons, cards, questions and sources are matched by their ids, so a part that was moved is told as moved and not as new.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from bot.learning.course_form import COURSE, SOURCES
from bot.learning.items import TYPES
from bot.learning.labels import Loc, inside, label
from bot.learning.model import Card, Course, Lesson, Source
from bot.learning.upgrades import upgraded

Words = tuple[tuple[bool, str], ...]
"""A text in pieces: (is it different from the other side?, the piece)."""

_MATCHED = ("lessons", "steps", "sources", "test")
_UNSAID = {"format", "id", "sha", "type"}
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


@dataclass(frozen=True)
class Difference:
    """One place. kind: changed, added, removed or moved. loc: in the new document, for what was removed in the old one."""

    where: str
    kind: str
    loc: Loc
    old: Words = ()
    new: Words = ()


def compare(old: Any, new: Any) -> list[Difference]:
    """In the order of the new document, what was removed behind it. old: None when there is nothing to compare with."""
    old, new = with_defaults(old), with_defaults(new)
    before, after = dict(flat(old)), dict(flat(new))
    found = []
    for key, (loc, said) in after.items():
        if key not in before:
            found.append(Difference(label(new, loc), "added", loc, new=((True, said),)))
        elif before[key][1] != said:
            found.append(Difference(label(new, loc), "changed", loc, *marked(before[key][1], said)))
    found += moves(old, new)
    found += [Difference(label(old, loc), "removed", loc, old=((True, said),)) for key, (loc, said) in before.items() if key not in after]
    return found


DEFAULTS = {name: field.default for name, field in Course.model_fields.items() if type(field.default) is int}
"""Numbers that a file may leave out: they are there all the same."""


def with_defaults(document: Any) -> dict[str, Any]:
    return {**DEFAULTS, **upgraded(document)} if document else {}


def flat(node: Any, key: tuple[Any, ...] = (), loc: Loc = ()) -> Iterator[tuple[tuple[Any, ...], tuple[Loc, str]]]:
    """((path with ids, (path with numbers, text)) of everything that is said or set; what only repeats a default is left out."""
    if isinstance(node, dict):
        for name in ordered(node):
            if name in _UNSAID:
                continue
            yield from flat(node[name], (*key, name), (*loc, name))
    elif isinstance(node, list | tuple):
        if all(isinstance(one, str) for one in node):
            if node:
                yield key, (loc, ", ".join(node))
            return
        matched = bool(loc) and loc[-1] in _MATCHED
        for at, one in enumerate(node):
            yield from flat(one, (*key, (ident(one) or at) if matched else at), (*loc, at))
    elif node not in (None, "", False):
        yield key, (loc, said(node, str(loc[-1]) if loc else ""))


def ordered(node: dict[str, Any]) -> list[str]:
    """The names of a mapping as its form has them: a stored document and an uploaded one may hold them in any order."""
    known = next((list(model.model_fields) for model in (Course, Lesson, Source, Card, TYPES.get(str(node.get("type")))) if model is not None
                  and set(node) <= set(model.model_fields)), [])
    return sorted(node, key=lambda name: (known.index(name) if name in known else len(known), "" if name in known else name))


def ident(one: Any) -> Any:
    """The id of a lesson, source or test question; of a step that of its card or question."""
    for kind in ("card", "question"):
        if isinstance(inside(one, kind), dict):
            return inside(one[kind], "id")
    return inside(one, "id")


CHOICES = {blank.name: dict(blank.options) for blank in (*COURSE.blanks, *SOURCES.blanks) if blank.kind == "choice"} | {"verdict": {True: "đúng"}}
"""What stands in the document for a choice of the form -> the words the form has for it, by field."""


def said(value: Any, name: str = "") -> str:
    """name: of the field, whose form says the same in words."""
    if value in CHOICES.get(name, ()):
        return CHOICES[name][value]
    if day := _DAY.fullmatch(str(value)) if name in ("checked_on", "review_by") else None:
        return "/".join(reversed(day.groups()))
    return "có" if value is True else str(value)


def moves(old: Any, new: Any) -> Iterator[Difference]:
    """Lists whose common members stand in another order."""
    yield from moved(old, new, ("lessons",), ("lessons",))
    lessons = {ident(one): at for at, one in enumerate(inside(old, "lessons") or [])}
    for at, lesson in enumerate(inside(new, "lessons") or []):
        if ident(lesson) in lessons:
            yield from moved(old, new, ("lessons", lessons[ident(lesson)], "steps"), ("lessons", at, "steps"))


def moved(old: Any, new: Any, before: Loc, after: Loc) -> Iterator[Difference]:
    was, now = listing(old, before), listing(new, after)
    one, other = [i for i in was if i in now], [i for i in now if i in was]
    if one != other:
        stayed = {one[a] for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks() for a in range(block.a, block.a + block.size)}
        yield Difference(label(new, after), "moved", after, tuple((i not in stayed, was[i]) for i in one), tuple((i not in stayed, now[i]) for i in other))


def listing(document: Any, loc: Loc) -> dict[Any, str]:
    """Id -> a few words, of the members of a list in their order."""
    node = document
    for name in loc:
        node = inside(node, name)
    return {ident(one): short(one) for one in node or []}


def short(one: Any) -> str:
    """The beginning of what a lesson, card or question says."""
    part = inside(one, "card") or inside(one, "question") or one
    text = next((str(part[name]) for name in ("title", "text", "prompt", "statement") if inside(part, name)), "…")
    return f"“{text[:30]}…”" if len(text) > 31 else f"“{text}”"


def marked(old: str, new: str) -> tuple[Words, Words]:
    """Both texts in pieces, those marked that the other one lacks. By words, for letters would leave shreds."""
    one, other = old.split(" "), new.split(" ")
    left: list[tuple[bool, str]] = []
    right: list[tuple[bool, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if b > a:
            left.append((kind != "equal", " ".join(one[a:b])))
        if d > c:
            right.append((kind != "equal", " ".join(other[c:d])))
    return tuple(left), tuple(right)
