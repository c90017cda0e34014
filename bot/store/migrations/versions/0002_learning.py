"""Learners on one phone, pictures, tests, revision, certificates, drills.

Enrolments move from citizens to learners: each citizen gets a first learner without a name.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade():
    learners = op.create_table(
        "learners",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("citizen_id", KEY, sa.ForeignKey("citizens.id"), nullable=False, index=True),
        sa.Column("name", sa.String(60)),
        sa.Column("nudge_hour", sa.Integer),
        sa.Column("nudged_at", INSTANT),
        sa.Column("nudges_unanswered", sa.Integer, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    op.create_table(
        "pictures",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    citizens = sa.table("citizens", sa.column("id"), sa.column("created_at"))
    op.execute(learners.insert().from_select(
        ["citizen_id", "nudges_unanswered", "created_at"], sa.select(citizens.c.id, sa.literal(0), citizens.c.created_at)))
    with op.batch_alter_table("conversations") as batch:
        batch.add_column(sa.Column("learner_id", KEY))
        batch.add_column(sa.Column("awaiting", sa.String(80)))
        batch.create_foreign_key("conversations_learner_id_fkey", "learners", ["learner_id"], ["id"])
    op.execute("UPDATE conversations SET learner_id = (SELECT l.id FROM learners l WHERE l.citizen_id = conversations.citizen_id)")
    move_enrolments()
    op.create_table(
        "review_cards",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("learner_id", KEY, sa.ForeignKey("learners.id"), nullable=False, index=True),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("item_id", sa.String(60), nullable=False),
        sa.Column("version_id", KEY, sa.ForeignKey("course_versions.id"), nullable=False),
        sa.Column("state", sa.JSON, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False, index=True),
        sa.Column("reviewed_at", INSTANT, nullable=False),
        sa.UniqueConstraint("learner_id", "slug", "item_id"),
    )
    op.create_table(
        "reviews",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("learner_id", KEY, sa.ForeignKey("learners.id"), nullable=False, index=True),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("item_id", sa.String(60), nullable=False),
        sa.Column("rating", sa.Integer, nullable=False),
        sa.Column("correct", sa.Boolean, nullable=False),
        sa.Column("answer", sa.String(200), nullable=False),
        sa.Column("at", INSTANT, nullable=False, index=True),
    )
    op.create_table(
        "revisions",
        sa.Column("learner_id", KEY, sa.ForeignKey("learners.id"), primary_key=True, autoincrement=False),
        sa.Column("state", sa.JSON, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("touched_at", INSTANT, nullable=False),
    )
    op.create_table(
        "certificates",
        sa.Column("number", sa.String(24), primary_key=True),
        sa.Column("learner_id", KEY, sa.ForeignKey("learners.id"), nullable=False, index=True),
        sa.Column("enrolment_id", KEY, sa.ForeignKey("enrolments.id"), nullable=False, index=True),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("signature", sa.String(100), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.Column("revoked_why", sa.String(200)),
    )
    op.create_table(
        "drill_runs",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("learner_id", KEY, sa.ForeignKey("learners.id"), nullable=False, index=True),
        sa.Column("conversation_id", sa.String(80), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("choices", sa.JSON, nullable=False),
        sa.Column("score", sa.Integer),
        sa.Column("most", sa.Integer),
        sa.Column("next_due_at", INSTANT, index=True),
        sa.Column("agreed_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
    )


def move_enrolments():
    """enrolments.citizen_id becomes learner_id. SQLite cannot drop a column that is in a key, so the table is made anew
    there; attempts refer to it by name and keep their ids."""
    with op.batch_alter_table("enrolments") as batch:
        batch.add_column(sa.Column("learner_id", KEY))
        batch.add_column(sa.Column("test_total", sa.Integer, nullable=False, server_default="0"))
        batch.add_column(sa.Column("before_right", sa.Integer))
        batch.add_column(sa.Column("after_right", sa.Integer))
        batch.add_column(sa.Column("left_at", INSTANT))
    op.execute("UPDATE enrolments SET learner_id = (SELECT l.id FROM learners l WHERE l.citizen_id = enrolments.citizen_id)")
    naming = {"uq": "%(table_name)s_%(column_0_name)s_slug_round_key", "fk": "%(table_name)s_%(column_0_name)s_fkey"}
    with op.batch_alter_table("enrolments", naming_convention=naming) as batch:
        batch.drop_constraint("enrolments_citizen_id_slug_round_key", type_="unique")
        batch.drop_constraint("enrolments_citizen_id_fkey", type_="foreignkey")
        batch.drop_index("ix_enrolments_citizen_id")
        batch.drop_column("citizen_id")
        batch.alter_column("learner_id", existing_type=KEY, nullable=False)
        batch.create_foreign_key("enrolments_learner_id_fkey", "learners", ["learner_id"], ["id"])
        batch.create_unique_constraint("enrolments_learner_id_slug_round_key", ["learner_id", "slug", "round"])
        batch.create_index("ix_enrolments_learner_id", ["learner_id"])
