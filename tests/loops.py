"""How the contract tests of channels run coroutines: a channel that is closed at the end, and waits that end."""

import asyncio
from contextlib import asynccontextmanager

from tests.patience import WAIT_SECONDS


@asynccontextmanager
async def opened(bot):
    """The channel, closed at the end."""
    try:
        yield bot
    finally:
        await bot.close()


def run(main):
    return asyncio.run(asyncio.wait_for(main, WAIT_SECONDS))


async def met(condition):
    """Waits until it holds."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():
            await asyncio.sleep(0.005)


def napping(naps):
    """Stands for asyncio.sleep: notes the seconds and goes on at once."""
    async def sleep(seconds):
        naps.append(seconds)
        await asyncio.sleep(0.005)

    return sleep


async def refuse(found):
    raise AssertionError("nothing is to be stored")
