"""Event streams of open web chats. One look at the database a second serves all of a process's streams."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence

from bot.app import App
from bot.services import outbox, people
from bot.store.tables import Outbound

logger = logging.getLogger(__name__)
LOOK_EVERY_SECONDS = 1.0


class Streams:
    """Hands queued web messages to whoever has the chat open; what nobody reads stays queued for the next visit."""

    def __init__(self, app: App):
        self._app = app
        self._open: dict[str, set[asyncio.Queue]] = defaultdict(set)
        self._task: asyncio.Task | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._look())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()

    async def follow(self, sender: str, last_id: int | None) -> AsyncIterator[Outbound]:
        """Messages for this sender from now on, preceded by what was streamed after `last_id` and may not have arrived."""
        ident = people.conversation_id(self._app.settings.key(), "web", sender)
        queue: asyncio.Queue[Outbound] = asyncio.Queue()
        given: set[int] = set()
        if last_id is not None:
            for row in await asyncio.to_thread(self._since, ident, last_id):
                given.add(row.id)
                yield row
        self._open[ident].add(queue)
        try:
            while True:
                row = await queue.get()
                if row.id not in given:
                    given.add(row.id)
                    yield row
        finally:
            self._open[ident].discard(queue)
            if not self._open[ident]:
                del self._open[ident]

    def _since(self, ident: str, last_id: int) -> Sequence[Outbound]:
        with self._app.database.read() as session:
            return outbox.since(session, ident, last_id)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            try:
                if self._open:
                    for row in await asyncio.to_thread(self._take, list(self._open)):
                        for queue in list(self._open.get(row.conversation_id, ())):
                            queue.put_nowait(row)
            except Exception:
                logger.exception("looking for stream messages failed; trying again")

    def _take(self, idents: list[str]) -> list[Outbound]:
        """Due messages of these conversations, now ours to stream (another process may have been quicker)."""
        now = self._app.clock()
        with self._app.database.read() as session:
            due = outbox.for_stream(session, idents, now)
        if not due:
            return []
        with self._app.database.write() as session:
            return [row for row in due if outbox.streamed(session, row.id, now)]
