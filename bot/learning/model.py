"""What a course is. Frozen; no I/O. `document.py` reads it from YAML, `engine.py` plays it."""

from collections.abc import Iterator
from datetime import date
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from bot.learning.items import TYPES
from bot.learning.items.base import Misplaced, Part, Picture, Question
from bot.learning.items.single import Single
from bot.learning.items.true_false import TrueFalse

FORMAT = 2

Item = Annotated[reduce(or_, TYPES.values()), Field(discriminator="type")]
Plain = Annotated[Single | TrueFalse, Field(discriminator="type")]
"""Types short enough for a test and for the easier question."""

CARD_WORDS = 60
"""The most syllables (space-separated) a card may have; `curriculum/pedagogy.md` says why."""


class Source(Part):
    """Where facts come from. rows: of the project's fact sheets, "<sheet> <row>"."""

    id: str
    title: str
    url: str = ""
    grade: Literal["A", "B", "KD"]
    rows: tuple[str, ...] = ()


class Card(Part):
    """One thing to read. source: ids of the course's sources; empty for practice advice of our own."""

    id: str
    text: str = Field(min_length=10)
    picture: Picture | None = None
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
    """goal: what the learner can do afterwards. easier: asked after a third wrong answer. remember: the one sentence to keep."""

    id: str
    title: str
    goal: str
    minutes: int = Field(ge=1, le=10)
    steps: tuple[Step, ...] = Field(min_length=3)
    easier: Plain | None = None
    remember: str

    @property
    def items(self) -> tuple[Question, ...]:
        return tuple(s.question for s in self.steps if isinstance(s, QuestionStep))

    @model_validator(mode="after")
    def asks(self):
        if len(self.items) < 2:
            raise ValueError("a lesson needs at least two questions")
        return self


class Course(Part):
    """group: for whom. scams: revisited within four weeks. requires: courses better taken first. rank: place in the list.

    test: asked before the first lesson and after the last; the difference is the learning gain.
    """

    format: Literal[2]
    slug: str = Field(pattern=r"^[a-z0-9-]{3,60}$")
    title: str
    group: Literal["citizens", "staff"]
    scams: bool = False
    rank: int = 50
    audience: str
    summary: str
    aliases: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    minutes: int
    pass_percent: int = Field(default=80, ge=1, le=100)
    checked_on: date
    review_by: date
    sources: tuple[Source, ...] = Field(min_length=1)
    test: tuple[Plain, ...] = Field(default=(), max_length=6)
    lessons: tuple[Lesson, ...] = Field(min_length=1)

    @property
    def items(self) -> tuple[Question, ...]:
        """The questions that count: those of the lessons, without tests and easier ones."""
        return tuple(i for lesson in self.lessons for i in lesson.items)

    @property
    def asked(self) -> tuple[Question, ...]:
        """Every question there is."""
        easier = tuple(le.easier for le in self.lessons if le.easier is not None)
        return (*self.items, *easier, *self.test)

    def item(self, item_id: str) -> Question | None:
        return next((i for i in self.asked if i.id == item_id), None)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        cards = (s.card for le in self.lessons for s in le.steps if isinstance(s, CardStep))
        return tuple(p for part in (*cards, *self.asked) if (p := getattr(part, "picture", None)) is not None)

    @model_validator(mode="after")
    def consistent(self):
        """Ids are unique and every named source is listed. The message is the remedy shown to the author."""
        known: set[str] = set()
        for at, source in enumerate(self.sources):
            if source.id in known:
                raise Misplaced(f"the source {source.id} is listed twice", "sources", at, "id")
            known.add(source.id)
        seen: set[str] = set()
        for place, part in self.parts():
            if part.id in seen:
                raise Misplaced(f"the id {part.id} is used twice; every lesson, card and question needs its own", *place, "id")
            seen.add(part.id)
            for at, source in enumerate(getattr(part, "source", ())):
                if source not in known:
                    raise Misplaced(f"{part.id} names the source {source}, which `sources` does not list", *place, "source", at)
        if self.review_by <= self.checked_on:
            raise Misplaced("review_by must be later than checked_on", "review_by")
        return self

    def parts(self) -> Iterator[tuple[tuple[str | int, ...], Any]]:
        """(path in the document, lesson, card or question), in order."""
        for at, item in enumerate(self.test):
            yield ("test", at), item
        for number, lesson in enumerate(self.lessons):
            yield ("lessons", number), lesson
            for at, step in enumerate(lesson.steps):
                field = "card" if isinstance(step, CardStep) else "question"
                yield ("lessons", number, "steps", at, field), getattr(step, field)
            if lesson.easier is not None:
                yield ("lessons", number, "easier"), lesson.easier
