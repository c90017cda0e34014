"""The Zalo Official Account channel against the stand-in: what comes in, what goes out, and what survives."""

import asyncio
import hashlib
import json
import logging
import multiprocessing
import socket
import threading
import time
import unicodedata
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from bot.channels import all_channels, base
from bot.channels.base import Occasion, SendError
from bot.channels.zalo_oa import ATTACHMENT_EXPIRED, FAILURES, ZaloOaChannel, code_of, make, plain, proof, router, window_open
from bot.channels.zalo_oa_events import incoming, parsed, signed
from bot.channels.zalo_oa_tokens import AGAIN_SECONDS, LOCK, Tokens
from bot.config import Settings
from bot.errors import SetupError, Unreadable
from bot.messages import Incoming
from bot.services.keep import Kept
from bot.services.reads import NotYet
from bot.store.db import Database
from bot.wording import say
from tests.factories import FrozenClock
from tests.standins.zalo_oa import MESSAGE, TEMPLATE, TOKEN, UPLOAD, Sent, ZaloOaStandIn

CITIZEN = "1112223334445556667"
APP, SECRET = "360846524940903967", "oa-secret-key-EXAMPLE"
STAMP = "1727000000000"
AT = datetime(2024, 9, 22, 10, 13, 20, tzinfo=UTC)
PNG = b"\x89PNG\r\n" + b"0" * 5000
PICTURE = "/pictures/" + "ab" * 32 + ".png"
HOUR = 3600


def event(name="user_send_text", **more):
    return {"app_id": APP, "sender": {"id": CITIZEN}, "user_id_by_app": "222", "recipient": {"id": "333"}, "event_name": name,
            "timestamp": STAMP, **more}


def text(words, **more):
    return event(message={"text": words, "msg_id": "m1"}, **more)


def media(kind, payload, **message):
    return event(f"user_send_{kind}", message={"msg_id": "m1", "attachments": [{"type": kind, "payload": payload}], **message})


def relation(name, **more):
    return {"app_id": APP, "oa_id": "333", "user_id_by_app": "222", "follower": {"id": CITIZEN}, "event_name": name, "timestamp": STAMP, **more}


def said(**what):
    return Incoming("zalo_oa", "m1", CITIZEN, at=AT, **what)


# --- the signature


VECTOR = (b'{"app_id":"360846524940903967","sender":{"id":"111"},"user_id_by_app":"222","recipient":{"id":"333"},"event_name":"user_send_text",'
          b'"message":{"text":"xin ch\xc3\xa0o","msg_id":"m1"},"timestamp":"1727000000000"}')
MAC = "9a7c09bda2070cab645bcea123f892acaa5438f3512fa72973ef2f1a08dedd5f"


@pytest.mark.parametrize("header", [f"mac={MAC}", MAC, f"mac={MAC.upper()}", f" mac={MAC} "])
def test_the_vector_of_the_fact_sheet_is_accepted_in_every_form(header):
    assert len(VECTOR) == 204
    assert signed(VECTOR, parsed(VECTOR), header, APP, SECRET)


@pytest.mark.parametrize(("raw", "header", "app", "secret"), [
    (VECTOR, "mac=" + MAC[:-1] + "e", APP, SECRET), (VECTOR, "", APP, SECRET), (VECTOR, "mac=", APP, SECRET), (VECTOR, "mac=é", APP, SECRET),
    (VECTOR, f"mac={MAC}", APP, "another"), (VECTOR, f"mac={MAC}", APP, ""), (VECTOR, f"mac={MAC}", "333", SECRET),
    (VECTOR.replace(b"xin", b"Xin"), f"mac={MAC}", APP, SECRET), (VECTOR + b"\n", f"mac={MAC}", APP, SECRET),
    (VECTOR.replace(b":{", b": {"), f"mac={MAC}", APP, SECRET),
], ids=range(10))
def test_any_other_signature_body_or_secret_is_not(raw, header, app, secret):
    assert not signed(raw, parsed(raw), header, app, secret)


def test_the_app_id_inside_must_be_ours_too():
    raw = VECTOR.replace(APP.encode(), b"999")
    mac = hashlib.sha256(APP.encode() + raw + STAMP.encode() + SECRET.encode()).hexdigest()
    assert not signed(raw, parsed(raw), mac, APP, SECRET)


@pytest.mark.parametrize("stamp", ['"\\ud800"', "null", "[]", "1.5", '"12a"', "true", '""', '"-1"', '"٣"'])
def test_a_time_that_is_none_signs_nothing(stamp):
    raw = VECTOR.replace(b'"1727000000000"', stamp.encode())
    assert not signed(raw, parsed(raw), MAC, APP, SECRET)


# --- what comes in


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


def test_seen_events_at_the_webhook_good_repeated_forged_and_malformed(api):
    good = api.receipt("user_seen_message", CITIZEN, msg_ids=["s1", "s2"])
    forged_body, header = api.signed(good)
    forged = forged_body.replace(b'"s2"', b'"s3"'), header
    other_app = api.signed({**good, "app_id": "999"})
    malformed = [api.signed(api.receipt("user_seen_message", CITIZEN, **m)) for m in ({}, {"msg_ids": [[]]}, {"msg_ids": 1.5}, {"msg_id": ""})]
    answers, stored = posted(api, [api.signed(good), api.signed(good), api.signed(good, True), forged, other_app, (forged_body, None), *malformed,
                                   api.signed(api.receipt("user_received_message", CITIZEN, msg_id="s1"))])
    assert [a.status_code for a in answers] == [200, 200, 200, 403, 403, 200, 200, 200, 200, 200, 200]
    assert [(m.address, m.read, m.text, m.answer, m.opened) for m in stored] == [(CITIZEN, ("s1", "s2"), "", "", False)] * 3


def test_a_seen_event_that_cannot_be_written_yet_is_asked_for_again(api):
    async def store(found):
        raise NotYet("a message is being sent")

    answers, _ = posted(api, [api.signed(api.receipt("user_seen_message", CITIZEN, msg_ids=["s1"]))], store=store)
    assert [a.status_code for a in answers] == [503]


def test_a_follower_is_greeted_and_one_who_leaves_is_let_go():
    follow, unfollow = incoming(relation("follow"), SECRET), incoming(relation("unfollow"), SECRET)
    assert (follow.address, follow.text, follow.left, follow.at) == (CITIZEN, "xin chào", False, AT)
    assert (unfollow.address, unfollow.text, unfollow.left, unfollow.at) == (CITIZEN, "", True, AT)


