"""Sees to it that Telegram posts updates to our address, with our secret."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from telegram.error import BadRequest, InvalidToken
from telegram.ext import ExtBot

from bot.channels.base import Keep
from bot.channels.telegram_events import ALLOWED_UPDATES
from bot.channels.telegram_failures import pause_seconds
from bot.errors import Unreadable

logger = logging.getLogger(__name__)

PATH = "/channels/telegram"
WEBHOOK = "telegram:webhook"  # under this key a mark of the address and secret that Telegram was told is kept


class Webhook:
    """public_url: ours, "" where the webhook is set by hand. bot: the library's, made at first use."""

    def __init__(self, public_url: str, secret: str, keep: Keep | None, bot: Callable[[], ExtBot], sleep: Callable[[float], Awaitable[Any]]):
        self._url, self._secret = public_url.rstrip("/") + PATH if public_url else "", secret
        self._keep, self._bot, self._sleep = keep, bot, sleep

    async def set(self) -> None:
        """Tells Telegram our address, secret and kinds of updates where any of them is another than it has; drops nothing."""
        if not self._url:
            return  # whoever sets no PUBLIC_URL sets the webhook by hand
        if not self._url.startswith("https://"):
            logger.error("no webhook set for Telegram: PUBLIC_URL must begin with https://")
            return
        # what Telegram tells of a webhook leaves the secret out
        mark = hashlib.sha256(f"{self._url} {self._secret}".encode()).hexdigest()
        failures = 0
        while True:
            try:
                if await self._registered() and await self._recalled() == mark:
                    return
                await self._bot().set_webhook(self._url, secret_token=self._secret, allowed_updates=ALLOWED_UPDATES)
                if not await self._registered():
                    logger.error("Telegram did not take the webhook over")
                    return
                if self._keep is not None:
                    await asyncio.to_thread(self._keep.put, WEBHOOK, mark)
                return
            except Exception as error:
                failures = min(failures + 1, 6)
                wait = pause_seconds(error, failures)
                logger.log(logging.ERROR if isinstance(error, BadRequest | InvalidToken) else logging.WARNING,
                           "setting Telegram's webhook: %s; again in %s s", type(error).__name__, wait)
                await self._sleep(wait)

    async def _registered(self) -> bool:
        info = await self._bot().get_webhook_info()
        return info.url == self._url and set(info.allowed_updates or ()) == set(ALLOWED_UPDATES)

    async def _recalled(self) -> str | None:
        """The mark of what Telegram was told last; None when nobody remembers."""
        try:
            return await asyncio.to_thread(self._keep.get, WEBHOOK) if self._keep is not None else None
        except Unreadable:
            return None
