"""The Telegram channel against the stand-in: what comes in, what goes out, and what survives."""

import asyncio
import json
import logging
import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st
from sqlalchemy import select
from telegram import Update
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from bot.channels import all_channels, base
from bot.channels.base import Moved, SendError
from bot.channels.rendering import split
from bot.channels.telegram import ALLOWED_UPDATES, COMMANDS, Pace, TelegramChannel, failure_of, incoming, make, router
from bot.clock import now
from bot.config import Settings
from bot.messages import Incoming
from bot.services import inbox
from bot.store.tables import Inbound, Outbound
from bot.wording import say
from tests.standins.telegram import TelegramStandIn, units

CHAT = 7654321987
SECRET = "s3cret_-"
CITIZEN = {"id": CHAT, "is_bot": False, "first_name": "An", "language_code": "vi"}
PRIVATE = {"id": CHAT, "type": "private", "first_name": "An"}
GROUP = {"id": -100123, "type": "supergroup", "title": "Tổ công nghệ số"}
BOT = {"id": 999, "is_bot": True, "first_name": "Stub", "username": "stub_bot"}


def message(update_id=10, chat=PRIVATE, **content):
    return {"update_id": update_id, "message": {"message_id": 1, "date": 1700000000, "chat": chat, "from": CITIZEN, **content}}


def tap(update_id=11, chat=PRIVATE, **content):
    return {"update_id": update_id, "callback_query": {
        "id": "c1", "chat_instance": "x", "from": CITIZEN, "data": "bAbC123",
        "message": {"message_id": 5, "date": 1700000000, "chat": chat, "from": BOT, "text": "?"}, **content}}


def typed(text):
    return Incoming("telegram", "10", str(CHAT), text=text, message="1")


def wordless(album="", update_id="10", **more):
    return Incoming("telegram", update_id, str(CHAT), answer=say("not_text"), album=album, **more)


def edit(text, **more):
    return {"update_id": 12, "edited_message": {**message(text=text, **more)["message"], "edit_date": 1700000001}}


def membership(status, chat=PRIVATE, date=1700000000, who=CITIZEN):
    return {"update_id": 13, "my_chat_member": {"chat": chat, "from": who, "date": date, "new_chat_member": {"status": status}}}


# --- what comes in


