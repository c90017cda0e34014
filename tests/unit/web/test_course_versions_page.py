"""The list of a course's versions counts people, and tells of no fewer than five how many they are."""

import re

import pytest
from sqlalchemy import select

from bot.store.tables import Citizen, CourseVersion, Enrolment, Learner
from tests.small_course import publish
from tests.unit.web.staff_pages import app_on, signed_in


@pytest.mark.parametrize(("people", "shown"), [(0, "0"), (3, "&lt;5"), (5, "5")])
def test_few_learners_are_not_counted_out(database, tmp_path, people, shown):
    app = app_on(database, tmp_path)
    now = app.clock()
    with database.write() as session:
        publish(session, tmp_path / "courses", now=now)
        version = session.scalars(select(CourseVersion.id)).one()
        for _ in range(people):
            citizen = Citizen(created_at=now)
            session.add(citizen)
            session.flush()
            learner = Learner(citizen_id=citizen.id, created_at=now)
            session.add(learner)
            session.flush()
            session.add_all([Enrolment(learner_id=learner.id, slug="khoa-nho", round=n, version_id=version, progress={}, active=False, items_total=4,
                                       started_at=now, touched_at=now, channel="web") for n in (1, 2)])
    page = signed_in(app, "author").get("/studio/khoa-hoc/khoa-nho/phien-ban").text
    assert re.search(r'<td class="n">([^<]+)</td>', page).group(1) == shown
