"""How tricks and rumours spread; from a cluster to an announcement or a course in a click; the way out to the security centre."""

import csv
import io
from collections import Counter
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from bot import places
from bot.clock import local
from bot.errors import Refusal
from bot.services import audit, incident_handover, spread, warning_course
from bot.services.figures.periods import PRESETS
from bot.services.figures.table import shown
from bot.services.linking import name_of
from bot.services.staff import Who
from bot.web.staff.figures import Form
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page, templates
from bot.web.staff.permissions import may

router = APIRouter(prefix="/admin/canh-bao")
HOME = "/admin/canh-bao"
CLUSTERS = 50
FILES = {"bao-cao.csv": "text/csv; charset=utf-8", "stix.json": "application/stix+json;version=2.1"}
templates.env.filters["cell"] = shown


def own(who: Who, commune: str) -> tuple[str, ...]:
    """The communes that are counted; () for the province. Raises Refusal."""
    if commune and commune not in (who.communes or places.listed()):
        raise Refusal("Bạn chỉ xem được số liệu của xã, phường được giao.", "xa")
    return (commune,) if commune else who.communes


def choices(who: Who) -> list[tuple[str, str]]:
    return [("", "Các xã, phường được giao" if who.communes else "Cả tỉnh"), *((c, c) for c in who.communes or places.listed())]


@router.get("")
def overview(request: Request, who: Annotated[Who, needs("incidents.see")], xa: str = "") -> Response:
    app = request.app.state.app
    try:
        communes = own(who, xa)
    except Refusal as refusal:
        return again(request, "incidents.html", refusal, **empty(who))
    with app.database.read() as session:
        same, tricks, count = spread.overview(session, app.clock(), communes)
        seen = spread.sightings(session, app.clock(), communes)
        # what is told of the whole province is for who may see the whole province
        alerts = [] if communes else spread.alerts(session, app.clock())
    channels = spread.hidden(Counter(name for name, _ in {(name_of(s.channel), s.who) for s in seen}))
    return page(request, "incidents.html", **{**empty(who), "same": same[:CLUSTERS], "all_same": len(same), "tricks": tricks, "count": count,
                                              "alerts": alerts, "channels": channels, "xa": xa})


def empty(who: Who) -> dict[str, Any]:
    return {"communes": choices(who), "same": [], "all_same": 0, "tricks": [], "count": 0, "alerts": [], "channels": [], "xa": "",
            "days": spread.LOOK_BACK.days, "exports": may(who.role, "incidents.export")}


def detail_of(request: Request, who: Who, key: str, xa: str = "") -> spread.Detail:
    """Raises 404 where there is no such cluster any more, or not for these communes."""
    app = request.app.state.app
    with app.database.read() as session:
        found = spread.detail(session, app.clock(), key, own(who, xa))
    if found is None:
        raise HTTPException(404)
    return found


@router.get("/cum/{key}")
def cluster(request: Request, who: Annotated[Who, needs("incidents.see")], key: str, xa: str = "") -> Response:
    found = detail_of(request, who, key, xa)
    draft = urlencode({"title": title_of(found)[:80], "text": warning_course.announcement(found)})
    return page(request, "incident_cluster.html", one=found, announce=f"/admin/thong-bao/moi?{draft}", writes=may(who.role, "course.edit"),
                announces=may(who.role, "news.write"), xa=xa)


def title_of(found: spread.Detail) -> str:
    return f"Cảnh báo: {found.row.trick or 'lừa đảo'}"


@router.post("/cum/{key}/bai-hoc")
def course(request: Request, who: Annotated[Who, needs("course.edit")], key: str) -> Response:
    app = request.app.state.app
    found = detail_of(request, who, key)
    with app.database.write() as session:
        draft = warning_course.draft(session, who, title_of(found), found, app.clock())
    return go(f"/studio/khoa-hoc/{draft.slug}", "Đã mở bài cảnh báo ở dạng nháp. Hãy viết lại lời, thêm câu hỏi rồi gửi duyệt.")


@router.get("/xuat")
def export(request: Request, who: Annotated[Who, needs("incidents.export")], form: Form) -> Response:
    """The form for a file; the file itself is one click further, and written down."""
    try:
        period = form.filter(who, local(request.app.state.app.clock()).date()).period
    except Refusal as refusal:
        return again(request, "incidents_export.html", refusal, form=form, presets=list(PRESETS.items()), communes=choices(who), period=None, query="")
    query = urlencode({name: value for name, value in (("ky", form.ky), ("tu", form.tu), ("den", form.den), ("xa", form.xa)) if value})
    return page(request, "incidents_export.html", form=form, presets=list(PRESETS.items()), communes=choices(who), period=period, query=query)


@router.get("/xuat/{file}")
def download(request: Request, who: Annotated[Who, needs("incidents.export")], file: str, form: Form) -> Response:
    """Reports of the period as CSV or STIX 2.1, without anything that leads to a citizen."""
    app = request.app.state.app
    if file not in FILES:
        raise HTTPException(404)
    flt = form.filter(who, local(app.clock()).date())
    with app.database.read() as session:
        if file.endswith(".csv"):
            rows = incident_handover.table(session, flt.period, flt.communes)
            out = io.StringIO()
            csv.writer(out).writerows(rows)
            body, count = "\ufeff" + out.getvalue(), len(rows) - 1
        else:
            body, count = incident_handover.bundle(session, flt.period, flt.communes)
    with app.database.write() as session:
        audit.note(session, who.id, who.login, "exported", f"canh-bao/{file}", app.clock(), rows=count, first=flt.period.first.isoformat(),
                   last=flt.period.last.isoformat(), communes=list(flt.communes))
    name = f"canh-bao-{flt.period.first:%Y%m%d}-{flt.period.last:%Y%m%d}.{file.rpartition('.')[2]}"
    return Response(body, media_type=FILES[file], headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"})


