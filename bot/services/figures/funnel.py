"""How far people get in a course, card by card, and at which card most of them stop.

Where somebody stands is the engine's state (enrolments.progress); the database counts people by place, so that no state is
parsed here. A question that comes back at the end of a lesson or in another round is the place where its learner stands.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from bot.learning.answer_words import prompt_of
from bot.learning.model import CardStep, Course
from bot.services.figures.hiding import LEAST, few, hide_column
from bot.services.figures.members import first_rounds, shown_course
from bot.services.figures.periods import Filter
from bot.services.figures.table import FEW, KEPT, Cell, Column, Table
from bot.services.versions import course_of
from bot.store.tables import Enrolment

IDLE = timedelta(days=7)
"""Who has not touched an unfinished course for so long has stopped."""
WORDS = 90
"""Characters of a card's words in the table; the whole text stands beside it where most people stop."""


@dataclass(frozen=True)
class Place:
    """A card, a question, the door of a lesson, the test at the end, or the end. key: the same in every version that has it."""

    key: str
    name: str
    text: str


def places(course: Course) -> list[Place]:
    """Every place of the course, in the order in which it is gone through."""
    found = []
    for number, lesson in enumerate(course.lessons, 1):
        found.append(Place(f"lesson:{lesson.id}", f"Mời vào bài {number}", lesson.title))
        for at, step in enumerate(lesson.steps, 1):
            if isinstance(step, CardStep):
                found.append(Place(f"step:{step.card.id}", f"Bài {number}, thẻ {at}", " ".join(step.card.text.split())))
            else:
                found.append(Place(f"step:{step.question.id}", f"Bài {number}, câu hỏi {at}", prompt_of(step.question)))
    if course.test:
        found.append(Place("after", "Thử sức sau khi học", f"{len(course.test)} câu"))
    return [*found, Place("done", "Hoàn thành", course.title)]


def standing(course: Course, phase: str | None, lesson: int, at: int, queued: str | None) -> tuple[int, str]:
    """(index of the furthest place reached, key of the place where the learner stands), for a state of the engine.

    phase: None of a state that was written before there were phases: at the door.
    """
    begins = [len(le.steps) + 1 for le in course.lessons]
    door = sum(begins[:lesson])
    if phase in (None, "pause", "before"):
        return door, f"lesson:{course.lessons[lesson].id}"
    if phase == "done":
        return sum(begins) + bool(course.test), "done"
    if phase == "after":
        return sum(begins), "after"
    step = course.lessons[lesson].steps[at]
    here = step.card.id if isinstance(step, CardStep) else step.question.id
    asked_again = phase in ("again", "retake") and queued
    return sum(begins) - 1 if phase == "retake" else door + 1 + at, f"step:{queued if asked_again else here}"


@dataclass(frozen=True)
class Counted:
    """People by place, each list in the order of `places`. having: those whose version has the place at all."""

    places: Sequence[Place]
    having: Sequence[int]
    reached: Sequence[int]
    stopped: Sequence[int]
    going_on: int


def counted(session: Session, flt: Filter, slug: str, now: datetime, version_id: int | None = None) -> Counted | None:
    """None when there is no such course."""
    shown = shown_course(session, slug, version_id)
    if shown is None:
        return None
    state = Enrolment.progress
    members = first_rounds(flt, slug, version_id)
    each = select(
        Enrolment.version_id, state["phase"].as_string().label("phase"), state["lesson"].as_integer().label("lesson"),
        state["at"].as_integer().label("at"), state[("queue", 0)].as_string().label("queued"),
        case((Enrolment.completed_at.is_not(None), "done"), (Enrolment.left_at.is_not(None) | (Enrolment.touched_at < now - IDLE), "stopped"),
             else_="going").label("now")).join(members, members.c.id == Enrolment.id).subquery()
    rows = session.execute(select(each, func.count().label("people")).group_by(*each.c)).all()
    having, reached, stopped = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        course = course_of(session, row.version_id)
        furthest, here = standing(course, row.phase, row.lesson or 0, row.at or 0, row.queued)
        for index, place in enumerate(places(course)):
            having[place.key] += row.people
            reached[place.key] += row.people if index <= furthest else 0
        stopped[here] += row.people if row.now == "stopped" else 0
    order = places(shown)
    return Counted(order, [having[p.key] for p in order], [reached[p.key] for p in order], [stopped[p.key] for p in order],
                   sum(r.people for r in rows if r.now == "going"))


def falling(counts: Sequence[int]) -> list[Cell]:
    """Counts of which each is part of the one before, hidden so that no step of one to four people can be seen.

    The last one, which says most, is shown before those between it and the first.
    """
    shown: list[Cell] = []
    last: int | None = None
    end = counts[-1] if counts and not few(counts[-1]) and not few(abs(counts[0] - counts[-1])) else None
    for count in counts:
        safe = not few(count) and not any(few(abs(other - count)) for other in (last, end) if other is not None)
        shown.append(count if safe else FEW if few(count) else KEPT)
        last = count if safe else last
    return shown


def table(found: Counted) -> Table:
    """The funnel, hidden where it must be."""
    reached = falling(found.reached)
    stops = hide_column(found.stopped)
    shares = [100 * r / h if isinstance(r, int) and h >= LEAST else None for r, h in zip(reached, found.having, strict=True)]
    rows = tuple((place.name, short(place.text), reached[at], shares[at], stops.cell(at, 0, found.stopped[at]))
                 for at, place in enumerate(found.places))
    return Table(
        "duong-hoc", "Người học đi đến đâu",
        (Column("place", "Chỗ trong khóa", "text"), Column("words", "Lời", "text"), Column("reached", "Số người đã tới"),
         Column("share", "Phần đã tới", "percent"), Column("stopped", "Dừng lại ở đây")), rows,
        note="Chỗ hơn chỗ trước từ một đến bốn người thì ẩn.",
        definitions=(("Số người đã tới", "người đã được mở thẻ hay câu hỏi ấy, mỗi người tính một lần"),
                     ("Phần đã tới", "trong số người học bản khóa có chỗ ấy"),
                     ("Dừng lại ở đây", f"người chưa học xong, đã thôi hẳn hoặc không mở lại khóa trong {IDLE.days} ngày qua")))


def worst(found: Counted) -> tuple[Place, int] | None:
    """Where most people stop, with how many; None where fewer than five stop anywhere, or the table hides how many."""
    most = max(range(len(found.places)), key=lambda at: found.stopped[at])
    hidden = (most, 0) in hide_column(found.stopped).marks
    return None if hidden or found.stopped[most] < LEAST else (found.places[most], found.stopped[most])


def short(text: str) -> str:
    return text if len(text) <= WORDS else f"{text[:WORDS].rsplit(' ', 1)[0]} …"
