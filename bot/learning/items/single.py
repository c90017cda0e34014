"""One right choice among two to five."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from bot.learning import form
from bot.learning.form import Blank, Form
from bot.learning.items.base import Option, Question, Shown, Verdict, expectation, letter_choices, lettered


class Single(Question):
    form: ClassVar[Form] = Form("Chọn một câu đúng", "Kiểm một ý: hai đến năm lựa chọn, chỉ một đáp án đúng.", (
        Blank("prompt", "Câu hỏi", "text"), form.options(begin=3)))
    type: Literal["single"]
    prompt: str
    options: tuple[Option, ...] = Field(min_length=2, max_length=5)

    @model_validator(mode="after")
    def one_right(self):
        if sum(o.correct for o in self.options) != 1:
            raise ValueError("exactly one option must be `correct: true`")
        return self

    def count(self, picked: tuple[int, ...] = ()) -> int:
        return len(self.options)

    def ask(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> Shown:
        texts = [self.options[i].text for i in order]
        return Shown(f"{self.prompt}\n\n{lettered(texts)}", letter_choices(order), "Bấm chữ cái hoặc gõ câu trả lời.")

    def expect(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> dict:
        return expectation("single", [self.options[i].text for i in order])

    def grade(self, picks: tuple[int, ...] = (), text: str = "") -> Verdict:
        option = self.options[picks[0]]
        return Verdict(option.correct, option.feedback, str(picks[0]))

    def solution(self) -> str:
        return next(o.text for o in self.options if o.correct)

    def best(self) -> tuple[tuple[int, ...], str]:
        return (next(i for i, o in enumerate(self.options) if o.correct),), ""

    def told(self) -> tuple[str, ...]:
        return tuple(o.feedback for o in self.options)
