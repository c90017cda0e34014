"""A stand-in for bot-api.zaloplatforms.com on loopback: the methods, limits and errors of shared/protocols/zalo_bot.md.

    with ZaloBotStandIn(token="1:a") as api:
        settings = Settings(zalo_bot_token="1:a", zalo_bot_api_url=api.url)
        api.user_says("u1", "xin chào")

It hands out one update at a time and forgets it at once, says 408 when there is none, refuses getUpdates while a webhook is
set, and refuses webhooks on private addresses, as the real one does. It delivers no webhooks by itself: deliver() posts one.
"""

import asyncio
import ipaddress
import json
import threading
import time
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from tests.patience import HTTP_SECONDS
from tests.standins.serving import Serving

LOOK_SECONDS = 0.01
HANG_SECONDS = 20
SENT_AT = 1750316131602
"""Milliseconds: 19 June 2025, 06:55:31 UTC."""
KINDS = ("ok", "400", "403", "404", "408", "429", "500", "timeout", "disconnect", "garbage", "not_ok", "other_page")
METHODS = ("getMe", "getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo", "sendMessage", "sendPhoto", "sendSticker", "sendChatAction",
           "sendVoice")


class Sent(NamedTuple):
    """A message of the bot as the citizen sees it. photo: the address of a picture, "" for a text."""

    chat: str
    text: str
    photo: str
    message_id: str


class Refused(Exception):
    """An answer that is not ok. status: of HTTP, where it is not the code."""

    def __init__(self, code: int, description: str, status: int = 0):
        self.code, self.description, self.status = code, description, status or code
        super().__init__(description)


def update(event: str, chat: str, message_id: str = "m1", chat_type: str = "PRIVATE", sender: dict[str, Any] | None = None,
           **content: Any) -> dict[str, Any]:
    """One event in its bare form."""
    return {"event_name": event, "message": {
        "message_id": message_id, "date": SENT_AT, "chat": {"id": chat, "chat_type": chat_type},
        "from": sender or {"id": chat, "display_name": "An", "is_bot": False}, **content}}


def wrapped(one: dict[str, Any]) -> dict[str, Any]:
    """The documented form of a webhook body."""
    return {"ok": True, "result": one}


