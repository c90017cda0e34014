"""Citizens who write meanwhile, and the platform at its limit: how long does an answer take from the word to the phone?

Everything but Rasa is the bot's own: the gateway takes the message in, a stand-in for Rasa answers at once, the workers send.
"""

import asyncio
import random
import time
from collections import deque
from contextlib import suppress
from typing import Any

from benchmarks.delivery.platform import Platform
from bot.app import App
from bot.gateway import Gateway
from bot.messages import Incoming

TELEGRAM_PER_SECOND = 30
"""What Telegram takes of one bot; the channel keeps to 25 (bot/channels/telegram.py)."""


class Limited(Platform):
    """A platform without faults, but at its limit: more than that within a second gets 429. taken: (chat, text, monotonic seconds)."""

    def __init__(self) -> None:
        super().__init__(0.0, random.Random(1))
        self.taken: list[tuple[int, str, float]] = []
        self.too_many = self.blocked = 0
        self._last: deque[float] = deque(maxlen=TELEGRAM_PER_SECOND)

    def _send_message(self, fields: dict[str, str]) -> dict[str, Any]:
        now = time.monotonic()
        if len(self._last) == TELEGRAM_PER_SECOND and now - self._last[0] < 1:
            self.too_many += 1
            raise self._too_many()
        self.blocked += int(fields.get("chat_id") or 0) in self._blocked
        answer = super()._send_message(fields)
        self._last.append(now)
        self.taken.append((int(fields["chat_id"]), answer["text"], now))
        self.copies.clear()
        return answer


class Echo:
    """In place of Rasa."""

    async def turn(self, sender: str, text: str, payload: str | None, message_id: int, context: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"text": f"Tôi nghe: {text}", "buttons": [], "image": None, "custom": {}}]


async def written(app: App, platform: Limited, people: list[int], per_second: float, seconds: float, mark: str) -> dict[str, Any]:
    """So many messages a second for so long, each of another citizen; ten seconds more for the last answers."""
    gateway = Gateway(app, Echo())  # type: ignore[arg-type]
    await gateway.start()
    began, asked, tasks = time.monotonic(), {}, []

    async def say(number: int) -> None:
        words = f"chào lần {mark}{number}"
        asked[f"Tôi nghe: {words}"] = time.monotonic()
        await gateway.accept(Incoming("telegram", f"bench-{mark}-{number}", str(people[number % len(people)]), words))

    number = 0
    while time.monotonic() < began + seconds:
        tasks.append(asyncio.create_task(say(number)))
        number += 1
        await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
    await asyncio.gather(*tasks)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and len({text for _, text, _ in platform.taken} & asked.keys()) < len(asked):
        await asyncio.sleep(0.2)
    await gateway.stop()
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(0)
    heard = {text: at for _, text, at in platform.taken if text in asked}
    waits = sorted(heard[text] - asked[text] for text in heard)
    at = lambda share: round(1000 * waits[min(len(waits) - 1, int(len(waits) * share))]) if waits else None
    return {"written": len(asked), "answered": len(heard), "p50_ms": at(0.5), "p95_ms": at(0.95), "max_ms": at(1.0)}
