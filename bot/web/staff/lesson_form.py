"""The lesson form and the settings of a course: pages that work by posting, and that save by themselves where scripts run.

Both are one form over the open draft. What was typed is put into the document, then the pressed button is done (form_saving.py, form_work.py).
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile

from bot.clock import local
from bot.errors import Refusal
from bot.learning import editing, merging
from bot.learning.filling import dom_of, fill
from bot.learning.labels import label
from bot.services import authoring
from bot.services.authoring import Conflict
from bot.services.staff import Who
from bot.web.staff import form_page, form_work
from bot.web.staff.form_saving import Typed, carried_out, numbered, offers, sent_by, typed_here
from bot.web.staff.guard import needs
from bot.web.staff.pages import go, page, templates

router = APIRouter(prefix="/studio/khoa-hoc/{slug}")

STALE = "Có người khác vừa lưu bản mới hơn. Chữ bạn gõ vẫn còn trên trang này và chưa được lưu."


async def typed_of(request: Request) -> Typed:
    found = Typed()
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            if value.size:
                found.files[name] = await value.read()
        else:
            found.fields.setdefault(name, []).append(value)
    return found


class Autosave(BaseModel):
    """What the page's script sends. todo: a pressed button, "" when it only saves."""

    model_config = ConfigDict(extra="forbid")
    revision: int
    fields: dict[str, list[str]] = Field(max_length=5000)
    todo: str = ""


Sent = Annotated[Typed, Depends(typed_of)]
Editor = Annotated[Who, needs("course.edit")]
Reader = Annotated[Who, needs("course.see")]


@router.get("/cai-dat")
def settings(request: Request, who: Reader, slug: str) -> Response:
    return show(request, who, slug, None)


@router.get("/bai/{lesson_id}")
def lesson(request: Request, who: Reader, slug: str, lesson_id: str) -> Response:
    return show(request, who, slug, lesson_id)


@router.post("/cai-dat")
def change_settings(request: Request, who: Editor, slug: str, sent: Sent) -> Response:
    return change(request, who, slug, None, sent)


@router.post("/bai/{lesson_id}")
def change_lesson(request: Request, who: Editor, slug: str, lesson_id: str, sent: Sent) -> Response:
    return change(request, who, slug, lesson_id, sent)


@router.post("/cai-dat/luu")
def save_settings(request: Request, who: Editor, slug: str, sent: Autosave) -> dict[str, Any]:
    return autosave(request, who, slug, None, sent)


@router.post("/bai/{lesson_id}/luu")
def save_lesson(request: Request, who: Editor, slug: str, lesson_id: str, sent: Autosave) -> dict[str, Any]:
    return autosave(request, who, slug, lesson_id, sent)


def address(slug: str, lesson_id: str | None) -> str:
    return f"/studio/khoa-hoc/{slug}/" + ("cai-dat" if lesson_id is None else f"bai/{lesson_id}")


def show(request: Request, who: Who, slug: str, lesson_id: str | None) -> Response:
    app = request.app.state.app
    with app.database.read() as session:
        document = authoring.document_of(session, slug)
        if document is None:
            raise HTTPException(404)
        return page(request, "lesson_form.html", **context(session, app, slug, lesson_id, editing.sound(document)))


def context(session, app, slug: str, lesson_id: str | None, document: dict[str, Any], revision: int | None = None,
            marks: str | None = None) -> dict[str, Any]:
    """Of the page. document: what it shows, perhaps with what could not be saved; revision, marks: to be sent back with it,
    the draft's own unless given."""
    number = numbered(document, lesson_id)
    draft = authoring.open_draft(session, slug)
    undo, redo = authoring.can_undo_redo(session, draft) if draft is not None else (False, False)
    offered = offers(session, document, slug)
    sheet = form_page.sheet(document, number, offered)
    places = authoring.findings(session, draft, local(app.clock()).date()) if draft is not None else []
    found, elsewhere = form_page.missing(document, sheet, number, places)
    sections = form_page.sections_of(document, number)
    return {
        "slug": slug, "document": document, "lesson": None if number is None else document["lessons"][number], "number": number,
        "address": address(slug, lesson_id), "draft": draft, "editable": draft is not None and draft.state == "draft",
        "revision": (draft.revision if draft is not None else 0) if revision is None else revision,
        "marks": marks or merging.marked(sent_by(session, document, sections, slug)), "undo": undo, "redo": redo,
        "sheet": sheet, "kinds": form_page.kinds_to_add(number), "easier_kinds": form_page.easier_kinds(),
        "missing": found, "elsewhere": elsewhere, "told": form_page.told_by_anchor(found), "left": form_page.count_by_key(found),
        "button": form_work.button, "path_of": form_work.path_of, "words_of": form_work.words_of,
        "name_of": lambda path: label(document, path).split(" › ")[-1],
        "minutes": sum(one["minutes"] for one in document["lessons"] if isinstance(one.get("minutes"), int))}


