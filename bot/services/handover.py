"""A citizen speaks with an officer instead of the machine. Flushes only; the caller commits.

waiting: the machine goes on answering, and what is said is kept for whoever takes the talk. on: what is typed goes to that officer
and to no machine (bot/services/inbox.py); buttons of ours are still pressed for it. Every talk ends by itself when one side falls
silent, also with no worker alive: `overdue` is asked at each message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.clock import local
from bot.errors import Refusal
from bot.language.normalise import clean, fold
from bot.language.sensitive import mask
from bot.reminders.staffed import Hours
from bot.services import audit, communes, outbox, person_talks
from bot.services.staff import Who
from bot.store.tables import Citizen, Conversation, HumanLine, HumanTalk, Outbound, Staff, StaffSession
from bot.wording import say

TAKEN_WITHIN = timedelta(minutes=5)
OFFICER_SILENT = timedelta(minutes=15)
CITIZEN_SILENT = timedelta(minutes=30)
PRESENT = timedelta(minutes=10)
"""An officer whose browser has asked for nothing for so long is not there; the page of talks asks every few seconds."""
DESK = ("officer", "administrator")
MOST = 1000
EARLIER = 3
LEAST_REASON = 10
ENDS = {"released": "cán bộ kết thúc", "citizen": "người dân kết thúc", "nobody": "không ai nhận trong 5 phút",
        "officer_silent": "cán bộ không trả lời trong 15 phút", "citizen_silent": "người dân không nhắn trong 30 phút"}
STATES = {"waiting": "Đang chờ", "on": "Đang trò chuyện", "closed": "Đã kết thúc"}
END_WORDS = ("ket thuc", "ket thuc tro chuyen", "noi voi may", "noi chuyen voi may", "thoat")
NOT_WORDS = "[ảnh, tệp hoặc tin không có chữ; máy không giữ]"


# --- from the chat


@dataclass(frozen=True)
class Asked:
    """What came of asking for a person. kind: waiting, closed (outside the hours), nobody (none of ours is there). place: in the queue, from 1."""

    kind: str
    place: int = 0


def request(session: Session, talk: Conversation, address: str | None, commune: str | None, hours: Hours, now: datetime) -> Asked:
    """Waits for an officer from now on, unless there is none to wait for. The address is kept until the talk is over: it is owed an answer."""
    row = going(session, talk.id)
    if row is None:
        commune = _commune(session, talk) or commune
        if not hours.at(now):
            return Asked("closed")
        if not present(session, commune, now):
            return Asked("nobody")
        talk.address = address or talk.address
        row = HumanTalk(conversation_id=talk.id, open_id=talk.id, channel=talk.channel, commune=commune, state="waiting", earlier=[], requested_at=now)
        session.add(row)
        session.flush()
    return Asked("waiting", 1 + (session.scalar(select(func.count()).where(HumanTalk.state == "waiting", HumanTalk.id < row.id)) or 0))


def _commune(session: Session, talk: Conversation) -> str | None:
    return session.get_one(Citizen, talk.citizen_id).commune if talk.citizen_id is not None else None


def present(session: Session, commune: str | None, now: datetime) -> bool:
    """Is somebody there who would see a citizen of this commune (None: unknown)?"""
    there = select(StaffSession.staff_id).where(StaffSession.seen_at > now - PRESENT)
    return any(covers(communes, commune) for communes in session.scalars(
        select(Staff.communes).where(Staff.id.in_(there), Staff.active, Staff.role.in_(DESK))))


def covers(communes: Sequence[str], commune: str | None) -> bool:
    """Officers of communes see those communes' talks; those whose commune nobody knows are seen by officers of the province."""
    return not communes or commune in communes


def share(session: Session, talk: Conversation) -> bool:
    """The citizen wants the officer to see what the machine answered last; what the citizen typed before was never kept. False: nobody is waited for."""
    row = going(session, talk.id)
    if row is None:
        return False
    bodies = session.scalars(select(Outbound.body).where(Outbound.conversation_id == talk.id, Outbound.kind == "reply", Outbound.created_at < row.requested_at)
                             .order_by(Outbound.id.desc()).limit(EARLIER)).all()
    row.earlier = [mask(body.get("text") or "")[0][:MOST] for body in reversed(bodies)]
    session.flush()
    return True


