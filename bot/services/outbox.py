"""Outbound messages: a row first, unique by cause, then sent under a lease. Replies and reminders alike."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.store.tables import Button, Conversation, Outbound

LEASE = timedelta(seconds=90)
"""Longer than the slowest batch takes to send, so that a slow platform makes no second sender."""
TRIES = 8
WEB_HOLD = timedelta(seconds=8)
"""Replies to a web request stay this long for the request that waits for them, then go to the event stream."""


def enqueue(session: Session, talk: Conversation, cause: str, kind: str, body: dict[str, Any], now: datetime,
            not_before: datetime | None = None, address: str | None = None) -> int | None:
    """Queues one message; None when its cause is queued or sent already. Buttons get ids of ours, payloads stay here."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    buttons = [{"title": b["title"], "id": "b" + secrets.token_urlsafe(9)} for b in body.get("buttons", [])]
    shown = {**body, "buttons": [{**given, "payload": b["id"]} for b, given in zip(buttons, body.get("buttons", []), strict=True)]}
    row = session.execute(insert(Outbound).values(
        cause=cause, conversation_id=talk.id, channel=talk.channel, address=address or talk.address, kind=kind,
        body=shown, state="due", attempts=0, next_try_at=not_before or now, created_at=now,
    ).on_conflict_do_nothing(index_elements=["cause"]).returning(Outbound.id)).scalar()
    if row is None:
        return None
    if kind not in ("reply", "notice"):
        # on a channel without buttons the newest choices are the ones a typed number means
        talk.offered = [{"title": b["title"], "payload": b["payload"], "numbered": True} for b in body.get("buttons", [])] or talk.offered
    for button, given in zip(buttons, body.get("buttons", []), strict=True):
        session.add(Button(id=button["id"], conversation_id=talk.id, title=given["title"], payload=given["payload"],
                           created_at=now))
    return row


def replies_to(session: Session, inbox_id: int) -> Sequence[Outbound]:
    """The replies to one inbound message, in order."""
    return session.scalars(select(Outbound).where(Outbound.cause.like(f"inbox:{inbox_id}:%"))
                           .order_by(Outbound.id)).all()


def hand_over(session: Session, rows: Sequence[Outbound], now: datetime) -> None:
    """Marks rows as sent: they are in the response of the web request, or on its event stream."""
    session.execute(update(Outbound).where(Outbound.id.in_([r.id for r in rows])).values(
        state="sent", sent_at=now, lease_until=None, address=None, via="response"))


def for_stream(session: Session, conversation_ids: Sequence[str], now: datetime) -> Sequence[Outbound]:
    """What open event streams of these conversations are owed now."""
    return session.scalars(select(Outbound).where(
        Outbound.conversation_id.in_(conversation_ids), Outbound.channel == "web", Outbound.state == "due",
        Outbound.next_try_at <= now).order_by(Outbound.id)).all()


def since(session: Session, conversation_id: str, last_id: int) -> Sequence[Outbound]:
    """Stream messages after `last_id` that may not have arrived, though written once. Replies in responses are not among them."""
    return session.scalars(select(Outbound).where(
        Outbound.conversation_id == conversation_id, Outbound.id > last_id, Outbound.state == "sent",
        Outbound.via == "stream").order_by(Outbound.id)).all()


def streamed(session: Session, row_id: int, now: datetime) -> bool:
    """Takes one row for the stream; False when another process has been quicker."""
    return session.execute(update(Outbound).where(Outbound.id == row_id, Outbound.state == "due").values(
        state="sent", sent_at=now, address=None, via="stream")).rowcount == 1


def claim(session: Session, channels: Sequence[str], now: datetime, limit: int = 20) -> Sequence[Outbound]:
    """Rows to send on these channels, leased; oldest first. An expired lease counts as free."""
    free = (Outbound.state == "due") | ((Outbound.state == "sending") & (Outbound.lease_until < now))
    due = (select(Outbound.id).where(free, Outbound.channel.in_(channels), Outbound.next_try_at <= now)
           .order_by(Outbound.id).limit(limit).with_for_update(skip_locked=True))
    rows = session.execute(
        update(Outbound).where(Outbound.id.in_(due), free)
        .values(state="sending", lease_until=now + LEASE, attempts=Outbound.attempts + 1)
        .returning(Outbound).execution_options(synchronize_session=False)).scalars().all()
    return sorted(rows, key=lambda r: r.id)


def sent(session: Session, row_id: int, platform_message_id: str, now: datetime) -> None:
    session.execute(update(Outbound).where(Outbound.id == row_id).values(
        state="sent", sent_at=now, address=None, via="push", platform_message_id=platform_message_id[:200], lease_until=None, error=None))


def not_sent(session: Session, row: Outbound, error: str, retry_after_seconds: float | None, now: datetime) -> None:
    """Back in the queue after the given wait, or dead when it cannot succeed (None) or was tried too often."""
    dead = retry_after_seconds is None or row.attempts >= TRIES
    session.execute(update(Outbound).where(Outbound.id == row.id).values(
        state="dead" if dead else "due", error=error[:200], lease_until=None, address=None if dead else row.address,
        next_try_at=now + timedelta(seconds=retry_after_seconds or 0)))
