"""The register of controlled documents: what citizens are told, who answers for it, which version, reviewed when.

Procedures, courses, drills and open tables keep their own dates and versions, which are read here and not copied. Canned replies and
drills come with a release: their versions are noted when the service first runs with them (`note_shipped`). Flushes only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from bot.clock import local
from bot.config import Settings
from bot.errors import Refusal
from bot.language.normalise import fold
from bot.services import audit, drills, outbox
from bot.services.catalogue import digest
from bot.services.staff import Who
from bot.services.versions import course_of
from bot.store.tables import (
    AuditEntry,
    ControlledDocument,
    Conversation,
    CourseVersion,
    OpenTable,
    ProcedureRow,
    ProcedureVersion,
    ShippedVersion,
    Staff,
)
from bot.wording import say, sentences

KINDS = {"procedure": "Thủ tục", "course": "Khoá học", "drill": "Bài diễn tập", "reply": "Câu trả lời có sẵn", "data": "Bảng dữ liệu mở",
         "import": "Đợt nhập thủ tục", "ways": "Cách hỏi thủ tục"}
"""An import is one document for all the records that still stand as they came that local day, the ways to ask are one together."""
WAYS = "ways:all"
REVIEWED_EVERY = timedelta(days=365)
"""Of a document that carries no date of its own and for which staff have chosen none."""
AHEAD = (30, 7)
"""Days before the review date at which the owner is reminded, once each."""
NOTICE = "staff_notice"
FROM_FILE = "thủ tục từ tệp "
"""How the log names an import."""
MOST_NAMED = 5
GROUPS = {
    "ticket": "phản ánh, kiến nghị", "report": "báo tin lừa đảo, tin giả", "suspicious": "xem tin nghi ngờ", "reminder": "lời nhắc", "drill": "diễn tập",
    "dossier": "trạng thái hồ sơ", "human": "gặp cán bộ", "link": "nối thiết bị", "unlink": "gỡ thiết bị", "nudge": "mời học tiếp", "review": "ôn bài",
    "news": "nhận tin", "certificate": "chứng nhận", "rate": "chấm điểm", "rated": "chấm điểm, cảm ơn", "consent": "đồng ý lưu dữ liệu",
    "privacy": "yêu cầu về dữ liệu", "erase": "xóa dữ liệu", "secret": "che số bí mật", "commune": "xã, phường", "office": "liên hệ xã, phường",
    "open": "dữ liệu mở", "course": "khoá học", "courses": "danh sách khoá học", "progress": "tiến độ học", "emergency": "vừa bị lừa",
}
"""Beginning of a sentence's name -> what its group is about; all others stand together."""
REST = "chung"


@dataclass(frozen=True)
class Document:
    """A line of the register. version: as people call it; versions: how many are known. where: its page for staff, "" without one."""

    key: str
    title: str
    version: str
    versions: int
    approver: str
    effective_on: date
    review_on: date
    own_date: bool
    owner_id: int | None
    owner: str
    where: str

    @property
    def kind(self) -> str:
        return self.key.partition(":")[0]


@dataclass(frozen=True)
class Version:
    """A line of the history of a document, the newest first."""

    at: datetime
    name: str
    author: str
    approver: str
    note: str


# --- what came with the release ----------------------------------------------------------------------------------------

def groups() -> dict[str, dict[str, str]]:
    """The canned sentences by group."""
    found: dict[str, dict[str, str]] = {}
    for name, sentence in sentences().items():
        head = name.partition("_")[0]
        found.setdefault(head if head in GROUPS else REST, {})[name] = sentence
    return found


