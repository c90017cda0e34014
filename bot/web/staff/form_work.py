"""What the buttons of the lesson form ask for, as words: "add lessons/0/steps/3 single", "up lessons/0/steps/2". Knows no HTTP."""

import re
from dataclasses import dataclass
from typing import Any

from bot.errors import Refusal
from bot.learning import editing
from bot.learning.course_form import Path, Section, at, every
from bot.learning.editing import NoSuchPlace
from bot.learning.filling import dom_of, fields
from bot.learning.labels import label

Document = dict[str, Any]


@dataclass(frozen=True)
class Done:
    """What came of a button. focus: the id in the page of what to go on with; note: a sentence for the status line."""

    document: Document
    focus: str
    note: str


def path_of(words: str) -> Path:
    return tuple(int(step) if re.fullmatch("[0-9]{1,4}", step) else step for step in words.split("/") if step)


def words_of(path: Path) -> str:
    return "/".join(map(str, path))


def button(verb: str, path: Path) -> str:
    """The id of a button in the page."""
    return f"b-{verb}-{words_of(path).replace('/', '-')}"


def work(document: Document, todo: str) -> Done:
    """Does what a button asks for. Raises Refusal when its place is not there."""
    verb, _, rest = todo.partition(" ")
    where, _, kind = rest.partition(" ")
    path = path_of(where)
    try:
        if verb in ("up", "down"):
            return moved(document, path, -1 if verb == "up" else 1)
        if verb == "add":
            made = editing.add(document, path, kind)
            return Done(made, begin_of(made, path), f"Đã thêm {called(made, path)}.")
        if verb == "copy":
            made = editing.duplicate(document, path)
            copy = (*path[:-1], int(path[-1]) + 1)
            return Done(made, begin_of(made, copy), f"Đã nhân đôi {called(document, path)}.")
        if verb == "drop":
            gone = called(document, path)
            made = editing.remove(document, path)
            return Done(made, left_of(made, path), f"Đã bỏ {gone}. Bấm Hoàn tác nếu bỏ nhầm.")
    except NoSuchPlace as error:
        raise Refusal("Trang này đã cũ nên việc vừa bấm chưa làm được. Hãy mở lại trang rồi làm lại.") from error
    raise Refusal("Trang gửi lên một việc không có trong biểu mẫu.")


def moved(document: Document, path: Path, by: int) -> Done:
    made = editing.move(document, path, by)
    entries = at(made, path[:-1])
    here = min(max(int(path[-1]) + by, 0), len(entries) - 1)
    # at an end of the list the button is dead, and the other one is the one to go on with
    verb = "down" if here == 0 else "up" if here == len(entries) - 1 else "up" if by < 0 else "down"
    to = (*path[:-1], here)
    return Done(made, button(verb, to), f"Đã chuyển: giờ là {called(made, to)}.")


def called(document: Document, path: Path) -> str:
    name = label(document, path).split(" › ")[-1]
    return name[:1].lower() + name[1:]


def section_at(document: Document, path: Path) -> Section | None:
    """The section at the path, or at the card or question of a step."""
    return next((s for s in every(document) if s.path == path or (s.path[:-1] == path and s.path[-1:] in (("card",), ("question",)))), None)


def begin_of(document: Document, path: Path) -> str:
    """The id of the first field of the part or entry at the path."""
    if path[:-1] == ("lessons",):
        return button("open", path)
    section = section_at(document, path)
    if section is not None:
        shown = fields(document, section, {})
        first = next((f for f in shown if f.blank.kind in ("line", "text")), None)
        return first.dom if first else dom_of(section.key)
    blanks = around(document, path).form.blanks  # type: ignore[union-attr]
    for step in path:
        blanks = next((b.blanks for b in blanks if b.name == step), blanks)
    return f"{blank_dom(document, path)}-{blanks[0].name}"


def around(document: Document, path: Path) -> Section:
    """The innermost section that holds the path."""
    return max((s for s in every(document) if path[:len(s.path)] == s.path and s.form is not None), key=lambda s: len(s.path))


def blank_dom(document: Document, path: Path) -> str:
    """The id in the page of a list of a section, or of an entry of it."""
    section = around(document, path)
    return dom_of(".".join((section.key, *map(str, path[len(section.path):]))))


def left_of(document: Document, path: Path) -> str:
    """The id of what stands now where something was removed, or before it, or the list itself."""
    if not isinstance(path[-1], int):
        section = section_at(document, path[:-1])
        return dom_of(section.key) if path[-1] == "picture" and section else dom_of("easier")
    count = len(at(document, path[:-1]))
    if path[:-1] == ("lessons",) or not count:
        return list_dom(document, path[:-1])
    here = (*path[:-1], min(int(path[-1]), count - 1))
    section = section_at(document, here)
    return dom_of(section.key) if section else list_dom(document, here)


def list_dom(document: Document, path: Path) -> str:
    """The id of a list in the page, or of an entry of it."""
    if path[-1] in ("steps", "test", "lessons"):
        return dom_of(str(path[-1]))
    return blank_dom(document, path)