UPDATES = {
    "text": (message(text="làm căn cước"), typed("làm căn cước")),
    "text with white space around": (message(text="  chào \n"), typed("chào")),
    "several lines": (message(text="một\nhai"), typed("một\nhai")),
    "repeated": (message(text="làm căn cước"), typed("làm căn cước")),
    "unknown fields": (message(text="chào", brand_new={"a": 1}), typed("chào")),
    "lone surrogate": (message(text="chào \ud83d bạn"), typed("chào \ufffd bạn")),
    "start": (message(text="/start", entities=[{"type": "bot_command", "offset": 0, "length": 6}]), typed("xin chào")),
    "start with payload": (message(text="/start abc_1"), typed("xin chào")),
    "command with the bot's name": (message(text="/Hoc@stub_bot"), typed("tôi muốn học")),
    "results": (message(text="/ketqua"), typed("kết quả của tôi")),
    "reminders": (message(text="/nhac"), typed("lời nhắc của tôi")),
    "stop": (message(text="/dung"), typed("dừng học")),
    "help": (message(text="/giup"), typed("giúp tôi")),
    "help in English": (message(text="/help"), typed("giúp tôi")),
    "unknown command": (message(text="/giahan thẻ"), typed("giahan thẻ")),
    "two slashes": (message(text="//chào"), typed("chào")),
    "a slash alone": (message(text="/"), typed("/")),
    "a path, no command": (message(text="ăn/ở"), typed("ăn/ở")),
    "button": (tap(), Incoming("telegram", "11", str(CHAT), button="bAbC123")),
    "button of an old message": (tap(message={"message_id": 5, "date": 0, "chat": PRIVATE}),
                                 Incoming("telegram", "11", str(CHAT), button="bAbC123")),
    "button without data": (tap(data=""), None),
    "button of an inline message": (tap(message=None, inline_message_id="i"), None),
    "button in a group": (tap(chat=GROUP), None),
    "group": (message(chat=GROUP, text="chào"), None),
    "another bot": ({"update_id": 1, "message": {"chat": PRIVATE, "from": BOT, "text": "chào"}}, None),
    "channel post": ({"update_id": 1, "channel_post": {"message_id": 1, "date": 1, "chat": {"id": -1, "type": "channel"},
                                                       "text": "a"}}, None),
    "edited": (edit("sửa"), Incoming("telegram", "12", str(CHAT), text="sửa", message="1", edited=True)),
    "edited in a group": (edit("sửa", chat=GROUP), None),
    "edited picture": ({"update_id": 12, "edited_message": message(photo=[])["message"]}, None),
    "blocked": (membership("kicked"), Incoming("telegram", "13", str(CHAT), left=True, at=datetime.fromtimestamp(1700000001, UTC))),
    "blocked without a date": (membership("kicked", date=None), Incoming("telegram", "13", str(CHAT), left=True)),
    "unblocked": (membership("member"), None),
    "thrown out of a group": (membership("kicked", chat=GROUP), None),
    "membership is a list": ({"update_id": 1, "my_chat_member": []}, None),
    "link of a course": (message(text="/start c-gia-danh-cong-an"), Incoming("telegram", "10", str(CHAT), start="c-gia-danh-cong-an")),
    "link of a commune": (message(text="/start x-13285"), Incoming("telegram", "10", str(CHAT), start="x-13285")),
    "link of a kind unknown": (message(text="/start z-1"), typed("xin chào")),
    "link with more behind it": (message(text="/start c-a b"), typed("xin chào")),
    "link that is no payload": (message(text='/start c-"}{'), typed("xin chào")),
    "voice": (message(voice={}), wordless()),
    "document with words": (message(document={}, caption="đây"), wordless()),
    "picture of an album": (message(photo=[{"file_id": "f"}], media_group_id="77"), wordless("77", photo="file:f")),
    "album is a number": (message(photo=[], media_group_id=77), wordless()),
    "picture in a group": (message(chat=GROUP, photo=[]), None),
    "white space": (message(text=" \n "), None),
    "photo": (message(photo=[{"file_id": "small"}, {"file_id": "f"}]), wordless(photo="file:f")),
    "photo with words": (message(photo=[{"file_id": "f"}], caption="đống rác này"),
                         Incoming("telegram", "10", str(CHAT), text="đống rác này", message="1", photo="file:f")),
    "picture sent as a file": (message(document={"file_id": "d", "mime_type": "image/jpeg"}), wordless(photo="file:d")),
    "photo without a proper id": (message(photo=[{"file_id": "../x"}]), wordless()),
    "place": (message(location={"latitude": 20.25, "longitude": 105.97}), wordless(location=(20.25, 105.97))),
    "place that is none": (message(location={"latitude": 200, "longitude": 1}), wordless()),
    "no update id": ({"message": message(text="chào")["message"]}, None),
    "update id is text": ({**message(text="chào"), "update_id": "10"}, None),
    "update id is true": ({**message(text="chào"), "update_id": True}, None),
    "text is a number": (message(text=5), None),
    "chat is a list": (message(chat=[], text="chào"), None),
    "chat without id": (message(chat={"type": "private"}, text="chào"), None),
    "chat id is text": (message(chat={"id": "7", "type": "private"}, text="chào"), None),
    "message is null": ({"update_id": 1, "message": None}, None),
    "empty": ({}, None),
    "a list": ([], None),
    "null": (None, None),
}


@pytest.mark.parametrize(("update", "expected"), UPDATES.values(), ids=UPDATES)
def test_an_update_becomes_what_the_citizen_meant(update, expected):
    assert incoming(update) == expected


@pytest.mark.parametrize("name", ["text", "start with payload", "button", "group", "edited"])
def test_an_update_object_of_the_library_is_read_alike(name):
    update, expected = UPDATES[name]
    assert incoming(Update.de_json(update, None)) == expected


def test_every_command_of_the_menu_means_something():
    assert {name: incoming(message(text=f"/{name}")).text for name in COMMANDS} == {n: meant for n, (meant, _) in COMMANDS.items()}


@pytest.mark.parametrize("kind", ["photo", "sticker", "document", "voice", "contact", "location", "video_note"])
def test_what_is_no_text_is_noticed_in_private_chats_only(kind):
    assert incoming(message(**{kind: {}})) == wordless()
    assert incoming(message(chat=GROUP, **{kind: {}})) is None


KEYS = st.sampled_from(["update_id", "message", "callback_query", "my_chat_member", "chat", "from", "id", "type", "text", "data",
                        "photo", "is_bot", "new_chat_member", "status", "edited_message", "message_id", "media_group_id", "date"])
JSONS = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("private"),
                     lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=20)


@given(JSONS, st.text(st.characters(), max_size=20))
@runs(max_examples=300, deadline=None)
def test_no_update_makes_the_channel_stumble(update, text):
    assert incoming(update) is None or isinstance(incoming(update), Incoming)
    found = incoming(message(text=text))
    if found is not None:
        found.text.encode()
        assert found.text or found.start


# --- what goes out


