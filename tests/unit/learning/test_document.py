"""What an author reads after a typical mistake: file, line, field, remedy. The file is a course with one change."""

import unicodedata

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import ContentError
from bot.learning import document
from bot.learning.model import FORMAT, Course
from bot.learning.upgrades import UPGRADES, upgraded
from bot.yamlfile import read

COURSE = """\
format: 1
slug: khoa-thu
title: Khóa thử
audience: Mọi người
summary: Một khóa để thử.
minutes: 3
checked_on: 2026-11-23
review_by: 2027-02-28
sources:
  - id: S1
    title: Báo thử
    grade: B
lessons:
  - id: l1
    title: Bài một
    goal: Biết đọc
    minutes: 3
    steps:
      - card:
          id: c1
          text: Đây là một thẻ để đọc thử.
          source: [S1]
      - question:
          type: single
          id: q1
          prompt: Chọn gì?
          options:
            - text: Một
              correct: true
              feedback: Đúng rồi bác.
            - text: Hai
              feedback: Chưa phải đâu.
      - question:
          type: fill
          id: q2
          prompt: Điền số ___.
          accept: ["2", hai]
          feedback_right: Đúng rồi bác.
          feedback_wrong: Chưa phải đâu.
    remember: Nhớ điều này.
"""


@pytest.fixture
def problems(tmp_path):
    """The problems of a file, as (line, field, remedy)."""

    def of(content: str | bytes, name: str = "khoa-thu.yml") -> list[tuple[int, str, str]]:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(ContentError) as raised:
            document.load(path)
        assert {p.file for p in raised.value.problems} == {str(path)}
        return [(p.line, p.field, p.remedy) for p in raised.value.problems]

    return of


def changed(old: str, new: str) -> str:
    assert COURSE.count(old) == 1, f"{old!r} must stand once in the course"
    return COURSE.replace(old, new)


def test_the_course_of_these_tests_is_sound(tmp_path):
    (tmp_path / "khoa-thu.yml").write_text(COURSE)
    assert document.load(tmp_path / "khoa-thu.yml").lessons[0].items[1].accept == ("2", "hai")


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("summary:", "sumary:", [(1, "summary", "add this field"),
                             (5, "sumary", "no such field; check its spelling or remove it")]),
    ("    goal: Biết đọc\n", "", [(14, "lessons.0.goal", "add this field")]),
    ("title: Khóa thử", "title: 12", [(3, "title", "write text here (put it in quotes if it looks like a number)")]),
    ("title: Khóa thử", "title:", [(3, "title", "write text here (put it in quotes if it looks like a number)")]),
    ('["2", hai]', "[2, hai]", [(37, "lessons.0.steps.2.question.accept.0",
                                 "write text here (put it in quotes if it looks like a number)")]),
    ("source: [S1]", "source: S1", [(22, "lessons.0.steps.0.card.source", "write a list here, one '- ' line an entry")]),
    ("    minutes: 3", "    minutes: ba", [(17, "lessons.0.minutes", "write a whole number")]),
    ("2027-02-28", "2027-02-30", [(8, "review_by", "write a date as YYYY-MM-DD")]),
    ("2027-02-28", "tháng sau", [(8, "review_by", "write a date as YYYY-MM-DD")]),
    ("2027-02-28", "2026-11-23", [(8, "review_by", "review_by must be later than checked_on")]),
    ("correct: true", "correct: có", [(29, "lessons.0.steps.1.question.options.0.correct", "write true or false")]),
    ("correct: true", "correct: false", [(23, "lessons.0.steps.1.question", "exactly one option must be `correct: true`")]),
    ("type: single", "type: singel", [
        (23, "lessons.0.steps.1.question",
         "singel is no 'type'; write one of: 'fill', 'matching', 'multiple', 'ordering', 'picture', 'scenario', 'single', 'spot', 'true_false'")]),
    ("          type: single\n", "", [(23, "lessons.0.steps.1.question", "add the field 'type'")]),
    ("- card:", "- crad:", [(19, "lessons.0.steps.0", "a step is `card:` or `question:`")]),
    ("grade: B", "grade: X", [(12, "sources.0.grade", "write one of: 'A', 'B' or 'KD'")]),
    ("format: 1", "format: 9", [(1, "format", "write one of: 2"), (1, "group", "add this field")]),
    ("id: q2", "id: q1", [(35, "lessons.0.steps.2.question.id",
                           "the id q1 is used twice; every lesson, card and question needs its own")]),
    ("id: c1", "id: l1", [(20, "lessons.0.steps.0.card.id",
                           "the id l1 is used twice; every lesson, card and question needs its own")]),
    ("source: [S1]", "source: [S1, S9]", [(22, "lessons.0.steps.0.card.source.1",
                                           "c1 names the source S9, which `sources` does not list")]),
    ("    grade: B\n", "    grade: B\n  - {id: S1, title: Báo khác, grade: A}\n",
     [(13, "sources.1.id", "the source S1 is listed twice")]),
    ("Đây là một thẻ để đọc thử.", "từ " * 61, [
        (19, "lessons.0.steps.0.card", "the card has 61 words, 60 are the most; split it in two")]),
    ("slug: khoa-thu", "slug: khoa-khac", [(2, "slug", "must equal the file's name, khoa-thu")]),
])
def test_a_mistake_is_named_with_its_line_field_and_remedy(problems, old, new, expected):
    assert problems(changed(old, new)) == expected


