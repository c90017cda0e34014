"""The engine plays whole courses: right, wrong and interrupted. No input of any kind can spoil a learner's progress."""

import pytest

from bot.language.choices import read
from bot.learning import engine, phrases
from bot.learning.document import load
from bot.learning.engine import Progress
from bot.learning.items.base import LETTERS
from bot.learning.model import Course
from tests.factories import ROOT
from tests.unit.learning.playing import (
    QUESTIONS,
    SEED,
    answer,
    at_question,
    course_of,
    play,
    prompt_of,
    step,
    typed_answer,
)

POLICE = load(ROOT / "courses" / "gia-danh-cong-an.yml")
SMALL = course_of([QUESTIONS["s"], QUESTIONS["m"]], [QUESTIONS["o"], QUESTIONS["t"], QUESTIONS["f"]])
FIVE = course_of([{**QUESTIONS["s"], "id": f"q{i}"} for i in range(5)])
NINE = course_of([QUESTIONS[k] for k in "smotf"], [QUESTIONS[k] for k in "jcph"], easier=True, test=4)

both_courses = pytest.mark.parametrize("course", [POLICE, SMALL, NINE], ids=["police", "small", "nine"])


@both_courses
def test_right_answers_throughout_finish_the_course_with_everything_right(course):
    progress, says, events = play(course, engine.begin(SEED))
    assert engine.score_percent(course, progress) == 100
    assert [(e.item_id, e.nth, e.correct) for e in events if e.kind == "answered"] == [(i.id, 1, True) for i in course.items]
    assert [e.lesson_id for e in events if e.kind == "lesson_done"] == [le.id for le in course.lessons]
    assert [e.kind for e in events][-1] == "course_done"
    assert says[-1].text == phrases.COURSE_DONE.format(title=course.title, score=100, right=len(course.items), total=len(course.items))
    assert says[-1].buttons == phrases.AFTER_COURSE


@both_courses
def test_every_card_and_question_is_shown_and_a_lesson_ends_with_what_to_remember(course):
    _, says, _ = play(course, engine.begin(SEED))
    text = "\n".join(s.text for s in says)
    cards = [s.card for lesson in course.lessons for s in lesson.steps if hasattr(s, "card")]
    assert [c.id for c in cards if c.text not in text] == []
    assert [i.id for i in course.items if prompt_of(i) not in text] == []
    assert [le.id for le in course.lessons if le.remember not in text] == []


@both_courses
@pytest.mark.parametrize("wrong_tries", [1, 2, 3])
def test_wrong_answers_come_back_and_every_course_can_be_finished(course, wrong_tries):
    given_wrong: dict[str, int] = {}

    def correct(item, nth):
        given_wrong[item.id] = given_wrong.get(item.id, 0) + 1
        return given_wrong[item.id] > wrong_tries

    progress, _, events = play(course, engine.begin(SEED), correct)
    assert engine.passed(course, progress)
    assert {e.item_id for e in events if e.correct and e.kind == "answered"} == {i.id for i in course.items}


def test_a_wrong_answer_gets_its_feedback_and_returns_before_the_lesson_ends():
    progress = at_question(SMALL, "s")
    out = answer(SMALL, progress, correct=False)
    assert out.says[0].text == f"{phrases.NOT_YET} Phản hồi 0."
    assert engine.current(SMALL, out.progress).id == "m"
    out = answer(SMALL, out.progress)
    assert out.says[1].text == phrases.AGAIN.format(count=1)
    assert (out.progress.phase, engine.current(SMALL, out.progress).id) == ("again", "s")
    out = answer(SMALL, out.progress)
    assert (out.progress.phase, out.progress.lesson, out.progress.right) == ("pause", 1, ("m", "s"))
    assert [e.kind for e in out.events] == ["answered", "lesson_done"]


