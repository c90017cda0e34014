"""Tricks, incidents and rumours as citizens report or ask about them. No row leads to a person for longer than the draft lives."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class Incident(Base):
    """A report, or a question whether something is a trick.

    source: report, question. state: draft (being asked for), sent. number: what the citizen is told, of a sent report.
    conversation_id: only of a draft, for the next answer belongs to it; null once sent.
    reporter: keyed hash of the conversation and a span of 90 days (bot/incidents/reporter.py); counts people, names nobody.
    trick, channel, loss, happened: keys of bot/incidents/kinds.py, null where not said. asked: steps that were answered or skipped.
    happened_on: local day, where one was said. chat_channel, commune: where it reached us. signs: keys of bot/incidents/signs.py.
    text: masked, only with consent to `improve`, for thirty days.
    """

    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_at", "state", "at"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    number: Mapped[str | None] = mapped_column(String(20), unique=True)
    source: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    conversation_id: Mapped[str | None] = mapped_column(String(80), index=True)
    reporter: Mapped[str] = mapped_column(String(64), index=True)
    trick: Mapped[str | None] = mapped_column(String(20))
    channel: Mapped[str | None] = mapped_column(String(20))
    loss: Mapped[str | None] = mapped_column(String(20))
    happened: Mapped[str | None] = mapped_column(String(20))
    happened_on: Mapped[date | None]
    asked: Mapped[Any] = mapped_column(JSON, default=list)
    signs: Mapped[Any] = mapped_column(JSON, default=list)
    chat_channel: Mapped[str] = mapped_column(String(20))
    commune: Mapped[str | None] = mapped_column(String(80))
    text: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]


class Indicator(Base):
    """A number, host, link or account that tricksters are said to use. kind: phone, host, link, account.

    reporters: different people who reported it within the span that counts; askers: who only asked about it.
    """

    __tablename__ = "indicators"
    __table_args__ = (UniqueConstraint("kind", "value"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(String(300))
    reporters: Mapped[int] = mapped_column(default=0)
    askers: Mapped[int] = mapped_column(default=0)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class Mention(Base):
    """That an incident names an indicator."""

    __tablename__ = "mentions"
    __table_args__ = (UniqueConstraint("incident_id", "indicator_id"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id"), index=True)


class SpreadAlert(Base):
    """That a cluster grew fast on a day (of the province), and officers were told. cluster: its key then; members: ids of incidents.

    people: different reporters within the window of hours; usual: how many would be usual in as many hours.
    """

    __tablename__ = "spread_alerts"
    __table_args__ = (UniqueConstraint("cluster", "day"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    cluster: Mapped[str] = mapped_column(String(40))
    day: Mapped[date]
    title: Mapped[str] = mapped_column(String(200))
    trick: Mapped[str | None] = mapped_column(String(20))
    people: Mapped[int]
    usual: Mapped[float]
    hours: Mapped[int]
    members: Mapped[Any] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(index=True)
