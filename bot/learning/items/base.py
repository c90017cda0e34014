"""What every question type offers the engine, and the small parts they share.

A question type is a frozen model derived from `Question`, one file each. The engine knows nothing of any type: it asks
how many choices are on the screen, shows them in an order of its own, hands over taps and typed choices, and gets a
verdict. `picked` is what has been chosen so far (indexes into the file's order), kept in the learner's progress.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from bot.learning.form import Form

LETTERS = "ABCDEF"


class Misplaced(ValueError):
    """Something is wrong at a place below the part that notices it; seen by the author. loc: the path to it."""

    def __init__(self, message: str, *loc: str | int):
        self.loc = loc
        super().__init__(message)


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(Part):
    """A choice, and what to tell who chose it: for a wrong one, why a sensible person might, and what is so instead."""

    text: str = Field(min_length=1, max_length=160)
    correct: bool = False
    feedback: str = Field(min_length=5)


class Picture(Part):
    """A picture of `courses/pictures/`. file: without its ending; alt: what is to be seen, for who cannot see it.

    sha: of the published PNG; empty in files.
    """

    file: str = Field(pattern=r"^[a-z0-9-]{3,80}$")
    alt: str = Field(min_length=10, max_length=300)
    sha: str = ""


@dataclass(frozen=True)
class Shown:
    """A question as text. choices: (button title, index into the file's order); hint: how to answer by typing."""

    text: str
    choices: tuple[tuple[str, int], ...]
    hint: str
    many: bool = False


@dataclass(frozen=True)
class Verdict:
    """The outcome of one answer. key: what is stored of it, never longer than 200 characters."""

    correct: bool
    feedback: str
    key: str


@dataclass(frozen=True)
class Picked:
    """What a choice led to: picked so far, is that the whole answer, and what to say before asking on."""

    picked: tuple[int, ...]
    complete: bool
    note: str = ""


class Question(Part):
    """The interface. Defaults are those of a question with one choice to make."""

    several: ClassVar[bool] = False
    """Is the answer put together from several taps?"""
    hands_in: ClassVar[bool] = False
    """Does the learner say when all are chosen (a "done" button)?"""
    form: ClassVar[Form]
    """How the studio asks for it: every field except id, type and source."""
    id: str
    source: tuple[str, ...] = ()

    @abstractmethod
    def count(self, picked: tuple[int, ...] = ()) -> int:
        """How many choices are on the screen; 0 when an answer is typed."""

    def stage(self, picked: tuple[int, ...] = ()) -> str:
        """What the order of the choices depends on beside the item and the try."""
        return ""

    @abstractmethod
    def ask(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> Shown:
        """The question with its choices in `order`."""

    @abstractmethod
    def expect(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> dict[str, Any]:
        """What bot/language/choices.py needs to read a typed answer."""

    def pick(self, picked: tuple[int, ...], choice: int) -> Picked:
        """One choice more."""
        return Picked((choice,), complete=True)

    def read_as(self, picked: tuple[int, ...], choices: tuple[int, ...]) -> Picked:
        """Choices typed at once."""
        return Picked(choices, complete=True)

    @abstractmethod
    def grade(self, picks: tuple[int, ...] = (), text: str = "") -> Verdict:
        """The verdict on a whole answer."""

    @abstractmethod
    def solution(self) -> str:
        """The right answer in words."""

    @abstractmethod
    def best(self) -> tuple[tuple[int, ...], str]:
        """(picks, text) of a right answer."""

    @abstractmethod
    def told(self) -> tuple[str, ...]:
        """Every feedback the question can give."""

    def arranged(self, shuffled: tuple[int, ...]) -> tuple[int, ...]:
        """The order to show, given a shuffled one."""
        return shuffled

    def with_verdict(self, order: tuple[int, ...], verdict: bool) -> tuple[int, ...]:
        """The places on the screen of the choices that a bare "đúng" or "sai" may mean."""
        return ()

    @property
    def size(self) -> int:
        return self.count()


def lettered(texts: list[str]) -> str:
    """One option a line behind its letter."""
    return "\n".join(f"{LETTERS[i]}. {text}" for i, text in enumerate(texts))


def letter_choices(order: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((LETTERS[i], index) for i, index in enumerate(order))


def expectation(kind: str, texts: list[str], **more: Any) -> dict[str, Any]:
    return {"kind": kind, "options": texts, **more}


def key_of(picks: tuple[int, ...]) -> str:
    return ",".join(map(str, picks))


def never_solved(shuffled: tuple[int, ...]) -> tuple[int, ...]:
    """The order, turned by one where it happens to be the file's own, which is the solution."""
    return shuffled[1:] + shuffled[:1] if shuffled == tuple(sorted(shuffled)) else shuffled
