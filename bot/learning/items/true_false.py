"""Is the statement true, and why: the reason is chosen together with the verdict."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from bot.learning.form import WHY, Blank, Form, told
from bot.learning.items.base import Part, Question, Shown, Verdict, expectation, letter_choices, lettered


class Reason(Part):
    """A verdict with its reason, and what to tell who chose it."""

    verdict: bool
    text: str = Field(min_length=1, max_length=160)
    correct: bool = False
    feedback: str = Field(min_length=5)


class TrueFalse(Question):
    form: ClassVar[Form] = Form("Đúng hay sai, vì sao", "Nêu một nhận định; người học chọn đúng hay sai kèm lý do.", (
        Blank("statement", "Nhận định", "text"),
        Blank("reasons", "Các lý do", "list", one="Lý do", begin=3, hint=f"Có ít nhất một lý do “đúng” và một lý do “sai”. {WHY}", blanks=(
            Blank("verdict", "Lý do này nói nhận định là", "choice", options=((True, "Đúng"), (False, "Sai"))),
            Blank("text", "Nội dung lý do"),
            Blank("correct", "Đây là lý do đúng", "only"),
            told("feedback", "Lời giải thích cho người chọn lý do này")))))
    type: Literal["true_false"]
    statement: str
    reasons: tuple[Reason, ...] = Field(min_length=2, max_length=5)

    @model_validator(mode="after")
    def one_right(self):
        if sum(r.correct for r in self.reasons) != 1:
            raise ValueError("exactly one reason must be `correct: true`")
        if len({r.verdict for r in self.reasons}) != 2:
            raise ValueError("give at least one reason for true and one for false")
        return self

    def count(self, picked: tuple[int, ...] = ()) -> int:
        return len(self.reasons)

    def _line(self, i: int) -> str:
        return f"{'Đúng' if self.reasons[i].verdict else 'Sai'}: {self.reasons[i].text}"

    def ask(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> Shown:
        return Shown(f"Đúng hay sai? Vì sao?\n“{self.statement}”\n\n{lettered([self._line(i) for i in order])}",
                     letter_choices(order), "Bấm chữ cái, hoặc gõ “đúng” hay “sai”.")

    def expect(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> dict:
        return expectation("true_false", [self._line(i) for i in order],
                           verdicts=[self.reasons[i].verdict for i in order])

    def with_verdict(self, order: tuple[int, ...], verdict: bool) -> tuple[int, ...]:
        return tuple(at for at, index in enumerate(order) if self.reasons[index].verdict == verdict)

    def grade(self, picks: tuple[int, ...] = (), text: str = "") -> Verdict:
        reason = self.reasons[picks[0]]
        return Verdict(reason.correct, reason.feedback, str(picks[0]))

    def solution(self) -> str:
        return next(self._line(i) for i, r in enumerate(self.reasons) if r.correct)

    def best(self) -> tuple[tuple[int, ...], str]:
        return (next(i for i, r in enumerate(self.reasons) if r.correct),), ""

    def told(self) -> tuple[str, ...]:
        return tuple(r.feedback for r in self.reasons)
