"""The test before and after a course, and the easier question after a third wrong answer."""

from collections import Counter

import pytest

from bot.learning import engine, phrases
from bot.learning.engine import Progress
from tests.unit.learning.playing import QUESTIONS, SEED, answer, at_question, course_of, play, prompt_of, step

PLAIN = course_of([QUESTIONS["s"], QUESTIONS["m"]])
TESTED = course_of([QUESTIONS["s"], QUESTIONS["m"]], [QUESTIONS["o"], QUESTIONS["f"]], test=4)
EASED = course_of([QUESTIONS["s"], QUESTIONS["m"]], [QUESTIONS["o"], QUESTIONS["f"]], easier=True)
COURSE_DONE = phrases.COURSE_DONE.format(title="Khóa thử", score=100, right=4, total=4)


def begun(seed: int = SEED) -> Progress:
    return engine.test_first(TESTED, engine.begin(seed)).progress


def at_the_test_after(progress: Progress) -> Progress:
    while progress.phase != "after":
        progress = step(TESTED, progress).progress
    return progress


def commands(say) -> list:
    return [command for _, command in say.buttons]


# before

def test_the_test_is_offered_at_the_door_of_the_first_lesson_only():
    door = engine.show(TESTED, engine.begin(SEED)).says[0]
    assert door.buttons[1] == (phrases.TEST_FIRST.format(count=4), "test")
    assert commands(engine.show(PLAIN, engine.begin(SEED)).says[0]) == ["next", "stop"]
    later = engine.begin(SEED)
    while later.lesson == 0:
        later = step(TESTED, later).progress
    assert commands(engine.show(TESTED, later).says[0]) == ["next", "stop"]


def test_asking_for_the_test_at_any_other_time_changes_nothing():
    for progress in (at_question(TESTED, "s"), at_question(TESTED, "o"), play(TESTED, engine.begin(SEED))[0]):
        assert engine.test_first(TESTED, progress) == engine.show(TESTED, progress)
    assert engine.test_first(PLAIN, engine.begin(SEED)).progress == engine.begin(SEED)


def test_nothing_is_told_before_the_lessons():
    progress, seen = begun(), []
    feedback = {text for item in TESTED.test for text in item.told()}
    for n in range(4):
        item = engine.current(TESTED, progress)
        out = answer(TESTED, progress, correct=n % 2 == 0)
        assert out.says[0].text == (phrases.NOTED if n < 3 else phrases.TEST_BEFORE_DONE)
        assert [t for t in feedback if any(t in s.text for s in out.says)] == []
        assert len(out.says) == 2
        seen.append(item.id)
        progress = out.progress
    assert seen == ["x0", "x1", "x2", "x3"]
    assert (progress.phase, progress.before, progress.right, progress.lesson) == ("pause", (True, False, True, False), (), 0)


def test_giving_up_in_the_test_before_counts_as_wrong_and_tells_nothing():
    out = engine.typed(TESTED, begun(), "không biết")
    assert (out.progress.before, out.says[0].text) == ((False,), phrases.NOTED)
    assert [(e.kind, e.lesson_id, e.item_id, e.nth, e.key, e.correct) for e in out.events] == [("tested", "before", "x0", 0, "?", False)]


def test_the_last_answer_before_leads_to_the_first_lesson_without_the_offer():
    progress = begun()
    for _ in range(3):
        progress = answer(TESTED, progress).progress
    out = answer(TESTED, progress)
    assert [s.text.split("\n")[0] for s in out.says] == [phrases.TEST_BEFORE_DONE, "Bài 1/2: Bài 0"]
    assert commands(out.says[-1]) == ["next", "stop"]
    assert engine.test_first(TESTED, out.progress).progress == out.progress


def test_each_item_of_the_test_says_which_it_is_and_may_be_skipped():
    shown = engine.show(TESTED, answer(TESTED, begun()).progress).says[0]
    assert shown.text.startswith(phrases.TEST_PLACE.format(number=2, total=4))
    assert shown.buttons[-1] == (phrases.SKIP_TEST, "skip")


