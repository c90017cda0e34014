"""Zalo Official Account: events by signed webhook, answers by consultation messages (facts: shared/protocols/zalo_oa.md).

The citizen is known by Zalo's id alone: name and picture are never asked for. Logs carry error codes only.
"""

import asyncio
import hmac
import json
import logging
import time
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import APIRouter, HTTPException, Request, Response

from bot.channels import base, zalo_oa_events
from bot.channels.base import Failure, Keep, Limits, Occasion, Picture, SendError, Store
from bot.channels.rendering import Part, fitted, shortened, sound
from bot.channels.zalo_oa_tokens import Tokens
from bot.config import Settings
from bot.errors import SetupError, Unreadable
from bot.messages import Incoming

logger = logging.getLogger(__name__)

MINUTE, HOUR = 60.0, 3600.0
FAILURES: dict[int, tuple[Failure, float | None]] = {  # Zalo's code: our name, and the least wait in seconds before another try
    -32: (base.RETRY_AFTER, MINUTE),        # calls of the app or OA this minute
    -100: (base.BAD_REQUEST, None),         # the attachment has expired
    -108: (base.BAD_REQUEST, None), -112: (base.BAD_REQUEST, None), -1121: (base.BAD_REQUEST, None),  # a template's parameters
    -1122: (base.BAD_REQUEST, None), -1124: (base.BAD_REQUEST, None),
    -109: (base.MISCONFIGURED, HOUR), -117: (base.MISCONFIGURED, HOUR), -131: (base.MISCONFIGURED, HOUR),  # no such template for us
    -135: (base.MISCONFIGURED, HOUR), -146: (base.MISCONFIGURED, HOUR),
    -114: (base.GONE, None), -118: (base.GONE, None), -119: (base.GONE, None),
    -115: (base.QUOTA, HOUR), -137: (base.QUOTA, HOUR), -144: (base.QUOTA, HOUR), -147: (base.QUOTA, HOUR),
    -124: (base.BAD_TOKEN, 10 * MINUTE), -216: (base.BAD_TOKEN, 10 * MINUTE), -220: (base.BAD_TOKEN, 10 * MINUTE),
    -133: (base.RETRY_AFTER, HOUR), -234: (base.RETRY_AFTER, HOUR),  # not at night
    -139: (base.BLOCKED, None), -141: (base.BLOCKED, None),          # the citizen refuses templates of this kind, or the OA
    -200: (base.UNREACHABLE, None),         # "send failed"
    -201: (base.BAD_REQUEST, None),
    -209: (base.MISCONFIGURED, HOUR), -212: (base.MISCONFIGURED, HOUR), -242: (base.MISCONFIGURED, HOUR),
    -210: (base.TOO_LONG, None),
    -211: (base.QUOTA, HOUR), -320: (base.QUOTA, HOUR), -321: (base.QUOTA, HOUR),
    -213: (base.BLOCKED, None), -217: (base.BLOCKED, None), -244: (base.BLOCKED, None),
    -218: (base.RETRY_AFTER, 6 * HOUR),     # this citizen gets too much
    -219: (base.MISCONFIGURED, HOUR), -221: (base.MISCONFIGURED, HOUR), -223: (base.MISCONFIGURED, HOUR), -224: (base.MISCONFIGURED, HOUR),
    -227: (base.GONE, None),
    -230: (base.WINDOW_CLOSED, None), -232: (base.WINDOW_CLOSED, None),
    -233: (base.BAD_REQUEST, None), -240: (base.BAD_REQUEST, None),
}
TOKEN_REFUSED = (-216, -220, -124)
TOKEN_TWINS = {216: -216, 401: -216, -401: -216}  # seen by one source only
ATTACHMENT_EXPIRED = -100

