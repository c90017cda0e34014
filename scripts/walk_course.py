"""Takes a course through the web chat of a running server as a learner would, and answers every wrong choice once.

`.venv/bin/python scripts/walk_course.py gia-danh-cong-an [--url http://127.0.0.1:8080] [--lessons 1]` prints the transcript.
It knows the course from its file, reads the screen like a person (the options' own words), and taps or types by turns.
"""

import argparse
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bot.learning import phrases
from bot.learning.document import load
from bot.learning.items.base import LETTERS, Question
from bot.learning.model import Course

ROOT = Path(__file__).resolve().parent.parent
MOST_MOVES = 1500
Send = Callable[[dict], list[dict]]
"""{"text"} or {"payload"} -> the replies."""


@dataclass
class Walk:
    """tried: wrong answers given so far, by item: picks or typed words. taps: every second answer is tapped."""

    course: Course
    send: Send
    said: list[str] = field(default_factory=list)
    tried: dict[str, list] = field(default_factory=dict)
    shown: list[dict] = field(default_factory=list)
    moves: int = 0

    def do(self, body: dict, words: str) -> None:
        self.said.append(f"👤 {words}")
        self.shown = self.send(body)
        for message in self.shown:
            titles = " ".join(f"[{b['title']}]" for b in message["buttons"])
            picture = f"🖼 {message['alt']}\n" if message.get("alt") else ""
            self.said.append(f"🤖 {picture}{message['text']}" + (f"\n   {titles}" if titles else ""))

    def press(self, title: str) -> None:
        """The newest button with this title (or beginning)."""
        for message in reversed(self.shown):
            for button in message["buttons"]:
                if button["title"] == title or button["title"].startswith(title):
                    return self.do({"payload": button["payload"]}, f"[{button['title']}]")
        raise AssertionError(f"no button {title!r} among {[b['title'] for m in self.shown for b in m['buttons']]}")

    def text(self) -> str:
        return "\n".join(m["text"] for m in self.shown)

    def run(self, lessons: int = 0) -> list[str]:
        """From the first card to the end (or through so many lessons); returns the transcript."""
        self.do({"text": f"Tôi muốn học {self.course.aliases[0]}"}, f"Tôi muốn học {self.course.aliases[0]}")
        if any(b["title"] == "Đồng ý" for m in self.shown for b in m["buttons"]):
            self.press("Đồng ý")
        if phrases.TEST_FIRST.format(count=len(self.course.test)) in [b["title"] for m in self.shown for b in m["buttons"]]:
            self.press(phrases.TEST_FIRST.format(count=len(self.course.test)))
        done = 0
        while self.moves < MOST_MOVES:
            self.moves += 1
            text = self.text()
            done += text.count("🎉 Xong bài")
            if "🎓" in text or (lessons and done >= lessons):
                return self.said
            item = self.asked()
            titles = [b["title"] for m in self.shown for b in m["buttons"]]
            if item is not None:
                self.answer(item)
            elif phrases.DONE in titles:  # a letter typed alone is a tap
                self.press(phrases.DONE)
            elif phrases.GO_ON[0][0] in titles:
                self.press(phrases.GO_ON[0][0])
            elif phrases.CARD_BUTTONS[0][0] in titles:
                self.press(phrases.CARD_BUTTONS[0][0])
            else:
                raise AssertionError(f"nothing to do on this screen:\n{text}\n{titles}")
        raise AssertionError("the course does not end")

    def asked(self) -> Question | None:
        """The question on the screen: the one whose words stand in the newest message that asks."""
        for message in reversed(self.shown):
            if phrases.QUESTION in message["text"]:
                for item in self.course.asked:
                    if any(text in message["text"] for text in stems(item)):
                        return item
        return None

    def answer(self, item: Question) -> None:
        """The next wrong answer that has not been tried, else the right one; typed and tapped by turns."""
        wrong = [w for w in wrong_answers(item) if w not in self.tried.get(item.id, [])]
        tested = item in self.course.test
        picks, words = wrong[0] if wrong and not tested else item.best()
        if wrong and not tested:
            self.tried.setdefault(item.id, []).append(wrong[0])
        if words:
            return self.do({"text": words}, words)
        if item.several and not item.hands_in:
            for number, pick in enumerate(picks):
                if number == len(picks) - 1 and item.type in ("ordering", "matching"):
                    break  # the last one follows by itself
                self.press(self.letter(item, pick, picks[:number]))
            return None
        if item.hands_in:
            letters = ", ".join(self.letter(item, p, ()) for p in picks)
            if self.moves % 2:
                return self.do({"text": letters}, letters)
            for number, pick in enumerate(picks):
                self.press(self.letter(item, pick, picks[:number]))
            return self.press(phrases.DONE)
        letter = self.letter(item, picks[0], ())
        return self.press(letter) if self.moves % 2 else self.do({"text": letter.lower()}, letter.lower())

    def letter(self, item: Question, pick: int, before: tuple[int, ...]) -> str:
        """Where on the screen the choice stands."""
        if item.type not in ("scenario",):
            before = ()
        text = choice_texts(item, before)[pick]
        for message in reversed(self.screens()):
            for letter in LETTERS:
                if f"{letter}. {text}" in message or f"[{letter}] {text}" in message:
                    return letter
        raise AssertionError(f"{text!r} is not on the screen")

    def screens(self) -> list[str]:
        return self.said[-14:]


