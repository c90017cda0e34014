"""Drills in the database: agreed to, sent by chance, answered, explained, stopped. Flushes only; the caller commits.

A fake message comes once, by day, at a moment nobody knows, to who agreed to it; whatever happens next explains it, and
after a day it explains itself. An incident runs by the clock of its injects, or as fast as one answers. Planning is
idempotent by the outbox's unique cause, so any number of workers may plan. Of reactions only the chosen index is kept.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from bot.errors import ContentError
from bot.learning import document, drill
from bot.learning.asking import Say
from bot.learning.drill import AnyDrill, Exercise, IncidentDrill, ScamDrill
from bot.services import outbox, people, study
from bot.store.tables import Conversation, DrillRun, Outbound

logger = logging.getLogger(__name__)

PERIODS = (7, 14, 30)
"""Days within which a fake message may be agreed to come."""
REVEAL_AFTER = timedelta(hours=24)
QUIET_BEFORE = timedelta(minutes=15)
"""Nobody is sent a fake message in the middle of a conversation: what they type next belongs to that."""
LATE = timedelta(hours=1)
"""An inject so late (no worker ran) no longer follows from what its reader just did: it waits for the day."""
QUICK_ENDS_AFTER = timedelta(days=1)
"""A quick incident left lying is closed without a word; it has no clock of its own."""
PLAN_LIMIT = 200
AWAITED = "drill:"
"""How `Conversation.awaiting` begins while a drill's message is the newest on the screen."""
OPEN = ("waiting", "running")


@lru_cache(maxsize=4)
def shelf(folder: Path) -> dict[str, AnyDrill]:
    """The shipped drills of a folder of courses by slug, read once a process; a broken file is left out and logged."""
    found = {}
    for path in document.drill_files_of(folder):
        try:
            found[path.stem] = document.load_drill(path)
        except ContentError as error:
            logger.error("%s is left out: %s", path.name, error.problems[0])
    return found


def incidents(folder: Path) -> list[IncidentDrill]:
    return [one for one in shelf(folder).values() if isinstance(one, IncidentDrill)]


# --- beginning ----------------------------------------------------------------------------------------------------

def agree(session: Session, talk: Conversation, folder: Path, days: int, now: datetime, random: Random | None = None) -> DrillRun | None:
    """A fake message within so many days, in place of one that still waits. The citizen must have consented (the caller checks).

    None when there is no drill to send.
    """
    random = random or SystemRandom()
    for run in opened(session, talk.learner_id):
        if run.state == "waiting":
            close(run, "cancelled", now)
    session.flush()
    chosen = next_scam(session, talk.learner_id, folder, random)
    if chosen is None:
        return None
    run = DrillRun(learner_id=talk.learner_id, conversation_id=talk.id, kind="scam", slug=chosen.slug, document=chosen.model_dump(mode="json"),
                   state="waiting", choices=[], next_due_at=drill.moment(random, now, days), agreed_at=now)
    session.add(run)
    session.flush()
    return run


def next_scam(session: Session, learner_id: int | None, folder: Path, random: Random) -> ScamDrill | None:
    """One the learner has not seen; when all have been seen, the one seen longest ago."""
    every = {s: d for s, d in shelf(folder).items() if isinstance(d, ScamDrill)}
    seen: dict[str, datetime] = {}
    for slug, at in session.execute(select(DrillRun.slug, DrillRun.started_at).where(
            DrillRun.learner_id == learner_id, DrillRun.kind == "scam", DrillRun.started_at.is_not(None)).order_by(DrillRun.started_at)):
        seen[slug] = at
    fresh = sorted(set(every) - set(seen))
    if fresh:
        return every[random.choice(fresh)]
    return every[min((s for s in seen if s in every), key=lambda s: seen[s])] if every else None


def start_incident(session: Session, talk: Conversation, folder: Path, slug: str, quick: bool, now: datetime) -> tuple[DrillRun, tuple[Say, ...]]:
    """The incident begins in this conversation; a lesson that is open keeps its place. Raises LookupError for an unknown slug."""
    chosen = next((one for one in incidents(folder) if one.slug == slug), None)
    if chosen is None or talk.learner_id is None:
        raise LookupError(slug)
    for run in opened(session, talk.learner_id):
        if run.kind == "incident":
            close(run, "cancelled", now)
    study.stop(session, talk.learner_id)
    run = DrillRun(learner_id=talk.learner_id, conversation_id=talk.id, kind="incident", slug=slug, document=chosen.model_dump(mode="json"),
                   state="running", step=0, choices=[None], most=chosen.most, agreed_at=now, started_at=now,
                   next_due_at=None if quick else now + timedelta(minutes=chosen.ends_at(0)))
    session.add(run)
    session.flush()
    talk.awaiting = f"{AWAITED}{run.id}"
    return run, drill.begin(chosen, run.id, quick).says


def opened(session: Session, learner_id: int | None) -> list[DrillRun]:
    """The learner's drills that wait or run, locked for this transaction."""
    if learner_id is None:
        return []
    return list(session.scalars(select(DrillRun).where(DrillRun.learner_id == learner_id, DrillRun.state.in_(OPEN))
                                .order_by(DrillRun.id).with_for_update()))


