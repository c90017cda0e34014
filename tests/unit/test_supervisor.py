"""A process that lives but does not answer is ended, so that it is started again."""

import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from bot import supervisor
from bot.supervisor import Child
from tests.patience import HTTP_SECONDS


class Answering(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self):
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    made = HTTPServer(("127.0.0.1", 0), type("Own", (Answering,), {}))
    Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def child(tmp_path, server, monkeypatch):
    monkeypatch.setattr(supervisor, "ASK_EVERY_SECONDS", 0.0)
    ask = supervisor.httpx.get
    monkeypatch.setattr(supervisor.httpx, "get", lambda address, timeout: ask(address, timeout=HTTP_SECONDS))  # a busy machine is no silence
    one = Child("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"], {}, tmp_path / "log", tmp_path / "pid",
                f"http://127.0.0.1:{server.server_port}/")
    one.start()
    yield one
    one.process.kill()
    one.process.wait()


def test_one_that_answers_is_left_alone_even_with_a_refusal(child, server):
    for status in (200, 404, 403):
        server.RequestHandlerClass.status = status
        child.answered = time.monotonic() - 1000
        child.question(hung_seconds=60)
        assert child.process.poll() is None and child.answered > time.monotonic() - 60


def test_one_that_is_not_ready_for_a_short_while_is_left_alone(child, server):
    server.RequestHandlerClass.status = 503
    child.question(hung_seconds=60)
    assert child.process.poll() is None


def test_one_that_is_still_starting_has_five_times_as_long(child, server):
    server.RequestHandlerClass.status = 503
    child.answered = time.monotonic() - 280
    child.question(hung_seconds=60)
    assert child.process.poll() is None
    child.answered = time.monotonic() - 301
    child.question(hung_seconds=60)
    assert child.process.poll() is not None


@pytest.mark.parametrize("how", ["503", "silence"])
def test_one_that_has_not_answered_for_long_is_ended_and_started_again(child, server, how):
    if how == "503":
        server.RequestHandlerClass.status = 503
    else:
        child.asks = "http://127.0.0.1:9/"
    first, child.answered, child.ready = child.process.pid, time.monotonic() - 61, True
    child.question(hung_seconds=60)
    assert child.process.poll() is not None
    child.watch()
    assert child.process.poll() is None and child.process.pid != first
    child.question(hung_seconds=60)  # the new one has its time from its own start
    assert child.process.poll() is None
