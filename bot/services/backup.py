"""The database into one file and back. SQLite copies itself, PostgreSQL uses pg_dump and pg_restore where they are installed.

Else, and on request, a dump of our own: gzipped JSON lines, whose first line says which version of the tables it holds,
then one line a row. It goes from SQLite to PostgreSQL as well. Keys (var/secret_key and its neighbours) are not in it.
"""

import base64
import gzip
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Date, Float, LargeBinary, MetaData, String, Table, Text, func, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from bot.errors import BotError
from bot.store import tables
from bot.store.db import Base, Database

FORMAT = 1
ROWS_AT_ONCE = 500
PASSING = ("leases", "heartbeats", "buckets")
"""Tables of the moment: what stood in them would only be in the way of the processes that start on the restored database."""


class BackupFailed(BotError):
    """Nothing was written, or nothing was changed; seen on the command line."""


def save(database: Database, file: Path, portable: bool = False) -> str:
    """Writes FILE while everything runs on; returns how it was made. The file is whole or not there. Raises BackupFailed."""
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_WRONLY, 0o600))  # it holds what citizens entrusted to us
    try:
        if portable:
            how = _dump(database, part)
        elif database.url.startswith("sqlite"):
            how = _copy(database, part)
        elif shutil.which("pg_dump"):
            how = _pg_dump(database, part)
        else:
            how = _dump(database, part)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return how


def load(database: Database, file: Path, replace: bool = False) -> str:
    """Puts FILE in place of what is there, whole or not at all; returns how it was read. Nothing else may be running.

    replace: also when there are citizens or conversations. Raises BackupFailed.
    """
    if not replace and _has_people(database):
        raise BackupFailed("the database holds conversations already; say --replace to put the backup in their place")
    head = file.open("rb").read(16)
    if head.startswith(b"SQLite format 3\0"):
        if not database.url.startswith("sqlite"):
            raise BackupFailed("this is a copy of an SQLite database; make a portable backup to move it to PostgreSQL")
        how = _copy_back(database, file)
    elif head.startswith(b"PGDMP"):
        if database.url.startswith("sqlite"):
            raise BackupFailed("this is a dump of PostgreSQL; make a portable backup to move it to SQLite")
        how = _pg_restore(database, file)
    elif head.startswith(b"\x1f\x8b"):
        how = _undump(database, file)
    else:
        raise BackupFailed(f"{file.name} is no backup of ours")
    database.migrate()
    with database.write() as session:
        for name in PASSING:
            session.execute(text(f"DELETE FROM {name}"))
    return how


def _has_people(database: Database) -> bool:
    try:
        with database.read() as session:
            return bool(session.scalar(select(func.count()).select_from(tables.Conversation)))
    except Exception:  # no tables yet
        return False


# --- SQLite -------------------------------------------------------------------------------------------------------

def _copy(database: Database, part: Path) -> str:
    """SQLite's own online backup: consistent, while others write."""
    source, target = sqlite3.connect(database.url.removeprefix("sqlite:///")), sqlite3.connect(part)
    try:
        source.backup(target)
        broken = target.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        source.close()
        target.close()
    if broken != "ok":
        raise BackupFailed(f"the database is damaged: {broken[:100]}")
    return "copy of SQLite"


def _copy_back(database: Database, file: Path) -> str:
    source = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        if source.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise BackupFailed(f"{file.name} is damaged; nothing was changed")
        database.close()
        target = sqlite3.connect(database.url.removeprefix("sqlite:///"))
        try:
            source.backup(target)  # one transaction: a reader sees the old or the new
        finally:
            target.close()
    except sqlite3.DatabaseError as error:
        raise BackupFailed(f"{file.name} cannot be read ({type(error).__name__}); nothing was changed") from error
    finally:
        source.close()
    return "copy of SQLite"


# --- PostgreSQL ---------------------------------------------------------------------------------------------------

