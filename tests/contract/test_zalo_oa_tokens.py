"""The Official Account's token pair: renewed in time and once, saved before use, and what is said when it is missing."""

import asyncio
import json
import multiprocessing
from datetime import UTC, datetime

import httpx
import pytest

from bot.channels import base
from bot.channels.base import SendError
from bot.channels.zalo_oa import proof
from bot.channels.zalo_oa_tokens import AGAIN_SECONDS, Tokens
from bot.config import Settings
from bot.services.keep import Kept
from bot.store.db import Database
from tests.loops import met, opened, refuse, run
from tests.patience import HTTP_SECONDS, WAIT_SECONDS
from tests.standins.zalo_oa import MESSAGE, TOKEN
from tests.zalo_oa_channel import APP, CITIZEN, MemoryKeep, channel, refusal, sent, stand_in, state

api = pytest.fixture(stand_in)


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
    assert state(api, keep)["token_expires_seconds"] == pytest.approx(90_000, abs=600)


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
        async with httpx.AsyncClient(timeout=HTTP_SECONDS) as client:
            tokens = Tokens(options, Kept(database, options, lambda: datetime.now(UTC)), lambda: client)
            started.wait(WAIT_SECONDS)
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
    assert state(api, keep)["token_expires_seconds"] == pytest.approx(90_000, abs=600)
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
