"""Zalo Bot Platform: messages by webhook or long polling, no buttons (facts: shared/protocols/zalo_bot.md).

Logs carry error names and method names only.
"""

import asyncio
import hmac
import json
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from bot.channels.base import Keep, Occasion, Store
from bot.channels.reading import value_at
from bot.channels.zalo_bot_client import MOST_BACKOFF_SECONDS, Client, quietly
from bot.channels.zalo_bot_events import CHANNEL, incoming, update_of
from bot.channels.zalo_bot_notes import Notes
from bot.channels.zalo_bot_polling import LONG_POLL_SECONDS, Polling
from bot.channels.zalo_bot_sending import LIMITS, Sender
from bot.channels.zalo_bot_webhook import PATH, Webhook
from bot.config import Settings
from bot.messages import Incoming

logger = logging.getLogger(__name__)

STORE_SECONDS = 5.0


def make(settings: Settings, keep: Keep | None = None) -> "ZaloBotChannel | None":
    """The channel, when a token is set."""
    return ZaloBotChannel(settings, keep) if settings.zalo_bot_token.get_secret_value().strip() else None


class ZaloBotChannel:
    """The bot of `zalo_bot_token`. Belongs to the event loop that first uses it. clock: seconds since the epoch."""

    name = CHANNEL
    limits = LIMITS

    def __init__(self, settings: Settings, keep: Keep | None = None, timeout_seconds: float = 5.0, long_poll_seconds: float = LONG_POLL_SECONDS,
                 store_seconds: float = STORE_SECONDS, sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
                 clock: Callable[[], float] = time.time):
        token = settings.zalo_bot_token.get_secret_value().strip()
        self.webhook_secret = settings.zalo_bot_webhook_secret.get_secret_value()
        self.store_seconds = store_seconds
        self._account_name = settings.zalo_bot_name.strip()
        self._bot_id = token.partition(":")[0]
        self._sleep = sleep
        self._asides: set[asyncio.Task] = set()
        self._client, notes = Client(settings.zalo_bot_api_url, token, timeout_seconds), Notes(keep)
        self._sender = Sender(self._client, notes, clock)
        self._polling = Polling(self._client, long_poll_seconds, sleep)
        self._webhook = Webhook(settings.public_url, self.webhook_secret, self._client, notes, sleep)

    async def send(self, address: str, body: dict[str, Any], occasion: Occasion = Occasion()) -> str:
        """See zalo_bot_sending.Sender; the platform knows no window, so only what is done of the message matters. Raises SendError."""
        return await self._sender.send(address, body, occasion)

    async def state(self) -> dict[str, Any]:
        """For /health, from any process: see zalo_bot_sending.Sender."""
        return await self._sender.state()

    async def poll(self, store: Store) -> None:
        """Sees to the webhook where there is one and returns; else long polling until cancelled."""
        if self._account_name:
            await quietly(self._check_name(), "getMe")
        if self.webhook_secret:
            await self._webhook.set()
            return
        await self._polling.run(lambda update: self.take(update, store))

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
        found = value_at(await self._client.call("getMe"), "account_name")
        if found != self._account_name:
            logger.error("the Zalo bot's token is that of another bot than ZALO_BOT_NAME says")

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
