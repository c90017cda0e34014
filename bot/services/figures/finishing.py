"""How long people need for a course, and how many of each week's newcomers have finished it after one to eight weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import quantiles

from sqlalchemy import Integer, case, cast, func, select
from sqlalchemy.orm import Session

from bot.clock import local
from bot.services.figures.funnel import falling
from bot.services.figures.hiding import LEAST, hide_column
from bot.services.figures.members import DAY_SECONDS, WEEK_SECONDS, first_rounds, seconds_between
from bot.services.figures.periods import Filter
from bot.services.figures.sql import local_day, week_of
from bot.services.figures.table import KEPT, Cell, Column, Hidden, Table
from bot.store.tables import Enrolment

SPANS = ((1 / 24, "Trong một giờ"), (1, "Trong một ngày"), (3, "2–3 ngày"), (7, "4–7 ngày"), (14, "Tuần thứ hai"), (28, "Tuần thứ ba, thứ tư"))
"""(up to so many days, words); whatever takes longer is LONGER."""
LONGER = "Lâu hơn 4 tuần"
WEEKS = (1, 2, 4, 8)


def durations(session: Session, flt: Filter, slug: str, version_id: int | None = None) -> list[float]:
    """Seconds from taking the course up to its end, of everybody who finished it, the quickest first."""
    members = first_rounds(flt, slug, version_id)
    took = seconds_between(Enrolment.started_at, Enrolment.completed_at)
    return list(session.scalars(select(took).join(members, members.c.id == Enrolment.id).where(Enrolment.completed_at.is_not(None)).order_by(took)))


def span_of(seconds: float) -> int:
    """The index of the span, len(SPANS) for a longer one."""
    return next((at for at, (days, _) in enumerate(SPANS) if seconds <= days * DAY_SECONDS), len(SPANS))


def in_words(seconds: float) -> str:
    """ "40 phút", "5 giờ", "3 ngày": as exactly as anybody cares."""
    if seconds < 90 * 60:
        return f"{max(1, round(seconds / 60))} phút"
    return f"{round(seconds / 3600)} giờ" if seconds < 2 * DAY_SECONDS else f"{round(seconds / DAY_SECONDS)} ngày"


def quarters(took: Sequence[float]) -> tuple[float, float, float] | None:
    """Lower quartile, median and upper quartile; None of fewer than five people."""
    if len(took) < LEAST:
        return None
    low, middle, high = quantiles(took, n=4, method="inclusive")
    return low, middle, high


def time_table(took: Sequence[float]) -> Table:
    """Durations by span, with median and spread in the note."""
    counts = [0] * (len(SPANS) + 1)
    for seconds in took:
        counts[span_of(seconds)] += 1
    hidden = hide_column(counts)
    found = quarters(took)
    note = (f"Một nửa số người học xong trong {in_words(found[1])}; nửa ở giữa cần từ {in_words(found[0])} đến {in_words(found[2])}." if found
            else "Chưa đủ năm người học xong.")
    names = [words for _, words in SPANS] + [LONGER]
    return Table("thoi-gian", "Thời gian học xong", (Column("span", "Từ lúc ghi danh đến lúc xong", "text"), Column("people", "Số người")),
                 tuple((name, hidden.cell(at, 0, counts[at])) for at, name in enumerate(names)), note=note)


@dataclass(frozen=True)
class Cohort:
    """Newcomers of a week (its Monday, local) and how many had finished so many weeks (WEEKS) after they began."""

    monday: date
    people: int
    finished: tuple[int, ...]


def cohorts(session: Session, flt: Filter, slug: str, version_id: int | None = None) -> list[Cohort]:
    """The newest week first; weeks without newcomers are left out."""
    members = first_rounds(flt, slug, version_id)
    took = seconds_between(Enrolment.started_at, Enrolment.completed_at)
    each = select(week_of(local_day(Enrolment.started_at)).label("monday"),
                  *(cast(case((took <= weeks * WEEK_SECONDS, 1), else_=0), Integer).label(f"w{weeks}") for weeks in WEEKS)) \
        .join(members, members.c.id == Enrolment.id).subquery()
    rows = session.execute(select(each.c.monday, func.count(), *(func.sum(each.c[f"w{weeks}"]) for weeks in WEEKS))
                           .group_by(each.c.monday).order_by(each.c.monday.desc()))
    return [Cohort(monday, people, tuple(finished)) for monday, people, *finished in rows]


def cohort_table(found: Sequence[Cohort], now: datetime) -> Table:
    """Shares of each week's newcomers; a share that time has not yet told is left out.

    The funnel shows the sum of the weeks and the table of durations that of whoever has finished, so no column may hide one cell alone.
    """
    today = local(now).date()
    people = hide_column([cohort.people for cohort in found], total=len(found) > 1)
    body = [cells(cohort, today, people.marks.get((at, 0))) for at, cohort in enumerate(found)]
    for column, finished in enumerate(zip(*(cohort.finished for cohort in found), strict=True), 1):
        shown = sorted((n, at) for at, n in enumerate(finished) if isinstance(body[at][column], float))
        if shown and sum(isinstance(row[column], Hidden) for row in body) == 1:
            body[shown[0][1]][column] = KEPT
    rows = tuple((cohort.monday, *row) for cohort, row in zip(found, body, strict=True))
    return Table(
        "theo-tuan", "Người ghi danh từng tuần",
        (Column("monday", "Tuần từ thứ Hai", "day"), Column("people", "Ghi danh"),
         *(Column(f"w{weeks}", f"Xong sau {weeks} tuần", "percent") for weeks in WEEKS)), rows,
        note="Ô trống là chưa tới lúc tính được. Phần mà người xong, hay người chưa xong, dưới 5 thì ẩn.",
        definitions=(("Xong sau … tuần", "phần số người ghi danh trong tuần ấy đã học xong trong chừng ấy tuần kể từ lúc ghi danh của mỗi người"),))


def cells(cohort: Cohort, today: date, hidden: Hidden | None = None) -> list[Cell]:
    """The count and the shares of a week. A share is hidden with the people who have finished since the share before it; hidden: the whole week is."""
    told = [n for weeks, n in zip(WEEKS, cohort.finished, strict=True) if today >= cohort.monday + timedelta(days=7 * (weeks + 1))]
    if hidden is not None:
        return [hidden, *(hidden for _ in told), *(None for _ in WEEKS[len(told):])]
    _, *unfinished = falling([cohort.people, *(cohort.people - n for n in told)])
    shares: list[Cell] = [100 * n / cohort.people if isinstance(cell, int) else KEPT for n, cell in zip(told, unfinished, strict=True)]
    return [cohort.people, *shares, *(None for _ in WEEKS[len(told):])]