def test_every_problem_is_told_at_once(problems):
    text = changed("grade: B", "grade: X").replace("    goal: Biết đọc\n", "").replace("correct: true", "correct: có")
    assert [line for line, _, _ in problems(text)] == [12, 14, 28]


def test_a_card_of_sixty_words_is_short_enough(tmp_path):
    (tmp_path / "khoa-thu.yml").write_text(changed("Đây là một thẻ để đọc thử.", "từ " * 60))
    assert len(document.load(tmp_path / "khoa-thu.yml").lessons[0].steps[0].card.text.split()) == 60


@pytest.mark.parametrize(("old", "new", "line", "said"), [
    ("title: Khóa thử", 'title: "Khóa" thử', 3, "not valid YAML"),
    ("    title: Báo thử", "   title: Báo thử", 11, "not valid YAML"),
    ("    goal: Biết đọc", "\tgoal: Biết đọc", 16, "not valid YAML"),
    ("minutes: 3\nchecked_on", "minutes: 3\nminutes: 4\nchecked_on", 7, "duplicate key"),
    ("title: Bài một", "title: Bài\x07 một", 15, "invisible control character"),
])
def test_broken_yaml_is_named_with_its_line(problems, old, new, line, said):
    ((found, field, remedy),) = problems(changed(old, new))
    assert (found, field) == (line, "")
    assert said in remedy


@pytest.mark.parametrize(("content", "line"), [
    (COURSE.encode("utf-16"), 1), (COURSE.replace("Khóa thử", "Khóa \udcff").encode("utf-8", "surrogateescape"), 3),
])
def test_a_file_that_is_not_utf_8_is_named_with_its_line(problems, content, line):
    assert problems(content) == [(line, "", "not UTF-8; save the file as UTF-8")]


@pytest.mark.parametrize("content", ["", "- một\n- hai\n", "chỉ là chữ", "# chỉ ghi chú\n"])
def test_a_file_without_fields_says_so(problems, content):
    assert problems(content) == [(1, "", "the file must hold one mapping of fields")]


def test_a_missing_file_is_a_content_error(tmp_path):
    with pytest.raises(ContentError) as raised:
        document.load(tmp_path / "khong-co.yml")
    assert [(p.line, "cannot be read" in p.remedy) for p in raised.value.problems] == [(0, True)]


def test_a_problem_prints_as_file_line_field_remedy(tmp_path):
    path = tmp_path / "khoa-thu.yml"
    path.write_text(changed("grade: B", "grade: X"))
    with pytest.raises(ContentError) as raised:
        document.load(path)
    assert [str(p) for p in raised.value.problems] == [f"{path}:12: sources.0.grade: write one of: 'A', 'B' or 'KD'"]


@pytest.mark.parametrize("content", [
    COURSE.encode("utf-8-sig"), COURSE.replace("\n", "\r\n").encode(), unicodedata.normalize("NFD", COURSE).encode(),
], ids=["byte order mark", "Windows line ends", "decomposed letters"])
def test_what_other_editors_write_reads_the_same(tmp_path, content):
    path = tmp_path / "khoa-thu.yml"
    path.write_text(COURSE)
    plain = document.load(path)
    path.write_bytes(content)
    assert document.load(path) == plain


def test_a_folder_gives_its_courses_by_slug_and_the_problems_of_all_files(tmp_path):
    (tmp_path / "khoa-thu.yml").write_text(COURSE)
    (tmp_path / "khoa-hai.yml").write_text(changed("slug: khoa-thu", "slug: khoa-hai"))
    (tmp_path / "ghi-chu.txt").write_text("không phải khóa")
    assert list(document.load_all(tmp_path)) == ["khoa-hai", "khoa-thu"]
    (tmp_path / "khoa-thu.yml").write_text(changed("grade: B", "grade: X"))
    (tmp_path / "khoa-hai.yml").write_text(COURSE)
    with pytest.raises(ContentError) as raised:
        document.load_all(tmp_path)
    assert [(p.file, p.field) for p in raised.value.problems] == [
        (str(tmp_path / "khoa-hai.yml"), "slug"), (str(tmp_path / "khoa-thu.yml"), "sources.0.grade")]


