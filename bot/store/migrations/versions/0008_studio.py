"""Drafts of courses, their steps, and who published what."""

revision = "0008"
down_revision = "0007"


def upgrade():
    pass
