"""Long polling of the Zalo Bot Platform: what survives where nothing can be acknowledged."""

import asyncio
import logging

import pytest
from sqlalchemy import select

from bot.clock import now
from bot.services import inbox
from bot.store.tables import Inbound
from tests.loops import met, napping, opened, polled, run
from tests.zalo_bot_channel import BOT, CHAT, channel, stand_in

api = pytest.fixture(stand_in)


def test_polling_stores_what_citizens_say_in_order(api):
    api.user_says(CHAT, "một")
    api.user_says(CHAT, "nhóm", chat_type="GROUP")
    api.user_says(CHAT, "vọng", sender=BOT)
    api.add("message.brand_new", CHAT)
    api.user_says(CHAT, "hai")
    assert [m.text for m in polled(channel(api), most=2)] == ["một", "hai"]
    assert [f for m, f in api.calls if m == "getUpdates"][0] == {"timeout": 30}
    assert set(api.methods()) == {"getUpdates"}


def test_a_list_of_updates_is_read_alike(api):
    api.as_list = True
    api.user_says(CHAT, "một")
    assert [m.text for m in polled(channel(api))] == ["một"]


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

    polled(channel(api), most=2, store=store, until=lambda stored: len(asked) == 2)
    assert asked == [1, 2]


def test_nothing_new_is_no_failure(api, caplog):
    api.fail_next(1, "408", "getUpdates")
    naps = []
    polled(channel(api, long_poll_seconds=0.05, sleep=napping(naps)), until=lambda stored: len(api.calls) > 3 and len(naps) >= 3)
    assert max(naps) <= 1, "an answer that comes at once is waited out, so that nothing spins"
    assert [r for r in caplog.records if r.name.startswith("bot.")] == []


def test_a_store_that_fails_is_tried_until_it_works_for_nobody_hands_it_out_again(api):
    api.user_says(CHAT, "một")
    api.user_says(CHAT, "hai")
    failures, naps, asked = [RuntimeError("database is down")] * 3, [], []

    async def store(found):
        asked.append((found.text, len(api.calls)))
        if failures:
            raise failures.pop()

    stored = polled(channel(api, sleep=napping(naps)), most=5, store=store)
    assert [m.text for m in stored] == ["một"] * 4 + ["hai"]
    assert (naps[:3], asked) == ([1, 2, 4], [("một", 1)] * 4 + [("hai", 2)])


def test_a_cancelled_poll_still_stores_what_it_holds(api):
    api.user_says(CHAT, "một")
    stored = []

    async def main():
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def store(found):
            begun.set()
            await go_on.wait()
            stored.append(found.text)

        async with opened(channel(api)) as bot:
            task = asyncio.create_task(bot.poll(store))
            await begun.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert stored == []
            go_on.set()

    run(main())
    assert stored == ["một"]


def test_a_webhook_in_the_way_is_removed(api):
    api.user_says(CHAT, "một")
    api.webhook_url = "https://example.vn/old"
    naps = []
    stored = polled(channel(api, sleep=napping(naps)))
    assert ([m.text for m in stored], api.webhook_url, naps[0]) == (["một"], "", 1)


def test_polling_backs_off_and_recovers(api):
    for kind in ["500"] * 7 + ["garbage", "disconnect", "ok", "403"]:
        api.fail_next(1, kind, "getUpdates")
    api.retry_after = "45"
    api.fail_next(1, "429", "getUpdates")
    api.user_says(CHAT, "một")
    naps = []
    polled(channel(api, sleep=napping(naps)), until=lambda stored: len(naps) >= 11)
    assert naps[:11] == [1, 2, 4, 8, 16, 30, 30, 30, 30, 1, 45]


def test_a_bad_token_is_an_error_every_five_minutes(api, caplog):
    naps = []
    polled(channel(api, token="4711:b", sleep=napping(naps)), until=lambda stored: len(naps) >= 2)
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

    polled(channel(api), most=5, store=store)
    with database.read() as session:
        assert session.execute(select(Inbound.platform_id, Inbound.text).order_by(Inbound.id)).all() == [("m7", "một"), ("m8", "hai")]


@pytest.mark.parametrize(("name", "errors"), [("bot.thu", 0), ("bot.that", 1), ("", 0)])
def test_a_token_of_another_bot_is_noticed(api, caplog, name, errors):
    api.user_says(CHAT, "một")
    assert len(polled(channel(api, name=name))) == 1
    assert sum("another bot" in r.getMessage() for r in caplog.records) == errors
    assert ("getMe" in api.methods()) == bool(name)
