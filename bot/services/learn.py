"""Courses in the database: publishing, enrolling, playing a turn, results. Flushes only; the caller commits."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.learning import document, engine
from bot.learning.engine import Outcome, Progress
from bot.learning.model import Course
from bot.services.catalogue import digest
from bot.store.tables import Attempt, CourseVersion, Enrolment


def publish(session: Session, folder: Path, now: datetime) -> int:
    """Makes the files' courses live; a changed file is a new version, and learners in mid-course keep theirs.

    Raises ContentError, changing nothing. Returns the number of live courses.
    """
    courses = document.load_all(folder)
    session.execute(update(CourseVersion).where(CourseVersion.slug.not_in(courses)).values(live=False))
    for slug, course in courses.items():
        doc = course.model_dump(mode="json")
        sha = digest(doc)
        session.execute(update(CourseVersion).where(CourseVersion.slug == slug, CourseVersion.sha256 != sha)
                        .values(live=False))
        known = session.scalars(select(CourseVersion).where(CourseVersion.slug == slug, CourseVersion.sha256 == sha)).first()
        if known:
            known.live = True
        else:
            session.add(CourseVersion(slug=slug, sha256=sha, document=doc, published_at=now, live=True))
    session.flush()
    return len(courses)


_parsed: dict[int, Course] = {}


def course_of(session: Session, version_id: int) -> Course:
    """The course of a version. Versions never change, so each is parsed once a process."""
    if version_id not in _parsed:
        _parsed[version_id] = Course.model_validate(session.get_one(CourseVersion, version_id).document)
    return _parsed[version_id]


def live(session: Session) -> list[tuple[int, Course]]:
    """(version id, course) of everything that can be started, by title."""
    ids = session.scalars(select(CourseVersion.id).where(CourseVersion.live)).all()
    return sorted(((i, course_of(session, i)) for i in ids), key=lambda pair: pair[1].title)


def open_enrolment(session: Session, citizen_id: int) -> Enrolment | None:
    """The unfinished course the citizen touched last."""
    return session.scalars(select(Enrolment).where(Enrolment.citizen_id == citizen_id, Enrolment.completed_at.is_(None))
                           .order_by(Enrolment.touched_at.desc(), Enrolment.id.desc())).first()


def active_enrolment(session: Session, citizen_id: int) -> Enrolment | None:
    """The course that is open in the chat at this moment."""
    return session.scalars(select(Enrolment).where(Enrolment.citizen_id == citizen_id, Enrolment.active)).first()


def expectation(session: Session, citizen_id: int | None) -> dict | None:
    """What a typed text would answer in the open lesson, for the pipeline (bot/language/choices.py)."""
    enrolment = active_enrolment(session, citizen_id) if citizen_id is not None else None
    if enrolment is None:
        return None
    return engine.expectation(course_of(session, enrolment.version_id), Progress.model_validate(enrolment.progress))


def enrol(session: Session, citizen_id: int, slug: str, now: datetime) -> tuple[Enrolment, Course, bool]:
    """The citizen's enrolment in a live course: the unfinished one, else a new round. True when it is new.

    Raises LookupError when no such course is live.
    """
    going = session.scalars(select(Enrolment).where(Enrolment.citizen_id == citizen_id, Enrolment.slug == slug,
                                                    Enrolment.completed_at.is_(None))).first()
    if going is not None:
        return going, course_of(session, going.version_id), False
    version = session.scalars(select(CourseVersion).where(CourseVersion.slug == slug, CourseVersion.live)).first()
    if version is None:
        raise LookupError(slug)
    rounds = session.scalars(select(Enrolment.round).where(Enrolment.citizen_id == citizen_id, Enrolment.slug == slug)).all()
    course = course_of(session, version.id)
    enrolment = Enrolment(citizen_id=citizen_id, slug=slug, round=max(rounds, default=0) + 1, version_id=version.id,
                          progress=engine.begin(secrets.randbits(31)).model_dump(mode="json"), active=False,
                          items_total=len(course.items), started_at=now, touched_at=now)
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
    if enrolment.active:
        session.execute(update(Enrolment).where(Enrolment.citizen_id == enrolment.citizen_id, Enrolment.id != enrolment.id)
                        .values(active=False))
    for event in outcome.events:
        if event.kind == "answered":
            session.add(Attempt(enrolment_id=enrolment.id, lesson_id=event.lesson_id, item_id=event.item_id, nth=event.nth,
                                answer=event.key, correct=event.correct, at=now))
        elif event.kind == "lesson_done":
            enrolment.lessons_done += 1
        else:
            enrolment.completed_at = now
            enrolment.score_percent = engine.score_percent(course, outcome.progress)
            enrolment.passed = engine.passed(course, outcome.progress)
    session.flush()
    return outcome


def stop(session: Session, citizen_id: int) -> bool:
    """Closes the open lesson, keeping its place; False when none was open."""
    return session.execute(update(Enrolment).where(Enrolment.citizen_id == citizen_id, Enrolment.active)
                           .values(active=False)).rowcount > 0


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

    @property
    def share_percent(self) -> int:
        return 100 * self.right // self.total


def results(session: Session, citizen_id: int) -> list[Result]:
    """What the citizen has done, newest first."""
    rows = session.scalars(select(Enrolment).where(Enrolment.citizen_id == citizen_id)
                           .order_by(Enrolment.touched_at.desc(), Enrolment.id.desc())).all()
    return [Result(c.title, e.slug, e.lessons_done, len(c.lessons), e.items_right, e.items_total, e.completed_at)
            for e in rows for c in [course_of(session, e.version_id)]]
