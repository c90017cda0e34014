"""The ledger of consent for the privacy desk: how many said yes and no to what, and the rows of one person who asked. Never a list of people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.clock import local
from bot.errors import Refusal
from bot.services import audit
from bot.services.figures.hiding import LEAST
from bot.services.staff import Who
from bot.store.tables import Consent, Conversation, PrivacyRequest


@dataclass(frozen=True)
class Month:
    """What people answered in a month of the province, about one purpose, under one wording of the notice. None: some, but fewer than are shown."""

    first: datetime
    purpose: str
    notice_version: str
    given: int | None
    withdrawn: int | None


def months(session: Session, now: datetime, count: int = 12) -> list[Month]:
    """The newest month first; months in which nobody answered are left out. People are counted once a month, purpose and answer."""
    starts = [local(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)]
    while len(starts) < count:
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    found = []
    for first, end in zip(starts, [now + timedelta(microseconds=1), *starts], strict=False):
        people: dict[tuple[str, str], dict[bool, int]] = {}
        for purpose, version, given, number in session.execute(
                select(Consent.purpose, Consent.notice_version, Consent.given, func.count(Consent.citizen_id.distinct()))
                .where(Consent.at >= first, Consent.at < end).group_by(Consent.purpose, Consent.notice_version, Consent.given)):
            people.setdefault((purpose, version), {})[given] = number
        found += [Month(first, purpose, version, many(one.get(True, 0)), many(one.get(False, 0)))
                  for (purpose, version), one in sorted(people.items())]
    return found


def many(count: int) -> int | None:
    return None if 0 < count < LEAST else count


def of_request(session: Session, who: Who, receipt: str, now: datetime) -> Sequence[Consent]:
    """The rows of whoever made the request with this receipt in the chat, oldest first. Raises Refusal where it leads to nobody."""
    row = session.scalars(select(PrivacyRequest).where(PrivacyRequest.receipt == receipt.strip().upper())).first()
    if row is None or (who.communes and row.commune not in who.communes):
        raise Refusal("Không có yêu cầu mang mã này. Mã có dạng YC-1A2B3C4D, người dân nhận được khi gửi yêu cầu trong đoạn chat.", "receipt")
    talk = session.get(Conversation, row.conversation_id) if row.conversation_id else None
    if talk is None:
        raise Refusal("Yêu cầu này không gắn với đoạn chat nào, nên không dẫn đến sổ của ai: nó đến ngoài đoạn chat, hoặc người dân đã xóa dữ liệu.", "receipt")
    audit.note(session, who.id, who.login, "privacy_request", row.receipt, now, step="ledger_seen", kind=row.kind)
    if talk.citizen_id is None:
        return ()
    return session.scalars(select(Consent).where(Consent.citizen_id == talk.citizen_id).order_by(Consent.id)).all()
