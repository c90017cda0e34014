"""Open tables that are answered in the chat, each version a row."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class OpenTable(Base):
    """A version of a table; its content never changes. state: waiting (for another person), live (one a slug at most), past, withdrawn, refused.

    description, rows: as bot/opendata/model.py reads them. origin: files (came with the program) or staff. changed_at: of the state.
    """

    __tablename__ = "open_tables"
    __table_args__ = (UniqueConstraint("slug", "number"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    slug: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    description: Mapped[Any] = mapped_column(JSON)
    rows: Mapped[Any] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    origin: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    changed_at: Mapped[datetime]
