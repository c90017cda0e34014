"""Learners for tests of the engine and of revision: small courses of all question types, right and wrong answers, and what
must hold of a learner's progress whatever happened."""

from collections.abc import Callable
from typing import Any

from bot.learning import document, engine
from bot.learning.engine import Outcome, Progress
from bot.learning.items.base import LETTERS, Question
from bot.learning.model import Card, Course

SEED = 7


def options(*rights: bool) -> list[dict]:
    return [{"text": f"Lựa chọn thứ {i}", "correct": right, "feedback": f"Phản hồi {i}."} for i, right in enumerate(rights)]


def choice(text: str, **leads: str) -> dict:
    return {"text": text, "feedback": f"Rằng {text}.", **leads}


QUESTIONS = {
    "s": {"type": "single", "id": "s", "prompt": "Làm gì?", "options": options(False, True, False)},
    "m": {"type": "multiple", "id": "m", "prompt": "Những gì?", "options": options(True, False, True)},
    "o": {"type": "ordering", "id": "o", "prompt": "Xếp lại.", "feedback_right": "Đúng cả ba.",
          "places": [{"text": f"Việc thứ {i}", "why": f"Vì là {i}."} for i in range(3)]},
    "t": {"type": "true_false", "id": "t", "statement": "Đúng vậy sao.", "reasons": [
        {"verdict": True, "text": "họ cần", "feedback": "Chưa phải."},
        {"verdict": False, "text": "không bao giờ", "correct": True, "feedback": "Đúng rồi."},
        {"verdict": False, "text": "chỉ ban ngày", "feedback": "Lý do khác."}]},
    "f": {"type": "fill", "id": "f", "prompt": "Mức ___.", "accept": ["hai"], "feedback_right": "Đúng rồi.",
          "feedback_wrong": "Là hai."},
    "j": {"type": "matching", "id": "j", "prompt": "Nối lại.", "feedback_right": "Đúng cả ba cặp.",
          "pairs": [{"left": f"Trái {i}", "right": f"Phải {i}", "why": f"Vì cặp {i}."} for i in range(3)]},
    "c": {"type": "scenario", "id": "c", "scenes": [
        {"id": "dau", "text": "Có người gọi đến.", "choices": [choice("nghe", to="giua"), choice("đưa", ends="wrong")]},
        {"id": "giua", "text": "Họ xin mã số.", "choices": [choice("đọc", ends="wrong"), choice("thôi", ends="right"), choice("cãi", to="cuoi")]},
        {"id": "cuoi", "text": "Họ dọa bắt ngay.", "choices": [choice("sợ", ends="wrong"), choice("gác", ends="right")]}]},
    "p": {"type": "spot", "id": "p", "prompt": "Chỗ nào đáng ngờ?", "sender": "Số lạ", "parts": [
        {"text": f"Đoạn {i}", "suspicious": i in (1, 3), "feedback": f"Xem đoạn {i}."} for i in range(4)]},
    "h": {"type": "picture", "id": "h", "prompt": "Hình nào đúng?", "picture": {"file": "thu-hinh", "alt": "Hình vẽ một màn hình."},
          "options": options(True, False)},
}
"""One of each type, by the letter that is its id."""
EASIER = {"type": "single", "id": "e", "prompt": "Dễ hơn nhé?", "options": options(True, False)}


def lesson(number: int, questions: list[dict], easier: bool = False) -> dict:
    """A lesson with a card before its first question."""
    found = {"id": f"l{number}", "title": f"Bài {number}", "goal": "Biết", "minutes": 3, "remember": f"Nhớ {number}.", "steps": [
        {"card": {"id": f"k{number}", "text": f"Thẻ {number} để đọc."}}, *({"question": q} for q in questions)]}
    return {**found, "easier": {**EASIER, "id": f"e{number}"}} if easier else found


def items_of_test(count: int) -> list[dict]:
    """Items of a test: the right one is the first, the second, …"""
    return [{**QUESTIONS["s"], "id": f"x{n}", "prompt": f"Thử {n}?", "options": options(*(i == n % 3 for i in range(3)))} for n in range(count)]


def course_of(*lessons: list[dict], pass_percent: int = 80, easier: bool = False, test: int = 0) -> Course:
    """A course with these questions. test: how many items its test has."""
    return document.of({
        "format": 2, "slug": "khoa-thu", "group": "citizens", "title": "Khóa thử", "audience": "Ai", "summary": "Thử.", "minutes": 3,
        "pass_percent": pass_percent, "checked_on": "2026-11-23", "review_by": "2027-02-28",
        "sources": [{"id": "S1", "title": "Báo", "grade": "B"}], "test": items_of_test(test),
        "lessons": [lesson(n, questions, easier) for n, questions in enumerate(lessons)]})


def prompt_of(item: Question) -> str:
    """What stands in the question whatever the order of its choices."""
    return item.scenes[0].text if item.type == "scenario" else item.statement if item.type == "true_false" else item.prompt


def wrong_picks(item: Question) -> tuple[int, ...]:
    """A whole answer that is wrong."""
    best = item.best()[0]
    if item.type in ("ordering", "matching"):
        return best[::-1]
    if item.type == "scenario":
        return wrong_way(item, ())
    return tuple(i for i in range(item.count()) if i not in best)[:1]


