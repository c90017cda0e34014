"""Questions go into a course file whole or not at all, and nothing else of the file changes."""

import difflib
from datetime import date

import pytest

from bot.errors import ContentError
from bot.learning import document
from bot.learning.exchange import adding, gift
from bot.learning.exchange.faults import ITEM
from tests.factories import ROOT

TODAY = date(2026, 11, 24)
NEW = gift.read("""
Có người xin mã xác nhận. Bác làm gì?
{=Gác máy rồi gọi số mình biết#Đúng, số mình biết thì chắc chắn. ~Đọc mã cho nhanh#Đọc mã thì nhanh, nhưng tiền cũng đi nhanh.}

Mã xác nhận còn gọi là mã gì? {=OTP#Đúng rồi ạ, là mã OTP. ####Là mã OTP, gửi về máy mình.}

Đúng hay sai? {F#Công an không làm thế đâu bác.#Đúng, công an không làm thế.}
""")
COURSES = document.files_of(ROOT / "courses")


@pytest.fixture(params=COURSES, ids=lambda p: p.stem)
def shipped(request, tmp_path):
    """A copy of each shipped course, with what no course may state beside it."""
    (tmp_path / document.UNVERIFIED).write_bytes((ROOT / "courses" / document.UNVERIFIED).read_bytes())
    copy = tmp_path / request.param.name
    copy.write_bytes(request.param.read_bytes())
    return copy


@pytest.fixture
def course(tmp_path):
    """A copy of one course."""
    (tmp_path / document.UNVERIFIED).write_bytes((ROOT / "courses" / document.UNVERIFIED).read_bytes())
    copy = tmp_path / "gia-danh-cong-an.yml"
    copy.write_bytes((ROOT / "courses" / copy.name).read_bytes())
    return copy


def checked_on(path) -> date:
    return document.load(path).checked_on


def test_the_rest_of_the_file_stays_as_it_was(shipped):
    before = shipped.read_text()
    lesson = document.load(shipped).lessons[1].id
    adding.add(shipped, lesson, NEW, checked_on(shipped))
    lines = list(difflib.unified_diff(before.splitlines(), shipped.read_text().splitlines(), lineterm="", n=0))[2:]
    assert [line for line in lines if line.startswith("-")] == []
    assert sum(line.startswith("@@") for line in lines) == 1


def test_the_questions_stand_at_the_end_of_the_lesson_with_the_next_ids(course):
    before = document.load(course)
    lesson = before.lessons[1]
    count = max(int(i.id.removeprefix(f"{lesson.id}q")) for i in lesson.items)
    ids = adding.add(course, lesson.id, NEW, TODAY)
    assert ids == [f"{lesson.id}q{count + n}" for n in (1, 2, 3)]
    after = document.load(course).lessons[1]
    assert after.items[:-3] == lesson.items
    for added, given in zip(after.items[-3:], NEW, strict=True):
        assert added == given.model_copy(update={"id": added.id})
    assert after.easier == lesson.easier


def test_adding_again_counts_on(course):
    first = adding.add(course, "l1", NEW, TODAY)
    second = adding.add(course, "l1", NEW[:1], TODAY)
    assert not set(first) & set(second)
    assert len(document.load(course).lessons[0].items) == len(document.load(ROOT / "courses" / course.name).lessons[0].items) + 4


def test_comments_stay(course):
    course.write_text("# đầu tệp\n" + course.read_text().replace("\nlessons:\n", "\n# trước các bài\nlessons:\n", 1) + "# cuối tệp\n")
    adding.add(course, "l1", NEW, TODAY)
    text = course.read_text()
    assert all(comment in text for comment in ("# đầu tệp\n", "\n# trước các bài\n", "# cuối tệp\n"))


def test_the_mode_of_the_file_stays(course):
    course.chmod(0o640)
    adding.add(course, "l1", NEW, TODAY)
    assert course.stat().st_mode & 0o777 == 0o640


LONG = gift.read("Câu này dài lê thê " + "và dài thêm nữa " * 8 + ". {=Có#Đúng rồi ạ, bác giỏi. ~Không#Nghĩ lại một chút nhé bác.}")
PHONE = gift.read("Gọi 0912 345 678 để hỏi? {=Có#Đúng rồi ạ, bác giỏi. ~Không#Nghĩ lại một chút nhé bác.}")
TWINS = gift.read("Có không? {=Có#Đúng rồi ạ, bác giỏi. ~Không#Đúng rồi ạ, bác giỏi.}")


@pytest.mark.parametrize("lesson, questions, today, said", [
    ("l99", NEW, TODAY, "there is no lesson l99"), ("l1", LONG, TODAY, "a sentence of"), ("l1", PHONE, TODAY, "holds a number to call"),
    ("l1", TWINS, TODAY, "the same feedback"), ("l1", [*NEW, *PHONE], TODAY, "holds a number to call"), ("l1", NEW, date(2031, 1, 1), "was due on")],
    ids=["no such lesson", "long sentence", "telephone number", "feedback twice", "one of four", "review overdue"])
def test_on_a_fault_the_file_is_untouched_and_nothing_lies_about(course, lesson, questions, today, said):
    before = course.read_bytes()
    with pytest.raises(ContentError) as caught:
        adding.add(course, lesson, questions, today)
    assert any(said in p.remedy for p in caught.value.problems)
    assert {p.file for p in caught.value.problems} == {str(course)}
    assert course.read_bytes() == before
    assert sorted(p.name for p in course.parent.iterdir()) == [course.name, document.UNVERIFIED]


def test_nothing_lies_about_after_a_success_either(course):
    adding.add(course, "l1", NEW, TODAY)
    assert sorted(p.name for p in course.parent.iterdir()) == [course.name, document.UNVERIFIED]


def test_a_claim_nobody_has_verified_is_refused(course):
    (course.parent / document.UNVERIFIED).write_text("format: 1\nclaims:\n  - said: ma xac nhan con goi\n    why: để thử\n")
    with pytest.raises(ContentError) as caught:
        adding.add(course, "l1", NEW, TODAY)
    assert "để thử" in caught.value.problems[0].remedy


def test_every_question_of_the_shipped_courses_is_written_as_it_is(shipped):
    for question in document.load(shipped).asked:
        assert ITEM.validate_python(adding.plain(question, "x1")) == question.model_copy(update={"id": "x1"})
