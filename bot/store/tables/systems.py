"""What ties us to other systems: files somebody follows, keys of the portal, webhooks going out."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class FollowedDossier(Base):
    """A submitted file a citizen wants to hear of. state: as last told. next_check_at: when the other system is asked again.

    ended_at: nothing more comes, or the citizen no longer wants to know. Goes with the citizen.
    """

    __tablename__ = "followed_dossiers"
    __table_args__ = (UniqueConstraint("citizen_id", "code"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    code: Mapped[str] = mapped_column(String(60), index=True)
    state: Mapped[str] = mapped_column(String(20))
    changes: Mapped[int] = mapped_column(default=0)
    next_check_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ApiKey(Base):
    """A key of another system for /api/v1. key_hash: SHA-256; the key itself is shown once. scopes: what it opens."""

    __tablename__ = "api_keys"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[Any] = mapped_column(JSON)
    per_minute: Mapped[int]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class WebhookEndpoint(Base):
    """Where events go to. secret: sealed under SECRET_KEY. kinds: of events it wants."""

    __tablename__ = "webhook_endpoints"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    url: Mapped[str] = mapped_column(String(400))
    secret: Mapped[str] = mapped_column(String(200))
    kinds: Mapped[Any] = mapped_column(JSON)
    active: Mapped[bool]
    created_at: Mapped[datetime]


class WebhookDelivery(Base):
    """One event for one endpoint, a row before it is sent. state: due, sending, sent, dead. error: a class, never the answer's words."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (UniqueConstraint("endpoint_id", "cause"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoints.id"), index=True)
    cause: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(index=True)
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
