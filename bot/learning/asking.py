"""One question on the screen: shown, read when typed, tapped, and judged. Lessons, tests and revision all ask through this.

Pure. What is on the screen is a `Screen`; a move gives what to say, what has been picked so far, and an answer once it
is whole.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from bot.language.choices import read
from bot.learning import phrases
from bot.learning.items.base import LETTERS, Picture, Question, Verdict


@dataclass(frozen=True)
class Say:
    """One message. buttons: (title, command); a command is a word of the engine's or (pick, item id, index)."""

    text: str
    buttons: tuple[tuple[str, Any], ...] = ()
    picture: Picture | None = None


@dataclass(frozen=True)
class Screen:
    """A question being asked. tries: answers given before; picked: choices made so far, as indexes into the file's order."""

    item: Question
    seed: int
    tries: int = 0
    picked: tuple[int, ...] = ()

    @property
    def order(self) -> tuple[int, ...]:
        """The choices' order on the screen: shuffled, new at each try, the same after a restart."""
        order = list(range(self.item.count(self.picked)))
        Random(f"{self.seed}:{self.item.id}{self.item.stage(self.picked)}:{self.tries}").shuffle(order)
        return self.item.arranged(tuple(order))

    @property
    def expectation(self) -> dict[str, Any]:
        """What a typed text is read against (bot/language/choices.py)."""
        return self.item.expect(self.order, self.picked)

    def say(self) -> Say:
        """The question, or the choices that are left once some have been tapped."""
        shown = self.item.ask(self.order, self.picked)
        picks = tuple((title, ("pick", self.item.id, index)) for title, index in shown.choices
                      if index not in self.picked or not shown.many)
        if self.picked and shown.many:
            titles = {index: title for title, index in shown.choices}
            so_far = ", ".join(titles[i] for i in self.picked)
            done = ((phrases.DONE, ("pick", self.item.id, "done")),) if self.item.hands_in else ()
            return Say(phrases.SO_FAR.format(letters=so_far), (*picks, *done, (phrases.RESET, ("pick", self.item.id, "reset"))))
        picture = getattr(self.item, "picture", None) if not self.picked else None
        return Say(f"{phrases.QUESTION} {shown.text}\n\n{shown.hint}", picks, picture)


@dataclass(frozen=True)
class Move:
    """What became of an input. answered: an answer is whole; verdict None then means that the learner gave up."""

    says: tuple[Say, ...] = ()
    picked: tuple[int, ...] = ()
    answered: bool = False
    verdict: Verdict | None = None


def typed(screen: Screen, text: str) -> Move:
    """A typed answer. What cannot be read is asked again, not counted."""
    order = screen.order
    reading = read(text, screen.expectation)
    if reading is None:
        return Move((Say(phrases.UNREADABLE), screen.say()), screen.picked)
    if reading.get("give_up"):
        return Move(answered=True)
    if "verdict" in reading:
        return Move((which(screen, order, reading["verdict"]),), screen.picked)
    if "text" in reading:
        return Move(answered=True, verdict=screen.item.grade((), reading["text"]))
    return chosen(screen, screen.item.read_as(screen.picked, tuple(order[i] for i in reading["picks"])))


def tapped(screen: Screen, item_id: str, pick: Any) -> Move:
    """A button of a question. One that is no longer on the screen changes nothing."""
    item = screen.item
    if item.id != item_id:
        return Move((Say(phrases.OLD_BUTTON), screen.say()), screen.picked)
    if pick == "reset":
        return Move((Screen(item, screen.seed, screen.tries).say(),))
    if pick == "done":
        if not screen.picked or not item.hands_in:
            return Move((screen.say(),), screen.picked)
        return Move(answered=True, verdict=item.grade(screen.picked))
    if not isinstance(pick, int) or not 0 <= pick < item.count(screen.picked):
        return Move((Say(phrases.OLD_BUTTON), screen.say()), screen.picked)
    return chosen(screen, item.pick(screen.picked, pick))


def chosen(screen: Screen, made: Any) -> Move:
    """A choice made: the verdict when the answer is whole, else what is left to choose."""
    if made.complete:
        return Move(answered=True, verdict=screen.item.grade(made.picked))
    asked = Screen(screen.item, screen.seed, screen.tries, made.picked).say()
    return Move(((Say(made.note), asked) if made.note else (asked,)), made.picked)


def which(screen: Screen, order: tuple[int, ...], verdict: bool) -> Say:
    """"Sai" was typed and two reasons begin with "Sai": ask which."""
    places = screen.item.with_verdict(order, verdict)
    texts = screen.expectation["options"]
    buttons = tuple((LETTERS[at], ("pick", screen.item.id, order[at])) for at in places)
    lines = "\n".join(f"{LETTERS[at]}. {texts[at].partition(': ')[2]}" for at in places)
    return Say(f"{phrases.WHICH_REASON}\n\n{lines}", buttons)


def reaction(item: Question, verdict: Verdict | None, last: bool) -> Say:
    """What is said of an answer. last: it will not be asked again, so the solution is told and a person offered."""
    if verdict is not None and verdict.correct:
        return Say(f"{phrases.RIGHT} {verdict.feedback}")
    solution = phrases.SOLUTION.format(solution=item.solution())
    if verdict is None:
        return Say(solution, ((phrases.HUMAN, "human"),)) if last else Say(phrases.GAVE_UP.format(solution=item.solution()))
    if last:
        return Say(f"{phrases.NOT_YET} {verdict.feedback}\n\n{solution}", ((phrases.HUMAN, "human"),))
    return Say(f"{phrases.NOT_YET} {verdict.feedback}")
