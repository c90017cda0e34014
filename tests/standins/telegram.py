"""A stand-in for api.telegram.org on loopback: the methods, limits and errors of shared/protocols/telegram.md.

    with TelegramStandIn(token="1:a") as api:
        settings = Settings(telegram_token="1:a", telegram_api_url=api.url)
        api.user_says(7, "xin chào")

It counts in UTF-16 units, un-escapes HTML, confirms updates by offset and ends the older of two pollers, as the real one
does. It delivers no webhooks: a set webhook only makes getUpdates answer 409.
"""

import asyncio
import html
import json
import re
import threading
import time
from email.parser import BytesParser
from email.policy import HTTP
from html.parser import HTMLParser
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from tests.standins.serving import Serving

BOT = {"id": 999, "is_bot": True, "first_name": "Stub", "username": "stub_bot"}
TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "tg-spoiler", "a", "code", "pre", "blockquote"}
LOOK_SECONDS = 0.01
HANG_SECONDS = 20
KINDS = ("ok", "429", "500", "timeout", "disconnect", "garbage", "not_ok", "migrate")


class Sent(NamedTuple):
    """A message of the bot as the citizen sees it. keyboard: rows of {"text", "callback_data"}, None without one."""

    chat: int
    text: str
    keyboard: list[list[dict[str, str]]] | None
    message_id: int


class Refused(Exception):
    """An answer that is not ok."""

    def __init__(self, code: int, description: str, **parameters: Any):
        self.code, self.description, self.parameters = code, description, parameters
        super().__init__(description)


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


