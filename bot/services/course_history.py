"""All courses there are, and the versions of one: listed, compared, brought back. Flushes only; the caller commits."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from bot.errors import Refusal
from bot.learning.compare import Difference
from bot.learning.compare import compare as compared
from bot.learning.remedies import listed
from bot.services import audit
from bot.services.drafts import live_version
from bot.services.publishing import LEAST_REASON, point_to
from bot.services.staff import Who
from bot.services.versions import live
from bot.store.tables import CourseVersion, Draft, Enrolment, Staff


@dataclass(frozen=True)
class Line:
    """A course in the list of the studio. live: its version, None for one that was never published; draft: what is being written on it.

    author: of the draft. review_by: of the live version.
    """

    slug: str
    title: str
    group: str
    lessons: int
    live: CourseVersion | None
    draft: Draft | None
    author: str
    review_by: date | None


def shelf(session: Session) -> list[Line]:
    """Every course that is live or being written, in the order in which citizens see them, new ones last."""
    drafts = {draft.slug: (draft, name) for draft, name in session.execute(select(Draft, Staff.name).join(Staff, Staff.id == Draft.author_id))}
    versions = {v.slug: v for v in session.scalars(select(CourseVersion).where(CourseVersion.live))}
    lines = []
    for _, course in live(session):
        draft, author = drafts.pop(course.slug, (None, ""))
        lines.append(Line(course.slug, course.title, course.group, len(course.lessons), versions[course.slug], draft, author, course.review_by))
    for draft, author in drafts.values():
        lines.append(Line(draft.slug, str(draft.document.get("title") or "Khoá chưa có tên"), str(draft.document.get("group")),
                          len(listed(draft.document, "lessons")), None, draft, author, None))
    return lines


@dataclass(frozen=True)
class Version:
    """A line of the history. author, approver: names, "" for a version of a file; learners: people who are or were on it."""

    id: int
    number: int
    origin: str
    published_at: datetime
    effective_at: datetime | None
    live: bool
    author: str
    approver: str
    note: str
    learners: int


def history(session: Session, slug: str) -> list[Version]:
    """Every version that was ever published, the newest first."""
    author, approver = aliased(Staff), aliased(Staff)
    learners = select(func.count(Enrolment.learner_id.distinct())).where(Enrolment.version_id == CourseVersion.id).scalar_subquery()
    rows = session.execute(select(CourseVersion, author.name, approver.name, learners).outerjoin(author, author.id == CourseVersion.author_id)
                           .outerjoin(approver, approver.id == CourseVersion.approver_id).where(CourseVersion.slug == slug)
                           .order_by(CourseVersion.id.desc()))
    return [Version(v.id, v.number or 0, v.origin, v.published_at, v.effective_at, v.live, wrote or "", approved or "", v.note or "", count)
            for v, wrote, approved, count in rows]


def compare(session: Session, old_id: int, new_id: int) -> list[Difference]:
    """What differs between two versions of one course. Raises Refusal."""
    old, new = session.get(CourseVersion, old_id), session.get(CourseVersion, new_id)
    if old is None or new is None or old.slug != new.slug:
        raise Refusal("Hãy chọn hai bản của cùng một khoá học.")
    return compared(old.document, new.document)


def changes(session: Session, draft: Draft) -> list[Difference]:
    """What the draft would change in the course as it is now; all of it is new when nothing is live."""
    version = live_version(session, draft.slug)
    return compared(version.document if version is not None else None, draft.document)


def rollback(session: Session, who: Who, slug: str, version_id: int, reason: str, now: datetime) -> CourseVersion:
    """An older version becomes the live one again; an approver may do that alone. Raises Refusal."""
    version, reason = session.get(CourseVersion, version_id, with_for_update=True), " ".join(reason.split())[:1000]
    if version is None or version.slug != slug:
        raise Refusal("Không có bản này.")
    if version.live:
        raise Refusal("Bản này đang được dùng rồi.")
    if len(reason) < LEAST_REASON:
        raise Refusal("Hãy ghi rõ vì sao quay về bản cũ.", "reason")
    before = live_version(session, slug)
    point_to(session, version, now)
    audit.note(session, who.id, who.login, "rolled_back", slug, now, reason=reason, version=version.id, number=version.number,
               from_number=before.number if before is not None else None)
    return version
