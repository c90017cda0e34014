"""Long polling of Telegram: what is stored before it is confirmed, what is answered at once, and what survives."""

import asyncio
import json
import logging

import pytest
from sqlalchemy import select

from bot.clock import now
from bot.messages import Incoming
from bot.services import inbox
from bot.store.tables import Inbound, Outbound
from bot.wording import say
from tests.loops import met, napping, opened, polled, refuse, run
from tests.telegram_channel import CHAT, GROUP, SECRET, channel, message, stand_in, tap

api = pytest.fixture(stand_in)


# --- polling


def test_polling_stores_what_citizens_say_in_order(api):
    api.user_says(CHAT, "một")
    api.add("message", {"odd": True})
    api.add("message", {**message(chat=GROUP, text="nhóm")["message"]})
    query = api.user_taps(CHAT, 1, "b1")
    api.user_says(CHAT, "/hoc")
    stored = polled(channel(api), most=3)
    assert [(m.text, m.button) for m in stored] == [("một", ""), ("", "b1"), ("tôi muốn học", "")]
    assert api.answered == [query]
    assert "deleteWebhook" not in api.methods()


def test_an_update_is_stored_before_it_is_confirmed(api):
    first = api.user_says(CHAT, "một")
    second = api.user_says(CHAT, "hai")

    async def store(found):
        assert [u["update_id"] for u in api.pending] == [first, second]

    polled(channel(api), most=2, store=store)
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

    before = polled(channel(api), store=killed)
    assert [u["update_id"] for u in api.pending] == [ident]
    after = polled(channel(api), store=store)
    assert before == after == [Incoming("telegram", str(ident), str(CHAT), text="một", message=str(api.written[CHAT]), at=before[0].at)]
    with database.read() as session:
        assert session.scalars(select(Inbound.platform_id)).all() == [str(ident)]


def test_a_store_that_fails_loses_nothing_and_keeps_the_order(api):
    ids = [api.user_says(CHAT, text) for text in ("một", "hai", "ba")]
    failures = [RuntimeError("database is down"), None, RuntimeError("database is down")]

    async def store(found):
        if failures and (error := failures.pop(0)):
            raise error

    naps = []
    stored = polled(channel(api, sleep=napping(naps)), most=5, store=store)
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
    polled(channel(api, long_poll_seconds=0), until=lambda stored: len(asked_from(api)) >= 3)
    assert asked_from(api)[:3] == [None, ident + 1, None]
    assert api.pending == []


def test_a_webhook_in_the_way_is_removed(api):
    api.user_says(CHAT, "một")
    api.webhook_url = "https://example.vn/old"
    naps = []
    stored = polled(channel(api, sleep=napping(naps)))
    assert ([m.text for m in stored], api.webhook_url, naps) == (["một"], "", [1])


def test_polling_backs_off_and_recovers(api):
    api.fail_next(7, "500", "getUpdates")
    api.fail_next(1, "ok", "getUpdates")
    api.fail_next(1, "garbage", "getUpdates")
    api.fail_next(1, "429", "getUpdates")
    naps = []
    api.user_says(CHAT, "một")
    polled(channel(api, sleep=napping(naps)), until=lambda stored: len(naps) == 9)
    assert naps == [1, 2, 4, 8, 16, 30, 30, 1, 3]


def test_a_bad_token_is_an_error_a_minute(api, caplog):
    naps = []
    polled(channel(api, token="1:b", sleep=napping(naps)), until=lambda stored: len(naps) >= 2)
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


def test_a_menu_that_is_refused_is_tried_until_telegram_has_it_and_holds_nothing_up(api, caplog):
    api.fail_next(3, "500", "setMyCommands")
    api.user_says(CHAT, "một")
    assert [m.text for m in polled(channel(api, sleep=lambda seconds: asyncio.sleep(0.01)), until=lambda stored: stored and len(api.menus) == 2)] \
        and {language: [c["command"] for c in menu] for language, menu in api.menus.items()} == {"": MENU, "vi": MENU}
    assert len([r for r in caplog.records if "setMyCommands" in r.getMessage()]) == 3


# --- what is answered at once


def test_an_album_is_answered_with_one_sentence_whoever_receives_its_parts(api, database):
    """Through the inbox, so that several web processes that get the parts of an album answer it once all the same."""
    for _ in range(3):
        api.user_sends_photo(CHAT, media_group_id="1")
    api.user_sends_photo(8)
    stored = polled(channel(api), most=4)
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
    stored = polled(channel(api), until=lambda stored: len(asked_from(api)) == 2)
    assert [m.button for m in stored] == ["b1"]
    assert sorted(api.answered) == ["ignored0", "ignored1", "ignored2", good]


def test_a_query_that_is_too_old_is_no_trouble(api, caplog):
    api.user_taps(CHAT, 1, "b1")
    api.taps_grow_old()
    stored = polled(channel(api), until=lambda stored: "answerCallbackQuery" in api.methods())
    assert [m.button for m in stored] == ["b1"]
    assert [r for r in caplog.records if r.levelno >= logging.WARNING and r.name.startswith("bot.")] == []


def asked_from(api):
    """The offsets of all getUpdates so far."""
    return [int(f["offset"]) if "offset" in f else None for m, f in api.calls if m == "getUpdates"]
