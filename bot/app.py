"""The only place that wires: settings, database, catalogue, courses, clock."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bot import clock
from bot.clock import Clock
from bot.config import Settings, settings
from bot.services import pictures
from bot.services.catalogue import Catalogue
from bot.services.keep import Kept
from bot.services.tallies import Tallies
from bot.store.db import Database


@dataclass
class App:
    """What doors and services share in one process."""

    settings: Settings
    database: Database
    clock: Clock = clock.now
    catalogue: Catalogue = field(init=False)
    keep: Kept = field(init=False)
    tallies: Tallies = field(default_factory=Tallies)

    def __post_init__(self) -> None:
        self.catalogue = Catalogue(self.database, self.settings.var / "index")
        self.keep = Kept(self.database, self.settings, self.clock)

    def picture(self, path: str) -> bytes | None:
        """The PNG behind the address of a published picture."""
        with self.database.read() as session:
            return pictures.png_at(session, path)

    def for_channels(self) -> dict[str, Any]:
        """What channels are handed, for they see nothing of the application (bot/channels/base.py)."""
        return {"keep": self.keep, "picture": self.picture}


@lru_cache
def app() -> App:
    """The application of this process, made at first use."""
    return App(settings(), Database(settings().database_url))