def chatnow(**more):
    return {"app_id": APP, "oa_id": "333", "user_id": CITIZEN, "user_id_by_app": "222", "event_name": "user_click_chatnow", "timestamp": STAMP, **more}


def echo(kind="text", **sender):
    return event(f"oa_send_{kind}", sender={"id": "333", **sender}, recipient={"id": CITIZEN}, message={"text": "chào bác", "msg_id": "m9"})


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


def test_the_webhook_goes_by_the_settings(api):
    person = echo(admin_id="7")
    _, stored = posted(api, [api.signed(person), api.signed(echo()), api.signed(text("chào", recipient={"id": "444"}))], id="333")
    assert [(m.platform_id, m.person_minutes) for m in stored] == [("m9", 30)]
    _, stored = posted(api, [api.signed(person)], staff_pause_minutes=0)
    assert stored == []


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


# --- the webhook


def test_what_a_citizen_does_is_stored_before_it_is_confirmed(api):
    events = [text("một"), text("một"), relation("follow"), relation("unfollow"), media("image", {"url": "u"}), event("something_new")]
    answers, stored = posted(api, [api.signed(e) for e in events])
    assert [a.status_code for a in answers] == [200] * 6
    assert [(m.text, m.left, bool(m.answer)) for m in stored] == [
        ("một", False, False), ("một", False, False), ("xin chào", False, False), ("", True, False), ("", False, True)]


@pytest.mark.parametrize("escaped", [False, True])
def test_the_raw_body_is_what_is_signed(api, escaped):
    (answer,), stored = posted(api, [api.signed(text("lệ phí 50/100 nghìn “đồng” 👩‍🌾"), escaped)])
    assert (answer.status_code, [m.text for m in stored]) == (200, ["lệ phí 50/100 nghìn “đồng” 👩‍🌾"])


