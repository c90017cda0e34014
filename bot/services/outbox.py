"""Outbound messages: a row first, unique by cause, then sent under a lease. Replies and reminders alike."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from bot.clock import local
from bot.language import times
from bot.reminders import policy
from bot.services import counted, switches
from bot.services.pace import BULK_SHARE, Rate, level, spend
from bot.store.db import insert_unless_there
from bot.store.tables import Button, Conversation, Outbound
from bot.wording import say

LEASE = timedelta(seconds=90)
"""Longer than the slowest batch takes to send, so that a slow platform makes no second sender."""
TRIES = 8
NOBODYS_FAULT = ("cancelled", "superseded", "closed")
"""Why a message was taken back before it was tried."""
BULK = 2
PRIORITIES = {"reply": 0, "notice": 0, "link": 0, "trial": 0, "reminder": 1, "alert": 1}
"""By kind; every other kind is sent of our own accord."""
ANSWERS = ("reply", "notice", "link")
"""Kinds that follow at once from what the citizen did; a chat that closed gets nothing else."""
UNCOUNTED = (*ANSWERS, "trial", "staff_task")
"""Kinds that no figure is about: answers, and what goes to staff's own phones (bot/services/trial.py, tasks.py)."""
WEB_HOLD = timedelta(seconds=8)
"""Replies to a web request stay this long for the request that waits for them, then go to the event stream."""

PUT = insert_unless_there(Outbound.__table__, "cause")
KEEP_BUTTONS = insert(Button.__table__)


def enqueue(session: Session, talk: Conversation, cause: str, kind: str, body: dict[str, Any], now: datetime,
            not_before: datetime | None = None, address: str | None = None) -> int | None:
    """Queues one message; None when its cause is queued or sent already. Buttons get ids of ours, payloads stay here.

    To a chat that closed nothing is sent of our own accord: such a row is dead from the start, and its cause is used up.
    """
    kept_back = talk.closed_at is not None and kind not in ANSWERS
    shown = with_ids(body)
    row = _put(session, talk, cause=cause, kind=kind, priority=PRIORITIES.get(kind, BULK), body=shown, address=address or talk.address,
               next_try_at=not_before or now, created_at=now, **({"state": "dead", "error": "closed"} if kept_back else {"state": "due"}))
    if row is None or kept_back:
        return row
    if kind not in ("reply", "notice"):
        # on a channel without buttons the newest choices are the ones a typed number means
        talk.offered = [{"title": b["title"], "payload": b["payload"], "numbered": True, **({"words": list(b["words"])} if b.get("words") else {})}
                        for b in body.get("buttons", [])] or talk.offered
    _keep_buttons(session, talk, shown, body, now)
    return row


def give(session: Session, talk: Conversation, cause: str, body: dict[str, Any], now: datetime) -> Outbound | None:
    """A reply to the web request that waits for it at this moment: sent once the transaction is. None when its cause was there already."""
    shown = with_ids(body)
    ident = _put(session, talk, cause=cause, kind="reply", priority=PRIORITIES["reply"], body=shown, address=None, next_try_at=now, created_at=now,
                 state="sent", sent_at=now, via="response")
    if ident is None:
        return None
    _keep_buttons(session, talk, shown, body, now)
    return Outbound(id=ident, conversation_id=talk.id, body=shown)


def with_ids(body: dict[str, Any]) -> dict[str, Any]:
    """The body as it is sent: a button carries an id of ours for its payload, and no words of ours."""
    return {**body, "buttons": [{**{k: v for k, v in given.items() if k != "words"}, "payload": "b" + secrets.token_urlsafe(9)}
                                for given in body.get("buttons", [])]}


def _put(session: Session, talk: Conversation, **values: Any) -> int | None:
    return session.execute(PUT[session.get_bind().dialect.name],
                           {"conversation_id": talk.id, "channel": talk.channel, "attempts": 0, **values}).scalar()


