"""What is due of our own accord, into the outbox: reminders, nudges, drills. Flushes only; the caller commits.

A part that is switched off plans nothing and loses nothing: what came due meanwhile stands in its tables and comes once, late,
when the part is on again.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.services import drills, nudge, remind, switches


def due(session: Session, now: datetime) -> int:
    """How many messages were planned. Safe to run again and by several workers."""
    off = switches.off(session, now)
    planned = drills.plan(session, now, begin="drills" not in off)
    if "reminders" not in off:
        planned += remind.plan(session, now)
        if "courses" not in off:
            planned += nudge.plan(session, now)
    return planned