WORDS = st.sampled_from(["thủ", "tục", "đăng", "ký", "khai", "sinh.", "Căn", "cước!", "Ninh", "Bình?", "👩‍🌾", "🇻🇳", "😀" * 9, "—", "(",
                         "1.", "nghiêng" * 5, "e\u0302\u0301", "…"])
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", " ", " ", "\n", "\n\n", " \n \n", "  ", ""])), max_size=200).map(
    lambda pairs: "".join(word + space for word, space in pairs))


@given(TEXTS, st.integers(2, 400))
@runs(max_examples=400, deadline=None)
def test_a_long_text_is_split_without_loss(text, most):
    parts = split(text, most)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(0 < units(part) <= most and part == part.strip() for part in parts)
    if all(units(word) <= most for word in text.split()):
        assert [word for part in parts for word in part.split()] == text.split()


def test_a_text_is_cut_at_paragraphs_then_sentences_then_words():
    assert split("Một hai. Ba.\n\nBốn năm sáu.", 20) == ["Một hai. Ba.", "Bốn năm sáu."]
    assert split("Một hai ba bốn. Năm sáu bảy.", 20) == ["Một hai ba bốn.", "Năm sáu bảy."]
    assert split("1. Giấy tờ\n2. Nộp ở xã", 15) == ["1. Giấy tờ", "2. Nộp ở xã"]
    assert split("một hai ba bốn", 10) == ["một hai ba", "bốn"]
    assert split("mộthaibabốn", 4) == ["mộth", "aiba", "bốn"]
    assert split("😀😀😀", 5) == ["😀😀", "😀"]
    assert split("a\n\n" + "b" * 6 + " " + "c" * 9, 12) == ["a\n\nbbbbbb", "ccccccccc"], "no scraps for the sake of a paragraph"
    assert split("a" * 4096) == ["a" * 4096]
    assert split("\ud83d") == ["\ufffd"]
    assert split(" \n ") == []


def test_a_long_message_goes_out_in_parts_with_the_buttons_under_the_last(api):
    text = "\n\n".join(f"Bước {n}. Mang <giấy> & tờ đến {'xã ' * 500}😀." for n in range(4))
    ids, = send(api, {"text": text, "buttons": [{"title": "Tiếp", "payload": "b1"}]}, gap_seconds=0.01)
    assert " ".join(s.text for s in api.sent).split() == text.split()
    assert [s.keyboard for s in api.sent] == [None] * (len(api.sent) - 1) + [[[{"text": "Tiếp", "callback_data": "b1"}]]]
    assert ids == ",".join(str(s.message_id) for s in api.sent)
    assert len(api.sent) == len(split(text)) > 1


def test_any_text_arrives_as_it_was_written():
    """What the stand-in un-escapes is what was sent."""
    chats = count(1)
    pieces = st.sampled_from(["<", ">", "&", "&amp;", "&lt;b&gt;", "<b>", "</i>", "&#65;", "<!--", "<?", "<![CDATA[", '"', "'", "`_*[",
                              ";", "\n"])
    with TelegramStandIn() as api, asyncio.Runner() as runner:
        bot = channel(api)

        @given(st.lists(pieces | st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=12).map("".join))
        @runs(max_examples=120, deadline=None)
        def holds(text):
            if not text.strip():
                return
            chat = next(chats)
            api.meet(chat)
            runner.run(bot.send(str(chat), {"text": text}))
            assert api.sent[-1][:2] == (chat, text.strip())

        holds()
        runner.run(bot.close())


def test_a_message_is_html_without_previews(api):
    send(api, {"text": "1 < 2 & \"3\""})
    fields = next(f for m, f in api.calls if m == "sendMessage")
    assert fields["text"] == '1 &lt; 2 &amp; "3"'
    assert fields["parse_mode"] == "HTML"
    assert json.loads(fields["link_preview_options"]) == {"is_disabled": True}


@pytest.mark.parametrize(("titles", "rows"), [
    (["Có", "Không"], [2]), (["A", "B", "C", "D", "E"], [4, 1]), (["Làm căn cước công dân", "Khác"], [1, 1]),
    (["mười hai ký "], [1]), ([str(n) for n in range(100)], [4] * 25)])
def test_buttons_stand_in_rows(api, titles, rows):
    send(api, {"text": "?", "buttons": [{"title": t, "payload": f"b{n}"} for n, t in enumerate(titles)]})
    assert [len(row) for row in api.sent[0].keyboard] == rows
    assert [b["text"] for row in api.sent[0].keyboard for b in row] == titles


def test_an_image_comes_before_its_text(api):
    ids, = send(api, {"text": "chữ", "image": "https://example.vn/a.png", "buttons": [{"title": "Có", "payload": "b1"}]})
    (_, url, photo), = api.photos
    assert (url, ids) == ("https://example.vn/a.png", f"{photo},{api.sent[0].message_id}")
    assert photo < api.sent[0].message_id
    assert api.sent[0].keyboard


