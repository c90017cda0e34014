"""Codes by which staff link their own phones."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade():
    op.create_table(
        "phone_codes",
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.ForeignKey("staff.id"), primary_key=True, autoincrement=False),
        sa.Column("code_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
