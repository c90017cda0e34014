"""Courses as they are being written: begun, saved step by step, undone, thrown away. Flushes only; the caller commits.

One draft a course is open at a time; several people may work on it, each save names the revision it was made on.
"""

import json
import unicodedata
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.clock import local
from bot.errors import Refusal
from bot.learning.model import FORMAT
from bot.learning.upgrades import upgraded
from bot.procedures.search import words_of
from bot.services.staff import Who
from bot.store.tables import CourseVersion, Draft, DraftStep, Staff

KEEP_STEPS = 200
MOST_CHARACTERS = 1_000_000
"""Of a document as JSON; the longest shipped course has a tenth of it."""
REVIEWED_AFTER = timedelta(days=180)
GROUPS = ("citizens", "staff")


class Conflict(Refusal):
    """Somebody else has saved since the page was loaded. revision: of the draft as it is now."""

    def __init__(self, revision: int):
        self.revision = revision
        super().__init__("Có người khác vừa sửa khoá này. Hãy mở lại trang để xem bản mới rồi sửa tiếp.")


def open_draft(session: Session, slug: str) -> Draft | None:
    """The draft of the course, None when nobody is writing on it."""
    return session.scalars(select(Draft).where(Draft.slug == slug)).first()


def open_drafts(session: Session) -> Sequence[Draft]:
    """All of them, the newest first."""
    return session.scalars(select(Draft).order_by(Draft.updated_at.desc(), Draft.id.desc())).all()


def document_of(session: Session, slug: str) -> dict[str, Any] | None:
    """The course's document as it would be edited: of the open draft, else of the live version; None for an unknown course."""
    draft = open_draft(session, slug)
    if draft is not None:
        return draft.document
    live = live_version(session, slug)
    return upgraded(live.document) if live is not None else None


def live_version(session: Session, slug: str) -> CourseVersion | None:
    return session.scalars(select(CourseVersion).where(CourseVersion.slug == slug, CourseVersion.live)).first()


def create(session: Session, who: Who, title: str, group: str, now: datetime) -> Draft:
    """A new course: a draft with one empty lesson. group: citizens or staff. Raises Refusal."""
    title = " ".join(unicodedata.normalize("NFC", title).split())
    if not 3 <= len(title) <= 120:
        raise Refusal("Hãy ghi tên khoá học, từ 3 đến 120 ký tự.", "title")
    if group not in GROUPS:
        raise Refusal("Hãy chọn khoá học dành cho ai.", "group")
    slug = free_slug(session, title)
    return opened(session, who, slug, empty(slug, title, group, now), None, now)


def empty(slug: str, title: str, group: str, now: datetime) -> dict[str, Any]:
    """What a new course begins with. Its one source is for practice advice of our own; facts need one of grade A or B."""
    today = local(now).date()
    return {
        "format": FORMAT, "slug": slug, "title": title, "group": group, "scams": False, "rank": 50, "audience": "", "summary": "", "aliases": [],
        "requires": [], "minutes": 4, "pass_percent": 80, "checked_on": today.isoformat(), "review_by": (today + REVIEWED_AFTER).isoformat(),
        "sources": [{"id": "KD", "title": "Lời khuyên thực hành của nhóm biên soạn", "grade": "KD"}], "test": [],
        "lessons": [{"id": "l1", "title": "", "goal": "", "minutes": 4, "steps": [], "remember": ""}]}


def free_slug(session: Session, title: str) -> str:
    """A name for addresses, made of the title: letters without marks, numbered when it is taken."""
    base = words_of(title, mending=False).replace(" ", "-")[:54].strip("-")
    base = base if len(base) >= 3 else f"khoa-{base}".strip("-")
    taken = {*session.scalars(select(CourseVersion.slug)), *session.scalars(select(Draft.slug))}
    return next(slug for n in range(len(taken) + 1) if (slug := base if n == 0 else f"{base}-{n + 1}") not in taken)


def begin(session: Session, who: Who, slug: str, now: datetime) -> Draft:
    """The open draft of the course, or a new one of its live version. Raises Refusal for an unknown course."""
    draft = open_draft(session, slug)
    if draft is not None:
        return draft
    version = live_version(session, slug) or session.scalars(
        select(CourseVersion).where(CourseVersion.slug == slug).order_by(CourseVersion.id.desc())).first()
    if version is None:
        raise Refusal("Không có khoá học này.")
    return opened(session, who, slug, deepcopy(upgraded(version.document)), version.id, now)


def opened(session: Session, who: Who, slug: str, document: dict[str, Any], base_version_id: int | None, now: datetime) -> Draft:
    draft = Draft(slug=slug, document=document, revision=1, step=1, state="draft", author_id=who.id, editors=[who.id],
                  base_version_id=base_version_id, created_at=now, updated_at=now)
    try:
        with session.begin_nested():
            session.add(draft)
    except IntegrityError as error:  # two people pressed at once; the other one's is there when this page is loaded again
        raise Refusal("Vừa có người mở bản soạn này. Hãy thử lại.") from error
    session.add(DraftStep(draft_id=draft.id, number=1, document=document, at=now, staff_id=who.id))
    session.flush()
    return draft


