"""What every question type offers the engine, and the small parts they share.

A question type is a frozen model with
- `ask(order)`: how to show it, with the options in the order given (indexes into the file's order);
- `expect(order)`: what bot/language/choices.py needs to read a typed answer;
- `grade(picks, text)`: the verdict on an answer, picks being indexes into the file's order.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

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


def lettered(texts: list[str]) -> str:
    """One option a line behind its letter."""
    return "\n".join(f"{LETTERS[i]}. {text}" for i, text in enumerate(texts))


def letter_choices(order: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((LETTERS[i], index) for i, index in enumerate(order))


def expectation(kind: str, texts: list[str], **more: Any) -> dict[str, Any]:
    return {"kind": kind, "options": texts, **more}
