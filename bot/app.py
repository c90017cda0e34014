"""The only place that wires: settings, database, catalogue, courses, clock."""

from dataclasses import dataclass, field
from functools import lru_cache

from bot import clock
from bot.clock import Clock
from bot.config import Settings, settings
from bot.services.catalogue import Catalogue
from bot.store.db import Database


@dataclass
class App:
    """What doors and services share in one process."""

    settings: Settings
    database: Database
    clock: Clock = clock.now
    catalogue: Catalogue = field(init=False)

    def __post_init__(self) -> None:
        self.catalogue = Catalogue(self.database)


@lru_cache
def app() -> App:
    """The application of this process, made at first use."""
    return App(settings(), Database(settings().database_url))
