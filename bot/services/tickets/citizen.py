"""A citizen's tickets, from the citizen's side: looked up, added to, scored. Flushes only; the caller commits."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.services import counted
from bot.services.tickets import rules, told
from bot.store.tables import Conversation, Ticket, TicketEvent, TicketFollower

MOST_SHOWN = 5


def mine(session: Session, citizen_id: int | None) -> Sequence[Ticket]:
    """Sent or joined by this citizen, the newest first."""
    if citizen_id is None:
        return []
    joined = select(TicketFollower.ticket_id).where(TicketFollower.citizen_id == citizen_id)
    return session.scalars(select(Ticket).where(or_(Ticket.citizen_id == citizen_id, Ticket.id.in_(joined)))
                           .order_by(Ticket.id.desc()).limit(MOST_SHOWN)).all()


def by_number(session: Session, number: str) -> Ticket | None:
    return session.scalars(select(Ticket).where(Ticket.number == number)).first()


def last_words(session: Session, ticket: Ticket) -> TicketEvent | None:
    """What the desk told the citizen last."""
    return session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.by != "", TicketEvent.kind != "note",
                                                     TicketEvent.text.is_not(None)).order_by(TicketEvent.id.desc()).limit(1)).first()


def asked_back(session: Session, citizen_id: int | None) -> Ticket | None:
    """The newest ticket of this citizen whose officer waits for an answer."""
    return session.scalars(select(Ticket).where(Ticket.citizen_id == citizen_id, Ticket.state == "asked_back")
                           .order_by(Ticket.id.desc()).limit(1)).first() if citizen_id is not None else None


def own(session: Session, talk: Conversation, ticket_id: int) -> Ticket | None:
    """The ticket if this citizen sent it."""
    if talk.citizen_id is None:
        return None
    return session.scalars(select(Ticket).where(Ticket.id == ticket_id, Ticket.citizen_id == talk.citizen_id).with_for_update()).first()


def add(session: Session, ticket: Ticket, text: str, now: datetime) -> TicketEvent:
    """The citizen's further words; what the desk had asked is answered by them."""
    if ticket.state == "asked_back":
        ticket.state = "assigned" if ticket.assigned_to is not None else "new"
    return told.happened(session, ticket, "said", "", rules.kept(text), now)


def scored(session: Session, ticket: Ticket, score: int, working_days: int, now: datetime) -> bool:
    """How content the citizen is with a closed ticket, once a closing; a low score puts it back on the desk. Returns whether it did.

    Raises ValueError for a score that is none. A second low score of the same ticket is noted and changes nothing more.
    """
    if ticket.state != "closed" or ticket.score is not None:
        return False
    counted.rated(session, "ticket", "", score, ticket.channel, ticket.commune, now)
    ticket.score = score
    before = session.scalar(select(func.count()).select_from(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "scored")) or 0
    again = score <= rules.LOW_SCORE and not before
    if again:
        ticket.state, ticket.closed_at, ticket.due_at = "reopened", None, rules.due_at(now, working_days)
    told.happened(session, ticket, "scored", "", f"{score}/5", now)
    return again
