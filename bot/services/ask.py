"""Which procedure a question is about, given the one under discussion, and the anonymous log of questions."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from bot.procedures.aspects import is_follow_up
from bot.procedures.search import CLARIFY_AT, Hit, choices, decide
from bot.services.catalogue import Catalogue
from bot.store.tables import Asked

Outcome = Literal["answer", "clarify", "none", "no_subject"]

NEW_SUBJECT_AT = 0.42
"""While a procedure is under discussion, a question must score this much to change the subject without asking."""


@dataclass(frozen=True)
class Found:
    """decision with its code (answer) or candidates (clarify). follow_up: the procedure under discussion was meant."""

    decision: Outcome
    code: str = ""
    hits: list[Hit] = field(default_factory=list)
    follow_up: bool = False


def understand(catalogue: Catalogue, text: str, under_discussion: str | None) -> Found:
    """Decides what `text` asks about. under_discussion: the code the talk is about, if any."""
    catalogue.refresh()
    if under_discussion is not None and catalogue.procedure(under_discussion) is None:
        under_discussion = None
    if not text or is_follow_up(text):
        return Found("answer", under_discussion, follow_up=True) if under_discussion else Found("no_subject")
    hits = catalogue.index.search(text)
    decision = decide(hits)
    if decision == "answer":
        return Found("answer", hits[0].code, hits)
    if under_discussion is not None and (not hits or hits[0].score < NEW_SUBJECT_AT):
        # "còn con tôi 10 tuổi thì sao": words of its own, but nothing that names another procedure
        return Found("answer", under_discussion, hits, follow_up=True)
    if decision == "clarify" and hits[0].score >= CLARIFY_AT:
        candidates = choices(hits)
        return Found("answer", candidates[0].code, hits) if len(candidates) == 1 else Found("clarify", hits=candidates)
    return Found("none", hits=hits)


def log(session: Session, channel: str, intent: str, aspect: str, found: Found, text: str | None, now: datetime) -> None:
    """One row, tied to nobody. text: only when the citizen consented to `improve`."""
    session.add(Asked(at=now, channel=channel, intent=intent, aspect=aspect, decision=found.decision,
                      procedure_code=found.code or None, text=text))
