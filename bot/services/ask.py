"""Which procedure a question is about, given the one under discussion, and the anonymous log of questions."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from bot.language.normalise import fold
from bot.procedures.aspects import is_follow_up
from bot.procedures.search import CLARIFY_AT, Hit, choices, decide
from bot.services.catalogue import Catalogue
from bot.store.tables import Asked

Outcome = Literal["answer", "clarify", "none", "no_subject"]

LEADS_BACK = re.compile(r"\s*(?:the|con|vay|neu|truong hop|lo|nho|rua|thi)\b")

ALONE_AT = 0.5
"""A single candidate is answered from this score on; below, it is asked back alone, beside "none of these"."""

NEW_SUBJECT_AT = 0.42
"""While a procedure is under discussion, a question must score this much to change the subject without asking."""


@dataclass(frozen=True)
class Found:
    """decision with its code (answer) or candidates (clarify). follow_up: the procedure under discussion was meant."""

    decision: Outcome
    code: str = ""
    hits: list[Hit] = field(default_factory=list)
    follow_up: bool = False


def understand(catalogue: Catalogue, text: str, under_discussion: str | None, aspect: str = "overview") -> Found:
    """Decides what `text` asks about. under_discussion: the code the talk is about, if any.

    A question about an aspect ("con tôi 10 tuổi có được không"), or one that begins like a follow-up ("còn …"), stays
    with the procedure under discussion unless it clearly names another; a bare statement ("vợ mới đẻ") does not.
    """
    catalogue.refresh()
    if under_discussion is not None and catalogue.procedure(under_discussion) is None:
        under_discussion = None
    if not text or is_follow_up(text):
        return Found("answer", under_discussion, follow_up=True) if under_discussion else Found("no_subject")
    hits = catalogue.index.search(text)
    decision = decide(hits)
    if decision == "answer":
        return Found("answer", hits[0].code, hits)
    leans_back = aspect != "overview" or LEADS_BACK.match(fold(text))
    if under_discussion is not None and leans_back and (not hits or hits[0].score < NEW_SUBJECT_AT):
        return Found("answer", under_discussion, hits, follow_up=True)
    if decision == "clarify" and hits[0].score >= CLARIFY_AT:
        candidates = choices(hits)
        if len(candidates) == 1 and candidates[0].score >= ALONE_AT:
            return Found("answer", candidates[0].code, hits)
        return Found("clarify", hits=candidates)
    return Found("none", hits=hits)


def log(session: Session, channel: str, intent: str, aspect: str, found: Found, text: str | None, now: datetime) -> None:
    """One row, tied to nobody. text: only when the citizen consented to `improve`."""
    session.add(Asked(at=now, channel=channel, intent=intent, aspect=aspect, decision=found.decision,
                      procedure_code=found.code or None, text=text))
