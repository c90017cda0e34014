"""Event streams of open web chats. One look at the database a second serves all of a process's streams.

A stream may ask for answers too: what the bot replied to another tab of the same sender, and what was typed there. Replies
come from the database, so from any process; typed words are not kept, so they reach the tabs of the same process only.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import failpoints
from bot.app import App
from bot.services import outbox, people
from bot.store.tables import Outbound

logger = logging.getLogger(__name__)
LOOK_EVERY_SECONDS = 1.0
ANSWERED_WITHIN = timedelta(seconds=10)
"""How far back each look goes for answers: a commit may become visible later than its time. Seconds overlap, ids do not."""


@dataclass(frozen=True)
class Said:
    """What was typed or tapped in another tab. ident: as that tab named the message, which it knows itself."""

    ident: str
    text: str


@dataclass(eq=False)
class Stream:
    """One open stream. answers: it wants to see what other tabs said and heard; those from before opened_at it has."""

    queue: asyncio.Queue
    answers: bool
    opened_at: datetime


class Streams:
    """Hands queued web messages to whoever has the chat open; what nobody reads stays queued for the next visit."""

    def __init__(self, app: App):
        self._app = app
        self._open: dict[str, set[Stream]] = defaultdict(set)
        self._task: asyncio.Task | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._look())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()

    def end(self) -> None:
        """Ends every open stream, for the process is about to go; the browsers come back to another."""
        for streams in self._open.values():
            for stream in streams:
                stream.queue.put_nowait(None)

    async def follow(self, sender: str, last_id: int | None, answers: bool = False) -> AsyncIterator[Outbound | Said]:
        """Messages for this sender from now on, preceded by what was streamed after `last_id` and may not have arrived."""
        ident = people.conversation_id(self._app.settings.key(), "web", sender)
        stream = Stream(asyncio.Queue(), answers, self._app.clock())
        given: set[int] = set()
        self._open[ident].add(stream)  # before the look back, so that nothing falls between
        try:
            if last_id is not None:
                for row in await asyncio.to_thread(self._since, ident, last_id, answers):
                    given.add(row.id)
                    yield row
            while True:
                one = await stream.queue.get()
                if one is None:
                    return
                if isinstance(one, Said):
                    yield one
                elif one.id not in given:
                    given.add(one.id)
                    yield one
        finally:
            self._open[ident].discard(stream)
            if not self._open[ident]:
                del self._open[ident]

    def said(self, conversation_id: str, ident: str, text: str) -> None:
        """A tab of this conversation has said something; the others show it."""
        for stream in self._open.get(conversation_id, ()):
            if stream.answers:
                stream.queue.put_nowait(Said(ident, text))

    def _since(self, ident: str, last_id: int, answers: bool) -> Sequence[Outbound]:
        with self._app.database.read() as session:
            return outbox.since(session, ident, last_id, answers)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            try:
                if self._open:
                    listening = [ident for ident, streams in self._open.items() if any(s.answers for s in streams)]
                    for row in await asyncio.to_thread(self._take, list(self._open), listening):
                        for stream in list(self._open.get(row.conversation_id, ())):
                            if row.via != "response" or (stream.answers and row.sent_at >= stream.opened_at):
                                stream.queue.put_nowait(row)
            except Exception:
                logger.exception("looking for stream messages failed; trying again")

    def _take(self, idents: list[str], listening: list[str]) -> list[Outbound]:
        """Due messages of these conversations, now ours to stream (another process may have been quicker), and answers."""
        now = self._app.clock()
        with self._app.database.read() as session:
            due = outbox.for_stream(session, idents, now)
            heard = outbox.answered(session, listening, now - ANSWERED_WITHIN) if listening else []
        if not due:
            return list(heard)
        with self._app.database.write() as session:
            taken = [row for row in due if outbox.streamed(session, row.id, now)]
        failpoints.at("stream.taken")
        return [*heard, *taken]
