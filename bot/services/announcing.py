"""Announcements on their way: whom they reach, made into rows, put into the outbox by day, and what became of them.

Each step is a short transaction over at most BATCH people, so that a hundred thousand are queued without a long one; what is
done stands in the tables, so a worker that dies leaves nothing twice and nothing out. `run` is the worker's tick.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from bot.clock import local
from bot.reminders import policy
from bot.services import news, outbox, reads
from bot.services.announcements import CHANNELS, Given, body_of
from bot.services.figures.hiding import few, hide_column
from bot.services.figures.table import FEW, KEPT, Cell, Hidden
from bot.store.db import Database, Instant
from bot.store.tables import Announcement, AnnouncementSend, Citizen, Conversation, Enrolment, Learner, NewsTopic, Outbound

BATCH = 2000
AT_ONCE = 100
"""Messages put into the outbox in one transaction: it locks their conversations, and citizens are writing in them."""
AHEAD = 1000
"""Messages of one channel that may wait in the outbox: more than go out between two ticks, and so few that the claims of every second,
which look through all that wait there, stay quick while a hundred thousand are on their way. What has not left is also asked late
whether it may still go. Those of the web chat wait for the citizen and not for us."""
TICK_SECONDS = 5.0
"""How long one tick goes on before other errands have their turn."""
TOO_LATE = timedelta(days=7)
"""News that could not go for so long is none any more."""


# --- whom it reaches


def audience(one: Given | Announcement) -> Select[tuple[int]]:
    """The ids of the citizens it reaches now."""
    query = select(Citizen.id).where(news.wanted(), exists().where(Conversation.citizen_id == Citizen.id, *_open(one.channels)))
    if one.kind != "emergency":
        query = query.where(exists().where(NewsTopic.citizen_id == Citizen.id, NewsTopic.topic == one.topic))
    if one.communes:
        query = query.where(Citizen.commune.in_(one.communes))
    if one.course:
        theirs = (Learner.citizen_id == Citizen.id, Enrolment.learner_id == Learner.id, Enrolment.slug == one.course)
        query = query.where({"not_started": ~exists().where(*theirs), "finished": exists().where(*theirs, Enrolment.completed_at.is_not(None)),
                             "enrolled": exists().where(*theirs, Enrolment.completed_at.is_(None), Enrolment.left_at.is_(None))}[one.course_state])
    return query


def _open(channels: Sequence[str], chat: type[Conversation] = Conversation) -> tuple[ColumnElement[bool], ...]:
    return (chat.closed_at.is_(None), chat.address.is_not(None), chat.channel.in_(channels or CHANNELS))


def reached(session: Session, one: Given | Announcement) -> Cell:
    """How many people that is; "<5" for fewer than five."""
    count = session.scalar(select(func.count()).select_from(audience(one).subquery())) or 0
    return FEW if few(count) else count


# --- on the way


def run(database: Database, clock: Callable[[], datetime]) -> int:
    """One tick; returns how many messages went into the outbox."""
    until, queued = time.monotonic() + TICK_SECONDS, 0
    database.again(lambda session: begin(session, clock()))
    while time.monotonic() < until and database.again(lambda session: expand(session, clock())):
        pass
    while time.monotonic() < until and (now_queued := database.again(lambda session: queue(session, clock()))):
        queued += now_queued
    while time.monotonic() < until and database.again(lambda session: look(session)):
        pass
    database.again(lambda session: finish(session, clock()))
    return queued


def begin(session: Session, now: datetime) -> None:
    """What is approved and due is being sent from now on."""
    session.execute(update(Announcement).where(Announcement.state == "approved", Announcement.send_at <= now).values(state="sending"))


def expand(session: Session, now: datetime) -> int:
    """The next people of one announcement get a row each, on the channel they used last; returns how many were looked at.

    The database writes the rows itself: a hundred thousand pass through no process. By a range of ids, for behind a bare limit
    PostgreSQL works out the whole audience for each batch.
    """
    one = session.scalars(select(Announcement).where(Announcement.state == "sending", Announcement.expanded_at.is_(None))
                          .order_by(Announcement.kind, Announcement.id).limit(1).with_for_update(skip_locked=True)).first()
    if one is None:
        return 0
    people = session.scalars(select(Citizen.id).where(Citizen.id > one.cursor).order_by(Citizen.id).limit(BATCH)).all()
    if people:
        session.execute(insert(AnnouncementSend.__table__).from_select(
            ["announcement_id", "conversation_id", "channel", "state", "next_try_at"], _rows(one, one.cursor, people[-1], now)))
        one.cursor = people[-1]
    if len(people) < BATCH:
        one.expanded_at = now
    session.flush()
    return len(people)


def _rows(one: Announcement, after: int, upto: int, now: datetime) -> Select[tuple[int, str, str, str, datetime]]:
    """The rows of the people with ids in (after, upto]: whom it reaches, and not who has had it as one of two citizens who became one."""
    newer, other = aliased(Conversation), aliased(Conversation)
    theirs = (Conversation.citizen_id > after, Conversation.citizen_id <= upto)
    reached_ids = audience(one).where(Citizen.id > after, Citizen.id <= upto)
    used_later = exists().where(newer.citizen_id == Conversation.citizen_id, newer.citizen_id > after, newer.citizen_id <= upto,
                                *_open(one.channels, newer), or_(
        newer.seen_at > Conversation.seen_at, and_(newer.seen_at == Conversation.seen_at, newer.id > Conversation.id)))
    had = select(other.citizen_id).where(other.citizen_id > after, other.citizen_id <= upto, exists().where(
        AnnouncementSend.announcement_id == one.id, AnnouncementSend.conversation_id == other.id))
    return select(literal(one.id), Conversation.id, Conversation.channel, literal("waiting"), literal(now, Instant)).where(
        *theirs, *_open(one.channels), Conversation.citizen_id.in_(reached_ids), ~used_later, Conversation.citizen_id.not_in(had)
    ).order_by(Conversation.citizen_id)


def queue(session: Session, now: datetime) -> int:
    """The next rows that may go now, into the outbox; returns how many were looked at. An emergency goes before everything else.

    Others go by day, are the one message a day that we send of our own accord, and do not break into a talk.
    """
    which = select(AnnouncementSend, Announcement).join(Announcement, Announcement.id == AnnouncementSend.announcement_id).where(
        AnnouncementSend.state == "waiting", AnnouncementSend.next_try_at <= now, Announcement.state.in_(("sending", "sent")))
    if policy.quiet(now):
        which = which.where(Announcement.kind == "emergency")
    for kind, channel in crowded(session):
        which = which.where(or_(Announcement.kind != kind, AnnouncementSend.channel != channel))
    rows = session.execute(which.order_by(Announcement.kind, AnnouncementSend.id).limit(AT_ONCE)
                           .with_for_update(skip_locked=True, of=AnnouncementSend)).all()
    talks = {t.id: t for t in session.scalars(select(Conversation).where(Conversation.id.in_([s.conversation_id for s, _ in rows])))}
    agreed = set(session.scalars(select(Citizen.id).where(Citizen.id.in_({t.citizen_id for t in talks.values()}), news.wanted())))
    bodies = {one.id: body_of(one) for _, one in rows}
    for send, one in rows:
        _queued(session, send, one, talks.get(send.conversation_id or ""), agreed, bodies[one.id], now)
    session.flush()
    return len(rows)


def crowded(session: Session) -> list[tuple[str, str]]:
    """(kind of announcement, channel) of which AHEAD messages wait in the outbox already."""
    waiting = session.execute(select(Outbound.kind, Outbound.channel).where(
        Outbound.state == "due", Outbound.kind.in_(news.KINDS), Outbound.channel != "web")
        .group_by(Outbound.kind, Outbound.channel).having(func.count() >= AHEAD))
    return [("emergency" if kind == "alert" else "normal", channel) for kind, channel in waiting]


def _queued(session: Session, send: AnnouncementSend, one: Announcement, talk: Conversation | None, agreed: set[int], body: dict,
            now: datetime) -> None:
    if talk is None or talk.citizen_id not in agreed:
        send.state, send.error = "cancelled", "unsubscribed"
    elif talk.closed_at is not None:
        send.state, send.error = "failed", "closed"
    elif now - one.send_at > TOO_LATE:
        send.state, send.error = "failed", "too_late"
    elif one.kind == "emergency":
        send.outbox_id = outbox.enqueue(session, talk, f"announcement:{one.id}:{talk.id}", "alert", body, now)
        send.state = "queued"
    elif now - talk.seen_at < policy.IN_TALK:
        send.next_try_at = talk.seen_at + policy.IN_TALK
    elif (ident := outbox.enqueue(session, talk, policy.day_cause(talk.citizen_id, now), "news", body, now)) is None:
        tomorrow = (local(now) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        send.next_try_at = policy.by_day(tomorrow)  # today's message was something else
    else:
        send.state, send.outbox_id = "queued", ident


def look(session: Session) -> int:
    """Notes with the results what became of messages in the outbox, which keeps them for two days only; returns how many changed."""
    found = session.execute(
        select(AnnouncementSend.id, Outbound.state, Outbound.error, Outbound.sent_at).join(Outbound, Outbound.id == AnnouncementSend.outbox_id).where(
            or_(AnnouncementSend.state == "queued", AnnouncementSend.state == "held"), Outbound.state.in_(("sent", "dead", "held")),
            Outbound.state != AnnouncementSend.state).limit(BATCH)).all()
    if found:
        session.execute(update(AnnouncementSend), [
            {"id": ident, "state": "failed" if state == "dead" else state, "error": None if state == "sent" else error, "sent_at": sent_at}
            for ident, state, error, sent_at in found])
    return len(found)


def finish(session: Session, now: datetime) -> None:
    """Everybody has been looked at and nobody waits: all of it is on its way."""
    waits = exists().where(AnnouncementSend.announcement_id == Announcement.id, AnnouncementSend.state == "waiting")
    session.execute(update(Announcement).where(Announcement.state == "sending", Announcement.expanded_at.is_not(None), ~waits)
                    .values(state="sent", ended_at=now).execution_options(synchronize_session=False))


def lost(session: Session, now: datetime) -> int:
    """Messages the outbox gave up without a word: those held too long are cleaned away. For the nightly cleaning; returns how many."""
    return session.execute(update(AnnouncementSend).where(
        AnnouncementSend.state.in_(("queued", "held")), ~exists().where(Outbound.id == AnnouncementSend.outbox_id))
        .values(state="failed", error="never_fetched").execution_options(synchronize_session=False)).rowcount


# --- what became of it

WORDS = {"waiting": "Chờ đến lượt", "queued": "Đang gửi, hoặc chờ người dân mở trang", "sent": "Đã tới kênh của người dân",
         "held": "Zalo giữ đến khi người dân nhắn lại", "failed": "Không gửi được", "cancelled": "Không gửi nữa"}
REASONS = {"closed": "người dân đã chặn hoặc bỏ theo dõi", "blocked": "người dân đã chặn hoặc bỏ theo dõi", "gone": "tài khoản không còn",
           "too_late": "quá 7 ngày chưa tới lượt", "superseded": "đã có tin mới hơn", "unsubscribed": "người dân thôi nhận tin",
           "cancelled": "thông báo bị hủy", "never_fetched": "quá hạn giữ, người dân không quay lại", "too_long": "tin dài hơn kênh cho phép",
           "quota": "hết lượt gửi của kênh", "bad_token": "kênh từ chối khóa kết nối"}


@dataclass(frozen=True)
class Result:
    """rows: (what, why, how many people), hidden where they are few. unsubscribed: within a day of it.

    read: how many have read it, of the `known` it has come to on channels that tell (bot/services/reads.py).
    """

    rows: tuple[tuple[str, str, Cell], ...]
    unsubscribed: Cell
    total: Cell
    read: Cell
    known: Cell


def results(session: Session, ident: int) -> Result:
    mine = AnnouncementSend.announcement_id == ident
    found: Counter[tuple[str, str]] = Counter()
    for state, error, count in session.execute(select(AnnouncementSend.state, AnnouncementSend.error, func.count()).where(mine)
                                               .group_by(AnnouncementSend.state, AnnouncementSend.error)):
        found[state, REASONS.get(error or "", error or "") if state in ("failed", "cancelled") else ""] += count
    order = list(WORDS)
    keys = sorted(found, key=lambda key: (order.index(key[0]), key[1]))
    values = [found[key] for key in keys]
    hiding = hide_column(values)
    left = session.scalar(select(func.count()).where(mine, AnnouncementSend.unsubscribed_at.is_not(None))) or 0
    total = sum(values)
    sent = hiding.cell(keys.index(("sent", "")), 0, found["sent", ""]) if ("sent", "") in found else 0
    return Result(tuple((WORDS[state], why, hiding.cell(at, 0, found[state, why])) for at, (state, why) in enumerate(keys)),
                  FEW if few(left) else left, FEW if few(total) else total, *_read(session, ident, sent))


def _read(session: Session, ident: int, sent: Cell) -> tuple[Cell, Cell]:
    """How many have read it, and of how many that is known; hidden so that neither gives away the other, with the number of `sent` beside."""
    if isinstance(sent, Hidden):
        return sent, sent
    came = select(func.count()).where(AnnouncementSend.announcement_id == ident, AnnouncementSend.state == "sent")
    known = session.scalar(came.where(AnnouncementSend.channel.in_(reads.CHANNELS))) or 0
    read = session.scalar(came.where(AnnouncementSend.channel.in_(reads.CHANNELS), AnnouncementSend.read_at.is_not(None))) or 0
    total = session.scalar(came) or 0
    hiding = hide_column((read, known - read, total - known))
    unknown = hiding.cell(2, 0, total - known)
    return hiding.cell(0, 0, read), known if not isinstance(unknown, Hidden) else FEW if few(known) else KEPT
