"""A part that is switched off says so in the chat, whatever leads to it; the emergency and one's own data never do."""

import asyncio
import importlib
import pkgutil
import shutil
from pathlib import Path

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select

import actions
import actions.reminders
from actions import _turn
from bot.app import App
from bot.config import ROOT, Settings
from bot.services import catalogue, staff, switches
from bot.services.staff import Who
from bot.store.db import Database
from bot.store.tables import Attempt, Enrolment, Reminder
from tests.databases import sqlite_at
from tests.factories import TUESDAY_TEN, FrozenClock, talk_of
from tests.small_course import publish

for _module in pkgutil.iter_modules(actions.__path__):
    importlib.import_module(f"actions.{_module.name}")  # all of them register their actions

EVERYTHING = tuple(switches.NAMES)
ALWAYS = {"action_scam_emergency", "action_my_data", "action_ask_erase_confirmed", "action_erase", "action_consent_give", "action_consent_refuse",
          "action_check_suspicious", "action_stop_lesson", "action_leave_course", "action_drill_stop", "action_drill_choice", "action_cancel_reminder",
          "action_unsubscribe", "action_choose_nudge", "action_request_human"}
"""What must work whatever is off: help in need, one's own data, and every way to stop."""


class Rasa:
    """Calls registered actions as Rasa's server does."""

    def __init__(self, app: App, ident: str):
        self.app, self.ident, self.slots, self.number = app, ident, {}, 0

    def do(self, action: str, text: str = "", value: str = "", ranking=()) -> str:
        """The texts of what the action says."""
        self.number += 1
        message = {"text": text, "intent": {"name": action}, "entities": [{"entity": "value", "value": value}] if value else [],
                   "intent_ranking": list(ranking), "metadata": {"inbox_id": self.number, "address": "address"}}
        tracker = Tracker(self.ident, self.slots, message, [], False, None, {}, None)
        said = CollectingDispatcher()
        events = asyncio.run(_turn.ACTIONS[action]().run(said, tracker, {}))
        self.slots |= {e["name"]: e["value"] for e in events if e["event"] == "slot"}
        return "\n".join(m["text"] for m in said.messages)


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    """A database with a course and the curated procedures."""
    folder = tmp_path_factory.mktemp("filled")
    database = sqlite_at(folder / "bot.db")
    with database.write() as session:
        publish(session, folder / "courses")
        catalogue.publish_curated(session, ROOT / "procedures", TUESDAY_TEN)
    database.close()
    return folder / "bot.db"


@pytest.fixture
def rasa(tmp_path, monkeypatch, filled):
    shutil.copy(filled, tmp_path / "bot.db")
    database = Database(f"sqlite:///{tmp_path}/bot.db")
    app = App(Settings(_env_file=None, database_url=database.url), database, FrozenClock())
    monkeypatch.setattr(_turn, "app", lambda: app)
    monkeypatch.setattr(actions.reminders, "app", lambda: app)
    with database.write() as session:
        talk = talk_of(session, consent=("learning", "reminders", "drills"))
        talk.asked_consent_at = TUESDAY_TEN
        ident = talk.id
        row = staff.add(session, "quan.tri", "Người quản trị", "con trâu đi trước cái cày", "administrator", (), TUESDAY_TEN)
        app.admin = Who(row.id, row.login, row.name, row.role, (), "", "")
    yield Rasa(app, ident)
    database.close()


def off(rasa, *names):
    with rasa.app.database.write() as session:
        for name in names:
            switches.turn_off(session, rasa.app.admin, name, "bảo trì hệ thống", None, rasa.app.clock())


def on(rasa, *names):
    with rasa.app.database.write() as session:
        for name in names:
            switches.turn_on(session, rasa.app.admin, name, rasa.app.clock())


QUESTION = "làm giấy khai sinh cho con cần giấy tờ gì"


def test_every_switched_action_exists_and_none_of_those_that_must_always_work(rasa):
    assert _turn.SWITCHED.keys() <= _turn.ACTIONS.keys()
    assert _turn.ACTIONS.keys() >= ALWAYS and not ALWAYS & _turn.SWITCHED.keys()
    assert set(_turn.SWITCHED.values()) <= switches.NAMES.keys()


