"""Any sequence of inputs on any course leaves the engine in a valid state, and from there the course can be finished within a
number of steps that the course itself bounds. Courses are made of all question types, with and without test and easier."""

import itertools
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.learning import document, engine, phrases
from bot.learning.document import load
from bot.learning.engine import Outcome, Progress
from bot.learning.items import TYPES
from bot.learning.model import Card, Course
from tests.factories import ROOT
from tests.unit.learning.playing import QUESTIONS, assert_sound, choice, items_of_test, lesson, next_tap, options

POLICE = load(ROOT / "courses" / "gia-danh-cong-an.yml")
WORDS = ("a", "b", "c", "d", "a, b", "a c", "b a c", "c, b, a", "1b 2a 3c", "2c", "tất cả", "hai câu đầu", "trừ câu a", "đúng", "sai", "không đúng",
         "không biết", "2", "hai", "15", "🙂", "", "tiếp", "dừng lại", "câu 2", "cái đầu", "dạ b ạ", "lựa chọn thứ 1", "việc thứ 0, việc thứ 2",
         "gác", "nghe", "đoạn 1 và đoạn 3", "đúng hay sai?", "vì họ cần", "sai vì không bao giờ")


@st.composite
def some_question(draw, ident: str) -> dict:
    """A question of any type with any shape its model allows."""
    kind = draw(st.sampled_from(list("smotfjcph")))
    made = {**QUESTIONS[kind], "id": ident}
    if kind in "sh":
        count = draw(st.integers(2, 5))
        right = draw(st.integers(0, count - 1))
        made["options"] = options(*(i == right for i in range(count)))
    elif kind == "m":
        rights = draw(st.lists(st.booleans(), min_size=3, max_size=6).filter(lambda r: 2 <= sum(r) < len(r)))
        made["options"] = options(*rights)
    elif kind == "p":
        rights = draw(st.lists(st.booleans(), min_size=3, max_size=6).filter(lambda r: 1 <= sum(r) < len(r)))
        made["parts"] = [{"text": f"Đoạn {i}", "suspicious": r, "feedback": f"Xem đoạn {i}."} for i, r in enumerate(rights)]
    elif kind == "o":
        made["places"] = [{"text": f"Việc thứ {i}", "why": f"Vì là {i}."} for i in range(draw(st.integers(3, 5)))]
    elif kind == "j":
        made["pairs"] = [{"left": f"Trái {i}", "right": f"Phải {i}", "why": f"Vì cặp {i}."} for i in range(draw(st.integers(3, 4)))]
    elif kind == "c":
        made["scenes"] = draw(some_scenes())
    return made


@st.composite
def some_scenes(draw) -> list[dict]:
    """Two to four scenes; each leads to the next by its first choice, the last can end right, the rest as it comes."""
    count = draw(st.integers(2, 4))
    scenes = []
    for at in range(count):
        last = at == count - 1
        choices = [choice("gác", ends="right") if last else choice("nghe", to=f"c{at + 1}")]
        for n in range(draw(st.integers(1, 2))):
            to = draw(st.sampled_from([None, *range(at + 1, count)]))
            choices.append(choice(f"cách {n}", to=f"c{to}") if to is not None else choice(f"cách {n}", ends=draw(st.sampled_from(["right", "wrong"]))))
        scenes.append({"id": f"c{at}", "text": f"Cảnh thứ {at} đây.", "choices": draw(st.permutations(choices))})
    return scenes


@st.composite
def some_course(draw) -> Course:
    ids = (f"q{n}" for n in itertools.count())
    lessons = []
    for number in range(draw(st.integers(1, 3))):
        questions = [draw(some_question(next(ids))) for _ in range(draw(st.integers(2, 4)))]
        made = lesson(number, questions, easier=draw(st.booleans()))
        if draw(st.booleans()):  # a lesson may begin with a question and end with a card
            made["steps"] = [*made["steps"][1:], made["steps"][0]]
        lessons.append(made)
    return document.of({
        "format": 2, "slug": "khoa-thu", "group": "staff", "title": "Khóa thử", "audience": "Ai", "summary": "Thử.", "minutes": 3,
        "pass_percent": draw(st.sampled_from([1, 50, 80, 100])), "checked_on": "2026-11-23", "review_by": "2027-02-28",
        "sources": [{"id": "S1", "title": "Báo", "grade": "B"}], "test": items_of_test(draw(st.sampled_from([0, 0, 1, 4]))), "lessons": lessons})


def some_inputs(course: Course):
    """Any input a learner, a retry or an old button can make, sensible ones often enough to get far."""
    ids = st.sampled_from([i.id for i in course.asked] + ["khong-co", ""])
    picks = st.one_of(st.integers(-1, 6), st.sampled_from(["done", "reset", "x", "1", None, 1.0, True]))
    return st.lists(st.one_of(
        st.tuples(st.just("typed"), st.one_of(st.sampled_from(WORDS), st.text(max_size=30))),
        st.tuples(st.just("tapped"), st.tuples(ids, picks)),
        st.tuples(st.just("here"), picks),
        st.tuples(st.just("right"), st.none()),
        st.tuples(st.just("wrong"), st.none()),
        st.tuples(st.just("along"), st.integers(1, 30)),
        st.tuples(st.sampled_from(["next", "show", "test_first", "skip_test", "stop"]), st.none()),
    ), max_size=40)