def note_shipped(session: Session, settings: Settings, now: datetime) -> int:
    """Notes the texts of this release, those that changed as a new version; returns how many did."""
    texts: dict[str, tuple[str, str, date | None]] = {
        f"reply:{name}": (f"Câu có sẵn: {GROUPS.get(name, name)} ({len(found)} câu)", digest(found), None) for name, found in groups().items()}
    texts |= {f"drill:{slug}": (drill.title, digest(drill.model_dump(mode="json")), drill.review_by)
              for slug, drill in drills.shelf(settings.courses_dir).items()}
    known = {(v.key, v.sha256): v for v in session.scalars(select(ShippedVersion))}
    changed = 0
    for key, (title, sha, review_by) in texts.items():
        row = known.get((key, sha))
        if row is not None and row.live:
            continue
        session.execute(update(ShippedVersion).where(ShippedVersion.key == key).values(live=False))
        if row is None:
            session.add(ShippedVersion(key=key, title=title, sha256=sha, review_by=review_by, seen_at=now, live=True))
        else:  # a release was taken back
            row.live = True
        changed += 1
    gone = [v.id for (key, _), v in known.items() if key not in texts and v.live]
    session.execute(update(ShippedVersion).where(ShippedVersion.id.in_(gone)).values(live=False))
    session.flush()
    return changed


def approve_shipped(session: Session, who: Who, key: str, now: datetime) -> ShippedVersion:
    """Somebody has read the version in use and found it right. Raises Refusal."""
    row = session.scalars(select(ShippedVersion).where(ShippedVersion.key == key, ShippedVersion.live).with_for_update()).first()
    if row is None:
        raise Refusal("Chỉ xác nhận ở đây được câu có sẵn và bài diễn tập; nội dung khác duyệt ở trang soạn.")
    row.approver_id, row.approved_at = who.id, now
    audit.note(session, who.id, who.login, "quality", key, now, approved=row.sha256[:12])
    session.flush()
    return row


# --- the register -------------------------------------------------------------------------------------------------------

def register(session: Session) -> list[Document]:
    """Every controlled document there is, by kind and title."""
    extra = {d.key: d for d in session.scalars(select(ControlledDocument))}
    names = dict(session.execute(select(Staff.id, Staff.name)).all())
    lines = [*_procedures(session), *_imports(session), *_ways(session), *_courses(session, names), *_tables(session, names), *_shipped(session, names)]
    found = []
    for key, title, version, versions, approver, effective, own, where in lines:
        more = extra.get(key)
        review = own or (more.review_on if more is not None else None) or effective + REVIEWED_EVERY
        owner = more.owner_id if more is not None else None
        found.append(Document(key, title, version, versions, approver, effective, review, own is not None, owner, names.get(owner, ""), where))
    order = list(KINDS)
    return sorted(found, key=lambda d: (order.index(d.kind), fold(d.title), d.key))


Line = tuple[str, str, str, int, str, date, date | None, str]
"""key, title, version, versions, approver, effective_on, its own review date, page."""


def _procedures(session: Session) -> Iterable[Line]:
    approvers: dict[str, str] = {}
    counts: dict[str, int] = {}
    for key, approver in session.execute(select(ProcedureVersion.key, ProcedureVersion.approver).order_by(ProcedureVersion.id)):
        approvers[key], counts[key] = approver, counts.get(key, 0) + 1
    for row in session.scalars(select(ProcedureRow).where(ProcedureRow.origin == "curated")):
        code = row.code.partition(":")[2]
        yield (f"procedure:{code}", row.name, row.sha256[:8], max(1, counts.get(row.code, 0)), approvers.get(row.code, ""),
               local(row.studio_at or row.updated_at).date(), date.fromisoformat(row.document["review_by"]), f"/studio/thu-tuc/{code}")


def _days(session: Session, *where: ColumnElement[bool]) -> dict[date, list[str]]:
    """The digests of procedures by the local day they came, the newest day first."""
    found: dict[date, list[str]] = {}
    rows = session.execute(select(ProcedureRow.updated_at, ProcedureRow.sha256).where(*where).order_by(ProcedureRow.updated_at.desc(), ProcedureRow.code))
    for at, sha in rows:
        found.setdefault(local(at).date(), []).append(sha)
    return found


def _imports(session: Session) -> Iterable[Line]:
    importers = {local(at).date(): login for at, login in session.execute(select(AuditEntry.at, AuditEntry.login).where(
        AuditEntry.action == "imported", AuditEntry.about.startswith(FROM_FILE)).order_by(AuditEntry.id))}
    for day, shas in _days(session, ProcedureRow.origin == "imported").items():
        yield (f"import:{day}", f"Thủ tục nhập ngày {day:%d/%m/%Y} ({len(shas)} thủ tục)", digest(shas)[:8], 1, importers.get(day, ""), day, None,
               "/studio/thu-tuc")


