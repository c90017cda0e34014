"""The log of what staff did: grows only, each row sealed by the one before it. Flushes only; the caller commits."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.store.tables import AuditEntry

ACTIONS = {
    "sign_in": "Đăng nhập", "sign_in_failed": "Đăng nhập không được", "sign_out": "Đăng xuất", "password": "Đổi mật khẩu",
    "second_factor": "Xác thực hai bước", "staff_added": "Thêm nhân sự", "staff_invited": "Mời nhân sự", "staff_changed": "Đổi vai trò",
    "submitted": "Gửi duyệt", "refused": "Trả lại bản soạn", "published": "Công bố", "rolled_back": "Quay về bản cũ", "imported": "Nhập dữ liệu",
    "exported": "Xuất dữ liệu", "raw_text_seen": "Xem lời người dân", "switched": "Bật, tắt dịch vụ", "replayed": "Gửi lại thư lỗi",
    "report_made": "Lập báo cáo", "report_scheduled": "Đặt lịch báo cáo", "privacy_request": "Yêu cầu về dữ liệu cá nhân",
    "key": "Khoá API", "webhook": "Nơi nhận sự kiện", "broadcast": "Gửi thông báo", "ticket": "Xử lý phản ánh", "hand_over": "Trò chuyện thay máy",
    "commune": "Xã, phường", "quality": "Chất lượng",
}
"""Every action there is, with the words staff read."""

FIRST = "0" * 64


def note(session: Session, staff_id: int | None, login: str, action: str, about: str, now: datetime, reason: str | None = None,
         **detail: Any) -> AuditEntry:
    """Adds a row. Raises KeyError for an action that is not listed. about, detail: ids and names of content, never of citizens."""
    ACTIONS[action]
    _one_at_a_time(session)
    before = session.scalar(select(AuditEntry.digest).order_by(AuditEntry.id.desc()).limit(1)) or FIRST
    row = AuditEntry(at=now, staff_id=staff_id, login=login[:80], action=action, about=about[:200], detail=detail, reason=reason, digest="")
    row.digest = digest_of(row, before)
    session.add(row)
    session.flush()
    return row


def _one_at_a_time(session: Session) -> None:
    """Two rows written at once would both follow the same one. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(7201)"))


def digest_of(row: AuditEntry, before: str) -> str:
    """SHA-256 over everything the row says and the digest of the row before it."""
    said = [before, row.at.astimezone(UTC).isoformat(), row.staff_id, row.login, row.action, row.about, row.detail, row.reason]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def first_broken(session: Session) -> int | None:
    """The id of the first row that does not follow from those before it; None when the whole log is as it was written."""
    before = FIRST
    for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=500)):
        if row.digest != digest_of(row, before):
            return row.id
        before = row.digest
    return None


def listed(session: Session, action: str = "", login: str = "", before_id: int | None = None, most: int = 100) -> Sequence[AuditEntry]:
    """The newest rows first; action, login: only theirs; before_id: only older ones, for the next page."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(most)
    if action:
        query = query.where(AuditEntry.action == action)
    if login:
        query = query.where(AuditEntry.login == login)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return session.scalars(query).all()
