"""What goes from the province to citizens by the hand of a person: announcements, and talks that a person takes over."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key

APPROVED = "('approved', 'sending', 'sent')"


class NewsTopic(Base):
    """A subject that a citizen wants news of. The consent itself stands in the ledger (purpose "news")."""

    __tablename__ = "news_topics"
    citizen_id: Mapped[int] = mapped_column(Key, ForeignKey("citizens.id"), primary_key=True, autoincrement=False)
    topic: Mapped[str] = mapped_column(String(20), primary_key=True)


class Announcement(Base):
    """A message to many. kind: normal or emergency. state: draft, submitted, approved (waits for send_at), sending, sent, cancelled.

    sender: who speaks, as citizens read it. communes, channels: [] for all. course, course_state: only learners of that course who
    are "enrolled", "not_started" or "finished"; both or neither. reason: why it is an emergency. told: why it came back to its author.
    cursor: the last citizen looked at while `sending` makes the rows of announcement_sends; expanded_at: all have been looked at.
    The database itself refuses one that is to be sent and was not approved by another than its author, or, as an emergency, by two.
    """

    __tablename__ = "announcements"
    __table_args__ = (
        CheckConstraint("first_approver_id IS NULL OR first_approver_id <> author_id", name="first_is_another"),
        CheckConstraint("second_approver_id IS NULL OR (first_approver_id IS NOT NULL AND second_approver_id <> author_id "
                        "AND second_approver_id <> first_approver_id)", name="second_is_a_third"),
        CheckConstraint(f"state NOT IN {APPROVED} OR first_approver_id IS NOT NULL", name="approved_by_somebody"),
        CheckConstraint(f"state NOT IN {APPROVED} OR kind <> 'emergency' OR (second_approver_id IS NOT NULL AND reason IS NOT NULL)",
                        name="emergency_by_two"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    topic: Mapped[str] = mapped_column(String(20))
    sender: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    communes: Mapped[Any] = mapped_column(JSON, default=list)
    channels: Mapped[Any] = mapped_column(JSON, default=list)
    course: Mapped[str | None] = mapped_column(String(60))
    course_state: Mapped[str | None] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(Text)
    told: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), index=True)
    author_id: Mapped[int] = mapped_column(Key, ForeignKey("staff.id"))
    first_approver_id: Mapped[int | None] = mapped_column(Key, ForeignKey("staff.id"))
    second_approver_id: Mapped[int | None] = mapped_column(Key, ForeignKey("staff.id"))
    send_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    cursor: Mapped[int] = mapped_column(Key, default=0)
    expanded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class AnnouncementSend(Base):
    """One announcement to one chat; outlives the message in the outbox, so that results stay.

    state: waiting (for its turn, not before next_try_at), queued (in the outbox as outbox_id), sent, held (the platform lets us write
    only once the citizen has), failed (error says why), cancelled. conversation_id is null once the person is erased.
    unsubscribed_at: they wanted no more news within a day of this one. read_at: where the channel tells it, as in the outbox.
    """

    __tablename__ = "announcement_sends"
    __table_args__ = (UniqueConstraint("announcement_id", "conversation_id"), Index("ix_announcement_sends_work", "state", "next_try_at"))
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    announcement_id: Mapped[int] = mapped_column(Key, ForeignKey("announcements.id"))
    conversation_id: Mapped[str | None] = mapped_column(String(80), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    error: Mapped[str | None] = mapped_column(String(200))
    outbox_id: Mapped[int | None] = mapped_column(Key, index=True)
    next_try_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    unsubscribed_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]


class HumanTalk(Base):
    """A citizen asked for a person. state: waiting, on, closed. open_id: the conversation while it is not closed, so that it has one at most.

    commune: whose officers see it; null: only those of the whole province. staff_id: the one officer who took it. why: how it ended
    (bot/services/handover.py, ENDS). unanswered_since: the citizen's first word that the officer has not answered; null when the
    officer spoke last, at officer_at. earlier: the machine's last answers before the request, kept only if the citizen said yes.
    """

    __tablename__ = "human_talks"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(80), ForeignKey("conversations.id"), index=True)
    open_id: Mapped[str | None] = mapped_column(String(80), unique=True)
    channel: Mapped[str] = mapped_column(String(20))
    commune: Mapped[str | None] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(10), index=True)
    why: Mapped[str | None] = mapped_column(String(20))
    staff_id: Mapped[int | None] = mapped_column(Key, ForeignKey("staff.id"), index=True)
    earlier: Mapped[Any] = mapped_column(JSON)
    requested_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    officer_at: Mapped[datetime | None]
    unanswered_since: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class HumanLine(Base):
    """What was said in such a talk, masked. by: citizen, officer, or machine for what the machine told them both."""

    __tablename__ = "human_lines"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    talk_id: Mapped[int] = mapped_column(Key, ForeignKey("human_talks.id"), index=True)
    by: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
