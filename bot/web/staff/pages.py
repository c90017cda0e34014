"""Pages of staff: one frame, one menu, one way to show a form again with what is wrong."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates

from bot.clock import local
from bot.config import Settings
from bot.errors import Refusal
from bot.services import approvals, tasks
from bot.services.staff import Who
from bot.web.staff.permissions import ROLE_NAMES, may

VERSION = "2"
"""Of the style sheets and scripts: a new one makes browsers fetch them anew."""
NOTE = "loi_nhan"

MENU = (
    ("Soạn", (("Khoá học", "/studio", "course.see"), ("Thủ tục", "/studio/thu-tuc", "procedure.see"),
              ("Câu hỏi chưa trả lời được", "/studio/cau-hoi", "questions.see"))),
    ("Số liệu", (("Tổng quan", "/admin", "figures.see"), ("Các khoá học", "/admin/khoa-hoc", "figures.see"),
                 ("Dịch vụ công", "/admin/dich-vu", "figures.see"))),
    ("Điều hành", (("Phản ánh", "/admin/phan-anh", "tickets.see"), ("Cảnh báo lừa đảo", "/admin/canh-bao", "incidents.see"),
                   ("Vận hành", "/admin/van-hanh", "operations.see"), ("Báo cáo", "/admin/bao-cao", "reports.see"),
                   ("Dữ liệu cá nhân", "/admin/du-lieu-ca-nhan", "privacy.see"))),
    ("Với người dân", (("Trò chuyện", "/admin/tro-chuyen", "talks.work"), ("Thông báo", "/admin/thong-bao", "news.see"))),
    ("Nhân sự", (("Người làm việc", "/admin/nhan-su", "staff.manage"), ("Nhật ký", "/admin/nhat-ky", "audit.see"),
                 ("Kết nối", "/admin/ket-noi", "systems.manage"))),
    ("Dữ liệu và chất lượng", (("Xã, phường", "/admin/xa-phuong", "commune.see"), ("Dữ liệu mở", "/admin/du-lieu-mo", "data.edit"),
                               ("Chất lượng", "/admin/chat-luong", "quality.see"))),
)
"""(heading, ((title, address, permission), …)): the one menu; a page that is not in it is reached from one that is."""

templates = Jinja2Templates(Path(__file__).parent.parent / "templates")


def when(at: datetime | None) -> str:
    """An instant in the province's zone, as staff read it."""
    return f"{local(at):%H:%M %d/%m/%Y}" if at is not None else ""


def day(value: date | datetime | None) -> str:
    return "" if value is None else f"{local(value):%d/%m/%Y}" if isinstance(value, datetime) else f"{value:%d/%m/%Y}"


def number(value: float | int | None, places: int = 0) -> str:
    """12345.6 as "12.345,6"; "–" for what is not there."""
    if value is None:
        return "–"
    return f"{value:,.{places}f}".translate(str.maketrans(",.", ".,"))


templates.env.filters.update(when=when, day=day, number=number, json=lambda value: json.dumps(value, ensure_ascii=False))
templates.env.globals.update(role_names=ROLE_NAMES, page_version=VERSION, can=may)
templates.env.trim_blocks = templates.env.lstrip_blocks = True


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The template `staff/<template>` within the frame. It sees `who`, `csrf`, `menu`, `waits`, `said_once` and what is given.

    The frame: {% extends "staff/base.html" %}, blocks title, head, content. A form of it holds {{ csrf_field() }}.
    """
    one: Who | None = getattr(request.state, "who", None)
    settings = request.app.state.app.settings
    menu = [(heading, [(title, href) for title, href, permission in entries if may(one.role, permission, one.communes)])
            for heading, entries in MENU] if one else []
    waits = waiting(request, one) if one and status < 500 else {}
    given = {"who": one, "waits": waits, "csrf": one.csrf if one else "", "menu": [(h, e) for h, e in menu if e],
             "said_once": unquote(request.cookies.get(NOTE, "")),
             "province": settings.province, "province_account": account_of(settings), "here": request.url.path, "wrong": None, **context}
    answer = templates.TemplateResponse(request, f"staff/{template}", given, status_code=status,
                                        headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex",
                                                 # with no-referrer browsers send "Origin: null", which the guard of forms refuses
                                                 "Referrer-Policy": "same-origin"})
    if given["said_once"]:
        answer.delete_cookie(NOTE)
    return answer


def waiting(request: Request, who: Who) -> dict[str, int]:
    """Address in the menu -> how many there wait for this person."""
    app = request.app.state.app
    with app.database.read() as session:
        found = tasks.waiting(session, who, app.clock())
        approve = approvals.awaiting(session, who)
    asked = (("/studio", "course.publish", approve.courses), ("/studio/thu-tuc", "procedure.publish", approve.procedures),
             ("/admin/thong-bao", "news.approve", approve.announcements))
    return {"/admin/phan-anh": found.tickets, "/admin/chat-luong": found.actions,
            **{address: count for address, permission, count in asked if may(who.role, permission)}}


def account_of(settings: Settings) -> str:
    """What the province's own sign-in is called; "" when there is none."""
    return settings.oidc_name if settings.oidc_issuer else ""


def again(request: Request, template: str, refusal: Refusal, **context: Any) -> HTMLResponse:
    """The page with its form once more, what was typed kept, the refusal on top. The template sees it as `wrong`."""
    return page(request, template, 400, wrong=refusal, **context)


def go(address: str, note: str = "") -> RedirectResponse:
    """To another page after something was done; note: the sentence shown there once."""
    answer = RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})
    if note:
        answer.set_cookie(NOTE, quote(note), max_age=60, httponly=True, samesite="lax")
    return answer