@pytest.mark.parametrize("answered", [0, 1, 3])
def test_a_test_left_half_is_not_counted_and_may_be_taken_again(answered):
    progress = begun()
    for _ in range(answered):
        progress = answer(TESTED, progress).progress
    out = engine.skip_test(TESTED, progress)
    assert out.progress == engine.begin(SEED)
    assert "test" in commands(out.says[0])
    done, says, _ = play(TESTED, out.progress)
    assert says[-1].text == COURSE_DONE
    assert (done.before, done.after) == ((), (True,) * 4)


def test_next_does_not_skip_an_item_of_the_test():
    progress = begun()
    out = engine.go_on(TESTED, progress)
    assert (out.progress, out.events) == (progress, ())
    assert out.says[0].text.startswith(phrases.ANSWER_FIRST)


# after

def test_the_test_comes_after_the_last_lesson_in_another_order_and_explains():
    progress = at_the_test_after(engine.begin(SEED))
    assert progress.after == ()
    orders = [[engine.order_of(p, item) for item in TESTED.test] for p in (begun(), progress)]
    assert orders[0] != orders[1]
    item = engine.current(TESTED, progress)
    out = answer(TESTED, progress, correct=False)
    assert out.says[0].text.startswith(phrases.NOT_YET)
    assert phrases.SOLUTION.format(solution=item.solution()) in out.says[0].text
    assert [(e.kind, e.lesson_id, e.nth, e.correct) for e in out.events] == [("tested", "after", 1, False)]


@pytest.mark.parametrize(("before", "after"), [
    ((False,) * 4, (True,) * 4), ((True, False, False, True), (True, False, True, True)), ((True,) * 4, (False,) * 4)])
def test_the_gain_is_told_to_who_took_the_test_twice(before, after):
    progress = begun()
    for right in before:
        progress = answer(TESTED, progress, right).progress
    progress = at_the_test_after(progress)
    for right in after:
        out = answer(TESTED, progress, right)
        progress = out.progress
    assert (progress.phase, progress.before, progress.after) == ("done", before, after)
    gain = phrases.GAIN.format(before=sum(before), after=sum(after), total=4)
    assert out.says[-1].text == f"{COURSE_DONE}\n{gain}"
    assert [e.kind for e in out.events] == ["tested", "course_done"]


def test_who_took_it_only_afterwards_is_told_no_gain():
    _, says, events = play(TESTED, engine.begin(SEED))
    assert says[-1].text == COURSE_DONE
    assert [e.kind for e in events].count("tested") == 4


@pytest.mark.parametrize("answered", [0, 2])
def test_skipping_the_test_after_finishes_the_course_and_counts_nothing(answered):
    progress = begun()
    for _ in range(4):
        progress = answer(TESTED, progress).progress
    progress = at_the_test_after(progress)
    for _ in range(answered):
        progress = answer(TESTED, progress).progress
    out = engine.skip_test(TESTED, progress)
    assert (out.progress.phase, out.progress.after) == ("done", ())
    assert [e.kind for e in out.events] == ["course_done"]
    assert out.says[-1].text == COURSE_DONE


def test_wrong_answers_in_the_test_neither_come_back_nor_lower_the_score():
    progress = at_the_test_after(engine.begin(SEED))
    for _ in range(4):
        progress = answer(TESTED, progress, correct=False).progress
    assert (progress.phase, engine.score_percent(TESTED, progress)) == ("done", 100)


def test_below_the_pass_mark_the_test_waits_for_the_retake():
    progress = engine.begin(SEED)
    while progress.phase not in ("retake", "after"):
        progress = step(TESTED, progress, lambda item, nth: item.id != "s").progress
    assert (progress.phase, progress.queue) == ("retake", ("s",))
    out = answer(TESTED, progress)
    assert (out.progress.phase, out.says[1].text) == ("after", phrases.TEST_AFTER.format(count=4))


@pytest.mark.parametrize("phase", ["pause", "steps", "again", "retake", "done"])
def test_skipping_where_there_is_no_test_changes_nothing(phase):
    progress = engine.begin(SEED)
    while progress.phase != phase:
        progress = step(TESTED, progress, lambda item, nth: item.id != "s" or phase == "done").progress
    assert engine.skip_test(TESTED, progress) == engine.show(TESTED, progress)


