"""A broadcast leaves one by one within the platform's pace, and a reply finds a way past it."""

import asyncio
import time

from bot.channels.base import Limits
from bot.services import outbox
from bot.services.pace import BULK_SHARE
from bot.worker import SENDS_SIDE_BY_SIDE, Worker
from tests.factories import talk_of
from tests.unit.test_worker_delivery import BODY, Platform, app, rows  # noqa: F401  app is a fixture

PER_SECOND = 20


class Slow(Platform):
    """Takes a fifth of a second for each message; at: when it was asked."""

    limits = Limits(4096, 10, per_second=PER_SECOND)

    def __init__(self):
        super().__init__()
        self.seconds, self.at = 0.2, {}

    async def send(self, address, body, occasion=None):
        self.at[address] = time.monotonic()
        return await super().send(address, body, occasion)


def queue(app, kind: str, *addresses: str) -> None:  # noqa: F811
    with app.database.write() as session:
        for one in addresses:
            outbox.enqueue(session, talk_of(session, f"chat-{one}-0123456789", "telegram"), f"{kind}:{one}", kind, BODY, app.clock(), address=one)


def test_one_after_another_and_never_more_than_its_share(app):  # noqa: F811
    queue(app, "news", *map(str, range(16)))
    platform = Slow()
    asyncio.run(Worker(app, [platform]).deliver())
    at = sorted(platform.at.values())
    gaps = [later - earlier for earlier, later in zip(at, at[1:], strict=False)]
    assert len(at) == 16 and at[-1] - at[0] >= 15 / (PER_SECOND * BULK_SHARE) - 0.05 and sorted(gaps)[7] > 0.02
    assert platform.most_at_once < SENDS_SIDE_BY_SIDE  # at 16 a second, a fifth of a second each: three or four, with room for replies
    assert {state for state, _ in rows(app).values()} == {"sent"}


def test_a_reply_does_not_wait_for_the_batch_before_it(app):  # noqa: F811
    queue(app, "news", *map(str, range(16)))
    platform = Slow()

    async def both() -> float:
        worker = Worker(app, [platform])
        going = asyncio.create_task(worker.deliver())
        while not platform.took:
            await asyncio.sleep(0.01)
        queue(app, "reply", "citizen")
        began = time.monotonic()
        await worker.deliver()
        await going
        return platform.at["citizen"] - began

    assert asyncio.run(both()) < 0.4 and platform.took[-1] != "citizen"
