"""The Zalo Bot channel against the stand-in: what comes in, what goes out, what survives without acknowledgements."""

import asyncio
import json
import logging
import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st
from sqlalchemy import select

from bot.channels import all_channels, base
from bot.channels.base import SendError
from bot.channels.zalo_bot import QUOTA_AFTER_SECONDS, ZaloBotChannel, incoming, make, router, update_of
from bot.clock import now
from bot.config import Settings
from bot.messages import Incoming
from bot.services import inbox
from bot.services.keep import Kept
from bot.store.tables import Inbound
from bot.wording import say
from tests.standins.zalo_bot import ZaloBotStandIn, update, wrapped

CHAT = "6ede9afa66b88fe6d6a9"
TOKEN = "4711:a"
SECRET = "tam-ky-tu-tro-len"
HOST = "https://bot.example.vn"
BOT = {"id": "4711", "display_name": "Bot Thử", "is_bot": True}
TEXT = "message.text.received"


def text(words, chat=CHAT, **more):
    return update(TEXT, chat, text=words, **more)


AT = datetime(2025, 6, 19, 6, 55, 31, 602000, UTC)


def typed(words, **more):
    return Incoming("zalo_bot", "m1", CHAT, text=words, at=AT, **more)


def answered(**more):
    return Incoming("zalo_bot", "m1", CHAT, at=AT, answer=say("not_text"), **more)


# --- what comes in


UPDATES = {
    "text": (text("làm căn cước"), typed("làm căn cước")),
    "a number": (text("2"), typed("2")),
    "several lines, white space around": (text("  một\nhai \n"), typed("một\nhai")),
    "lone surrogate": (text("chào \ud83d bạn"), typed("chào \ufffd bạn")),
    "an emoji": (text("👍"), typed("👍")),
    "decomposed": (text("cha\u0300o"), typed("cha\u0300o")),
    "unknown fields": (text("chào", brand_new={"a": 1}), typed("chào")),
    "white space": (text(" \n "), None),
    "empty": (text(""), None),
    "text is a number": (text(5), None),
    "our own echo": (text("chào", sender=BOT), None),
    "our own echo without the mark": (text("chào", sender={"id": "4711", "display_name": "Bot Thử"}), None),
    "another bot": (text("chào", sender={"id": "1", "is_bot": True}), None),
    "group": (text("chào", chat_type="GROUP"), None),
    "a kind of chat to come": (text("chào", chat_type="BROADCAST"), None),
    "no kind of chat": (text("chào", chat_type=None), None),
    "no time": (text("chào", date=None), Incoming("zalo_bot", "m1", CHAT, text="chào")),
    "a time far off": (text("chào", date=10**20), Incoming("zalo_bot", "m1", CHAT, text="chào")),
    "picture": (update("message.image.received", CHAT, photo="https://a/b.jpg"), answered(photo="https://a/b.jpg")),
    "picture by its other name": (update("message.image.received", CHAT, photo_url="https://a/b.jpg", caption=" "), answered(photo="https://a/b.jpg")),
    "picture at no address": (update("message.image.received", CHAT, photo="javascript:x"), answered()),
    "picture with words": (update("message.image.received", CHAT, photo="https://a/b.jpg", caption="xem giúp"), typed("xem giúp", photo="https://a/b.jpg")),
    "sticker": (update("message.sticker.received", CHAT, sticker="x", url="https://a/b"), answered()),
    "voice": (update("message.voice.received", CHAT, voice_url="https://a/b.aac"), answered()),
    "what is not handed on": (update("message.unsupported.received", CHAT), answered()),
    "a kind to come": (update("message.location.received", CHAT), answered()),
    "sticker in a group": (update("message.sticker.received", CHAT, chat_type="GROUP"), None),
    "our own picture": (update("message.image.received", CHAT, sender=BOT), None),
    "an event to come": (update("message.edited", CHAT, text="chào"), None),
    "no message id": (text("chào", message_id=None), None),
    "message id is a number": (text("chào", message_id=7), None),
    "message id is too long": (text("chào", message_id="m" * 121), None),
    "message id cannot be stored": (text("chào", message_id="m\0"), None),
    "chat id is too long": (text("chào", chat="c" * 81), None),
    "chat id is a number": (text("chào", chat=7), None),
    "sender is missing": (text("chào", sender=[1]), None),
    "empty object": ({}, None),
    "null": (None, None),
    "a list": ([], None),
}


