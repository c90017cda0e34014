"""A client for an LGSP-style gateway: application key and secret for a token, then plain REST with JSON.

Safe calls only: they are tried again after failures of the other side, with growing waits, and no longer at all for a while
once the other side keeps failing (circuit breaker), so that citizens get an honest sentence at once instead of a long wait.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import httpx
import pybreaker
from cachetools import TTLCache
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from bot.clock import local
from bot.systems.dossiers import Dossier, SystemUnavailable, state_of

logger = logging.getLogger(__name__)

TRIES = 3
FAILS_TO_OPEN, CLOSED_AGAIN_SECONDS = 5, 30
TOKEN_MARGIN_SECONDS = 60
MOST_BYTES = 4 * 1024 * 1024
LONGEST_WAIT_SECONDS = 2.0
"""A Retry-After longer than this is not waited for."""
CACHE_SECONDS, CACHE_SIZE = 300, 2000


class Passing(SystemUnavailable):
    """A failure that may be over at the next try."""


@dataclass(frozen=True)
class Paths:
    """Where the gateway has what. {code} is the file's, {page} counts from 1."""

    token: str = "/token"
    dossier: str = "/dossiers/{code}"
    catalogue: str = "/procedures?page={page}"


class Gateway:
    """Authorised GETs. steady: seconds that only grow; nap: waits that many seconds."""

    def __init__(self, base_url: str, key: str, secret: str, paths: Paths = Paths(), timeout_seconds: float = 5.0,
                 steady: Callable[[], float] = time.monotonic, nap: Callable[[float], None] = time.sleep):
        self._http = httpx.Client(base_url=base_url.rstrip("/"), timeout=timeout_seconds, follow_redirects=False)
        self._auth, self.paths, self._steady, self._nap = (key, secret), paths, steady, nap
        self._most_seconds = timeout_seconds
        self._token, self._token_until = "", 0.0
        self._lock = threading.Lock()
        self.breaker = pybreaker.CircuitBreaker(fail_max=FAILS_TO_OPEN, reset_timeout=CLOSED_AGAIN_SECONDS, name="lgsp")

    @property
    def state(self) -> str:
        """"up", or "down" while it is not asked after too many failures; for /health."""
        return "down" if self.breaker.current_state == "open" else "up"

    def get(self, path: str) -> Any | None:
        """The parsed JSON; None for 404. Raises SystemUnavailable."""
        tries = Retrying(stop=stop_after_attempt(TRIES), wait=wait_exponential_jitter(multiplier=0.2, max=2.0), sleep=self._nap,
                         retry=retry_if_exception_type(Passing), reraise=True)
        try:
            return self.breaker.call(lambda: tries(self._once, path))
        except pybreaker.CircuitBreakerError as error:
            raise SystemUnavailable("resting") from error

    def _once(self, path: str) -> Any | None:
        answer = self._send(path, self._bearer())
        if answer.status_code == 401:  # taken back before its time
            answer = self._send(path, self._bearer(instead_of=answer.request.headers["authorization"].removeprefix("Bearer ")))
        if answer.status_code == 404:
            return None
        if answer.status_code == 429:
            self._nap(min(seconds_of(answer.headers.get("retry-after")), LONGEST_WAIT_SECONDS))
            raise Passing("HTTP 429")
        if answer.status_code in (408, 425, 500, 502, 503, 504):
            raise Passing(f"HTTP {answer.status_code}")
        return body_of(answer)

    def _send(self, path: str, token: str) -> httpx.Response:
        return self._request("GET", path, headers={"Authorization": f"Bearer {token}", "Accept": "application/json"})

    def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The whole answer, refused when it is larger than MOST_BYTES. Raises Passing, also when it drips longer than the time-out."""
        until = self._steady() + self._most_seconds
        try:
            with self._http.stream(method, path, **more) as answer:
                read = bytearray()
                for chunk in answer.iter_bytes():
                    read += chunk
                    if len(read) > MOST_BYTES:
                        raise SystemUnavailable("answer too large")
                    if self._steady() > until:
                        raise Passing("slow body")
                return httpx.Response(answer.status_code, headers={k: v for k, v in answer.headers.items() if k != "content-encoding"},
                                      content=bytes(read), request=answer.request)
        except httpx.HTTPError as error:
            raise Passing(type(error).__name__) from error

    def _bearer(self, instead_of: str = "") -> str:
        """The token, fetched when there is none, it is about to end, or it is the one that was just refused."""
        with self._lock:
            if self._token and self._token != instead_of and self._steady() < self._token_until:
                return self._token
            answer = self._request("POST", self.paths.token, data={"grant_type": "client_credentials"}, auth=self._auth)
            if answer.status_code in (400, 401, 403):
                raise SystemUnavailable("key refused")
            if answer.status_code != 200:
                raise Passing(f"token HTTP {answer.status_code}")
            told = body_of(answer)
            token, seconds = (told.get("access_token"), told.get("expires_in")) if isinstance(told, dict) else (None, None)
            if not isinstance(token, str) or not token or not token.isascii():
                raise SystemUnavailable("token malformed")
            lasts = float(seconds) if isinstance(seconds, int | float) and seconds > 0 else 300.0
            self._token, self._token_until = token, self._steady() + max(1.0, lasts - TOKEN_MARGIN_SECONDS)
            return token

    def close(self) -> None:
        self._http.close()


def seconds_of(header: str | None) -> float:
    return float(header) if header and header.isdigit() else 1.0


def body_of(answer: httpx.Response) -> Any:
    """The JSON of a 200. Raises SystemUnavailable."""
    if answer.status_code != 200:
        raise SystemUnavailable(f"HTTP {answer.status_code}")
    if not answer.headers.get("content-type", "").lower().startswith("application/json"):
        raise SystemUnavailable("not JSON")
    try:
        return answer.json()
    except (ValueError, RecursionError) as error:
        raise SystemUnavailable("JSON malformed") from error


class LgspDossiers:
    """Files behind a gateway; what was looked up is kept for CACHE_SECONDS, failures are not."""

    def __init__(self, gateway: Gateway, timer: Callable[[], float] = time.monotonic):
        self._gateway = gateway
        self._kept: TTLCache[str, Dossier | None] = TTLCache(CACHE_SIZE, CACHE_SECONDS, timer)
        self._lock = threading.Lock()

    def look_up(self, code: str, fresh: bool = False) -> Dossier | None:
        """See bot.systems.dossiers.Dossiers. fresh: past the cache."""
        with self._lock:
            if not fresh and code in self._kept:
                return self._kept[code]
        found = self._gateway.get(self._gateway.paths.dossier.format(code=quote(code, safe="")))
        dossier = None if found is None else read(code, found)
        with self._lock:
            self._kept[code] = dossier
        return dossier


def read(code: str, told: Any) -> Dossier:
    """A file as the gateway tells of it; fields that are missing or odd are left out, a missing state is a failure.

    Raises SystemUnavailable. Nothing about the person who submitted it is read.
    """
    if not isinstance(told, dict) or "state" not in told or str(told.get("code", code)).strip().upper() != code.upper():
        raise SystemUnavailable("file malformed")
    missing = told.get("missing")
    return Dossier(code, state_of(told["state"]), words(told, "procedure", 300), words(told, "office", 200), day(told.get("received_on")),
                   day(told.get("due_on")), day(told.get("finished_on")), words(told, "reason", 600),
                   tuple(str(one)[:200] for one in missing[:20] if isinstance(one, str)) if isinstance(missing, list) else ())


def words(told: dict[str, Any], name: str, most: int) -> str:
    value = told.get(name)
    return " ".join(value.split())[:most] if isinstance(value, str) else ""


def day(value: Any) -> date | None:
    """A date, from "2026-11-20" or an instant with a zone; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) == 10:
            return date.fromisoformat(value)
        at = datetime.fromisoformat(value)
        return local(at).date() if at.tzinfo else at.date()
    except ValueError:
        return None


def records(gateway: Gateway, most_pages: int = 500) -> list[dict[str, Any]]:
    """Every record of the catalogue: pages of {"items": […], "next": bool}. Raises SystemUnavailable; never half a catalogue."""
    found: list[dict[str, Any]] = []
    for page in range(1, most_pages + 1):
        told = gateway.get(gateway.paths.catalogue.format(page=page))
        if not isinstance(told, dict) or not isinstance(told.get("items"), list) or not all(isinstance(i, dict) for i in told["items"]):
            raise SystemUnavailable("catalogue malformed")
        found += told["items"]
        if not told.get("next"):
            return found
    raise SystemUnavailable("catalogue endless")
