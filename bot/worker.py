"""The worker: APScheduler ticks over our tables. It keeps no state; any number may run on one database."""

import asyncio
import logging
import os
import random
import secrets
import signal
import socket
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from bot import errands, failpoints
from bot.app import App
from bot.channels.base import BLOCKED, GONE, WINDOW_CLOSED, Moved, Occasion, PushChannel, SendError
from bot.messages import Incoming
from bot.services import authoring, communes, corrective, health, outbox, parking, people, planning, quality, retention, spread, takeover, tasks, tell_later
from bot.services.pace import BULK_SHARE
from bot.services.receipts import Receipts
from bot.services.reports import orders, schedule
from bot.services.roll import Roll
from bot.store.tables import Conversation, Lease, Outbound

logger = logging.getLogger(__name__)

PLAN_EVERY_SECONDS = 2
DELIVER_EVERY_SECONDS = 1
DELIVER_SIDE_BY_SIDE = 10
"""Batches under way at once: one that waits for a slow platform holds up no other chat."""
SENDS_SIDE_BY_SIDE = 6
"""Sends to one platform at once: enough for its rate, and so few that a killed worker leaves few whose fate nobody knows."""
BEAT_EVERY_SECONDS = 5
REPORTS_EVERY_SECONDS = 10
LAND_SECONDS = 8
"""How long a worker that is told to stop waits for what it is sending."""
CLEAN_EVERY_SECONDS = 1800
ERRANDS_EVERY_SECONDS = 10
ANSWERS_EVERY_SECONDS = 20
SPREAD_EVERY_SECONDS = 300
TASKS_EVERY_SECONDS = 15
RATED_WITHIN = timedelta(days=2)
"""The quick look at low ratings goes so far back; `clean` looks at all of them."""
FIRST_CLEAN = timedelta(seconds=60)
"""After the start, so that a worker that is started again often cleans and looks at what spreads all the same."""
POLL_LEASE = timedelta(seconds=20)


