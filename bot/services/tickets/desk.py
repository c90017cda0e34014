"""The officers' desk for tickets: list, assign, reply, ask back, close, open again, hand on. Flushes only; the caller commits.

Whoever is bound to communes sees and touches the tickets of those only; a ticket of no known commune belongs to the whole province.
Every change is a row of the history, an entry of the audit log and, where it concerns them, a message to the citizens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session, defer

from bot import places
from bot.clock import local
from bot.errors import Refusal
from bot.language.normalise import clean
from bot.services import audit
from bot.services.staff import Who
from bot.services.tickets import rules, told
from bot.store.tables import Staff, Ticket, TicketEvent, TicketFollower, TicketPhoto
from bot.wording import say

A_PAGE = 50
DESK_ROLES = ("officer", "administrator")
_OTHERS = select(func.count()).select_from(TicketFollower).where(TicketFollower.ticket_id == Ticket.id).correlate(Ticket).scalar_subquery()


@dataclass(frozen=True)
class Filter:
    """What the list shows. state: one of rules.STATES, "late", or "" for all that is open; mine: assigned to whoever looks."""

    state: str = ""
    category: str = ""
    commune: str = ""
    mine: bool = False


@dataclass(frozen=True)
class Shown:
    """A ticket as of an instant. others: how many joined it."""

    row: Ticket
    hours_late: int
    officer: str | None
    others: int


def theirs(who: Who) -> list[ColumnElement[bool]]:
    """What a query needs so that it stays within the communes somebody is bound to."""
    return [Ticket.commune.in_(who.communes)] if who.communes else []


def late(now: datetime) -> ColumnElement[bool]:
    return and_(Ticket.state.in_(rules.WAITING), Ticket.due_at < now)


def listed(session: Session, who: Who, flt: Filter, page: int, now: datetime) -> tuple[list[Shown], bool]:
    """(a page of the list, is there a further one): overdue first, then by deadline; closed ones by when they were closed."""
    where = theirs(who)
    if flt.state == "late":
        where.append(late(now))
    else:
        where.append(Ticket.state == flt.state if flt.state in rules.STATES else Ticket.state.in_(rules.OPEN))
    if flt.category in rules.CATEGORIES:
        where.append(Ticket.category == flt.category)
    if flt.commune:
        where.append(Ticket.commune == flt.commune)
    if flt.mine:
        where.append(Ticket.assigned_to == who.id)
    rows = session.execute(select(Ticket, Staff.name, _OTHERS).outerjoin(Staff, Staff.id == Ticket.assigned_to).where(*where).order_by(
        case((late(now), 0), (Ticket.state.in_(rules.WAITING), 1), else_=2), Ticket.closed_at.desc(), Ticket.due_at, Ticket.id)
        .limit(A_PAGE + 1).offset((page - 1) * A_PAGE)).all()
    return [_shown(row, name, others, now) for row, name, others in rows[:A_PAGE]], len(rows) > A_PAGE


def counts(session: Session, who: Who, now: datetime) -> dict[str, int]:
    """open, late, mine: the figures above the list."""
    found = session.execute(select(func.count(), func.count(case((late(now), 1))), func.count(case((Ticket.assigned_to == who.id, 1))))
                            .where(*theirs(who), Ticket.state.in_(rules.OPEN))).one()
    return dict(zip(("open", "late", "mine"), found, strict=True))


def _shown(row: Ticket, officer: str | None, others: int, now: datetime) -> Shown:
    return Shown(row, rules.hours_late(row.due_at, now) if row.state in rules.WAITING else 0, officer, others)


def get(session: Session, who: Who, ticket_id: int, now: datetime) -> Shown | None:
    """None for one that does not exist or belongs to other communes."""
    found = session.execute(select(Ticket, Staff.name, _OTHERS).outerjoin(Staff, Staff.id == Ticket.assigned_to)
                            .where(Ticket.id == ticket_id, *theirs(who))).first()
    return _shown(*found, now) if found is not None else None


def seen(session: Session, who: Who, ticket: Ticket, now: datetime) -> None:
    """Whoever opens a ticket reads a citizen's words: that is written down."""
    audit.note(session, who.id, who.login, "ticket", ticket.number, now, step="seen")


def history(session: Session, ticket_id: int) -> Sequence[TicketEvent]:
    return session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)).all()


def photos(session: Session, ticket_id: int) -> Sequence[TicketPhoto]:
    """Without the pictures themselves."""
    return session.scalars(select(TicketPhoto).where(TicketPhoto.ticket_id == ticket_id).options(defer(TicketPhoto.data)).order_by(TicketPhoto.id)).all()


def photo(session: Session, who: Who, ticket_id: int, photo_id: int) -> bytes | None:
    """The JPEG of one photo of a ticket that this person may see."""
    return session.scalar(select(TicketPhoto.data).join(Ticket, Ticket.id == TicketPhoto.ticket_id)
                          .where(TicketPhoto.id == photo_id, TicketPhoto.ticket_id == ticket_id, *theirs(who)))


def officers(session: Session, ticket: Ticket) -> list[tuple[int, str]]:
    """(id, name) of those who may be given this ticket."""
    rows = session.scalars(select(Staff).where(Staff.active, Staff.role.in_(DESK_ROLES)).order_by(Staff.name)).all()
    return [(row.id, row.name) for row in rows if not row.communes or ticket.commune in row.communes]


# --- what an officer does


