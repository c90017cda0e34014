"""One harness for every push channel that bot.channels finds: the same kinds of webhook, the same situations in sending.

Each channel has an entry below that says how its platform words them; one without an entry fails. What comes in goes through
the public web server as it is mounted, into a database. Sending goes to the platform's stand-in; no other address is reached.
"""

import json
from dataclasses import dataclass
from typing import Any

from bot.app import App
from bot.channels import base, rendering
from bot.channels.base import Failure
from bot.channels.telegram import TelegramChannel
from bot.channels.zalo_bot import ZaloBotChannel
from bot.channels.zalo_oa import ZaloOaChannel
from bot.config import Settings
from tests.patience import HTTP_SECONDS
from tests.standins.telegram import Refused as TelegramRefusal
from tests.standins.telegram import TelegramStandIn
from tests.standins.zalo_bot import ZaloBotStandIn, update
from tests.standins.zalo_oa import MESSAGE, ZaloOaStandIn

WORDS = "Làm căn cước cho mẹ tôi 👩 ở Đường Trần Hưng Đạo"

SITUATIONS: dict[str, set[Failure] | None] = {  # what a channel may call it; None: it goes out
    "ok": None,
    "429 with a time": {base.RETRY_AFTER},
    "429 without a time": {base.RETRY_AFTER, base.UNREACHABLE},
    "500": {base.UNREACHABLE, base.UNKNOWN_OUTCOME},
    "time-out": {base.UNKNOWN_OUTCOME},
    "cut connection": {base.UNREACHABLE, base.UNKNOWN_OUTCOME},
    "blocked": {base.BLOCKED},
    "gone": {base.GONE},
    "too long": None,
    "bad token": {base.BAD_TOKEN},
}


@dataclass(frozen=True)
class Request:
    """A webhook request: body as bytes, headers with secret or signature."""

    path: str
    body: bytes
    headers: dict[str, str]


class Platform:
    """What the harness asks of an entry. wait_seconds: what its stand-in names in a 429."""

    module: str
    chat: str
    other_chat: str
    malformed, unsigned, wrong_type = 400, 403, {200, 400}
    expected: dict[str, Failure | None]
    absent: dict[str, str] = {}
    """Situations that the platform does not tell apart, with the reason."""
    limit: int
    secrets: list[str]
    wait_seconds = 3.0

    def standin(self) -> Any: ...

    def settings(self, api: Any) -> dict[str, Any]:
        """The settings that switch the channel on, with a webhook."""

    def make(self, settings: Settings, app: App, timeout_seconds: float = HTTP_SECONDS) -> Any:
        """The channel."""

    def text(self, words: str, ident: int) -> dict[str, Any]: ...

    def press(self, button: str, number: int, ident: int) -> dict[str, Any]:
        """The second of the buttons shown is chosen: by its id, or by its number where there are none."""

    def elsewhere(self) -> list[dict[str, Any]]:
        """Updates that are no citizen's word to us alone."""

    def deliver(self, api: Any, payload: Any) -> Request:
        """As the platform posts it; bytes are posted as they are."""

    def arrange(self, api: Any, situation: str) -> dict[str, Any]:
        """Brings the stand-in into the situation; returns changed settings."""

    def arrived(self, api: Any, chat: str) -> list[str]:
        """What the citizen sees, a text for each message, titles of buttons at its end."""


