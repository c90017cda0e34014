"""Adding, moving, duplicating and removing parts of a course document: lessons, cards, questions, answers, sources. Pure.

Every operation gives a new document; the given one stays as it was. Ids of new parts are random, so that one which was removed
never comes back under another part: answers of learners are kept under them.
"""

import secrets
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from bot.learning.course_form import PLAIN, SOURCES, Path, Section, at, every
from bot.learning.form import Blank, Form, entry_model
from bot.learning.items import TYPES
from bot.learning.model import FORMAT, Source

Document = dict[str, Any]
Fresh = Callable[[str, set[str]], str]
"""(what the id begins with, ids that are taken) -> an id."""
LEVEL = {"card": "c", "question": "q", "easier": "q", "test": "t", "lessons": "l", "sources": "s"}
"""What ids of each part begin with."""


class NoSuchPlace(LookupError):
    """The path leads to nothing that can be edited so: the page is older than the document."""


def random_id(begin: str, taken: set[str]) -> str:
    while (made := begin + secrets.token_hex(3)) in taken:
        pass
    return made


def counted_id(begin: str, taken: set[str]) -> str:
    """The same for the same document, whenever it is asked."""
    return next(made for n in range(1, len(taken) + 2) if (made := f"{begin}{n}") not in taken)


def parts(document: Document) -> Iterator[tuple[str, Document]]:
    """(LEVEL, part) of everything that has an id of its own in the course."""
    for source in document["sources"]:
        yield "sources", source
    for item in document["test"]:
        yield "test", item
    for lesson in document["lessons"]:
        yield from parts_of_lesson(lesson)


def parts_of_lesson(lesson: Document) -> Iterator[tuple[str, Document]]:
    yield "lessons", lesson
    for step in lesson["steps"]:
        yield from step.items()
    if "easier" in lesson:
        yield "easier", lesson["easier"]


def ids(document: Document) -> list[str]:
    return [part["id"] for _, part in parts(document)]


def sound(document: Any) -> Document:
    """The document with lists where lists belong, mappings where mappings do, and an id for every part, each once.

    Everything else stays as it is, however wrong. What cannot be shown on a form at all (a lesson that is a word) is left out.
    """
    made: Document = {"format": FORMAT, **(deepcopy(document) if isinstance(document, dict) else {})}
    for name in ("sources", "test", "lessons"):
        made[name] = mappings(made.get(name))
    for lesson in made["lessons"]:
        steps = [{name: step[name]} for step in mappings(lesson.get("steps"))
                 for name in ("card", "question") if isinstance(step.get(name), dict)]
        lesson["steps"] = steps
        if not isinstance(lesson.get("easier"), dict):
            lesson.pop("easier", None)
    taken: set[str] = set()
    waiting = []
    for level, part in parts(made):
        if isinstance(part.get("id"), str) and part["id"] and part["id"] not in taken:
            taken.add(part["id"])
        else:
            waiting.append((level, part))
    for level, part in waiting:
        part["id"] = counted_id(LEVEL[level], taken)
        taken.add(part["id"])
    for section in every(made):
        for blank in section.form.blanks if section.form else ():
            if blank.kind == "list" and blank is not SOURCES:
                sound_list(at(made, section.path), blank, entry_model(section.model, blank.name))
    return made


def mappings(value: Any) -> list[Document]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def sound_list(part: Document, blank: Blank, model: type[BaseModel]) -> None:
    entries = mappings(part.get(blank.name))
    taken: set[str] = set()
    for entry in entries:
        if "id" in model.model_fields:
            if not isinstance(entry.get("id"), str) or not entry["id"] or entry["id"] in taken:
                entry["id"] = counted_id("m", taken | {e["id"] for e in entries if isinstance(e.get("id"), str)})
            taken.add(entry["id"])
        for inner in blank.blanks:
            if inner.kind == "list":
                sound_list(entry, inner, entry_model(model, inner.name))
    part[blank.name] = entries


def add(document: Document, path: Path, kind: str = "", fresh: Fresh = random_id) -> Document:
    """With an empty part at the path; what stands there and behind moves on. Raises NoSuchPlace.

    The path ends with an index of a list, or is a lesson's "easier". kind: of a step "card" or a question's type, of a
    question its type.
    """
    made = deepcopy(document)
    if path[-1:] == ("easier",):
        lesson = part_at(made, path[:-1])
        if not is_lesson(path[:-1]) or "easier" in lesson or kind not in PLAIN:
            raise NoSuchPlace(path)
        lesson["easier"] = question(kind, fresh("q", set(ids(made))))
        return made
    entries = list_at(made, path[:-1])
    entries.insert(index(path, len(entries)), new(made, path[:-1], kind, fresh))
    return made


def move(document: Document, path: Path, by: int) -> Document:
    """The entry at the path moved by so many places, as far as its list goes. Raises NoSuchPlace."""
    made = deepcopy(document)
    entries = list_at(made, path[:-1])
    here = index(path, len(entries) - 1)
    entries.insert(min(max(here + by, 0), len(entries) - 1), entries.pop(here))
    return made


