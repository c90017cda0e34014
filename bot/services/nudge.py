"""What we send learners of our own accord: an unfinished course, a revision that is due. Flushes only; the caller commits.

Whether anybody is nudged now, and about what, is bot/reminders/policy.py's to say; here stand the rows it needs. Planning
is idempotent by the outbox's unique cause, one a day for a citizen, so any number of workers may plan.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from bot.clock import local
from bot.reminders import policy
from bot.reminders.policy import Choice, Standing
from bot.services import learn, outbox, people, revise
from bot.services.remind import STOP_WORDS
from bot.services.versions import course_of
from bot.store.tables import Conversation, Enrolment, Learner, ReviewCard
from bot.wording import say

PLAN_LIMIT = 200


def plan(session: Session, now: datetime) -> int:
    """Nudges that are due into the outbox; returns how many. Safe to run again and by several workers."""
    if policy.quiet(now):
        return 0
    phones: dict[int, list[Learner]] = defaultdict(list)
    for learner in waiting(session, now):
        phones[learner.citizen_id].append(learner)
    planned = 0
    for citizen_id, found in phones.items():
        talk = session.scalars(select(Conversation).where(Conversation.citizen_id == citizen_id, Conversation.closed_at.is_(None))
                               .order_by(Conversation.seen_at.desc())).first()
        everybody = session.scalars(select(Learner).where(Learner.citizen_id == citizen_id).order_by(Learner.id)).all()
        choice = policy.choose([standing(session, one, now) for one in everybody], talk.seen_at, now) if talk is not None else None
        if choice is None:
            continue
        learner = next(one for one in everybody if one.id == choice.learner_id)
        for one in found:
            if one.id == choice.learner_id or "reminders" not in people.consents(session, citizen_id):
                one.nudged_at = now  # looked at for today, so that it does not take the place of others in the next batch
        if "reminders" in people.consents(session, citizen_id) and told(session, talk, learner, choice, now):
            learner.nudges_unanswered += 1
            planned += 1
    session.flush()
    return planned


def waiting(session: Session, now: datetime) -> Sequence[Learner]:
    """Learners of phones that may have to be nudged, locked, the one told longest ago first."""
    here = local(now)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    idle = now - policy.COURSE_IDLE
    return session.scalars(
        select(Learner).where(
            Learner.nudge_hour.is_not(None), Learner.nudge_hour <= here.hour, Learner.nudges_unanswered < policy.SILENT_AFTER,
            Learner.citizen_id.not_in(select(Learner.citizen_id).where(Learner.nudged_at >= midnight)),
            or_(exists().where(ReviewCard.learner_id == Learner.id, ReviewCard.due_at <= now),
                exists().where(Enrolment.learner_id == Learner.id, Enrolment.completed_at.is_(None), Enrolment.left_at.is_(None),
                               Enrolment.touched_at <= idle, or_(Enrolment.nudged_at.is_(None), Enrolment.nudged_at <= idle))))
        .order_by(Learner.nudged_at.asc().nulls_first(), Learner.id).limit(PLAN_LIMIT).with_for_update(skip_locked=True)).all()


def standing(session: Session, learner: Learner, now: datetime) -> Standing:
    going = learn.open_enrolment(session, learner.id)
    return Standing(learner.id, learner.nudge_hour, revise.due_count(session, learner.id, now), learner.nudges_unanswered, learner.nudged_at,
                    (going.touched_at, going.nudged_at) if going is not None else None)


def told(session: Session, talk: Conversation, learner: Learner, choice: Choice, now: datetime) -> bool:
    """The nudge into the outbox; False when this citizen has today's already."""
    if choice.kind == "course":
        going = learn.open_enrolment(session, learner.id)
        going.nudged_at = now
        course = course_of(session, going.version_id)
        left = len(course.lessons) - going.lessons_done
        text = say("nudge_course_named", name=learner.name, title=course.title, left=left) if learner.name \
            else say("nudge_course", title=course.title, left=left)
        first = (say("go_on_button"), "choose_nudge", f"go|{learner.id}")
    else:
        count = revise.due_count(session, learner.id, now)
        text = say("nudge_named", name=learner.name, count=count) if learner.name else say("nudge", count=count)
        first = (say("nudge_start"), "review_now", f"{learner.id}")
    why = "why" if choice.kind == "revision" else "why-course"
    given = [first, (say("nudge_stop"), "choose_nudge", f"none|{learner.id}"), (say("nudge_why"), "choose_nudge", f"{why}|{learner.id}")]
    buttons = [{"title": title, "payload": f"/{intent}{json.dumps({'value': value})}", **({"words": STOP_WORDS} if value.startswith("none") else {})}
               for title, intent, value in given]
    return outbox.enqueue(session, talk, policy.day_cause(learner.citizen_id, now), "nudge",
                          {"text": text, "buttons": buttons, "image": None, "quick": False}, now) is not None
