"""Reports made every month: on their day, at six in the morning, over the month before. Flushes only; the caller commits.

A month is ordered once (the order is unique by plan and month), by whichever worker looks first; months nobody looked at are made
up, each once, but none from before the plan was made or resumed.
"""

import calendar
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.clock import ZONE, local
from bot.errors import Refusal
from bot.services import audit
from bot.services.figures.periods import Period
from bot.services.reports.orders import checked_name, open_to, within_reach
from bot.services.staff import Who
from bot.store.tables import ReportOrder, ReportPlan, Staff

AT = time(6)
"""Local: after the night's work, before anybody comes in."""


def plan(session: Session, by: Who, name: str, communes: Sequence[str], day: int, recipients: Sequence[int], now: datetime) -> ReportPlan:
    """A monthly report from now on. Raises Refusal."""
    communes = within_reach(by, communes)
    if not 1 <= day <= 31:
        raise Refusal("Ngày trong tháng là số từ 1 đến 31.", "day")
    people = session.scalars(select(Staff).where(Staff.id.in_(recipients), Staff.active)).all()
    if len(people) != len(set(recipients)):
        raise Refusal("Có người nhận không còn làm việc. Hãy chọn lại.", "recipients")
    shut_out = [one.name for one in people if not open_to(communes, one.communes)]
    if shut_out:
        raise Refusal(f"{shut_out[0]} không được xem số liệu của phạm vi này.", "recipients")
    row = ReportPlan(name=checked_name(name), communes=communes, day=day, recipients=sorted(set(recipients)), active=True, starts_at=now, created_by=by.id,
                     created_at=now)
    session.add(row)
    session.flush()
    audit.note(session, by.id, by.login, "report_scheduled", row.name, now, plan=row.id, day=day, communes=communes, recipients=row.recipients)
    return row


def switch(session: Session, by: Who, plan_id: int, active: bool, now: datetime) -> ReportPlan:
    """Stops or resumes. Raises Refusal for one that is not this person's to change."""
    row = session.get(ReportPlan, plan_id, with_for_update=True)
    if row is None or not open_to(row.communes, by.communes):
        raise Refusal("Không có lịch báo cáo này.")
    if row.active != active:
        row.active, row.starts_at = active, now
        audit.note(session, by.id, by.login, "report_scheduled", row.name, now, plan=row.id, active=active)
        session.flush()
    return row


def listed(session: Session, reader: Who) -> list[ReportPlan]:
    """The plans this person may see, those that run first."""
    rows = session.scalars(select(ReportPlan).order_by(ReportPlan.active.desc(), ReportPlan.id)).all()
    return [row for row in rows if open_to(row.communes, reader.communes)]


def due_in(day: int, year: int, month: int) -> datetime:
    """When a plan's report is due in a month: its day, or the last of a shorter month. UTC."""
    last = calendar.monthrange(year, month)[1]
    return datetime.combine(date(year, month, min(day, last)), AT, ZONE).astimezone(UTC)


def months(first: datetime, last: datetime) -> Iterator[tuple[int, int]]:
    """(year, month) from one local month to another, both included."""
    here, end = local(first).date().replace(day=1), local(last).date()
    while here <= end:
        yield here.year, here.month
        here = (here + timedelta(days=31)).replace(day=1)


def next_at(row: ReportPlan, now: datetime) -> datetime:
    """When the next report is due."""
    return next(at for year, month in months(now, now + timedelta(days=62)) if (at := due_in(row.day, year, month)) > now)


def due(session: Session, now: datetime) -> int:
    """Orders what is due and not ordered yet; returns how many. Safe to run again and by several workers."""
    count = 0
    for row in session.scalars(select(ReportPlan).where(ReportPlan.active)):
        ordered = set(session.scalars(select(ReportOrder.period).where(ReportOrder.plan_id == row.id)))
        for year, month in months(row.starts_at, now):
            if row.starts_at < due_in(row.day, year, month) <= now:
                last = date(year, month, 1) - timedelta(days=1)
                period = f"{last:%Y-%m}"
                if period not in ordered:
                    count += _ordered(session, row, period, Period(last.replace(day=1), last), now)
    return count


def _ordered(session: Session, row: ReportPlan, period: str, days: Period, now: datetime) -> int:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = session.execute(insert(ReportOrder).values(
        plan_id=row.id, period=period, name=f"{row.name}, tháng {days.first:%m/%Y}", first_day=days.first.isoformat(), last_day=days.last.isoformat(),
        communes=row.communes, ordered_by=row.created_by, ordered_at=now, state="waiting", attempts=0,
    ).on_conflict_do_nothing(index_elements=["plan_id", "period"]).returning(ReportOrder.id)).scalar()
    return int(made is not None)
