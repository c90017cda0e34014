"""Tricks, incidents and rumours citizens reported."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "incidents",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("number", sa.String(20), unique=True),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("conversation_id", sa.String(80), index=True),
        sa.Column("reporter", sa.String(64), nullable=False, index=True),
        sa.Column("trick", sa.String(20)),
        sa.Column("channel", sa.String(20)),
        sa.Column("loss", sa.String(20)),
        sa.Column("happened", sa.String(20)),
        sa.Column("happened_on", sa.Date),
        sa.Column("asked", sa.JSON, nullable=False),
        sa.Column("signs", sa.JSON, nullable=False),
        sa.Column("chat_channel", sa.String(20), nullable=False),
        sa.Column("commune", sa.String(80)),
        sa.Column("text", sa.Text),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_index("ix_incidents_at", "incidents", ["state", "at"])
    op.create_table(
        "indicators",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("value", sa.String(300), nullable=False),
        sa.Column("reporters", sa.Integer, nullable=False),
        sa.Column("askers", sa.Integer, nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.UniqueConstraint("kind", "value"),
    )
    op.create_table(
        "mentions",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("incident_id", KEY, sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("indicator_id", KEY, sa.ForeignKey("indicators.id"), nullable=False, index=True),
        sa.UniqueConstraint("incident_id", "indicator_id"),
    )
    op.create_table(
        "spread_alerts",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("cluster", sa.String(40), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("trick", sa.String(20)),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("usual", sa.Float, nullable=False),
        sa.Column("hours", sa.Integer, nullable=False),
        sa.Column("members", sa.JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=False, index=True),
        sa.UniqueConstraint("cluster", "day"),
    )
