"""Events handed on to other systems: a row each before anything is sent, signed, tried again, replayed by hand.

The receiver checks "X-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of '<t>.<body>'>" with the secret it was shown once, and
drops an event whose X-Event-Id it has seen. Flushes only; the caller commits; the network is bot/errands.py's.
"""

import hashlib
import hmac
import ipaddress
import json
import secrets
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.errors import Refusal
from bot.services.keep import Seal
from bot.store.tables import WebhookDelivery, WebhookEndpoint

KINDS = {"incident": "Báo cáo lừa đảo, sự cố", "spread": "Cụm tin lan nhanh", "ticket": "Phản ánh đổi trạng thái", "course": "Khoá học được công bố",
         "procedure": "Thủ tục được công bố", "ping": "Thử kết nối"}
TRIES = 10
LEASE = timedelta(seconds=60)
BATCH = 20
WAITS_SECONDS = (5, 15, 60, 300, 900, 3600, 3600, 7200, 14400)
"""After the first, second … failure: about eight hours in all."""
KEEP = timedelta(days=30)


@dataclass(frozen=True)
class Parcel:
    """One event ready to be sent."""

    id: int
    endpoint_id: int
    url: str
    kind: str
    body: str
    secret: str


def seal_of(key: bytes) -> Seal:
    return Seal(key, b"webhooks")


def add_endpoint(session: Session, seal: Seal, name: str, url: str, kinds: Collection[str], private: bool, now: datetime) -> tuple[WebhookEndpoint, str]:
    """(the endpoint, its secret, which is shown this once). private: addresses inside our network are allowed. Raises Refusal."""
    name = " ".join(name.split())
    if not 2 <= len(name) <= 80:
        raise Refusal("Hãy đặt tên cho nơi nhận, từ 2 đến 80 ký tự.", "receiver")
    unknown = set(kinds) - KINDS.keys()
    if not kinds or unknown:
        raise Refusal("Hãy chọn ít nhất một loại sự kiện.", "kinds")
    checked_address(url, private)
    secret = secrets.token_urlsafe(32)
    row = WebhookEndpoint(name=name, url=url, secret="", kinds=sorted(kinds), active=True, created_at=now)
    session.add(row)
    session.flush()
    row.secret = seal.close(f"webhook:{row.id}", secret)
    session.flush()
    return row, secret


def checked_address(url: str, private: bool) -> None:
    """Raises Refusal for anything but https to a host outside our network (http too, where private addresses are allowed)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refusal("Địa chỉ không đúng.", "url") from error
    if len(url) > 400 or parts.scheme not in (("https", "http") if private else ("https",)) or not parts.hostname or parts.username or parts.password:
        raise Refusal("Địa chỉ phải bắt đầu bằng https:// và không chứa tên, mật khẩu.", "url")
    if not private and (port not in (None, 443) or not is_public(parts.hostname)):
        raise Refusal("Địa chỉ này nằm trong mạng nội bộ hoặc không tìm thấy. Hãy dùng địa chỉ công khai ở cổng 443.", "url")


def is_public(host: str) -> bool:
    """Does every address of the host lie outside private, loopback and link-local networks? Asked again before each sending."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in found)


def switch(session: Session, endpoint_id: int, active: bool) -> WebhookEndpoint:
    """Raises Refusal. What happens while an endpoint is off waits for it and goes when it is on again, for KEEP at the most."""
    row = session.get(WebhookEndpoint, endpoint_id)
    if row is None:
        raise Refusal("Không có nơi nhận này.")
    row.active = active
    session.flush()
    return row


