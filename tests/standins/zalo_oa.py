"""A stand-in for Zalo's Official Account API, token server and webhook on loopback (shared/protocols/zalo_oa.md).

    with ZaloOaStandIn() as api:
        settings = Settings(**api.settings())
        raw, header = api.signed(api.text("111", "xin chào"))

Errors come with HTTP 200, refresh tokens work once, the old access token dies when a new one is given, a consultation
message needs a citizen who wrote within seven days. Whatever the sheet does not name gets 404, and is noted in `calls`.
"""

import asyncio
import hashlib
import hmac
import json
import threading
import time
from email.parser import BytesParser
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from tests.patience import HTTP_SECONDS
from tests.standins.serving import Serving

OA = "333"
HOUR = 3600.0
LOOK_SECONDS = 0.01
HANG_SECONDS = 20
MOST_CHARACTERS, MOST_BUTTONS, MOST_TITLE, MOST_PAYLOAD = 2000, 5, 35, 1000
MOST_IMAGE_BYTES = 1_000_000
KINDS = ("ok", "429", "500", "502", "timeout", "disconnect", "garbage", "list")
MESSAGE, TEMPLATE, UPLOAD, TOKEN = "/v3.0/oa/message/cs", "/v3.0/oa/message/template", "/v2.0/oa/upload/image", "/v4/oa/access_token"
TYPES = {"oa.query.show", "oa.query.hide", "oa.open.url", "oa.open.phone", "oa.open.sms"}


class Sent(NamedTuple):
    """A message as the citizen sees it. buttons: {"title", "type", "payload"}; picture: a URL or attachment id, "" without one."""

    user: str
    text: str
    buttons: list[dict[str, Any]]
    picture: str
    message_id: str


class Refused(Exception):
    """An answer with an error code."""

    def __init__(self, code: int, message: str = "refused"):
        self.code, self.message = code, message
        super().__init__(message)


