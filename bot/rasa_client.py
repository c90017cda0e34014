"""The only HTTP to Rasa."""

from typing import Any

import httpx

from bot.errors import BotError


class RasaUnavailable(BotError):
    """Rasa cannot be reached, is not ready or did not finish in time; the message waits. Seen in /health."""


class RasaFailed(BotError):
    """Rasa answered, but the turn failed or said nothing; counts against the message."""


class RasaClient:
    """Turns and liveness of one Rasa. Close it in the loop that made it."""

    def __init__(self, base_url: str, token: str, timeout_seconds: float):
        self._http = httpx.AsyncClient(base_url=base_url, headers={"x-gateway-token": token},
                                       timeout=httpx.Timeout(timeout_seconds, connect=2.0))

    async def turn(self, sender: str, text: str, payload: str | None, message_id: int,
                   context: dict[str, Any]) -> list[dict[str, Any]]:
        """The replies of one turn, at least one. Raises RasaUnavailable, RasaFailed."""
        body = {"sender": sender, "text": text, "payload": payload, "message_id": str(message_id), "context": context}
        try:
            answer = await self._http.post("/webhooks/gateway/turn", json=body)
        except httpx.HTTPError as error:
            raise RasaUnavailable(type(error).__name__) from error
        if answer.status_code in (403, 404, 502, 503, 504):
            # 404: the port answers but our channel is not up yet; 503: the turn could not be saved
            raise RasaUnavailable(f"HTTP {answer.status_code}")
        if answer.status_code != 200:
            raise RasaFailed(f"HTTP {answer.status_code}")
        replies = answer.json()["replies"]
        if not replies:
            # Rasa swallows an action that failed and an agent that is not loaded: both look like silence
            raise RasaFailed("no reply")
        return replies

    async def ready(self) -> bool:
        """Is a model loaded?"""
        try:
            answer = await self._http.get("/webhooks/gateway/ready", timeout=2.0)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    async def close(self) -> None:
        await self._http.aclose()
