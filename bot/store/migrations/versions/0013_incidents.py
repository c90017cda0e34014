"""Tricks, incidents and rumours citizens reported."""

revision = "0013"
down_revision = "0012"


def upgrade():
    pass
