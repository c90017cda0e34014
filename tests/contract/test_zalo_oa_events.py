"""Zalo's events, and what a citizen, a reader or a person of the staff did."""

import json

import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from bot.channels.zalo_oa_events import incoming, signed
from bot.messages import Incoming
from bot.wording import say
from tests.zalo_oa_channel import APP, AT, CITIZEN, SECRET, STAMP, echo, event, media, relation, text


def said(**what):
    return Incoming("zalo_oa", "m1", CITIZEN, at=AT, **what)


EVENTS = {
    "text": (text("làm căn cước"), said(text="làm căn cước")),
    "text with white space around": (text("  chào \n"), said(text="chào")),
    "text that quotes": (event(message={"text": "chào", "msg_id": "m1", "quote_msg_id": "m0"}), said(text="chào")),
    "lone surrogate": (text("chào \ud83d bạn"), said(text="chào \ufffd bạn")),
    "a time and ids that are numbers": (text("chào", timestamp=int(STAMP), sender={"id": int(CITIZEN)}), said(text="chào")),
    "no time": (event(message={"text": "chào", "msg_id": "m1"}, timestamp=None), Incoming("zalo_oa", "m1", CITIZEN, text="chào")),
    "button": (text("bAbC-123_xyzQ"), said(button="bAbC-123_xyzQ")),
    "button that may be a word": (text("baohiemxahoi1"), said(button="baohiemxahoi1", text="baohiemxahoi1")),
    "almost a button": (text("bAbC-123_xyzQ?"), said(text="bAbC-123_xyzQ?")),
    "menu entry": (text("#hoc"), said(text="#hoc")),
    "picture": (media("image", {"url": "https://x/a.jpg", "thumbnail": "https://x/t.jpg"}), said(answer=say("not_text"), photo="https://x/a.jpg")),
    "picture with a caption": (media("image", {"url": "https://x/a.jpg"}, text="cái này thật không"), said(text="cái này thật không", photo="https://x/a.jpg")),
    "picture at no address": (media("image", {"url": "file:///etc/passwd"}), said(answer=say("not_text"))),
    "gif": (media("gif", {"url": "u"}), said(answer=say("not_text"))),
    "sticker": (media("sticker", {"url": "u", "id": "1"}), said(answer=say("not_text"))),
    "voice": (media("audio", {"url": "u"}), said(answer=say("not_text"))),
    "video": (media("video", {"url": "u"}), said(answer=say("not_text"))),
    "file": (media("file", {"url": "u", "name": "a.pdf", "size": "9", "checksum": "c", "type": "pdf"}), said(answer=say("not_text"))),
    "business card": (event("user_send_business_card", message={"msg_id": "m1"}), said(answer=say("not_text"))),
    "link": (media("link", {"url": "https://la.vn"}, text="https://la.vn"), said(text="https://la.vn")),
    "link without its text": (media("link", {"url": "https://la.vn"}), said(answer=say("not_text"))),
    "location": (media("location", {"coordinates": {"latitude": "20.25", "longitude": 105.97}}), said(answer=say("no_location"), location=(20.25, 105.97))),
    "location that is none": (media("location", {"coordinates": {"latitude": "x"}}), said(answer=say("no_location"))),
    "location of the other form": (event("user_send_location", message={"msg_id": "m1", "location": {"latitude": 1}}), said(answer=say("no_location"))),
    "echo of the API": (event("oa_send_text", sender={"id": "333"}, message={"text": "a", "msg_id": "m9"}), None),
    "echo of a person where the bot never pauses": (
        event("oa_send_text", sender={"id": "333", "admin_id": "7"}, recipient={"id": CITIZEN}, message={"text": "a", "msg_id": "m9"}), None),
    "receipt": (event("user_received_message", sender={"id": "333"}, message={"msg_id": "m9"}), None),
    "seen by nobody": (event("user_seen_message", sender={"id": "333"}, recipient=None, message={"msg_ids": ["m9"]}), None),
    "seen by a name": (event("user_seen_message", sender={"id": "333"}, recipient={"id": "an"}, message={"msg_ids": ["m9"]}), None),
    "pressed Nhắn tin without being named": ({"app_id": APP, "oa_id": "333", "event_name": "user_click_chatnow", "timestamp": STAMP}, None),
    "shared data": (event("user_submit_info", info={"name": "An", "phone": "84901234567"}), None),
    "not logged in": (event("anonymous_send_text", message={"text": "a", "msg_id": "m1"}), None),
    "a group": (event("user_send_group_text", message={"text": "a", "msg_id": "m1"}), None),
    "reaction": (event("user_reacted_message", message={"msg_id": "m1", "react_icon": ":>"}), None),
    "quota notice": ({"app_id": APP, "oa_id": "333", "event_name": "change_oa_daily_quota", "timestamp": STAMP}, None),
    "unknown": (event("something_new", message={"text": "a"}), None),
    "button event that does not exist": (event("user_click_button", message={"text": "a"}), None),
    "white space": (text(" \n "), None),
    "text is a number": (text(5), None),
    "message is a list": (event(message=[1]), None),
    "message is null": (event(message=None), None),
    "no sender": (event(sender=None, message={"text": "a"}), None),
    "sender is text": (event(sender="111", message={"text": "a"}), None),
    "sender's id is a name": (event(sender={"id": "an"}, message={"text": "a"}), None),
    "sender's id is no digit of ours": (event(sender={"id": "١١١"}, message={"text": "a"}), None),
    "follow without follower": (relation("follow", follower=None), None),
    "name is a list": (event(["user_send_text"], message={"text": "a"}), None),
    "empty": ({}, None),
}


