"""What figures are counted from and is not kept anyway: on which days people wrote, what was sent and answered, ratings.

Days are local dates, so that a query groups by them without knowing the zone. Indexes hold every column that a page needs:
pages of staff read millions of rows.
"""

from datetime import date, datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class ActiveDay(Base):
    """A conversation in which a citizen wrote on that day. commune: theirs on that day, if known.

    conversation_id: not a reference. When a person is erased it becomes a random word that leads to nobody, and commune null.
    """

    __tablename__ = "active_days"
    __table_args__ = (Index("ix_active_days_where", "day", "channel", "commune", "conversation_id"),
                      Index("ix_active_days_talk", "conversation_id", "channel", "commune", "day"))
    day: Mapped[date] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    commune: Mapped[str | None] = mapped_column(String(80))


class MessageSent(Base):
    """A message sent of our own accord or at a time the citizen chose, after it left; replies are not among them.

    kind: of the outbox (reminder, nudge, drill …). answered_at: when the citizen next wrote, if within a day.
    conversation_id: null once the person is erased.
    """

    __tablename__ = "messages_sent"
    __table_args__ = (Index("ix_messages_sent_where", "day", "kind", "channel", "commune", "answered_at", "conversation_id"),
                      Index("ix_messages_sent_talks", "conversation_id", "channel", "commune", "day", "kind", "answered_at"),
                      Index("ix_messages_sent_talk", "conversation_id", "sent_at"))
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20))
    commune: Mapped[str | None] = mapped_column(String(80))
    sent_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    conversation_id: Mapped[str | None] = mapped_column(String(80))


class Rating(Base):
    """How content somebody was, from 1 to 5; tied to nobody, so that nobody can be asked why.

    about: answer (key: the procedure's code), lesson (key: the course's slug), ticket or chat (key empty).
    text: masked words a low one was given with, kept only with consent to `improve`, 30 days, as of questions (Asked).
    """

    __tablename__ = "ratings"
    __table_args__ = (Index("ix_ratings_where", "day", "about", "key", "channel", "commune", "score"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    day: Mapped[date]
    about: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(80))
    score: Mapped[int]
    channel: Mapped[str] = mapped_column(String(20))
    commune: Mapped[str | None] = mapped_column(String(80))
    text: Mapped[str | None] = mapped_column(Text)
