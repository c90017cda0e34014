"""A worker of the announcement benchmark: the bot's own, with its own limits, a stand-in platform and a clock that can be moved.

    python -m benchmarks.announce.worker FOLDER URL

FOLDER/clock holds the seconds by which the time of day is off.
"""

import asyncio
import sys
from pathlib import Path

from benchmarks.delivery.worker import MovedClock
from bot.app import App
from bot.channels.telegram import TelegramChannel
from bot.config import Settings
from bot.logs import start
from bot.store.db import Database
from bot.worker import Worker


class Sending(TelegramChannel):
    """Sends only: what citizens write comes from the benchmark."""

    async def poll(self, store) -> None:
        return


def main() -> None:
    folder, url = Path(sys.argv[1]), sys.argv[2]
    settings = Settings()
    start(settings.log_level, settings.log_format)
    channel = Sending(settings.model_copy(update={"telegram_api_url": url}))
    asyncio.run(Worker(App(settings, Database(settings.database_url), MovedClock(folder / "clock")), [channel]).run())


if __name__ == "__main__":
    main()
