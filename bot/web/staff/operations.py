"""How everything runs, what may be switched off, and messages that went wrong."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from bot.clock import ZONE, local
from bot.errors import Refusal
from bot.services import audit, health, letters, operations, switches
from bot.services.letters import UnknownLetter
from bot.services.staff import Who
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page, templates

router = APIRouter(prefix="/admin/van-hanh")
HOME = "/admin/van-hanh"
SHOWN_LETTERS = 50

ERROR_WORDS = {
    "": "Không rõ", "retry_after": "Kênh bảo gửi chậm lại", "unreachable": "Không nối được tới kênh", "unknown_outcome": "Không biết đã gửi được chưa",
    "blocked": "Người nhận đã chặn", "gone": "Tài khoản không còn", "window_closed": "Zalo chưa cho nhắn", "quota": "Hết hạn mức của kênh",
    "too_long": "Tin dài quá", "bad_request": "Kênh không nhận dạng tin này", "bad_token": "Mã truy cập bị từ chối",
    "misconfigured": "Cài đặt của kênh sai", "internal": "Lỗi của máy chủ này",
}
"""Names of failures (bot/channels/base.py) as administrators read them; any other is shown as it is."""
INBOX_WORDS = {"new": "chờ trả lời", "working": "đang trả lời", "done": "đã trả lời, giữ 2 ngày", "parked": "thư lỗi"}
OUTBOX_WORDS = {"due": "chờ gửi", "sending": "đang gửi", "sent": "đã gửi, giữ 2 ngày", "held": "chờ người dân nhắn trước (quy định của Zalo)",
                "dead": "không gửi nữa"}

templates.env.filters.update(error_words=lambda name: ERROR_WORDS.get(name, name), seconds=operations.seconds, length_words=operations.length,
                             typed=lambda at: f"{local(at):%Y-%m-%dT%H:%M}" if at is not None else "")


def state_of(request: Request, rasas: dict[str, bool]) -> dict:
    """What the part that refreshes itself shows. rasas: which of them answer."""
    app = request.app.state.app
    now = app.clock()
    with app.database.read() as session:
        seen = health.picture(session, now, counts=True)
        more = operations.here(session, app.settings.var, now)
        groups = letters.groups(session)
    checks = operations.checks(seen, more, rasas, now)
    channels = sorted({c for labels, _ in seen.counts.get("send_seconds_bucket", []) if (c := labels.get("channel"))})
    errors = [(labels.get("channel", ""), labels.get("error", ""), int(value)) for labels, value in seen.counts.get("delivery_errors", [])]
    spreads = [("Trả lời một tin của người dân, từ lúc nhận đến lúc xong", operations.spread_of(seen, "answer_seconds")),
               ("Riêng phần hiểu câu (Rasa)", operations.spread_of(seen, "rasa_seconds")),
               *((f"Gửi một tin qua {operations.CHANNEL_NAMES.get(c, c)}", operations.spread_of(seen, "send_seconds", channel=c)) for c in channels)]
    return {"seen": seen, "more": more, "checks": checks, "worst": operations.worst(checks), "at": now, "groups": groups,
            "errors": sorted(errors, key=lambda one: -one[2]), "spreads": spreads, "channel_names": operations.CHANNEL_NAMES,
            "process_names": operations.PROCESS_NAMES, "inbox_words": INBOX_WORDS, "outbox_words": OUTBOX_WORDS}


def page_of(request: Request, **more) -> dict:
    """Everything else on the page: switches and letters."""
    app = request.app.state.app
    now = app.clock()
    with app.database.read() as session:
        off = switches.off(session, now)
        shown = letters.all_of(session, SHOWN_LETTERS)[:SHOWN_LETTERS]
    parts = [(name, title, off.get(name), switches.sentence(off[name], now) if name in off else "") for name, title in switches.NAMES.items()]
    return {"parts": parts, "letters": shown, "form": {}, "wrong_part": "", **more}


async def rasas_of(request: Request) -> dict[str, bool]:
    """Which Rasas answer; {} where this process has no client for them."""
    client = getattr(request.app.state, "rasa", None)
    return await client.each_ready() if client is not None else {}


@router.get("")
async def show(request: Request, who: Annotated[Who, needs("operations.see")]) -> Response:
    rasas = await rasas_of(request)
    return await asyncio.to_thread(lambda: page(request, "operations.html", **state_of(request, rasas), **page_of(request)))


@router.get("/tinh-hinh")
async def refresh(request: Request, who: Annotated[Who, needs("operations.see")]) -> Response:
    """Only the part that changes by itself, for operations.js."""
    rasas = await rasas_of(request)
    return await asyncio.to_thread(lambda: page(request, "operations_state.html", **state_of(request, rasas)))


@router.post("/cong-tac/{name}")
async def switch(request: Request, who: Annotated[Who, needs("operations.switch")], name: str, on: Annotated[bool, Form()] = False,
                 why: Annotated[str, Form()] = "", until: Annotated[str, Form()] = "") -> Response:
    """on: switch it back on. until: "" or local date and time as <input type=datetime-local> gives them."""
    rasas = await rasas_of(request)
    return await asyncio.to_thread(switched, request, who, name, on, why, until, rasas)


def switched(request: Request, who: Who, name: str, on: bool, why: str, until: str, rasas: dict[str, bool]) -> Response:
    app = request.app.state.app
    now = app.clock()
    try:
        with app.database.write() as session:
            if on:
                switches.turn_on(session, who, name, now)
                said = f"Đã bật lại: {switches.NAMES.get(name, '')}."
            else:
                one = switches.turn_off(session, who, name, why, instant(until), now)
                said = f"Đã tắt: {switches.NAMES[name]}. Người dân sẽ đọc: “{switches.sentence(one, now)}”"
    except Refusal as refusal:
        form = {"why": why, "until": until}
        return again(request, "operations.html", refusal, **state_of(request, rasas), **page_of(request, form=form, wrong_part=name))
    return go(f"{HOME}#cong-tac", said)


def instant(typed: str) -> datetime | None:
    """Local "2026-11-24T10:30" as an instant; None for "". Raises Refusal."""
    if not typed.strip():
        return None
    try:
        return datetime.fromisoformat(typed.strip()).replace(tzinfo=ZONE)
    except ValueError:
        raise Refusal("Giờ bật lại chưa đúng. Hãy chọn lại ngày và giờ.", "until") from None


@router.post("/gui-lai")
def replay(request: Request, who: Annotated[Who, needs("operations.replay")], name: Annotated[str, Form()] = "", box: Annotated[str, Form()] = "",
           channel: Annotated[str, Form()] = "", error: Annotated[str, Form()] = "") -> Response:
    """One letter by its name, or all of a box and channel with the same reason."""
    app = request.app.state.app
    now = app.clock()
    try:
        with app.database.write() as session:
            names = [name] if name else letters.named_with(session, box, channel, error)
            count = letters.replay(session, names, now)
            if names:
                about = name or f"{box}: {channel}, {error or 'không rõ'}"
                audit.note(session, who.id, who.login, "replayed", about, now, letters=len(names), again=count)
    except UnknownLetter:
        raise Refusal("Không có thư lỗi này. Có thể nó đã được gửi lại rồi.") from None
    if not count:
        return go(f"{HOME}#thu-loi", "Không gửi lại được: thư đã được gửi lại trước đó, hoặc không còn địa chỉ người nhận.")
    left = f" {len(names) - count} thư không còn địa chỉ người nhận." if count < len(names) else ""
    return go(f"{HOME}#thu-loi", f"Đã cho {count} thư chạy lại.{left}")
