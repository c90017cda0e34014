"""The quality system: the register of controlled documents, its export, corrective actions."""

import tempfile
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response

from bot.clock import local
from bot.errors import Refusal
from bot.language.normalise import fold
from bot.services import audit, corrective, quality, staff
from bot.services.figures.table import Column
from bot.services.reports import sheet
from bot.services.staff import Who
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page

router = APIRouter(prefix="/admin/chat-luong")
HOME = "/admin/chat-luong"
SOON = timedelta(days=30)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEASURES = {"rating": "Điểm trung bình", "ratings": "Số lượt chấm", "low": "Lượt chấm thấp", "answers": "Số lần trả lời", "asked_back": "Phải hỏi lại (%)",
            "denied": "Bị nói là sai", "late": "Phản ánh quá hạn", "waiting": "Phản ánh đang chờ"}
COLUMNS = (Column("key", "Mã", "text"), Column("kind", "Loại", "text"), Column("title", "Tài liệu", "text"), Column("version", "Phiên bản", "text"),
           Column("versions", "Số phiên bản"), Column("owner", "Người phụ trách", "text"), Column("approver", "Người duyệt", "text"),
           Column("effective", "Hiệu lực từ", "day"), Column("review", "Rà soát trước", "day"), Column("left", "Còn số ngày"))
CHANGES = (Column("key", "Mã", "text"), Column("title", "Tài liệu", "text"), Column("at", "Ngày", "day"), Column("version", "Phiên bản", "text"),
           Column("author", "Người soạn", "text"), Column("approver", "Người duyệt", "text"), Column("note", "Ghi chú", "text"))


def people(session) -> list[tuple[int, str]]:
    return [(one.id, one.name) for one in staff.everybody(session) if one.active]


@router.get("")
def register(request: Request, who: Annotated[Who, needs("quality.see")], tim: str = "", loai: str = "", han: str = "") -> Response:
    """han: "toi" for what is to be reviewed within 30 days, "chua-giao" for what nobody answers for."""
    app = request.app.state.app
    today = local(app.clock()).date()
    with app.database.read() as session:
        documents = quality.register(session)
        actions = corrective.listed(session, who)
    words = fold(tim).split()
    found = [d for d in documents if all(w in fold(f"{d.key} {d.title} {d.owner}") for w in words) and (not loai or d.kind == loai)
             and (han != "toi" or d.review_on <= today + SOON) and (han != "chua-giao" or d.owner_id is None)]
    return page(request, "quality.html", documents=found, all=documents, kinds=quality.KINDS, today=today, soon=today + SOON, tim=tim, loai=loai, han=han,
                closure=corrective.closure(actions, today))


@router.get("/danh-muc.xlsx")
def export(request: Request, who: Annotated[Who, needs("quality.export")]) -> Response:
    """Two sheets: the register, and the history of every document, the newest version first."""
    app = request.app.state.app
    today = local(app.clock()).date()
    with app.database.read() as session:
        documents = quality.register(session)
        changes = [(d.key, d.title, local(v.at).date(), v.name, v.author, v.approver, v.note) for d in documents for v in quality.history(session, d.key)]
    rows = [(d.key, quality.KINDS[d.kind], d.title, d.version, d.versions, d.owner, d.approver, d.effective_on, d.review_on, (d.review_on - today).days)
            for d in documents]
    with app.database.write() as session:
        audit.note(session, who.id, who.login, "exported", "danh-muc-tai-lieu", app.clock(), rows=len(rows))
    with tempfile.TemporaryFile() as out:
        sheet.write_xlsx([sheet.Sheet("danh-muc", "Danh mục tài liệu kiểm soát", COLUMNS, rows),
                          sheet.Sheet("lich-su", "Lịch sử thay đổi", CHANGES, changes)], out)
        out.seek(0)
        content = out.read()
    return Response(content, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="danh-muc-tai-lieu-{today:%Y%m%d}.xlsx"',
                                                       "Cache-Control": "no-store"})


def document_context(request: Request, key: str) -> dict:
    app = request.app.state.app
    with app.database.read() as session:
        found = quality.document(session, key)
        if found is None:
            raise HTTPException(404)
        return {"document": found, "versions": quality.history(session, key), "people": people(session), "kinds": quality.KINDS,
                "today": local(app.clock()).date()}


@router.get("/tai-lieu/{key}")
def document(request: Request, who: Annotated[Who, needs("quality.see")], key: str) -> Response:
    return page(request, "quality_document.html", **document_context(request, key))


