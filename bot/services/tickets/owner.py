"""The person behind tickets: joined, moved, erased, forgotten. Flushes only; the caller commits.

bot/services/people.py calls this, so nothing here imports what imports people.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.store.tables import Conversation, Ticket, TicketDraft, TicketEvent, TicketFollower, TicketPhoto
from bot.wording import say

KEPT_FOR = timedelta(days=365)
"""How long words, photos and place of a closed ticket are kept."""


def count(session: Session, citizen_id: int | None) -> int:
    return session.scalar(select(func.count()).select_from(Ticket).where(Ticket.citizen_id == citizen_id)) or 0 if citizen_id is not None else 0


def erase(session: Session, citizen_id: int) -> int:
    """Words, photos and places of this citizen's tickets go; that there was one of a kind stays, for the figures. Returns the rows changed."""
    ids = list(session.scalars(select(Ticket.id).where(Ticket.citizen_id == citizen_id)))
    rows = session.execute(delete(TicketFollower).where(TicketFollower.citizen_id == citizen_id)).rowcount
    return rows + _blank(session, ids)


def _blank(session: Session, ids: Sequence[int]) -> int:
    rows = session.execute(delete(TicketPhoto).where(TicketPhoto.ticket_id.in_(ids))).rowcount
    rows += session.execute(update(TicketEvent).where(TicketEvent.ticket_id.in_(ids), TicketEvent.text.is_not(None)).values(text=None)).rowcount
    return rows + session.execute(update(Ticket).where(Ticket.id.in_(ids)).values(
        text=say("ticket_erased"), latitude=None, longitude=None, citizen_id=None, conversation_id=None)).rowcount


def withdrawn(session: Session, citizen_id: int) -> None:
    """Consent to keeping reports is taken back: they are blanked as for an erasure, and what is being written goes."""
    erase(session, citizen_id)
    talks = select(Conversation.id).where(Conversation.citizen_id == citizen_id)
    session.execute(delete(TicketPhoto).where(TicketPhoto.conversation_id.in_(talks), TicketPhoto.ticket_id.is_(None)))
    session.execute(delete(TicketDraft).where(TicketDraft.conversation_id.in_(talks)))


def forget(session: Session, ident: str) -> int:
    """The conversation is to be removed: nothing refers to it any more."""
    rows = session.execute(delete(TicketPhoto).where(TicketPhoto.conversation_id == ident, TicketPhoto.ticket_id.is_(None))).rowcount
    rows += session.execute(delete(TicketDraft).where(TicketDraft.conversation_id == ident)).rowcount
    rows += session.execute(delete(TicketFollower).where(TicketFollower.conversation_id == ident)).rowcount
    for table in (Ticket, TicketPhoto):
        session.execute(update(table).where(table.conversation_id == ident).values(conversation_id=None))
    return rows


def move(session: Session, old_id: str, new_id: str) -> None:
    """The conversation goes on under another id. A draft that is there already stays, the other one goes."""
    if session.get(TicketDraft, new_id) is not None:
        session.execute(delete(TicketDraft).where(TicketDraft.conversation_id == old_id))
    for table in (Ticket, TicketFollower, TicketDraft, TicketPhoto):
        session.execute(update(table).where(table.conversation_id == old_id).values(conversation_id=new_id))


def join(session: Session, keep_id: int, gone_id: int) -> None:
    """Two citizens are one person: nobody follows a ticket twice, nor one of their own."""
    session.execute(update(Ticket).where(Ticket.citizen_id == gone_id).values(citizen_id=keep_id))
    both = select(TicketFollower.ticket_id).where(TicketFollower.citizen_id == keep_id)
    session.execute(delete(TicketFollower).where(TicketFollower.citizen_id == gone_id, TicketFollower.ticket_id.in_(both)))
    session.execute(update(TicketFollower).where(TicketFollower.citizen_id == gone_id).values(citizen_id=keep_id))
    sent = select(Ticket.id).where(Ticket.citizen_id == keep_id)
    session.execute(delete(TicketFollower).where(TicketFollower.citizen_id == keep_id, TicketFollower.ticket_id.in_(sent)))


def clean(session: Session, now: datetime) -> int:
    """Old closed tickets keep their kind, commune and dates."""
    ids = list(session.scalars(select(Ticket.id).where(Ticket.closed_at < now - KEPT_FOR, Ticket.text != say("ticket_erased")).limit(500)))
    return _blank(session, ids) if ids else 0
