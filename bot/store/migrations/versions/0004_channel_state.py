"""Room for what channels keep: an encrypted pair of tokens is longer than 200 characters."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade():
    with op.batch_alter_table("channel_state") as batch:
        batch.alter_column("value", existing_type=sa.String(200), type_=sa.Text, existing_nullable=False)
        batch.alter_column("key", existing_type=sa.String(40), type_=sa.String(80), existing_nullable=False)