def test_an_image_alone_carries_the_buttons(api):
    send(api, {"text": "", "image": "https://example.vn/a.png", "buttons": [{"title": "Có", "payload": "b1"}]})
    assert "b1" in next(f for m, f in api.calls if m == "sendPhoto")["reply_markup"]


def test_a_broken_image_does_not_keep_the_text_back(api):
    api.broken_urls.add("https://example.vn/gone.png")
    ids, = send(api, {"text": "chữ", "image": "https://example.vn/gone.png"})
    assert (ids, [s.text for s in api.sent]) == (str(api.sent[0].message_id), ["chữ"])


def test_a_file_of_this_machine_is_never_uploaded(api):
    send(api, {"text": "chữ", "image": __file__}, {"text": "chữ", "image": f"file://{__file__}"})
    assert api.methods() == ["sendMessage"] * 2


FAILURES = [("429", base.RETRY_AFTER), ("500", base.UNREACHABLE), ("disconnect", base.UNREACHABLE), ("garbage", base.UNREACHABLE),
            ("not_ok", base.UNREACHABLE), ("timeout", base.UNKNOWN_OUTCOME)]


@pytest.mark.parametrize(("kind", "failure"), FAILURES)
@pytest.mark.parametrize("body", [{"text": "chữ"}, {"image": "https://example.vn/a.png", "text": "chữ"}], ids=["text", "photo"])
def test_a_failure_has_its_name(api, kind, failure, body):
    api.fail_next(1, kind)
    error = refusal(api, body, timeout_seconds=0.3)
    assert error.failure is failure
    assert error.retry_after_seconds == (3 if kind == "429" else None)
    assert len(api.sent) + len(api.photos) == (1 if kind == "timeout" else 0), "only a time-out leaves open what happened"


def test_the_other_refusals_have_theirs(api):
    assert refusal(api, {"text": "chữ"}, to="8").failure is base.GONE
    assert refusal(api, {"text": "chữ"}, to="không").failure is base.GONE
    assert refusal(api, {"text": " "}).failure is base.BAD_REQUEST
    assert refusal(api, {"text": "?", "buttons": [{"title": "Có", "payload": "é" * 33}]}).failure is base.BAD_REQUEST
    api.block(CHAT)
    assert refusal(api, {"text": "chữ"}).failure is base.BLOCKED
    api.token = "1:other"
    assert refusal(api, {"text": "chữ"}, token="1:a").failure is base.BAD_TOKEN
    assert failure_of(BadRequest("Bad Request: message is too long")).failure is base.TOO_LONG
    assert failure_of(TelegramError("Invalid server response")).failure is base.UNREACHABLE
    assert failure_of(NetworkError("Bad Gateway")).failure is base.UNREACHABLE
    assert api.sent == []


def test_a_chat_that_moved_says_where(api):
    api.fail_next(1, "migrate")
    error = refusal(api, {"text": "chữ"})
    assert isinstance(error, Moved)
    assert error.address == "-1001"


def test_nobody_listening_is_unreachable():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        api = TelegramStandIn()
        api.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        assert refusal(api, {"text": "chữ"}).failure is base.UNREACHABLE


@pytest.mark.parametrize("as_timedelta", ["", "true"])
def test_the_wait_is_in_seconds_whatever_the_library_gives(monkeypatch, as_timedelta):
    monkeypatch.setenv("PTB_TIMEDELTA", as_timedelta)
    assert failure_of(RetryAfter(5)).retry_after_seconds == 5.0


@pytest.mark.parametrize(("kind", "times"), [("500", 1), ("429", 1), ("timeout", 2)])
def test_a_retry_goes_on_with_the_part_that_failed(api, kind, times):
    """times: how often the part in question arrives; nobody knows that it did when the answer does not come."""
    api.retry_after_seconds = 1
    text = "a" * 4000 + " " + "b" * 4000 + " " + "c" * 4000
    api.fail_next(1, "ok", "sendMessage")
    api.fail_next(1, kind, "sendMessage")

    async def main():
        async with opened(channel(api, timeout_seconds=0.3, gap_seconds=0.01)) as bot:
            with pytest.raises(SendError):
                await bot.send(str(CHAT), {"text": text})
            return await bot.send(str(CHAT), {"text": text}), await bot.send(str(CHAT), {"text": "xong"})

    ids, last = run(main())
    assert [s.text[0] for s in api.sent] == ["a", *["b"] * times, "c", "x"]
    assert (len(ids.split(",")), last) == (3, str(api.sent[-1].message_id))


def test_a_chat_gets_three_at_once_and_then_one_a_second():
    pace = Pace(1.0)
    waits = []
    for at in (0, 0, 0, 0, 0, 100):
        waits.append(pace.wait_seconds("7", at))
        pace.count("7", at)
    assert waits == [0, 0, 0, 1, 2, 0]
    assert pace.wait_seconds("8", 0) == 0
    pace.hold("7", 30, 100)
    assert pace.wait_seconds("7", 110) == 20


