"""A person of ours writes with the citizen: for a while the machine says nothing over them. Flushes only; the caller commits.

What is typed meanwhile is for that person, and is not answered; a button of ours is pressed for the machine, and is. What
would be sent of our own accord waits (bot/services/outbox.py, _lease).
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.services import outbox
from bot.store.tables import Conversation, Inbound, Outbound


def begin(session: Session, talk: Conversation, message_id: str, minutes: int, at: datetime, now: datetime) -> bool:
    """Staff wrote at that time, of which we may hear late. False when it was no person after all, or is long ago.

    What waits to be worked out has been answered by that person; what is worked out and not sent yet comes afterwards.
    """
    until = at + timedelta(minutes=minutes)
    if until <= now or ours(session, talk, message_id):
        return False
    talk.person_until = max(talk.person_until or until, until)
    session.execute(update(Inbound).where(Inbound.conversation_id == talk.id, Inbound.state == "new", Inbound.payload.is_(None),
                                          Inbound.received_at <= at).values(state="done", done_at=now, text=None, address=None, error=None))
    session.execute(update(Outbound).where(Outbound.conversation_id == talk.id, Outbound.state == "due", Outbound.kind.in_(outbox.ANSWERS),
                                           Outbound.created_at <= at, Outbound.next_try_at < talk.person_until)
                    .values(next_try_at=talk.person_until))
    session.flush()
    return True


def lasts(talk: Conversation, now: datetime) -> bool:
    return talk.person_until is not None and talk.person_until > now


def ours(session: Session, talk: Conversation, message_id: str) -> bool:
    """Did the worker send the message with this id of the platform's? Its echo says nothing of a person then."""
    sent = session.scalars(select(Outbound.platform_message_id).where(Outbound.conversation_id == talk.id, Outbound.state == "sent",
                                                                      Outbound.platform_message_id.is_not(None)))
    return any(message_id in ids.split(",") for ids in sent)