# the easier question

def three_wrong(course, item_id: str) -> engine.Outcome:
    progress = at_question(course, item_id)
    for _ in range(2):
        progress = answer(course, progress, correct=False).progress
        while engine.current(course, progress).id != item_id:
            progress = step(course, progress).progress
    return answer(course, progress, correct=False)


def test_the_easier_question_comes_after_the_third_wrong_answer_and_its_explanation():
    out = three_wrong(EASED, "s")
    assert out.progress.aside == "e0"
    assert phrases.SOLUTION.format(solution="Lựa chọn thứ 1") in out.says[0].text
    assert [out.says[1].text, prompt_of(EASED.lessons[0].easier) in out.says[2].text] == [phrases.EASIER, True]
    assert [(e.item_id, e.nth, e.correct) for e in out.events] == [("s", 3, False)]


@pytest.mark.parametrize("correct", [True, False])
def test_the_easier_question_is_asked_once_counts_for_nothing_and_the_lesson_goes_on(correct):
    before = three_wrong(EASED, "s").progress
    out = answer(EASED, before, correct)
    assert (out.progress.aside, out.progress.eased, out.progress.right) == ("", ("e0",), before.right)
    assert [(e.kind, e.item_id, e.nth, e.correct) for e in out.events] == [("answered", "e0", 1, correct), ("lesson_done", "", 0, False)]
    assert ("e0" in out.progress.tries, "e0" in out.progress.queue) == (False, False)
    assert (phrases.HUMAN, "human") in out.says[0].buttons or correct


def test_giving_up_on_the_easier_question_tells_its_solution_and_goes_on():
    out = engine.typed(EASED, three_wrong(EASED, "s").progress, "không biết")
    assert out.says[0].text == phrases.SOLUTION.format(solution="Lựa chọn thứ 0")
    assert out.progress.phase == "pause"


def test_once_a_lesson_is_enough():
    """Both questions of the first lesson are answered wrong three times: only the first brings the easier one."""
    progress, asked = engine.begin(SEED), []
    while progress.lesson == 0:
        out = step(EASED, progress, lambda item, nth: item.id not in ("s", "m"))
        asked += [out.progress.aside] if out.progress.aside and out.progress.aside != progress.aside else []
        progress = out.progress
    assert asked == ["e0"]
    assert set(progress.right) == set()


def test_each_lesson_has_its_own():
    given: Counter[str] = Counter()

    def fourth_time(item, nth):
        given[item.id] += 1
        return item.id not in ("s", "o") or given[item.id] > 3

    progress, _, events = play(EASED, engine.begin(SEED), fourth_time)
    assert progress.eased == ("e0", "e1")
    assert [e.item_id for e in events if e.item_id.startswith("e")] == ["e0", "e1"]


def test_in_a_retake_it_comes_after_the_second_wrong_answer_if_it_was_not_asked_yet():
    eased = course_of([{**QUESTIONS["s"], "id": f"q{i}"} for i in range(3)], easier=True, pass_percent=100)
    progress = engine.begin(SEED)
    while progress.phase != "retake":
        progress = step(eased, progress, lambda item, nth: item.id != "q1" or nth > 2).progress
    assert (progress.eased, progress.queue) == ((), ("q1",))
    out = answer(eased, answer(eased, progress, correct=False).progress, correct=False)
    assert out.progress.aside == "e0"
    back = answer(eased, out.progress)
    assert (back.progress.phase, back.progress.queue) == ("retake", ("q1",))


def test_a_stale_button_while_the_easier_question_is_asked_changes_nothing():
    progress = three_wrong(EASED, "s").progress
    out = engine.tapped(EASED, progress, "s", 1)
    assert (out.progress, out.events, out.says[0].text) == (progress, (), phrases.OLD_BUTTON)
    assert engine.go_on(EASED, progress).progress == progress


def test_without_an_easier_question_the_lesson_goes_on():
    assert three_wrong(PLAIN, "s").progress.aside == ""
