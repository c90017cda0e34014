"""Long polling of Telegram: an update is stored before the next request confirms it."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from telegram.error import Conflict, InvalidToken
from telegram.ext import ExtBot

from bot.channels.telegram_events import ALLOWED_UPDATES, update_id
from bot.channels.telegram_failures import pause_seconds, quietly

logger = logging.getLogger(__name__)

LONG_POLL_SECONDS = 25


class Polling:
    """bot: the library's, made at first use. timeout_seconds: beyond what Telegram may hold a request."""

    def __init__(self, bot: Callable[[], ExtBot], long_poll_seconds: float, timeout_seconds: float, sleep: Callable[[float], Awaitable[Any]]):
        self._bot, self._sleep = bot, sleep
        self._long_poll_seconds, self._timeout_seconds = long_poll_seconds, timeout_seconds

    async def run(self, take: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        """Until cancelled. take: returns when what the update says is stored. A webhook set earlier makes Telegram answer 409,
        and is removed then."""
        offset, failures = None, 0
        while True:
            try:
                updates = await self._updates(offset)
                for update in updates:
                    await take(update)
                    offset = update["update_id"] + 1
                if not updates:
                    offset = None  # all is confirmed; after a quiet week ids start anew, perhaps lower
                failures = 0
            except Exception as error:
                failures = min(failures + 1, 6)
                wait = pause_seconds(error, failures)
                logger.log(logging.ERROR if isinstance(error, InvalidToken) else logging.WARNING,
                           "receiving from Telegram: %s; again in %s s", type(error).__name__, wait)
                if isinstance(error, Conflict):
                    await quietly(self._bot().delete_webhook(), "deleteWebhook")
                await self._sleep(wait)

    async def _updates(self, offset: int | None) -> list[dict[str, Any]]:
        """The next updates as plain JSON: get_updates would fail on a whole batch, for good, for one it cannot parse."""
        arguments = {"timeout": self._long_poll_seconds, "allowed_updates": ALLOWED_UPDATES}
        if offset is not None:
            arguments["offset"] = offset
        found = await self._bot().do_api_request("getUpdates", api_kwargs=arguments,
                                               read_timeout=self._long_poll_seconds + self._timeout_seconds)
        if not isinstance(found, list) or any(update_id(u) is None for u in found):
            raise ValueError("not a list of updates")
        return found
