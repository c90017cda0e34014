"""Open tables: what is in use, two files uploaded, looked at, published by another person."""

from typing import Annotated

from fastapi import APIRouter, File, Form, HTTPException, Request, UploadFile
from fastapi.responses import Response

from bot.errors import Refusal
from bot.opendata import lookup
from bot.opendata.model import BadTable
from bot.services import opendata, staff
from bot.services.staff import Who
from bot.store.tables import OpenTable
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page

router = APIRouter(prefix="/admin/du-lieu-mo")
HOME = "/admin/du-lieu-mo"
SHOWN = 200
"""Rows of a table on its page."""


def context(request: Request, **more) -> dict:
    app = request.app.state.app
    with app.database.read() as session:
        rows = opendata.listed(session)
        names = {one.id: one.name for one in staff.everybody(session)}
    by_slug: dict[str, list[OpenTable]] = {}
    for row in rows:
        by_slug.setdefault(row.slug, []).append(row)
    return {"by_slug": by_slug, "names": names, "states": opendata.STATES, "faults": [], **more}


@router.get("")
def everything(request: Request, who: Annotated[Who, needs("data.edit")]) -> Response:
    return page(request, "open_tables.html", **context(request))


@router.post("")
def upload(request: Request, who: Annotated[Who, needs("data.edit")], described: Annotated[UploadFile | None, File()] = None,
           sheet: Annotated[UploadFile | None, File()] = None) -> Response:
    app = request.app.state.app
    try:
        if described is None or not described.filename:
            raise Refusal("Hãy chọn tệp mô tả (.yml).", "described")
        if sheet is None or not sheet.filename:
            raise Refusal("Hãy chọn tệp dữ liệu (.csv).", "sheet")
        with app.database.write() as session:
            row = opendata.upload(session, who, described.file.read(), sheet.file.read(), app.clock())
    except BadTable as refusal:
        told = Refusal(f"Chưa nhập gì. Còn {len(refusal.faults)} chỗ phải sửa.")
        return again(request, "open_tables.html", told, **context(request, faults=refusal.faults[:SHOWN]))
    except Refusal as refusal:
        return again(request, "open_tables.html", refusal, **context(request))
    return go(f"{HOME}/{row.id}", "Đã nhận hai tệp. Một người duyệt khác xem rồi công bố.")


def shown(request: Request, table_id: int, cau: str, **more) -> dict:
    app = request.app.state.app
    with app.database.read() as session:
        row = session.get(OpenTable, table_id)
        names = {one.id: one.name for one in staff.everybody(session)}
    if row is None:
        raise HTTPException(404)
    table = opendata.table_of(row)
    found = lookup.find([table], cau) if cau.strip() else None
    answers = [lookup.card(table, at) for at in found.rows[:lookup.MOST_LISTED]] if found is not None else []
    return {"row": row, "table": table, "names": names, "states": opendata.STATES, "asked": cau, "found": found, "answers": answers,
            "example": lookup.card(table, 0), "most": SHOWN, **more}


@router.get("/{table_id}")
def one(request: Request, who: Annotated[Who, needs("data.edit")], table_id: int, cau: str = "") -> Response:
    """cau: a question to try on this version."""
    return page(request, "open_table.html", **shown(request, table_id, cau))


@router.post("/{table_id}/{what}")
def decide(request: Request, who: Annotated[Who, needs("data.publish")], table_id: int, what: str, cau: Annotated[str, Form()] = "") -> Response:
    """what: cong-bo (in use from now on) or go (refused, or taken out)."""
    app = request.app.state.app
    if what not in ("cong-bo", "go"):
        raise HTTPException(404)
    try:
        with app.database.write() as session:
            act = opendata.publish if what == "cong-bo" else opendata.end
            row = act(session, who, table_id, app.clock())
    except Refusal as refusal:
        return again(request, "open_table.html", refusal, **shown(request, table_id, cau))
    return go(HOME, f"Đã ghi: {row.description['title']}, bản {row.number}, {opendata.STATES[row.state]}.")