def finished_within(course: Course, progress: Progress) -> int:
    """How many inputs a learner who answers right needs at most from here: each step once, whatever is open or not right
    yet once more, the test, an easier question; an answer takes eight inputs at most."""
    left = sum(len(le.steps) for le in course.lessons[progress.lesson:]) + len(progress.queue) + len(course.items) + len(course.test) + 3
    return 8 * left + len(course.lessons)


def finish(course: Course, progress: Progress) -> tuple[Progress, list[engine.Event]]:
    """Plays right answers by taps alone. Fails when the course takes longer than it may."""
    events: list[engine.Event] = []
    most, given_inputs = finished_within(course, progress), 0
    while progress.phase != "done":
        assert given_inputs <= most, f"not finished after {most} inputs: {progress}"
        given_inputs += 1
        here = engine.current(course, progress)
        if here is None or isinstance(here, Card):
            out = engine.go_on(course, progress)
        elif here.type == "fill":
            out = engine.typed(course, progress, here.best()[1])
        else:
            out = engine.tapped(course, progress, here.id, next_tap(here, progress.picked))
        assert_sound(course, out.progress)
        events += out.events
        progress = out.progress
    return progress, events


def moved(course: Course, progress: Progress, kind: str, value: Any) -> Outcome:
    here = engine.current(course, progress)
    asks = here is not None and not isinstance(here, Card)
    if kind == "typed":
        return engine.typed(course, progress, value)
    if kind == "tapped":
        return engine.tapped(course, progress, *value)
    if kind == "here" and asks:
        return engine.tapped(course, progress, here.id, value)
    if kind == "right" and asks:
        return engine.typed(course, progress, here.best()[1]) if here.type == "fill" \
            else engine.tapped(course, progress, here.id, next_tap(here, progress.picked))
    if kind == "wrong" and asks:
        return engine.typed(course, progress, "không biết")
    if kind == "test_first":
        return engine.test_first(course, progress)
    if kind == "skip_test":
        return engine.skip_test(course, progress)
    # to stop is to come back later to what was on the screen
    return engine.show(course, progress) if kind in ("show", "stop") else engine.go_on(course, progress)


def flat(inputs) -> list[tuple[str, Any]]:
    """The inputs with each ("along", n) as n sensible moves, every fifth of them a wrong answer, so that the far parts are reached."""
    found: list[tuple[str, Any]] = []
    for kind, value in inputs:
        found += [("wrong" if n % 5 == 4 else "right", None) for n in range(value)] if kind == "along" else [(kind, value)]
    return found


def assert_any_inputs_leave_a_finishable_course(course: Course, seed: int, inputs) -> None:
    progress, right, eased, events = engine.begin(seed), 0, 0, []
    for kind, value in flat(inputs):
        out = moved(course, progress, kind, value)
        assert_sound(course, out.progress)
        assert out.says
        assert all(s.text for s in out.says)
        assert len(out.progress.right) >= right  # what was learnt is never lost
        assert len(out.progress.eased) >= eased
        if progress.phase == "before" and out.events:
            assert out.says[0].text in (phrases.NOTED, phrases.TEST_BEFORE_DONE)
        if progress.phase == "done":
            assert (out.progress, out.events) == (progress, ())
        events += out.events
        progress = Progress.model_validate_json(out.progress.model_dump_json())
        assert progress == out.progress
        right, eased = len(progress.right), len(progress.eased)
    done, rest = finish(course, progress)
    events += rest
    assert engine.passed(course, done)
    counted = {i.id for i in course.items}
    assert set(done.right) == {e.item_id for e in events if e.kind == "answered" and e.correct and e.item_id in done.right}
    assert {e.item_id for e in events if e.kind == "answered"} <= counted | set(done.eased)
    assert [e.kind for e in events].count("course_done") == 1
    assert [e.lesson_id for e in events if e.kind == "lesson_done"] == [le.id for le in course.lessons]
    easier = [e.item_id for e in events if e.item_id in done.eased]
    assert sorted(easier) == sorted(done.eased)  # each easier question answered exactly once


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data(), course=some_course(), seed=st.integers(0, 2**31))
def test_any_inputs_leave_any_course_finishable(data, course, seed):
    assert_any_inputs_leave_a_finishable_course(course, seed, data.draw(some_inputs(course)))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31), inputs=some_inputs(POLICE))
def test_any_inputs_leave_the_shipped_course_finishable(seed, inputs):
    assert_any_inputs_leave_a_finishable_course(POLICE, seed, inputs)


def test_the_courses_of_these_tests_are_of_all_types():
    assert {question["type"] for question in QUESTIONS.values()} == set(TYPES)
