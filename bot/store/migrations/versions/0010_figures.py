"""What figures are counted from: active days, ratings, what was sent and answered."""

revision = "0010"
down_revision = "0009"


def upgrade():
    pass