def going(session: Session, conversation_id: str) -> HumanTalk | None:
    """The talk of this chat that waits or is on, locked."""
    return session.scalars(select(HumanTalk).where(HumanTalk.open_id == conversation_id).with_for_update()).first()


def hears(session: Session, row: HumanTalk, text: str, now: datetime) -> None:
    """The citizen wrote; text is masked."""
    _line(session, row, "citizen", text or NOT_WORDS, now)
    row.unanswered_since = row.unanswered_since or now
    if row.state == "on":
        _silent(session, row, now)


def says_end(text: str) -> bool:
    return fold(text).strip(" .!") in END_WORDS


def end(session: Session, talk: Conversation, now: datetime) -> bool:
    """The citizen wants the machine back, or waits no longer. False: there is no such talk."""
    row = going(session, talk.id)
    if row is None:
        return False
    close(session, row, "citizen", now)
    return True


# --- from the desk


def visible(session: Session, who: Who) -> list[HumanTalk]:
    """Those that wait where this person works, the one waiting longest first, and this person's own that are on."""
    rows = session.scalars(select(HumanTalk).where(HumanTalk.state.in_(("waiting", "on"))).order_by(HumanTalk.id)).all()
    return [row for row in rows if (row.staff_id == who.id if row.state == "on" else covers(who.communes, row.commune))]


def finished(session: Session, who: Who, most: int = 100) -> list[HumanTalk]:
    """This person's own that are over and still kept, the newest first; an administrator sees that others were, not what was said."""
    query = select(HumanTalk).where(HumanTalk.state == "closed").order_by(HumanTalk.id.desc()).limit(most)
    if who.role != "administrator":
        query = query.where(HumanTalk.staff_id == who.id)
    return [row for row in session.scalars(query) if row.staff_id == who.id or covers(who.communes, row.commune)]


def own(session: Session, who: Who, ident: int) -> HumanTalk | None:
    """The talk, if this person took it."""
    row = session.get(HumanTalk, ident)
    return row if row is not None and row.staff_id == who.id else None


def lines(session: Session, row: HumanTalk) -> Sequence[HumanLine]:
    return session.scalars(select(HumanLine).where(HumanLine.talk_id == row.id).order_by(HumanLine.id)).all()


def take(session: Session, who: Who, ident: int, now: datetime) -> HumanTalk:
    """This officer has it and no other. Raises Refusal."""
    row = _locked(session, ident)
    if row is None or not covers(who.communes, row.commune):
        raise Refusal("Không có cuộc trò chuyện này.")
    taken = session.execute(update(HumanTalk).where(HumanTalk.id == ident, HumanTalk.state == "waiting").values(
        state="on", staff_id=who.id, taken_at=now, unanswered_since=now)).rowcount
    if not taken:
        raise Refusal("Cuộc này đã có người nhận, hoặc người dân không chờ nữa.")
    session.refresh(row)
    _silent(session, row, now)
    _tell(session, row, "taken", say("human_taken", name=who.name), now, ((say("human_end_button"), '/request_human{"value": "end"}'),))
    audit.note(session, who.id, who.login, "hand_over", f"trò chuyện {row.id}", now, step="taken", commune=row.commune)
    return row


def answer(session: Session, who: Who, ident: int, text: str, now: datetime) -> HumanLine:
    """The officer's words to the citizen, numbers of people and accounts masked in them as in the citizen's. Raises Refusal."""
    row = _mine(session, who, ident)
    text = mask(clean(text))[0].strip()
    if not 1 <= len(text) <= MOST:
        raise Refusal(f"Câu trả lời cần từ 1 đến {MOST} ký tự.", "text")
    line = _line(session, row, "officer", text, now)
    row.officer_at, row.unanswered_since = now, None
    _silent(session, row, now)
    _tell(session, row, f"line:{line.id}", say("human_says", name=who.name, text=text), now)
    return line


def release(session: Session, who: Who, ident: int, now: datetime) -> None:
    """The machine has the chat again. Raises Refusal."""
    row = _mine(session, who, ident)
    close(session, row, "released", now)
    audit.note(session, who.id, who.login, "hand_over", f"trò chuyện {row.id}", now, step="released")


