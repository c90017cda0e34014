"""Reports on paper, made by a worker: ordered, made once, kept for a while, sent as a link to whom they are for.

Functions flush only and the caller commits, but for `make`, which has transactions of its own: nobody waits for one while a
report is written.
"""

import logging
import os
import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from bot.config import Settings
from bot.errors import Refusal
from bot.services import audit, outbox
from bot.services.figures.periods import Filter, Period
from bot.services.reports import areas, paper
from bot.services.staff import Who
from bot.store.db import Database
from bot.store.tables import Conversation, ReportOrder, ReportPlan, Staff
from bot.wording import say

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
TRIES = 3
AGAIN = timedelta(minutes=1)
KEEP = timedelta(days=400)
"""How long a file is kept: last year's month can still be laid beside this year's."""
MOST_WAITING = 5
"""Reports one person may have ordered that are not made yet."""
SHOWN = 50
MACHINE = "(máy)"
NOTICE = "staff_notice"


def order(session: Session, by: Who, name: str, period: Period, communes: Sequence[str], now: datetime) -> ReportOrder:
    """A report for a worker to make. Raises Refusal."""
    communes = within_reach(by, communes)
    waiting = session.scalar(select(func.count()).select_from(ReportOrder).where(ReportOrder.ordered_by == by.id,
                                                                                 ReportOrder.state.in_(("waiting", "working"))))
    if (waiting or 0) >= MOST_WAITING:
        raise Refusal(f"Bạn đang có {waiting} báo cáo chờ lập. Đợi lập xong rồi đặt thêm.")
    row = ReportOrder(name=checked_name(name), first_day=period.first.isoformat(), last_day=period.last.isoformat(), communes=communes,
                      ordered_by=by.id, ordered_at=now, state="waiting", attempts=0)
    session.add(row)
    session.flush()
    audit.note(session, by.id, by.login, "report_made", row.name, now, first=row.first_day, last=row.last_day, communes=communes, order=row.id)
    return row


def checked_name(name: str) -> str:
    """Raises Refusal."""
    name = " ".join(name.split())
    if not 3 <= len(name) <= 120:
        raise Refusal("Hãy đặt tên báo cáo, từ 3 đến 120 ký tự.", "name")
    return name


def within_reach(by: Who, communes: Sequence[str]) -> list[str]:
    """The communes of a report somebody may have made; of a person bound to communes all theirs when none is chosen. Raises Refusal."""
    if by.communes and set(communes) - set(by.communes):
        raise Refusal("Bạn chỉ lập được báo cáo của xã, phường được giao.", "communes")
    return sorted(communes or by.communes)


def open_to(communes: Sequence[str], theirs: Sequence[str]) -> bool:
    """May somebody bound to `theirs` (() for nobody's) read a report on these communes ([] for the whole province)?"""
    return not theirs or (bool(communes) and set(communes) <= set(theirs))


def listed(session: Session, reader: Who) -> list[ReportOrder]:
    """The newest reports this person may read."""
    rows = session.scalars(select(ReportOrder).order_by(ReportOrder.id.desc()).limit(SHOWN * 4)).all()
    return [row for row in rows if open_to(row.communes, reader.communes)][:SHOWN]


def found(session: Session, reader: Who, order_id: int) -> ReportOrder | None:
    """The report, if there is one and this person may read it."""
    row = session.get(ReportOrder, order_id)
    return row if row is not None and open_to(row.communes, reader.communes) else None


def days_of(row: ReportOrder) -> Period:
    return Period(date.fromisoformat(row.first_day), date.fromisoformat(row.last_day))


def folder(settings: Settings) -> Path:
    return settings.var / "reports"


def file_of(settings: Settings, row: ReportOrder) -> Path:
    """Raises Refusal when there is no file (yet, or any more, or on another machine)."""
    path = folder(settings) / (row.file or "")
    if row.state != "done" or not row.file or not path.is_file():
        raise Refusal("Tệp báo cáo này không có trên máy chủ: chưa lập xong, hoặc đã quá thời gian lưu. Hãy lập lại.")
    return path


# --- by the worker ------------------------------------------------------------------------------------------------

def make(database: Database, settings: Settings, clock: Callable[[], datetime]) -> bool:
    """Makes the oldest report that waits; False when none does. A worker that dies leaves it to another, ten minutes later."""
    with database.write() as session:
        row = claim(session, clock())
    if row is None:
        return False
    try:
        name, size = written(database, settings, row, clock())
    except Exception as error:
        logger.error("report %s: %s", row.id, type(error).__name__, exc_info=error)
        problem = type(error).__name__
        with database.write() as session:
            failed(session, row.id, problem, clock())
        return True
    with database.write() as session:
        done(session, settings, row.id, name, size, clock())
    return True


