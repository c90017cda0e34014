"""What people typed first, in their own words: only for staff who say why, and only what five or more said alike.

The words are masked before they are stored (bot/language/sensitive.py), kept for thirty days, and only of people who
consented to `improve`. Whoever looks is written into the log.
"""

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.clock import local
from bot.errors import Refusal
from bot.language.normalise import fold, normalise
from bot.language.sensitive import mask
from bot.services import audit
from bot.services.figures.hiding import LEAST
from bot.services.figures.periods import Filter
from bot.services.figures.service import NO_PROCEDURE, days, names_of
from bot.services.figures.table import Column, Table
from bot.services.staff import Who
from bot.store.tables import Asked

MOST = 100
KEPT = timedelta(days=31)
"""Older words are gone (bot/worker.py); so the database need not look for them."""
LEAST_REASON = 10
"""Characters of the reason for looking."""


def same_questions(session: Session, flt: Filter, now: datetime) -> Table:
    """First questions of visits that five or more typed alike, capitals, diacritics and signs aside; the commonest first."""
    rows = session.execute(select(Asked.text, Asked.procedure_code, func.count()).where(
        *days(Asked, flt), Asked.day >= local(now).date() - KEPT, Asked.first, Asked.text.is_not(None))
        .group_by(Asked.text, Asked.procedure_code))
    said: dict[str, Counter[str]] = defaultdict(Counter)
    about: dict[str, Counter[str | None]] = defaultdict(Counter)
    for text, code, n in rows:
        key = alike(text)
        said[key][text] += n
        about[key][code] += n
    enough = [(texts.total(), key) for key, texts in said.items() if key and texts.total() >= LEAST]
    common = sorted(enough, key=lambda pair: (-pair[0], pair[1]))[:MOST]
    codes = {key: about[key].most_common(1)[0][0] for _, key in common}
    names = names_of(session, {code for code in codes.values() if code})
    cells = tuple((mask(said[key].most_common(1)[0][0])[0], names.get(codes[key] or "", codes[key] or NO_PROCEDURE), n) for n, key in common)
    return Table("loi-nguoi-dan", "Lời nhiều người gõ giống nhau",
                 (Column("words", "Lời đã gõ", "text"), Column("procedure", "Thủ tục máy tìm được", "text"), Column("questions", "Số lần")), cells,
                 note="Chỉ gồm lời của người đã đồng ý, trong 30 ngày gần đây, và từ năm lần giống nhau trở lên.")


def alike(text: str) -> str:
    """What two questions have in common that are called the same."""
    return " ".join("".join(c if c.isalnum() else " " for c in fold(normalise(text, mending=False))).split())


def look(session: Session, who: Who, flt: Filter, reason: str, now: datetime) -> Table:
    """The table, once the look is written into the log. Raises Refusal for a reason that says nothing."""
    reason = " ".join(reason.split())
    if len(reason) < LEAST_REASON:
        raise Refusal(f"Hãy ghi lý do cần xem, từ {LEAST_REASON} ký tự.", "ly_do")
    found = same_questions(session, flt, now)
    audit.note(session, who.id, who.login, "raw_text_seen", "dich-vu", now, reason=reason[:500], period=str(flt.period), commune=flt.commune,
               channel=flt.channel, rows=len(found.rows))
    return found
