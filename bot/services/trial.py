"""Staff try a lesson out on their own phone: the phone is linked by a code, then gets what is being written. Flushes only.

What is sent counts for nothing: no enrolment, no answer, no figure. The link is the conversation's id in the row of the staff
member; it goes when the conversation is erased or blocked (bot/services/people.py).
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.errors import Refusal
from bot.learning.asking import Say
from bot.learning.replies import replies_of
from bot.messages import Reply
from bot.services import linking, outbox, pictures
from bot.services.staff import Who
from bot.store.tables import Conversation, Outbound, PhoneCode, Staff
from bot.wording import say

KIND = "trial"
LENGTH = 8
VALID = timedelta(minutes=10)
EVERY = timedelta(minutes=1)
"""One lesson in so long: a lesson is ten messages, and platforms count them."""
_SHAPE = re.compile(rf"(?:MA|MÃ)?[ :]*([{linking.LETTERS}{linking.DIGITS}]{{4}})[ -]?([{linking.LETTERS}{linking.DIGITS}]{{4}})[ .]*")


def code_in(text: str) -> str | None:
    """What has the shape of a code and nothing beside it, in capitals."""
    found = _SHAPE.fullmatch(text.upper().strip())
    return "".join(found.groups()) if found else None


def hashed(key: bytes, code: str) -> str:
    return hmac.new(key, f"phone:{code}".encode(), hashlib.sha256).hexdigest()


def begin(session: Session, key: bytes, who: Who, now: datetime) -> str:
    """A new code, good once; the one before is void. Shown as "ABCD-2345"."""
    session.execute(delete(PhoneCode).where(PhoneCode.staff_id == who.id))
    code = "".join(secrets.choice(linking.LETTERS + linking.DIGITS) for _ in range(LENGTH))
    session.add(PhoneCode(staff_id=who.id, code_hash=hashed(key, code), expires_at=now + VALID))
    session.flush()
    return f"{code[:4]}-{code[4:]}"


def typed(session: Session, key: bytes, talk: Conversation, text: str, address: str, now: datetime) -> bool:
    """Was this a code of somebody of the staff? Then this chat is theirs for trying things out, and its address is kept for that."""
    code = code_in(text)
    if code is None:
        return False
    row = session.scalars(select(PhoneCode).where(PhoneCode.code_hash == hashed(key, code), PhoneCode.expires_at > now).with_for_update()).first()
    one = session.get(Staff, row.staff_id) if row is not None else None
    if row is None or one is None or not one.active:
        return False
    session.delete(row)
    unlink_staff(session, one)
    one.conversation_id = talk.id
    talk.address = address
    session.flush()
    return True


def phone(session: Session, who: Who) -> Conversation | None:
    """The chat that is linked with this member of staff."""
    ident = session.get_one(Staff, who.id).conversation_id
    return session.get(Conversation, ident) if ident else None


def unlink(session: Session, who: Who) -> None:
    session.execute(delete(PhoneCode).where(PhoneCode.staff_id == who.id))
    unlink_staff(session, session.get_one(Staff, who.id))


def unlink_staff(session: Session, one: Staff) -> None:
    """The chat is a citizen's like any other again: without consent, and without another of the staff who shares it, no address is kept."""
    ident, one.conversation_id = one.conversation_id, None
    session.flush()
    talk = session.get(Conversation, ident) if ident else None
    if talk is not None and talk.citizen_id is None and session.scalars(select(Staff.id).where(Staff.conversation_id == ident)).first() is None:
        talk.address = None
        session.flush()


def send(session: Session, who: Who, title: str, pages: Iterable[Say], public_url: str, now: datetime) -> int:
    """Queues a lesson for the phone of this member of staff, headed by a word on what it is; returns how many messages.

    pages: what is shown, in order, without buttons. Raises Refusal: no phone, nothing to show, sooner than a minute after the last.
    """
    found = replies_of(pages, public_url)
    if not found:
        raise Refusal("Bài này chưa có thẻ hay câu hỏi nào để gửi.")
    session.get_one(Staff, who.id, with_for_update=True)  # two presses at once: the second one waits and is refused
    talk = phone(session, who)
    if talk is None:
        raise Refusal("Chưa gắn máy nào. Vào “Máy của tôi” để gắn trước.")
    if talk.closed_at is not None or (talk.address is None and talk.channel != "web"):
        raise Refusal("Máy đã gắn không nhận tin được nữa. Vào “Máy của tôi” để gắn lại.")
    before = (Outbound.conversation_id == talk.id, Outbound.kind == KIND)
    newest = session.scalars(select(Outbound.created_at).where(*before).order_by(Outbound.id.desc()).limit(1)).first()
    if newest is not None and now - newest < EVERY:
        raise Refusal("Mỗi phút chỉ gửi thử được một lần. Đợi một chút rồi bấm lại.")
    # what still waits of an earlier try is of no use any more
    session.execute(update(Outbound).where(*before, Outbound.state.in_(("due", "held"))).values(state="dead", error="superseded"))
    bodies = [body(say("trial_head", title=title)), *(of_page(session, reply) for reply in found)]
    press = secrets.token_hex(6)
    for number, one in enumerate(bodies):
        # no colon behind the press: what is held for Zalo is a series of its own each, none is passed over (outbox.release)
        outbox.enqueue(session, talk, f"{KIND}:{press}-{number}", KIND, one, now)
    return len(bodies)


def body(text: str, image: str | None = None, alt: str | None = None) -> dict:
    return {"text": text, "buttons": [], "image": image, "alt": alt, "quick": False}


def of_page(session: Session, page: Reply) -> dict:
    """A card or question as it is queued; a picture that is not uploaded yet is only described."""
    image = page.image if page.image and pictures.png_at(session, page.image) is not None else None
    return body(page.text, image, page.extra.get("alt"))


def clean(session: Session, now: datetime) -> int:
    """Codes nobody typed in time."""
    return session.execute(delete(PhoneCode).where(PhoneCode.expires_at < now)).rowcount
