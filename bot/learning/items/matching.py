"""Join three or four things on the left, numbered, with those on the right, lettered."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from bot.learning.form import Blank, Form, told
from bot.learning.items.base import (
    Misplaced,
    Part,
    Picked,
    Question,
    Shown,
    Verdict,
    expectation,
    key_of,
    letter_choices,
    lettered,
    never_solved,
)
from bot.learning.items.ordering import following


class Pair(Part):
    """What belongs together; why: told when it is the first pair joined wrongly."""

    left: str = Field(min_length=1, max_length=60)
    right: str = Field(min_length=1, max_length=60)
    why: str = Field(min_length=5)


class Matching(Question):
    form: ClassVar[Form] = Form("Ghép đôi", "Ba hoặc bốn cặp đi với nhau, ví dụ việc cần làm và nơi làm; máy tự xáo trộn.", (
        Blank("prompt", "Câu hỏi", "text"),
        Blank("pairs", "Các cặp", "list", one="Cặp", begin=3, blanks=(
            Blank("left", "Vế trái"), Blank("right", "Vế phải, đi với vế trái"),
            told("why", "Lời giải thích vì sao đi với nhau", "Hiện ra khi người học ghép sai cặp này."))),
        told("feedback_right", "Lời khen khi ghép đúng")))
    several: ClassVar[bool] = True
    type: Literal["matching"]
    prompt: str
    pairs: tuple[Pair, ...] = Field(min_length=3, max_length=4)
    feedback_right: str = Field(min_length=5)

    @model_validator(mode="after")
    def all_different(self):
        for side in ("left", "right"):
            texts = [getattr(p, side).strip().casefold() for p in self.pairs]
            for at, text in enumerate(texts):
                if text in texts[:at]:
                    raise Misplaced(f"two pairs have the same `{side}`", "pairs", at, side)
        return self

    def count(self, picked: tuple[int, ...] = ()) -> int:
        return len(self.pairs)

    def arranged(self, shuffled: tuple[int, ...]) -> tuple[int, ...]:
        return never_solved(shuffled)

    def ask(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> Shown:
        lefts = "\n".join(f"{n}. {p.left}" for n, p in enumerate(self.pairs, 1))
        rights = lettered([self.pairs[i].right for i in order])
        example = ", ".join(f"{n}{letter}" for n, letter in enumerate("bacd"[: len(self.pairs)], 1))
        return Shown(f"{self.prompt}\n\n{lefts}\n\n{rights}", letter_choices(order),
                     f"Bấm chữ cái cho số 1, rồi số 2… Hoặc gõ ví dụ: {example}.", many=True)

    def expect(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> dict:
        return expectation("ordering", [self.pairs[i].right for i in order], lefts=[p.left for p in self.pairs], begun=len(picked))

    def pick(self, picked: tuple[int, ...], choice: int) -> Picked:
        made = following(picked, choice, len(self.pairs))
        if made.complete:
            return made
        return Picked(made.picked, False, f"Tiếp: số {len(made.picked) + 1}, “{self.pairs[len(made.picked)].left}”.")

    def read_as(self, picked: tuple[int, ...], choices: tuple[int, ...]) -> Picked:
        """One typed alone belongs to the next number; else all were joined at once, whatever had been tapped."""
        return self.pick(picked, choices[0]) if len(choices) == 1 else Picked(choices, complete=True)

    def grade(self, picks: tuple[int, ...] = (), text: str = "") -> Verdict:
        """picks: the right side chosen for each left one, in the file's order."""
        for at, pair in enumerate(self.pairs):
            if picks[at:at + 1] != (at,):
                return Verdict(False, f"“{pair.left}” đi với “{pair.right}”. {pair.why}", key_of(picks))
        return Verdict(True, self.feedback_right, key_of(picks))

    def solution(self) -> str:
        return "; ".join(f"{p.left} – {p.right}" for p in self.pairs)

    def best(self) -> tuple[tuple[int, ...], str]:
        return tuple(range(len(self.pairs))), ""

    def told(self) -> tuple[str, ...]:
        return self.feedback_right, *(p.why for p in self.pairs)