def test_a_wrong_signature_is_refused_and_stores_nothing(api):
    api.secret = "somebody else's"
    forged = api.signed(text("chào"))
    other_app = api.signed(text("chào", app_id="999"))
    answers, stored = posted(api, [forged, other_app, (b"{", "mac=0"), (b"[]", "mac=0"), (b"\xff", "mac=0"), (b"[" * 50_000, "mac=0"),
                                   (b'{"timestamp":' + b"9" * 5000 + b"}", "mac=0"), (forged[0], "é")], secret=SECRET)
    assert ([a.status_code for a in answers], stored) == ([403] * 8, [])


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", VECTOR, b"[" * 100_000])
def test_the_consoles_probe_is_answered_and_goes_nowhere(api, body):
    """It comes when the URL is saved, before there is a secret to sign it with."""
    (answer,), stored = posted(api, [(body, None)])
    assert (answer.status_code, stored) == (200, [])
    (answer,), stored = posted(api, [(body, None)], secret="")
    assert (answer.status_code, stored) == (200, [])


def test_without_the_secret_nothing_is_believed(api, caplog):
    (answer,), stored = posted(api, [api.signed(text("chào"))], secret="")
    assert (answer.status_code, stored) == (200, [])
    assert "ZALO_OA_SECRET_KEY is not set" in caplog.text


def test_an_event_that_is_not_stored_is_asked_for_again(api, caplog):
    async def store(found):
        raise RuntimeError("bí mật")

    answers, _ = posted(api, [api.signed(text("một"))], store=store)
    assert [(a.status_code, "mật" in a.text) for a in answers] == [(503, False)]
    assert "bí mật" not in caplog.text


# --- what goes out


def test_a_message_goes_out_as_plain_text(api):
    ids = sent(api, {"text": "1 < 2 & <b>đậm</b> *không*"})
    assert api.sent == [Sent(CITIZEN, "1 < 2 & <b>đậm</b> *không*", [], "", ids[0])]
    assert api.paths() == [TOKEN, MESSAGE]
    assert api.calls[1][1] == {"recipient": {"user_id": CITIZEN}, "message": {"text": "1 < 2 & <b>đậm</b> *không*"}}


def test_buttons_send_their_id_unseen(api):
    buttons = [{"title": f"Nút {n}", "payload": f"b{n:012}", "n": n} for n in range(1, 6)]
    sent(api, {"text": "Chọn", "buttons": buttons})
    assert api.sent[0].buttons == [{"title": b["title"], "type": "oa.query.hide", "payload": b["payload"]} for b in buttons]
    assert incoming(text(api.sent[0].buttons[2]["payload"]), SECRET).button == "b000000000003", "and a press comes back as that id"


def test_six_choices_become_numbered_lines(api):
    sent(api, {"text": "Chọn", "buttons": [{"title": f"Việc {n}", "payload": f"b{n}", "n": n} for n in range(1, 7)]})
    assert api.sent[0].buttons == []
    assert [line for line in api.sent[0].text.split("\n") if line[:1].isdigit()] == [f"{n}. Việc {n}" for n in range(1, 7)]


def test_a_long_title_is_cut_at_a_word(api):
    sent(api, {"text": "?", "buttons": [{"title": "Đăng ký thành lập hộ kinh doanh cá thể tại xã", "payload": "b1"}]})
    assert api.sent[0].buttons[0]["title"] == "Đăng ký thành lập hộ kinh doanh…"


def test_a_long_text_goes_out_in_parts_with_the_buttons_under_the_last(api):
    words = "\n\n".join(f"Bước {n}. Mang giấy tờ đến {'xã ' * 250}😀." for n in range(4))
    ids, = sent(api, {"text": words, "buttons": [{"title": "Tiếp", "payload": "b1"}]})
    assert " ".join(s.text for s in api.sent).split() == words.split()
    assert [len(s.buttons) for s in api.sent] == [0] * (len(api.sent) - 1) + [1]
    assert max(len(s.text) for s in api.sent) <= 2000
    assert ids == ",".join(s.message_id for s in api.sent)


def test_text_is_composed_before_it_is_counted(api):
    words = unicodedata.normalize("NFD", "ệ" * 1999)
    sent(api, {"text": words})
    assert [s.text for s in api.sent] == ["ệ" * 1999]


def test_any_text_arrives_as_it_was_written(api):
    users = count(5000)
    with asyncio.Runner() as runner:
        bot = channel(api)

        @given(st.text(st.characters(), max_size=60))
        @runs(max_examples=60, deadline=None)
        def holds(words):
            if not plain(words):
                return
            user = str(next(users))
            api.meet(user)
            runner.run(bot.send(user, {"text": words}))
            assert api.sent[-1][:2] == (user, plain(words))

        holds()
        runner.run(bot.close())


def test_nothing_to_say_is_a_bad_request(api):
    assert refusal(api, {"text": " \n "}).failure is base.BAD_REQUEST
    assert api.sent == []


# --- pictures


def test_a_picture_of_a_public_address_is_shown_from_there(api):
    ids, = sent(api, {"text": "chữ", "image": "https://bot.example.vn" + PICTURE, "alt": "Tin nhắn giả", "buttons": [{"title": "Có", "payload": "b1"}]})
    first, second = api.sent
    assert (first.picture, first.text, second.text, second.picture) == ("https://bot.example.vn" + PICTURE, "Tin nhắn giả", "chữ", "")
    assert (len(second.buttons), ids) == (1, f"{first.message_id},{second.message_id}")
    assert api.uploads == {}


def test_without_a_public_address_its_bytes_are_uploaded_once(api):
    keep = MemoryKeep()
    for _ in range(2):  # two processes, one after the other
        sent(api, {"text": "chữ", "image": PICTURE, "alt": "Tin nhắn giả"}, {"text": "nữa", "image": PICTURE}, keep=keep)
    assert list(api.uploads.values()) == [PNG]
    ident, = api.uploads
    assert [s.picture for s in api.sent] == [ident, ""] * 4


def test_an_upload_is_renewed_before_it_expires(api):
    keep = MemoryKeep()
    sent(api, {"text": "chữ", "image": PICTURE}, keep=keep)
    api.forward(6 * 24 + 1)
    api.meet(CITIZEN)
    sent(api, {"text": "chữ", "image": PICTURE}, keep=keep)
    assert len(api.uploads) == 2
    assert [s.picture for s in api.sent if s.picture] == list(api.uploads)


def test_an_upload_that_zalo_has_forgotten_is_made_again(api):
    keep = MemoryKeep()
    sent(api, {"text": "chữ", "image": PICTURE}, keep=keep)
    api._uploaded.clear()
    sent(api, {"text": "chữ", "image": PICTURE}, keep=keep)
    assert [s.picture for s in api.sent if s.picture] == list(api.uploads)
    assert len(api.uploads) == 2


@pytest.mark.parametrize(("image", "data"), [(PICTURE, None), (PICTURE, b"\x89PNG" + b"0" * 1_000_000), ("http://bot.example.vn" + PICTURE, None),
                                             ("file:///etc/passwd", None), (PICTURE, b"no picture"), ("https://bot.example.vn/gone.png", None)])
def test_a_picture_that_cannot_be_shown_is_described(api, image, data):
    api.broken_urls.add("https://bot.example.vn/gone.png")
    ids, = sent(api, {"text": "chữ", "image": image, "alt": "Tin nhắn giả"}, picture=lambda path: data)
    assert [(s.text, s.picture) for s in api.sent] == [("🖼 Tin nhắn giả\n\nchữ", "")]
    assert ids == api.sent[0].message_id


def test_when_the_uploads_of_the_month_are_used_up_the_text_still_goes(api):
    api.fail_next(1, -211, UPLOAD)
    sent(api, {"text": "chữ", "image": PICTURE, "alt": "Tin nhắn giả"})
    assert [s.text for s in api.sent] == ["🖼 Tin nhắn giả\n\nchữ"]


def test_an_upload_without_an_id_is_no_upload(api):
    api.fail_next(1, "ok", TOKEN)
    api.fail_next(1, 0, UPLOAD)
    sent(api, {"text": "chữ", "image": PICTURE, "alt": "Tin nhắn giả"})
    assert [s.text for s in api.sent] == ["🖼 Tin nhắn giả\n\nchữ"]


# --- failures


OUTCOMES = [("429", base.RETRY_AFTER), ("500", base.UNKNOWN_OUTCOME), ("502", base.UNKNOWN_OUTCOME), ("disconnect", base.UNKNOWN_OUTCOME),
            ("garbage", base.UNKNOWN_OUTCOME), ("list", base.UNKNOWN_OUTCOME), ("timeout", base.UNKNOWN_OUTCOME)]


@pytest.mark.parametrize(("kind", "failure"), OUTCOMES)
@pytest.mark.parametrize("body", [{"text": "chữ"}, {"text": "chữ", "image": "https://x.vn/a.png"}], ids=["text", "picture"])
def test_a_failure_has_its_name(api, kind, failure, body):
    api.fail_next(1, kind, MESSAGE)
    error = refusal(api, body, timeout_seconds=0.3)
    assert error.failure is failure
    assert error.retry_after_seconds == (3 if kind == "429" else None)
    assert len(api.sent) == (1 if kind == "timeout" else 0), "only a time-out leaves open what happened"


@pytest.mark.parametrize("code", sorted(FAILURES))
def test_a_code_of_zalo_has_its_name(api, code):
    if code == ATTACHMENT_EXPIRED:  # only of pictures, see above
        return
    api.fail_next(2, code, MESSAGE)  # twice: a token that is refused is renewed once
    failure, wait_seconds = FAILURES[code]
    error = refusal(api, {"text": "chữ"}, occasion=Occasion("reply", now_of(api)))
    assert error.failure is failure
    if failure is not base.BAD_TOKEN:
        assert error.retry_after_seconds == wait_seconds
    assert api.sent == []


SHEET = {-32: base.RETRY_AFTER, -201: base.BAD_REQUEST, -210: base.TOO_LONG, -211: base.QUOTA, -213: base.BLOCKED, -216: base.BAD_TOKEN,
         -217: base.BLOCKED, -218: base.RETRY_AFTER, -219: base.MISCONFIGURED, -220: base.BAD_TOKEN, -221: base.MISCONFIGURED,
         -223: base.MISCONFIGURED, -224: base.MISCONFIGURED, -227: base.GONE, -230: base.WINDOW_CLOSED, -232: base.WINDOW_CLOSED,
         -233: base.BAD_REQUEST, -240: base.BAD_REQUEST, -242: base.MISCONFIGURED, -244: base.BLOCKED, -320: base.QUOTA, -321: base.QUOTA}


@pytest.mark.parametrize(("code", "failure"), SHEET.items())
def test_the_table_says_what_the_fact_sheet_says(code, failure):
    assert FAILURES[code][0] is failure


def test_what_is_worth_another_try_waits_as_long_as_its_cause():
    assert FAILURES[-32][1] == 60 and FAILURES[-218][1] >= HOUR
    assert all(wait for failure, wait in FAILURES.values() if failure.ours and failure.retry), "a human is slower than eight tries"
    assert all(wait is None for failure, wait in FAILURES.values() if not failure.retry)


def test_an_unknown_code_is_tried_again_and_logged_once(api, caplog):
    api.fail_next(2, -99999, MESSAGE)

    async def main():
        async with opened(channel(api)) as bot:
            for _ in range(2):
                with pytest.raises(SendError) as caught:
                    await bot.send(CITIZEN, {"text": "chữ"})
                assert caught.value.failure is base.UNREACHABLE

    run(main())
    assert caplog.text.count("-99999") == 1


@pytest.mark.parametrize(("answer", "code"), [({"error": 0}, 0), ({"error": -216}, -216), ({"error": "-216"}, -216), ({"error": 216}, -216),
                                              ({"error": 401}, -216), ({}, None), ({"error": None}, None), ({"error": True}, None),
                                              ({"error": "x"}, None), ({"error": "9" * 400}, None), ({"error": 1.0}, None), (None, None)])
def test_the_code_of_an_answer_is_read_in_every_form(answer, code):
    assert code_of(answer) == code


def test_nobody_listening_is_unreachable(api):
    keep = MemoryKeep()
    sent(api, {"text": "chữ"}, keep=keep)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        error = refusal(api, {"text": "chữ"}, keep=keep, zalo_oa_api_url=f"http://127.0.0.1:{free.getsockname()[1]}")
    assert error.failure is base.UNREACHABLE


@pytest.mark.parametrize(("kind", "times"), [("502", 1), ("429", 1), (-32, 1), ("timeout", 2)])
def test_a_retry_goes_on_with_the_part_that_failed(api, kind, times):
    """times: how often the part in question arrives; nobody knows that it did when the answer does not come."""
    words = "a" * 1900 + " " + "b" * 1900 + " " + "c" * 1900
    api.fail_next(2, "ok", MESSAGE)
    api.fail_next(1, kind, MESSAGE)
    body = {"text": words, "image": "https://x.vn/a.png", "alt": "hình"}

    async def main():
        async with opened(channel(api, timeout_seconds=0.3)) as bot:
            with pytest.raises(SendError):
                await bot.send(CITIZEN, body)
            return await bot.send(CITIZEN, body), await bot.send(CITIZEN, {"text": "xong"})

    ids, last = run(main())
    assert [s.text[0] for s in api.sent] == ["h", "a", *["b"] * times, "c", "x"]
    assert len(ids.split(",")) == 4 and last == api.sent[-1].message_id


def test_a_picture_that_was_refused_stays_described_in_a_retry(api):
    api.broken_urls.add("https://x.vn/a.png")
    api.fail_next(1, "ok", MESSAGE)
    api.fail_next(1, "502", MESSAGE)
    body = {"text": "chữ", "image": "https://x.vn/a.png", "alt": "hình"}

    async def main():
        async with opened(channel(api)) as bot:
            with pytest.raises(SendError):
                await bot.send(CITIZEN, body)
            return await bot.send(CITIZEN, body)

    assert run(main()) == api.sent[0].message_id
    assert [s.text for s in api.sent] == ["🖼 hình\n\nchữ"]


# --- when we may write


@pytest.mark.parametrize(("hours", "paid", "open_"), [(0, False, True), (47.9, False, True), (48, False, False), (48.1, True, True),
                                                      (167.9, True, True), (168, True, False), (400, True, False)])
def test_the_window_is_two_days_and_seven_where_we_pay(hours, paid, open_):
    assert window_open(Occasion("reminder", AT - timedelta(hours=hours)), paid, AT) is open_


def test_who_is_not_known_has_just_written_if_this_is_an_answer():
    assert [window_open(Occasion(kind), True, AT) for kind in ("reply", "notice", "reminder", "nudge")] == [True, True, False, False]


@pytest.mark.parametrize(("hours", "paid", "charged"), [(47, False, 0), (49, True, 1)])
def test_inside_the_window_a_reminder_goes_out(api, hours, paid, charged):
    api.meet(CITIZEN, hours)
    sent(api, {"text": "Đến giờ"}, occasion=Occasion("reminder", now_of(api) - timedelta(hours=hours)), zalo_oa_paid=paid)
    assert (len(api.sent), len(api.charged)) == (1, charged)


@pytest.mark.parametrize(("hours", "paid"), [(49, False), (169, False), (169, True)])
@pytest.mark.parametrize("kind", ["reminder", "nudge", "drill"])
def test_outside_the_window_nothing_is_sent_and_nothing_charged(api, hours, paid, kind):
    error = refusal(api, {"text": "Đến giờ"}, occasion=Occasion(kind, now_of(api) - timedelta(hours=hours)), zalo_oa_paid=paid)
    assert (error.failure, api.calls) == (base.WINDOW_CLOSED, [])


@pytest.mark.parametrize("code", [-230, -232])
def test_zalos_own_word_on_the_window_counts(api, code):
    api.refusals[CITIZEN] = code
    assert refusal(api, {"text": "Đến giờ"}).failure is base.WINDOW_CLOSED


TEMPLATE_SET = {"zalo_oa_template_id": "12345"}


@pytest.mark.parametrize("hours", [49, 169])
def test_a_reminder_outside_the_window_goes_by_template_where_one_is_set(api, hours):
    api.approved["12345"] = {"noi_dung"}
    words = "Đến giờ bạn dặn: " + "cho gà ăn " * 30 + "\nNút ở dưới."
    ids = sent(api, {"text": words, "buttons": [{"title": "Để sau", "payload": "b1"}]},
               occasion=Occasion("reminder", now_of(api) - timedelta(hours=hours)), **TEMPLATE_SET)
    (user, template, data), = api.templates
    assert (user, template, list(data)) == (CITIZEN, "12345", ["noi_dung"])
    assert data["noi_dung"].startswith("Đến giờ bạn dặn: cho gà ăn") and len(data["noi_dung"]) <= 100 and "\n" not in data["noi_dung"]
    assert api.sent == [] and ids[0].startswith("t")


@pytest.mark.parametrize("kind", ["nudge", "drill", "reply", "notice", "announcement"])
def test_nothing_else_goes_by_template(api, kind):
    api.approved["12345"] = {"noi_dung"}
    error = refusal(api, {"text": "Học tiếp nhé"}, occasion=Occasion(kind, now_of(api) - timedelta(hours=49)), **TEMPLATE_SET)
    assert (error.failure, api.templates) == (base.WINDOW_CLOSED, [])


def test_when_zalo_closes_the_window_the_template_is_tried(api):
    api.approved["12345"] = {"noi_dung"}
    api.fail_next(1, -230, MESSAGE)
    sent(api, {"text": "Đến giờ"}, occasion=Occasion("reminder", now_of(api)), **TEMPLATE_SET)
    assert len(api.templates) == 1


def test_a_template_that_is_refused_leaves_the_message_waiting(api, caplog):
    old, keep = Occasion("reminder", now_of(api) - timedelta(hours=49)), MemoryKeep()
    assert refusal(api, {"text": "Đến giờ"}, occasion=old, keep=keep, **TEMPLATE_SET).failure is base.WINDOW_CLOSED
    assert "the template was refused (-109)" in caplog.text
    api.fail_next(1, -133, TEMPLATE)
    night = refusal(api, {"text": "Đến giờ"}, occasion=old, keep=keep, **TEMPLATE_SET)
    assert (night.failure, night.retry_after_seconds) == (base.RETRY_AFTER, HOUR)


def test_an_answer_that_says_nothing_of_a_quota_is_told_once(api, caplog):
    api.meet(CITIZEN, 49)
    sent(api, {"text": "một"}, {"text": "hai"})
    assert caplog.text.count("an answer without a quota") == 1


# --- tokens


def test_the_first_token_comes_from_the_settings_and_its_successor_is_kept(api):
    keep = MemoryKeep()
    sent(api, {"text": "một"}, keep=keep)
    sent(api, {"text": "hai"}, keep=keep)  # another process
    assert api.paths() == [TOKEN, MESSAGE, MESSAGE]
    assert api.calls[0][1] == {"app_id": APP, "refresh_token": "refresh-token-EXAMPLE", "grant_type": "refresh_token"}
    kept = json.loads(next(iter(keep.values.values())))
    assert (kept["access"], kept["refresh"], kept["asked_at"]) == (api.access_token, api.refresh_token, 0.0)


def test_a_pair_is_saved_before_it_is_used(api):
    """In order: the intent, the question, the answer saved, the message."""
    seen = []
    keep = MemoryKeep(on_put=lambda key, value: seen.append((json.loads(value)["access"] != "", len(api.calls))))
    sent(api, {"text": "một"}, keep=keep)
    assert seen == [(False, 0), (True, 1)]
    assert api.paths() == [TOKEN, MESSAGE]


def test_a_token_is_renewed_when_less_than_five_hours_remain(api):
    keep = MemoryKeep()
    sent(api, {"text": "một"}, keep=keep)
    for hours, renewals in ((19.9, 1), (0.2, 2), (1, 2)):
        api.forward(hours)
        sent(api, {"text": "hai"}, keep=keep)
        assert api.paths().count(TOKEN) == renewals, hours


@pytest.mark.parametrize("said_seconds", ["90000", 90000, None, "", "soon", "-1", "0", "9" * 400, [], True])
def test_an_odd_life_time_is_taken_for_the_documented_one(api, said_seconds):
    api.expires_in = said_seconds
    keep = MemoryKeep()
    sent(api, {"text": "một"}, {"text": "hai"}, keep=keep)
    assert state(api, keep)["token_expires_seconds"] == pytest.approx(90_000, abs=20)


def test_a_short_life_is_not_renewed_at_every_message(api):
    api.expires_in = "3600"
    keep = MemoryKeep()
    sent(api, {"text": "một"}, {"text": "hai"}, keep=keep)
    assert api.paths().count(TOKEN) == 1
    api.forward(0.6)
    sent(api, {"text": "ba"}, keep=keep)
    assert api.paths().count(TOKEN) == 2


def test_a_token_that_dies_early_is_replaced_once_and_the_message_goes(api):
    keep = MemoryKeep()
    sent(api, {"text": "một"}, keep=keep)
    api.forward(0.1)
    api.revoke()
    sent(api, {"text": "hai"}, keep=keep)
    assert [s.text for s in api.sent] == ["một", "hai"]
    assert api.paths() == [TOKEN, MESSAGE, MESSAGE, TOKEN, MESSAGE]


def test_another_process_new_token_is_taken_over(api):
    keep = MemoryKeep()

    async def main():
        async with opened(channel(api, keep=keep)) as one, opened(channel(api, keep=keep)) as two:
            await one.send(CITIZEN, {"text": "một"})
            await two.send(CITIZEN, {"text": "hai"})
            api.forward(0.1)
            api.revoke()
            await one.send(CITIZEN, {"text": "ba"})
            await two.send(CITIZEN, {"text": "bốn"})

    run(main())
    assert [s.text for s in api.sent] == ["một", "hai", "ba", "bốn"]
    assert api.paths().count(TOKEN) == 2, "the second process read what the first had renewed"


def test_a_brand_new_token_that_is_refused_is_not_renewed_again_and_again(api):
    keep = MemoryKeep()
    api.fail_next(20, -216, MESSAGE)
    for _ in range(4):
        error = refusal(api, {"text": "một"}, keep=keep)
        assert (error.failure, error.retry_after_seconds) == (base.BAD_TOKEN, AGAIN_SECONDS)
    assert api.paths().count(TOKEN) == 1


def test_many_messages_at_once_ask_for_one_token(api):
    keep = MemoryKeep()

    async def main():
        async with opened(channel(api, keep=keep)) as bot:
            await asyncio.gather(*(bot.send(CITIZEN, {"text": str(n)}) for n in range(12)))

    run(main())
    assert (api.paths().count(TOKEN), len(api.sent)) == (1, 12)


def ask_for_a_token(url, settings, secret_key, started):
    """In a process of its own: renews when the others do; the token it got, or the failure."""
    database = Database(url)
    options = Settings(_env_file=None, secret_key=secret_key, **settings)

    async def main():
        async with httpx.AsyncClient(timeout=8) as client:
            tokens = Tokens(options, Kept(database, options, lambda: datetime.now(UTC)), lambda: client)
            started.wait(20)
            try:
                return await tokens.current()
            except SendError as error:
                return error.failure.name

    return asyncio.run(main())


def test_processes_that_renew_at_the_same_time_use_the_refresh_token_once(api, database):
    started = multiprocessing.get_context("spawn").Manager().Barrier(3)
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        jobs = [(database.url, api.settings(), "one key", started)] * 3
        tokens = pool.starmap(ask_for_a_token, jobs)
    assert tokens == [api.access_token] * 3
    assert api.paths() == [TOKEN]


def test_a_lost_answer_is_survived_when_the_question_never_arrived(api):
    """502: nobody knows. The old token is tried again after a minute, and works."""
    keep = MemoryKeep()
    api.fail_next(1, "502", TOKEN)
    first = refusal(api, {"text": "một"}, keep=keep)
    assert (first.failure, api.sent) == (base.UNREACHABLE, [])
    soon = refusal(api, {"text": "một"}, keep=keep)
    assert soon.failure is base.UNREACHABLE and 0 < soon.retry_after_seconds <= AGAIN_SECONDS
    assert api.paths() == [TOKEN], "not asked again within the minute"
    api.forward(0.02)
    sent(api, {"text": "một"}, keep=keep)
    assert [s.text for s in api.sent] == ["một"]


@pytest.mark.parametrize("kind", ["timeout", "disconnect", "garbage", "list", "500"])
def test_every_way_to_lose_an_answer_leaves_the_old_token_to_be_tried(api, kind, caplog):
    keep = MemoryKeep()
    api.fail_next(1, kind, TOKEN)
    assert refusal(api, {"text": "một"}, keep=keep, timeout_seconds=0.3).failure is base.UNREACHABLE
    api.forward(0.02)
    if kind == "timeout":  # it had been carried out
        assert refusal(api, {"text": "một"}, keep=keep).failure is base.BAD_TOKEN
        assert "-14014, after a renewal whose answer was lost" in caplog.text
    else:
        sent(api, {"text": "một"}, keep=keep)


def test_a_crash_after_the_answer_needs_a_human_and_says_so(api, caplog):
    """kill -9 between Zalo's answer and our save: the refresh token is gone, and nothing may pretend otherwise."""
    keep = MemoryKeep()
    die_while_saving(api, keep)
    api.forward(0.02)
    for _ in range(3):
        error = refusal(api, {"text": "một"}, keep=keep)
        assert (error.failure, error.retry_after_seconds) == (base.BAD_TOKEN, 600)
    assert api.paths() == [TOKEN, TOKEN], "the old token was tried once, and then no more"
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR] == [
        "Zalo OA: Zalo refuses to renew the token (-14014, after a renewal whose answer was lost): "
        "an administrator must authorise the OA again and set ZALO_OA_REFRESH_TOKEN"]
    told = state(api, keep)
    assert not told["up"] and "ZALO_OA_REFRESH_TOKEN" in told["why"] and "-14014" in told["why"]
    api.forward(24)
    assert refusal(api, {"text": "một"}, keep=keep).failure is base.BAD_TOKEN
    assert api.paths() == [TOKEN, TOKEN]


