"""Mark the suspicious parts of a message: the message stands there whole, its parts are lettered."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from bot.learning.form import Blank, Form, told
from bot.learning.items.base import LETTERS, Part, Picked, Question, Shown, Verdict, expectation, key_of, letter_choices


class Fragment(Part):
    """A piece of the message. feedback: why it is suspicious, or why it only looks so."""

    text: str = Field(min_length=1, max_length=160)
    suspicious: bool = False
    feedback: str = Field(min_length=5)


class Spot(Question):
    form: ClassVar[Form] = Form("Tìm chỗ đáng ngờ", "Đưa ra một tin nhắn, người học đánh dấu những chỗ đáng ngờ trong tin.", (
        Blank("prompt", "Câu hỏi", "text"),
        Blank("sender", "Người gửi ghi trên tin"),
        Blank("parts", "Các đoạn của tin nhắn, theo thứ tự", "list", one="Đoạn", begin=3, blanks=(
            Blank("text", "Nội dung đoạn"),
            Blank("suspicious", "Đoạn này đáng ngờ", "tick"),
            told("feedback", "Lời giải thích", "Vì sao đoạn này đáng ngờ, hoặc vì sao chỉ trông giống đáng ngờ.")))))
    several: ClassVar[bool] = True
    hands_in: ClassVar[bool] = True
    type: Literal["spot"]
    prompt: str
    sender: str = Field(min_length=1, max_length=60)
    parts: tuple[Fragment, ...] = Field(min_length=3, max_length=6)

    @model_validator(mode="after")
    def some_suspicious(self):
        if not 1 <= sum(p.suspicious for p in self.parts) < len(self.parts):
            raise ValueError("at least one part must be `suspicious: true`, and at least one must not")
        return self

    def count(self, picked: tuple[int, ...] = ()) -> int:
        return len(self.parts)

    def arranged(self, shuffled: tuple[int, ...]) -> tuple[int, ...]:
        """A message is read from its beginning."""
        return tuple(sorted(shuffled))

    def ask(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> Shown:
        lines = "\n".join(f"[{LETTERS[i]}] {p.text}" for i, p in enumerate(self.parts))
        return Shown(f"{self.prompt}\n\n✉️ {self.sender}:\n{lines}", letter_choices(order),
                     "Chọn hết các chỗ đáng ngờ rồi bấm Xong, hoặc gõ ví dụ: a, c.", many=True)

    def expect(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> dict:
        return expectation("multiple", [p.text for p in self.parts])

    def pick(self, picked: tuple[int, ...], choice: int) -> Picked:
        return Picked(picked if choice in picked else (*picked, choice), complete=False)

    def grade(self, picks: tuple[int, ...] = (), text: str = "") -> Verdict:
        """Right when exactly the suspicious parts are marked."""
        right = {i for i, p in enumerate(self.parts) if p.suspicious}
        wrong, missed = [i for i in sorted(picks) if i not in right], sorted(right - set(picks))
        lines = [f"“{self.parts[i].text}”: {self.parts[i].feedback}" for i in wrong]
        lines += [f"Còn sót “{self.parts[i].text}”: {self.parts[i].feedback}" for i in missed]
        if not lines:
            lines = [self.parts[i].feedback for i in sorted(right)]
        return Verdict(not wrong and not missed, "\n".join(lines), key_of(tuple(sorted(picks))))

    def solution(self) -> str:
        return "; ".join(p.text for p in self.parts if p.suspicious)

    def best(self) -> tuple[tuple[int, ...], str]:
        return tuple(i for i, p in enumerate(self.parts) if p.suspicious), ""

    def told(self) -> tuple[str, ...]:
        return tuple(p.feedback for p in self.parts)
