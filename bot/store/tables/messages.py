"""What comes in and what goes out."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class Button(Base):
    """A payload the bot issued to one conversation; what comes back is its id, so nobody can send payloads of their own."""

    __tablename__ = "buttons"
    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(80), index=True)
    title: Mapped[str] = mapped_column(String(200))
    payload: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class Inbound(Base):
    """A message as it came in, masked, stored before the platform gets its answer. text goes once it is answered.

    message_ref: "<the platform's id of the message>:<keyed hash of its text>" where messages can be edited.
    masked: the kinds of secrets that were taken out of the text. state: new, working (under lease_until, by the process holder),
    done, parked (five failures; error says why).
    """

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("channel", "platform_id"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    platform_id: Mapped[str] = mapped_column(String(120))
    conversation_id: Mapped[str] = mapped_column(String(80), index=True)
    address: Mapped[str | None] = mapped_column(String(80))
    text: Mapped[str | None] = mapped_column(Text)
    payload: Mapped[str | None] = mapped_column(Text)
    masked: Mapped[Any] = mapped_column(JSON, default=list)
    message_ref: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    holder: Mapped[str | None] = mapped_column(String(80))
    error: Mapped[str | None] = mapped_column(String(200))
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Turn(Base):
    """What the action of one inbound message did, written in the action's own transaction.

    If anything dies before the replies are in the outbox, the repeated turn finds this row and does nothing twice.
    """

    __tablename__ = "turns"
    inbox_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    result: Mapped[Any] = mapped_column(JSON)
    at: Mapped[datetime]


class Outbound(Base):
    """A message to send: replies and reminders alike. cause is unique, so nothing is queued twice.

    priority: 0 replies, 1 what a citizen asked for at a time, 2 everything we send of our own accord.
    state: due, sending (under lease_until), sent, dead, held (the platform lets us write only once the citizen has).
    next_try_at: not before. holder: the worker whose lease it is. via: how it went: response (of the web request that
    waited), stream (server-sent events), push (the platform's API). read_at: where the channel tells it (bot/services/reads.py).
    """

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    cause: Mapped[str] = mapped_column(String(120), unique=True)
    conversation_id: Mapped[str] = mapped_column(String(80), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    address: Mapped[str | None] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    priority: Mapped[int] = mapped_column(default=0)
    body: Mapped[Any] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    holder: Mapped[str | None] = mapped_column(String(80))
    platform_message_id: Mapped[str | None] = mapped_column(String(200))
    via: Mapped[str | None] = mapped_column(String(10))
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
