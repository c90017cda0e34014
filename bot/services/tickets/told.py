"""What happens to a ticket is written down, handed on without anything personal, and told to the citizens it concerns."""

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.services import outbox, webhooks
from bot.services.tickets.rules import CATEGORIES, STATES
from bot.store.tables import Conversation, Ticket, TicketEvent, TicketFollower
from bot.wording import say

MESSAGE = "ticket"
"""The kind of our messages in the outbox: by day only, held where the platform's window is closed."""


def happened(session: Session, ticket: Ticket, kind: str, by: str, text: str | None, now: datetime) -> TicketEvent:
    """The row of the history, and the event for other systems: number, category, commune and state, nothing anybody wrote."""
    event = TicketEvent(ticket_id=ticket.id, at=now, kind=kind, by=by, text=text)
    session.add(event)
    session.flush()
    if kind != "note":
        webhooks.enqueue(session, "ticket", {"number": ticket.number, "category": ticket.category, "commune": ticket.commune, "state": ticket.state},
                         f"ticket:{ticket.id}:{event.id}", now)
    return event


def tell(session: Session, ticket: Ticket, event: TicketEvent, sentence: str, now: datetime) -> None:
    """To whoever sent the ticket, with the choices that the state offers, and to those who joined it."""
    head = say("ticket_push", number=ticket.number, category=CATEGORIES[ticket.category], state=STATES[ticket.state])
    text = f"{head}\n{sentence}"
    talk = session.get(Conversation, ticket.conversation_id) if ticket.conversation_id else None
    if talk is not None:
        _queue(session, talk, f"ticket:{event.id}", text, choices(ticket), now)
    for follower in session.scalars(select(TicketFollower).where(TicketFollower.ticket_id == ticket.id)):
        _queue(session, session.get_one(Conversation, follower.conversation_id), f"ticket:{event.id}:{follower.id}", text, [], now)


def choices(ticket: Ticket) -> list[dict[str, str]]:
    """Buttons for the one who sent it: an answer where the desk asked, a score once it is closed."""
    if ticket.state == "asked_back":
        return [{"title": say("ticket_answer_button"), "payload": payload(f"answer:{ticket.id}")}]
    if ticket.state == "closed" and ticket.score is None:
        return [{"title": say(f"ticket_score_{n}"), "payload": payload(f"score:{ticket.id}:{n}")} for n in range(1, 6)]
    return []


def payload(value: str) -> str:
    """A button's payload, as Rasa reads it."""
    return f"/give_feedback{json.dumps({'value': value})}"


def _queue(session: Session, talk: Conversation, cause: str, text: str, buttons: list[dict[str, str]], now: datetime) -> None:
    outbox.enqueue(session, talk, cause, MESSAGE, {"text": text, "buttons": buttons, "image": None, "quick": False}, now)
