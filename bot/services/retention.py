"""What has served its purpose goes: one job for each kind of data, each in a transaction of its own, each run written down."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.clock import local
from bot.services import announcing, dossiers, incidents, linking, people, person_talks, procedures_import, staff, tell_later, trial, webhooks
from bot.services.tickets import drafts as ticket_drafts
from bot.services.tickets import owner as ticket_owner
from bot.store.db import Database
from bot.store.tables import Asked, Bucket, Button, Conversation, Heartbeat, HumanTalk, Inbound, Outbound, PrivacyRequest, Rating, RetentionRun, Staff

logger = logging.getLogger(__name__)

KEEP_SENT = timedelta(days=2)
KEEP_HELD = timedelta(days=30)
KEEP_PARKED = timedelta(days=14)
"""How long what failed five times may be looked at and tried again; it holds what was typed."""
KEEP_UNKNOWN = timedelta(days=1)
"""How long a conversation without consent may lie idle before nothing of it is left."""
KEEP_BUTTONS = timedelta(days=30)
KEEP_QUESTIONS = timedelta(days=30)
KEEP_RUNS = timedelta(days=400)
LATE = timedelta(days=1)
"""A job that has not run for so long is a fault."""


@dataclass(frozen=True)
class Job:
    """words: what it removes and when, as staff read it. work: removes, and returns how many rows."""

    name: str
    words: str
    work: Callable[[Session, datetime], int]


def sent(session: Session, now: datetime) -> int:
    return _gone(session, delete(Outbound).where(Outbound.state.in_(("sent", "dead")), func.coalesce(Outbound.sent_at, Outbound.next_try_at) < now - KEEP_SENT))


def held(session: Session, now: datetime) -> int:
    return _gone(session, delete(Outbound).where(Outbound.state == "held", Outbound.created_at < now - KEEP_HELD))


def answered(session: Session, now: datetime) -> int:
    return _gone(session, delete(Inbound).where(Inbound.state == "done", Inbound.done_at < now - KEEP_SENT))


def parked(session: Session, now: datetime) -> int:
    return _gone(session, delete(Inbound).where(Inbound.state == "parked", Inbound.received_at < now - KEEP_PARKED))


def buttons(session: Session, now: datetime) -> int:
    return _gone(session, delete(Button).where(Button.created_at < now - KEEP_BUTTONS))


def questions(session: Session, now: datetime) -> int:
    rated = _gone(session, update(Rating).where(Rating.day < local(now - KEEP_QUESTIONS).date(), Rating.text.is_not(None)).values(text=None))
    return rated + _gone(session, update(Asked).where(Asked.at < now - KEEP_QUESTIONS, Asked.text.is_not(None)).values(text=None))


def link_codes(session: Session, now: datetime) -> int:
    rows = linking.clean(session, now) + trial.clean(session, now)
    return rows + _gone(session, delete(Bucket).where(Bucket.name.like("link:%"), Bucket.filled_at < now - KEEP_UNKNOWN))


def beats(session: Session, now: datetime) -> int:
    return _gone(session, delete(Heartbeat).where(Heartbeat.at < now - KEEP_SENT))


def idle(session: Session, now: datetime) -> int:
    """Conversations of people who consented to nothing. One that is owed the answer to a request stays until it has it,
    one on which staff try lessons out until they unlink it."""
    owed = exists().where(PrivacyRequest.conversation_id == Conversation.id, PrivacyRequest.state == "open")
    of_staff = exists().where(Staff.conversation_id == Conversation.id) | exists().where(HumanTalk.open_id == Conversation.id)
    rows = sum(people.forget(session, ident) for ident in session.scalars(
        select(Conversation.id).where(Conversation.citizen_id.is_(None), Conversation.seen_at < now - KEEP_UNKNOWN, ~owed, ~of_staff)).all())
    return rows + _gone(session, text("DELETE FROM rasa_trackers WHERE updated_at < :old AND sender_id NOT IN (SELECT id FROM conversations)"),
                        {"old": (now - KEEP_UNKNOWN).timestamp()})


def runs(session: Session, now: datetime) -> int:
    return _gone(session, delete(RetentionRun).where(RetentionRun.at < now - KEEP_RUNS))


JOBS: tuple[Job, ...] = (
    Job("sent", f"Tin đã gửi và tin không gửi được: giữ {KEEP_SENT.days} ngày.", sent),
    Job("held", f"Tin đang chờ người dân nhắn lại (Zalo): giữ {KEEP_HELD.days} ngày.", held),
    Job("answered", f"Dấu vết tin đã trả lời, không còn lời: giữ {KEEP_SENT.days} ngày.", answered),
    Job("parked", f"Tin làm hỏng năm lần, còn lời đã che: giữ {KEEP_PARKED.days} ngày.", parked),
    Job("buttons", f"Nút đã hiện trong đoạn chat: giữ {KEEP_BUTTONS.days} ngày.", buttons),
    Job("questions", f"Lời câu hỏi và lời chấm thấp của người đồng ý góp ý, đã che: giữ {KEEP_QUESTIONS.days} ngày, sau đó chỉ còn nhãn.", questions),
    Job("waiting", f"Câu hỏi chờ báo lại: chưa bấm nhờ báo thì giữ {tell_later.OFFERED_FOR.days} ngày, đã bấm thì đến khi được báo, "
        f"nhiều nhất {tell_later.KEPT_FOR.days} ngày.", tell_later.clean),
    Job("ticket_drafts", f"Phản ánh viết dở và ảnh chưa gửi: giữ {ticket_drafts.KEPT_FOR.days} ngày.", ticket_drafts.clean),
    Job("tickets", f"Lời, ảnh và vị trí của phản ánh đã khép: giữ {ticket_owner.KEPT_FOR.days} ngày, sau đó chỉ còn loại, nơi và ngày.", ticket_owner.clean),
    Job("uploads", f"Tệp thủ tục tải lên mà chưa xác nhận: giữ {procedures_import.KEPT_FOR.days} ngày.", procedures_import.clean),
    Job("incidents", f"Tin báo lừa đảo: chưa gửi thì giữ {incidents.DRAFT_FOR.days} ngày; lời kể đã che: "
        f"{incidents.TEXT_FOR.days} ngày; "
        f"phần không lời: {incidents.KEPT_FOR.days} ngày.", incidents.clean),
    Job("link_codes", "Mã nối hai kênh: giữ 1 ngày sau khi hết hạn; mã gắn máy của nhân sự: hết hạn là xóa.", link_codes),
    Job("idle", f"Đoạn chat của người không đồng ý lưu: giữ {KEEP_UNKNOWN.days} ngày sau lời cuối, hoặc đến khi yêu cầu của họ được trả lời.", idle),
    Job("talks", f"Lời trò chuyện với cán bộ, đã che: giữ {person_talks.KEPT_FOR.days} ngày sau khi kết thúc.", person_talks.clean),
    Job("announced", "Tin thông báo mà kênh đã bỏ: ghi vào kết quả là không gửi được, không xóa số nào.", announcing.lost),
    Job("dossiers", "Hồ sơ đã xong mà người dân từng theo dõi: giữ 30 ngày.", dossiers.clean),
    Job("webhooks", f"Sự kiện đã gửi cho hệ thống khác: giữ {webhooks.KEEP.days} ngày.", webhooks.clean),
    Job("beats", f"Nhịp của tiến trình máy: giữ {KEEP_SENT.days} ngày.", beats),
    Job("staff", "Phiên đăng nhập của nhân sự: hết hạn là xóa; lời mời: 30 ngày sau khi hết hạn.", staff.clean),
    Job("runs", f"Sổ ghi các lần dọn này: giữ {KEEP_RUNS.days} ngày.", runs),
)
"""Every job. What a new table holds of a person for a time is cleaned by a job here, never elsewhere: the privacy desk shows this list."""


def run(database: Database, now: datetime) -> None:
    """All jobs. One that fails is logged and leaves no run behind; the others go on."""
    for job in JOBS:
        try:
            with database.write() as session:
                note(session, job.name, job.work(session, now), now)
        except SQLAlchemyError as error:
            logger.error("retention %s: %s", job.name, type(error).__name__)


def note(session: Session, job: str, rows: int, now: datetime) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(RetentionRun).values(job=job, day=local(now).date(), rows=rows, at=now).on_conflict_do_update(
        index_elements=["job", "day"], set_={"rows": RetentionRun.rows + rows, "at": now}))


@dataclass(frozen=True)
class LastRun:
    """at: None for a job that has never run. rows_30_days: removed in the last thirty days."""

    job: Job
    at: datetime | None
    rows_30_days: int
    late: bool


def last_runs(session: Session, now: datetime) -> Sequence[LastRun]:
    """One for each job, in their order."""
    at = dict(session.execute(select(RetentionRun.job, func.max(RetentionRun.at)).group_by(RetentionRun.job)).all())
    since = local(now).date() - timedelta(days=29)
    rows = dict(session.execute(select(RetentionRun.job, func.sum(RetentionRun.rows)).where(RetentionRun.day >= since)
                                .group_by(RetentionRun.job)).all())
    return [LastRun(job, at.get(job.name), int(rows.get(job.name) or 0), at.get(job.name) is None or now - at[job.name] > LATE) for job in JOBS]


def _gone(session: Session, statement, values: dict | None = None) -> int:
    return session.execute(statement, values or {}).rowcount
