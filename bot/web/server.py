"""Serves the public web server and, on loopback, the action endpoint: one process, one loop, two ports."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor

import uvicorn
import uvloop

from bot.app import App
from bot.web import actions_endpoint
from bot.web import app as public


def serve(app: App) -> None:
    """Until SIGTERM or SIGINT."""
    uvloop.run(both(app))


class Quiet(uvicorn.Server):
    """A server that leaves signals to `both`."""

    def install_signal_handlers(self) -> None: ...

    def capture_signals(self):
        import contextlib

        return contextlib.nullcontext()


THREADS = 16
"""For work with the database, which is mostly waiting for it; fewer than its connections (bot/store/db.py). Python's own
default is six on two cores, and then a commit that waits for the disk keeps other citizens waiting."""


async def both(app: App) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, "work"))
    await asyncio.to_thread(app.catalogue.refresh)
    settings = app.settings
    # idle connections stay longer than any proxy keeps them: else one is closed just as the next request comes in on it
    common = {"log_config": None, "access_log": False, "timeout_keep_alive": 90}
    web = public.make(app)
    # a request that waits for its answer gets it, or the honest sentence, before the process goes
    citizens = Quiet(uvicorn.Config(web, host=settings.host, port=settings.port, server_header=False,
                                    timeout_graceful_shutdown=int(settings.reply_wait_seconds) + 2, **common))
    actions = Quiet(uvicorn.Config(actions_endpoint.make(), host=settings.actions_host, port=settings.actions_port,
                                   timeout_graceful_shutdown=2, **common))

    def stop() -> None:
        citizens.should_exit = True
        if streams := getattr(web.state, "streams", None):
            streams.end()

    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop)
    tasks = [asyncio.create_task(s.serve()) for s in (citizens, actions)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    stop()  # one without the other is of no use
    actions.should_exit = True  # last, for the messages under way need them
    await asyncio.gather(*tasks)