def test_a_new_consent_makes_it_work_again(api):
    keep = MemoryKeep()
    die_while_saving(api, keep)
    api.forward(0.02)
    refusal(api, {"text": "một"}, keep=keep)
    api.refresh_token = "refresh-token-of-a-new-consent"
    sent(api, {"text": "một"}, keep=keep, zalo_oa_refresh_token="refresh-token-of-a-new-consent")
    assert [s.text for s in api.sent] == ["một"]
    assert state(api, keep, zalo_oa_refresh_token="refresh-token-of-a-new-consent")["up"]


def test_a_crash_before_the_question_costs_a_minute(api):
    keep = MemoryKeep()
    sent(api, {"text": "một"}, keep=keep)
    key, = keep.values
    keep.values[key] = json.dumps({**json.loads(keep.values[key]), "asked_at": api.now(), "renew_at": 0.0})
    sent(api, {"text": "hai"}, keep=keep)
    assert api.paths().count(TOKEN) == 1, "the living token is used meanwhile"
    api.forward(0.02)
    sent(api, {"text": "ba"}, keep=keep)
    assert api.paths().count(TOKEN) == 2


def test_while_the_token_lives_a_refusal_to_renew_stops_nothing(api, caplog):
    keep = MemoryKeep()
    sent(api, {"text": "một"}, keep=keep)
    api.forward(21)
    api.fail_next(1, -14014, TOKEN)
    sent(api, {"text": "hai"}, {"text": "ba"}, keep=keep)
    assert [s.text for s in api.sent] == ["một", "hai", "ba"]
    assert api.paths().count(TOKEN) == 2
    assert "an administrator must authorise the OA again" in caplog.text and not state(api, keep)["up"]
    api.forward(5)
    assert refusal(api, {"text": "bốn"}, keep=keep).failure is base.BAD_TOKEN


