"""Fill in a word or a number; diacritics, case and spacing do not matter."""

from typing import Literal

from pydantic import Field

from bot.language.choices import squeeze
from bot.learning.items.base import Part, Shown, Verdict, expectation


class Near(Part):
    """Wrong answers to expect, and what to tell who gave one."""

    match: tuple[str, ...] = Field(min_length=1)
    feedback: str = Field(min_length=5)


class Fill(Part):
    type: Literal["fill"]
    id: str
    prompt: str
    accept: tuple[str, ...] = Field(min_length=1)
    near: tuple[Near, ...] = ()
    feedback_right: str = Field(min_length=5)
    feedback_wrong: str = Field(min_length=5)
    source: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return 0

    def ask(self, order: tuple[int, ...] = ()) -> Shown:
        return Shown(self.prompt, (), "Gõ câu trả lời ngắn, không dấu cũng được.")

    def expect(self, order: tuple[int, ...] = ()) -> dict:
        return expectation("fill", [], accept=[*self.accept, *(m for n in self.near for m in n.match)])

    def grade(self, picks: tuple[int, ...] = (), text: str = "") -> Verdict:
        """Right when it is an accepted answer, or a few words around one; an expected wrong answer stays wrong."""
        given, accepted = squeeze(text), {squeeze(a) for a in self.accept}
        if given in accepted:
            return Verdict(True, self.feedback_right, given[:200])
        for near in self.near:
            if given in {squeeze(m) for m in near.match}:
                return Verdict(False, near.feedback, given[:200])
        if len(given.split()) <= 5 and any(len(a) > 1 and f" {a} " in f" {given} " for a in accepted):
            return Verdict(True, self.feedback_right, given[:200])
        return Verdict(False, self.feedback_wrong, given[:200])

    def solution(self) -> str:
        return self.accept[0]
