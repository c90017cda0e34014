"""The Telegram channel as a whole: its settings, what its logs keep quiet, and the stand-in the other files try it against."""

import json
import logging

import pytest

from bot.channels import all_channels
from bot.channels.telegram import make
from bot.config import Settings
from tests.loops import napping, polled
from tests.patience import post
from tests.telegram_channel import CHAT, SECRET, channel, refusal, stand_in

api = pytest.fixture(stand_in)


# --- what the logs keep quiet


def test_logs_carry_no_words_names_chats_or_tokens(api, caplog):
    caplog.set_level(logging.DEBUG)
    api.user_says(CHAT, "bí mật")
    api.user_sends_photo(CHAT)
    api.fail_next(1, "garbage", "sendMessage")
    api.fail_next(1, "disconnect", "getUpdates")
    naps = []

    async def store(found):
        if len(naps) == 1:
            raise RuntimeError("bí mật")

    polled(channel(api, sleep=napping(naps)), most=3, store=store)
    api.block(CHAT)
    refusal(api, {"text": "bí mật"})
    mine = "\n".join(r.getMessage() for r in caplog.records if r.name.split(".")[0] in ("bot", "telegram", "httpx", "httpcore"))
    assert "could not be stored" in mine
    assert [word for word in ("bí mật", str(CHAT), "An", api.token) if word in mine] == []


# --- the stand-in itself, where the channel does not go


def test_the_stand_in_keeps_to_the_fact_sheet(api):
    def call(method, token=api.token, **fields):
        answer = post(f"{api.url}/bot{token}/{method}", data=fields)
        body = answer.json()
        assert body["ok"] == (answer.status_code == 200)
        return body["result"] if body["ok"] else (body["error_code"], body["description"])

    assert call("getMe")["username"] == "stub_bot"
    assert (call("getMe", token="1:b")[0], call("getMine")[0]) == (401, 404)
    for text, why in (("<b>a", "can't find end tag"), ("a < b", "unclosed"), ("a <b", "unclosed"), ("<x>a</x>", "unsupported"),
                      ("</b>", "unexpected end"), ("<!-- a -->", "unsupported"), ("<b> </b>", "empty"), ("&lt;" * 4097, "too long")):
        assert why in call("sendMessage", chat_id=CHAT, text=text, parse_mode="HTML")[1], text
    sent = call("sendMessage", chat_id=CHAT, text="<b>a</b> &nbsp; &#65; <a href='x'>b</a> " + "&amp;" * 4000, parse_mode="HTML")
    assert api.sent[-1].text == "a &nbsp; A b " + "&" * 4000
    edit = {"chat_id": CHAT, "message_id": sent["message_id"]}
    rows = json.dumps({"inline_keyboard": [[{"text": "Có", "callback_data": "b1"}]]})
    assert call("editMessageReplyMarkup", **edit, reply_markup=rows)["message_id"] == sent["message_id"]
    assert "not modified" in call("editMessageReplyMarkup", **edit, reply_markup=rows)[1]
    many = json.dumps({"inline_keyboard": [[{"text": "Có", "callback_data": "b1"}] * 9]})
    assert call("sendMessage", chat_id=CHAT, text="a", reply_markup=many)[0] == 400
    query = api.user_taps(CHAT, sent["message_id"], "b1")
    assert call("answerCallbackQuery", callback_query_id=query) is True
    assert "too old" in call("answerCallbackQuery", callback_query_id=query)[1]
    ids = [api.user_says(CHAT, str(n)) for n in range(4)]
    assert [u["update_id"] for u in call("getUpdates", limit=2, offset=ids[0])] == ids[:2]
    assert [u["update_id"] for u in call("getUpdates", offset=-1)] == ids[3:]
    assert call("setWebhook", url="https://example.vn", secret_token=SECRET) is True
    assert (call("getUpdates")[0], call("getWebhookInfo")["pending_update_count"], api.webhook_secret) == (409, 1, SECRET)
    assert call("deleteWebhook") is True
    assert len(call("getUpdates", offset=ids[3])) == 1
    answers = [call("sendMessage", chat_id=CHAT, text="a") for _ in range(6)]
    assert answers[-1] == (429, "Too Many Requests: retry after 3")


# --- settings


def test_the_channel_is_on_when_a_token_is_set(monkeypatch):
    monkeypatch.delenv("TELEGRAM_TOKEN", raising=False)
    assert make(Settings(_env_file=None, telegram_token=" ")) is None
    assert [c.name for c in all_channels(Settings(_env_file=None, telegram_token="1:a")) if c.name == "telegram"] == ["telegram"]
    assert "1:a" not in repr(make(Settings(_env_file=None, telegram_token="1:a")))
