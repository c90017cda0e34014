"""When we may write to somebody. Pure: instants in, decisions out; no clock is read and nothing is stored.

A time a citizen named is kept, also at night. What we decide to send keeps to the day, comes once a day whatever it is
about, and stops after three that nobody answered. Drills have rules of their own (bot/learning/drill.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.clock import local

QUIET_FROM, QUIET_TO = 21, 7
"""Local hours: from the first, up to but without the second, nothing of our own accord."""
AT_ANY_HOUR = ("reply", "notice", "reminder", "drill", "trial", "alert")
"""Kinds of messages that go at night as well: answers, times a citizen named, drills, which count their own hours, what
staff send to their own phone, and announcements that two people approved as an emergency."""
SILENT_AFTER = 3
COURSE_IDLE = timedelta(days=3)
"""An unfinished course is mentioned so long after the learner's last step, and again after as long."""
IN_TALK = timedelta(minutes=15)
"""Nobody is nudged in the middle of a conversation: a bare "dừng" would be read as an answer to the nudge."""
LATE = timedelta(minutes=10)
"""From this much on a reminder says that it is late and when it should have come."""

Kind = Literal["course", "revision"]


def quiet(instant: datetime) -> bool:
    """Between 21:00 and 07:00 in the province. Raises NaiveTime."""
    hour = local(instant).hour
    return hour >= QUIET_FROM or hour < QUIET_TO


def by_day(instant: datetime) -> datetime:
    """The instant itself, or 07:00 after the night it falls into; in the province's zone."""
    here = local(instant)
    if not quiet(here):
        return here
    morning = here.replace(hour=QUIET_TO, minute=0, second=0, microsecond=0)
    return morning if here < morning else morning + timedelta(days=1)


def is_late(due_at: datetime, now: datetime) -> bool:
    return now - due_at >= LATE


def goes_at(due_at: datetime, now: datetime) -> datetime:
    """When a due reminder goes. Late ones wait for the day, unless the citizen named an hour of this very night."""
    if not is_late(due_at, now) or (quiet(due_at) and by_day(due_at) == by_day(now)):
        return now
    return max(now, by_day(now))


def day_cause(citizen_id: int, now: datetime) -> str:
    """The one cause of everything we send a citizen of our own accord on this local day; the outbox takes it once."""
    return f"nudge:{citizen_id}:{local(now).date()}"


def course_is_idle(touched_at: datetime, nudged_at: datetime | None, now: datetime) -> bool:
    """Is it time to ask whether to go on with an unfinished course?"""
    return now - max(touched_at, nudged_at or touched_at) >= COURSE_IDLE


@dataclass(frozen=True)
class Standing:
    """A learner as far as nudges go. hour: local, chosen by the learner, None for never. due: items to revise.

    nudged_at: the last nudge to this learner. course: (last step, last mention) of the unfinished course, None without one.
    """

    learner_id: int
    hour: int | None
    due: int
    unanswered: int
    nudged_at: datetime | None
    course: tuple[datetime, datetime | None] | None


@dataclass(frozen=True)
class Choice:
    """Whom to nudge, and about what."""

    learner_id: int
    kind: Kind


def choose(phone: Iterable[Standing], seen_at: datetime, now: datetime) -> Choice | None:
    """The nudge for one citizen's phone now, or None. seen_at: when the citizen last wrote.

    Whoever of the phone was told longest ago comes first, so that nobody is passed over for good. An idle course comes
    before revision: it is rare, and revision is due almost every day.
    """
    everybody = list(phone)
    midnight = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    if quiet(now) or now - seen_at < IN_TALK or sum(one.unanswered for one in everybody) >= SILENT_AFTER:
        return None
    if any(one.nudged_at is not None and one.nudged_at >= midnight for one in everybody):
        return None
    for one in sorted(everybody, key=lambda one: (one.nudged_at is not None, one.nudged_at or now, one.learner_id)):
        if one.hour is None or local(now).hour < one.hour:
            continue
        if one.course is not None and course_is_idle(*one.course, now):
            return Choice(one.learner_id, "course")
        if one.due:
            return Choice(one.learner_id, "revision")
    return None
