"""Reminders counted back from a deadline: "nhắc tôi trước hạn 3 ngày", "còn một tuần hết hạn thì báo". Pure.

    read("hạn nộp là 15/12, nhắc trước 3 ngày", now) -> Deadline(at 12/12 08:00, day 15/12, …)

Without this, such a sentence would be taken for its deadline, or worse, "còn 10 ngày nữa hết hạn" for ten days from now.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Optional

from bot.language import times
from bot.language.normalise import clean
from bot.language.times_calendar import NoSuchTime, add_months, local

_UNIT = r"(?P<unit>ngay|hom|tuan|thang|tieng)"
_COUNT = (r"(?P<count>\d{1,3}|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi(?: (?:mot|hai|ba|bon|lam|nam|sau|bay|tam|chin))?"
          r"|hai muoi|ba muoi|nua|vai)")
_NOT_A_DATE = r"(?! (?:nay|sau|toi|truoc|\d|mot|hai|ba|tu|bon|nam|muoi)\b)(?! ?[/-])"
_AMOUNT = rf"(?<!thu )(?<!ngay )(?<!mung )(?<!thang )(?<!luc )\b{_COUNT} {_UNIT}\b{_NOT_A_DATE}"
BEFORE = re.compile(rf"\btruoc\b(?P<between>(?: (?!truoc\b)[^\s,.;?!]+){{0,9}}?) (?:dung |khoang |chung )?{_AMOUNT}(?! nua\b)")
"""„trước hạn 3 ngày", „báo trước cho anh 2 ngày", „trước ngày 31/1 một tuần": what stands between stays in the text."""
LEFT = re.compile(rf"\b(?:khi nao |luc nao |bao gio |khi )?con (?:dung |khoang )?{_AMOUNT}(?: nua)?(?: (?:la|thi))?"
                  r"(?=(?: (?:den|toi))? (?:het )?han\b| (?:thi )?(?:nhac|bao|nhan|keu|goi)\b)")
"""„còn 10 ngày nữa hết hạn …", „… còn 6 tháng thì nhắc"."""
_NUMBERS = {w: n for n, w in enumerate("mot hai ba bon nam sau bay tam chin muoi".split(), 1)} | {"lam": 5}


@dataclass(frozen=True)
class Lead:
    """How long before a deadline. amount: a number of units, days, months or hours. rest: the text without the words that say so."""

    days: int
    months: int
    hours: int
    rest: str
    said: str

    def before(self, instant: datetime) -> datetime:
        """So long before, at the same hour; a month back from the 31st is the last day of a shorter month."""
        here = local(instant)
        if self.months:
            here = datetime.combine(add_months(here.date(), -self.months), here.timetz())
        return here - timedelta(days=self.days, hours=self.hours)


@dataclass(frozen=True)
class Deadline:
    """at: when to remind. due: the deadline named. past: it is too late to remind so long before. rest: as in Lead."""

    at: datetime
    due: times.When
    past: bool
    lead: Lead


def lead(text: str) -> Optional[Lead]:
    """What the text says about a time before a deadline; None when it says nothing of the kind."""
    text = clean(text)
    plain = _plain(text)
    for pattern in (LEFT, BEFORE):
        match = pattern.search(plain)
        if match is None:
            continue
        start, end = match.start(), match.end()
        count = _number(match["count"], match["unit"])
        if count is None:
            continue
        between = match.groupdict().get("between") or ""
        if between.strip():  # "trước ngày 31/1 một tuần": the date is wanted, the word and the amount are not
            cut = text[:start] + text[start + len("truoc"):match.start("count")] + text[end:]
        else:
            cut = text[:start] + text[end:]
        unit = match["unit"]
        days, months, hours = ((count, 0, 0) if unit in ("ngay", "hom") else (count * 7, 0, 0) if unit == "tuan"
                               else (0, 0, count) if unit == "tieng" else (15, 0, 0) if match["count"] == "nua" else (0, count, 0))
        if (days, months, hours) == (0, 0, 0):
            continue
        return Lead(int(days), int(months), int(hours), re.sub(r"\s+", " ", cut).strip(), text[start:end].strip())
    return None


def read(text: str, now: datetime) -> Optional[Deadline]:
    """The reminder that the text asks for; None when it counts back from nothing, or names no deadline. Raises NaiveTime."""
    found = lead(text)
    due = times.parse(found.rest, now) if found is not None else None
    if found is None or due is None or due.rule is not None:
        return None
    try:
        at = found.before(due.at)
    except NoSuchTime:
        return None
    return Deadline(at, due, due.past or at <= local(now), found)


def _number(word: str, unit: str) -> Optional[int]:
    """None for "vài" and for halves that are no whole number of days."""
    if word.isdigit():
        return int(word)
    if word == "nua":
        return {"thang": 0}.get(unit)
    if word == "vai":
        return None
    parts = [_NUMBERS[w] for w in word.split()]
    if len(parts) == 1:
        return parts[0]
    return 10 + parts[1] if parts[0] == 10 else parts[0] * 10


def _plain(text: str) -> str:
    """The text in small letters without marks, one character for each, so that places stay places."""
    return "".join(_bare(c) for c in text)


def _bare(character: str) -> str:
    if character in "đĐ":
        return "d"
    if character.isspace():
        return " "
    small = unicodedata.normalize("NFD", character)[0].lower()
    return small if len(small) == 1 else character
