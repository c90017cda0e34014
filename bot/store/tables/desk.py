"""What administrators steer by: switches, reports on paper and when they are due."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class Switch(Base):
    """A part of the service that somebody has switched off or on; a part without a row is on.

    why: completes "đang tạm nghỉ để …" for citizens. until: from then on it is on again by itself; null: until somebody does it.
    """

    __tablename__ = "switches"
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    off: Mapped[bool]
    why: Mapped[str] = mapped_column(String(200))
    until: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class ReportPlan(Base):
    """A report that is made every month. communes: [] for the whole province. day: 1 to 31, the last of a shorter month.

    recipients: ids of staff who get the link. starts_at: nothing that was due before it is made up (created, or resumed).
    """

    __tablename__ = "report_plans"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    communes: Mapped[Any] = mapped_column(JSON, default=list)
    day: Mapped[int]
    recipients: Mapped[Any] = mapped_column(JSON, default=list)
    active: Mapped[bool]
    starts_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]


class ReportOrder(Base):
    """A report to be made, or that was made: the worker writes the file, this row says where it is.

    plan_id, period ("2026-11"): of a monthly one; unique together, so that any number of workers order it once.
    first_day, last_day: local days, ISO, both within. state: waiting, working (under lease_until), done, failed, gone (the file
    was deleted after its time). file: name under var/reports. size: bytes.
    """

    __tablename__ = "report_orders"
    __table_args__ = (UniqueConstraint("plan_id", "period"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("report_plans.id"))
    period: Mapped[str | None] = mapped_column(String(7))
    name: Mapped[str] = mapped_column(String(160))
    first_day: Mapped[str] = mapped_column(String(10))
    last_day: Mapped[str] = mapped_column(String(10))
    communes: Mapped[Any] = mapped_column(JSON, default=list)
    ordered_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    ordered_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))
    file: Mapped[str | None] = mapped_column(String(80))
    size: Mapped[int | None]
    made_at: Mapped[datetime | None]
