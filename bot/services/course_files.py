"""A draft as a YAML file and back, and questions of a sheet or GIFT file into it. Flushes only; the caller commits."""

import io
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import AliasEvent
from sqlalchemy.orm import Session

from bot.errors import ContentError, Refusal
from bot.learning import editing
from bot.learning.exchange import adding, gift, sheet
from bot.learning.items.base import Question
from bot.learning.labels import Loc, inside, label
from bot.learning.remedies import of_shape
from bot.learning.upgrades import upgraded
from bot.services import audit, uploads
from bot.services.drafts import save, to_edit
from bot.services.staff import Who
from bot.store.tables import Draft
from bot.yamlfile import plain, tree_in, where


@dataclass(frozen=True)
class Line:
    """Something wrong in an uploaded file. line: 1-based; place: in words."""

    line: int
    place: str
    remedy: str


class BadFile(Refusal):
    """The uploaded course is none; nothing was changed."""

    def __init__(self, lines: list[Line]):
        self.lines = lines
        super().__init__(f"Tệp có {len(lines)} chỗ sai nên chưa nạp gì.")


def written(document: dict[str, Any]) -> bytes:
    """The document as a YAML file, as `courses/*.yml` are: UTF-8, in the order of its fields, defaults left out."""
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.BytesIO()
    yaml.dump(sparse(document), out)
    return out.getvalue()


def sparse(node: Any) -> Any:
    """Without what is not set: null, and `correct: false` and its like."""
    if isinstance(node, dict):
        return {name: sparse(one) for name, one in node.items() if one is not None and not (one is False and name != "verdict") and one != ""}
    return [sparse(one) for one in node] if isinstance(node, list) else node


def read(data: bytes, name: str) -> dict[str, Any]:
    """The course document of an uploaded YAML file. Raises BadFile with every line that is wrong."""
    try:
        tree = tree_in(data, name)
    except ContentError as error:
        raise BadFile([Line(p.line, "", f"Tệp không đúng dạng YAML ({p.remedy}).") for p in error.problems]) from error
    if any(isinstance(event, AliasEvent) for event in YAML(typ="rt", pure=True).parse(data.decode("utf-8-sig"))):
        raise BadFile([Line(1, "", "Tệp có chỗ dùng lại bằng dấu & và *. Hãy viết ra đầy đủ.")])  # a few bytes could stand for gigabytes
    document = upgraded(plain(tree))
    places = of_shape(document)[1]
    if places:
        raise BadFile([Line(where(tree, list(p.loc))[0], label(document, p.loc), p.message) for p in places])
    return document


def upload(session: Session, who: Who, draft_id: int, revision: int, data: bytes, name: str, now: datetime) -> Draft:
    """The file in place of the draft's document, as one step that can be undone. Raises BadFile, Conflict, Refusal."""
    draft = save(session, who, draft_id, revision, read(data, name), now)
    audit.note(session, who.id, who.login, "imported", draft.slug, now, draft=draft.id, what="course")
    return draft


def questions_of(data: bytes, name: str) -> list[Question]:
    """The questions of an XLSX or GIFT file. Raises BadQuestions with every row that is wrong, Refusal for another kind of file."""
    ending = name.lower().rpartition(".")[2]
    if ending in ("xlsx", "xlsm"):
        return sheet.read(data)
    if ending not in ("gift", "txt"):
        raise Refusal("Hãy chọn tệp Excel (.xlsx) hoặc GIFT (.gift, .txt).", "tep")
    try:
        return gift.read(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refusal("Tệp không phải chữ UTF-8. Hãy lưu lại dạng UTF-8, hoặc dùng tệp .xlsx.", "tep") from error


def add_questions(session: Session, who: Who, draft_id: int, revision: int, lesson_id: str, questions: list[Question], now: datetime) -> Draft:
    """All of them behind what the lesson holds, as one step that can be undone. Raises Conflict, Refusal."""
    document = editing.sound(to_edit(session, draft_id, revision).document)
    lesson = next((one for one in document["lessons"] if one["id"] == lesson_id), None)
    if lesson is None:
        raise Refusal("Không có bài này trong bản soạn.", "bai")
    taken = set(editing.ids(document))
    for question in questions:
        ident = editing.random_id("q", taken)
        taken.add(ident)
        lesson["steps"].append({"question": adding.plain(question, ident)})
    draft = save(session, who, draft_id, revision, document, now)
    audit.note(session, who.id, who.login, "imported", draft.slug, now, draft=draft.id, what="questions", count=len(questions), lesson=lesson_id)
    return draft


LEAST_ALT = 10


def put_picture(session: Session, who: Who, draft_id: int, revision: int, place: Loc, data: bytes, alt: str, now: datetime) -> Draft:
    """The uploaded picture into the card or question at the place, as one step that can be undone. Raises Conflict, Refusal."""
    alt = " ".join(alt.split())
    if len(alt) < LEAST_ALT:
        raise Refusal("Hãy tả ảnh bằng một câu, từ 10 ký tự, cho người không nhìn được ảnh.", "mo_ta")
    draft = to_edit(session, draft_id, revision)
    document = deepcopy(draft.document)
    part = document
    for name in place:
        part = inside(part, name)
    if not isinstance(part, dict) or not place or place[-1] not in ("card", "question", "easier"):
        raise Refusal("Không còn thẻ hay câu hỏi này. Hãy mở lại trang.", "hinh")
    sha = uploads.take(session, data, now)
    part["picture"] = {"file": f"anh-{sha[:16]}", "alt": alt, "sha": sha}
    return save(session, who, draft_id, revision, document, now)
