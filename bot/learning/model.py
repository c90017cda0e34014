"""What a course is. Frozen; no I/O. `document.py` reads it from YAML, `engine.py` plays it."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from bot.learning.items.base import Misplaced, Part
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


def _kind_of_step(step: Any) -> str | None:
    """The variant a step means to be, so that its author hears of that one's defects only."""
    for field, name in (("card", "CardStep"), ("question", "QuestionStep")):
        if field in step if isinstance(step, dict) else hasattr(step, field):
            return name
    return None


Step = Annotated[
    Annotated[CardStep, Tag("CardStep")] | Annotated[QuestionStep, Tag("QuestionStep")],
    Discriminator(_kind_of_step, custom_error_type="step", custom_error_message="a step is `card:` or `question:`")]


class Lesson(Part):
    """goal: what the learner can do afterwards. remember: the one sentence to keep."""

    id: str
    title: str
    goal: str
    minutes: int = Field(ge=1, le=10)
    steps: tuple[Step, ...] = Field(min_length=3)
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
        known: set[str] = set()
        for at, source in enumerate(self.sources):
            if source.id in known:
                raise Misplaced(f"the source {source.id} is listed twice", "sources", at, "id")
            known.add(source.id)
        seen: set[str] = set()
        for place, part in self._parts():
            if part.id in seen:
                raise Misplaced(f"the id {part.id} is used twice; every lesson, card and question needs its own", *place, "id")
            seen.add(part.id)
            for at, source in enumerate(getattr(part, "source", ())):
                if source not in known:
                    raise Misplaced(f"{part.id} names the source {source}, which `sources` does not list", *place, "source", at)
        if self.review_by <= self.checked_on:
            raise Misplaced("review_by must be later than checked_on", "review_by")
        return self

    def _parts(self) -> Iterator[tuple[tuple[str | int, ...], Any]]:
        """(path in the document, lesson, card or question), in order."""
        for number, lesson in enumerate(self.lessons):
            yield ("lessons", number), lesson
            for at, step in enumerate(lesson.steps):
                field = "card" if isinstance(step, CardStep) else "question"
                yield ("lessons", number, "steps", at, field), getattr(step, field)