def _keep_buttons(session: Session, talk: Conversation, shown: dict[str, Any], body: dict[str, Any], now: datetime) -> None:
    """What the ids stand for."""
    rows = [{"id": button["payload"], "conversation_id": talk.id, "title": given["title"], "payload": given["payload"], "created_at": now}
            for button, given in zip(shown["buttons"], body.get("buttons", []), strict=True)]
    if rows:
        session.execute(KEEP_BUTTONS, rows)


def replies_to(session: Session, conversation_id: str, inbox_id: int) -> Sequence[Outbound]:
    """The replies to one inbound message, in order."""
    # by conversation, for a LIKE finds an index only where PostgreSQL sorts by bytes
    return session.scalars(select(Outbound).where(Outbound.conversation_id == conversation_id, Outbound.cause.like(f"inbox:{inbox_id}:%"))
                           .order_by(Outbound.id)).all()


def hand_over(session: Session, rows: Sequence[Outbound], now: datetime) -> None:
    """Marks rows as sent: they are in the response of the web request, or on its event stream."""
    session.execute(update(Outbound).where(Outbound.id.in_([r.id for r in rows])).values(
        state="sent", sent_at=now, lease_until=None, address=None, via="response").execution_options(synchronize_session=False))


def for_stream(session: Session, conversation_ids: Sequence[str], now: datetime) -> Sequence[Outbound]:
    """What open event streams of these conversations are owed now; at night only what may come at any hour."""
    which = (Outbound.kind.in_((*ANSWERS, *policy.AT_ANY_HOUR)),) if policy.quiet(now) else ()
    return session.scalars(select(Outbound).where(
        Outbound.conversation_id.in_(conversation_ids), Outbound.channel == "web", Outbound.state == "due",
        Outbound.next_try_at <= now, switches.may_go(now), *which).order_by(Outbound.id)).all()


def since(session: Session, conversation_id: str, last_id: int, answers: bool = False) -> Sequence[Outbound]:
    """Stream messages after `last_id` that may not have arrived, though written once; a later one may have a lower id.

    answers: replies that went out in a response too, for the tabs that did not ask.
    """
    last_sent = select(Outbound.sent_at).where(Outbound.id == last_id, Outbound.conversation_id == conversation_id).scalar_subquery()
    return session.scalars(select(Outbound).where(
        Outbound.conversation_id == conversation_id, (Outbound.id > last_id) | (Outbound.sent_at > last_sent), Outbound.state == "sent",
        Outbound.via.in_(("stream", "response") if answers else ("stream",))).order_by(Outbound.id)).all()


def answered(session: Session, conversation_ids: Sequence[str], after: datetime) -> Sequence[Outbound]:
    """Replies that went out in responses after that moment, for the other tabs of these conversations."""
    return session.scalars(select(Outbound).where(
        Outbound.conversation_id.in_(conversation_ids), Outbound.channel == "web", Outbound.state == "sent", Outbound.via == "response",
        Outbound.sent_at > after).order_by(Outbound.id)).all()


def streamed(session: Session, row_id: int, now: datetime) -> bool:
    """Takes one row for the stream; False when another process has been quicker."""
    return _marked(session, row_id, now, Outbound.state == "due", via="stream")


def _marked(session: Session, row_id: int, now: datetime, condition: Any, **values: Any) -> bool:
    """The row is sent, and what we wrote of our own accord is counted, once; False when it does not meet the condition."""
    row = session.execute(update(Outbound).where(Outbound.id == row_id, condition).values(state="sent", sent_at=now, address=None, **values)
                          .returning(Outbound.kind, Outbound.channel, Outbound.conversation_id).execution_options(synchronize_session=False)).first()
    if row is not None and row.kind not in UNCOUNTED:
        counted.left(session, row.kind, row.channel, row.conversation_id, now)
    return row is not None


