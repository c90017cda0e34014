"""The Official Account's token pair after a lost answer, a crash, a refusal, a database that does not take it."""

import asyncio
import json
import logging
import socket
from datetime import UTC, datetime

import pytest

from bot.channels import base
from bot.channels.zalo_oa_tokens import AGAIN_SECONDS, LOCK
from bot.config import Settings
from bot.services.keep import Kept
from tests.factories import FrozenClock
from tests.loops import met, napping, opened, refuse, run
from tests.patience import time_out
from tests.standins.zalo_oa import MESSAGE, TOKEN
from tests.zalo_oa_channel import CITIZEN, MemoryKeep, channel, die_while_saving, refusal, sent, stand_in, state

api = pytest.fixture(stand_in)


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
    assert refusal(api, {"text": "một"}, keep=keep, timeout_seconds=time_out(kind)).failure is base.UNREACHABLE
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
