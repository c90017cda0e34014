"""The token pair of a Zalo Official Account: an access token of 25 hours, a refresh token that works once.

Whoever renews holds a lock over all processes, writes down that it is about to ask, asks, and saves the new pair before
anybody uses it. If the answer is lost (a crash, a time-out), the old refresh token is tried again: it still works when the
request never arrived, and when Zalo says that it is used up, only a human can authorise the OA again. That is logged and
shown by `state`; the access token is used as long as it lives. A new ZALO_OA_REFRESH_TOKEN begins anew.
"""

import asyncio
import hashlib
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import httpx

from bot.channels import base
from bot.channels.base import Keep, SendError
from bot.config import Settings
from bot.errors import Unreadable

logger = logging.getLogger(__name__)

RENEW_BEFORE_SECONDS = 5 * 3600
LIFETIME_SECONDS = 90_000  # what expires_in says; used when an answer does not say it
USED_UP = {"-14014", "-118"}  # refresh token invalid, grant invalid: asking again is of no use
ASK_SECONDS = 15
LOCK = "zalo_oa:renew"
LOCK_SECONDS = 60  # longer than asking and saving take
LOOK_SECONDS = 0.2
SAVE_AGAIN_SECONDS = (0.5, 1, 2, 4, 8, 15)
AGAIN_SECONDS = 60
"""After an answer that did not come, and at the earliest between two renewals."""
REFUSED_AGAIN_SECONDS = 3600
"""After a refusal that a human may undo in Zalo's console, such as an app that is switched off."""
HUMAN_SECONDS = 600
CONSENT = "an administrator must authorise the OA again and set ZALO_OA_REFRESH_TOKEN"


@dataclass(frozen=True)
class Pair:
    """What is kept. Times are seconds since 1970.

    asked_at: a renewal was begun then, and its answer is not here. trouble: why Zalo refused the last one, "" when it did not;
    refused_with: which app id and secret that was with, for a corrected secret is worth another try.
    """

    refresh: str
    access: str = ""
    expires_at: float = 0.0
    renew_at: float = 0.0
    renewed_at: float = 0.0
    asked_at: float = 0.0
    trouble: str = ""
    refused_at: float = 0.0
    refused_with: str = ""