def duplicate(document: Document, path: Path, fresh: Fresh = random_id) -> Document:
    """The entry at the path twice, the second with ids of its own. Raises NoSuchPlace."""
    made = deepcopy(document)
    entries = list_at(made, path[:-1])
    here = index(path, len(entries) - 1)
    copy = deepcopy(entries[here])
    taken, level = set(ids(made)), path[-2]
    if path[:-1] == ("lessons",):
        again = list(parts_of_lesson(copy))
        copy["title"] = f"{copy.get('title') or ''} (bản sao)".strip()
    elif level == "steps":
        again = list(copy.items())
    else:
        again = [(level if level in LEVEL else "", copy)] if "id" in copy else []
        taken |= {e["id"] for e in entries if "id" in e}
    for name, part in again:
        part["id"] = fresh(LEVEL.get(str(name), "m"), taken)
        taken.add(part["id"])
    entries.insert(here + 1, copy)
    return made


def remove(document: Document, path: Path) -> Document:
    """Without what stands at the path: an entry of a list, a lesson's "easier", a picture. Raises NoSuchPlace.

    Who named a removed source names it no more.
    """
    made = deepcopy(document)
    if path[-1:] in (("easier",), ("picture",)):
        part = part_at(made, path[:-1])
        if path[-1] not in part or (path[-1] == "easier" and not is_lesson(path[:-1])):
            raise NoSuchPlace(path)
        del part[path[-1]]
        return made
    entries = list_at(made, path[:-1])
    gone = entries.pop(index(path, len(entries) - 1))
    if path[:-1] == ("sources",):
        for _, part in parts(made):
            if isinstance(part.get("source"), list) and gone["id"] in part["source"]:
                part["source"] = [s for s in part["source"] if s != gone["id"]]
    return made


def is_lesson(path: Path) -> bool:
    return len(path) == 2 and path[0] == "lessons"


def index(path: Path, most: int) -> int:
    here = path[-1]
    if not isinstance(here, int) or not 0 <= here <= most:
        raise NoSuchPlace(path)
    return here


def part_at(document: Document, path: Path) -> Document:
    try:
        found = at(document, path)
    except KeyError as error:
        raise NoSuchPlace(path) from error
    if not isinstance(found, dict):
        raise NoSuchPlace(path)
    return found


def list_at(document: Document, path: Path) -> list[Any]:
    """The list at the path, if it is one that the studio edits."""
    if path not in (("sources",), ("test",), ("lessons",)) and not is_steps(path):
        blank_of(document, path)
    found = part_at(document, path[:-1]).get(path[-1])  # type: ignore[call-overload]
    if not isinstance(found, list):
        raise NoSuchPlace(path)
    return found


def is_steps(path: Path) -> bool:
    return len(path) == 3 and is_lesson(path[:2]) and path[2] == "steps"


def blank_of(document: Document, path: Path) -> tuple[Blank, type[BaseModel]]:
    """(the description of the list at the path, what its entries are made of). Raises NoSuchPlace."""
    for section in every(document):
        rest = path[len(section.path):]
        if section.form is not None and section.path and path[:len(section.path)] == section.path and rest:
            found = within(section, tuple(s for s in rest if isinstance(s, str)))
            if found is not None:
                return found
    raise NoSuchPlace(path)


def within(section: Section, names: tuple[str, ...]) -> tuple[Blank, type[BaseModel]] | None:
    blanks, model = section.form.blanks if section.form else (), section.model
    found = None
    for name in names:
        blank = next((b for b in blanks if b.name == name and b.kind == "list"), None)
        if blank is None:
            return None
        model = entry_model(model, name)
        found, blanks = (blank, model), blank.blanks
    return found


def new(document: Document, path: Path, kind: str, fresh: Fresh) -> Document:
    """An empty entry of the list at the path."""
    taken = set(ids(document))
    if path == ("lessons",):
        return {"id": fresh("l", taken), "title": "Bài mới", "minutes": 4, "steps": []}
    if path == ("sources",):
        return {"id": fresh("s", taken), **entry(SOURCES.blanks, Source, fresh)}
    if path == ("test",):
        if kind not in PLAIN:
            raise NoSuchPlace(path)
        return question(kind, fresh("t", taken))
    if is_steps(path):
        if kind == "card":
            return {"card": {"id": fresh("c", taken), "source": []}}
        if kind not in TYPES:
            raise NoSuchPlace(path)
        return {"question": question(kind, fresh("q", taken), fresh)}
    blank, model = blank_of(document, path)
    used = {e["id"] for e in list_at(document, path) if "id" in e}
    return entry(blank.blanks, model, fresh, used)


def question(kind: str, ident: str, fresh: Fresh = random_id) -> Document:
    form: Form = TYPES[kind].form
    return {"type": kind, "id": ident, **entry(form.blanks, TYPES[kind], fresh), "source": []}


def entry(blanks: tuple[Blank, ...], model: type[BaseModel], fresh: Fresh, used: set[str] | None = None) -> Document:
    """An entry with no texts yet, so that the model calls them missing, and as many entries in its lists as they begin with.

    used: ids of the other entries, where entries have ids among themselves (the scenes of a story); None where it gets none here.
    """
    made: Document = {"id": fresh("m", used)} if used is not None and "id" in model.model_fields else {}
    for blank in blanks:
        if blank.kind == "list":
            inner: list[Document] = []
            for _ in range(blank.begin):
                inner.append(entry(blank.blanks, entry_model(model, blank.name), fresh, {e["id"] for e in inner if "id" in e}))
            made[blank.name] = inner
    return made
