"""One person on several channels: a code from one channel, typed in the other, confirmed in both. Flushes only.

The data stays with the channel that gave the code; what the other one had is joined to it, and nothing is lost. The code
has no vowels, so no Vietnamese word is taken for one; it is kept as a keyed hash only. Who guesses has five wrong tries in ten
minutes, and a right guess still needs a yes from the person who asked for the code.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.language.choices import squeeze
from bot.language.normalise import fold
from bot.services import dossiers, news, outbox, pace, people, study
from bot.services.tickets import owner as tickets
from bot.store.tables import (
    Certificate,
    Citizen,
    Consent,
    Conversation,
    DrillRun,
    Enrolment,
    FollowedDossier,
    Learner,
    LinkCode,
    Reminder,
    Review,
    ReviewCard,
    Revision,
    Ticket,
    TicketFollower,
    WaitingQuestion,
)
from bot.wording import say

LETTERS, DIGITS = "BCDFGHJKMNPQRTVWXZ", "23456789"
LENGTH = 6
VALID = timedelta(minutes=10)
"""For typing the code, and again for each of the two answers."""
WRONG = pace.Rate(per_second=5 / 600, burst=5)
"""Wrong codes of one conversation."""
AWAITED = "link:"
"""How `Conversation.awaiting` begins while a bare "có" answers whether to link."""
KEEP_CODES = timedelta(days=1)
_SHAPE = rf"[{LETTERS}{DIGITS}]{{3}}[ -]?[{LETTERS}{DIGITS}]{{3}}"
_BARE = re.compile(rf"(?:MA|MÃ)?[ :]*({_SHAPE})[ .]*")
_IN_TEXT = re.compile(rf"(?<!\w)({_SHAPE})(?!\w)")
_ABOUT_LINKING = re.compile(r"\b(?:noi|lien ket|ket noi|ghep|link)\b")
_UNLINK = re.compile(r"\b(?:bo|huy|ngat|go|cat|thoi|dung|tach|khong)(?: (?:viec|cai|su|hai|2|kenh|tai khoan|muon|can|toi|minh))* "
                     r"(?:lien ket|ket noi|noi|ghep|link)\b|\b(?:bo|huy|tach)(?: (?:hai|2))? (?:tai khoan|kenh)(?: \w+)? ra\b")


def new_code() -> str:
    """Six letters and digits with at least one of each, so that it is neither a word nor a number."""
    while True:
        code = "".join(secrets.choice(LETTERS + DIGITS) for _ in range(LENGTH))
        if set(code) & set(LETTERS) and set(code) & set(DIGITS):
            return code


def code_in(text: str) -> str | None:
    """The code that was typed, alone or in a sentence about linking."""
    typed = text.upper().strip()
    found = _BARE.fullmatch(typed) or (_IN_TEXT.search(typed) if _ABOUT_LINKING.search(fold(text)) else None)
    code = re.sub(r"[ -]", "", found.group(1)) if found else ""
    return code if set(code) & set(LETTERS) and set(code) & set(DIGITS) else None


def asks_to_unlink(text: str) -> bool:
    """"Bỏ nối", "hủy liên kết tài khoản"; not "bỏ liên kết Telegram, nối sang Zalo", which asks for another link."""
    said = fold(text)
    found = _UNLINK.search(said)
    return found is not None and not re.search(r"\b(?:noi|lien ket|chuyen|sang)\b", said[found.end():].replace("dang noi", "").replace("da noi", ""))


def hashed(key: bytes, code: str) -> str:
    return hmac.new(key, f"link:{code}".encode(), hashlib.sha256).hexdigest()


def name_of(channel: str) -> str:
    return say(f"channel_{channel}")


def others(session: Session, talk: Conversation) -> list[Conversation]:
    """The citizen's other conversations, the one used last first."""
    if talk.citizen_id is None:
        return []
    return list(session.scalars(select(Conversation).where(Conversation.citizen_id == talk.citizen_id, Conversation.id != talk.id)
                                .order_by(Conversation.seen_at.desc(), Conversation.id)))


# --- the code -----------------------------------------------------------------------------------------------------

def begin(session: Session, key: bytes, talk: Conversation, now: datetime) -> str:
    """A new code for this conversation; codes it had before are void. The citizen must have consented (the caller checks)."""
    void(session, talk)
    code = new_code()
    session.add(LinkCode(code_hash=hashed(key, code), from_id=talk.id, state="open", created_at=now, expires_at=now + VALID))
    session.flush()
    return code


