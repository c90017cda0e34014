"""What waits for somebody's approval: courses, texts on procedures, announcements that others wrote. Reads only; every page of staff runs it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.services.staff import Who
from bot.store.tables import Announcement, Draft, ProcedureDraft


@dataclass(frozen=True)
class Awaiting:
    """How many of each this person may approve, if their role may at all."""

    courses: int
    procedures: int
    announcements: int


def awaiting(session: Session, who: Who) -> Awaiting:
    """Few are under review at a time, so that who wrote them is looked at here: the lists of editors are JSON."""
    courses = session.execute(select(Draft.author_id, Draft.editors).where(Draft.state == "review"))
    procedures = session.scalars(select(ProcedureDraft.editors).where(ProcedureDraft.state == "review"))
    news = session.execute(select(Announcement.author_id, Announcement.first_approver_id, Announcement.communes).where(Announcement.state == "submitted"))
    return Awaiting(sum(who.id not in {author, *editors} for author, editors in courses),
                    sum(who.id not in editors for editors in procedures),
                    sum(who.id not in (author, first) and within(who, communes) for author, first, communes in news))


def within(who: Who, communes: list[str]) -> bool:
    """Does an announcement to these communes ([] for all) concern them?"""
    return not who.communes or (bool(communes) and set(communes) <= set(who.communes))
