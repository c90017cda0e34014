"""The only HTTP to Rasa: one address or several, each conversation at one of them as long as it answers."""

import asyncio
import hashlib
import time
from collections.abc import Callable
from typing import Any

import httpx

from bot.errors import BotError

REST_SECONDS = 3.0
"""How long an address that did not answer is passed over."""


class RasaUnavailable(BotError):
    """No Rasa can be reached, is ready or finished in time; the message waits. Seen in /health."""


class RasaFailed(BotError):
    """Rasa answered, but the turn failed or said nothing; counts against the message."""


class RasaClient:
    """Turns and liveness of the Rasas at these addresses. Close it in the loop that made it.

    base_urls: with commas between. steady: seconds that only grow.
    """

    def __init__(self, base_urls: str, token: str, timeout_seconds: float, steady: Callable[[], float] = time.monotonic):
        self._timeout = httpx.Timeout(timeout_seconds, connect=2.0)
        self.addresses = [one.strip().rstrip("/") for one in base_urls.split(",") if one.strip()]
        self._http = {one: httpx.AsyncClient(base_url=one, headers={"x-gateway-token": token}, timeout=self._timeout,
                                             limits=httpx.Limits(max_keepalive_connections=32)) for one in self.addresses}
        self._resting: dict[str, float] = {}
        self._steady = steady

    def order(self, sender: str) -> list[str]:
        """The addresses for a conversation, its own first (rendezvous hashing: a lost address moves only its conversations).

        Those that rest come last, for a wrong guess costs less than no answer.
        """
        ranked = sorted(self.addresses, key=lambda one: hashlib.sha256(f"{one}|{sender}".encode()).digest())
        now = self._steady()
        return sorted(ranked, key=lambda one: self._resting.get(one, 0.0) > now)

    async def turn(self, sender: str, text: str, payload: str | None, message_id: int,
                   context: dict[str, Any]) -> list[dict[str, Any]]:
        """The replies of one turn, at least one. Raises RasaUnavailable, RasaFailed.

        Another address is tried only when this one cannot have begun the turn. What it may have begun comes again by the
        inbox: the action's own record keeps it from acting twice.
        """
        body = {"sender": sender, "text": text, "payload": payload, "message_id": str(message_id), "context": context}
        why = "no address"
        for address in self.order(sender):
            try:
                answer = await self._http[address].post("/webhooks/gateway/turn", json=body)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                self._rest(address)
                why = type(error).__name__
                continue
            except httpx.HTTPError as error:
                self._rest(address)
                raise RasaUnavailable(type(error).__name__) from error
            if answer.status_code in (403, 404, 502, 503, 504):
                # 404: the port answers but our channel is not up yet; 503: the turn could not be saved
                self._rest(address)
                why = f"HTTP {answer.status_code}"
                if answer.status_code == 404:
                    continue
                raise RasaUnavailable(why)
            if answer.status_code != 200:
                raise RasaFailed(f"HTTP {answer.status_code}")
            self._resting.pop(address, None)
            replies = answer.json()["replies"]
            if not replies:
                # Rasa swallows an action that failed and an agent that is not loaded: both look like silence
                raise RasaFailed("no reply")
            return replies
        raise RasaUnavailable(why)

    def _rest(self, address: str) -> None:
        self._resting[address] = self._steady() + REST_SECONDS

    async def each_ready(self) -> dict[str, bool]:
        """Is a model loaded? By address."""
        found = await asyncio.gather(*(self._ready(one) for one in self.addresses))
        return dict(zip(self.addresses, found, strict=True))

    async def ready(self) -> bool:
        """Can any of them answer?"""
        return any((await self.each_ready()).values())

    async def _ready(self, address: str) -> bool:
        try:
            answer = await self._http[address].get("/webhooks/gateway/ready", timeout=2.0)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    async def close(self) -> None:
        for http in self._http.values():
            await http.aclose()
