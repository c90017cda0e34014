"""Yes, no and commands in the chat: what a bare word answers, what nobody ends by mistake, and procedures that sound like commands."""

import pytest
from rasa_sdk import Tracker

from actions import _turn, account, certificates, learning, news, talk
from actions._second import SURE, procedure_meant
from actions._turn import Turn, stale
from bot.app import App
from bot.config import Settings
from bot.gateway import offered_by
from bot.messages import payload
from bot.services import catalogue, people
from bot.store.tables import Conversation
from bot.wording import say
from tests.databases import sqlite_at
from tests.factories import ROOT, TUESDAY_TEN, FrozenClock, talk_of
from tests.unit.actions.test_learning_view import Chat

ACTS = {"action_help_menu": talk.help_menu, "action_affirm": talk.affirm, "action_deny": talk.deny, "action_subscribe_news": news.subscribe_news,
        "action_goodbye": talk.goodbye, "action_consent_give": account.consent_give}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    database = sqlite_at(tmp_path_factory.mktemp("commands") / "bot.db")
    with database.write() as session:
        catalogue.publish_curated(session, ROOT / "procedures", TUESDAY_TEN)
    yield App(Settings(_env_file=None, database_url=database.url), database, FrozenClock())
    database.close()


@pytest.fixture
def chat(app):
    with app.database.write() as session:
        yield Chat(app, session, talk_of(session))
        session.rollback()


class Served:
    """A chat whose actions run as Rasa runs them; what was offered is kept as the gateway keeps it."""

    def __init__(self, app: App):
        self.app, self.slots = app, {}
        with app.database.write() as session:
            self.ident = talk_of(session, now=app.clock()).id

    def say(self, action: str, text: str = "", value: str = "") -> str:
        message = {"text": text or "/x", "intent": {"name": action.removeprefix("action_")},
                   "entities": [{"entity": "value", "value": value}] if value else [], "metadata": {"address": "1"}}
        found = _turn.perform(action, ACTS[action], Tracker(self.ident, self.slots, message, [], False, None, {}, "action_listen"))
        self.slots |= {e["name"]: e["value"] for e in found["events"] if e["event"] == "slot"}
        with self.app.database.write() as session:
            session.get_one(Conversation, self.ident).offered = offered_by(found["replies"], True)
        return "\n".join(r["text"] for r in found["replies"])

    @property
    def consents(self) -> set[str]:
        with self.app.database.read() as session:
            return people.consents(session, session.get_one(Conversation, self.ident).citizen_id)


@pytest.fixture
def served(database, monkeypatch):
    made = App(Settings(_env_file=None, secret_key="a key for tests"), database, FrozenClock())
    monkeypatch.setattr(_turn, "app", lambda: made)
    return Served(made)


class TestConsent:
    @pytest.mark.parametrize("text", ["ok", "ừ em", "đồng ý", "dong y"])
    def test_a_yes_right_after_the_question_is_one(self, served, text):
        assert say("consent_notice") in served.say("action_help_menu", "menu")
        served.say("action_affirm", text)
        assert served.consents == {"learning", "reminders"}

    @pytest.mark.parametrize("text", ["ok", "đồng ý"])
    def test_with_something_newer_on_the_screen_a_yes_is_none(self, served, text):
        served.say("action_help_menu", "menu")
        served.say("action_help_menu", "bạn làm được gì")
        assert served.say("action_affirm", text) == say("affirm_nothing")
        assert served.consents == set() and served.slots["pending"] is None

    def test_with_something_newer_on_the_screen_a_no_refuses_nothing(self, served):
        served.say("action_help_menu", "menu")
        served.say("action_goodbye", "chào")
        assert served.say("action_deny", "không") == say("deny_nothing")

    def test_a_no_right_after_the_question_refuses(self, served):
        served.say("action_help_menu", "menu")
        assert served.say("action_deny", "không, cảm ơn nhé") == say("consent_refused")

    def test_the_button_goes_on_working(self, served):
        served.say("action_help_menu", "menu")
        served.say("action_goodbye", "chào")
        served.say("action_consent_give", value="learning")
        assert served.consents == {"learning"}

    def test_the_question_for_news_too_is_answered_while_it_is_the_newest(self, served):
        served.say("action_help_menu", "menu")
        served.say("action_subscribe_news", "cho tôi nhận tin")
        served.say("action_affirm", "có")
        assert served.consents == {"news"}

    @pytest.mark.parametrize("text", ["được cấp rồi giờ sao", "gửi luôn đi em", "D"])
    def test_what_is_taken_for_a_yes_and_is_none_agrees_to_nothing(self, served, text):
        served.say("action_help_menu", "menu")
        served.say("action_affirm", text)
        assert served.consents == set()

    @pytest.mark.parametrize("text", ["chồng tôi không chịu ly hôn thì sao", "ho chiu", "không có hộ khẩu"])
    def test_what_is_taken_for_a_no_and_is_none_refuses_nothing(self, served, text):
        served.say("action_help_menu", "menu")
        assert served.say("action_deny", text) != say("consent_refused") and served.slots["pending"].startswith("consent:")


