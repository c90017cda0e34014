"""Alembic's entry: runs the numbered scripts on the engine that Database.migrate hands over."""

from alembic import context

engine = context.config.attributes["engine"]

with engine.connect() as connection:
    if connection.dialect.name == "postgresql":
        # two processes that start together must not both create the tables
        connection.exec_driver_sql("SELECT pg_advisory_lock(7201)")
        connection.commit()
    context.configure(connection=connection, target_metadata=None, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_unlock(7201)")
        connection.commit()
