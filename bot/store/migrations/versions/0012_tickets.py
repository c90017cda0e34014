"""Reports and proposals of citizens, and what the desk did."""

revision = "0012"
down_revision = "0011"


def upgrade():
    pass
