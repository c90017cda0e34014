"""The Zalo Bot Platform's updates, and what a citizen typed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from bot.channels.zalo_bot_events import incoming, update_of
from bot.messages import Incoming
from bot.wording import say
from tests.standins.zalo_bot import update, wrapped
from tests.zalo_bot_channel import BOT, CHAT, TEXT, text

AT = datetime(2025, 6, 19, 6, 55, 31, 602000, UTC)


def typed(words, **more):
    return Incoming("zalo_bot", "m1", CHAT, text=words, at=AT, **more)


def answered(**more):
    return Incoming("zalo_bot", "m1", CHAT, at=AT, answer=say("not_text"), **more)


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
