"""Put three to five things in order. The file lists them in the right order."""

from typing import ClassVar, Literal

from pydantic import Field

from bot.learning.form import Blank, Form, told
from bot.learning.items.base import Part, Picked, Question, Shown, Verdict, expectation, key_of, letter_choices, lettered, never_solved


class Place(Part):
    """A thing to place; why: told when it is the first one put at a wrong place."""

    text: str = Field(min_length=1, max_length=160)
    why: str = Field(min_length=5)


class Ordering(Question):
    form: ClassVar[Form] = Form("Xếp thứ tự", "Ba đến năm việc phải làm theo thứ tự; máy tự xáo trộn khi hỏi.", (
        Blank("prompt", "Câu hỏi", "text"),
        Blank("places", "Các việc, theo thứ tự đúng", "list", one="Việc", begin=3, blanks=(
            Blank("text", "Việc cần làm"),
            told("why", "Lời giải thích vì sao việc này đứng ở đây", "Hiện ra khi người học đặt sai chỗ việc này."))),
        told("feedback_right", "Lời khen khi xếp đúng")))
    several: ClassVar[bool] = True
    type: Literal["ordering"]
    prompt: str
    places: tuple[Place, ...] = Field(min_length=3, max_length=5)
    feedback_right: str = Field(min_length=5)

    def count(self, picked: tuple[int, ...] = ()) -> int:
        return len(self.places)

    def arranged(self, shuffled: tuple[int, ...]) -> tuple[int, ...]:
        return never_solved(shuffled)

    def ask(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> Shown:
        texts = [self.places[i].text for i in order]
        example = ", ".join("bacde"[: len(texts)])
        return Shown(f"{self.prompt}\n\n{lettered(texts)}", letter_choices(order),
                     f"Bấm lần lượt theo thứ tự, hoặc gõ ví dụ: {example}.", many=True)

    def expect(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> dict:
        return expectation("ordering", [self.places[i].text for i in order], begun=len(picked))

    def pick(self, picked: tuple[int, ...], choice: int) -> Picked:
        return following(picked, choice, len(self.places))

    def read_as(self, picked: tuple[int, ...], choices: tuple[int, ...]) -> Picked:
        """One typed alone is the next; else they are the whole order, whatever had been tapped."""
        return self.pick(picked, choices[0]) if len(choices) == 1 else Picked(choices, complete=True)

    def grade(self, picks: tuple[int, ...] = (), text: str = "") -> Verdict:
        """Right when in the file's order. Feedback: why the first misplaced thing belongs where it does."""
        for place in range(len(self.places)):
            if picks[place:place + 1] != (place,):
                return Verdict(False, f"Việc thứ {place + 1} là “{self.places[place].text}”. {self.places[place].why}",
                               key_of(picks))
        return Verdict(True, self.feedback_right, key_of(picks))

    def solution(self) -> str:
        return " → ".join(p.text for p in self.places)

    def best(self) -> tuple[tuple[int, ...], str]:
        return tuple(range(len(self.places))), ""

    def told(self) -> tuple[str, ...]:
        return self.feedback_right, *(p.why for p in self.places)


def following(picked: tuple[int, ...], choice: int, count: int) -> Picked:
    """One more of a sequence of all choices; the last one follows by itself."""
    after = picked if choice in picked else (*picked, choice)
    left = tuple(i for i in range(count) if i not in after)
    return Picked((*after, *left), True) if len(left) <= 1 else Picked(after, False)
