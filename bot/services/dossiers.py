"""Submitted files: told in words, followed for those who want to hear of changes. Flushes only; the caller commits.

Asking the other system is slow and may fail, so it happens with no transaction open: `due` leases, `told` writes what was found.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.reminders import policy
from bot.services import outbox, people
from bot.store.tables import Conversation, FollowedDossier
from bot.systems.dossiers import OVER, Dossier, states
from bot.wording import say

MOST_PER_CITIZEN = 10
EVERY = timedelta(minutes=30)
AFTER_FAILURE = timedelta(minutes=10)
BATCH = 50
LONGEST = timedelta(days=365)
"""A file nobody has finished in a year is no longer asked for."""


class TooMany(Exception):
    """The citizen follows MOST_PER_CITIZEN files; seen by the citizen as a sentence."""


def in_words(dossier: Dossier, today: date, system: str) -> str:
    """The answer card of a file: state, dates, what is missing, what to do next, and whose word it is."""
    words = states()["words"][dossier.state]
    lines = [f"📄 {dossier.code}: {words['title']}"]
    if dossier.procedure:
        lines.append(dossier.procedure)
    if dossier.reason:
        lines.append(say("dossier_reason", reason=dossier.reason))
    lines += [f"• {one}" for one in dossier.missing]
    if dossier.due_on and dossier.state not in OVER | {"done"}:
        lines.append(say("dossier_late" if dossier.due_on < today else "dossier_due", day=f"{dossier.due_on:%d/%m/%Y}"))
    if dossier.office:
        lines.append(say("dossier_office", office=dossier.office))
    return "\n".join([*lines, f"👉 {words['next']}", say("dossier_source", system=system, day=f"{today:%d/%m/%Y}")])


def follow(session: Session, talk: Conversation, dossier: Dossier, now: datetime) -> FollowedDossier:
    """Notes that the citizen wants to hear of the file. Consent to reminders is the caller's to have. Raises TooMany."""
    row = session.scalars(select(FollowedDossier).where(FollowedDossier.citizen_id == talk.citizen_id, FollowedDossier.code == dossier.code)).first()
    if (row is None or row.ended_at is not None) and len(followed(session, talk.citizen_id)) >= MOST_PER_CITIZEN:
        raise TooMany
    if row is None:
        row = FollowedDossier(citizen_id=talk.citizen_id, conversation_id=talk.id, code=dossier.code, state=dossier.state, next_check_at=now + EVERY,
                              created_at=now)
        session.add(row)
    elif row.ended_at is not None:
        row.state, row.ended_at, row.created_at, row.next_check_at = dossier.state, None, now, now + EVERY
    row.conversation_id = talk.id  # of a file that is followed already the state stays as last told: the one given may come from a cache
    session.flush()
    return row


def unfollow(session: Session, citizen_id: int, code: str | None, now: datetime) -> list[str]:
    """Stops one or, with None, all; returns their codes."""
    rows = [r for r in followed(session, citizen_id) if code in (None, r.code)]
    for row in rows:
        row.ended_at = now
    session.flush()
    return [r.code for r in rows]


def followed(session: Session, citizen_id: int | None) -> Sequence[FollowedDossier]:
    """Files this citizen still hears of, oldest first."""
    if citizen_id is None:
        return []
    return session.scalars(select(FollowedDossier).where(FollowedDossier.citizen_id == citizen_id, FollowedDossier.ended_at.is_(None))
                           .order_by(FollowedDossier.id)).all()


def join(session: Session, keep_id: int, gone_id: int) -> None:
    """What one citizen follows belongs to the other, who is the same person; a file both follow stays once."""
    mine = set(session.scalars(select(FollowedDossier.code).where(FollowedDossier.citizen_id == keep_id)))
    for row in session.scalars(select(FollowedDossier).where(FollowedDossier.citizen_id == gone_id)):
        if row.code in mine:
            session.delete(row)
        else:
            row.citizen_id = keep_id
    session.flush()


def due(session: Session, now: datetime) -> list[tuple[int, str]]:
    """(row id, code) of files to ask for now, put off so that no other worker asks too; nothing at night."""
    if policy.quiet(now):
        return []
    rows = session.scalars(select(FollowedDossier).where(FollowedDossier.ended_at.is_(None), FollowedDossier.next_check_at <= now)
                           .order_by(FollowedDossier.next_check_at).limit(BATCH).with_for_update(skip_locked=True)).all()
    for row in rows:
        row.next_check_at = now + AFTER_FAILURE
    session.flush()
    return [(row.id, row.code) for row in rows]


def put_back(session: Session, row_ids: Sequence[int], now: datetime) -> None:
    """Taken by `due` and not asked for: they come next."""
    session.execute(update(FollowedDossier).where(FollowedDossier.id.in_(row_ids)).values(next_check_at=now))


def told(session: Session, row_id: int, dossier: Dossier | None, system: str, now: datetime, today: date) -> bool:
    """What was found: a changed state goes to the citizen, once. None: the system no longer knows the code, which is told too. True when told."""
    row = session.get(FollowedDossier, row_id, with_for_update=True)
    if row is None or row.ended_at is not None:
        return False  # erased or given up meanwhile
    row.next_check_at = now + EVERY
    over = dossier is None or now - row.created_at > LONGEST
    changed = dossier is None or dossier.state != row.state
    if changed and "reminders" in people.consents(session, row.citizen_id):
        row.changes += 1
        talk = session.get_one(Conversation, row.conversation_id)
        text = say("dossier_gone", code=row.code) if dossier is None else f"{say('dossier_changed')}\n{in_words(dossier, today, system)}"
        stop = [] if over or dossier.state in OVER else [{"title": say("dossier_unfollow"), "payload": f"/unfollow_dossier{json.dumps({'value': row.code})}"}]
        outbox.enqueue(session, talk, f"dossier:{row.id}:{row.changes}", "dossier", {"text": text, "buttons": stop, "image": None, "quick": False}, now)
    if dossier is not None:
        row.state = dossier.state
    if over or (dossier is not None and dossier.state in OVER):
        row.ended_at = now
    session.flush()
    return changed


def asked_for(session: Session, code: str, now: datetime) -> int:
    """The other system says that the file has changed: it is asked at the next tick. Returns how many follow it."""
    return session.execute(update(FollowedDossier).where(FollowedDossier.code == code, FollowedDossier.ended_at.is_(None))
                           .values(next_check_at=now)).rowcount


def clean(session: Session, now: datetime) -> int:
    """Files that are over go after 30 days."""
    return session.execute(delete(FollowedDossier).where(FollowedDossier.ended_at < now - timedelta(days=30))).rowcount