FREE = timedelta(hours=48) - timedelta(minutes=1)  # a minute less: our clock is not theirs
PAID = timedelta(days=7) - timedelta(minutes=1)
ANSWERS = ("reply", "notice")  # kinds whose citizen has just written
TEMPLATE_KINDS = ("reminder",)  # what the citizen asked for; Zalo takes no advertising under a template
TEMPLATE_CHARACTERS = 100
CAPTION_CHARACTERS = 500
LIMITS = Limits(characters=2000, buttons=5, title=35, per_second=40.0, gap_seconds=0.0)  # 4,000 calls a minute, renewals included

PICTURE_SECONDS = 6 * 24 * HOUR  # uploads live seven days
MOST_PICTURE_BYTES = 1_000_000
TIMEOUT_SECONDS = 8.0
LOOK_AT_TOKEN_SECONDS = 600
STORE_SECONDS = 1.5
"""Zalo waits two for its answer."""
STORE_AGAIN_SECONDS = (0.2, 0.5, 1, 2, 5, 15, 30, 60, 120, 300)
SIGNATURE = "X-ZEvent-Signature"


def make(settings: Settings, keep: Keep | None = None, picture: Picture | None = None) -> "ZaloOaChannel | None":
    """The channel, when an app id is set. Without the OA's secret it only answers the console's probe."""
    if not settings.zalo_oa_app_id.strip():
        return None
    if keep is None:
        raise SetupError("Zalo OA needs a place to keep its tokens (bot/channels/base.py, Keep)")
    return ZaloOaChannel(settings, keep, picture or (lambda path: None))


# What is put to Zalo. Where sources disagree about a shape, it is in one of these functions only.


