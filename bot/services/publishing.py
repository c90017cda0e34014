"""From draft to live version: what stands against it, sending it to an approver, publishing now or on a day. Flushes only.

Whoever approves has written nothing of the draft, whatever their role.
"""

import re
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.clock import local
from bot.config import settings
from bot.errors import Refusal
from bot.learning import document
from bot.learning.check import Claim, texts
from bot.learning.labels import label
from bot.learning.model import Course
from bot.learning.remedies import Place, listed, of_document
from bot.procedures.search import words_of
from bot.services import audit, webhooks
from bot.services.catalogue import digest
from bot.services.drafts import held, live_version, removed
from bot.services.staff import Who
from bot.services.versions import live
from bot.store.tables import CourseVersion, Draft, PublishedPicture, Staff
from bot.yamlfile import plain

LEAST_REASON = 10


class Blocked(Refusal):
    """It cannot go out like this. places: what blocks it."""

    def __init__(self, places: list[Place]):
        self.places = places
        super().__init__(f"Còn {len(places)} chỗ phải sửa. Chỗ đầu tiên: {places[0].where}: {places[0].message}")


@lru_cache(maxsize=1)
def claims() -> tuple[Claim, ...]:
    """What no course may state; the file comes with the software, so it is read once a process."""
    return document.claims_of(settings().courses_dir)


def findings(session: Session, draft: Draft, today: date) -> list[Place]:
    """Everything about the draft that keeps it from going out, and advice; in the document's order. today: local."""
    version = live_version(session, draft.slug)
    approved = frozenset(text for _, text in texts(version.document)) if version is not None else frozenset()
    found = of_document(draft.document, claims(), today, approved)
    found += [Place(loc, told, where=label(draft.document, loc)) for loc, told in of_pictures(session, draft)]
    found += of_others(session, draft)
    return sorted(found, key=lambda place: order(draft.document, place))


def order(root: object, place: Place) -> tuple:
    """Where it stands in the document: settings first, then test and lessons as they come; what blocks before advice."""
    head = place.loc[0] if place.loc else ""
    return (("test", "lessons").index(head) + 1 if head in ("test", "lessons") else 0, [(p, "") if isinstance(p, int) else (-1, p) for p in place.loc],
            not place.blocking)


def of_pictures(session: Session, draft: Draft) -> list[tuple[tuple[str | int, ...], str]]:
    """Pictures that are named but not there."""
    named = [(loc, sha) for loc, sha in pictures_in(draft.document) if not re.fullmatch("[0-9a-f]{64}", sha)
             or session.scalar(select(PublishedPicture.sha256).where(PublishedPicture.sha256 == sha)) is None]
    return [(loc, "Chưa có tệp ảnh. Hãy tải ảnh lên, hoặc bỏ ảnh này.") for loc, _ in named]


def pictures_in(node: object, loc: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], str]]:
    """(path, hash) of every picture of the document; the hash is "" where there is none yet."""
    if isinstance(node, dict):
        own = [(loc, str(node.get("sha") or ""))] if loc and loc[-1] == "picture" else []
        return own + [found for name, one in node.items() for found in pictures_in(one, (*loc, name))]
    if isinstance(node, list):
        return [found for at, one in enumerate(node) for found in pictures_in(one, (*loc, at))]
    return []


def of_others(session: Session, draft: Draft) -> list[Place]:
    """What does not fit the other courses: one that is required and not there, a title that is taken."""
    others = {course.slug: course for _, course in live(session) if course.slug != draft.slug}
    found = [Place(("requires", at), f"Không có khoá “{slug}” đang dùng. Hãy bỏ hoặc chọn khoá khác.", where=label(draft.document, ("requires", at)))
             for at, slug in enumerate(listed(draft.document, "requires")) if slug not in others]
    title = words_of(str(draft.document.get("title") or ""), mending=False)
    if title and any(words_of(c.title, mending=False) == title for c in others.values()):
        found.append(Place(("title",), "Đã có khoá khác mang tên này. Hãy đặt tên khác để người dân khỏi lẫn.", where=label(draft.document, ("title",))))
    return found


def blocking(session: Session, draft: Draft, now: datetime) -> list[Place]:
    return [place for place in findings(session, draft, local(now).date()) if place.blocking]


def submit(session: Session, who: Who, draft_id: int, note: str, now: datetime) -> Draft:
    """To the approvers. note: what they should know. Raises Blocked while something stands against it, Refusal."""
    draft = held(session, draft_id)
    if draft.state != "draft":
        raise Refusal("Bản soạn này đã gửi duyệt rồi.")
    places = blocking(session, draft, now)
    if places:
        raise Blocked(places)
    draft.state, draft.submitted_at, draft.note, draft.refused_why = "review", now, " ".join(note.split())[:1000] or None, None
    audit.note(session, who.id, who.login, "submitted", draft.slug, now, draft=draft.id)
    session.flush()
    return draft


def withdraw(session: Session, who: Who, draft_id: int, now: datetime) -> Draft:
    """Back into the author's hands, also when it was to be published on a day to come. Raises Refusal."""
    draft = held(session, draft_id)
    if draft.state == "draft":
        raise Refusal("Bản soạn này chưa gửi duyệt.")
    audit.note(session, who.id, who.login, "refused", draft.slug, now, draft=draft.id, withdrawn=True)
    return returned(session, draft, None)


