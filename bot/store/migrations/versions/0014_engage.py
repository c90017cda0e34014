"""Announcements, and talks taken over by a person."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)
APPROVED = "('approved', 'sending', 'sent')"


def upgrade():
    op.create_table(
        "news_topics",
        sa.Column("citizen_id", KEY, sa.ForeignKey("citizens.id"), primary_key=True, autoincrement=False),
        sa.Column("topic", sa.String(20), primary_key=True),
    )
    op.create_table(
        "announcements",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("topic", sa.String(20), nullable=False),
        sa.Column("sender", sa.String(80), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("communes", sa.JSON, nullable=False),
        sa.Column("channels", sa.JSON, nullable=False),
        sa.Column("course", sa.String(60)),
        sa.Column("course_state", sa.String(12)),
        sa.Column("reason", sa.Text),
        sa.Column("told", sa.Text),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("author_id", KEY, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("first_approver_id", KEY, sa.ForeignKey("staff.id")),
        sa.Column("second_approver_id", KEY, sa.ForeignKey("staff.id")),
        sa.Column("send_at", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("approved_at", INSTANT),
        sa.Column("cursor", KEY, nullable=False),
        sa.Column("expanded_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.CheckConstraint("first_approver_id IS NULL OR first_approver_id <> author_id", name="first_is_another"),
        sa.CheckConstraint("second_approver_id IS NULL OR (first_approver_id IS NOT NULL AND second_approver_id <> author_id "
                           "AND second_approver_id <> first_approver_id)", name="second_is_a_third"),
        sa.CheckConstraint(f"state NOT IN {APPROVED} OR first_approver_id IS NOT NULL", name="approved_by_somebody"),
        sa.CheckConstraint(f"state NOT IN {APPROVED} OR kind <> 'emergency' OR (second_approver_id IS NOT NULL AND reason IS NOT NULL)",
                           name="emergency_by_two"),
    )
    op.create_table(
        "announcement_sends",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("announcement_id", KEY, sa.ForeignKey("announcements.id"), nullable=False),
        sa.Column("conversation_id", sa.String(80), index=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("error", sa.String(200)),
        sa.Column("outbox_id", KEY, index=True),
        sa.Column("next_try_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.Column("unsubscribed_at", INSTANT),
        sa.UniqueConstraint("announcement_id", "conversation_id"),
    )
    op.create_index("ix_announcement_sends_work", "announcement_sends", ["state", "next_try_at"])
    op.create_table(
        "human_talks",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("conversation_id", sa.String(80), sa.ForeignKey("conversations.id"), nullable=False, index=True),
        sa.Column("open_id", sa.String(80), unique=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("commune", sa.String(80)),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("why", sa.String(20)),
        sa.Column("staff_id", KEY, sa.ForeignKey("staff.id"), index=True),
        sa.Column("earlier", sa.JSON, nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("taken_at", INSTANT),
        sa.Column("officer_at", INSTANT),
        sa.Column("unanswered_since", INSTANT),
        sa.Column("closed_at", INSTANT),
    )
    op.create_table(
        "human_lines",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("talk_id", KEY, sa.ForeignKey("human_talks.id"), nullable=False, index=True),
        sa.Column("by", sa.String(10), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
