"""The web chat: its page, its API, its event stream."""

import asyncio
import json
import re
import secrets
import uuid
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.templating import Jinja2Templates
from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from sse_starlette.sse import EventSourceResponse

from bot.gateway import waiting_words
from bot.language.normalise import clean
from bot.language.sensitive import mask
from bot.messages import Incoming
from bot.services import outbox, people, reads
from bot.services.tickets import photos
from bot.store.tables import Conversation, Outbound
from bot.web.stream import Said
from bot.wording import say

router = APIRouter()
HERE = Path(__file__).parent
templates = Jinja2Templates(HERE / "templates")
POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'"
"""Content-Security-Policy of every page of ours; who may frame it is said beside."""
VERSION = "5"
"""Of the page's script and style: a new one makes browsers fetch them anew."""

CHANNEL = "web"
PHOTO = "/api/chat/photo"
MOST_SEEN = 50
MOST_CHARACTERS = 4000
SENDER = re.compile(r"[A-Za-z0-9_-]{16,64}")
START = re.compile(r"[cx]-[A-Za-z0-9-]{1,60}")
MESSAGE_ID = re.compile(r"[A-Za-z0-9_.:-]{1,80}")


@router.get("/", response_class=HTMLResponse)
async def page(request: Request) -> HTMLResponse:
    """The chat. `?khoa=<course>` and `?xa=<commune code>` are read by the page, which passes them on as a first message."""
    settings = request.app.state.app.settings
    answer = templates.TemplateResponse(request, "chat.html", {"province": settings.province, "version": VERSION})
    answer.headers["Content-Security-Policy"] = f"{POLICY}; frame-ancestors {settings.embed_ancestors}"
    return answer


@router.get("/embed.js")
async def embed() -> FileResponse:
    """The script by which a portal opens the chat in a corner of its pages; docs/operations.md says how."""
    return FileResponse(HERE / "static" / "embed.js", media_type="text/javascript",
                        headers={"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"})


def refuse(status: int, key: str, **values: object) -> HTTPException:
    return HTTPException(status, say(key, **values))


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of the request. Raises 400 for anything else."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError, UnicodeDecodeError):
        body = None
    if not isinstance(body, dict):
        raise refuse(400, "bad_request")
    return body


def text_field(body: dict[str, Any], name: str) -> str:
    """A text field; "" when absent. Raises 400 for another type or for text that cannot be stored."""
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise refuse(400, "bad_request")
    try:
        value.encode()
    except UnicodeEncodeError as error:  # lone surrogates
        raise refuse(400, "bad_request") from error
    return value


def sender_of(given: str) -> str:
    """The sender id, checked; a new one when absent. Raises 400."""
    if not given:
        return secrets.token_urlsafe(24)
    if not SENDER.fullmatch(given):
        raise refuse(400, "bad_request")
    return given


@router.post("/api/chat")
async def talk(request: Request) -> dict[str, Any]:
    """One message in, its replies out; see design/contracts.md. `id` makes a repeated request harmless.

    start: instead of text or payload, what a link or QR code says ("c-<course>", "x-<commune>"); shown: the words on the
    button that was tapped, for other tabs of this sender.
    """
    state = request.app.state
    body = await body_of(request)
    text, button, ident = text_field(body, "text"), text_field(body, "payload"), text_field(body, "id")
    start, shown_text = text_field(body, "start"), text_field(body, "shown")
    sender = sender_of(text_field(body, "sender"))
    if len(text) > MOST_CHARACTERS:
        raise refuse(413, "too_long", most=MOST_CHARACTERS)
    if len(button) > 64 or not button.isprintable() or len(shown_text) > 200:
        raise refuse(400, "bad_request")
    if (ident and not MESSAGE_ID.fullmatch(ident)) or (start and not START.fullmatch(start)):
        raise refuse(400, "bad_request")
    if sum(map(bool, (clean(text), button, start))) != 1 or (text and (button or start)):
        raise refuse(400, "bad_request")
    limiter, rate = limits_of(state)
    if not limiter.hit(rate, sender):
        raise HTTPException(429, say("too_fast"), headers={"Retry-After": "60"})
    message = Incoming(CHANNEL, f"{sender}:{ident or uuid.uuid4().hex}"[:120], sender, text, button, start=start)
    stored = await state.gateway.accept(message)
    if ident:  # the other tabs of this sender; secrets are no more shown there than kept here
        state.streams.said(stored.conversation_id, ident, mask(clean(text or shown_text))[0])
    rows = await state.gateway.answer(stored, state.app.settings.reply_wait_seconds)
    if rows is None:
        return {"sender": sender, "pending": True,
                "messages": [{"text": waiting_words(text), "buttons": [], "image": None, "alt": None, "quick": False}]}
    return {"sender": sender, "pending": False, "messages": [shown(r) for r in rows]}


