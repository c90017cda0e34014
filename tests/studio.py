"""Writers and approvers for tests of the studio, and a course that may be published."""

from datetime import datetime
from typing import Any

from bot.services import authoring
from bot.services.staff import Who
from bot.store.tables import Draft, Staff
from tests.factories import TUESDAY_TEN
from tests.small_course import small


def somebody(session, login: str, role: str = "author") -> Who:
    """A member of staff as the pages hand them to services."""
    row = Staff(login=login, name=f"Người {login}", password_hash="nobody signs in", role=role, communes=[], created_at=TUESDAY_TEN)
    session.add(row)
    session.flush()
    return Who(row.id, row.login, row.name, role, (), "csrf", "session")


def sound(slug: str, **changes: Any) -> dict[str, Any]:
    """A document that nothing stands against."""
    return small(slug, **{"checked_on": "2026-11-20", "review_by": "2027-06-30", **changes})


def written(session, who: Who, title: str = "Nuôi cá mùa lạnh", now: datetime = TUESDAY_TEN, **changes: Any) -> Draft:
    """A draft of a new course, complete, by this person."""
    draft = authoring.create(session, who, title, "citizens", now)
    return authoring.save(session, who, draft.id, draft.revision, sound(draft.slug, title=title, **changes), now)


def published(session, author: Who, approver: Who, now: datetime = TUESDAY_TEN, **changes: Any):
    """The version of a new course, written by one and approved by the other."""
    draft = written(session, author, now=now, **changes)
    authoring.submit(session, author, draft.id, "", now)
    return authoring.publish(session, approver, draft.id, now)
