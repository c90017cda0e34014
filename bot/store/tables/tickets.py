"""What citizens report or propose, the photos with it, and what the desk did."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class Ticket(Base):
    """A report (phản ánh, kiến nghị). text: masked. category, state: see bot/services/tickets/rules.py.

    commune: null where nobody knows. latitude, longitude: only with the citizen's yes. unit: the office it was handed to.
    due_at: by when the desk means to answer; replied_at: when it first did; score: of the last closing, 1 to 5.
    citizen_id, conversation_id: null once the person is erased; then text says so.
    """

    __tablename__ = "tickets"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    category: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    commune: Mapped[str | None] = mapped_column(String(80), index=True)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    state: Mapped[str] = mapped_column(String(12), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    citizen_id: Mapped[int | None] = mapped_column(ForeignKey("citizens.id"), index=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    unit: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime]
    replied_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    score: Mapped[int | None]


class TicketEvent(Base):
    """One thing that happened to a ticket. by: the login of staff, "" for the citizen. text: what the citizen reads or wrote; of a note, the desk's own."""

    __tablename__ = "ticket_events"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(12))
    by: Mapped[str] = mapped_column(String(80))
    text: Mapped[str | None] = mapped_column(Text)


class TicketFollower(Base):
    """Somebody else who has seen the same, and hears of the same ticket. Counted, and gone with the person."""

    __tablename__ = "ticket_followers"
    __table_args__ = (UniqueConstraint("ticket_id", "citizen_id"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    at: Mapped[datetime]


class TicketDraft(Base):
    """A report that is being written in the chat. asked: category, text, place or send. latitude, longitude: until the citizen
    says whether they may be kept (keep_place). Gone a day after the last word.
    """

    __tablename__ = "ticket_drafts"
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    asked: Mapped[str] = mapped_column(String(12))
    category: Mapped[str | None] = mapped_column(String(20))
    text: Mapped[str | None] = mapped_column(Text)
    commune: Mapped[str | None] = mapped_column(String(80))
    place_asked: Mapped[bool]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    keep_place: Mapped[bool | None]
    touched_at: Mapped[datetime]


class TicketPhoto(Base):
    """A photo of a report: a row before it is fetched from the platform. ref: the platform's file id or address, gone once it is here.

    source_id: the platform's id of the event, so that a repeated one adds nothing. ticket_id: null while the report is being written.
    state: loose (came with words that may turn out to be a report), due, working (under lease_until), here, dead. data: JPEG without metadata.
    """

    __tablename__ = "ticket_photos"
    __table_args__ = (UniqueConstraint("channel", "source_id"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[str] = mapped_column(String(120))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    ref: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), index=True)
    data: Mapped[bytes | None]
    attempts: Mapped[int]
    next_try_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime]


class TicketCount(Base):
    """The last running number of a year, so that numbers have no gaps to guess at and never repeat."""

    __tablename__ = "ticket_counts"
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
