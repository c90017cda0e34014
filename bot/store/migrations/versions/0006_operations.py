"""Who holds a message, the beats of processes, when a course was last mentioned, and what all processes have counted."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade():
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("holder", sa.String(80), nullable=True))
    with op.batch_alter_table("inbox") as batch:
        batch.add_column(sa.Column("holder", sa.String(80), nullable=True))
    with op.batch_alter_table("heartbeats") as batch:
        batch.alter_column("process", existing_type=sa.String(40), type_=sa.String(80), existing_nullable=False)
        batch.add_column(sa.Column("beats", sa.Integer, nullable=False, server_default="0"))
    with op.batch_alter_table("enrolments") as batch:
        batch.add_column(sa.Column("nudged_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "tallies",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("labels", sa.String(160), primary_key=True),
        sa.Column("value", sa.Float, nullable=False),
    )
    op.create_index("ix_outbox_talk", "outbox", ["conversation_id", "state", "id"])
