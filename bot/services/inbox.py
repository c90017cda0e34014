"""Inbound messages: stored once, taken in order within a conversation, side by side across conversations."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from bot.language import reminder_words
from bot.language.choices import pointed
from bot.language.confession import did_it
from bot.language.distress import in_distress
from bot.language.emergency import is_emergency
from bot.language.normalise import clean, fold
from bot.language.sensitive import mask
from bot.messages import Incoming
from bot.services import communes, counted, handover, incidents, linking, outbox, people, reads, silence, sos, tasks, trial
from bot.services.tickets import photos
from bot.store.db import Instant, insert_unless_there
from bot.store.tables import Button, Conversation, HumanTalk, Inbound, MessageSent, Outbound, Turn
from bot.wording import say

LEASE = timedelta(seconds=60)
TRIES = 5
LONG_TITLE = 9
SAME_ANSWER = timedelta(seconds=10)
LINK_TOKEN = "[mã nối]"
BARE = ("/affirm", "/deny")
OURS = re.compile(r"b[A-Za-z0-9_-]{12}")
"""The ids of our buttons (outbox.with_ids). What a platform hands back may be forged: a database cannot even be asked for every text."""
DID_IT = "/scam_emergency"
"""What the button "Tôi lỡ làm theo rồi" stands for; whoever says so in other words is not asked to look for it."""
CANCELS = "/cancel_reminder"
ALL_GO, CLEARS = f'{CANCELS}{{"value": "all"}}', f'{CANCELS}{{"value": "clear"}}'
LATER = (1, 2, 5, 10, 30)
"""Seconds to wait after the first, second … failure."""

PUT = insert_unless_there(Inbound.__table__, "channel", "platform_id")
DONE = (update(Inbound.__table__).where(Inbound.__table__.c.id == bindparam("ident"))
        .values(state="done", done_at=bindparam("now"), text=None, payload=None, address=None, lease_until=None, error=None))
FORGET_TURN = delete(Turn.__table__).where(Turn.__table__.c.inbox_id == bindparam("ident"))
_TALK = bindparam("talk")
AROUND = select(exists().where(MessageSent.conversation_id == _TALK, MessageSent.answered_at.is_(None)),
                exists().where(Outbound.conversation_id == _TALK, Outbound.state == "held"),
                exists().where(HumanTalk.open_id == _TALK))
"""What most chats have none of: messages of ours not answered yet, held messages, a talk with a person. One look instead of three."""


@dataclass(frozen=True)
class Stored:
    """inbox_id of the message, and whether it is new. 0 for an event that nothing is worked out for."""

    inbox_id: int
    conversation_id: str
    new: bool


def store(session: Session, key: bytes, message: Incoming, now: datetime) -> Stored:
    """Writes the message unless its platform id is there already. Secrets are masked before anything is written."""
    heard_at = min(message.at or now, now)
    if message.read:
        return Stored(0, reads.by_platform(session, key, message.channel, message.address, message.read, heard_at), False)
    talk = people.conversation(session, key, message.channel, message.address, now)
    if message.left:
        people.close(session, talk, heard_at, now)
        return Stored(0, talk.id, False)
    if message.person_minutes:
        silence.begin(session, talk, message.platform_id, message.person_minutes, heard_at, now)
        return Stored(0, talk.id, False)
    if message.opened and known(session, talk, now):
        return Stored(0, talk.id, False)
    with_person = heard(session, talk, heard_at, now)
    talking = handover.going(session, talk.id) if with_person else None
    if talking is not None and (why := handover.overdue(talking, now)) is not None:
        handover.close(session, talking, why, now)
        talking = None
    if talking is not None and talking.state == "on" and not message.start and not (message.button and pressed(session, talk, message.button)):
        return for_officer(session, talk, talking, message, now)
    if silence.lasts(talk, now) and not (message.button and pressed(session, talk, message.button)):
        return for_a_person(session, talk, message, now)
    if not message.button and in_distress(message.text):
        return for_one_in_distress(session, talk, talking, message, now)
    if message.photo or message.location:
        message = replace(message, answer=photos.arrived(session, talk, message, now) or message.answer)
    if message.answer and not message.text:  # one for an album, else one within ten seconds, for ten photos are ten events
        answered_lately = exists().where(Outbound.conversation_id == talk.id, Outbound.cause.like("answer:%"), Outbound.created_at > heard_at - SAME_ANSWER)
        if message.album or not session.scalar(select(answered_lately)):
            cause = f"answer:{talk.id}:{(message.album or message.platform_id)[-50:]}"
            outbox.enqueue(session, talk, cause, "notice", {"text": message.answer}, now, address=message.address)
        return Stored(0, talk.id, False)
    if not message.button and trial.typed(session, key, talk, clean(message.text), message.address, now):
        return at_once(session, talk, message, say("trial_linked"), now)
    if not message.button and tasks.stop_in(message.text) and tasks.stopped(session, talk):
        return at_once(session, talk, message, say("tasks_stopped"), now)
    if not message.button and not message.edited:
        incidents.overhear(session, talk, clean(message.text), now)
    text, masked = mask(clean(message.text))
    if message.edited and (kept := edited(session, key, talk, message, text, sorted(masked), now)) is not None:
        return kept
    payload = None
    if message.start:
        payload = start_payload(message.start)
    elif message.button:
        payload = pressed(session, talk, message.button)
        if payload is None and not text:
            return at_once(session, talk, message, say("stale_button"), now)
    if payload is None and text:  # a word that only looked like a button is one, too
        text, payload = read(key, talk, text)
    values = dict(channel=message.channel, platform_id=message.platform_id, conversation_id=talk.id,
                  address=message.address, text=text, payload=payload, masked=sorted(masked), message_ref=ref_of(key, message), state="new",
                  attempts=0, next_try_at=now, received_at=now)
    ident, new = written(session, values)
    if new and message.start:
        communes.opened(session, message.start, message.channel, now)
    if new and talking is not None and text and payload is None:
        handover.hears(session, talking, text, now)  # whoever takes the talk reads what was said since the request
    return Stored(ident, talk.id, new)


def written(session: Session, values: dict[str, Any]) -> tuple[int, bool]:
    """The id of the row with this platform id, and whether it was not there before."""
    row = session.execute(PUT[session.get_bind().dialect.name], values).scalar()
    if row is not None:
        return row, True
    return session.execute(select(Inbound.id).where(Inbound.channel == values["channel"],
                                                    Inbound.platform_id == values["platform_id"])).scalar_one(), False


def read(key: bytes, talk: Conversation, text: str) -> tuple[str, str | None]:
    """What was typed, with the payload it stands for. A code for linking goes no further than this: its hash does."""
    code = linking.code_in(text)
    if code is not None:
        return LINK_TOKEN, linking.payload(f"code:{linking.hashed(key, code)}")
    payload = offered_payload(talk.offered, text, not talk.lesson_on_screen)
    if payload is None and any(b["payload"] == DID_IT for b in talk.offered or ()) and did_it(text):
        payload = DID_IT
    return text, payload or clearing(talk.offered, text)


def start_payload(start: str) -> str | None:
    """What a deep link stands for, as Rasa reads it; None for one that is none of ours."""
    kind, _, value = start.partition("-")
    if not re.fullmatch(r"[A-Za-z0-9-]{1,60}", value):
        return None
    return {"c": f'/list_courses{{"value": "course:{value}"}}', "x": f'/set_commune{{"value": "{value}"}}'}.get(kind)


def pressed(session: Session, talk: Conversation, ident: str) -> str | None:
    """The payload of a button of this conversation; None when it is not valid any more.

    A bare yes or no means the question that stood above it: under another question the same word would answer that one.
    """
    button = session.get(Button, ident) if OURS.fullmatch(ident) else None
    if button is None or button.conversation_id != talk.id:
        return None
    if button.payload in BARE:
        newest = session.scalars(select(Outbound.cause).where(Outbound.conversation_id == talk.id, Outbound.kind == "reply")
                                 .order_by(Outbound.id.desc()).limit(1)).first()
        turn = (newest or "").rpartition(":")[0]
        bodies = session.scalars(select(Outbound.body).where(Outbound.conversation_id == talk.id, Outbound.cause.like(f"{turn}:%"))) if turn else ()
        if not any(b["payload"] == ident for body in bodies for b in body.get("buttons") or []):
            return None
    return button.payload


def at_once(session: Session, talk: Conversation, message: Incoming, said: str, now: datetime) -> Stored:
    """The event is done as soon as it is stored: one sentence answers it, without Rasa. Whatever question is open stays open."""
    ident, new = written(session, dict(
        channel=message.channel, platform_id=message.platform_id, conversation_id=talk.id, address=None, text=None, payload=None, masked=[],
        state="done", attempts=0, next_try_at=now, received_at=now, done_at=now))
    if new:
        body = {"text": said, "buttons": [], "image": None, "quick": False}
        outbox.enqueue(session, talk, f"inbox:{ident}:0", "notice", body, now, address=message.address,
                       not_before=now + outbox.WEB_HOLD if message.channel == "web" else None)
    return Stored(ident, talk.id, False)


def for_a_person(session: Session, talk: Conversation, message: Incoming, now: datetime) -> Stored:
    """The message is done as soon as it is stored: somebody of ours reads it where it was written, and we keep nothing of it."""
    ident, _ = written(session, dict(
        channel=message.channel, platform_id=message.platform_id, conversation_id=talk.id, address=None, text=None, payload=None, masked=[],
        state="done", attempts=0, next_try_at=now, received_at=now, done_at=now))
    return Stored(ident, talk.id, False)


def for_officer(session: Session, talk: Conversation, talking: HumanTalk, message: Incoming, now: datetime) -> Stored:
    """What is typed goes to the officer, masked, and to no machine. Whoever has been robbed gets the steps at once all the same."""
    text, masked = mask(clean(message.text))
    ident, new = written(session, dict(
        channel=message.channel, platform_id=message.platform_id, conversation_id=talk.id, address=None, text=None, payload=None, masked=[],
        state="done", attempts=0, next_try_at=now, received_at=now, done_at=now))
    if not new:
        return Stored(ident, talk.id, False)
    said = []
    if handover.says_end(text):
        handover.close(session, talking, "citizen", now)
        said = [say("human_ended")]
    else:
        handover.hears(session, talking, text, now)
        said += [say("secret_warning", what=", ".join(say(f"secret_{kind}") for kind in sorted(masked)))] if masked else []
        said += [distress_words(text)] if in_distress(text) else [say("emergency")] if is_emergency(text) else []
    for number, words in enumerate(said):
        outbox.enqueue(session, talk, f"inbox:{ident}:{number}", "notice", {"text": words, "buttons": [], "image": None, "quick": False}, now,
                       address=message.address, not_before=now + outbox.WEB_HOLD if message.channel == "web" else None)
    return Stored(ident, talk.id, False)


def for_one_in_distress(session: Session, talk: Conversation, talking: HumanTalk | None, message: Incoming, now: datetime) -> Stored:
    """Answered as soon as it is stored, before anything else could be made of it; of the words nothing is kept. An officer who is waited for reads them."""
    again = session.scalar(select(Inbound.id).where(Inbound.channel == message.channel, Inbound.platform_id == message.platform_id))
    if talking is not None and again is None:
        handover.hears(session, talking, mask(clean(message.text))[0], now)
    return at_once(session, talk, message, distress_words(message.text), now)


def distress_words(text: str) -> str:
    """What is said to somebody who wants to die; to whom it is for lost money, a word about that."""
    return f"{say('distress')}\n{say('distress_robbed')}" if is_emergency(text) else say("distress")


def known(session: Session, talk: Conversation, now: datetime) -> bool:
    """Has this chat been greeted, and is it open? Then opening it says nothing new."""
    if talk.closed_at is not None:
        return False
    return talk.created_at < now or session.scalar(select(Inbound.id).where(Inbound.conversation_id == talk.id).limit(1)) is not None


def ref_of(key: bytes, message: Incoming) -> str | None:
    """The message's own id with a keyed hash of its words: an edit that changes no word is none."""
    if not message.message:
        return None
    return f"{message.message[:40]}:{hmac.new(key, message.text.encode(), hashlib.sha256).hexdigest()[:12]}"


