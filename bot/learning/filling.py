"""Between a course document and the fields of a page: what a page shows in them, and the document with what was typed. Pure.

Names of fields begin with the part's key, which holds its id, so that what somebody typed finds its part again after others were
moved: "p-c3f91ab.text", "p-q18c0.options.2.feedback". A section that is not among what was posted stays as it is.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from bot.learning.course_form import Path, Section, at, every
from bot.learning.form import Blank, bounds, entry_model

Posted = Mapping[str, list[str]]
Offered = Mapping[str, list[tuple[str, str]]]
"""(value, words) to choose from, by the name of the blank: the course's sources, the other courses."""

NO_CHOICE = ("", "– hãy chọn –")


@dataclass(frozen=True)
class Option:
    value: str
    words: str
    chosen: bool


@dataclass(frozen=True)
class Filled:
    """A blank with what stands in it. least, most: entries or characters, 0 for no limit. entries: of a list, each its fields."""

    blank: Blank
    name: str
    path: Path
    value: Any
    least: int = 0
    most: int = 0
    options: tuple[Option, ...] = ()
    entries: tuple[tuple["Filled", ...], ...] = ()

    @property
    def dom(self) -> str:
        return dom_of(self.name)


def dom_of(name: str) -> str:
    """The id of the field in the page."""
    return "f-" + re.sub(r"[^A-Za-z0-9-]", "-", name)


def fields(document: dict[str, Any], section: Section, offered: Offered) -> tuple[Filled, ...]:
    """What the page shows of the section; nothing for a question of an unknown type."""
    if section.form is None:
        return ()
    part = at(document, section.path)
    return tuple(filled(blank, part, section.key, section.path, section.model, offered, ()) for blank in section.form.blanks)


def filled(blank: Blank, part: dict[str, Any], key: str, path: Path, model: type[BaseModel], offered: Offered,
           later: tuple[tuple[str, str], ...]) -> Filled:
    """later: (id, words) of the entries that a "way" of this part may lead on to."""
    name, here, value = f"{key}.{blank.name}", (*path, blank.name), part.get(blank.name)
    least, most = bounds(model, blank.name)
    if blank.kind == "list":
        inner = entry_model(model, blank.name)
        entries = []
        for number, entry in enumerate(value or []):
            onward = later or tuple((e["id"], f"Sang {blank.one.lower()} {n}") for n, e in enumerate(value, 1) if "id" in e and n > number + 1)
            entries.append(tuple(filled(b, entry, f"{name}.{number}", (*here, number), inner, offered, onward) for b in blank.blanks))
        return Filled(blank, name, here, value, least, most, entries=tuple(entries))
    if blank.kind == "choice":
        return Filled(blank, name, here, value, options=choices([(str(v), words) for v, words in blank.options], text_of(value)))
    if blank.kind == "way":
        ends = part.get(blank.otherwise)
        chosen = f"to:{value}" if value else f"end:{ends}" if ends else ""
        ways = [*((f"to:{ident}", words) for ident, words in later), *((f"end:{v}", words) for v, words in blank.options)]
        return Filled(blank, name, here, value, options=choices(ways, chosen))
    if blank.kind == "several":
        kept = [v for v in value if isinstance(v, str)] if isinstance(value, list) else []
        known = list(offered.get(blank.name, ()))
        lost = [(v, f"{v} (không còn trong danh sách)") for v in kept if v not in dict(known)]
        return Filled(blank, name, here, kept, options=tuple(Option(v, words, v in kept) for v, words in (*known, *lost)))
    if blank.kind == "picture":
        return Filled(blank, name, here, value if isinstance(value, dict) else {})
    if blank.kind == "lines":
        return Filled(blank, name, here, "\n".join(text_of(v) for v in value) if isinstance(value, list) else text_of(value), least)
    if blank.kind in ("tick", "only"):
        return Filled(blank, name, here, value is True)
    return Filled(blank, name, here, text_of(value), least, most)


def text_of(value: Any) -> str:
    return "" if value is None else str(value)


