"""Migrated databases for tests: migrated once a run, then copied, for sixteen migrations a test would take most of its time."""

import atexit
import os
import shutil
import tempfile
import uuid
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

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


_empty: list[tuple[str, Engine]] = []
"""Databases that earlier tests have given back, emptied."""


def postgres_migrated() -> tuple[str, Engine]:
    """(url of a migrated, empty database, admin engine). Give it back with `postgres_given_back`."""
    return _empty.pop() if _empty else new_postgres_database(_postgres_template())


def postgres_given_back(url: str, admin: Engine) -> None:
    """Empties the database for the next test: copying a template anew takes many times as long as most tests do."""
    try:
        _emptied(url)
    except SQLAlchemyError:
        drop_postgres_database(url, admin)
        return
    if not _empty:
        atexit.register(_drop_empty)
    _empty.append((url, admin))


def _emptied(url: str) -> None:
    """No rows but those that migrations write (there are none), every sequence at its start, no other connection left."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"))
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # the audit log may only grow, says its trigger
        tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")).all()
        used = connection.scalars(text(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in tables))).all()
        for name in used:
            connection.execute(text(f'DELETE FROM "{name}"'))
        connection.execute(text("SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) FROM pg_sequences WHERE last_value IS NOT NULL"))
    engine.dispose()


def _drop_empty() -> None:
    while _empty:
        drop_postgres_database(*_empty.pop())


def new_postgres_database(template: str = "") -> tuple[str, Engine]:
    """(url of a fresh database, admin engine)."""
    name = f"bot_test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
    return POSTGRES.rsplit("/", 1)[0] + f"/{name}", admin


def drop_postgres_database(url: str, admin: Engine) -> None:
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)"))
    admin.dispose()
