"""Communes as data, links that were opened, open tables, controlled documents, corrective actions."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "commune_sheets",
        sa.Column("code", sa.String(10), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("formerly", sa.JSON, nullable=False),
        sa.Column("into", sa.String(10)),
        sa.Column("address", sa.Text),
        sa.Column("hours", sa.Text),
        sa.Column("phone", sa.String(40)),
        sa.Column("site", sa.String(200)),
        sa.Column("source", sa.Text),
        sa.Column("checked_on", sa.Date),
        sa.Column("updated_by", sa.String(80), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
    )
    op.create_table(
        "link_opened",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("start", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(20), primary_key=True),
        sa.Column("count", KEY, nullable=False),
    )
    op.create_table(
        "open_tables",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("slug", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("description", sa.JSON, nullable=False),
        sa.Column("rows", sa.JSON, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("author_id", KEY, sa.ForeignKey("staff.id")),
        sa.Column("approver_id", KEY, sa.ForeignKey("staff.id")),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.UniqueConstraint("slug", "number"),
    )
    op.create_table(
        "controlled_documents",
        sa.Column("key", sa.String(120), primary_key=True),
        sa.Column("owner_id", KEY, sa.ForeignKey("staff.id")),
        sa.Column("review_on", sa.Date),
        sa.Column("told_on", sa.Date),
        sa.Column("told_days", sa.Integer),
    )
    op.create_table(
        "shipped_versions",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("review_by", sa.Date),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("approver_id", KEY, sa.ForeignKey("staff.id")),
        sa.Column("approved_at", INSTANT),
        sa.UniqueConstraint("key", "sha256"),
    )
    op.create_table(
        "corrective_actions",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("about", sa.String(120), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("unclosed", sa.String(140), unique=True),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("after", sa.JSON),
        sa.Column("owner_id", KEY, sa.ForeignKey("staff.id")),
        sa.Column("cause", sa.Text),
        sa.Column("remedy", sa.Text),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT),
        sa.Column("done_by", KEY, sa.ForeignKey("staff.id")),
        sa.Column("closed_at", INSTANT),
        sa.Column("verified_by", KEY, sa.ForeignKey("staff.id")),
        sa.Column("effective", sa.Boolean),
        sa.Column("remark", sa.Text),
    )
