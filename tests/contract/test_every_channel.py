"""One harness for every push channel that bot.channels finds: the same kinds of webhook, the same situations in sending.

Each channel has an entry below that says how its platform words them; one without an entry fails. What comes in goes through
the public web server as it is mounted, into a database. Sending goes to the platform's stand-in; no other address is reached.
"""

import asyncio
import importlib
import ipaddress
import json
import logging
import pkgutil
import socket
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import select

import bot.channels
from bot.app import App
from bot.channels import base, rendering
from bot.channels.base import Failure, SendError
from bot.channels.telegram import TelegramChannel
from bot.channels.zalo_bot import ZaloBotChannel
from bot.channels.zalo_oa import ZaloOaChannel
from bot.config import Settings
from bot.services import inbox, outbox, people
from bot.store.db import Database
from bot.store.tables import Button, Inbound, Outbound
from bot.web import app as web_app
from tests.standins.telegram import Refused as TelegramRefusal
from tests.standins.telegram import TelegramStandIn
from tests.standins.zalo_bot import ZaloBotStandIn, update
from tests.standins.zalo_oa import MESSAGE, ZaloOaStandIn

WORDS = "Làm căn cước cho mẹ tôi 👩 ở Đường Trần Hưng Đạo"
TIMEOUT_SECONDS = 0.3

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
RESENT = {"500": 1, "cut connection": 1, "time-out": 2}
"""How often the citizen gets a message that is sent again after the situation: nobody knows what a time-out has done."""


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

    def make(self, settings: Settings, app: App) -> Any:
        """The channel, with short time-outs."""

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

    def make(self, settings, app):
        return TelegramChannel(settings, timeout_seconds=TIMEOUT_SECONDS, gap_seconds=0.01)

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

    def make(self, settings, app):
        return ZaloBotChannel(settings, app.keep, timeout_seconds=TIMEOUT_SECONDS)

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

    def make(self, settings, app):
        return ZaloOaChannel(settings, app.keep, app.picture, timeout_seconds=TIMEOUT_SECONDS)

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


# --- the table of channels


def found_modules() -> list[str]:
    """As bot.channels finds them."""
    names = [m.name for m in pkgutil.iter_modules(bot.channels.__path__)]
    return [n for n in names if hasattr(importlib.import_module(f"bot.channels.{n}"), "make")]


def test_every_channel_has_an_entry():
    assert sorted(found_modules()) == sorted(ENTRIES)


@pytest.mark.parametrize("name", ENTRIES)
def test_every_entry_covers_every_situation(name):
    one = ENTRIES[name]
    assert sorted([*one.expected, *one.absent]) == sorted(SITUATIONS)
    for situation, failure in one.expected.items():
        allowed = SITUATIONS[situation]
        assert (failure is None) if allowed is None else failure in allowed, situation


def test_the_channels_found_are_those_the_entries_switch_on(app_of):
    for name, one in ENTRIES.items():
        with one.standin() as api:
            app = app_of(one, api)
            assert [c.name for c in bot.channels.all_channels(app.settings, **app.for_channels())] == [name]


# --- what comes in


def test_a_good_text_is_stored(door):
    assert door.post(door.one.text(WORDS, 1)) == [200]
    assert door.stored() == [(WORDS, None)]


def test_a_button_or_its_number_presses_what_was_offered(door):
    buttons = [{"title": "Lệ phí", "payload": "/ask_fee"}, {"title": "Nộp ở đâu", "payload": "/ask_place"}]
    ident = door.offer(buttons)
    assert door.post(door.one.press(ident, 2, 1)) == [200]
    assert [payload for _, payload in door.stored()] == ["/ask_place"]


def test_a_press_of_something_never_offered_is_no_payload(door):
    door.post(door.one.press("/delete_my_data", 1, 1), door.one.press("b" + "A" * 12, 2, 2), door.one.text('/consent_give{"value": "learning"}', 3))
    assert [payload for _, payload in door.stored() if payload] == []


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"a"', b"\xff\xfe", b"[" * 60_000, b"9" * 5000, b"{}"], ids=range(9))
def test_malformed_json_is_refused(door, body):
    assert door.post(body) == [door.one.malformed]
    assert door.stored() == []