def claim(session: Session, channels: Sequence[str] | Mapping[str, float], now: datetime, limit: int = 50, holder: str | None = None) -> Sequence[Outbound]:
    """Rows to send now, leased: replies first, then what citizens asked for, then broadcasts; oldest first in each.

    channels: names, or names with the messages a second that the platform takes; then the buckets of bot/services/pace.py
    decide how many of each go out. A chat whose earlier message is being sent or waits for another try waits with it, so
    nothing overtakes. At night only what may come at any hour is claimed (bot/reminders/policy.py).

    holder: the worker; its rows are freed by `given_up` alone. Without one an expired lease counts as free.
    """
    if not isinstance(channels, Mapping):
        return _lease(session, channels, now, limit, holder)
    rows: list[Outbound] = []
    for channel, per_second in channels.items():
        rate = Rate.of(per_second)
        everything = level(session, f"{channel}:all", rate, now)
        bulk = level(session, f"{channel}:bulk", Rate.of(per_second * BULK_SHARE), now)
        urgent = _lease(session, [channel], now, min(limit, int(everything.tokens)), holder, Outbound.priority < BULK)
        spend(everything, len(urgent))
        slow = _lease(session, [channel], now, min(limit, int(everything.tokens), int(bulk.tokens)), holder, Outbound.priority >= BULK)
        spend(everything, len(slow))
        spend(bulk, len(slow))
        rows += [*urgent, *slow]
    return rows


def _lease(session: Session, channels: Sequence[str], now: datetime, limit: int, holder: str | None, *which: Any) -> list[Outbound]:
    """One statement: the first free rows, marked as being sent."""
    if limit <= 0:
        return []
    free = (Outbound.state == "due") | ((Outbound.state == "sending") & (Outbound.lease_until < now) & Outbound.holder.is_(None))
    earlier = aliased(Outbound)
    overtaken = exists().where(
        earlier.conversation_id == Outbound.conversation_id, earlier.id < Outbound.id,
        or_(and_(earlier.state == "due", earlier.attempts > 0, earlier.next_try_at > now),
            and_(earlier.state == "sending", or_(earlier.lease_until >= now, earlier.holder.is_not(None)))))
    if policy.quiet(now):
        which = (*which, Outbound.kind.in_((*ANSWERS, *policy.AT_ANY_HOUR)))
    with_person = exists().where(Conversation.id == Outbound.conversation_id, Conversation.person_until > now)
    which = (*which, Outbound.kind.in_(ANSWERS) | ~with_person)
    # a CTE, which PostgreSQL runs once; a subquery it may run anew for each row, and then the limit does not hold
    due = (select(Outbound.id).where(free, Outbound.channel.in_(channels), Outbound.next_try_at <= now, ~overtaken, switches.may_go(now), *which)
           .order_by(Outbound.priority, Outbound.id).limit(limit).with_for_update(skip_locked=True, of=Outbound)).cte("due")
    rows = session.execute(
        update(Outbound).where(Outbound.id.in_(select(due.c.id)), free)
        .values(state="sending", lease_until=now + LEASE, holder=holder, attempts=Outbound.attempts + 1)
        .returning(Outbound).execution_options(synchronize_session=False)).scalars().all()
    return sorted(rows, key=lambda r: (r.priority, r.id))


def given_up(session: Session, holder: str, now: datetime, only: Collection[int] | None = None) -> int:
    """Frees what a worker had leased, or only these rows of it; returns how many."""
    which = [Outbound.id.in_(only)] if only is not None else []
    return session.execute(update(Outbound).where(Outbound.state == "sending", Outbound.holder == holder, *which).values(
        state="due", lease_until=None, holder=None)).rowcount


def leased_by(session: Session, holder: str) -> set[int]:
    """The rows that a worker has leased."""
    return set(session.scalars(select(Outbound.id).where(Outbound.state == "sending", Outbound.holder == holder)))


def holders(session: Session) -> set[str]:
    """The workers that have rows leased."""
    return set(session.scalars(select(Outbound.holder).where(Outbound.state == "sending", Outbound.holder.is_not(None)).distinct()))


