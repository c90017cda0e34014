"""The list of courses and the page of one: what page, export and tests take. Each table is made in the module it comes from."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import Refusal
from bot.services.figures import finishing, funnel, overview, questions, revising
from bot.services.figures.funnel import Place
from bot.services.figures.hiding import LEAST
from bot.services.figures.measures import MEASURES
from bot.services.figures.members import Version, seconds_between, shown_alone, versions_of
from bot.services.figures.periods import Filter
from bot.services.figures.seen import seen
from bot.services.figures.sql import within
from bot.services.figures.table import Column, Table
from bot.services.versions import course_of
from bot.store.tables import Citizen, Enrolment, Learner

HOUR_SECONDS = 3600


def hours_to_finish(session: Session, flt: Filter) -> dict[str, float]:
    """slug -> median hours from enrolling to the end, of the completed enrolments of the period; only of five people and more."""
    query = select(Enrolment.slug, Enrolment.learner_id, seconds_between(Enrolment.started_at, Enrolment.completed_at)).where(
        Enrolment.completed_at.is_not(None), Enrolment.started_at >= flt.period.begins, Enrolment.started_at < flt.period.ends)
    if flt.communes:
        query = query.join(Learner, Learner.id == Enrolment.learner_id).join(Citizen, Citizen.id == Learner.citizen_id)
    if flt.course:
        query = query.where(Enrolment.slug == flt.course)
    took: dict[str, list[float]] = defaultdict(list)
    people: dict[str, set[int]] = defaultdict(set)
    for slug, learner, seconds in session.execute(query.where(*within(flt, Enrolment.channel, Citizen.commune))):
        took[slug].append(seconds)
        people[slug].add(learner)
    return {slug: median(seconds) / HOUR_SECONDS for slug, seconds in took.items() if len(people[slug]) >= LEAST}


@dataclass(frozen=True)
class Listed:
    """All courses. slugs: of the table's rows, in their order, "" for the total."""

    table: Table
    slugs: tuple[str, ...]


def listed(session: Session, flt: Filter) -> Listed:
    """The same figures by course as the overview's, and the time people need. Raises Refusal for a commune and a channel at once."""
    flt = replace(flt, course="")
    if flt.commune and flt.channel:
        raise Refusal("Danh sách khóa học hiện theo xã phường hoặc theo kênh, không theo cả hai: chọn cả hai thì số còn lại quá ít người, dễ lộ ra ai.", "kenh")
    names = overview.course_names(session)
    by_title = {title: str(slug) for slug, title in names.items()}
    found = overview.table_by(flt, "course", seen(session, flt, "course"), names)
    slugs = tuple(by_title.get(str(row[0]), str(row[0])) for row in found.rows[:-1]) + ("",) * bool(found.rows)
    hours = hours_to_finish(session, flt)
    rows = tuple((*row, hours.get(slug)) for row, slug in zip(found.rows, slugs, strict=True))
    hour = Column("hours", "Số giờ đến lúc xong (trung vị)", "number")
    definitions = (*((m.title, m.definition) for m in MEASURES if m.key in {c.key for c in found.columns}),
                   ("Số giờ đến lúc xong", "một nửa số lượt hoàn thành mất ít hơn chừng ấy giờ kể từ lúc ghi danh; tính khi có từ năm người"))
    return Listed(replace(found, key="cac-khoa", title="Các khóa học", columns=(*found.columns, hour), rows=rows, definitions=definitions), slugs)


@dataclass(frozen=True)
class CoursePage:
    """One course. stop: where most people stop, with how many; tables: in the order in which they are shown."""

    title: str
    versions: list[Version]
    stop: tuple[Place, int] | None
    tables: tuple[Table, ...]

    def table(self, key: str) -> Table:
        return next(t for t in self.tables if t.key == key)


def of_course(session: Session, flt: Filter, slug: str, now: datetime, version_id: int | None = None) -> CoursePage | None:
    """Everything about one course, of all its versions or of one; None when there is no such course or version.

    Raises Refusal where what is chosen is of too few people.
    """
    versions = versions_of(session, slug)
    shown_alone(session, flt, slug, version_id)
    way = funnel.counted(session, flt, slug, now, version_id)
    items = questions.counted(session, flt, slug, version_id)
    if way is None or items is None:
        return None
    took = finishing.durations(session, flt, slug, version_id)
    reached = funnel.table(way)
    found = (reached, questions.table(items, [n for n in reached.column("reached") if isinstance(n, int)]), finishing.time_table(took),
             finishing.cohort_table(finishing.cohorts(session, flt, slug, version_id), now),
             revising.memory_table(revising.reviewed(session, flt, slug, version_id)), revising.due_table(revising.due(session, flt, slug, now, version_id)))
    shown = next(v for v in versions if version_id in (None, v.id))
    return CoursePage(course_of(session, shown.id).title, versions, funnel.worst(way), found)


def tables(session: Session, flt: Filter, now: datetime) -> list[Table]:
    """What an export of the courses holds: the list; with a course in the filter, its page."""
    found = of_course(session, flt, flt.course, now) if flt.course else None
    return [listed(session, flt).table] if found is None else list(found.tables)
