"""Announcements, and talks taken over by a person."""

revision = "0014"
down_revision = "0013"


def upgrade():
    pass
