"""Importing records of the portal: a file, what it would change, a confirm."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from bot.errors import Refusal
from bot.services import procedures_import
from bot.services.golden import Regressed
from bot.services.staff import Who
from bot.systems import lgsp
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page, when
from bot.web.staff.procedures import DECISIONS

router = APIRouter(prefix="/studio/nhap-thu-tuc")
SHOWN = 200
"""Rows of each list on the page; the counts are of all."""


def context(request: Request, **more) -> dict:
    app = request.app.state.app
    with app.database.read() as session:
        return {"waiting": procedures_import.waiting(session, app.clock()), "faults": [], "gateway": app.gateway is not None, **more}


@router.get("")
def begin(request: Request, who: Annotated[Who, needs("procedure.publish")]) -> Response:
    return page(request, "procedures_import.html", **context(request))


@router.post("")
def upload(request: Request, who: Annotated[Who, needs("procedure.publish")], file: Annotated[UploadFile | None, File()] = None) -> Response:
    app = request.app.state.app
    try:
        if file is None or not file.filename:
            raise Refusal("Hãy chọn một tệp .jsonl hoặc .jsonl.gz.", "file")
        with app.database.write() as session:
            row = procedures_import.upload(session, who, file.filename, file.file.read(), app.clock())
    except procedures_import.Wrong as refusal:
        return again(request, "procedures_import.html", refusal, **context(request, faults=refusal.faults))
    except Refusal as refusal:
        return again(request, "procedures_import.html", refusal, **context(request))
    return go(f"/studio/nhap-thu-tuc/{row.id}")


@router.post("/tu-truc")
def from_gateway(request: Request, who: Annotated[Who, needs("procedure.publish")]) -> Response:
    """The catalogue of the province's gateway, kept like an uploaded file: what it would change is confirmed by somebody."""
    app = request.app.state.app
    try:
        if app.gateway is None:
            raise Refusal("Chưa nối với trục tích hợp của tỉnh.")
        content = procedures_import.lines_of(lgsp.records(app.gateway))  # no transaction is open while the network is asked
        with app.database.write() as session:
            row = procedures_import.upload(session, who, f"Danh mục từ trục tích hợp, {when(app.clock())}", content, app.clock())
    except procedures_import.Wrong as refusal:
        return again(request, "procedures_import.html", refusal, **context(request, faults=refusal.faults))
    except lgsp.SystemUnavailable:
        refusal = Refusal("Trục tích hợp không trả lời hoặc trả lời sai, nên chưa lấy được gì. Hãy thử lại sau.")
        return again(request, "procedures_import.html", refusal, **context(request))
    except Refusal as refusal:
        return again(request, "procedures_import.html", refusal, **context(request))
    return go(f"/studio/nhap-thu-tuc/{row.id}")


def shown(request: Request, upload_id: int, **more) -> dict:
    app = request.app.state.app
    with app.database.read() as session:
        row = procedures_import.get(session, upload_id, app.clock())
        found = procedures_import.difference(session, procedures_import.read(procedures_import.text_of(row.content)))
    return {"row": row, "found": found, "most": SHOWN, "worse": [], "decisions": DECISIONS, **more}


@router.get("/{upload_id}")
def difference(request: Request, who: Annotated[Who, needs("procedure.publish")], upload_id: int) -> Response:
    return page(request, "procedures_difference.html", **shown(request, upload_id))


@router.post("/{upload_id}")
def confirm(request: Request, who: Annotated[Who, needs("procedure.publish")], upload_id: int, mark: Annotated[str, Form()] = "",
            remove: Annotated[bool, Form()] = False) -> Response:
    app = request.app.state.app
    try:
        done = procedures_import.confirm(app.database, app.catalogue, who, upload_id, mark, remove, app.clock())
    except Regressed as refusal:
        return again(request, "procedures_difference.html", refusal, **shown(request, upload_id, worse=refusal.worse))
    except Refusal as refusal:
        return again(request, "procedures_difference.html", refusal, **shown(request, upload_id))
    gone = f", gỡ {len(done.gone)}" if remove else ""
    return go("/studio/thu-tuc", f"Đã nhập: {len(done.new)} mới, {len(done.changed)} đổi, {done.same} giữ nguyên{gone}.")


@router.post("/{upload_id}/bo")
def cancel(request: Request, who: Annotated[Who, needs("procedure.publish")], upload_id: int) -> Response:
    with request.app.state.app.database.write() as session:
        procedures_import.cancel(session, upload_id)
    return go("/studio/nhap-thu-tuc", "Đã bỏ tệp. Không có gì thay đổi.")
