"""Signing in and out, and the link of an invitation."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from limits import RateLimitItemPerMinute

from bot.errors import Refusal
from bot.services import staff
from bot.services.staff import Who
from bot.web.chat import limits_of
from bot.web.staff.guard import COOKIE, home_of, needs, own_path, signed_in
from bot.web.staff.pages import again, go, page

router = APIRouter()
TRIES_A_MINUTE = RateLimitItemPerMinute(20)
"""From one address, whatever the logins; the pause of one login is bot/services/staff.py's."""


@router.get("/dang-nhap")
def form(request: Request, tiep: str = "") -> Response:
    """The sign-in page; whoever is signed in goes on at once."""
    one = signed_in(request)
    if one is not None:
        return go(own_path(tiep, home_of(one.role)))
    return page(request, "sign_in.html", login="", tiep=tiep, code_wanted=False)


@router.post("/dang-nhap")
def sign_in(request: Request, login: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "", code: Annotated[str, Form()] = "",
            tiep: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    limiter, _ = limits_of(request.app.state)
    if not limiter.hit(TRIES_A_MINUTE, "sign-in", request.client.host if request.client else ""):
        return page(request, "sign_in.html", 429, login=login, tiep=tiep, code_wanted=False,
                    wrong=Refusal("Thử quá nhiều lần. Hãy đợi một phút."))
    with app.database.write() as session:
        tried = staff.sign_in(session, staff.seal_of(app.settings), login, password, code, app.clock())
        one = staff.who(session, tried.token, app.clock()) if tried.token else None
    if one is None:
        return again(request, "sign_in.html", Refusal(tried.sentence), login=login, tiep=tiep, code_wanted=tried.code_wanted)
    return welcome(request, go(own_path(tiep, home_of(one.role))), tried.token)


def welcome(request: Request, answer: Response, token: str) -> Response:
    """The answer with the cookie of a session."""
    answer.set_cookie(COOKIE, token, max_age=int(staff.LONGEST.total_seconds()), httponly=True, samesite="lax",
                      secure=request.app.state.app.settings.base_url.startswith("https://"))
    return answer


@router.post("/dang-xuat")
def sign_out(request: Request, who: Annotated[Who, needs("self")]) -> Response:
    app = request.app.state.app
    with app.database.write() as session:
        staff.sign_out(session, who, app.clock())
    answer = go("/dang-nhap", "Đã đăng xuất.")
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/loi-moi/{token}")
def invited(request: Request, token: str) -> Response:
    """Where the link of an invitation leads: the person chooses a password."""
    app = request.app.state.app
    with app.database.write() as session:
        row = staff.invitation(session, token, app.clock())
    if row is None:
        return page(request, "invited.html", 404, row=None, token="")
    return page(request, "invited.html", row=row, token=token)


@router.post("/loi-moi/{token}")
def accept(request: Request, token: str, password: Annotated[str, Form()] = "", password2: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    with app.database.read() as session:
        row = staff.invitation(session, token, app.clock())
    try:
        if password != password2:
            raise Refusal("Hai lần nhập mật khẩu chưa giống nhau.", "password2")
        with app.database.write() as session:
            staff.accept(session, token, password, app.clock())
    except Refusal as refusal:
        return again(request, "invited.html", refusal, row=row, token=token)
    return go("/dang-nhap", "Đã đặt mật khẩu. Mời bạn đăng nhập.")
