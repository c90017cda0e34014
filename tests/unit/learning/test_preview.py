"""A half-written course played as far as it is written: nothing that may stand in a draft makes it fail, what lacks is named."""

from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.learning import document, engine, preview
from bot.learning.asking import Say, Screen
from bot.learning.model import CARD_WORDS, CardStep
from bot.learning.replies import replies_of
from bot.messages import payload
from tests.factories import ROOT
from tests.small_course import RIGHT, WRONG, single, small

COURSES = {p.stem: document.load(p) for p in document.files_of(ROOT / "courses")}
NONSENSE = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.just(""), st.just("chữ"), st.lists(st.none(), max_size=2), st.just({}))


def changed(**lesson) -> dict:
    """The small course with its first lesson changed."""
    draft = small()
    draft["lessons"][0].update(lesson)
    return draft


def whats(draft) -> list[str]:
    return [one.what for one in preview.playable(draft).missing]


def places(node, path=()):
    """Every path of a document."""
    yield path
    for key, one in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(one, (*path, key))


SPOTS = [p for p in places(small()) if p]


def put(draft: dict, path: tuple, value) -> None:
    """Whatever stood there is the value now; nothing happens where an earlier change took the place away."""
    node = draft
    for step in path[:-1]:
        inside = isinstance(node, dict) and step in node or isinstance(node, list) and isinstance(step, int) and step < len(node)
        if not inside:
            return
        node = node[step]
    if isinstance(node, dict) or isinstance(node, list) and isinstance(path[-1], int) and path[-1] < len(node):
        node[path[-1]] = value


def walk(course, lesson: int, choices) -> int:
    """Plays on by the engine's own buttons, and by words where a question has none; returns the number of moves."""
    progress, moves = preview.begin(course, lesson), 0
    says = engine.show(course, progress).says
    for choice in choices:
        buttons = [p for r in replies_of(says, "") for _, p in r.buttons]
        outcome = preview.pressed(course, progress, buttons[choice % len(buttons)]) if buttons else preview.typed(course, progress, "không biết")
        if outcome is not None:
            progress, says, moves = outcome.progress, outcome.says, moves + 1
    return moves


class TestWhole:
    def test_a_valid_course_is_itself(self):
        found = preview.playable(small())
        assert found.whole and found.missing == () and found.course == document.of(small())

    @pytest.mark.parametrize("slug", COURSES)
    def test_shipped_courses_can_be_played_from_any_lesson(self, slug):
        course = COURSES[slug]
        assert preview.playable(course.model_dump(mode="json")).course == course
        for lesson in range(len(course.lessons)):
            assert walk(course, lesson, [0] * 40) > 5

    def test_a_lesson_is_found_by_its_id(self):
        found = preview.playable(small())
        assert [found.lesson_at(i) for i in ("", "l1", "l2", "l9")] == [0, 0, 1, None]


class TestHalfWritten:
    def test_what_stands_is_played_and_what_lacks_is_named_at_its_place(self):
        draft = changed(steps=[{"card": {"id": "a", "text": ""}}, {"card": {"id": "b", "text": "Thẻ này đã viết xong."}}, {},
                               {"question": {"type": "single", "id": "q", "prompt": "Chưa có lựa chọn?"}}, {"question": single("r")}],
                        goal="", remember=None, easier={"type": "single", "id": "e"})
        found = preview.playable(draft)
        assert not found.whole
        assert [(one.loc, one.what) for one in found.missing] == [
            (("lessons", 0, "goal"), "Bài 1 chưa có mục tiêu."),
            (("lessons", 0, "steps", 0, "card"), "Bài 1, bước 1: thẻ chưa có chữ nào."),
            (("lessons", 0, "steps", 2), "Bài 1, bước 3: chưa là thẻ hay câu hỏi."),
            (("lessons", 0, "steps", 3, "question"), "Bài 1, bước 4: câu hỏi chưa đủ để hiện."),
            (("lessons", 0, "easier"), "Bài 1: câu dễ hơn chưa đủ để hiện."),
            (("lessons", 0, "remember"), "Bài 1 chưa có điều cần nhớ.")]
        assert [s.text.splitlines()[1] if i == 0 else s.text.splitlines()[0] for i, s in enumerate(preview.pages(found.course, 0))] == [
            "Thẻ này đã viết xong.", "❓ Có người lạ gọi (r). Bác làm gì?"]

    def test_a_card_that_is_too_long_is_shown_all_the_same(self):
        long = "chữ " * (CARD_WORDS + 5)
        found = preview.playable(changed(steps=[{"card": {"id": "a", "text": long}}, *small()["lessons"][0]["steps"][1:]]))
        assert found.missing == () and long.strip() in preview.pages(found.course, 0)[0].text

    def test_an_empty_lesson_between_others_can_be_gone_through(self):
        draft = small()
        draft["lessons"].insert(1, {"id": "trong"})
        found = preview.playable(draft)
        assert [found.has_steps(n) for n in range(3)] == [True, False, True]
        assert preview.pages(found.course, 1) == ()
        assert "Bài 2 chưa có thẻ hay câu hỏi nào xem được." in whats(draft)
        progress = preview.begin(found.course, 1)
        for _ in range(3):  # the door of the lesson, the card that says there is none, the door of the next lesson
            progress = preview.pressed(found.course, progress, "/next_step").progress
        assert (progress.lesson, progress.phase) == (2, "steps")

    def test_a_course_that_asks_nothing_ends(self):
        found = preview.playable({"title": "Mới", "lessons": [{"id": "l", "steps": [{"card": {"id": "c", "text": "Thẻ duy nhất"}}]}]})
        progress = preview.begin(found.course, 0)
        for _ in range(2):
            progress = engine.go_on(found.course, progress).progress
        assert progress.phase == "done"

    def test_a_test_question_that_is_not_ready_is_left_out(self):
        draft = {**small(), "test": [single("t1"), {"type": "single"}]}
        assert whats(draft) == ["Câu thử sức 2 chưa đủ để hiện."]
        assert [i.id for i in preview.playable(draft).course.test] == ["t1"]

    @pytest.mark.parametrize("draft", [None, [], "", 3, {}, {"lessons": None}, {"lessons": {}}, {"format": "x", "lessons": []}])
    def test_what_has_no_lesson_is_a_course_without_one(self, draft):
        found = preview.playable(draft)
        assert found.course.lessons == () and found.lesson_at("") is None

    @settings(max_examples=150, deadline=None)
    @given(st.lists(st.tuples(st.sampled_from(SPOTS), NONSENSE), min_size=1, max_size=5), st.lists(st.integers(0, 5), max_size=25))
    def test_nothing_in_a_draft_makes_it_fail(self, spoilt, choices):
        draft = deepcopy(small())
        for path, value in spoilt:
            put(draft, path, value)
        found = preview.playable(draft)
        assert not found.whole or found.course == document.of(draft)
        for lesson in range(len(found.course.lessons)):
            walk(found.course, lesson, choices)
            assert all(say.text for say in preview.pages(found.course, lesson))
            assert preview.estimated_minutes(found.course.lessons[lesson]) >= 1


