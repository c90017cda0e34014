"""The studio's pages of a course as sections of blanks: the settings of the course, or one lesson with its cards and questions.

A document here is a course in the shape of a file (format 2), as a draft holds it: half done, possibly wrong, but `sound`
(editing.py). Paths lead into it: ("lessons", 0, "steps", 2, "question", "options", 1). Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from bot.learning.form import PICTURE, SOURCE, Blank, Form, entry_model
from bot.learning.items import TYPES
from bot.learning.model import CARD_WORDS, Card, Course, Lesson, Plain

Path = tuple[str | int, ...]

PLAIN = tuple(get_args(t.model_fields["type"].annotation)[0] for t in get_args(get_args(Plain)[0]))
"""Names of the types short enough for the test and for the easier question."""

CARD = Form("Thẻ", f"Một ý để đọc, nhiều nhất {CARD_WORDS} chữ.", (
    Blank("text", "Nội dung thẻ", "text", "Một ý, câu ngắn. Nên dưới 45 chữ.", CARD_WORDS), PICTURE))

LESSON = Form("Bài học", "", (
    Blank("title", "Tên bài"),
    Blank("goal", "Mục tiêu: học xong làm được gì", "text", hint="Một câu, ví dụ: “Gác máy được khi người lạ đòi chuyển tiền.”"),
    Blank("minutes", "Số phút của bài", "number", hint="Từ 1 đến 10; vừa sức là 3 đến 5.")))

REMEMBER = Form("Câu cần nhớ", "", (Blank("remember", "Câu cần nhớ", "text", hint="Một câu, hiện ra khi học xong bài."),))

SOURCES = Blank("sources", "Các nguồn", "list", one="Nguồn", hint="Mọi điều nêu trong khoá học phải có nguồn ở đây.", blanks=(
    Blank("title", "Tên nguồn, ngày đăng"),
    Blank("url", "Địa chỉ trang"),
    Blank("grade", "Độ tin cậy", "choice", options=(
        ("A", "A: văn bản, trang của cơ quan nhà nước"), ("B", "B: báo chính thống đưa tin"), ("KD", "Lời khuyên thực hành, không cần nguồn")))))

COURSE = Form("Khoá học", "", (
    Blank("title", "Tên khoá học"),
    Blank("group", "Dành cho", "choice", options=(("citizens", "Người dân"), ("staff", "Cán bộ, công chức"))),
    Blank("audience", "Cụ thể là những ai", hint="Ví dụ: các bác từ 55 tuổi trở lên."),
    Blank("summary", "Tóm tắt", "text", hint="Một hai câu, hiện trong danh sách khoá học."),
    Blank("aliases", "Các tên gọi khác", "lines", hint="Người dân hay gọi khoá này thế nào khi muốn học. Mỗi tên một dòng, khoảng 6 đến 12 tên."),
    Blank("minutes", "Số phút của cả khoá", "number"),
    Blank("pass_percent", "Điểm đạt: đúng bao nhiêu phần trăm", "number"),
    Blank("scams", "Nói về lừa đảo: mời ôn lại trong vòng bốn tuần", "tick"),
    Blank("rank", "Thứ tự trong danh sách", "number", hint="Số nhỏ đứng trước."),
    Blank("requires", "Nên học trước", "several"),
    Blank("checked_on", "Ngày đối chiếu nguồn", "date"),
    Blank("review_by", "Hạn xem lại", "date"),
    SOURCES))

COURSE_KEY, LESSON_KEY, REMEMBER_KEY = "khoa", "bai", "nho"


@dataclass(frozen=True)
class Section:
    """A part of the page. key: what the names of its fields begin with; kind: "course", "lesson", "card" or a question's type.

    form: None for a question of a type that is not known here; it can be moved and removed, not filled in.
    """

    path: Path
    key: str
    kind: str
    form: Form | None
    model: type[BaseModel]


def of_settings(document: dict[str, Any]) -> list[Section]:
    """The course itself, then the questions of its test."""
    return [Section((), COURSE_KEY, "course", COURSE, Course),
            *(of_question(("test", at), item) for at, item in enumerate(document["test"]))]


def of_lesson(document: dict[str, Any], number: int) -> list[Section]:
    """The lesson itself, its cards and questions in order, the sentence to remember, the easier question. number: its index."""
    lesson, path = document["lessons"][number], ("lessons", number)
    found = [Section(path, LESSON_KEY, "lesson", LESSON, Lesson)]
    for at, step in enumerate(lesson["steps"]):
        if "card" in step:
            card = Form(CARD.name, CARD.purpose, (*CARD.blanks, SOURCE))
            found.append(Section((*path, "steps", at, "card"), f"p-{step['card']['id']}", "card", card, Card))
        else:
            found.append(of_question((*path, "steps", at, "question"), step["question"]))
    found.append(Section(path, REMEMBER_KEY, "lesson", REMEMBER, Lesson))
    if "easier" in lesson:
        found.append(of_question((*path, "easier"), lesson["easier"]))
    return found


def of_question(path: Path, question: dict[str, Any]) -> Section:
    kind = question.get("type")
    known = TYPES.get(kind) if isinstance(kind, str) else None
    form = Form(known.form.name, known.form.purpose, (*known.form.blanks, SOURCE)) if known else None
    return Section(path, f"p-{question['id']}", str(kind), form, known or BaseModel)


def every(document: dict[str, Any]) -> Iterator[Section]:
    """All sections of all pages of the course."""
    yield from of_settings(document)
    for number in range(len(document["lessons"])):
        yield from of_lesson(document, number)


def model_of(section: Section, lists: tuple[str, ...]) -> type[BaseModel]:
    """What the entries of a list of the section are made of. lists: the names of the lists from the section inwards."""
    model = section.model
    for name in lists:
        model = entry_model(model, name)
    return model


def number_of(document: dict[str, Any], lesson_id: str) -> int:
    """The index of the lesson. Raises KeyError."""
    for number, lesson in enumerate(document["lessons"]):
        if lesson["id"] == lesson_id:
            return number
    raise KeyError(lesson_id)


def at(document: dict[str, Any], path: Path) -> Any:
    """What stands at the path. Raises KeyError for a path that leads nowhere."""
    here: Any = document
    for step in path:
        try:
            here = here[step]
        except (IndexError, TypeError) as error:
            raise KeyError(path) from error
    return here