def test_the_pace_keeps_within_telegrams_limit():
    with TelegramStandIn(chat_burst=3.5) as api:
        api.meet(CHAT)
        send(api, *[{"text": str(n)} for n in range(4)])
        assert [s.text for s in api.sent] == ["0", "1", "2", "3"]


def test_a_chat_under_flood_control_is_left_alone_and_others_are_not(api):
    api.retry_after_seconds = 30
    api.meet(8)
    api.fail_next(1, "429")

    async def main():
        async with opened(channel(api)) as bot:
            errors = []
            for _ in range(2):
                with pytest.raises(SendError) as caught:
                    await bot.send(str(CHAT), {"text": "chữ"})
                errors.append(caught.value)
            await bot.send("8", {"text": "chữ"})
            return errors

    first, second = run(main())
    assert (first.failure, first.retry_after_seconds) == (base.RETRY_AFTER, 30)
    assert second.failure is base.RETRY_AFTER
    assert 29 < second.retry_after_seconds <= 30
    assert (api.methods(), [s.chat for s in api.sent]) == (["sendMessage"] * 2, [8])


# --- polling


def test_polling_stores_what_citizens_say_in_order(api):
    api.user_says(CHAT, "một")
    api.add("message", {"odd": True})
    api.add("message", {**message(chat=GROUP, text="nhóm")["message"]})
    query = api.user_taps(CHAT, 1, "b1")
    api.user_says(CHAT, "/hoc")
    stored = polled(api, channel(api), most=3)
    assert [(m.text, m.button) for m in stored] == [("một", ""), ("", "b1"), ("tôi muốn học", "")]
    assert api.answered == [query]
    assert "deleteWebhook" not in api.methods()


def test_an_update_is_stored_before_it_is_confirmed(api):
    first = api.user_says(CHAT, "một")
    second = api.user_says(CHAT, "hai")

    async def store(found):
        assert [u["update_id"] for u in api.pending] == [first, second]

    polled(api, channel(api), most=2, store=store)
    assert asked_from(api)[:2] == [None, second + 1]


def test_a_kill_between_storing_and_confirming_repeats_the_update(api, database):
    """The inbox keeps the repeated one from becoming a second message."""
    ident = api.user_says(CHAT, "một")

    async def store(found):
        await asyncio.to_thread(write, found)

    def write(found):
        with database.write() as session:
            inbox.store(session, b"key", found, now())

    async def killed(found):
        await store(found)
        await asyncio.Event().wait()  # the process ends here

    before = polled(api, channel(api), store=killed)
    assert [u["update_id"] for u in api.pending] == [ident]
    after = polled(api, channel(api), store=store)
    assert before == after == [Incoming("telegram", str(ident), str(CHAT), text="một", message=str(api.written[CHAT]))]
    with database.read() as session:
        assert session.scalars(select(Inbound.platform_id)).all() == [str(ident)]


def test_a_store_that_fails_loses_nothing_and_keeps_the_order(api):
    ids = [api.user_says(CHAT, text) for text in ("một", "hai", "ba")]
    failures = [RuntimeError("database is down"), None, RuntimeError("database is down")]

    async def store(found):
        if failures and (error := failures.pop(0)):
            raise error

    naps = []
    stored = polled(api, channel(api, sleep=napping(naps)), most=5, store=store)
    assert [m.text for m in stored] == ["một", "một", "hai", "hai", "ba"]
    assert naps == [1, 2]
    assert asked_from(api)[:3] == [None, None, ids[0] + 1]


def test_long_polling_resumes_where_it_was(api):
    async def main():
        stored = []

        async def store(found):
            stored.append(found)

        async with opened(channel(api)) as bot:
            task = asyncio.create_task(bot.poll(store))
            await met(lambda: "getUpdates" in api.methods())
            first = api.user_says(CHAT, "một")
            await met(lambda: len(stored) == 1 and len(asked_from(api)) == 2)
            api.user_says(CHAT, "hai")
            await met(lambda: len(stored) == 2 and len(asked_from(api)) == 3)
            task.cancel()
            return first

    first = run(main())
    assert asked_from(api) == [None, first + 1, first + 2]
    fields = [f for m, f in api.calls if m == "getUpdates"][0]
    assert (fields["timeout"], json.loads(fields["allowed_updates"])) == (
        "25", ["message", "edited_message", "callback_query", "my_chat_member"])


def test_when_all_is_confirmed_the_offset_is_forgotten(api):
    """After a week without updates Telegram begins anew with any id, perhaps a lower one."""
    ident = api.user_says(CHAT, "một")
    polled(api, channel(api, long_poll_seconds=0), until=lambda stored: len(asked_from(api)) >= 3)
    assert asked_from(api)[:3] == [None, ident + 1, None]
    assert api.pending == []