class ZaloBotStandIn(Serving):
    """The server, in a thread of its own while the context lasts.

    sent, actions (chat, action), calls (method, fields): what arrived. quota: messages left this month, None: any number.
    broken_urls: pictures that cannot be fetched. as_list: getUpdates hands out a list, as some clients have seen.
    """

    def __init__(self, token: str = "4711:a"):
        self.token, self.account_name = token, "bot.thu"
        self.sent: list[Sent] = []
        self.actions: list[tuple[str, str]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.broken_urls: set[str] = set()
        self.quota: int | None = None
        self.retry_after: str | None = None
        self.as_list = False
        self.webhook_url, self.webhook_secret = "", ""
        self.pending: list[dict[str, Any]] = []
        self._failures: list[tuple[str, str | None]] = []
        self._chats: set[str] = set()
        self._ids = count(1)
        self._lock = threading.RLock()

    # what a test does

    def meet(self, chat: str) -> None:
        """The chat exists: its citizen has written to the bot before."""
        self._chats.add(chat)

    def user_says(self, chat: str, text: str, **more: Any) -> str:
        """The citizen types; returns the message id."""
        return self.add("message.text.received", chat, text=text, **more)

    def add(self, event: str, chat: str, **content: Any) -> str:
        """Any event for getUpdates; returns the message id."""
        with self._lock:
            self._chats.add(chat)
            ident = content.pop("message_id", None) or f"m{next(self._ids)}"
            self.pending.append(update(event, chat, ident, **{"date": int(time.time() * 1000), **content}))
            return ident

    def leave(self, chat: str) -> None:
        """The chat is no more."""
        self._chats.discard(chat)

    def fail_next(self, n: int, kind: str, method: str | None = None) -> None:
        """The next n requests (of a method) fail; ok lets them through, so that a later one fails.

        timeout does what was asked for and then never answers; disconnect is cut in the answer; garbage is HTTP 200 without
        JSON, other_page a 404 without JSON, not_ok HTTP 200 with ok false; the numbers are the platform's own error codes.
        """
        if kind not in KINDS:
            raise ValueError(kind)
        with self._lock:
            self._failures += [(kind, method)] * n

    def deliver(self, url: str, body: Any, secret: str | None = None, **options: Any) -> httpx.Response:
        """Posts a webhook as the platform does; secret: the one set by setWebhook where none is given."""
        given = self.webhook_secret if secret is None else secret
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.post(url, content=content, timeout=HTTP_SECONDS, headers={"X-Bot-Api-Secret-Token": given, "Content-Type": "application/json"}, **options)

    def methods(self) -> list[str]:
        """The methods called so far."""
        return [method for method, _ in self.calls]

    # what the bot does

    def _app(self) -> FastAPI:
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

        @app.post("/{bot}/{method}")
        async def call(bot: str, method: str, request: Request) -> Response:
            try:
                fields = json.loads(await request.body())
            except ValueError:
                fields = None
            if bot != f"bot{self.token}":
                return self._refusal(Refused(401, "Unauthorized"))
            if not isinstance(fields, dict) or request.headers.get("content-type") != "application/json":
                return self._refusal(Refused(400, "Bad Request: JSON expected"))
            with self._lock:
                self.calls.append((method, fields))
                failure = next((f for f in self._failures if f[1] in (None, method)), None)
                if failure:
                    self._failures.remove(failure)
            kind = failure[0] if failure else "ok"
            if kind not in ("ok", "timeout"):
                return self._failed(kind)
            try:
                result = await self._do(method, fields, request)
            except Refused as refused:
                return self._refusal(refused)
            if kind == "timeout":
                await self._until(request, HANG_SECONDS, lambda: False)
            return JSONResponse({"ok": True, "result": result})

        return app

    def _failed(self, kind: str) -> Response:
        match kind:
            case "500":
                return Response("<html>Internal Server Error</html>", 500)
            case "disconnect":  # less than promised makes the server cut the connection
                return StreamingResponse(iter([b'{"ok":']), headers={"content-length": "1000"}, media_type="application/json")
            case "not_ok":
                return JSONResponse({"ok": False, "description": "Internal"})
            case "garbage":
                return Response("<html>a page of some proxy</html>")
            case "other_page":
                return Response("<html>Not Found</html>", 404)
            case "403":
                return self._refusal(Refused(403, "Internal server error"))
            case "408":
                return self._refusal(Refused(408, "Request timeout", status=200))
        return self._refusal(Refused(int(kind), {"400": "Bad request", "404": "Not Found", "429": "Quota exceeded"}[kind]))

    def _refusal(self, refused: Refused) -> JSONResponse:
        headers = {"Retry-After": self.retry_after} if refused.code == 429 and self.retry_after is not None else None
        return JSONResponse({"ok": False, "error_code": refused.code, "description": refused.description}, refused.status, headers=headers)

    async def _do(self, method: str, fields: dict[str, Any], request: Request) -> Any:
        if method not in METHODS:
            raise Refused(404, "Not Found")
        if method == "getUpdates":
            return await self._get_updates(fields, request)
        do = {"getMe": self._get_me, "setWebhook": self._set_webhook, "deleteWebhook": self._delete_webhook, "getWebhookInfo": self._webhook_info,
              "sendMessage": self._send_message, "sendPhoto": self._send_photo, "sendChatAction": self._send_action}.get(method)
        if do is None:
            raise NotImplementedError(f"the channel has no use for {method}")
        with self._lock:
            return do(fields)

    def _get_me(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"id": self.token.partition(":")[0], "account_name": self.account_name, "account_type": "BASIC", "can_join_groups": False}

    async def _get_updates(self, fields: dict[str, Any], request: Request) -> Any:
        """One update, handed out for good: there is no offset and no acknowledgement."""
        if self.webhook_url:
            raise Refused(400, "Bad Request: a webhook is set")
        await self._until(request, float(fields.get("timeout", 30)), lambda: bool(self.pending) or bool(self.webhook_url))
        with self._lock:
            if self.webhook_url:
                raise Refused(400, "Bad Request: a webhook is set")
            if not self.pending or await request.is_disconnected():
                raise Refused(408, "Request timeout")
            found = self.pending.pop(0)
        return [found] if self.as_list else found

    async def _until(self, request: Request, seconds: float, met: Any) -> None:
        """Until it is met, the time is over, the client is gone or the server stops."""
        end = time.monotonic() + seconds
        while not met() and time.monotonic() < end and not self._uvicorn.should_exit and not await request.is_disconnected():
            await asyncio.sleep(LOOK_SECONDS)

    def _send_message(self, fields: dict[str, Any]) -> dict[str, Any]:
        text = fields.get("text")
        if not isinstance(text, str) or not 1 <= len(text) <= 2000 or not text.strip():
            raise Refused(400, "Bad Request: text has 1 to 2000 characters")
        return self._sent(fields, text, "")

    def _send_photo(self, fields: dict[str, Any]) -> dict[str, Any]:
        url, caption = fields.get("photo", ""), fields.get("caption", "")
        if not url.startswith(("http://", "https://")) or url in self.broken_urls or len(caption) > 2000:
            raise Refused(400, "Bad Request: photo")
        return self._sent(fields, caption, url)

    def _send_action(self, fields: dict[str, Any]) -> bool:
        if fields.get("action") != "typing":
            raise Refused(400, "Bad Request: action")
        self.actions.append((self._chat(fields), "typing"))
        return True

    def _sent(self, fields: dict[str, Any], text: str, photo: str) -> dict[str, Any]:
        odd = fields.keys() - {"chat_id", "text", "photo", "caption", "parse_mode", "text_styles"}
        if odd or fields.get("parse_mode") not in (None, "markdown", "html"):
            raise Refused(400, f"Bad Request: {sorted(odd)}")
        chat = self._chat(fields)
        if self.quota is not None:
            if self.quota <= 0:
                raise Refused(429, "Quota exceeded")
            self.quota -= 1
        ident = f"s{next(self._ids)}"
        self.sent.append(Sent(chat, text, photo, ident))
        return {"message_id": ident, "date": SENT_AT}

    def _chat(self, fields: dict[str, Any]) -> str:
        chat = fields.get("chat_id")
        if not isinstance(chat, str) or chat not in self._chats:
            raise Refused(404, "Not Found: chat")
        return chat

    def _set_webhook(self, fields: dict[str, Any]) -> dict[str, Any]:
        url, secret = fields.get("url", ""), fields.get("secret_token", "")
        host = urlsplit(url).hostname or ""
        if urlsplit(url).scheme != "https" or host == "localhost" or _private(host):
            raise Refused(400, "Bad Request: a public HTTPS address is needed")
        if not 8 <= len(secret) <= 256:
            raise Refused(400, "Bad Request: the secret has 8 to 256 characters")
        self.webhook_url, self.webhook_secret = url, secret
        return {"url": url, "updated_at": 1750316131602}

    def _delete_webhook(self, _: dict[str, Any]) -> dict[str, Any]:
        self.webhook_url = self.webhook_secret = ""
        return {"url": "", "updated_at": 1750316131602}

    def _webhook_info(self, _: dict[str, Any]) -> dict[str, Any]:
        if not self.webhook_url:
            raise Refused(404, "Not Found")
        return {"url": self.webhook_url, "updated_at": 1750316131602}


def _private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
