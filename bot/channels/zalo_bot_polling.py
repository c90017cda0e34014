"""Long polling of the Zalo Bot Platform.

There is no offset and no acknowledgement: what was handed out and not stored is gone. So an update is stored before
anything else, a cancelled poll still stores what it holds, and a store that fails is tried until it works.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from bot.channels import base
from bot.channels.base import SendError
from bot.channels.zalo_bot_client import Client, Refused, pause_seconds, quietly
from bot.channels.zalo_bot_events import update_of

logger = logging.getLogger(__name__)

LONG_POLL_SECONDS = 30
SHORT_POLL_SECONDS = 1
"""An empty answer that comes sooner is no long poll; the next one waits as long, so that we do not spin."""


class Polling:
    """Belongs to the event loop that first uses it."""

    def __init__(self, client: Client, long_poll_seconds: float, sleep: Callable[[float], Awaitable[Any]]):
        self._client, self._long_poll_seconds, self._sleep = client, long_poll_seconds, sleep

    async def run(self, take: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        """Until cancelled. take: returns when what the update says is stored."""
        failures = 0
        while True:
            try:
                began = time.monotonic()
                updates = await self._updates()
                for update in updates:
                    await take(update)
                failures = 0
                if not updates and (left := SHORT_POLL_SECONDS - (time.monotonic() - began)) > 0:
                    await self._sleep(left)
            except SendError as error:
                wait = pause_seconds(error, failures)
                failures += 1
                logger.log(logging.ERROR if error.failure is base.BAD_TOKEN else logging.WARNING,
                           "receiving from the Zalo bot: %s; again in %s s", error, wait)
                if isinstance(error, Refused) and error.code == 400:  # a webhook is set, and the two exclude each other
                    await quietly(self._client.call("deleteWebhook"), "deleteWebhook")
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