@pytest.mark.parametrize(("found", "expected"), UPDATES.values(), ids=UPDATES)
def test_an_update_becomes_what_the_citizen_typed(found, expected):
    assert incoming(found, "4711") == expected


def test_both_forms_of_a_body_are_read():
    one = text("chào")
    assert update_of(one) == update_of(wrapped(one)) == one
    assert update_of({"ok": True, "result": {}}) is None
    assert update_of({"ok": True, "result": {"url": "", "updated_at": 1}}) is None
    assert update_of({"event_name": 5, "message": {}}) is None
    assert update_of({"event_name": TEXT, "message": []}) is None


KEYS = st.sampled_from(["event_name", "message", "result", "ok", "chat", "from", "id", "chat_type", "text", "is_bot", "message_id"])
JSONS = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["PRIVATE", TEXT]),
                     lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=20)


@given(JSONS, st.text(st.characters(), max_size=20))
@runs(max_examples=300, deadline=None)
def test_no_body_makes_the_channel_stumble(body, words):
    found = update_of(body)
    assert found is None or isinstance(found["message"], dict)
    for one in (body, text(words)):
        message = incoming(one)
        if message is not None:
            (message.text + message.address + message.platform_id).encode()
            assert message.text or message.answer


# --- what goes out


def test_a_text_goes_out_plain(api):
    ids, = send(api, {"text": "**1** < 2 & [x](y)"})
    assert api.calls == [("sendMessage", {"chat_id": CHAT, "text": "**1** < 2 & [x](y)"})]
    assert ids == api.sent[0].message_id


def test_a_text_is_composed_before_it_is_counted(api):
    send(api, {"text": "ba\u0300i " * 499})
    assert [s.text for s in api.sent] == [("bài " * 499).strip()]


def test_a_long_text_goes_out_in_parts_within_the_limit(api):
    words = "\n\n".join(f"Bước {n}. Mang giấy tờ đến {'xã ' * 300}😀." for n in range(6))
    ids, = send(api, {"text": words})
    assert " ".join(s.text for s in api.sent).split() == words.split()
    assert max(len(s.text) for s in api.sent) <= 2000
    assert ids == ",".join(s.message_id for s in api.sent)
    assert len(api.sent) == 3


def test_buttons_become_numbers_and_letters_stay_letters(api):
    send(api, {"text": "Ý bạn là việc nào?", "buttons": [{"title": "Khai sinh", "payload": "b1", "n": 1}, {"title": "Khai tử", "payload": "b2", "n": 2}]},
         {"text": "❓ Gác máy?\n\nA. Có\nB. Không", "buttons": [{"title": "A", "payload": "b3", "n": None}, {"title": "B", "payload": "b4", "n": None}]},
         {"text": "Đã chọn: A.", "buttons": [{"title": t, "payload": "b", "n": None} for t in ("B", "Xong", "Chọn lại")]},
         {"text": "Nhắc bạn", "buttons": [{"title": "Để sau", "payload": "b5"}]})
    assert [s.text for s in api.sent] == [
        "Ý bạn là việc nào?\n\nGõ số để chọn:\n1. Khai sinh\n2. Khai tử", "❓ Gác máy?\n\nA. Có\nB. Không",
        "Đã chọn: A.\n\nGõ “Xong” hoặc “Chọn lại”.", "Nhắc bạn\n\nGõ số để chọn:\n1. Để sau"]