@router.post("/tai-lieu/{key}")
def assign(request: Request, who: Annotated[Who, needs("quality.manage")], key: str, owner_id: Annotated[str, Form()] = "",
           review_on: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            one = quality.assign(session, who, key, number_of(owner_id), day_of(review_on, "review_on"), app.clock())
    except Refusal as refusal:
        return again(request, "quality_document.html", refusal, **document_context(request, key))
    return go(f"{HOME}/tai-lieu/{key}", f"Đã lưu người phụ trách của “{one.title}”.")


@router.post("/tai-lieu/{key}/xac-nhan")
def approve(request: Request, who: Annotated[Who, needs("quality.manage")], key: str) -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            quality.approve_shipped(session, who, key, app.clock())
    except Refusal as refusal:
        return again(request, "quality_document.html", refusal, **document_context(request, key))
    return go(f"{HOME}/tai-lieu/{key}", "Đã ghi bạn xác nhận phiên bản này.")


def number_of(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def day_of(text: str, field: str) -> date | None:
    """Raises Refusal."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refusal("Ngày không đúng.", field)


@router.get("/khac-phuc")
def actions(request: Request, who: Annotated[Who, needs("quality.see")]) -> Response:
    app = request.app.state.app
    today = local(app.clock()).date()
    with app.database.read() as session:
        rows = corrective.listed(session, who)
        names = {one.id: one.name for one in staff.everybody(session)}
    return page(request, "quality_actions.html", rows=rows, names=names, kinds=corrective.KINDS, states=corrective.STATES, today=today,
                closure=corrective.closure(rows, today))


def action_context(request: Request, who: Who, action_id: int, **more) -> dict:
    app = request.app.state.app
    with app.database.write() as session:
        row = next((r for r in corrective.listed(session, who) if r.id == action_id), None)
        if row is None:
            raise HTTPException(404)
        after = row.after if row.state == "closed" else corrective.effect(session, row, app.clock())
        names = {one.id: one.name for one in staff.everybody(session)}
        listed = people(session)
        lows = corrective.lows(session, row) if row.kind in corrective.OF_RATINGS else []
        if any(low.words for low in lows):
            audit.note(session, who.id, who.login, "raw_text_seen", f"action:{row.id}", app.clock(), reason="Xem việc khắc phục do bị chấm thấp")
    compared = [(label, row.before.get(key), after.get(key)) for key, label in MEASURES.items() if key in row.before]
    form = {"owner_id": str(row.owner_id or ""), "due_on": row.due_on.isoformat(), "cause": row.cause or "", "remedy": row.remedy or ""}
    return {"row": row, "names": names, "people": listed, "kinds": corrective.KINDS, "states": corrective.STATES, "compared": compared, "form": form,
            "lows": lows, "closes_on": corrective.closes_on(row) if row.done_at is not None else None,
            "today": local(app.clock()).date(), **more}


@router.get("/khac-phuc/{action_id}")
def action(request: Request, who: Annotated[Who, needs("quality.see")], action_id: int) -> Response:
    return page(request, "quality_action.html", **action_context(request, who, action_id))


@router.post("/khac-phuc/{action_id}")
def work(request: Request, who: Annotated[Who, needs("quality.work")], action_id: int, owner_id: Annotated[str, Form()] = "",
         due_on: Annotated[str, Form()] = "", cause: Annotated[str, Form()] = "", remedy: Annotated[str, Form()] = "",
         done: Annotated[bool, Form()] = False) -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            row = corrective.work(session, who, action_id, number_of(owner_id), day_of(due_on, "due_on"), cause, remedy, done, app.clock())
    except Refusal as refusal:
        form = {"owner_id": owner_id, "due_on": due_on, "cause": cause, "remedy": remedy}
        return again(request, "quality_action.html", refusal, **action_context(request, who, action_id, form=form))
    return go(f"{HOME}/khac-phuc/{action_id}", "Đã báo xong. Một người khác xem kết quả rồi xác nhận." if row.state == "done" else "Đã lưu.")


@router.post("/khac-phuc/{action_id}/xac-nhan")
def verify(request: Request, who: Annotated[Who, needs("quality.work")], action_id: int, effective: Annotated[str, Form()] = "",
           remark: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        if effective not in ("co", "chua"):
            raise Refusal("Hãy chọn việc khắc phục đã có tác dụng hay chưa.", "effective")
        with app.database.write() as session:
            row = corrective.verify(session, who, action_id, effective == "co", remark, app.clock())
    except Refusal as refusal:
        return again(request, "quality_action.html", refusal, **action_context(request, who, action_id, remark=remark))
    return go(f"{HOME}/khac-phuc", "Đã khép việc khắc phục." if row.state == "closed" else "Đã trả việc lại cho người phụ trách.")