def edited(session: Session, key: bytes, talk: Conversation, message: Incoming, text: str, masked: list[str], now: datetime) -> Stored | None:
    """What becomes of an edit: None when it is to be answered like a new message.

    Only the newest message counts; one that still waits gets the new words, so that it is answered once. An answer in a
    lesson or drill has been graded already: edited, it must not answer the next question.
    """
    newest = session.scalars(select(Inbound).where(Inbound.conversation_id == talk.id).order_by(Inbound.id.desc()).limit(1).with_for_update()).first()
    ref = ref_of(key, message)
    if newest is None or not newest.message_ref or newest.message_ref == ref or newest.message_ref.partition(":")[0] != message.message[:40]:
        return Stored(0, talk.id, False)
    if newest.state == "new" and newest.attempts == 0:
        newest.text, newest.payload = read(key, talk, text)
        newest.masked, newest.message_ref = masked, ref
        session.flush()
        return Stored(newest.id, talk.id, False)
    if talk.lesson_on_screen or (talk.awaiting and not talk.awaiting.startswith(sos.AWAITED)):
        newest.message_ref = ref
        return at_once(session, talk, replace(message, message=""), say("edited_answer"), now)
    return None


def heard(session: Session, talk: Conversation, at: datetime, now: datetime) -> bool:
    """The citizen wrote at that time, of which we may hear late and out of order: the chat is open, and what was held goes out.

    Returns whether there is a talk with a person.
    """
    new = talk.created_at == now
    unanswered, held, with_person = session.execute(AROUND, {"talk": talk.id}).one()
    counted.wrote(session, talk, None if new else talk.seen_at, at, unanswered)
    talk.seen_at = at if new else max(talk.seen_at, at)
    if talk.closed_at is None or at >= talk.closed_at:
        talk.closed_at = None
        if held:
            outbox.release(session, talk, now)
    return with_person