def wrong_way(item: Question, picked: tuple[int, ...]) -> tuple[int, ...]:
    """Choices from there on to an end that is wrong, or to any end where none is."""
    choices = item.scene(picked).choices
    at = next((n for n, c in enumerate(choices) if c.ends == "wrong"), None)
    if at is not None:
        return (at,)
    at = next((n for n, c in enumerate(choices) if c.to), 0)
    return (at, *wrong_way(item, (*picked, at))) if choices[at].to else (at,)


def next_tap(item: Question, picked: tuple[int, ...]) -> int | str:
    """The tap that leads on from these choices to a right answer, or to any end of a story that has gone wrong."""
    best = item.best()[0]
    if item.type == "scenario":
        scene = item.scene(picked)
        way = item._best(scene)
        return way[0] if way else 0
    if item.hands_in:
        return "reset" if set(picked) - set(best) else next((i for i in best if i not in picked), "done")
    return "reset" if picked != best[:len(picked)] else best[len(picked)]


def typed_answer(item: Question, progress: Progress, picks: tuple[int, ...]) -> str:
    """The picks as letters on this learner's screen."""
    order = engine.order_of(progress, item)
    return ", ".join(LETTERS[order.index(i)] for i in picks)


def answer(course: Course, progress: Progress, correct: bool = True) -> Outcome:
    """Types a whole answer to the question on the screen: a story choice by choice."""
    item = engine.current(course, progress)
    if item.type == "fill":
        return engine.typed(course, progress, item.accept[0] if correct else "xyz")
    picks = item.best()[0] if correct else wrong_picks(item)
    if item.type != "scenario":
        return engine.typed(course, progress, typed_answer(item, progress, picks))
    says: tuple[Any, ...] = ()
    progress = progress.model_copy(update={"picked": ()})
    for pick in picks:
        out = engine.typed(course, progress, typed_answer(item, progress, (pick,)))
        says, progress = says + out.says, out.progress
    return Outcome(out.progress, says, out.events)


def step(course: Course, progress: Progress, correct: Callable[[Question, int], bool] = lambda item, nth: True) -> Outcome:
    """One move of a learner: next at a card or pause, an answer at a question; `correct` decides which."""
    here = engine.current(course, progress)
    if here is None or isinstance(here, Card):
        return engine.go_on(course, progress)
    return answer(course, progress, correct(here, progress.tries.get(here.id, 0) + 1))


def play(course: Course, progress: Progress, correct: Callable[[Question, int], bool] = lambda item, nth: True, most: int = 1000):
    """Plays to the end; gives the progress, all messages and all events. Every step goes through JSON."""
    says, events = [], []
    for _ in range(most):
        if progress.phase == "done":
            return progress, says, events
        out = step(course, progress, correct)
        assert_sound(course, out.progress)
        progress = Progress.model_validate_json(out.progress.model_dump_json())
        assert progress == out.progress
        says += out.says
        events += out.events
    raise AssertionError(f"no end after {most} steps: {progress}")


def at_question(course: Course, item_id: str, seed: int = SEED) -> Progress:
    """A learner who answered everything right up to this question."""
    progress = engine.begin(seed)
    while (here := engine.current(course, progress)) is None or here.id != item_id:
        progress = step(course, progress).progress
    return progress


def assert_sound(course: Course, progress: Progress) -> None:
    """What must hold whatever happened."""
    ids, tested = {i.id for i in course.items}, {i.id for i in course.test}
    easier = {le.easier.id for le in course.lessons if le.easier is not None}
    here = engine.current(course, progress)
    assert (here is None) == (progress.phase in ("pause", "done"))
    assert set(progress.queue) | set(progress.right) <= ids
    assert set(progress.tries) <= ids | tested
    for several in (progress.queue, progress.right, progress.eased):
        assert len(set(several)) == len(several)
    assert set(progress.eased) <= easier
    assert progress.aside in ("", *progress.eased)
    assert not progress.aside or progress.phase in ("steps", "again", "retake")
    assert 0 <= progress.lesson < len(course.lessons)
    assert 0 <= progress.at < len(course.lessons[progress.lesson].steps)
    assert all(n >= 1 for n in progress.tries.values())
    assert len(progress.before) in ((*range(len(course.test)), len(course.test)) if progress.phase == "before" else (0, len(course.test)))
    assert len(progress.after) < len(course.test) or progress.phase == "done" or not course.test
    assert progress.phase in ("after", "done") or progress.after == ()
    assert progress.phase not in ("after", "done") or engine.passed(course, progress)
    if progress.picked:
        assert here is not None and here.several
        if here.type == "scenario":
            assert here.scene(progress.picked) is not None
        else:
            assert len(set(progress.picked)) == len(progress.picked)
            assert set(progress.picked) < set(range(here.count() + 1))
    assert Progress.model_validate_json(progress.model_dump_json()) == progress
    shown = engine.show(course, progress)
    assert shown.progress == progress
    assert shown.events == ()
    assert all(s.text for s in shown.says)
    expected = engine.expectation(course, progress)
    assert expected is None or expected["kind"] in ("card", "single", "multiple", "ordering", "true_false", "fill")
    assert (expected is None) == (progress.phase == "done")