def test_a_picture_goes_out_with_its_text_under_it(api):
    ids, = send(api, {"text": "chữ", "image": "https://example.vn/a.png", "alt": "tin nhắn giả", "buttons": [{"title": "Tiếp", "payload": "b", "n": 1}]})
    assert [s[:3] for s in api.sent] == [(CHAT, "chữ\n\nGõ số để chọn:\n1. Tiếp", "https://example.vn/a.png")]
    assert ids == api.sent[0].message_id


def test_the_rest_of_a_long_text_follows_its_picture(api):
    words = ("một " * 480 + "\n\n") * 3
    send(api, {"text": words, "image": "https://example.vn/a.png"})
    assert [bool(s.photo) for s in api.sent] == [True, False, False]
    assert " ".join(s.text for s in api.sent).split() == words.split()


def test_a_picture_alone_goes_without_words(api):
    send(api, {"text": "", "image": "https://example.vn/a.png"})
    assert api.calls == [("sendPhoto", {"chat_id": CHAT, "photo": "https://example.vn/a.png"})]


def test_a_picture_without_public_address_is_described(api):
    send(api, {"text": "chữ", "image": "/pictures/abc.png", "alt": "tin nhắn giả"}, {"text": "chữ", "image": __file__})
    assert [s[1:3] for s in api.sent] == [("🖼 tin nhắn giả\n\nchữ", ""), ("chữ", "")]


def test_a_picture_that_is_refused_is_described(api):
    api.broken_urls.add("https://example.vn/gone.png")
    send(api, {"text": "chữ", "image": "https://example.vn/gone.png", "alt": "tin nhắn giả"}, {"text": "chữ", "image": "https://example.vn/gone.png"})
    assert [s[1:3] for s in api.sent] == [("🖼 tin nhắn giả\n\nchữ", ""), ("chữ", "")]
    assert refusal(api, {"text": "", "image": "https://example.vn/gone.png"}).failure is base.BAD_REQUEST


FAILURES = {
    "400": base.BAD_REQUEST, "403": base.UNKNOWN_OUTCOME, "404": base.GONE, "408": base.UNKNOWN_OUTCOME, "429": base.RETRY_AFTER,
    "500": base.UNKNOWN_OUTCOME, "timeout": base.UNKNOWN_OUTCOME, "disconnect": base.UNKNOWN_OUTCOME, "garbage": base.UNREACHABLE,
    "not_ok": base.UNREACHABLE, "other_page": base.MISCONFIGURED}


@pytest.mark.parametrize(("kind", "failure"), FAILURES.items())
def test_a_failure_has_its_name(api, kind, failure):
    api.fail_next(1, kind)
    error = refusal(api, {"text": "chữ"}, timeout_seconds=0.3)
    assert error.failure is failure
    assert len(api.sent) == (1 if kind == "timeout" else 0), "only a time-out leaves open what happened"


@pytest.mark.parametrize("kind", [k for k in FAILURES if k != "400"])
def test_a_picture_fails_like_a_text(api, kind):
    api.fail_next(1, kind)
    assert refusal(api, {"text": "chữ", "image": "https://example.vn/a.png"}, timeout_seconds=0.3).failure is FAILURES[kind]


def test_the_other_refusals_have_theirs(api):
    assert refusal(api, {"text": "chữ"}, to="unknown").failure is base.GONE
    assert refusal(api, {"text": " \n"}).failure is base.BAD_REQUEST
    assert refusal(api, {"text": "chữ"}, token="4711:b").failure is base.BAD_TOKEN
    assert refusal(api, {"text": "chữ"}, url="ftp://127.0.0.1").failure is base.MISCONFIGURED
    assert refusal(api, {"text": "chữ"}, url="http://[::1").failure is base.MISCONFIGURED
    assert api.sent == []


def test_nobody_listening_is_unreachable(api):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert refusal(api, {"text": "chữ"}, url=f"http://127.0.0.1:{free.getsockname()[1]}").failure is base.UNREACHABLE


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("0", 0.0), (None, 15.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 15.0), ("-1", 15.0), ("nan", 15.0)])
def test_a_wait_is_as_long_as_the_platform_says(api, header, seconds):
    api.retry_after = header
    api.fail_next(1, "429")
    assert refusal(api, {"text": "chữ"}).retry_after_seconds == seconds


