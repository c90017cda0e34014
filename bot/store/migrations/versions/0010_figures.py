"""What figures are counted from: active days, ratings, what was sent and answered; where and when of what was there before."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "active_days",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("conversation_id", sa.String(80), primary_key=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("commune", sa.String(80)),
    )
    op.create_index("ix_active_days_talk", "active_days", ["conversation_id", "channel", "commune", "day"])
    op.create_index("ix_active_days_where", "active_days", ["day", "channel", "commune", "conversation_id"])
    op.create_table(
        "messages_sent",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("commune", sa.String(80)),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT),
        sa.Column("conversation_id", sa.String(80)),
    )
    op.create_index("ix_messages_sent_where", "messages_sent", ["day", "kind", "channel", "commune", "answered_at", "conversation_id"])
    op.create_index("ix_messages_sent_talks", "messages_sent", ["conversation_id", "channel", "commune", "day", "kind", "answered_at"])
    op.create_index("ix_messages_sent_talk", "messages_sent", ["conversation_id", "sent_at"])
    op.create_table(
        "ratings",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("about", sa.String(10), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("commune", sa.String(80)),
    )
    op.create_index("ix_ratings_where", "ratings", ["day", "about", "key", "channel", "commune", "score"])
    op.create_table(
        "reactions",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("procedure_code", sa.String(80), nullable=False),
        sa.Column("aspect", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("commune", sa.String(80)),
    )
    op.create_index("ix_reactions_where", "reactions", ["day", "kind", "procedure_code", "aspect", "channel", "commune"])
    asked()
    citizens()
    enrolments()


def asked():
    """Questions get their local day and the citizen's commune."""
    op.add_column("asked", sa.Column("commune", sa.String(80)))
    op.add_column("asked", sa.Column("first", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("conversations", sa.Column("question_at", INSTANT))
    op.add_column("asked", sa.Column("day", sa.Date))
    local = "date(at, '+7 hours')" if op.get_bind().dialect.name == "sqlite" else "CAST(timezone('Asia/Ho_Chi_Minh', at) AS date)"
    op.execute(f"UPDATE asked SET day = {local}")
    with op.batch_alter_table("asked") as batch:
        batch.alter_column("day", existing_type=sa.Date, nullable=False)
    # in the order of what is grouped: SQLite sorts whatever does not come out of an index in that order
    op.create_index("ix_asked_places", "asked", ["channel", "commune", "decision", "day"])
    op.create_index("ix_asked_days", "asked", ["decision", "day"])
    op.create_index("ix_asked_where", "asked", ["day", "channel", "commune", "decision", "at"])
    op.create_index("ix_asked_what", "asked", ["day", "procedure_code", "decision", "aspect", "intent", "channel", "commune", "first"])


def citizens():
    """The channel on which a citizen first agreed, so that nobody is counted on two."""
    op.add_column("citizens", sa.Column("channel", sa.String(20)))
    op.execute("UPDATE citizens SET channel = (SELECT channel FROM consents WHERE consents.citizen_id = citizens.id ORDER BY consents.id LIMIT 1)")


def enrolments():
    """Where a course was begun, and when it came to more than its first card."""
    op.add_column("enrolments", sa.Column("channel", sa.String(20)))
    op.add_column("enrolments", sa.Column("begun_at", INSTANT))
    op.execute("UPDATE enrolments SET channel = (SELECT c.channel FROM citizens c JOIN learners l ON l.citizen_id = c.id WHERE l.id = enrolments.learner_id), "
               "begun_at = (SELECT min(a.at) FROM attempts a WHERE a.enrolment_id = enrolments.id)")
    at = "CAST(json_extract(progress, '$.at') AS INTEGER)" if op.get_bind().dialect.name == "sqlite" else "CAST(progress->>'at' AS INTEGER)"
    op.execute(f"UPDATE enrolments SET begun_at = touched_at WHERE begun_at IS NULL AND (completed_at IS NOT NULL OR lessons_done > 0 OR {at} > 0)")
    op.create_index("ix_enrolments_figures", "enrolments",
                    ["started_at", "slug", "learner_id", "channel", "begun_at", "completed_at", "before_right", "after_right", "test_total"])
    op.create_index("ix_attempts_figures", "attempts", ["enrolment_id", "lesson_id", "item_id", "nth", "correct"])
