"""Drafts of courses, their steps, and who published what."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "drafts",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("slug", sa.String(60), nullable=False, unique=True),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("author_id", KEY, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("editors", sa.JSON, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("refused_why", sa.Text),
        sa.Column("approver_id", KEY, sa.ForeignKey("staff.id")),
        sa.Column("base_version_id", KEY, sa.ForeignKey("course_versions.id")),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("submitted_at", INSTANT),
        sa.Column("effective_at", INSTANT),
    )
    op.create_table(
        "draft_steps",
        sa.Column("draft_id", KEY, sa.ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("staff_id", KEY, sa.ForeignKey("staff.id"), nullable=False),
    )
    for column in (sa.Column("origin", sa.String(10), nullable=False, server_default="file"), sa.Column("number", sa.Integer),
                   sa.Column("note", sa.Text), sa.Column("effective_at", INSTANT)):
        op.add_column("course_versions", column)
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    for name in ("author_id", "approver_id"):
        # in plain SQL: Alembic adds a reference on SQLite only by rebuilding the table, which enrolments refer to
        op.execute(f"ALTER TABLE course_versions ADD COLUMN {name} {kind} REFERENCES staff (id)")
    op.execute("UPDATE course_versions SET number = (SELECT count(*) FROM course_versions AS one "
               "WHERE one.slug = course_versions.slug AND one.id <= course_versions.id)")
