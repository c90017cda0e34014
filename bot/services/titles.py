"""Courses by their names as typed, for those whose names Rasa has never seen: what the studio publishes is startable at once.

Rasa's model and lists know the shipped courses. A course of the studio is found here, in the process that has the database,
and started as if its button had been pressed; everything else is left to Rasa.
"""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.language.emergency import is_emergency
from bot.procedures.search import words_of
from bot.services.versions import course_of
from bot.store.tables import CourseVersion

LEAD = re.compile(r"(?:(?:toi|em|con|chau|bac|minh|cho) )*(?:(?:muon|can|xin) )*(?:(?:bat dau|vao|mo|hoc) )*(?:khoa hoc |khoa |lop |bai )?")
TAIL = re.compile(r"(?: (?:di|nhe|nha|a|voi|nao))+$")
"""Words around a name by which people say that they want to learn it, folded."""


def typed(session: Session, text: str) -> str | None:
    """The slug of the live course of the studio that the text is the name of, with or without "tôi muốn học".

    A title of two words or more stands for its course alone; other names only behind words of learning, for alone they may
    well be a question ("khai sinh"). None for everything else, and for what reads like an emergency.
    """
    said = words_of(text[:200], mending=False)
    if not said or is_emergency(text):
        return None
    wish = LEAD.match(said).end()  # type: ignore[union-attr]  it may match nothing, but it matches
    wanted = TAIL.sub("", said[wish:])
    for version_id, slug in session.execute(select(CourseVersion.id, CourseVersion.slug).where(CourseVersion.live, CourseVersion.origin == "studio")):
        course = course_of(session, version_id)
        title, *others = (words_of(name, mending=False) for name in (course.title, *course.aliases))
        bare = title[LEAD.match(title).end():]  # type: ignore[union-attr]
        if (" " in title and TAIL.sub("", said) in (title, bare)) or (wish and wanted in {title, bare, *others}):
            return slug
    return None