def refuse(session: Session, who: Who, draft_id: int, reason: str, now: datetime) -> Draft:
    """Back to the author, who reads the reason. Raises Refusal."""
    draft, reason = held(session, draft_id), " ".join(reason.split())[:1000]
    if draft.state == "draft":
        raise Refusal("Bản soạn này chưa gửi duyệt.")
    if len(reason) < LEAST_REASON:
        raise Refusal("Hãy ghi rõ cần sửa gì, để người soạn biết.", "reason")
    audit.note(session, who.id, who.login, "refused", draft.slug, now, reason=reason, draft=draft.id)
    return returned(session, draft, reason)


def returned(session: Session, draft: Draft, reason: str | None) -> Draft:
    draft.state, draft.refused_why, draft.approver_id, draft.effective_at = "draft", reason, None, None
    session.flush()
    return draft


def may_approve(who: Who, draft: Draft) -> bool:
    """Has this person written nothing of it?"""
    return who.id not in {draft.author_id, *draft.editors}


def publish(session: Session, who: Who, draft_id: int, now: datetime, effective_at: datetime | None = None) -> CourseVersion | None:
    """Makes the draft the live version, in the caller's commit; learners in mid-course keep theirs.

    effective_at: aware; in the future the draft is only scheduled (None comes back) and `publish_due` does it then.
    Raises Refusal for a draft that is not submitted or that this person has worked on, Blocked.
    """
    draft = held(session, draft_id)
    if draft.state != "review":
        raise Refusal("Bản soạn này chưa gửi duyệt." if draft.state == "draft" else "Bản soạn này đã được hẹn ngày công bố.")
    if not may_approve(who, draft):
        raise Refusal("Bạn đã soạn hoặc sửa bản này. Phải một người khác duyệt.")
    places = blocking(session, draft, now)
    if places:
        raise Blocked(places)
    draft.approver_id = who.id
    if effective_at is not None and effective_at > now:
        draft.state, draft.effective_at = "scheduled", effective_at
        audit.note(session, who.id, who.login, "published", draft.slug, now, draft=draft.id, effective=effective_at.isoformat())
        session.flush()
        return None
    version = made_live(session, draft, now)
    audit.note(session, who.id, who.login, "published", draft.slug, now, version=version.id, number=version.number)
    return version


def publish_due(session: Session, now: datetime) -> int:
    """Publishes what was scheduled until now; a draft that something stands against meanwhile goes back to its author. How many."""
    count = 0
    for draft_id in session.scalars(select(Draft.id).where(Draft.state == "scheduled", Draft.effective_at <= now)).all():
        draft = session.get(Draft, draft_id, with_for_update=True, populate_existing=True)
        if draft is None or draft.state != "scheduled":
            continue  # another worker was quicker
        approver = session.get_one(Staff, draft.approver_id)
        try:
            if places := blocking(session, draft, now):
                raise Blocked(places)
            version = made_live(session, draft, now)
        except Refusal as refusal:
            reason = f"Đến ngày công bố thì chưa công bố được. {refusal}"
            audit.note(session, None, "(máy)", "refused", draft.slug, now, reason=reason, draft=draft.id)
            returned(session, draft, reason)
            continue
        audit.note(session, approver.id, approver.login, "published", version.slug, now, version=version.id, number=version.number, scheduled=True)
        count += 1
    return count


def made_live(session: Session, draft: Draft, now: datetime) -> CourseVersion:
    """The version of a draft that nothing stands against; the draft is gone. The same content as an older version is that version."""
    course: Course = document.of(plain(draft.document))
    content = course.model_dump(mode="json")
    sha = digest(content)
    version = session.scalars(select(CourseVersion).where(CourseVersion.slug == draft.slug, CourseVersion.sha256 == sha)).first()
    if version is not None and version.live:
        raise Refusal("Bản này giống hệt bản đang dùng, không có gì để công bố.")
    if version is None:
        version = CourseVersion(slug=draft.slug, sha256=sha, document=content, published_at=now, live=False, origin="studio",
                                number=next_number(session, draft.slug), author_id=draft.author_id, approver_id=draft.approver_id, note=draft.note)
        session.add(version)
    point_to(session, version, now)
    webhooks.enqueue(session, "course", {"slug": version.slug, "title": course.title, "number": version.number},
                     f"course:{version.id}:{now.timestamp():.0f}", now)
    removed(session, draft)
    return version


def next_number(session: Session, slug: str) -> int:
    return (session.scalar(select(func.max(CourseVersion.number)).where(CourseVersion.slug == slug)) or 0) + 1


def point_to(session: Session, version: CourseVersion, now: datetime) -> None:
    """Makes it the one version of its course that can be started, chosen by staff and not by a file."""
    # held first, so that publishing and going back at once do not leave two of them live
    session.scalars(select(CourseVersion.id).where(CourseVersion.slug == version.slug).with_for_update()).all()
    session.execute(update(CourseVersion).where(CourseVersion.slug == version.slug, CourseVersion.live).values(live=False))
    version.live, version.effective_at = True, now
    session.flush()