def clearing(offered: list[dict[str, str]], text: str) -> str | None:
    """"Xóa hết" below a list of reminders: they are meant, not all the data that is kept. Asked back unless a button for all stands there."""
    shown = [b["payload"] for b in offered or [] if b["payload"].startswith(CANCELS)]
    if not shown or not reminder_words.clears_all(text):
        return None
    return ALL_GO if ALL_GO in shown else CLEARS


def offered_payload(offered: list[dict[str, str]], text: str, words: bool = True) -> str | None:
    """The payload of the offered button whose title, number or word was typed, or that "cái thứ hai" points at.

    words: not with a lesson on the screen, where a bare "dừng" stops the lesson and not the reminder that came in between.
    """
    typed = text.strip().rstrip(".?!").casefold()
    for number, button in enumerate(offered or [], 1):
        title = button["title"].rstrip(".?!").casefold()
        if typed in (title, *(button.get("words", ()) if words else ())) or (typed == str(number) and button.get("numbered", True)):
            return button["payload"]
        if len(title) >= LONG_TITLE and fold(typed) == fold(title):  # a short one may be another word: "Có", "cỏ"
            return button["payload"]
    numbered = [b for b in offered or [] if b.get("numbered", True)]
    at = pointed(text, len(numbered)) if numbered else None
    return numbered[at]["payload"] if at is not None else None


