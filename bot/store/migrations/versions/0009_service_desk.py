"""History of procedures, golden questions, who waits for an answer."""

revision = "0009"
down_revision = "0008"


def upgrade():
    pass
