"""Outbound messages: a row first, unique by cause, then sent under a lease. Replies and reminders alike."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, insert, or_, select, update
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
MOST_ID = 200
AWAY, KEEPS_TRYING = timedelta(seconds=10), timedelta(days=1)
"""A platform that has taken nothing from anybody for ten seconds (eight tries take longer) may be away: what waits for it is tried
for a day, however often."""
UNSURE = ("unknown_outcome", "retry_after")
SLOW_TRIES, SLOWLY = 12, timedelta(minutes=30)
"""What a platform neither takes nor refuses is tried so often more, at such distances, where a citizen waits for it or has asked for it."""
UNSENT = ("due", "held", "sending", "dead")
"""What a no takes back: what is being sent may still arrive, but is not tried again, and nobody replays what was given up."""
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
    rows = session.scalars(select(Outbound).where(
        Outbound.conversation_id.in_(conversation_ids), Outbound.channel == "web", Outbound.state == "due",
        Outbound.next_try_at <= now, switches.may_go(now), _no_person(now), *which).order_by(Outbound.id)).all()
    for row in rows:
        say_late(row, now)
    return rows


def _no_person(now: datetime) -> Any:
    """An answer, or to a chat in which nobody of ours is writing now."""
    return Outbound.kind.in_(ANSWERS) | ~exists().where(Conversation.id == Outbound.conversation_id, Conversation.person_until > now)


def say_late(row: Outbound, at: datetime) -> None:
    """A reminder that was not late when it was queued and is when it goes says so. Its body has what it takes (bot/services/remind.py)."""
    due = row.body.get("due_at")
    if due and not row.body.get("late") and policy.is_late(datetime.fromisoformat(due), at):
        when = times.say(local(datetime.fromisoformat(due)), local(at))
        row.body = {**row.body, "late": True, "text": say("reminder_late", about=row.body["about"], when=when)}


def since(session: Session, conversation_id: str, last_id: int, answers: bool = False) -> Sequence[Outbound]:
    """Stream messages after `last_id` that may not have arrived, though written once; a later one may have a lower id.

    answers: replies that went out in a response too, for the tabs that did not ask.
    """
    last_sent = select(Outbound.sent_at).where(Outbound.id == last_id, Outbound.conversation_id == conversation_id).scalar_subquery()
    rows = session.scalars(select(Outbound).where(
        Outbound.conversation_id == conversation_id, (Outbound.id > last_id) | (Outbound.sent_at > last_sent), Outbound.state == "sent",
        Outbound.via.in_(("stream", "response") if answers else ("stream",))).order_by(Outbound.id)).all()
    for row in rows:
        say_late(row, row.sent_at)
    return rows


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
    nothing overtakes but what is more urgent than one that has failed: no reply waits for a broadcast. One that is tried slowly
    by now is not waited for. At night only
    what may come at any hour is claimed (bot/reminders/policy.py).

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
        or_(and_(earlier.state == "due", earlier.attempts.between(1, TRIES - 1), earlier.next_try_at > now, earlier.priority <= Outbound.priority),
            and_(earlier.state == "sending", or_(earlier.lease_until >= now, earlier.holder.is_not(None)))))
    if policy.quiet(now):
        which = (*which, Outbound.kind.in_((*ANSWERS, *policy.AT_ANY_HOUR)))
    which = (*which, _no_person(now))
    # a CTE, which PostgreSQL runs once; a subquery it may run anew for each row, and then the limit does not hold
    due = (select(Outbound.id).where(free, Outbound.channel.in_(channels), Outbound.next_try_at <= now, ~overtaken, switches.may_go(now), *which)
           .order_by(Outbound.priority, Outbound.id).limit(limit).with_for_update(skip_locked=True, of=Outbound)).cte("due")
    rows = session.execute(
        update(Outbound).where(Outbound.id.in_(select(due.c.id)), free)
        .values(state="sending", lease_until=now + LEASE, holder=holder, attempts=Outbound.attempts + 1)
        .returning(Outbound).execution_options(synchronize_session=False)).scalars().all()
    for row in rows:
        say_late(row, now)
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


def put_back(session: Session, row_ids: Sequence[int], not_before: datetime, holder: str | None) -> None:
    """Claimed, but not tried: an earlier message of the same chat has failed. holder: who had claimed them; those of another by now stay its own."""
    session.execute(update(Outbound).where(Outbound.id.in_(row_ids), Outbound.state == "sending", Outbound.holder.is_not_distinct_from(holder)).values(
        state="due", lease_until=None, attempts=Outbound.attempts - 1, next_try_at=not_before))


def hold(session: Session, row: Outbound) -> None:
    """The platform takes no message to this citizen until they write: the row waits for `release`."""
    # another text goes out then (`release`), so what parts of this one have gone does not matter
    if not _ended(session, row, state="held", error="window_closed", lease_until=None, attempts=0, platform_message_id=None):
        return
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
    """Gives dead messages another round of tries; returns how many. One whose address is gone, or that was taken back, stays dead."""
    return session.execute(update(Outbound).where(
        Outbound.id.in_(row_ids), Outbound.state == "dead", Outbound.address.is_not(None), func.coalesce(Outbound.error, "").not_in(NOBODYS_FAULT)).values(
        state="due", attempts=0, error=None, next_try_at=now)).rowcount


def sent(session: Session, row_id: int, platform_message_id: str, now: datetime) -> None:
    """The platform has taken it. Told once more of the same row, nothing changes."""
    _marked(session, row_id, now, Outbound.state != "sent", via="push", platform_message_id=platform_message_id[:MOST_ID], lease_until=None, error=None)


def parts_out(row: Outbound) -> tuple[str, ...]:
    """The platform's ids of the parts of a message that went out before one failed, in order; "" for one that has none."""
    return tuple(row.platform_message_id.split(",")) if row.platform_message_id is not None else ()


