"""An announcement to 100,000 citizens: planned once, sent at its pace, and nobody who writes meanwhile waits behind it.

    .venv/bin/python -m benchmarks.announce                                                   # PostgreSQL of its own, two workers
    .venv/bin/python -m benchmarks.announce --database sqlite --people 20000 --workers 1

Approved at night: rows are made, workers are killed with -9 meanwhile, nothing goes out. Then some unsubscribe, some block the bot, and
it is eight in the morning: for SECONDS the stand-in platform counts what comes, while citizens write. At 20 a second all 100,000 would
take an hour and a half, so the rest is not waited for: it is counted where it stands, and cancelled. Prints one JSON; exit code 1 when a
goal is missed.

rows: of the announcement, one a citizen. twice: citizens with two. missed: without one. wrong: with one that should have none.
replies: from the word of a citizen to the platform, before the announcement (without) and while it goes out (with).
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select, update

from benchmarks.announce.people import fill, staff
from benchmarks.announce.replies import TELEGRAM_PER_SECOND, Limited, written
from benchmarks.cluster import Cluster
from benchmarks.delivery.__main__ import Workers
from benchmarks.delivery.worker import MovedClock
from bot.app import App
from bot.channels.telegram import TelegramChannel
from bot.clock import local
from bot.config import Settings
from bot.services import announcements, announcing, people
from bot.services import staff as members
from bot.services.announcements import Given
from bot.services.pace import BULK_SHARE
from bot.services.staff import Who
from bot.store.db import Database
from bot.store.tables import Announcement, AnnouncementSend, Conversation, Heartbeat, Outbound
from bot.web import app as web
from tests.served import ROOT
from tests.standins.serving import Serving

KEY = "b" * 32
WORDS = Given(sender="UBND tỉnh", title="Lịch tiêm phòng", text="Ngày mai các xã tiêm phòng cho trẻ nhỏ tại trạm y tế, từ 7 giờ 30 sáng.")
MOST_BULK = TelegramChannel.limits.per_second * BULK_SHARE
PLAN_SECONDS = 300
UNSUBSCRIBES, BLOCKS = 9, 7
"""Of fifty of the first thousand citizens."""
GOALS = {"twice": 0, "missed": 0, "wrong": 0, "sent_at_night": 0, "share_of_platform": BULK_SHARE, "p95_ms_more_with_it": 1000, "page_seconds": 2.0}


def arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(prog="benchmarks.announce", description=__doc__.splitlines()[0])
    given.add_argument("--people", type=int, default=100_000, help="whom it reaches; a fifth more are made whom it must not reach")
    given.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    given.add_argument("--workers", type=int, default=2)
    given.add_argument("--kills", type=int, default=4, help="with -9, while the rows are made")
    given.add_argument("--seconds", type=float, default=45.0, help="of each measurement of replies")
    given.add_argument("--replies", type=float, default=3.0, help="messages a second that citizens write meanwhile")
    return given.parse_args()


class Senders(Workers):
    """The workers of this benchmark, started again when they die."""

    def __init__(self, count: int, folder: Path, url: str, environment: dict[str, str]):
        super().__init__(count, folder, 0, [], environment)
        self._command = [sys.executable, "-m", "benchmarks.announce.worker", str(folder), url]

    def peak_mb(self) -> float:
        """The most memory that one of those alive has had resident."""
        found = [0.0]
        for process in self._running:
            try:
                lines = Path(f"/proc/{process.pid}/status").read_text().splitlines() if process is not None else []
            except OSError:
                continue  # it has just died
            found += [int(one.split()[1]) / 1024 for one in lines if one.startswith("VmHWM")]
        return max(found)


class Stage:
    """Everything the run needs, with a clock that the workers share."""

    def __init__(self, given: argparse.Namespace, url: str, folder: Path, platform: Limited):
        self.given, self.folder, self.platform = given, folder, platform
        self.database = Database(url)
        self.settings = Settings(_env_file=None, database_url=url, var=str(folder), secret_key=KEY, telegram_token="1:bench")
        self.at_local_hour(23)
        self.clock = MovedClock(folder / "clock")
        self.app = App(self.settings, self.database, self.clock)
        environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": KEY, "TELEGRAM_TOKEN": "1:bench", "LOG_LEVEL": "WARNING", "VAR": str(folder)}
        self.workers = Senders(given.workers, folder, platform.url, environment)
        self.peak_mb = 0.0
        self.writers: list[int] = []

    def at_local_hour(self, hour: int) -> None:
        """The clock goes on to the next such hour."""
        file = self.folder / "clock"
        now = datetime.now(UTC) + timedelta(seconds=float(file.read_text()) if file.exists() else 0)
        to = local(now).replace(hour=hour, minute=0, second=0, microsecond=0)
        to += timedelta(days=int(to <= local(now)))
        file.write_text(str((to - datetime.now(UTC)).total_seconds()))

    def tend(self) -> None:
        self.workers.tend()
        self.peak_mb = max(self.peak_mb, self.workers.peak_mb())

    def wait_for_workers(self) -> None:
        """Until all of them beat."""
        deadline = time.monotonic() + 90
        while self.scalar(select(func.count()).where(Heartbeat.process.startswith("worker:"))) < self.given.workers:
            assert time.monotonic() < deadline, (self.folder / "workers.log").read_text()[-2000:]
            self.tend()
            time.sleep(0.2)

    async def meanwhile(self, seconds: float, mark: str) -> dict[str, Any]:
        """Citizens write; the workers are looked after."""
        writing = asyncio.create_task(written(self.app, self.platform, self.writers, self.given.replies, seconds, mark))
        while not writing.done():
            self.tend()
            await asyncio.sleep(0.3)
        return writing.result()

    def choose_writers(self) -> None:
        """Who will write, half of them of those the announcement comes to first; their chats get the ids by which the inbox finds them."""
        dice, count = random.Random(3), self.given.people
        found = [dice.randint(1, min(count, 3000)) if n % 2 else dice.randint(1, count) for n in range(1000)]
        self.writers = list(dict.fromkeys(n for n in found if n % 50 not in (UNSUBSCRIBES, BLOCKS)))
        with self.database.write() as session:
            for number in self.writers:
                session.execute(update(Conversation).where(Conversation.id == f"telegram:{number}").values(
                    id=people.conversation_id(KEY.encode(), "telegram", str(number))))

    def scalar(self, statement: Any) -> Any:
        with self.database.read() as session:
            return session.scalar(statement)


def page_seconds(stage: Stage, ident: int) -> float:
    """The announcement's own page over HTTP, the middle of three."""
    password, now = "một mật khẩu thật dài cho phép đo", stage.clock()
    login = f"xem-{time.monotonic_ns()}"
    with stage.database.write() as session:
        members.add(session, login, "Người xem", password, "administrator", (), now)
        token = members.sign_in(session, members.seal_of(stage.settings), login, password, "", now).token
    spent = []
    with Serving(web.make(stage.app)) as served, httpx.Client(base_url=served.url, cookies={"nhan_vien": token or ""}, timeout=120) as client:
        for _ in range(3):
            began = time.perf_counter()
            answer = client.get(f"/admin/thong-bao/{ident}")
            assert answer.status_code == 200, answer.status_code
            spent.append(time.perf_counter() - began)
    return round(sorted(spent)[1], 3)


