"""Announcements: written by one, approved by another, cancelled by either. Flushes only; the caller commits.

Nobody approves what they wrote, and an emergency, which passes quiet hours and the one message a day, takes two others; the
database refuses what this module should have refused (bot/store/tables/engage.py). Sending is bot/services/announcing.py.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from bot import places
from bot.errors import Refusal
from bot.language.normalise import clean
from bot.language.sensitive import mask
from bot.services import audit, versions
from bot.services.news import TOPICS
from bot.services.remind import STOP_WORDS
from bot.services.staff import Who
from bot.store.tables import Announcement, AnnouncementSend, Outbound
from bot.wording import say

KINDS = {"normal": "Thường", "emergency": "Khẩn cấp"}
STATES = {"draft": "Bản soạn", "submitted": "Chờ duyệt", "approved": "Đã duyệt, chờ giờ gửi", "sending": "Đang gửi", "sent": "Đã gửi hết",
          "cancelled": "Đã hủy"}
CHANNELS = ("telegram", "zalo_oa", "zalo_bot", "web")
COURSE_STATES = {"enrolled": "đang học dở", "not_started": "chưa học", "finished": "đã học xong"}
SHORTEST, LONGEST = 20, 900
LEAST_REASON = 15
FARTHEST = timedelta(days=90)
PHONE = re.compile(r"(?<![\d.,])(?:(?:\+?84|0)[ .-]?\d(?:[ .-]?\d){7,9}|1[89]00(?:[ .-]?\d){4,6})(?!\d)")
LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|info|xyz|top|vn|io|me|ly|apk)\b\S*", re.IGNORECASE)


@dataclass(frozen=True)
class Given:
    """What the form holds. send_at: UTC, None for as soon as it is approved."""

    kind: str = "normal"
    topic: str = "local"
    sender: str = ""
    title: str = ""
    text: str = ""
    communes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    course: str = ""
    course_state: str = ""
    reason: str = ""
    send_at: datetime | None = None


def checked(session: Session, who: Who, given: Given, now: datetime) -> dict[str, Any]:
    """The columns, cleaned. Raises Refusal."""
    sender, title, text, reason = (clean(t).strip() for t in (given.sender, given.title, given.text, given.reason))
    if given.kind not in KINDS or given.topic not in TOPICS:
        raise Refusal("Hãy chọn loại và chủ đề của thông báo.", "kind")
    if not 3 <= len(sender) <= 80:
        raise Refusal("Hãy ghi cơ quan gửi, từ 3 đến 80 ký tự.", "sender")
    if not 5 <= len(title) <= 120:
        raise Refusal("Tiêu đề cần từ 5 đến 120 ký tự.", "title")
    if not SHORTEST <= len(text) <= LONGEST:
        raise Refusal(f"Nội dung cần từ {SHORTEST} đến {LONGEST} ký tự; bản này có {len(text)}.", "text")
    for field, words in (("sender", sender), ("title", title), ("text", text)):
        if mask(words)[1] or PHONE.search(words):
            raise Refusal("Thông báo không được chứa số điện thoại, số giấy tờ, số tài khoản hay mã. Hãy bỏ số đó đi.", field)
        if strange := next((found for found in LINK.findall(words) if not official(found)), None):
            raise Refusal(f"Chỉ dẫn được tới trang có tên miền .gov.vn, để người dân không quen bấm liên kết lạ. Hãy bỏ “{strange[:60]}”.", field)
    if given.kind == "emergency" and len(reason) < LEAST_REASON:
        raise Refusal(f"Thông báo khẩn cấp gửi cả ban đêm: hãy ghi lý do, ít nhất {LEAST_REASON} ký tự.", "reason")
    if any(c not in places.listed() for c in given.communes) or any(c not in CHANNELS for c in given.channels):
        raise Refusal("Hãy chọn xã, phường và kênh trong danh sách.", "communes")
    if who.communes and (not given.communes or not set(given.communes) <= set(who.communes)):
        raise Refusal("Bạn chỉ gửi được tới xã, phường được giao cho mình. Hãy chọn ít nhất một.", "communes")
    if bool(given.course) != bool(given.course_state) or given.course_state not in ("", *COURSE_STATES):
        raise Refusal("Chọn cả khoá học và tình trạng học, hoặc để trống cả hai.", "course")
    if given.course and given.course not in {course.slug for _, course in versions.live(session)}:
        raise Refusal("Không có khoá học này.", "course")
    if given.send_at is not None and given.send_at > now + FARTHEST:
        raise Refusal(f"Chỉ hẹn được trong {FARTHEST.days} ngày tới.", "send_at")
    return {"kind": given.kind, "topic": given.topic, "sender": sender, "title": title, "text": text, "communes": sorted(set(given.communes)),
            "channels": sorted(set(given.channels)), "course": given.course or None, "course_state": given.course_state or None,
            "reason": reason or None, "send_at": given.send_at}


def official(link: str) -> bool:
    """Does the address belong to the government? The name decides, not what stands before an @ or behind a slash."""
    try:
        host = (urlsplit(link if "//" in link else f"//{link}").hostname or "").rstrip(".,;:!?)”\"")
    except ValueError:
        return False
    return host == "gov.vn" or host.endswith(".gov.vn")


def save(session: Session, who: Who, ident: int | None, given: Given, now: datetime) -> Announcement:
    """A new draft, or its author's own draft changed. Raises Refusal."""
    columns = checked(session, who, given, now)
    if ident is None:
        row = Announcement(state="draft", author_id=who.id, created_at=now, cursor=0, **columns)
        session.add(row)
    else:
        row = mine(session, who, ident)
        for name, value in columns.items():
            setattr(row, name, value)
    session.flush()
    return row