def _ways(session: Session) -> Iterable[Line]:
    days = _days(session, ProcedureRow.origin == "ways")
    if days:
        shas = [sha for found in days.values() for sha in found]
        yield (WAYS, f"Cách hỏi của thủ tục không có bài riêng ({len(shas)} thủ tục)", digest(sorted(shas))[:8], 1, "", max(days), None, "/studio/thu-tuc")


def held_in(session: Session, key: str) -> list[str]:
    """The documents that hold a procedure without a text of ours: the import it came with, then earlier and later ones, then the ways to ask.

    An import takes over the records it changes; whoever answered for them goes on doing so until the new one has an owner.
    """
    kind, _, code = key.partition(":")
    if kind != "procedure" or session.get(ProcedureRow, f"curated:{code}") is not None:
        return []
    found = []
    if (row := session.get(ProcedureRow, f"imported:{code}")) is not None:
        mine = f"import:{local(row.updated_at).date()}"
        others = session.scalars(select(ControlledDocument.key).where(ControlledDocument.key.startswith("import:")).order_by(ControlledDocument.key.desc()))
        found = list(dict.fromkeys([mine, *others]))
    return [*found, *([WAYS] if session.get(ProcedureRow, f"ways:{code}") is not None else [])]


def imported(session: Session, who_id: int, now: datetime) -> None:
    """Whoever brought the records in answers for them, until another is chosen."""
    key = f"import:{local(now).date()}"
    row = session.get(ControlledDocument, key) or ControlledDocument(key=key)
    row.owner_id = row.owner_id or who_id
    session.add(row)
    session.flush()


def _courses(session: Session, names: Mapping[int, str]) -> Iterable[Line]:
    counts = dict(session.execute(select(CourseVersion.slug, func.count()).group_by(CourseVersion.slug)).all())
    for row in session.scalars(select(CourseVersion).where(CourseVersion.live)):
        course = course_of(session, row.id)
        yield (f"course:{row.slug}", course.title, str(row.number or 1), counts[row.slug], names.get(row.approver_id or 0, ""),
               local(row.effective_at or row.published_at).date(), course.review_by, f"/studio/khoa-hoc/{row.slug}/phien-ban")


def _tables(session: Session, names: Mapping[int, str]) -> Iterable[Line]:
    counts = dict(session.execute(select(OpenTable.slug, func.count()).group_by(OpenTable.slug)).all())
    for row in session.scalars(select(OpenTable).where(OpenTable.state == "live")):
        yield (f"data:{row.slug}", row.description["title"], str(row.number), counts[row.slug], names.get(row.approver_id or 0, ""),
               local(row.changed_at).date(), None, f"/admin/du-lieu-mo/{row.id}")


def _shipped(session: Session, names: Mapping[int, str]) -> Iterable[Line]:
    counts = dict(session.execute(select(ShippedVersion.key, func.count()).group_by(ShippedVersion.key)).all())
    for row in session.scalars(select(ShippedVersion).where(ShippedVersion.live)):
        yield (row.key, row.title, row.sha256[:8], counts[row.key], names.get(row.approver_id or 0, ""),
               local(row.approved_at or row.seen_at).date(), row.review_by, "")


def document(session: Session, key: str) -> Document | None:
    return next((d for d in register(session) if d.key == key), None)