def assign(session: Session, who: Who, ticket_id: int, officer_id: int, now: datetime) -> Ticket:
    ticket = _ticket(session, who, ticket_id, rules.OPEN)
    names = dict(officers(session, ticket))
    if officer_id not in names:
        raise Refusal("Hãy chọn một cán bộ của xã, phường này.", "officer")
    ticket.assigned_to = officer_id
    if ticket.state in ("new", "reopened"):
        ticket.state = "assigned"
    event = told.happened(session, ticket, "assigned", who.login, None, now)
    if ticket.state == "assigned":
        told.tell(session, ticket, event, say("ticket_assigned", due=f"{local(ticket.due_at):%d/%m/%Y}"), now)
    _audited(session, who, ticket, "assigned", now, officer=officer_id)
    return ticket


def reply(session: Session, who: Who, ticket_id: int, text: str, now: datetime) -> Ticket:
    ticket, text = _ticket(session, who, ticket_id, rules.OPEN), _words(text)
    ticket.state, ticket.replied_at = "answered", ticket.replied_at or now
    return _said(session, who, ticket, "replied", text, say("ticket_replied", words=text), now)


def ask_back(session: Session, who: Who, ticket_id: int, text: str, now: datetime) -> Ticket:
    ticket, text = _ticket(session, who, ticket_id, rules.OPEN), _words(text)
    if ticket.conversation_id is None:
        raise Refusal("Người gửi đã xóa dữ liệu, nên không hỏi lại được.", "text")
    ticket.state, ticket.replied_at = "asked_back", ticket.replied_at or now
    return _said(session, who, ticket, "asked_back", text, say("ticket_asked_back", words=text), now)


def close(session: Session, who: Who, ticket_id: int, text: str, now: datetime) -> Ticket:
    """With the result, which the citizen reads and is asked to score."""
    ticket, text = _ticket(session, who, ticket_id, rules.OPEN), _words(text)
    ticket.state, ticket.closed_at, ticket.replied_at, ticket.score = "closed", now, ticket.replied_at or now, None
    return _said(session, who, ticket, "closed", text, say("ticket_closed", words=text), now)


def reopen(session: Session, who: Who, ticket_id: int, text: str, working_days: int, now: datetime) -> Ticket:
    """Another round, with a deadline of its own."""
    ticket, text = _ticket(session, who, ticket_id, ("closed",)), _words(text)
    ticket.state, ticket.closed_at, ticket.due_at = "reopened", None, rules.due_at(now, working_days)
    return _said(session, who, ticket, "reopened", text, say("ticket_reopened", words=text, due=f"{local(ticket.due_at):%d/%m/%Y}"), now)


def hand(session: Session, who: Who, ticket_id: int, commune: str, unit: str, text: str, now: datetime) -> Ticket:
    """To another commune or office; the clock runs on, and whoever is bound to the old commune no longer sees it."""
    ticket, unit = _ticket(session, who, ticket_id, rules.OPEN), " ".join(clean(unit).split())
    if commune and commune not in places.listed():
        raise Refusal("Xã, phường này không nằm trong danh sách.", "commune")
    if len(unit) > 120 or rules.personal(unit):
        raise Refusal("Tên cơ quan dài nhất 120 ký tự và không có số điện thoại.", "unit")
    if (commune or ticket.commune, unit or None) == (ticket.commune, ticket.unit):
        raise Refusal("Hãy chọn nơi khác với nơi đang xử lý.", "commune")
    text = _words(text)
    ticket.commune, ticket.unit, ticket.assigned_to, ticket.state = commune or ticket.commune, unit or None, None, "new"
    where = ", ".join(filter(None, (ticket.unit, ticket.commune)))
    return _said(session, who, ticket, "handed", text, say("ticket_handed", where=where, words=text), now)


def note(session: Session, who: Who, ticket_id: int, text: str, now: datetime) -> Ticket:
    """For the desk only."""
    ticket, text = _ticket(session, who, ticket_id, tuple(rules.STATES)), _words(text)
    told.happened(session, ticket, "note", who.login, text, now)
    _audited(session, who, ticket, "note", now)
    return ticket


def _ticket(session: Session, who: Who, ticket_id: int, states: Sequence[str]) -> Ticket:
    """The ticket, locked. Raises Refusal for one that is none of theirs or in another state."""
    row = session.scalars(select(Ticket).where(Ticket.id == ticket_id, *theirs(who)).with_for_update()).first()
    if row is None:
        raise Refusal("Không có phản ánh này.")
    if row.state not in states:
        raise Refusal("Phản ánh này đã khép lại." if row.state == "closed" else "Phản ánh này chưa khép lại.")
    return row


def _words(text: str) -> str:
    """What a citizen will read. Raises Refusal for nothing, too much, or a number that may be a person's."""
    text = clean(text).strip()
    if not text or len(text) > rules.MOST_CHARACTERS:
        raise Refusal(f"Hãy viết từ 1 đến {rules.MOST_CHARACTERS} ký tự.", "text")
    if rules.personal(text):
        raise Refusal("Lời này có số giống số giấy tờ, tài khoản hoặc điện thoại. Hãy bỏ số đó rồi gửi lại.", "text")
    return text


def _said(session: Session, who: Who, ticket: Ticket, kind: str, text: str, sentence: str, now: datetime) -> Ticket:
    event = told.happened(session, ticket, kind, who.login, text, now)
    told.tell(session, ticket, event, sentence, now)
    _audited(session, who, ticket, kind, now)
    return ticket


def _audited(session: Session, who: Who, ticket: Ticket, step: str, now: datetime, **more) -> None:
    audit.note(session, who.id, who.login, "ticket", ticket.number, now, step=step, **more)
