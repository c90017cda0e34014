"""Revision: when to ask an item again (FSRS), and a sitting over the items that are due. Pure; it stores nothing.

A sitting asks each item once; one answered wrong comes back once before the sitting ends (curriculum/pedagogy.md). Only
the first answer says how well the item was remembered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fsrs import Card, Rating, Scheduler
from pydantic import BaseModel, ConfigDict

from bot.errors import NaiveTime
from bot.learning import asking, phrases
from bot.learning.asking import Move, Say, Screen
from bot.learning.items.base import Question

RETENTION = 0.9
"""The chance of remembering at which an item is asked again (the library's default)."""
LONGEST_DAYS, LONGEST_SCAM_DAYS = 180, 28
"""What was learned about scams fades within four weeks (curriculum/pedagogy.md, 4)."""
AT_ONCE = 8
"""Most items of a sitting: three to five minutes."""


def scheduler(scams: bool) -> Scheduler:
    """Days apart from the first answer on: nobody opens the chat again after ten minutes. No fuzz: the same in every process."""
    return Scheduler(desired_retention=RETENTION, learning_steps=(), relearning_steps=(), enable_fuzzing=False,
                     maximum_interval=LONGEST_SCAM_DAYS if scams else LONGEST_DAYS)


def next_card(before: dict[str, Any] | None, rating: int, scams: bool, now: datetime) -> tuple[dict[str, Any], datetime]:
    """(the card's new state, when it is due, UTC). before: None for an item met for the first time; rating: 1 to 4.

    now: aware; a naive one would be read in the machine's own zone. Raises NaiveTime.
    """
    if now.tzinfo is None:
        raise NaiveTime("a datetime without a zone")
    card = Card.from_dict(before) if before else Card(card_id=0)  # type: ignore[arg-type]
    card, _ = scheduler(scams).review_card(card, Rating(rating), now.astimezone(UTC))
    return dict(card.to_dict()), card.due


def rating_of(correct: bool) -> int:
    """A wrong answer is "again", a right one "good"; a chat cannot tell "easy" from "good"."""
    return int(Rating.Good if correct else Rating.Again)


class Sitting(BaseModel):
    """A revision under way; kept as JSON. queue: keys of the items still to be asked, the first is on the screen.

    again: keys already answered wrong once. first_right, asked: of the first answers.
    """

    model_config = ConfigDict(frozen=True)
    seed: int
    queue: tuple[str, ...]
    again: tuple[str, ...] = ()
    picked: tuple[int, ...] = ()
    first_right: int = 0
    asked: int = 0


@dataclass(frozen=True)
class Reviewed:
    """The first answer to an item in this sitting."""

    key: str
    correct: bool
    answer: str


@dataclass(frozen=True)
class Outcome:
    """sitting: None when it has ended."""

    sitting: Sitting | None
    says: tuple[Say, ...]
    reviewed: tuple[Reviewed, ...] = field(default=())


Questions = Mapping[str, Question]
"""The questions of a sitting by key."""


def screen_of(questions: Questions, sitting: Sitting) -> Screen:
    key = sitting.queue[0]
    return Screen(questions[key], sitting.seed, int(key in sitting.again), sitting.picked)


def on_screen(questions: Questions, sitting: Sitting) -> Say:
    said = screen_of(questions, sitting).say()
    return said if sitting.picked else Say(f"{phrases.REVISION}\n{said.text}", (*said.buttons, (phrases.ENOUGH, "stop")), said.picture)


def show(questions: Questions, sitting: Sitting) -> Outcome:
    return Outcome(sitting, (on_screen(questions, sitting),))


def typed(questions: Questions, sitting: Sitting, text: str) -> Outcome:
    return moved(questions, sitting, lambda screen: asking.typed(screen, text))


def tapped(questions: Questions, sitting: Sitting, item_id: str, pick: Any) -> Outcome:
    return moved(questions, sitting, lambda screen: asking.tapped(screen, item_id, pick))


def moved(questions: Questions, sitting: Sitting, move: Callable[[Screen], Move]) -> Outcome:
    screen = screen_of(questions, sitting)
    made = move(screen)
    if not made.answered:
        return Outcome(sitting.model_copy(update={"picked": made.picked}), made.says)
    key, returned = sitting.queue[0], sitting.queue[0] in sitting.again
    correct = made.verdict is not None and made.verdict.correct
    says = [asking.reaction(screen.item, made.verdict, last=returned)]
    reviewed = () if returned else (Reviewed(key, correct, made.verdict.key if made.verdict else "?"),)
    back = () if correct or returned else (key,)
    after = sitting.model_copy(update={
        "queue": sitting.queue[1:] + back, "picked": (), "again": sitting.again + back,
        "asked": sitting.asked + len(reviewed), "first_right": sitting.first_right + sum(r.correct for r in reviewed)})
    if after.queue:
        return Outcome(after, (*says, on_screen(questions, after)), reviewed)
    says.append(Say(phrases.REVISION_DONE.format(right=after.first_right, total=after.asked)))
    return Outcome(None, tuple(says), reviewed)
