"""Sends the messages of the Zalo bot, and nothing while the platform has told it to be still."""

import json
import logging
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.channels import base
from bot.channels.base import Limits, Occasion, SendError
from bot.channels.reading import value_at
from bot.channels.rendering import fitted
from bot.channels.zalo_bot_client import BAD_TOKEN_SECONDS, Client, Refused
from bot.channels.zalo_bot_notes import Notes

logger = logging.getLogger(__name__)

LIMITS = Limits(characters=2000, buttons=0, per_second=5.0, gap_seconds=0.0)
"""The platform names no rate, only 429; five a second is far below what one bot's fifty users cause."""
FIRST_WAIT_SECONDS, MOST_WAIT_SECONDS = 15, 3600
"""After a 429 that names no time, doubled at each further one."""
QUOTA_AFTER_SECONDS = 2 * 3600
"""429 for so long without a message getting through is the monthly quota (3,000 messages), not the rate."""
QUOTA_WAIT_SECONDS = 3600
DESCRIBED = "described"
"""Stands before the ids of the parts where a picture was refused: the others are cut without it."""
TROUBLE = "zalo_bot:trouble"
"""What is noted: {why, since} while nothing gets through, "" else."""


def calls_of(body: dict[str, Any], address: str) -> list[tuple[str, dict[str, str]]]:
    """The requests of one message. The text goes under the picture, for each request counts against the month's quota."""
    texts = [part.text for part in fitted({**body, "text": unicodedata.normalize("NFC", body.get("text") or "")}, LIMITS)]
    calls = [("sendMessage", {"chat_id": address, "text": text}) for text in texts]
    if not str(body.get("image")).startswith(("https://", "http://")):
        return calls
    caption = {"caption": texts[0]} if texts else {}
    return [("sendPhoto", {"chat_id": address, "photo": body["image"], **caption}), *calls[1:]]


class Sender:
    """Belongs to the event loop that first uses it. clock: seconds since the epoch."""

    def __init__(self, client: Client, notes: Notes, clock: Callable[[], float]):
        self._client, self._notes, self._clock = client, notes, clock
        self._stop: tuple[base.Failure, float, float] | None = None
        """Why nothing is sent, since when, for how many seconds."""
        self._refusals = 0
        self._troubled = True  # perhaps: what an earlier run noted is looked at once

    async def send(self, address: str, body: dict[str, Any], occasion: Occasion) -> str:
        """Sends the picture with the first part of the text under it, then the other parts; returns the message ids, comma between.

        What is done according to the occasion is not sent again. A picture that is refused is described. Raises SendError.
        """
        done = list(occasion.done)
        described = done[:1] == [DESCRIBED]
        calls = calls_of({**body, "image": None} if described else body, address)
        if not calls:
            raise SendError(base.BAD_REQUEST)
        for method, fields in calls[len(done) - described:]:
            try:
                done.append(await self._send(method, fields))
            except Refused as refused:
                if refused.code != 400 or "photo" not in fields or not (body.get("text") or body.get("alt")):
                    raise
                logger.warning("a picture was refused; its description goes instead")
                return await self.send(address, body, replace(occasion, done=[DESCRIBED]))
            occasion.note(done)
        return ",".join(one for one in done if one not in ("", DESCRIBED))

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
            if await self._notes.recall(TROUBLE):
                await self._notes.note(TROUBLE, "")
        ident = value_at(result, "message_id")
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
            before = json.loads(await self._notes.recall(TROUBLE) or "{}")
            since = min(now, before.get("since", now)) if before.get("why") != base.BAD_TOKEN.name else now
            backoff = min(MOST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(self._refusals, 10))
            self._refusals += 1
            seconds = float(backoff if refused.retry_after_seconds is None else refused.retry_after_seconds)
            if now - since >= QUOTA_AFTER_SECONDS:
                failure, seconds = base.QUOTA, max(seconds, QUOTA_WAIT_SECONDS)
        self._stop = failure, now, seconds
        self._troubled = True
        await self._notes.note(TROUBLE, json.dumps({"why": failure.name, "since": since}))
        if failure.ours:
            logger.error("Zalo bot: %s; nothing gets through for %d min, again in %d min", failure.name, (now - since) // 60, seconds // 60)
        return SendError(failure, seconds)

    async def state(self) -> dict[str, Any]:
        """For /health, from any process: the token never expires, but it may be refused, and the month's quota used up."""
        why = json.loads(await self._notes.recall(TROUBLE) or "{}").get("why", "")
        return {"up": why in ("", base.RETRY_AFTER.name), "why": why, "token_expires_seconds": None}
