"""Put three to five things in order. The file lists them in the right order."""

from typing import Literal

from pydantic import Field

from bot.learning.items.base import Part, Shown, Verdict, expectation, letter_choices, lettered


class Place(Part):
    """A thing to place; why: told when it is the first one put at a wrong place."""

    text: str = Field(min_length=1, max_length=160)
    why: str = Field(min_length=5)


class Ordering(Part):
    type: Literal["ordering"]
    id: str
    prompt: str
    places: tuple[Place, ...] = Field(min_length=3, max_length=5)
    feedback_right: str = Field(min_length=5)
    source: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return len(self.places)

    def ask(self, order: tuple[int, ...]) -> Shown:
        texts = [self.places[i].text for i in order]
        example = ", ".join("bacde"[: len(texts)])
        return Shown(f"{self.prompt}\n\n{lettered(texts)}", letter_choices(order),
                     f"Bấm lần lượt theo thứ tự, hoặc gõ ví dụ: {example}.", many=True)

    def expect(self, order: tuple[int, ...]) -> dict:
        return expectation("ordering", [self.places[i].text for i in order])

    def grade(self, picks: tuple[int, ...], text: str = "") -> Verdict:
        """Right when in the file's order. Feedback: why the first misplaced thing belongs where it does."""
        key = ",".join(map(str, picks))
        for place in range(self.size):
            if picks[place:place + 1] != (place,):
                return Verdict(False, f"Việc thứ {place + 1} là “{self.places[place].text}”. {self.places[place].why}", key)
        return Verdict(True, self.feedback_right, key)

    def solution(self) -> str:
        return " → ".join(p.text for p in self.places)
