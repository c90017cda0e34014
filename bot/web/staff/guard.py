"""Who asks, may they, and does the form come from our own page: one dependency for every route of staff.

    @router.post("/studio/khoa-hoc/{slug}")
    def save(request: Request, who: Annotated[Who, needs("course.edit")], title: Annotated[str, Form()]): ...
"""

import asyncio
import secrets
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Depends, HTTPException, Request

from bot.services import staff
from bot.services.staff import Who
from bot.web.staff.permissions import PERMISSIONS, may

COOKIE = "nhan_vien"
SIGN_IN = "/dang-nhap"
SAFE = ("GET", "HEAD")
PROVINCE_ONLY = "Việc này chung cho cả tỉnh, bạn được giao riêng một số xã, phường. Hãy nhờ người quản trị của cả tỉnh."


class SignInFirst(Exception):
    """Nobody is signed in with this browser; the answer leads to the sign-in page and back."""


class Needs:
    """The dependency behind `needs`; permission is what a test reads."""

    def __init__(self, permission: str):
        if permission not in PERMISSIONS:
            raise KeyError(permission)
        self.permission = permission

    async def __call__(self, request: Request) -> Who:
        one = await asyncio.to_thread(signed_in, request)
        if one is None:
            raise SignInFirst()
        if request.method not in SAFE:
            await from_our_page(request, one)
        if not may(one.role, self.permission):
            raise HTTPException(403, "Vai trò của bạn không làm được việc này. Hãy hỏi người quản trị.")
        if not may(one.role, self.permission, one.communes):
            raise HTTPException(403, PROVINCE_ONLY)
        request.state.who = one
        return one


def needs(permission: str) -> Any:
    """The route is for signed-in staff whose role has the permission; gives them as `Who`. Raises KeyError for an unknown one."""
    return Depends(Needs(permission))


def signed_in(request: Request) -> Who | None:
    """Whose browser this is; marks it as in use."""
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    app = request.app.state.app
    with app.database.read() as session:
        one = staff.who(session, token, app.clock())
    if one is not None and one.stale:
        with app.database.write() as session:
            staff.seen(session, one, app.clock())
    return one


async def from_our_page(request: Request, one: Who) -> None:
    """Raises 403 unless the request carries the token of this browser's forms and comes from our own address."""
    given = request.headers.get("x-csrf-token", "")
    kind = request.headers.get("content-type", "")
    if not given and kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        given = str((await request.form()).get("csrf", ""))
    origin = request.headers.get("origin")
    strange = origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    if strange or not secrets.compare_digest(given.encode(), one.csrf.encode()):
        raise HTTPException(403, "Trang này đã cũ. Hãy mở lại trang rồi làm lại.")


def way_back(request: Request) -> str:
    """The sign-in page, which leads back to what was asked for."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"{SIGN_IN}?tiep={quote(path, safe='/')}" if request.method in SAFE and path != "/admin" else SIGN_IN


def home_of(role: str) -> str:
    return "/studio" if role in ("author", "approver") else "/admin"


def own_path(path: str, otherwise: str) -> str:
    """The path if it is one of our staff pages, so that a link cannot lead elsewhere after signing in."""
    return path if path.startswith(("/studio", "/admin", "/tai-khoan")) and "\\" not in path and not urlsplit(path).netloc else otherwise
