"""Linking, links and communes in the chat: what is said in each channel, and what a bare word answers."""

import json
import re

import pytest
from rasa_sdk import Tracker
from sqlalchemy import select

from actions import _turn, account, learning, talk
from bot.app import App
from bot.config import Settings
from bot.gateway import offered_by
from bot.services import learn, linking
from bot.store.tables import Citizen, Conversation, Outbound
from bot.wording import say
from tests.factories import FrozenClock, talk_of
from tests.small_course import publish, small

ACTS = {"action_link_account": account.link_account, "action_set_commune": account.set_commune, "action_consent_give": account.consent_give,
        "action_affirm": talk.affirm, "action_deny": talk.deny, "action_list_courses": learning.list_courses, "action_thank": talk.thank}
ADDRESSES = {"telegram": "700123", "web": "sender-two-0123456"}


class Chat:
    """A conversation on one channel whose actions are called as Rasa would call them."""

    def __init__(self, one: App, channel: str, consent: tuple[str, ...] = ()):
        self.app, self.channel, self.slots = one, channel, {}
        with one.database.write() as session:
            self.talk_id = talk_of(session, ADDRESSES[channel], channel, one.clock(), consent).id

    def say(self, action: str, text: str = "", value: str = "") -> list[dict]:
        message = {"text": text or "/x", "intent": {"name": action.removeprefix("action_")},
                   "entities": [{"entity": "value", "value": value}] if value else [], "metadata": {"address": ADDRESSES[self.channel]}}
        found = _turn.perform(action, ACTS[action], Tracker(self.talk_id, self.slots, message, [], False, None, {}, "action_listen"))
        self.slots |= {e["name"]: e["value"] for e in found["events"] if e["event"] == "slot"}
        with self.app.database.write() as session:  # as the gateway does when it finishes the turn
            session.get_one(Conversation, self.talk_id).offered = offered_by(found["replies"], True)
        return found["replies"]

    def tap(self, payload: str) -> list[dict]:
        intent, values = re.fullmatch(r"/(\w+)(\{.*\})?", payload).groups()
        return self.say(f"action_{intent}", value=json.loads(values)["value"] if values else "")

    def type_code(self, code: str) -> list[dict]:
        return self.tap(linking.payload(f"code:{linking.hashed(self.app.settings.key(), code)}"))

    def talk(self) -> Conversation:
        with self.app.database.read() as session:
            return session.get_one(Conversation, self.talk_id)

    def got(self) -> list[dict]:
        """What came by itself."""
        with self.app.database.read() as session:
            return [r.body for r in session.scalars(select(Outbound).where(Outbound.conversation_id == self.talk_id).order_by(Outbound.id))]


@pytest.fixture
def one(database, monkeypatch):
    made = App(Settings(_env_file=None, secret_key="a key for tests"), database, FrozenClock())
    monkeypatch.setattr(_turn, "app", lambda: made)
    return made


@pytest.fixture
def telegram(one):
    return Chat(one, "telegram", ("learning", "reminders"))


@pytest.fixture
def web(one):
    return Chat(one, "web")


def code_of(replies: list[dict]) -> str:
    return re.search(r"Mã nối của bạn: (\w{6})", replies[0]["text"]).group(1)


def test_both_say_yes_with_a_bare_word(telegram, web):
    code = code_of(telegram.say("action_link_account", "nối tài khoản"))
    (asked,) = web.type_code(code)
    assert asked["text"] == say("link_ask", channel="Telegram") and "đồng ý đi cùng" in asked["text"]
    assert "không lưu họ tên" not in asked["text"], "one question at a time"
    (told,) = web.say("action_affirm", "có")
    assert told["text"] == say("link_asked", channel="Telegram", minutes=10)
    assert [b["text"] for b in telegram.got()] == [say("link_confirm_here", channel="trang web chat")]
    (done,) = telegram.say("action_affirm", "đồng ý")
    assert done["text"] == say("link_linked", channel="trang web chat")
    assert [b["text"] for b in web.got()] == [say("link_done", channel="Telegram")]
    assert web.talk().citizen_id == telegram.talk().citizen_id is not None
    assert web.talk().address == ADDRESSES["web"]


@pytest.mark.parametrize("side", ["web", "telegram"])
def test_a_bare_no_refuses_on_either_side(telegram, web, side):
    web.type_code(code_of(telegram.say("action_link_account", "nối tài khoản")))
    if side == "telegram":
        web.say("action_affirm", "có")
    told, *_ = (web if side == "web" else telegram).say("action_deny", "không")
    assert told["text"] == say("link_refused")
    assert web.talk().citizen_id is None