def text_message(address: str, text: str, buttons: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """The question is the text; a press comes back as the button's payload, not shown in the chat."""
    message: dict[str, Any] = {"text": text}
    if buttons:
        shown = [{"title": b["title"], "type": "oa.query.hide", "payload": b["payload"]} for b in buttons]
        message["attachment"] = {"type": "template", "payload": {"buttons": shown}}
    return {"recipient": {"user_id": address}, "message": message}


def parts_of(body: dict[str, Any], shown: bool) -> list[Part]:
    """The texts of a message with their buttons. shown: its picture is, or was, sent before them."""
    return fitted({**body, "text": plain(body.get("text")), "image": None, "alt": None if shown else plain(body.get("alt"))}, LIMITS)


def caption_of(body: dict[str, Any]) -> str:
    """What stands under the picture."""
    return shortened(plain(body.get("alt")), CAPTION_CHARACTERS)


def picture_message(address: str, caption: str, **source: str) -> dict[str, Any]:
    """source: url or attachment_id, never both."""
    element = {"media_type": "image", **source}
    message = {"attachment": {"type": "template", "payload": {"template_type": "media", "elements": [element]}}}
    return {"recipient": {"user_id": address}, "message": {**({"text": caption} if caption else {}), **message}}


def template_message(address: str, template: str, field: str, text: str) -> tuple[str, dict[str, Any]]:
    """(path, body) of an approved template to a user id."""
    return "/v3.0/oa/message/template", {"user_id": address, "template_id": template, "template_data": {field: text}}


def proof(app_secret: str, token: str) -> str:
    """appsecret_proof: shows that the caller has the app's secret beside a token."""
    return hmac.new(app_secret.encode(), token.encode(), "sha256").hexdigest()


def window_open(occasion: Occasion, paid: bool, now: datetime) -> bool:
    """May a consultation message be sent: within 48 hours of the citizen's last word, within 7 days where we pay for it?"""
    if occasion.seen_at is None:
        return occasion.kind in ANSWERS
    return now - occasion.seen_at < (PAID if paid else FREE)


class ZaloOaChannel:
    """The OA that authorised `zalo_oa_app_id`. Belongs to the event loop that first uses it."""

    name = zalo_oa_events.CHANNEL
    limits = LIMITS

    def __init__(self, settings: Settings, keep: Keep, picture: Picture, timeout_seconds: float = TIMEOUT_SECONDS,
                 now: Callable[[], float] = time.time, sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep):
        self.app_id = settings.zalo_oa_app_id.strip()
        self.secret = settings.zalo_oa_secret_key.get_secret_value().strip()
        self.oa_id, self.pause_minutes = settings.zalo_oa_id.strip(), settings.zalo_oa_staff_pause_minutes
        self._api_url = settings.zalo_oa_api_url.rstrip("/")
        self._app_secret = settings.zalo_oa_app_secret.get_secret_value().strip() if settings.zalo_oa_proof else ""
        self._paid = settings.zalo_oa_paid
        self._template, self._template_field = settings.zalo_oa_template_id.strip(), settings.zalo_oa_template_field
        self._keep, self._picture, self._now, self._sleep = keep, picture, now, sleep
        self._timeout_seconds = timeout_seconds
        self._client: httpx.AsyncClient | None = None
        self._tokens = Tokens(settings, keep, self._http, now, sleep)
        self._told: set[str] = set()

    def _http(self) -> httpx.AsyncClient:
        """Made at first use: it belongs to the running loop."""
        if self._client is None:
            for noisy in ("httpx", "httpcore"):  # they log whole requests
                logging.getLogger(noisy).setLevel(logging.WARNING)
            self._client = httpx.AsyncClient(timeout=self._timeout_seconds, follow_redirects=False)
        return self._client

    async def send(self, address: str, body: dict[str, Any], occasion: Occasion = Occasion()) -> str:
        """Sends the picture, then the text in parts, the buttons under the last; returns the message ids, comma between.

        Outside the window: by template where one is set and the kind allows, else SendError(WINDOW_CLOSED). What is done
        according to the occasion is not sent again. Raises SendError.
        """
        open_ = window_open(occasion, self._paid, datetime.fromtimestamp(self._now(), UTC))
        if not open_:
            return await self._by_template(address, body, occasion)
        done = list(occasion.done)
        try:
            await self._send_all(address, body, done, occasion.note)
        except SendError as error:
            if error.failure is base.WINDOW_CLOSED and not done:
                return await self._by_template(address, body, occasion)
            raise
        return ",".join(filter(None, done))

    async def _send_all(self, address: str, body: dict[str, Any], done: list[str], note: Callable[[Sequence[str]], None]) -> None:
        """What is left of the message; `done` grows with every part that is out ("" for a picture that is only described)."""
        shown = body.get("image") and (not done or done[0])
        if body.get("image") and not done:
            done.append(await self._send_picture(address, body))
            note(done)
            shown = done[0]
        at = len(done) - bool(body.get("image"))
        parts = parts_of(body, bool(shown))
        if not parts and not shown:
            raise SendError(base.BAD_REQUEST)
        for part in parts[at:]:
            done.append(await self._message(text_message(address, part.text, part.buttons)))
            note(done)

    async def _send_picture(self, address: str, body: dict[str, Any]) -> str:
        """The picture's message id; "" when Zalo does not take it, for the text is worth more. Raises SendError."""
        image, caption = str(body["image"]), caption_of(body)
        try:
            if image.startswith("https://"):
                return await self._message(picture_message(address, caption, url=image))
            found = await self._attachment(image)
            if not found:
                return ""
            try:
                return await self._message(picture_message(address, caption, attachment_id=found))
            except Refused as refused:
                if refused.code != ATTACHMENT_EXPIRED:
                    raise
                found = await self._attachment(image, anew=True)
                return await self._message(picture_message(address, caption, attachment_id=found))
        except SendError as error:
            if error.failure in (base.BAD_REQUEST, base.TOO_LONG, base.QUOTA):
                logger.warning("Zalo OA: a picture was refused (%s); its description goes instead", error.failure.name)
                return ""
            raise

    async def _attachment(self, image: str, anew: bool = False) -> str:
        """Zalo's id of a published picture, uploaded when there is none that lives; "" for what is not ours."""
        key = f"zalo_oa:picture:{self.app_id[:20]}:{image.rpartition('/')[2][:40]}"
        try:
            kept = None if anew else json.loads(await asyncio.to_thread(self._keep.get, key) or "null")
        except Unreadable:  # kept under another SECRET_KEY; unlike tokens, an upload can be made again
            kept = None
        if kept and kept["until"] > self._now():
            return kept["id"]
        data = await asyncio.to_thread(self._picture, image)
        if not data or len(data) > MOST_PICTURE_BYTES:
            return ""
        answer = await self._call("/v2.0/oa/upload/image", files={"file": ("picture.png", data, "image/png")})
        found = _data(answer).get("attachment_id")
        if not isinstance(found, str) or not found:
            raise SendError(base.BAD_REQUEST)
        await asyncio.to_thread(self._keep.put, key, json.dumps({"id": found, "until": self._now() + PICTURE_SECONDS}))
        return found

    async def _by_template(self, address: str, body: dict[str, Any], occasion: Occasion) -> str:
        """The message's first line under the approved template. Raises SendError, WINDOW_CLOSED where it may not go so."""
        text = plain(body.get("text")).partition("\n")[0]
        if not self._template or occasion.kind not in TEMPLATE_KINDS or not text:
            raise SendError(base.WINDOW_CLOSED)
        path, content = template_message(address, self._template, self._template_field, shortened(text, TEMPLATE_CHARACTERS))
        try:
            return _message_id(await self._call(path, json=content))
        except Refused as refused:
            if refused.failure in (base.RETRY_AFTER, base.UNREACHABLE, base.BAD_TOKEN):
                raise
            logger.error("Zalo OA: the template was refused (%d); the message waits for the citizen", refused.code)
            raise SendError(base.WINDOW_CLOSED) from refused

    async def _message(self, content: dict[str, Any]) -> str:
        answer = await self._call("/v3.0/oa/message/cs", json=content)
        if not _data(answer).get("quota") and not self._paid and "charged" not in self._told:
            self._told.add("charged")
            logger.warning("Zalo OA: an answer without a quota; by one source such a message is charged. Said once.")
        return _message_id(answer)

    async def _call(self, path: str, **content: Any) -> dict[str, Any]:
        """Zalo's answer to a call, with a new token when the one at hand is refused. Raises SendError."""
        token = await self._tokens.current()
        try:
            return await self._called(path, token, content)
        except Refused as refused:
            if refused.code not in TOKEN_REFUSED:
                raise
            return await self._called(path, await self._tokens.instead_of(token), content)

    async def _called(self, path: str, token: str, content: dict[str, Any]) -> dict[str, Any]:
        """One call. Raises Refused for Zalo's own errors, SendError where it is not known what has happened."""
        headers = {"access_token": token, **({"appsecret_proof": proof(self._app_secret, token)} if self._app_secret else {})}
        try:
            async with asyncio.timeout(2 * self._timeout_seconds):  # httpx counts between bytes only
                answer = await self._http().post(self._api_url + path, headers=headers, **content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise SendError(base.UNREACHABLE) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise SendError(base.UNKNOWN_OUTCOME) from error
        if answer.status_code == 429:
            raise SendError(base.RETRY_AFTER, _seconds(answer.headers.get("Retry-After")))
        found = zalo_oa_events.parsed(answer.content) if answer.status_code < 500 else None
        code = code_of(found)
        if found is None or code is None:
            raise SendError(base.UNKNOWN_OUTCOME)
        if code:
            if code not in FAILURES and str(code) not in self._told:
                self._told.add(str(code))
                logger.warning("Zalo OA: an error that is not in our table, %d", code)
            raise Refused(code)
        return found

    async def poll(self, store: Store) -> None:
        """Events come by webhook; until cancelled, this only keeps the token alive, for a quiet OA sends nothing that would."""
        while True:
            try:
                await self._tokens.current()
            except SendError as error:
                logger.warning("Zalo OA: no token at present, %s", error.failure.name)
            await self._sleep(LOOK_AT_TOKEN_SECONDS)

    async def state(self) -> dict[str, Any]:
        """For /health: see base.PushChannel."""
        found = await self._tokens.state()
        missing = "" if self.secret else "ZALO_OA_SECRET_KEY is not set: no event is taken"
        return {**found, "up": found["up"] and not missing, "why": found["why"] or missing}

    async def close(self) -> None:
        """Lets a renewal of the token end, then closes the connections."""
        await self._tokens.close()
        if self._client is not None:
            await self._client.aclose()
            self._client = None


class Refused(SendError):
    """Zalo answered with an error. code: Zalo's own."""

    def __init__(self, code: int):
        self.code = code
        failure, wait_seconds = FAILURES.get(code, (base.UNREACHABLE, None))
        super().__init__(failure, wait_seconds)


def code_of(answer: dict[str, Any] | None) -> int | None:
    """The error code of an answer, 0 for success; None when it is not Zalo's answer."""
    code = (answer or {}).get("error")
    if isinstance(code, str) and code.removeprefix("-").isdecimal() and len(code) < 10:
        code = int(code)
    return TOKEN_TWINS.get(code, code) if type(code) is int else None


def plain(text: Any) -> str:
    """Text as Zalo counts it: composed, nothing that cannot be sent."""
    return unicodedata.normalize("NFC", sound(str(text or ""))).strip()


def _data(answer: dict[str, Any]) -> dict[str, Any]:
    data = answer.get("data")
    return data if isinstance(data, dict) else {}


def _message_id(answer: dict[str, Any]) -> str:
    found = _data(answer).get("message_id")
    return str(found) if isinstance(found, str | int) else ""


def _seconds(header: str | None) -> float:
    return float(header) if header and header.isascii() and header.isdigit() and len(header) < 7 else MINUTE


def router(channel: ZaloOaChannel, store: Store) -> APIRouter:
    """POST /channels/zalo-oa: 200 once stored; 403 for a wrong signature, 503 when not stored in time.

    The console's probe comes before there is a secret to sign it with, so what bears no signature is answered 200 and
    goes nowhere.
    """
    routes = APIRouter()
    storing: set[asyncio.Task[None]] = set()

    async def stored(message: Incoming) -> None:
        """Goes on trying behind a 503, for sources disagree on whether Zalo repeats one."""
        for wait_seconds in (*STORE_AGAIN_SECONDS, None):
            try:
                await store(message)
                return
            except Exception as error:
                logger.warning("Zalo OA: an event could not be stored (%s)", type(error).__name__)
                if wait_seconds is None:
                    raise
                await asyncio.sleep(wait_seconds)

    @routes.post("/channels/zalo-oa")
    async def receive(request: Request) -> Response:
        raw = await request.body()
        event, header = zalo_oa_events.parsed(raw), request.headers.get(SIGNATURE, "")
        if not header or not channel.secret:
            if header:
                logger.warning("Zalo OA: an event was let go, for ZALO_OA_SECRET_KEY is not set")
            return Response()
        if event is None or not zalo_oa_events.signed(raw, event, header, channel.app_id, channel.secret):
            logger.warning("Zalo OA: a webhook request with a wrong signature")
            raise HTTPException(403)
        message = zalo_oa_events.incoming(event, channel.secret, channel.oa_id, channel.pause_minutes)
        if message is None:
            return Response()
        task = asyncio.create_task(stored(message))
        storing.add(task)
        task.add_done_callback(lambda done: storing.discard(done) or done.cancelled() or done.exception())  # seen: a traceback could show the message
        try:
            await asyncio.wait_for(asyncio.shield(task), STORE_SECONDS)
        except Exception:
            raise HTTPException(503) from None
        return Response()

    return routes
