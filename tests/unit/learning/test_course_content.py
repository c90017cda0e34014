"""Every shipped course keeps the promises of docs/course_format.md and curriculum/pedagogy.md that a machine can check."""

from collections import Counter
from datetime import date

import pytest

from bot.language.choices import read
from bot.language.normalise import fold
from bot.learning import document
from bot.learning.asking import Screen
from bot.learning.check import findings
from bot.learning.items.base import Question
from bot.learning.model import CardStep, Course
from scripts.pictures import FOLDER as PICTURES
from scripts.pictures import up_to_date
from tests.factories import ROOT

FOLDER = ROOT / "courses"
FILES = document.files_of(FOLDER)
COURSES = [document.load(path) for path in FILES]
CLAIMS = document.claims_of(FOLDER)
LEAST_TYPES, LEAST_QUESTIONS, MOST_CARDS_IN_A_ROW = 7, 3, 3
LARGEST_PICTURE = 100 * 1024
ALT_WORDS = 45
"""Screen readers read an alternative text in one breath; two sentences of a citizen course and a half."""
LATEST_REVIEW = date(2027, 6, 30)

every_course = pytest.mark.parametrize("course", COURSES, ids=lambda c: c.slug)


def stages(item: Question, picked: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """Every state in which the question is on the screen with something to choose: a story has one a way to a scene."""
    if item.type != "scenario":
        return [()]
    found = [picked]
    for at, choice in enumerate(item.scene(picked).choices):
        if choice.to:
            found += stages(item, (*picked, at))
    return found


def test_twelve_courses_are_for_citizens_and_four_for_civil_servants():
    assert Counter(c.group for c in COURSES) == {"citizens": 12, "staff": 4}


@every_course
def test_nothing_stands_against_it_on_the_day_it_was_checked(course):
    assert [(".".join(map(str, f.loc)), f.message) for f in findings(course, CLAIMS, course.checked_on)] == []


@every_course
def test_it_is_reviewed_after_it_was_checked_and_within_the_school_year(course):
    assert course.checked_on < course.review_by <= LATEST_REVIEW


@every_course
def test_at_least_seven_question_types_are_used(course):
    assert len(Counter(i.type for i in course.items)) >= LEAST_TYPES


@every_course
def test_a_course_about_scams_has_messages_to_mark_and_stories(course):
    kinds = Counter(i.type for i in course.items)
    assert not course.scams or (kinds["spot"] >= 2 and kinds["scenario"] >= 2), kinds


@every_course
def test_a_lesson_has_three_questions_or_more_an_easier_one_and_begins_by_telling_something(course):
    assert [(le.id, len(le.items)) for le in course.lessons if len(le.items) < LEAST_QUESTIONS] == []
    assert [le.id for le in course.lessons if le.easier is None] == []
    assert [le.id for le in course.lessons if not isinstance(le.steps[0], CardStep)] == []
    assert [(le.id, len(le.steps)) for le in course.lessons if not 6 <= len(le.steps) <= 9] == []


@every_course
def test_no_more_than_three_cards_follow_each_other(course):
    for le in course.lessons:
        kinds = "".join("k" if isinstance(s, CardStep) else "q" for s in le.steps)
        assert "k" * (MOST_CARDS_IN_A_ROW + 1) not in kinds, le.id


@every_course
def test_the_easier_question_is_shorter_than_a_whole_one(course):
    assert [le.id for le in course.lessons if le.easier.type == "single" and len(le.easier.options) > 3] == []


@every_course
def test_the_test_has_four_or_five_items_of_its_own(course):
    assert len(course.test) in (4, 5)
    asked = {fold(i.statement if i.type == "true_false" else i.prompt) for i in course.items if i.type != "scenario"}
    assert [i.id for i in course.test if fold(i.statement if i.type == "true_false" else i.prompt) in asked] == []


@every_course
def test_every_choice_has_feedback_of_its_own(course):
    for item in course.asked:
        told = item.told()
        assert [t for t in told if len(t.split()) < 4] == [], item.id
        assert len(set(told)) == len(told), item.id


@every_course
def test_choices_are_told_apart_by_their_words(course):
    for item in course.asked:
        for picked in stages(item):
            shown = Screen(item, 1, 0, picked).expectation["options"]
            assert len({fold(t) for t in shown}) == len(shown), item.id


@every_course
def test_the_right_choice_is_not_known_by_its_length(course):
    """The longest is the right one about as often as by chance, not always."""
    chosen = [i for i in course.asked if i.type in ("single", "picture") and len(i.options) > 2]
    longest = [i for i in chosen if max(i.options, key=lambda o: len(o.text)).correct]
    assert len(longest) <= 0.6 * len(chosen), f"{len(longest)} of {len(chosen)}: {[i.id for i in longest]}"


@every_course
def test_the_words_of_every_choice_are_read_as_that_choice(course):
    """As printed, without diacritics, in capitals, and politely; on two screens, so that no letter helps."""
    for item in course.asked:
        for picked in stages(item):
            for seed in (3, 4):
                expected = Screen(item, seed, 0, picked).expectation
                for at, text in enumerate(expected["options"]):
                    typed = (text, fold(text), text.upper(), f"dạ {text[0].lower()}{text[1:]} ạ")
                    assert [(t, r) for t in typed if (r := read(t, expected)) != {"picks": [at]}] == [], item.id


@every_course
def test_the_best_answer_is_right_and_can_be_typed(course):
    for item in course.asked:
        picks, text = item.best()
        assert item.grade(picks, text).correct, item.id


@every_course
def test_a_listed_answer_of_a_fill_is_graded_as_listed(course):
    for item in course.asked:
        if item.type == "fill":
            assert [a for a in item.accept if not item.grade((), a).correct] == [], item.id
            assert [m for near in item.near for m in near.match
                    if (item.grade((), m).correct, item.grade((), m).feedback) != (False, near.feedback)] == [], item.id


@every_course
def test_its_name_in_peoples_words_is_given(course):
    assert 6 <= len(course.aliases) <= 12
    assert len({fold(a) for a in course.aliases}) == len(course.aliases)


def test_no_two_courses_have_the_same_name():
    names = Counter(name for c in COURSES for name in {fold(a) for a in (c.title, *c.aliases)})
    assert [name for name, times in names.items() if times > 1] == []


def test_a_course_advises_courses_that_exist_and_none_in_a_circle():
    needs = {c.slug: c.requires for c in COURSES}
    assert {r for required in needs.values() for r in required} <= set(needs)

    def reached(slug: str) -> set[str]:
        return {r for need in needs[slug] for r in (need, *reached(need))}

    assert [slug for slug in needs if slug in reached(slug)] == []


# pictures

@every_course
def test_a_course_shows_pictures_of_its_own(course):
    assert course.pictures
    assert [p.file for p in course.pictures if not p.file.startswith(f"{course.slug}-")] == []
    assert len({p.alt for p in course.pictures}) == len({p.file for p in course.pictures})


@every_course
def test_each_picture_is_drawn_rendered_up_to_date_and_light(course: Course):
    files = {p.file for p in course.pictures}
    assert [f for f in files if not (PICTURES / f"{f}.svg").exists() or not (PICTURES / f"{f}.png").exists()] == []
    assert [f for f in files if not up_to_date(PICTURES / f"{f}.svg")] == [], "run scripts/pictures.py"
    assert [f for f in files if (PICTURES / f"{f}.png").stat().st_size > LARGEST_PICTURE] == []
    assert [f for f in files if (PICTURES / f"{f}.png").read_bytes()[:8] != b"\x89PNG\r\n\x1a\n"] == []


@every_course
def test_each_picture_is_described(course):
    assert [(p.file, p.alt) for p in course.pictures if not 4 <= len(p.alt.split()) <= ALT_WORDS] == []


def test_every_drawing_is_shown_by_a_course():
    shown = {p.file for c in COURSES for p in c.pictures}
    assert sorted({p.stem for p in PICTURES.iterdir()} - shown) == []


@pytest.mark.parametrize("drawing", sorted(PICTURES.glob("*.svg")), ids=lambda p: p.stem)
def test_a_drawing_needs_nothing_from_outside(drawing):
    text = drawing.read_text(encoding="utf-8")
    assert 'viewBox="0 0 800 500"' in text
    assert [word for word in ("<script", "<image", "href=", "@import", "url(http", "<foreignObject", "onload=") if word in text] == []
