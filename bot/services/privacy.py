"""The privacy desk: requests of citizens over their data, with the clock of the law. Flushes only; the caller commits."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import ZONE, local
from bot.errors import Refusal
from bot.language.normalise import clean, fold
from bot.language.sensitive import mask
from bot.services import audit, outbox
from bot.services.privacy_law import KINDS, Clock, clock
from bot.services.staff import Who
from bot.store.tables import Citizen, Conversation, Erasure, PrivacyNote, PrivacyRequest
from bot.wording import say

IN_THE_CHAT = ("correction", "provision", "restriction", "objection", "protection")
"""What the chat passes on to staff; seeing, erasing and withdrawing it does by itself and at once."""
ORIGINS = {"chat": "Trong đoạn chat", "letter": "Đơn, thư", "in_person": "Trực tiếp"}
STATES = {"open": "Đang xử lý", "done": "Đã xong", "refused": "Đã từ chối"}
NOTE_KINDS = {"note": "Ghi chú", "reply": "Trả lời", "extended": "Gia hạn", "done": "Kết quả", "refused": "Từ chối"}
REFERENCE = re.compile(r"[\w./-]{1,40}")
LONG_NUMBER = re.compile(r"\d(?:[ .-]?\d){8,}")
"""Of papers, telephones, accounts: nothing of the kind is kept here."""
OLDEST = timedelta(days=90)
"""A letter that is entered later than this after it came was mistyped."""
MOST_CHARACTERS = 1500
_WORDS = {kind: re.compile(rf"\b(?:{words})\b") for kind, words in {
    "correction": "sua|chinh sua|dinh chinh|cap nhat lai|ghi sai|luu sai|sai thong tin|thong tin sai|doi lai thong tin",
    "provision": "cung cap|ban sao|trich xuat|ban in",
    "restriction": "han che|tam dung xu ly|tam ngung xu ly|ngung xu ly|dung xu ly",
    "objection": "phan doi|khong dong y cho dung|khong cho dung|cam dung",
    "protection": "bao ve du lieu|bien phap bao ve|yeu cau bao ve|bi lo|lo du lieu|lo thong tin|ro ri",
    "which": "khieu nai|to cao|khieu kien|gui yeu cau|lam don|yeu cau can bo|phan anh",
}.items()}
AWAITED = "privacy:"
"""How `Conversation.awaiting` begins while a bare "có" answers whether to send a request of the kind that follows."""
MESSAGE = "privacy"
"""The kind of our messages in the outbox: by day only, held where the platform's window is closed."""


@dataclass(frozen=True)
class Shown:
    """A request with its clock, as of a day."""

    row: PrivacyRequest
    clock: Clock
    today: date

    @property
    def reply_late(self) -> bool:
        return self.row.state == "open" and self.row.replied_at is None and self.today > self.clock.reply_by

    @property
    def late(self) -> bool:
        """Is something overdue, the first reply or the end?"""
        return self.reply_late or (self.row.state == "open" and self.today > self.clock.done_by)

    @property
    def next_by(self) -> date:
        return self.clock.reply_by if self.row.replied_at is None else self.clock.done_by

    @property
    def days_left(self) -> int:
        """To the next date; below zero when it has passed."""
        return (self.next_by - self.today).days

    @property
    def more_days(self) -> int:
        """By how many days it may still be extended; once, and before its time is up."""
        most = KINDS[self.row.kind].extension_days or 0
        return most if self.row.state == "open" and not self.row.extended_days and self.today <= self.clock.done_by else 0


# --- from citizens


def ask(session: Session, talk: Conversation, kind: str, address: str | None, now: datetime) -> PrivacyRequest:
    """A request made in the chat; the one that is open already when there is one of the kind. Raises KeyError for an unknown kind.

    The address is kept until the answer is out, consent or not: without it there is nobody to answer.
    """
    KINDS[kind]
    found = session.scalars(select(PrivacyRequest).where(PrivacyRequest.conversation_id == talk.id, PrivacyRequest.kind == kind,
                                                         PrivacyRequest.state == "open")).first()
    if found is not None:
        return found
    talk.address = address or talk.address
    commune = session.get_one(Citizen, talk.citizen_id).commune if talk.citizen_id is not None else None
    return _added(session, kind, "chat", now, conversation_id=talk.id, commune=commune)