def claim(session: Session, now: datetime) -> ReportOrder | None:
    """The oldest report that may be made now, leased."""
    free = or_((ReportOrder.state == "waiting") & (ReportOrder.lease_until.is_(None) | (ReportOrder.lease_until <= now)),
               (ReportOrder.state == "working") & (ReportOrder.lease_until < now))
    oldest = select(ReportOrder.id).where(free).order_by(ReportOrder.id).limit(1).with_for_update(skip_locked=True)
    return session.execute(
        update(ReportOrder).where(ReportOrder.id == oldest.scalar_subquery(), free)
        .values(state="working", lease_until=now + LEASE, attempts=ReportOrder.attempts + 1)
        .returning(ReportOrder).execution_options(synchronize_session=False)).scalar()


def written(database: Database, settings: Settings, row: ReportOrder, now: datetime) -> tuple[str, int]:
    """Writes the file; its name and bytes. The file is whole or not there."""
    period = days_of(row)
    with database.read() as session:
        parts = [paper.Part(area.title, area.tables(session, Filter(period, tuple(row.communes)), now)) for area in areas.ALL]
    data = paper.write(paper.Report(row.name, settings.province, period, row.communes, now, parts))
    home = folder(settings)
    home.mkdir(parents=True, exist_ok=True)
    name = f"{row.id}-{secrets.token_urlsafe(9)}.pdf"
    part = home / f"{name}.part"
    with open(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    part.replace(home / name)
    return name, len(data)


def done(session: Session, settings: Settings, order_id: int, name: str, size: int, now: datetime) -> None:
    """The file is there; whom a monthly report is for get the link. Nothing happens if another worker was quicker."""
    row = session.get(ReportOrder, order_id, with_for_update=True, populate_existing=True)
    if row is None or row.state != "working":
        return
    row.state, row.file, row.size, row.made_at, row.lease_until, row.error = "done", name, size, now, None, None
    session.flush()
    if row.plan_id is not None:
        told = tell(session, settings, row, session.get_one(ReportPlan, row.plan_id), now)
        audit.note(session, None, MACHINE, "report_made", row.name, now, order=row.id, period=row.period, told=told)


def failed(session: Session, order_id: int, problem: str, now: datetime) -> None:
    """Tried again in a minute, given up after three times."""
    row = session.get(ReportOrder, order_id, with_for_update=True, populate_existing=True)
    if row is not None and row.state == "working":
        row.state, row.error = ("failed" if row.attempts >= TRIES else "waiting"), problem[:200]
        row.lease_until = now + AGAIN
        session.flush()


def tell(session: Session, settings: Settings, row: ReportOrder, plan: ReportPlan, now: datetime) -> int:
    """The link to every recipient with a phone of their own linked; returns how many. Once each, by the outbox's unique cause."""
    period = days_of(row)
    text = say("report_ready", name=row.name, period=period, link=f"{settings.base_url}/admin/bao-cao/{row.id}/tai-ve")
    count = 0
    for person in reachable(session, plan):
        talk = session.get(Conversation, person.conversation_id)
        if talk is not None and (talk.address or talk.channel == "web"):
            cause = f"report:{row.id}:{person.id}"
            count += outbox.enqueue(session, talk, cause, NOTICE, {"text": text, "buttons": [], "image": None, "quick": False}, now) is not None
    return count


def reachable(session: Session, plan: ReportPlan) -> list[Staff]:
    """Recipients who still work here, may still read the plan's communes, and have linked a phone."""
    people = session.scalars(select(Staff).where(Staff.id.in_(plan.recipients), Staff.active, Staff.conversation_id.is_not(None)).order_by(Staff.id))
    return [one for one in people if open_to(plan.communes, one.communes)]


def clean(session: Session, settings: Settings, now: datetime) -> int:
    """Files past their time go; the row stays, so that no month is made anew. Returns how many."""
    old = session.scalars(select(ReportOrder).where(ReportOrder.state == "done", ReportOrder.made_at < now - KEEP)).all()
    for row in old:
        if row.file:
            (folder(settings) / row.file).unlink(missing_ok=True)
        row.state, row.file, row.size = "gone", None, None
    session.flush()
    return len(old)
