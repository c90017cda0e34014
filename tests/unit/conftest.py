"""What many unit tests start with."""

import pytest

from bot.app import App
from bot.config import Settings
from tests.databases import sqlite_at
from tests.factories import FrozenClock


@pytest.fixture
def app(tmp_path):
    """The application on an empty SQLite database, its clock standing."""
    database = sqlite_at(tmp_path / "bot.db")
    yield App(Settings(_env_file=None, database_url=database.url), database, FrozenClock())
    database.close()
