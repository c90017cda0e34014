"""What is stored of talks between citizens and officers: counted, moved, erased, cleaned. Flushes only; the caller commits."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.store.tables import Conversation, HumanLine, HumanTalk

KEPT_FOR = timedelta(days=30)
"""After its end a transcript is gone."""


def count(session: Session, conversation_id: str) -> int:
    """How many talks of this chat are still stored."""
    return session.scalar(select(func.count()).where(HumanTalk.conversation_id == conversation_id)) or 0


def forget(session: Session, conversation_id: str) -> int:
    """The person is erased; returns how many rows went."""
    return _gone(session, select(HumanTalk.id).where(HumanTalk.conversation_id == conversation_id))


def move(session: Session, old_id: str, new_id: str) -> None:
    """The chat goes on under another id."""
    session.execute(update(HumanTalk).where(HumanTalk.conversation_id == old_id).values(conversation_id=new_id))
    session.execute(update(HumanTalk).where(HumanTalk.open_id == old_id).values(open_id=new_id))


def clean(session: Session, now: datetime) -> int:
    """Transcripts whose time is over; returns how many rows went."""
    return _gone(session, select(HumanTalk.id).where(HumanTalk.closed_at < now - KEPT_FOR))


def nothing_owed(talk: Conversation) -> None:
    """The address of somebody who consented to nothing goes with the end of the talk; what is queued has its own."""
    if talk.citizen_id is None:
        talk.address = None


def _gone(session: Session, which) -> int:
    ids = session.scalars(which).all()
    rows = session.execute(delete(HumanLine).where(HumanLine.talk_id.in_(ids))).rowcount
    return rows + session.execute(delete(HumanTalk).where(HumanTalk.id.in_(ids))).rowcount