@pytest.mark.parametrize(("kind", "times"), [("500", 1), ("disconnect", 1), ("timeout", 2)])
def test_a_retry_goes_on_with_the_part_that_failed(api, kind, times):
    """times: how often the part in question arrives; nobody knows that it did when the answer does not come."""
    words = "a" * 1900 + " " + "b" * 1900 + " " + "c" * 1900
    api.fail_next(1, "ok")
    api.fail_next(1, kind)

    async def main():
        async with opened(channel(api, timeout_seconds=0.3)) as bot:
            with pytest.raises(SendError):
                await bot.send(CHAT, {"text": words})
            return await bot.send(CHAT, {"text": words}), await bot.send(CHAT, {"text": words})

    first, second = run(main())
    assert [s.text[0] for s in api.sent] == ["a", *"b" * times, "c", "a", "b", "c"]
    assert (len(first.split(",")), len(second.split(","))) == (3, 3)


# --- 429 and a refused token concern the whole bot


class Clock:
    def __init__(self):
        self.at = 1_800_000_000.0

    def __call__(self):
        return self.at


def test_after_a_429_nothing_is_asked_until_the_time_is_over(api):
    api.retry_after = "30"
    api.fail_next(1, "429")
    api.meet("other")
    clock = Clock()

    async def main():
        async with opened(channel(api, clock=clock)) as bot:
            first = await failed(bot.send(CHAT, {"text": "chữ"}))
            clock.at += 10
            second = await failed(bot.send("other", {"text": "chữ"}))
            asked = len(api.calls)
            clock.at += 20
            await bot.send("other", {"text": "chữ"})
            return first, second, asked

    first, second, asked = run(main())
    assert [(e.failure, e.retry_after_seconds) for e in (first, second)] == [(base.RETRY_AFTER, 30), (base.RETRY_AFTER, 20)]
    assert (asked, [s.chat for s in api.sent]) == (1, ["other"])


def test_waits_without_a_time_grow_and_begin_anew(api):
    clock, waits = Clock(), []

    async def main():
        async with opened(channel(api, clock=clock)) as bot:
            for kind in ("429", "429", "429", "ok", "429"):
                api.fail_next(1, kind)
                try:
                    await bot.send(CHAT, {"text": "chữ"})
                except SendError as error:
                    waits.append(error.retry_after_seconds)
                    clock.at += error.retry_after_seconds

    run(main())
    assert waits == [15, 30, 60, 15]


def test_many_refused_at_once_count_once(api):
    api.fail_next(5, "429")
    for n in range(5):
        api.meet(f"c{n}")

    async def main():
        async with opened(channel(api, clock=Clock())) as bot:
            return await asyncio.gather(*(failed(bot.send(f"c{n}", {"text": "chữ"})) for n in range(5)))

    assert {(e.failure, e.retry_after_seconds) for e in run(main())} == {(base.RETRY_AFTER, 15.0)}


def test_a_clock_that_goes_back_stops_nothing(api):
    api.retry_after = "30"
    api.fail_next(1, "429")
    clock = Clock()

    async def main():
        async with opened(channel(api, clock=clock)) as bot:
            await failed(bot.send(CHAT, {"text": "chữ"}))
            clock.at -= 3600
            await bot.send(CHAT, {"text": "chữ"})

    run(main())
    assert len(api.sent) == 1