class ZaloOaStandIn(Serving):
    """The servers, in a thread while the context lasts.

    sent, templates (user, template_id, data), uploads (attachment id -> bytes), calls (path, body), charged (message ids
    outside 48 hours): what arrived. refusals: user id -> the code they always get. proof: the app's option to check appsecret_proof.
    """

    def __init__(self, app_id: str = "360846524940903967", secret: str = "oa-secret-key-EXAMPLE", app_secret: str = "app-secret-EXAMPLE",
                 refresh_token: str = "refresh-token-EXAMPLE", proof: bool = False):
        self.app_id, self.secret, self.app_secret, self.proof = app_id, secret, app_secret, proof
        self.refresh_token = self.first_refresh_token = refresh_token
        self.access_token = ""
        self.expires_in: Any = "90000"
        self.sent: list[Sent] = []
        self.templates: list[tuple[str, str, dict[str, str]]] = []
        self.approved: dict[str, set[str]] = {}
        self.uploads: dict[str, bytes] = {}
        self.calls: list[tuple[str, Any]] = []
        self.charged: list[str] = []
        self.refusals: dict[str, int] = {}
        self.broken_urls: set[str] = set()
        self._uploaded: dict[str, float] = {}
        self._expires_at, self._ahead = 0.0, 0.0
        self._seen: dict[str, float] = {}
        self._used: set[str] = set()
        self._failures: list[tuple[str | int, str | None]] = []
        self._ids = count(1)
        self._lock = threading.RLock()

    # what a test does

    def settings(self, **more: Any) -> dict[str, Any]:
        """The bot's settings for this OA."""
        return {"zalo_oa_app_id": self.app_id, "zalo_oa_secret_key": self.secret, "zalo_oa_app_secret": self.app_secret,
                "zalo_oa_refresh_token": self.first_refresh_token, "zalo_oa_api_url": self.url, "zalo_oauth_url": self.url, **more}

    def now(self) -> float:
        """Zalo's clock, seconds since 1970."""
        return time.time() + self._ahead

    def forward(self, hours: float) -> None:
        """Zalo's clock goes on by so much."""
        self._ahead += hours * HOUR

    def meet(self, user: str, hours_ago: float = 0.0) -> None:
        """The citizen wrote to the OA so long ago."""
        self._seen[user] = self.now() - hours_ago * HOUR

    def fail_next(self, n: int, kind: str | int, path: str | None = None) -> None:
        """The next n calls (to a path) fail; ok lets them through, so that a later one fails. An int is Zalo's error code.

        429, 500, 502, disconnect (cut in the answer), garbage (200, no JSON), list (200, JSON of another shape) do nothing;
        timeout does what was asked for, and then never answers.
        """
        if kind not in KINDS and not isinstance(kind, int):
            raise ValueError(kind)
        with self._lock:
            self._failures += [(kind, path)] * n

    def revoke(self) -> None:
        """The access token dies before its time."""
        self.access_token = "revoked"

    def use_up(self) -> None:
        """The refresh token is used by somebody whose answer is lost: the bot as it was killed."""
        with self._lock:
            self._renew(self.refresh_token)

    def paths(self) -> list[str]:
        return [path for path, _ in self.calls]

    # events

    def event(self, name: str, user: str, **more: Any) -> dict[str, Any]:
        """An event of a citizen, who has thereby interacted."""
        self.meet(user)
        return {"app_id": self.app_id, "sender": {"id": user}, "user_id_by_app": "222", "recipient": {"id": OA}, "event_name": name,
                **more, "timestamp": self._stamp()}

    def text(self, user: str, text: str, msg_id: str | None = None) -> dict[str, Any]:
        return self.event("user_send_text", user, message={"text": text, "msg_id": msg_id or f"m{next(self._ids)}"})

    def media(self, user: str, kind: str, payload: dict[str, Any], **message: Any) -> dict[str, Any]:
        """user_send_<kind> with one attachment."""
        return self.event(f"user_send_{kind}", user, message={"msg_id": f"m{next(self._ids)}", **message,
                                                               "attachments": [{"type": kind, "payload": payload}]})

    def relation(self, name: str, user: str) -> dict[str, Any]:
        """follow or unfollow."""
        if name == "follow":
            self.meet(user)
        return {"app_id": self.app_id, "oa_id": OA, "user_id_by_app": "222", "follower": {"id": user}, "event_name": name,
                "source": "oa_profile", "timestamp": self._stamp()}

    def echo(self, user: str, text: str, **sender: str) -> dict[str, Any]:
        """What the OA sent, told back; with admin_id when a person wrote it."""
        return {"app_id": self.app_id, "sender": {"id": OA, **sender}, "recipient": {"id": user}, "event_name": "oa_send_text",
                "message": {"text": text, "msg_id": f"m{next(self._ids)}"}, "timestamp": self._stamp()}

    def receipt(self, name: str, user: str, **message: Any) -> dict[str, Any]:
        return {"app_id": self.app_id, "sender": {"id": OA}, "recipient": {"id": user}, "event_name": name, "message": message,
                "timestamp": self._stamp()}

    def person(self, user: str, text: str) -> dict[str, Any]:
        """The echo of what somebody of the OA's staff has written in Zalo's own window."""
        return {**self.event("oa_send_text", user, message={"text": text, "msg_id": f"p{next(self._ids)}"}),
                "sender": {"id": OA, "admin_id": "777"}, "recipient": {"id": user}}

    def chatnow(self, user: str) -> dict[str, Any]:
        """The citizen pressed "Nhắn tin" on the OA's page."""
        return {"app_id": self.app_id, "oa_id": OA, "user_id": user, "user_id_by_app": "222", "event_name": "user_click_chatnow", "timestamp": self._stamp()}

    def signed(self, event: Any, escaped: bool = False) -> tuple[bytes, str]:
        """(body, value of X-ZEvent-Signature). escaped: slashes and letters beyond ASCII are escaped, as some of Zalo's servers do."""
        raw = json.dumps(event, ensure_ascii=escaped, separators=(",", ":"))
        body = (raw.replace("/", "\\/") if escaped else raw).encode()
        stamp = event.get("timestamp", "") if isinstance(event, dict) else ""
        return body, "mac=" + hashlib.sha256(self.app_id.encode() + body + str(stamp).encode() + self.secret.encode()).hexdigest()

    def post(self, url: str, event: dict[str, Any]) -> httpx.Response:
        """Delivers an event to the bot, as Zalo does."""
        body, header = self.signed(event)
        return httpx.post(url, content=body, timeout=HTTP_SECONDS, headers={"Content-Type": "application/json", "X-ZEvent-Signature": header})

    def _stamp(self) -> str:
        return str(int(self.now() * 1000))

    # what the bot does

    def _app(self) -> FastAPI:
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

        @app.api_route("/{path:path}", methods=["GET", "POST"])
        async def call(path: str, request: Request) -> Response:
            raw, path = await request.body(), "/" + path
            with self._lock:
                self.calls.append((path, _content(request, raw)))
                failure = next((f for f in self._failures if f[1] in (None, path)), None)
                if failure:
                    self._failures.remove(failure)
            kind = failure[0] if failure else "ok"
            if isinstance(kind, int):
                return JSONResponse({"error": kind, "message": "as the test asks"})
            if kind not in ("ok", "timeout"):
                return _failed(kind)
            try:
                with self._lock:
                    result = self._do(path, request, raw)
            except Refused as refused:
                result = {"error": refused.code, "message": refused.message}
            if result is None:
                return JSONResponse({"error": -1, "message": "empty api"}, 404)
            if kind == "timeout":
                await self._hang(request)
            return JSONResponse(result)

        return app

    async def _hang(self, request: Request) -> None:
        end = time.monotonic() + HANG_SECONDS
        while time.monotonic() < end and not self._uvicorn.should_exit and not await request.is_disconnected():
            await asyncio.sleep(LOOK_SECONDS)

    def _do(self, path: str, request: Request, raw: bytes) -> dict[str, Any] | None:
        if path == TOKEN and request.method == "POST":
            return self._token(request, raw)
        do = {(MESSAGE, "POST"): self._message, (TEMPLATE, "POST"): self._template, (UPLOAD, "POST"): self._upload}.get((path, request.method))
        if do is None:
            return None
        self._authorised(request)
        return {"error": 0, "message": "Success", "data": do(request, raw)}

    def _token(self, request: Request, raw: bytes) -> dict[str, Any]:
        fields = dict(parse_qsl(raw.decode()))
        if request.headers.get("secret_key") != self.app_secret:
            return {"error": -14004, "error_name": "Invalid secret key"}
        if fields.get("app_id") != self.app_id or fields.get("grant_type") != "refresh_token":
            return {"error": -118, "error_name": "Invalid grant"}
        return self._renew(fields.get("refresh_token", ""))

    def _renew(self, given: str) -> dict[str, Any]:
        if given != self.refresh_token or given in self._used:
            return {"error": -14014, "error_name": "Invalid refresh token"}
        self._used.add(given)
        number = next(self._ids)
        self.access_token, self.refresh_token = f"access-{number}-" + "a" * 300, f"refresh-{number}-" + "r" * 300
        self._expires_at = self.now() + 25 * HOUR
        return {"access_token": self.access_token, "refresh_token": self.refresh_token, "expires_in": self.expires_in}

    def _authorised(self, request: Request) -> None:
        token = request.headers.get("access_token", "")
        if not token or token != self.access_token:
            raise Refused(-216, "Access token is invalid")
        if self.now() > self._expires_at:
            raise Refused(-220, "Access token has expired")
        if self.proof and request.headers.get("appsecret_proof") != hmac.new(self.app_secret.encode(), token.encode(), "sha256").hexdigest():
            raise Refused(-242, "appsecret_proof is invalid")

    def _admit(self, user: Any) -> float:
        """Seconds since the citizen last wrote."""
        if not (isinstance(user, str) and user.isdigit()):
            raise Refused(-201, "user_id is invalid")
        if user in self.refusals:
            raise Refused(self.refusals[user])
        if user not in self._seen:
            raise Refused(-232, "User has not interacted with the OA")
        return self.now() - self._seen[user]

    def _message(self, request: Request, raw: bytes) -> dict[str, Any]:
        content = _strict(raw, {"recipient", "message"})
        message = content["message"]
        text, buttons, picture = message.get("text", ""), [], ""
        if set(message) - {"text", "attachment", "quote_message_id"} or not isinstance(text, str) or len(text) > MOST_CHARACTERS:
            raise Refused(-201, "message is invalid")
        if attachment := message.get("attachment"):
            payload = attachment["payload"]
            if payload.get("template_type") == "media":
                picture = self._picture(payload)
            elif set(payload) == {"buttons"} and text:
                buttons = _buttons(payload["buttons"])
            else:
                raise Refused(-233, "message type is not supported")
        if not text.strip() and not picture:
            raise Refused(-201, "text is empty")
        ago = self._admit(content["recipient"].get("user_id"))
        if ago >= 7 * 24 * HOUR:
            raise Refused(-230, "User has not interacted with the OA in the past 7 days")
        user, ident = content["recipient"]["user_id"], f"s{next(self._ids)}"
        self.sent.append(Sent(user, text, buttons, picture, ident))
        data = {"message_id": ident, "user_id": user, "sent_time": self._stamp()}
        if ago >= 48 * HOUR:
            self.charged.append(ident)
            return data
        return {**data, "quota": {"quota_type": "reply"}}

    def _picture(self, payload: dict[str, Any]) -> str:
        element, = payload["elements"]
        if element.get("media_type") != "image" or ("url" in element) == ("attachment_id" in element):
            raise Refused(-201, "elements is invalid")
        if "url" in element:
            if not element["url"].startswith("https://") or element["url"] in self.broken_urls:
                raise Refused(-201, "url is invalid")
            return element["url"]
        if self.now() - self._uploaded.get(element["attachment_id"], 0) > 7 * 24 * HOUR:
            raise Refused(-100, "attachment has expired")
        return element["attachment_id"]

    def _template(self, request: Request, raw: bytes) -> dict[str, Any]:
        content = _strict(raw, {"user_id", "template_id", "template_data"})
        fields = self.approved.get(content["template_id"])
        if fields is None:
            raise Refused(-109, "template is invalid")
        if set(content["template_data"]) != fields or not all(isinstance(v, str) and v for v in content["template_data"].values()):
            raise Refused(-1122, "template_data is invalid")
        if content["user_id"] in self.refusals:
            raise Refused(self.refusals[content["user_id"]])
        ident = f"t{next(self._ids)}"
        self.templates.append((content["user_id"], content["template_id"], content["template_data"]))
        self.charged.append(ident)
        return {"message_id": ident}

    def _upload(self, request: Request, raw: bytes) -> dict[str, Any]:
        head = b"Content-Type: " + request.headers["content-type"].encode() + b"\r\n\r\n"
        part, = BytesParser().parsebytes(head + raw).get_payload()
        if part.get_param("name", header="content-disposition") != "file":
            raise Refused(-201, "file is invalid")
        if "." not in (part.get_filename() or ""):
            return {}
        data = part.get_payload(decode=True)
        if len(data) > MOST_IMAGE_BYTES:
            raise Refused(-210, "file exceeds the limit")
        if not data.startswith((b"\x89PNG", b"\xff\xd8")):
            raise Refused(-201, "file is invalid")
        ident = f"AT{next(self._ids)}"
        self.uploads[ident], self._uploaded[ident] = data, self.now()
        return {"attachment_id": ident}


