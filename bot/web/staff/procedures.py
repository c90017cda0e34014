"""Procedures in the studio: the list, one procedure with its history, dates of review, golden questions."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, File, Form, HTTPException, Request, UploadFile
from fastapi.responses import Response

from bot.clock import local
from bot.errors import Refusal
from bot.procedures.facts import answer
from bot.services import golden, procedure_drafts, procedures_desk
from bot.services.staff import Who
from bot.store.tables import ProcedureVersion
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page

router = APIRouter(prefix="/studio/thu-tuc")
A_PAGE = 50
SOON = timedelta(days=30)
DECISIONS = {"answer": "trả lời ngay", "clarify": "hỏi lại", "none": "chưa trả lời được"}
STATES = {"draft": "đang soạn", "review": "chờ duyệt"}


@router.get("")
def listed(request: Request, who: Annotated[Who, needs("procedure.see")], tim: str = "", loai: str = "", han: bool = False, soan: bool = False,
           trang: int = 1) -> Response:
    """tim: words of the name or the code; han: only texts to be looked at again within a month; soan: only with a draft."""
    app = request.app.state.app
    today = local(app.clock()).date()
    with app.database.read() as session:
        found = procedures_desk.listed(session, tim, today + SOON if han else None, loai if loai in procedures_desk.ORIGINS else "", soan)
        waiting = [d for d in procedure_drafts.everything(session) if d.state == "review"]
    number = max(1, min(trang, -(-len(found) // A_PAGE)))
    return page(request, "procedures.html", found=found[(number - 1) * A_PAGE:number * A_PAGE], count=len(found), trang=number,
                more=number * A_PAGE < len(found), tim=tim, loai=loai, han=han, soan=soan, today=today, waiting=waiting,
                origins=procedures_desk.ORIGINS, states=STATES)


def golden_context(request: Request, **more) -> dict:
    with request.app.state.app.database.read() as session:
        return {"questions": golden.all_of(session), "form": {}, "checked": None, "decisions": DECISIONS, **more}


@router.get("/cau-hoi-chuan")
def golden_list(request: Request, who: Annotated[Who, needs("procedure.see")], kiem: bool = False) -> Response:
    """kiem: searches every question and shows which find their procedure now."""
    context = golden_context(request)
    if kiem:
        index = searched(request)
        rankings = {one.id: index.search(one.question, top=3) for one in context["questions"]}
        context["checked"] = {one.id: (golden.found(index, rankings[one.id], one.code), rankings[one.id]) for one in context["questions"]}
    return page(request, "golden.html", **context)


def searched(request: Request):
    """The index as citizens have it now."""
    catalogue = request.app.state.app.catalogue
    catalogue.refresh()
    return catalogue.index


@router.post("/cau-hoi-chuan")
def golden_add(request: Request, who: Annotated[Who, needs("golden.edit")], question: Annotated[str, Form()] = "", code: Annotated[str, Form()] = "",
               back: Annotated[str, Form()] = "") -> Response:
    """back: the page it was added from, one of the studio's."""
    app = request.app.state.app
    try:
        with app.database.write() as session:
            new = golden.add(session, who, searched(request), [(question, code)], app.clock())
    except Refusal as refusal:
        return again(request, "golden.html", refusal, **golden_context(request, form={"question": question, "code": code}))
    address = back if back.startswith("/studio/") and "\\" not in back else "/studio/thu-tuc/cau-hoi-chuan"
    return go(address, "Đã thêm câu hỏi chuẩn." if new else "Câu này đã có trong danh sách.")


@router.post("/cau-hoi-chuan/nhap")
def golden_import(request: Request, who: Annotated[Who, needs("golden.edit")], file: Annotated[UploadFile | None, File()] = None) -> Response:
    app = request.app.state.app
    try:
        content = file.file.read() if file is not None else b""
        try:
            lines = golden.lines_of(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise Refusal("Tệp không phải UTF-8. Hãy lưu lại dạng UTF-8.", "file") from None
        with app.database.write() as session:
            new = golden.add(session, who, searched(request), lines, app.clock())
    except Refusal as refusal:
        return again(request, "golden.html", refusal, **golden_context(request))
    return go("/studio/thu-tuc/cau-hoi-chuan", f"Đã thêm {new} câu hỏi chuẩn, {len(lines) - new} câu đã có từ trước.")


@router.post("/cau-hoi-chuan/{golden_id}/bo")
def golden_remove(request: Request, who: Annotated[Who, needs("golden.edit")], golden_id: int) -> Response:
    app = request.app.state.app
    with app.database.write() as session:
        golden.remove(session, who, golden_id, app.clock())
    return go("/studio/thu-tuc/cau-hoi-chuan", "Đã bỏ câu hỏi chuẩn.")


def context(request: Request, code: str, **more) -> dict:
    """Raises 404 for a code that nobody knows."""
    app = request.app.state.app
    with app.database.read() as session:
        known = procedures_desk.known(session, code)
        if known is None:
            raise HTTPException(404)
        today = local(app.clock()).date()
        return {"known": known, "card": answer(known.facts, "overview") if known.facts else "", "history": procedures_desk.history(session, code),
                "golden": golden.of_code(session, code), "today": today, "soon": today + SOON, "until": today + procedures_desk.REVIEWED_FOR,
                "states": STATES, "origins": procedures_desk.ORIGINS, **more}


@router.get("/{code}")
def one(request: Request, who: Annotated[Who, needs("procedure.see")], code: str) -> Response:
    return page(request, "procedure.html", **context(request, code))


@router.post("/{code}/da-xem-lai")
def looked_at_again(request: Request, who: Annotated[Who, needs("procedure.publish")], code: str, review_by: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        try:
            until = date.fromisoformat(review_by) if review_by else None
        except ValueError:
            raise Refusal("Hạn xem lại không phải ngày có thật.", "review_by") from None
        with app.database.write() as session:
            until = procedures_desk.looked_at_again(session, who, code, until, app.clock())
    except Refusal as refusal:
        return again(request, "procedure.html", refusal, **context(request, code))
    return go(f"/studio/thu-tuc/{code}", f"Đã ghi là xem lại, không đổi. Hạn xem lại mới: {until:%d/%m/%Y}.")


@router.post("/{code}/soan")
def begin(request: Request, who: Annotated[Who, needs("procedure.edit")], code: str, gi: Annotated[str, Form()] = "curated") -> Response:
    """gi: curated for the text, ways for the ways to ask of what has no text of ours."""
    app = request.app.state.app
    with app.database.write() as session:
        draft = procedure_drafts.begin(session, who, f"{'ways' if gi == 'ways' else 'curated'}:{code}", app.clock())
    return go(f"/studio/ban-soan/{draft.id}")


@router.post("/{code}/phien-ban/{version_id}")
def from_version(request: Request, who: Annotated[Who, needs("procedure.edit")], code: str, version_id: int) -> Response:
    """A draft that says again what an older version said."""
    app = request.app.state.app
    with app.database.write() as session:
        version = session.get(ProcedureVersion, version_id)
        if version is None or version.key.split(":", maxsplit=1)[1] != code:
            raise HTTPException(404)
        draft = procedure_drafts.from_version(session, who, version.document, version.key, app.clock())
    return go(f"/studio/ban-soan/{draft.id}", "Bản soạn giữ nguyên lời của bản cũ. Xem lại ngày đối chiếu rồi gửi duyệt.")