def test_wrong_types_anywhere_do_no_harm(door):
    """Every value of a good update replaced by values of every other type."""
    good = door.one.text(WORDS, 1)
    payloads = list(spoilt(good))
    statuses = door.post(*payloads)
    assert len(payloads) > 60
    assert set(statuses) <= door.one.wrong_type
    assert 200 in statuses
    assert all(isinstance(text, str) or payload for text, payload in door.stored())


def test_a_repeated_delivery_is_one_message(door):
    first, second = door.one.text(WORDS, 1), door.one.text("rồi sao nữa", 2)
    assert door.post(first, first, second, first) == [200] * 4
    assert door.stored() == [(WORDS, None), ("rồi sao nữa", None)]
    door.finish()
    assert door.post(first, second) == [200] * 2
    assert door.stored() == [], "an answered message stays answered"


def test_repeated_at_the_same_time_is_one_message(door):
    assert door.at_once(*[door.one.text(WORDS, 1)] * 5) == [200] * 5
    assert door.stored() == [(WORDS, None)]


def test_out_of_order_is_taken_as_it_comes(door):
    assert door.post(door.one.text("thứ hai", 2), door.one.text("thứ nhất", 1)) == [200, 200]
    assert door.stored() == [("thứ hai", None), ("thứ nhất", None)]
    assert len(door.conversations()) == 1


def test_a_forged_request_is_refused(door):
    good = door.request(door.one.text(WORDS, 1))
    (header, value), = good.headers.items()
    other_body = door.request(door.one.text("xóa dữ liệu của tôi", 1)).body
    forged = [{header: value[:-1]}, {header: value + "0"}, {header: "é"}, {header: value[:-1] + ("0" if value[-1] != "0" else "1")}]
    requests = [Request(good.path, good.body, h) for h in forged]
    if door.one.unsigned == 200:  # signatures cover the body
        requests.append(Request(good.path, other_body, good.headers))
    assert door.send(*requests) == [403] * len(requests)
    assert door.send(Request(good.path, good.body, {})) == [door.one.unsigned]
    assert door.stored() == []


def test_a_huge_request_is_refused(door):
    assert door.post(door.one.text("một " * 60_000, 1)) == [413]
    assert door.stored() == []


def test_the_longest_text_of_the_platform_is_stored_whole(door):
    words = ("Đường " * door.one.limit)[:door.one.limit].strip()
    assert door.post(door.one.text(words, 1)) == [200]
    assert door.stored() == [(words, None)]


def test_other_kinds_of_chats_and_events_are_let_go(door):
    payloads = door.one.elsewhere()
    assert door.post(*payloads) == [200] * len(payloads)
    assert (door.stored(), door.answers()) == ([], [])


@pytest.mark.parametrize(("words", "kept"), [
    ("Cha\u0300o ba\u0301c 👩‍🌾", "Chào bác 👩🌾"), ("chào \ud83d bạn", "chào \ufffd bạn"), ("một\u0000hai", "một hai"), ("\u202eđảo\u202c", "đảo"),
    ("ＣＣＣＤ ﷽ 中文", "ＣＣＣＤ ﷽ 中文")], ids=["decomposed", "half a pair", "nul", "direction", "other scripts"])
def test_text_beyond_ascii_is_kept_as_it_can_be_stored(door, words, kept):
    payload = door.one.text(words, 1)
    assert door.post(payload) == [200]
    assert door.stored() == [(kept, None)]


def test_what_cannot_be_stored_is_not_confirmed(door, caplog):
    door.broken = True
    assert door.post(door.one.text("bí mật", 1)) == [503]
    assert "bí mật" not in caplog.text


# --- what goes out