def to_edit(session: Session, draft_id: int, revision: int | None = None) -> Draft:
    """The draft, held until the commit. Raises Refusal when it is gone or awaits an approver, Conflict for another revision."""
    draft = held(session, draft_id)
    if draft.state != "draft":
        raise Refusal("Bản soạn đang chờ duyệt nên chưa sửa được. Rút về trước rồi hãy sửa.")
    if revision is not None and revision != draft.revision:
        raise Conflict(draft.revision)
    return draft


def held(session: Session, draft_id: int) -> Draft:
    draft = session.get(Draft, draft_id, with_for_update=True, populate_existing=True)
    if draft is None:
        raise Refusal("Bản soạn này không còn: đã công bố hoặc đã bỏ.")
    return draft


def save(session: Session, who: Who, draft_id: int, revision: int, document: dict[str, Any], now: datetime) -> Draft:
    """The document as the draft's newest step, which undo goes back from; the same document again changes nothing.

    revision: of the draft that was edited. Any document is taken, however incomplete. Raises Conflict, Refusal.
    """
    draft = to_edit(session, draft_id, revision)
    document = {**tidy(document), "format": FORMAT, "slug": draft.slug}
    if document == draft.document:
        return draft
    # what was undone cannot be redone once something else is written
    session.execute(delete(DraftStep).where(DraftStep.draft_id == draft.id, DraftStep.number > draft.step))
    draft.step += 1
    session.add(DraftStep(draft_id=draft.id, number=draft.step, document=document, at=now, staff_id=who.id))
    session.execute(delete(DraftStep).where(DraftStep.draft_id == draft.id, DraftStep.number <= draft.step - KEEP_STEPS))
    return changed(session, who, draft, document, now)


def changed(session: Session, who: Who, draft: Draft, document: dict[str, Any], now: datetime) -> Draft:
    draft.document, draft.revision, draft.updated_at = document, draft.revision + 1, now
    if who.id not in draft.editors:
        draft.editors = [*draft.editors, who.id]
    session.flush()
    return draft


def tidy(document: Any) -> dict[str, Any]:
    """The document as it is kept: plain JSON, text in NFC, without control characters. Raises Refusal."""
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError) as error:  # among them half of a surrogate pair
        raise Refusal("Nội dung gửi lên có ký tự không đọc được. Hãy gõ lại chỗ vừa sửa.") from error
    if not isinstance(document, dict) or len(text) > MOST_CHARACTERS:
        raise Refusal("Nội dung gửi lên không phải một khoá học, hoặc quá dài.")
    return _clean(document)


def _clean(node: Any) -> Any:
    if isinstance(node, dict):
        return {_clean(str(k)): _clean(v) for k, v in node.items()}
    if isinstance(node, list | tuple):
        return [_clean(v) for v in node]
    if isinstance(node, str):
        return "".join(c for c in unicodedata.normalize("NFC", node) if c in "\n\t" or unicodedata.category(c) != "Cc")
    return node


def undo(session: Session, who: Who, draft_id: int, revision: int, now: datetime) -> Draft:
    """Back by one step. Raises Conflict, Refusal."""
    draft = to_edit(session, draft_id, revision)
    return gone_to(session, who, draft, select(func.max(DraftStep.number)).where(DraftStep.draft_id == draft.id, DraftStep.number < draft.step),
                   "Không còn bước nào để lùi lại.", now)


def redo(session: Session, who: Who, draft_id: int, revision: int, now: datetime) -> Draft:
    """Forward again by one step that was undone. Raises Conflict, Refusal."""
    draft = to_edit(session, draft_id, revision)
    return gone_to(session, who, draft, select(func.min(DraftStep.number)).where(DraftStep.draft_id == draft.id, DraftStep.number > draft.step),
                   "Không có bước nào để làm lại.", now)


def gone_to(session: Session, who: Who, draft: Draft, number: Any, nothing: str, now: datetime) -> Draft:
    step = session.get(DraftStep, (draft.id, session.scalar(number) or 0))
    if step is None:
        raise Refusal(nothing)
    draft.step = step.number
    return changed(session, who, draft, step.document, now)


def can_undo_redo(session: Session, draft: Draft) -> tuple[bool, bool]:
    """Is there a step before this one, and one after it?"""
    least, most = session.execute(select(func.min(DraftStep.number), func.max(DraftStep.number)).where(DraftStep.draft_id == draft.id)).one()
    return least < draft.step, most > draft.step


def discard(session: Session, who: Who, draft_id: int) -> None:
    """Throws the draft away; what is live stays. Raises Refusal while it awaits an approver."""
    removed(session, to_edit(session, draft_id))


def removed(session: Session, draft: Draft) -> None:
    session.execute(delete(DraftStep).where(DraftStep.draft_id == draft.id))
    session.delete(draft)
    session.flush()


def names(session: Session, ids: Sequence[int | None]) -> dict[int, str]:
    """Who these members of staff are."""
    found = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_({i for i in ids if i is not None})))
    return dict(found.all())  # type: ignore[arg-type]
