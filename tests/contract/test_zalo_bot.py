"""The Zalo Bot channel as a whole: its settings, what its logs keep quiet, and the stand-in the other files try it against."""

import logging

import pytest

from bot.channels import all_channels
from bot.channels.zalo_bot import make
from bot.config import Settings
from tests.loops import napping, polled
from tests.patience import post
from tests.zalo_bot_channel import CHAT, HOST, SECRET, TOKEN, channel, poll_once, posted, refusal, stand_in, text

api = pytest.fixture(stand_in)


# --- what nobody may read


def test_logs_carry_no_words_chats_tokens_or_secrets(api, caplog):
    caplog.set_level(logging.DEBUG)
    api.user_says(CHAT, "bí mật")
    api.add("message.image.received", CHAT)
    for kind in ("garbage", "disconnect"):
        api.fail_next(1, kind, "getUpdates")
    api.fail_next(1, "429", "sendMessage")
    failures = [RuntimeError(f"bí mật {CHAT}")]

    async def store(found):
        if failures:
            raise failures.pop()

    polled(channel(api, sleep=napping([])), store=store, most=3)
    refusal(api, {"text": "bí mật"})
    refusal(api, {"text": "bí mật"}, token="4711:b")
    poll_once(api, secret="ngan", public_url=HOST)
    poll_once(api, secret=SECRET, public_url=HOST)
    posted(api, [text("bí mật")], given="sai-bi-mat")
    said = "\n".join(r.getMessage() + str(r.exc_info or "") for r in caplog.records if r.name.split(".")[0] in ("bot", "httpx", "httpcore"))
    assert "could not be stored" in said and "bad_token" in said
    assert [word for word in ("bí mật", CHAT, "An", TOKEN, "4711:b", SECRET, api.url) if word in said] == []


# --- the stand-in itself, where the channel does not go


def test_the_stand_in_keeps_to_the_fact_sheet(api):
    def call(method, token=TOKEN, **fields):
        answer = post(f"{api.url}/bot{token}/{method}", json=fields)
        body = answer.json()
        assert body["ok"] == (answer.status_code == 200)
        return body["result"] if body["ok"] else body["error_code"]

    assert call("getMe")["id"] == "4711"
    assert (call("getMe", token="4711:b"), call("editMessage"), call("getWebhookInfo")) == (401, 404, 404)
    for words in ("", " ", "a" * 2001, 5):
        assert call("sendMessage", chat_id=CHAT, text=words) == 400
    assert call("sendMessage", chat_id=CHAT, text="a", reply_markup={}) == 400
    assert call("sendMessage", chat_id="unknown", text="a") == 404
    assert call("sendPhoto", chat_id=CHAT, photo="file:///etc/passwd") == 400
    assert call("sendMessage", chat_id=CHAT, text="a" * 2000)["message_id"] == api.sent[-1].message_id
    assert call("sendChatAction", chat_id=CHAT, action="typing") is True
    assert call("getUpdates", timeout=0) == 408
    first, second = api.user_says(CHAT, "một"), api.user_says(CHAT, "hai")
    assert [call("getUpdates", timeout="1")["message"]["message_id"] for _ in range(2)] == [first, second]
    assert [call("setWebhook", url=url, secret_token=SECRET) for url in ("http://a.vn", "https://localhost/x", "https://10.0.0.1/x")] == [400] * 3
    assert call("setWebhook", url="https://a.vn/x", secret_token="ngan") == 400
    assert call("setWebhook", url="https://a.vn/x", secret_token=SECRET)["url"] == "https://a.vn/x"
    assert (call("getWebhookInfo")["url"], call("getUpdates", timeout=0)) == ("https://a.vn/x", 400)
    assert (call("deleteWebhook")["url"], call("getUpdates", timeout=0)) == ("", 408)
    api.quota = 1
    assert [call("sendMessage", chat_id=CHAT, text="a") for _ in range(2)][1] == 429


# --- settings


def test_the_channel_is_on_when_a_token_is_set(monkeypatch):
    monkeypatch.delenv("ZALO_BOT_TOKEN", raising=False)
    assert make(Settings(_env_file=None, zalo_bot_token=" ")) is None
    given = Settings(_env_file=None, zalo_bot_token=TOKEN)
    assert [c.name for c in all_channels(given) if c.name == "zalo_bot"] == ["zalo_bot"]
    assert TOKEN not in repr(make(given)) + repr(given)
    assert (make(given).limits.characters, make(given).limits.buttons) == (2000, 0)
