"""The platforms of the delivery benchmark: Telegram stand-ins that fail by chance and remember every copy they took."""

import random
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from tests.standins.telegram import TelegramStandIn

KINDS = ("429", "500", "timeout", "disconnect")
_fate: ContextVar[str] = ContextVar("fate", default="ok")


@dataclass(frozen=True)
class Copy:
    """One message the platform has taken. answered: it then said so; at: monotonic seconds."""

    text: str
    message_id: int
    answered: bool
    at: float


class Dice:
    """In place of the stand-in's list of failures: each send fails with the given chance."""

    def __init__(self, share: float, random_: random.Random):
        self.share, self._random, self._lock = share, random_, threading.Lock()
        self.thrown = dict.fromkeys(KINDS, 0)

    def __iter__(self) -> Iterator[tuple[str, str | None]]:
        with self._lock:
            kind = self._random.choice(KINDS) if self._random.random() < self.share else "ok"
            if kind != "ok":
                self.thrown[kind] += 1
        _fate.set(kind)
        if kind != "ok":
            yield kind, None

    def remove(self, _: Any) -> None:
        """The die is thrown anew for every request."""


class Platform(TelegramStandIn):
    """copies: what it took, in order. 429 asks for one second only, so that a short run is not all waiting."""

    def __init__(self, faults: float, random_: random.Random):
        super().__init__(token="1:bench", retry_after_seconds=1)
        self._failures = self.dice = Dice(faults, random_)
        self.copies: list[Copy] = []

    def _send_message(self, fields: dict[str, str]) -> dict[str, Any]:
        answer = super()._send_message(fields)
        self.copies.append(Copy(answer["text"], answer["message_id"], _fate.get() == "ok", time.monotonic()))
        self.calls.clear()
        self.sent.clear()
        return answer
