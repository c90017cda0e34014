"""A broadcast leaves one by one within the platform's pace, and a reply finds a way past it."""

import asyncio
import heapq
from types import SimpleNamespace

import pytest

from bot.channels.base import Limits
from bot.services import outbox
from bot.services.pace import BULK_SHARE
from bot.worker import SENDS_SIDE_BY_SIDE, Worker
from tests.factories import talk_of
from tests.unit.test_worker_delivery import BODY, Platform, rows

PER_SECOND = 20
sleep_in_truth = asyncio.sleep


class Time:
    """Passes only when everybody sleeps, from one waking to the next: how busy the machine is changes nothing. No threads meanwhile."""

    def __init__(self):
        self.now, self._sleepers = 0.0, []

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, id(woken), woken))
        await woken

    async def until_done(self, work) -> object:
        task = asyncio.create_task(work)
        while not task.done():
            for _ in range(50):  # whoever is awake acts
                await sleep_in_truth(0)
            if self._sleepers:
                self.now, _, woken = heapq.heappop(self._sleepers)
                woken.set_result(None)
        return task.result()


@pytest.fixture
def passing(monkeypatch) -> Time:
    made = Time()

    async def at_once(work, *given):
        return work(*given)

    monkeypatch.setattr("bot.worker.time", SimpleNamespace(monotonic=lambda: made.now, perf_counter=lambda: made.now))
    monkeypatch.setattr(asyncio, "sleep", made.sleep)
    monkeypatch.setattr(asyncio, "to_thread", at_once)
    return made


class Slow(Platform):
    """Takes a fifth of a second for each message; at: when it was asked."""

    limits = Limits(4096, 10, per_second=PER_SECOND)

    def __init__(self, passing: Time):
        super().__init__()
        self.seconds, self.at, self.time = 0.2, {}, passing

    async def send(self, address, body, occasion=None):
        self.at[address] = self.time.now
        return await super().send(address, body, occasion)


def queue(app, kind: str, *addresses: str) -> None:
    with app.database.write() as session:
        for one in addresses:
            outbox.enqueue(session, talk_of(session, f"chat-{one}-0123456789", "telegram"), f"{kind}:{one}", kind, BODY, app.clock(), address=one)


def test_one_after_another_and_never_more_than_its_share(app, passing):
    queue(app, "news", *map(str, range(16)))
    platform = Slow(passing)
    asyncio.run(passing.until_done(Worker(app, [platform]).deliver()))
    at = sorted(platform.at.values())
    gaps = [later - earlier for earlier, later in zip(at, at[1:], strict=False)]
    assert len(at) == 16 and at[-1] - at[0] >= 15 / (PER_SECOND * BULK_SHARE) - 0.05 and min(gaps) > 0.02
    assert platform.most_at_once < SENDS_SIDE_BY_SIDE  # at 16 a second, a fifth of a second each: three or four, with room for replies
    assert {state for state, _ in rows(app).values()} == {"sent"}


def test_a_reply_does_not_wait_for_the_batch_before_it(app, passing):
    queue(app, "news", *map(str, range(16)))
    platform = Slow(passing)

    async def both() -> float:
        worker = Worker(app, [platform])
        going = asyncio.create_task(worker.deliver())
        while not platform.took:
            await asyncio.sleep(0.01)
        queue(app, "reply", "citizen")
        began = passing.now
        await worker.deliver()
        await going
        return platform.at["citizen"] - began

    assert asyncio.run(passing.until_done(both())) < 0.4 and platform.took[-1] != "citizen"