def test_a_refusal_that_the_console_can_undo_is_tried_again_in_an_hour(api):
    keep = MemoryKeep()
    api.fail_next(1, -14002, TOKEN)  # the app is not active
    assert refusal(api, {"text": "một"}, keep=keep).failure is base.BAD_TOKEN
    assert refusal(api, {"text": "một"}, keep=keep).failure is base.BAD_TOKEN
    assert api.paths() == [TOKEN]
    api.forward(1.1)
    sent(api, {"text": "một"}, keep=keep)


def test_a_corrected_secret_is_tried_at_once(api):
    keep = MemoryKeep()
    assert refusal(api, {"text": "một"}, keep=keep, zalo_oa_app_secret="mistyped").failure is base.BAD_TOKEN
    assert not state(api, keep, zalo_oa_app_secret="mistyped")["up"]
    sent(api, {"text": "một"}, keep=keep)
    assert [s.text for s in api.sent] == ["một"]


def test_a_token_server_that_is_not_there_uses_nothing_up(api):
    keep = MemoryKeep()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{free.getsockname()[1]}"
        assert refusal(api, {"text": "một"}, keep=keep, zalo_oauth_url=away).failure is base.UNREACHABLE
    sent(api, {"text": "một"}, keep=keep)  # at once: the question had not got there


