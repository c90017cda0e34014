"""The methods of the Zalo Bot Platform, and its errors in our names.

A client of our own over httpx, nine methods in all: the package on PyPI swallows errors and starts event loops of its own.
The token is part of every URL, so httpx must not log, and no error names one.
"""

import logging
from collections.abc import Awaitable
from typing import Any

import httpx

from bot.channels import base
from bot.channels.base import SendError
from bot.channels.reading import value_at

logger = logging.getLogger(__name__)

FAILURES = {  # error_code -> our name; other 4xx: BAD_REQUEST, 5xx: UNKNOWN_OUTCOME, for a repeat may show twice
    401: base.BAD_TOKEN,
    403: base.UNKNOWN_OUTCOME,  # the vendor calls it "internal server error": it does not mean that somebody blocked us
    404: base.GONE,
    408: base.UNKNOWN_OUTCOME,
    429: base.RETRY_AFTER,
}
MOST_BACKOFF_SECONDS = 30
BAD_TOKEN_SECONDS = 300


class Refused(SendError):
    """The platform's own no. code: its error_code, else the HTTP status."""

    def __init__(self, code: int, retry_after_seconds: float | None = None):
        self.code = code
        super().__init__(FAILURES.get(code) or (base.UNKNOWN_OUTCOME if code >= 500 else base.BAD_REQUEST), retry_after_seconds)


class Client:
    """POST <url>/bot<token>/<method> with JSON. Its connections belong to the event loop that first uses it."""

    def __init__(self, url: str, token: str, timeout_seconds: float):
        self._base, self._timeout_seconds = f"{url.rstrip('/')}/bot{token}", timeout_seconds
        self._made: httpx.AsyncClient | None = None

    async def call(self, method: str, wait_seconds: float = 0.0, **fields: Any) -> Any:
        """The result. wait_seconds: how long the platform may hold the request. Raises SendError, Refused for its refusals."""
        if self._made is None:
            for noisy in ("httpx", "httpcore"):
                logging.getLogger(noisy).setLevel(logging.WARNING)
            self._made = httpx.AsyncClient()
        timeout = httpx.Timeout(self._timeout_seconds, read=self._timeout_seconds + wait_seconds)
        try:
            answer = await self._made.post(f"{self._base}/{method}", json=fields, timeout=timeout)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise SendError(base.UNREACHABLE) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise SendError(base.MISCONFIGURED) from None
        except httpx.HTTPError:  # no answer, or half of one
            raise SendError(base.UNKNOWN_OUTCOME) from None
        return self._read(answer)

    @staticmethod
    def _read(answer: httpx.Response) -> Any:
        """HTTP 200 alone is no success: `ok` decides."""
        try:
            body = answer.json()
        except (ValueError, RecursionError):
            body = None
        ok = value_at(body, "ok")
        if ok is True:
            return body.get("result")
        code = value_at(body, "error_code")
        code = code if type(code) is int else answer.status_code
        if ok is False and code >= 400 or code in (401, 429) or code >= 500:
            raise Refused(code, _seconds(answer.headers.get("Retry-After", "")))
        raise SendError(base.MISCONFIGURED if code == 404 else base.UNREACHABLE)  # a page of another server, or of a proxy

    async def close(self) -> None:
        made, self._made = self._made, None
        if made is not None:
            await made.aclose()


def _seconds(value: str) -> float | None:
    """Retry-After in seconds; None for a date, which nobody has seen here."""
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 <= seconds < 1e6 else None


def pause_seconds(error: SendError, before: int) -> float:
    """How long to wait before another try of what is tried until it works. before: failures in a row before this one."""
    if error.failure is base.BAD_TOKEN:
        return BAD_TOKEN_SECONDS
    return max(min(MOST_BACKOFF_SECONDS, 2 ** min(before, 6)), error.retry_after_seconds or 0)


async def quietly(work: Awaitable[Any], what: str) -> None:
    """Does something whose failure is only logged."""
    try:
        await work
    except SendError as error:
        logger.warning("Zalo bot, %s: %s", what, error)
