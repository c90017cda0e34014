"""Drills in the chat: what is said first, what buttons mean, what is left behind."""

import json
import re

import pytest
from rasa_sdk import Tracker

from actions import _turn, account, drills, learning, news, safety, talk
from bot.app import App
from bot.config import Settings
from bot.language.sensitive import mask
from bot.services import drills as service
from bot.services import people
from bot.store.tables import Conversation, DrillRun
from tests.factories import FrozenClock, talk_of

ACTS = {"action_join_drill": drills.join_drill, "action_drill_agree": drills.drill_agree, "action_drill_choice": drills.drill_choice,
        "action_drill_stop": drills.drill_stop, "action_scam_emergency": safety.scam_emergency, "action_help_menu": talk.help_menu,
        "action_unsubscribe": news.unsubscribe, "action_list_courses": learning.list_courses, "action_my_data": account.my_data}


class Chat:
    """A conversation whose actions are called as Rasa would call them."""

    def __init__(self, database, clock, monkeypatch):
        self.database, self.clock = database, clock
        one = App(Settings(_env_file=None), database, clock)
        monkeypatch.setattr(_turn, "app", lambda: one)
        with database.write() as session:
            self.talk_id = talk_of(session, now=clock()).id
        self.slots: dict = {}

    def say(self, action: str, text: str = "", value: str = "") -> list[dict]:
        """The replies of the action to typed words, or to a button's value."""
        typed, masked = mask(text)
        message = {"text": typed or f"/x{json.dumps({'value': value})}", "intent": {"name": action.removeprefix("action_")},
                   "entities": [{"entity": "value", "value": value}] if value else [],
                   "metadata": {"address": "sender-one-0123456", "masked": sorted(masked)}}
        tracker = Tracker(self.talk_id, self.slots, message, [], False, None, {}, "action_listen")
        return _turn.perform(action, ACTS[action], tracker)["replies"]

    def tap(self, button: dict) -> list[dict]:
        intent, values = re.fullmatch(r"/(\w+)(\{.*\})?", button["payload"]).groups()
        return self.say(f"action_{intent}", value=json.loads(values)["value"] if values else "")

    def awaiting(self) -> str | None:
        with self.database.read() as session:
            return session.get_one(Conversation, self.talk_id).awaiting

    def runs(self) -> list[DrillRun]:
        with self.database.read() as session:
            return session.query(DrillRun).order_by(DrillRun.id).all()

    def fake(self) -> DrillRun:
        """Agrees to a fake message and has it sent."""
        self.tap(self.say("action_join_drill", "diễn tập")[-1]["buttons"][0])
        self.clock.at = self.runs()[-1].next_due_at
        with self.database.write() as session:
            assert service.plan(session, self.clock()) == 1
        return self.runs()[-1]


@pytest.fixture
def chat(database, monkeypatch):
    return Chat(database, FrozenClock(), monkeypatch)


def test_nothing_is_kept_before_a_period_is_chosen_and_consent_with_it(chat):
    (offer,) = chat.say("action_join_drill", "cho tôi diễn tập")
    assert [b["title"] for b in offer["buttons"]] == ["Trong 7 ngày", "Trong 14 ngày", "Trong 30 ngày", "Diễn tập sự cố (cán bộ)", "Không"]
    with chat.database.read() as session:
        assert session.get_one(Conversation, chat.talk_id).citizen_id is None
    (agreed,) = chat.tap(offer["buttons"][1])
    assert "Trong 14 ngày" in agreed["text"] and agreed["buttons"][0]["title"] == "Thôi diễn tập"
    with chat.database.read() as session:
        assert people.consents(session, session.get_one(Conversation, chat.talk_id).citizen_id) == {"drills"}
    assert [r.state for r in chat.runs()] == ["waiting"]


def test_asked_again_the_one_that_waits_is_mentioned_and_can_be_stopped(chat):
    chat.tap(chat.say("action_join_drill", "diễn tập")[0]["buttons"][0])
    (again,) = chat.say("action_join_drill", "diễn tập")
    assert "chưa tới" in again["text"] and again["buttons"][-1]["title"] == "Thôi diễn tập"
    assert "Đã thôi diễn tập" in chat.tap(again["buttons"][-1])[0]["text"]
    assert [r.state for r in chat.runs()] == ["cancelled"]


@pytest.mark.parametrize("text", ["ơ ai đấy", "chuyển rồi nhé", "mã otp là 482913", "123456", "1", "dạ"])
def test_whatever_is_typed_the_first_words_say_that_it_was_a_drill(chat, text):
    chat.fake()
    replies = chat.say("action_drill_choice", text)
    assert replies[0]["text"].startswith("Đây là tin DIỄN TẬP")
    assert [r.state for r in chat.runs()] == ["done"] and chat.awaiting() is None
    assert "482913" not in str([vars(r) for r in chat.runs()])


def test_a_secret_typed_to_it_is_warned_of_behind_that(chat):
    chat.fake()
    replies = chat.say("action_drill_choice", "mã otp của tôi là 482913")
    assert replies[0]["text"].startswith("Đây là tin DIỄN TẬP") and "🔒" in replies[-1]["text"]


def test_every_button_of_it_explains_and_again_later_changes_nothing(chat):
    run = chat.fake()
    with chat.database.read() as session:
        buttons = session.get_one(Conversation, chat.talk_id).offered
    assert chat.tap(buttons[1])[0]["text"].startswith("Đây là tin DIỄN TẬP")
    kept = chat.runs()[0].choices
    assert len(buttons) == len(run.document["options"])
    for button in buttons:
        assert "là tin DIỄN TẬP, không có thật, và đã xong rồi" in chat.tap(button)[0]["text"]
    assert chat.runs()[0].choices == kept and len(kept) == 1


