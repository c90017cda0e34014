"""The numbers behind /health and /metrics."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from bot.app import App
from bot.config import Settings
from bot.services import health, inbox, outbox
from bot.services.roll import Roll
from bot.services.tallies import Tallies
from bot.store.tables import Outbound
from bot.web import ops
from tests.factories import KEY, TUESDAY_TEN, FrozenClock, incoming, talk_of

BODY = {"text": "chào", "buttons": [], "image": None, "quick": False}


class Rasas:
    def __init__(self, **ready: bool):
        self._ready = ready

    async def each_ready(self) -> dict[str, bool]:
        return self._ready


@pytest.fixture
def app(database, tmp_path):
    return App(Settings(database_url=f"sqlite:///{tmp_path}/x.db"), database, FrozenClock())


@pytest.fixture
def ask(app):
    """(path, Rasas) -> the answer."""
    def get(path: str, **ready: bool) -> httpx.Response:
        web = FastAPI()
        web.include_router(ops.router)
        web.state.app, web.state.rasa = app, Rasas(**(ready or {"one": True}))

        async def go():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://x") as http:
                return await http.get(path)

        import asyncio
        return asyncio.run(go())

    return get


def beat(database, name: str = "worker:a", now=TUESDAY_TEN) -> None:
    with database.write() as session:
        Roll(name).beat(session, now)


def metrics(answer: httpx.Response) -> dict[tuple, float]:
    """(sample, labels …) -> value; every line must parse."""
    return {(s.name, *sorted(s.labels.items())): s.value for f in text_string_to_metric_families(answer.text) for s in f.samples}


def test_all_is_well(database, ask):
    beat(database)
    answer = ask("/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "rasa": "up", "database": "up", "worker": "up", "channels": {}}


def test_it_says_which_part_is_down(database, ask, app):
    assert ask("/health").json()["worker"] == "down"
    beat(database)
    answer = ask("/health", one=False)
    assert (answer.status_code, answer.json()["rasa"]) == (503, "down")
    answer = ask("/health", one=False, two=True)
    assert answer.status_code == 200 and answer.json()["rasas"] == {"one": "down", "two": "up"}
    app.clock.forward(seconds=31)
    assert ask("/health").status_code == 503


def test_a_channel_that_cannot_send_is_named_and_the_rest_goes_on(database, ask):
    beat(database)
    with database.write() as session:
        health.note_channels(session, {"zalo_oa": {"up": False, "why": "token needs a human", "token_expires_seconds": None}, "telegram": None},
                             TUESDAY_TEN)
    answer = ask("/health")
    assert answer.status_code == 200 and answer.json()["status"] == "degraded"
    assert answer.json()["channels"] == {"telegram": {"state": "up"}, "zalo_oa": {"state": "down", "why": "token needs a human"}}


def test_with_the_database_down_it_still_answers(ask, app):
    class Broken:
        def read(self):
            raise OSError("gone")

    app.database = Broken()
    answer = ask("/health")
    assert (answer.status_code, answer.json()["database"], answer.json()["worker"]) == (503, "down", "unknown")
    assert metrics(ask("/metrics"))[("bot_database_up",)] == 0


def test_the_metrics_count_what_waits_what_failed_and_what_is_slow(database, ask, app):
    beat(database), beat(database, "worker:b"), beat(database, "web:c")
    with database.write() as session:
        talk = talk_of(session, "77", "telegram")
        for n, kind in enumerate(["reply", "reminder", "announcement", "announcement", "nudge"]):
            outbox.enqueue(session, talk, f"a:{n}", kind, BODY, TUESDAY_TEN - timedelta(seconds=60 + n), address="77")
        outbox.enqueue(session, talk, "later", "reminder", BODY, TUESDAY_TEN, TUESDAY_TEN + timedelta(hours=1), address="77")
        for n, (state, error) in enumerate([("dead", "blocked"), ("dead", "blocked"), ("dead", "cancelled"), ("held", "window_closed")]):
            row = session.get_one(Outbound, outbox.enqueue(session, talk, f"b:{n}", "reminder", BODY, TUESDAY_TEN, address="77"))
            row.state, row.error = state, error
        inbox.store(session, KEY, incoming(), TUESDAY_TEN - timedelta(seconds=5))
        health.note_channels(session, {"zalo_oa": {"up": True, "why": "", "token_expires_seconds": 3600.0}}, TUESDAY_TEN)
        tallies = Tallies()
        tallies.count("delivery_errors", 2, channel="telegram", error="retry_after")
        for seconds in (0.04, 0.3, 0.3, 99.0):
            tallies.observe("send_seconds", seconds, channel="telegram")
        tallies.flush(session)
    found = metrics(ask("/metrics"))
    assert [found[("bot_queue_depth", ("channel", "telegram"), ("priority", p))] for p in ("reply", "reminder", "broadcast")] == [1, 1, 3]
    assert found[("bot_oldest_unsent_seconds",)] == 64
    assert found[("bot_oldest_unanswered_seconds",)] == 5
    assert found[("bot_dead_letters", ("error", "blocked"))] == 2 and ("bot_dead_letters", ("error", "cancelled")) not in found
    assert found[("bot_outbox_messages", ("state", "held"))] == 1 and found[("bot_inbox_messages", ("state", "parked"))] == 0
    assert [found[("bot_processes", ("kind", k))] for k in ("web", "worker")] == [1, 2]
    assert found[("bot_token_expires_seconds", ("channel", "zalo_oa"))] == 3600
    assert found[("bot_delivery_errors_total", ("channel", "telegram"), ("error", "retry_after"))] == 2
    assert [found[("bot_send_seconds_bucket", ("channel", "telegram"), ("le", le))] for le in ("0.05", "0.2", "0.4", "15.0", "+Inf")] == [1, 1, 3, 3, 4]
    assert found[("bot_send_seconds_count", ("channel", "telegram"))] == 4
    assert found[("bot_send_seconds_sum", ("channel", "telegram"))] == pytest.approx(99.64)


def test_what_waits_for_a_browser_is_not_late(database, ask):
    with database.write() as session:
        outbox.enqueue(session, talk_of(session), "a", "reminder", BODY, TUESDAY_TEN - timedelta(days=1))
    found = metrics(ask("/metrics"))
    assert found[("bot_oldest_unsent_seconds",)] == 0 and found[("bot_oldest_due_seconds", ("channel", "web"))] == 86400


def test_counts_of_several_processes_add_up_and_a_failed_commit_loses_none(database):
    one, two = Tallies(), Tallies()
    for tallies in (one, two, one):
        tallies.count("delivery_errors", channel="x", error="y")
        with database.write() as session:
            tallies.flush(session)
        tallies.kept()
    one.count("delivery_errors", channel="x", error="y")
    with pytest.raises(RuntimeError), database.write() as session:
        one.flush(session)
        raise RuntimeError
    one.count("delivery_errors", channel="x", error="y")
    with database.write() as session:
        one.flush(session)
    one.kept()
    with database.read() as session:
        from bot.services import tallies as stored
        assert stored.of_all(session) == {"delivery_errors": [({"channel": "x", "error": "y"}, 5.0)]}
