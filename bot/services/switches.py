"""Parts of the service that administrators switch off and on. Flushes only; the caller commits.

Every turn and every planning tick reads the rows anew, so a switch holds in all processes as soon as it is committed. What
is not in NAMES cannot be switched off: emergency steps and what citizens may do with their data above all.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from bot.clock import local
from bot.errors import Refusal
from bot.language import times
from bot.language.sensitive import mask
from bot.services import audit
from bot.services.staff import Who
from bot.store.db import Instant
from bot.store.tables import Outbound, Switch
from bot.wording import say

NAMES = {"questions": "Hỏi đáp thủ tục", "courses": "Học và ôn tập", "reminders": "Nhắc việc", "drills": "Diễn tập"}
WAITING_KINDS = {"reminders": ("reminder", "nudge"), "courses": ("nudge",)}
"""Kinds of messages that are planned already and wait in the outbox while the part is off."""
SHORTEST, LONGEST = 5, 160


@dataclass(frozen=True)
class Off:
    """A part that is off now. why: completes "đang tạm nghỉ để …"; until: None when nobody knows."""

    name: str
    why: str
    until: datetime | None
    since: datetime


def off(session: Session, now: datetime) -> dict[str, Off]:
    """What is off at this moment, by name."""
    return {row.name: Off(*row) for row in session.execute(OFF, {"now": now})}


def _is_off(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(Switch.off, or_(Switch.until.is_(None), Switch.until > now))


OFF = select(Switch.name, Switch.why, Switch.until, Switch.changed_at).where(_is_off(bindparam("now", type_=Instant)))
"""Built once, for every turn runs it."""


def sentence(one: Off, now: datetime) -> str:
    """What citizens are told."""
    until = say("resting_until", when=times.say(local(one.until), local(now))) if one.until is not None else ""
    return say(f"resting_{one.name}", why=one.why, until=until)


def may_go(now: datetime) -> ColumnElement[bool]:
    """A condition on Outbound rows: they belong to no part that is off. What does waits in its place."""
    return and_(*(Outbound.kind.not_in(kinds) | ~exists().where(_is_off(now), Switch.name == name)
                  for name, kinds in WAITING_KINDS.items()))


def turn_off(session: Session, by: Who, name: str, why: str, until: datetime | None, now: datetime) -> Off:
    """Off from now on, also when it was off already (a new reason, another time). Raises Refusal."""
    why = " ".join(why.split()).rstrip(".!")
    if name not in NAMES:
        raise Refusal("Không có phần này.")
    if not SHORTEST <= len(why) <= LONGEST:
        raise Refusal(f"Hãy ghi lý do cho người dân, từ {SHORTEST} đến {LONGEST} ký tự, ví dụ “cập nhật dữ liệu”.", "why")
    if mask(why)[1] or sum(c.isdigit() for c in why) > 7:
        raise Refusal("Lý do không được chứa số điện thoại, số giấy tờ hay mã.", "why")
    if until is not None and until <= now:
        raise Refusal("Giờ bật lại đã qua. Hãy chọn một giờ sắp tới, hoặc để trống.", "until")
    session.merge(Switch(name=name, off=True, why=why[:1].lower() + why[1:], until=until, changed_at=now, staff_id=by.id))
    session.flush()
    audit.note(session, by.id, by.login, "switched", NAMES[name], now, reason=why, on=False, until=until.isoformat() if until else None)
    return off(session, now)[name]


def turn_on(session: Session, by: Who, name: str, now: datetime) -> bool:
    """False when it was on."""
    row = session.get(Switch, name, with_for_update=True)
    if row is None or not row.off:
        return False
    row.off, row.changed_at, row.staff_id = False, now, by.id
    session.flush()
    audit.note(session, by.id, by.login, "switched", NAMES[name], now, on=True)
    return True
