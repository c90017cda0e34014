"""Requests under the data protection law, and what the retention jobs have removed."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class PrivacyRequest(Base):
    """Somebody exercises a right over their data; the law gives days for the answer (bot/services/privacy_law.py). No name, no papers.

    receipt: our number, which the citizen is told. kind: a key of privacy_law.KINDS. origin: chat, letter, in_person.
    reference: the number in the officer's own register, for what came outside the chat. conversation_id: where the answer goes;
    null once the person is erased. third_party: others hold the data too, which gives more days. extended_days: beyond those.
    state: open, done, refused; replied_at: the first reply.
    """

    __tablename__ = "privacy_requests"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    receipt: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    origin: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str | None] = mapped_column(String(40))
    conversation_id: Mapped[str | None] = mapped_column(String(80), index=True)
    commune: Mapped[str | None] = mapped_column(String(80))
    third_party: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), index=True)
    received_at: Mapped[datetime]
    replied_at: Mapped[datetime | None]
    extended_days: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]


class PrivacyNote(Base):
    """What was done about a request, masked. kind: note, reply (sent to the citizen where there is a chat), extended, done, refused."""

    __tablename__ = "privacy_notes"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("privacy_requests.id"), index=True)
    at: Mapped[datetime]
    login: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)


class RetentionRun(Base):
    """That a retention job has run on a day (of the province), however often and in however many workers. rows: removed that day; at: the last run."""

    __tablename__ = "retention_runs"
    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    rows: Mapped[int]
    at: Mapped[datetime]
