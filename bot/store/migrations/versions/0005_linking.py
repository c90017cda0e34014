"""Chats that closed, messages that can be edited, and codes by which one person joins two channels."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade():
    with op.batch_alter_table("conversations") as batch:
        batch.add_column(sa.Column("closed_at", INSTANT, nullable=True))
    with op.batch_alter_table("inbox") as batch:
        batch.add_column(sa.Column("message_ref", sa.String(60), nullable=True))
    op.create_table(
        "link_codes",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("code_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("from_id", sa.String(80), sa.ForeignKey("conversations.id"), nullable=False, index=True),
        sa.Column("to_id", sa.String(80), sa.ForeignKey("conversations.id"), nullable=True, index=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
    )