class Telegram(Platform):
    module, chat, other_chat, limit = "telegram", "7654321987", "8", 4096
    secrets = ["1:telegram-token", "telegram-secret"]
    expected = {"ok": None, "429 with a time": base.RETRY_AFTER, "429 without a time": base.UNREACHABLE, "500": base.UNREACHABLE,
                "time-out": base.UNKNOWN_OUTCOME, "cut connection": base.UNREACHABLE, "blocked": base.BLOCKED, "gone": base.GONE,
                "too long": None, "bad token": base.BAD_TOKEN}

    def standin(self):
        return TelegramStandIn("1:telegram-token")

    def settings(self, api):
        return {"telegram_token": self.secrets[0], "telegram_api_url": api.url, "telegram_webhook_secret": self.secrets[1]}

    def make(self, settings, app, timeout_seconds=HTTP_SECONDS):
        return TelegramChannel(settings, timeout_seconds=timeout_seconds, gap_seconds=0.01)

    def text(self, words, ident):
        return {"update_id": ident, "message": {"message_id": ident, "date": 1700000000, "text": words, **self._people()}}

    def press(self, button, number, ident):
        person = self._people()
        return {"update_id": ident, "callback_query": {"id": f"q{ident}", "chat_instance": "x", "data": button, "from": person["from"],
                                                       "message": {"message_id": 1, "date": 1700000000, "chat": person["chat"]}}}

    def _people(self):
        return {"from": {"id": int(self.chat), "is_bot": False, "first_name": "An"}, "chat": {"id": int(self.chat), "type": "private"}}

    def elsewhere(self):
        group = {"id": -100123, "type": "supergroup", "title": "Tổ công nghệ số"}
        said = self.text("nói trong nhóm", 1)["message"]
        return [{"update_id": 1, "message": {**said, "chat": group}}, {"update_id": 2, "channel_post": {**said, "chat": {**group, "type": "channel"}}},
                {"update_id": 3, "message": {**said, "from": {**said["from"], "is_bot": True}}}, {"update_id": 4, "brand_new": said}]

    def deliver(self, api, payload):
        return Request("/channels/telegram", content(payload), {"X-Telegram-Bot-Api-Secret-Token": self.secrets[1]})

    def arrange(self, api, situation):
        api.meet(int(self.chat))
        api.meet(int(self.other_chat))
        api.retry_after_seconds = self.wait_seconds
        if situation == "429 without a time":
            api._too_many = lambda: TelegramRefusal(429, "Too Many Requests")
        if kind := {"429 with a time": "429", "429 without a time": "429", "500": "500", "time-out": "timeout",
                    "cut connection": "disconnect"}.get(situation):
            api.fail_next(1, kind)
        if situation == "blocked":
            api.block(int(self.chat))
        if situation == "gone":
            api._chats.clear()
        return {"telegram_token": "1:other"} if situation == "bad token" else {}

    def arrived(self, api, chat):
        return ["\n".join([s.text, *(b["text"] for row in s.keyboard or () for b in row)]) for s in api.sent if str(s.chat) == chat]


class ZaloBot(Platform):
    module, chat, other_chat, limit = "zalo_bot", "6ede9afa66b88fe6d6a9", "0f1e2d", 2000
    secrets = ["4711:zalo-bot-token", "zalo-bot-secret"]
    expected = {"ok": None, "429 with a time": base.RETRY_AFTER, "429 without a time": base.RETRY_AFTER, "500": base.UNKNOWN_OUTCOME,
                "time-out": base.UNKNOWN_OUTCOME, "cut connection": base.UNKNOWN_OUTCOME, "gone": base.GONE, "too long": None,
                "bad token": base.BAD_TOKEN}
    absent = {"blocked": "no error says so: 403 means an error of the platform's own"}

    def standin(self):
        return ZaloBotStandIn(self.secrets[0])

    def settings(self, api):
        return {"zalo_bot_token": self.secrets[0], "zalo_bot_api_url": api.url, "zalo_bot_webhook_secret": self.secrets[1]}

    def make(self, settings, app, timeout_seconds=HTTP_SECONDS):
        return ZaloBotChannel(settings, app.keep, timeout_seconds=timeout_seconds)

    def text(self, words, ident):
        return update("message.text.received", self.chat, f"m{ident}", text=words)

    def press(self, button, number, ident):
        return {"ok": True, "result": self.text(str(number), ident)}

    def elsewhere(self):
        return [update("message.text.received", self.chat, "m1", "GROUP", text="nói trong nhóm"),
                update("message.text.received", self.chat, "m2", sender={"id": "4711", "is_bot": True}, text="tiếng vọng"),
                update("message.sticker.received", self.chat, "m3", "GROUP"), update("user.brand_new", self.chat, "m4", text="chào")]

    def deliver(self, api, payload):
        return Request("/channels/zalo-bot", content(payload), {"X-Bot-Api-Secret-Token": self.secrets[1]})

    def arrange(self, api, situation):
        api.meet(self.other_chat)
        if situation != "gone":
            api.meet(self.chat)
        api.retry_after = "3" if situation == "429 with a time" else None
        if kind := {"429 with a time": "429", "429 without a time": "429", "500": "500", "time-out": "timeout",
                    "cut connection": "disconnect"}.get(situation):
            api.fail_next(1, kind)
        return {"zalo_bot_token": "4711:other"} if situation == "bad token" else {}

    def arrived(self, api, chat):
        return [s.text for s in api.sent if s.chat == chat]


