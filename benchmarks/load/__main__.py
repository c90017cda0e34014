"""Thirty messages a second from five hundred citizens over the web API: how long do answers take, with one Rasa and with two?

    .venv/bin/python -m benchmarks.load                              # five minutes with one Rasa, five with two
    .venv/bin/python -m benchmarks.load --seconds 40 --rasas 1       # about a minute

Messages come at their own times, whether or not earlier ones are answered; a time is from the moment a message should have
been sent to its answer, so waiting counts. A citizen who still waits is passed over, for nobody types two messages at once.
Prints one JSON with p50, p95, errors and the memory of every process at the end.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import httpx

from benchmarks.cluster import Cluster
from tests.served import ROOT, Served

QUESTIONS = ("chào bạn", "làm hộ chiếu cần giấy tờ gì", "lệ phí bao nhiêu", "nộp ở đâu", "dang ky khai sinh cho con mat may ngay", "tôi muốn học",
             "đăng ký kết hôn", "mở quán phở thì đăng ký gì", "có nộp qua mạng được không", "cảm ơn bạn", "bạn làm được gì", "sang tên xe máy",
             "tin nhắn báo trúng thưởng có phải lừa đảo không", "đổi giấy phép lái xe", "kết quả của tôi", "thế cần giấy tờ gì")
WARM_UP_SECONDS = 8.0


def arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--rate", type=float, default=30.0, help="messages a second")
    given.add_argument("--citizens", type=int, default=500)
    given.add_argument("--seconds", type=float, default=300.0)
    given.add_argument("--rasas", default="1,2", help="how many Rasas, one run each")
    given.add_argument("--database", choices=["sqlite", "postgresql"], default="postgresql")
    return given.parse_args()


class Load:
    """spent: seconds by message; errors: by what happened."""

    def __init__(self, url: str, citizens: int, rate: float):
        self._senders = [uuid.uuid4().hex for _ in range(citizens)]
        self._idle = set(self._senders)
        self._rate, self._dice = rate, random.Random(1)
        self._http = httpx.AsyncClient(base_url=url, timeout=30, limits=httpx.Limits(max_connections=400, max_keepalive_connections=400))
        self.spent: list[float] = []
        self.errors: Counter[str] = Counter()
        self.passed_over = self.pending = 0

    async def run(self, seconds: float) -> None:
        tasks = []
        began, number = time.monotonic(), 0
        while (due := began + number / self._rate) < began + seconds:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            number += 1
            if not self._idle:
                self.passed_over += 1
                continue
            sender = self._dice.choice(tuple(self._idle))
            self._idle.discard(sender)
            tasks.append(asyncio.create_task(self._ask(sender, due)))
        await asyncio.gather(*tasks)

    async def _ask(self, sender: str, due: float) -> None:
        body = {"sender": sender, "id": uuid.uuid4().hex, "text": self._dice.choice(QUESTIONS)}
        try:
            answer = await self._http.post("/api/chat", json=body)
            data = answer.json()
            while answer.status_code == 200 and data["pending"]:  # the honest sentence is no answer: it goes on counting
                self.pending += 1
                await asyncio.sleep(0.3)
                answer = await self._http.post("/api/chat", json=body)
                data = answer.json()
            if answer.status_code != 200 or not data["messages"]:
                self.errors[f"HTTP {answer.status_code}"] += 1
            else:
                self.spent.append(time.monotonic() - due)
        except (httpx.HTTPError, ValueError) as error:
            self.errors[type(error).__name__] += 1
        finally:
            self._idle.add(sender)

    async def close(self) -> None:
        await self._http.aclose()

    def summary(self) -> dict:
        ordered = sorted(self.spent)
        at = lambda share: round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1) if ordered else None
        return {"answered": len(ordered), "errors": dict(self.errors), "passed_over": self.passed_over, "asked_again_while_pending": self.pending,
                "p50_ms": at(0.5), "p95_ms": at(0.95), "p99_ms": at(0.99), "mean_ms": round(1000 * statistics.mean(ordered), 1) if ordered else None,
                "max_ms": at(1.0)}


def memory_mb(pid: int) -> float:
    """Resident memory without what is shared with other processes."""
    values = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if ":" in line)
    return round(sum(int(values[key].split()[0]) for key in ("Private_Clean", "Private_Dirty")) / 1024, 1)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(given: argparse.Namespace, rasas: int) -> dict:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        more = {"DATABASE_URL": stack.enter_context(Cluster()).url} if given.database == "postgresql" else {}
        bot = Served(folder, RASA_PROCESSES=str(rasas), SECRET_KEY="b" * 32, RASA_GATEWAY_TOKEN="t" * 32, **more)
        if more:
            bot.folder = ROOT / "var"  # with PostgreSQL an installation's files stand there
        bot.start()
        stack.callback(bot.stop)
        names = ["web", "worker", "rasa", *(f"rasa-{n}" for n in range(2, rasas + 1))]
        load = asyncio.run(drive(bot.url, given))
        pids = {name: bot.pid(name) for name in names}
        return {"rasas": rasas, **load, "memory_mb": {name: memory_mb(pid) for name, pid in pids.items()},
                "cpu_seconds": {name: round(cpu_seconds(pid), 1) for name, pid in pids.items()}}


async def drive(url: str, given: argparse.Namespace) -> dict:
    warm = Load(url, 20, 5)
    await warm.run(WARM_UP_SECONDS)
    await warm.close()
    load = Load(url, given.citizens, given.rate)
    before = os.times()
    await load.run(given.seconds)
    after = os.times()
    await load.close()
    return {**load.summary(), "cpu_seconds_of_the_load_itself": round(after.user + after.system - before.user - before.system, 1)}


def main() -> None:
    given = arguments()
    runs = [measure(given, int(count)) for count in given.rasas.split(",")]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    json.dump({"benchmark": "load", "commit": commit, "database": given.database, "rate_per_second": given.rate, "citizens": given.citizens,
               "seconds": given.seconds, "cores": os.cpu_count(), "load_average_at_the_end": round(os.getloadavg()[0], 1), "runs": runs,
               "goals": {"p95_ms": 800, "errors": 0}}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
