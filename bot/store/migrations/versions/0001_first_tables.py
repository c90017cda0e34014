"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "asked",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("intent", sa.String(40), nullable=False),
        sa.Column("aspect", sa.String(20), nullable=False),
        sa.Column("decision", sa.String(10), nullable=False),
        sa.Column("procedure_code", sa.String(80)),
        sa.Column("text", sa.Text),
    )
    op.create_table(
        "buttons",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("conversation_id", sa.String(80), nullable=False, index=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    op.create_table(
        "channel_state",
        sa.Column("key", sa.String(40), primary_key=True),
        sa.Column("value", sa.String(200), nullable=False),
    )
    op.create_table(
        "citizens",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("commune", sa.String(80)),
    )
    op.create_table(
        "consents",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("citizen_id", KEY, nullable=False, index=True),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("notice_version", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "course_versions",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("slug", sa.String(60), nullable=False, index=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.UniqueConstraint("slug", "sha256"),
    )
    op.create_table(
        "erasures",
        sa.Column("receipt", sa.String(20), primary_key=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
    )
    op.create_table(
        "heartbeats",
        sa.Column("process", sa.String(40), primary_key=True),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "inbox",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("platform_id", sa.String(120), nullable=False),
        sa.Column("conversation_id", sa.String(80), nullable=False, index=True),
        sa.Column("address", sa.String(80)),
        sa.Column("text", sa.Text),
        sa.Column("payload", sa.Text),
        sa.Column("masked", sa.JSON, nullable=False),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=False),
        sa.Column("lease_until", INSTANT),
        sa.Column("error", sa.String(200)),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT),
        sa.UniqueConstraint("channel", "platform_id"),
    )
    op.create_table(
        "leases",
        sa.Column("job", sa.String(40), primary_key=True),
        sa.Column("holder", sa.String(60), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("cause", sa.String(120), nullable=False, unique=True),
        sa.Column("conversation_id", sa.String(80), nullable=False, index=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("address", sa.String(80)),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=False),
        sa.Column("lease_until", INSTANT),
        sa.Column("platform_message_id", sa.String(200)),
        sa.Column("via", sa.String(10)),
        sa.Column("error", sa.String(200)),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT),
    )
    op.create_table(
        "procedures",
        sa.Column("code", sa.String(80), primary_key=True),
        sa.Column("origin", sa.String(10), nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
    )
    op.create_table(
        "turns",
        sa.Column("inbox_id", KEY, primary_key=True, autoincrement=False),
        sa.Column("result", sa.JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("citizen_id", KEY, sa.ForeignKey("citizens.id"), index=True),
        sa.Column("address", sa.String(80)),
        sa.Column("asked_consent_at", INSTANT),
        sa.Column("offered", sa.JSON, nullable=False),
        sa.Column("lesson_on_screen", sa.Boolean, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
    )
    op.create_table(
        "enrolments",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("citizen_id", KEY, sa.ForeignKey("citizens.id"), nullable=False, index=True),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("version_id", KEY, sa.ForeignKey("course_versions.id"), nullable=False),
        sa.Column("progress", sa.JSON, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("lessons_done", sa.Integer, nullable=False),
        sa.Column("items_right", sa.Integer, nullable=False),
        sa.Column("items_total", sa.Integer, nullable=False),
        sa.Column("score_percent", sa.Integer),
        sa.Column("passed", sa.Boolean),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("touched_at", INSTANT, nullable=False),
        sa.Column("completed_at", INSTANT),
        sa.UniqueConstraint("citizen_id", "slug", "round"),
    )
    op.create_table(
        "attempts",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("enrolment_id", KEY, sa.ForeignKey("enrolments.id"), nullable=False, index=True),
        sa.Column("lesson_id", sa.String(60), nullable=False),
        sa.Column("item_id", sa.String(60), nullable=False),
        sa.Column("nth", sa.Integer, nullable=False),
        sa.Column("answer", sa.String(200), nullable=False),
        sa.Column("correct", sa.Boolean, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "reminders",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("citizen_id", KEY, sa.ForeignKey("citizens.id"), nullable=False, index=True),
        sa.Column("conversation_id", sa.String(80), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("about", sa.String(200), nullable=False),
        sa.Column("rule", sa.JSON, nullable=False),
        sa.Column("next_due_at", INSTANT, index=True),
        sa.Column("last_due_at", INSTANT),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    op.create_table(
        # Rasa writes this one, in plain SQL (bot/rasa_glue/history.py)
        "rasa_trackers",
        sa.Column("sender_id", sa.String(80), primary_key=True),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Float, nullable=False),
    )
