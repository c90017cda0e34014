"""Zalo Bot Platform: messages by webhook or long polling, no buttons (facts: shared/protocols/zalo_bot.md).

A client of our own over httpx, nine methods in all: the package on PyPI swallows errors and starts event loops of its own.
Logs carry error names and method names only: the token is part of every URL, so httpx must not log, and no error names one.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import time
import unicodedata
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import httpx
from fastapi import APIRouter, HTTPException, Request, Response

from bot.channels import base
from bot.channels.base import Keep, Limits, Occasion, SendError, Store
from bot.channels.photos import address_of_photo
from bot.channels.rendering import fitted, sound
from bot.config import Settings
from bot.errors import Unreadable
from bot.messages import Incoming
from bot.wording import say

logger = logging.getLogger(__name__)

NAME = "zalo_bot"
PATH = "/channels/zalo-bot"
TEXT = "message.text.received"
LIMITS = Limits(characters=2000, buttons=0, per_second=5.0, gap_seconds=0.0)
"""The platform names no rate, only 429; five a second is far below what one bot's fifty users cause."""
SECRET_LENGTHS = range(8, 257)
LONG_POLL_SECONDS = 30
SHORT_POLL_SECONDS = 1
"""An empty answer that comes sooner is no long poll; the next one waits as long, so that we do not spin."""
MOST_BACKOFF_SECONDS = 30
BAD_TOKEN_SECONDS = 300
FIRST_WAIT_SECONDS, MOST_WAIT_SECONDS = 15, 3600
"""After a 429 that names no time, doubled at each further one."""
QUOTA_AFTER_SECONDS = 2 * 3600
"""429 for so long without a message getting through is the monthly quota (3,000 messages), not the rate."""
QUOTA_WAIT_SECONDS = 3600
STORE_SECONDS = 5.0
MOST_REMEMBERED = 1000

FAILURES = {  # error_code -> our name; other 4xx: BAD_REQUEST, 5xx: UNKNOWN_OUTCOME, for a repeat may show twice
    401: base.BAD_TOKEN,
    403: base.UNKNOWN_OUTCOME,  # the vendor calls it "internal server error": it does not mean that somebody blocked us
    404: base.GONE,
    408: base.UNKNOWN_OUTCOME,
    429: base.RETRY_AFTER,
}
TROUBLE, WEBHOOK = "zalo_bot:trouble", "zalo_bot:webhook"
"""What is kept: {why, since} while nothing gets through, "" else; the fingerprint of the webhook we set."""


def make(settings: Settings, keep: Keep | None = None) -> "ZaloBotChannel | None":
    """The channel, when a token is set."""
    return ZaloBotChannel(settings, keep) if settings.zalo_bot_token.get_secret_value().strip() else None


# --- what comes in


def update_of(body: Any) -> dict[str, Any] | None:
    """The event in a webhook body or a polled result: the documented {"ok", "result"}, or the bare form seen in production."""
    inner = _at(body, "result")
    found = inner if isinstance(_at(inner, "event_name"), str) else body
    return found if isinstance(_at(found, "event_name"), str) and isinstance(_at(found, "message"), dict) else None


def incoming(update: Any, bot_id: str = "") -> Incoming | None:
    """What a citizen sent in a private chat; None for everything else, our own echoed messages included.

    The words under a picture are text like any other. What has no words (a sticker, a voice message, what the platform does
    not hand on) gets a sentence for an answer.
    """
    chat, ident = _private_chat(update, bot_id), _ident(_at(update, "message", "message_id"), 120)
    event = _at(update, "event_name")
    received = isinstance(event, str) and event.startswith("message.") and event.endswith(".received")
    if chat is None or ident is None or not received:
        return None
    at = _instant(_at(update, "message", "date"))
    words = _at(update, "message", "text" if event == TEXT else "caption")
    words = sound(words).strip() if isinstance(words, str) else ""
    photo = next((url for key in ("photo", "photo_url") if (url := address_of_photo(_at(update, "message", key)))), "")  # which one it is, sources disagree on
    if words:
        return Incoming(NAME, ident, chat, text=words, at=at, photo=photo)
    return None if event == TEXT else Incoming(NAME, ident, chat, at=at, answer=say("not_text"), photo=photo)


