"""The Zalo Bot's webhook: what it takes and refuses, and how its address is set."""

import asyncio
import logging

import pytest

from bot.clock import now
from bot.services.keep import Kept
from bot.wording import say
from tests.loops import napping
from tests.standins.zalo_bot import update, wrapped
from tests.zalo_bot_channel import BOT, CHAT, HOST, SECRET, poll_once, posted, settings, stand_in, text

api = pytest.fixture(stand_in)


# --- the webhook's address


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
