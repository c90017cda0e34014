"""Unanswered questions by meaning; from each group a way to ask, a new text or out of scope in three clicks."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import PlainTextResponse, Response

from bot.errors import Refusal
from bot.services import procedures_desk, unanswered
from bot.services.staff import Who
from bot.web.staff.guard import PROVINCE_ONLY, needs
from bot.web.staff.pages import again, go, page
from bot.web.staff.procedure_form import lines

router = APIRouter(prefix="/studio/cau-hoi")
A_PAGE, SUGGESTED, WORDINGS = 30, 6, 8


@router.get("")
def groups(request: Request, who: Annotated[Who, needs("questions.see")], trang: int = 1) -> Response:
    return page(request, "unanswered.html", **context(request, who, trang))


def context(request: Request, who: Who, trang: int = 1) -> dict:
    """The groups once a reason was given in this sign-in; before, only how many questions there are."""
    app = request.app.state.app
    with app.database.read() as session:
        count, opened = unanswered.count(session, app.clock(), who.communes), unanswered.opened(session, who)
        found = unanswered.groups(unanswered.questions(session, app.clock(), who.communes)) if opened else []
    number = max(1, min(trang, -(-len(found) // A_PAGE)))
    return {"count": count, "opened": opened, "groups": found[(number - 1) * A_PAGE:number * A_PAGE], "all": len(found), "few": unanswered.FEW,
            "trang": number, "more": number * A_PAGE < len(found), "reason": ""}


@router.post("")
def open_words(request: Request, who: Annotated[Who, needs("questions.see")], reason: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            unanswered.open_words(session, who, reason, app.clock())
    except Refusal as refusal:
        return again(request, "unanswered.html", refusal, **{**context(request, who), "reason": reason})
    return go("/studio/cau-hoi")


def of_all(who: Who) -> None:
    """403 for whoever is bound to communes: the list is of what was asked in all of them."""
    if who.communes:
        raise HTTPException(403, PROVINCE_ONLY)


@router.get("/ngoai-pham-vi")
def scope(request: Request, who: Annotated[Who, needs("questions.see")]) -> Response:
    of_all(who)
    with request.app.state.app.database.read() as session:
        return page(request, "out_of_scope.html", rows=unanswered.scope_list(session))


@router.post("/ngoai-pham-vi/tai-ve")
def scope_file(request: Request, who: Annotated[Who, needs("questions.work")]) -> Response:
    of_all(who)
    app = request.app.state.app
    with app.database.write() as session:
        said = unanswered.scope_file(session, who, app.clock())
    return PlainTextResponse(said, headers={"Content-Disposition": 'attachment; filename="ngoai-pham-vi.txt"', "Cache-Control": "no-store"})


@router.post("/ngoai-pham-vi/da-lay")
def scope_taken(request: Request, who: Annotated[Who, needs("questions.work")], up_to: Annotated[int, Form()] = 0) -> Response:
    of_all(who)
    with request.app.state.app.database.write() as session:
        gone = unanswered.scope_taken(session, up_to)
    return go("/studio/cau-hoi/ngoai-pham-vi", f"Đã xoá {gone} câu khỏi danh sách.")


def group_of(request: Request, session, who: Who, ident: str) -> unanswered.Group:
    """Raises 404 for a group that is no longer open, and for whoever has not said why they look."""
    found = unanswered.group(session, ident, request.app.state.app.clock(), who.communes) if unanswered.opened(session, who) else None
    if found is None:
        raise HTTPException(404)
    return found


def group_context(request: Request, who: Who, ident: str, tim: str = "", **more) -> dict:
    app = request.app.state.app
    with app.database.read() as session:
        group = group_of(request, session, who, ident)
        if tim:
            choices = [(line.code, line.name) for line in procedures_desk.listed(session, tim)[:SUGGESTED * 2]]
        else:
            app.catalogue.refresh()
            choices = [(h.code, h.name) for h in app.catalogue.index.search(group.title, top=SUGGESTED).hits]
    return {"group": group, "choices": choices, "tim": tim, "few": unanswered.FEW, "wordings": "\n".join(group.texts[:WORDINGS]), "form": {}, **more}


@router.get("/{ident}")
def one(request: Request, who: Annotated[Who, needs("questions.see")], ident: str, tim: str = "") -> Response:
    """tim: words of a procedure's name or code, to choose another one than those suggested."""
    return page(request, "unanswered_group.html", **group_context(request, who, ident, tim))


@router.post("/{ident}/cach-hoi")
def add_way(request: Request, who: Annotated[Who, needs("questions.work")], ident: str, code: Annotated[str, Form()] = "", ways: Annotated[str, Form()] = "",
            tim: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        if not code:
            raise Refusal("Hãy chọn thủ tục trong danh sách.", "code")
        with app.database.write() as session:
            draft, sent = unanswered.add_way(session, who, group_of(request, session, who, ident), code, lines(ways), app.clock())
    except Refusal as refusal:
        return again(request, "unanswered_group.html", refusal, **group_context(request, who, ident, tim, form={"code": code, "ways": ways}))
    said = "Đã thêm cách hỏi và gửi duyệt." if sent else "Đã thêm cách hỏi vào bản soạn. Bản soạn này còn chỗ phải sửa hoặc đang soạn dở, nên chưa gửi duyệt."
    return go("/studio/cau-hoi" if sent else f"/studio/ban-soan/{draft.id}", said)


@router.post("/{ident}/bai-moi")
def draft_answer(request: Request, who: Annotated[Who, needs("questions.work")], ident: str, name: Annotated[str, Form()] = "",
                 code: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            group = group_of(request, session, who, ident)
            draft = unanswered.draft_answer(session, who, group, code, name, group.texts, app.clock())
    except Refusal as refusal:
        return again(request, "unanswered_group.html", refusal, **group_context(request, who, ident, form={"name": name, "new_code": code}))
    return go(f"/studio/ban-soan/{draft.id}", "Đã mở bài mới, cách hỏi lấy từ các câu trong nhóm. Hãy viết lại cho chung, bỏ chi tiết riêng của ai đó.")


@router.post("/{ident}/ngoai-pham-vi")
def out_of_scope(request: Request, who: Annotated[Who, needs("questions.work")], ident: str, texts: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            unanswered.out_of_scope(session, who, group_of(request, session, who, ident), lines(texts), app.clock())
    except Refusal as refusal:
        return again(request, "unanswered_group.html", refusal, **group_context(request, who, ident, form={"texts": texts}))
    return go("/studio/cau-hoi", "Đã xếp vào ngoài phạm vi. Lập trình viên lấy danh sách này để dạy máy.")