def test_after_three_wrong_answers_the_solution_and_a_person_are_offered_and_the_lesson_goes_on():
    progress = answer(SMALL, answer(SMALL, at_question(SMALL, "s"), correct=False).progress).progress
    out = answer(SMALL, progress, correct=False)
    assert (out.progress.phase, out.progress.queue, out.says[0].buttons) == ("again", ("s",), ())
    out = answer(SMALL, out.progress, correct=False)
    assert phrases.SOLUTION.format(solution="Lựa chọn thứ 1") in out.says[0].text
    assert out.says[0].buttons == ((phrases.HUMAN, "human"),)
    assert (out.progress.phase, out.progress.queue, out.progress.right) == ("pause", (), ("m",))
    assert [(e.nth, e.correct) for e in out.events if e.kind == "answered"] == [(3, False)]


@pytest.mark.parametrize(("wrong_before", "counts"), [(0, True), (1, True), (2, False)])
def test_an_item_is_right_when_answered_right_at_the_first_or_second_try(wrong_before, counts):
    progress = at_question(SMALL, "s")
    out = step(SMALL, progress, lambda item, nth: nth > wrong_before)
    while out.progress.phase in ("steps", "again"):
        out = step(SMALL, out.progress, lambda item, nth: item.id != "s" or nth > wrong_before)
    assert ("s" in out.progress.right) == counts


def test_giving_up_counts_as_a_try_tells_the_solution_and_comes_back():
    out = engine.typed(SMALL, at_question(SMALL, "s"), "không biết")
    assert out.says[0].text == phrases.GAVE_UP.format(solution="Lựa chọn thứ 1")
    assert [(e.key, e.nth, e.correct) for e in out.events] == [("?", 1, False)]
    assert out.progress.queue == ("s",)


def test_giving_up_for_the_last_time_does_not_promise_to_come_back():
    progress = at_question(SMALL, "s").model_copy(update={"tries": {"s": 2}})
    out = engine.typed(SMALL, progress, "chịu")
    assert out.says[0].text == phrases.SOLUTION.format(solution="Lựa chọn thứ 1")
    assert out.says[0].buttons == ((phrases.HUMAN, "human"),)
    assert out.progress.queue == ()


def test_a_stopped_learner_sees_the_same_screen_after_a_restart():
    progress = engine.begin(SEED)
    while progress.phase != "done":
        again = Progress.model_validate_json(progress.model_dump_json())
        assert engine.show(POLICE, again) == engine.show(POLICE, progress)
        assert engine.expectation(POLICE, again) == engine.expectation(POLICE, progress)
        progress = step(POLICE, again, lambda item, nth: nth > 1).progress


def test_what_is_expected_follows_the_screen():
    assert engine.expectation(SMALL, engine.begin(SEED)) == {"kind": "card"}
    assert engine.expectation(SMALL, engine.go_on(SMALL, engine.begin(SEED)).progress) == {"kind": "card"}
    question = at_question(SMALL, "m")
    order = engine.order_of(question, engine.current(SMALL, question))
    assert engine.expectation(SMALL, question)["options"] == [f"Lựa chọn thứ {i}" for i in order]
    assert engine.expectation(SMALL, play(SMALL, engine.begin(SEED))[0]) is None


def test_next_does_not_skip_a_question():
    progress = at_question(SMALL, "s")
    out = engine.go_on(SMALL, progress)
    assert (out.progress, out.events) == (progress, ())
    assert out.says[0].text.startswith(phrases.ANSWER_FIRST)
    assert out.says[0].buttons == engine.show(SMALL, progress).says[0].buttons


def test_what_cannot_be_read_is_asked_again_and_not_counted():
    progress = at_question(SMALL, "s")
    out = engine.typed(SMALL, progress, "hôm nay trời đẹp")
    assert (out.progress, out.events) == (progress, ())
    assert [s.text for s in out.says] == [phrases.UNREADABLE, engine.show(SMALL, progress).says[0].text]


