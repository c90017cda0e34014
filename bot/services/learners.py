"""Who learns on this phone: one citizen, one or more learners, switched by name. Flushes only; the caller commits."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.errors import BotError
from bot.language.choices import squeeze
from bot.store.tables import Conversation, Learner

MOST_PER_PHONE = 8
NAME_LENGTH = 60


class TooManyLearners(BotError):
    """A phone has MOST_PER_PHONE learners at most; seen by the citizen as a sentence."""


def of_citizen(session: Session, citizen_id: int) -> list[Learner]:
    """Everybody who learns on this citizen's phone, the first one first."""
    return list(session.scalars(select(Learner).where(Learner.citizen_id == citizen_id).order_by(Learner.id)))


def first(session: Session, citizen_id: int, now: datetime) -> Learner:
    """The citizen's first learner, made when there is none."""
    found = session.scalars(select(Learner).where(Learner.citizen_id == citizen_id).order_by(Learner.id)).first()
    if found is None:
        found = Learner(citizen_id=citizen_id, created_at=now)
        session.add(found)
        session.flush()
    return found


def switch(session: Session, talk: Conversation, name: str, now: datetime) -> tuple[Learner, bool]:
    """The learner with this name takes over the conversation; True when it is a new one. Raises TooManyLearners.

    Names are compared without case and diacritics.
    """
    name = " ".join(name.split())[:NAME_LENGTH]
    known = of_citizen(session, talk.citizen_id)
    for learner in known:
        if learner.name and squeeze(learner.name) == squeeze(name):
            talk.learner_id = learner.id
            session.flush()
            return learner, False
    if len(known) >= MOST_PER_PHONE:
        raise TooManyLearners(f"{MOST_PER_PHONE} learners share this phone already")
    learner = Learner(citizen_id=talk.citizen_id, name=name, created_at=now)
    session.add(learner)
    session.flush()
    talk.learner_id = learner.id
    session.flush()
    return learner, True


def rename(session: Session, learner_id: int, name: str) -> Learner:
    """The name as the learner gives it, for the greeting and the certificate."""
    learner = session.get_one(Learner, learner_id)
    learner.name = " ".join(name.split())[:NAME_LENGTH]
    session.flush()
    return learner


def shared(session: Session, citizen_id: int) -> bool:
    """Do several people learn on this phone?"""
    return (session.scalar(select(func.count()).select_from(Learner).where(Learner.citizen_id == citizen_id)) or 0) > 1
