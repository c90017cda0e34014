"""Priorities in the outbox and token buckets, so that replies never wait behind broadcasts on any number of workers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)


def upgrade():
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("priority", sa.Integer, nullable=False, server_default="0"))
        batch.create_index("ix_outbox_ready", ["channel", "state", "priority", "id"])
    op.execute("UPDATE outbox SET priority = CASE kind WHEN 'reply' THEN 0 WHEN 'notice' THEN 0 WHEN 'reminder' THEN 1 ELSE 2 END")
    op.create_table(
        "buckets",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("tokens", sa.Float, nullable=False),
        sa.Column("filled_at", INSTANT, nullable=False),
    )