def get(session: Session, who: Who, ident: int, lock: bool = False) -> Announcement | None:
    """None when there is none, or when it goes to communes that are not this person's."""
    row = session.get(Announcement, ident, with_for_update=lock or None)
    return row if row is not None and covers(who, row.communes) else None


def covers(who: Who, communes: Sequence[str]) -> bool:
    """Is everybody it goes to within this person's communes?"""
    return not who.communes or (bool(communes) and set(communes) <= set(who.communes))


def mine(session: Session, who: Who, ident: int) -> Announcement:
    """One's own draft. Raises Refusal."""
    row = get(session, who, ident, lock=True)
    if row is None or row.author_id != who.id or row.state != "draft":
        raise Refusal("Chỉ người soạn sửa được, và chỉ khi còn là bản soạn.")
    return row


def submit(session: Session, who: Who, ident: int, now: datetime) -> None:
    """To those who approve. Raises Refusal."""
    row = mine(session, who, ident)
    checked(session, who, as_given(row), now)
    row.state, row.told = "submitted", None
    session.flush()
    _noted(session, who, row, "submitted", now)


def as_given(row: Announcement) -> Given:
    return Given(row.kind, row.topic, row.sender, row.title, row.text, tuple(row.communes), tuple(row.channels), row.course or "",
                 row.course_state or "", row.reason or "", row.send_at)


def approve(session: Session, who: Who, ident: int, now: datetime) -> bool:
    """True when it may go out now; an emergency needs two. Raises Refusal for its author, and for the same person once more."""
    row = _submitted(session, who, ident)
    if who.id == row.author_id:
        raise Refusal("Người soạn không tự duyệt thông báo của mình. Hãy nhờ người khác.")
    if who.id == row.first_approver_id:
        raise Refusal("Bạn đã duyệt rồi. Thông báo khẩn cấp cần thêm một người khác duyệt.")
    if row.first_approver_id is None:
        row.first_approver_id = who.id
    else:
        row.second_approver_id = who.id
    ready = row.kind != "emergency" or row.second_approver_id is not None
    if ready:
        row.state, row.approved_at = "approved", now
        row.send_at = max(row.send_at or now, now)
    session.flush()
    _noted(session, who, row, "approved", now, reason=row.reason, complete=ready)
    return ready


def refuse(session: Session, who: Who, ident: int, why: str, now: datetime) -> None:
    """Back to its author, with what is to be changed. Raises Refusal."""
    why = clean(why).strip()
    if not 10 <= len(why) <= 500:
        raise Refusal("Hãy ghi cần sửa gì, từ 10 đến 500 ký tự.", "why")
    row = _submitted(session, who, ident)
    row.state, row.told, row.first_approver_id = "draft", why, None
    session.flush()
    _noted(session, who, row, "refused", now, reason=why)


def cancel(session: Session, who: Who, ident: int, now: datetime) -> int:
    """Nothing more of it goes out; returns how many messages that stopped. What the worker is sending at this moment may still arrive,
    but is not tried again. Raises Refusal."""
    row = get(session, who, ident, lock=True)
    if row is None or row.state == "cancelled" or not may_cancel(who, row):
        raise Refusal("Thông báo này không còn để hủy.")
    waiting = AnnouncementSend.announcement_id == row.id
    queued = select(AnnouncementSend.outbox_id).where(waiting, AnnouncementSend.state.in_(("queued", "held")))
    gone = session.scalars(delete(Outbound).where(Outbound.id.in_(queued), Outbound.state.in_(("due", "held"))).returning(Outbound.id)
                           .execution_options(synchronize_session=False)).all()
    session.execute(update(Outbound).where(Outbound.id.in_(queued), Outbound.state == "sending").values(state="dead", error="cancelled")
                    .execution_options(synchronize_session=False))
    stopped = session.execute(update(AnnouncementSend).where(waiting, AnnouncementSend.state.in_(("waiting", "queued", "held")),
                                                             ~exists().where(Outbound.id == AnnouncementSend.outbox_id))
                              .values(state="cancelled", error="cancelled").execution_options(synchronize_session=False)).rowcount
    row.state, row.ended_at = "cancelled", now
    session.flush()
    _noted(session, who, row, "cancelled", now, taken_back=len(gone), stopped=stopped)
    return stopped


def may_cancel(who: Who, row: Announcement) -> bool:
    """Its author may take it back, and everybody who may approve."""
    return who.id == row.author_id or who.role in ("approver", "administrator")


def listed(session: Session, who: Who, most: int = 200) -> list[Announcement]:
    """The newest first, of this person's communes."""
    rows = session.scalars(select(Announcement).order_by(Announcement.id.desc()).limit(most)).all()
    return [row for row in rows if covers(who, row.communes)]


def body_of(row: Announcement | Given) -> dict[str, Any]:
    """The message as citizens get it: who speaks, what, and the word that ends it."""
    buttons = [{"title": say("news_stop_button"), "payload": '/unsubscribe{"value": "news"}', "words": STOP_WORDS}]
    text = say("news_emergency" if row.kind == "emergency" else "news_normal", sender=row.sender, title=row.title, text=row.text)
    return {"text": text, "buttons": buttons, "image": None, "quick": False}


def _submitted(session: Session, who: Who, ident: int) -> Announcement:
    row = get(session, who, ident, lock=True)
    if row is None or row.state != "submitted":
        raise Refusal("Thông báo này không ở trạng thái chờ duyệt.")
    return row


def _noted(session: Session, who: Who, row: Announcement, step: str, now: datetime, reason: str | None = None, **detail: Any) -> None:
    audit.note(session, who.id, who.login, "broadcast", f"thông báo {row.id}: {row.title}", now, reason=reason, step=step, kind=row.kind,
               communes=row.communes, **detail)
