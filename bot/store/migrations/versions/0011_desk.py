"""Switches, reports on a schedule, requests under the data protection law, runs of retention."""

revision = "0011"
down_revision = "0010"


def upgrade():
    pass
