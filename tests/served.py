"""The whole bot for tests: `bot run` on a free port with a database of its own, and a citizen to talk to it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from sqlalchemy import create_engine, text

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """A running bot. `url` for HTTP, `query` for its database, `kill` for its processes."""

    def __init__(self, folder: Path, **environment: str):
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "PORT": str(self.port), "DATABASE_URL": f"sqlite:///{folder}/bot.db",
                            "CHAT_RATE_PER_MINUTE": "100000", **environment}
        self.process: subprocess.Popen | None = None
        self.output = folder / "run.log"

    def start(self) -> "Served":
        with self.output.open("ab") as out:
            self.process = subprocess.Popen([sys.executable, "-m", "bot", "run"], cwd=ROOT, env=self.environment, stdout=out,
                                            stderr=subprocess.STDOUT, start_new_session=True)
        wait_for(lambda: self.output.read_text().count("ready http") > 0 or self.process.poll() is not None, 120,
                 lambda: self.output.read_text())
        assert self.process.poll() is None, self.logs()
        return self

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        os.kill(self.process.pid, signal.SIGINT)
        code = self.process.wait(30)
        self.output.unlink(missing_ok=True)
        return code

    def pid(self, name: str) -> int:
        return int((self.folder / "run" / f"{name}-{self.port}.pid").read_text())

    def environment_of(self, name: str) -> dict[str, str]:
        """The environment a process was started with."""
        pairs = Path(f"/proc/{self.pid(name)}/environ").read_text().split("\0")
        return dict(p.split("=", 1) for p in pairs if "=" in p)

    def kill(self, name: str) -> int:
        """kill -9 of rasa, web or worker; returns the pid that died."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def kill_all(self) -> None:
        """kill -9 of everything, the supervisor first so that nothing is started again."""
        pids = [self.pid(n) for n in ("rasa", "web", "worker")]
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.output.unlink(missing_ok=True)
        wait_for(lambda: not port_open(self.port), 20)

    def healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=3).status_code == 200
        except httpx.HTTPError:
            return False

    def wait_healthy(self, seconds: float = 90) -> None:
        wait_for(self.healthy, seconds, self.logs)

    def query(self, sql: str, **values) -> list:
        engine = create_engine(self.environment["DATABASE_URL"])
        with engine.connect() as connection:
            rows = connection.execute(text(sql), values).fetchall()
        engine.dispose()
        return rows

    def logs(self) -> str:
        texts = [self.output.read_text() if self.output.exists() else ""]
        texts += [f"--- {p.name}\n{p.read_text()[-3000:]}" for p in sorted((self.folder / "log").glob("*.log"))]
        return "\n".join(texts)

    def citizen(self) -> "CitizenAtWeb":
        return CitizenAtWeb(self)


class CitizenAtWeb:
    """Talks over the web API. `say` and `tap` return the replies; `last` holds the newest."""

    def __init__(self, served: Served, sender: str | None = None):
        self.served, self.sender, self.last = served, sender, []

    def post(self, **body) -> httpx.Response:
        return httpx.post(f"{self.served.url}/api/chat", timeout=40,
                          json={**({"sender": self.sender} if self.sender else {}), **body})

    def _send(self, **body) -> list[dict]:
        ident = uuid.uuid4().hex
        answer = self.post(id=ident, **body)
        assert answer.status_code == 200, answer.text
        data = answer.json()
        self.sender = data["sender"]
        deadline = time.monotonic() + 90
        while data["pending"] and time.monotonic() < deadline:
            time.sleep(0.3)
            data = self.post(id=ident, **body).json()
        assert not data["pending"], self.served.logs()
        self.last = data["messages"]
        return self.last

    def say(self, words: str) -> list[dict]:
        return self._send(text=words)

    def tap(self, title: str) -> list[dict]:
        """Presses the newest button whose title is, or begins with, `title`."""
        for message in reversed(self.last):
            for button in message["buttons"]:
                if button["title"] == title or button["title"].startswith(title):
                    return self._send(payload=button["payload"])
        raise AssertionError(f"no button {title!r} in {self.last}")

    def read(self) -> str:
        """The newest replies as one text."""
        return "\n".join(m["text"] for m in self.last)

    @contextmanager
    def listening(self, last_id: int | None = None) -> Iterator[list[dict]]:
        """The event stream while the block runs; the list grows."""
        heard: list[dict] = []
        stop = threading.Event()

        def listen() -> None:
            query = {"sender": self.sender, **({"last_id": last_id} if last_id is not None else {})}
            while not stop.is_set():
                try:
                    with httpx.stream("GET", f"{self.served.url}/api/chat/events", params=query,
                                      timeout=httpx.Timeout(5, read=1.5)) as stream:
                        for line in stream.iter_lines():
                            if line.startswith("data:"):
                                heard.append(json.loads(line[5:]))
                            if stop.is_set():
                                return
                except httpx.HTTPError:
                    time.sleep(0.2)

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        try:
            yield heard
        finally:
            stop.set()
            thread.join(4)


def port_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(true, seconds: float, explain=lambda: "") -> None:
    """Until `true()` holds; fails with the explanation after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s in vain\n{explain()}")


def words_in(text_: str) -> int:
    return len(re.findall(r"\S+", text_))