def _claiming(one_conversation: bool) -> Update:
    """Building the statement costs more than running it, so it is built once. talk: of one conversation alone."""
    earlier, now = aliased(Inbound), bindparam("now", type_=Instant)
    free = (Inbound.state == "new") | ((Inbound.state == "working") & (Inbound.lease_until < now))
    query = select(Inbound.id).where(
        free, Inbound.next_try_at <= now,
        ~exists().where(earlier.conversation_id == Inbound.conversation_id, earlier.id < Inbound.id,
                        earlier.state.in_(("new", "working"))))
    if one_conversation:
        query = query.where(Inbound.conversation_id == _TALK)
    query = query.order_by(Inbound.id).limit(1).with_for_update(skip_locked=True)
    return (update(Inbound).where(Inbound.id == query.scalar_subquery(), free)
            .values(state="working", lease_until=bindparam("until", type_=Instant), holder=bindparam("by"), attempts=Inbound.attempts + 1)
            .returning(Inbound).execution_options(synchronize_session=False))


CLAIM, CLAIM_OF_ONE = _claiming(False), _claiming(True)


def claim(session: Session, now: datetime, conversation_id: str | None = None, holder: str | None = None) -> Inbound | None:
    """The oldest message that may be worked on, leased; None when there is none.

    A message waits while an earlier one of its conversation is not done. An expired lease counts as free, so the work
    of a killed process is taken up again.
    """
    values = {"now": now, "until": now + LEASE, "by": holder}
    if conversation_id is None:
        return session.execute(CLAIM, values).scalar()
    return session.execute(CLAIM_OF_ONE, {**values, "talk": conversation_id}).scalar()


