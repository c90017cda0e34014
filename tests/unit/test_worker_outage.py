"""A platform that cannot be reached for longer than eight tries take: nothing is given up for it, and nothing waits for ever."""

import asyncio
from datetime import timedelta

from bot.channels.base import UNREACHABLE, Limits, SendError
from bot.services import outbox
from bot.store.tables import Outbound
from bot.worker import Worker
from tests.factories import talk_of

STEP_SECONDS = 5
BODY = {"text": "chào", "buttons": [], "image": None, "quick": False}


class Platform:
    """Cannot be reached by those in `cut`, all of them while `down`."""

    name, limits = "telegram", Limits(4096, 10, per_second=100)

    def __init__(self):
        self.took, self.down, self.cut = [], False, set()

    async def send(self, address, body, occasion=None):
        if self.down or address in self.cut:
            raise SendError(UNREACHABLE)
        self.took.append(address)
        return f"id-{address}"

    async def poll(self, store):
        return

    async def close(self):
        pass


def queue(app, address: str) -> None:
    with app.database.write() as session:
        talk = talk_of(session, f"chat-{address}-0123456789", "telegram")
        outbox.enqueue(session, talk, f"a:{address}:{app.clock().isoformat()}", "reminder", BODY, app.clock(), address=address)


def states(app) -> list[tuple[str, str | None]]:
    with app.database.read() as session:
        return sorted((r.address or "", r.state, r.error) for r in session.query(Outbound))


async def pass_time(app, worker, seconds: int) -> None:
    for _ in range(0, seconds, STEP_SECONDS):
        app.clock.forward(seconds=STEP_SECONDS)
        await worker.deliver()


def test_an_outage_of_a_quarter_of_an_hour_loses_nothing(app):
    platform = Platform()
    worker = Worker(app, [platform])
    queue(app, "before")
    asyncio.run(pass_time(app, worker, 5))
    platform.down = True
    for n in range(5):
        queue(app, f"{n}")
    asyncio.run(pass_time(app, worker, 900))
    assert platform.took == ["before"] and {state for _, state, _ in states(app)} == {"sent", "due"}
    platform.down = False
    asyncio.run(pass_time(app, worker, 260))  # the longest wait after eight tries is 256 s
    assert sorted(platform.took) == ["0", "1", "2", "3", "4", "before"]


def test_while_others_get_through_the_fault_is_the_messages_own(app):
    platform = Platform()
    platform.cut = {"1"}
    worker = Worker(app, [platform])
    queue(app, "1")

    async def with_others() -> None:
        for _ in range(120):
            queue(app, "2")
            await pass_time(app, worker, 5)

    asyncio.run(with_others())
    assert ("", "sent", None) in states(app) and ("1", "dead", "unreachable") in states(app)


def test_after_a_day_it_is_a_dead_letter_all_the_same(app):
    platform = Platform()
    platform.down = True
    worker = Worker(app, [platform])
    queue(app, "1")
    for _ in range(400):
        app.clock.at += timedelta(minutes=4)
        asyncio.run(worker.deliver())
    assert states(app) == [("1", "dead", "unreachable")]
