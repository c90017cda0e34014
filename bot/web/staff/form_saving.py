"""Putting what the lesson form sent into the open draft: what was typed, the pictures, then what the pressed button asks for."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import HTTPException

from bot.errors import Refusal
from bot.learning import editing, merging
from bot.learning.course_form import Section, at, number_of
from bot.learning.filling import Offered, fields, fill
from bot.services import authoring, uploads
from bot.services.staff import Who
from bot.services.versions import live
from bot.web.staff import form_page, form_work

OURS = ("csrf", "revision", "lam", "truoc")
"""Fields of the page that are no part of the course. truoc: the marks of all others as they were loaded."""


@dataclass
class Typed:
    """What a form sent. fields: values by name; files: uploaded pictures by the name of their field."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def revision(self) -> int:
        given = self.fields.get("revision", ["0"])[-1]
        return int(given) if re.fullmatch("[0-9]{1,9}", given) else 0

    @property
    def todo(self) -> str:
        return self.fields.get("lam", ["save"])[-1]


def numbered(document: dict[str, Any], lesson_id: str | None) -> int | None:
    """The index of the lesson; None for the settings. Raises 404."""
    try:
        return None if lesson_id is None else number_of(document, lesson_id)
    except KeyError as error:
        raise HTTPException(404) from error


def offers(session, document: dict[str, Any], slug: str) -> Offered:
    """What can be chosen on the pages: the course's sources, the other courses."""
    return {"source": [(s["id"], str(s.get("title") or "Nguồn chưa có tên")) for s in document["sources"]],
            "requires": [(course.slug, course.title) for _, course in live(session) if course.slug != slug]}


def carried_out(session, app, who: Who, slug: str, lesson_id: str | None, sent: Typed) -> form_work.Done:
    """Saves and works on the draft. Raises Conflict, Refusal, 404."""
    draft = authoring.open_draft(session, slug)
    if draft is None:
        raise Refusal("Bản soạn này không còn: đã công bố hoặc đã bỏ. Hãy mở lại trang.")
    now = app.clock()
    document = editing.sound(draft.document)
    made = filled(session, document, slug, lesson_id, sent, now)
    saved = draft.revision
    if made != document or sent.revision != draft.revision:
        saved = authoring.save(session, who, draft.id, sent.revision, made, now).revision
    if sent.todo in ("undo", "redo"):
        (authoring.undo if sent.todo == "undo" else authoring.redo)(session, who, draft.id, saved, now)
        return form_work.Done({}, f"b-{sent.todo}", "Đã lùi lại một bước." if sent.todo == "undo" else "Đã làm lại bước vừa lùi.")
    if sent.todo == "save":
        return form_work.Done(made, "b-save", "Đã lưu.")
    done = form_work.work(made, sent.todo)
    authoring.save(session, who, draft.id, saved, done.document, now)
    return done


def sent_by(session, document: dict[str, Any], sections: list[Section], slug: str) -> dict[str, list[str]]:
    """What the page of the document would send untouched."""
    offered = offers(session, document, slug)
    return {name: values for section in sections for name, values in merging.sent(fields(document, section, offered)).items()}


def typed_here(session, document: dict[str, Any], sections: list[Section], slug: str, sent: Typed) -> dict[str, list[str]]:
    """What is to be put into the document: all of it where the page carries no marks, else only what differs from them."""
    marks = merging.marks_of(sent.fields.get("truoc", [""])[-1])
    if marks is None:
        return sent.fields
    return merging.merged(sent_by(session, document, sections, slug), marks, {name: values for name, values in sent.fields.items() if name not in OURS})


def filled(session, document: dict[str, Any], slug: str, lesson_id: str | None, sent: Typed, now: datetime) -> dict[str, Any]:
    """The document with what was typed and the pictures that were uploaded. Raises Refusal for a file that is no picture."""
    sections = form_page.sections_of(document, numbered(document, lesson_id))
    made = fill(document, sections, typed_here(session, document, sections, slug, sent))
    for section in sections:
        data = sent.files.get(f"{section.key}.picture.file")
        if data and section.form is not None and any(blank.kind == "picture" for blank in section.form.blanks):
            sha = uploads.take(session, data, now)
            part = at(made, section.path)
            part["picture"] = {"alt": "", **(part.get("picture") or {}), "file": f"anh-{sha[:16]}", "sha": sha}
    return made