class ZaloOa(Platform):
    module, chat, other_chat, limit = "zalo_oa", "1112223334445556667", "999", 2000
    malformed, unsigned, wrong_type = 403, 200, {200, 403}  # bytes without a time cannot be signed; the console's probe is unsigned
    secrets = ["oa-secret-key-EXAMPLE", "app-secret-EXAMPLE", "refresh-token-EXAMPLE"]
    expected = {"ok": None, "429 with a time": base.RETRY_AFTER, "429 without a time": base.RETRY_AFTER, "500": base.UNKNOWN_OUTCOME,
                "time-out": base.UNKNOWN_OUTCOME, "cut connection": base.UNKNOWN_OUTCOME, "blocked": base.BLOCKED, "gone": base.GONE,
                "too long": None, "bad token": base.BAD_TOKEN}

    def standin(self):
        return ZaloOaStandIn()

    def settings(self, api):
        return api.settings()

    def make(self, settings, app, timeout_seconds=HTTP_SECONDS):
        return ZaloOaChannel(settings, app.keep, app.picture, timeout_seconds=timeout_seconds)

    def text(self, words, ident):
        return {"app_id": "360846524940903967", "sender": {"id": self.chat}, "user_id_by_app": "222", "recipient": {"id": "333"},
                "event_name": "user_send_text", "message": {"text": words, "msg_id": f"m{ident}"}, "timestamp": str(1727000000000 + ident)}

    def press(self, button, number, ident):
        return self.text(button, ident)

    def elsewhere(self):
        said = self.text("tiếng vọng", 1)
        return [{**said, "event_name": "oa_send_text", "sender": {"id": "333"}, "recipient": {"id": self.chat}},
                {**said, "event_name": "user_send_group_text"}, {**said, "event_name": "user_seen_message"}, {**said, "event_name": "brand_new"}]

    def deliver(self, api, payload):
        if isinstance(payload, bytes):
            body, header = payload, "mac=" + "0" * 64
        else:
            half_a_pair = "\ufffd" in rendering.sound(json.dumps(payload, ensure_ascii=False))  # can only be written escaped
            body, header = api.signed(payload, escaped=half_a_pair)
        return Request("/channels/zalo-oa", body, {"X-ZEvent-Signature": header})

    def arrange(self, api, situation):
        api.meet(self.chat)
        api.meet(self.other_chat)
        kind = {"429 with a time": "429", "429 without a time": -32, "500": "500", "time-out": "timeout", "cut connection": "disconnect",
                "blocked": -213, "gone": -227}.get(situation)
        if kind:
            api.fail_next(1, kind, MESSAGE)
        return {"zalo_oa_refresh_token": "another"} if situation == "bad token" else {}

    def arrived(self, api, chat):
        return ["\n".join([s.text, *(b["title"] for b in s.buttons)]) for s in api.sent if s.user == chat]


ENTRIES: dict[str, Platform] = {p.module: p for p in (Telegram(), ZaloBot(), ZaloOa())}


def content(payload: Any) -> bytes:
    return payload if isinstance(payload, bytes) else json.dumps(payload).encode()
