"""A short story with branches: each choice leads on to a later scene or to an end that is right or wrong."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from bot.learning.form import WHY, Blank, Form, told
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
)


class Choice(Part):
    """What one may do in a scene: go `to` a later scene, or end the story well or badly."""

    text: str = Field(min_length=1, max_length=160)
    feedback: str = Field(min_length=5)
    to: str | None = None
    ends: Literal["right", "wrong"] | None = None


class Scene(Part):
    id: str
    text: str = Field(min_length=10)
    choices: tuple[Choice, ...] = Field(min_length=2, max_length=3)


class Scenario(Question):
    form: ClassVar[Form] = Form("Tình huống rẽ nhánh", "Kể một câu chuyện ngắn; mỗi cách làm dẫn sang cảnh sau, hoặc kết thúc đúng hay sai.", (
        Blank("scenes", "Các cảnh, cảnh đầu là lúc bắt đầu", "list", one="Cảnh", begin=2, blanks=(
            Blank("text", "Chuyện gì xảy ra", "text", "Một cảnh chừng hai, ba câu ngắn.", 45),
            Blank("choices", "Có thể làm gì", "list", WHY, one="Cách làm", begin=2, blanks=(
                Blank("text", "Nội dung cách làm"),
                told("feedback", "Lời giải thích cho người chọn cách này"),
                Blank("to", "Làm vậy thì", "way", otherwise="ends", options=(("right", "Kết thúc đúng"), ("wrong", "Kết thúc sai"))))))),))
    several: ClassVar[bool] = True
    type: Literal["scenario"]
    scenes: tuple[Scene, ...] = Field(min_length=2, max_length=4)

    @model_validator(mode="after")
    def ends(self):
        """Every choice leads somewhere, never back; every scene is reached; a right end exists."""
        place: dict[str, int] = {}
        for at, scene in enumerate(self.scenes):
            if scene.id in place:
                raise Misplaced("two scenes have the same id", "scenes", at, "id")
            place[scene.id] = at
        reached = {0}
        for at, scene in enumerate(self.scenes):
            for number, choice in enumerate(scene.choices):
                where = ("scenes", at, "choices", number)
                if (choice.to is None) == (choice.ends is None):
                    raise Misplaced("a choice goes either `to` a scene or `ends` right or wrong", *where)
                if choice.to is not None:
                    if choice.to not in place:
                        raise Misplaced(f"there is no scene {choice.to}", *where, "to")
                    if place[choice.to] <= at:
                        raise Misplaced("a choice leads to a later scene only; write the scenes in their order", *where, "to")
                    if at in reached:
                        reached.add(place[choice.to])
        if len(reached) < len(self.scenes):
            lost = next(at for at in range(len(self.scenes)) if at not in reached)
            raise Misplaced("no choice leads to this scene", "scenes", lost)
        if self._best(self.scenes[0]) is None:
            raise ValueError("no way through the story ends right")
        return self

    def scene(self, picked: tuple[int, ...]) -> Scene | None:
        """Where the choices so far have led; None at an end."""
        here: Scene | None = self.scenes[0]
        for pick in picked:
            if here is None:
                return None
            to = here.choices[pick].to
            here = next(s for s in self.scenes if s.id == to) if to else None
        return here

    def _here(self, picked: tuple[int, ...]) -> Scene:
        return self.scene(picked) or self.scenes[0]

    def count(self, picked: tuple[int, ...] = ()) -> int:
        return len(self._here(picked).choices)

    def stage(self, picked: tuple[int, ...] = ()) -> str:
        return self._here(picked).id

    def ask(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> Shown:
        here = self._here(picked)
        texts = [here.choices[i].text for i in order]
        return Shown(f"{here.text}\n\n{lettered(texts)}", letter_choices(order), "Bấm chữ cái hoặc gõ việc mình làm.")

    def expect(self, order: tuple[int, ...], picked: tuple[int, ...] = ()) -> dict:
        return expectation("single", [self._here(picked).choices[i].text for i in order])

    def pick(self, picked: tuple[int, ...], choice: int) -> Picked:
        chosen = self._here(picked).choices[choice]
        return Picked((*picked, choice), chosen.to is None, chosen.feedback if chosen.to else "")

    def read_as(self, picked: tuple[int, ...], choices: tuple[int, ...]) -> Picked:
        return self.pick(picked, choices[0])

    def grade(self, picks: tuple[int, ...] = (), text: str = "") -> Verdict:
        last = self._here(picks[:-1]).choices[picks[-1]]
        return Verdict(last.ends == "right", last.feedback, key_of(picks))

    def _best(self, scene: Scene) -> tuple[int, ...] | None:
        """The shortest way to a right end, indexes of choices."""
        ways = []
        for at, choice in enumerate(scene.choices):
            if choice.ends == "right":
                return (at,)
            if choice.to is not None:
                rest = self._best(next(s for s in self.scenes if s.id == choice.to))
                if rest is not None:
                    ways.append((at, *rest))
        return min(ways, key=len, default=None)

    def solution(self) -> str:
        words, picked = [], ()
        for pick in self.best()[0]:
            words.append(self._here(picked).choices[pick].text)
            picked = (*picked, pick)
        return " → ".join(words)

    def best(self) -> tuple[tuple[int, ...], str]:
        return self._best(self.scenes[0]) or (), ""

    def told(self) -> tuple[str, ...]:
        return tuple(c.feedback for s in self.scenes for c in s.choices)
