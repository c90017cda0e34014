"""Who works here: staff, their sign-ins, and what they did."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class Staff(Base):
    """Somebody who signs in. login: as typed, in lower case. role: see bot/services/staff.py, ROLES.

    communes: the names (bot/places) of those this person's work is bound to, [] for the whole province. totp_secret: sealed under SECRET_KEY, null
    without a second factor; totp_used: the newest time step a code was accepted for, so that none is good twice. failures,
    locked_until: wrong passwords in a row, and the pause after too many. conversation_id: their own chat, for trying things out and
    for word of what waits for them: tasks_wanted; tasks_told_to: what came up to then they have been told of (bot/services/tasks.py).
    """

    __tablename__ = "staff"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(String(200))
    totp_used: Mapped[int | None]
    role: Mapped[str] = mapped_column(String(20))
    communes: Mapped[Any] = mapped_column(JSON, default=list)
    active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    conversation_id: Mapped[str | None] = mapped_column(String(80))
    tasks_wanted: Mapped[bool] = mapped_column(default=True)
    tasks_told_to: Mapped[datetime | None]
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]


class StaffSession(Base):
    """A browser somebody is signed in with. token_hash: SHA-256 of the cookie. csrf: what every form of it carries."""

    __tablename__ = "staff_sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class Invitation(Base):
    """A link by which a new member of staff sets a password, once. token_hash: SHA-256 of what the link holds.

    staff_id: whom a renewed password is for; null for a newcomer.
    """

    __tablename__ = "invitations"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    login: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    communes: Mapped[Any] = mapped_column(JSON, default=list)
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AuditEntry(Base):
    """What somebody of the staff did. The database itself refuses to change or delete a row (migration 0007).

    staff_id: not a reference, so that the log outlives everybody; login: as it was then. action: see bot/services/audit.py.
    about: what it was done to, ids and names of content only. digest: SHA-256 over the row and the digest before it.
    """

    __tablename__ = "audit_log"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    staff_id: Mapped[int | None] = mapped_column(Key, index=True)
    login: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40), index=True)
    about: Mapped[str] = mapped_column(String(200))
    detail: Mapped[Any] = mapped_column(JSON, default=dict)
    reason: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
