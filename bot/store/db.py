"""The database: one engine a process, sessions for services, the same code on SQLite and PostgreSQL."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import BigInteger, DateTime, Engine, Insert, Integer, Table, TypeDecorator, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from bot.errors import NaiveTime

BUSY_SECONDS = 15
IDLE_SECONDS = 5.0
"""A connection that nobody has used for so long is tried before it is; one that has just worked will work again."""
T = TypeVar("T")


class Instant(TypeDecorator):
    """An aware UTC datetime. SQLite stores no zone, so it is taken off and put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveTime("a datetime without a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect):
        if value is None or value.tzinfo is not None:
            return value if value is None else value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


Key = BigInteger().with_variant(Integer, "sqlite")
"""A growing id; SQLite counts only columns of type INTEGER."""


class Base(DeclarativeBase):
    type_annotation_map = {datetime: Instant}


def engine_for(url: str) -> Engine:
    """An engine for `url` (sqlite:///… or postgresql+psycopg://…). Errors name no parameters: those are citizens' words."""
    if not url.startswith("sqlite"):
        return tried_when_idle(create_engine(url, hide_parameters=True, pool_size=10, max_overflow=10, pool_use_lifo=True))
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def configure(connection, _record):
        # the driver's own BEGIN comes too late: a read that turns into a write would fail at once as "locked"
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")  # WAL's NORMAL may lose the last commits when power fails
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")

    @event.listens_for(engine, "begin")
    def begin(connection):
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("read_only") else
                                   "BEGIN IMMEDIATE")

    return engine


def tried_when_idle(engine: Engine) -> Engine:
    """Like pool_pre_ping, for connections that have been idle: a ping before each of ten transactions a message costs as much as they do.

    What a restarted database cut within IDLE_SECONDS fails once, and takes the whole pool with it; `again` and leases take that up.
    """

    @event.listens_for(engine, "checkin")
    def used(_connection, record):
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def trying(connection, record, _proxy):
        if time.monotonic() - record.info.get("used", time.monotonic()) < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError("the connection was cut while idle") from error

    return engine


def insert_unless_there(table: Table, *columns: str) -> dict[str, Insert]:
    """By dialect: inserts a row unless one with the same values in these columns exists, and returns its id.

    Of the table and not of its class, and built once: on the way of every message building an ORM statement costs more than running it.
    """
    return {dialect: make(table).on_conflict_do_nothing(index_elements=list(columns)).returning(table.c.id)
            for dialect, make in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))}


class Reading(Session):
    """A session whose objects may be changed to show something, and are not written."""

    def flush(self, objects=None) -> None:
        """Nothing."""


class Database:
    """Sessions on one engine. `write` commits at the end or rolls back; `read` writes nothing, whatever is done to its objects."""

    def __init__(self, url: str):
        self.url = url
        if url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).absolute().parent.mkdir(parents=True, exist_ok=True)
        self.engine = engine_for(url)
        self._write = sessionmaker(self.engine, expire_on_commit=False)
        self._read = sessionmaker(self.engine.execution_options(read_only=True), class_=Reading, expire_on_commit=False)

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self._write.begin() as session:
            yield session

    def again(self, work: Callable[[Session], T], tries: int = 4) -> T:
        """`work` in a transaction of its own; once more when the database ended it for its own reasons (deadlock, restart).

        work: must be harmless to repeat, for a commit whose answer was lost may have happened. Waits 0.1, 0.3, 0.9 s between.
        """
        for attempt in range(1, tries + 1):
            try:
                with self.write() as session:
                    return work(session)
            except (OperationalError, InterfaceError):
                if attempt == tries:
                    raise
                time.sleep(0.1 * 3 ** (attempt - 1))
        raise AssertionError("unreachable")

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._read() as session:
            yield session
            # psycopg throws its prepared statements away at every ROLLBACK, and that is how closing would end the transaction
            session.expunge_all()
            session.commit()

    def migrate(self) -> None:
        """Brings the tables to the newest version; safe to run again and by several processes one after another."""
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["engine"] = self.engine
        command.upgrade(config, "head")

    def close(self) -> None:
        self.engine.dispose()