@pytest.mark.parametrize(("given_event", "expected"), EVENTS.values(), ids=EVENTS)
def test_an_event_becomes_what_the_citizen_meant(given_event, expected):
    assert incoming(given_event, SECRET) == expected


def seen(message, **more):
    return event("user_seen_message", **{"sender": {"id": "333"}, "recipient": {"id": CITIZEN}, "message": message, **more})


SEEN = {
    "a list": ({"msg_ids": ["m8", "m9"]}, ("m8", "m9")),
    "a single one": ({"msg_id": "m9"}, ("m9",)),
    "both": ({"msg_ids": ["m8", "m9"], "msg_id": "m9"}, ("m8", "m9")),
    "a single one under the name of the list": ({"msg_ids": "m9"}, ("m9",)),
    "twice in one event": ({"msg_ids": ["m9", "m9"]}, ("m9",)),
    "numbers": ({"msg_ids": [12, 345]}, ("12", "345")),
    "some are none": ({"msg_ids": [None, "", "x" * 101, "a\nb", "\ud800", ["m1"], {}, True, -1, 1.5, "m9"]}, ("m9",)),
    "very many": ({"msg_ids": [f"m{n}" for n in range(500)]}, tuple(f"m{n}" for n in range(100))),
    "none": ({"msg_ids": []}, None), "null": ({"msg_ids": None}, None), "an object": ({"msg_ids": {"m9": 1}}, None),
    "no message": (None, None), "a message that is a list": (["m9"], None), "a message that is text": ("m9", None), "empty": ({}, None),
}


@pytest.mark.parametrize(("message", "ids"), SEEN.values(), ids=SEEN)
def test_what_was_seen_names_messages_and_says_nothing(message, ids):
    found = incoming(seen(message), SECRET)
    if ids is None:
        assert found is None
    else:
        assert found == Incoming("zalo_oa", found.platform_id, CITIZEN, at=AT, read=ids)


def test_what_was_seen_at_another_account_of_the_app_is_not_ours():
    assert incoming(seen({"msg_id": "m9"}), SECRET, "444") is None
    assert incoming(seen({"msg_id": "m9"}), SECRET, "333").read == ("m9",)
    assert incoming(seen({"msg_id": "m9"}, sender=None), SECRET, "333").read == ("m9",)


