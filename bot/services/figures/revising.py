"""Is what was learned remembered: right answers in revisions by the days since the last time, and what is due now.

Of the same people as the rest of the page (members.py): those who took the course up in the period, whenever they revised.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, Subquery, case, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from bot.services.figures.funnel import falling
from bot.services.figures.hiding import hide_column, hide_parts
from bot.services.figures.members import DAY_SECONDS, first_rounds, seconds_between
from bot.services.figures.periods import Filter
from bot.services.figures.table import Column, Table
from bot.store.tables import Attempt, Enrolment, Review, ReviewCard

GAPS = ((1, "Trong một ngày"), (3, "2–3 ngày"), (7, "4–7 ngày"), (14, "8–14 ngày"), (28, "15–28 ngày"), (60, "29–60 ngày"))
"""(up to so many days since the last time, words); whatever is longer is LONGER."""
LONGER = "Hơn 60 ngày"
LATE = timedelta(days=7)


@dataclass(frozen=True)
class Remembered:
    """Revision answers after one gap. people: who gave them, of whom one may have given several."""

    words: str
    people: int
    answers: int
    right: int


def reviewed(session: Session, flt: Filter, slug: str, version_id: int | None = None) -> list[Remembered]:
    """By gap, the shortest first. The gap is the time since the learner last answered that question as a card or met it in the lesson."""
    times = answered_times(flt, slug, version_id)
    before = func.lag(times.c.at).over(partition_by=(times.c.learner_id, times.c.item_id), order_by=(times.c.at, times.c.revision))
    gaps = select(times.c.learner_id, times.c.correct, times.c.revision, seconds_between(before, times.c.at).label("seconds")).subquery()
    span = case(*((gaps.c.seconds <= days * DAY_SECONDS, at) for at, (days, _) in enumerate(GAPS)), else_=len(GAPS)).label("span")
    each = select(gaps.c.learner_id, gaps.c.correct, span).where(gaps.c.revision == 1, gaps.c.seconds.is_not(None)).subquery()
    rows = session.execute(select(each.c.span, func.count(each.c.learner_id.distinct()), func.count(), func.sum(each.c.correct)).group_by(each.c.span))
    found = {at: (people, answers, right) for at, people, answers, right in rows}
    names = [words for _, words in GAPS] + [LONGER]
    return [Remembered(name, *found.get(at, (0, 0, 0))) for at, name in enumerate(names)]


def answered_times(flt: Filter, slug: str, version_id: int | None) -> Subquery:
    """Every time one of these people answered a question of the course for their memory: learner_id, item_id, at, correct, revision (0 or 1).

    In a lesson that is the first answer to the question, from which its card starts or goes on (bot/services/revise.py).
    """
    members = first_rounds(flt, slug, version_id)
    lessons = select(Enrolment.learner_id, Attempt.item_id, Attempt.at, cast(Attempt.correct, Integer).label("correct"), literal(0).label("revision")) \
        .select_from(Attempt).join(Enrolment, Enrolment.id == Attempt.enrolment_id).join(members, members.c.learner_id == Enrolment.learner_id) \
        .where(Enrolment.slug == slug, Attempt.nth == 1, Attempt.lesson_id.not_in(("before", "after")))
    revisions = select(Review.learner_id, Review.item_id, Review.at, cast(Review.correct, Integer).label("correct"), literal(1).label("revision")) \
        .join(members, members.c.learner_id == Review.learner_id).where(Review.slug == slug)
    return union_all(lessons, revisions).subquery()


def memory_table(found: Sequence[Remembered]) -> Table:
    """Shares right by gap, hidden where fewer than five people stand behind a cell."""
    body = [[r.answers, r.right, r.answers - r.right] for r in found]
    people = hide_column([r.people for r in found], total=False)
    hidden = hide_parts(body, [[r.people, min(r.people, r.right), min(r.people, r.answers - r.right)] for r in found], total=False)
    rows = []
    for at, r in enumerate(found):
        whole = not any((at, column) in hidden.marks for column in range(3))
        rows.append((r.words, people.cell(at, 0, r.people), hidden.cell(at, 0, r.answers), 100 * r.right / r.answers if whole and r.answers else None))
    return Table("on-tap", "Nhớ được bao nhiêu",
                 (Column("gap", "Từ lần trả lời trước", "text"), Column("people", "Số người"), Column("answers", "Lượt ôn"),
                  Column("share", "Nhớ đúng", "percent")), tuple(rows),
                 note="Nhớ đúng giảm mạnh sau một khoảng cách nào thì nội dung đó cần nhắc lại sớm hơn.")


@dataclass(frozen=True)
class Due:
    """Questions waiting to be revised: of how many people, and how many questions; the same of those that have waited for a week."""

    learners: int
    cards: int
    due_learners: int
    due: int
    late_learners: int
    late: int


def due(session: Session, flt: Filter, slug: str, now: datetime, version_id: int | None = None) -> Due:
    """What waits at this moment."""
    members = first_rounds(flt, slug, version_id)
    is_due, is_late = ReviewCard.due_at <= now, ReviewCard.due_at <= now - LATE
    row = session.execute(select(
        func.count(ReviewCard.learner_id.distinct()), func.count(), func.count(case((is_due, ReviewCard.learner_id)).distinct()),
        func.count(case((is_due, 1))), func.count(case((is_late, ReviewCard.learner_id)).distinct()), func.count(case((is_late, 1))))
        .join(members, members.c.learner_id == ReviewCard.learner_id).where(ReviewCard.slug == slug)).one()
    return Due(*row)


def due_table(found: Due) -> Table:
    """What waits; a line is hidden with the people it has fewer than the line before."""
    people = falling([found.learners, found.due_learners, found.late_learners])
    names = ("Đã gặp", "Đến hạn ôn", f"Quá hạn hơn {LATE.days} ngày")
    rows = tuple((name, n, cards if isinstance(n, int) else n) for name, n, cards in zip(names, people, (found.cards, found.due, found.late), strict=True))
    return Table("den-han", "Câu hỏi chờ ôn", (Column("state", "Câu hỏi", "text"), Column("people", "Số người"), Column("cards", "Số câu")), rows)