NEWER = """\
format: 2
slug: khoa-moi
title: Khóa mới
group: staff
audience: Cán bộ
summary: Một khóa để thử.
minutes: 3
checked_on: 2026-11-23
review_by: 2027-02-28
sources:
  - id: S1
    title: Báo thử
    grade: B
    rows: ["scams K1"]
test:
  - type: true_false
    id: t1
    statement: Ai gọi cũng là thật.
    reasons:
      - {verdict: true, text: "nghe giọng là biết", feedback: "Giọng thì giả được."}
      - {verdict: false, text: "giọng giả được", correct: true, feedback: "Đúng rồi đấy."}
lessons:
  - id: l1
    title: Bài một
    goal: Biết đọc
    minutes: 3
    steps:
      - card:
          id: c1
          text: Đây là một thẻ để đọc thử.
          picture:
            file: khoa-moi-the
            alt: Hình vẽ một thẻ.
          source: [S1]
      - question:
          type: matching
          id: q1
          prompt: Nối lại.
          pairs:
            - {left: Một, right: Hai, why: "Vì là vậy."}
            - {left: Ba, right: Bốn, why: "Vì là thế."}
            - left: Năm
              right: Sáu
              why: Vì là kia.
          feedback_right: Đúng cả ba.
      - question:
          type: scenario
          id: q2
          scenes:
            - id: goi
              text: Có người gọi đến.
              choices:
                - {text: Nghe tiếp, feedback: "Nghe thì họ nói.", to: hoi}
                - text: Gác máy
                  feedback: Gác là xong.
                  ends: right
            - id: hoi
              text: Họ hỏi mã số.
              choices:
                - {text: Đọc mã, feedback: "Đọc là mất tiền.", ends: wrong}
                - text: Không đọc
                  feedback: Không đọc là phải.
                  ends: right
      - question:
          type: spot
          id: q3
          prompt: Chỗ nào đáng ngờ?
          sender: Số lạ
          parts:
            - {text: Chào bác., feedback: "Chào thì ai cũng chào."}
            - text: Bấm vào đây.
              suspicious: true
              feedback: Đường dẫn lạ.
            - {text: Cảm ơn bác., feedback: "Cảm ơn thì không sao."}
      - question:
          type: picture
          id: q4
          prompt: Hình nào đúng?
          picture: {file: khoa-moi-hinh, alt: Hình vẽ hai trang.}
          options:
            - text: Trang một
              correct: true
              feedback: Đúng rồi bác.
            - {text: Trang hai, feedback: "Chưa phải đâu."}
    easier:
      type: single
      id: e1
      prompt: Chọn gì?
      options:
        - {text: Có, correct: true, feedback: "Đúng rồi bác."}
        - {text: Không, feedback: "Chưa phải đâu."}
    remember: Nhớ điều này.
"""


def test_the_newer_course_of_these_tests_is_sound(tmp_path):
    (tmp_path / "khoa-moi.yml").write_text(NEWER)
    course = document.load(tmp_path / "khoa-moi.yml")
    assert [i.id for i in course.asked] == ["q1", "q2", "q3", "q4", "e1", "t1"]
    assert [p.file for p in course.pictures] == ["khoa-moi-the", "khoa-moi-hinh"]


