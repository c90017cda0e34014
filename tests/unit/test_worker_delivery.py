"""The worker's side of delivery: what was sent is recorded however long the database is away, and a stop cuts nothing off."""

import asyncio
import time

import pytest
from sqlalchemy.exc import OperationalError

from bot.channels.base import BAD_REQUEST, RETRY_AFTER, Limits, SendError
from bot.services import outbox
from bot.store.tables import Heartbeat, Outbound
from bot.worker import SENDS_SIDE_BY_SIDE, Worker
from tests.factories import talk_of
from tests.patience import WAIT_SECONDS

BODY = {"text": "chào", "buttons": [], "image": None, "quick": False}


class Platform:
    """A channel that does what `answers` says for each text, and remembers what it took."""

    name, limits = "telegram", Limits(4096, 10, per_second=100)

    def __init__(self):
        self.took, self.answers, self.seconds, self.at_once, self.most_at_once = [], {}, 0.0, 0, 0
        self.open: asyncio.Event | None = None  # what it takes waits for this

    async def send(self, address, body, occasion=None):
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.seconds)
            if self.open is not None:
                await self.open.wait()
            answer = self.answers.get(address)
            if isinstance(answer, Exception):
                raise answer
            self.took.append(address)
            return f"id-{address}"
        finally:
            self.at_once -= 1

    async def poll(self, store):
        return

    async def close(self):
        pass


@pytest.fixture
def platform():
    return Platform()


def queue(app, *addresses: str) -> None:
    with app.database.write() as session:
        for address in addresses:
            outbox.enqueue(session, talk_of(session, f"chat-{address}-0123456789", "telegram"), f"a:{address}", "reply", BODY, app.clock(), address=address)


def rows(app) -> dict[str, tuple[str, str | None]]:
    with app.database.read() as session:
        return {r.cause: (r.state, r.platform_message_id or r.error) for r in session.query(Outbound)}


def test_what_was_sent_is_recorded_when_the_database_comes_back(app, platform, monkeypatch):
    queue(app, "1")
    worker, fails = Worker(app, [platform]), iter(range(3))
    monkeypatch.setattr(outbox, "sent", failing(outbox.sent, fails))
    asyncio.run(worker.deliver())
    assert rows(app) == {"a:1": ("sent", "id-1")} and platform.took == ["1"]
    assert next(fails, None) is None  # it was away three times


def failing(work, times):
    def attempt(*given, **more):
        if next(times, None) is not None:
            raise OperationalError("COMMIT", {}, Exception("the database system is starting up"))
        return work(*given, **more)

    return attempt


def test_a_fault_of_ours_ends_after_so_many_tries_instead_of_for_ever(app, platform):
    queue(app, "1")
    platform.answers["1"] = KeyError("text")
    worker = Worker(app, [platform])
    for _ in range(outbox.TRIES):
        asyncio.run(worker.deliver())
        app.clock.forward(hours=1) if app.clock().hour < 18 else app.clock.forward(hours=14)
    assert rows(app) == {"a:1": ("dead", "internal")}


def test_a_slow_platform_gets_a_few_at_once_and_all_in_the_end(app, platform):
    queue(app, *map(str, range(20)))

    async def run() -> None:
        platform.open = asyncio.Event()
        sending = asyncio.create_task(Worker(app, [platform]).deliver())
        while platform.at_once < SENDS_SIDE_BY_SIDE:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)  # more would have begun by now
        platform.open.set()
        await sending

    asyncio.run(run())
    assert platform.most_at_once == SENDS_SIDE_BY_SIDE and len(set(platform.took)) == 20 == len(platform.took)


def test_errors_are_counted_by_channel_and_name(app, platform):
    queue(app, "1", "2", "3")
    platform.answers = {"1": SendError(RETRY_AFTER, 5.0), "2": SendError(BAD_REQUEST)}
    worker = Worker(app, [platform])
    asyncio.run(worker.deliver())
    asyncio.run(worker.beat())
    from bot.services import tallies
    with app.database.read() as session:
        counts = {labels["error"]: value for labels, value in tallies.of_all(session)["delivery_errors"]}
    assert counts == {"retry_after": 1.0, "bad_request": 1.0}


def test_a_stop_lets_what_is_being_sent_land_and_leaves_nothing_leased(app, platform, monkeypatch):
    monkeypatch.setattr("bot.worker.LAND_SECONDS", WAIT_SECONDS)  # however slow the machine, they land before that
    queue(app, *map(str, range(4)))
    platform.seconds = 0.6

    async def run() -> float:
        import os
        import signal
        worker = Worker(app, [platform])
        running = asyncio.create_task(worker.run())
        while not platform.at_once:
            await asyncio.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)
        began = time.monotonic()
        await running
        return time.monotonic() - began

    assert asyncio.run(run()) < WAIT_SECONDS / 2
    assert {state for state, _ in rows(app).values()} == {"sent"} and sorted(platform.took) == ["0", "1", "2", "3"]
    with app.database.read() as session:
        assert session.query(Heartbeat).count() == 0
    assert list(app.settings.receipts.iterdir()) == []


def test_rows_forgotten_by_a_living_worker_are_freed_at_the_second_beat(app, platform):
    queue(app, "1")
    worker = Worker(app, [platform])
    with app.database.write() as session:
        outbox.claim(session, ["telegram"], app.clock(), holder=worker._roll.name)
    asyncio.run(worker.beat())
    assert rows(app)["a:1"][0] == "sending"
    asyncio.run(worker.beat())
    assert rows(app)["a:1"][0] == "due"


def test_rows_that_are_being_sent_are_never_taken_for_forgotten(app, platform):
    queue(app, "1")

    async def run() -> None:
        worker, platform.open = Worker(app, [platform]), asyncio.Event()
        sending = asyncio.create_task(worker.deliver())
        while not platform.at_once:
            await asyncio.sleep(0.02)
        app.clock.forward(hours=1)
        for _ in range(3):
            await worker.beat()
        assert rows(app)["a:1"][0] == "sending"
        platform.open.set()
        await sending

    asyncio.run(run())
    assert platform.took == ["1"] and rows(app)["a:1"] == ("sent", "id-1")
