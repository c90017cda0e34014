"""Keys of other systems for /api/v1: kept as hashes, each with scopes and a pace of its own. Flushes only; the caller commits."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import Refusal
from bot.services import audit
from bot.services.staff import Who
from bot.store.tables import ApiKey

SCOPES = {"ask": "Hỏi thủ tục", "search": "Tìm thủ tục", "courses": "Danh sách khoá học", "figures": "Số liệu"}
NOTED_EVERY = timedelta(minutes=1)


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def make(session: Session, by: Who, name: str, scopes: Collection[str], per_minute: int, now: datetime) -> str:
    """The new key, which is shown this once. Raises Refusal."""
    name = " ".join(name.split())
    if not 2 <= len(name) <= 80:
        raise Refusal("Hãy ghi khoá này cấp cho hệ thống nào, từ 2 đến 80 ký tự.", "name")
    if not scopes or set(scopes) - SCOPES.keys():
        raise Refusal("Hãy chọn ít nhất một quyền.", "scopes")
    if not 1 <= per_minute <= 6000:
        raise Refusal("Số lần mỗi phút từ 1 đến 6000.", "per_minute")
    key = f"tlcds_{secrets.token_urlsafe(30)}"
    row = ApiKey(name=name, key_hash=hashed(key), scopes=sorted(scopes), per_minute=per_minute, created_by=by.id, created_at=now)
    session.add(row)
    session.flush()
    audit.note(session, by.id, by.login, "key", name, now, scopes=sorted(scopes), made=True)
    return key


def find(session: Session, key: str) -> ApiKey | None:
    """The key that is given; None for an unknown or revoked one."""
    return session.scalars(select(ApiKey).where(ApiKey.key_hash == hashed(key), ApiKey.revoked_at.is_(None))).first()


def used(session: Session, key_id: int, now: datetime) -> None:
    session.get_one(ApiKey, key_id).used_at = now


def revoke(session: Session, by: Who, key_id: int, now: datetime) -> None:
    """Raises Refusal."""
    row = session.get(ApiKey, key_id)
    if row is None or row.revoked_at is not None:
        raise Refusal("Không có khoá này hoặc khoá đã thu hồi.")
    row.revoked_at = now
    audit.note(session, by.id, by.login, "key", row.name, now, made=False)


def listed(session: Session) -> Sequence[ApiKey]:
    return session.scalars(select(ApiKey).order_by(ApiKey.id.desc())).all()
