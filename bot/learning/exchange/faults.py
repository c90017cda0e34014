"""What is wrong in a file of questions, told to a trainer: where, and what to do. All or nothing: one fault, nothing imported."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.errors import BotError
from bot.learning.items.base import Question
from bot.learning.model import Item

ITEM: TypeAdapter[Any] = TypeAdapter(Item)


@dataclass(frozen=True)
class Fault:
    """row: 1-based line or row; column: its letter in a sheet, "" in text; remedy: a sentence in Vietnamese."""

    row: int
    column: str
    remedy: str

    def __str__(self) -> str:
        return f"dòng {self.row}{f', cột {self.column}' if self.column else ''}: {self.remedy}"


class BadQuestions(BotError):
    """The file cannot be imported; seen by the trainer, fault by fault."""

    def __init__(self, faults: Sequence[Fault]):
        self.faults = sorted(faults, key=lambda f: (f.row, f.column))
        super().__init__("\n".join(map(str, self.faults)))


_REMEDIES = {
    "exactly one option must be `correct: true`": "phải có đúng một đáp án đúng",
    "at least two options must be `correct: true`, and at least one must not": "câu nhiều đáp án cần từ hai đáp án đúng và một đáp án sai trở lên",
    "two pairs have the same `left`": "hai cặp có vế trái giống nhau; mỗi vế phải khác nhau",
    "two pairs have the same `right`": "hai cặp có vế phải giống nhau; mỗi vế phải khác nhau",
}
_PARTS = {"text": "lựa chọn", "feedback": "lời giải thích", "why": "lời giải thích", "prompt": "câu hỏi", "left": "vế trái", "right": "vế phải",
          "feedback_right": "lời giải thích khi đúng", "feedback_wrong": "lời giải thích khi sai"}
_LISTS = {"pairs": "cặp", "places": "việc", "accept": "đáp án"}


def question(row: int, data: dict[str, Any], faults: list[Fault]) -> Question | None:
    """The question, or None with its faults noted."""
    try:
        return ITEM.validate_python(data)
    except ValidationError as error:
        errors = error.errors()
        below = {e["loc"][:n] for e in errors for n in range(len(e["loc"]))}
        for e in errors:
            if e["type"] != "too_short" or e["loc"] not in below:  # a list counts only its sound parts, and those have told already
                faults.append(Fault(row, "", in_vietnamese(e)))
        return None


def in_vietnamese(error: Any) -> str:
    """A pydantic error as a remedy for a trainer."""
    context, place = error.get("ctx", {}), str(error["loc"][-1]) if error["loc"] else ""
    part, things = _PARTS.get(place, place), _LISTS.get(place, "lựa chọn")
    raised = str(context.get("error", ""))
    if raised in _REMEDIES:
        return _REMEDIES[raised]
    if error["type"] == "too_short":
        return f"cần ít nhất {context.get('min_length')} {things}, đang có {context.get('actual_length')}"
    if error["type"] == "too_long":
        return f"nhiều nhất {context.get('max_length')} {things}, đang có {context.get('actual_length')}; bớt đi hoặc tách làm hai câu"
    if error["type"] == "string_too_long":
        return f"“{str(error.get('input'))[:40]}…” dài quá {context.get('max_length')} ký tự; viết ngắn lại"
    if error["type"] == "string_too_short":
        return f"phần {part} còn trống hoặc quá ngắn; viết thêm"
    return raised or f"phần {part} chưa đúng: {error['msg']}"
