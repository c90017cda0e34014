"""Alembic's entry: runs the numbered scripts on the engine that Database.migrate hands over."""

from alembic import context

engine = context.config.attributes["engine"]

with engine.connect() as connection:
    if connection.dialect.name == "postgresql":
        # two processes that start together must not both create the tables
        connection.exec_driver_sql("SELECT pg_advisory_lock(7201)")
        connection.commit()
    sqlite = connection.connection.dbapi_connection if connection.dialect.name == "sqlite" else None
    if sqlite is not None:
        # a table that is made anew is dropped for a moment; the setting has no effect inside a transaction
        sqlite.execute("PRAGMA foreign_keys=OFF")
    context.configure(connection=connection, target_metadata=None, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_unlock(7201)")
        connection.commit()
    if sqlite is not None:
        broken = sqlite.execute("PRAGMA foreign_key_check").fetchall()
        sqlite.execute("PRAGMA foreign_keys=ON")
        if broken:
            raise RuntimeError(f"rows without the row they refer to after the migration: {broken[:5]}")
