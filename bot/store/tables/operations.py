"""What processes share to run side by side."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base


class Heartbeat(Base):
    """When each process ("worker:<host>:<pid>") last showed that it lives. beats: grows with every sign of life.

    Workers go by the growth, never by the time: a clock that jumps makes nobody look dead.
    """

    __tablename__ = "heartbeats"
    process: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime]
    beats: Mapped[int] = mapped_column(default=0)


class Lease(Base):
    """A job that only one process may do at a time (long polling of one Telegram bot)."""

    __tablename__ = "leases"
    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(60))
    until: Mapped[datetime]


class Bucket(Base):
    """A token bucket shared by all workers: what may still be sent on a channel, and when it was last filled."""

    __tablename__ = "buckets"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    tokens: Mapped[float]
    filled_at: Mapped[datetime]


class Tally(Base):
    """What all processes together have counted, for /metrics; labels: "channel=telegram,error=blocked"."""

    __tablename__ = "tallies"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    labels: Mapped[str] = mapped_column(String(160), primary_key=True)
    value: Mapped[float]


class ChannelState(Base):
    """What a channel keeps between runs, such as Zalo's pair of tokens. value: encrypted (bot/services/keep.py)."""

    __tablename__ = "channel_state"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
