"""Communes as staff keep them, and how often their links and posters were opened."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class CommuneSheet(Base):
    """What staff know of a commune beyond the shipped list, or instead of it; code: of the national list.

    formerly: names of today's unit before it was renamed, and of units that went into it, as a shipped `old` lists them.
    into: the code of the unit this one went into; null while it exists. address, hours, phone, site: null while unknown, and
    told to citizens only with source and checked_on.
    """

    __tablename__ = "commune_sheets"
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    formerly: Mapped[Any] = mapped_column(JSON)
    into: Mapped[str | None] = mapped_column(String(10))
    address: Mapped[str | None] = mapped_column(Text)
    hours: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(String(40))
    site: Mapped[str | None] = mapped_column(String(200))
    source: Mapped[str | None] = mapped_column(Text)
    checked_on: Mapped[date | None]
    updated_by: Mapped[str] = mapped_column(String(80))
    updated_at: Mapped[datetime]


class LinkOpened(Base):
    """How often a link or QR code was opened on a local day, tied to nobody. start: "x-<commune>" or "c-<course>"."""

    __tablename__ = "link_opened"
    day: Mapped[date] = mapped_column(primary_key=True)
    start: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    count: Mapped[int] = mapped_column(Key)