def test_a_pair_that_the_database_does_not_take_is_saved_as_soon_as_it_does(api, caplog):
    keep = MemoryKeep(broken_puts=[False, True, True, False])
    naps = []
    sent(api, {"text": "một"}, keep=keep, sleep=napping(naps))
    assert naps == [0.5, 1]
    assert json.loads(next(iter(keep.values.values())))["refresh"] == api.refresh_token
    assert "could not be saved (RuntimeError)" in caplog.text and api.refresh_token not in caplog.text


def test_a_pair_that_could_not_be_saved_for_long_is_not_forgotten(api):
    keep = MemoryKeep(broken_puts=[False] + [True] * 7)

    async def main():
        async with opened(channel(api, keep=keep, sleep=napping([]))) as bot:
            with pytest.raises(RuntimeError):
                await bot.send(CITIZEN, {"text": "một"})
            return await bot.send(CITIZEN, {"text": "một"})

    run(main())
    assert api.paths() == [TOKEN, MESSAGE]
    assert json.loads(next(iter(keep.values.values())))["refresh"] == api.refresh_token


def test_a_worker_that_is_stopped_while_renewing_still_saves_the_pair(api):
    """Whoever waits is cancelled; the renewal is not, and closing waits for it."""
    keep = MemoryKeep(slow_seconds=0.2)

    async def main():
        bot = channel(api, keep=keep)
        waiting = asyncio.create_task(bot.poll(refuse))
        await met(lambda: TOKEN in api.paths())
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await bot.close()

    run(main())
    assert json.loads(next(iter(keep.values.values())))["refresh"] == api.refresh_token != "refresh-token-EXAMPLE"
    assert keep.locks == {}