def test_429_for_hours_is_the_quota_over_restarts_and_an_alert(api, database, caplog):
    api.quota = 0
    clock, kept, names, waits, passed = Clock(), Kept(database, settings(api), now), [], [], 0.0

    async def main(steps):
        nonlocal passed
        async with opened(channel(api, keep=kept, clock=clock)) as bot:
            for _ in range(steps):
                try:
                    await bot.send(CHAT, {"text": "chữ"})
                    names.append("sent")
                except SendError as error:
                    names.append(error.failure.name)
                    waits.append(error.retry_after_seconds)
                    clock.at += error.retry_after_seconds
            return await bot.state()

    assert run(main(4)) == {"up": True, "why": "retry_after", "token_expires_seconds": None}
    clock.at += QUOTA_AFTER_SECONDS
    assert run(main(2)) == {"up": False, "why": "quota", "token_expires_seconds": None}, "another process"
    assert run(channel(api, keep=kept).state())["why"] == "quota", "the web process, which does not send"
    api.quota = 3000
    assert run(main(1)) == {"up": True, "why": "", "token_expires_seconds": None}
    api.quota = 0
    assert run(main(1))["why"] == "retry_after", "and the count begins anew"
    assert names == ["retry_after"] * 4 + ["quota"] * 2 + ["sent", "retry_after"]
    assert waits[4:6] == [3600, 3600]
    assert base.QUOTA.retry and base.QUOTA.ours
    assert sum(r.levelno == logging.ERROR and "quota" in r.getMessage() for r in caplog.records) == 2


def test_a_refused_token_stops_the_channel_and_alerts(api, caplog):
    clock = Clock()

    async def main():
        async with opened(channel(api, token="4711:b", clock=clock)) as bot:
            errors = [await failed(bot.send(CHAT, {"text": "chữ"})) for _ in range(3)]
            return errors, await bot.state()

    errors, state = run(main())
    assert [(e.failure, e.retry_after_seconds) for e in errors] == [(base.BAD_TOKEN, 300)] * 3
    assert state == {"up": False, "why": "bad_token", "token_expires_seconds": None}
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR] == [
        "Zalo bot: bad_token; nothing gets through for 0 min, again in 5 min"]


def test_what_is_noted_may_fail_without_harm(api):
    class Broken:
        def get(self, key):
            return None

        def put(self, key, value):
            raise RuntimeError("database is down")

    api.fail_next(1, "429")
    assert refusal(api, {"text": "chữ"}, keep=Broken()).failure is base.RETRY_AFTER


# --- polling


def test_polling_stores_what_citizens_say_in_order(api):
    api.user_says(CHAT, "một")
    api.user_says(CHAT, "nhóm", chat_type="GROUP")
    api.user_says(CHAT, "vọng", sender=BOT)
    api.add("message.brand_new", CHAT)
    api.user_says(CHAT, "hai")
    assert [m.text for m in polled(api, channel(api), most=2)] == ["một", "hai"]
    assert [f for m, f in api.calls if m == "getUpdates"][0] == {"timeout": 30}
    assert set(api.methods()) == {"getUpdates"}


def test_a_list_of_updates_is_read_alike(api):
    api.as_list = True
    api.user_says(CHAT, "một")
    assert [m.text for m in polled(api, channel(api))] == ["một"]


def test_long_polling_waits_for_news(api):
    async def main():
        stored = []

        async def store(found):
            stored.append(found.text)

        async with opened(channel(api)) as bot:
            task = asyncio.create_task(bot.poll(store))
            for n, words in enumerate(("một", "hai"), 1):
                await met(lambda n=n: api.methods() == ["getUpdates"] * n)
                api.user_says(CHAT, words)
                await met(lambda n=n: len(stored) == n)
            task.cancel()
        return stored

    assert run(main()) == ["một", "hai"]


def test_an_update_is_stored_before_the_next_one_is_asked_for(api):
    api.user_says(CHAT, "một")
    api.user_says(CHAT, "hai")
    asked = []

    async def store(found):
        await asyncio.sleep(0.05)
        asked.append(len(api.calls))

    polled(api, channel(api), most=2, store=store, until=lambda stored: len(asked) == 2)
    assert asked == [1, 2]


def test_nothing_new_is_no_failure(api, caplog):
    api.fail_next(1, "408", "getUpdates")
    naps = []
    polled(api, channel(api, long_poll_seconds=0.05, sleep=napping(naps)), until=lambda stored: len(api.calls) > 3)
    assert max(naps) <= 1 and len(naps) >= 3, "an answer that comes at once is waited out, so that nothing spins"
    assert [r for r in caplog.records if r.name.startswith("bot.")] == []


