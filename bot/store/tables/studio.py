"""Courses as they are being written: drafts, and the steps that undo goes back to."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class Draft(Base):
    """A course that is being written; gone once it is published or thrown away, so there is one a slug at most.

    document: a course in file shape, perhaps incomplete. revision: grows with every change, undo included. step: the
    newest `DraftStep` that the document is equal to. state: draft, review, scheduled. editors: ids of everybody who has
    changed it, who may therefore not approve it. note: the author's, for the approver; refused_why: the approver's answer.
    approver_id, effective_at: of a scheduled one.
    """

    __tablename__ = "drafts"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    document: Mapped[Any] = mapped_column(JSON)
    revision: Mapped[int] = mapped_column(default=1)
    step: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(10), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    editors: Mapped[Any] = mapped_column(JSON, default=list)
    note: Mapped[str | None] = mapped_column(Text)
    refused_why: Mapped[str | None] = mapped_column(Text)
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    base_version_id: Mapped[int | None] = mapped_column(ForeignKey("course_versions.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    effective_at: Mapped[datetime | None]


class DraftStep(Base):
    """The document after a change, for undo and redo. The newest are kept; all go with the draft."""

    __tablename__ = "draft_steps"
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[Any] = mapped_column(JSON)
    at: Mapped[datetime]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
