"""An ASGI application served on a free port of loopback, in a thread of its own while the context lasts."""

import socket
import threading
import time
from typing import Any, Self

import uvicorn

from tests.patience import WAIT_SECONDS


class Serving:
    """url: where it answers. A stand-in derives from it and says in `_app` what it serves."""

    _port = 0

    def __init__(self, app: Any, port: int = 0):
        self._served, self._port = app, port

    def _app(self) -> Any:
        return self._served

    def __enter__(self) -> Self:
        self._bound = socket.socket()
        self._bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._bound.bind(("127.0.0.1", self._port))
        self.url = f"http://127.0.0.1:{self._bound.getsockname()[1]}"
        self._uvicorn = uvicorn.Server(uvicorn.Config(self._app(), log_config=None, log_level="critical", access_log=False,
                                                      timeout_graceful_shutdown=1))
        self._thread = threading.Thread(target=self._uvicorn.run, kwargs={"sockets": [self._bound]}, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + WAIT_SECONDS
        while not self._uvicorn.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the server did not start")
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._uvicorn.should_exit = True
        self._thread.join(8)
        self._bound.close()
