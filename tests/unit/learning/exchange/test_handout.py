"""A course on paper: everything a lesson says and asks, the answers at the end and not before."""

import io
import logging
import re

import pytest
from pypdf import PdfReader

from bot.learning import document
from bot.learning.asking import Screen
from bot.learning.exchange import handout
from bot.learning.items.base import LETTERS
from bot.learning.model import CardStep
from bot.learning.paper import printable
from tests.factories import ROOT
from tests.small_course import small

COURSES = document.files_of(ROOT / "courses")


def squeezed(text: str) -> str:
    """Without white space: lines are broken anew on paper."""
    return re.sub(r"\s+", "", text)


def text_of(pdf: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


@pytest.fixture(scope="module")
def printed():
    """(course, text before the answers, text from the answers on) of every shipped course, without pictures."""
    made = {}
    for path in COURSES:
        course = document.load(path)
        lessons, _, answers = text_of(handout.write(course, {})).rpartition("Đápán")
        made[path.stem] = course, lessons, answers
    return made


@pytest.mark.parametrize("slug", [p.stem for p in COURSES])
def test_every_card_and_question_is_on_paper(printed, slug):
    course, lessons, _ = printed[slug]
    for lesson in course.lessons:
        assert squeezed(printable(lesson.title)) in lessons and squeezed(printable(lesson.remember)) in lessons
        for step in lesson.steps:
            if isinstance(step, CardStep):
                assert squeezed(printable(step.card.text)) in lessons
                continue
            item = step.question
            for told in (getattr(item, "prompt", ""), getattr(item, "statement", ""), getattr(item, "sender", "")):
                assert squeezed(printable(told)) in lessons
            for group in ("options", "places", "reasons", "parts"):
                for choice in getattr(item, group, ()):
                    assert squeezed(printable(choice.text)) in lessons
            for pair in getattr(item, "pairs", ()):
                assert squeezed(printable(pair.left)) in lessons and squeezed(printable(pair.right)) in lessons
            for scene in getattr(item, "scenes", ()):
                assert squeezed(printable(scene.text)) in lessons
                assert all(squeezed(printable(c.text)) in lessons for c in scene.choices)


@pytest.mark.parametrize("slug", [p.stem for p in COURSES])
def test_the_answers_stand_at_the_end_one_for_each_question(printed, slug):
    course, lessons, answers = printed[slug]
    for number, item in enumerate(course.items, 1):
        assert f"Câu{number}." in lessons
        assert squeezed(printable(f"Câu {number}: {item.solution()}")) in answers
    for source in course.sources:
        assert (squeezed(printable(source.title)) in answers) == (source.grade != "KD")


@pytest.mark.parametrize("slug", [p.stem for p in COURSES])
def test_no_feedback_gives_an_answer_away(printed, slug):
    course, lessons, _ = printed[slug]
    cards = squeezed(" ".join(s.card.text for le in course.lessons for s in le.steps if isinstance(s, CardStep)))
    for item in course.items:
        for told in item.told():
            assert squeezed(printable(told)) not in lessons or squeezed(told) in cards


@pytest.mark.parametrize("slug", [p.stem for p in COURSES])
def test_what_is_to_be_ordered_or_joined_is_not_shown_solved(printed, slug):
    course, lessons, _ = printed[slug]
    for item in course.items:
        if item.type not in ("ordering", "matching"):
            continue
        things = [p.text for p in item.places] if item.type == "ordering" else [p.right for p in item.pairs]
        solved = "".join(f"{LETTERS[at]}. {thing}" for at, thing in enumerate(things))
        assert squeezed(printable(solved)) not in lessons
        order = Screen(item, handout.ORDER).order
        assert squeezed(printable("".join(f"{LETTERS[at]}. {things[i]}" for at, i in enumerate(order)))) in lessons


def test_a_scenario_says_where_each_choice_leads():
    scenes = [{"id": "goi", "text": "Có người gọi đến bác.", "choices": [
                  {"text": "Nghe tiếp", "feedback": "Nghe thì dễ bị cuốn.", "to": "doa"}, {"text": "Gác máy", "feedback": "Gác là đúng.", "ends": "right"}]},
              {"id": "doa", "text": "Họ dọa bắt bác.", "choices": [
                  {"text": "Chuyển tiền", "feedback": "Tiền mất ngay.", "ends": "wrong"}, {"text": "Gọi con", "feedback": "Con đỡ cho.", "ends": "right"}]}]
    course = small()
    course["lessons"][0]["steps"][1]["question"] = {"type": "scenario", "id": "l1q1", "source": ["S1"], "scenes": scenes}
    text = handout.printed(document.of(course).items[0])
    assert text.startswith("Cảnh 1. Có người gọi đến bác.") and "Cảnh 2. Họ dọa bắt bác." in text
    assert "Nghe tiếp (đọc tiếp cảnh 2)" in text and "Gác máy (" not in text
    assert sorted(re.findall(r"^([A-F])\. ", text, re.MULTILINE)) == ["A", "A", "B", "B"]


def test_the_order_is_the_same_on_every_print():
    course = document.load(COURSES[0])
    assert text_of(handout.write(course, {})) == text_of(handout.write(course, {}))


@pytest.mark.parametrize("path", COURSES, ids=lambda p: p.stem)
def test_pictures_are_printed_and_a_missing_one_is_described(path, printed):
    course, described, _ = printed[path.stem]
    parts = [s.card if isinstance(s, CardStep) else s.question for le in course.lessons for s in le.steps]
    shown = [part.picture for part in parts if getattr(part, "picture", None) is not None]
    assert shown
    assert all(squeezed(printable(f"[Hình: {p.alt}]")) in described for p in shown)
    files = {p.file: (ROOT / "courses" / "pictures" / f"{p.file}.png").read_bytes() for p in shown}
    pdf = handout.write(course, files)
    assert "[Hình:" not in text_of(pdf)
    assert sum(len(page.images) for page in PdfReader(io.BytesIO(pdf)).pages) == len(shown)


@pytest.mark.parametrize("path", COURSES, ids=lambda p: p.stem)
def test_the_font_has_every_character(path, caplog):
    with caplog.at_level(logging.WARNING, logger="fpdf"):
        handout.write(document.load(path), {})
    assert [r.getMessage() for r in caplog.records] == []


def test_its_title_and_language_are_told_to_readers():
    course = document.load(COURSES[0])
    pdf = PdfReader(io.BytesIO(handout.write(course, {})))
    assert (pdf.metadata.title, pdf.root_object["/Lang"]) == (course.title, "vi")
