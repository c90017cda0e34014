"""Courses are published as immutable versions; progress, attempts and score are rows that agree."""

import json

import pytest
from sqlalchemy import func, select

from bot.learning import engine
from bot.services import learn, study
from bot.store.tables import Attempt, CourseVersion, Enrolment
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