def _pg_dump(database: Database, part: Path) -> str:
    _run(database, ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={part}"])
    return "pg_dump"


def _pg_restore(database: Database, file: Path) -> str:
    if not shutil.which("pg_restore"):
        raise BackupFailed("pg_restore is not installed here")
    # tables that are not in the dump would stand in the way of its keys, so the schema goes whole, in the same transaction
    listed = subprocess.run(["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(file)], capture_output=True)
    if listed.returncode != 0:
        raise BackupFailed(f"{file.name} cannot be read; nothing was changed")
    script = b"DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n" + listed.stdout
    _run(database, ["psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-"], script)
    return "pg_restore"


def _run(database: Database, command: list[str], fed: bytes | None = None) -> None:
    """The password goes by the environment: a command line is seen by everybody on the machine."""
    url = make_url(database.url)
    environment = {**os.environ, **({"PGPASSWORD": url.password} if url.password else {})}
    if url.query.get("sslmode"):
        environment["PGSSLMODE"] = str(url.query["sslmode"])
    where = [f"--host={url.host or 'localhost'}", f"--port={url.port or 5432}", f"--username={url.username or 'postgres'}", "--no-password",
             f"--dbname={url.database}"]
    done = subprocess.run([*command, *where], env=environment, input=fed, capture_output=True)
    if done.returncode != 0:
        why = next((line for line in done.stderr.decode(errors="replace").splitlines() if line.strip()), "no details")
        raise BackupFailed(f"{command[0]}: {why[:200]}")


# --- our own ------------------------------------------------------------------------------------------------------

def _every_table() -> list[Table]:
    """Ours in an order in which no row comes before the one it refers to, and Rasa's."""
    rasa = Table("rasa_trackers", MetaData(), Column("sender_id", String, primary_key=True), Column("events", Text), Column("updated_at", Float))
    return [*Base.metadata.sorted_tables, rasa]


def _dump(database: Database, part: Path) -> str:
    reader = database.engine.execution_options(read_only=True)  # on SQLite no writer waits for it
    with reader.connect() as connection, gzip.open(part, "wt", encoding="utf-8") as out:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))  # all tables as of one moment
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        out.write(json.dumps({"bot_backup": FORMAT, "version": version}) + "\n")
        for table in _every_table():
            for row in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table)).mappings():
                out.write(json.dumps([table.name, {c: _plain(v) for c, v in row.items()}], ensure_ascii=False) + "\n")
        out.write(json.dumps({"end": True}) + "\n")
    return "our own dump"


def _undump(database: Database, file: Path) -> str:
    """One transaction. The tables are brought to the dump's version or are newer; a dump newer than the program is refused."""
    found = _lines(file)
    first = next(found, None)
    if not isinstance(first, dict) or first.get("bot_backup") != FORMAT:
        raise BackupFailed(f"{file.name} is no backup of ours")
    database.migrate()
    by_name = {table.name: table for table in _every_table()}
    ended = False
    with database.write() as session:
        now_at = session.scalar(text("SELECT version_num FROM alembic_version"))
        if str(first["version"]) > str(now_at):
            raise BackupFailed(f"the backup is of a newer version of the tables ({first['version']}, here {now_at})")
        with _log_open(session):
            for table in reversed(_every_table()):
                session.execute(table.delete())
        waiting: list[dict[str, Any]] = []
        name = ""
        for line in found:
            if isinstance(line, dict):
                ended = bool(line.get("end"))
                continue
            if waiting and (line[0] != name or len(waiting) >= ROWS_AT_ONCE):
                session.execute(insert(by_name[name]), waiting)
                waiting = []
            name = line[0]
            waiting.append(_typed(by_name[name], line[1]))
        if waiting:
            session.execute(insert(by_name[name]), waiting)
        if not ended:
            raise BackupFailed(f"{file.name} is cut off; nothing was changed")
        _count_on(session)
    return "our own dump"


@contextmanager
def _log_open(session: Session) -> Iterator[None]:
    """Lets the audit log be emptied for the log of the backup; its triggers are back before the transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ALTER TABLE audit_log DISABLE TRIGGER USER"))
        yield
        session.execute(text("ALTER TABLE audit_log ENABLE TRIGGER USER"))
        return
    triggers = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_log'")).all()
    for name, _ in triggers:
        session.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _, sql in triggers:
        session.execute(text(sql))


def _lines(file: Path) -> Iterator[Any]:
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
    except (OSError, EOFError, ValueError) as error:
        raise BackupFailed(f"{file.name} is damaged ({type(error).__name__}); nothing was changed") from error


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # datetimes too
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """The values as the columns take them; a column the dump does not know keeps its default."""
    made = {}
    for name, value in row.items():
        column = table.columns.get(name)
        if column is None:
            continue
        if value is not None and isinstance(column.type, LargeBinary):
            value = base64.b64decode(value)
        elif value is not None and isinstance(column.type, Base.type_annotation_map[datetime]):
            value = datetime.fromisoformat(value)
        elif value is not None and isinstance(column.type, Date):
            value = date.fromisoformat(value)
        made[name] = value
    return made


def _count_on(session: Session) -> None:
    """PostgreSQL: new rows count on behind the restored ones."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        key = table.primary_key.columns.values()
        if len(key) == 1 and key[0].autoincrement in (True, "auto") and key[0].type.python_type is int:
            sequence = session.scalar(text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": key[0].name})
            if sequence:
                session.execute(text(f"SELECT setval('{sequence}', (SELECT coalesce(max({key[0].name}), 0) + 1 FROM {table.name}), false)"))
