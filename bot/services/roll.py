"""Which processes live. Each beats in the database; the others see the beats grow by a clock of their own that cannot jump.

Leases by wall clock alone would make a message be sent twice when a machine's clock leaps an hour ahead: every lease would
look expired while its holder is still sending.
"""

import time
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.store.tables import Heartbeat

SILENT_SECONDS = 45.0
"""Longer than several beats: a process that was only slow is not taken for dead."""


class Roll:
    """name: "worker:<host>:<pid>:<token>" or "web:…". steady: seconds that only grow, unlike the time of day."""

    def __init__(self, name: str, steady: Callable[[], float] = time.monotonic):
        self.name, self._steady = name, steady
        self._seen: dict[str, tuple[int, float]] = {}
        """Of each other process: its newest beat, and when that was first seen here."""

    def beat(self, session: Session, now: datetime) -> None:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(Heartbeat).values(process=self.name, at=now, beats=1).on_conflict_do_update(
            index_elements=["process"], set_={"at": now, "beats": Heartbeat.beats + 1}))

    def leave(self, session: Session) -> None:
        """Ends well: nobody needs to wait for our silence."""
        session.execute(delete(Heartbeat).where(Heartbeat.process == self.name))

    def silent(self, session: Session, names: Iterable[str]) -> set[str]:
        """Those of the names that have not beaten for SILENT_SECONDS while we watched, or have left."""
        wanted = set(names) - {self.name}
        beats = dict(session.execute(select(Heartbeat.process, Heartbeat.beats).where(Heartbeat.process.in_(wanted))).all())
        here, gone = self._steady(), wanted - beats.keys()
        for name, count in beats.items():
            known, since = self._seen.get(name, (-1, here))
            if count != known:
                self._seen[name] = (count, here)
            elif here - since >= SILENT_SECONDS:
                gone.add(name)
        self._seen = {name: seen for name, seen in self._seen.items() if name in beats}
        return gone