def test_a_yes_to_something_else_links_nothing(telegram, web):
    web.type_code(code_of(telegram.say("action_link_account", "nối tài khoản")))
    web.say("action_thank", "cảm ơn")
    web.say("action_affirm", "vâng")
    assert telegram.got() == [] and web.talk().citizen_id != telegram.talk().citizen_id


def test_who_has_nothing_kept_has_nothing_to_link(web):
    (told, *_) = web.say("action_link_account", "nối tài khoản")
    assert told["text"] == say("link_nothing")


def test_what_is_wrong_with_a_code_is_said(telegram, web):
    code = code_of(telegram.say("action_link_account", "nối tài khoản"))
    assert telegram.type_code(code)[0]["text"] == say("link_own")
    for _ in range(5):
        assert web.type_code("BBBBB2")[0]["text"] == say("link_wrong")
    assert web.type_code("BBBBB2")[0]["text"] == say("link_too_often")


def test_parting_asks_where_the_data_is_to_stay(telegram, web):
    web.type_code(code_of(telegram.say("action_link_account", "nối tài khoản")))
    web.say("action_affirm"), telegram.say("action_affirm")
    (asked,) = web.say("action_link_account", "bỏ nối")
    assert [b["title"] for b in asked["buttons"]] == ["Dữ liệu ở lại đây, bỏ Telegram", "Dữ liệu ở lại Telegram, bỏ kênh này", "Vẫn để nối"]
    assert web.tap(asked["buttons"][2]["payload"])[0]["text"] == say("unlink_kept")
    assert web.tap(asked["buttons"][1]["payload"])[0]["text"] == say("unlinked_here", channel="Telegram")
    assert (web.talk().citizen_id, telegram.talk().citizen_id is not None) == (None, True)
    assert web.say("action_link_account", "bỏ nối")[0]["text"] == say("unlink_none")
    assert web.tap(asked["buttons"][0]["payload"])[0]["text"] == say("unlink_none"), "an old button parts nobody any more"
    assert telegram.talk().citizen_id is not None


# --- links


def test_a_commune_s_link_is_kept_only_after_a_yes(one, web):
    greeting, noted, asked = web.tap('/set_commune{"value": "13285"}')
    assert (greeting["text"], noted["text"]) == (say("greet"), say("commune_from_link", commune="Phường Phủ Lý"))
    assert web.talk().citizen_id is None
    assert web.tap(asked["buttons"][0]["payload"])[0]["text"] == say("commune_saved", commune="Phường Phủ Lý")
    with one.database.read() as session:
        assert session.scalars(select(Citizen.commune)).all() == ["Phường Phủ Lý"]


def test_a_bare_yes_keeps_the_commune_too(one, web):
    web.tap('/set_commune{"value": "13285"}')
    assert web.say("action_affirm", "có")[0]["text"] == say("commune_saved", commune="Phường Phủ Lý")


def test_a_no_keeps_nothing(one, web):
    *_, asked = web.tap('/set_commune{"value": "13285"}')
    web.say("action_deny", "không")
    with one.database.read() as session:
        assert session.scalars(select(Citizen)).all() == []


def test_who_has_consented_is_only_told(telegram):
    assert telegram.tap('/set_commune{"value": "13285"}')[0]["text"] == say("commune_saved", commune="Phường Phủ Lý")


@pytest.mark.parametrize("code", ["1", "99999", "x"])
def test_a_commune_of_elsewhere_is_not_taken(telegram, code):
    assert telegram.tap(f'/set_commune{{"value": "{code}"}}')[0]["text"] == say("commune_unknown")


def test_a_course_s_link_offers_it_and_starts_nothing(one, web, tmp_path):
    with one.database.write() as session:
        publish(session, tmp_path / "courses", small(), small("khoa-hai"))
    greeting, offered, *rest = web.tap('/list_courses{"value": "course:khoa-hai"}')
    assert greeting["text"] == say("greet") and "Khóa khoa-hai" in offered["text"] and "khoa-nho" not in offered["text"]
    assert offered["buttons"][0]["payload"] == '/course_begin{"value": "khoa-hai"}'
    assert "không lưu họ tên" in rest[-1]["text"]
    with one.database.read() as session:
        assert learn.results(session, 1) == []


def test_a_link_of_a_course_that_is_no_more_offers_the_others(one, telegram, tmp_path):
    with one.database.write() as session:
        publish(session, tmp_path / "courses")
    (offered,) = telegram.tap('/list_courses{"value": "course:cu-roi"}')
    assert "Khóa khoa-nho" in offered["text"]