def test_a_bare_verdict_with_several_reasons_asks_which():
    progress = at_question(SMALL, "t")
    out = engine.typed(SMALL, progress, "sai")
    assert (out.progress, out.events) == (progress, ())
    (say,) = out.says
    assert say.text.startswith(phrases.WHICH_REASON)
    assert {command for _, command in say.buttons} == {("pick", "t", 1), ("pick", "t", 2)}
    assert engine.typed(SMALL, progress, "đúng").events[0].key == "0"


def test_a_single_choice_is_answered_by_one_tap_of_the_files_index():
    out = engine.tapped(SMALL, at_question(SMALL, "s"), "s", 1)
    assert [(e.item_id, e.key, e.correct) for e in out.events] == [("s", "1", True)]


def test_several_choices_are_tapped_one_by_one_reset_and_done():
    progress = at_question(SMALL, "m")
    out = engine.tapped(SMALL, progress, "m", 0)
    letter = LETTERS[engine.order_of(progress, engine.current(SMALL, progress)).index(0)]
    assert out.says[0].text == phrases.SO_FAR.format(letters=letter)
    assert ("pick", "m", 0) not in [c for _, c in out.says[0].buttons]
    assert [c for _, c in out.says[0].buttons][-2:] == [("pick", "m", "done"), ("pick", "m", "reset")]
    assert engine.tapped(SMALL, out.progress, "m", 0).progress.picked == (0,)  # tapped twice
    assert engine.tapped(SMALL, out.progress, "m", "reset").progress == progress
    both = engine.tapped(SMALL, out.progress, "m", 2)
    assert (both.progress.picked, both.events) == ((0, 2), ())
    done = engine.tapped(SMALL, both.progress, "m", "done")
    assert (done.events[0].key, done.events[0].correct) == ("0,2", True)
    assert done.progress.picked == ()


@pytest.mark.parametrize("item_id", ["s", "m", "o", "t", "f"])
def test_done_without_a_choice_changes_nothing(item_id):
    progress = at_question(SMALL, item_id)
    out = engine.tapped(SMALL, progress, item_id, "done")
    assert (out.progress, out.events) == (progress, ())


@pytest.mark.parametrize(("taps", "key", "correct"), [((0, 1), "0,1,2", True), ((2, 1), "2,1,0", False)])
def test_an_order_is_tapped_and_the_last_one_follows_by_itself(taps, key, correct):
    progress = at_question(SMALL, "o")
    first = engine.tapped(SMALL, progress, "o", taps[0])
    assert (first.progress.picked, first.events) == (taps[:1], ())
    assert phrases.DONE not in [title for title, _ in first.says[0].buttons]
    out = engine.tapped(SMALL, first.progress, "o", taps[1])
    assert [(e.key, e.correct) for e in out.events] == [(key, correct)]


def test_a_matching_is_tapped_number_by_number():
    progress = at_question(NINE, "j")
    first = engine.tapped(NINE, progress, "j", 0)
    assert [s.text for s in first.says][0] == "Tiếp: số 2, “Trái 1”."
    assert (first.progress.picked, first.events) == ((0,), ())
    out = engine.tapped(NINE, first.progress, "j", 1)
    assert [(e.key, e.correct) for e in out.events] == [("0,1,2", True)]


def test_a_letter_typed_alone_is_the_next_of_a_sequence():
    for item_id in ("o", "j"):
        progress = at_question(NINE, item_id)
        item = engine.current(NINE, progress)
        out = engine.typed(NINE, progress, typed_answer(item, progress, (2,)))
        assert (out.progress.picked, out.events) == ((2,), ())
        out = engine.typed(NINE, out.progress, typed_answer(item, progress, (1,)))
        assert [(e.key, e.correct) for e in out.events] == [("2,1,0", False)]