@pytest.mark.parametrize("pending, newest, old", [
    ("consent:learning,reminders", payload("consent_give", "learning,reminders"), True), ("consent:news|news:all:", payload("consent_give",
    "news|news:all:"), True),
    ("consent:news|news:all:", payload("consent_give", "learning,reminders"), False), ("start:khoa-hai", payload("consent_give",
    "learning|start:khoa-hai"), True),
    ('remind:8 giờ|"thuốc"', payload("consent_give", 'reminders|remind:8 giờ|"thuốc"'), True), ("switch", payload("consent_give", "learning|switch"), True),
    ("start:khoa-hai", payload("consent_give", "learning|start:khoa-ba"), False), ("again:khoa-hai", payload("course_begin", "khoa-hai"), True)])
def test_a_question_is_open_while_its_buttons_are_the_newest(pending, newest, old):
    assert stale(pending, [{"title": "x", "payload": "/help_menu"}, {"title": "y", "payload": newest}]) is not old
    assert stale(pending, [])


@pytest.mark.parametrize("pending", ["", "fallback", "officer"])
def test_what_is_no_question_for_consent_never_grows_old(pending):
    assert not stale(pending, [])


class TestProceduresThatSoundLikeCommands:
    @pytest.mark.parametrize("act, text, name", [
        (certificates.get_certificate, "giấy chứng nhận độc thân", "tình trạng hôn nhân"), (certificates.get_certificate, "chung nhan ho ngheo", "hộ nghèo"),
        (certificates.get_certificate, "giấy chứng nhận đăng ký xe", "đăng ký xe"), (account.change_settings, "chế độ thương binh", "người có công"),
        (account.change_settings, "che do tu tuat", "tử tuất"), (learning.stop_lesson, "nghỉ bán", "Tạm ngừng kinh doanh"),
        (learning.stop_lesson, "tôi muốn trả giấy phép, không làm nữa", "Chấm dứt hoạt động"), (learning.start_course, "con tôi học lớp 1", "tuyển sinh"),
        (news.unsubscribe, "thôi không làm hộ chiếu nữa thì trả lại ở đâu", "hộ chiếu")])
    def test_are_answered(self, chat, act, text, name):
        assert name in chat.do(act, text)

    def test_are_asked_back_where_the_command_would_come_to_nothing(self, chat):
        assert "bảo hiểm" in chat.do(learning.stop_lesson, "ngưng đóng bảo hiểm")

    def test_an_office_paper_that_nobody_has_written_about_is_no_certificate_of_ours(self, chat):
        assert "hoàn thành một khóa học" not in chat.do(certificates.get_certificate, "chứng nhận sức khỏe lái tàu")

    @pytest.mark.parametrize("act, text, wording", [
        (certificates.get_certificate, "cho tôi xin giấy chứng nhận hoàn thành khóa", "certificate_none"),
        (certificates.get_certificate, "chung nhan cua toi dau", "certificate_none"),
        (account.change_settings, "cho chữ to lên", "settings"), (account.change_settings, "đổi sang tiếng Anh", "settings"),
        (learning.stop_lesson, "thôi không học nữa", "stopped_nothing"), (learning.stop_lesson, "dừng", "stopped_nothing"),
        (news.unsubscribe, "đừng gửi tin nữa", "unsubscribed_none"), (news.unsubscribe, "dung nhan cho toi nua", "unsubscribed_none")])
    def test_commands_stay_commands(self, chat, act, text, wording):
        assert chat.do(act, text).startswith(say(wording))

    def test_within_a_lesson_a_command_is_one(self, chat):
        chat.talk.lesson_on_screen = True
        assert chat.do(learning.stop_lesson, "nghỉ bán") == say("stopped_nothing")

    def test_a_button_is_no_question(self, app, chat):
        turn = Turn(app, chat.session, chat.talk, "hộ chiếu", "", "1", {}, app.clock(), "address", "")
        assert procedure_meant(turn, least=SURE) is None


class TestBesideTheMatter:
    def test_nothing_is_ended_without_a_word_of_ending(self, chat):
        assert chat.do(news.unsubscribe, "gửi đi") == say("fallback")

    def test_a_lone_letter_asks_for_no_procedure(self, chat):
        chat.do(account.change_settings, "chế độ thương binh")
        assert chat.do(talk.fallback, "B") == say("fallback")

    def test_the_day_and_the_hour_are_told(self, chat):
        assert chat.do(talk.out_of_scope, "hôm nay thứ mấy") == "Hôm nay là thứ ba 24/11/2026."
        assert chat.do(talk.out_of_scope, "mấy giờ rồi") == "Bây giờ là 10 giờ sáng nay, thứ ba 24/11/2026."

    def test_a_question_mark_asks_for_the_menu(self, chat):
        assert chat.do(talk.help_menu, "?").startswith(say("mark"))

    def test_a_question_mark_after_an_answer_asks_for_more_of_it(self, chat):
        chat.do(account.change_settings, "chế độ thương binh")
        chat.talk.offered = [{"title": t, "payload": p, "numbered": True} for t, p in chat.last[0].buttons]
        assert "người có công" in chat.do(talk.help_menu, "??") and "Giấy tờ" in chat.titles and chat.titles[-1] == "Xem việc làm được"
