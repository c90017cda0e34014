"""Telegram: updates by webhook or long polling, messages by the Bot API (facts: shared/protocols/telegram.md).

Logs carry update ids and error classes only: texts, names, chat ids and the token (it is part of every URL) stay out.
"""

import asyncio
import hashlib
import hmac
import html
import json
import logging
import re
import warnings
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Update
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError, TimedOut
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.channels import base
from bot.channels.base import Keep, Limits, Moved, Occasion, Picture, SendError, Store
from bot.channels.rendering import sound, split
from bot.config import Settings
from bot.errors import Unreadable
from bot.messages import Incoming
from bot.wording import say

logger = logging.getLogger(__name__)

MOST_UNITS = 4096  # of UTF-16, in which Telegram measures entities; a text never has more code points
LONG_POLL_SECONDS = 25
BAD_TOKEN_SECONDS = 60
MOST_BACKOFF_SECONDS = 30
MOST_WAIT_SECONDS = 5  # a chat that must wait longer goes back to the outbox, for the worker sends one after the other
MOST_REMEMBERED = 1000
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
PATH = "/channels/telegram"
WEBHOOK = "telegram:webhook"  # under this key a mark of the address and secret that Telegram was told is kept
FILE_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
DEEP_LINK = re.compile(r"[cx]-[A-Za-z0-9-]{1,60}")

COMMANDS = {  # what a command stands for, and its line in the menu (none: not shown there)
    "start": ("xin chào", "Bắt đầu, xem trợ lý giúp được gì"),
    "hoc": ("tôi muốn học", "Học kỹ năng số"),
    "ketqua": ("kết quả của tôi", "Xem kết quả học của tôi"),
    "nhac": ("lời nhắc của tôi", "Xem và đổi lời nhắc"),
    "dung": ("dừng học", "Dừng học"),
    "giup": ("giúp tôi", "Hướng dẫn"),
    "help": ("giúp tôi", None),
}
NOT_TEXT = {"photo", "sticker", "document", "voice", "contact", "location", "video", "video_note", "audio", "animation", "poll",
            "dice", "venue", "story", "game", "checklist", "paid_media"}
FAILURES = (  # exception, what it says, our name; BadRequest and TimedOut are NetworkErrors; all others: UNREACHABLE
    (Forbidden, "", base.BLOCKED),
    (InvalidToken, "", base.BAD_TOKEN),
    (BadRequest, "chat not found", base.GONE),
    (BadRequest, "message is too long", base.TOO_LONG),
    (BadRequest, "", base.BAD_REQUEST),
    (TimedOut, "", base.UNKNOWN_OUTCOME),
)


def make(settings: Settings, keep: Keep | None = None, picture: Picture | None = None) -> "TelegramChannel | None":
    """The channel, when a token is set."""
    return TelegramChannel(settings, keep, picture) if settings.telegram_token.get_secret_value().strip() else None


def incoming(update: dict[str, Any] | Update) -> Incoming | None:
    """What a citizen did in a private chat: typed, edited, tapped, opened a link, sent a photo, blocked us.

    None for every other update, malformed ones included.
    """
    data = update.to_dict() if isinstance(update, Update) else update
    ident, chat = update_id(data), _private_chat(data)
    if ident is None or chat is None:
        return None
    tapped, member = _at(data, "callback_query", "data"), _at(data, "my_chat_member")
    if isinstance(tapped, str) and tapped:
        return Incoming("telegram", str(ident), chat, button=sound(tapped))
    if member is not None:
        kicked = _at(member, "new_chat_member", "status") == "kicked"
        return Incoming("telegram", str(ident), chat, left=True, at=_end_of_second(_at(member, "date"))) if kicked else None
    message = _at(data, "message") or _at(data, "edited_message")
    photo = _photo_of(message) if "message" in data else ""
    typed, number = _at(message, "caption" if photo else "text"), _at(message, "message_id")
    if isinstance(typed, str) and typed.strip():
        typed = sound(typed).strip()
        link = typed.split()[1] if typed.startswith("/start ") and len(typed.split()) == 2 else ""
        if DEEP_LINK.fullmatch(link):
            return Incoming("telegram", str(ident), chat, start=link)
        number = str(number) if type(number) is int else ""
        return Incoming("telegram", str(ident), chat, text=_meant(typed), message=number, edited="message" not in data, photo=photo)
    if isinstance(message, dict) and NOT_TEXT & message.keys() and "message" in data:
        album = _at(message, "media_group_id")
        return Incoming("telegram", str(ident), chat, answer=say("not_text"), album=album[:40] if isinstance(album, str) else "", photo=photo,
                        location=_place(_at(message, "location")))
    return None


