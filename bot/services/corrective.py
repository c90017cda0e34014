"""Corrective actions: opened when something goes wrong often enough, worked by an owner, verified by another person, the effect measured. Flushes only.

Opened for: an answer with three low ratings among its last ten, one that was denied ("không phải") three times within 30 days, a commune with
three reports past their deadline. What was looked into already does not open again: only what came after it counts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.clock import local
from bot.errors import Refusal
from bot.services import audit
from bot.services.staff import Who
from bot.services.tickets import rules
from bot.store.tables import Asked, ControlledDocument, CorrectiveAction, ProcedureRow, Rating, Reaction, Staff, Ticket

KINDS = {"rating": "Người dân chấm điểm thấp", "denied": "Người dân nói trả lời sai", "overdue": "Phản ánh quá hạn"}
STATES = {"open": "đang xử lý", "done": "chờ người khác xác nhận", "closed": "đã khép"}
LOW, OF_LAST, ENOUGH = 2, 10, 3
DENIED_WITHIN = timedelta(days=30)
OLDEST = timedelta(days=180)
"""Ratings older than this open nothing."""
DUE_IN = timedelta(days=14)
BEFORE = timedelta(days=30)
"""The measures before the action are of so long."""
LEAST_WORDS, MOST_WORDS = 10, 2000
TICKETS = "tickets:"


# --- opening ------------------------------------------------------------------------------------------------------------

def look(session: Session, now: datetime) -> int:
    """Opens what is due; returns how many. Safe to run again and by several workers."""
    today = local(now).date()
    last = _closed(session)
    rows = session.execute(select(ProcedureRow.code, ProcedureRow.name).order_by(ProcedureRow.origin.desc())) if _anything(session, today) else ()
    names = {key.partition(":")[2]: name for key, name in rows}  # our own texts come last and win
    count = 0
    for code in _low(session, today, last):
        count += _open(session, "rating", f"procedure:{code}", names.get(code, code), now)
    for code in _denied(session, today, last):
        count += _open(session, "denied", f"procedure:{code}", names.get(code, code), now)
    for commune in _overdue(session, now, last):
        count += _open(session, "overdue", f"{TICKETS}{commune}", f"Phản ánh ở {commune or 'nơi chưa rõ'}", now)
    session.flush()
    return count


def _anything(session: Session, today: date) -> bool:
    low = select(Rating.id).where(Rating.about == "answer", Rating.score <= LOW, Rating.day >= today - OLDEST).limit(1)
    denied = select(Reaction.id).where(Reaction.kind == "denied", Reaction.day >= today - DENIED_WITHIN).limit(1)
    return session.scalar(low) is not None or session.scalar(denied) is not None


def _closed(session: Session) -> dict[tuple[str, str], CorrectiveAction]:
    """The newest closed action of each kind and subject."""
    return {(a.kind, a.about): a for a in session.scalars(select(CorrectiveAction).where(CorrectiveAction.state == "closed").order_by(CorrectiveAction.id))}


def _low(session: Session, today: date, last: dict[tuple[str, str], CorrectiveAction]) -> list[str]:
    mine = (Rating.about == "answer", Rating.day >= today - OLDEST)
    codes = session.scalars(select(Rating.key).where(*mine, Rating.score <= LOW).group_by(Rating.key).having(func.count() >= ENOUGH).order_by(Rating.key))
    found = []
    for code in codes:
        before = last.get(("rating", f"procedure:{code}"))
        since = [Rating.id > before.after["last_rating"]] if before is not None else []
        scores = session.scalars(select(Rating.score).where(*mine, Rating.key == code, *since).order_by(Rating.id.desc()).limit(OF_LAST)).all()
        if sum(score <= LOW for score in scores) >= ENOUGH:
            found.append(code)
    return found


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
    known = session.get(ControlledDocument, about)
    today = local(now).date()
    made = session.execute(insert(CorrectiveAction).values(
        kind=kind, about=about, subject=subject, unclosed=f"{kind}:{about}", state="open", before=measures(session, about, today - BEFORE, today, now),
        owner_id=known.owner_id if known is not None else None, due_on=today + DUE_IN, opened_at=now,
    ).on_conflict_do_nothing(index_elements=["unclosed"]).returning(CorrectiveAction.id)).scalar()
    return int(made is not None)


def measures(session: Session, about: str, first: date, last: date, now: datetime) -> dict[str, Any]:
    """What the effect is measured by, over these local days, both included. JSON; shares of a hundred, null for a share of nothing.

    Of an answer: rating, ratings, low, answers, asked_back (share of its finds for which we had to ask back), denied, last_rating (an id).
    Of reports of a commune: late, waiting.
    """
    kind, _, ident = about.partition(":")
    if f"{kind}:" == TICKETS:
        mine = (Ticket.state.in_(rules.WAITING), Ticket.commune == ident if ident else Ticket.commune.is_(None))
        waiting = session.scalar(select(func.count()).select_from(Ticket).where(*mine)) or 0
        late = session.scalar(select(func.count()).select_from(Ticket).where(*mine, Ticket.due_at < now)) or 0
        return {"late": late, "waiting": waiting}
    scores = session.scalars(select(Rating.score).where(Rating.about == "answer", Rating.key == ident, Rating.day.between(first, last))).all()
    answers = session.scalar(select(func.count()).select_from(Asked).where(
        Asked.decision == "answer", Asked.procedure_code == ident, Asked.day.between(first, last))) or 0
    reactions = Counter(session.scalars(select(Reaction.kind).where(Reaction.procedure_code == ident, Reaction.day.between(first, last))))
    finds = answers + reactions["chosen"]
    newest = session.scalar(select(func.max(Rating.id)).where(Rating.about == "answer", Rating.key == ident))
    return {"rating": round(sum(scores) / len(scores), 2) if scores else None, "ratings": len(scores), "low": sum(s <= LOW for s in scores), "answers": finds,
            "asked_back": round(100 * reactions["chosen"] / finds, 1) if finds else None, "denied": reactions["denied"], "last_rating": newest or 0}


# --- the desk -----------------------------------------------------------------------------------------------------------

def theirs(who: Who, row: CorrectiveAction) -> bool:
    """Whoever is bound to communes sees nothing of the reports of others; answers are the same for the whole province."""
    return not who.communes or not row.about.startswith(TICKETS) or row.about.removeprefix(TICKETS) in who.communes


def listed(session: Session, who: Who) -> Sequence[CorrectiveAction]:
    """What is open by its deadline, then what is closed, the newest first."""
    rows = [row for row in session.scalars(select(CorrectiveAction)) if theirs(who, row)]
    still = sorted((r for r in rows if r.state != "closed"), key=lambda r: (r.due_on, r.id))
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
    row.owner_id, row.due_on = owner_id, due_on
    row.cause, row.remedy = cause[:MOST_WORDS] or None, remedy[:MOST_WORDS] or None
    if done:
        row.state, row.done_at, row.done_by = "done", now, who.id
    audit.note(session, who.id, who.login, "quality", f"action:{row.id}", now, state=row.state, owner=owner.login if owner is not None else None,
               due_on=due_on.isoformat())
    session.flush()
    return row


def verify(session: Session, who: Who, action_id: int, effective: bool, remark: str, now: datetime) -> CorrectiveAction:
    """Another person looks at the effect: closed when it helped, else back to its owner with the remark. Raises Refusal."""
    row = held(session, who, action_id)
    if row.state != "done":
        raise Refusal("Việc này chưa được báo xong.")
    if who.id in (row.done_by, row.owner_id):
        raise Refusal("Người làm không tự xác nhận việc của mình. Hãy nhờ người khác.")
    row.remark = words_of(remark, "remark", "nhận xét về kết quả")
    row.effective, row.after = effective, effect(session, row, now)
    if effective:
        row.state, row.closed_at, row.verified_by, row.unclosed = "closed", now, who.id, None
    else:
        row.state, row.done_at, row.done_by, row.due_on = "open", None, None, local(now).date() + DUE_IN
    audit.note(session, who.id, who.login, "quality", f"action:{row.id}", now, state=row.state, effective=effective, reason=row.remark)
    session.flush()
    return row


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
