"""What a push channel is to the worker, and the named ways in which sending fails."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.errors import BotError
from bot.messages import Incoming


@dataclass(frozen=True)
class Failure:
    """A named send failure. retry: may the same message succeed later? ours: is it our fault (alert), not the citizen's?"""

    name: str
    retry: bool
    ours: bool = False


RETRY_AFTER = Failure("retry_after", retry=True)
UNREACHABLE = Failure("unreachable", retry=True)
UNKNOWN_OUTCOME = Failure("unknown_outcome", retry=True)
BLOCKED = Failure("blocked", retry=False)
GONE = Failure("gone", retry=False)
WINDOW_CLOSED = Failure("window_closed", retry=False)
QUOTA = Failure("quota", retry=True, ours=True)
TOO_LONG = Failure("too_long", retry=False, ours=True)
BAD_REQUEST = Failure("bad_request", retry=False, ours=True)
BAD_TOKEN = Failure("bad_token", retry=True, ours=True)
MISCONFIGURED = Failure("misconfigured", retry=True, ours=True)


@dataclass(frozen=True)
class Limits:
    """What a platform takes. characters: of a text; buttons: 0 where choices are typed; title: characters of a button.

    per_second: messages to all chats together; gap_seconds: between two messages to one chat.
    """

    characters: int
    buttons: int
    title: int = 64
    per_second: float = 25.0
    gap_seconds: float = 1.0


class SendError(BotError):
    """Sending failed in a named way; only the sender (worker) decides what follows. retry_after_seconds: at least that."""

    def __init__(self, failure: Failure, retry_after_seconds: float | None = None):
        self.failure, self.retry_after_seconds = failure, retry_after_seconds
        super().__init__(failure.name)


class Moved(SendError):
    """The chat has a new address; replace it and send again."""

    def __init__(self, address: str):
        self.address = address
        super().__init__(GONE)


Store = Callable[[Incoming], Awaitable[Any]]
"""Writes one inbound message durably; the platform may be told so only when it has returned."""


class Keep(Protocol):
    """What a channel remembers between runs, for all processes together; unreadable at rest. Blocking: call it in a thread."""

    def get(self, key: str) -> str | None:
        """The value, None when there is none. Raises errors.Unreadable when it was written under another SECRET_KEY."""

    def put(self, key: str, value: str) -> None:
        """Writes the value durably: when this returns, a crash does not lose it."""

    def lock(self, name: str, seconds: float) -> bool:
        """Takes the lock unless another holds it; it ends by itself after so long, for its holder may die."""

    def unlock(self, name: str) -> None:
        """Gives it back, if it is still held by this process."""


Picture = Callable[[str], bytes | None]
"""The PNG of a published picture by its path "/pictures/<sha>.png", or an address that ends so; None when there is none.
Blocking, as Keep."""


@dataclass(frozen=True)
class Occasion:
    """What the worker knows of a message beside its body. kind: as in the outbox; seen_at: when the citizen last wrote, UTC.

    done: what `note` was told at earlier tries of the same body: these parts are not sent again. note: is told after each part that
    the platform has taken, with all of them so far: one text each, the platform's id or "" for none.
    """

    kind: str = "reply"
    seen_at: datetime | None = None
    done: Sequence[str] = ()
    note: Callable[[Sequence[str]], None] = lambda parts: None


class PushChannel(Protocol):
    """A channel the worker sends on. name: as in Incoming.channel.

    A channel may also have `async state() -> {"up": bool, "why": str, "token_expires_seconds": float | None}`, for /health.
    Its module's make(settings, …) is handed what its further parameters name: keep (Keep), picture (Picture).
    """

    name: str
    limits: Limits

    async def send(self, address: str, body: dict[str, Any], occasion: Occasion = Occasion()) -> str:
        """Sends {text, buttons, image, quick}; returns the platform's message id(s). Raises SendError; WINDOW_CLOSED keeps
        the message until the citizen writes again."""

    async def poll(self, store: Store) -> None:
        """Receives until cancelled, storing each event before it is confirmed to the platform; returns at once when
        events come by webhook."""

    async def close(self) -> None: ...
