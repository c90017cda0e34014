"""A stored answer in words, for whoever reads the figures of a course: "0,2" as the options that were picked.

Pure, and the same for every question type: what the choices say is known from the question's own interface. What was
typed into a fill-in is shown only if the course itself expects it: anything else may be a name.
"""

from bot.language.choices import squeeze
from bot.learning.items.base import Question

GAVE_UP = "Xin xem đáp án"
TYPED_OTHER = "Một câu khác, tự gõ"
NOTHING = "Không chọn gì"
UNREADABLE = "Lựa chọn không còn trong câu hỏi"


def prompt_of(item: Question) -> str:
    """What the question asks, on one line, without its choices."""
    return " ".join(item.ask(()).text.partition("\n\n")[0].split())


def in_words(item: Question, answer: str) -> str:
    """What the learner said. answer: as it is stored of an attempt ("?" when they gave up)."""
    if answer == "?":
        return GAVE_UP
    if not item.count():
        return {squeeze(a): a for a in item.expect(())["accept"]}.get(answer, TYPED_OTHER)
    if not answer:
        return NOTHING
    try:
        return picked(item, tuple(int(part) for part in answer.split(",")))
    except (ValueError, IndexError):
        return UNREADABLE


def picked(item: Question, picks: tuple[int, ...]) -> str:
    """The choices in words. Raises IndexError for one that the question does not have."""
    asked = item.expect(tuple(range(item.count())))
    if "lefts" in asked:
        return "; ".join(f"{left} – {asked['options'][pick]}" for left, pick in zip(asked["lefts"], picks, strict=False))
    if asked["kind"] == "multiple":
        return "; ".join(asked["options"][pick] for pick in picks)
    words = []
    for at, pick in enumerate(picks):
        before = picks[:at] if asked["kind"] == "single" else ()  # a story: what there is to choose depends on the choices before
        words.append(item.expect(tuple(range(item.count(before))), before)["options"][pick])
    return " → ".join(words)
