"""Another system that events are handed on to: it keeps what it gets, and answers as it is told."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple, Self

PATH = "/su-kien"


class Got(NamedTuple):
    """One request."""

    path: str
    headers: dict[str, str]
    body: str


class Receiver:
    """A context. url: where it takes events; got: all that came.

    answers: to the next requests; a status, "hold" (204 after seven seconds, one less than we wait) or "cut" (none). When they are used up: 204.
    """

    def __init__(self, *answers: int | str, port: int = 0):
        self.got: list[Got] = []
        self.answers = list(answers)
        self._port = port

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                outer.got.append(Got(self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"])).decode()))
                answer = outer.answers.pop(0) if outer.answers else 204
                if answer == "cut":
                    self.close_connection = True
                    return
                if answer == "hold":
                    time.sleep(7)
                    answer = 204
                try:
                    self.send_response(answer)
                    if answer == 302:
                        self.send_header("Location", "/elsewhere")
                    self.end_headers()
                except OSError:  # whoever asked is dead
                    pass

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}{PATH}"
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def events(self) -> list[str]:
        """Ids of the events as they came, repeated ones included."""
        return [one.headers["X-Event-Id"] for one in self.got]
