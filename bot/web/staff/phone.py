"""One's own phone, on which lessons are tried out and which is told of work: linked by a code typed to the bot, unlinked by a button."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from bot.services import linking, tasks, trial
from bot.services.staff import Who
from bot.web.staff.guard import needs
from bot.web.staff.pages import go, page

router = APIRouter(prefix="/tai-khoan/may-cua-toi")


def shown(request: Request, who: Who, code: str = "") -> Response:
    """code: one that has just been made; it is shown this once."""
    app = request.app.state.app
    with app.database.read() as session:
        talk = trial.phone(session, who)
        linked = (linking.name_of(talk.channel), talk.seen_at) if talk is not None else None
        told = tasks.wanted(session, who)
    return page(request, "phone.html", linked=linked, told=told, code=code, until=app.clock() + trial.VALID)


@router.get("")
def phone(request: Request, who: Annotated[Who, needs("self")]) -> Response:
    return shown(request, who)


@router.post("/ma")
def code(request: Request, who: Annotated[Who, needs("self")]) -> Response:
    app = request.app.state.app
    with app.database.write() as session:
        made = trial.begin(session, app.settings.key(), who, app.clock())
    return shown(request, who, made)


@router.post("/bo")
def unlink(request: Request, who: Annotated[Who, needs("self")]) -> Response:
    with request.app.state.app.database.write() as session:
        trial.unlink(session, who)
    return go("/tai-khoan/may-cua-toi", "Đã bỏ gắn. Máy đó không nhận bài gửi thử nữa.")


@router.post("/bao-viec")
def told(request: Request, who: Annotated[Who, needs("self")], yes: Annotated[bool, Form()] = False) -> Response:
    app = request.app.state.app
    with app.database.write() as session:
        tasks.choose(session, who, yes, app.clock())
    return go("/tai-khoan/may-cua-toi", "Từ nay máy đã gắn được báo khi có việc mới." if yes else "Đã ngừng báo việc.")