def wanted(text: str) -> str:
    """The kind of request that a citizen's words about their data name; "which" for a complaint or a request that names none; "" for none.

    The words have been understood as being about the data already, so they are read for the verb alone.
    """
    typed = fold(text)
    return next((kind for kind, words in _WORDS.items() if words.search(typed)), "")


# --- from the desk


def enter(session: Session, who: Who, kind: str, origin: str, reference: str, received: date | None, commune: str, third_party: bool,
          now: datetime) -> PrivacyRequest:
    """A request that came by letter or in person. Raises Refusal, also where a person or a number of theirs could be kept."""
    reference, today = clean(reference).strip(), local(now).date()
    if kind not in KINDS:
        raise Refusal("Hãy chọn loại yêu cầu.", "kind")
    if origin not in ORIGINS or origin == "chat":
        raise Refusal("Hãy chọn cách yêu cầu được gửi đến.", "origin")
    if not REFERENCE.fullmatch(reference):
        raise Refusal("Hãy ghi số trong sổ của bạn: chữ, số, dấu gạch, nhiều nhất 40 ký tự, không có dấu cách.", "reference")
    if LONG_NUMBER.search(reference) or mask(reference)[0] != reference:
        raise Refusal("Đây giống số giấy tờ hoặc số điện thoại. Chỉ ghi số trong sổ của bạn.", "reference")
    if received is None or not today - OLDEST <= received <= today:
        raise Refusal(f"Ngày nhận phải từ {today - OLDEST:%d/%m/%Y} đến hôm nay.", "received")
    if who.communes and commune not in who.communes:
        raise Refusal("Hãy chọn một xã, phường được giao cho bạn.", "commune")
    if session.scalars(select(PrivacyRequest.id).where(PrivacyRequest.reference == reference, PrivacyRequest.kind == kind)).first() is not None:
        raise Refusal("Số này đã được nhập với cùng loại yêu cầu.", "reference")
    row = _added(session, kind, origin, datetime.combine(received, time(12), ZONE) if received < today else now, reference=reference,
                 commune=commune or None, third_party=third_party)
    _audited(session, who, row, "entered", now)
    return row


def reply(session: Session, who: Who, request_id: int, text: str, now: datetime) -> PrivacyNote:
    """An answer; the first one stops the clock of the first reply. It goes to the chat the request came from, if there is one."""
    row = _open(session, who, request_id)
    return _said(session, who, row, "reply", text, now)


def note(session: Session, who: Who, request_id: int, text: str, now: datetime) -> PrivacyNote:
    """For the desk only."""
    row = _request(session, who, request_id)
    if row is None:
        raise Refusal("Không có yêu cầu này.")
    return _note(session, who, row, "note", _text(text), now)


def extend(session: Session, who: Who, request_id: int, days: int, why: str, now: datetime) -> PrivacyNote:
    """More days, once, as many as the law allows; the citizen is told why. Raises Refusal."""
    row = _open(session, who, request_id)
    most = shown(row, now).more_days
    if not 1 <= days <= most:
        raise Refusal(f"Chỉ gia hạn được từ 1 đến {most} ngày." if most else "Yêu cầu này không gia hạn được nữa.", "days")
    _text(why)
    row.extended_days = days
    by = shown(row, now).clock.done_by
    return _said(session, who, row, "extended", f"Thời hạn được kéo dài đến ngày {by:%d/%m/%Y}. Lý do: {clean(why).strip()}", now)


def close(session: Session, who: Who, request_id: int, outcome: str, text: str, now: datetime) -> PrivacyNote:
    """Done or refused, with what the citizen is told."""
    if outcome not in ("done", "refused"):
        raise Refusal("Hãy chọn đã xong hoặc từ chối.", "outcome")
    row = _open(session, who, request_id)
    made = _said(session, who, row, outcome, text, now)
    row.state, row.closed_at = outcome, now
    session.flush()
    talk = session.get(Conversation, row.conversation_id) if row.conversation_id else None
    if talk is not None and talk.citizen_id is None and not _owed(session, talk.id):
        talk.address = None  # it was kept for this answer only, which has its own
    return made


# --- for the desk's pages


def get(session: Session, who: Who, request_id: int, now: datetime) -> Shown | None:
    """None for one that does not exist or belongs to other communes."""
    row = session.scalars(_theirs(select(PrivacyRequest).where(PrivacyRequest.id == request_id), who)).first()
    return shown(row, now) if row is not None else None


