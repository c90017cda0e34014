"""Citizens, their conversations, what they agreed to and asked to be reminded of."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class Citizen(Base):
    """Somebody who consented to something. Without consent no row exists. channel: where they first did, for counting."""

    __tablename__ = "citizens"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    created_at: Mapped[datetime]
    commune: Mapped[str | None] = mapped_column(String(80))
    channel: Mapped[str | None] = mapped_column(String(20))


class Conversation(Base):
    """One chat on one channel. id is a keyed hash of the channel's own id, so the row alone names nobody.

    address: the channel's id for sending; kept only while something is owed or consent was given.
    offered: the buttons of the newest replies, [{title, payload, numbered}]; typed titles and numbers are read against them.
    lesson_on_screen: the newest reply is the lesson's, so that a bare "có" or "tiếp" belongs to it.
    learner_id: who of the people sharing this phone is learning now.
    awaiting: what a typed name would answer, if a name was asked for ("certificate:<enrolment>" or "learner"); or the
    question that a bare "có" answers ("link:<id>", "privacy:<kind>"); or whose free words the next text is ("words:<intent>…");
    or for how many turns the talk is still about a robbery ("sos:<turns>:<time>", bot/services/sos.py).
    person_until: until then a person of ours is writing with the citizen, and the machine keeps silent.
    question_at: when a procedure was last asked about, which tells where a new visit begins.
    closed_at: since then the platform tells us that we may not write (blocked, unfollowed, gone); null again when the citizen does.
    """

    __tablename__ = "conversations"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    citizen_id: Mapped[int | None] = mapped_column(ForeignKey("citizens.id"), index=True)
    learner_id: Mapped[int | None] = mapped_column(ForeignKey("learners.id"))
    address: Mapped[str | None] = mapped_column(String(80))
    awaiting: Mapped[str | None] = mapped_column(String(80))
    asked_consent_at: Mapped[datetime | None]
    question_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    person_until: Mapped[datetime | None]
    offered: Mapped[Any] = mapped_column(JSON, default=list)
    lesson_on_screen: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class Consent(Base):
    """Ledger of consent, append-only: the newest row of a purpose is in force. Survives as proof, without the person."""

    __tablename__ = "consents"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    citizen_id: Mapped[int] = mapped_column(Key, index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    given: Mapped[bool]
    notice_version: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]


class LinkCode(Base):
    """A code by which one person joins two channels (bot/services/linking.py). Only its keyed hash is kept.

    from_id: the conversation that asked for it; to_id: the one it was typed in. state: open, typed, agreed (there; now
    from_id is asked), done, refused. expires_at: the next step must come before.
    """

    __tablename__ = "link_codes"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    from_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    to_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Erasure(Base):
    """Receipt of an erasure: when, how much, nothing about whom."""

    __tablename__ = "erasures"
    receipt: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime]
    rows: Mapped[int]


class Reminder(Base):
    """What a citizen asked to be reminded of. rule: a recurrence (see bot/language/times.py) or null for once.

    next_due_at is null when nothing is to come. state: on, done, cancelled.
    """

    __tablename__ = "reminders"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    about: Mapped[str] = mapped_column(String(200))
    rule: Mapped[Any] = mapped_column(JSON)
    next_due_at: Mapped[datetime | None] = mapped_column(index=True)
    last_due_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