def test_a_webhook_in_the_way_is_removed(api):
    api.user_says(CHAT, "một")
    api.webhook_url = "https://example.vn/old"
    naps = []
    stored = polled(api, channel(api, sleep=napping(naps)))
    assert ([m.text for m in stored], api.webhook_url, naps) == (["một"], "", [1])


def test_polling_backs_off_and_recovers(api):
    api.fail_next(7, "500", "getUpdates")
    api.fail_next(1, "ok", "getUpdates")
    api.fail_next(1, "garbage", "getUpdates")
    api.fail_next(1, "429", "getUpdates")
    naps = []
    api.user_says(CHAT, "một")
    polled(api, channel(api, sleep=napping(naps)), until=lambda stored: len(naps) == 9)
    assert naps == [1, 2, 4, 8, 16, 30, 30, 1, 3]


def test_a_bad_token_is_an_error_a_minute(api, caplog):
    naps = []
    polled(api, channel(api, token="1:b", sleep=napping(naps)), until=lambda stored: len(naps) >= 2)
    assert naps[:2] == [60, 60]
    assert any(r.levelno == logging.ERROR and "InvalidToken" in r.getMessage() for r in caplog.records)


def test_an_older_poller_gives_way_and_comes_back(api):
    """409 ends nothing: two pollers take turns, which the worker's lease keeps from happening."""
    async def main():
        stored = []

        async def store(found):
            stored.append(found)

        async with opened(channel(api, sleep=napping([]))) as one, opened(channel(api, sleep=napping([]))) as two:
            tasks = [asyncio.create_task(bot.poll(store)) for bot in (one, two)]
            await met(lambda: "deleteWebhook" in api.methods())
            api.user_says(CHAT, "một")
            await met(lambda: stored)
            for task in tasks:
                task.cancel()
        return stored[0].text

    assert run(main()) == "một"


MENU = ["start", "hoc", "ketqua", "nhac", "dung", "giup"]


def test_the_menu_is_set_once_a_start(api):
    async def main():
        async with opened(channel(api, secret=SECRET)) as bot:
            await bot.poll(refuse)
            await bot.poll(refuse)

    run(main())
    assert {language: [c["command"] for c in menu] for language, menu in api.menus.items()} == {"": MENU, "vi": MENU}
    assert api.methods() == ["setMyCommands"] * 2, "and with a webhook nothing is polled"


def test_a_menu_that_is_refused_is_only_logged(api, caplog):
    api.fail_next(2, "500", "setMyCommands")
    api.user_says(CHAT, "một")
    assert [m.text for m in polled(api, channel(api))] == ["một"]
    assert [r.getMessage() for r in caplog.records if "setMyCommands" in r.getMessage()] == ["setMyCommands: NetworkError"] * 2


# --- what is answered at once


def test_an_album_is_answered_with_one_sentence_whoever_receives_its_parts(api, database):
    """Through the inbox, so that several web processes that get the parts of an album answer it once all the same."""
    for _ in range(3):
        api.user_sends_photo(CHAT, media_group_id="1")
    api.user_sends_photo(8)
    stored = polled(api, channel(api), most=4)
    for found in [*stored, *stored]:
        with database.write() as session:
            inbox.store(session, b"key", found, now())
    with database.read() as session:
        assert sorted(session.execute(select(Outbound.address, Outbound.state)).all()) == [("7654321987", "due"), ("8", "due")]
        assert {r.body["text"] for r in session.scalars(select(Outbound))} == {say("not_text")}


def test_every_callback_query_is_answered(api, caplog):
    good = api.user_taps(CHAT, 1, "b1")
    for number, update in enumerate((tap(chat=GROUP), tap(data=""), tap(message=None))):
        api.add("callback_query", {**update["callback_query"], "id": f"ignored{number}"})
        api._queries[f"ignored{number}"] = True
    stored = polled(api, channel(api), until=lambda stored: len(asked_from(api)) == 2)
    assert [m.button for m in stored] == ["b1"]
    assert sorted(api.answered) == ["ignored0", "ignored1", "ignored2", good]


def test_a_query_that_is_too_old_is_no_trouble(api, caplog):
    api.user_taps(CHAT, 1, "b1")
    api.taps_grow_old()
    stored = polled(api, channel(api), until=lambda stored: "answerCallbackQuery" in api.methods())
    assert [m.button for m in stored] == ["b1"]
    assert [r for r in caplog.records if r.levelno >= logging.WARNING and r.name.startswith("bot.")] == []


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

    polled(api, channel(api, sleep=napping(naps)), most=3, store=store)
    api.block(CHAT)
    refusal(api, {"text": "bí mật"})
    mine = "\n".join(r.getMessage() for r in caplog.records if r.name.split(".")[0] in ("bot", "telegram", "httpx", "httpcore"))
    assert "could not be stored" in mine
    assert [word for word in ("bí mật", str(CHAT), "An", api.token) if word in mine] == []


