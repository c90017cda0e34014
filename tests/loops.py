"""How the contract tests of channels run coroutines: a channel that is closed at the end, and waits that end."""

import asyncio
import json
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

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


def keeping(store=None):
    """(a store that notes what it is given and hands it on to another, the list of its notes)."""
    stored = []

    async def keep(found):
        stored.append(found)
        if store is not None:
            await store(found)

    return keep, stored


def polled(bot, most=1, store=None, until=None):
    """What polling stores until so many are stored and the next request is out, or until a condition."""
    keep, stored = keeping(store)

    async def main():
        async with opened(bot):
            task = asyncio.create_task(bot.poll(keep))
            await met(lambda: task.done() or (len(stored) >= most if until is None else until(stored)))
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled(), "polling has ended by itself"

    run(main())
    return stored


def posted(make, router, path, requests, store=None):
    """The answers to webhook requests of (body, headers), and what was stored. make: the channel, within the loop."""
    keep, stored = keeping(store)

    async def main():
        web = FastAPI()
        async with opened(make()) as bot:
            web.include_router(router(bot, keep))
            async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://bot") as client:
                return [await client.post(path, content=body if isinstance(body, bytes | str) else json.dumps(body), headers=headers)
                        for body, headers in requests]

    return run(main()), stored