def void(session: Session, talk: Conversation) -> None:
    """What this conversation had under way leads nowhere any more."""
    session.execute(update(LinkCode).where((LinkCode.from_id == talk.id) | (LinkCode.to_id == talk.id), LinkCode.state.not_in(("done", "refused")))
                    .values(state="refused"))


@dataclass(frozen=True)
class Typed:
    """What a typed code led to. kind: ask, wrong, too_often, own (typed where it was given), linked (already)."""

    kind: str
    code_id: int = 0
    channel: str = ""


def typed(session: Session, talk: Conversation, code_hash: str, now: datetime) -> Typed:
    """A code was typed in this conversation. A right one works once: from now on it is this conversation's."""
    tries = pace.level(session, f"link:{talk.id}", WRONG, now)
    if tries.tokens < 1:
        return Typed("too_often")
    row = session.scalars(select(LinkCode).where(LinkCode.code_hash == code_hash, LinkCode.state == "open", LinkCode.expires_at > now)
                          .with_for_update()).first()
    if row is None:
        pace.spend(tries, 1)
        session.flush()
        return Typed("wrong")
    source = session.get_one(Conversation, row.from_id)
    if source.id == talk.id:
        return Typed("own")
    if source.citizen_id is None:
        return Typed("wrong")
    if source.citizen_id == talk.citizen_id:
        row.state = "done"
        session.flush()
        return Typed("linked", row.id, source.channel)
    row.to_id, row.state, row.expires_at = talk.id, "typed", now + VALID
    talk.awaiting = f"{AWAITED}{row.id}"
    session.flush()
    return Typed("ask", row.id, source.channel)


@dataclass(frozen=True)
class Answered:
    """kind: asked (there), linked, refused, over (too late, or not theirs to answer). channel: the other one."""

    kind: str
    channel: str = ""


def answer(session: Session, talk: Conversation, code_id: int, yes: bool, address: str | None, now: datetime) -> Answered:
    """A yes or no to linking, in either conversation. Both yes: they belong to one citizen from now on."""
    row = session.get(LinkCode, code_id, with_for_update=True)
    expected = {"typed": row.to_id, "agreed": row.from_id}.get(row.state) if row is not None else None
    if row is None or expected != talk.id or row.expires_at <= now:
        return Answered("over")
    source, target = session.get_one(Conversation, row.from_id), session.get_one(Conversation, row.to_id)
    other = source if talk.id == target.id else target
    if not yes:
        row.state = "refused"
        if talk.id == source.id:
            tell(session, target, row, "refused", say("link_refused_there", channel=name_of(source.channel)), now)
            nothing_owed(target)
        session.flush()
        return Answered("refused", other.channel)
    if talk.id == target.id:
        row.state, row.expires_at = "agreed", now + VALID
        target.address = address or target.address  # the outcome is owed there
        ask_source(session, source, target, row, now)
        session.flush()
        return Answered("asked", other.channel)
    row.state = "done"
    join(session, source, target, now)
    tell(session, target, row, "done", say("link_done", channel=name_of(source.channel)), now)
    session.flush()
    return Answered("linked", other.channel)


def ask_source(session: Session, source: Conversation, target: Conversation, row: LinkCode, now: datetime) -> None:
    """The question to whoever asked for the code, in the channel where they did."""
    buttons = [{"title": say("link_yes"), "payload": payload(f"yes:{row.id}")}, {"title": say("link_no"), "payload": payload(f"no:{row.id}")}]
    outbox.enqueue(session, source, f"link:{row.id}:ask", "link",
                   {"text": say("link_confirm_here", channel=name_of(target.channel)), "buttons": buttons, "image": None, "quick": True}, now)
    source.awaiting = source.awaiting or f"{AWAITED}{row.id}"


def tell(session: Session, talk: Conversation, row: LinkCode, name: str, text: str, now: datetime) -> None:
    outbox.enqueue(session, talk, f"link:{row.id}:{name}", "link", {"text": text, "buttons": [], "image": None, "quick": False}, now)


def nothing_owed(talk: Conversation) -> None:
    """The address goes where nobody has consented to its being kept; what is queued has its own. Consent may be asked for again."""
    if talk.citizen_id is None:
        talk.address = talk.asked_consent_at = None