def look(session: Session, who: Who, ident: int, reason: str, now: datetime) -> HumanTalk:
    """An administrator reads what another officer and a citizen said; written down with the reason. Raises Refusal."""
    row = session.get(HumanTalk, ident)
    if row is None or not covers(who.communes, row.commune):
        raise Refusal("Không có cuộc trò chuyện này.")
    if len(reason := clean(reason).strip()) < LEAST_REASON:
        raise Refusal(f"Hãy ghi lý do xem, ít nhất {LEAST_REASON} ký tự.", "reason")
    audit.note(session, who.id, who.login, "raw_text_seen", f"trò chuyện {row.id}", now, reason=reason[:500])
    return row


def _mine(session: Session, who: Who, ident: int) -> HumanTalk:
    row = _locked(session, ident)
    if row is None or row.staff_id != who.id or row.state != "on":
        raise Refusal("Cuộc trò chuyện này không còn mở với bạn.")
    return row


def _locked(session: Session, ident: int) -> HumanTalk | None:
    """The talk, locked as bot/services/inbox.py locks it: the conversation first, else two transactions wait for each other."""
    row = session.get(HumanTalk, ident)
    if row is None or session.get(Conversation, row.conversation_id, with_for_update=True) is None:
        return None
    return session.get(HumanTalk, ident, with_for_update=True, populate_existing=True)


# --- ends


def overdue(row: HumanTalk, now: datetime) -> str | None:
    """Why the talk is over by now, a key of ENDS; None while it is not."""
    if row.state == "waiting":
        return "nobody" if now - row.requested_at >= TAKEN_WITHIN else None
    if row.unanswered_since is not None:
        return "officer_silent" if now - row.unanswered_since >= OFFICER_SILENT else None
    return "citizen_silent" if now - row.officer_at >= CITIZEN_SILENT else None


def close(session: Session, row: HumanTalk, why: str, now: datetime) -> None:
    """Over; the citizen is told by whom they are answered now, unless they know. why: a key of ENDS."""
    talk = session.get_one(Conversation, row.conversation_id)
    if row.state == "on":
        talk.person_until = None
    row.state, row.why, row.open_id, row.closed_at = "closed", why, None, now
    _line(session, row, "machine", ENDS[why], now)
    ticket = (say("rate_feedback_button"), "/give_feedback")
    if why == "nobody":
        office = communes.contact_lines(session, row.commune, local(now).date())  # unknown stays unknown
        _tell(session, row, why, "\n".join([say("human_nobody_came"), say("human_contacts"), *office]), now, (ticket,))
    elif why == "officer_silent":
        _tell(session, row, why, say("human_officer_silent"), now, (ticket,))
    elif why != "citizen":
        _tell(session, row, why, say("human_released" if why == "released" else "human_citizen_silent"), now)
    person_talks.nothing_owed(talk)
    session.flush()


def tick(session: Session, now: datetime, most: int = 100) -> int:
    """Ends what is overdue; returns how many."""
    rows = session.scalars(select(HumanTalk).where(HumanTalk.state.in_(("waiting", "on"))).order_by(HumanTalk.id)).all()
    ended = 0
    for ident in [row.id for row in rows if overdue(row, now) is not None][:most]:
        row = _locked(session, ident)
        if row is not None and row.state != "closed" and (why := overdue(row, now)) is not None:
            close(session, row, why, now)
            ended += 1
    return ended


def _line(session: Session, row: HumanTalk, by: str, text: str, now: datetime) -> HumanLine:
    line = HumanLine(talk_id=row.id, by=by, text=text, at=now)
    session.add(line)
    session.flush()
    return line


def _silent(session: Session, row: HumanTalk, now: datetime) -> None:
    """Nothing of our own accord comes in between (bot/services/outbox.py)."""
    session.get_one(Conversation, row.conversation_id).person_until = now + CITIZEN_SILENT


def _tell(session: Session, row: HumanTalk, name: str, text: str, now: datetime, buttons: Sequence[tuple[str, str]] = ()) -> None:
    talk = session.get_one(Conversation, row.conversation_id)
    shown = [{"title": title, "payload": payload, "n": n} for n, (title, payload) in enumerate(buttons, 1)]
    outbox.enqueue(session, talk, f"human:{row.id}:{name}", "reply", {"text": text, "buttons": shown, "image": None, "quick": False}, now)
    if shown:
        talk.offered = [{"title": one["title"], "payload": one["payload"], "numbered": True} for one in shown]