@pytest.mark.parametrize("text", ["tôi vừa chuyển hết tiền cho nó rồi", "lỡ đọc mã otp là 482913 cho nó mất rồi"])
def test_whoever_was_really_robbed_gets_the_steps_behind_one_sentence_about_the_drill(chat, text):
    chat.fake()
    replies = chat.say("action_scam_emergency", text)
    assert "là tin DIỄN TẬP" in replies[0]["text"] and replies[0]["text"].endswith("bị lừa thật ở chỗ khác thì làm ngay như dưới đây.")
    assert [r for r in replies if r["text"].startswith("🚨")] and [r.state for r in chat.runs()] == ["done"]


@pytest.mark.parametrize(("action", "text"), [("action_help_menu", "menu"), ("action_list_courses", "có khóa nào"), ("action_unsubscribe", "đừng gửi gì nữa")])
def test_any_other_action_says_first_that_the_message_was_a_drill_and_only_once(chat, action, text):
    chat.fake()
    assert "là tin DIỄN TẬP" in chat.say(action, text)[0]["text"]
    assert "DIỄN TẬP" not in "".join(r["text"] for r in chat.say(action, text))


def test_unsubscribing_ends_what_still_waits(chat):
    chat.tap(chat.say("action_join_drill", "diễn tập")[0]["buttons"][0])
    chat.say("action_unsubscribe", "đừng nhắn gì cho tôi nữa")
    assert [r.state for r in chat.runs()] == ["cancelled"]


def test_stopping_with_a_fake_message_out_explains_it(chat):
    chat.fake()
    (told,) = chat.say("action_drill_stop", "thôi diễn tập")
    assert told["text"].startswith("Tin “") and "là tin DIỄN TẬP" in told["text"] and "Đã thôi diễn tập" in told["text"]
    assert "không có buổi diễn tập" in chat.say("action_drill_stop", "thôi diễn tập")[0]["text"]


def test_a_stranger_has_nothing_to_stop_and_is_told_so(chat):
    assert "không có buổi diễn tập" in chat.say("action_drill_stop", "thôi diễn tập")[0]["text"]


@pytest.mark.parametrize("text", ["diễn tập sự cố", "dien tap cho can bo xa", "tập xử lý mã độc ở cơ quan"])
def test_civil_servants_are_taken_to_their_incidents(chat, text):
    (offer,) = chat.say("action_join_drill", text)
    assert [b["title"] for b in offer["buttons"]] == ["Mã độc tống tiền ở quầy một cửa", "Mất máy tính, lộ danh sách của dân"]


def test_a_quick_incident_from_the_first_tap_to_the_debrief(chat):
    (offer,) = chat.tap(chat.say("action_join_drill", "diễn tập")[0]["buttons"][3])
    (pace,) = chat.tap(offer["buttons"][0])
    assert chat.runs() == [] and "Chọn bắt đầu là bạn đồng ý" in pace["text"]
    replies = chat.tap(pace["buttons"][1])
    assert "DIỄN TẬP" in replies[0]["text"] and "diễn biến 1/6" in replies[1]["text"]
    assert chat.awaiting() == f"drill:{chat.runs()[0].id}"
    for number in range(2, 7):
        replies = chat.tap(replies[-1]["buttons"][0])
        assert f"diễn biến {number}/6" in replies[-1]["text"]
    first = chat.say("action_drill_choice", "a")
    assert first[0]["text"].startswith("🧯 Hết buổi DIỄN TẬP") and first[-1]["buttons"][0]["title"] == "Diễn tập lần nữa"
    assert chat.runs()[0].state == "done" and chat.awaiting() is None


def test_a_timed_incident_notes_lets_change_and_is_shown_again(chat):
    (pace,) = chat.say("action_drill_agree", value="incident:mat-may-lo-danh-sach")
    replies = chat.tap(pace["buttons"][0])
    (noted,) = chat.tap(replies[-1]["buttons"][0])
    assert noted["text"].startswith("Đã ghi: A.") and chat.runs()[0].next_due_at is not None
    assert chat.say("action_drill_choice", "b")[0]["text"].startswith("Đã ghi: B.")
    chat.say("action_help_menu", "menu")
    assert chat.awaiting() is None and chat.runs()[0].state == "running"
    again = chat.say("action_join_drill", "diễn tập")
    assert "diễn tập dở" in again[0]["text"] and again[1]["text"] == replies[-1]["text"]
    assert chat.awaiting() == f"drill:{chat.runs()[0].id}"


@pytest.mark.parametrize("value", ["", "8", "incident:khong-co", "go:khong-co:quick", "x"])
def test_a_value_that_means_nothing_offers_the_choice_again(chat, value):
    (reply,) = chat.say("action_drill_agree", value=value)
    assert reply["buttons"] and chat.runs() == []


@pytest.mark.parametrize("value", ["", "1:2", "a:b:c", "77:0:0"])
def test_a_choice_of_no_drill_says_that_it_was_one(chat, value):
    reply, *_ = chat.say("action_drill_choice", value=value)
    assert "tin DIỄN TẬP" in reply["text"]


def test_what_is_stored_of_drills_is_counted_in_my_data(chat):
    chat.fake()
    chat.say("action_drill_choice", "gì vậy")
    assert "các buổi diễn tập" in (told := chat.say("action_my_data", "bạn biết gì về tôi")[0]["text"]) and "diễn tập: 1" in told
