"""A worker of the delivery benchmark: the bot's own, with stand-in channels and a clock that the benchmark can move.

    python -m benchmarks.delivery.worker FOLDER RATE URL [URL …]

FOLDER/clock holds the seconds by which the time of day is off. FOLDER/noted gets a line for each platform id that has
reached the worker, so that the benchmark can tell "sent again although the id was known" from everything else.
"""

import asyncio
import dataclasses
import sys
from datetime import datetime, timedelta
from pathlib import Path

from bot import clock
from bot.app import App
from bot.channels.telegram import TelegramChannel
from bot.config import Settings
from bot.logs import start
from bot.services.receipts import Receipts
from bot.store.db import Database
from bot.worker import Worker


class Channel(TelegramChannel):
    """Telegram under another name, sending only."""

    def __init__(self, name: str, settings: Settings, per_second: float):
        super().__init__(settings)
        self.name, self.limits = name, dataclasses.replace(TelegramChannel.limits, per_second=per_second)

    async def poll(self, store) -> None:
        return


class MovedClock:
    """The time of day, off by what the file says."""

    def __init__(self, file: Path):
        self._file, self._read, self._off = file, -1.0, timedelta(0)

    def __call__(self) -> datetime:
        changed = self._file.stat().st_mtime
        if changed != self._read:
            self._read, self._off = changed, timedelta(seconds=float(self._file.read_text() or 0))
        return clock.now() + self._off


def watch_receipts(file: Path) -> None:
    """Every receipt is written to the file as well, right after it is noted."""
    noted, out = Receipts.note, file.open("ab", buffering=0)

    def note(self: Receipts, row_id: int, platform_id: str) -> None:
        noted(self, row_id, platform_id)
        out.write(f"{row_id} {platform_id}\n".encode())

    Receipts.note = note


def main() -> None:
    folder, rate, urls = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
    settings = Settings()
    start(settings.log_level, settings.log_format)
    watch_receipts(folder / "noted")
    channels = [Channel(f"stand{n}", settings.model_copy(update={"telegram_api_url": url}), rate) for n, url in enumerate(urls, 1)]
    asyncio.run(Worker(App(settings, Database(settings.database_url), MovedClock(folder / "clock")), channels).run())


if __name__ == "__main__":
    main()