def test_a_store_that_fails_is_tried_until_it_works_for_nobody_hands_it_out_again(api):
    api.user_says(CHAT, "một")
    api.user_says(CHAT, "hai")
    failures, naps, asked = [RuntimeError("database is down")] * 3, [], []

    async def store(found):
        asked.append((found.text, len(api.calls)))
        if failures:
            raise failures.pop()

    stored = polled(api, channel(api, sleep=napping(naps)), most=5, store=store)
    assert [m.text for m in stored] == ["một"] * 4 + ["hai"]
    assert (naps[:3], asked) == ([1, 2, 4], [("một", 1)] * 4 + [("hai", 2)])


def test_a_cancelled_poll_still_stores_what_it_holds(api):
    api.user_says(CHAT, "một")
    stored = []

    async def main():
        begun = asyncio.Event()

        async def store(found):
            begun.set()
            await asyncio.sleep(0.1)
            stored.append(found.text)

        async with opened(channel(api)) as bot:
            task = asyncio.create_task(bot.poll(store))
            await begun.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert stored == []

    run(main())
    assert stored == ["một"]


def test_a_webhook_in_the_way_is_removed(api):
    api.user_says(CHAT, "một")
    api.webhook_url = "https://example.vn/old"
    naps = []
    stored = polled(api, channel(api, sleep=napping(naps)))
    assert ([m.text for m in stored], api.webhook_url, naps[0]) == (["một"], "", 1)


def test_polling_backs_off_and_recovers(api):
    for kind in ["500"] * 7 + ["garbage", "disconnect", "ok", "403"]:
        api.fail_next(1, kind, "getUpdates")
    api.retry_after = "45"
    api.fail_next(1, "429", "getUpdates")
    api.user_says(CHAT, "một")
    naps = []
    polled(api, channel(api, sleep=napping(naps)), until=lambda stored: len(naps) >= 11)
    assert naps[:11] == [1, 2, 4, 8, 16, 30, 30, 30, 30, 1, 45]


def test_a_bad_token_is_an_error_every_five_minutes(api, caplog):
    naps = []
    polled(api, channel(api, token="4711:b", sleep=napping(naps)), until=lambda stored: len(naps) >= 2)
    assert naps[:2] == [300, 300]
    assert any(r.levelno == logging.ERROR and "bad_token" in r.getMessage() for r in caplog.records)


def test_a_repeated_update_is_one_message(api, database):
    for _ in range(3):
        api.user_says(CHAT, "một", message_id="m7")
    api.user_says(CHAT, "hai", message_id="m8")
    api.user_says(CHAT, "một", message_id="m7")

    async def store(found):
        def write():
            with database.write() as session:
                inbox.store(session, b"key", found, now())

        await asyncio.to_thread(write)

    polled(api, channel(api), most=5, store=store)
    with database.read() as session:
        assert session.execute(select(Inbound.platform_id, Inbound.text).order_by(Inbound.id)).all() == [("m7", "một"), ("m8", "hai")]


@pytest.mark.parametrize(("name", "errors"), [("bot.thu", 0), ("bot.that", 1), ("", 0)])
def test_a_token_of_another_bot_is_noticed(api, caplog, name, errors):
    api.user_says(CHAT, "một")
    assert len(polled(api, channel(api, name=name))) == 1
    assert sum("another bot" in r.getMessage() for r in caplog.records) == errors
    assert ("getMe" in api.methods()) == bool(name)


# --- the webhook's address


def poll_once(api, **options):
    async def main():
        async with opened(channel(api, **options)) as bot:
            await bot.poll(refuse)

    run(main())