def choices(options: list[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    """The options, headed by one that chooses nothing where what stands there is none of them."""
    listed = options if chosen in dict(options) else [NO_CHOICE, *options]
    return tuple(Option(value, words, value == (chosen if chosen in dict(options) else "")) for value, words in listed)


def fill(document: dict[str, Any], sections: Iterable[Section], posted: Posted) -> dict[str, Any]:
    """The document with what was typed. posted: the values of each field by its name, as a form sends them.

    Anything is taken, so that half-done work can be kept; the findings say what is wrong with it.
    """
    made = deepcopy(document)
    for section in sections:
        if section.form is not None:
            read(at(made, section.path), section.form.blanks, section.key, section.model, posted)
    return made


def read(part: dict[str, Any], blanks: tuple[Blank, ...], key: str, model: type[BaseModel], posted: Posted) -> None:
    if not any(name.startswith(f"{key}.") for name in posted):
        return
    for blank in blanks:
        name = f"{key}.{blank.name}"
        if blank.kind == "list":
            for number, entry in enumerate(part.get(blank.name) or []):
                read(entry, blank.blanks, f"{name}.{number}", entry_model(model, blank.name), posted)
                for inner in blank.blanks:
                    if inner.kind == "only":
                        put(entry, inner.name, str(number) in posted.get(f"{name}.{inner.name}", []) or None)
        elif blank.kind == "picture":
            read_picture(part, blank.name, posted.get(f"{name}.alt"))
        elif blank.kind == "tick":
            put(part, blank.name, bool(posted.get(name)) or None)
        elif blank.kind == "several":
            read_several(part, blank.name, posted.get(name, []))
        elif name in posted and blank.kind != "only":
            read_one(part, blank, posted[name][-1])


def read_one(part: dict[str, Any], blank: Blank, typed: str) -> None:
    text = unicodedata.normalize("NFC", typed.replace("\r\n", "\n")).strip()
    if blank.kind == "line":
        put(part, blank.name, " ".join(text.split()))
    elif blank.kind == "text":
        put(part, blank.name, text)
    elif blank.kind == "lines":
        put(part, blank.name, [" ".join(line.split()) for line in text.split("\n") if line.strip()])
    elif blank.kind == "number":
        put(part, blank.name, int(text) if re.fullmatch(r"[0-9]{1,9}", text) else text or None)
    elif blank.kind == "date":
        put(part, blank.name, text or None)
    elif blank.kind == "choice":
        put(part, blank.name, next((value for value, _ in blank.options if str(value) == text), None))
    elif blank.kind == "way":
        kind, _, value = text.partition(":")
        put(part, blank.name, value if kind == "to" else None)
        put(part, blank.otherwise, value if kind == "end" and value in dict(blank.options) else None)


def read_several(part: dict[str, Any], name: str, chosen: list[str]) -> None:
    """What was chosen before keeps its order, so that looking at a page changes nothing."""
    before = [v for v in part[name] if isinstance(v, str)] if isinstance(part.get(name), list) else []
    put(part, name, [*(v for v in before if v in chosen), *(v for v in chosen if v not in before)])


def read_picture(part: dict[str, Any], name: str, alt: list[str] | None) -> None:
    """Only what the picture shows can be typed; the picture itself is uploaded."""
    if alt is not None:
        text = " ".join(unicodedata.normalize("NFC", alt[-1]).split())
        now = part.get(name) if isinstance(part.get(name), dict) else {}
        if now or text:
            part[name] = {**now, "alt": text}  # type: ignore[dict-item]


def put(part: dict[str, Any], name: str, value: Any) -> None:
    """Writes the value where it differs. What is emptied on the page is taken out, so that the model says it is missing.

    What is empty in the document and on the page stays as the document has it.
    """
    if value in (None, "", []):
        if part.get(name):
            del part[name]
    elif part.get(name) != value or type(part.get(name)) is not type(value):
        part[name] = value


LISTED = ("steps", "easier", "test", "lessons")
"""What stands on the pages beside the sections' blanks."""


@dataclass(frozen=True)
class Spot:
    """Where a path of the document is on the pages. lesson: its index, None for the settings; anchor: the id in the page.

    key: of the section.
    """

    lesson: int | None
    anchor: str
    key: str


def spot_of(document: dict[str, Any], path: Path) -> Spot:
    """The field that the path means, else the part or list around it. Names in the path that the document has not are passed over."""
    known: list[str | int] = []
    here: Any = document
    for step in path:
        if isinstance(here, dict) and isinstance(step, str):
            if step in here or step == path[-1]:
                known.append(step)
                here = here.get(step)
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            known.append(step)
            here = here[step]
    found = tuple(known)
    best = max((s for s in every(document) if found[:len(s.path)] == s.path), key=lambda s: (len(s.path), has(s, found)))
    rest = [str(step) for step in found[len(best.path):]]
    lesson = best.path[1] if best.path[:1] == ("lessons",) else None
    while rest and not has(best, (*best.path, *rest)):
        rest.pop()
    anchor = dom_of(".".join((best.key, *rest)))
    if not rest and found[len(best.path):] and found[len(best.path)] in LISTED:
        anchor = dom_of(str(found[len(best.path)]))
    return Spot(lesson if isinstance(lesson, int) else None, anchor, best.key)


def has(section: Section, path: Path) -> bool:
    """Is the path one of the section's blanks, entries of lists included?"""
    blanks = section.form.blanks if section.form else ()
    blank = None
    for step in path[len(section.path):]:
        if str(step).isdigit():
            if blank is None or blank.kind != "list":
                return False
            continue
        blank = next((b for b in blanks if b.name == step), None)
        if blank is None:
            return False
        blanks = blank.blanks
    return True
