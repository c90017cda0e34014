"""Corrective actions: opened when something goes wrong often enough, worked by an owner, verified by another person, the effect measured. Flushes only.

Opened for: one low rating of an answer, of a lesson or of the work on a commune's reports, which becomes more urgent with three among the last
ten; an answer that was denied ("không phải") three times within 30 days; a commune with three reports past their deadline. While one is open,
more of the same joins it. What was looked into already does not open again: only what came after it counts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.clock import local
from bot.errors import Refusal
from bot.services import audit, quality
from bot.services.staff import Who
from bot.services.tickets import rules
from bot.services.versions import course_of
from bot.store.tables import (
    Asked,
    ControlledDocument,
    CorrectiveAction,
    CourseVersion,
    ProcedureRow,
    Rating,
    Reaction,
    Staff,
    Ticket,
    TicketEvent,
)

KINDS = {"low": "Có lượt chấm điểm thấp", "rating": "Người dân chấm điểm thấp nhiều lần", "denied": "Người dân nói trả lời sai", "overdue": "Phản ánh quá hạn"}
OF_RATINGS = ("low", "rating")
STATES = {"open": "đang xử lý", "done": "chờ người khác xác nhận", "closed": "đã khép"}
LOW, OF_LAST, ENOUGH = 2, 10, 3
LOW_WITHIN = timedelta(days=30)
"""A single low rating that is older opens nothing."""
DENIED_WITHIN = timedelta(days=30)
OLDEST = timedelta(days=180)
"""Three low ratings count when they are no older."""
DUE_IN = timedelta(days=14)
SEEN_AFTER = timedelta(days=3)
"""So long after it was done nobody can say that it helped: nothing has been asked or rated since."""
BEFORE = timedelta(days=30)
"""The measures before the action are of so long."""
LEAST_WORDS, MOST_WORDS = 10, 2000
MOST_SHOWN = 50
TICKETS = "tickets:"
DOCUMENTS = {"answer": "procedure", "lesson": "course"}
"""What ratings are about -> the kind of controlled document."""


# --- opening ------------------------------------------------------------------------------------------------------------

def look(session: Session, now: datetime) -> int:
    """Opens what is due; returns how many. Safe to run again and by several workers."""
    today = local(now).date()
    last = _closed(session)
    rows = session.execute(select(ProcedureRow.code, ProcedureRow.name).order_by(ProcedureRow.origin.desc())) if _denials(session, today) else ()
    names = {key.partition(":")[2]: name for key, name in rows}  # our own texts come last and win
    count = low(session, now, OLDEST, last)
    for code in _denied(session, today, last):
        count += _open(session, "denied", f"procedure:{code}", names.get(code, code), now)
    for commune in _overdue(session, now, last):
        count += _open(session, "overdue", f"{TICKETS}{commune}", subject_of(session, f"{TICKETS}{commune}"), now)
    session.flush()
    return count


def low(session: Session, now: datetime, within: timedelta, last: dict[tuple[str, str], CorrectiveAction] | None = None) -> int:
    """Opens what low ratings of this age call for, makes more urgent what has enough of them; returns how many were opened.

    Safe to run again and by several workers. last: as `_closed` has it, where that is known.
    """
    today, count = local(now).date(), 0
    place = case((Rating.about == "ticket", func.coalesce(Rating.commune, "")), else_="")
    rated = session.execute(
        select(Rating.about, Rating.key, place, func.max(Rating.id), func.max(Rating.day))
        .where(Rating.about.in_((*DOCUMENTS, "ticket")), Rating.score <= LOW, Rating.day >= today - within)
        .group_by(Rating.about, Rating.key, place)).all()
    if not rated:
        return 0
    last = _closed(session) if last is None else last
    unclosed = {row.about: row for row in session.scalars(select(CorrectiveAction).where(CorrectiveAction.unclosed.like("rating:%")))}
    for rating_about, key, commune, newest, day in sorted(rated, key=lambda row: row[:3]):
        about = f"{TICKETS}{commune}" if rating_about == "ticket" else f"{DOCUMENTS[rating_about]}:{key}"
        looked_into = max((row.after.get("last_rating", 0) for kind in OF_RATINGS if (row := last.get((kind, about))) is not None), default=0)
        held = unclosed.get(about)
        if newest <= looked_into or (held is not None and held.kind == "rating"):
            continue
        scores = session.scalars(select(Rating.score).where(*_of(about), Rating.day >= today - OLDEST, Rating.id > looked_into)
                                 .order_by(Rating.id.desc()).limit(OF_LAST)).all()
        often = sum(score <= LOW for score in scores) >= ENOUGH
        if not often and day < today - LOW_WITHIN:
            continue
        if held is None:
            count += _open(session, "rating" if often else "low", about, subject_of(session, about), now)
        elif often:
            held.kind = "rating"
            if held.state == "open":  # nothing has been done yet: all that joined it came before the remedy
                held.before = measures(session, about, today - BEFORE, today, now)
    session.flush()
    return count


def _of(about: str) -> tuple[ColumnElement[bool], ...]:
    """The ratings of a subject."""
    kind, _, ident = about.partition(":")
    if f"{kind}:" == TICKETS:
        return Rating.about == "ticket", Rating.commune == ident if ident else Rating.commune.is_(None)
    rated = {document: rating for rating, document in DOCUMENTS.items()}
    return Rating.about == rated[kind], Rating.key == ident


def subject_of(session: Session, about: str) -> str:
    """Its words."""
    kind, _, ident = about.partition(":")
    if f"{kind}:" == TICKETS:
        return f"Phản ánh ở {ident or 'nơi chưa rõ'}"
    if kind == "course":
        version = session.scalars(select(CourseVersion.id).where(CourseVersion.slug == ident)
                                  .order_by(CourseVersion.live.desc(), CourseVersion.id.desc()).limit(1)).first()
        return course_of(session, version).title if version is not None else ident
    named = dict(session.execute(select(ProcedureRow.origin, ProcedureRow.name).where(
        ProcedureRow.code.in_([f"{origin}:{ident}" for origin in ("imported", "ways", "curated")]))).all())
    return next((named[origin] for origin in ("curated", "ways", "imported") if origin in named), ident)


def _denials(session: Session, today: date) -> bool:
    return session.scalar(select(Reaction.id).where(Reaction.kind == "denied", Reaction.day >= today - DENIED_WITHIN).limit(1)) is not None


def _closed(session: Session) -> dict[tuple[str, str], CorrectiveAction]:
    """The newest closed action of each kind and subject."""
    return {(a.kind, a.about): a for a in session.scalars(select(CorrectiveAction).where(CorrectiveAction.state == "closed").order_by(CorrectiveAction.id))}


def _denied(session: Session, today: date, last: dict[tuple[str, str], CorrectiveAction]) -> list[str]:
    rows = session.execute(select(Reaction.procedure_code, Reaction.day).where(Reaction.kind == "denied", Reaction.day >= today - DENIED_WITHIN))
    counts: Counter[str] = Counter()
    for code, on in rows:
        before = last.get(("denied", f"procedure:{code}"))
        counts[code] += before is None or on > local(before.closed_at).date()
    return sorted(code for code, count in counts.items() if count >= ENOUGH)


def _overdue(session: Session, now: datetime, last: dict[tuple[str, str], CorrectiveAction]) -> list[str]:
    counts: Counter[str] = Counter()
    for commune, due_at in session.execute(select(Ticket.commune, Ticket.due_at).where(Ticket.state.in_(rules.WAITING), Ticket.due_at < now)):
        before = last.get(("overdue", f"{TICKETS}{commune or ''}"))
        counts[commune or ""] += before is None or due_at > before.closed_at
    return sorted(commune for commune, count in counts.items() if count >= ENOUGH)


def _open(session: Session, kind: str, about: str, subject: str, now: datetime) -> int:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    today = local(now).date()
    made = session.execute(insert(CorrectiveAction).values(
        kind=kind, about=about, subject=subject, unclosed=f"{'rating' if kind == 'low' else kind}:{about}", state="open",
        before=measures(session, about, today - BEFORE, today, now), owner_id=owner_of(session, about), due_on=today + DUE_IN, opened_at=now,
    ).on_conflict_do_nothing(index_elements=["unclosed"]).returning(CorrectiveAction.id)).scalar()
    return int(made is not None)


def owner_of(session: Session, about: str) -> int | None:
    """Who answers for the document and still works here; of reports nobody does by name.

    For a procedure that is no document of its own whoever answers for the import it came with, or for the ways to ask, does.
    """
    owners = dict(session.execute(select(ControlledDocument.key, Staff.id).join(Staff, ControlledDocument.owner_id == Staff.id).where(
        ControlledDocument.key.in_((about, *quality.held_in(session, about))), Staff.active)).all())
    return next((owners[key] for key in (about, *quality.held_in(session, about)) if key in owners), None)


def measures(session: Session, about: str, first: date, last: date, now: datetime) -> dict[str, Any]:
    """What the effect is measured by, over these local days, both included. JSON; shares of a hundred, null for a share of nothing.

    Of everything: rating, ratings, low, last_rating (an id). Of an answer also: answers, asked_back (share of its finds for which we had to
    ask back), denied. Of reports of a commune also: late, waiting, both of now.
    """
    kind, _, ident = about.partition(":")
    scores = session.scalars(select(Rating.score).where(*_of(about), Rating.day.between(first, last))).all()
    newest = session.scalar(select(func.max(Rating.id)).where(*_of(about)))
    found = {"rating": round(sum(scores) / len(scores), 2) if scores else None, "ratings": len(scores), "low": sum(s <= LOW for s in scores),
             "last_rating": newest or 0}
    if f"{kind}:" == TICKETS:
        mine = (Ticket.state.in_(rules.WAITING), Ticket.commune == ident if ident else Ticket.commune.is_(None))
        waiting = session.scalar(select(func.count()).select_from(Ticket).where(*mine)) or 0
        late = session.scalar(select(func.count()).select_from(Ticket).where(*mine, Ticket.due_at < now)) or 0
        return {**found, "late": late, "waiting": waiting}
    if kind != "procedure":
        return found
    answers = session.scalar(select(func.count()).select_from(Asked).where(
        Asked.decision == "answer", Asked.procedure_code == ident, Asked.day.between(first, last))) or 0
    reactions = Counter(session.scalars(select(Reaction.kind).where(Reaction.procedure_code == ident, Reaction.day.between(first, last))))
    finds = answers + reactions["chosen"]
    return {**found, "answers": finds, "asked_back": round(100 * reactions["chosen"] / finds, 1) if finds else None, "denied": reactions["denied"]}


@dataclass(frozen=True)
class Low:
    """A low rating. words: masked, of those who let their words be kept. ticket: (id, number) of a report."""

    day: date
    score: int
    words: str = ""
    ticket: tuple[int, str] | None = None


def lows(session: Session, row: CorrectiveAction) -> list[Low]:
    """The low ratings that the action is about, the newest first: of the 30 days before it and of all since.

    Ratings are tied to nobody, so neither commune nor channel is among them; the score of a report stands on the report itself.
    """
    since = local(row.opened_at).date() - BEFORE
    if not row.about.startswith(TICKETS):
        rated = session.execute(select(Rating.day, Rating.score, Rating.text).where(*_of(row.about), Rating.score <= LOW, Rating.day >= since)
                                .order_by(Rating.id.desc()).limit(MOST_SHOWN))
        return [Low(day, score, text or "") for day, score, text in rated]
    commune = row.about.removeprefix(TICKETS)
    scored = session.execute(
        select(TicketEvent.at, TicketEvent.text, Ticket.id, Ticket.number).join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(TicketEvent.kind == "scored", TicketEvent.text.in_([f"{n}/5" for n in range(1, LOW + 1)]), TicketEvent.at >= row.opened_at - BEFORE,
               Ticket.commune == commune if commune else Ticket.commune.is_(None))
        .order_by(TicketEvent.id.desc()).limit(MOST_SHOWN))
    return [Low(local(at).date(), int(text[0]), ticket=(ident, number)) for at, text, ident, number in scored]


# --- the desk -----------------------------------------------------------------------------------------------------------

def theirs(who: Who, row: CorrectiveAction) -> bool:
    """Whoever is bound to communes sees nothing of the reports of others; answers are the same for the whole province."""
    return not who.communes or not row.about.startswith(TICKETS) or row.about.removeprefix(TICKETS) in who.communes


def listed(session: Session, who: Who) -> Sequence[CorrectiveAction]:
    """What is open by its deadline, that of a single low rating after all others; then what is closed, the newest first."""
    rows = [row for row in session.scalars(select(CorrectiveAction)) if theirs(who, row)]
    still = sorted((r for r in rows if r.state != "closed"), key=lambda r: (r.kind == "low", r.due_on, r.id))
    return [*still, *sorted((r for r in rows if r.state == "closed"), key=lambda r: r.closed_at, reverse=True)]


def held(session: Session, who: Who, action_id: int) -> CorrectiveAction:
    """Raises Refusal, also for one that this person may not see."""
    row = session.get(CorrectiveAction, action_id, with_for_update=True)
    if row is None or not theirs(who, row):
        raise Refusal("Không có việc khắc phục này.")
    return row


def words_of(text: str, field: str, what: str) -> str:
    text = " ".join(text.split())
    if not LEAST_WORDS <= len(text) <= MOST_WORDS:
        raise Refusal(f"Hãy ghi {what}, từ {LEAST_WORDS} đến {MOST_WORDS} ký tự.", field)
    return text


def work(session: Session, who: Who, action_id: int, owner_id: int | None, due_on: date | None, cause: str, remedy: str, done: bool,
         now: datetime) -> CorrectiveAction:
    """Owner, deadline, cause and remedy; done: for another person to verify. Raises Refusal."""
    row = held(session, who, action_id)
    if row.state != "open":
        raise Refusal("Việc này không còn đang xử lý.")
    owner = session.get(Staff, owner_id) if owner_id is not None else None
    if owner_id is not None and (owner is None or not owner.active):
        raise Refusal("Hãy chọn một người đang làm việc.", "owner_id")
    if due_on is None or (due_on != row.due_on and due_on < local(now).date()):
        raise Refusal("Hạn phải từ hôm nay trở đi.", "due_on")
    if done:
        cause, remedy = words_of(cause, "cause", "nguyên nhân"), words_of(remedy, "remedy", "việc đã làm")
        if owner is None:
            raise Refusal("Hãy giao cho một người phụ trách trước khi báo xong.", "owner_id")
    if owner_id != row.owner_id:
        row.came_at = now
    row.owner_id, row.due_on = owner_id, due_on
    row.cause, row.remedy = cause[:MOST_WORDS] or None, remedy[:MOST_WORDS] or None
    if done:
        row.state, row.done_at, row.done_by = "done", now, who.id
    audit.note(session, who.id, who.login, "quality", f"action:{row.id}", now, state=row.state, owner=owner.login if owner is not None else None,
               due_on=due_on.isoformat())
    session.flush()
    return row


def verify(session: Session, who: Who, action_id: int, effective: bool, remark: str, now: datetime) -> CorrectiveAction:
    """Another person looks at the effect: closed when it helped, from `closes_on` on, else back to its owner with the remark. Raises Refusal."""
    row = held(session, who, action_id)
    if row.state != "done":
        raise Refusal("Việc này chưa được báo xong.")
    if who.id in (row.done_by, row.owner_id):
        raise Refusal("Người làm không tự xác nhận việc của mình. Hãy nhờ người khác.")
    if effective and local(now).date() < (day := closes_on(row)):
        raise Refusal(f"Chưa khép được: phải qua {SEEN_AFTER.days} ngày kể từ ngày báo xong thì số đo mới cho biết có tác dụng hay không. "
                      f"Khép được từ {day:%d/%m/%Y}.", "effective")
    row.remark = words_of(remark, "remark", "nhận xét về kết quả")
    row.effective, row.after = effective, effect(session, row, now)
    if effective:
        row.state, row.closed_at, row.verified_by, row.unclosed = "closed", now, who.id, None
    else:
        row.state, row.done_at, row.done_by, row.due_on, row.came_at = "open", None, None, local(now).date() + DUE_IN, now
    audit.note(session, who.id, who.login, "quality", f"action:{row.id}", now, state=row.state, effective=effective, reason=row.remark)
    session.flush()
    return row


def closes_on(row: CorrectiveAction) -> date:
    """The first local day on which one that is done may be closed."""
    return local(row.done_at).date() + SEEN_AFTER


def effect(session: Session, row: CorrectiveAction, now: datetime) -> dict[str, Any]:
    """The measures since it was done, days after that day only; while it is not, since it was opened."""
    since = local(row.done_at or row.opened_at).date() + timedelta(days=1)
    return measures(session, row.about, since, max(since, local(now).date()), now)


@dataclass(frozen=True)
class Closure:
    """open, late: now. closed: ever. days: median from opening to closing, None without one."""

    open: int
    late: int
    waiting: int
    closed: int
    days: float | None


def closure(rows: Sequence[CorrectiveAction], today: date) -> Closure:
    took = [(r.closed_at - r.opened_at).total_seconds() / 86400 for r in rows if r.state == "closed"]
    return Closure(sum(r.state == "open" for r in rows), sum(r.state == "open" and r.due_on < today for r in rows), sum(r.state == "done" for r in rows),
                   len(took), round(median(took), 1) if took else None)
