"""Open tables in the database: shipped ones at the start, staff's by upload and a second person's yes. Flushes only; the caller commits.

A shipped table never overwrites what staff published, unless it was checked after that was checked and after the day it was published.
"""

import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.clock import local
from bot.errors import Refusal
from bot.opendata.model import Description, Table, read
from bot.services import audit
from bot.services.catalogue import digest
from bot.services.staff import Who
from bot.store.db import Database
from bot.store.tables import OpenTable

SHIPPED = Path(__file__).parent.parent / "opendata" / "data"
STATES = {"waiting": "chờ người khác duyệt", "live": "đang dùng", "past": "bản cũ", "withdrawn": "đã gỡ", "refused": "không duyệt"}
MOST_BYTES = 4 * 1024 * 1024


def publish_shipped(session: Session, folder: Path, now: datetime) -> int:
    """Makes the tables of the folder (<slug>.yml beside <slug>.csv) live where staff have no newer one; returns how many changed. Raises BadTable."""
    changed = 0
    for described in sorted(folder.glob("*.yml")):
        table = read(described.read_bytes(), described.with_suffix(".csv").read_bytes())
        versions = listed(session, table.description.slug)
        sha = sha_of(table)
        if any(v.sha256 == sha and (v.state in ("live", "withdrawn") or v.origin == "files") for v in versions):
            continue  # in use, taken out by staff, or older than what is in use
        by_staff = next((v for v in versions if v.state in ("live", "withdrawn") and v.origin == "staff"), None)
        if by_staff is not None and table.description.checked_on <= max(
                Description.model_validate(by_staff.description).checked_on, local(by_staff.changed_at).date()):
            continue
        row = added(session, table, "files", None, now)
        go_live(session, row, now)
        changed += 1
    return changed


def sha_of(table: Table) -> str:
    return digest({"description": table.description.model_dump(mode="json"), "rows": list(table.rows)})


def added(session: Session, table: Table, origin: str, author_id: int | None, now: datetime) -> OpenTable:
    slug = table.description.slug
    newest = session.scalar(select(func.max(OpenTable.number)).where(OpenTable.slug == slug)) or 0
    row = OpenTable(slug=slug, number=newest + 1, description=table.description.model_dump(mode="json"), rows=list(table.rows), sha256=sha_of(table),
                    origin=origin, state="waiting", author_id=author_id, at=now, changed_at=now)
    session.add(row)
    session.flush()
    return row


def go_live(session: Session, row: OpenTable, now: datetime) -> None:
    session.execute(update(OpenTable).where(OpenTable.slug == row.slug, OpenTable.state.in_(("live", "withdrawn")), OpenTable.id != row.id)
                    .values(state="past", changed_at=now))
    row.state, row.changed_at = "live", now
    session.flush()


def listed(session: Session, slug: str = "") -> Sequence[OpenTable]:
    """All versions, by table, the newest first."""
    query = select(OpenTable).order_by(OpenTable.slug, OpenTable.number.desc())
    return session.scalars(query.where(OpenTable.slug == slug) if slug else query).all()


def held(session: Session, table_id: int) -> OpenTable:
    """Raises Refusal."""
    row = session.get(OpenTable, table_id, with_for_update=True)
    if row is None:
        raise Refusal("Không có bản này.")
    return row


def table_of(row: OpenTable) -> Table:
    return Table.of(row.description, row.rows)


def upload(session: Session, who: Who, described: bytes, sheet: bytes, now: datetime) -> OpenTable:
    """Both files as a version that waits for another person. Raises BadTable with every fault, Refusal."""
    if len(described) + len(sheet) > MOST_BYTES:
        raise Refusal(f"Hai tệp lớn quá; nhiều nhất {MOST_BYTES // 1024 ** 2} MB.", "sheet")
    table = read(described, sheet)
    sha = sha_of(table)
    if any(v.sha256 == sha and v.state in ("live", "waiting") for v in listed(session, table.description.slug)):
        raise Refusal("Bảng này giống hệt bản đang dùng hoặc đang chờ duyệt.", "sheet")
    row = added(session, table, "staff", who.id, now)
    audit.note(session, who.id, who.login, "imported", f"data:{row.slug}", now, number=row.number, rows=len(table.rows))
    return row


def publish(session: Session, who: Who, table_id: int, now: datetime) -> OpenTable:
    """A waiting version is told to citizens from now on, an older or withdrawn one again. Nobody approves what they uploaded. Raises Refusal."""
    row = held(session, table_id)
    if row.state == "live":
        raise Refusal("Bản này đang được dùng rồi.")
    if row.author_id == who.id:
        raise Refusal("Bảng bạn tải lên phải do người khác duyệt.")
    before = row.state
    row.approver_id = who.id
    go_live(session, row, now)
    audit.note(session, who.id, who.login, "published" if before == "waiting" else "rolled_back", f"data:{row.slug}", now, number=row.number)
    return row


def end(session: Session, who: Who, table_id: int, now: datetime) -> OpenTable:
    """A waiting version is refused, one in use is taken out: the chat no longer answers from it. Raises Refusal."""
    row = held(session, table_id)
    if row.state not in ("waiting", "live"):
        raise Refusal("Bản này không chờ duyệt và cũng không được dùng.")
    row.state, row.changed_at = "refused" if row.state == "waiting" else "withdrawn", now
    audit.note(session, who.id, who.login, "refused", f"data:{row.slug}", now, number=row.number, state=row.state)
    session.flush()
    return row


class OpenTables:
    """The tables in use, read again when they have changed; safe for many threads."""

    def __init__(self, database: Database):
        self._database = database
        self._lock = threading.Lock()
        self._stamp: tuple | None = None
        self._tables: tuple[Table, ...] = ()

    def tables(self) -> tuple[Table, ...]:
        with self._database.read() as session:
            # the content of a version never changes, so their ids tell all
            stamp = tuple(session.scalars(select(OpenTable.id).where(OpenTable.state == "live").order_by(OpenTable.slug)))
            if stamp == self._stamp:
                return self._tables
            with self._lock:
                rows = session.scalars(select(OpenTable).where(OpenTable.state == "live").order_by(OpenTable.slug)).all()
                self._tables = tuple(map(table_of, rows))
                self._stamp = stamp
                return self._tables

    def table(self, slug: str) -> Table | None:
        return next((t for t in self.tables() if t.description.slug == slug), None)
