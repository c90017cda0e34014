"""One's own account: password and second factor."""

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from bot.errors import Refusal
from bot.services import staff
from bot.services.staff import Who
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page

router = APIRouter(prefix="/tai-khoan")


def context(request: Request, who: Who) -> dict:
    with request.app.state.app.database.read() as session:
        return {"second_factor": staff.has_second_factor(session, who), "communes": who.communes}


@router.get("")
def account(request: Request, who: Annotated[Who, needs("self")]) -> Response:
    return page(request, "account.html", **context(request, who))


@router.post("/mat-khau")
def password(request: Request, who: Annotated[Who, needs("self")], old: Annotated[str, Form()] = "", new: Annotated[str, Form()] = "",
             new2: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        if new != new2:
            raise Refusal("Hai lần nhập mật khẩu mới chưa giống nhau.", "new2")
        with app.database.write() as session:
            staff.change_password(session, who, old, new, app.clock())
    except Refusal as refusal:
        return again(request, "account.html", refusal, **context(request, who))
    return go("/tai-khoan", "Đã đổi mật khẩu. Các máy khác đã bị đăng xuất.")


@router.get("/hai-buoc")
def second_factor(request: Request, who: Annotated[Who, needs("self")]) -> Response:
    return offer(request, who)


def offer(request: Request, who: Who, wrong: Refusal | None = None, secret: str = "") -> Response:
    """The QR code of a secret; the one that was shown before when a code was mistyped."""
    made, address = staff.begin_second_factor(request.app.state.app.settings.province, who.login, secret)
    drawn = segno.make(address, micro=False).svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=False)
    return page(request, "second_factor.html", 400 if wrong else 200, secret=made, drawn=drawn, wrong=wrong)


@router.post("/hai-buoc")
def confirm(request: Request, who: Annotated[Who, needs("self")], secret: Annotated[str, Form()] = "", code: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            staff.confirm_second_factor(session, staff.seal_of(app.settings), who, secret, code, app.clock())
    except Refusal as refusal:
        return offer(request, who, refusal, secret)
    return go("/tai-khoan", "Từ nay đăng nhập cần thêm mã trong ứng dụng xác thực.")


@router.post("/hai-buoc/bo")
def drop(request: Request, who: Annotated[Who, needs("self")], password: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            staff.drop_second_factor(session, who, password, app.clock())
    except Refusal as refusal:
        return again(request, "account.html", refusal, **context(request, who))
    return go("/tai-khoan", "Đã bỏ xác thực hai bước.")
