"""Published versions of courses: immutable, so each is parsed once a process."""

from weakref import WeakKeyDictionary

from sqlalchemy import Pool, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.learning import document
from bot.learning.model import Course
from bot.store.db import Database
from bot.store.tables import CourseVersion

_parsed: WeakKeyDictionary[Pool, dict[int, Course]] = WeakKeyDictionary()
"""By database, for ids are its own; the pool stands for it, sessions that read and sessions that write share one."""


def course_of(session: Session, version_id: int) -> Course:
    """The course of a version. Versions never change, so each is parsed once a process."""
    parsed = _parsed.setdefault(session.get_bind().engine.pool, {})
    if version_id not in parsed:
        parsed[version_id] = document.of(session.get_one(CourseVersion, version_id).document)
    return parsed[version_id]


def live(session: Session) -> list[tuple[int, Course]]:
    """(version id, course) of everything that can be started, in the order in which it is best taken."""
    ids = session.scalars(select(CourseVersion.id).where(CourseVersion.live)).all()
    return sorted(((i, course_of(session, i)) for i in ids), key=lambda pair: (pair[1].group, pair[1].rank, pair[1].title))


def slugs(database: Database) -> frozenset[str] | None:
    """Of everything that can be started; None for a database that cannot be read, as before the first `bot db`."""
    try:
        with database.read() as session:
            return frozenset(session.scalars(select(CourseVersion.slug).where(CourseVersion.live)))
    except SQLAlchemyError:
        return None