def stems(item: Question) -> list[str]:
    """What tells the question from all others on the screen."""
    if item.type == "scenario":
        return [s.text for s in item.scenes]  # type: ignore[attr-defined]
    return [getattr(item, "prompt", None) or item.statement]  # type: ignore[attr-defined]


def choice_texts(item: Question, picked: tuple[int, ...]) -> list[str]:
    order = tuple(range(item.count(picked)))
    return list(item.expect(order, picked)["options"])


def wrong_answers(item: Question) -> list[tuple[tuple[int, ...], str]]:
    """Every wrong answer worth trying: each wrong choice of a question with one, some of the others."""
    best = item.best()[0]
    if item.type == "fill":
        return [((), n) for near in item.near for n in near.match[:1]] or [((), "khong phai the")]  # type: ignore[attr-defined]
    if item.type in ("ordering", "matching"):
        return [(tuple(reversed(range(item.count()))), "")]
    if item.hands_in:
        return [((i,), "") for i in range(item.count()) if i not in best] + [(best[:1], "")]
    if item.type == "scenario":
        return [(path, "") for path in bad_ends(item, ())]
    return [((i,), "") for i in range(item.count()) if i not in best]


def bad_ends(item: Question, picked: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Every way through a scenario that ends badly."""
    found = []
    for at, choice in enumerate(item.scene(picked).choices):  # type: ignore[attr-defined]
        if choice.ends == "wrong":
            found.append((*picked, at))
        elif choice.to:
            found += bad_ends(item, (*picked, at))
    return found


def over_http(url: str) -> Send:
    """Sends to a running server as a new citizen."""
    client, state = httpx.Client(base_url=url, timeout=40), {}

    def send(body: dict) -> list[dict]:
        answer = client.post("/api/chat", json={**state, **body, "id": uuid.uuid4().hex})
        answer.raise_for_status()
        state["sender"] = answer.json()["sender"]
        return answer.json()["messages"]

    return send


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("course")
    arguments.add_argument("--url", default="http://127.0.0.1:8080")
    arguments.add_argument("--lessons", type=int, default=0)
    given = arguments.parse_args()
    walk = Walk(load(ROOT / "courses" / f"{given.course}.yml"), over_http(given.url))
    try:
        walk.run(given.lessons)
    finally:
        print("\n".join(walk.said))
    wrong = sum(len(w) for w in walk.tried.values())
    print(f"\n{walk.moves} answers and steps, {wrong} wrong answers tried over {len(walk.tried)} questions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