class Tokens:
    """Belongs to the event loop that first uses it. now: seconds since 1970."""

    def __init__(self, settings: Settings, keep: Keep, http: Callable[[], httpx.AsyncClient], now: Callable[[], float] = time.time,
                 sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep):
        self._app_id = settings.zalo_oa_app_id.strip()
        self._app_secret = settings.zalo_oa_app_secret.get_secret_value().strip()
        self._seed = settings.zalo_oa_refresh_token.get_secret_value().strip()
        self._url = settings.zalo_oauth_url.rstrip("/") + "/v4/oa/access_token"
        self._keep, self._http, self._now, self._sleep = keep, http, now, sleep
        # named by the consent it comes from: a new refresh token in the settings begins a new row
        self._key = f"zalo_oa:tokens:{_digest(self._app_id, self._seed)}"
        self._pair: Pair | None = None
        self._renewing: asyncio.Task[Pair] | None = None
        self._not_before = 0.0
        self._unsaved: Pair | None = None
        """A new pair while the database does not take it; the only copy there is."""

    async def current(self) -> str:
        """The access token to use. Raises SendError when there is none that lives."""
        if self._pair is None:
            self._pair = await self._load()
        pair, now = self._pair, self._now()
        if pair.access and now < pair.renew_at:
            return pair.access
        alive = bool(pair.access) and now < pair.expires_at
        if alive and now < self._not_before:
            return pair.access
        try:
            return (await self._renewed()).access
        except SendError as error:
            self._not_before = now + min(error.retry_after_seconds or AGAIN_SECONDS, AGAIN_SECONDS)
            if alive:
                return pair.access
            raise

    async def instead_of(self, refused: str) -> str:
        """A token for the one that the API has refused: another process's new one, or one renewed now. Raises SendError."""
        self._pair = await self._load()
        if not self._pair.access or self._pair.access == refused:
            self._pair = await self._renewed(refused)
        if self._pair.access == refused:
            raise SendError(base.BAD_TOKEN, AGAIN_SECONDS)
        return self._pair.access

    async def state(self) -> dict[str, Any]:
        """{"up", "why", "token_expires_seconds"}: why is "" while all is well; seconds None without a token."""
        try:
            pair = await self._load()
        except SendError as error:
            return {"up": False, "why": str(error.__cause__ or error), "token_expires_seconds": None}
        left = pair.expires_at - self._now() if pair.access else None
        why = ""
        if self._refused(pair):
            why = f"Zalo refuses to renew the token ({pair.trouble}): {CONSENT}"
        elif not (self._app_secret and self._seed):
            why = "ZALO_OA_APP_SECRET and ZALO_OA_REFRESH_TOKEN are needed to send"
        elif left is not None and left <= 0:
            why = "the token has expired and cannot be renewed at present"
        return {"up": not why, "why": why, "token_expires_seconds": left}

    async def close(self) -> None:
        """Lets a renewal under way come to its end: a new pair that is not saved is lost for good."""
        if self._renewing is not None and not self._renewing.done():
            await asyncio.wait([self._renewing], timeout=LOCK_SECONDS)

    async def _renewed(self, refused: str = "") -> Pair:
        """One renewal at a time in this process, which goes on when whoever waits for it is cancelled."""
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew(refused))
            self._renewing.add_done_callback(lambda task: task.cancelled() or task.exception())  # seen, even if nobody waits any more
        self._pair = await asyncio.shield(self._renewing)
        return self._pair

    async def _renew(self, refused: str) -> Pair:
        """Under the lock: the pair that another process has got meanwhile, else a new one."""
        await self._take_lock()
        try:
            pair, now = await self._load(), self._now()
            if pair.access and pair.access != refused and now < pair.renew_at:
                return pair
            self._may_ask(pair, now, refused)
            lost_before = bool(pair.asked_at)
            pair = replace(pair, asked_at=now)
            await self._save(pair)
            return await self._asked(pair, lost_before)
        finally:
            await asyncio.to_thread(self._keep.unlock, LOCK)

    def _may_ask(self, pair: Pair, now: float, refused: str) -> None:
        """Raises SendError when asking would be of no use, or is too soon."""
        if not (self._app_secret and pair.refresh):
            raise SendError(base.MISCONFIGURED, HUMAN_SECONDS)
        if self._refused(pair):
            again = pair.refused_at + REFUSED_AGAIN_SECONDS
            if pair.trouble in USED_UP or now < again:
                raise SendError(base.BAD_TOKEN, HUMAN_SECONDS)
        if refused and now < pair.renewed_at + AGAIN_SECONDS:  # brand-new and refused: the fault lies elsewhere
            raise SendError(base.BAD_TOKEN, AGAIN_SECONDS)
        if now < pair.asked_at + AGAIN_SECONDS:
            raise SendError(base.UNREACHABLE, pair.asked_at + AGAIN_SECONDS - now)

    async def _asked(self, pair: Pair, lost_before: bool) -> Pair:
        """The new pair, saved. Raises SendError; what is kept then says what is known about the old one."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                answer = await self._http().post(self._url, headers={"secret_key": self._app_secret}, data={
                    "app_id": self._app_id, "refresh_token": pair.refresh, "grant_type": "refresh_token"})
            body = None if answer.status_code >= 500 else answer.json()
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:  # it has not got there, so nothing is used up
            if not lost_before:
                await self._save(replace(pair, asked_at=0.0))
            logger.warning("Zalo OA: the token server cannot be reached (%s)", type(error).__name__)
            raise SendError(base.UNREACHABLE, AGAIN_SECONDS) from error
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            raise _lost(type(error).__name__) from error
        if not isinstance(body, dict):
            raise _lost(f"HTTP {answer.status_code}")
        access, refresh, now = body.get("access_token"), body.get("refresh_token"), self._now()
        if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh):
            await self._refuse(pair, str(body.get("error")), lost_before)
            raise SendError(base.BAD_TOKEN, HUMAN_SECONDS)
        seconds = _seconds(body.get("expires_in"))
        new = Pair(refresh, access, expires_at=now + seconds, renew_at=now + seconds - min(RENEW_BEFORE_SECONDS, seconds / 2), renewed_at=now)
        await self._save_new(new)
        logger.info("Zalo OA: the token was renewed, it lives %d s", seconds)
        return new

    async def _save_new(self, pair: Pair) -> None:
        """Until it is on disk, or for half a minute; later _load tries again. Raises what the last try raised."""
        self._unsaved = pair
        for wait_seconds in (*SAVE_AGAIN_SECONDS, None):
            try:
                await self._save(pair)
                self._unsaved = None
                return
            except Exception as error:
                logger.error("Zalo OA: the renewed token could not be saved (%s)", type(error).__name__)
                if wait_seconds is None:
                    raise
                await self._sleep(wait_seconds)

    async def _refuse(self, pair: Pair, error: str, lost_before: bool) -> None:
        code = error if re.fullmatch(r"-?\d{1,9}", error) else "no token"
        logger.error("Zalo OA: Zalo refuses to renew the token (%s%s): %s", code,
                     ", after a renewal whose answer was lost" if lost_before else "", CONSENT)
        await self._save(replace(pair, asked_at=0.0, trouble=code, refused_at=self._now(), refused_with=self._credentials))

    def _refused(self, pair: Pair) -> bool:
        """Did Zalo refuse the last renewal with the app id and secret of these settings?"""
        return bool(pair.trouble) and pair.refused_with == self._credentials

    @property
    def _credentials(self) -> str:
        return _digest(self._app_id, self._app_secret)

    async def _take_lock(self) -> None:
        """Waits as long as one renewal may take. Raises SendError."""
        for _ in range(int((ASK_SECONDS + 5) / LOOK_SECONDS)):
            if await asyncio.to_thread(self._keep.lock, LOCK, LOCK_SECONDS):
                return
            await asyncio.sleep(LOOK_SECONDS)
        raise SendError(base.UNREACHABLE, AGAIN_SECONDS)

    async def _load(self) -> Pair:
        """The kept pair, else the one of the settings. Raises SendError when it cannot be read."""
        if self._unsaved is not None:  # newer than whatever is kept, for each refresh token works once
            await self._save(self._unsaved)
            self._unsaved = None
        try:
            kept = await asyncio.to_thread(self._keep.get, self._key)
            return Pair(self._seed) if kept is None else _pair(json.loads(kept))
        except Unreadable as error:  # not overwritten: with the right SECRET_KEY it is good again
            logger.error("Zalo OA: %s", error)
            raise SendError(base.MISCONFIGURED, HUMAN_SECONDS) from error

    async def _save(self, pair: Pair) -> None:
        await asyncio.to_thread(self._keep.put, self._key, json.dumps(asdict(pair)))


def _pair(kept: dict[str, Any]) -> Pair:
    """What is kept; a field of another version of this program is left out."""
    return Pair(**{field.name: kept[field.name] for field in fields(Pair) if field.name in kept})


def _lost(how: str) -> SendError:
    logger.warning("Zalo OA: no answer to a renewal of the token (%s); the old one is tried again", how)
    return SendError(base.UNREACHABLE, AGAIN_SECONDS)


def _seconds(value: Any) -> float:
    """expires_in, which comes as text."""
    text = str(value)
    return float(text) if text.isascii() and text.isdigit() and 0 < int(text) < 10**9 else float(LIFETIME_SECONDS)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
