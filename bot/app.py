"""The only place that wires: settings, database, catalogue, courses, clock."""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from bot import clock
from bot.clock import Clock
from bot.config import Settings, settings
from bot.services import pictures
from bot.services.catalogue import Catalogue
from bot.services.keep import Kept
from bot.services.opendata import OpenTables
from bot.services.tallies import Tallies
from bot.store.db import Database
from bot.systems.dossiers import Dossiers
from bot.systems.lgsp import Gateway, LgspDossiers, Paths


@dataclass
class App:
    """What doors and services share in one process."""

    settings: Settings
    database: Database
    clock: Clock = clock.now
    catalogue: Catalogue = field(init=False)
    keep: Kept = field(init=False)
    opendata: OpenTables = field(init=False)
    tallies: Tallies = field(default_factory=Tallies)

    def __post_init__(self) -> None:
        self.catalogue = Catalogue(self.database, self.settings.var / "index")
        self.keep = Kept(self.database, self.settings, self.clock)
        self.opendata = OpenTables(self.database)

    @cached_property
    def gateway(self) -> Gateway | None:
        """The province's integration gateway; None when it is not connected."""
        given = self.settings
        if not given.lgsp_url:
            return None
        paths = Paths(given.lgsp_token_path, given.lgsp_dossier_path, given.lgsp_catalogue_path)
        return Gateway(given.lgsp_url, given.lgsp_key, given.lgsp_secret.get_secret_value(), paths, given.lgsp_timeout_seconds)

    @cached_property
    def dossiers(self) -> Dossiers | None:
        """Where the state of a submitted file is looked up; None when the province is not connected."""
        return LgspDossiers(self.gateway) if self.gateway is not None else None

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
