"""What can be answered, and what was asked."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class ProcedureRow(Base):
    """A procedure that can be answered: curated from `procedures/`, imported from the portal's records."""

    __tablename__ = "procedures"
    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    origin: Mapped[str] = mapped_column(String(10), index=True)
    name: Mapped[str] = mapped_column(Text)
    document: Mapped[Any] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime]


class Asked(Base):
    """A question and what became of it, tied to nobody. text is masked, and kept only with consent to `improve`, 30 days."""

    __tablename__ = "asked"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(String(20))
    intent: Mapped[str] = mapped_column(String(40))
    aspect: Mapped[str] = mapped_column(String(20))
    decision: Mapped[str] = mapped_column(String(10))
    procedure_code: Mapped[str | None] = mapped_column(String(80))
    text: Mapped[str | None] = mapped_column(Text)