def planned(stage: Stage, ident: int, who: Who) -> dict[str, Any]:
    """Approved at night, rows made while workers die."""
    dice, kills, began = random.Random(2), 0, time.monotonic()
    people_, done_at = stage.given.people, None
    stage.peak_mb = 0.0
    with stage.database.write() as session:
        announcements.approve(session, who, ident, stage.clock())
    rows = select(func.count()).select_from(AnnouncementSend)
    kill_at = sorted(dice.uniform(0.05, 0.9) for _ in range(stage.given.kills))
    first = None
    while time.monotonic() < began + PLAN_SECONDS and done_at is None:
        stage.tend()
        count = stage.scalar(rows)
        first = first or (time.monotonic() if count else None)
        if kills < len(kill_at) and count >= kill_at[kills] * people_:
            kills += stage.workers.kill_one(dice)
        done_at = stage.scalar(select(Announcement.expanded_at))
        time.sleep(0.1)
    ended = time.monotonic()
    return {"seconds": round(ended - began, 1), "seconds_from_the_first_row": round(ended - (first or ended), 1), "finished": done_at is not None,
            "kills": kills, "worker_peak_mb": round(stage.peak_mb, 1)}


def leavers(stage: Stage) -> tuple[set[int], set[int]]:
    """(who unsubscribes after the rows were made, who has blocked the bot on the platform), among the first thousand."""
    left, blocked = {n for n in range(1, 1001) if n % 50 == UNSUBSCRIBES}, {n for n in range(1, 1001) if n % 50 == BLOCKS}
    with stage.database.write() as session:
        for number in left:
            people.withdraw(session, session.get_one(Conversation, f"telegram:{number}"), ["news"], stage.clock())
    stage.platform._blocked |= blocked
    return left, blocked


def counted(stage: Stage) -> dict[str, int]:
    """Against who should have a row: citizens 1 to PEOPLE."""
    with stage.database.read() as session:
        by_citizen = session.execute(select(Conversation.citizen_id, func.count()).join(
            AnnouncementSend, AnnouncementSend.conversation_id == Conversation.id).group_by(Conversation.citizen_id)).all()
        rows = session.scalar(select(func.count()).select_from(AnnouncementSend))
    reached = {n for n, _ in by_citizen}
    wanted = set(range(1, stage.given.people + 1))
    return {"rows": rows, "twice": sum(count > 1 for _, count in by_citizen), "missed": len(wanted - reached), "wrong": len(reached - wanted)}


