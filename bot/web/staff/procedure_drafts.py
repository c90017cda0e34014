"""Writing a procedure: the form, what is wrong, what it changes, how the search would rank, sending it on, publishing it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from bot.clock import local
from bot.errors import Refusal
from bot.procedures import faults
from bot.procedures.facts import answer, of_curated
from bot.procedures.model import Procedure
from bot.services import procedure_drafts
from bot.services.golden import Regressed
from bot.services.staff import Who
from bot.store.tables import ProcedureDraft
from bot.web.staff import procedure_form as form_of
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page
from bot.web.staff.procedures import DECISIONS, STATES

router = APIRouter(prefix="/studio/ban-soan")
TRIED = 5


@router.get("")
def new(request: Request, who: Annotated[Who, needs("procedure.edit")]) -> Response:
    """The page that begins a procedure nobody knows yet."""
    with request.app.state.app.database.read() as session:
        return page(request, "procedure_new.html", form={"code": procedure_drafts.next_code(session)})


@router.post("")
def begin_new(request: Request, who: Annotated[Who, needs("procedure.edit")], code: Annotated[str, Form()] = "", name: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            draft = procedure_drafts.begin_new(session, who, code, name, app.clock())
    except Refusal as refusal:
        return again(request, "procedure_new.html", refusal, form={"code": code, "name": name})
    return go(f"/studio/ban-soan/{draft.id}")


def found(session, draft_id: int) -> ProcedureDraft:
    """Raises 404 when there is none (any more)."""
    draft = session.get(ProcedureDraft, draft_id)
    if draft is None:
        raise HTTPException(404)
    return draft


def context(request: Request, draft_id: int, document: dict | None = None, **more) -> dict:
    """document: what was typed, when it could not be saved."""
    app = request.app.state.app
    with app.database.read() as session:
        draft = found(session, draft_id)
        doc = document or draft.document
        kind, _, code = draft.key.partition(":")
        wrong_places = procedure_drafts.of_draft(session, draft, local(app.clock()).date())
        return {"draft": draft, "doc": doc, "kind": kind, "code": code, "faults": wrong_places, "changes": procedure_drafts.changes(session, draft),
                "own": request.state.who.id in draft.editors, "card": card(draft), "rows": form_of.spared(doc), "channels": form_of.CHANNELS,
                "grades": form_of.GRADES, "levels": form_of.LEVELS, "states": STATES, "decisions": DECISIONS, "tried": None, "worse": [], **more}


def card(draft: ProcedureDraft) -> str:
    """What citizens would read; "" while the text is not whole."""
    try:
        return answer(of_curated(Procedure.model_validate(draft.document)), "overview")
    except faults.ValidationError:
        return ""


@router.get("/{draft_id}")
def edit(request: Request, who: Annotated[Who, needs("procedure.edit")], draft_id: int) -> Response:
    return page(request, "procedure_draft.html", **context(request, draft_id))


@router.post("/{draft_id}")
def save(request: Request, who: Annotated[Who, needs("procedure.edit")], draft_id: int, form: Annotated[FormData, Depends(form_of.fields)]) -> Response:
    app = request.app.state.app
    with app.database.read() as session:
        kind = found(session, draft_id).key.partition(":")[0]
    doc = form_of.ways(form) if kind == "ways" else form_of.curated(form)
    revision = form_of.text(form, "revision")
    try:
        with app.database.write() as session:
            procedure_drafts.save(session, who, draft_id, int(revision) if revision.isdigit() else -1, doc, app.clock())
    except procedure_drafts.Conflict as refusal:
        return again(request, "procedure_draft.html", refusal, **context(request, draft_id, doc))
    return go(f"/studio/ban-soan/{draft_id}", "Đã lưu bản soạn. Người dân vẫn thấy bản đang dùng.")


@router.post("/{draft_id}/thu-hoi")
def try_out(request: Request, who: Annotated[Who, needs("procedure.edit")], draft_id: int, question: Annotated[str, Form()] = "") -> Response:
    """The ranking now and as it would be, side by side; nothing is saved."""
    app = request.app.state.app
    try:
        if not question.strip() or len(question) > 500:
            raise Refusal("Hãy gõ câu cần thử, nhiều nhất 500 ký tự.", "question")
        app.catalogue.refresh()
        with app.database.read() as session:
            index = procedure_drafts.after(app.catalogue, session, found(session, draft_id), local(app.clock()).date())
        tried = {"question": question, "before": app.catalogue.index.search(question, top=TRIED), "after": index.search(question, top=TRIED)}
    except Refusal as refusal:
        return again(request, "procedure_draft.html", refusal, **context(request, draft_id, question=question))
    return page(request, "procedure_draft.html", **context(request, draft_id, tried=tried, question=question))


@router.post("/{draft_id}/gui-duyet")
def submit(request: Request, who: Annotated[Who, needs("procedure.edit")], draft_id: int, note: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            procedure_drafts.submit(session, who, draft_id, note, app.clock())
    except Refusal as refusal:
        return again(request, "procedure_draft.html", refusal, **context(request, draft_id))
    return go(f"/studio/ban-soan/{draft_id}", "Đã gửi duyệt. Người duyệt phải là người khác.")


@router.post("/{draft_id}/bo")
def discard(request: Request, who: Annotated[Who, needs("procedure.edit")], draft_id: int) -> Response:
    with request.app.state.app.database.write() as session:
        procedure_drafts.discard(session, draft_id)
    return go("/studio/thu-tuc", "Đã bỏ bản soạn. Bản đang dùng không đổi.")


@router.post("/{draft_id}/tra-lai")
def refuse(request: Request, who: Annotated[Who, needs("procedure.publish")], draft_id: int, reason: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            procedure_drafts.refuse(session, who, draft_id, reason, app.clock())
    except Refusal as refusal:
        return again(request, "procedure_draft.html", refusal, **context(request, draft_id))
    return go(f"/studio/ban-soan/{draft_id}", "Đã trả lại cho người soạn.")


@router.post("/{draft_id}/cong-bo")
def publish(request: Request, who: Annotated[Who, needs("procedure.publish")], draft_id: int, revision: Annotated[int, Form()] = -1) -> Response:
    app = request.app.state.app
    try:
        code = procedure_drafts.approve(app.database, app.catalogue, who, draft_id, revision, app.clock())
    except Regressed as refusal:
        return again(request, "procedure_draft.html", refusal, **context(request, draft_id, worse=refusal.worse))
    except Refusal as refusal:
        return again(request, "procedure_draft.html", refusal, **context(request, draft_id))
    return go(f"/studio/thu-tuc/{code}", "Đã công bố. Từ câu hỏi tới, người dân nhận bản mới.")
