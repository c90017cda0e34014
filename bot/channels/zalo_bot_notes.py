"""What the Zalo bot remembers between runs: the trouble it is in, the webhook it has set."""

import asyncio
import logging

from bot.channels.base import Keep
from bot.errors import Unreadable

logger = logging.getLogger(__name__)


class Notes:
    """Without a Keep they last for as long as the process lives."""

    def __init__(self, keep: Keep | None):
        self._keep, self._kept = keep, dict[str, str]()

    async def recall(self, key: str) -> str:
        """What is noted, "" where nothing is or it cannot be read."""
        if self._keep is None:
            return self._kept.get(key, "")
        try:
            return await asyncio.to_thread(self._keep.get, key) or ""
        except Unreadable:
            return ""

    async def note(self, key: str, value: str) -> None:
        self._kept[key] = value
        if self._keep is not None:
            try:
                await asyncio.to_thread(self._keep.put, key, value)
            except Exception as error:  # a note is worth less than the message it is about
                logger.warning("%s could not be noted: %s", key, type(error).__name__)
