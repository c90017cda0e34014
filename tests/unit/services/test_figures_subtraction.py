"""What a page of figures hides cannot be had by subtracting what it shows elsewhere on the same page."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.errors import Refusal
from bot.learning.model import Course
from bot.services.figures import courses, finishing, funnel, overview, questions
from bot.services.figures.funnel import Counted, Place
from bot.services.figures.periods import Filter, Period
from bot.services.figures.questions import Item
from bot.services.figures.table import FEW, KEPT
from bot.store.tables import Citizen, CourseVersion, Enrolment, Learner
from tests.factories import TUESDAY_TEN
from tests.small_course import publish, small

NOW = datetime.fromisoformat("2026-11-24T03:00:00+00:00")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


@pytest.mark.parametrize(("joined", "before"), [(3, KEPT), (6, 30)])
def test_people_at_the_end_of_both_periods_do_not_tell_how_many_joined(database, joined, before):
    with database.write() as session:
        session.add_all([Citizen(created_at=TUESDAY_TEN - timedelta(days=40), channel="web") for _ in range(30)])
        session.add_all([Citizen(created_at=TUESDAY_TEN, channel="web") for _ in range(joined)])
    with database.read() as session:
        summary, *_ = overview.tables(session, Filter(NOVEMBER))
    rows = {row[0]: row[1:] for row in summary.rows}
    assert rows["Người dân mới"][0] == (FEW if joined < 5 else joined)
    assert rows["Người dân đã đồng ý"][:2] == (30 + joined, before)
    assert (rows["Người dân đã đồng ý"][2] == "") == (joined < 5)


def stops(*stopped: int) -> Counted:
    order = [Place(f"step:c{n}", f"Bài 1, thẻ {n}", "Lời.") for n in range(len(stopped))]
    return Counted(order, [60] * len(stopped), [60] * len(stopped), list(stopped), 0)


def test_where_most_stop_says_no_number_that_the_table_hides():
    assert funnel.table(stops(3, 10)).column("stopped") == (FEW, KEPT)
    assert funnel.worst(stops(3, 10)) is None
    place, people = funnel.worst(stops(3, 10, 12))
    assert (place.name, people) == ("Bài 1, thẻ 2", 12)


def weeks(*cohorts: tuple[int, tuple[int, ...]]) -> list[tuple]:
    found = [finishing.Cohort(date(2026, 6, 1) - timedelta(weeks=n), people, finished) for n, (people, finished) in enumerate(cohorts)]
    return [row[1:] for row in finishing.cohort_table(found, NOW).rows]


def test_the_sum_of_the_weeks_does_not_tell_of_a_small_week():
    """The funnel shows 53 people."""
    small, other, large = weeks((3, (1, 1, 2, 2)), (20, (6, 6, 12, 12)), (30, (10, 10, 20, 20)))
    assert set(small) == {FEW} and set(other) == {KEPT} and large == (30, *(pytest.approx(100 * n / 30) for n in (10, 10, 20, 20)))


def test_whoever_finished_in_all_weeks_does_not_tell_of_one_week():
    """The table of durations shows 13 people within a week."""
    first, second = weeks((20, (3, 8, 8, 8)), (30, (10, 20, 20, 20)))
    assert first[:2] == (20, KEPT) and second[:2] == (30, KEPT)
    assert second[2] == pytest.approx(100 * 20 / 30)


QUESTIONS = {question.id: question for question in Course.model_validate(small()).items}


def item(name: str, asked: int, right: int) -> Item:
    return Item("lesson", "Bài 1", QUESTIONS[name], asked, right, None, None)


def test_who_reached_a_question_and_did_not_answer_it_is_not_told():
    """The funnel hides the next place for three people stopped here: 17 of 20 would say so too."""
    rows = questions.table([item("l1q1", 17, 9), item("l1q2", 12, 6)], [20]).rows
    assert [row[2:4] for row in rows] == [(KEPT, 53), (12, 50.0)]
    rows = questions.table([item("l1q1", 20, 10), item("l1q2", 17, 9)]).rows
    assert [row[2:4] for row in rows] == [(20, 50.0), (KEPT, 53)]


def enrol(session, version: int, people: int, **where: str) -> None:
    """So many people of one commune and channel take the course up; each in a conversation of their own."""
    for _ in range(people):
        citizen = Citizen(created_at=TUESDAY_TEN, **where)
        session.add(citizen)
        session.flush()
        learner = Learner(citizen_id=citizen.id, created_at=TUESDAY_TEN)
        session.add(learner)
        session.flush()
        session.add(Enrolment(learner_id=learner.id, slug="khoa-nho", round=1, version_id=version, progress={}, active=False, items_total=4,
                              started_at=TUESDAY_TEN, touched_at=TUESDAY_TEN, channel=where["channel"]))


@pytest.mark.parametrize(("few", "refused"), [(3, {"web", "zalo_oa"}), (6, set())])
def test_the_pages_of_the_channels_do_not_tell_of_one_with_few_learners(database, tmp_path, few, refused):
    with database.write() as session:
        publish(session, tmp_path)
        version = session.scalars(select(CourseVersion.id)).one()
        for channel, people in (("web", few), ("zalo_oa", 9), ("telegram", 20)):
            enrol(session, version, people, channel=channel, commune="Phường Hoa Lư")
    told = set()
    with database.read() as session:
        for channel in ("web", "zalo_oa", "telegram"):
            try:
                assert courses.of_course(session, Filter(NOVEMBER, channel=channel), "khoa-nho", NOW).tables
            except Refusal as refusal:
                assert refusal.field == "kenh"
                told.add(channel)
        assert told == refused
        assert courses.of_course(session, Filter(NOVEMBER), "khoa-nho", NOW).table("duong-hoc").column("reached")[0] == 29 + few
        assert courses.of_course(session, Filter(NOVEMBER, commune="Phường Hoa Lư"), "khoa-nho", NOW, version).tables
