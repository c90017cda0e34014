"""The heartbeat of a web process, and its counts into the database."""

import asyncio
import logging
import os
import secrets
import socket

from bot.app import App
from bot.services import communes, inbox, takeover
from bot.services.receipts import Receipts
from bot.services.roll import Roll

logger = logging.getLogger(__name__)
EVERY_SECONDS = 5.0


class Pulse:
    """Beats until stopped; a database that is down is tried again at the next beat."""

    def __init__(self, app: App):
        self._app = app
        self._roll = Roll(f"web:{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}")
        # a locked file shows the other processes of this machine at once when we are killed
        self._receipts = Receipts(app.settings.receipts, self._roll.name)
        self._task: asyncio.Task | None = None

    @property
    def name(self) -> str:
        """As holder of what this process works on."""
        return self._roll.name

    async def start(self) -> None:
        self._task = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
        try:
            await asyncio.to_thread(self._leave)
        except Exception as error:
            logger.warning("leaving: %s", type(error).__name__)

    async def _beat(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._once)
            except Exception as error:
                logger.warning("heartbeat: %s; again in %.0f s", type(error).__name__, EVERY_SECONDS)
            await asyncio.sleep(EVERY_SECONDS)

    def _once(self) -> None:
        with self._app.database.write() as session:
            self._roll.beat(session, self._app.clock())
            self._app.tallies.flush(session)
        self._app.tallies.kept()
        takeover.from_the_dead(self._app.database, self._receipts, self._app.clock())
        communes.refresh(self._app.database)

    def _leave(self) -> None:
        with self._app.database.write() as session:
            inbox.given_up(session, self.name, self._app.clock())
            self._roll.leave(session)
            self._app.tallies.flush(session)
        self._app.tallies.kept()
        self._receipts.close()