def test_a_story_is_told_choice_by_choice_and_ends_once():
    progress = at_question(NINE, "c")
    on = engine.tapped(NINE, progress, "c", 0)
    assert (on.progress.picked, on.events) == ((0,), ())
    assert [s.text.split("\n")[0] for s in on.says] == ["Rằng nghe.", f"{phrases.QUESTION} Họ xin mã số."]
    far = engine.tapped(NINE, on.progress, "c", 2)
    end = engine.tapped(NINE, far.progress, "c", 1)
    assert [(e.key, e.correct) for e in end.events] == [("0,2,1", True)]
    assert end.progress.picked == ()


def test_a_storys_old_button_beyond_this_scenes_choices_changes_nothing():
    progress = at_question(NINE, "c")
    out = engine.tapped(NINE, progress, "c", 2)  # the first scene has two choices, the second three
    assert (out.progress, out.events, out.says[0].text) == (progress, (), phrases.OLD_BUTTON)


def test_a_story_may_be_begun_anew():
    progress = engine.tapped(NINE, at_question(NINE, "c"), "c", 0).progress
    out = engine.tapped(NINE, progress, "c", "reset")
    assert (out.progress.picked, out.says) == ((), engine.show(NINE, at_question(NINE, "c")).says)


def test_a_story_that_ends_badly_begins_again_from_its_first_scene():
    out = answer(NINE, at_question(NINE, "c"), correct=False)
    assert out.progress.queue == ("c",)
    while engine.current(NINE, out.progress).id != "c":
        out = answer(NINE, out.progress)
    assert f"{phrases.QUESTION} Có người gọi đến." in out.says[-1].text


def test_the_suspicious_parts_are_marked_in_the_messages_own_order():
    progress = at_question(NINE, "p")
    shown = engine.show(NINE, progress).says[0]
    assert [command[2] for _, command in shown.buttons] == [0, 1, 2, 3]
    some = engine.tapped(NINE, engine.tapped(NINE, progress, "p", 3).progress, "p", 1)
    out = engine.tapped(NINE, some.progress, "p", "done")
    assert [(e.key, e.correct) for e in out.events] == [("1,3", True)]


def test_a_picture_goes_with_its_question_and_not_with_what_is_left_to_choose():
    progress = at_question(NINE, "h")
    assert engine.show(NINE, progress).says[0].picture.file == "thu-hinh"
    assert engine.show(NINE, at_question(NINE, "s")).says[0].picture is None


def test_half_an_order_cannot_be_handed_in():
    progress = engine.tapped(SMALL, at_question(SMALL, "o"), "o", 0).progress
    out = engine.tapped(SMALL, progress, "o", "done")
    assert (out.progress, out.events) == (progress, ())


@pytest.mark.parametrize(("item_id", "pick"), [
    ("m", 0), ("khong-co", 0), ("s", 3), ("s", -1), ("s", "x"), ("s", None), ("s", 1.0), ("m", "done"), ("m", "reset"),
])
def test_a_button_that_is_not_on_the_screen_changes_nothing(item_id, pick):
    progress = at_question(SMALL, "s")
    out = engine.tapped(SMALL, progress, item_id, pick)
    assert (out.progress, out.events) == (progress, ())
    assert [s.text for s in out.says] == [phrases.OLD_BUTTON, engine.show(SMALL, progress).says[0].text]


@pytest.mark.parametrize("progress", [engine.begin(SEED), engine.go_on(SMALL, engine.begin(SEED)).progress,
                                      play(SMALL, engine.begin(SEED))[0]], ids=["pause", "card", "done"])
def test_an_old_button_outside_a_question_changes_nothing(progress):
    out = engine.tapped(SMALL, progress, "s", 1)
    assert (out.progress, out.events, out.says[0].text) == (progress, (), phrases.OLD_BUTTON)


def test_a_finished_course_stays_finished():
    done, _, _ = play(SMALL, engine.begin(SEED))
    for out in (engine.go_on(SMALL, done), engine.typed(SMALL, done, "a"), engine.show(SMALL, done)):
        assert (out.progress, out.events) == (done, ())
        assert out.says[0].text == phrases.FINISHED_ALREADY.format(title="Khóa thử")


