"""Places in a course, in the words of who writes it: ("lessons", 0, "steps", 2, "question", "options", 1, "feedback") is
"Bài 1 › Câu hỏi 2 › Lựa chọn B › Lời giải thích". Works on a document that is half done. Pure."""

from typing import Any

from bot.learning.items.base import LETTERS

Loc = tuple[str | int, ...]

FIELDS = {
    "title": "Tên", "slug": "Tên trong địa chỉ", "group": "Nhóm người học", "scams": "Khoá về lừa đảo", "rank": "Thứ tự trong danh sách",
    "audience": "Dành cho ai", "summary": "Tóm tắt", "aliases": "Tên gọi khác", "requires": "Khoá nên học trước", "minutes": "Số phút",
    "pass_percent": "Điểm đạt", "checked_on": "Ngày đối chiếu", "review_by": "Hạn xem lại", "sources": "Các nguồn", "test": "Câu thử sức",
    "lessons": "Các bài", "goal": "Mục tiêu", "remember": "Câu cần nhớ", "steps": "Thẻ và câu hỏi", "easier": "Câu dễ hơn", "text": "Nội dung",
    "picture": "Ảnh", "file": "Tệp ảnh", "sha": "Tệp ảnh", "alt": "Lời mô tả ảnh", "source": "Nguồn", "type": "Loại câu hỏi", "prompt": "Câu hỏi",
    "statement": "Nhận định", "options": "Các lựa chọn", "reasons": "Các lý do", "correct": "Đáp án đúng", "verdict": "Đúng hay sai",
    "feedback": "Lời giải thích", "feedback_right": "Lời khen khi đúng", "feedback_wrong": "Lời giải thích khi sai", "places": "Các việc",
    "why": "Lời giải thích", "accept": "Đáp án chấp nhận", "near": "Đáp án sai hay gặp", "match": "Đáp án sai hay gặp", "pairs": "Các cặp",
    "left": "Vế trái", "right": "Vế phải", "scenes": "Các cảnh", "choices": "Các cách làm", "to": "Đi tới cảnh", "ends": "Kết thúc",
    "sender": "Người gửi", "parts": "Các đoạn", "suspicious": "Đáng ngờ", "url": "Địa chỉ trang", "grade": "Độ tin cậy",
    "rows": "Dòng trong bảng dữ kiện", "id": "Ký hiệu", "card": "Thẻ", "question": "Câu hỏi", "format": "Kiểu tệp",
}
"""Every field of a course, as its author knows it."""

_MEMBERS = {"lessons": "Bài {n}", "test": "Câu thử sức {n}", "sources": "Nguồn {n}", "options": "Lựa chọn {a}", "reasons": "Lý do {a}",
            "places": "Việc {n}", "pairs": "Cặp {n}", "scenes": "Cảnh {n}", "choices": "Cách làm {a}", "parts": "Đoạn {a}",
            "near": "Đáp án sai hay gặp {n}", "accept": "Đáp án {n}", "match": "Đáp án {n}", "aliases": "Tên gọi {n}", "requires": "Khoá {n}"}


def field(name: str) -> str:
    return FIELDS.get(name, name)


def label(document: Any, loc: Loc) -> str:
    """The place in words; "Khoá học" for the course as a whole. Goes as far as the words go when the document lacks the place."""
    words, node, at = [], document, 0
    while at < len(loc):
        name, index = loc[at], loc[at + 1] if at + 1 < len(loc) else None
        if name == "steps" and isinstance(index, int):
            words.append(step(inside(node, "steps"), index))
            node, at = inside(inside(node, "steps"), index), at + 2
            if at < len(loc) and loc[at] in ("card", "question"):
                node, at = inside(node, loc[at]), at + 1
        elif name in _MEMBERS and isinstance(index, int):
            letter = LETTERS[index] if index < len(LETTERS) else str(index + 1)
            words.append(_MEMBERS[name].format(n=index + 1, a=letter))
            node, at = inside(inside(node, name), index), at + 2
        else:
            words.append(field(name) if isinstance(name, str) else str(name + 1))
            node, at = inside(node, name), at + 1
    return " › ".join(words) or "Khoá học"


def step(steps: Any, index: int) -> str:
    """"Thẻ 2" or "Câu hỏi 1": cards and questions of a lesson are counted apart."""
    kind = kind_of(inside(steps, index))
    before = [kind_of(one) for one in steps[:index]] if isinstance(steps, list | tuple) else []
    return f"{'Thẻ' if kind == 'card' else 'Câu hỏi' if kind == 'question' else 'Bước'} {before.count(kind) + 1}"


def kind_of(one: Any) -> str:
    return next((kind for kind in ("card", "question") if isinstance(one, dict) and kind in one), "")


def inside(node: Any, name: Any) -> Any:
    """What the document has there, None when it has nothing."""
    try:
        return node[name]
    except (KeyError, IndexError, TypeError):
        return None
