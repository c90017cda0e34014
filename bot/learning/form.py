"""How the parts of a course are asked for in the studio: what stands on the form, in which words. Pure description.

A question type describes its own form beside its code (`Question.form`), so that the studio's pages know no type. Limits
(how many entries, how many characters) are not repeated here: they are read from the models.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from annotated_types import MaxLen, MinLen
from pydantic import BaseModel

Kind = Literal["line", "text", "lines", "number", "date", "tick", "only", "choice", "several", "way", "picture", "list"]
"""line, text: words, on one line or several. lines: a list of words, one a line. number, date. tick: yes or no. only: yes for one
entry of its list. choice: one of `options`. several: any of what the page offers under the blank's name. way: on to a later
entry of the outermost list, kept under the blank's name, or one of `options`, kept under `otherwise`. picture: a picture and
what it shows. list: entries of `blanks`."""


@dataclass(frozen=True)
class Blank:
    """One thing to fill in. name: of the document's field. words: the most space-separated syllables, counted as one types; 0: uncounted.

    one: what an entry of a list is called. begin: entries of a new list.
    """

    name: str
    label: str
    kind: Kind = "line"
    hint: str = ""
    words: int = 0
    one: str = ""
    begin: int = 0
    options: tuple[tuple[Any, str], ...] = ()
    otherwise: str = ""
    blanks: tuple["Blank", ...] = ()


@dataclass(frozen=True)
class Form:
    """A part of a course on the form. name: what trainers call it; purpose: one line, when to take it."""

    name: str
    purpose: str
    blanks: tuple[Blank, ...]


TOLD_WORDS = 45
"""The most syllables of what is told to an answer (check.py refuses more)."""


WHY = "Lời giải thích của mỗi mục: vì sao người ta dễ chọn như vậy, rồi thực ra thế nào. Một hai câu ngắn, mỗi mục một lời riêng."


def told(name: str, label: str, hint: str = "") -> Blank:
    """What the bot says to who has given this answer."""
    return Blank(name, label, "text", hint, TOLD_WORDS)


SOURCE = Blank("source", "Nguồn của phần này", "several", hint="Bỏ trống nếu chỉ là lời khuyên thực hành.")
PICTURE = Blank("picture", "Ảnh", "picture", hint="Tả những gì thấy trong ảnh, để người không nhìn được vẫn hiểu.")


def options(begin: int, right: Kind = "only") -> Blank:
    """Answers to choose from, each with its own explanation; right: "only" one of them, or a "tick" on each right one."""
    return Blank("options", "Các lựa chọn", "list", WHY, one="Lựa chọn", begin=begin, blanks=(
        Blank("text", "Nội dung lựa chọn"),
        Blank("correct", "Đây là đáp án đúng", right),
        told("feedback", "Lời giải thích cho người chọn câu này")))


def entry_model(model: type[BaseModel], name: str) -> type[BaseModel]:
    """What the entries of the list are made of. Raises TypeError for a field that is no list of parts."""
    for one in get_args(model.model_fields[name].annotation):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    raise TypeError(f"{model.__name__}.{name} is no list of parts")


def bounds(model: type[BaseModel], name: str) -> tuple[int, int]:
    """(least, most) entries or characters that the model takes; most is 0 where it sets no limit."""
    least = most = 0
    for limit in model.model_fields[name].metadata:
        if isinstance(limit, MinLen):
            least = limit.min_length
        elif isinstance(limit, MaxLen):
            most = limit.max_length
    return least, most