def test_options_are_shuffled_anew_at_each_try_and_an_order_never_shows_its_solution():
    item = next(i for i in SMALL.items if i.id == "o")
    orders = {engine.order_of(Progress(seed=s, tries={"o": n}), item) for s in range(60) for n in range(3)}
    assert orders == {(0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)}
    single = next(i for i in SMALL.items if i.id == "s")
    assert len({engine.order_of(Progress(seed=SEED, tries={"s": n}), single) for n in range(60)}) == 6


def never_right(*ids):
    return lambda item, nth: item.id not in ids


def until_after_lessons(course: Course, correct) -> tuple[Progress, list]:
    """Plays until the course is done or the first retake begins."""
    progress, events = engine.begin(SEED), []
    while progress.phase not in ("done", "retake"):
        out = step(course, progress, correct)
        progress = out.progress
        events += out.events
    return progress, events


@pytest.mark.parametrize(("wrong", "pass_percent", "phase"), [
    (1, 80, "done"), (2, 80, "retake"), (2, 60, "done"), (2, 61, "retake"), (0, 100, "done"), (1, 100, "retake"), (5, 1, "retake"),
])
def test_the_pass_mark_is_exact(wrong, pass_percent, phase):
    course = FIVE.model_copy(update={"pass_percent": pass_percent})
    progress, events = until_after_lessons(course, never_right(*[f"q{i}" for i in range(wrong)]))
    assert (progress.phase, engine.score_percent(course, progress)) == (phase, 100 - 20 * wrong)
    assert ("course_done" in [e.kind for e in events]) == (phase == "done")


def test_rounding_never_passes_a_learner():
    """2 of 3 is 66.67 %: below 67, and shown as 66."""
    course = course_of([{**QUESTIONS["s"], "id": f"q{i}"} for i in range(3)], pass_percent=67)
    progress, _ = until_after_lessons(course, never_right("q0"))
    assert (progress.phase, engine.score_percent(course, progress)) == ("retake", 66)


def test_below_the_mark_what_is_not_right_comes_back_until_it_is_enough():
    progress, _ = until_after_lessons(FIVE, never_right("q1", "q3", "q4"))
    assert (progress.phase, progress.queue, progress.tries.keys() & {"q1", "q3", "q4"}) == ("retake", ("q1", "q3", "q4"), set())
    out = answer(FIVE, progress, correct=False)
    assert out.progress.queue == ("q3", "q4", "q1")
    out = answer(FIVE, answer(FIVE, out.progress).progress, correct=False)
    out = answer(FIVE, out.progress, correct=False)  # q1 for the second time: leaves the round
    assert out.progress.queue == ("q4",)
    out = answer(FIVE, out.progress, correct=False)
    assert out.says[1].text == phrases.RETAKE.format(score=60, needed=80, count=2)
    assert (out.progress.queue, out.events[-1].kind) == (("q1", "q4"), "answered")
    done, _, events = play(FIVE, out.progress)
    assert (engine.score_percent(FIVE, done), [e.kind for e in events].count("course_done")) == (100, 1)


def test_a_lesson_is_reported_done_once_even_with_retakes():
    _, before = until_after_lessons(FIVE, never_right("q1", "q3"))
    progress, _ = until_after_lessons(FIVE, never_right("q1", "q3"))
    _, _, after = play(FIVE, progress)
    assert [e.kind for e in before + after].count("lesson_done") == 1


@both_courses
def test_the_letters_of_a_right_answer_can_always_be_read(course):
    for item in course.items:
        for seed in range(5):
            progress = Progress(seed=seed)
            order = engine.order_of(progress, item)
            if item.type != "fill":
                first = item.best()[0][:1] if item.type == "scenario" else item.best()[0]
                reading = read(typed_answer(item, progress, first), item.expect(order))
                assert [order[i] for i in reading["picks"]] == list(first), item.id
