"""Reports: tables as CSV and XLSX, reports on paper, and those that come every month."""

import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import FileResponse, Response, StreamingResponse

from bot import places
from bot.clock import local
from bot.errors import Refusal
from bot.services import audit, staff
from bot.services.figures.periods import Filter, period_of
from bot.services.reports import areas, orders, rows, schedule, sheet
from bot.services.reports.sheet import Sheet
from bot.services.staff import Who
from bot.web.staff import figures
from bot.web.staff.figures import form_context
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, day, go, page, templates
from bot.web.staff.permissions import may

router = APIRouter(prefix="/admin/bao-cao")
HOME = "/admin/bao-cao"
EVERYTHING = "tat-ca"
KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
PDF = "application/pdf"
MOST_XLSX_ROWS = 300_000
"""Above it a workbook takes minutes to write and to open; CSV takes any number."""
templates.env.filters["iso_day"] = lambda value: day(date.fromisoformat(value))
STATE_WORDS = {"waiting": "Đang chờ lập", "working": "Đang lập", "done": "Đã lập", "failed": "Không lập được", "gone": "Đã quá thời gian lưu"}


def context(request: Request, who: Who, form: figures.Chosen, **more: Any) -> dict[str, Any]:
    app = request.app.state.app
    now = app.clock()
    with app.database.read() as session:
        people = [one for one in staff.everybody(session) if one.active and may(one.role, "reports.see")]
        names = {one.id: one.name for one in staff.everybody(session)}
        plans = [(plan, schedule.next_at(plan, now), [names[i] for i in plan.recipients if i in names]) for plan in schedule.listed(session, who)]
        listed = orders.listed(session, who)
        return {**form_context(session, who, form), "areas": areas.ALL, "raws": rows.ALL, "query": query_of(form), "orders": listed,
                "waiting": any(one.state in ("waiting", "working") for one in listed), "state_words": STATE_WORDS, "names": names, "plans": plans,
                "people": people, "places": who.communes or places.listed(), "all_tables": EVERYTHING, "new": {}, "monthly": {}, **more}


def query_of(form: figures.Chosen) -> str:
    """The filter as it stands in addresses, so that a link downloads what the form chose."""
    return urlencode({name: value for name, value in asdict(form).items() if value})


@router.get("")
def show(request: Request, who: Annotated[Who, needs("reports.see")], form: figures.Form) -> Response:
    try:
        form.filter(who, local(request.app.state.app.clock()).date())
    except Refusal as refusal:
        return again(request, "reports.html", refusal, **context(request, who, form))
    return page(request, "reports.html", **context(request, who, form))


# --- tables -------------------------------------------------------------------------------------------------------

@router.get("/bang/{area}/{file}")
def figures_file(request: Request, who: Annotated[Who, needs("figures.export")], area: str, file: str, form: figures.Form) -> Response:
    """A table of figures, or all of an area's ("tat-ca.xlsx"). file: "<key of the table>.<csv or xlsx>"."""
    app = request.app.state.app
    key, kind = parts_of(file)
    chosen, flt = areas.called(area), form.filter(who, local(app.clock()).date())
    if chosen is None:
        raise HTTPException(404)
    with app.database.read() as session:
        tables = [t for t in chosen.tables(session, flt, app.clock()) if key in (EVERYTHING, t.key)]
    if not tables:
        raise HTTPException(404)
    noted(request, who, f"{area}/{file}", flt, sum(len(t.rows) for t in tables))
    sheets = [Sheet.of(t) for t in tables]
    name = name_of(area if key == EVERYTHING else f"{area}-{key}", flt, kind)
    return sent(sheet.as_csv(sheets) if kind == "csv" else workbook(sheets), name, kind)


@router.get("/du-lieu/{file}")
def rows_file(request: Request, who: Annotated[Who, needs("figures.export")], file: str, form: figures.Form) -> Response:
    """Anonymous rows, streamed as they are read."""
    app = request.app.state.app
    key, kind = parts_of(file)
    raw, flt = rows.called(key), form.filter(who, local(app.clock()).date())
    if raw is None:
        raise HTTPException(404)
    with app.database.read() as session:
        raw.shown_alone(session, flt)
        count = raw.count(session, flt)
    if kind == "xlsx" and count > MOST_XLSX_ROWS:
        raise Refusal("Bảng này dài quá cho XLSX. Hãy chọn kỳ ngắn hơn, hoặc tải bản CSV.")
    # before the first byte: nothing leaves that is not written down
    noted(request, who, file, flt, count)

    def lines() -> Iterator[bytes]:
        with app.database.read() as session:
            made = [raw.sheet(session, app.settings.key(), flt)]
            yield from sheet.as_csv(made) if kind == "csv" else workbook(made)

    return sent(lines(), name_of(key, flt, kind), kind)


