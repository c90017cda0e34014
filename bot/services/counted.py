"""What is noted for the figures as it happens: a day on which somebody wrote, a message that left, the answer to it, a rating.

Each is one lean statement in a transaction that is under way anyway. Nothing of what was said is noted.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, Select, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.clock import local
from bot.store.tables import ActiveDay, Citizen, Conversation, MessageSent, Rating

ANSWERED_WITHIN = timedelta(hours=24)
SCORES = range(1, 6)


def commune_of(citizen_id: int | None) -> ScalarSelect[str | None] | None:
    """The citizen's commune, as a part of the statement that needs it."""
    return None if citizen_id is None else select(Citizen.commune).where(Citizen.id == citizen_id).scalar_subquery()


def wrote(session: Session, talk: Conversation, before: datetime | None, at: datetime, unanswered: bool = True) -> None:
    """The citizen wrote. before: when they last did; one statement is spent on the first message of a day only.

    unanswered: may there be messages of ours that this answers?
    """
    day = local(at).date()
    if before is None or local(before).date() != day:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(ActiveDay).values(day=day, conversation_id=talk.id, channel=talk.channel, commune=commune_of(talk.citizen_id))
                        .on_conflict_do_nothing(index_elements=["day", "conversation_id"]))
    if not unanswered:
        return
    session.execute(update(MessageSent).where(
        MessageSent.conversation_id == talk.id, MessageSent.answered_at.is_(None), MessageSent.sent_at <= at,
        MessageSent.sent_at > at - ANSWERED_WITHIN).values(answered_at=at).execution_options(synchronize_session=False))


def left(session: Session, kind: str, channel: str, conversation_id: str, now: datetime) -> None:
    """A message that was no reply has left for the citizen."""
    citizen = select(Conversation.citizen_id).where(Conversation.id == conversation_id).scalar_subquery()
    session.add(MessageSent(day=local(now).date(), kind=kind, channel=channel, sent_at=now, conversation_id=conversation_id,
                            commune=select(Citizen.commune).where(Citizen.id == citizen).scalar_subquery()))


def rated(session: Session, about: str, key: str, score: int, channel: str, commune: str | None, now: datetime, text: str | None = None) -> None:
    """Somebody's rating, from 1 to 5, without the somebody. Raises ValueError for another score.

    text: masked words with it, only when the citizen consented to `improve`.
    """
    if score not in SCORES:
        raise ValueError(score)
    session.add(Rating(day=local(now).date(), about=about, key=key[:80], score=score, channel=channel, commune=commune, text=text))


def days_of(session: Session, conversation_id: str, citizen_id: int | None) -> int:
    """On how many days the citizen wrote, as far as it is kept; of all their conversations, or of this one alone."""
    return session.scalar(select(func.count()).select_from(ActiveDay).where(ActiveDay.conversation_id.in_(_talks(conversation_id, citizen_id)))) or 0


def sent_to(session: Session, conversation_id: str, citizen_id: int | None) -> int:
    """How many messages were sent to them that were no replies, as far as it is kept."""
    return session.scalar(select(func.count()).select_from(MessageSent).where(MessageSent.conversation_id.in_(_talks(conversation_id, citizen_id)))) or 0


def _talks(conversation_id: str, citizen_id: int | None) -> Select[tuple[str]]:
    return select(Conversation.id).where((Conversation.id == conversation_id) | (Conversation.citizen_id == citizen_id))


def forget(session: Session, conversation_id: str) -> None:
    """The person is erased: what was counted stays counted, under a word that leads to nobody, and in no commune."""
    session.execute(update(ActiveDay).where(ActiveDay.conversation_id == conversation_id)
                    .values(conversation_id=f"gone:{secrets.token_hex(16)}", commune=None))
    session.execute(update(MessageSent).where(MessageSent.conversation_id == conversation_id).values(conversation_id=None, commune=None))


def move(session: Session, old_id: str, new_id: str) -> None:
    """The conversation goes on under another id; a day that has both was one."""
    both = select(ActiveDay.day).where(ActiveDay.conversation_id == new_id)
    session.execute(delete(ActiveDay).where(ActiveDay.conversation_id == old_id, ActiveDay.day.in_(both)))
    session.execute(update(ActiveDay).where(ActiveDay.conversation_id == old_id).values(conversation_id=new_id))
    session.execute(update(MessageSent).where(MessageSent.conversation_id == old_id).values(conversation_id=new_id))
