"""What keeps a draft from going out, told to its author in Vietnamese: where it is and what to do.

Works on any document, however incomplete: what is no course yet is told part by part, and the rules of `check.py` are applied
to the parts that are sound. Pure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.language.sensitive import mask
from bot.learning import check
from bot.learning.check import Claim, Finding
from bot.learning.labels import Loc, field, inside, label
from bot.learning.model import Card, Course, Item, Plain
from bot.learning.upgrades import upgraded
from bot.yamlfile import STEPS, own

SOON = timedelta(days=30)


@dataclass(frozen=True)
class Place:
    """Something about one place of a draft. loc: path in the document; message: what to do; where: the place in words.

    blocking: it cannot be published like this; otherwise it is advice.
    """

    loc: Loc
    message: str
    blocking: bool = True
    where: str = ""


def of_document(document: Any, claims: tuple[Claim, ...], today: date, approved: frozenset[str] = frozenset()) -> list[Place]:
    """Everything about the draft, in no particular order, each place with its words.

    approved: texts that were published before, in which examples of codes and passwords have been looked at already.
    """
    course, found = of_shape(document)
    if not isinstance(document, dict):
        return [Place((), "Đây không phải một khoá học.", where=label(document, ()))]
    given = {f.loc for f in found}
    found += [p for p in of_blanks(document) if p.loc not in given]
    if course is not None:
        findings = check.findings(course, claims, today)
    else:
        group = "staff" if document.get("group") == "staff" else "citizens"
        parts = list(sound(document))
        findings = [*check.of_texts(document, group, claims),
                    *check.of_feedback(parts), *check.of_messages(parts)]
        due = day(inside(document, "review_by"))
        if due is not None and due < today:
            findings.append(Finding(("review_by",), "", "review_due", {"on": due}))
    found += [Place(f.loc, in_vietnamese(f)) for f in findings]
    found += of_secrets(document, approved)
    found += of_advice(document, today)
    return [Place(p.loc, p.message, p.blocking, label(document, p.loc)) for p in dict.fromkeys(found)]


def of_shape(document: Any) -> tuple[Course | None, list[Place]]:
    """(the course, []) or (None, what keeps the document from being one)."""
    document = upgraded(document)
    try:
        return Course.model_validate(document), []
    except ValidationError as error:
        return None, [Place(loc_of(document, e), shape_in_vietnamese(e)) for e in own(error.errors())]


def loc_of(document: Any, error: Any) -> Loc:
    """The path in the document; pydantic puts the names of chosen variants between its fields."""
    node, path, named = document, [], None
    for part in (*error["loc"], *getattr(error.get("ctx", {}).get("error"), "loc", ())):
        if part in STEPS or (isinstance(node, dict) and node.get("type") == part and named is not node):
            named = node
            continue
        node = inside(node, part)
        path.append(part)
    return tuple(path)


ITEM: TypeAdapter[Any] = TypeAdapter(Item)
PLAIN: TypeAdapter[Any] = TypeAdapter(Plain)
CARD: TypeAdapter[Any] = TypeAdapter(Card)


def sound(document: Any) -> Iterator[tuple[Loc, Any]]:
    """(path, card or question) of every part that is whole, in order, however incomplete the rest."""
    for at, item in enumerate(listed(document, "test")):
        yield from whole(PLAIN, item, ("test", at))
    for number, lesson in enumerate(listed(document, "lessons")):
        for at, step in enumerate(listed(lesson, "steps")):
            for kind, adapter in (("card", CARD), ("question", ITEM)):
                if inside(step, kind) is not None:
                    yield from whole(adapter, step[kind], ("lessons", number, "steps", at, kind))
        if inside(lesson, "easier") is not None:
            yield from whole(PLAIN, lesson["easier"], ("lessons", number, "easier"))


def whole(adapter: TypeAdapter[Any], data: Any, loc: Loc) -> Iterator[tuple[Loc, Any]]:
    try:
        yield loc, adapter.validate_python(data)
    except ValidationError:
        return


def listed(node: Any, name: str) -> list[Any]:
    found = inside(node, name)
    return found if isinstance(found, list) else []


def of_blanks(document: Any) -> Iterator[Place]:
    """Texts that nobody has written yet; the model alone would let an empty title pass."""
    for loc, text in check.texts(document):
        if not text.strip():
            yield Place(loc, f"{named(loc)} còn trống; hãy viết vào.")


def of_secrets(document: Any, approved: frozenset[str]) -> Iterator[Place]:
    """What looks like somebody's data. Codes and passwords are often examples of a lesson: those are only asked about."""
    for loc, text in check.texts(document):
        kinds = mask(text)[1] if text not in approved else frozenset()
        if kinds & {"id_number", "card", "account"}:
            yield Place(loc, "Có dãy số giống số giấy tờ, số thẻ hoặc số tài khoản của một người. Hãy bỏ đi, hoặc thay bằng dấu chấm.")
        elif kinds:
            yield Place(loc, "Có chỗ giống mã xác nhận hoặc mật khẩu thật. Nếu là ví dụ tự nghĩ ra thì được.", blocking=False)