def test_the_webhook_is_set_where_it_differs(api, database):
    kept = Kept(database, settings(api), now)
    for _ in range(2):
        poll_once(api, secret=SECRET, public_url=HOST + "/", keep=kept)
    assert (api.webhook_url, api.webhook_secret) == (HOST + "/channels/zalo-bot", SECRET)
    assert api.methods() == ["getWebhookInfo", "setWebhook", "getWebhookInfo", "getWebhookInfo"]
    poll_once(api, secret=SECRET + "-new", public_url=HOST, keep=kept)
    assert api.webhook_secret == SECRET + "-new", "the platform does not tell its secret, so ours is remembered"
    poll_once(api, secret=SECRET, public_url="https://other.example.vn", keep=kept)
    assert (api.webhook_url, api.webhook_secret) == ("https://other.example.vn/channels/zalo-bot", SECRET)


def test_a_webhook_set_by_hand_is_left_alone(api):
    api.webhook_url, api.webhook_secret = HOST + "/channels/zalo-bot", SECRET
    poll_once(api, secret=SECRET, public_url=HOST)
    poll_once(api, secret=SECRET)
    assert api.methods() == ["getWebhookInfo"]


@pytest.mark.parametrize(("secret", "public_url"), [("ngan", HOST), ("d" * 257, HOST), (SECRET, "http://bot.example.vn")])
def test_a_webhook_the_platform_would_refuse_is_an_error(api, caplog, secret, public_url):
    poll_once(api, secret=secret, public_url=public_url)
    assert (api.calls, [r.levelno for r in caplog.records if "no webhook set" in r.getMessage()]) == ([], [logging.ERROR])


def test_a_private_address_is_refused_once(api, caplog):
    poll_once(api, secret=SECRET, public_url="https://192.168.1.5")
    assert (api.methods(), api.webhook_url) == (["getWebhookInfo", "setWebhook"], "")
    assert any("not set: bad_request" in r.getMessage() for r in caplog.records)


def test_setting_the_webhook_is_tried_until_it_works(api):
    api.fail_next(2, "500")
    api.fail_next(1, "ok")
    api.fail_next(1, "403", "setWebhook")
    naps = []
    poll_once(api, secret=SECRET, public_url=HOST, sleep=napping(naps))
    assert (api.webhook_url, naps) == (HOST + "/channels/zalo-bot", [1, 2, 4])


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

    polled(api, channel(api, sleep=napping([])), store=store, most=3)
    refusal(api, {"text": "bí mật"})
    refusal(api, {"text": "bí mật"}, token="4711:b")
    poll_once(api, secret="ngan", public_url=HOST)
    poll_once(api, secret=SECRET, public_url=HOST)
    posted(api, [text("bí mật")], given="sai-bi-mat")
    said = "\n".join(r.getMessage() + str(r.exc_info or "") for r in caplog.records if r.name.split(".")[0] in ("bot", "httpx", "httpcore"))
    assert "could not be stored" in said and "bad_token" in said
    assert [word for word in ("bí mật", CHAT, "An", TOKEN, "4711:b", SECRET, api.url) if word in said] == []


# --- the webhook


def test_both_forms_are_stored_and_answered(api):
    bodies = [text("một"), wrapped(text("hai", message_id="m2")), text("một"), text("ba", message_id="m3", chat_type="GROUP"),
              text("vọng", message_id="m4", sender=BOT), wrapped(update("user.followed", CHAT)), text("b", message_id="m0"),
              update("message.sticker.received", CHAT, "m5")]
    answers, stored = posted(api, bodies)
    assert [a.status_code for a in answers] == [200] * len(bodies)
    assert [(m.platform_id, m.text) for m in stored] == [("m1", "một"), ("m2", "hai"), ("m1", "một"), ("m0", "b"), ("m5", "")]
    assert stored[-1].answer == say("not_text")


@pytest.mark.parametrize(("configured", "given"), [(SECRET, None), (SECRET, ""), (SECRET, SECRET + "x"), (SECRET, SECRET[:-1]),
                                                   (SECRET, "é".encode()), ("", None), ("", "")])
def test_a_webhook_without_the_secret_is_refused(api, configured, given):
    answers, stored = posted(api, [text("một")], configured, given)
    assert ([a.status_code for a in answers], stored) == ([403], [])


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"{}", b'"a"', b"\xff\xfe", b"[" * 100_000, b'{"event_name": 1, "message": {}}',
                                  b'{"ok": true, "result": null}', b'{"event_name": "message.text.received"}', b"9" * 5000], ids=range(12))
