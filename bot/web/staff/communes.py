"""Communes: contacts, names, posters with counted QR codes, who of the staff looks after which."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response

from bot import places
from bot.clock import local
from bot.errors import Refusal
from bot.services import communes, invitations, posters
from bot.services.staff import Who
from bot.services.versions import live
from bot.web.staff.guard import PROVINCE_ONLY, needs
from bot.web.staff.pages import again, go, page

router = APIRouter(prefix="/admin/xa-phuong")
HOME = "/admin/xa-phuong"
OPENED_DAYS = 90
SIZES = {"a4": "A4", "a5": "A5"}


def theirs(who: Who, name: str) -> bool:
    return not who.communes or name in who.communes


def unit_of(request: Request, who: Who, code: str) -> dict:
    """The unit of this code as it is now. Raises 404, also for one that somebody bound to communes has nothing to do with."""
    with request.app.state.app.database.read() as session:
        found = next((u for u in communes.units(session) if u["code"] == code), None)
    if found is None or not theirs(who, found["name"]):
        raise HTTPException(404)
    return found


def channels_of(request: Request) -> dict[str, str]:
    telegram = request.app.state.app.settings.telegram_name.strip("@")
    return {"web": "Web chat", **({"telegram": "Telegram"} if telegram else {})}


def list_context(request: Request, who: Who, words: str = "", **more) -> dict:
    app = request.app.state.app
    today = local(app.clock()).date()
    since = today - timedelta(days=OPENED_DAYS)
    with app.database.read() as session:
        kept, officers = communes.sheets(session), communes.officers(session)
        units = sorted((u for u in communes.units(session) if theirs(who, u["name"])), key=lambda u: places.plain(u["name"]))
        courses = [course for _, course in live(session) if course.group == "citizens"]
        starts = [*(f"x-{u['code']}" for u in units), *(f"c-{c.slug}" for c in courses)]
        opened = communes.openings(session, starts, since)
    asked = places.plain(words)
    rows = [(u, kept.get(u["code"]), communes.told(kept.get(u["code"]), today), officers.get(u["name"], []), opened.get(f"x-{u['code']}", 0))
            for u in units if asked in places.plain(u["name"])]
    return {"rows": rows, "count": len(units), "checked": sum(r[2] for r in rows), "words": words, "days": OPENED_DAYS, "sizes": SIZES,
            "channels": channels_of(request), "courses": [(c, opened.get(f"c-{c.slug}", 0)) for c in courses], "form": {}, **more}


@router.get("")
def everything(request: Request, who: Annotated[Who, needs("commune.see")], tim: str = "") -> Response:
    return page(request, "communes.html", **list_context(request, who, tim))


@router.post("/moi")
def add(request: Request, who: Annotated[Who, needs("commune.edit")], code: Annotated[str, Form()] = "", name: Annotated[str, Form()] = "",
        formerly: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    if who.communes:
        raise HTTPException(403, "Chỉ người phụ trách cả tỉnh thêm được xã, phường.")
    try:
        with app.database.write() as session:
            row = communes.add(session, who, code.strip(), communes.Form(name, formerly=formerly), app.clock())
    except Refusal as refusal:
        return again(request, "communes.html", refusal, **list_context(request, who, form={"code": code, "name": name, "formerly": formerly}))
    communes.refresh(app.database)
    return go(f"{HOME}/{row.code}", f"Đã thêm {row.name}. Trợ lý nhận ra tên này trong vòng một phút.")


def one_context(request: Request, who: Who, code: str, **more) -> dict:
    app = request.app.state.app
    unit = unit_of(request, who, code)
    today = local(app.clock()).date()
    with app.database.read() as session:
        sheet = communes.sheet_of(session, code)
        others = sorted(((u["code"], u["name"]) for u in communes.units(session) if u["code"] != code), key=lambda pair: places.plain(pair[1]))
        opened = communes.openings(session, [f"x-{code}"], today - timedelta(days=OPENED_DAYS)).get(f"x-{code}", 0)
        officers = communes.officers(session).get(unit["name"], [])
    form = communes.Form(unit["name"])
    if sheet is not None:
        form = replace(form, **{c: getattr(sheet, c) or "" for c in (*communes.CONTACTS, "source")},
                       checked_on=sheet.checked_on.isoformat() if sheet.checked_on else "")
    return {"unit": unit, "sheet": sheet, "told": communes.told(sheet, today), "labels": communes.CONTACTS, "form": form, "others": others,
            "opened": opened, "days": OPENED_DAYS, "officers": officers, "sizes": SIZES, "channels": channels_of(request), "today": today, **more}


@router.get("/{code}")
def show(request: Request, who: Annotated[Who, needs("commune.see")], code: str) -> Response:
    return page(request, "commune.html", **one_context(request, who, code))


@router.post("/{code}")
def save(request: Request, who: Annotated[Who, needs("commune.edit")], code: str, name: Annotated[str, Form()] = "", address: Annotated[str, Form()] = "",
         hours: Annotated[str, Form()] = "", phone: Annotated[str, Form()] = "", site: Annotated[str, Form()] = "",
         source: Annotated[str, Form()] = "", checked_on: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    unit_of(request, who, code)
    form = communes.Form(name, address, hours, phone, site, source, checked_on)
    try:
        with app.database.write() as session:
            row = communes.save(session, who, code, form, app.clock())
    except Refusal as refusal:
        return again(request, "commune.html", refusal, **one_context(request, who, code, form=form))
    communes.refresh(app.database)
    return go(f"{HOME}/{code}", f"Đã lưu {row.name}.")


@router.post("/{code}/sap-nhap")
def merge(request: Request, who: Annotated[Who, needs("commune.edit")], code: str, into: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    unit_of(request, who, code)
    if who.communes:  # it changes another unit too
        raise HTTPException(403, PROVINCE_ONLY)
    try:
        with app.database.write() as session:
            communes.merge(session, who, code, into, app.clock())
    except Refusal as refusal:
        return again(request, "commune.html", refusal, **one_context(request, who, code))
    communes.refresh(app.database)
    return go(HOME, "Đã ghi việc sắp xếp. Tên cũ từ nay dẫn tới đơn vị mới.")


def pdf(content: bytes, name: str) -> Response:
    return Response(content, media_type="application/pdf", headers={
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"})


def chosen(request: Request, start: str, size: str, channel: str) -> str:
    """The address behind the code. Raises 404."""
    if size not in SIZES or channel not in channels_of(request):
        raise HTTPException(404)
    return invitations.link(request.app.state.app.settings, start, channel)


@router.get("/{code}/to-dan-{size}.pdf")
def poster(request: Request, who: Annotated[Who, needs("commune.see")], code: str, size: str, kenh: str = "web") -> Response:
    unit = unit_of(request, who, code)
    address = chosen(request, f"x-{code}", size, kenh)
    return pdf(posters.of_commune(size, unit["name"], request.app.state.app.settings.province, address), f"to-dan-{code}-{size}.pdf")  # type: ignore[arg-type]


@router.get("/khoa-hoc/{slug}/to-dan-{size}.pdf")
def course_poster(request: Request, who: Annotated[Who, needs("commune.see")], slug: str, size: str, kenh: str = "web") -> Response:
    app = request.app.state.app
    with app.database.read() as session:
        course = next((c for _, c in live(session) if c.slug == slug), None)
    if course is None:
        raise HTTPException(404)
    address = chosen(request, f"c-{slug}", size, kenh)
    return pdf(posters.of_course(size, course.title, course.summary, app.settings.province, address), f"to-dan-{slug}-{size}.pdf")  # type: ignore[arg-type]