def _joined(parts: Sequence[str]) -> str | None:
    """As `parts_out` reads it. Where it is too long for its column, ids are let go and the parts still count."""
    found, at = [part.replace(",", ".") for part in parts], 1
    while len(",".join(found)) > MOST_ID and at < len(found):
        found[at], at = "", at + 1
    return ",".join(found)[:MOST_ID] if found else None


def begun(session: Session, holder: str, row_id: int, parts: Sequence[str]) -> None:
    """What a dead worker had sent of a message, by its receipts; nothing happens to a row that is no longer its own."""
    session.execute(update(Outbound).where(Outbound.id == row_id, Outbound.holder == holder, Outbound.state == "sending")
                    .values(platform_message_id=_joined(parts)))


def not_sent(session: Session, row: Outbound, error: str, retry_after_seconds: float | None, now: datetime, ours: bool = False,
             parts: Sequence[str] = ()) -> None:
    """Back in the queue after the given wait, or dead when it cannot succeed (None) or was tried too often. parts: as `parts_out` gives them back.

    ours: the failure is not the message's (the token is refused, the quota is used up), so the try does not count; one
    stays counted, by which later messages of the chat know that they have to wait. Nor is it while nobody reaches the platform.
    """
    too_often, attempts = row.attempts >= TRIES and not ours, max(1, row.attempts - ours)
    if too_often and error == "unreachable" and now - row.created_at < KEEPS_TRYING and _away(session, row.channel, now):
        too_often, attempts = False, TRIES - 2
    elif too_often and error in UNSURE and row.priority < BULK and row.attempts < TRIES + SLOW_TRIES:
        too_often, retry_after_seconds = False, max(retry_after_seconds or 0, SLOWLY.total_seconds())
    over = too_often or retry_after_seconds is None
    _ended(session, row, state="dead" if over else "due", attempts=attempts, error=error[:200], lease_until=None, platform_message_id=_joined(parts),
           next_try_at=now + timedelta(seconds=retry_after_seconds or 0))


def _away(session: Session, channel: str, now: datetime) -> bool:
    """Has this platform taken nothing from anybody for AWAY? Then a message that it does not take is not to blame."""
    return session.scalar(select(Outbound.id).where(Outbound.channel == channel, Outbound.via == "push", Outbound.sent_at > now - AWAY).limit(1)) is None


def _ended(session: Session, row: Outbound, **values: Any) -> bool:
    """A try has ended without success; False, changing nothing, when the row is no longer ours: sent by another worker, or taken back."""
    return session.execute(update(Outbound).where(
        Outbound.id == row.id, Outbound.state == "sending", Outbound.holder.is_not_distinct_from(row.holder)).values(**values)).rowcount > 0
