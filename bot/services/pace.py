"""Token buckets in the database: what all workers together may send on a channel. Flushes only; the caller commits.

Each channel has two: one for everything, at the platform's limit, and one for broadcasts, at 80 % of it, so that a
broadcast of any size leaves room for replies.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.store.tables import Bucket

BULK_SHARE = 0.8


@dataclass(frozen=True)
class Rate:
    """per_second: tokens that flow in; burst: the most that gather."""

    per_second: float
    burst: float

    @classmethod
    def of(cls, per_second: float) -> "Rate":
        """A second's worth gathers, at least one message."""
        return cls(per_second, max(1.0, per_second))


def level(session: Session, name: str, rate: Rate, now: datetime) -> Bucket:
    """The bucket, filled up to now and locked until the commit (PostgreSQL; SQLite has one writer at a time)."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(Bucket).values(name=name, tokens=rate.burst, filled_at=now).on_conflict_do_nothing())
    bucket = session.scalars(select(Bucket).where(Bucket.name == name).with_for_update()
                             .execution_options(populate_existing=True)).one()
    # a clock that has gone back fills nothing, and does not stop the bucket either
    passed = max(0.0, (now - bucket.filled_at).total_seconds())
    bucket.tokens, bucket.filled_at = min(rate.burst, bucket.tokens + passed * rate.per_second), now
    return bucket


def spend(bucket: Bucket, count: int) -> None:
    bucket.tokens -= count