def _instant(milliseconds: Any) -> datetime | None:
    """The time of a message, given in milliseconds since 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if type(milliseconds) is int and 0 < milliseconds < 10**13 else None


def _private_chat(update: Any, bot_id: str) -> str | None:
    """Where to answer a person; groups are a beta, and what is said in one is not meant for us alone."""
    sender = _at(update, "message", "from")
    if not isinstance(sender, dict) or sender.get("is_bot") is True or (bot_id and _ident(sender.get("id"), 80) == bot_id):
        return None
    chat = _at(update, "message", "chat")
    return _ident(_at(chat, "id"), 80) if _at(chat, "chat_type") == "PRIVATE" else None


def _ident(value: Any, most: int) -> str | None:
    """An id as the database takes it: ids are texts of no fixed form."""
    return value if isinstance(value, str) and 0 < len(value) <= most and value.isprintable() and sound(value) == value else None


def _at(value: Any, *path: str) -> Any:
    """The value under a path of keys, None where there is nothing."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


# --- the platform's methods


class Refused(SendError):
    """The platform's own no. code: its error_code, else the HTTP status."""

    def __init__(self, code: int, retry_after_seconds: float | None = None):
        self.code = code
        super().__init__(FAILURES.get(code) or (base.UNKNOWN_OUTCOME if code >= 500 else base.BAD_REQUEST), retry_after_seconds)


class Client:
    """POST <url>/bot<token>/<method> with JSON. Its connections belong to the event loop that first uses it."""

    def __init__(self, url: str, token: str, timeout_seconds: float):
        self._base, self._timeout_seconds = f"{url.rstrip('/')}/bot{token}", timeout_seconds
        self._made: httpx.AsyncClient | None = None

    async def call(self, method: str, wait_seconds: float = 0.0, **fields: Any) -> Any:
        """The result. wait_seconds: how long the platform may hold the request. Raises SendError, Refused for its refusals."""
        if self._made is None:
            for noisy in ("httpx", "httpcore"):
                logging.getLogger(noisy).setLevel(logging.WARNING)
            self._made = httpx.AsyncClient()
        timeout = httpx.Timeout(self._timeout_seconds, read=self._timeout_seconds + wait_seconds)
        try:
            answer = await self._made.post(f"{self._base}/{method}", json=fields, timeout=timeout)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise SendError(base.UNREACHABLE) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise SendError(base.MISCONFIGURED) from None
        except httpx.HTTPError:  # no answer, or half of one
            raise SendError(base.UNKNOWN_OUTCOME) from None
        return self._read(answer)

    @staticmethod
    def _read(answer: httpx.Response) -> Any:
        """HTTP 200 alone is no success: `ok` decides."""
        try:
            body = answer.json()
        except (ValueError, RecursionError):
            body = None
        ok = _at(body, "ok")
        if ok is True:
            return body.get("result")
        code = _at(body, "error_code")
        code = code if type(code) is int else answer.status_code
        if ok is False and code >= 400 or code in (401, 429) or code >= 500:
            raise Refused(code, _seconds(answer.headers.get("Retry-After", "")))
        raise SendError(base.MISCONFIGURED if code == 404 else base.UNREACHABLE)  # a page of another server, or of a proxy

    async def close(self) -> None:
        made, self._made = self._made, None
        if made is not None:
            await made.aclose()


def _seconds(value: str) -> float | None:
    """Retry-After in seconds; None for a date, which nobody has seen here."""
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 <= seconds < 1e6 else None


# --- what goes out


def calls_of(body: dict[str, Any], address: str) -> list[tuple[str, dict[str, str]]]:
    """The requests of one message. The text goes under the picture, for each request counts against the month's quota."""
    texts = [part.text for part in fitted({**body, "text": unicodedata.normalize("NFC", body.get("text") or "")}, LIMITS)]
    calls = [("sendMessage", {"chat_id": address, "text": text}) for text in texts]
    if not str(body.get("image")).startswith(("https://", "http://")):
        return calls
    caption = {"caption": texts[0]} if texts else {}
    return [("sendPhoto", {"chat_id": address, "photo": body["image"], **caption}), *calls[1:]]


