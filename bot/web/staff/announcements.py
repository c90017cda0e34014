"""Announcements: written, looked at as each channel shows them, approved by somebody else, followed until everybody has them."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import Response

from bot import places
from bot.clock import ZONE, local
from bot.errors import Refusal
from bot.services import announcements, announcing, versions
from bot.services.announcements import Given
from bot.services.news import TOPICS
from bot.services.staff import Who
from bot.store.tables import Announcement, Staff
from bot.web.staff.channel_view import CHANNELS, shown
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page
from bot.web.staff.permissions import may

router = APIRouter(prefix="/admin/thong-bao")
HOME = "/admin/thong-bao"
WORDS = {"kinds": announcements.KINDS, "states": announcements.STATES, "topics": TOPICS, "course_states": announcements.COURSE_STATES,
         "channels": {key: CHANNELS[key].name for key in announcements.CHANNELS}, "longest": announcements.LONGEST}


def typed(kind: Annotated[str, Form()] = "normal", topic: Annotated[str, Form()] = "", sender: Annotated[str, Form()] = "",
          title: Annotated[str, Form()] = "", text: Annotated[str, Form()] = "", communes: Annotated[list[str] | None, Form()] = None,
          channels: Annotated[list[str] | None, Form()] = None, course: Annotated[str, Form()] = "", course_state: Annotated[str, Form()] = "",
          reason: Annotated[str, Form()] = "", send_at: Annotated[str, Form()] = "") -> Given:
    """The form as it came. A time that is none is none."""
    try:
        at = datetime.fromisoformat(send_at).replace(tzinfo=ZONE) if send_at else None
    except ValueError:
        at = None
    return Given(kind, topic, sender, title, text, tuple(communes or ()), tuple(channels or ()), course, course_state, reason, at)


def form(request: Request, who: Who, given: Given, ident: int | None, **more: Any) -> dict[str, Any]:
    with request.app.state.app.database.read() as session:
        courses = [(course.slug, course.title) for _, course in versions.live(session)]
    at = f"{local(given.send_at):%Y-%m-%dT%H:%M}" if given.send_at else ""
    return {**WORDS, "given": given, "ident": ident, "courses": courses, "send_at": at, "places": who.communes or places.listed(), **more}


def found(request: Request, who: Who, ident: int) -> Announcement:
    """404 for one that goes to communes of others."""
    with request.app.state.app.database.read() as session:
        row = announcements.get(session, who, ident)
    if row is None:
        raise HTTPException(404)
    return row


@router.get("")
def overview(request: Request, who: Annotated[Who, needs("news.see")]) -> Response:
    with request.app.state.app.database.read() as session:
        rows = announcements.listed(session, who)
    return page(request, "announcements.html", rows=rows, writes=may(who.role, "news.write"), **WORDS)


@router.get("/moi")
def new(request: Request, who: Annotated[Who, needs("news.write")], title: str = "", text: str = "") -> Response:
    """title, text: what the page of warnings begins it with (bot/web/staff/incidents.py)."""
    begun = {"topic": "scam", "title": title, "text": text} if text else {}
    return page(request, "announcement_form.html", **form(request, who, Given(communes=who.communes, **begun), None))


@router.post("/moi")
def create(request: Request, who: Annotated[Who, needs("news.write")], given: Annotated[Given, Depends(typed)]) -> Response:
    return saved(request, who, given, None)


@router.get("/{ident}/sua")
def edit(request: Request, who: Annotated[Who, needs("news.write")], ident: int) -> Response:
    return page(request, "announcement_form.html", **form(request, who, announcements.as_given(found(request, who, ident)), ident))


@router.post("/{ident}/sua")
def change(request: Request, who: Annotated[Who, needs("news.write")], ident: int, given: Annotated[Given, Depends(typed)]) -> Response:
    found(request, who, ident)
    return saved(request, who, given, ident)


def saved(request: Request, who: Who, given: Given, ident: int | None) -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            row = announcements.save(session, who, ident, given, app.clock())
    except Refusal as refusal:
        return again(request, "announcement_form.html", refusal, **form(request, who, given, ident))
    return go(f"{HOME}/{row.id}", "Đã lưu bản soạn. Hãy xem thử rồi gửi duyệt.")


def shown_one(request: Request, who: Who, ident: int, **more: Any) -> dict[str, Any]:
    """One announcement: as each channel shows it, how many it reaches, who has done what, what became of it."""
    row = found(request, who, ident)
    with request.app.state.app.database.read() as session:
        reached = announcing.reached(session, row) if row.state in ("draft", "submitted", "approved") else None
        results = announcing.results(session, ident) if row.state in ("sending", "sent", "cancelled") else None
        names = {n: one.name for n in (row.author_id, row.first_approver_id, row.second_approver_id) if n and (one := session.get(Staff, n))}
        course = next((c.title for _, c in versions.live(session) if c.slug == row.course), row.course)
    body = announcements.body_of(row)
    seen = [(CHANNELS[key].name, shown(key, [body], lambda _: True)[0]) for key in (row.channels or announcements.CHANNELS)]
    own = who.id == row.author_id
    return {**WORDS, "row": row, "reached": reached, "results": results, "names": names, "course": course, "seen": seen, "own": own,
            "approves": may(who.role, "news.approve") and not own and who.id != row.first_approver_id, "writes": may(who.role, "news.write"),
            "cancels": announcements.may_cancel(who, row), "why": "", **more}


@router.get("/{ident}")
def show(request: Request, who: Annotated[Who, needs("news.see")], ident: int) -> Response:
    return page(request, "announcement.html", **shown_one(request, who, ident))


@router.post("/{ident}/gui-duyet")
def submit(request: Request, who: Annotated[Who, needs("news.write")], ident: int) -> Response:
    return done(request, who, ident, announcements.submit, "Đã gửi duyệt. Người khác sẽ duyệt trước khi gửi tới người dân.")


@router.post("/{ident}/duyet")
def approve(request: Request, who: Annotated[Who, needs("news.approve")], ident: int) -> Response:
    return done(request, who, ident, announcements.approve, "Đã ghi lời duyệt của bạn.")


@router.post("/{ident}/tra-lai")
def refuse(request: Request, who: Annotated[Who, needs("news.approve")], ident: int, why: Annotated[str, Form()] = "") -> Response:
    found(request, who, ident)
    app = request.app.state.app
    try:
        with app.database.write() as session:
            announcements.refuse(session, who, ident, why, app.clock())
    except Refusal as refusal:
        return again(request, "announcement.html", refusal, **shown_one(request, who, ident, why=why))
    return go(f"{HOME}/{ident}", "Đã trả lại cho người soạn.")


@router.post("/{ident}/huy")
def cancel(request: Request, who: Annotated[Who, needs("news.write")], ident: int) -> Response:
    return done(request, who, ident, announcements.cancel, "Đã hủy. Tin chưa gửi sẽ không gửi nữa.")


def done(request: Request, who: Who, ident: int, act: Any, note: str) -> Response:
    """One step of a service, and back to the announcement; with what is wrong when it cannot be done."""
    found(request, who, ident)
    app = request.app.state.app
    try:
        with app.database.write() as session:
            act(session, who, ident, app.clock())
    except Refusal as refusal:
        return again(request, "announcement.html", refusal, **shown_one(request, who, ident))
    return go(f"{HOME}/{ident}", note)