def of_advice(document: Any, today: date) -> Iterator[Place]:
    due = day(inside(document, "review_by"))
    if due is not None and today <= due < today + SOON:
        yield Place(("review_by",), f"Sắp đến hạn xem lại nguồn ({due:%d/%m/%Y}).", blocking=False)
    if not listed(document, "aliases"):
        yield Place(("aliases",), "Chưa có tên gọi khác. Người dân hay gọi khoá này là gì? Ghi vài cách để họ gõ là ra.", blocking=False)
    for at, lesson in enumerate(listed(document, "lessons")):
        if not inside(lesson, "easier"):
            yield Place(("lessons", at, "easier"), "Chưa có câu dễ hơn cho người trả lời sai ba lần.", blocking=False)


def day(value: Any) -> date | None:
    try:
        return value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


_FINDINGS = {
    "review_due": "Đã quá hạn xem lại ({on:%d/%m/%Y}). Mở lại các nguồn, sửa chỗ đã đổi, rồi ghi ngày đối chiếu và hạn mới.",
    "minutes": "Các bài cộng lại là {together} phút, không phải {said}. Hãy sửa số phút.",
    "sentence": "Câu dài {words} chữ, nhiều nhất {most}: “{begins}…”. Hãy tách làm hai câu.",
    "telephone": "Có số điện thoại ({number}). Số hay đổi, nên hãy ghi tên nơi cần gọi thay cho số.",
    "personal_number": "Có dãy số giống số giấy tờ hoặc số thẻ. Hãy bỏ đi.",
    "unverified": "Điều này chưa được xác minh: {why}.",
    "explains_nothing": "Lời giải thích “{text}” quá ngắn. Nói vì sao người ta dễ chọn câu này, rồi nói điều đúng.",
    "long_feedback": "Lời giải thích dài {words} chữ, nhiều nhất {most}. Hãy rút gọn.",
    "same_feedback": "Hai lựa chọn có lời giải thích giống hệt nhau. Mỗi lựa chọn cần lời riêng.",
    "unused_source": "Chưa thẻ hay câu hỏi nào dùng nguồn “{title}”. Gắn nguồn vào chỗ đã dùng, hoặc bỏ nguồn này.",
    "source_nowhere": "Nguồn “{title}” chưa có địa chỉ trang hay dòng trong bảng dữ kiện, nên không ai tra lại được.",
    "too_long": "Tin dài {length} ký tự, các kênh nhận nhiều nhất {most}. Hãy viết ngắn lại.",
}
"""By kind of `check.Finding`."""


def in_vietnamese(found: Finding) -> str:
    return _FINDINGS[found.kind].format(**found.values)


