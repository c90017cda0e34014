"""The quality system: who answers for a document, the versions of those without a history of their own, and corrective actions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class ControlledDocument(Base):
    """What the register adds to a document that lives elsewhere. key: "<kind>:<id>", kinds in bot/services/quality.py.

    review_on: chosen here, for documents that carry no date of their own. told_on, told_days: the review date the owner was last
    reminded of, and whether 30 or 7 days before it.
    """

    __tablename__ = "controlled_documents"
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    review_on: Mapped[date | None]
    told_on: Mapped[date | None]
    told_days: Mapped[int | None]


class ShippedVersion(Base):
    """A text of canned replies or of a drill as it came with a release; seen_at: when the service first ran with it.

    review_by: its own date, of drills. approver_id, approved_at: of whoever of the staff has read it and found it right.
    """

    __tablename__ = "shipped_versions"
    __table_args__ = (UniqueConstraint("key", "sha256"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    review_by: Mapped[date | None]
    seen_at: Mapped[datetime]
    live: Mapped[bool]
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None]


class CorrectiveAction(Base):
    """Something that went wrong and is to be looked into. state: open, done (waits for another person), closed.

    kind: low, rating, denied, overdue. about: the key of a controlled document, or "tickets:<commune>". subject: its words. unclosed: kind and
    about while it is not closed (low as rating), so that the same thing is opened once. came_at: when it came to its present owner, null when
    it did as it was opened. before, after: the measures when it was opened and when it was closed. effective: whether the verifier found that
    it helped.
    """

    __tablename__ = "corrective_actions"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    about: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(Text)
    unclosed: Mapped[str | None] = mapped_column(String(140), unique=True)
    state: Mapped[str] = mapped_column(String(10), index=True)
    before: Mapped[Any] = mapped_column(JSON)
    after: Mapped[Any | None] = mapped_column(JSON)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    cause: Mapped[str | None] = mapped_column(Text)
    remedy: Mapped[str | None] = mapped_column(Text)
    due_on: Mapped[date]
    opened_at: Mapped[datetime]
    came_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None]
    verified_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    effective: Mapped[bool | None]
    remark: Mapped[str | None] = mapped_column(Text)