class Worker:
    """Plans reminders, nudges and drills, delivers on push channels, polls where there is no webhook, cleans up."""

    def __init__(self, app: App, channels: list[PushChannel]):
        self._app, self._channels = app, {c.name: c for c in channels}
        # a token, because a container's worker has the same pid after every restart
        self._holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._roll = Roll(f"worker:{self._holder}")
        self._flying: dict[int, None] = {}
        """Rows that are leased or being sent now; a dict, because threads add to it and copy it."""
        self._lost: set[int] = set()
        """Rows that looked lost at the last beat."""
        self._slots = {name: asyncio.Semaphore(SENDS_SIDE_BY_SIDE) for name in self._channels}
        self._next_bulk = dict.fromkeys(self._channels, 0.0)
        """When the next broadcast of each channel may leave, in monotonic seconds."""
        self._receipts: Receipts | None = None

    @property
    def receipts(self) -> Receipts:
        if self._receipts is None:
            self._receipts = Receipts(self._app.settings.receipts, self._roll.name)
        return self._receipts

    async def run(self) -> None:
        """Until SIGTERM or SIGINT; then what is being sent is finished."""
        stop = asyncio.Event()
        for one in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(one, stop.set)
        scheduler = AsyncIOScheduler(timezone="UTC")
        # coalesce and misfire_grace_time: a tick that comes late still comes, once; what is due stands in the tables
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        scheduler.add_job(self._tick(self.plan), "interval", seconds=PLAN_EVERY_SECONDS, **options)
        scheduler.add_job(self._tick(self.deliver), "interval", seconds=DELIVER_EVERY_SECONDS,
                          **{**options, "max_instances": DELIVER_SIDE_BY_SIDE})
        scheduler.add_job(self._tick(self.beat), "interval", seconds=BEAT_EVERY_SECONDS, **options)
        scheduler.add_job(self._tick(self.report), "interval", seconds=REPORTS_EVERY_SECONDS, **options)
        scheduler.add_job(self._tick(self.clean), "interval", seconds=CLEAN_EVERY_SECONDS,
                          next_run_time=self._app.clock() + FIRST_CLEAN, **options)
        scheduler.add_job(self._tick(self.answers), "interval", seconds=ANSWERS_EVERY_SECONDS, **options)
        scheduler.add_job(self._tick(self.spread), "interval", seconds=SPREAD_EVERY_SECONDS,
                          next_run_time=self._app.clock() + FIRST_CLEAN, **options)
        scheduler.add_job(self._tick(self.tasks), "interval", seconds=TASKS_EVERY_SECONDS, **options)
        scheduler.add_job(self._tick(self.errands), "interval", seconds=ERRANDS_EVERY_SECONDS, **options)
        await self._tick(self.beat)()
        scheduler.start()
        polls = [asyncio.create_task(self._poll(c)) for c in self._channels.values()]
        await stop.wait()
        scheduler.pause()  # no new ticks; shutting down would cut off those that are sending
        for task in polls:
            task.cancel()
        await asyncio.gather(*polls, return_exceptions=True)
        await self._land()
        scheduler.shutdown(wait=False)
        for channel in self._channels.values():
            await channel.close()

    def _tick(self, work: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
        """A tick that fails with the database is tried again at the next; one line says so instead of a traceback."""
        async def tick() -> None:
            try:
                await work()
            except SQLAlchemyError as error:
                logger.warning("%s: %s; again at the next tick", work.__name__, type(error).__name__)

        return tick

    async def _land(self) -> None:
        """What is being sent is finished, what is only leased goes back, and nobody has to wait for our silence."""
        until = time.monotonic() + LAND_SECONDS
        while self._flying and time.monotonic() < until:
            await asyncio.sleep(0.05)
        try:
            await self._write(self._leave)
        except SQLAlchemyError as error:
            logger.warning("leaving: %s", type(error).__name__)
        if self._receipts is not None:
            self._receipts.close()

    def _leave(self, session: Session) -> None:
        if not self._flying:
            outbox.given_up(session, self._roll.name, self._app.clock())
            self._roll.leave(session)
        self._app.tallies.flush(session)

    async def plan(self) -> int:
        """Due reminders, nudges and drills into the outbox."""
        def tick() -> int:
            with self._app.database.write() as session:
                now = self._app.clock()
                planned = planning.due(session, now)
                if planned:
                    failpoints.at("worker.planning")
            if planned:
                failpoints.at("worker.planned")
            return planned

        return await asyncio.to_thread(tick)

    async def answers(self) -> None:
        """Tells citizens whose questions can be answered by now. Reading the index may take seconds, so `plan` does not wait for it."""
        await asyncio.to_thread(tell_later.look, self._app.database, self._app.catalogue, self._app.clock)

    async def spread(self) -> None:
        """Tells officers of what spreads fast."""
        def look() -> int:
            with self._app.database.write() as session:
                return spread.watch(session, self._app.settings.base_url, self._app.clock())
        await asyncio.to_thread(look)

    async def tasks(self) -> None:
        """Low ratings become tasks; staff are told of what is new for them."""
        now = self._app.clock()
        await self._write(lambda session: corrective.low(session, now, RATED_WITHIN))
        await self._write(lambda session: tasks.tell(session, self._app.settings.base_url, now))

    async def errands(self) -> None:
        """What takes its time with other systems."""
        await asyncio.to_thread(errands.run, self._app)

    async def report(self) -> int:
        """Monthly reports that are due are ordered, those ordered are made, one after another, old files go; returns how many were made."""
        def tick() -> int:
            with self._app.database.write() as session:
                schedule.due(session, self._app.clock())
                orders.clean(session, self._app.settings, self._app.clock())
            count = 0
            while orders.make(self._app.database, self._app.settings, self._app.clock):
                count += 1
            return count

        return await asyncio.to_thread(tick)

    async def beat(self) -> None:
        """Shows that this worker lives, takes over from those that do not, says how the channels are, publishes courses whose day has come."""
        states = {name: await channel_state(channel) for name, channel in self._channels.items()}

        def tick() -> None:
            # receipts first: what they say was sent must not be freed as merely leased
            takeover.from_the_dead(self._app.database, self.receipts, self._app.clock())
            communes.refresh(self._app.database)
            with self._app.database.write() as session:
                now = self._app.clock()
                self._roll.beat(session, now)
                self._app.tallies.flush(session)
                health.note_channels(session, states, now)
                self._free_lost(session, now)
                for gone in self._roll.silent(session, outbox.holders(session)):
                    if count := outbox.given_up(session, gone, now):
                        logger.warning("%s is gone; %s messages are free again", gone, count)
            self._app.tallies.kept()
            # in a transaction of its own: a course that cannot be published must not keep a heartbeat from being written
            self._app.database.again(lambda session: authoring.publish_due(session, self._app.clock()))

        await asyncio.to_thread(tick)

    def _free_lost(self, session: Session, now: datetime) -> None:
        """Rows in our name that we are not sending (a fault of ours), once they look so at two beats; no clock is asked."""
        lost = outbox.leased_by(session, self._roll.name) - self._flying.copy().keys()
        if again := lost & self._lost:
            logger.error("%s messages were leased and forgotten; they are free again", outbox.given_up(session, self._roll.name, now, again))
        self._lost = lost

    async def deliver(self) -> int:
        """Sends what is due on push channels; the claim is committed before the network is touched."""
        if not self._channels:
            return 0

        def take():
            with self._app.database.write() as session:
                rows = outbox.claim(session, {c.name: c.limits.per_second for c in self._channels.values()}, self._app.clock(),
                                    holder=self._roll.name)
                self._flying |= dict.fromkeys(r.id for r in rows)  # before the commit: `_free_lost` must not find them first
                talks = select(Conversation.id, Conversation.seen_at).where(Conversation.id.in_({r.conversation_id for r in rows}))
                return rows, dict(session.execute(talks).all())

        self.receipts  # noqa: B018  the file is there, and locked, before anything is leased in its name
        rows, seen_at = await asyncio.to_thread(take)
        if rows:
            failpoints.at("worker.claimed")
        by_chat: dict[str, list[Outbound]] = defaultdict(list)
        for row in rows:
            by_chat[row.conversation_id].append(row)
        await asyncio.gather(*(self._send_all(chat, seen_at.get(ident)) for ident, chat in by_chat.items()))
        return len(rows)

    async def _send_all(self, rows: list[Outbound], seen_at: datetime | None) -> None:
        """One chat's messages in order; different chats do not wait for each other. After a failure the rest waits with it."""
        try:
            for at, row in enumerate(rows):
                wait = await self._send(row, seen_at)
                if wait is not None:
                    await self._put_back(rows[at + 1:], wait)
                    return
        finally:
            for row in rows:
                self._flying.pop(row.id, None)

    async def _put_back(self, rows: list[Outbound], wait_seconds: float) -> None:
        again = self._app.clock() + timedelta(seconds=wait_seconds)
        await self._record(lambda session: outbox.put_back(session, [r.id for r in rows], again, self._roll.name))

    async def _send(self, row: Outbound, seen_at: datetime | None) -> float | None:
        """Sends one message; the seconds after which it is tried again when it could not be sent and is not given up."""
        channel, began, parts = self._channels[row.channel], self._app.clock(), outbox.parts_out(row)

        def note(done: Sequence[str]) -> None:
            nonlocal parts
            failpoints.at("worker.part_accepted")
            parts = tuple(done)
            self.receipts.note_parts(row.id, parts)

        try:
            await self._in_turn(row)
            async with self._slots[row.channel]:
                at = time.perf_counter()
                platform_id = await channel.send(row.address or "", row.body, Occasion(row.kind, seen_at, parts, note))
                failpoints.at("worker.accepted")
                self.receipts.note(row.id, platform_id)
        except Moved as moved:
            address = moved.address
            await self._record(lambda session: self._move(session, row, address))
            self.receipts.recorded(row.id)
        except SendError as error:
            if error.failure is WINDOW_CLOSED:
                logger.info("outbox %s on %s: held until the citizen writes", row.id, row.channel)
                await self._record(lambda session: outbox.hold(session, row))
                self.receipts.recorded(row.id)
                return None
            name, wait, ours = error.failure.name, None, error.failure.ours
            if error.failure.retry:
                # full jitter on 1, 2, 4 … 300 s, never sooner than the platform said
                wait = (error.retry_after_seconds or 0) + random.uniform(0.5, min(300.0, 2.0 ** row.attempts))
            logger.warning("outbox %s on %s: %s", row.id, row.channel, name)
            self._app.tallies.count("delivery_errors", channel=row.channel, error=name)
            await self._record(lambda session: outbox.not_sent(session, row, name, wait, self._app.clock(), ours, parts))
            self.receipts.recorded(row.id)
            if error.failure in (BLOCKED, GONE):  # blocked us, or the account is no more
                await self._record(lambda session: self._close(session, row, began))
            return wait if ours or row.attempts < outbox.TRIES else None
        except Exception as error:  # a fault of ours: the class only, an exception's message may hold the text
            logger.error("outbox %s on %s: %s", row.id, row.channel, type(error).__name__)
            self._app.tallies.count("delivery_errors", channel=row.channel, error="internal")
            wait = random.uniform(0.5, min(300.0, 2.0 ** row.attempts))
            await self._record(lambda session: outbox.not_sent(session, row, "internal", wait, self._app.clock(), parts=parts))
            self.receipts.recorded(row.id)
            return wait if row.attempts < outbox.TRIES else None
        else:
            failpoints.at("worker.noted")
            await self._record(lambda session: outbox.sent(session, row.id, platform_id, self._app.clock()))
            self.receipts.recorded(row.id)
            failpoints.at("worker.recorded")
            self._app.tallies.observe("send_seconds", time.perf_counter() - at, channel=row.channel)
        return None

    async def _in_turn(self, row: Outbound) -> None:
        """Broadcasts of a batch leave one by one over its second. All at once they would take every slot before a reply, and two
        batches that come close together would be more than the platform takes in a second."""
        if row.priority >= outbox.BULK:
            now = time.monotonic()
            at = max(now, self._next_bulk[row.channel])
            self._next_bulk[row.channel] = at + 1 / (self._channels[row.channel].limits.per_second * BULK_SHARE)
            await asyncio.sleep(at - now)

    def _move(self, session: Session, row: Outbound, address: str) -> None:
        talk = session.get(Conversation, row.conversation_id)
        if talk is not None:  # erased meanwhile otherwise
            people.move(session, self._app.settings.key(), talk, address, self._app.clock())

    def _close(self, session: Session, row: Outbound, began: datetime) -> None:
        talk = session.get(Conversation, row.conversation_id)
        if talk is not None:
            people.close(session, talk, began, self._app.clock())

    async def _record(self, work) -> None:
        """Writes until it is written: a database that restarts must not make what was sent look unsent."""
        wait_seconds = 0.2
        while True:
            try:
                return await self._write(work)
            except (OperationalError, InterfaceError, NoConnection) as error:
                logger.warning("recording: %s; again in %.1f s", type(error).__name__, wait_seconds)
                await asyncio.sleep(wait_seconds)
                wait_seconds = min(5.0, wait_seconds * 2)

    async def _write(self, work) -> None:
        def go() -> None:
            with self._app.database.write() as session:
                work(session)

        await asyncio.to_thread(go)

    async def _poll(self, channel: PushChannel) -> None:
        """Long polling by one worker at a time: whoever holds the lease."""
        async def store(message: Incoming) -> None:
            await asyncio.to_thread(parking.store, self._app.database, self._app.settings.key(), message, self._app.clock())

        job = f"poll:{channel.name}"
        while True:
            try:
                if await asyncio.to_thread(self._hold, job):
                    polling = asyncio.create_task(channel.poll(store))
                    try:
                        while not polling.done():
                            await asyncio.wait([polling], timeout=POLL_LEASE.total_seconds() / 3)
                            if not await asyncio.to_thread(self._hold, job):
                                break
                        if polling.done() and polling.exception() is None:
                            return  # the channel has no polling to do
                    finally:
                        polling.cancel()
            except Exception as error:
                logger.warning("polling %s: %s", channel.name, type(error).__name__)
            await asyncio.sleep(3)

    def _hold(self, job: str) -> bool:
        """Takes or keeps the lease of a job."""
        now = self._app.clock()
        with self._app.database.write() as session:
            lease = session.get(Lease, job, with_for_update=True)
            if lease is None:
                session.add(Lease(job=job, holder=self._holder, until=now + POLL_LEASE))
                return True
            if lease.holder != self._holder and lease.until > now:
                return False
            lease.holder, lease.until = self._holder, now + POLL_LEASE
            return True

    async def clean(self) -> None:
        """What has served its purpose goes; owners are told of reviews, corrective actions are opened."""
        await asyncio.to_thread(retention.run, self._app.database, self._app.clock())
        # in a transaction of its own, which a fault in the other must not undo
        await self._write(lambda session: (quality.remind(session, self._app.clock()), corrective.look(session, self._app.clock())))


async def channel_state(channel: PushChannel) -> dict | None:
    """What the channel says of itself (see base.PushChannel); None when it says nothing."""
    state = getattr(channel, "state", None)
    if state is None:
        return None
    try:
        return await state()
    except Exception as error:
        return {"up": False, "why": type(error).__name__, "token_expires_seconds": None}