def _photo_of(message: Any) -> str:
    """The largest size of a photo, or a picture sent as a file, as `Incoming.photo` has it; "" without one."""
    sizes = _at(message, "photo")
    best = sizes[-1] if isinstance(sizes, list) and sizes else None
    if best is None and str(_at(message, "document", "mime_type")).startswith("image/"):
        best = _at(message, "document")
    ident = _at(best, "file_id")
    return f"file:{ident}" if isinstance(ident, str) and FILE_ID.fullmatch(ident) else ""


def _place(value: Any) -> tuple[float, float] | None:
    latitude, longitude = _at(value, "latitude"), _at(value, "longitude")
    good = all(type(v) in (int, float) for v in (latitude, longitude)) and abs(latitude) <= 90 and abs(longitude) <= 180
    return (float(latitude), float(longitude)) if good else None


def _end_of_second(seconds: Any) -> datetime | None:
    """Telegram's times are whole seconds, cut off; what was written in the same second was written before."""
    return datetime.fromtimestamp(seconds + 1, UTC) if type(seconds) is int and 0 <= seconds < 2**33 else None


def update_id(update: Any) -> int | None:
    """The id of an update; None when it has no proper one."""
    value = _at(update, "update_id")
    return value if type(value) is int and 0 <= value < 2**63 else None


def _at(value: Any, *path: str) -> Any:
    """The value under a path of keys, None where there is nothing."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _private_chat(update: Any) -> str | None:
    """The address of the private chat in which a person did something."""
    kinds = ("message", "edited_message", "my_chat_member")
    if any(_at(update, kind, "from", "is_bot") for kind in kinds):
        return None
    chat = _at(update, "callback_query", "message", "chat") or next((c for c in (_at(update, kind, "chat") for kind in kinds) if c), None)
    ident = _at(chat, "id")
    return str(ident) if _at(chat, "type") == "private" and type(ident) is int and abs(ident) < 2**63 else None


def _meant(text: str) -> str:
    """The sentence a command stands for; other text as it is, without leading slashes."""
    if not text.startswith("/"):
        return text
    command = text[1:].partition("@")[0].split()
    return COMMANDS.get(command[0].lower() if command else "", ("",))[0] or text.lstrip("/").strip() or text


def keyboard(buttons: list[dict[str, str]]) -> InlineKeyboardMarkup | None:
    """Four buttons a row, or one when a title is too long for that."""
    if not buttons:
        return None
    per_row = 1 if any(len(b["title"]) > 12 for b in buttons) else 4
    keys = [InlineKeyboardButton(b["title"], callback_data=b["payload"]) for b in buttons]
    return InlineKeyboardMarkup([keys[i:i + per_row] for i in range(0, len(keys), per_row)])


def description(body: dict[str, Any]) -> dict[str, Any] | None:
    """What goes in the place of a picture that cannot be shown."""
    return {"text": html.escape(f"🖼 {body['alt']}", quote=False)} if body.get("alt") else None


def messages_of(body: dict[str, Any], photo: str | bytes | None) -> list[dict[str, Any]]:
    """What is put to Telegram for one message: the picture (or its description), the text in parts, the buttons under the last."""
    messages: list[dict[str, Any]] = [{"text": html.escape(part, quote=False)} for part in split(body.get("text") or "")]
    described = description(body)
    if photo is not None:
        messages.insert(0, {"photo": photo})
    elif described:
        messages.insert(0, described)
    if messages:
        messages[-1]["reply_markup"] = keyboard(body.get("buttons") or [])
    return messages


def failure_of(error: Exception) -> SendError:
    """The named failure of what PTB raised."""
    if isinstance(error, ChatMigrated):
        return Moved(str(error.new_chat_id))
    if isinstance(error, RetryAfter):
        wait = error.retry_after  # a timedelta when PTB_TIMEDELTA is set
        return SendError(base.RETRY_AFTER, wait.total_seconds() if isinstance(wait, timedelta) else float(wait))
    said = str(error).lower()
    return SendError(next((failure for kind, part, failure in FAILURES if isinstance(error, kind) and part in said), base.UNREACHABLE))


class Pace:
    """One message a second to a chat, three at once after a rest; PTB limits all chats together, but not one chat."""

    def __init__(self, gap_seconds: float, burst: int = 3):
        self._gap, self._burst = gap_seconds, (burst - 1) * gap_seconds
        self._rested: dict[str, float] = {}
        """When, by the loop's clock, the chat may have a full burst again."""

    def wait_seconds(self, address: str, now: float) -> float:
        return max(0.0, self._rested.get(address, 0.0) - now - self._burst)

    def count(self, address: str, now: float) -> None:
        """A message goes to this chat, now or after wait_seconds."""
        if len(self._rested) > MOST_REMEMBERED:
            self._rested = {a: t for a, t in self._rested.items() if t > now}
        self._rested[address] = max(self._rested.get(address, 0.0), now) + self._gap

    def hold(self, address: str, seconds: float, now: float) -> None:
        """Nothing to this chat for so long."""
        self._rested[address] = max(self._rested.get(address, 0.0), now + seconds + self._burst)