def close(run: DrillRun, state: str, now: datetime) -> None:
    run.state, run.ended_at, run.next_due_at = state, now, None


# --- answering ----------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Told:
    """What a reaction led to. kind: scam or incident; ended: this was its end."""

    kind: str
    says: tuple[Say, ...]
    run_id: int = 0
    ended: bool = False


def of_talk(session: Session, talk: Conversation, run_id: int) -> DrillRun | None:
    """The drill with this number, locked, when it is one of this conversation's."""
    run = session.get(DrillRun, run_id, with_for_update=True)
    return run if run is not None and run.conversation_id == talk.id else None


def exercise_of(run: DrillRun) -> Exercise:
    return Exercise(seed=run.id, step=run.step, choices=tuple(run.choices), quick=run.next_due_at is None)


def tapped(session: Session, talk: Conversation, run_id: int, step: int, index: int, now: datetime) -> Told:
    """A button of a drill. One of a drill that is over says what it was and changes nothing."""
    run = of_talk(session, talk, run_id)
    if run is None:
        return Told("scam", (Say(drill.OVER),))
    one = drill.of(run.document)
    if isinstance(one, IncidentDrill):
        if run.state != "running":
            return Told("incident", (Say(drill.ENDED),), run.id)
        return moved(session, talk, run, one, drill.chosen(one, exercise_of(run), step, index), now)
    if run.state != "running" or not 0 <= index < len(one.options):
        return Told("scam", (Say(drill.OVER),), run.id)
    return reacted(session, run, one, index, now)


def typed(session: Session, talk: Conversation, awaiting: str, text: str, now: datetime) -> Told | None:
    """Words typed with a drill's message on the screen; they are read, never kept. None when that drill is over or unknown."""
    run = awaited(session, talk, awaiting)
    if run is None or run.state != "running":
        return None
    one = drill.of(run.document)
    if isinstance(one, IncidentDrill):
        return moved(session, talk, run, one, drill.typed(one, exercise_of(run), text), now)
    return reacted(session, run, one, drill.chosen_by(one, run.id, text), now)


def awaited(session: Session, talk: Conversation, awaiting: str) -> DrillRun | None:
    kind, _, number = awaiting.partition(":")
    return of_talk(session, talk, int(number)) if f"{kind}:" == AWAITED and number.isdigit() else None


def reacted(session: Session, run: DrillRun, one: ScamDrill, index: int | None, now: datetime) -> Told:
    """A fake message is answered once."""
    run.choices = [index]
    close(run, "done", now)
    session.flush()
    return Told("scam", (drill.reaction(one, index),), run.id, ended=True)


def moved(session: Session, talk: Conversation, run: DrillRun, one: IncidentDrill, outcome: drill.Outcome, now: datetime) -> Told:
    """Writes what an incident's move led to; the timer is the worker's business (`plan`)."""
    written(run, one, outcome, now)
    if run.state == "running":
        talk.awaiting = f"{AWAITED}{run.id}"
    session.flush()
    return Told("incident", outcome.says, run.id, outcome.ended)


def written(run: DrillRun, one: IncidentDrill, outcome: drill.Outcome, now: datetime) -> None:
    run.step, run.choices = outcome.exercise.step, list(outcome.exercise.choices)
    if outcome.ended:
        run.score = drill.score(one, outcome.exercise)
        close(run, "done", now)


def going(session: Session, talk: Conversation) -> Told | None:
    """The inject that is out in this conversation, again; None when no incident runs."""
    for run in opened(session, talk.learner_id):
        if run.kind == "incident" and run.conversation_id == talk.id:
            talk.awaiting = f"{AWAITED}{run.id}"
            return Told("incident", (drill.inject(drill.of(run.document), exercise_of(run)),), run.id)
    return None


def aside(session: Session, talk: Conversation, awaiting: str, now: datetime) -> str | None:
    """Something else was done with a fake message on the screen: the drill ends, and this sentence says what the message was."""
    run = awaited(session, talk, awaiting)
    if run is None or run.kind != "scam":
        return None
    if run.state == "running":
        close(run, "done", now)
        session.flush()
    return drill.aside(drill.of(run.document)).text


def expectation(session: Session, talk: Conversation) -> dict[str, Any] | None:
    """What a typed text would be, for the pipeline: any words answer a fake message; an incident takes only its choices."""
    number = (talk.awaiting or "").removeprefix(AWAITED)
    run = session.get(DrillRun, int(number)) if number.isdigit() else None
    if run is None or run.state != "running":
        return None
    one = drill.of(run.document)
    if isinstance(one, IncidentDrill):
        return {"kind": "drill", "options": drill.shown(one, exercise_of(run))[1]}
    return {"kind": "drill"}


@dataclass(frozen=True)
class Stopped:
    """count: how many drills waited or ran; fake: what is to be said of a fake message that was out, if one was."""

    count: int
    fake: str = ""


