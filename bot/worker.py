"""The worker: APScheduler ticks over our tables. It keeps no state; any number may run on one database."""

import asyncio
import logging
import os
import random
import signal
import socket
from collections import defaultdict
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from bot.app import App
from bot.channels.base import Moved, PushChannel, SendError
from bot.messages import Incoming
from bot.services import inbox, outbox, people, remind, revise
from bot.store.tables import Asked, Button, Conversation, Heartbeat, Inbound, Lease, Outbound

logger = logging.getLogger(__name__)

PLAN_EVERY_SECONDS = 2
DELIVER_EVERY_SECONDS = 1
BEAT_EVERY_SECONDS = 10
CLEAN_EVERY_SECONDS = 1800
POLL_LEASE = timedelta(seconds=20)

KEEP_SENT = timedelta(days=2)
KEEP_UNKNOWN = timedelta(days=1)
"""How long a conversation without consent may lie idle before nothing of it is left."""
KEEP_BUTTONS = timedelta(days=30)
KEEP_QUESTIONS = timedelta(days=30)


class Worker:
    """Plans reminders, delivers on push channels, polls where there is no webhook, cleans up."""

    def __init__(self, app: App, channels: list[PushChannel]):
        self._app, self._channels = app, {c.name: c for c in channels}
        self._holder = f"{socket.gethostname()}:{os.getpid()}"

    async def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        stop = asyncio.Event()
        for one in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(one, stop.set)
        scheduler = AsyncIOScheduler(timezone="UTC")
        # coalesce and misfire_grace_time: a tick that comes late still comes, once; what is due stands in the tables
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        scheduler.add_job(self.plan, "interval", seconds=PLAN_EVERY_SECONDS, **options)
        scheduler.add_job(self.deliver, "interval", seconds=DELIVER_EVERY_SECONDS, **options)
        scheduler.add_job(self.beat, "interval", seconds=BEAT_EVERY_SECONDS, **options)
        scheduler.add_job(self.clean, "interval", seconds=CLEAN_EVERY_SECONDS, **options)
        await self.beat()
        scheduler.start()
        polls = [asyncio.create_task(self._poll(c)) for c in self._channels.values()]
        await stop.wait()
        scheduler.shutdown(wait=False)
        for task in polls:
            task.cancel()
        await asyncio.gather(*polls, return_exceptions=True)
        for channel in self._channels.values():
            await channel.close()

    async def plan(self) -> int:
        """Due reminders into the outbox."""
        def tick() -> int:
            with self._app.database.write() as session:
                now = self._app.clock()
                return remind.plan(session, now) + revise.plan(session, now)

        return await asyncio.to_thread(tick)

    async def beat(self) -> None:
        def tick() -> None:
            with self._app.database.write() as session:
                session.merge(Heartbeat(process=f"worker:{self._holder}", at=self._app.clock()))

        await asyncio.to_thread(tick)

    async def deliver(self) -> int:
        """Sends what is due on push channels; the claim is committed before the network is touched."""
        if not self._channels:
            return 0

        def take():
            with self._app.database.write() as session:
                return outbox.claim(session, {c.name: c.limits.per_second for c in self._channels.values()}, self._app.clock())

        rows = await asyncio.to_thread(take)
        by_chat: dict[str, list[Outbound]] = defaultdict(list)
        for row in rows:
            by_chat[row.conversation_id].append(row)
        await asyncio.gather(*(self._send_all(chat) for chat in by_chat.values()))
        return len(rows)

    async def _send_all(self, rows: list[Outbound]) -> None:
        """One chat's messages in order; different chats do not wait for each other. After a failure the rest waits with it."""
        for at, row in enumerate(rows):
            wait = await self._send(row)
            if wait is not None:
                await self._put_back(rows[at + 1:], wait)
                return

    async def _put_back(self, rows: list[Outbound], wait_seconds: float) -> None:
        again = self._app.clock() + timedelta(seconds=wait_seconds)
        await self._write(lambda session: outbox.put_back(session, [r.id for r in rows], again))

    async def _send(self, row: Outbound) -> float | None:
        """Sends one message; the seconds after which it is tried again when it could not be sent and is not given up."""
        channel = self._channels[row.channel]
        try:
            platform_id = await channel.send(row.address or "", row.body)
        except Moved as moved:
            address = moved.address
            await self._write(lambda session: self._move(session, row, address))
        except SendError as error:
            name, wait = error.failure.name, None
            if error.failure.retry:
                # full jitter on 1, 2, 4 … 300 s, never sooner than the platform said
                wait = (error.retry_after_seconds or 0) + random.uniform(0.5, min(300.0, 2.0 ** row.attempts))
            logger.warning("outbox %s on %s: %s", row.id, row.channel, name)
            await self._write(lambda session: outbox.not_sent(session, row, name, wait, self._app.clock()))
            return wait if row.attempts < outbox.TRIES else None
        else:
            await self._write(lambda session: outbox.sent(session, row.id, platform_id, self._app.clock()))
        return None

    def _move(self, session: Session, row: Outbound, address: str) -> None:
        session.execute(update(Outbound).where(Outbound.address == row.address, Outbound.channel == row.channel,
                                               Outbound.state.in_(("due", "sending"))).values(address=address, state="due"))
        session.execute(update(Conversation).where(Conversation.id == row.conversation_id).values(address=address))

    async def _write(self, work) -> None:
        def go() -> None:
            with self._app.database.write() as session:
                work(session)

        await asyncio.to_thread(go)

    async def _poll(self, channel: PushChannel) -> None:
        """Long polling by one worker at a time: whoever holds the lease."""
        async def store(message: Incoming) -> None:
            await self._write(lambda session: inbox.store(session, self._app.settings.key(), message, self._app.clock()))

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
        """What has served its purpose goes: see the KEEP_ constants."""
        await self._write(self._clean)

    def _clean(self, session: Session) -> None:
        now = self._app.clock()
        session.execute(delete(Outbound).where(Outbound.state.in_(("sent", "dead")), Outbound.created_at < now - KEEP_SENT))
        session.execute(delete(Inbound).where(Inbound.state == "done", Inbound.done_at < now - KEEP_SENT))
        session.execute(delete(Button).where(Button.created_at < now - KEEP_BUTTONS))
        session.execute(update(Asked).where(Asked.at < now - KEEP_QUESTIONS).values(text=None))
        session.execute(delete(Heartbeat).where(Heartbeat.at < now - KEEP_SENT))
        idle = session.scalars(select(Conversation.id).where(Conversation.citizen_id.is_(None),
                                                             Conversation.seen_at < now - KEEP_UNKNOWN)).all()
        for ident in idle:
            people.forget(session, ident)
        session.execute(text("DELETE FROM rasa_trackers WHERE updated_at < :old AND sender_id NOT IN "
                             "(SELECT id FROM conversations)"), {"old": (now - KEEP_UNKNOWN).timestamp()})

