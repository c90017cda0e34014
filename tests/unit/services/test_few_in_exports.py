"""Exports line by line do not say where somebody of few lives: each line has a day, an hour, a pseudonym."""

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.errors import Refusal
from bot.services.figures.periods import Filter, Period
from bot.services.reports import rows
from bot.store.tables import Asked, Attempt, CourseVersion, Enrolment, MessageSent, Rating
from tests.factories import TUESDAY_TEN
from tests.small_course import publish
from tests.unit.services.test_figures_subtraction import enrol

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
DAY = date(2026, 11, 24)
PEOPLE = {"Phường Hoa Lư": 3, "Phường Đông A": 6, "Phường Châu Sơn": 9}
KEYS = [raw.key for raw in rows.ALL]


@pytest.fixture
def lived(database, tmp_path):
    """So many people of each commune did everything there is, on Zalo."""
    with database.write() as session:
        publish(session, tmp_path)
        version = session.scalars(select(CourseVersion.id)).one()
        for commune, people in PEOPLE.items():
            where = {"channel": "zalo_oa", "commune": commune}
            enrol(session, version, people, **where)
            for n in range(people):
                session.add(Asked(at=TUESDAY_TEN, day=DAY, intent="x", aspect="fee", decision="none", **where))
                session.add(Rating(day=DAY, about="answer", key="1.001", score=4, **where))
                session.add(MessageSent(day=DAY, kind="reminder", sent_at=TUESDAY_TEN, conversation_id=f"{commune}-{n}", **where))
        for ident in session.scalars(select(Enrolment.id)).all():
            session.add(Attempt(enrolment_id=ident, lesson_id="l1", item_id="l1q1", nth=1, answer="a", correct=True, at=TUESDAY_TEN))
    return database


def communes(database, key: str, flt: Filter) -> Counter:
    raw = rows.called(key)
    at = [c.heading for c in raw.columns].index("Xã, phường")
    with database.read() as session:
        raw.shown_alone(session, flt)
        return Counter(row[at] for row in raw.sheet(session, b"k" * 32, flt).rows)


@pytest.mark.parametrize("key", KEYS)
def test_a_commune_of_few_is_left_blank_and_one_more_so_that_it_cannot_be_guessed(lived, key):
    assert communes(lived, key, Filter(NOVEMBER)) == {"": 9, "Phường Châu Sơn": 9}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("commune", "count"), [("Phường Hoa Lư", 0), ("Phường Đông A", 0), ("Phường Châu Sơn", 9)])
def test_a_commune_of_few_or_one_that_betrays_it_is_not_given_alone(lived, key, commune, count):
    if count:
        assert communes(lived, key, Filter(NOVEMBER, commune=commune)) == {commune: count}
    else:
        with pytest.raises(Refusal, match="quá ít người"):
            communes(lived, key, Filter(NOVEMBER, commune=commune))


@pytest.mark.parametrize("key", KEYS)
def test_who_is_bound_to_a_commune_of_few_gets_no_lines_of_it(lived, key):
    with pytest.raises(Refusal, match="quá ít người"):
        communes(lived, key, Filter(NOVEMBER, allowed=("Phường Hoa Lư",)))
    assert communes(lived, key, Filter(NOVEMBER, allowed=("Phường Đông A",))) == {"Phường Đông A": 6}


@pytest.mark.parametrize("key", KEYS)
def test_a_channel_of_few_is_not_given_alone_nor_what_betrays_it(lived, key):
    with lived.write() as session:
        version = session.scalars(select(CourseVersion.id)).one()
        where = {"channel": "telegram", "commune": "Phường Châu Sơn"}
        enrol(session, version, 2, **where)
        for ident in session.scalars(select(Enrolment.id).where(Enrolment.channel == "telegram")).all():
            session.add(Attempt(enrolment_id=ident, lesson_id="l1", item_id="l1q1", nth=1, answer="a", correct=True, at=TUESDAY_TEN))
            session.add(Asked(at=TUESDAY_TEN + timedelta(hours=1), day=DAY, intent="x", aspect="fee", decision="none", **where))
            session.add(Rating(day=DAY, about="answer", key="1.001", score=4, **where))
            session.add(MessageSent(day=DAY, kind="reminder", sent_at=TUESDAY_TEN, conversation_id=f"t{ident}", **where))
    for channel in ("telegram", "zalo_oa"):
        with pytest.raises(Refusal, match="quá ít người"):
            communes(lived, key, Filter(NOVEMBER, channel=channel))
    if rows.called(key).by_channel:  # two of Châu Sơn on Telegram are of few too
        assert communes(lived, key, Filter(NOVEMBER))[""] > 3


def test_many_lines_of_few_people_stay_of_few(lived):
    with lived.write() as session:
        session.add_all([MessageSent(day=DAY, kind="reminder", sent_at=TUESDAY_TEN, conversation_id="Phường Hoa Lư-0", channel="zalo_oa",
                                     commune="Phường Hoa Lư") for _ in range(40)])
    assert "Phường Hoa Lư" not in communes(lived, "tin-da-gui", Filter(NOVEMBER))


def test_where_all_are_many_nothing_is_left_out(lived):
    flt = Filter(NOVEMBER, allowed=("Phường Đông A", "Phường Châu Sơn"))
    assert communes(lived, "hoi-dap", flt) == {"Phường Đông A": 6, "Phường Châu Sơn": 9}