def taken(session: Session, holder: str, row_id: int, platform_message_id: str, now: datetime) -> None:
    """What a dead worker had sent, by its receipt; nothing happens to a row that is no longer its own."""
    mine = session.scalar(select(Outbound.id).where(Outbound.id == row_id, Outbound.holder == holder, Outbound.state == "sending"))
    if mine is not None:
        sent(session, row_id, platform_message_id, now)


def put_back(session: Session, row_ids: Sequence[int], not_before: datetime) -> None:
    """Claimed, but not tried: an earlier message of the same chat has failed."""
    session.execute(update(Outbound).where(Outbound.id.in_(row_ids), Outbound.state == "sending").values(
        state="due", lease_until=None, attempts=Outbound.attempts - 1, next_try_at=not_before))


def hold(session: Session, row: Outbound) -> None:
    """The platform takes no message to this citizen until they write: the row waits for `release`."""
    session.execute(update(Outbound).where(Outbound.id == row.id).values(state="held", error="window_closed", lease_until=None, attempts=0))
    talk = session.get(Conversation, row.conversation_id)
    shown = [b["title"] for b in row.body.get("buttons") or []]
    if talk is not None and shown and [o["title"] for o in talk.offered or []] == shown:
        talk.offered = []  # nobody has seen these choices, so a typed number means none of them


def release(session: Session, talk: Conversation, now: datetime) -> int:
    """The citizen has written, so what was held is due; returns how many. Of a series only the newest goes out."""
    rows = session.scalars(select(Outbound).where(Outbound.conversation_id == talk.id, Outbound.state == "held")
                           .order_by(Outbound.id.desc()).with_for_update()).all()
    series: set[str] = set()
    for row in rows:
        one = ":".join((row.kind, *row.cause.split(":")[:2]))  # kind and whose: "reminder:reminder:12"
        if one in series:
            row.state, row.error = "dead", "superseded"
            continue
        series.add(one)
        if not row.body.get("late"):
            when = times.say(local(row.created_at), local(now))
            row.body = {**row.body, "late": True, "text": say("held_message", when=when, message=row.body.get("text") or "")}
        row.state, row.error, row.next_try_at = "due", None, now
    session.flush()
    return len(series)


def dead(session: Session, limit: int = 200) -> Sequence[Outbound]:
    """Messages that were given up, the newest first."""
    return session.scalars(select(Outbound).where(Outbound.state == "dead", Outbound.error.not_in(NOBODYS_FAULT))
                           .order_by(Outbound.id.desc()).limit(limit)).all()


def replay(session: Session, row_ids: Sequence[int], now: datetime) -> int:
    """Gives dead messages another round of tries; returns how many. One whose address is gone stays dead."""
    return session.execute(update(Outbound).where(Outbound.id.in_(row_ids), Outbound.state == "dead", Outbound.address.is_not(None)).values(
        state="due", attempts=0, error=None, next_try_at=now)).rowcount


def sent(session: Session, row_id: int, platform_message_id: str, now: datetime) -> None:
    """The platform has taken it. Told once more of the same row, nothing changes."""
    _marked(session, row_id, now, Outbound.state != "sent", via="push", platform_message_id=platform_message_id[:200], lease_until=None, error=None)


def not_sent(session: Session, row: Outbound, error: str, retry_after_seconds: float | None, now: datetime, ours: bool = False) -> None:
    """Back in the queue after the given wait, or dead when it cannot succeed (None) or was tried too often.

    ours: the failure is not the message's (the token is refused, the quota is used up), so the try does not count; one
    stays counted, by which later messages of the chat know that they have to wait.
    """
    over = retry_after_seconds is None or (row.attempts >= TRIES and not ours)
    session.execute(update(Outbound).where(Outbound.id == row.id).values(
        state="dead" if over else "due", attempts=max(1, row.attempts - ours), error=error[:200], lease_until=None,
        next_try_at=now + timedelta(seconds=retry_after_seconds or 0)))
