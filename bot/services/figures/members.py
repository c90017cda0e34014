"""Whom the page of a course is about: everybody who took it up in the period, each counted once, in their first round of it.

So a count of rows is a count of people, and every table of the page speaks of the same ones.
"""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CTE, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Float

from bot.errors import Refusal
from bot.learning.model import Course
from bot.services.figures.hiding import hide_column
from bot.services.figures.periods import Filter
from bot.services.figures.sql import within
from bot.services.versions import course_of
from bot.store.tables import Citizen, CourseVersion, Enrolment, Learner

WEEK_SECONDS = 7 * 24 * 3600
DAY_SECONDS = 24 * 3600


class seconds_between(FunctionElement):
    """From the first instant to the second, to the millisecond."""

    type = Float()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _(element, compiler, **kw):
    begin, end = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"ROUND((julianday({end}) - julianday({begin})) * 86400, 3)"


@compiles(seconds_between, "postgresql")
def _(element, compiler, **kw):
    begin, end = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(ROUND(EXTRACT(epoch FROM ({end} - {begin})), 3) AS double precision)"


def first_rounds(flt: Filter, slug: str, version_id: int | None = None) -> CTE:
    """The enrolments (column id, learner_id) of these people. version_id: only of this version."""
    query = select(func.min(Enrolment.id).label("id"), Enrolment.learner_id).where(
        Enrolment.slug == slug, Enrolment.started_at >= flt.period.begins, Enrolment.started_at < flt.period.ends)
    if version_id is not None:
        query = query.where(Enrolment.version_id == version_id)
    if flt.communes:
        query = query.join(Learner, Learner.id == Enrolment.learner_id).join(Citizen, Citizen.id == Learner.citizen_id)
    return query.where(*within(flt, Enrolment.channel, Citizen.commune)).group_by(Enrolment.learner_id).cte("first_rounds")


def shown_alone(session: Session, flt: Filter, slug: str, version_id: int | None = None) -> None:
    """Raises Refusal for a commune, channel or version of few people, and for one whose people would tell those of another by subtraction.

    The pages of all and of each of them are open to the same reader, so the choice is treated as a row of a table of all.
    """
    within_reach = replace(flt, commune="", channel="")
    chosen = (("commune", Citizen.commune, flt.commune, "xa", "Xã, phường"), ("channel", Enrolment.channel, flt.channel, "kenh", "Kênh"),
              ("version", Enrolment.version_id, version_id, "", "Bản"))
    for name, column, value, field, words in chosen:
        if not value:
            continue
        kept = replace(within_reach, **{k: getattr(flt, k) for k in ("commune", "channel") if k != name})
        query = select(column, func.count(Enrolment.learner_id.distinct())).join(Learner, Learner.id == Enrolment.learner_id) \
            .join(Citizen, Citizen.id == Learner.citizen_id) \
            .where(Enrolment.slug == slug, Enrolment.started_at >= flt.period.begins, Enrolment.started_at < flt.period.ends,
                   *within(kept, Enrolment.channel, Citizen.commune)).group_by(column)
        if name != "version" and version_id is not None:
            query = query.where(Enrolment.version_id == version_id)
        people = dict(session.execute(query).all())
        if value in people and (list(people).index(value), 0) in hide_column(list(people.values())).marks:
            raise Refusal(f"{words} này có quá ít người học trong kỳ, hoặc hiện riêng thì tính ngược được nơi có quá ít người. "
                          "Hãy chọn rộng hơn hay kỳ dài hơn.", field)


class Version(NamedTuple):
    """A published version; number counts from 1, the first of them for those that were published before versions were numbered."""

    id: int
    number: int
    live: bool
    published_at: datetime


def versions_of(session: Session, slug: str) -> list[Version]:
    """Every version of the course that was ever published: the one in use first, then the newest. Documents are not read."""
    rows = session.execute(select(CourseVersion.id, CourseVersion.number, CourseVersion.live, CourseVersion.published_at)
                           .where(CourseVersion.slug == slug).order_by(CourseVersion.published_at, CourseVersion.id)).all()
    found = [Version(r.id, r.number or at, r.live, r.published_at) for at, r in enumerate(rows, 1)]
    return sorted(found, key=lambda v: (v.live, v.number), reverse=True)


def shown_course(session: Session, slug: str, version_id: int | None = None) -> Course | None:
    """The course whose order and words a page shows: the chosen version, else the one in use, else the newest. None for an unknown one."""
    found = [v.id for v in versions_of(session, slug) if version_id in (None, v.id)]
    return course_of(session, found[0]) if found else None