class TestPlaying:
    def test_the_lesson_begins_as_if_those_before_had_gone_well(self):
        course = preview.playable(small()).course
        progress = preview.begin(course, 1)
        for move in ["/next_step"] * 2:
            progress = preview.pressed(course, progress, move).progress
        for words in (RIGHT, "OTP"):
            progress = preview.typed(course, progress, words).progress
        assert progress.phase == "after" and engine.passed(course, progress)

    def test_buttons_that_lead_out_of_the_lesson_lead_nowhere_here(self):
        course = preview.playable(small()).course
        progress = preview.begin(course, 0)
        for leads in ("/stop_lesson", "/my_progress", "/request_human", "/get_certificate", payload("course_begin", "x")):
            assert preview.pressed(course, progress, leads) is None

    def test_a_button_of_another_question_changes_nothing(self):
        course = preview.playable(small()).course
        progress = preview.pressed(course, preview.begin(course, 0), "/next_step").progress
        progress = preview.pressed(course, progress, "/next_step").progress
        outcome = preview.pressed(course, progress, payload("lesson_answer", "l2q1:0"))
        assert outcome.progress == progress and len(outcome.says) == 2

    @pytest.mark.parametrize("words, goes_on", [("tiếp", True), ("tiếp tục đi", True), ("làm khai sinh cần gì", False), (WRONG, False)])
    def test_at_a_card_only_words_for_going_on_do(self, words, goes_on):
        course = preview.playable(small()).course
        assert (preview.typed(course, preview.begin(course, 0), words) is not None) == goes_on


class TestPages:
    @pytest.mark.parametrize("slug", COURSES)
    def test_every_card_and_question_stands_there_once_in_order_with_nothing_to_press(self, slug):
        course = COURSES[slug]
        for number, lesson in enumerate(course.lessons):
            pages = preview.pages(course, number)
            assert len(pages) == len(lesson.steps) + (lesson.easier is not None)
            assert all(page.buttons == () for page in pages)
            for step, page in zip(lesson.steps, pages, strict=False):
                if isinstance(step, CardStep):
                    assert page.text.endswith(step.card.text) and page.picture == step.card.picture
                else:
                    assert page.text == Screen(step.question, preview.SEED).say().text

    def test_choices_that_are_words_become_lettered_lines(self):
        pick = ("pick", "q", 0)
        assert preview.unpressed(Say("Hỏi?", (("Đúng", pick), ("Sai", pick)))).text == "Hỏi?\n\nA. Đúng\nB. Sai"
        assert preview.unpressed(Say("Hỏi?\n\nA. có", (("A", pick), ("B", pick)))).text == "Hỏi?\n\nA. có"
        assert preview.unpressed(Say("Thẻ", (("Tiếp", "next"), ("Dừng", "stop")))).text == "Thẻ"

    def test_minutes_are_about_what_the_authors_of_shipped_courses_measured(self):
        off = [abs(preview.estimated_minutes(one) - one.minutes) for course in COURSES.values() for one in course.lessons]
        assert max(off) <= 2 and sum(off) / len(off) < 0.7
