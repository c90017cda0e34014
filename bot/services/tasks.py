"""What waits for somebody of staff: reports of their communes and corrective actions; and word of it to the phone they linked. Flushes only.

A report waits for its officer; one that nobody has taken, or that is overdue, for every officer of its commune. A corrective action waits for
its owner; one without for those who can see to it: editors for texts, the desk for reports.
"""

import re
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session

from bot.language.normalise import fold
from bot.reminders import policy
from bot.services import outbox
from bot.services.corrective import TICKETS
from bot.services.staff import Who
from bot.services.tickets import desk, rules
from bot.store.tables import Conversation, CorrectiveAction, Staff, Ticket, TicketEvent
from bot.wording import say

MESSAGE = "staff_task"
"""The kind of our messages in the outbox."""
EDITORS = ("author", "approver", "administrator")
EVERY = timedelta(hours=1)
"""At most one message in so long."""
SETTLED = timedelta(seconds=10)
"""What is younger may not be committed yet everywhere; it is told of at a later tick."""
ARRIVES = ("sent", "assigned", "handed", "reopened", "scored", "said")
"""What may happen to a report that makes it wait for somebody anew."""
UNTAKEN = ("new", "reopened")
_STOP = re.compile(r"(?:toi )?(?:muon )?(?:ngung|dung|thoi) (?:bao|nhan) (?:viec|tin viec|bao viec)(?: (?:di|nhe|a|cho toi))*")


@dataclass(frozen=True)
class Waiting:
    """How many wait for one person: reports nobody has taken, reports assigned to them, those of both and of their communes that are overdue;
    corrective actions. tickets: reports, each counted once."""

    new: int = 0
    mine: int = 0
    late: int = 0
    actions: int = 0
    tickets: int = 0


# --- what waits ---------------------------------------------------------------------------------------------------------

def waiting(session: Session, who: Who, now: datetime) -> Waiting:
    """Two lean statements: every page of staff runs it."""
    new = mine = late = tickets = 0
    if who.role in desk.DESK_ROLES:
        ours = _mine(who), _untaken(), desk.late(now)
        new, mine, late, tickets = session.execute(
            select(_times(_untaken()), _times(_mine(who)), _times(desk.late(now)), func.count())
            .where(*desk.theirs(who), Ticket.state.in_(rules.WAITING), or_(*ours))).one()
    actions = session.scalar(select(func.count()).select_from(CorrectiveAction).where(_actions(who))) or 0
    return Waiting(new, mine, late, actions, tickets)


