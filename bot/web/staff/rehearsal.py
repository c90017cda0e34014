"""A lesson tried out on the page: every move since its beginning is played again, so nothing needs to be kept anywhere.

What the learner would be told comes from the engine through the code that the chat uses (bot/learning/replies.py,
bot/gateway.py); how it looks comes from channel_view.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.gateway import bodies_of, numbers_choose, offered_by
from bot.learning import engine, preview
from bot.learning.engine import Outcome, Progress
from bot.learning.model import CARD_WORDS, Card
from bot.learning.preview import Playable
from bot.learning.replies import replies_of
from bot.services.inbox import offered_payload
from bot.web.staff.channel_view import TEXT, Shown, shown

MOST_MOVES, MOST_CHARACTERS = 300, 500
OUTSIDE_BUTTON = "Trong chat thật, nút này dẫn ra ngoài bài học. Bản xem thử chỉ có bài học."
OUTSIDE_WORDS = "Trong chat thật, câu này được trả lời như một câu hỏi thường, bài học vẫn chờ. Gõ “tiếp” để sang phần sau."


class Move(BaseModel):
    """What was done: a button of the newest messages, by its place among them, or words."""

    model_config = ConfigDict(extra="forbid")
    button: int | None = Field(default=None, ge=0)
    text: str = Field(default="", max_length=MOST_CHARACTERS)


MOVES: TypeAdapter[list[Move]] = TypeAdapter(Annotated[list[Move], Field(max_length=MOST_MOVES)])


def moves_of(given: str) -> list[Move] | None:
    """The moves a page carries along; None when they are none, so that a page of old or another's making begins anew."""
    try:
        return MOVES.validate_json(given)
    except ValidationError:
        return None


def carried(moves: Sequence[Move]) -> str:
    return MOVES.dump_json(list(moves), exclude_defaults=True).decode()


@dataclass
class Step:
    """What was pressed or typed ("" at the beginning), and what came of it. aside: a word of the page's own, not of the chat's."""

    said: str
    messages: list[Shown] = field(default_factory=list)
    aside: str = ""
    card_words: int | None = None
    """Of the card that the newest message shows."""

    @property
    def too_long(self) -> bool:
        return self.card_words is not None and self.card_words > CARD_WORDS


@dataclass
class Rehearsal:
    """offered: the newest buttons, {title, payload, numbered}, in order."""

    steps: list[Step]
    offered: list[dict]
    progress: Progress


def rehearse(given: Playable, lesson: int, moves: Sequence[Move], channel: str, public_url: str, stored: Callable[[str], bool],
             seed: int = preview.SEED) -> Rehearsal | None:
    """The lesson (0-based) up to now. None when the moves do not fit the course, because it has been changed meanwhile."""
    course = given.course
    progress = preview.begin(course, lesson, seed)
    step, offered, progress = _said("", engine.show(course, progress), given, channel, public_url, stored)
    steps = [step]
    for move in moves:
        if move.button is not None:
            if move.button >= len(offered):
                return None
            said, outside = offered[move.button]["title"], OUTSIDE_BUTTON
            outcome = preview.pressed(course, progress, offered[move.button]["payload"])
        else:
            said = move.text
            payload = typed_payload(channel, offered, move.text)
            outcome = preview.pressed(course, progress, payload) if payload else preview.typed(course, progress, move.text)
            outside = OUTSIDE_BUTTON if payload else OUTSIDE_WORDS
        if outcome is None:
            steps.append(Step(said, aside=outside))
            continue
        step, offered, progress = _said(said, outcome, given, channel, public_url, stored)
        steps.append(step)
    return Rehearsal(steps, offered, progress)


def typed_payload(channel: str, offered: list[dict], text: str) -> str | None:
    """The button that typed words stand for, as the terminal and then the inbox read them with a lesson on the screen."""
    number = text.strip()
    if channel == TEXT and number.isdecimal() and 1 <= int(number) <= len(offered):
        return offered[int(number) - 1]["payload"]
    return offered_payload(offered, text, words=False)


def _said(said: str, outcome: Outcome, given: Playable, channel: str, public_url: str,
          stored: Callable[[str], bool]) -> tuple[Step, list[dict], Progress]:
    """One turn of the chat: what Rasa would hand to the gateway, as the gateway queues it, as the channel shows it."""
    replies = []
    for reply in (r.as_dict() for r in replies_of(outcome.says, public_url)):
        custom = {k: v for k, v in reply.items() if k not in ("text", "buttons", "image")}
        replies.append({"text": reply["text"], "buttons": reply["buttons"], "image": reply["image"], "custom": custom})
    by_number = numbers_choose(engine.expectation(given.course, outcome.progress))
    bodies, counted = [], 0
    for body in bodies_of(replies, by_number):
        # the outbox gives buttons ids of its own; here it is their place in the turn
        buttons = [{**b, "payload": str(counted + at)} for at, b in enumerate(body["buttons"])]
        counted += len(buttons)
        bodies.append({**body, "buttons": buttons})
    here = engine.current(given.course, outcome.progress)
    card = here if isinstance(here, Card) and here is not preview.NOTHING_YET.card else None
    return (Step(said, shown(channel, bodies, stored), card_words=preview.words(card.text) if card else None),
            offered_by(replies, by_number), outcome.progress)
