"""Many rows into a table by the database's own quickest way: COPY on PostgreSQL, one prepared statement on SQLite."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Table, text

from bot.store.db import Database


def load(database: Database, table: Table, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> int:
    """Writes the rows in one transaction and gives their number. Values: aware datetimes, dates, lists and dicts for JSON, plain ones."""
    names = ", ".join(f'"{c}"' for c in columns)
    count = 0
    connection = database.engine.raw_connection()
    try:
        if database.engine.dialect.name == "postgresql":
            with connection.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    count += 1
                    copy.write_row([json.dumps(v) if isinstance(v, list | dict) else v for v in row])
        else:
            cursor = connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" * len(columns))})', (plain(row) for row in rows))
            count = cursor.rowcount
        connection.commit()
    finally:
        connection.close()
    return count


def plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """As SQLite stores it."""
    return tuple(f"{v.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}" if isinstance(v, datetime) else v.isoformat() if isinstance(v, date)
                 else json.dumps(v) if isinstance(v, list | dict) else v for v in row)


def settled(database: Database, tables: Iterable[Table]) -> None:
    """Ids go on after the loaded ones; PostgreSQL knows its tables, as it does by itself after a minute."""
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in tables:
                highest = f'SELECT coalesce(max(id), 1) FROM "{table.name}"'
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), ({highest}))"))
            connection.execute(text("VACUUM ANALYZE"))