def sent(stage: Stage, ident: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, int]]:
    """(pace, waits of replies, faults): the morning, SECONDS from the first message on."""
    left, blocked = leavers(stage)
    already = len(bulk(stage))
    stage.at_local_hour(8)
    deadline = time.monotonic() + 60
    while not bulk(stage) and time.monotonic() < deadline:
        stage.tend()
        time.sleep(0.1)
    began = time.monotonic()
    waits = asyncio.run(stage.meanwhile(stage.given.seconds, "with"))
    spent = time.monotonic() - began
    copies = bulk(stage)
    chats = [chat for chat, _ in copies]
    times = [at for _, at in copies]
    busiest = max((sum(at <= one < at + 10 for one in times) for at in times[::20]), default=0)
    with stage.database.read() as session:
        states = dict(session.execute(select(AnnouncementSend.state, func.count()).group_by(AnnouncementSend.state)).all())
        ahead = session.scalar(select(func.count()).where(Outbound.kind == "news", Outbound.state == "due"))
        closed = session.scalar(select(func.count()).where(Conversation.closed_at.is_not(None), Conversation.citizen_id.in_(blocked)))
    pace = {"seconds": round(spent, 1), "bulk_sent": len(copies), "bulk_per_second": round(len(copies) / spent, 1), "bulk_most_per_second": MOST_BULK,
            "busiest_ten_seconds_per_second": busiest / 10, "platform_limit_per_second": TELEGRAM_PER_SECOND, "platform_429": stage.platform.too_many,
            "outbox_ahead": ahead, "states": states, "all_of_it_would_take_minutes": round(stage.given.people / MOST_BULK / 60)}
    faults = {"sent_at_night": already, "chats_told_twice": len(chats) - len(set(chats)), "unsubscribed_but_told": len(left & set(chats)),
              "blocked_closed_after_the_first_try": closed, "blocked_tried": stage.platform.blocked}
    return pace, waits, faults


def bulk(stage: Stage) -> list[tuple[int, float]]:
    return [(chat, at) for chat, words, at in stage.platform.taken.copy() if words.startswith("📢")]


def run(stage: Stage) -> dict[str, Any]:
    given, database = stage.given, stage.database
    database.migrate()
    began = time.monotonic()
    everybody = fill(database, given.people, stage.clock())
    stage.choose_writers()
    writer, first, _ = staff(database, stage.clock())
    for number in range(1, everybody + 1):
        stage.platform.meet(number)
    filled = round(time.monotonic() - began, 1)
    with database.write() as session:
        ident = announcements.save(session, writer, None, WORDS, stage.clock()).id
        announcements.submit(session, writer, ident, stage.clock())
    began = time.monotonic()
    with database.read() as session:
        preview = announcing.reached(session, session.get_one(Announcement, ident))
    preview_seconds = round(time.monotonic() - began, 3)
    preview_page = page_seconds(stage, ident)
    try:
        stage.wait_for_workers()
        without = asyncio.run(stage.meanwhile(given.seconds, "without"))
        idle_mb = round(stage.peak_mb, 1)
        print("· planning", file=sys.stderr, flush=True)
        planning = planned(stage, ident, first)
        rows = counted(stage)
        print("· sending", file=sys.stderr, flush=True)
        pace, with_it, faults = sent(stage, ident)
    finally:
        stage.workers.end()
    results_page = page_seconds(stage, ident)
    began = time.monotonic()
    with database.write() as session:
        stopped = announcements.cancel(session, first, ident, stage.clock())
    kills = planning.pop("kills")
    return {"people": given.people, "citizens_in_all": everybody, "filled_seconds": filled, "preview": preview, "preview_seconds": preview_seconds,
            "kills": kills, **rows, "planning": {**planning, "worker_idle_peak_mb": idle_mb}, "sending": pace, **faults,
            "replies": {"without": without, "with": with_it}, "page_seconds": {"preview": preview_page, "results": results_page},
            "cancel": {"stopped": stopped, "seconds": round(time.monotonic() - began, 2)}}


def failed(result: dict[str, Any]) -> bool:
    waits, pace = result["replies"], result["sending"]
    return (any(result[name] for name in ("twice", "missed", "wrong", "sent_at_night", "chats_told_twice", "unsubscribed_but_told"))
            or result["preview"] != result["people"] or not result["planning"]["finished"] or not pace["bulk_sent"]
            or pace["bulk_sent"] > MOST_BULK * (pace["seconds"] + 1) + 1
            or any(w["answered"] < w["written"] for w in waits.values())
            or waits["with"]["p95_ms"] > waits["without"]["p95_ms"] + GOALS["p95_ms_more_with_it"]
            or max(result["page_seconds"].values()) > GOALS["page_seconds"])


def main() -> int:
    given = arguments()
    before = os.getloadavg()[0]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(Cluster()).url if given.database == "postgresql" else f"sqlite:///{folder}/bench.db"
        stage = Stage(given, url, folder, stack.enter_context(Limited()))
        stack.callback(stage.database.close)
        result = run(stage)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    result = {"benchmark": "announce", "commit": commit, "database": given.database, "workers": given.workers, **result, "cores": os.cpu_count(),
              "load_average": {"before": round(before, 1), "after": round(os.getloadavg()[0], 1)}, "goals": GOALS}
    print(json.dumps(result, indent=1, ensure_ascii=False))
    return int(failed(result))


if __name__ == "__main__":
    sys.exit(main())
