"""Telegram's updates, and what a citizen meant by them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st
from telegram import Update

from bot.channels.telegram_events import COMMANDS, incoming
from bot.messages import Incoming
from tests.telegram_channel import BOT, CHAT, CITIZEN, GROUP, PRIVATE, WRITTEN, message, tap, wordless


def typed(text):
    return Incoming("telegram", "10", str(CHAT), text=text, message="1", at=WRITTEN)


def edit(text, **more):
    return {"update_id": 12, "edited_message": {**message(text=text, **more)["message"], "edit_date": 1700000001}}


def membership(status, chat=PRIVATE, date=1700000000, who=CITIZEN):
    return {"update_id": 13, "my_chat_member": {"chat": chat, "from": who, "date": date, "new_chat_member": {"status": status}}}


UPDATES = {
    "text": (message(text="làm căn cước"), typed("làm căn cước")),
    "text with white space around": (message(text="  chào \n"), typed("chào")),
    "several lines": (message(text="một\nhai"), typed("một\nhai")),
    "repeated": (message(text="làm căn cước"), typed("làm căn cước")),
    "unknown fields": (message(text="chào", brand_new={"a": 1}), typed("chào")),
    "NUL": (message(text="chào\0bạn"), typed("chào bạn")),
    "NUL in a button": (tap(data="b\0"), Incoming("telegram", "11", str(CHAT), button="b ")),
    "NUL in an album": (message(photo=[], media_group_id="7\0" * 30), wordless("7 " * 20)),
    "without a date": (message(voice={}, date=None), replace(wordless(), at=None)),
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
    "edited": (edit("sửa"), Incoming("telegram", "12", str(CHAT), text="sửa", message="1", edited=True, at=datetime.fromtimestamp(1700000002, UTC))),
    "edited in a group": (edit("sửa", chat=GROUP), None),
    "edited picture": ({"update_id": 12, "edited_message": message(photo=[])["message"]}, None),
    "blocked": (membership("kicked"), Incoming("telegram", "13", str(CHAT), left=True, at=datetime.fromtimestamp(1700000001, UTC))),
    "blocked without a date": (membership("kicked", date=None), Incoming("telegram", "13", str(CHAT), left=True)),
    "unblocked": (membership("member"), None),
    "thrown out of a group": (membership("kicked", chat=GROUP), None),
    "membership is a list": ({"update_id": 1, "my_chat_member": []}, None),
    "link of a course": (message(text="/start c-gia-danh-cong-an"), Incoming("telegram", "10", str(CHAT), start="c-gia-danh-cong-an", at=WRITTEN)),
    "link of a commune": (message(text="/start x-13285"), Incoming("telegram", "10", str(CHAT), start="x-13285", at=WRITTEN)),
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
                         Incoming("telegram", "10", str(CHAT), text="đống rác này", message="1", photo="file:f", at=WRITTEN)),
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