def waiting(session: Session, now: datetime, limit: int) -> list[str]:
    """Conversations with a message that may be worked on now."""
    free = (Inbound.state == "new") | ((Inbound.state == "working") & (Inbound.lease_until < now))
    return list(session.scalars(select(Inbound.conversation_id).where(free, Inbound.next_try_at <= now)
                                .distinct().limit(limit)))


def under_way(session: Session, inbox_id: int) -> bool:
    """Is the message not finished yet?"""
    return session.scalar(select(Inbound.state).where(Inbound.id == inbox_id)) in ("new", "working")


def done(session: Session, inbox_id: int, now: datetime) -> None:
    """The message is answered; neither what was typed nor what the action noted against doing it twice is kept."""
    session.execute(DONE, {"ident": inbox_id, "now": now})
    session.execute(FORGET_TURN, {"ident": inbox_id})


def failed(session: Session, message: Inbound, error: str, now: datetime, ours: bool) -> str:
    """Puts the message back, or parks it after five failures of its own; returns the new state.

    ours: the failure is not the message's (Rasa is down), so it does not count.
    """
    attempts = message.attempts - 1 if ours else message.attempts
    state = "parked" if attempts >= TRIES else "new"
    wait = 1 if ours else LATER[min(attempts, len(LATER)) - 1]
    session.execute(update(Inbound).where(Inbound.id == message.id).values(
        state=state, attempts=attempts, error=error[:200], lease_until=None,
        next_try_at=now + timedelta(seconds=wait)))
    return state


def given_up(session: Session, holder: str, now: datetime) -> int:
    """Frees what a dead process was working on, without waiting for its leases; its death counts as no try. Returns how many."""
    return session.execute(update(Inbound).where(Inbound.state == "working", Inbound.holder == holder).values(
        state="new", attempts=Inbound.attempts - 1, lease_until=None, next_try_at=now)).rowcount


def parked(session: Session, limit: int = 200) -> list[Inbound]:
    """Messages that failed five times, the newest first."""
    return list(session.scalars(select(Inbound).where(Inbound.state == "parked").order_by(Inbound.id.desc()).limit(limit)))


def replay(session: Session, inbox_ids: Sequence[int], now: datetime) -> int:
    """Gives parked messages another round of tries; returns how many.

    The citizen has been told that the message failed, so that reply makes room: its cause is the real reply's.
    """
    told = [f"inbox:{n}:0" for n in session.scalars(select(Inbound.id).where(Inbound.id.in_(inbox_ids), Inbound.state == "parked"))]
    for cause in told:
        session.execute(update(Outbound).where(Outbound.cause == cause).values(cause=f"parked:{cause}:{now.isoformat()}"[:120]))
    return session.execute(update(Inbound).where(Inbound.id.in_(inbox_ids), Inbound.state == "parked").values(
        state="new", attempts=0, error=None, lease_until=None, next_try_at=now)).rowcount
