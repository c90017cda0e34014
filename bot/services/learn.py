"""Courses in the database: publishing, enrolling, playing a turn, results. Flushes only; the caller commits."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.clock import local
from bot.learning import document, engine
from bot.learning.engine import Outcome, Progress
from bot.learning.model import Course
from bot.services import pictures, revise
from bot.services.catalogue import digest
from bot.services.versions import course_of, live
from bot.store.tables import Attempt, CourseVersion, Enrolment, Review, Revision


def publish(session: Session, folder: Path, now: datetime) -> int:
    """Makes the files' courses live; a changed file is a new version, and learners in mid-course keep theirs.

    Where staff have chosen the live version (publishing.py) it stays, and a changed file only adds to the history.
    Raises ContentError, changing nothing. Returns the number of live courses.
    """
    courses = {slug: pictures.published(session, course, folder, now) for slug, course in document.load_all(folder).items()}
    chosen = set(session.scalars(select(CourseVersion.slug).where(CourseVersion.effective_at.is_not(None))))
    session.execute(update(CourseVersion).where(CourseVersion.slug.not_in({*courses, *chosen})).values(live=False))
    for slug, course in courses.items():
        doc = course.model_dump(mode="json")
        sha = digest(doc)
        known = session.scalars(select(CourseVersion).where(CourseVersion.slug == slug, CourseVersion.sha256 == sha)).first()
        if known is None:
            number = (session.scalar(select(func.max(CourseVersion.number)).where(CourseVersion.slug == slug)) or 0) + 1
            known = CourseVersion(slug=slug, sha256=sha, document=doc, published_at=now, live=False, origin="file", number=number)
            session.add(known)
        if slug not in chosen:
            session.execute(update(CourseVersion).where(CourseVersion.slug == slug, CourseVersion.sha256 != sha).values(live=False))
            known.live = True
    session.flush()
    return session.scalar(select(func.count()).select_from(CourseVersion).where(CourseVersion.live)) or 0


def open_enrolment(session: Session, learner_id: int) -> Enrolment | None:
    """The unfinished course the learner touched last."""
    return session.scalars(select(Enrolment).where(Enrolment.learner_id == learner_id, Enrolment.completed_at.is_(None), Enrolment.left_at.is_(None))
                           .order_by(Enrolment.touched_at.desc(), Enrolment.id.desc())).first()


def active_enrolment(session: Session, learner_id: int) -> Enrolment | None:
    """The course that is open in the chat at this moment."""
    return session.scalars(select(Enrolment).where(Enrolment.learner_id == learner_id, Enrolment.active)).first()


def enrol(session: Session, learner_id: int, slug: str, now: datetime, channel: str | None = None) -> tuple[Enrolment, Course, bool]:
    """The learner's enrolment in a live course: the unfinished one, else a new round. True when it is new.

    Raises LookupError when no such course is live.
    """
    going = session.scalars(select(Enrolment).where(Enrolment.learner_id == learner_id, Enrolment.slug == slug,
                                                    Enrolment.completed_at.is_(None), Enrolment.left_at.is_(None))).first()
    if going is not None:
        return going, course_of(session, going.version_id), False
    version = session.scalars(select(CourseVersion).where(CourseVersion.slug == slug, CourseVersion.live)).first()
    if version is None:
        raise LookupError(slug)
    rounds = session.scalars(select(Enrolment.round).where(Enrolment.learner_id == learner_id, Enrolment.slug == slug)).all()
    course = course_of(session, version.id)
    enrolment = Enrolment(learner_id=learner_id, slug=slug, round=max(rounds, default=0) + 1, version_id=version.id,
                          progress=engine.begin(secrets.randbits(31)).model_dump(mode="json"), active=False,
                          items_total=len(course.items), test_total=len(course.test), started_at=now, touched_at=now, channel=channel)
    session.add(enrolment)
    session.flush()
    return enrolment, course, True


def play(session: Session, enrolment: Enrolment, move: Callable[[Course, Progress], Outcome], now: datetime) -> Outcome:
    """One turn of the engine, its progress, attempts and score written with it."""
    course = course_of(session, enrolment.version_id)
    outcome = move(course, Progress.model_validate(enrolment.progress))
    enrolment.progress = outcome.progress.model_dump(mode="json")
    enrolment.items_right = len(outcome.progress.right)
    enrolment.touched_at = now
    enrolment.active = outcome.progress.phase != "done"
    if enrolment.begun_at is None and begun(outcome):
        enrolment.begun_at = now
    if enrolment.active:
        session.execute(update(Enrolment).where(Enrolment.learner_id == enrolment.learner_id, Enrolment.id != enrolment.id)
                        .values(active=False))
        session.execute(update(Revision).where(Revision.learner_id == enrolment.learner_id).values(active=False))
    for event in outcome.events:
        if event.kind in ("answered", "tested"):
            session.add(Attempt(enrolment_id=enrolment.id, lesson_id=event.lesson_id, item_id=event.item_id, nth=event.nth,
                                answer=event.key, correct=event.correct, at=now))
        elif event.kind == "lesson_done":
            enrolment.lessons_done += 1
        else:
            enrolment.completed_at = now
            enrolment.score_percent = engine.score_percent(course, outcome.progress)
            enrolment.passed = engine.passed(course, outcome.progress)
            # a test left half says nothing; both halves stand in the progress
            enrolment.before_right = sum(outcome.progress.before) if outcome.progress.before else None
            enrolment.after_right = sum(outcome.progress.after) if outcome.progress.after else None
    revise.met(session, enrolment, [e for e in outcome.events if e.kind in ("answered", "tested")], now)
    session.flush()
    return outcome


def begun(outcome: Outcome) -> bool:
    """Has the learner answered something, or come to more than the first card?"""
    here = outcome.progress
    return bool(outcome.events) or here.lesson > 0 or here.at > 0 or here.phase in ("again", "retake", "after", "done")


def show(session: Session, enrolment: Enrolment, now: datetime) -> Outcome:
    """Opens the course in the chat at its place."""
    return play(session, enrolment, engine.show, now)


def stop(session: Session, learner_id: int) -> bool:
    """Closes the open lesson, keeping its place; False when none was open."""
    return session.execute(update(Enrolment).where(Enrolment.learner_id == learner_id, Enrolment.active)
                           .values(active=False)).rowcount > 0


def leave(session: Session, learner_id: int, slug: str, now: datetime) -> bool:
    """Gives a course up; what was done stays in the results. False when the learner is not in it."""
    return session.execute(update(Enrolment).where(
        Enrolment.learner_id == learner_id, Enrolment.slug == slug, Enrolment.completed_at.is_(None), Enrolment.left_at.is_(None))
        .values(active=False, left_at=now)).rowcount > 0


def lacking(session: Session, learner_id: int | None, course: Course) -> list[Course]:
    """Live courses that are better taken before this one and that the learner has not completed."""
    done = set(session.scalars(select(Enrolment.slug).where(Enrolment.learner_id == learner_id, Enrolment.completed_at.is_not(None))))
    return [c for _, c in live(session) if c.slug in course.requires and c.slug not in done]


def streak_days(session: Session, learner_id: int, today: date) -> int:
    """On how many days in a row, up to today or yesterday, something was answered. Local dates."""
    moments = session.scalars(select(Attempt.at).join(Enrolment, Enrolment.id == Attempt.enrolment_id)
                              .where(Enrolment.learner_id == learner_id)).all()
    moments += session.scalars(select(Review.at).where(Review.learner_id == learner_id)).all()
    days = {local(at).date() for at in moments}
    day = today if today in days else today - timedelta(days=1)
    count = 0
    while day in days:
        count, day = count + 1, day - timedelta(days=1)
    return count


@dataclass(frozen=True)
class Result:
    """A line of "kết quả của tôi"; every figure is a column or a quotient of columns. completed_at: UTC or None."""

    title: str
    slug: str
    lessons_done: int
    lessons: int
    right: int
    total: int
    completed_at: datetime | None
    left_at: datetime | None = None
    enrolment_id: int = 0
    touched_at: datetime | None = None

    @property
    def share_percent(self) -> int:
        return 100 * self.right // self.total


def results(session: Session, learner_id: int) -> list[Result]:
    """What the learner has done, newest first."""
    rows = session.scalars(select(Enrolment).where(Enrolment.learner_id == learner_id)
                           .order_by(Enrolment.touched_at.desc(), Enrolment.id.desc())).all()
    return [Result(c.title, e.slug, e.lessons_done, len(c.lessons), e.items_right, e.items_total, e.completed_at, e.left_at, e.id, e.touched_at)
            for e in rows for c in [course_of(session, e.version_id)]]
