"""Sends the messages of one bot at the pace that Telegram allows."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import LinkPreviewOptions
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.channels import base
from bot.channels.base import Occasion, Picture, SendError
from bot.channels.telegram_failures import failure_of
from bot.channels.telegram_messages import description, messages_of

logger = logging.getLogger(__name__)

MOST_WAIT_SECONDS = 5  # a chat that must wait longer goes back to the outbox, for the worker sends one after the other
MOST_REMEMBERED = 1000


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


class Sender:
    """Belongs to the event loop that first uses it. bot: the library's, made at first use."""

    def __init__(self, bot: Callable[[], ExtBot], picture: Picture | None, gap_seconds: float, sleep: Callable[[float], Awaitable[Any]]):
        self._bot, self._picture, self._sleep = bot, picture, sleep
        self._pace = Pace(gap_seconds)

    async def send(self, address: str, body: dict[str, Any], occasion: Occasion) -> str:
        """Sends the image, then the text in parts, the buttons under the last; returns the message ids, comma between.

        What is done according to the occasion is not sent again. Raises SendError.
        """
        described = description(body)
        messages = messages_of(body, await self._photo(str(body.get("image") or "")))
        if not messages:
            raise SendError(base.BAD_REQUEST)
        done = list(occasion.done)
        for message in messages[len(done):]:
            ident = await self._send(address, message, optional="photo" in message and len(messages) > 1)
            if not ident and described:  # the picture was refused
                ident = await self._send(address, described, optional=False)
            done.append(ident)
            occasion.note(done)
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
                return str((await self._bot().send_photo(address, **message)).message_id)
            return str((await self._bot().send_message(address, **message, parse_mode="HTML",
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