def stop(session: Session, talk: Conversation, now: datetime) -> Stopped:
    """No more drills: those that wait or run are cancelled and the consent is withdrawn."""
    found = opened(session, talk.learner_id)
    out = [drill.aside(drill.of(r.document)).text for r in found if r.kind == "scam" and r.state == "running"]
    stopped = Stopped(len(found), "".join(out[:1]))
    people.withdraw(session, talk, ["drills"], now)
    return stopped


# --- what the worker does -----------------------------------------------------------------------------------------

def plan(session: Session, now: datetime, random: Random | None = None, begin: bool = True) -> int:
    """What is due of drills into the outbox; returns how many messages. Safe to run again and by several workers.

    begin: False while drills are switched off: then only fake messages that are out already explain themselves.
    """
    stale = and_(DrillRun.kind == "incident", DrillRun.state == "running", DrillRun.next_due_at.is_(None),
                 DrillRun.started_at <= now - QUICK_ENDS_AFTER)
    due = session.scalars(select(DrillRun).where(DrillRun.state.in_(OPEN), or_(DrillRun.next_due_at <= now, stale),
                                                *(() if begin else (DrillRun.kind == "scam", DrillRun.state == "running")))
                          .order_by(DrillRun.id).limit(PLAN_LIMIT).with_for_update(skip_locked=True)).all()
    planned = 0
    for run in due:
        talk = session.get_one(Conversation, run.conversation_id)
        if talk.closed_at is not None:  # blocked us: nothing would arrive, and what they type later is no reaction to it
            forgotten(talk, run)
            close(run, "cancelled", now)
        elif run.kind == "incident":
            planned += by_clock(session, talk, run, now)
        elif not drill.by_day(now):
            run.next_due_at = drill.put_off(random or SystemRandom(), now)
        elif run.state == "waiting":
            planned += fake(session, talk, run, now)
        else:
            planned += unanswered(session, talk, run, now)
    session.flush()
    return planned


def fake(session: Session, talk: Conversation, run: DrillRun, now: datetime) -> int:
    """The fake message goes out, unless consent is gone or its reader is in the middle of something."""
    if "drills" not in people.consents(session, talk.citizen_id):
        close(run, "cancelled", now)
        return 0
    if now - talk.seen_at < QUIET_BEFORE:
        run.next_due_at = now + QUIET_BEFORE
        return 0
    one = drill.of(run.document)
    run.state, run.started_at, run.next_due_at = "running", now, now + REVEAL_AFTER
    return sent(session, talk, run, "0", drill.fake(one, run.id), now)


def unanswered(session: Session, talk: Conversation, run: DrillRun, now: datetime) -> int:
    """A day without an answer: the message explains itself. One that never left is taken back instead."""
    state = session.scalar(select(Outbound.state).where(Outbound.cause == f"drill:{run.id}:0"))
    forgotten(talk, run)
    if state in ("due", "held", "dead"):
        session.execute(delete(Outbound).where(Outbound.cause == f"drill:{run.id}:0", Outbound.state.in_(("due", "held"))))
        close(run, "cancelled", now)
        return 0
    close(run, "done", now)
    return sent(session, talk, run, "reveal", drill.reveal(drill.of(run.document)), now)


def by_clock(session: Session, talk: Conversation, run: DrillRun, now: datetime) -> int:
    """The time of an inject is over: the next one, or the debrief."""
    if run.next_due_at is None:
        forgotten(talk, run)
        close(run, "cancelled", now)
        return 0
    if now - run.next_due_at > LATE and not drill.by_day(now):
        return 0
    one = drill.of(run.document)
    outcome = drill.forward(one, exercise_of(run))
    written(run, one, outcome, now)
    if outcome.ended:
        forgotten(talk, run)
        return sum(sent(session, talk, run, f"end:{n}", said, now) for n, said in enumerate(outcome.says))
    minutes = one.ends_at(run.step) - one.injects[run.step].minute
    run.next_due_at = now + timedelta(minutes=minutes)
    return sum(sent(session, talk, run, str(run.step), said, now) for said in outcome.says)


def sent(session: Session, talk: Conversation, run: DrillRun, name: str, said: Say, now: datetime) -> int:
    """One message into the outbox; one with choices becomes what is on the screen. 1, or 0 when it is queued already."""
    buttons = [{"title": title, "payload": payload_of(run.id, command)} for title, command in said.buttons]
    row = outbox.enqueue(session, talk, f"drill:{run.id}:{name}", "drill",
                         {"text": said.text, "buttons": buttons, "image": None, "quick": False}, now)
    if buttons:
        talk.awaiting, talk.lesson_on_screen = f"{AWAITED}{run.id}", False
        # a typed title or number must mean this message's buttons, not those of the reply before it
        talk.offered = [{**b, "numbered": True} for b in buttons]
    return int(row is not None)


def forgotten(talk: Conversation, run: DrillRun) -> None:
    """The drill's message is no longer what a typed text answers."""
    if talk.awaiting == f"{AWAITED}{run.id}":
        talk.awaiting, talk.offered = None, []


def payload_of(run_id: int, command: tuple[str, int, int]) -> str:
    """A choice's payload, as Rasa reads it."""
    return f"/drill_choice{json.dumps({'value': f'{run_id}:{command[1]}:{command[2]}'})}"