def change(request: Request, who: Who, slug: str, lesson_id: str | None, sent: Typed) -> Response:
    """Saves what a form sent, does what its button asks for, and comes back to the same place."""
    app = request.app.state.app
    try:
        with app.database.write() as session:
            if sent.todo == "begin":
                authoring.begin(session, who, slug, app.clock())
                return go(address(slug, lesson_id), "Đã mở bản soạn. Bản đang dùng giữ nguyên cho đến khi công bố.")
            done = carried_out(session, app, who, slug, lesson_id, sent)
    except Conflict as conflict:
        return as_typed(request, slug, lesson_id, sent, 409, conflict.revision, stale=STALE)
    except Refusal as refusal:
        return as_typed(request, slug, lesson_id, sent, 400, sent.revision, wrong=refusal)
    there = address(slug, lesson_id)
    with app.database.read() as session:
        document = editing.sound(authoring.document_of(session, slug))
        if lesson_id is not None and not any(one["id"] == lesson_id for one in document["lessons"]):
            there = address(slug, None)  # undone back to before the lesson
    return go(f"{there}#{done.focus}", done.note)


def as_typed(request: Request, slug: str, lesson_id: str | None, sent: Typed, status: int, revision: int, **more: Any) -> Response:
    """The form once more: the newest version with what was typed put over it, so that saving keeps both. Raises 404."""
    app = request.app.state.app
    with app.database.read() as session:
        stored = authoring.document_of(session, slug)
        if stored is None:
            raise HTTPException(404)
        document = editing.sound(stored)
        sections = form_page.sections_of(document, numbered(document, lesson_id))
        made = fill(document, sections, typed_here(session, document, sections, slug, sent))
        marks = merging.marked(sent_by(session, document, sections, slug))
        return page(request, "lesson_form.html", status, **more, **context(session, app, slug, lesson_id, made, revision, marks))


def autosave(request: Request, who: Who, slug: str, lesson_id: str | None, sent: Autosave) -> dict[str, Any]:
    """Saves, and says what is still missing. With a button: the form anew, and where to go on in it."""
    app = request.app.state.app
    typed = Typed({**sent.fields, "revision": [str(sent.revision)], "lam": [sent.todo or "save"]})
    try:
        with app.database.write() as session:
            done = carried_out(session, app, who, slug, lesson_id, typed)
    except Conflict as conflict:
        return {"conflict": True, "error": STALE, "revision": conflict.revision}
    with app.database.read() as session:
        document = editing.sound(authoring.document_of(session, slug))
        if lesson_id is not None and not any(one["id"] == lesson_id for one in document["lessons"]):
            return {"go": address(slug, None)}
        made = context(session, app, slug, lesson_id, document)
        answer: dict[str, Any] = {
            "revision": made["revision"], "marks": made["marks"], "saved": f"{local(app.clock()):%H:%M}", "undo": made["undo"], "redo": made["redo"],
            "elsewhere": made["elsewhere"], "missing": [vars(one) for one in made["missing"]],
            "left": {dom_of(key): count for key, count in made["left"].items()}}
        if sent.todo:
            answer |= {"focus": done.focus, "note": done.note,
                       "html": templates.env.get_template("staff/lesson_form_body.html").render(made, who=who, csrf=who.csrf)}
        return answer
