"""Telegram's webhook: what it takes and refuses, and how it is set on start."""

import json

import pytest

from bot.channels.telegram import router
from bot.channels.telegram_events import ALLOWED_UPDATES
from tests import loops
from tests.loops import napping, opened, refuse, run
from tests.telegram_channel import CHAT, GROUP, SECRET, channel, message, stand_in, tap, wordless

api = pytest.fixture(stand_in)


# --- the webhook


def test_a_webhook_update_is_stored_and_answered(api):
    answers, stored = posted(api, [message(text="một"), message(text="một"), tap(), message(12, chat=GROUP, text="nhóm"),
                                   {"update_id": 13}])
    assert [a.status_code for a in answers] == [200] * 5
    assert [(m.platform_id, m.text, m.button) for m in stored] == [("10", "một", ""), ("10", "một", ""), ("11", "", "bAbC123")]


def test_a_webhook_photo_is_stored_with_the_sentence_that_answers_it(api):
    answers, stored = posted(api, [message(photo=[])])
    assert ([a.status_code for a in answers], stored) == ([200], [wordless()])


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


def posted(api, bodies, configured=SECRET, given=SECRET, store=None):
    """The answers to webhook requests, and what was stored."""
    headers = {} if given is None else {"X-Telegram-Bot-Api-Secret-Token": given}
    return loops.posted(lambda: channel(api, secret=configured), router, "/channels/telegram", [(b, headers) for b in bodies], store)
