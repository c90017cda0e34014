"""Sees to it that the Zalo Bot Platform posts to our address, with our secret."""

import hashlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from bot.channels.base import SendError
from bot.channels.reading import value_at
from bot.channels.zalo_bot_client import Client, Refused, pause_seconds
from bot.channels.zalo_bot_notes import Notes

logger = logging.getLogger(__name__)

PATH = "/channels/zalo-bot"
SECRET_LENGTHS = range(8, 257)
WEBHOOK = "zalo_bot:webhook"
"""What is noted: the fingerprint of the webhook we set."""


class Webhook:
    """public_url: ours, "" where the webhook is set by hand."""

    def __init__(self, public_url: str, secret: str, client: Client, notes: Notes, sleep: Callable[[float], Awaitable[Any]]):
        self._url, self._secret = public_url.rstrip("/") + PATH if public_url else "", secret
        self._client, self._notes, self._sleep = client, notes, sleep

    async def set(self) -> None:
        """Tells the platform our address and secret where it has another address, or we another secret than last time."""
        if not self._url:
            return  # whoever sets no PUBLIC_URL sets the webhook by hand
        if not self._url.startswith("https://") or len(self._secret) not in SECRET_LENGTHS:
            logger.error("no webhook set for the Zalo bot: PUBLIC_URL must begin with https://, the secret has 8 to 256 characters")
            return
        mark = hashlib.sha256(f"{self._url} {self._secret}".encode()).hexdigest()
        failures = 0
        while True:
            try:
                if await self._registered() == self._url and await self._notes.recall(WEBHOOK) in ("", mark):
                    return
                await self._client.call("setWebhook", url=self._url, secret_token=self._secret)
                if await self._registered() != self._url:
                    logger.error("the Zalo bot's webhook was not taken over")
                    return
                await self._notes.note(WEBHOOK, mark)
                logger.info("the Zalo bot's webhook is set")
                return
            except SendError as error:
                wait = pause_seconds(error, failures)
                logger.error("the Zalo bot's webhook is not set: %s", error)
                if not error.failure.retry:
                    return
                failures += 1
                await self._sleep(wait)

    async def _registered(self) -> str:
        """The address the platform has; a bot without one may answer 404."""
        try:
            url = value_at(await self._client.call("getWebhookInfo"), "url")
        except Refused as refused:
            if refused.code != 404:
                raise
            url = ""
        return url if isinstance(url, str) else ""
