"""A course that was made in the studio, in the chat: found in the list, by its title, and begun, while Rasa knows nothing of it."""

import asyncio
from datetime import timedelta

import pytest

from actions import learning
from bot.gateway import Gateway
from bot.services import authoring, inbox, learn, study, titles
from bot.worker import Worker
from tests import small_course
from tests.factories import KEY, TUESDAY_TEN, incoming, talk_of
from tests.studio import published, somebody, written
from tests.unit.actions.test_learning_view import Chat


@pytest.fixture
def staff(app):
    with app.database.write() as session:
        return somebody(session, "lan"), somebody(session, "minh", "approver")


@pytest.fixture
def course(app, staff, tmp_path):
    """Published in the studio, between two shipped ones."""
    with app.database.write() as session:
        small_course.publish(session, tmp_path / "courses", small_course.small("khoa-mot"), small_course.small("khoa-hai"))
        return published(session, *staff, aliases=["giữ cá qua rét", "ao cá"])


@pytest.fixture
def chat(app, course):
    with app.database.write() as session:
        yield Chat(app, session, talk_of(session, consent=("learning",)))


def test_it_stands_in_the_list_and_its_button_begins_it(chat):
    assert "Nuôi cá mùa lạnh" in chat.do(learning.list_courses, text="có khóa nào")
    assert "Khóa “Nuôi cá mùa lạnh”: 2 bài" in chat.tap(learning.start_course, next(t for t in chat.titles if "Nuôi cá" in t))


@pytest.mark.parametrize("text", ["tôi muốn học nuôi cá mùa lạnh", "hoc nuoi ca mua lanh", "vào khóa giữ cá qua rét"])
def test_who_asks_to_learn_it_is_taken_to_it(chat, text):
    assert "Nuôi cá mùa lạnh" in chat.do(learning.start_course, text=text).splitlines()[0]


@pytest.mark.parametrize(("text", "found"), [
    ("Nuôi cá mùa lạnh", True), ("nuoi ca mua lanh", True), ("  NUÔI CÁ, mùa lạnh! ", True), ("cho em học nuôi cá mùa lạnh với ạ", True),
    ("khóa nuôi cá mùa lạnh", True), ("nuôi cá mùa lạnh đi", True), ("học giữ cá qua rét", True), ("tôi muốn học khóa ao cá", True),
    ("ao cá", False), ("giữ cá qua rét", False), ("nuôi cá", False), ("học", False), ("", False), ("nuôi cá mùa lạnh cần giấy phép gì", False),
    ("khóa khoa-mot", False), ("học khóa khoa-mot", False)])
def test_a_typed_name_is_its_button_when_it_can_mean_nothing_else(app, course, text, found):
    with app.database.read() as session:
        assert titles.typed(session, text) == (course.slug if found else None)


def test_an_emergency_is_never_taken_for_a_title(app, staff):
    with app.database.write() as session:
        published(session, *staff, title="Tôi vừa bị lừa chuyển tiền")
        assert titles.typed(session, "tôi vừa bị lừa chuyển tiền") is None


def test_a_title_is_known_from_its_publication_on_and_no_longer_than_it_is_live(app, staff, course):
    with app.database.write() as session:
        lan, minh = staff
        draft = authoring.begin(session, lan, course.slug, TUESDAY_TEN)
        authoring.save(session, lan, draft.id, draft.revision, {**draft.document, "title": "Nuôi cá mùa nóng"}, TUESDAY_TEN)
        assert titles.typed(session, "nuôi cá mùa nóng") is None
        authoring.submit(session, lan, draft.id, "", TUESDAY_TEN)
        authoring.publish(session, minh, draft.id, TUESDAY_TEN)
        assert titles.typed(session, "nuôi cá mùa nóng") == course.slug
        assert titles.typed(session, "nuôi cá mùa lạnh") is None
        authoring.rollback(session, minh, course.slug, course.id, "Chưa tới mùa nóng.", TUESDAY_TEN)
        assert titles.typed(session, "nuôi cá mùa lạnh") == course.slug


class TestGateway:
    """What Rasa is asked when somebody types."""

    def asked(self, app, text: str, platform_id: str = "1", button: str = ""):
        with app.database.write() as session:
            stored = inbox.store(session, KEY, incoming(platform_id, text, button=button), TUESDAY_TEN)
            talk_id = session.get_one(inbox.Inbound, stored.inbox_id).conversation_id
        return Gateway(app, None)._claim(talk_id)[2]

    def test_a_title_goes_to_rasa_as_its_button_and_anything_else_as_it_was_typed(self, app, course):
        assert self.asked(app, "nuôi cá mùa lạnh") == '/course_begin{"value": "nuoi-ca-mua-lanh"}'
        with app.database.write() as session:
            session.query(inbox.Inbound).delete()
        assert self.asked(app, "làm giấy khai sinh", "2") is None

    @pytest.mark.parametrize(("steps", "kind"), [(1, "card"), (2, "single")])
    def test_at_a_question_what_is_typed_is_its_answer(self, app, course, steps, kind):
        with app.database.write() as session:
            talk = talk_of(session, consent=("learning",))
            talk.lesson_on_screen = True
            enrolment, _, _ = learn.enrol(session, talk.learner_id, course.slug, TUESDAY_TEN)
            learn.show(session, enrolment, TUESDAY_TEN)
            learn.play(session, enrolment, learn.engine.skip_test, TUESDAY_TEN)
            for _ in range(steps):
                learn.play(session, enrolment, learn.engine.go_on, TUESDAY_TEN)
            assert study.expectation(session, talk.learner_id)["kind"] == kind
        assert (self.asked(app, "nuôi cá mùa lạnh") is not None) == (kind == "card")


def test_the_worker_publishes_what_is_due(app, staff):
    with app.database.write() as session:
        lan, minh = staff
        draft = written(session, lan)
        authoring.submit(session, lan, draft.id, "", TUESDAY_TEN)
        authoring.publish(session, minh, draft.id, TUESDAY_TEN, TUESDAY_TEN + timedelta(days=1))
    worker = Worker(app, [])
    for hours, there in ((23, False), (1, True)):
        app.clock.forward(hours=hours)
        asyncio.run(worker.beat())
        with app.database.read() as session:
            assert (authoring.live_version(session, "nuoi-ca-mua-lanh") is not None) == there
