"""What a course is. Frozen; no I/O. `document.py` reads it from YAML, `engine.py` plays it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.learning.items.base import Part
from bot.learning.items.fill import Fill
from bot.learning.items.multiple import Multiple
from bot.learning.items.ordering import Ordering
from bot.learning.items.single import Single
from bot.learning.items.true_false import TrueFalse

Item = Annotated[Single | Multiple | Ordering | TrueFalse | Fill, Field(discriminator="type")]

CARD_WORDS = 60
"""The most syllables (space-separated) a card may have; `curriculum/pedagogy.md` says why."""


class Source(Part):
    id: str
    title: str
    url: str = ""
    grade: Literal["A", "B", "KD"]


class Card(Part):
    """One thing to read. source: ids of the course's sources; empty for practice advice of our own."""

    id: str
    text: str = Field(min_length=10)
    source: tuple[str, ...] = ()

    @model_validator(mode="after")
    def short(self):
        words = len(self.text.split())
        if words > CARD_WORDS:
            raise ValueError(f"the card has {words} words, {CARD_WORDS} are the most; split it in two")
        return self


class CardStep(Part):
    card: Card


class QuestionStep(Part):
    question: Item


class Lesson(Part):
    """goal: what the learner can do afterwards. remember: the one sentence to keep."""

    id: str
    title: str
    goal: str
    minutes: int = Field(ge=1, le=10)
    steps: tuple[CardStep | QuestionStep, ...] = Field(min_length=3)
    remember: str

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(s.question for s in self.steps if isinstance(s, QuestionStep))

    @model_validator(mode="after")
    def asks(self):
        if len(self.items) < 2:
            raise ValueError("a lesson needs at least two questions")
        return self


class Course(Part):
    format: Literal[1]
    slug: str = Field(pattern=r"^[a-z0-9-]{3,60}$")
    title: str
    audience: str
    summary: str
    aliases: tuple[str, ...] = ()
    minutes: int
    pass_percent: int = Field(default=80, ge=1, le=100)
    checked_on: date
    review_by: date
    sources: tuple[Source, ...] = Field(min_length=1)
    lessons: tuple[Lesson, ...] = Field(min_length=1)

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(i for lesson in self.lessons for i in lesson.items)

    @model_validator(mode="after")
    def consistent(self):
        """Ids are unique and every named source is listed. The message is the remedy shown to the author."""
        known = {s.id for s in self.sources}
        seen: set[str] = set()
        for lesson in self.lessons:
            parts = [getattr(s, "card", None) or s.question for s in lesson.steps]
            for part in [lesson, *parts]:
                if part.id in seen:
                    raise ValueError(f"the id {part.id} is used twice; every lesson, card and question needs its own")
                seen.add(part.id)
            for part in parts:
                for source in part.source:
                    if source not in known:
                        raise ValueError(f"{part.id} names the source {source}, which `sources` does not list")
        if self.review_by <= self.checked_on:
            raise ValueError("review_by must be later than checked_on")
        return self