class _Html(HTMLParser):
    """Reads Telegram's HTML. Strict where Telegram is: unknown or unclosed tags; only four named entities."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.text, self._open = "", list[str]()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in TAGS:
            raise Refused(400, f'Bad Request: can\'t parse entities: unsupported start tag "{tag}"')
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            raise Refused(400, "Bad Request: can't parse entities: unexpected end tag")

    def handle_data(self, data: str) -> None:
        if "<" in data:
            raise Refused(400, "Bad Request: can't parse entities: unclosed start tag")
        self.text += data

    def handle_entityref(self, name: str) -> None:
        self.text += html.unescape(f"&{name};") if name in ("lt", "gt", "amp", "quot") else f"&{name};"

    def handle_charref(self, name: str) -> None:
        self.text += html.unescape(f"&#{name};")

    def _odd(self, data: str) -> None:
        raise Refused(400, "Bad Request: can't parse entities: unsupported start tag")

    handle_comment = handle_decl = handle_pi = unknown_decl = _odd

    def read(self, text: str) -> str:
        self.feed(text)
        if "<" in self.rawdata:
            raise Refused(400, "Bad Request: can't parse entities: unclosed start tag")
        self.close()
        if self._open:
            raise Refused(400, "Bad Request: can't parse entities: can't find end tag")
        return self.text


class TelegramStandIn(Serving):
    """The server, in a thread of its own while the context lasts.

    sent, photos (chat, url or bytes, message id), answered (callback ids), menus (language -> commands), calls (method, fields):
    what arrived. chat_burst: messages one chat may get at once before 429, refilled by one a second.
    """

    def __init__(self, token: str = "1:a", chat_burst: float = 5, retry_after_seconds: int = 3):
        self.token, self.chat_burst, self.retry_after_seconds = token, chat_burst, retry_after_seconds
        self.sent: list[Sent] = []
        self.photos: list[tuple[int, str | bytes, int]] = []
        self.answered: list[str] = []
        self.menus: dict[str, list[dict[str, str]]] = {}
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.broken_urls: set[str] = set()
        self.written: dict[int, int] = {}  # the id of the newest message of each citizen
        self.webhook_url, self.webhook_secret = "", ""
        self.pending: list[dict[str, Any]] = []
        self._allowed: list[str] | None = None
        self._failures: list[tuple[str, str | None]] = []
        self._chats: set[int] = set()
        self._blocked: set[int] = set()
        self._keyboards: dict[tuple[int, int], Any] = {}
        self._queries: dict[str, bool] = {}
        self._budgets: dict[int, tuple[float, float]] = {}
        self._poller = 0
        self._update_ids, self._message_ids, self._query_ids = count(1000), count(1), count(1)
        self._lock = threading.RLock()

    # what a test does

    def meet(self, chat: int) -> None:
        """The chat exists: its citizen has opened the bot."""
        self._chats.add(chat)

    def user_says(self, chat: int, text: str) -> int:
        """The citizen types; returns the update id. Writing again unblocks the bot."""
        command = re.match(r"/[A-Za-z0-9_@]+", text)
        entities = [{"type": "bot_command", "offset": 0, "length": command.end()}] if command else []
        return self._user_sends(chat, text=text, **({"entities": entities} if entities else {}))

    def user_edits(self, chat: int, message_id: int, text: str) -> int:
        """The citizen changes what they typed; returns the update id."""
        return self.add("edited_message", {"message_id": message_id, "date": int(time.time()), "edit_date": int(time.time()), "chat": _private(chat),
                                           "from": _person(chat), "text": text})

    def user_sends_photo(self, chat: int, **more: Any) -> int:
        return self._user_sends(chat, photo=[{"file_id": "f", "file_unique_id": "u", "width": 90, "height": 60}], **more)

    def user_taps(self, chat: int, message_id: int, data: str) -> str:
        """The citizen taps a button; returns the id of the callback query."""
        query = f"q{next(self._query_ids)}"
        with self._lock:
            self._queries[query] = True
            self.add("callback_query", {"id": query, "chat_instance": "x", "data": data, "from": _person(chat),
                                        "message": {"message_id": message_id, "date": 1700000000, "chat": _private(chat), "from": BOT}})
        return query

    def taps_grow_old(self) -> None:
        """Queries not answered so far are too old now."""
        with self._lock:
            self._queries = dict.fromkeys(self._queries, False)

    def block(self, chat: int) -> None:
        with self._lock:
            self._blocked.add(chat)
            old, new = ({"user": BOT, "status": status} for status in ("member", "kicked"))
            self.add("my_chat_member", {"chat": _private(chat), "from": _person(chat), "date": int(time.time()),
                                        "old_chat_member": old, "new_chat_member": {**new, "until_date": 0}})

    def fail_next(self, n: int, kind: str, method: str | None = None) -> None:
        """The next n requests (of a method) fail; ok lets them through, so that a later one fails.

        429, 500 (no JSON), disconnect (cut in the answer), garbage (200, no JSON), not_ok (200 with ok false) and migrate
        do nothing; timeout does what was asked for, and then never answers.
        """
        if kind not in KINDS:
            raise ValueError(kind)
        with self._lock:
            self._failures += [(kind, method)] * n

    def add(self, kind: str, content: dict[str, Any]) -> int:
        """Any update; returns its id. Dropped when allowed_updates, set earlier, leaves its kind out."""
        with self._lock:
            ident = next(self._update_ids)
            if not self._allowed or kind in self._allowed:
                self.pending.append({"update_id": ident, kind: content})
            return ident

    def methods(self) -> list[str]:
        """The methods called so far."""
        return [method for method, _ in self.calls]

    # what the bot does

    def _app(self) -> FastAPI:
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

        @app.post("/{bot}/{method}")
        async def call(bot: str, method: str, request: Request) -> Response:
            fields = await _fields(request)
            if bot != f"bot{self.token}":
                return _refusal(Refused(401, "Unauthorized"))
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
                return _refusal(refused)
            if kind == "timeout":
                await self._until(request, HANG_SECONDS, lambda: False)
            return JSONResponse({"ok": True, "result": result})

        return app

    def _failed(self, kind: str) -> Response:
        match kind:
            case "429":
                return _refusal(self._too_many())
            case "500":
                return Response("<html>Internal Server Error</html>", 500)
            case "disconnect":  # less than promised makes the server cut the connection
                return StreamingResponse(iter([b'{"ok":']), headers={"content-length": "1000"}, media_type="application/json")
            case "not_ok":
                return JSONResponse({"ok": False, "description": "Internal"})
            case "migrate":
                return _refusal(Refused(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1001))
        return Response("<html>a page of some proxy</html>")

    async def _do(self, method: str, fields: dict[str, str], request: Request) -> Any:
        if method == "getUpdates":
            return await self._get_updates(fields, request)
        do = {"getMe": lambda _: BOT, "sendMessage": self._send_message, "sendPhoto": self._send_photo,
              "editMessageReplyMarkup": self._edit_keyboard, "answerCallbackQuery": self._answer, "setMyCommands": self._set_menu,
              "setWebhook": self._set_webhook, "deleteWebhook": self._delete_webhook, "getWebhookInfo": self._webhook_info}.get(method)
        if do is None:
            raise Refused(404, "Not Found")
        with self._lock:
            return do(fields)

    async def _get_updates(self, fields: dict[str, str], request: Request) -> list[dict[str, Any]]:
        offset, limit = int(fields.get("offset") or 0), int(fields.get("limit") or 100)
        with self._lock:
            self._refuse_while_webhook()
            self._poller += 1
            me = self._poller
            if "allowed_updates" in fields:
                self._allowed = json.loads(fields["allowed_updates"])
            if offset < 0:
                self.pending = self.pending[offset:]
            else:
                self.pending = [u for u in self.pending if u["update_id"] >= offset]
        await self._until(request, float(fields.get("timeout") or 0),
                          lambda: bool(self.pending) or self._poller != me or bool(self.webhook_url))
        with self._lock:
            self._refuse_while_webhook()
            if self._poller != me:
                raise Refused(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
            return self.pending[:max(1, min(limit, 100))]

    def _refuse_while_webhook(self) -> None:
        if self.webhook_url:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first")

    async def _until(self, request: Request, seconds: float, met: Any) -> None:
        """Until it is met, the time is over, the client is gone or the server stops."""
        end = time.monotonic() + seconds
        while not met() and time.monotonic() < end and not self._uvicorn.should_exit and not await request.is_disconnected():
            await asyncio.sleep(LOOK_SECONDS)

    def _send_message(self, fields: dict[str, str]) -> dict[str, Any]:
        text = fields.get("text", "")
        if fields.get("parse_mode") == "HTML":
            text = _Html().read(text)
        elif fields.get("parse_mode"):
            raise Refused(400, "Bad Request: unsupported parse_mode")
        text = text.strip()
        if not text:
            raise Refused(400, "Bad Request: message text is empty")
        if units(text) > 4096:
            raise Refused(400, "Bad Request: message is too long")
        rows = _keyboard(fields)
        chat = self._admit(fields)
        ident = next(self._message_ids)
        self._keyboards[chat, ident] = rows
        self.sent.append(Sent(chat, text, rows, ident))
        return {"message_id": ident, "date": 1700000000, "chat": _private(chat), "from": BOT, "text": text}

    def _send_photo(self, fields: dict[str, str]) -> dict[str, Any]:
        url = fields.get("photo", "")
        if isinstance(url, bytes):
            if not url.startswith((b"\x89PNG", b"\xff\xd8")) or len(url) > 10 * 1024 * 1024:
                raise Refused(400, "Bad Request: IMAGE_PROCESS_FAILED")
        elif not url.startswith(("http://", "https://")) or url in self.broken_urls:
            raise Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
        rows = _keyboard(fields)
        chat = self._admit(fields)
        ident = next(self._message_ids)
        self._keyboards[chat, ident] = rows
        self.photos.append((chat, url, ident))
        return {"message_id": ident, "date": 1700000000, "chat": _private(chat), "from": BOT,
                "photo": [{"file_id": "f", "file_unique_id": "u", "width": 90, "height": 60}]}

    def _admit(self, fields: dict[str, str]) -> int:
        """The chat, which exists, has not blocked the bot and has not got too much."""
        given = fields.get("chat_id", "")
        if not given:
            raise Refused(400, "Bad Request: chat_id is empty")
        if not re.fullmatch(r"-?\d+", given) or int(given) not in self._chats:
            raise Refused(400, "Bad Request: chat not found")
        chat = int(given)
        if chat in self._blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        now = time.monotonic()
        left, at = self._budgets.get(chat, (self.chat_burst, now))
        left = min(self.chat_burst, left + now - at)
        if left < 1:
            raise self._too_many()
        self._budgets[chat] = (left - 1, now)
        return chat

    def _too_many(self) -> Refused:
        return Refused(429, f"Too Many Requests: retry after {self.retry_after_seconds}", retry_after=self.retry_after_seconds)

    def _edit_keyboard(self, fields: dict[str, str]) -> dict[str, Any]:
        key = int(fields["chat_id"]), int(fields["message_id"])
        if key not in self._keyboards:
            raise Refused(400, "Bad Request: message to edit not found")
        rows = _keyboard(fields)
        if rows == self._keyboards[key]:
            raise Refused(400, "Bad Request: message is not modified")
        self._keyboards[key] = rows
        return {"message_id": key[1], "date": 1700000000, "chat": _private(key[0]), "from": BOT, "text": "?"}

    def _answer(self, fields: dict[str, str]) -> bool:
        query = fields.get("callback_query_id", "")
        if not self._queries.get(query):
            raise Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self._queries[query] = False
        self.answered.append(query)
        return True

    def _set_menu(self, fields: dict[str, str]) -> bool:
        commands, language = json.loads(fields["commands"]), fields.get("language_code", "")
        if language and not re.fullmatch("[a-z]{2}", language):
            raise Refused(400, "Bad Request: invalid language code specified")
        if len(commands) > 100 or any(not re.fullmatch("[a-z0-9_]{1,32}", c["command"]) or not 1 <= len(c["description"]) <= 256
                                      for c in commands):
            raise Refused(400, "Bad Request: BOT_COMMAND_INVALID")
        self.menus[language] = commands
        return True

    def _set_webhook(self, fields: dict[str, str]) -> bool:
        if not re.fullmatch("[A-Za-z0-9_-]{0,256}", fields.get("secret_token", "")):
            raise Refused(400, "Bad Request: secret token contains unallowed characters")
        if fields.get("url") and not fields["url"].startswith("https://"):
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook_url, self.webhook_secret = fields.get("url", ""), fields.get("secret_token", "")
        if "allowed_updates" in fields:
            self._allowed = json.loads(fields["allowed_updates"])
        if fields.get("drop_pending_updates") == "true":
            self.pending.clear()
        return True

    def _delete_webhook(self, fields: dict[str, str]) -> bool:
        return self._set_webhook({**fields, "url": "", "secret_token": ""})

    def _webhook_info(self, _: dict[str, str]) -> dict[str, Any]:
        return {"url": self.webhook_url, "has_custom_certificate": False, "pending_update_count": len(self.pending),
                **({"allowed_updates": self._allowed} if self._allowed else {})}

    def _user_sends(self, chat: int, **content: Any) -> int:
        with self._lock:
            self._chats.add(chat)
            self._blocked.discard(chat)
            self.written[chat] = next(self._message_ids)
            return self.add("message", {"message_id": self.written[chat], "date": int(time.time()), "chat": _private(chat),
                                        "from": _person(chat), **content})


async def _fields(request: Request) -> dict[str, Any]:
    """The fields of a form of either encoding; a file's are its bytes."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parts = BytesParser(policy=HTTP).parsebytes(head + await request.body()).iter_parts()
    return {part.get_param("name", header="content-disposition"):
            part.get_payload(decode=True) if part.get_filename() else part.get_payload(decode=True).decode() for part in parts}


def _person(chat: int) -> dict[str, Any]:
    return {"id": chat, "is_bot": False, "first_name": "An", "language_code": "vi"}


def _private(chat: int) -> dict[str, Any]:
    return {"id": chat, "type": "private", "first_name": "An"}


def _keyboard(fields: dict[str, str]) -> list[list[dict[str, str]]] | None:
    """The rows of an inline keyboard, checked."""
    if "reply_markup" not in fields:
        return None
    rows = json.loads(fields["reply_markup"])["inline_keyboard"]
    if len(rows) and (sum(map(len, rows)) > 100 or max(map(len, rows)) > 8):
        raise Refused(400, "Bad Request: reply markup is too long")
    for button in (b for row in rows for b in row):
        if not button.get("text"):
            raise Refused(400, "Bad Request: text buttons are unallowed in the inline keyboard")
        if not 1 <= len(button.get("callback_data", "").encode()) <= 64:
            raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    return rows


def _refusal(refused: Refused) -> JSONResponse:
    body = {"ok": False, "error_code": refused.code, "description": refused.description}
    return JSONResponse({**body, "parameters": refused.parameters} if refused.parameters else body, refused.code)