# --- the webhook


def test_a_webhook_update_is_stored_and_answered(api):
    answers, stored = posted(api, [message(text="một"), message(text="một"), tap(), message(12, chat=GROUP, text="nhóm"),
                                   {"update_id": 13}])
    assert [a.status_code for a in answers] == [200] * 5
    assert [(m.platform_id, m.text, m.button) for m in stored] == [("10", "một", ""), ("10", "một", ""), ("11", "", "bAbC123")]


def test_a_webhook_photo_is_stored_with_the_sentence_that_answers_it(api):
    answers, stored = posted(api, [message(photo=[])])
    assert ([a.status_code for a in answers], stored) == ([200], [wordless()])


# --- the webhook is set on start


PUBLIC = "https://tro-ly.example.vn/"


class Notes(dict):
    """Stands for the database's channel state."""

    def put(self, key, value):
        self[key] = value


def started(api, secret=SECRET, keep=None, public=PUBLIC, naps=None):
    """One start of the channel with a webhook; the methods it called besides the menu."""
    before = len(api.calls)

    async def main():
        async with opened(channel(api, secret=secret, public=public, keep=keep, sleep=napping([] if naps is None else naps))) as bot:
            await bot.poll(refuse)

    run(main())
    return [m for m in api.methods()[before:] if m != "setMyCommands"]


def test_the_webhook_is_set_with_secret_and_kinds_and_nothing_is_dropped(api):
    api.user_says(CHAT, "trước khi có webhook")
    assert started(api) == ["getWebhookInfo", "setWebhook", "getWebhookInfo"]
    fields = next(f for m, f in api.calls if m == "setWebhook")
    assert (fields["url"], fields["secret_token"], json.loads(fields["allowed_updates"])) == (PUBLIC + "channels/telegram", SECRET, ALLOWED_UPDATES)
    assert "drop_pending_updates" not in fields and len(api.pending) == 1


def test_a_webhook_that_is_as_it_should_be_is_left_alone(api):
    notes = Notes()
    started(api, keep=notes)
    assert started(api, keep=notes) == ["getWebhookInfo"]
    assert started(api, secret="another", keep=notes) == ["getWebhookInfo", "setWebhook", "getWebhookInfo"], "Telegram does not tell the secret"
    api.webhook_url = "https://example.vn/other"
    assert "setWebhook" in started(api, secret="another", keep=notes)
    assert SECRET not in str(notes) and "another" not in str(notes)


def test_without_an_address_that_telegram_takes_no_webhook_is_set(api, caplog):
    assert started(api, public="") == []
    assert started(api, public="http://tro-ly.example.vn") == []
    assert [r.levelname for r in caplog.records if "PUBLIC_URL" in r.getMessage()] == ["ERROR"]


def test_setting_the_webhook_is_tried_until_it_works(api):
    for kind in ("500", "429", "disconnect"):
        api.fail_next(1, kind, "getWebhookInfo")
    naps = []
    assert started(api, naps=naps)[-2:] == ["setWebhook", "getWebhookInfo"]
    assert naps == [1, 3, 4]
    assert api.webhook_secret == SECRET


# --- pictures as bytes


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40 + b"\r\n--\n"
OURS = f"/pictures/{'a' * 64}.png"


def test_our_picture_is_uploaded_where_there_is_no_public_address(api):
    asked = []

    def picture(path):
        asked.append(path)
        return PNG

    send(api, {"text": "chữ", "image": OURS, "alt": "một chiếc máy"}, picture=picture)
    assert (asked, [p[:2] for p in api.photos], [s.text for s in api.sent]) == ([OURS], [(CHAT, PNG)], ["chữ"])


def test_a_picture_that_is_not_there_is_described(api):
    send(api, {"text": "chữ", "image": OURS, "alt": "một <chiếc> máy"}, picture=lambda path: None)
    assert (api.photos, [s.text for s in api.sent]) == ([], ["🖼 một <chiếc> máy", "chữ"])


def test_our_picture_at_an_address_that_telegram_cannot_reach_is_uploaded(api):
    api.broken_urls.add("http://127.0.0.1:8080" + OURS)
    send(api, {"text": "chữ", "image": "http://127.0.0.1:8080" + OURS}, picture=lambda path: PNG if path.endswith(OURS) else None)
    assert [p[1] for p in api.photos] == [PNG]


