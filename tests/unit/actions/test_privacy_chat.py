"""Requests over one's data in the chat: offered, confirmed, passed on to staff, answered in the same chat."""

import json
import re

import pytest
from rasa_sdk import Tracker
from sqlalchemy import select

from actions import _turn, account, talk
from bot.app import App
from bot.config import Settings
from bot.services.privacy_law import KINDS
from bot.store.tables import Conversation, PrivacyRequest
from bot.wording import say
from tests.factories import FrozenClock, talk_of

ACTS = {"action_my_data": account.my_data, "action_affirm": talk.affirm, "action_deny": talk.deny}


class Chat:
    """A telegram chat whose actions are called as Rasa would call them."""

    def __init__(self, one: App, consent: tuple[str, ...] = ()):
        self.app, self.slots = one, {}
        with one.database.write() as session:
            self.talk_id = talk_of(session, "700123", "telegram", one.clock(), consent).id

    def say(self, action: str, text: str = "", value: str = "") -> list[dict]:
        message = {"text": text or "/x", "intent": {"name": action.removeprefix("action_")},
                   "entities": [{"entity": "value", "value": value}] if value else [], "metadata": {"address": "700123"}}
        found = _turn.perform(action, ACTS[action], Tracker(self.talk_id, self.slots, message, [], False, None, {}, "action_listen"))
        self.slots |= {e["name"]: e["value"] for e in found["events"] if e["event"] == "slot"}
        return found["replies"]

    def tap(self, replies: list[dict], title: str) -> list[dict]:
        (payload,) = [b["payload"] for r in replies for b in r["buttons"] if b["title"] == title]
        intent, values = re.fullmatch(r"/(\w+)(\{.*\})?", payload).groups()
        return self.say(f"action_{intent}", value=json.loads(values)["value"] if values else "")

    def requests(self) -> list[tuple]:
        with self.app.database.read() as session:
            return [(r.kind, r.origin, r.state, r.conversation_id) for r in session.scalars(select(PrivacyRequest).order_by(PrivacyRequest.id))]

    def talk(self) -> Conversation:
        with self.app.database.read() as session:
            return session.get_one(Conversation, self.talk_id)


@pytest.fixture
def one(database, monkeypatch):
    made = App(Settings(_env_file=None, secret_key="a key for tests"), database, FrozenClock())
    monkeypatch.setattr(_turn, "app", lambda: made)
    return made


@pytest.fixture
def chat(one):
    return Chat(one)


def test_what_is_stored_is_shown_with_a_way_to_staff(chat):
    (shown,) = chat.say("action_my_data", "bạn biết gì về tôi")[:1]
    assert "Yêu cầu về dữ liệu đang chờ cán bộ: 0" in shown["text"]
    asked = chat.tap([shown], say("privacy_offer_button"))
    assert [b["title"] for b in asked[0]["buttons"]] == [KINDS[k].words for k in ("correction", "provision", "restriction", "objection", "protection")]
    assert chat.requests() == []


def test_a_request_is_made_only_once_it_is_confirmed(chat):
    asked = chat.say("action_my_data", "thông tin của tôi bị sai, sửa giúp")
    assert asked[0]["text"] == say("privacy_confirm", kind="Sửa dữ liệu") and len(asked) == 1
    assert chat.requests() == [] and chat.talk().address is None
    (told,) = chat.tap(asked, say("privacy_send"))
    assert chat.requests() == [("correction", "chat", "open", chat.talk_id)] and chat.talk().address == "700123"
    assert re.search(r"Mã yêu cầu YC-[0-9A-F]{8}", told["text"]) and "26/11/2026" in told["text"] and "04/12/2026" in told["text"]
    assert "Điều 5" in told["text"]


@pytest.mark.parametrize(("answer", "made"), [("action_affirm", 1), ("action_deny", 0)])
def test_a_bare_word_answers_the_question(chat, answer, made):
    chat.say("action_my_data", "tôi phản đối việc dùng dữ liệu của tôi")
    (told,) = chat.say(answer, "ừ")
    assert len(chat.requests()) == made
    assert ("Mã yêu cầu" in told["text"]) is bool(made)


def test_after_another_subject_a_bare_yes_sends_nothing(chat):
    chat.say("action_my_data", "tôi phản đối việc dùng dữ liệu của tôi")
    chat.say("action_my_data", "bạn biết gì về tôi")
    chat.say("action_affirm", "có")
    assert chat.requests() == []


def test_a_complaint_is_asked_what_it_is_about(chat):
    asked = chat.say("action_my_data", "tôi muốn khiếu nại về dữ liệu")
    assert asked[0]["text"] == say("privacy_which")
    confirm = chat.tap(asked, KINDS["restriction"].words)
    assert confirm[0]["text"] == say("privacy_confirm", kind="Hạn chế xử lý")
    (kept,) = chat.tap(confirm, say("privacy_not_now"))
    assert kept["text"] == say("privacy_kept") and chat.requests() == []


def test_asking_twice_gives_the_same_receipt(chat):
    told = [chat.tap(chat.say("action_my_data", "yêu cầu bảo vệ dữ liệu của tôi"), say("privacy_send"))[0]["text"] for _ in range(2)]
    receipts = {re.search(r"YC-\w+", text)[0] for text in told}
    assert len(receipts) == 1 and len(chat.requests()) == 1


@pytest.mark.parametrize("value", ["send:erasure", "send:x", "kind:x", "send:", "x"])
def test_no_other_button_makes_a_request(chat, value):
    chat.say("action_my_data", value=value)
    assert chat.requests() == []