def test_a_follower_is_greeted_and_one_who_leaves_is_let_go():
    follow, unfollow = incoming(relation("follow"), SECRET), incoming(relation("unfollow"), SECRET)
    assert (follow.address, follow.text, follow.left, follow.at) == (CITIZEN, "xin chào", False, AT)
    assert (unfollow.address, unfollow.text, unfollow.left, unfollow.at) == (CITIZEN, "", True, AT)


def chatnow(**more):
    return {"app_id": APP, "oa_id": "333", "user_id": CITIZEN, "user_id_by_app": "222", "event_name": "user_click_chatnow", "timestamp": STAMP, **more}


def test_who_opens_the_chat_is_heard_to_say_hello():
    pressed = incoming(chatnow(), SECRET)
    assert (pressed.address, pressed.text, pressed.opened, pressed.at) == (CITIZEN, "xin chào", True, AT)
    assert pressed.platform_id == incoming(chatnow(), SECRET).platform_id != incoming(chatnow(timestamp="1727000000001"), SECRET).platform_id


@pytest.mark.parametrize("kind", ["text", "image", "gif", "list", "file", "sticker", "template"])
@pytest.mark.parametrize("admin", ["777", 777])
def test_staff_who_write_in_zalos_own_window_pause_the_bot(kind, admin):
    found = incoming(echo(kind, admin_id=admin), SECRET, "333", 30)
    assert found == Incoming("zalo_oa", "m9", CITIZEN, at=AT, person_minutes=30)


@pytest.mark.parametrize("sender", [{}, {"admin_id": ""}, {"admin_id": None}])
def test_the_echo_of_our_own_message_pauses_nothing(sender):
    assert incoming(echo(**sender), SECRET, "333", 30) is None


@pytest.mark.parametrize("found", [text("chào"), relation("follow"), relation("unfollow"), chatnow(), echo(admin_id="7")],
                         ids=["text", "follow", "unfollow", "chatnow", "echo"])
def test_an_event_of_another_account_of_the_same_app_is_not_ours(found):
    assert incoming(found, SECRET, "444", 30) is None
    assert incoming(found, SECRET, "333", 30) is not None
    assert incoming(found, SECRET, "", 30) is not None


def test_an_event_that_names_no_account_is_taken():
    assert incoming(text("chào", recipient=None), SECRET, "333", 30).text == "chào"


def test_an_event_without_a_message_id_has_one_by_event_user_and_time():
    def ident(name="follow", user=CITIZEN, stamp=STAMP, secret=SECRET):
        return incoming(relation(name, follower={"id": user}, timestamp=stamp), secret).platform_id

    assert ident() == ident()
    assert len({ident(), ident("unfollow"), ident(user="9"), ident(stamp="1727000000001"), ident(secret="another")}) == 5
    assert CITIZEN not in ident() and len(ident()) <= 100
    assert incoming(event(message={"text": "a", "msg_id": ""}), SECRET).platform_id.startswith("e")
    assert incoming(event(message={"text": "a", "msg_id": "x" * 101}), SECRET).platform_id.startswith("e")
    assert incoming(event(message={"text": "a", "msg_id": 7}), SECRET).platform_id.startswith("e")


KEYS = st.sampled_from(["event_name", "sender", "follower", "message", "id", "text", "msg_id", "timestamp", "attachments", "app_id"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["user_send_text", "follow", "user_send_image"])
JSONS = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=20)


@given(st.dictionaries(KEYS, JSONS, max_size=8), st.text(st.characters(), max_size=20))
@runs(max_examples=300, deadline=None)
def test_no_event_makes_the_channel_stumble(found, words):
    assert incoming(found, SECRET) is None or isinstance(incoming(found, SECRET), Incoming)
    signed(json.dumps(found).encode(), found, "mac=0", APP, SECRET)
    message = incoming(text(words), SECRET)
    if message is not None:
        message.text.encode()