def test_the_lock_of_a_dead_process_ends(api, database):
    clock = FrozenClock(datetime.now(UTC))
    options = Settings(_env_file=None, secret_key="one key", **api.settings())
    dead, alive = Kept(database, options, clock), Kept(database, options, clock)
    assert dead.lock(LOCK, 60)
    assert not alive.lock(LOCK, 60)
    clock.forward(seconds=61)
    sent(api, {"text": "một"}, keep=alive)
    assert [s.text for s in api.sent] == ["một"]
    assert alive.lock(LOCK, 60), "given back"


def test_what_was_kept_under_another_key_is_left_alone(api, caplog):
    """A wrong SECRET_KEY must not cost the pair: with the right one it is good again."""
    keep = MemoryKeep()
    sent(api, {"text": "một"}, keep=keep)
    keep.unreadable = True
    assert refusal(api, {"text": "hai"}, keep=keep).failure is base.MISCONFIGURED
    told = state(api, keep)
    assert not told["up"] and "SECRET_KEY" in told["why"]
    keep.unreadable = False
    sent(api, {"text": "hai"}, keep=keep)
    assert api.paths().count(TOKEN) == 1


def test_a_quiet_account_renews_by_the_clock(api):
    keep = MemoryKeep()
    naps = []

    async def main():
        async def sleep(seconds):
            naps.append(seconds)
            api.forward(5)
            await asyncio.sleep(0)

        async with opened(channel(api, keep=keep, sleep=sleep)) as bot:
            task = asyncio.create_task(bot.poll(refuse))
            await met(lambda: len(naps) >= 12)
            task.cancel()

    run(main())
    assert naps[0] == 600
    assert api.paths() == [TOKEN] * api.paths().count(TOKEN) and api.paths().count(TOKEN) >= 3


def test_keeping_the_token_alive_survives_a_failure(api, caplog):
    api.fail_next(1, "502", TOKEN)
    naps = []

    async def main():
        async def sleep(seconds):
            naps.append(seconds)
            api.forward(1)
            await asyncio.sleep(0 if len(naps) < 2 else 60)

        async with opened(channel(api, sleep=sleep)) as bot:
            task = asyncio.create_task(bot.poll(refuse))
            await met(lambda: len(naps) >= 2)
            task.cancel()

    run(main())
    assert api.paths() == [TOKEN, TOKEN]
    assert "no token at present, unreachable" in caplog.text


def test_the_state_tells_what_is_missing(api):
    assert state(api, MemoryKeep()) == {"up": True, "why": "", "token_expires_seconds": None}
    assert "ZALO_OA_APP_SECRET" in state(api, MemoryKeep(), zalo_oa_app_secret="")["why"]
    assert "ZALO_OA_SECRET_KEY is not set" in state(api, MemoryKeep(), zalo_oa_secret_key="")["why"]
    keep = MemoryKeep()
    sent(api, {"text": "một"}, keep=keep)
    assert state(api, keep)["token_expires_seconds"] == pytest.approx(90_000, abs=20)
    api.forward(26)
    assert "has expired" in state(api, keep)["why"]


def test_sending_without_the_secrets_is_a_matter_of_configuration(api):
    for missing in ("zalo_oa_app_secret", "zalo_oa_refresh_token"):
        assert refusal(api, {"text": "một"}, **{missing: ""}).failure is base.MISCONFIGURED
    assert api.calls == []


def test_the_proof_of_the_app_is_that_of_the_fact_sheet(api):
    assert proof("app-secret-EXAMPLE", "access-token-EXAMPLE") == "402cad2a656261c17a04b89ec68b1ce69473e5b994facd429db1db4d31ac2e03"
    api.proof = True
    assert refusal(api, {"text": "một"}).failure is base.MISCONFIGURED
    api.refresh_token = api.first_refresh_token = "another"
    sent(api, {"text": "một"}, zalo_oa_proof=True)


# --- what is kept quiet


def test_logs_carry_no_words_people_or_secrets(api, caplog):
    caplog.set_level(logging.DEBUG)
    keep = MemoryKeep()
    posted(api, [api.signed(text("bí mật")), (api.signed(text("bí mật"))[0], "mac=0"), api.signed(media("image", {"url": "u"}))])
    for kind in ("garbage", "disconnect", "429", -201, -216, -230):
        api.fail_next(1, kind, MESSAGE)
        try:
            sent(api, {"text": "bí mật", "image": PICTURE, "alt": "bí mật"}, keep=keep)
        except SendError as error:
            assert "bí mật" not in str(error)
    die_while_saving(api, MemoryKeep())
    mine = "\n".join(r.getMessage() for r in caplog.records if r.name.split(".")[0] in ("bot", "httpx", "httpcore"))
    assert "a wrong signature" in mine
    secret = [api.access_token, api.refresh_token, api.first_refresh_token, api.secret, api.app_secret]
    assert [word for word in ("bí mật", CITIZEN, *secret) if word in mine] == []


def test_name_and_picture_of_a_citizen_are_never_asked_for(api):
    sent(api, {"text": "một", "image": PICTURE, "buttons": [{"title": "Có", "payload": "b1"}]})
    posted(api, [api.signed(relation("follow")), api.signed(text("chào"))])
    assert set(api.paths()) == {TOKEN, MESSAGE, UPLOAD}


# --- the stand-in itself