def payload(value: str) -> str:
    """A button's payload, as Rasa reads it."""
    return f'/link_account{{"value": "{value}"}}'


def clean(session: Session, now: datetime) -> int:
    """Codes that are over go, and with them addresses that were kept for an answer only. Returns how many codes."""
    expired = select(LinkCode.to_id).where(LinkCode.expires_at < now, LinkCode.to_id.is_not(None))
    session.execute(update(Conversation).where(Conversation.id.in_(expired), Conversation.citizen_id.is_(None)).values(address=None))
    return session.execute(delete(LinkCode).where(LinkCode.expires_at < now - KEEP_CODES)).rowcount


# --- joining ------------------------------------------------------------------------------------------------------

def join(session: Session, source: Conversation, target: Conversation, now: datetime) -> None:
    """The target's conversation, and whatever its citizen had, belongs to the source's citizen."""
    keep_id, gone_id = source.citizen_id, target.citizen_id
    if gone_id is None:
        target.citizen_id, target.learner_id = keep_id, source.learner_id
        session.flush()
        return
    if gone_id == keep_id:
        return
    # both locked, in one order, so that two joins at once neither cross nor wait for each other for ever
    citizens = {c.id: c for c in session.scalars(select(Citizen).where(Citizen.id.in_((keep_id, gone_id))).order_by(Citizen.id).with_for_update())}
    keep, gone = citizens[keep_id], citizens[gone_id]
    mine, theirs = (list(session.scalars(select(Learner).where(Learner.citizen_id == c).order_by(Learner.id))) for c in (keep_id, gone_id))
    pairs = [(learner, counterpart(learner, mine, theirs)) for learner in theirs]
    for talk in session.scalars(select(Conversation).where(Conversation.citizen_id == gone_id)):
        talk.citizen_id = keep_id
    for reminder in session.scalars(select(Reminder).where(Reminder.citizen_id == gone_id)):
        reminder.citizen_id = keep_id
    dossiers.join(session, keep_id, gone_id)
    news.join(session, keep_id, gone_id)
    tickets.join(session, keep_id, gone_id)
    # ledger rows are neither changed in what they say nor removed; their order by id makes the newest word count
    session.execute(update(Consent).where(Consent.citizen_id == gone_id).values(citizen_id=keep_id))
    keep.commune = keep.commune or gone.commune
    for learner, same in pairs:
        learner.citizen_id = keep_id
        session.flush()
        if same is not None:
            join_learners(session, same, learner, now)
    for talk in (source, target):
        talk.learner_id = talk.learner_id or source.learner_id
    session.flush()
    session.delete(gone)
    session.flush()
    said_no = {"reminders", "drills", "news"} - people.consents(session, keep_id)
    people.stopped(session, keep_id, said_no, now)


def counterpart(learner: Learner, mine: list[Learner], theirs: list[Learner]) -> Learner | None:
    """The same person among mine: of one name, or both without, or the only one on each side where one has no name."""
    for one in mine:
        if squeeze(one.name or "") == squeeze(learner.name or ""):
            return one
    alone = len(mine) == len(theirs) == 1
    return mine[0] if alone and (mine[0].name is None or learner.name is None) else None


def join_learners(session: Session, into: Learner, gone: Learner, now: datetime) -> None:
    """Everything of one learner to another; where both have the same, see the parts."""
    open_here = study.is_open(session, into.id)
    join_enrolments(session, into, gone, open_here, now)
    join_cards(session, into, gone)
    join_revision(session, into, gone, open_here)
    for table in (Review, Certificate, DrillRun):
        session.execute(update(table).where(table.learner_id == gone.id).values(learner_id=into.id))
    waiting = session.scalars(select(DrillRun).where(DrillRun.learner_id == into.id, DrillRun.state == "waiting")
                              .order_by(DrillRun.agreed_at.desc(), DrillRun.id.desc())).all()
    for run in waiting[1:]:  # at most one fake message is to come, the one agreed to last
        run.state, run.ended_at, run.next_due_at = "cancelled", now, None
    into.name = into.name or gone.name
    into.nudge_hour = gone.nudge_hour if into.nudge_hour is None else into.nudge_hour
    into.nudged_at = max((at for at in (into.nudged_at, gone.nudged_at) if at), default=None)
    into.nudges_unanswered = min(into.nudges_unanswered, gone.nudges_unanswered)
    for talk in session.scalars(select(Conversation).where(Conversation.learner_id == gone.id)):
        talk.learner_id = into.id
    session.flush()
    session.delete(gone)
    session.flush()


