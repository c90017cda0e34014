"""Communes as data, controlled documents, open tables."""

revision = "0016"
down_revision = "0015"


def upgrade():
    pass