def enqueue(session: Session, kind: str, body: dict[str, Any], cause: str, now: datetime) -> int:
    """One row for every endpoint that wants the kind, also for those that are off: theirs wait. A cause that is there already is left alone.

    Returns how many are new.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    text = json.dumps({"kind": kind, "at": now.isoformat(), "data": body}, ensure_ascii=False, separators=(",", ":"))
    new = 0
    for row in session.scalars(select(WebhookEndpoint)):
        if kind in row.kinds:
            new += session.execute(insert(WebhookDelivery).values(
                endpoint_id=row.id, cause=cause, kind=kind, body=text, state="due", attempts=0, next_try_at=now, created_at=now)
                .on_conflict_do_nothing(index_elements=["endpoint_id", "cause"]).returning(WebhookDelivery.id)).scalar() is not None
    return new


def claim(session: Session, seal: Seal, now: datetime, without: Collection[int] = ()) -> list[Parcel]:
    """Events to send now, leased: the oldest of each endpoint but those given, so that neither a slow one nor a long queue keeps others waiting."""
    free = (WebhookDelivery.next_try_at <= now,
            (WebhookDelivery.state == "due") | ((WebhookDelivery.state == "sending") & (WebhookDelivery.lease_until <= now)))
    oldest = (select(func.min(WebhookDelivery.id)).join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
              .where(WebhookEndpoint.active, WebhookEndpoint.id.not_in(without), *free).group_by(WebhookDelivery.endpoint_id))
    rows = session.scalars(select(WebhookDelivery).where(WebhookDelivery.id.in_(oldest), *free)
                           .order_by(WebhookDelivery.id).limit(BATCH).with_for_update(skip_locked=True)).all()
    parcels = []
    for row in rows:
        endpoint = session.get_one(WebhookEndpoint, row.endpoint_id)
        row.state, row.lease_until, row.attempts = "sending", now + LEASE, row.attempts + 1
        parcels.append(Parcel(row.id, endpoint.id, endpoint.url, row.kind, row.body, seal.open(f"webhook:{endpoint.id}", endpoint.secret)))
    session.flush()
    return parcels


def headers(parcel: Parcel, now: datetime) -> dict[str, str]:
    stamp = str(int(now.timestamp()))
    signature = hmac.new(parcel.secret.encode(), f"{stamp}.{parcel.body}".encode(), hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json; charset=utf-8", "X-Event-Id": str(parcel.id), "X-Event-Kind": parcel.kind,
            "X-Signature": f"t={stamp},v1={signature}", "User-Agent": "tro-ly-cong-dan-so"}


def done(session: Session, delivery_id: int, error: str | None, now: datetime) -> None:
    """What became of a parcel: None, it was taken; else the class of the failure, tried again later or given up."""
    row = session.get(WebhookDelivery, delivery_id, with_for_update=True)
    if row is None or row.state != "sending":
        return
    row.lease_until, row.error = None, error
    if error is None:
        row.state, row.sent_at = "sent", now
    elif row.attempts >= TRIES:
        row.state = "dead"
    else:
        row.state, row.next_try_at = "due", now + timedelta(seconds=WAITS_SECONDS[min(row.attempts, len(WAITS_SECONDS)) - 1])
    session.flush()


def replay(session: Session, delivery_ids: Collection[int], now: datetime) -> int:
    """Another round of tries for events given up, or once more for events sent; returns how many."""
    return session.execute(update(WebhookDelivery).where(WebhookDelivery.id.in_(delivery_ids), WebhookDelivery.state.in_(("dead", "sent")))
                           .values(state="due", attempts=0, next_try_at=now, error=None)).rowcount


def wanted(session: Session, kind: str) -> bool:
    """Is there somebody at all whom events of this kind are handed to?"""
    return any(kind in kinds for kinds in session.scalars(select(WebhookEndpoint.kinds).where(WebhookEndpoint.active)))


def endpoints(session: Session) -> Sequence[WebhookEndpoint]:
    return session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id)).all()


def newest(session: Session, most: int = 100) -> Sequence[WebhookDelivery]:
    return session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id.desc()).limit(most)).all()


def clean(session: Session, now: datetime) -> int:
    """What was sent or given up, and what waits for an endpoint that nobody switched on again, goes after KEEP; returns how many rows."""
    off = select(WebhookEndpoint.id).where(~WebhookEndpoint.active)
    over = WebhookDelivery.state.in_(("sent", "dead")) | ((WebhookDelivery.state == "due") & WebhookDelivery.endpoint_id.in_(off))
    return session.execute(delete(WebhookDelivery).where(over, WebhookDelivery.created_at < now - KEEP)).rowcount
