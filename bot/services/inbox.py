"""Inbound messages: stored once, taken in order within a conversation, side by side across conversations."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from bot.language.choices import pointed
from bot.language.normalise import clean
from bot.language.sensitive import mask
from bot.messages import Incoming
from bot.services import people
from bot.store.tables import Button, Inbound

LEASE = timedelta(seconds=60)
TRIES = 5
LATER = (1, 2, 5, 10, 30)
"""Seconds to wait after the first, second … failure."""


@dataclass(frozen=True)
class Stored:
    """inbox_id of the message, and whether it is new."""

    inbox_id: int
    conversation_id: str
    new: bool


def store(session: Session, key: bytes, message: Incoming, now: datetime) -> Stored:
    """Writes the message unless its platform id is there already. Secrets are masked before anything is written."""
    talk = people.conversation(session, key, message.channel, message.address, now)
    talk.seen_at = now
    text, masked = mask(clean(message.text))
    payload = None
    if message.button:
        button = session.get(Button, message.button)
        payload = button.payload if button and button.conversation_id == talk.id else None
    elif text:
        payload = offered_payload(talk.offered, text)
    values = dict(channel=message.channel, platform_id=message.platform_id, conversation_id=talk.id,
                  address=message.address, text=text, payload=payload, masked=sorted(masked), state="new", attempts=0, next_try_at=now,
                  received_at=now)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = session.execute(insert(Inbound).values(**values).on_conflict_do_nothing(
        index_elements=["channel", "platform_id"]).returning(Inbound.id)).scalar()
    if row is not None:
        return Stored(row, talk.id, True)
    known = session.execute(select(Inbound.id).where(Inbound.channel == message.channel,
                                                     Inbound.platform_id == message.platform_id)).scalar_one()
    return Stored(known, talk.id, False)


def offered_payload(offered: list[dict[str, str]], text: str) -> str | None:
    """The payload of the offered button whose title or number was typed, or that "cái thứ hai" points at."""
    typed = text.strip().rstrip(".").casefold()
    for number, button in enumerate(offered or [], 1):
        if typed == button["title"].casefold() or (typed == str(number) and button.get("numbered", True)):
            return button["payload"]
    numbered = [b for b in offered or [] if b.get("numbered", True)]
    at = pointed(text, len(numbered)) if numbered else None
    return numbered[at]["payload"] if at is not None else None


def claim(session: Session, now: datetime, conversation_id: str | None = None) -> Inbound | None:
    """The oldest message that may be worked on, leased; None when there is none.

    A message waits while an earlier one of its conversation is not done. An expired lease counts as free, so the work
    of a killed process is taken up again.
    """
    earlier = aliased(Inbound)
    free = (Inbound.state == "new") | ((Inbound.state == "working") & (Inbound.lease_until < now))
    query = select(Inbound.id).where(
        free, Inbound.next_try_at <= now,
        ~exists().where(earlier.conversation_id == Inbound.conversation_id, earlier.id < Inbound.id,
                        earlier.state.in_(("new", "working"))))
    if conversation_id is not None:
        query = query.where(Inbound.conversation_id == conversation_id)
    query = query.order_by(Inbound.id).limit(1).with_for_update(skip_locked=True)
    taken = session.execute(
        update(Inbound).where(Inbound.id == query.scalar_subquery(), free)
        .values(state="working", lease_until=now + LEASE, attempts=Inbound.attempts + 1)
        .returning(Inbound).execution_options(synchronize_session=False)).scalar()
    return taken


def waiting(session: Session, now: datetime, limit: int) -> list[str]:
    """Conversations with a message that may be worked on now."""
    free = (Inbound.state == "new") | ((Inbound.state == "working") & (Inbound.lease_until < now))
    return list(session.scalars(select(Inbound.conversation_id).where(free, Inbound.next_try_at <= now)
                                .distinct().limit(limit)))


def done(session: Session, inbox_id: int, now: datetime) -> None:
    """The message is answered; what was typed is not kept."""
    session.execute(update(Inbound).where(Inbound.id == inbox_id).values(
        state="done", done_at=now, text=None, payload=None, address=None, lease_until=None, error=None))


def failed(session: Session, message: Inbound, error: str, now: datetime, ours: bool) -> str:
    """Puts the message back, or parks it after five failures of its own; returns the new state.

    ours: the failure is not the message's (Rasa is down), so it does not count.
    """
    attempts = message.attempts - 1 if ours else message.attempts
    state = "parked" if attempts >= TRIES else "new"
    wait = 1 if ours else LATER[min(attempts, len(LATER)) - 1]
    session.execute(update(Inbound).where(Inbound.id == message.id).values(
        state=state, attempts=attempts, error=error[:200], lease_until=None,
        next_try_at=now + timedelta(seconds=wait)))
    return state
