"""Fixtures shared by all tests: databases of both kinds, and one served bot for the tests that need the whole."""

import os
import uuid
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.store.db import Database
from tests.served import ROOT, Served

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "")
"""postgresql+psycopg:// URL of a server where databases may be made; .ci/run starts one and sets it."""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path: Path):
    """A migrated database of each kind, empty."""
    if request.param == "sqlite":
        found = Database(f"sqlite:///{tmp_path}/test.db")
        found.migrate()
        yield found
        found.close()
        return
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES_URL is not set: no PostgreSQL to test on")
    url, admin = new_postgres_database()
    found = Database(url)
    found.migrate()
    yield found
    found.close()
    drop_postgres_database(url, admin)


def new_postgres_database():
    """(url of a fresh database, admin engine)."""
    name = f"bot_test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    return POSTGRES.rsplit("/", 1)[0] + f"/{name}", admin


def drop_postgres_database(url: str, admin) -> None:
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The whole bot on SQLite, for tests that only talk to it."""
    if not list((ROOT / "models").glob("*.tar.gz")):
        pytest.fail("no trained model: run through `make test`, which trains it")
    bot = Served(tmp_path_factory.mktemp("served")).start()
    yield bot
    bot.stop()


@pytest.fixture
def citizen(served):
    """Somebody who has never been here."""
    return served.citizen()