@router.post(PHOTO)
async def photo(request: Request, sender: str = "", id: str = "") -> dict[str, Any]:
    """A photo for the report that this sender is writing, or for the answer to an officer. The body is the file; `id` makes a repeat harmless.

    400 for what is no photo, 409 when no report is being written. What is kept is the picture alone, made smaller.
    """
    state = request.app.state
    if not SENDER.fullmatch(sender) or not MESSAGE_ID.fullmatch(id):
        raise refuse(400, "bad_request")
    limiter, rate = limits_of(state)
    if not limiter.hit(rate, sender):
        raise HTTPException(429, say("too_fast"), headers={"Retry-After": "60"})
    data = await request.body()
    if len(data) > photos.MOST_BYTES:
        raise refuse(413, "ticket_photo_bad")

    def keep() -> str | None:
        clean = photos.cleaned(data)
        app = state.app
        with app.database.write() as session:
            talk = session.get(Conversation, people.conversation_id(app.settings.key(), CHANNEL, sender))
            return photos.uploaded(session, talk, CHANNEL, f"{sender}:{id}", clean, app.clock()) if talk is not None else None

    try:
        said = await asyncio.to_thread(keep)
    except photos.Unusable as error:
        raise refuse(400, "ticket_photo_bad") from error
    if said is None:
        raise refuse(409, "ticket_photo_none")
    return {"text": said}


@router.post("/api/chat/seen", status_code=204)
async def seen(request: Request) -> None:
    """The page had these messages on the screen, of those that came by themselves. Unknown ids and other senders' are passed over."""
    state = request.app.state
    body = await body_of(request)
    sender, ids = text_field(body, "sender"), body.get("ids")
    if not SENDER.fullmatch(sender) or not isinstance(ids, list) or not 0 < len(ids) <= MOST_SEEN:
        raise refuse(400, "bad_request")
    if not all(type(one) is int and 0 < one < 2**63 for one in ids):
        raise refuse(400, "bad_request")
    limiter, rate = limits_of(state)
    if not limiter.hit(rate, "seen", sender):  # apart from what is said, which must not wait for this
        raise HTTPException(429, say("too_fast"), headers={"Retry-After": "60"})
    app = state.app
    await asyncio.to_thread(app.database.again, lambda session: reads.by_page(session, app.settings.key(), sender, ids, app.clock()))


def limits_of(state: Any) -> tuple[MovingWindowRateLimiter, RateLimitItemPerMinute]:
    """The rate limiter of this server; shared over Redis when REDIS_URL is set."""
    if not hasattr(state, "limiter"):
        settings = state.app.settings
        state.limiter = MovingWindowRateLimiter(storage_from_string(settings.redis_url or "memory://"))
        state.rate = RateLimitItemPerMinute(settings.chat_rate_per_minute)
    return state.limiter, state.rate


def shown(row: Outbound) -> dict[str, Any]:
    """An outbox row as the browser gets it."""
    return {"id": row.id, **content(row.body), **({"forget": True} if row.body.get("forget") else {})}


def content(body: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of a message."""
    buttons = [{"title": b["title"], "payload": b["payload"]} for b in body.get("buttons") or []]
    return {"buttons": buttons, **{k: body.get(k) for k in ("text", "image", "alt", "quick")}, **({"photo": True} if body.get("photo") else {})}


@router.get("/api/chat/events")
async def events(request: Request, sender: str = "", last_id: str = "", answers: bool = False) -> EventSourceResponse:
    """Messages that were not an answer, as server-sent events; resumes after Last-Event-ID (or last_id).

    answers: also what other tabs of this sender said (event "said": {id, text}) and were answered. own: we wrote of our own
    accord, and the page tells when it was looked at (/api/chat/seen).
    """
    if not SENDER.fullmatch(sender):
        raise refuse(400, "bad_request")
    resume = request.headers.get("last-event-id") or last_id
    if resume and not (resume.isdigit() and len(resume) <= 18):
        raise refuse(400, "bad_request")
    rows = request.app.state.streams.follow(sender, int(resume) if resume else None, answers)

    async def feed():
        async for row in rows:
            if isinstance(row, Said):
                yield {"event": "said", "data": json.dumps({"id": row.ident, "text": row.text}, ensure_ascii=False)}
                continue
            own = {"own": True} if row.kind not in outbox.ANSWERS else {}
            yield {"event": "message", "id": str(row.id), "data": json.dumps({**shown(row), **own}, ensure_ascii=False)}

    return EventSourceResponse(feed(), ping=15)
