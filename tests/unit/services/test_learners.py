"""One phone, several learners: told apart by name, their results apart."""

import pytest

from bot.services import learn, learners
from tests.factories import TUESDAY_TEN, talk_of
from tests.small_course import answer, publish


@pytest.fixture
def phone(database):
    """(session, conversation) of somebody who consented to learning."""
    with database.write() as session:
        yield session, talk_of(session, consent=("learning",))


def test_consent_makes_the_first_learner_without_a_name(phone):
    session, talk = phone
    (first,) = learners.of_citizen(session, talk.citizen_id)
    assert (first.id, first.name) == (talk.learner_id, None)
    assert learners.first(session, talk.citizen_id, TUESDAY_TEN) is first
    assert learners.shared(session, talk.citizen_id) is False


def test_a_new_name_is_a_new_learner_and_takes_over(phone):
    session, talk = phone
    lan, new = learners.switch(session, talk, "Lan", TUESDAY_TEN)
    assert (new, lan.name, talk.learner_id) == (True, "Lan", lan.id)
    assert learners.shared(session, talk.citizen_id) is True


@pytest.mark.parametrize("said", ["Nguyễn Thị Lan", "nguyen thi lan", "  NGUYỄN   thị  Lan ", "Nguye\u0302\u0303n Thi\u0323 Lan"])
def test_a_known_name_is_recognised_in_any_spelling(phone, said):
    session, talk = phone
    lan, _ = learners.switch(session, talk, "Nguyễn Thị Lan", TUESDAY_TEN)
    learners.switch(session, talk, "Tám", TUESDAY_TEN)
    again, new = learners.switch(session, talk, said, TUESDAY_TEN)
    assert (again.id, new, talk.learner_id) == (lan.id, False, lan.id)


def test_the_same_name_on_another_phone_is_another_person(phone):
    session, talk = phone
    mine, _ = learners.switch(session, talk, "Lan", TUESDAY_TEN)
    other = talk_of(session, address="sender-two-0123456", consent=("learning",))
    theirs, new = learners.switch(session, other, "Lan", TUESDAY_TEN)
    assert new is True and theirs.id != mine.id


def test_a_phone_holds_eight_learners_and_says_when_it_is_full(phone):
    session, talk = phone
    for number in range(learners.MOST_PER_PHONE - 1):
        learners.switch(session, talk, f"Cháu {number}", TUESDAY_TEN)
    with pytest.raises(learners.TooManyLearners):
        learners.switch(session, talk, "Thêm nữa", TUESDAY_TEN)
    known, new = learners.switch(session, talk, "chau 0", TUESDAY_TEN)
    assert (known.name, new) == ("Cháu 0", False)
    assert len(learners.of_citizen(session, talk.citizen_id)) == learners.MOST_PER_PHONE


def test_each_learner_has_results_and_an_open_lesson_of_their_own(phone, tmp_path):
    session, talk = phone
    publish(session, tmp_path / "courses")
    first = talk.learner_id
    mine, _, _ = learn.enrol(session, first, "khoa-nho", TUESDAY_TEN)
    answer(session, mine)
    lan, _ = learners.switch(session, talk, "Lan", TUESDAY_TEN)
    assert learn.results(session, lan.id) == []
    hers, _, new = learn.enrol(session, lan.id, "khoa-nho", TUESDAY_TEN)
    answer(session, hers, right=False)
    assert new is True
    assert [(r.right, r.total) for r in learn.results(session, first)] == [(1, 4)]
    assert [(r.right, r.total) for r in learn.results(session, lan.id)] == [(0, 4)]
    assert learn.active_enrolment(session, first).id == mine.id and learn.active_enrolment(session, lan.id).id == hers.id


def test_a_name_is_kept_without_needless_spaces_and_not_endlessly(phone):
    session, talk = phone
    renamed = learners.rename(session, talk.learner_id, "  Trần \n Văn   Tám ")
    assert renamed.name == "Trần Văn Tám"
    assert len(learners.rename(session, talk.learner_id, "a" * 500).name) == learners.NAME_LENGTH
