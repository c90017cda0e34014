"""The public web server: chat page and API, channel webhooks, health and metrics."""

import logging
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.app import App
from bot.channels import webhooks
from bot.errors import Refusal
from bot.gateway import Gateway
from bot.rasa_client import RasaClient
from bot.web import api, certificates, chat, ops, pictures, reports_public, staff, systems
from bot.web.pulse import Pulse
from bot.web.staff.guard import SignInFirst, way_back
from bot.web.staff.pages import page
from bot.web.stream import Streams
from bot.wording import say

logger = logging.getLogger(__name__)
HERE = Path(__file__).parent
MOST_BODY_BYTES = 64 * 1024
MOST_STAFF_BODY_BYTES = 8 * 1024 * 1024
"""Staff upload pictures, question sheets and lists."""
IMPORT, MOST_IMPORT_BODY_BYTES = "/studio/nhap-thu-tuc", 48 * 1024 * 1024
"""All records of the national portal are 26 MB."""
STAFF = ("/studio", "/admin", "/tai-khoan", "/dang-nhap", "/dang-xuat", "/loi-moi")

HEADERS = {
    "Content-Security-Policy": f"{chat.POLICY}; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def make(app: App) -> FastAPI:
    """The server of this process. Starts the gateway with it."""

    @asynccontextmanager
    async def lifespan(web: FastAPI):
        settings = app.settings
        rasa = RasaClient(settings.rasa_url, settings.gateway_token(), settings.rasa_timeout_seconds)
        pulse = Pulse(app)
        web.state.app, web.state.rasa, web.state.gateway = app, rasa, Gateway(app, rasa, pulse.name)
        web.state.streams = Streams(app)
        await pulse.start()
        await web.state.gateway.start()
        await web.state.streams.start()
        yield
        await web.state.streams.stop()
        await web.state.gateway.stop()
        await pulse.stop()
        await rasa.close()

    web = FastAPI(title="Trợ lý Công dân số", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    web.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    web.include_router(chat.router)
    web.include_router(ops.router)
    web.include_router(pictures.router)
    web.include_router(certificates.router)
    web.include_router(systems.router)
    web.include_router(reports_public.router)
    for router in staff.ROUTERS:
        web.include_router(router)
    for routes in webhooks(app.settings, lambda message: web.state.gateway.accept(message), **app.for_channels()):
        web.include_router(routes)

    web.mount("/api/v1", api.make(app))

    web.add_middleware(Guard)

    @web.exception_handler(RequestValidationError)
    async def invalid(request: Request, _: RequestValidationError) -> Response:
        if for_staff(request):
            return told(request, 400, "Trang gửi lên thiếu hoặc sai một ô. Hãy mở lại trang rồi làm lại.")
        return JSONResponse({"error": say("bad_request")}, 400)

    @web.exception_handler(HTTPException)  # Starlette's own, so that a path nobody serves is told like all else
    async def refused(request: Request, error: HTTPException) -> Response:
        if for_staff(request):
            return told(request, error.status_code, error.detail if error.status_code != 404 else "Không có trang này.")
        return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)

    @web.exception_handler(Refusal)
    async def cannot(request: Request, error: Refusal) -> Response:
        return told(request, 400, str(error))

    @web.exception_handler(SignInFirst)
    async def nobody(request: Request, _: SignInFirst) -> Response:
        if wants_json(request):
            return JSONResponse({"error": "Bạn đã bị đăng xuất. Hãy đăng nhập lại ở một thẻ khác rồi làm tiếp."}, 401)
        return RedirectResponse(way_back(request), 303, headers={"Cache-Control": "no-store"})

    @web.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        # the class only: an exception's message may hold what a citizen typed
        logger.error("request failed: %s", type(error).__name__, exc_info=error)
        return told(request, 500, say("our_fault")) if for_staff(request) else JSONResponse({"error": say("our_fault")}, 500)

    return web


class Guard:
    """Security headers on everything; bodies that are too large are refused before they are read.

    Plain ASGI: Starlette's "http" middleware puts two tasks and a queue around every request.
    """

    def __init__(self, inside: ASGIApp):
        self._inside = inside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inside(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await (refusal(Request(scope)) or self._inside)(scope, receive, send_guarded)


def refusal(request: Request) -> Response | None:
    """Why the body is not read; None when it may be."""
    length = request.headers.get("content-length", "0")
    if "transfer-encoding" in request.headers:
        # a body that does not say how long it is could be of any length; browsers and the platforms all say it
        return JSONResponse({"error": say("bad_request")}, 411)
    if not length.isdigit() or int(length) <= (most := most_bytes(request)):
        return None
    if for_staff(request):
        return told(request, 413, f"Tệp quá lớn; nhiều nhất {most // 1024 ** 2} MB.")
    if request.url.path == chat.PHOTO:
        return JSONResponse({"error": say("ticket_photo_bad")}, 413)
    return JSONResponse({"error": say("too_long", most=chat.MOST_CHARACTERS)}, 413)


def most_bytes(request: Request) -> int:
    """The longest body that is read at this address."""
    if request.url.path == chat.PHOTO:
        return MOST_STAFF_BODY_BYTES
    if request.url.path == IMPORT:
        return MOST_IMPORT_BODY_BYTES
    return MOST_STAFF_BODY_BYTES if for_staff(request) else MOST_BODY_BYTES


def for_staff(request: Request) -> bool:
    """Is it a page of staff, whose errors are pages too?"""
    return request.url.path.startswith(STAFF)


def wants_json(request: Request) -> bool:
    return "x-csrf-token" in request.headers


def told(request: Request, status: int, sentence: str) -> Response:
    """What went wrong on a page of staff: as JSON for a script of ours, else as a page."""
    if wants_json(request):
        return JSONResponse({"error": sentence}, status)
    heading = {403: "Bạn không vào được đây", 404: "Không tìm thấy"}.get(status, "Không làm được")
    return page(request, "error.html", status, heading=heading, sentence=sentence, back=request.headers.get("referer") or "/admin")
