"""Reminders citizens ask for: set, listed, cancelled, snoozed, and planned into the outbox. Flushes only.

Planning is idempotent: the outbox row's cause holds reminder and due time, so any number of workers may plan. When a
message may go is bot/reminders/policy.py's to say.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.clock import local
from bot.language import times
from bot.reminders import policy
from bot.reminders.moving import Moved
from bot.services import outbox
from bot.store.tables import Conversation, Outbound, Reminder
from bot.wording import say

MOST_PER_CITIZEN = 20
SNOOZE = timedelta(minutes=10)
LATELY = timedelta(days=7)
"""So long "vì sao tôi nhận tin này" may be about a message of ours."""
SAME_SNOOZE = timedelta(minutes=1)
"""Two of one thing that would come so close together are one."""
STOP_WORDS = ("dừng", "dung", "thôi", "thoi", "stop", "tắt", "tat")
"""What, typed alone right under a message of ours, presses its button to stop."""


class TooMany(Exception):
    """The citizen has MOST_PER_CITIZEN reminders; seen by the citizen as a sentence."""


def add(session: Session, talk: Conversation, when: times.When, about: str, now: datetime) -> Reminder:
    """A reminder in this conversation. Raises TooMany. The citizen must have consented (the caller checks)."""
    if len(listed(session, talk.citizen_id)) >= MOST_PER_CITIZEN:
        raise TooMany
    reminder = Reminder(citizen_id=talk.citizen_id, conversation_id=talk.id, about=about[:200], rule=when.rule,
                        next_due_at=when.at, state="on", created_at=now)
    session.add(reminder)
    session.flush()
    return reminder


def listed(session: Session, citizen_id: int) -> list[Reminder]:
    """Reminders that are on, the next one first."""
    return list(session.scalars(select(Reminder).where(Reminder.citizen_id == citizen_id, Reminder.state == "on")
                                .order_by(Reminder.next_due_at, Reminder.id)))


def cancel(session: Session, citizen_id: int, reminder_id: int | None = None) -> list[Reminder]:
    """Cancels one (or all) of the citizen's reminders and what they have queued; returns those cancelled."""
    gone = [r for r in listed(session, citizen_id) if reminder_id in (None, r.id)]
    for reminder in gone:
        reminder.state, reminder.next_due_at = "cancelled", None
        # what is being sent may still arrive, but is not tried again
        _taken_back(session, reminder, "cancelled", ("due", "held", "sending"))
    session.flush()
    return gone


def change(session: Session, citizen_id: int, reminder_id: int, to: Moved, now: datetime) -> Reminder | None:
    """Gives the citizen's reminder another time, and takes back what is queued for the old one; None when it is no longer on.

    Of a recurrence whose next time comes earlier for once, that once is a reminder of its own, or it would be told twice.
    """
    # a worker that plans it this moment is waited for: what it queued for the old time is taken back then
    reminder = session.scalars(select(Reminder).where(Reminder.id == reminder_id, Reminder.citizen_id == citizen_id).with_for_update()
                               .execution_options(populate_existing=True)).one_or_none()
    if reminder is None or reminder.state == "cancelled":
        return None
    _taken_back(session, reminder, "superseded", ("due", "held", "sending"))
    if to.once and reminder.next_due_at is not None and to.at < reminder.next_due_at:
        session.add(Reminder(citizen_id=citizen_id, conversation_id=reminder.conversation_id, about=reminder.about, rule=None,
                             next_due_at=to.at, state="on", created_at=now))
        reminder.next_due_at = times.next_after(reminder.rule, reminder.next_due_at)
    else:
        reminder.rule, reminder.next_due_at, reminder.state = to.rule, to.at, "on"
    session.flush()
    return reminder


def _taken_back(session: Session, reminder: Reminder, why: str, states: tuple[str, ...], *which: Any) -> None:
    session.execute(update(Outbound).where(Outbound.cause.like(f"reminder:{reminder.id}:%"), Outbound.state.in_(states), *which)
                    .values(state="dead", error=why))


def in_words(reminder: Reminder, now: datetime) -> str:
    return times.say_rule(reminder.rule) if reminder.rule else times.say(local(reminder.next_due_at), local(now))


def _where(session: Session, reminder: Reminder) -> Conversation:
    """The chat it was set in; where that is closed, the one of the citizen's others that is open and was used last, if there is any."""
    talk = session.get_one(Conversation, reminder.conversation_id)
    if talk.closed_at is None:
        return talk
    others = select(Conversation).where(Conversation.citizen_id == reminder.citizen_id, Conversation.closed_at.is_(None),
                                        (Conversation.channel == "web") | Conversation.address.is_not(None))
    return session.scalars(others.order_by(Conversation.seen_at.desc(), Conversation.id).limit(1)).first() or talk


