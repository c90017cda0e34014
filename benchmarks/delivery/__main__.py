"""Ten thousand due reminders, failing platforms, dying workers: is anything lost, is anybody told twice?

    .venv/bin/python -m benchmarks.delivery                         # PostgreSQL of its own, two workers
    .venv/bin/python -m benchmarks.delivery --database sqlite --workers 1 --restarts 0
    .venv/bin/python -m benchmarks.delivery --reminders 600 --kills 6   # about a minute

All reminders are due at once, on three stand-in platforms that answer one send in twenty with 429, 500, a time-out (after
taking the message) or a cut connection. Workers are killed with -9 at random moments and started again, the database is
restarted, the time of day jumps. Prints one JSON:

lost: reminders no platform ever took and nobody will send any more. unfinished: still to be told when time was up.
repeated: taken more than once, for whatever reason. repeated_after_confirmation: a copy sent although an earlier copy's
id had reached a worker; the promise is 0. repeated_after_answer: a copy sent although the platform had answered 200
to an earlier one; a worker that dies between answer and id cannot know (at least once).
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path

from sqlalchemy import func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from benchmarks.cluster import Cluster
from benchmarks.delivery.platform import Platform
from bot.store.db import Database
from bot.store.tables import Citizen, Consent, Conversation, Outbound, Reminder
from tests.served import ROOT

BATCH = 1000
AGAIN_SECONDS = 0.3
"""A killed worker is started again after this, as a service manager would."""


def arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--reminders", type=int, default=10_000)
    given.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    given.add_argument("--workers", type=int, default=2)
    given.add_argument("--channels", type=int, default=3)
    given.add_argument("--rate", type=float, default=25.0, help="messages a second that each platform takes")
    given.add_argument("--faults", type=float, default=0.05, help="share of sends that fail")
    given.add_argument("--kills", type=int, default=50)
    given.add_argument("--restarts", type=int, default=2, help="of the database (PostgreSQL only)")
    given.add_argument("--jump", type=float, default=3600.0, help="seconds by which the clock leaps once; 0: not at all")
    given.add_argument("--most-seconds", type=float, default=1800.0, help="give up after this")
    given.add_argument("--seed", type=int, default=1)
    return given.parse_args()


def fill(database: Database, count: int, channels: int, now: datetime) -> None:
    """So many citizens with consent, a chat and a reminder that is due."""
    database.migrate()
    for first in range(0, count, BATCH):
        numbers = range(first + 1, min(first + BATCH, count) + 1)
        with database.write() as session:
            session.execute(insert(Citizen), [{"id": n, "created_at": now} for n in numbers])
            session.execute(insert(Consent), [{"citizen_id": n, "purpose": "reminders", "given": True, "notice_version": "bench",
                                               "channel": channel(n, channels), "at": now} for n in numbers])
            session.execute(insert(Conversation), [
                {"id": f"{channel(n, channels)}:{n}", "channel": channel(n, channels), "citizen_id": n, "address": str(n), "offered": [],
                 "lesson_on_screen": False, "created_at": now, "seen_at": now} for n in numbers])
            session.execute(insert(Reminder), [
                {"id": n, "citizen_id": n, "conversation_id": f"{channel(n, channels)}:{n}", "about": f"#{n}#", "rule": None, "next_due_at": now,
                 "state": "on", "created_at": now} for n in numbers])


def channel(number: int, channels: int) -> str:
    return f"stand{number % channels + 1}"


class Workers:
    """The processes. pid by place; the dead are started again."""

    def __init__(self, count: int, folder: Path, rate: float, urls: list[str], environment: dict[str, str]):
        self._command = [sys.executable, "-m", "benchmarks.delivery.worker", str(folder), str(rate), *urls]
        self._environment, self._log = environment, (folder / "workers.log").open("ab")
        self._running: list[subprocess.Popen | None] = [None] * count
        self._again = [0.0] * count
        self.unasked = 0

    def tend(self) -> None:
        for at, process in enumerate(self._running):
            if process is not None and process.poll() is not None:
                self.unasked += process.returncode != -signal.SIGKILL
                self._running[at], self._again[at] = None, time.monotonic() + AGAIN_SECONDS
            if self._running[at] is None and time.monotonic() >= self._again[at]:
                self._running[at] = subprocess.Popen(self._command, cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log)

    def kill_one(self, dice: random.Random) -> bool:
        """False when none lives to be killed."""
        living = [p for p in self._running if p is not None and p.poll() is None]
        if living:
            os.kill(dice.choice(living).pid, signal.SIGKILL)
        return bool(living)

    def end(self) -> None:
        for process in self._running:
            if process is not None and process.poll() is None:
                process.terminate()
        for process in self._running:
            if process is not None:
                process.wait(30)


def left(database: Database) -> int | None:
    """Reminders and messages that are still to be told; None while the database is away."""
    try:
        with database.read() as session:
            return (session.scalar(select(func.count()).select_from(Reminder).where(Reminder.state == "on"))
                    + session.scalar(select(func.count()).select_from(Outbound).where(Outbound.state.in_(("due", "sending")))))
    except SQLAlchemyError:
        return None


def run(given: argparse.Namespace, database: Database, folder: Path, platforms: list[Platform], cluster: Cluster | None) -> dict:
    dice = random.Random(given.seed)
    (folder / "clock").write_text("0")
    now = datetime.now(timezone.utc)
    fill(database, given.reminders, given.channels, now)
    for number in range(1, given.reminders + 1):
        platforms[number % given.channels].meet(number)
    environment = {**os.environ, "DATABASE_URL": database.url, "SECRET_KEY": "bench" * 8, "TELEGRAM_TOKEN": "1:bench", "LOG_LEVEL": "WARNING"}
    workers = Workers(given.workers, folder, given.rate, [p.url for p in platforms], environment)
    began = time.monotonic()
    kills = restarts = 0
    jumped = False
    # by progress, so that each falls into the middle of the sending and not into a start
    kill_at = sorted(dice.uniform(0.01, 0.97) for _ in range(given.kills))
    look, remaining = 0.0, given.reminders
    try:
        while time.monotonic() - began < given.most_seconds:
            workers.tend()
            at = time.monotonic()
            done = sum(len(p.copies) for p in platforms) / given.reminders
            if kills < given.kills and done >= kill_at[kills]:
                kills += workers.kill_one(dice)
            if cluster is not None and restarts < given.restarts and done >= (restarts + 1) / (given.restarts + 1.5):
                cluster.restart(hard=restarts % 2 == 1)
                restarts += 1
            if given.jump and not jumped and done >= 0.5:
                (folder / "clock").write_text(str(given.jump))
                jumped = True
            if at - look >= 1:
                look, found = at, left(database)
                remaining = remaining if found is None else found
                print(f"\r· {at - began:4.0f} s, {remaining} to tell, {kills} kills  ", end="", file=sys.stderr, flush=True)
                if found == 0 and kills >= given.kills:
                    break
            time.sleep(0.05)
        spent = time.monotonic() - began
    finally:
        workers.end()
        print(file=sys.stderr)
    return {**verdict(given, database, folder, platforms, began), "seconds": round(spent, 1), "kills": kills, "database_restarts": restarts,
            "clock_jump_seconds": given.jump if jumped else 0, "workers_that_ended_by_themselves": workers.unasked}


def verdict(given: argparse.Namespace, database: Database, folder: Path, platforms: list[Platform], began: float) -> dict:
    copies = defaultdict(list)
    for at, platform in enumerate(platforms):
        for copy in platform.copies:
            copies[int(copy.text.split("#")[1])].append((at, copy))
    with database.read() as session:
        rows = {int(r.cause.split(":")[1]): r.id for r in session.scalars(select(Outbound))}
        waiting = {int(r.cause.split(":")[1]) for r in session.scalars(select(Outbound).where(Outbound.state.in_(("due", "sending"))))}
        waiting |= set(session.scalars(select(Reminder.id).where(Reminder.state == "on")))
        dead = session.scalar(select(func.count()).select_from(Outbound).where(Outbound.state == "dead"))
    noted: dict[int, set[str]] = defaultdict(set)
    for line in (folder / "noted").read_text().splitlines() if (folder / "noted").exists() else []:
        row_id, _, platform_id = line.partition(" ")
        noted[int(row_id)].add(platform_id)
    more = {n: c for n, c in copies.items() if len(c) > 1}
    known = answered = unanswered_only = 0
    for number, found in more.items():
        ids = noted.get(rows.get(number, -1), set())
        earlier = [copy for _, copy in found[:-1]]
        known += any(str(copy.message_id) in ids for copy in earlier)
        answered += any(copy.answered for copy in earlier)
        unanswered_only += not any(copy.answered for copy in earlier)
    waits = sorted(min(copy.at for _, copy in found) - began for found in copies.values())
    thrown = defaultdict(int)
    for platform in platforms:
        for kind, count in platform.dice.thrown.items():
            thrown[kind] += count
    lost = set(range(1, given.reminders + 1)) - set(copies) - waiting
    return {"reminders": given.reminders, "lost": len(lost), "unfinished": len(waiting), "dead": dead, "repeated": len(more),
            "repeated_after_confirmation": known, "repeated_after_answer": answered, "repeated_never_answered": unanswered_only,
            "rate_per_second": round(len(copies) / max(waits[-1], 0.1), 1) if waits else 0,
            "wait_seconds": {"median": round(waits[len(waits) // 2], 1), "p95": round(waits[int(len(waits) * 0.95)], 1),
                             "oldest": round(waits[-1], 1)} if waits else None, "faults": dict(thrown)}


def main() -> None:
    given = arguments()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = stack.enter_context(Cluster()) if given.database == "postgresql" else None
        database = Database(cluster.url if cluster else f"sqlite:///{folder}/bench.db")
        stack.callback(database.close)
        dice = random.Random(given.seed)
        platforms = [stack.enter_context(Platform(given.faults, random.Random(dice.random()))) for _ in range(given.channels)]
        result = run(given, database, folder, platforms, cluster)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    json.dump({"benchmark": "delivery", "commit": commit, "database": given.database, "workers": given.workers, "channels": given.channels,
               "platform_rate_per_second": given.rate, "fault_share": given.faults, **result,
               "goals": {"lost": 0, "repeated_after_confirmation": 0}}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