class TelegramChannel:
    """The bot of `telegram_token`. Belongs to the event loop that first uses it."""

    name = "telegram"
    limits = Limits(characters=MOST_UNITS, buttons=100, per_second=25.0, gap_seconds=1.0)

    def __init__(self, settings: Settings, keep: Keep | None = None, picture: Picture | None = None,
                 timeout_seconds: float = 5.0, long_poll_seconds: float = LONG_POLL_SECONDS,
                 gap_seconds: float = 1.0, sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep):
        self._token = settings.telegram_token.get_secret_value().strip()
        self._api_url = settings.telegram_api_url.rstrip("/")
        self.webhook_secret = settings.telegram_webhook_secret.get_secret_value()
        self._webhook_url = settings.public_url.rstrip("/") + PATH if settings.public_url else ""
        self._keep, self._picture = keep, picture
        self._timeout_seconds, self._long_poll_seconds, self._sleep = timeout_seconds, long_poll_seconds, sleep
        self._pace = Pace(gap_seconds)
        self._made: ExtBot | None = None
        self._requests: list[HTTPXRequest] = []
        self._begun: dict[tuple[str, str], list[str]] = {}  # ids of the parts that went out before one failed
        self._asides: set[asyncio.Task] = set()
        self._menu_sent = False

    @property
    def _bot(self) -> ExtBot:
        """Made at first use: httpx clients belong to the running loop. Not initialized, that would call getMe."""
        if self._made is None:
            for noisy in ("httpx", "httpcore"):  # they log URLs, and those hold the token
                logging.getLogger(noisy).setLevel(logging.WARNING)
            logging.getLogger("telegram").setLevel(logging.CRITICAL)  # its errors quote answers, with what citizens wrote
            warnings.filterwarnings("ignore", message=r"Please use 'Bot\.getUpdates'")  # see _updates
            seconds = self._timeout_seconds
            self._requests = [HTTPXRequest(read_timeout=seconds, write_timeout=seconds, connect_timeout=seconds) for _ in range(2)]
            self._made = ExtBot(self._token, base_url=self._api_url + "/bot", request=self._requests[0],
                                get_updates_request=self._requests[1], rate_limiter=AIORateLimiter(max_retries=0))
        return self._made

    async def send(self, address: str, body: dict[str, Any], occasion: Occasion = Occasion()) -> str:
        """Sends the image, then the text in parts, the buttons under the last; returns the message ids, comma between.

        A retry of the same body after a failure in the middle goes on with the part that failed. Raises SendError.
        """
        described = description(body)
        messages = messages_of(body, await self._photo(str(body.get("image") or "")))
        if not messages:
            raise SendError(base.BAD_REQUEST)
        key = address, json.dumps(body, sort_keys=True)
        done = self._begun.pop(key, [])
        try:
            for message in messages[len(done):]:
                done.append(await self._send(address, message, optional="photo" in message and len(messages) > 1))
                if not done[-1] and described:  # the picture was refused
                    done[-1] = await self._send(address, described, optional=False)
        except SendError as error:
            if done and error.failure.retry:
                self._begun[key] = done
                if len(self._begun) > MOST_REMEMBERED:
                    self._begun.pop(next(iter(self._begun)))
            raise
        return ",".join(filter(None, done))

    async def _photo(self, image: str) -> str | bytes | None:
        """What Telegram takes for a picture: an address it can fetch, else our own picture's bytes.

        Any other text PTB would upload as a file of this machine.
        """
        if image.startswith(("https://", "http://")):
            return image
        return await asyncio.to_thread(self._picture, image) if self._picture is not None and image.startswith("/pictures/") else None

    async def _send(self, address: str, message: dict[str, Any], optional: bool) -> str:
        """One message at the chat's pace; its id. "" when Telegram refuses an optional one: no picture, but the text."""
        loop = asyncio.get_running_loop()
        wait = self._pace.wait_seconds(address, loop.time())
        if wait > MOST_WAIT_SECONDS:
            raise SendError(base.RETRY_AFTER, wait)
        self._pace.count(address, loop.time())
        if wait:
            await self._sleep(wait)
        try:
            if "photo" in message:
                return str((await self._bot.send_photo(address, **message)).message_id)
            return str((await self._bot.send_message(address, **message, parse_mode="HTML",
                                                     link_preview_options=LinkPreviewOptions(is_disabled=True))).message_id)
        except (TelegramError, LookupError, TypeError, AttributeError, ValueError) as error:  # the others: not the Bot API's JSON
            failure = failure_of(error)
            if optional and failure.failure is base.BAD_REQUEST:
                if isinstance(photo := message["photo"], str) and self._picture is not None:
                    data = await asyncio.to_thread(self._picture, photo)  # our own, at an address it cannot reach
                    if data is not None:
                        return await self._send(address, {**message, "photo": data}, optional)
                logger.warning("Telegram refused an image; its text goes alone")
                return ""
            if failure.retry_after_seconds:
                self._pace.hold(address, failure.retry_after_seconds, loop.time())
            raise failure from error

    async def poll(self, store: Store) -> None:
        """Sees to the webhook where there is one and returns; else long polling until cancelled: every update is stored before
        the next request confirms it. A webhook set earlier makes Telegram answer 409, and is removed then."""
        if not self._menu_sent:
            self._menu_sent = True
            self._aside(self._send_menu())
        if self.webhook_secret:
            await self._set_webhook()
            return
        offset, failures = None, 0
        while True:
            try:
                updates = await self._updates(offset)
                for update in updates:
                    await self.take(update, store)
                    offset = update["update_id"] + 1
                if not updates:
                    offset = None  # all is confirmed; after a quiet week ids start anew, perhaps lower
                failures = 0
            except Exception as error:
                failures = min(failures + 1, 6)
                wait, level = min(MOST_BACKOFF_SECONDS, 2 ** (failures - 1)), logging.WARNING
                wait = max(wait, failure_of(error).retry_after_seconds or 0)
                if isinstance(error, InvalidToken):
                    wait, level = BAD_TOKEN_SECONDS, logging.ERROR
                logger.log(level, "receiving from Telegram: %s; again in %s s", type(error).__name__, wait)
                if isinstance(error, Conflict):
                    await self._quietly(self._bot.delete_webhook(), "deleteWebhook")
                await self._sleep(wait)

    async def _updates(self, offset: int | None) -> list[dict[str, Any]]:
        """The next updates as plain JSON: get_updates would fail on a whole batch, for good, for one it cannot parse."""
        arguments = {"timeout": self._long_poll_seconds, "allowed_updates": ALLOWED_UPDATES}
        if offset is not None:
            arguments["offset"] = offset
        found = await self._bot.do_api_request("getUpdates", api_kwargs=arguments,
                                               read_timeout=self._long_poll_seconds + self._timeout_seconds)
        if not isinstance(found, list) or any(update_id(u) is None for u in found):
            raise ValueError("not a list of updates")
        return found

    async def take(self, update: dict[str, Any], store: Store) -> None:
        """Stores what an update says, then sees to what Telegram and the citizen expect at once. Raises what store raises."""
        ident, message = update_id(update), incoming(update)
        if message is not None:
            try:
                await store(message)
            except Exception:
                logger.warning("update %s could not be stored", ident)
                raise
        query = _at(update, "callback_query", "id")
        if isinstance(query, str) and query:  # every query, else the button keeps spinning
            self._aside(self._quietly(self._bot.answer_callback_query(query), f"update {ident}, answerCallbackQuery"))
        if message is not None and message.left:
            logger.info("update %s: the bot was blocked", ident)

    async def _set_webhook(self) -> None:
        """Tells Telegram our address, secret and kinds of updates where any of them is another than it has; drops nothing."""
        if not self._webhook_url:
            return  # whoever sets no PUBLIC_URL sets the webhook by hand
        if not self._webhook_url.startswith("https://"):
            logger.error("no webhook set for Telegram: PUBLIC_URL must begin with https://")
            return
        # what Telegram tells of a webhook leaves the secret out
        mark = hashlib.sha256(f"{self._webhook_url} {self.webhook_secret}".encode()).hexdigest()
        failures = 0
        while True:
            try:
                if await self._registered() and await self._recalled() == mark:
                    return
                await self._bot.set_webhook(self._webhook_url, secret_token=self.webhook_secret, allowed_updates=ALLOWED_UPDATES)
                if not await self._registered():
                    logger.error("Telegram did not take the webhook over")
                    return
                if self._keep is not None:
                    await asyncio.to_thread(self._keep.put, WEBHOOK, mark)
                return
            except Exception as error:
                failures = min(failures + 1, 6)
                wait = max(BAD_TOKEN_SECONDS if isinstance(error, InvalidToken) else min(MOST_BACKOFF_SECONDS, 2 ** (failures - 1)),
                           failure_of(error).retry_after_seconds or 0)
                logger.log(logging.ERROR if isinstance(error, BadRequest | InvalidToken) else logging.WARNING,
                           "setting Telegram's webhook: %s; again in %s s", type(error).__name__, wait)
                await self._sleep(wait)

    async def _registered(self) -> bool:
        info = await self._bot.get_webhook_info()
        return info.url == self._webhook_url and set(info.allowed_updates or ()) == set(ALLOWED_UPDATES)

    async def _recalled(self) -> str | None:
        """The mark of what Telegram was told last; None when nobody remembers."""
        try:
            return await asyncio.to_thread(self._keep.get, WEBHOOK) if self._keep is not None else None
        except Unreadable:
            return None

    async def _send_menu(self) -> None:
        menu = [BotCommand(name, line) for name, (_, line) in COMMANDS.items() if line]
        for language in ("", "vi"):
            await self._quietly(self._bot.set_my_commands(menu, language_code=language), "setMyCommands")

    async def _quietly(self, work: Awaitable[Any], what: str) -> None:
        """Does something whose failure is only logged."""
        try:
            await work
        except Exception as error:
            if not (isinstance(error, BadRequest) and "query is too old" in error.message.lower()):
                logger.warning("%s: %s", what, error.failure.name if isinstance(error, SendError) else type(error).__name__)

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Does it beside, so that neither polling nor the webhook's answer waits."""
        task = asyncio.create_task(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    async def close(self) -> None:
        """Gives work under way two seconds, then closes the connections."""
        for task in (await asyncio.wait(self._asides, timeout=2))[1] if self._asides else ():
            task.cancel()
        await asyncio.gather(*(r.shutdown() for r in self._requests))
        self._made, self._requests = None, []


def router(channel: TelegramChannel, store: Store) -> APIRouter:
    """POST /channels/telegram: 403 without the secret, 400 for no update, 503 (Telegram repeats it) when not stored."""
    routes = APIRouter()

    @routes.post(PATH)
    async def receive(request: Request) -> Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not channel.webhook_secret or not hmac.compare_digest(given.encode(), channel.webhook_secret.encode()):
            raise HTTPException(403)
        try:
            update = json.loads(await request.body())
        except (ValueError, RecursionError):
            update = None
        if update_id(update) is None:
            raise HTTPException(400)
        try:
            await channel.take(update, store)
        except Exception as error:  # logged by take; the server's own traceback could show the message
            raise HTTPException(503) from error
        return Response()

    return routes
