"""A typed word or a tap goes to whatever is open: the revision, else the lesson, else nothing."""

import pytest

from bot.services import learn, revise, study
from tests.factories import TUESDAY_TEN, talk_of
from tests.small_course import RIGHT, WRONG, answer, publish


@pytest.fixture
def learner(database, tmp_path):
    """(session, learner id, enrolment) at the door of the small course."""
    with database.write() as session:
        publish(session, tmp_path / "courses")
        talk = talk_of(session, consent=("learning",))
        yield session, talk.learner_id, learn.enrol(session, talk.learner_id, "khoa-nho", TUESDAY_TEN)[0]


def test_nothing_is_open_for_who_has_not_begun(learner):
    session, who, _ = learner
    for move in (study.go_on, study.show, study.test_first, study.skip_test):
        assert move(session, who, TUESDAY_TEN) is None
    assert study.typed(session, who, "a", TUESDAY_TEN) is None
    assert study.tapped(session, who, "l1q1", 0, TUESDAY_TEN) is None
    assert (study.is_open(session, who), study.expectation(session, who), study.stop(session, who)) == (False, None, False)


def test_nobody_in_particular_has_nothing_open(learner):
    session, _, _ = learner
    assert (study.is_open(session, None), study.expectation(session, None)) == (False, None)


def test_a_lesson_is_walked_through_by_next_and_typed_answers(learner):
    session, who, enrolment = learner
    learn.show(session, enrolment, TUESDAY_TEN)
    assert study.expectation(session, who) == {"kind": "card"}
    study.go_on(session, who, TUESDAY_TEN)
    asked = study.go_on(session, who, TUESDAY_TEN)
    assert RIGHT in asked.says[-1].text
    assert study.expectation(session, who)["kind"] == "single"
    moved = study.typed(session, who, RIGHT, TUESDAY_TEN)
    assert [(e.kind, e.item_id, e.correct) for e in moved.events] == [("answered", "l1q1", True)]
    assert study.expectation(session, who)["kind"] == "fill"


def test_a_question_stays_until_it_is_answered(learner):
    session, who, enrolment = learner
    learn.show(session, enrolment, TUESDAY_TEN)
    for _ in range(2):
        study.go_on(session, who, TUESDAY_TEN)
    again = study.go_on(session, who, TUESDAY_TEN)
    assert again.says[0].text.startswith("Trả lời câu này đã nhé") and again.events == ()


def test_a_tap_is_an_answer_and_an_old_button_changes_nothing(learner):
    session, who, enrolment = learner
    learn.show(session, enrolment, TUESDAY_TEN)
    for _ in range(2):
        study.go_on(session, who, TUESDAY_TEN)
    assert study.tapped(session, who, "l2q1", 0, TUESDAY_TEN).events == ()
    assert study.tapped(session, who, "l1q1", 99, TUESDAY_TEN).events == ()
    moved = study.tapped(session, who, "l1q1", 1, TUESDAY_TEN)
    assert [(e.key, e.correct) for e in moved.events] == [("1", False)]


def test_the_reason_of_the_answer_given_last(learner):
    session, who, enrolment = learner
    assert study.explained(session, who) is None
    learn.show(session, enrolment, TUESDAY_TEN)
    for _ in range(2):
        study.go_on(session, who, TUESDAY_TEN)
    assert study.explained(session, who) is None  # nothing answered yet
    study.typed(session, who, WRONG, TUESDAY_TEN)
    assert study.explained(session, who) == (RIGHT, "Đúng, số mình biết thì chắc chắn.")
    study.typed(session, who, "sai", TUESDAY_TEN)
    assert study.explained(session, who)[0] == "OTP" and study.expectation(session, who)["kind"] == "single"  # the first comes back
    study.stop(session, who)
    assert study.explained(session, who) is None


def test_a_question_that_is_asked_again_at_once_is_not_told(learner):
    session, who, enrolment = learner
    learn.show(session, enrolment, TUESDAY_TEN)
    for _ in range(2):
        study.go_on(session, who, TUESDAY_TEN)
    study.typed(session, who, RIGHT, TUESDAY_TEN)
    study.typed(session, who, "sai", TUESDAY_TEN)
    assert study.expectation(session, who)["kind"] == "fill" and study.explained(session, who) is None


def test_praise_is_left_out_of_a_reason():
    assert study.PRAISE.sub("", "Đúng rồi bác ạ. Gác máy không phải bất lịch sự.") == "Gác máy không phải bất lịch sự."
    assert study.PRAISE.sub("", "Đúng, số mình biết thì chắc chắn.") == "Đúng, số mình biết thì chắc chắn."


def test_an_open_revision_takes_the_answers_and_the_lesson_keeps_its_place(learner):
    session, who, enrolment = learner
    answer(session, enrolment)
    before = enrolment.progress
    revise.begin(session, who, TUESDAY_TEN)
    assert study.expectation(session, who)["kind"] == "single"
    moved = study.typed(session, who, RIGHT, TUESDAY_TEN)
    assert moved.ended is True and moved.events == ()
    assert enrolment.progress == before
    assert study.is_open(session, who) is False


def test_stopping_closes_whichever_is_open(learner):
    session, who, enrolment = learner
    answer(session, enrolment)
    assert (study.is_open(session, who), study.stop(session, who), study.is_open(session, who)) == (True, True, False)
    revise.begin(session, who, TUESDAY_TEN)
    assert (study.is_open(session, who), study.stop(session, who), study.is_open(session, who)) == (True, True, False)


def test_the_test_comes_before_the_first_lesson_or_not_at_all(learner):
    session, who, enrolment = learner
    invited = learn.show(session, enrolment, TUESDAY_TEN)
    assert ("Thử sức trước (1 câu)", "test") in invited.says[0].buttons
    study.test_first(session, who, TUESDAY_TEN)
    told = study.typed(session, who, WRONG, TUESDAY_TEN)
    assert [(e.kind, e.nth, e.correct) for e in told.events] == [("tested", 0, False)]
    assert WRONG not in told.says[0].text and "Nhanh thật" not in told.says[0].text
    assert "test" not in [command for _, command in told.says[-1].buttons]


def test_a_skipped_test_leaves_no_result(learner):
    session, who, enrolment = learner
    learn.show(session, enrolment, TUESDAY_TEN)
    study.test_first(session, who, TUESDAY_TEN)
    study.skip_test(session, who, TUESDAY_TEN)
    while (moved := answer(session, enrolment)) and moved.progress.phase != "after":
        pass
    study.skip_test(session, who, TUESDAY_TEN)
    assert (enrolment.before_right, enrolment.after_right, enrolment.passed) == (None, None, True)