STEP = "lessons.0.steps.%d.question"


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("              why: Vì là kia.\n", "", [(42, f"{STEP % 1}.pairs.2.why", "add this field")]),
    ("left: Năm", "left: một", [(42, f"{STEP % 1}.pairs.2.left", "two pairs have the same `left`")]),
    ("right: Sáu", f"right: {'s' * 61}", [(43, f"{STEP % 1}.pairs.2.right", "String should have at most 60 characters")]),
    ("                  ends: right\n            - id: hoi", "            - id: hoi", [
        (54, f"{STEP % 2}.scenes.0.choices.1", "a choice goes either `to` a scene or `ends` right or wrong")]),
    ("to: hoi}", "to: khac}", [(53, f"{STEP % 2}.scenes.0.choices.0.to", "there is no scene khac")]),
    ("feedback: \"Đọc là mất tiền.\", ends: wrong}", "feedback: \"Đọc là mất tiền.\", to: goi}", [
        (60, f"{STEP % 2}.scenes.1.choices.0.to", "a choice leads to a later scene only; write the scenes in their order")]),
    ("feedback: \"Nghe thì họ nói.\", to: hoi}", "feedback: \"Nghe thì họ nói.\", ends: wrong}", [
        (57, f"{STEP % 2}.scenes.1", "no choice leads to this scene")]),
    ("            - id: hoi", "            - id: goi", [(57, f"{STEP % 2}.scenes.1.id", "two scenes have the same id")]),
    ("                - text: Không đọc\n                  feedback: Không đọc là phải.\n                  ends: right\n",
     "                - text: Không đọc\n                  feedback: Không đọc là phải.\n                  ends: maybe\n",
     [(63, f"{STEP % 2}.scenes.1.choices.1.ends", "write one of: 'right' or 'wrong'")]),
    ("              suspicious: true\n", "", [
        (64, STEP % 3, "at least one part must be `suspicious: true`, and at least one must not")]),
    ("          sender: Số lạ\n", "", [(64, f"{STEP % 3}.sender", "add this field")]),
    ("              feedback: Đường dẫn lạ.\n", "", [(71, f"{STEP % 3}.parts.1.feedback", "add this field")]),
    ("file: khoa-moi-hinh", "file: Hình.png", [
        (79, f"{STEP % 4}.picture.file", "String should match pattern '^[a-z0-9-]{3,80}$'")]),
    ("alt: Hình vẽ hai trang.", "alt: Hình", [(79, f"{STEP % 4}.picture.alt", "String should have at least 10 characters")]),
    ("          picture: {file: khoa-moi-hinh, alt: Hình vẽ hai trang.}\n", "", [(75, f"{STEP % 4}.picture", "add this field")]),
    ("              correct: true\n              feedback: Đúng rồi bác.\n            - {text: Trang",
     "              feedback: Đúng rồi bác.\n            - {text: Trang", [
        (75, STEP % 4, "exactly one option must be `correct: true`")]),
    ("            alt: Hình vẽ một thẻ.\n", "", [(31, "lessons.0.steps.0.card.picture.alt", "add this field")]),
    ("      type: single\n      id: e1", "      type: fill\n      id: e1", [
        (85, "lessons.0.easier", "fill is no 'type'; write one of: 'single', 'true_false'")]),
    ("id: e1", "id: q2", [(87, "lessons.0.easier.id", "the id q2 is used twice; every lesson, card and question needs its own")]),
    ("id: t1", "id: q1", [(37, f"{STEP % 1}.id", "the id q1 is used twice; every lesson, card and question needs its own")]),
    ("  - type: true_false\n    id: t1", "  - type: spot\n    id: t1", [
        (16, "test.0", "spot is no 'type'; write one of: 'single', 'true_false'")]),
    ("group: staff", "group: people", [(4, "group", "write one of: 'citizens' or 'staff'")]),
    ('rows: ["scams K1"]', "rows: scams K1", [(14, "sources.0.rows", "write a list here, one '- ' line an entry")]),
    ("text: \"giọng giả được\", correct: true", "text: \"giọng giả được\"", [(16, "test.0", "exactly one reason must be `correct: true`")]),
])
def test_a_mistake_in_what_format_2_brought_is_named_with_its_line_field_and_remedy(problems, old, new, expected):
    assert NEWER.count(old) == 1, f"{old!r} must stand once in the course"
    assert problems(NEWER.replace(old, new), "khoa-moi.yml") == expected


# formats

def test_a_file_of_format_1_is_read_as_one_of_format_2(tmp_path):
    (tmp_path / "khoa-thu.yml").write_text(COURSE)
    course = document.load(tmp_path / "khoa-thu.yml")
    assert (course.format, course.group, course.scams, course.test, course.requires) == (2, "citizens", False, (), ())
    assert course.lessons[0].easier is None
    assert {**course.model_dump(), "format": 2} == course.model_dump()


def test_a_stored_document_of_any_format_loads_and_of_the_newest_stays_as_it_is(tmp_path):
    (tmp_path / "khoa-moi.yml").write_text(NEWER)
    newest = document.load(tmp_path / "khoa-moi.yml")
    assert document.of(newest.model_dump(mode="json")) == newest
    stored = {k: v for k, v in newest.model_dump(mode="json").items() if k not in ("group", "test", "scams", "rank", "requires", "aliases")}
    old = {**stored, "format": 1}
    before = dict(old)
    assert document.of(old) == newest.model_copy(update={"group": "citizens", "test": ()})
    assert old == before  # what is stored is not changed


@pytest.mark.parametrize("content", [{"format": 0}, {"format": 3, "slug": "x"}, {"slug": "x"}, [], None, "format: 1", 1])
def test_what_has_no_known_format_is_left_for_the_model_to_refuse(content):
    assert upgraded(content) == content
    with pytest.raises(ValidationError):
        Course.model_validate(upgraded(content))


def test_every_older_format_has_its_way_to_the_newest():
    for old in range(1, FORMAT):
        assert upgraded({"format": old})["format"] == FORMAT
    assert set(UPGRADES) == set(range(1, FORMAT))


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    lines: list[str] = []


def test_any_model_can_be_read_and_its_text_is_nfc_and_trimmed(tmp_path):
    path = tmp_path / "note.yml"
    path.write_text(unicodedata.normalize("NFD", 'name: "  Đường "\nlines:\n  - ồ\n'))
    assert read(path, Note) == Note(name="Đường", lines=["ồ"])
