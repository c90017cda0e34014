"""All right choices among three to six."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from bot.learning import form
from bot.learning.form import Blank, Form
from bot.learning.items.base import Option, Picked, Question, Shown, Verdict, expectation, key_of, letter_choices, lettered


class Multiple(Question):
    form: ClassVar[Form] = Form("Chọn mọi câu đúng", "Có từ hai đáp án đúng trở lên, người học phải tìm cho hết.", (
        Blank("prompt", "Câu hỏi", "text"), form.options(begin=4, right="tick")))
    several: ClassVar[bool] = True
    hands_in: ClassVar[bool] = True
    type: Literal["multiple"]
    prompt: str
    options: tuple[Option, ...] = Field(min_length=3, max_length=6)

    @model_validator(mode="after")
    def some_right(self):
        right = sum(o.correct for o in self.options)
        if not 2 <= right < len(self.options):
            raise ValueError("at least two options must be `correct: true`, and at least one must not")
        return self

    def count(self, picked: tuple[int, ...] = ()) -> int:
        return len(self.options)

    def ask(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> Shown:
        texts = [self.options[i].text for i in order]
        return Shown(f"{self.prompt}\n\n{lettered(texts)}", letter_choices(order),
                     "Chọn hết các câu đúng rồi bấm Xong, hoặc gõ ví dụ: a, c.", many=True)

    def expect(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> dict:
        return expectation("multiple", [self.options[i].text for i in order])

    def pick(self, picked: tuple[int, ...], choice: int) -> Picked:
        return Picked(picked if choice in picked else (*picked, choice), complete=False)

    def grade(self, picks: tuple[int, ...] = (), text: str = "") -> Verdict:
        """Right when exactly the right ones are picked. Feedback: every wrong pick, else what was missed."""
        right = {i for i, o in enumerate(self.options) if o.correct}
        wrong, missed = [i for i in sorted(picks) if i not in right], sorted(right - set(picks))
        if wrong:
            lines = [f"“{self.options[i].text}”: {self.options[i].feedback}" for i in wrong]
        elif missed:
            lines = [f"Còn thiếu “{self.options[i].text}”: {self.options[i].feedback}" for i in missed]
        else:
            lines = [self.options[i].feedback for i in sorted(right)]
        return Verdict(not wrong and not missed, "\n".join(lines), key_of(tuple(sorted(picks))))

    def solution(self) -> str:
        return "; ".join(o.text for o in self.options if o.correct)

    def best(self) -> tuple[tuple[int, ...], str]:
        return tuple(i for i, o in enumerate(self.options) if o.correct), ""

    def told(self) -> tuple[str, ...]:
        return tuple(o.feedback for o in self.options)