_RAISED = tuple((re.compile(pattern), told) for pattern, told in (
    (r"the card has (\d+) words, (\d+) are the most", "Thẻ có {0} chữ, nhiều nhất {1}. Hãy tách làm hai thẻ."),
    (r"a lesson needs at least two questions", "Mỗi bài cần ít nhất hai câu hỏi."),
    (r"the source (.+) is listed twice", "Nguồn {0} ghi hai lần. Bỏ bớt một."),
    (r"the id (.+) is used twice", "Ký hiệu {0} dùng hai lần. Mỗi bài, thẻ, câu hỏi cần ký hiệu riêng."),
    (r".+ names the source (.+), which `sources` does not list", "Nguồn {0} không có trong danh sách nguồn của khoá."),
    (r"review_by must be later than checked_on", "Hạn xem lại phải sau ngày đối chiếu."),
    (r"exactly one option must be", "Cần chọn đúng một đáp án đúng."),
    (r"exactly one reason must be", "Cần chọn đúng một lý do đúng."),
    (r"give at least one reason for true and one for false", "Cần ít nhất một lý do cho “đúng” và một lý do cho “sai”."),
    (r"at least two options must be", "Cần từ hai đáp án đúng, và ít nhất một đáp án sai."),
    (r"two pairs have the same `left`", "Hai cặp có vế trái giống nhau. Hãy sửa một."),
    (r"two pairs have the same `right`", "Hai cặp có vế phải giống nhau. Hãy sửa một."),
    (r"two scenes have the same id", "Hai cảnh trùng ký hiệu. Hãy đổi một."),
    (r"a choice goes either", "Mỗi cách làm hoặc dẫn sang một cảnh sau, hoặc kết thúc đúng hay sai. Hãy chọn một."),
    (r"there is no scene", "Cảnh được dẫn tới không còn. Hãy chọn cảnh khác."),
    (r"a choice leads to a later scene only", "Chỉ dẫn được sang cảnh đứng sau. Hãy chọn cảnh khác hoặc đổi thứ tự."),
    (r"no choice leads to this scene", "Chưa cách làm nào dẫn tới cảnh này."),
    (r"no way through the story ends right", "Chưa có đường nào đi tới kết thúc đúng."),
    (r"at least one part must be `suspicious", "Cần ít nhất một đoạn đáng ngờ và một đoạn bình thường."),
))
"""What the models' own rules say, for who sees no YAML."""


def shape_in_vietnamese(error: Any) -> str:
    """One pydantic error as a remedy."""
    kind, context = error["type"], error.get("ctx", {})
    name = named(error["loc"])
    if kind == "value_error":
        raised = str(context.get("error", ""))
        for pattern, told in _RAISED:
            if match := pattern.match(raised):
                return told.format(*match.groups())
        return f"{name} chưa đúng."
    if kind == "missing" or (kind in ("string_too_short", "too_short") and not error.get("input")):
        least = context.get("min_length", 1)
        return f"{name} còn trống; hãy viết vào." if kind != "too_short" else f"{name} cần ít nhất {least}, chưa có gì."
    return (_SHAPES.get(kind) or "{name} chưa đúng.").format(name=name, **{"min_length": "", "max_length": "", **context})


_SHAPES = {
    "string_too_short": "{name} quá ngắn, cần ít nhất {min_length} ký tự.",
    "string_too_long": "{name} dài quá {max_length} ký tự. Hãy viết ngắn lại.",
    "too_short": "{name} cần ít nhất {min_length}, đang có {actual_length}.",
    "too_long": "{name} nhiều nhất {max_length}, đang có {actual_length}. Hãy bớt đi.",
    "greater_than_equal": "{name} phải từ {ge} trở lên.",
    "less_than_equal": "{name} nhiều nhất là {le}.",
    "int_parsing": "{name} phải là một số nguyên.", "int_type": "{name} phải là một số nguyên.", "int_from_float": "{name} phải là một số nguyên.",
    "date_from_datetime_parsing": "{name} phải là một ngày, ví dụ 30/06/2027.", "date_parsing": "{name} phải là một ngày, ví dụ 30/06/2027.",
    "date_type": "{name} phải là một ngày, ví dụ 30/06/2027.",
    "literal_error": "{name}: hãy chọn một mục trong danh sách.",
    "union_tag_invalid": "Chưa chọn đúng loại câu hỏi.", "union_tag_not_found": "Chưa chọn loại câu hỏi.",
    "step": "Mỗi bước là một thẻ hoặc một câu hỏi.",
    "extra_forbidden": "Mục “{name}” không có trong mẫu khoá học. Hãy bỏ đi.",
}
"""By pydantic's error type."""


def named(loc: Any) -> str:
    """The field in words, as the subject of a sentence. A member of a list is called by the list."""
    return field(next((part for part in reversed(loc) if isinstance(part, str)), "")) or "Khoá học"