def test_a_malformed_webhook_body_is_refused(api, body):
    answers, stored = posted(api, [body])
    assert ([a.status_code for a in answers], stored) == ([400], [])


def test_a_store_that_takes_too_long_is_a_503_and_still_tried(api):
    """Nobody knows whether the platform repeats a delivery; if it does, the message id makes it one message."""
    failures, kept = [RuntimeError("bí mật")] * 3, []

    async def store(found):
        if failures:
            raise failures.pop()
        kept.append(found.text)

    async def sleep(_):
        await asyncio.sleep(0.15)

    answers, _ = posted(api, [text("một")], store=store, store_seconds=0.2, sleep=sleep)
    assert [(a.status_code, "mật" in a.text) for a in answers] == [(503, False)]
    assert kept == ["một"]


# --- the stand-in itself, where the channel does not go


def test_the_stand_in_keeps_to_the_fact_sheet(api):
    def call(method, token=TOKEN, **fields):
        answer = httpx.post(f"{api.url}/bot{token}/{method}", json=fields)
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


# --- fixtures and helpers


@pytest.fixture
def api():
    with ZaloBotStandIn(TOKEN) as one:
        one.meet(CHAT)
        yield one


def settings(api, token="", secret="", public_url="", name="", url=""):
    return Settings(_env_file=None, zalo_bot_token=token or TOKEN, zalo_bot_api_url=url or api.url, zalo_bot_webhook_secret=secret,
                    public_url=public_url, zalo_bot_name=name, secret_key="a key for tests")


def channel(api, token="", secret="", public_url="", name="", url="", **options):
    return ZaloBotChannel(settings(api, token, secret, public_url, name, url), **options)


@asynccontextmanager
async def opened(bot):
    """The channel, closed at the end."""
    try:
        yield bot
    finally:
        await bot.close()


def run(main):
    return asyncio.run(asyncio.wait_for(main, 20))


async def met(condition):
    """Waits until it holds; fails after five seconds."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


def napping(naps):
    """Stands for asyncio.sleep: notes the seconds and goes on at once."""
    async def sleep(seconds):
        naps.append(seconds)
        await asyncio.sleep(0.005)

    return sleep


async def refuse(found):
    raise AssertionError("nothing is to be stored")


async def failed(work):
    """The error of a message that is not sent."""
    with pytest.raises(SendError) as caught:
        await work
    return caught.value


def send(api, *bodies, **options):
    """The ids of each message, sent to CHAT."""
    async def main():
        async with opened(channel(api, **options)) as bot:
            return [await bot.send(CHAT, body) for body in bodies]

    return run(main())


def refusal(api, body, to=CHAT, **options):
    async def main():
        async with opened(channel(api, **options)) as bot:
            return await failed(bot.send(to, body))

    return run(main())


def polled(api, bot, most=1, store=None, until=None):
    """What polling hands to the store until it is so much, or until a condition."""
    stored = []

    async def keep(found):
        stored.append(found)
        if store is not None:
            await store(found)

    async def main():
        async with opened(bot):
            task = asyncio.create_task(bot.poll(keep))
            await met(lambda: task.done() or (len(stored) >= most if until is None else until(stored)))
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled(), "polling has ended by itself"

    run(main())
    return stored


def posted(api, bodies, configured=SECRET, given=SECRET, store=None, **options):
    """The answers to webhook requests, and what was stored."""
    stored = []

    async def keep(found):
        stored.append(found)
        if store is not None:
            await store(found)

    async def main():
        web = FastAPI()
        async with opened(channel(api, secret=configured, **options)) as bot:
            web.include_router(router(bot, keep))
            headers = {} if given is None else {"X-Bot-Api-Secret-Token": given}
            async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://bot", headers=headers) as client:
                return [await client.post("/channels/zalo-bot", content=b if isinstance(b, bytes) else json.dumps(b)) for b in bodies]

    return run(main()), stored
