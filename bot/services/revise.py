"""Revision in the database: items met in lessons and sittings over what is due. Flushes only.

That something is due is told by bot/services/nudge.py.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.learning import review
from bot.learning.engine import Event
from bot.learning.model import Course
from bot.learning.review import Outcome, Questions, Sitting
from bot.services.versions import course_of
from bot.store.tables import Enrolment, Learner, Review, ReviewCard, Revision

NUDGE_HOURS = (7, 12, 19)


def met(session: Session, enrolment: Enrolment, answered: Sequence[Event], now: datetime) -> None:
    """Items answered in a lesson for the first time become cards; the first answer tells how well they are known.

    Easier questions and the test's are no cards. An item that is a card already (the course is taken again) is a review like
    any other. Whatever was answered, nudges were not in vain.
    """
    if not answered:
        return
    nudged_not_in_vain(session, enrolment.learner_id)
    course = course_of(session, enrolment.version_id)
    counted = {i.id for i in course.items}
    for event in answered:
        if event.kind == "answered" and event.nth == 1 and event.item_id in counted:
            graded(session, enrolment.learner_id, course, enrolment.version_id, event.item_id, event.correct, now)


def nudged_not_in_vain(session: Session, learner_id: int) -> None:
    """Somebody learns on this phone: nudges to all who share it count as answered."""
    phone = select(Learner.citizen_id).where(Learner.id == learner_id).scalar_subquery()
    session.execute(update(Learner).where(Learner.citizen_id == phone).values(nudges_unanswered=0))


def graded(session: Session, learner_id: int, course: Course, version_id: int, item_id: str, correct: bool, now: datetime) -> ReviewCard:
    """Writes one answer into the item's card."""
    card = session.scalars(select(ReviewCard).where(ReviewCard.learner_id == learner_id, ReviewCard.slug == course.slug,
                                                    ReviewCard.item_id == item_id)).first()
    state, due = review.next_card(card.state if card else None, review.rating_of(correct), course.scams, now)
    if card is None:
        card = ReviewCard(learner_id=learner_id, slug=course.slug, item_id=item_id)
        session.add(card)
    card.version_id, card.state, card.due_at, card.reviewed_at = version_id, state, due, now
    session.flush()
    return card


def due_count(session: Session, learner_id: int, now: datetime) -> int:
    return session.scalar(select(func.count()).select_from(ReviewCard).where(
        ReviewCard.learner_id == learner_id, ReviewCard.due_at <= now)) or 0


def next_due(session: Session, learner_id: int) -> datetime | None:
    """When the next item is due, UTC; None when nothing has been met yet."""
    return session.scalar(select(func.min(ReviewCard.due_at)).where(ReviewCard.learner_id == learner_id))


@dataclass(frozen=True)
class Begun:
    """early: nothing was due, the items next in line are asked before their time."""

    outcome: Outcome
    early: bool


def begin(session: Session, learner_id: int, now: datetime) -> Begun | None:
    """A sitting over what is due, the longest due first; else over what comes next. None when nothing has been met.

    A sitting that is still open from the last seven days goes on instead.
    """
    going = session.get(Revision, learner_id)
    if going is not None and now - going.touched_at < timedelta(days=7):
        sitting = Sitting.model_validate(going.state)
        if (questions := questions_of(session, learner_id, sitting.queue)) and len(questions) == len(set(sitting.queue)):
            _open(session, learner_id, going, sitting, now)
            return Begun(review.show(questions, sitting), early=False)
    cards = session.scalars(select(ReviewCard).where(ReviewCard.learner_id == learner_id)
                            .order_by(ReviewCard.due_at, ReviewCard.id).limit(review.AT_ONCE)).all()
    if not cards:
        return None
    due = [c for c in cards if c.due_at <= now]
    keys = tuple(key_of(c.slug, c.item_id) for c in due or cards)
    questions = questions_of(session, learner_id, keys)
    keys = tuple(k for k in keys if k in questions)
    if not keys:
        return None
    sitting = Sitting(seed=secrets.randbits(31), queue=keys)
    _open(session, learner_id, going, sitting, now)
    return Begun(review.show(questions, sitting), early=not due)


def _open(session: Session, learner_id: int, going: Revision | None, sitting: Sitting, now: datetime) -> None:
    """The sitting is what is open in the chat now; a lesson keeps its place."""
    if going is None:
        going = Revision(learner_id=learner_id)
        session.add(going)
    if not going.started_at or going.state.get("seed") != sitting.seed:
        going.started_at = now
    going.state, going.active, going.touched_at = sitting.model_dump(mode="json"), True, now
    session.execute(update(Enrolment).where(Enrolment.learner_id == learner_id, Enrolment.active).values(active=False))
    session.flush()


def key_of(slug: str, item_id: str) -> str:
    return f"{slug}/{item_id}"


def questions_of(session: Session, learner_id: int, keys: Sequence[str]) -> Questions:
    """The questions of these keys, from the versions the learner met them in."""
    found = {}
    for key in dict.fromkeys(keys):
        slug, _, item_id = key.partition("/")
        card = session.scalars(select(ReviewCard).where(ReviewCard.learner_id == learner_id, ReviewCard.slug == slug,
                                                        ReviewCard.item_id == item_id)).first()
        question = course_of(session, card.version_id).item(item_id) if card else None
        if question is not None:
            found[key] = question
    return found


def open_sitting(session: Session, learner_id: int) -> tuple[Revision, Sitting, Questions] | None:
    """The sitting that is open in the chat at this moment."""
    row = session.get(Revision, learner_id)
    if row is None or not row.active:
        return None
    sitting = Sitting.model_validate(row.state)
    questions = questions_of(session, learner_id, sitting.queue)
    return (row, sitting, questions) if sitting.queue and sitting.queue[0] in questions else None


def play(session: Session, learner_id: int, move: Callable[[Questions, Sitting], Outcome], now: datetime) -> Outcome | None:
    """One turn of the open sitting; its reviews and the cards are written with it. None when none is open."""
    found = open_sitting(session, learner_id)
    if found is None:
        return None
    row, sitting, questions = found
    outcome = move(questions, sitting)
    for answer in outcome.reviewed:
        slug, _, item_id = answer.key.partition("/")
        card = session.scalars(select(ReviewCard).where(ReviewCard.learner_id == learner_id, ReviewCard.slug == slug,
                                                        ReviewCard.item_id == item_id)).one()
        course = course_of(session, card.version_id)
        graded(session, learner_id, course, card.version_id, item_id, answer.correct, now)
        session.add(Review(learner_id=learner_id, slug=slug, item_id=item_id, rating=review.rating_of(answer.correct),
                           correct=answer.correct, answer=answer.answer[:200], at=now))
    nudged_not_in_vain(session, learner_id)
    if outcome.sitting is None:
        session.delete(row)
    else:
        row.state, row.touched_at = outcome.sitting.model_dump(mode="json"), now
    session.flush()
    return outcome


def stop(session: Session, learner_id: int) -> bool:
    """Closes the open sitting, keeping its place; False when none was open."""
    return session.execute(update(Revision).where(Revision.learner_id == learner_id, Revision.active)
                           .values(active=False)).rowcount > 0


def choose_hour(session: Session, learner_id: int, hour: int | None) -> None:
    """The local hour for nudges, or none."""
    learner = session.get_one(Learner, learner_id)
    learner.nudge_hour = hour
    nudged_not_in_vain(session, learner_id)
    session.flush()