def history(session: Session, key: str) -> Sequence[Version]:
    """Every version of a document that is known, the newest first, out of the tables that keep it."""
    kind, _, ident = key.partition(":")
    names = dict(session.execute(select(Staff.id, Staff.name)).all())
    if kind == "procedure":
        rows = session.scalars(select(ProcedureVersion).where(ProcedureVersion.key == f"curated:{ident}").order_by(ProcedureVersion.id.desc()))
        return [Version(r.at, r.sha256[:8], r.author, r.approver, r.note) for r in rows]
    if kind in ("import", "ways"):
        one = document(session, key)
        at = func.max(ProcedureRow.updated_at)
        days = {local(at).date(): at for at in session.scalars(select(at).where(ProcedureRow.origin == ("imported" if kind == "import" else "ways"))
                                                               .group_by(ProcedureRow.updated_at).order_by(at))}
        return [Version(days[one.effective_on], one.version, one.approver, "", one.title)] if one is not None else []
    if kind == "course":
        found = session.scalars(select(CourseVersion).where(CourseVersion.slug == ident).order_by(CourseVersion.id.desc()))
        return [Version(r.published_at, str(r.number or 1), names.get(r.author_id or 0, ""), names.get(r.approver_id or 0, ""), r.note or "") for r in found]
    if kind == "data":
        tables = session.scalars(select(OpenTable).where(OpenTable.slug == ident).order_by(OpenTable.number.desc()))
        return [Version(r.at, str(r.number), names.get(r.author_id or 0, ""), names.get(r.approver_id or 0, ""), "") for r in tables]
    shipped = session.scalars(select(ShippedVersion).where(ShippedVersion.key == key).order_by(ShippedVersion.id.desc()))
    return [Version(r.seen_at, r.sha256[:8], "", names.get(r.approver_id or 0, ""), r.title) for r in shipped]


def assign(session: Session, who: Who, key: str, owner_id: int | None, review_on: date | None, now: datetime) -> Document:
    """Who answers for it; and by when it is reviewed, for a document without a date of its own. Raises Refusal."""
    one = document(session, key)
    if one is None:
        raise Refusal("Không có tài liệu này trong danh mục.")
    owner = session.get(Staff, owner_id) if owner_id is not None else None
    if owner_id is not None and (owner is None or not owner.active):
        raise Refusal("Hãy chọn một người đang làm việc.", "owner_id")
    if review_on is not None and not one.own_date and review_on <= local(now).date():
        raise Refusal("Ngày rà soát phải ở sau hôm nay.", "review_on")
    row = session.get(ControlledDocument, key) or ControlledDocument(key=key)
    row.owner_id = owner_id
    if not one.own_date:
        row.review_on = review_on
    session.add(row)
    audit.note(session, who.id, who.login, "quality", key, now, owner=owner.login if owner is not None else None,
               review_on=row.review_on.isoformat() if row.review_on else None)
    session.flush()
    return one


# --- reminders ----------------------------------------------------------------------------------------------------------

def remind(session: Session, now: datetime) -> int:
    """Owners with a linked phone are told what is to be reviewed within 30 and within 7 days, once each, in one message; returns how many messages."""
    today = local(now).date()
    extra = {d.key: d for d in session.scalars(select(ControlledDocument).where(ControlledDocument.owner_id.is_not(None)).with_for_update())}
    if not extra:
        return 0
    due: dict[tuple[int, int], list[Document]] = {}
    for one in register(session):
        if one.key not in extra:
            continue
        left = (one.review_on - today).days
        days = min((d for d in AHEAD if left <= d), default=None)
        row = extra[one.key]
        if days is not None and not (row.told_on == one.review_on and row.told_days is not None and row.told_days <= days):
            due.setdefault((row.owner_id or 0, days), []).append(one)
    sent = 0
    for (owner_id, days), documents in sorted(due.items()):
        owner = session.get(Staff, owner_id)
        talk = session.get(Conversation, owner.conversation_id) if owner is not None and owner.active and owner.conversation_id else None
        if talk is None:
            continue  # the page of the register shows it all the same
        documents.sort(key=lambda d: d.review_on)
        lines = [f"• {d.title} ({d.review_on:%d/%m/%Y})" for d in documents[:MOST_NAMED]]
        if len(documents) > MOST_NAMED:
            lines.append(say("quality_more", count=len(documents) - MOST_NAMED))
        body = {"text": "\n".join([say("quality_review", days=days), *lines]), "buttons": [], "image": None, "quick": False}
        if outbox.enqueue(session, talk, f"quality:{owner_id}:{days}:{today}", NOTICE, body, now) is None:
            continue  # told today already: what has come due since is told tomorrow
        for one in documents:
            extra[one.key].told_on, extra[one.key].told_days = one.review_on, days
        sent += 1
    session.flush()
    return sent
