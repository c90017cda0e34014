"""Ties to other systems: keys of the API, receivers of events, what was handed on."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from bot.errors import Refusal
from bot.services import api_keys, audit, webhooks
from bot.services.staff import Who
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page

router = APIRouter(prefix="/admin/ket-noi")
STATES = {"due": "chờ gửi", "sending": "đang gửi", "sent": "đã nhận", "dead": "bỏ cuộc"}


def context(request: Request, **more) -> dict:
    app = request.app.state.app
    with app.database.read() as session:
        receivers = webhooks.endpoints(session)
        return {"keys": api_keys.listed(session), "scopes": api_keys.SCOPES, "receivers": receivers, "kinds": webhooks.KINDS, "states": STATES,
                "names": {r.id: r.name for r in receivers}, "deliveries": webhooks.newest(session), "gateway": app.settings.lgsp_url,
                "base": app.settings.base_url, "form": {}, "shown_key": "", "shown_secret": "", **more}


@router.get("")
def systems(request: Request, who: Annotated[Who, needs("systems.manage")]) -> Response:
    return page(request, "systems.html", **context(request))


@router.post("/khoa")
def new_key(request: Request, who: Annotated[Who, needs("systems.manage")], name: Annotated[str, Form()] = "",
            scopes: Annotated[list[str], Form()] = [], per_minute: Annotated[int, Form()] = 60) -> Response:  # noqa: B006
    app = request.app.state.app
    try:
        with app.database.write() as session:
            key = api_keys.make(session, who, name, scopes, per_minute, app.clock())
    except Refusal as refusal:
        return again(request, "systems.html", refusal, **context(request, form={"name": name, "scopes": scopes, "per_minute": per_minute}))
    return page(request, "systems.html", **context(request, shown_key=key))


@router.post("/khoa/{key_id}/thu-hoi")
def revoke(request: Request, who: Annotated[Who, needs("systems.manage")], key_id: int) -> Response:
    app = request.app.state.app
    with app.database.write() as session:
        api_keys.revoke(session, who, key_id, app.clock())
    return go("/admin/ket-noi", "Đã thu hồi khoá. Hệ thống dùng khoá ấy không gọi được nữa.")


@router.post("/noi-nhan")
def new_receiver(request: Request, who: Annotated[Who, needs("systems.manage")], name: Annotated[str, Form()] = "", url: Annotated[str, Form()] = "",
                 kinds: Annotated[list[str], Form()] = []) -> Response:  # noqa: B006
    app = request.app.state.app
    try:
        with app.database.write() as session:
            row, secret = webhooks.add_endpoint(session, webhooks.seal_of(app.settings.key()), name, url.strip(), kinds,
                                                app.settings.webhooks_to_private, app.clock())
            webhooks.enqueue(session, "ping", {}, f"ping:{row.id}", app.clock())
            audit.note(session, who.id, who.login, "webhook", row.name, app.clock(), url=row.url, kinds=row.kinds)
    except Refusal as refusal:
        return again(request, "systems.html", refusal, **context(request, form={"receiver": name, "url": url, "kinds": kinds}))
    return page(request, "systems.html", **context(request, shown_secret=secret))


@router.post("/noi-nhan/{endpoint_id}/{what}")
def switch(request: Request, who: Annotated[Who, needs("systems.manage")], endpoint_id: int, what: str) -> Response:
    """what: bat (on) or tat (off)."""
    app = request.app.state.app
    if what not in ("bat", "tat"):
        raise Refusal("Không có việc này.")
    with app.database.write() as session:
        row = webhooks.switch(session, endpoint_id, what == "bat")
        audit.note(session, who.id, who.login, "webhook", row.name, app.clock(), on=row.active)
    return go("/admin/ket-noi", f"Đã {'bật' if what == 'bat' else 'tắt'} nơi nhận.")


@router.post("/su-kien/{delivery_id}/gui-lai")
def replay(request: Request, who: Annotated[Who, needs("systems.manage")], delivery_id: int) -> Response:
    app = request.app.state.app
    with app.database.write() as session:
        if not webhooks.replay(session, [delivery_id], app.clock()):
            raise Refusal("Sự kiện này đang chờ gửi, hoặc không còn.")
        audit.note(session, who.id, who.login, "replayed", f"webhook:{delivery_id}", app.clock())
    return go("/admin/ket-noi", "Sự kiện sẽ được gửi lại trong ít giây.")
