"""When a message of ours was read, where the channel tells it."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

INSTANT = sa.DateTime(timezone=True)


def upgrade():
    for table in ("outbox", "announcement_sends"):
        op.add_column(table, sa.Column("read_at", INSTANT))
