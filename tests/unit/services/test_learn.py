"""Courses are published as immutable versions; progress, attempts and score are rows that agree."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.learning import engine
from bot.services import learn, study
from bot.store.tables import Attempt, CourseVersion, Enrolment, Review
from tests import small_course
from tests.factories import TUESDAY_TEN, course_folder, talk_of

SLUG = "gia-danh-cong-an"


@pytest.fixture
def folder(tmp_path):
    return course_folder(tmp_path / "courses")


def test_publishing_again_changes_nothing(database, folder):
    for _ in range(2):
        with database.write() as session:
            learn.publish(session, folder, TUESDAY_TEN)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(CourseVersion)) == 1


def test_a_learner_keeps_the_version_and_the_next_one_gets_the_new(database, folder):
    with database.write() as session:
        learn.publish(session, folder, TUESDAY_TEN)
        first, course, _ = learn.enrol(session, talk_of(session, consent=("learning",)).learner_id, SLUG, TUESDAY_TEN)
    file = folder / f"{SLUG}.yml"
    file.write_text(file.read_text().replace(course.title, "Tên mới"))
    with database.write() as session:
        learn.publish(session, folder, TUESDAY_TEN)
        again, old, new = learn.enrol(session, first.learner_id, SLUG, TUESDAY_TEN)
        other = talk_of(session, address="sender-two-0123456", consent=("learning",))
        _, latest, _ = learn.enrol(session, other.learner_id, SLUG, TUESDAY_TEN)
        assert (again.id, old.title, new) == (first.id, course.title, False)
        assert latest.title == "Tên mới"
        assert session.scalar(select(func.count()).select_from(CourseVersion).where(CourseVersion.live)) == 1


def play_through(session, enrolment, answer):
    """Plays to the end; `answer(item, tries)` gives the picks or the text."""
    course = learn.course_of(session, enrolment.version_id)
    for _ in range(2000):
        progress = engine.Progress.model_validate(enrolment.progress)
        if progress.phase == "done":
            return course
        here = engine.current(course, progress)
        if here is None or not hasattr(here, "type"):
            learn.play(session, enrolment, engine.go_on, TUESDAY_TEN)
        else:
            given = answer(here, progress.tries.get(here.id, 0))
            learn.play(session, enrolment, lambda c, p, g=given, i=here: engine.judge(c, p, i, i.grade(*g)), TUESDAY_TEN)
    raise AssertionError("the course does not end")


def right(item):
    return item.best()


def wrong(item):
    """An answer that is not right, of any type."""
    if item.type == "fill":
        return (), "xyz"
    if item.type in ("ordering", "matching"):
        return tuple(reversed(range(item.size))), ""
    if item.type == "scenario":
        return next(((at,), "") for at, choice in enumerate(item.scenes[0].choices) if choice.ends == "wrong")
    best = item.best()[0]
    return (next(i for i in range(item.size) if i not in best),), ""


def test_a_perfect_run_passes_with_all_items_right(database, folder):
    with database.write() as session:
        learn.publish(session, folder, TUESDAY_TEN)
        enrolment, _, _ = learn.enrol(session, talk_of(session, consent=("learning",)).learner_id, SLUG, TUESDAY_TEN)
        course = play_through(session, enrolment, lambda item, _: right(item))
    assert (enrolment.score_percent, enrolment.passed, enrolment.lessons_done, enrolment.active) == (100, True, 7, False)
    assert enrolment.items_right == enrolment.items_total == len(course.items)


@pytest.mark.parametrize("wrong_tries", [1, 2, 3, 5])
def test_the_columns_the_view_and_the_attempts_agree_however_it_goes(database, folder, wrong_tries):
    with database.write() as session:
        learn.publish(session, folder, TUESDAY_TEN)
        talk = talk_of(session, consent=("learning",))
        enrolment, _, _ = learn.enrol(session, talk.learner_id, SLUG, TUESDAY_TEN)
        given: dict[str, int] = {}

        def answer(item, _):
            given[item.id] = given.get(item.id, 0) + 1
            return wrong(item) if given[item.id] <= wrong_tries and hash(item.id) % 3 == 0 else right(item)

        course = play_through(session, enrolment, answer)
        (result,) = learn.results(session, talk.learner_id)
        assert (result.right, result.total, result.lessons_done) == (enrolment.items_right, enrolment.items_total, 7)
        assert enrolment.score_percent == 100 * enrolment.items_right // enrolment.items_total >= course.pass_percent
        answered = session.scalar(select(func.count()).select_from(Attempt).where(Attempt.enrolment_id == enrolment.id))
        assert answered == sum(given.values())
        once_right = session.scalar(select(func.count(func.distinct(Attempt.item_id))).where(
            Attempt.enrolment_id == enrolment.id, Attempt.correct))
        assert once_right >= enrolment.items_right


def test_only_one_course_is_open_at_a_time_and_stopping_closes_it(database, folder):
    with database.write() as session:
        learn.publish(session, folder, TUESDAY_TEN)
        talk = talk_of(session, consent=("learning",))
        enrolment, _, _ = learn.enrol(session, talk.learner_id, SLUG, TUESDAY_TEN)
        learn.play(session, enrolment, engine.go_on, TUESDAY_TEN)
        assert learn.active_enrolment(session, talk.learner_id).id == enrolment.id
        assert study.expectation(session, talk.learner_id) == {"kind": "card"}
        assert learn.stop(session, talk.learner_id) is True
        assert learn.stop(session, talk.learner_id) is False
        assert study.expectation(session, talk.learner_id) is None


def test_no_free_talk_is_stored_with_an_attempt(database, folder):
    with database.write() as session:
        learn.publish(session, folder, TUESDAY_TEN)
        enrolment, _, _ = learn.enrol(session, talk_of(session, consent=("learning",)).learner_id, SLUG, TUESDAY_TEN)
        play_through(session, enrolment, lambda item, _: right(item))
        keys = [a.answer for a in session.scalars(select(Attempt))]
        fills = {json.dumps(a) for a in keys if not a.replace(",", "").isdigit()}
        assert all(len(k) <= 40 for k in fills)


def test_an_unknown_course_is_a_lookup_error(database, folder):
    with database.write() as session, pytest.raises(LookupError):
        learn.enrol(session, talk_of(session, consent=("learning",)).learner_id, "khong-co", TUESDAY_TEN)


def test_a_second_round_starts_afresh(database, folder):
    with database.write() as session:
        learn.publish(session, folder, TUESDAY_TEN)
        talk = talk_of(session, consent=("learning",))
        first, _, _ = learn.enrol(session, talk.learner_id, SLUG, TUESDAY_TEN)
        play_through(session, first, lambda item, _: right(item))
        second, _, new = learn.enrol(session, talk.learner_id, SLUG, TUESDAY_TEN)
        assert new and second.round == 2
        assert session.scalar(select(func.count()).select_from(Enrolment)) == 2


@pytest.fixture
def small_courses(tmp_path):
    """Publishes three small courses; the third is better taken after the first two."""
    def publish(session):
        small_course.publish(session, tmp_path / "small", small_course.small("khoa-mot", rank=2), small_course.small("khoa-hai", rank=1),
                             small_course.small("khoa-ba", rank=3, requires=["khoa-mot", "khoa-hai", "khoa-cu"]))
        return talk_of(session, consent=("learning",)).learner_id

    return publish


def test_leaving_keeps_what_was_done_and_the_next_start_is_a_new_round(database, small_courses):
    with database.write() as session:
        learner = small_courses(session)
        first, _, _ = learn.enrol(session, learner, "khoa-mot", TUESDAY_TEN)
        small_course.answer(session, first)
        assert learn.leave(session, learner, "khoa-mot", TUESDAY_TEN) is True
        session.expire_all()
        assert (first.active, first.left_at, first.items_right) == (False, TUESDAY_TEN, 1)
        assert learn.open_enrolment(session, learner) is None and study.is_open(session, learner) is False
        second, _, new = learn.enrol(session, learner, "khoa-mot", TUESDAY_TEN)
        assert (new, second.round, second.items_right) == (True, 2, 0)
        assert {r.left_at for r in learn.results(session, learner)} == {TUESDAY_TEN, None}


def test_only_a_course_one_is_in_can_be_left(database, small_courses):
    with database.write() as session:
        learner = small_courses(session)
        done, _, _ = learn.enrol(session, learner, "khoa-mot", TUESDAY_TEN)
        small_course.finish(session, done)
        other = talk_of(session, address="sender-two-0123456", consent=("learning",))
        learn.enrol(session, other.learner_id, "khoa-hai", TUESDAY_TEN)
        assert [learn.leave(session, learner, slug, TUESDAY_TEN) for slug in ("khoa-mot", "khoa-hai", "khong-co")] == [False, False, False]
        session.expire_all()
        assert done.left_at is None and learn.open_enrolment(session, other.learner_id).slug == "khoa-hai"


def test_leaving_one_course_leaves_the_other_open(database, small_courses):
    with database.write() as session:
        learner = small_courses(session)
        for slug in ("khoa-mot", "khoa-hai"):
            small_course.answer(session, learn.enrol(session, learner, slug, TUESDAY_TEN)[0])
        learn.leave(session, learner, "khoa-mot", TUESDAY_TEN)
        session.expire_all()
        assert learn.active_enrolment(session, learner).slug == "khoa-hai"


def test_what_is_lacking_are_live_prerequisites_not_yet_completed_best_first(database, small_courses):
    with database.write() as session:
        learner = small_courses(session)
        course = next(c for _, c in learn.live(session) if c.slug == "khoa-ba")
        assert [c.slug for c in learn.lacking(session, None, course)] == ["khoa-hai", "khoa-mot"]
        small_course.answer(session, learn.enrol(session, learner, "khoa-mot", TUESDAY_TEN)[0])
        assert [c.slug for c in learn.lacking(session, learner, course)] == ["khoa-hai", "khoa-mot"]
        small_course.finish(session, learn.enrol(session, learner, "khoa-hai", TUESDAY_TEN)[0])
        assert [c.slug for c in learn.lacking(session, learner, course)] == ["khoa-mot"]
        assert learn.lacking(session, learner, learn.live(session)[0][1]) == []


@pytest.mark.parametrize("days_ago, count", [
    ((), 0), ((0,), 1), ((1,), 1), ((2,), 0), ((0, 1), 2), ((0, 1, 2), 3), ((1, 2, 3), 3), ((0, 2, 3), 1), ((0, 0, 1, 1), 2)])
def test_a_streak_is_days_in_a_row_up_to_today_or_yesterday(database, small_courses, days_ago, count):
    with database.write() as session:
        learner = small_courses(session)
        enrolment, _, _ = learn.enrol(session, learner, "khoa-mot", TUESDAY_TEN)
        for ago in days_ago:
            session.add(Attempt(enrolment_id=enrolment.id, lesson_id="l1", item_id="l1q1", nth=1, answer="0", correct=True,
                                at=TUESDAY_TEN - timedelta(days=ago)))
        session.flush()
        assert learn.streak_days(session, learner, TUESDAY_TEN.date()) == count


def test_a_streak_counts_local_days_and_revision_too(database, small_courses):
    half_past_midnight = TUESDAY_TEN.replace(hour=0, minute=30)  # still Monday in UTC
    with database.write() as session:
        learner = small_courses(session)
        enrolment, _, _ = learn.enrol(session, learner, "khoa-mot", TUESDAY_TEN)
        session.add(Attempt(enrolment_id=enrolment.id, lesson_id="l1", item_id="l1q1", nth=1, answer="0", correct=True, at=half_past_midnight))
        session.add(Review(learner_id=learner, slug="khoa-mot", item_id="l1q1", rating=3, correct=True, answer="0", at=half_past_midnight - timedelta(hours=1)))
        session.flush()
        assert learn.streak_days(session, learner, TUESDAY_TEN.date()) == 2