def _content(request: Request, raw: bytes) -> Any:
    """What a call carried, for tests to read."""
    try:
        return json.loads(raw)
    except ValueError:
        return dict(parse_qsl(raw.decode("utf-8", "replace"))) if b"boundary" not in request.headers.get("content-type", "").encode() else raw


def _strict(raw: bytes, keys: set[str]) -> dict[str, Any]:
    """The JSON object, with these keys and no others."""
    try:
        content = json.loads(raw)
    except ValueError:
        content = None
    if not isinstance(content, dict) or set(content) != keys:
        raise Refused(-201, "body is invalid")
    return content


def _buttons(buttons: Any) -> list[dict[str, Any]]:
    if not isinstance(buttons, list) or not 0 < len(buttons) <= MOST_BUTTONS:
        raise Refused(-201, "buttons is invalid")
    for button in buttons:
        payload = button.get("payload")
        if set(button) != {"title", "type", "payload"} or button["type"] not in TYPES or not 0 < len(button["title"]) <= MOST_TITLE:
            raise Refused(-201, "buttons is invalid")
        if button["type"].startswith("oa.query") and not (isinstance(payload, str) and 0 < len(payload) <= MOST_PAYLOAD):
            raise Refused(-201, "payload is invalid")
    return buttons


def _failed(kind: str) -> Response:
    match kind:
        case "429":
            return Response("", 429, headers={"Retry-After": "3"})
        case "500":
            return JSONResponse({"error": 0, "message": "Success"}, 500)
        case "502":
            return Response("<html>Bad Gateway</html>", 502)
        case "disconnect":  # less than promised makes the server cut the connection
            return StreamingResponse(iter([b'{"error":']), headers={"content-length": "1000"}, media_type="application/json")
        case "list":
            return JSONResponse(["what", "is", "this"])
    return Response("<html>a page of some proxy</html>")
