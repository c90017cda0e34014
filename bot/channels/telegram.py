"""Telegram: updates by webhook or long polling, messages by the Bot API (facts: shared/protocols/telegram.md).

Logs carry update ids and error classes only: texts, names, chat ids and the token (it is part of every URL) stay out.
"""

import asyncio
import hmac
import json
import logging
import warnings
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from telegram import BotCommand
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.channels.base import Keep, Limits, Occasion, Picture, Store
from bot.channels.telegram_events import CHANNEL, COMMANDS, incoming, query_of, update_id
from bot.channels.telegram_failures import pause_seconds, quietly
from bot.channels.telegram_messages import MOST_UNITS
from bot.channels.telegram_polling import LONG_POLL_SECONDS, Polling
from bot.channels.telegram_sending import Sender
from bot.channels.telegram_webhook import PATH, Webhook
from bot.config import Settings

logger = logging.getLogger(__name__)


def make(settings: Settings, keep: Keep | None = None, picture: Picture | None = None) -> "TelegramChannel | None":
    """The channel, when a token is set."""
    return TelegramChannel(settings, keep, picture) if settings.telegram_token.get_secret_value().strip() else None


class TelegramChannel:
    """The bot of `telegram_token`. Belongs to the event loop that first uses it."""

    name = CHANNEL
    limits = Limits(characters=MOST_UNITS, buttons=100, per_second=25.0, gap_seconds=1.0)

    def __init__(self, settings: Settings, keep: Keep | None = None, picture: Picture | None = None,
                 timeout_seconds: float = 5.0, long_poll_seconds: float = LONG_POLL_SECONDS,
                 gap_seconds: float = 1.0, sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep):
        self._token = settings.telegram_token.get_secret_value().strip()
        self._api_url = settings.telegram_api_url.rstrip("/")
        self.webhook_secret = settings.telegram_webhook_secret.get_secret_value()
        self._timeout_seconds = timeout_seconds
        self._sleep = sleep
        self._made: ExtBot | None = None
        self._requests: list[HTTPXRequest] = []
        self._asides: set[asyncio.Task] = set()
        self._menu_sent = False
        self._sender = Sender(self._bot, picture, gap_seconds, sleep)
        self._polling = Polling(self._bot, long_poll_seconds, timeout_seconds, sleep)
        self._webhook = Webhook(settings.public_url, self.webhook_secret, keep, self._bot, sleep)

    def _bot(self) -> ExtBot:
        """Made at first use: httpx clients belong to the running loop. Not initialized, that would call getMe."""
        if self._made is None:
            for noisy in ("httpx", "httpcore"):  # they log URLs, and those hold the token
                logging.getLogger(noisy).setLevel(logging.WARNING)
            logging.getLogger("telegram").setLevel(logging.CRITICAL)  # its errors quote answers, with what citizens wrote
            warnings.filterwarnings("ignore", message=r"Please use 'Bot\.getUpdates'")  # see telegram_polling
            seconds = self._timeout_seconds
            self._requests = [HTTPXRequest(read_timeout=seconds, write_timeout=seconds, connect_timeout=seconds) for _ in range(2)]
            self._made = ExtBot(self._token, base_url=self._api_url + "/bot", request=self._requests[0],
                                get_updates_request=self._requests[1], rate_limiter=AIORateLimiter(max_retries=0))
        return self._made

    async def send(self, address: str, body: dict[str, Any], occasion: Occasion = Occasion()) -> str:
        """See telegram_sending.Sender; Telegram knows no window, so only what is done of the message matters. Raises SendError."""
        return await self._sender.send(address, body, occasion)

    async def poll(self, store: Store) -> None:
        """Sees to the webhook where there is one and returns; else long polling until cancelled."""
        if not self._menu_sent:
            self._menu_sent = True
            self._aside(self._send_menu())
        if self.webhook_secret:
            await self._webhook.set()
            return
        await self._polling.run(lambda update: self.take(update, store))

    async def take(self, update: dict[str, Any], store: Store) -> None:
        """Stores what an update says, then sees to what Telegram and the citizen expect at once. Raises what store raises."""
        ident, message = update_id(update), incoming(update)
        if message is not None:
            try:
                await store(message)
            except Exception:
                logger.warning("update %s could not be stored", ident)
                raise
        if query := query_of(update):  # every query, else the button keeps spinning
            self._aside(quietly(self._bot().answer_callback_query(query), f"update {ident}, answerCallbackQuery"))
        if message is not None and message.left:
            logger.info("update %s: the bot was blocked", ident)

    async def _send_menu(self) -> None:
        """Tried until Telegram has it, as the webhook is."""
        menu = [BotCommand(name, line) for name, (_, line) in COMMANDS.items() if line]
        for language in ("", "vi"):
            failures = 0
            while True:
                try:
                    await self._bot().set_my_commands(menu, language_code=language)
                    break
                except Exception as error:
                    failures = min(failures + 1, 6)
                    wait = pause_seconds(error, failures)
                    logger.warning("setMyCommands: %s; again in %s s", type(error).__name__, wait)
                    await self._sleep(wait)

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
