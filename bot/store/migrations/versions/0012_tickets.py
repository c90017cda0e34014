"""Reports and proposals of citizens, and what the desk did."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "tickets",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("number", sa.String(20), nullable=False, unique=True),
        sa.Column("category", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("commune", sa.String(80), index=True),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("state", sa.String(12), nullable=False, index=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("citizen_id", KEY, sa.ForeignKey("citizens.id"), index=True),
        sa.Column("conversation_id", sa.String(80), sa.ForeignKey("conversations.id"), index=True),
        sa.Column("assigned_to", KEY, sa.ForeignKey("staff.id"), index=True),
        sa.Column("unit", sa.String(120)),
        sa.Column("created_at", INSTANT, nullable=False, index=True),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("replied_at", INSTANT),
        sa.Column("closed_at", INSTANT),
        sa.Column("score", sa.Integer),
    )
    op.create_table(
        "ticket_events",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("ticket_id", KEY, sa.ForeignKey("tickets.id"), nullable=False, index=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("text", sa.Text),
    )
    op.create_table(
        "ticket_followers",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("ticket_id", KEY, sa.ForeignKey("tickets.id"), nullable=False),
        sa.Column("citizen_id", KEY, sa.ForeignKey("citizens.id"), nullable=False, index=True),
        sa.Column("conversation_id", sa.String(80), sa.ForeignKey("conversations.id"), nullable=False, index=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.UniqueConstraint("ticket_id", "citizen_id"),
    )
    op.create_table(
        "ticket_drafts",
        sa.Column("conversation_id", sa.String(80), sa.ForeignKey("conversations.id"), primary_key=True),
        sa.Column("asked", sa.String(12), nullable=False),
        sa.Column("category", sa.String(20)),
        sa.Column("text", sa.Text),
        sa.Column("commune", sa.String(80)),
        sa.Column("place_asked", sa.Boolean, nullable=False),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("keep_place", sa.Boolean),
        sa.Column("touched_at", INSTANT, nullable=False),
    )
    op.create_table(
        "ticket_photos",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("source_id", sa.String(120), nullable=False),
        sa.Column("conversation_id", sa.String(80), sa.ForeignKey("conversations.id"), index=True),
        sa.Column("ticket_id", KEY, sa.ForeignKey("tickets.id"), index=True),
        sa.Column("ref", sa.Text),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("data", sa.LargeBinary),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=False),
        sa.Column("lease_until", INSTANT),
        sa.Column("error", sa.String(60)),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.UniqueConstraint("channel", "source_id"),
    )
    op.create_table(
        "ticket_counts",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )
