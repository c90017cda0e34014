"""History and drafts of procedures, golden questions, uploads, who waits for an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade():
    with op.batch_alter_table("procedures") as batch:
        batch.add_column(sa.Column("studio_at", INSTANT, nullable=True))
    with op.batch_alter_table("asked") as batch:
        batch.add_column(sa.Column("handled", sa.String(10), nullable=True))
    op.create_table(
        "procedure_versions",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("key", sa.String(80), nullable=False, index=True),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("approver", sa.String(80), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "procedure_drafts",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("key", sa.String(80), nullable=False, unique=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("base_sha256", sa.String(64), nullable=True),
        sa.Column("editors", sa.JSON, nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("questions", sa.JSON, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("remark", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=True),
    )
    op.create_table(
        "procedure_uploads",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("uploaded_by", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "golden_questions",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("question", sa.String(300), nullable=False),
        sa.Column("folded", sa.String(300), nullable=False, unique=True),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("added_by", sa.String(80), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "out_of_scope_questions",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("added_by", sa.String(80), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "waiting_questions",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("conversation_id", sa.String(80), nullable=False, index=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("logged", sa.Boolean, nullable=False),
        sa.Column("offered_at", INSTANT, nullable=False),
        sa.Column("agreed_at", INSTANT, nullable=True),
        sa.Column("looked_at", INSTANT, nullable=False),
        sa.Column("code", sa.String(80), nullable=True),
        sa.Column("next_try_at", INSTANT, nullable=True),
        sa.Column("handled", sa.String(10), nullable=True),
    )