def parts_of(file: str) -> tuple[str, str]:
    """("theo-tuan", "csv"). Raises 404 for another kind of file."""
    key, _, kind = file.rpartition(".")
    if not key or kind not in KINDS:
        raise HTTPException(404)
    return key, kind


def noted(request: Request, who: Who, about: str, flt: Filter, count: int) -> None:
    app = request.app.state.app
    with app.database.write() as session:
        audit.note(session, who.id, who.login, "exported", about, app.clock(), rows=count, first=flt.period.first.isoformat(),
                   last=flt.period.last.isoformat(), communes=list(flt.communes), channel=flt.channel, course=flt.course)


def workbook(sheets: list[Sheet]) -> Iterator[bytes]:
    """The workbook from a file that has no name, so that nothing is left of it however this ends."""
    with tempfile.TemporaryFile() as out:
        sheet.write_xlsx(sheets, out)
        out.seek(0)
        while piece := out.read(sheet.CHUNK):
            yield piece


def name_of(key: str, flt: Filter, kind: str) -> str:
    return f"{key}-{flt.period.first:%Y%m%d}-{flt.period.last:%Y%m%d}.{kind}"


def sent(pieces: Iterator[bytes], name: str, kind: str) -> Response:
    return StreamingResponse(pieces, media_type=KINDS[kind], headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"})


# --- on paper -----------------------------------------------------------------------------------------------------

@router.post("/lap")
def order(request: Request, who: Annotated[Who, needs("reports.make")], name: Annotated[str, Form()] = "", ky: Annotated[str, Form()] = "",
          tu: Annotated[str, Form()] = "", den: Annotated[str, Form()] = "",
          communes: Annotated[list[str], Form()] = []) -> Response:  # noqa: B006  FastAPI copies it
    """A report for the worker to make. ky, tu, den: as in the filter of figures."""
    app = request.app.state.app
    now = app.clock()
    try:
        known(communes)
        with app.database.write() as session:
            orders.order(session, who, name, period_of(ky, tu, den, local(now).date()), communes, now)
    except Refusal as refusal:
        new = {"name": name, "ky": ky, "tu": tu, "den": den, "communes": communes}
        return again(request, "reports.html", refusal, **context(request, who, figures.Chosen(), new=new))
    return go(f"{HOME}#da-lap", "Đã đặt lập báo cáo. Khoảng một phút nữa có ở danh sách dưới đây.")


def known(communes: list[str]) -> None:
    """Raises Refusal."""
    if set(communes) - set(places.listed()):
        raise Refusal("Có xã, phường không nằm trong danh sách.", "communes")


@router.get("/{order_id}/tai-ve")
def download(request: Request, who: Annotated[Who, needs("reports.see")], order_id: int) -> Response:
    app = request.app.state.app
    with app.database.write() as session:
        row = orders.found(session, who, order_id)
        if row is None:
            raise HTTPException(404)
        path = orders.file_of(app.settings, row)
        audit.note(session, who.id, who.login, "exported", row.name, app.clock(), order=row.id, bytes=row.size)
    shown_as = f"inline; filename=\"bao-cao-{row.id}.pdf\"; filename*=UTF-8''{quote(f'{row.name}.pdf')}"
    return FileResponse(path, media_type=PDF, headers={"Content-Disposition": shown_as, "Cache-Control": "no-store"})


# --- every month --------------------------------------------------------------------------------------------------

@router.post("/lich")
def plan(request: Request, who: Annotated[Who, needs("reports.schedule")], name: Annotated[str, Form()] = "", day: Annotated[str, Form()] = "",
         communes: Annotated[list[str], Form()] = [], recipients: Annotated[list[str], Form()] = []) -> Response:  # noqa: B006
    app = request.app.state.app
    try:
        known(communes)
        with app.database.write() as session:
            allowed = {str(one.id) for one in staff.everybody(session) if one.active and may(one.role, "reports.see")}
            if set(recipients) - allowed:
                raise Refusal("Có người nhận không được xem báo cáo. Hãy chọn lại.", "recipients")
            row = schedule.plan(session, who, name, communes, int(day) if day.isdigit() else 0, [int(r) for r in recipients], app.clock())
            first = schedule.next_at(row, app.clock())
    except Refusal as refusal:
        monthly = {"name": name, "day": day, "communes": communes, "recipients": recipients}
        return again(request, "reports.html", refusal, **context(request, who, figures.Chosen(), monthly=monthly))
    return go(f"{HOME}#lich", f"Đã đặt lịch. Báo cáo đầu tiên lập lúc {local(first):%H:%M ngày %d/%m/%Y}.")


@router.post("/lich/{plan_id}")
def switch(request: Request, who: Annotated[Who, needs("reports.schedule")], plan_id: int, active: Annotated[bool, Form()] = False) -> Response:
    app = request.app.state.app
    with app.database.write() as session:
        row = schedule.switch(session, who, plan_id, active, app.clock())
    return go(f"{HOME}#lich", f"Đã {'chạy lại' if active else 'dừng'} lịch “{row.name}”.")
