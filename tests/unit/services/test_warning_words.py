"""What a cluster's page begins an announcement with can be sent as it is, whatever the trick."""

import pytest

from bot.incidents.kinds import TRICKS
from bot.services import announcements, spread, warning_course
from bot.web.staff.incidents import title_of
from tests.announcing import given, member
from tests.factories import TUESDAY_TEN as NOW
from tests.unit.services.test_spread import a_past, outbreak, sent


@pytest.mark.parametrize("trick", [*TRICKS, None])
def test_title_and_text_of_every_trick_pass_the_rules_of_announcements(database, trick):
    with database.write() as session:
        a_past(session)
        outbreak(session, 2)
        for n in range(5):
            sent(session, f"x{n}", NOW, found=(("phone", "0987654321"), ("link", "https://vay-nhanh.xyz/a")), trick=trick)
        same, _, _ = spread.overview(session, NOW)
        found = spread.detail(session, NOW, next(row.key for row in same if row.people == 5))
        title, text = title_of(found), warning_course.announcement(found)
        row = announcements.save(session, member(session, "co.hoa"), None, given(topic="scam", title=title, text=text), NOW)
        assert (row.title, row.text) == (title, text)
        assert TRICKS.get(trick, "một chiêu lừa") in text and "0987" not in text and "vay-nhanh" not in text
