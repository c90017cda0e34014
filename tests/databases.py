"""Migrated databases for tests: migrated once a run, then copied, for sixteen migrations a test would take most of its time."""

import atexit
import os
import shutil
import tempfile
import uuid
from functools import lru_cache
from pathlib import Path

from sqlalchemy import create_engine, text

from bot.store.db import Database

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "")
"""postgresql+psycopg:// URL of a server where databases may be made; .ci/run starts one and sets it."""


@lru_cache
def _sqlite_template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="bot-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = Database(f"sqlite:///{folder}/template.db")
    made.migrate()
    with made.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    made.close()
    return folder / "template.db"


def sqlite_at(path: Path) -> Database:
    """A migrated, empty SQLite database in this file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_sqlite_template(), path)
    return Database(f"sqlite:///{path}")


@lru_cache
def _postgres_template() -> str:
    url, admin = new_postgres_database()
    made = Database(url)
    made.migrate()
    made.close()
    atexit.register(drop_postgres_database, url, admin)
    return url.rsplit("/", 1)[1]


def postgres_migrated():
    """(url of a migrated, empty database, admin engine)."""
    return new_postgres_database(_postgres_template())


def new_postgres_database(template: str = ""):
    """(url of a fresh database, admin engine)."""
    name = f"bot_test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
    return POSTGRES.rsplit("/", 1)[0] + f"/{name}", admin


def drop_postgres_database(url: str, admin) -> None:
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)"))
    admin.dispose()