def notes(session: Session, request_id: int) -> Sequence[PrivacyNote]:
    return session.scalars(select(PrivacyNote).where(PrivacyNote.request_id == request_id).order_by(PrivacyNote.id)).all()


def waiting(session: Session, who: Who, now: datetime) -> list[Shown]:
    """What is open, overdue first, then by what is due next."""
    rows = session.scalars(_theirs(select(PrivacyRequest).where(PrivacyRequest.state == "open"), who)).all()
    return sorted((shown(row, now) for row in rows), key=lambda one: (not one.late, one.next_by, one.row.id))


def closed(session: Session, who: Who, most: int = 50) -> Sequence[PrivacyRequest]:
    """The newest first."""
    return session.scalars(_theirs(select(PrivacyRequest).where(PrivacyRequest.state != "open"), who)
                           .order_by(PrivacyRequest.closed_at.desc(), PrivacyRequest.id.desc()).limit(most)).all()


def erased_in_the_chat(session: Session, who: Who, most: int = 50) -> Sequence[Erasure]:
    """Receipts of what citizens erased by themselves, the newest first; they belong to no commune, so only to those for the whole province."""
    return () if who.communes else session.scalars(select(Erasure).order_by(Erasure.at.desc()).limit(most)).all()


def shown(row: PrivacyRequest, now: datetime) -> Shown:
    return Shown(row, clock(row.kind, row.received_at, row.third_party, row.extended_days), local(now).date())


def _theirs(query, who: Who):
    return query.where(PrivacyRequest.commune.in_(who.communes)) if who.communes else query


def _request(session: Session, who: Who, request_id: int) -> PrivacyRequest | None:
    return session.scalars(_theirs(select(PrivacyRequest).where(PrivacyRequest.id == request_id), who).with_for_update()).first()


def _open(session: Session, who: Who, request_id: int) -> PrivacyRequest:
    row = _request(session, who, request_id)
    if row is None:
        raise Refusal("Không có yêu cầu này.")
    if row.state != "open":
        raise Refusal("Yêu cầu này đã khép lại.")
    return row


def _owed(session: Session, conversation_id: str) -> bool:
    return session.scalars(select(PrivacyRequest.id).where(PrivacyRequest.conversation_id == conversation_id,
                                                           PrivacyRequest.state == "open").limit(1)).first() is not None


def _added(session: Session, kind: str, origin: str, received_at: datetime, **more) -> PrivacyRequest:
    row = PrivacyRequest(**{"receipt": "YC-" + secrets.token_hex(4).upper(), "kind": kind, "origin": origin, "third_party": False, "state": "open",
                            "received_at": received_at, "extended_days": 0, **more})
    session.add(row)
    session.flush()
    return row


def _text(text: str) -> str:
    """Clean, and without what must not be kept. Raises Refusal for nothing or too much."""
    text = clean(text).strip()
    if not text or len(text) > MOST_CHARACTERS:
        raise Refusal(f"Hãy viết từ 1 đến {MOST_CHARACTERS} ký tự.", "text")
    return LONG_NUMBER.sub("[số]", mask(text)[0])


def _said(session: Session, who: Who, row: PrivacyRequest, kind: str, text: str, now: datetime) -> PrivacyNote:
    """Writes it down, stops the clock of the first reply, and puts it into the outbox of the chat."""
    made = _note(session, who, row, kind, _text(text), now)
    row.replied_at = row.replied_at or now
    talk = session.get(Conversation, row.conversation_id) if row.conversation_id else None
    if talk is not None:
        body = {"text": say("privacy_answer", receipt=row.receipt, kind=KINDS[row.kind].words, answer=made.text), "buttons": [], "image": None, "quick": False}
        outbox.enqueue(session, talk, f"privacy:{row.id}:{made.id}", MESSAGE, body, now)
    session.flush()
    return made


def _note(session: Session, who: Who, row: PrivacyRequest, kind: str, text: str, now: datetime) -> PrivacyNote:
    made = PrivacyNote(request_id=row.id, at=now, login=who.login, kind=kind, text=text)
    session.add(made)
    session.flush()
    _audited(session, who, row, kind, now)
    return made


def _audited(session: Session, who: Who, row: PrivacyRequest, step: str, now: datetime) -> None:
    audit.note(session, who.id, who.login, "privacy_request", row.receipt, now, step=step, kind=row.kind)
