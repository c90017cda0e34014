"""Citizens who want to be told when we can answer: offered, agreed, told once by day, forgotten. Flushes only; the caller commits.

The worker looks for answers whenever the procedures have changed; search takes milliseconds but an index may take seconds,
so `look` asks it between two transactions.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.clock import local
from bot.procedures.facts import shorten
from bot.reminders import policy
from bot.services import outbox, people, switches
from bot.services.catalogue import Catalogue
from bot.store.db import Database
from bot.store.tables import Consent, Conversation, ProcedureRow, WaitingQuestion
from bot.wording import say

OFFERED_FOR = timedelta(days=1)
KEPT_FOR = timedelta(days=180)
MOST = 10
"""Questions that one conversation may wait for."""
BATCH = 100
MOST_BUTTONS = 4
PURPOSE = "answers"


def offer(session: Session, talk: Conversation, question: str, logged: bool, now: datetime) -> int:
    """Keeps the masked question for the button that is shown now; returns the number the button carries."""
    row = WaitingQuestion(conversation_id=talk.id, channel=talk.channel, question=question, logged=logged, offered_at=now, looked_at=now)
    session.add(row)
    session.flush()
    return row.id


def agree(session: Session, talk: Conversation, address: str | None, offer_id: int | None, now: datetime) -> WaitingQuestion | None:
    """The button was pressed, or the same said in words (then the newest offer is meant). None: nothing is offered (any more), or too many wait."""
    mine = select(WaitingQuestion).where(WaitingQuestion.conversation_id == talk.id)
    if offer_id is not None:
        row = session.scalars(mine.where(WaitingQuestion.id == offer_id)).first()
    else:
        row = session.scalars(mine.where(WaitingQuestion.agreed_at.is_(None)).order_by(WaitingQuestion.id.desc())).first()
    if row is None or (row.agreed_at is None and row.offered_at < now - OFFERED_FOR):
        return None
    if row.agreed_at is None:
        if count(session, talk) >= MOST:
            return None
        people.give_consent(session, talk, address, [PURPOSE], now)
        row.agreed_at = now
        session.flush()
    return row


def count(session: Session, talk: Conversation) -> int:
    """How many questions this conversation waits for."""
    return session.scalar(select(func.count()).where(WaitingQuestion.conversation_id == talk.id, WaitingQuestion.agreed_at.is_not(None))) or 0


def due(session: Session) -> list[tuple[int, str]]:
    """(id, question) of those that wait and were not looked for since the procedures last changed."""
    newest = session.scalar(select(func.max(ProcedureRow.updated_at)))
    if newest is None:
        return []
    return [tuple(r) for r in session.execute(select(WaitingQuestion.id, WaitingQuestion.question).where(
        WaitingQuestion.agreed_at.is_not(None), WaitingQuestion.code.is_(None), WaitingQuestion.looked_at < newest)
        .order_by(WaitingQuestion.looked_at, WaitingQuestion.id).limit(BATCH))]


def found(session: Session, codes: Mapping[int, str | None], now: datetime) -> int:
    """Writes what search said: a code, or None for still nothing. Returns how many are answered now."""
    rows = session.scalars(select(WaitingQuestion).where(WaitingQuestion.id.in_(codes), WaitingQuestion.code.is_(None)).with_for_update()).all()
    for row in rows:
        row.looked_at, row.code = now, codes[row.id]
    session.flush()
    return sum(row.code is not None for row in rows)


def tell(session: Session, name_of: Callable[[str], str | None], now: datetime) -> int:
    """Messages to those whose questions are answered, by day, as the one message a day that we send of our own accord; returns how many.

    name_of: of a procedure by its code; None for one that is no longer there, whose question waits on. What is told is forgotten.
    """
    if policy.quiet(now):
        return 0
    rows = session.scalars(select(WaitingQuestion).where(
        WaitingQuestion.code.is_not(None), (WaitingQuestion.next_try_at.is_(None)) | (WaitingQuestion.next_try_at <= now))
        .order_by(WaitingQuestion.id).limit(BATCH).with_for_update(skip_locked=True)).all()
    by_talk: dict[str, list[WaitingQuestion]] = defaultdict(list)
    for row in rows:
        by_talk[row.conversation_id].append(row)
    told = 0
    for ident, mine in by_talk.items():
        talk = session.get(Conversation, ident)
        if talk is None or talk.citizen_id is None or PURPOSE not in people.consents(session, talk.citizen_id):
            _forget(session, mine)
            continue
        if now - talk.seen_at < policy.IN_TALK:
            _later(mine, talk.seen_at + policy.IN_TALK)
            continue
        told += _told(session, talk, mine, name_of, now)
    session.flush()
    return told


def _told(session: Session, talk: Conversation, rows: Sequence[WaitingQuestion], name_of: Callable[[str], str | None], now: datetime) -> bool:
    names = {row.code: name for row in rows if (name := name_of(row.code))}
    for row in rows:
        if row.code not in names:
            row.code = None
    answered = [row for row in rows if row.code is not None]
    if not answered:
        return False
    buttons = [{"title": say("answer_ready_button") if len(names) == 1 else shorten(name, 40),
                "payload": f"/choose_procedure{json.dumps({'value': f'{code}|overview'})}"} for code, name in list(names.items())[:MOST_BUTTONS]]
    text = say("answer_ready", day=f"{local(answered[0].offered_at):%d/%m}", question=shorten(answered[0].question, 120), names="; ".join(
        shorten(n, 100) for n in names.values()))
    body = {"text": text, "buttons": buttons, "image": None, "quick": False}
    if outbox.enqueue(session, talk, policy.day_cause(talk.citizen_id, now), "answer_ready", body, now) is None:
        tomorrow = (local(now) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        _later(answered, policy.by_day(tomorrow))  # today's message was something else
        return False
    _forget(session, answered)
    _over(session, talk, now)
    return True


def _later(rows: Sequence[WaitingQuestion], at: datetime) -> None:
    for row in rows:
        row.next_try_at = at


def _forget(session: Session, rows: Sequence[WaitingQuestion]) -> None:
    session.execute(delete(WaitingQuestion).where(WaitingQuestion.id.in_([r.id for r in rows])))


def _over(session: Session, talk: Conversation, now: datetime) -> None:
    """With nothing left to tell, the consent has served its purpose; with no other consent, the address has too."""
    talks = session.scalars(select(Conversation).where(Conversation.citizen_id == talk.citizen_id)).all()
    if session.scalar(select(func.count()).where(WaitingQuestion.conversation_id.in_([t.id for t in talks]), WaitingQuestion.agreed_at.is_not(None))):
        return
    session.add(Consent(citizen_id=talk.citizen_id, purpose=PURPOSE, given=False, notice_version=people.NOTICE_VERSION, channel=talk.channel, at=now))
    session.flush()
    if not people.consents(session, talk.citizen_id):
        for one in talks:
            one.address = None


def look(database: Database, catalogue: Catalogue, clock: Callable[[], datetime]) -> int:
    """One round: search for what waits, then tell; returns how many were told. Rests while questions or reminders are switched off."""
    with database.read() as session:
        if {"questions", "reminders"} & switches.off(session, clock()).keys():
            return 0
        questions = due(session)
    if questions:
        catalogue.refresh()
        codes = {ident: answer(catalogue, question) for ident, question in questions}
        with database.write() as session:
            found(session, codes, clock())
    with database.read() as session:
        if session.scalars(select(WaitingQuestion.id).where(WaitingQuestion.code.is_not(None)).limit(1)).first() is None:
            return 0
    with database.write() as session:
        return tell(session, lambda code: facts.name if (facts := catalogue.facts(code)) is not None else None, clock())


def answer(catalogue: Catalogue, question: str) -> str | None:
    """The code of the procedure that answers the question at once; of what is known by name only there is nothing to tell."""
    ranking = catalogue.index.search(question)
    if ranking.decision != "answer":
        return None
    facts = catalogue.facts(ranking.hits[0].code)
    return facts.code if facts is not None and not facts.named_only else None


def clean(session: Session, now: datetime) -> int:
    """Offers nobody took up go after a day, questions that nothing answers after 180; returns how many."""
    old = ((WaitingQuestion.agreed_at.is_(None)) & (WaitingQuestion.offered_at < now - OFFERED_FOR)) | (WaitingQuestion.agreed_at < now - KEPT_FOR)
    return session.execute(delete(WaitingQuestion).where(old)).rowcount
