"""Tasks for staff: the words of a low rating, when a corrective action came to its owner, who is told of what waits for them."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

INSTANT = sa.DateTime(timezone=True)


def upgrade():
    op.add_column("ratings", sa.Column("text", sa.Text))
    op.add_column("corrective_actions", sa.Column("came_at", INSTANT))
    op.add_column("staff", sa.Column("tasks_wanted", sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column("staff", sa.Column("tasks_told_to", INSTANT))