def test_a_refused_picture_is_described_in_its_place(api):
    api.broken_urls.add("https://example.vn/gone.png")
    ids, = send(api, {"text": "chữ", "image": "https://example.vn/gone.png", "alt": "máy"})
    assert [s.text for s in api.sent] == ["🖼 máy", "chữ"]
    assert ids == ",".join(str(s.message_id) for s in api.sent)


def test_the_picture_function_is_asked_for_nothing_else(api):
    send(api, {"text": "chữ", "image": "/etc/passwd"}, {"text": "chữ", "image": "file:///pictures/x"}, picture=lambda path: PNG)
    assert api.photos == []


# --- long texts full of markup


@given(st.lists(st.sampled_from(["<b>", "</b>", "&amp;", "& ", "< ", "thủ tục. ", "😀", "\n\n", "&#65; ", "x" * 500, "một hai ba bốn năm "]),
                min_size=20, max_size=400).map("".join))
@runs(max_examples=40, deadline=None)
def test_a_long_text_full_of_markup_arrives_whole_in_parts_that_fit(text):
    with TelegramStandIn(chat_burst=1000) as api:
        api.meet(CHAT)
        send(api, {"text": text}, gap_seconds=0)
        assert "".join("".join(s.text for s in api.sent).split()) == "".join(text.split())
        assert all(units(s.text) <= 4096 for s in api.sent)


@pytest.mark.parametrize(("configured", "given"), [(SECRET, None), (SECRET, ""), (SECRET, SECRET + "x"), (SECRET, "é".encode()),
                                                   ("", None), ("", "")])
def test_a_webhook_without_the_secret_is_refused(api, configured, given):
    answers, stored = posted(api, [message(text="một")], configured, given)
    assert ([a.status_code for a in answers], stored) == ([403], [])


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"{}", b'"a"', b"\xff\xfe", b"[" * 100_000, b'{"update_id": "1"}',
                                  b'{"update_id": ' + b"9" * 5000 + b"}"], ids=range(10))
def test_a_malformed_webhook_body_is_refused(api, body):
    answers, stored = posted(api, [body])
    assert ([a.status_code for a in answers], stored) == ([400], [])


def test_an_update_that_is_not_stored_is_sent_again_by_telegram(api):
    async def store(found):
        raise RuntimeError("bí mật")

    answers, _ = posted(api, [message(text="một"), tap()], store=store)
    assert [(a.status_code, "mật" in a.text) for a in answers] == [(503, False)] * 2
    assert "answerCallbackQuery" not in api.methods()


# --- the stand-in itself, where the channel does not go


def test_the_stand_in_keeps_to_the_fact_sheet(api):
    def call(method, token=api.token, **fields):
        answer = httpx.post(f"{api.url}/bot{token}/{method}", data=fields)
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


# --- fixtures and helpers


@pytest.fixture
def api():
    with TelegramStandIn() as one:
        one.meet(CHAT)
        yield one


def channel(api, token="", secret="", public="", **options):
    return TelegramChannel(Settings(_env_file=None, telegram_token=token or api.token, telegram_api_url=api.url, public_url=public,
                                    telegram_webhook_secret=secret), **options)


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


def send(api, *bodies, **options):
    """The ids of each message, sent to CHAT."""
    async def main():
        async with opened(channel(api, **options)) as bot:
            return [await bot.send(str(CHAT), body) for body in bodies]

    return run(main())


def refusal(api, body, to=str(CHAT), **options):
    """The error of a message that is not sent."""
    async def main():
        async with opened(channel(api, **options)) as bot:
            with pytest.raises(SendError) as caught:
                await bot.send(to, body)
            return caught.value

    return run(main())


def polled(api, bot, most=1, store=None, until=None):
    """What polling stores until so many are stored and the next request is out, or until a condition."""
    stored = []

    async def keep(found):
        stored.append(found)
        if store is not None:
            await store(found)

    async def main():
        async with opened(bot):
            task = asyncio.create_task(bot.poll(keep))
            await met(lambda: len(stored) >= most if until is None else until(stored))
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    run(main())
    return stored


def asked_from(api):
    """The offsets of all getUpdates so far."""
    return [int(f["offset"]) if "offset" in f else None for m, f in api.calls if m == "getUpdates"]


def posted(api, bodies, configured=SECRET, given=SECRET, store=None):
    """The answers to webhook requests, and what was stored."""
    stored = []

    async def keep(found):
        stored.append(found)
        if store is not None:
            await store(found)

    async def main():
        web = FastAPI()
        async with opened(channel(api, secret=configured)) as bot:
            web.include_router(router(bot, keep))
            headers = {} if given is None else {"X-Telegram-Bot-Api-Secret-Token": given}
            async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://bot", headers=headers) as client:
                return [await client.post("/channels/telegram", content=b if isinstance(b, bytes) else json.dumps(b)) for b in bodies]

    return run(main()), stored