# --- the channel


class ZaloBotChannel:
    """The bot of `zalo_bot_token`. Belongs to the event loop that first uses it. clock: seconds since the epoch."""

    name = NAME
    limits = LIMITS

    def __init__(self, settings: Settings, keep: Keep | None = None, timeout_seconds: float = 5.0, long_poll_seconds: float = LONG_POLL_SECONDS,
                 store_seconds: float = STORE_SECONDS, sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
                 clock: Callable[[], float] = time.time):
        token = settings.zalo_bot_token.get_secret_value().strip()
        self.webhook_secret = settings.zalo_bot_webhook_secret.get_secret_value()
        self.store_seconds = store_seconds
        self._account_name = settings.zalo_bot_name.strip()
        self._webhook_url = settings.public_url.rstrip("/") + PATH if settings.public_url else ""
        self._bot_id = token.partition(":")[0]
        self._client = Client(settings.zalo_bot_api_url, token, timeout_seconds)
        self._keep, self._kept = keep, dict[str, str]()  # without a Keep it is remembered for as long as the process lives
        self._long_poll_seconds, self._sleep, self._clock = long_poll_seconds, sleep, clock
        self._begun: dict[tuple[str, str], list[str]] = {}
        self._asides: set[asyncio.Task] = set()
        self._stop: tuple[base.Failure, float, float] | None = None
        """Why nothing is sent, since when, for how many seconds."""
        self._refusals = 0
        self._troubled = True  # perhaps: what an earlier run noted is looked at once

    async def send(self, address: str, body: dict[str, Any], occasion: Occasion = Occasion()) -> str:
        """Sends the picture with the first part of the text under it, then the other parts; returns the message ids, comma between.

        A retry of the same body goes on with the part that failed. A picture that is refused is described. Raises SendError.
        """
        calls = calls_of(body, address)
        if not calls:
            raise SendError(base.BAD_REQUEST)
        key = address, json.dumps(body, sort_keys=True)
        done = self._begun.pop(key, [])
        try:
            for method, fields in calls[len(done):]:
                done.append(await self._send(method, fields))
        except SendError as error:
            if isinstance(error, Refused) and error.code == 400 and "photo" in calls[len(done)][1] and (body.get("text") or body.get("alt")):
                logger.warning("a picture was refused; its description goes instead")
                return await self.send(address, {**body, "image": None})
            if done and error.failure.retry:
                self._begun[key] = done
                if len(self._begun) > MOST_REMEMBERED:
                    self._begun.pop(next(iter(self._begun)))
            raise
        return ",".join(filter(None, done))

    async def _send(self, method: str, fields: dict[str, str]) -> str:
        """One request, unless the platform has told us to be still; the message id."""
        if self._stop is not None:
            failure, since, seconds = self._stop
            if 0 <= (passed := self._clock() - since) < seconds:
                raise SendError(failure, seconds - passed)
            self._stop = None
        try:
            result = await self._client.call(method, **fields)
        except Refused as refused:
            if refused.failure in (base.RETRY_AFTER, base.BAD_TOKEN):
                raise await self._halted(refused) from None
            raise
        self._refusals = 0
        if self._troubled:
            self._troubled = False
            if await self._recall(TROUBLE):
                await self._note(TROUBLE, "")
        ident = _at(result, "message_id")
        return str(ident) if isinstance(ident, str | int) else ""

    async def _halted(self, refused: Refused) -> SendError:
        """Nothing more is sent for a while: a 429 and a refused token concern the whole bot, not one chat."""
        now = self._clock()
        if self._stop is not None and 0 <= now - self._stop[1] < self._stop[2]:  # another chat's message was refused meanwhile
            return SendError(self._stop[0], self._stop[2] - (now - self._stop[1]))
        failure, since = refused.failure, now
        seconds = float(FIRST_WAIT_SECONDS if failure is base.RETRY_AFTER else BAD_TOKEN_SECONDS)
        self._stop = failure, now, seconds  # before the first await, so that others see it
        if failure is base.RETRY_AFTER:
            before = json.loads(await self._recall(TROUBLE) or "{}")
            since = min(now, before.get("since", now)) if before.get("why") != base.BAD_TOKEN.name else now
            backoff = min(MOST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(self._refusals, 10))
            self._refusals += 1
            seconds = float(backoff if refused.retry_after_seconds is None else refused.retry_after_seconds)
            if now - since >= QUOTA_AFTER_SECONDS:
                failure, seconds = base.QUOTA, max(seconds, QUOTA_WAIT_SECONDS)
        self._stop = failure, now, seconds
        self._troubled = True
        await self._note(TROUBLE, json.dumps({"why": failure.name, "since": since}))
        if failure.ours:
            logger.error("Zalo bot: %s; nothing gets through for %d min, again in %d min", failure.name, (now - since) // 60, seconds // 60)
        return SendError(failure, seconds)

    async def state(self) -> dict[str, Any]:
        """For /health, from any process: the token never expires, but it may be refused, and the month's quota used up."""
        why = json.loads(await self._recall(TROUBLE) or "{}").get("why", "")
        return {"up": why in ("", base.RETRY_AFTER.name), "why": why, "token_expires_seconds": None}

    async def _recall(self, key: str) -> str:
        if self._keep is None:
            return self._kept.get(key, "")
        try:
            return await asyncio.to_thread(self._keep.get, key) or ""
        except Unreadable:
            return ""

    async def _note(self, key: str, value: str) -> None:
        self._kept[key] = value
        if self._keep is not None:
            try:
                await asyncio.to_thread(self._keep.put, key, value)
            except Exception as error:  # a note is worth less than the message it is about
                logger.warning("%s could not be noted: %s", key, type(error).__name__)

    # --- receiving

    async def poll(self, store: Store) -> None:
        """Sees to the webhook where there is one and returns; else long polling until cancelled.

        There is no offset and no acknowledgement: what was handed out and not stored is gone. So an update is stored before
        anything else, a cancelled poll still stores what it holds, and a store that fails is tried until it works.
        """
        if self._account_name:
            await self._quietly(self._check_name(), "getMe")
        if self.webhook_secret:
            await self._set_webhook()
            return
        failures = 0
        while True:
            try:
                began = time.monotonic()
                updates = await self._updates()
                for update in updates:
                    await self.take(update, store)
                failures = 0
                if not updates and (left := SHORT_POLL_SECONDS - (time.monotonic() - began)) > 0:
                    await self._sleep(left)
            except SendError as error:
                failures += 1
                wait = max(min(MOST_BACKOFF_SECONDS, 2 ** min(failures - 1, 6)), error.retry_after_seconds or 0)
                bad_token = error.failure is base.BAD_TOKEN
                wait = BAD_TOKEN_SECONDS if bad_token else wait
                logger.log(logging.ERROR if bad_token else logging.WARNING, "receiving from the Zalo bot: %s; again in %s s", error, wait)
                if isinstance(error, Refused) and error.code == 400:  # a webhook is set, and the two exclude each other
                    await self._quietly(self._client.call("deleteWebhook"), "deleteWebhook")
                await self._sleep(wait)

    async def _updates(self) -> list[dict[str, Any]]:
        """What the platform hands out: one update, or a list of them; 408 is its word for "nothing new"."""
        try:
            found = await self._client.call("getUpdates", wait_seconds=self._long_poll_seconds, timeout=self._long_poll_seconds)
        except Refused as refused:
            if refused.code == 408:
                return []
            raise
        updates = [update_of(one) for one in (found if isinstance(found, list) else [found]) if one]
        if None in updates:
            logger.warning("an update of the Zalo bot is none we know")
        return [u for u in updates if u is not None]

    async def take(self, update: dict[str, Any], store: Store) -> None:
        """Returns when what the update says is stored. Cancelled before, it goes on trying by itself."""
        message = incoming(update, self._bot_id)
        if message is not None:
            await asyncio.shield(self._aside(self._stored(message, store)))

    async def _stored(self, message: Incoming, store: Store) -> None:
        failures = 0
        while True:
            try:
                await store(message)
                return
            except Exception as error:
                # the class only: the error of a database may quote what was typed
                logger.warning("a message of the Zalo bot could not be stored: %s; again", type(error).__name__)
                await self._sleep(min(MOST_BACKOFF_SECONDS, 2 ** failures))
                failures = min(failures + 1, 6)

    async def _check_name(self) -> None:
        """Is the token that of the bot named in the settings? Test and real bots are easily confused."""
        found = _at(await self._client.call("getMe"), "account_name")
        if found != self._account_name:
            logger.error("the Zalo bot's token is that of another bot than ZALO_BOT_NAME says")

    async def _set_webhook(self) -> None:
        """Tells the platform our address and secret where it has another address, or we another secret than last time."""
        if not self._webhook_url:
            return  # whoever sets no PUBLIC_URL sets the webhook by hand
        if not self._webhook_url.startswith("https://") or len(self.webhook_secret) not in SECRET_LENGTHS:
            logger.error("no webhook set for the Zalo bot: PUBLIC_URL must begin with https://, the secret has 8 to 256 characters")
            return
        mark = hashlib.sha256(f"{self._webhook_url} {self.webhook_secret}".encode()).hexdigest()
        failures = 0
        while True:
            try:
                if await self._registered() == self._webhook_url and await self._recall(WEBHOOK) in ("", mark):
                    return
                await self._client.call("setWebhook", url=self._webhook_url, secret_token=self.webhook_secret)
                if await self._registered() != self._webhook_url:
                    logger.error("the Zalo bot's webhook was not taken over")
                    return
                await self._note(WEBHOOK, mark)
                logger.info("the Zalo bot's webhook is set")
                return
            except SendError as error:
                wait = max(min(MOST_BACKOFF_SECONDS, 2 ** min(failures, 6)), error.retry_after_seconds or 0)
                wait = BAD_TOKEN_SECONDS if error.failure is base.BAD_TOKEN else wait
                logger.error("the Zalo bot's webhook is not set: %s", error)
                if not error.failure.retry:
                    return
                failures += 1
                await self._sleep(wait)

    async def _registered(self) -> str:
        """The address the platform has; a bot without one may answer 404."""
        try:
            url = _at(await self._client.call("getWebhookInfo"), "url")
        except Refused as refused:
            if refused.code != 404:
                raise
            url = ""
        return url if isinstance(url, str) else ""

    async def _quietly(self, work: Awaitable[Any], what: str) -> None:
        """Does something whose failure is only logged."""
        try:
            await work
        except SendError as error:
            logger.warning("Zalo bot, %s: %s", what, error)

    def _aside(self, work: Coroutine[Any, Any, None]) -> asyncio.Task:
        """Begins work that outlives whoever waits for it; close() gives it two seconds."""
        task = asyncio.create_task(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)
        return task

    async def close(self) -> None:
        """Gives work under way two seconds, then closes the connections."""
        for task in (await asyncio.wait(self._asides, timeout=2))[1] if self._asides else ():
            task.cancel()
        await self._client.close()


def router(channel: ZaloBotChannel, store: Store) -> APIRouter:
    """POST /channels/zalo-bot: 403 without the secret, 400 for no update, 503 when it could not be stored in time.

    Nobody knows whether the platform repeats what it could not deliver, so even then we go on trying to store it.
    """
    routes = APIRouter()

    @routes.post(PATH)
    async def receive(request: Request) -> Response:
        given = request.headers.get("X-Bot-Api-Secret-Token", "")
        if not channel.webhook_secret or not hmac.compare_digest(given.encode(), channel.webhook_secret.encode()):
            raise HTTPException(403)
        try:
            update = update_of(json.loads(await request.body()))
        except (ValueError, RecursionError):
            update = None
        if update is None:
            raise HTTPException(400)
        try:
            await asyncio.wait_for(channel.take(update, store), channel.store_seconds)
        except TimeoutError:
            raise HTTPException(503) from None
        return Response()

    return routes