@pytest.mark.parametrize("action", sorted(_turn.SWITCHED))
def test_it_says_so_with_its_reason_and_acts_again_when_it_is_back(rasa, action):
    part = _turn.SWITCHED[action]
    off(rasa, part)
    said = rasa.do(action, QUESTION)
    assert "đang tạm nghỉ để bảo trì hệ thống" in said and "không" not in said.split("tạm nghỉ")[0]
    on(rasa, part)
    assert "tạm nghỉ" not in rasa.do(action, QUESTION)


@pytest.mark.parametrize("action", sorted(ALWAYS))
def test_with_everything_off_the_emergency_and_ones_own_data_still_work(rasa, action):
    rasa.do("action_start_course", value="khoa-nho")
    off(rasa, *EVERYTHING)
    said = rasa.do(action, "tôi vừa chuyển tiền cho kẻ lừa")
    assert said and not said.startswith("Phần")
    if action == "action_scam_emergency":  # the whole card, its last line included
        assert said.startswith("🚨") and "4. Chụp màn hình" in said and "Nguồn: cảnh báo của cơ quan công an" in said


def test_erasing_works_with_everything_off(rasa):
    off(rasa, *EVERYTHING)
    said = rasa.do("action_erase", "/affirm")
    with rasa.app.database.read() as session:
        assert "XD-" in said or session.scalars(select(Enrolment)).all() == []


class TestQuestions:
    def test_what_is_not_understood_but_names_a_procedure_is_told_too(self, rasa):
        assert "tạm nghỉ" not in rasa.do("action_fallback", QUESTION)
        off(rasa, "questions")
        for action in ("action_fallback", "action_out_of_scope"):
            assert "Phần hỏi đáp thủ tục đang tạm nghỉ" in rasa.do(action, QUESTION), action

    def test_lessons_go_on(self, rasa):
        off(rasa, "questions")
        assert "Bài 1/2: Bài số 1" in rasa.do("action_start_course", value="khoa-nho") + rasa.do("action_course_test", value="skip")


class TestCourses:
    def test_a_lesson_in_the_middle_keeps_its_place(self, rasa):
        rasa.do("action_start_course", value="khoa-nho")
        rasa.do("action_course_test", value="skip")
        with rasa.app.database.read() as session:
            before = session.scalars(select(Enrolment)).one().progress
        off(rasa, "courses")
        for action, text in (("action_next_step", "tiếp"), ("action_lesson_answer", "A"), ("action_repeat_step", "nhắc lại")):
            assert "Tiến độ của bạn được giữ nguyên" in rasa.do(action, text)
        with rasa.app.database.read() as session:
            assert session.scalars(select(Enrolment)).one().progress == before
            assert session.scalars(select(Attempt)).all() == []
        on(rasa, "courses")
        assert "Bài 1/2: Bài số 1" in rasa.do("action_repeat_step", "nhắc lại")

    def test_no_waiting_lesson_is_mentioned_while_it_cannot_be_had(self, rasa):
        rasa.do("action_start_course", value="khoa-nho")
        waits = _turn.say("lesson_waits")
        assert waits in rasa.do("action_verify_bot")
        off(rasa, "courses")
        assert waits not in rasa.do("action_verify_bot")

    @pytest.mark.parametrize(("action", "value"), [("action_consent_give", "learning|start:khoa-nho"), ("action_choose_nudge", "go|1")])
    def test_no_side_door_opens_a_course(self, rasa, action, value):
        off(rasa, "courses")
        assert "Phần học đang tạm nghỉ" in rasa.do(action, value=value)
        with rasa.app.database.read() as session:
            assert session.scalars(select(Enrolment)).all() == []


class TestReminders:
    def test_one_may_be_set_and_the_answer_says_that_it_waits(self, rasa):
        off(rasa, "reminders")
        rasa.slots = {"reminder_when": "8 giờ tối mai", "reminder_about": "học bài"}
        said = rasa.do("action_set_reminder", "8 giờ tối mai nhắc tôi học bài")
        assert "Đã đặt" in said and "Phần nhắc việc đang tạm nghỉ để bảo trì hệ thống" in said
        with rasa.app.database.read() as session:
            assert session.scalars(select(Reminder)).one().state == "on"
        assert "Phần nhắc việc đang tạm nghỉ" in rasa.do("action_list_reminders")


def test_a_switch_holds_from_the_very_next_message(rasa):
    """No process keeps a copy: the row is read in each turn."""
    assert "tạm nghỉ" not in rasa.do("action_answer_procedure", QUESTION)
    off(rasa, "questions")
    assert "tạm nghỉ" in rasa.do("action_answer_procedure", QUESTION)
