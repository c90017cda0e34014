"""Outbound messages: a row first, unique by cause, then sent under a lease. Replies and reminders alike."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from bot.services.pace import BULK_SHARE, Rate, level, spend
from bot.store.tables import Button, Conversation, Outbound

LEASE = timedelta(seconds=90)
"""Longer than the slowest batch takes to send, so that a slow platform makes no second sender."""
TRIES = 8
BULK = 2
PRIORITIES = {"reply": 0, "notice": 0, "reminder": 1}
"""By kind; every other kind is sent of our own accord."""
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
        priority=PRIORITIES.get(kind, BULK), body=shown, state="due", attempts=0, next_try_at=not_before or now, created_at=now,
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


def claim(session: Session, channels: Sequence[str] | Mapping[str, float], now: datetime, limit: int = 50) -> Sequence[Outbound]:
    """Rows to send now, leased: replies first, then what citizens asked for, then broadcasts; oldest first in each.

    channels: names, or names with the messages a second that the platform takes; then the buckets of bot/services/pace.py
    decide how many of each go out. An expired lease counts as free. A chat whose earlier message waits for another try
    waits with it, so nothing overtakes.
    """
    if not isinstance(channels, Mapping):
        return _lease(session, channels, now, limit)
    rows: list[Outbound] = []
    for channel, per_second in channels.items():
        rate = Rate.of(per_second)
        everything = level(session, f"{channel}:all", rate, now)
        bulk = level(session, f"{channel}:bulk", Rate.of(per_second * BULK_SHARE), now)
        urgent = _lease(session, [channel], now, min(limit, int(everything.tokens)), Outbound.priority < BULK)
        spend(everything, len(urgent))
        slow = _lease(session, [channel], now, min(limit, int(everything.tokens), int(bulk.tokens)), Outbound.priority >= BULK)
        spend(everything, len(slow))
        spend(bulk, len(slow))
        rows += [*urgent, *slow]
    return rows


def _lease(session: Session, channels: Sequence[str], now: datetime, limit: int, *which: Any) -> list[Outbound]:
    """One statement: the first free rows, marked as being sent."""
    if limit <= 0:
        return []
    free = (Outbound.state == "due") | ((Outbound.state == "sending") & (Outbound.lease_until < now))
    earlier = aliased(Outbound)
    overtaken = exists().where(earlier.conversation_id == Outbound.conversation_id, earlier.id < Outbound.id, earlier.state == "due",
                               earlier.attempts > 0, earlier.next_try_at > now)
    # a CTE, which PostgreSQL runs once; a subquery it may run anew for each row, and then the limit does not hold
    due = (select(Outbound.id).where(free, Outbound.channel.in_(channels), Outbound.next_try_at <= now, ~overtaken, *which)
           .order_by(Outbound.priority, Outbound.id).limit(limit).with_for_update(skip_locked=True, of=Outbound)).cte("due")
    rows = session.execute(
        update(Outbound).where(Outbound.id.in_(select(due.c.id)), free)
        .values(state="sending", lease_until=now + LEASE, attempts=Outbound.attempts + 1)
        .returning(Outbound).execution_options(synchronize_session=False)).scalars().all()
    return sorted(rows, key=lambda r: (r.priority, r.id))


def put_back(session: Session, row_ids: Sequence[int], not_before: datetime) -> None:
    """Claimed, but not tried: an earlier message of the same chat has failed."""
    session.execute(update(Outbound).where(Outbound.id.in_(row_ids), Outbound.state == "sending").values(
        state="due", lease_until=None, attempts=Outbound.attempts - 1, next_try_at=not_before))


def dead(session: Session, limit: int = 200) -> Sequence[Outbound]:
    """Messages that were given up, the newest first."""
    return session.scalars(select(Outbound).where(Outbound.state == "dead", Outbound.error != "cancelled")
                           .order_by(Outbound.id.desc()).limit(limit)).all()


def replay(session: Session, row_ids: Sequence[int], now: datetime) -> int:
    """Gives dead messages another round of tries; returns how many. One whose address is gone stays dead."""
    return session.execute(update(Outbound).where(Outbound.id.in_(row_ids), Outbound.state == "dead", Outbound.address.is_not(None)).values(
        state="due", attempts=0, error=None, next_try_at=now)).rowcount


def sent(session: Session, row_id: int, platform_message_id: str, now: datetime) -> None:
    session.execute(update(Outbound).where(Outbound.id == row_id).values(
        state="sent", sent_at=now, address=None, via="push", platform_message_id=platform_message_id[:200], lease_until=None, error=None))


def not_sent(session: Session, row: Outbound, error: str, retry_after_seconds: float | None, now: datetime) -> None:
    """Back in the queue after the given wait, or dead when it cannot succeed (None) or was tried too often."""
    over = retry_after_seconds is None or row.attempts >= TRIES
    session.execute(update(Outbound).where(Outbound.id == row.id).values(
        state="dead" if over else "due", error=error[:200], lease_until=None,
        next_try_at=now + timedelta(seconds=retry_after_seconds or 0)))
