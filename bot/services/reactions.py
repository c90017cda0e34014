"""What people do with answers, noted for the figures of the service page, tied to nobody. Flushes only; the caller commits."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy.orm import Session

from bot.clock import local
from bot.store.tables import Conversation, Reaction

VISIT = timedelta(hours=6)
"""Who has asked nothing for so long is on a new visit."""
CHOOSE, NONE_OF_THESE = "/choose_procedure", "/bot_wrong"

Kind = Literal["chosen", "more", "denied"]


def note(session: Session, talk: Conversation, commune: str | None, kind: Kind, code: str, aspect: str, now: datetime) -> None:
    """One row. commune: of the citizen, if known."""
    session.add(Reaction(day=local(now).date(), kind=kind, procedure_code=code, aspect=aspect, channel=talk.channel, commune=commune))


def first_question(talk: Conversation, now: datetime) -> bool:
    """Is the question that is being asked now the first of a visit? Marks the conversation."""
    before, talk.question_at = talk.question_at, now
    return before is None or now - before > VISIT


def codes_on(offered: Sequence[Mapping[str, Any]] | None) -> list[str]:
    """The procedures that the buttons of the newest replies stand for."""
    values = [json.loads(b["payload"].removeprefix(CHOOSE))["value"] for b in offered or [] if b["payload"].startswith(f"{CHOOSE}{{")]
    return [str(value).rpartition("|")[0] for value in values]


def answer_on_screen(talk: Conversation) -> str | None:
    """The code of the procedure whose answer the newest reply is; None for choices, a comparison, or another subject."""
    codes = set(codes_on(talk.offered))
    return codes.pop() if len(codes) == 1 and not asks_back(talk) else None


def asks_back(talk: Conversation) -> bool:
    """Is the newest reply a question back, which procedure was meant?"""
    return any(b["payload"] == NONE_OF_THESE for b in talk.offered or [])


def pressed(session: Session, talk: Conversation, commune: str | None, code: str, aspect: str, now: datetime) -> None:
    """A button that names a procedure was pressed: one of the choices asked back with, or more about an answer."""
    if asks_back(talk) and code in codes_on(talk.offered):
        note(session, talk, commune, "chosen", code, aspect, now)
    elif aspect != "overview":
        note(session, talk, commune, "more", code, aspect, now)
