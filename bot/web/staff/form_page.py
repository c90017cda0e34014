"""What a page of the lesson form shows: its sections with what stands in them, and what is still missing where."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.learning.course_form import PLAIN, REMEMBER_KEY, Section, of_lesson, of_settings
from bot.learning.filling import Filled, Offered, dom_of, fields, spot_of
from bot.learning.items import TYPES
from bot.learning.labels import label
from bot.learning.remedies import Place
from bot.web.staff.form_work import words_of

Document = dict[str, Any]


@dataclass(frozen=True)
class Missing:
    """Something that is wrong at a field of this page. anchor: the field's id; key: of its section; where: in words."""

    anchor: str
    key: str
    message: str
    where: str
    blocking: bool


@dataclass(frozen=True)
class Shown:
    """A section on the page. heading: "Thẻ 2", "Câu hỏi 1: Xếp thứ tự"; place: its entry of a list, for the buttons; "" if it is none."""

    section: Section
    heading: str
    place: str
    number: int
    fields: tuple[Filled, ...]

    @property
    def dom(self) -> str:
        return dom_of(self.section.key)

    @property
    def name(self) -> str:
        """For buttons: what they act upon."""
        return self.heading.partition(":")[0].lower()


@dataclass(frozen=True)
class Sheet:
    """A page: the course's settings or a lesson. parts: what can be moved (steps, test questions); easier: at most one."""

    head: Shown
    parts: tuple[Shown, ...]
    tail: Shown | None
    easier: Shown | None


def sections_of(document: Document, number: int | None) -> list[Section]:
    """number: the index of the lesson, None for the settings."""
    return of_settings(document) if number is None else of_lesson(document, number)


def sheet(document: Document, number: int | None, offered: Offered) -> Sheet:
    made = [shown(document, section, offered) for section in sections_of(document, number)]
    parts = [s for s in made[1:] if s.place]
    return Sheet(made[0], tuple(parts), next((s for s in made if s.section.key == REMEMBER_KEY), None),
                 next((s for s in made if s.section.path[-1:] == ("easier",)), None))


def shown(document: Document, section: Section, offered: Offered) -> Shown:
    path = section.path
    entry = path[:-1] if path[-1:] in (("card",), ("question",)) else path if path[:1] == ("test",) else ()
    heading = label(document, path).split(" › ")[-1]
    if section.form is not None and section.kind in TYPES:
        heading = f"{heading}: {section.form.name}"
    number = entry[-1] if entry else 0
    return Shown(section, heading, words_of(entry), int(number), fields(document, section, offered))


def kinds_to_add(number: int | None) -> list[tuple[str, str, str]]:
    """(type, name, purpose) of the questions that may stand on the page: every type in a lesson, the short ones in the test."""
    kinds = sorted(TYPES, key=lambda kind: USUAL.index(kind) if kind in USUAL else len(USUAL))
    return [(kind, TYPES[kind].form.name, TYPES[kind].form.purpose) for kind in kinds if number is not None or kind in PLAIN]


USUAL = ("single", "true_false", "multiple", "fill")
"""What most questions are, offered first; the other types follow."""


def easier_kinds() -> list[tuple[str, str]]:
    return [(kind, TYPES[kind].form.name) for kind in PLAIN]


def anchors(page: Sheet) -> Iterator[str]:
    """The ids of everything that something can be missing at, as they come on the page."""
    def within(found: Sequence[Filled]) -> Iterator[str]:
        for one in found:
            yield one.dom
            for number, entry in enumerate(one.entries):
                yield f"{one.dom}-{number}"
                yield from within(entry)
    for part in (page.head, *page.parts, page.tail, page.easier):
        if part is not None:
            yield part.dom
            yield from within(part.fields)


def missing(document: Document, page: Sheet, number: int | None, places: Sequence[Place]) -> tuple[list[Missing], int]:
    """(what is wrong on this page, in its order; how much blocks on the other pages)."""
    here, elsewhere = [], 0
    for place in places:
        spot = spot_of(document, place.loc)
        if spot.lesson == number:
            here.append(Missing(spot.anchor, spot.key, place.message, place.where, place.blocking))
        else:
            elsewhere += place.blocking
    order = {anchor: at for at, anchor in enumerate(anchors(page))}
    return sorted(here, key=lambda one: order.get(one.anchor, -1)), elsewhere


def told_by_anchor(found: Sequence[Missing]) -> dict[str, list[Missing]]:
    by: dict[str, list[Missing]] = {}
    for one in found:
        by.setdefault(one.anchor, []).append(one)
    return by


def count_by_key(found: Sequence[Missing]) -> Counter[str]:
    """How much is still to do in each section."""
    return Counter(one.key for one in found if one.blocking)
