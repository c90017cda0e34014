"""What is open in the chat to be answered: a revision or a lesson, never both. The doors ask here; each keeps its own rows."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.learning import engine, review
from bot.learning.asking import Say
from bot.learning.engine import Event, Progress
from bot.services import learn, revise
from bot.services.versions import course_of
from bot.store.tables import Attempt


def expectation(session: Session, learner_id: int | None) -> dict[str, Any] | None:
    """What a typed text would answer now, for the pipeline (bot/language/choices.py); None when nothing is open."""
    if learner_id is None:
        return None
    sitting = revise.open_sitting(session, learner_id)
    if sitting is not None:
        _, state, questions = sitting
        return review.screen_of(questions, state).expectation
    enrolment = learn.active_enrolment(session, learner_id)
    if enrolment is None:
        return None
    return engine.expectation(course_of(session, enrolment.version_id), Progress.model_validate(enrolment.progress))


def is_open(session: Session, learner_id: int | None) -> bool:
    return learner_id is not None and (revise.open_sitting(session, learner_id) is not None
                                       or learn.active_enrolment(session, learner_id) is not None)


def stop(session: Session, learner_id: int) -> bool:
    """Closes what is open, keeping its place; False when nothing was."""
    return revise.stop(session, learner_id) | learn.stop(session, learner_id)


@dataclass(frozen=True)
class Moved:
    """What a move led to. events: of a lesson; a revision has none. ended: the revision is over."""

    says: tuple[Say, ...]
    events: tuple[Event, ...] = ()
    ended: bool = False


def move(session: Session, learner_id: int, in_revision: Callable, in_lesson: Callable, now: datetime) -> Moved | None:
    """One move in whatever is open: in_revision(questions, sitting) or in_lesson(course, progress). None when nothing is."""
    sitting = revise.play(session, learner_id, in_revision, now)
    if sitting is not None:
        return Moved(sitting.says, ended=sitting.sitting is None)
    enrolment = learn.active_enrolment(session, learner_id)
    if enrolment is None:
        return None
    outcome = learn.play(session, enrolment, in_lesson, now)
    return Moved(outcome.says, outcome.events)


def typed(session: Session, learner_id: int, text: str, now: datetime) -> Moved | None:
    return move(session, learner_id, lambda q, s: review.typed(q, s, text), lambda c, p: engine.typed(c, p, text), now)


def tapped(session: Session, learner_id: int, item_id: str, pick: Any, now: datetime) -> Moved | None:
    return move(session, learner_id, lambda q, s: review.tapped(q, s, item_id, pick),
                lambda c, p: engine.tapped(c, p, item_id, pick), now)


def go_on(session: Session, learner_id: int, now: datetime) -> Moved | None:
    """"Tiếp": the next card; a question on the screen is asked again."""
    return move(session, learner_id, review.show, engine.go_on, now)


def show(session: Session, learner_id: int, now: datetime) -> Moved | None:
    """What is on the screen, again."""
    return move(session, learner_id, review.show, engine.show, now)


PRAISE = re.compile(r"^(?:Đúng|Chuẩn|Chính xác|Giỏi)[^.!,]{0,20}[.!]\s+(?=\S)")
"""What a feedback begins with for who was right."""


def explained(session: Session, learner_id: int) -> tuple[str, str] | None:
    """(the right answer, why it is right) of the question answered last in this lesson; None when it will be asked again at once, or none was answered."""
    enrolment = learn.active_enrolment(session, learner_id)
    if enrolment is None or revise.open_sitting(session, learner_id) is not None:
        return None
    course, progress = course_of(session, enrolment.version_id), Progress.model_validate(enrolment.progress)
    last = session.scalars(select(Attempt).where(Attempt.enrolment_id == enrolment.id).order_by(Attempt.id.desc()).limit(1)).first()
    item = course.item(last.item_id) if last is not None and last.lesson_id != "before" else None
    if item is None or item == engine.current(course, progress):
        return None
    feedback = item.grade(*item.best()).feedback
    return item.solution(), PRAISE.sub("", feedback) or feedback


def test_first(session: Session, learner_id: int, now: datetime) -> Moved | None:
    """The course's test before its first lesson."""
    return move(session, learner_id, review.show, engine.test_first, now)


def skip_test(session: Session, learner_id: int, now: datetime) -> Moved | None:
    return move(session, learner_id, review.show, engine.skip_test, now)
