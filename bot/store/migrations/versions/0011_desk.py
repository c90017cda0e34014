"""Switches, reports on a schedule, requests under the data protection law, runs of retention."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "switches",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("off", sa.Boolean, nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
        sa.Column("until", INSTANT),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("staff_id", KEY, sa.ForeignKey("staff.id")),
    )
    op.create_table(
        "report_plans",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("communes", sa.JSON, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("recipients", sa.JSON, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("created_by", KEY, sa.ForeignKey("staff.id")),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    op.create_table(
        "report_orders",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("plan_id", KEY, sa.ForeignKey("report_plans.id")),
        sa.Column("period", sa.String(7)),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("first_day", sa.String(10), nullable=False),
        sa.Column("last_day", sa.String(10), nullable=False),
        sa.Column("communes", sa.JSON, nullable=False),
        sa.Column("ordered_by", KEY, sa.ForeignKey("staff.id")),
        sa.Column("ordered_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease_until", INSTANT),
        sa.Column("error", sa.String(200)),
        sa.Column("file", sa.String(80)),
        sa.Column("size", sa.Integer),
        sa.Column("made_at", INSTANT),
        sa.UniqueConstraint("plan_id", "period"),
    )
    privacy()


def privacy():
    with op.batch_alter_table("conversations") as batch:
        batch.add_column(sa.Column("person_until", INSTANT, nullable=True))
    op.create_table(
        "privacy_requests",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("receipt", sa.String(20), nullable=False, unique=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("reference", sa.String(40)),
        sa.Column("conversation_id", sa.String(80), index=True),
        sa.Column("commune", sa.String(80)),
        sa.Column("third_party", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("replied_at", INSTANT),
        sa.Column("extended_days", sa.Integer, nullable=False),
        sa.Column("closed_at", INSTANT),
    )
    op.create_table(
        "privacy_notes",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("request_id", KEY, sa.ForeignKey("privacy_requests.id"), nullable=False, index=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("login", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "retention_runs",
        sa.Column("job", sa.String(40), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
