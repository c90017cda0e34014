"""Every shipped course keeps the promises of curriculum/pedagogy.md that a machine can check."""

import re
from collections import Counter

import pytest

from bot.learning.document import load
from bot.learning.model import CARD_WORDS, Card, CardStep, Course
from tests.factories import ROOT

FILES = sorted((ROOT / "courses").glob("*.yml"))
COURSES = [load(path) for path in FILES]
HOTLINE = re.compile(r"(?<![\d/.])(?:1(?:11|12|13|14|15)|156|1022|5656|1[89]00[ .]?\d{2,4}|0\d(?:[ .]?\d){7,9})(?![\d/])(?! (?:đồng|triệu|nghìn))")
"""Numbers to call. They change, and a wrong one in a course against fraud is worse than none."""

every_course = pytest.mark.parametrize("course", COURSES, ids=lambda c: c.slug)


def texts(part) -> list[str]:
    """Every text of a part of a course, however deep; ids, links and source titles are not told to learners."""
    if isinstance(part, str):
        return [part]
    if isinstance(part, tuple):
        return [t for p in part for t in texts(p)]
    if hasattr(type(part), "model_fields"):
        return [t for name in type(part).model_fields if name not in ("id", "source", "sources", "slug", "type")
                for t in texts(getattr(part, name))]
    return []


def cards(course: Course) -> list[Card]:
    return [s.card for lesson in course.lessons for s in lesson.steps if isinstance(s, CardStep)]


def test_there_are_courses():
    assert "gia-danh-cong-an" in [c.slug for c in COURSES]


def test_the_first_course_has_seven_lessons():
    (course,) = [c for c in COURSES if c.slug == "gia-danh-cong-an"]
    assert len(course.lessons) == 7


@every_course
def test_at_least_five_question_types_are_used(course):
    assert len(Counter(i.type for i in course.items)) >= 5


@every_course
def test_a_lesson_has_three_questions_or_more_and_begins_by_telling_something(course):
    assert [(le.id, len(le.items)) for le in course.lessons if len(le.items) < 3] == []
    assert [le.id for le in course.lessons if not isinstance(le.steps[0], CardStep)] == []


@every_course
def test_every_choice_has_feedback_of_its_own(course):
    for item in course.items:
        if item.type == "fill":
            told = [item.feedback_right, item.feedback_wrong, *(n.feedback for n in item.near)]
        elif item.type == "ordering":
            told = [item.feedback_right, *(p.why for p in item.places)]
        else:
            told = [o.feedback for o in (item.reasons if item.type == "true_false" else item.options)]
        assert [t for t in told if len(t.split()) < 4] == [], item.id
        assert len(set(told)) == len(told), item.id


@every_course
def test_choices_are_told_apart_by_their_words(course):
    for item in course.items:
        if item.type != "fill":
            shown = item.expect(tuple(range(item.size)))["options"]
            assert len({t.lower() for t in shown}) == len(shown), item.id


@every_course
def test_a_listed_answer_of_a_fill_is_graded_as_listed(course):
    for item in course.items:
        if item.type == "fill":
            assert [a for a in item.accept if not item.grade((), a).correct] == [], item.id
            assert [m for n in item.near for m in n.match if item.grade((), m).correct] == [], item.id


@every_course
def test_no_number_to_call_is_printed(course):
    assert [(t, HOTLINE.findall(t)) for t in texts(course) if HOTLINE.search(t)] == []


@pytest.mark.parametrize(("text", "found"), [
    ("gọi 113 ngay", True), ("gọi 1900 1234", True), ("gọi 18001091", True), ("số 0912 345 678", True), ("nhắn 156", True), ("tổng đài 1022", True),
    ("rút 470 triệu đồng", False), ("ngày 14/01/2026", False), ("15 phút", False), ("năm 2026", False), ("113 đồng", False),
])
def test_numbers_to_call_are_recognised(text, found):
    assert bool(HOTLINE.search(text)) == found


@every_course
def test_it_is_reviewed_after_it_was_checked(course):
    assert course.review_by > course.checked_on


@every_course
def test_cards_are_short(course):
    assert [(c.id, len(c.text.split())) for c in cards(course) if len(c.text.split()) > CARD_WORDS] == []


@every_course
def test_every_listed_source_is_used_and_every_named_one_is_listed(course):
    used = {s for part in [*cards(course), *course.items] for s in part.source}
    assert {s.id for s in course.sources} == used


@every_course
def test_lessons_together_take_about_the_minutes_promised(course):
    assert abs(sum(le.minutes for le in course.lessons) - course.minutes) <= len(course.lessons)