def _times(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _mine(who: Who) -> ColumnElement[bool]:
    """What the officer has asked the citizen waits for the citizen."""
    return and_(Ticket.assigned_to == who.id, Ticket.state != "asked_back")


def _untaken() -> ColumnElement[bool]:
    return and_(Ticket.assigned_to.is_(None), Ticket.state.in_(UNTAKEN))


def _actions(who: Who) -> ColumnElement[bool]:
    """Open corrective actions of this person, and those without an owner that they may take."""
    free = []
    if who.role in EDITORS:
        free.append(CorrectiveAction.about.not_like(f"{TICKETS}%"))
    if who.role in desk.DESK_ROLES:
        free.append(CorrectiveAction.about.in_([f"{TICKETS}{c}" for c in who.communes]) if who.communes else CorrectiveAction.about.like(f"{TICKETS}%"))
    unowned = and_(CorrectiveAction.owner_id.is_(None), or_(*free)) if free else None
    own = CorrectiveAction.owner_id == who.id
    return and_(CorrectiveAction.state == "open", own if unowned is None else or_(own, unowned))


# --- word of it -----------------------------------------------------------------------------------------------------------

def tell(session: Session, url: str, now: datetime) -> int:
    """One message to the phone of everybody for whom something new waits, once an hour at most and by day; returns how many were queued.

    Safe to run again and by several workers: who is told, and up to when, is claimed in one statement.
    """
    if policy.quiet(now):
        return 0
    upto = now - SETTLED
    newest = _newest(session, upto)
    if newest is None:
        return 0
    due = or_(Staff.tasks_told_to.is_(None), and_(Staff.tasks_told_to <= upto - EVERY, Staff.tasks_told_to < newest))
    people = session.scalars(select(Staff).where(Staff.active, Staff.tasks_wanted, Staff.conversation_id.is_not(None), due).order_by(Staff.id)).all()
    told = 0
    for one in people:
        talk = session.get(Conversation, one.conversation_id)
        if talk is None or talk.closed_at is not None or (talk.address is None and talk.channel != "web"):
            continue
        who = Who(one.id, one.login, one.name, one.role, tuple(one.communes), "", "")
        if not _anything_new(session, who, one.tasks_told_to, upto):
            continue
        claimed = session.execute(update(Staff).where(Staff.id == one.id, due).values(tasks_told_to=upto)
                                  .execution_options(synchronize_session=False)).rowcount
        if claimed:
            body = {"text": sentence(waiting(session, who, now), url), "buttons": [], "image": None, "quick": False}
            told += outbox.enqueue(session, talk, f"tasks:{one.id}:{upto:%Y%m%dT%H%M%S}", MESSAGE, body, now) is not None
    session.flush()
    return told


def sentence(found: Waiting, url: str) -> str:
    """Counts alone: nothing of what citizens wrote leaves the desk."""
    parts = [say(f"tasks_{name}", count=count) for name, count in zip(("new", "mine", "late", "actions"), astuple(found), strict=False) if count]
    page = "/admin/phan-anh" if found.tickets else "/admin/chat-luong/khac-phuc"
    return say("tasks_waiting", what="\n".join(parts), url=f"{url.rstrip('/')}{page}")


def _newest(session: Session, upto: datetime) -> datetime | None:
    """When the newest thing came that waits for anybody at all: while that is told, nobody is looked at."""
    event = session.scalar(select(func.max(TicketEvent.at)).join(Ticket, Ticket.id == TicketEvent.ticket_id).where(
        Ticket.state.in_(rules.WAITING), TicketEvent.kind.in_(ARRIVES), TicketEvent.at <= upto))
    late = session.scalar(select(func.max(Ticket.due_at)).where(Ticket.state.in_(rules.WAITING), Ticket.due_at <= upto))
    action = session.scalar(select(func.max(func.coalesce(CorrectiveAction.came_at, CorrectiveAction.opened_at)))
                            .where(CorrectiveAction.state == "open"))
    return max((at for at in (event, late, action) if at is not None), default=None)


def _anything_new(session: Session, who: Who, since: datetime | None, upto: datetime) -> bool:
    """Does anything wait for this person that came after `since` (None: ever), and not by their own hand?"""
    def between(at: ColumnElement[datetime]) -> ColumnElement[bool]:
        return and_(at <= upto, at > since) if since is not None else at <= upto

    action = select(CorrectiveAction.id).where(_actions(who), between(func.coalesce(CorrectiveAction.came_at, CorrectiveAction.opened_at)))
    if session.scalar(action.limit(1)) is not None:
        return True
    if who.role not in desk.DESK_ROLES:
        return False
    came = exists().where(TicketEvent.ticket_id == Ticket.id, TicketEvent.kind.in_(ARRIVES), TicketEvent.by != who.login, between(TicketEvent.at))
    ticket = select(Ticket.id).where(*desk.theirs(who), Ticket.state.in_(rules.WAITING), or_(
        and_(or_(_mine(who), _untaken()), came), and_(desk.late(upto), between(Ticket.due_at))))
    return session.scalar(ticket.limit(1)) is not None


# --- whether somebody wants it ------------------------------------------------------------------------------------------------

def stop_in(text: str) -> bool:
    """Are these the words by which staff stop these messages?"""
    return len(text) < 60 and _STOP.fullmatch(" ".join(re.sub(r"[^\w ]", " ", fold(text)).split())) is not None


def stopped(session: Session, talk: Conversation) -> bool:
    """No more messages to those whose phone this is; False when it is nobody's of staff."""
    return session.execute(update(Staff).where(Staff.conversation_id == talk.id).values(tasks_wanted=False)).rowcount > 0


def wanted(session: Session, who: Who) -> bool:
    return session.get_one(Staff, who.id).tasks_wanted


def choose(session: Session, who: Who, yes: bool, now: datetime) -> None:
    """From now on, or no more. What came while nobody wanted to hear of it is old."""
    row = session.get_one(Staff, who.id)
    if yes and not row.tasks_wanted:
        row.tasks_told_to = now - EVERY
    row.tasks_wanted = yes
    session.flush()