@pytest.mark.parametrize(("name", "situation"), [(name, s) for name, one in ENTRIES.items() for s in one.expected])
def test_a_situation_has_its_name(app_of, caplog, name, situation):
    one = ENTRIES[name]
    caplog.set_level(logging.DEBUG)
    with one.standin() as api:
        app = app_of(one, api, **one.arrange(api, situation))
        words = "\n\n".join(["một " * (one.limit // 5)] * 4).strip() if situation == "too long" else WORDS

        async def main():
            channel = one.make(app.settings, app)
            try:
                error = await attempt(channel, one.chat, words)
                if situation in RESENT:
                    await channel.send(one.chat, {"text": words})
                    await channel.send(one.other_chat, {"text": words})
                return error
            finally:
                await channel.close()

        error = run(main())
        seen = one.arrived(api, one.chat)
        assert (error.failure if error else None) == one.expected[situation]
        if error is None:
            assert " ".join(seen).split() == words.split()
            assert max(map(len, seen)) <= one.limit
            assert (len(seen) > 1) == (situation == "too long")
        else:
            assert seen == [words] * RESENT.get(situation, 0)
            assert situation not in RESENT or one.arrived(api, one.other_chat) == [words], "what went wrong stays with its message"
        if situation == "429 with a time":
            assert error.retry_after_seconds == one.wait_seconds
        said = "\n".join(r.getMessage() for r in caplog.records if r.name.split(".")[0] in ("bot", "telegram", "httpx", "httpcore"))
        assert [word for word in (*one.secrets, one.chat, "căn cước", "một một") if word in said] == []


@pytest.mark.parametrize("name", ENTRIES)
def test_what_the_names_mean_is_alike_for_all(name):
    """The worker tries again, or closes the chat, by these alone."""
    expected = ENTRIES[name].expected
    assert {s for s, f in expected.items() if f is not None and not f.retry} <= {"blocked", "gone"}
    assert {s for s, f in expected.items() if f is not None and f.ours} == {"bad token"}


@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize("count", [1, 3, 5, 7, 12])
def test_every_choice_can_be_seen(app_of, name, count):
    one = ENTRIES[name]
    titles = [f"Thủ tục thứ {n}" for n in range(1, count + 1)]
    body = {"text": "Chọn việc:", "buttons": [{"title": t, "payload": f"b{'x' * 11}{n}", "n": n} for n, t in enumerate(titles, 1)]}
    with one.standin() as api:
        app = app_of(one, api, **one.arrange(api, "ok"))

        async def main():
            channel = one.make(app.settings, app)
            try:
                await channel.send(one.chat, body)
            finally:
                await channel.close()

        run(main())
        seen, = one.arrived(api, one.chat)
        assert [t for t in titles if t not in seen] == []
        assert seen.startswith("Chọn việc:")


@pytest.mark.parametrize("name", ENTRIES)
def test_no_other_address_is_reached(app_of, outside, name):
    """With the default addresses every channel goes for the real platform, and the guard of this file stops it."""
    one = ENTRIES[name]
    with one.standin() as api:
        addresses = {k for k in one.settings(api) if k.endswith("_url")}
        app = app_of(one, api, **{k: Settings.model_fields[k].default for k in addresses})

        async def main():
            channel = one.make(app.settings, app)
            try:
                return await attempt(channel, one.chat, WORDS)
            finally:
                await channel.close()

        assert run(main()).failure is base.UNREACHABLE
        assert outside and api.sent == []
        outside.clear()


# --- fixtures and helpers


@pytest.fixture(autouse=True)
def outside(monkeypatch):
    """Addresses outside this machine that something tried to reach: refused, and a failure of the test."""
    tried: list[Any] = []
    real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}
    look_up = socket.getaddrinfo

    def guarded(name: str) -> Callable:
        def connect(self, address):
            if self.family in (socket.AF_INET, socket.AF_INET6) and not ipaddress.ip_address(address[0]).is_loopback:
                tried.append(address)
                raise OSError("no network but loopback")
            return real[name](self, address)

        return connect

    def getaddrinfo(host, *rest, **more):
        name = host.decode() if isinstance(host, bytes) else host
        if name not in (None, "", "localhost", "127.0.0.1", "::1"):
            tried.append(name)
            raise socket.gaierror("no names but localhost")
        return look_up(host, *rest, **more)

    for name in real:
        monkeypatch.setattr(socket.socket, name, guarded(name))
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    yield tried
    assert tried == []


@pytest.fixture
def app_of(tmp_path):
    """An application with a database of its own, whose settings switch on one platform and nothing else."""
    made: list[App] = []

    def make(one: Platform, api: Any, **changed: Any) -> App:
        database = Database(f"sqlite:///{tmp_path}/{len(made)}.db")
        database.migrate()
        off = {f"{n}_token": "" for n in ("telegram", "zalo_bot")} | {"zalo_oa_app_id": ""}
        settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/{len(made)}.db", secret_key="a key for tests",
                            **{**off, **one.settings(api), **changed})
        made.append(App(settings, database))
        return made[-1]

    yield make
    for app in made:
        app.database.close()


class Door:
    """The public web server with one platform's webhook; its messages go to the inbox and are left there. broken: they do not."""

    def __init__(self, one: Platform, api: Any, app: App):
        self.one, self._api, self._app = one, api, app
        self.broken = False

    async def accept(self, message):
        if self.broken:
            raise RuntimeError(f"the database is down, with {message.text} in hand")

        def write():
            with self._app.database.write() as session:
                return inbox.store(session, self._app.settings.key(), message, self._app.clock())

        return await asyncio.to_thread(write)

    def request(self, payload: Any) -> Request:
        return self.one.deliver(self._api, payload)

    def post(self, *payloads: Any) -> list[int]:
        return self.send(*map(self.request, payloads))

    def at_once(self, *payloads: Any) -> list[int]:
        return self.send(*map(self.request, payloads), together=True)

    def send(self, *requests: Request, together: bool = False) -> list[int]:
        """The statuses, of requests in turn or together."""
        async def main():
            web = web_app.make(self._app)
            web.state.gateway = self
            async with httpx.AsyncClient(transport=httpx.ASGITransport(web, raise_app_exceptions=False), base_url="http://bot") as client:
                def one(r: Request):
                    return client.post(r.path, content=r.body, headers=[(k.encode(), v.encode()) for k, v in r.headers.items()])

                if together:
                    return [a.status_code for a in await asyncio.gather(*map(one, requests))]
                return [(await one(r)).status_code for r in requests]

        return run(main())

    def offer(self, buttons: list[dict[str, str]]) -> str:
        """Shows the citizen buttons, as the gateway does; returns the second one's id."""
        with self._app.database.write() as session:
            now = self._app.clock()
            talk = people.conversation(session, self._app.settings.key(), self.one.module, self.one.chat, now)
            outbox.enqueue(session, talk, "inbox:0:0", "reply", {"text": "?", "buttons": buttons}, now, address=self.one.chat)
            talk.offered = [{**b, "numbered": True} for b in buttons]
            session.flush()
            return session.scalars(select(Button.id).where(Button.payload == buttons[1]["payload"])).one()

    def stored(self) -> list[tuple[str | None, str | None]]:
        """(text, payload) of the messages that wait for an answer, in the order of arrival."""
        with self._app.database.read() as session:
            rows = session.execute(select(Inbound.text, Inbound.payload).where(Inbound.state == "new").order_by(Inbound.id)).all()
            return [tuple(row) for row in rows]

    def finish(self) -> None:
        """All messages are answered."""
        with self._app.database.write() as session:
            for ident in session.scalars(select(Inbound.id)).all():
                inbox.done(session, ident, self._app.clock())

    def conversations(self) -> set[str]:
        with self._app.database.read() as session:
            return set(session.scalars(select(Inbound.conversation_id)))

    def answers(self) -> list[str]:
        with self._app.database.read() as session:
            return list(session.scalars(select(Outbound.cause)))


@pytest.fixture(params=list(ENTRIES))
def door(request, app_of):
    one = ENTRIES[request.param]
    with one.standin() as api:
        yield Door(one, api, app_of(one, api))


def run(main):
    return asyncio.run(asyncio.wait_for(main, 30))


async def attempt(channel: Any, address: str, words: str) -> SendError | None:
    """The error of sending, None when it is sent."""
    try:
        await channel.send(address, {"text": words})
    except SendError as error:
        return error
    return None


def spoilt(good: Any):
    """Copies of a JSON value, in each of which one inner value is of another type or missing."""
    for path in paths(good):
        for wrong in (None, True, 5, -1, 2**80, "", "x", [], [5], {}, {"id": 5}):
            copy = deepcopy(good)
            at(copy, path[:-1])[path[-1]] = wrong
            yield copy
        copy = deepcopy(good)
        del at(copy, path[:-1])[path[-1]]
        yield copy


def paths(value: Any, before: tuple = ()):
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield (*before, key)
        yield from paths(inner, (*before, key))


def at(value: Any, path: tuple) -> Any:
    for key in path:
        value = value[key]
    return value
