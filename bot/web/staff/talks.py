"""Talks with citizens who asked for a person: who waits, one talk and its words, live every few seconds."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response

from bot.errors import Refusal
from bot.reminders import staffed
from bot.services import handover
from bot.services.staff import Who
from bot.web.staff.channel_view import CHANNELS
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page
from bot.web.staff.permissions import may

router = APIRouter(prefix="/admin/tro-chuyen")
HOME = "/admin/tro-chuyen"
EVERY_SECONDS = 4
WORDS = {"states": handover.STATES, "ends": handover.ENDS, "channel_names": {key: one.name for key, one in CHANNELS.items()},
         "every": EVERY_SECONDS, "most": handover.MOST}


def desk(request: Request, who: Who) -> dict[str, Any]:
    app = request.app.state.app
    with app.database.read() as session:
        rows = handover.visible(session, who)
        return {**WORDS, "waiting": [r for r in rows if r.state == "waiting"], "mine": [r for r in rows if r.state == "on"],
                "hours": staffed.read(app.settings.staffed_hours), "now": app.clock(),
                "finished": handover.finished(session, who), "reads": may(who.role, "talks.read")}


def one(request: Request, who: Who, ident: int, **more: Any) -> dict[str, Any]:
    """One's own talk; 404 for another's."""
    app = request.app.state.app
    with app.database.read() as session:
        row = handover.own(session, who, ident)
        if row is None:
            raise HTTPException(404)
        return {**WORDS, "row": row, "lines": handover.lines(session, row), "works": True, "text": "", **more}


@router.get("")
def overview(request: Request, who: Annotated[Who, needs("talks.work")]) -> Response:
    return page(request, "talks.html", **desk(request, who))


@router.get("/moi")
def overview_again(request: Request, who: Annotated[Who, needs("talks.work")]) -> Response:
    """The parts of the page that change."""
    return page(request, "talks_state.html", **desk(request, who))


@router.get("/{ident}")
def show(request: Request, who: Annotated[Who, needs("talks.work")], ident: int) -> Response:
    return page(request, "talk.html", **one(request, who, ident))


@router.get("/{ident}/moi")
def show_again(request: Request, who: Annotated[Who, needs("talks.work")], ident: int) -> Response:
    return page(request, "talk_state.html", **one(request, who, ident))


@router.post("/{ident}/nhan")
def take(request: Request, who: Annotated[Who, needs("talks.work")], ident: int) -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            handover.take(session, who, ident, app.clock())
    except Refusal as refusal:
        return again(request, "talks.html", refusal, **desk(request, who))
    return go(f"{HOME}/{ident}", "Bạn đã nhận cuộc này. Máy im lặng cho đến khi bạn kết thúc.")


@router.post("/{ident}/tra-loi")
def answer(request: Request, who: Annotated[Who, needs("talks.work")], ident: int, text: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    one(request, who, ident)
    try:
        with app.database.write() as session:
            handover.answer(session, who, ident, text, app.clock())
    except Refusal as refusal:
        return again(request, "talk.html", refusal, **one(request, who, ident, text=text))
    return go(f"{HOME}/{ident}#tra-loi")


@router.post("/{ident}/ket-thuc")
def release(request: Request, who: Annotated[Who, needs("talks.work")], ident: int) -> Response:
    app = request.app.state.app
    one(request, who, ident)
    try:
        with app.database.write() as session:
            handover.release(session, who, ident, app.clock())
    except Refusal as refusal:
        return again(request, "talk.html", refusal, **one(request, who, ident))
    return go(HOME, "Đã kết thúc. Máy lại trả lời người dân.")


@router.post("/{ident}/xem")
def look(request: Request, who: Annotated[Who, needs("talks.read")], ident: int, reason: Annotated[str, Form()] = "") -> Response:
    """An administrator reads what another officer said, after a reason that is written down."""
    app = request.app.state.app
    try:
        with app.database.write() as session:
            row = handover.look(session, who, ident, reason, app.clock())
            lines = handover.lines(session, row)
    except Refusal as refusal:
        return again(request, "talks.html", refusal, **desk(request, who))
    return page(request, "talk.html", **{**WORDS, "row": row, "lines": lines, "works": False, "text": ""})