def plan(session: Session, now: datetime, limit: int = 200) -> int:
    """Turns due reminders into outbox rows; returns how many. After a downtime a recurrence yields one late message."""
    due = session.scalars(select(Reminder).where(Reminder.state == "on", Reminder.next_due_at <= now)
                          .order_by(Reminder.next_due_at).limit(limit).with_for_update(skip_locked=True)).all()
    for reminder in due:
        due_at = reminder.next_due_at
        talk = _where(session, reminder)
        late = policy.is_late(due_at, now)
        text = (say("reminder_late", about=reminder.about, when=times.say(local(due_at), local(now))) if late
                else say("reminder_message", about=reminder.about))
        body = {"text": text, "buttons": buttons(reminder), "image": None, "quick": False,
                **({} if late else {"about": reminder.about, "due_at": due_at.isoformat()})}  # for outbox.say_late
        ident = outbox.enqueue(session, talk, f"reminder:{reminder.id}:{due_at.isoformat()}", "reminder", body, now,
                               not_before=policy.goes_at(due_at, now))
        if reminder.rule and ident is not None:  # of what nobody has fetched, or no platform taken, only the newest is worth anything
            _taken_back(session, reminder, "superseded", ("due", "held"), Outbound.id != ident,
                        Outbound.conversation_id.in_((talk.id, reminder.conversation_id)))
        reminder.last_due_at = due_at
        if reminder.rule:
            reminder.next_due_at = times.next_after(reminder.rule, now)
        else:
            reminder.state, reminder.next_due_at = "done", None
    session.flush()
    return len(due)


def buttons(reminder: Reminder) -> list[dict]:
    """Later by ten minutes, by an hour, to the same hour tomorrow; no more (a recurrence); why."""
    found = [(say("snooze_button"), "snooze_reminder", f"{reminder.id}"), (say("snooze_hour_button"), "snooze_reminder", f"{reminder.id}|hour"),
             (say("snooze_day_button"), "snooze_reminder", f"{reminder.id}|day")]
    if reminder.rule:
        found.append((say("stop_reminders_button"), "cancel_reminder", f"{reminder.id}"))
    found.append((say("nudge_why"), "choose_nudge", f"why-reminder|{reminder.id}"))
    return [{"title": title, "payload": f"/{intent}{json.dumps({'value': value})}", **({"words": STOP_WORDS} if intent == "cancel_reminder" else {})}
            for title, intent, value in found]


def own(session: Session, citizen_id: int | None, reminder_id: int) -> Reminder | None:
    """The reminder with this number, if it is this citizen's."""
    found = session.get(Reminder, reminder_id) if citizen_id is not None else None
    return found if found is not None and found.citizen_id == citizen_id else None


def came_within(session: Session, citizen_id: int | None, now: datetime, span: timedelta = timedelta(hours=1)) -> Reminder | None:
    """The citizen's reminder that came last, if that was within the span."""
    return None if citizen_id is None else session.scalars(select(Reminder).where(
        Reminder.citizen_id == citizen_id, Reminder.last_due_at > now - span).order_by(Reminder.last_due_at.desc(), Reminder.id.desc()).limit(1)).first()


def came_lately(session: Session, talk_id: str, now: datetime) -> Outbound | None:
    """The newest message of our own accord in this conversation within LATELY."""
    return session.scalars(select(Outbound).where(Outbound.conversation_id == talk_id, Outbound.created_at > now - LATELY,
                                                  Outbound.kind.not_in(outbox.ANSWERS), Outbound.state.in_(("due", "sending", "sent")))
                           .order_by(Outbound.id.desc()).limit(1)).one_or_none()


def snooze(session: Session, citizen_id: int, reminder_id: int | None, at: datetime, now: datetime) -> Reminder | None:
    """A one-off copy of the reminder (default: the one delivered last) at `at`; None when there is nothing to snooze."""
    query = select(Reminder).where(Reminder.citizen_id == citizen_id, Reminder.last_due_at.is_not(None))
    if reminder_id is not None:
        query = query.where(Reminder.id == reminder_id)
    source = session.scalars(query.order_by(Reminder.last_due_at.desc())).first()
    if source is None:
        return None
    for one in listed(session, citizen_id):
        if not one.rule and one.about == source.about and abs(one.next_due_at - at) < SAME_SNOOZE:
            return one  # tapped twice
    again = Reminder(citizen_id=citizen_id, conversation_id=source.conversation_id, about=source.about, rule=None,
                     next_due_at=at, state="on", created_at=now)
    session.add(again)
    session.flush()
    return again