def test_the_stand_in_keeps_to_the_fact_sheet(api):
    def token(refresh, secret=api.app_secret, **fields):
        data = {"app_id": APP, "refresh_token": refresh, "grant_type": "refresh_token", **fields}
        return httpx.post(api.url + TOKEN, headers={"secret_key": secret}, data=data).json()

    def message(content, token=None, path=MESSAGE):
        answer = httpx.post(api.url + path, headers={"access_token": token or api.access_token}, json=content)
        assert answer.status_code == 200, "errors, too"
        return answer.json()["error"]

    def saying(words="a", user=CITIZEN, **attachment):
        return {"recipient": {"user_id": user}, "message": {"text": words, **({"attachment": attachment} if attachment else {})}}

    def choices(number, title="Nút", payload="b1", **more):
        return saying(type="template", payload={"buttons": [{"title": title, "type": "oa.query.hide", "payload": payload}] * number, **more})

    assert token("refresh-token-EXAMPLE", secret="wrong")["error"] < 0 and token("refresh-token-EXAMPLE", app_id="1")["error"] == -118
    first = token("refresh-token-EXAMPLE")
    assert (first["expires_in"], first["access_token"]) == ("90000", api.access_token)
    assert token("refresh-token-EXAMPLE") == {"error": -14014, "error_name": "Invalid refresh token"}
    second = token(first["refresh_token"])
    assert message(saying(), first["access_token"]) == -216, "the old one dies"
    assert message(saying(), second["access_token"]) == 0
    assert (message(saying("a" * 2000)), message(saying("a" * 2001))) == (0, -201)
    assert (message(choices(5)), message(choices(6)), message(choices(1, "a" * 36)), message(choices(1, payload=""))) == (0, -201, -201, -201)
    assert message(choices(1, template_type="button")) == -233
    assert message({"recipient": {"user_id": CITIZEN}, "message": {"text": "a"}, "more": 1}) == -201
    assert (message(saying(user="404")), message(saying(user="An"))) == (-232, -201)
    api.meet("8", hours_ago=168.1)
    assert message(saying(user="8")) == -230
    api.refusals["9"] = -213
    assert message(saying(user="9")) == -213
    assert httpx.get(api.url + "/v3.0/oa/user/detail").status_code == 404
    assert httpx.post(api.url + "/v2.0/oa/message", json={}).status_code == 404
    assert httpx.post(api.url + UPLOAD, headers={"access_token": api.access_token}, files={"file": ("picture", PNG)}).json()["data"] == {}
    api.forward(25.1)
    assert message(saying()) == -220
    with pytest.raises(ValueError):
        api.fail_next(1, "nonsense")


# --- settings


def test_the_channel_is_on_when_an_app_id_is_set(api):
    assert make(Settings(_env_file=None, zalo_oa_app_id=" ")) is None
    settings = Settings(_env_file=None, **api.settings())
    with pytest.raises(SetupError):
        make(settings)
    found = [c for c in all_channels(settings, keep=MemoryKeep(), picture=lambda path: None) if c.name == "zalo_oa"]
    assert len(found) == 1 and (found[0].limits.characters, found[0].limits.buttons) == (2000, 5)
    assert api.secret not in repr(settings) + repr(found[0])


def test_every_callers_limit_is_below_zalos():
    assert ZaloOaChannel.limits.per_second * 60 < 4000


# --- fixtures and helpers


@pytest.fixture
def api():
    with ZaloOaStandIn() as one:
        one.meet(CITIZEN)
        yield one


class MemoryKeep:
    """A Keep in memory. broken_puts: which of the next puts fail; on_put sees each; slow_seconds: how long one takes."""

    def __init__(self, broken_puts=(), on_put=None, slow_seconds=0.0):
        self.values, self.locks, self.unreadable = {}, {}, False
        self._broken, self._on_put, self._slow = list(broken_puts), on_put, slow_seconds
        self._guard = threading.Lock()

    def get(self, key):
        if self.unreadable:
            raise Unreadable("what is kept cannot be read with this SECRET_KEY")
        return self.values.get(key)

    def put(self, key, value):
        time.sleep(self._slow)
        if self._broken and self._broken.pop(0):
            raise RuntimeError("the database is down")
        if self._on_put:
            self._on_put(key, value)
        self.values[key] = value

    def lock(self, name, seconds):
        with self._guard:
            return self.locks.setdefault(name, ident := object()) is ident

    def unlock(self, name):
        self.locks.pop(name, None)


def options(api, more):
    return Settings(_env_file=None, **api.settings(**more))


def channel(api, keep=None, picture=lambda path: PNG, timeout_seconds=8.0, sleep=asyncio.sleep, **more):
    return ZaloOaChannel(options(api, more), keep if keep is not None else MemoryKeep(), picture, timeout_seconds, api.now, sleep)


@asynccontextmanager
async def opened(bot):
    """The channel, closed at the end."""
    try:
        yield bot
    finally:
        await bot.close()


def run(main):
    return asyncio.run(asyncio.wait_for(main, 30))


async def met(condition):
    """Waits until it holds; fails after five seconds."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


def napping(naps):
    """Stands for asyncio.sleep: notes the seconds and goes on at once."""
    async def sleep(seconds):
        naps.append(seconds)
        await asyncio.sleep(0)

    return sleep


async def refuse(found):
    raise AssertionError("nothing is to be stored")


def now_of(api):
    return datetime.fromtimestamp(api.now(), UTC)


def sent(api, *bodies, occasion=Occasion(), **more):
    """The ids of each message, sent to CITIZEN by a process of its own."""
    async def main():
        async with opened(channel(api, **more)) as bot:
            return [await bot.send(CITIZEN, body, occasion) for body in bodies]

    return run(main())


def refusal(api, body, occasion=Occasion(), **more):
    """The error of a message that is not sent."""
    async def main():
        async with opened(channel(api, **more)) as bot:
            with pytest.raises(SendError) as caught:
                await bot.send(CITIZEN, body, occasion)
            return caught.value

    return run(main())


def state(api, keep, **more):
    async def main():
        async with opened(channel(api, keep=keep, **more)) as bot:
            return await bot.state()

    return run(main())


def die_while_saving(api, keep):
    """Leaves everything as after kill -9 between the token server's answer and the save: intent kept, lock held by nobody alive."""
    class Killed(BaseException):
        pass

    before, puts = keep.put, []

    def put(key, value):
        puts.append(key)
        if len(puts) == 2:
            raise Killed
        before(key, value)

    keep.put = put
    with pytest.raises(Killed):
        sent(api, {"text": "một"}, keep=keep)
    keep.put = before
    keep.locks.clear()
    assert [json.loads(v)["asked_at"] > 0 for v in keep.values.values()] == [True]
    assert api.refresh_token != api.first_refresh_token


def posted(api, requests, secret=SECRET, store=None, **more):
    """The answers to webhook requests of (body, signature), and what was stored."""
    stored = []

    async def keep(found):
        stored.append(found)
        if store is not None:
            await store(found)

    async def main():
        web = FastAPI()
        async with opened(channel(api, zalo_oa_secret_key=secret, **{f"zalo_oa_{name}": value for name, value in more.items()})) as bot:
            web.include_router(router(bot, keep))
            async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://bot") as client:
                return [await client.post("/channels/zalo-oa", content=body,
                                          headers={} if header is None else {"X-ZEvent-Signature": header.encode()})
                        for body, header in requests]

    return run(main()), stored