def join_enrolments(session: Session, into: Learner, gone: Learner, open_here: bool, now: datetime) -> None:
    """Rounds are counted anew by their beginning. Of two unfinished rounds the one further on stays open, the other is left."""
    rows = session.scalars(select(Enrolment).where(Enrolment.learner_id.in_((into.id, gone.id)))
                           .order_by(Enrolment.slug, Enrolment.started_at, Enrolment.id)).all()
    if open_here:
        for one in rows:
            one.active = one.active and one.learner_id == into.id
    for _, group in groupby(rows, key=lambda e: e.slug):
        rounds = list(group)
        unfinished = sorted((e for e in rounds if e.completed_at is None and e.left_at is None),
                            key=lambda e: (e.lessons_done, e.items_right, e.touched_at), reverse=True)
        for other in unfinished[1:]:
            other.left_at, other.active = now, False
        for n, one in enumerate(rounds):  # out of the way first: learner, slug and round are unique at every moment
            one.round = 10_000 + n
        session.flush()
        for n, one in enumerate(rounds, 1):
            one.learner_id, one.round = into.id, n
        session.flush()


def join_cards(session: Session, into: Learner, gone: Learner) -> None:
    """An item both have met keeps the card that was reviewed last."""
    known = {(c.slug, c.item_id): c for c in session.scalars(select(ReviewCard).where(ReviewCard.learner_id == into.id))}
    for card in session.scalars(select(ReviewCard).where(ReviewCard.learner_id == gone.id)).all():
        same = known.get((card.slug, card.item_id))
        if same is not None and same.reviewed_at >= card.reviewed_at:
            session.delete(card)
            continue
        if same is not None:
            session.delete(same)
            session.flush()
        card.learner_id = into.id
        session.flush()
    session.flush()


def join_revision(session: Session, into: Learner, gone: Learner, open_here: bool) -> None:
    """Of two sittings the one touched last goes on."""
    mine, theirs = session.get(Revision, into.id), session.get(Revision, gone.id)
    if theirs is None:
        return
    if mine is None:
        mine = Revision(learner_id=into.id, active=False, touched_at=theirs.touched_at)
        session.add(mine)
    if mine.touched_at <= theirs.touched_at:
        mine.state, mine.started_at, mine.touched_at = theirs.state, theirs.started_at, theirs.touched_at
        mine.active = mine.active or (theirs.active and not open_here)
    session.delete(theirs)
    session.flush()


# --- parting ------------------------------------------------------------------------------------------------------

def part(session: Session, talk: Conversation, gone_id: str, now: datetime) -> Conversation | None:
    """Takes one of the citizen's conversations out; the data, reminders included, stays with the others.

    Returns the conversation that is out; None when it is none of this citizen's, or their only one.
    """
    every = [talk, *others(session, talk)]
    gone = next((t for t in every if t.id == gone_id), None)
    rest = [t for t in every if t is not gone]
    if gone is None or not rest:
        return None
    stays = talk if gone is not talk else rest[0]
    for table in (Reminder, DrillRun, FollowedDossier, WaitingQuestion, Ticket, TicketFollower):
        session.execute(update(table).where(table.conversation_id == gone.id).values(conversation_id=stays.id))
    running = select(DrillRun.id).where(DrillRun.learner_id == gone.learner_id, DrillRun.state == "running", DrillRun.conversation_id == stays.id)
    if (gone.awaiting or "").startswith("drill:"):
        session.execute(update(DrillRun).where(DrillRun.id.in_(running)).values(state="cancelled", ended_at=now, next_due_at=None))
    void(session, gone)
    if gone is not talk:
        outbox.enqueue(session, gone, f"link:part:{gone.id}:{now.timestamp():.0f}", "link",
                       {"text": say("unlinked_there", channel=name_of(talk.channel)), "buttons": [], "image": None, "quick": False}, now)
    gone.citizen_id = gone.learner_id = gone.address = gone.awaiting = gone.asked_consent_at = None
    gone.offered, gone.lesson_on_screen = [], False
    session.flush()
    return gone
