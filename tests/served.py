"""The whole bot for tests: `bot run` on a free port with a database of its own, and a citizen to talk to it."""

import json
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import create_engine, text

from tests.patience import HTTP_SECONDS, WAIT_SECONDS, get, post, wait_for

ROOT = Path(__file__).resolve().parent.parent


STARTS = 3
"""`bot run` gives up when it is not ready within two minutes; on a machine that has much else to do it is let try again."""
_ports = iter(random.SystemRandom().sample(range(20_000, 32_000), 12_000))


def free_port() -> int:
    """A port nobody has, given once, below those that outgoing connections take: one of those may be taken before a server binds it."""
    for port in _ports:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def at_hour(folder: Path, hour: int) -> str:
    """A folder for PYTHONTZPATH in which the province's zone is the whole hour that makes it about this hour there now: what goes by
    day or by night is then tested whenever the test runs."""
    offset = (hour - datetime.now(UTC).hour) * 3600
    zone = folder / "Asia" / "Ho_Chi_Minh"
    zone.parent.mkdir(parents=True)
    # TZif, version 1: no transitions, one type of local time
    zone.write_bytes(b"TZif" + bytes(16) + struct.pack(">6l", 0, 0, 0, 0, 1, 4) + struct.pack(">lBB", offset, 0, 0) + b"NBI\0")
    return str(folder)


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
        for _ in range(STARTS):
            with self.output.open("wb") as out:
                self.process = subprocess.Popen([sys.executable, "-m", "bot", "run"], cwd=ROOT, env=self.environment, stdout=out,
                                                stderr=subprocess.STDOUT, start_new_session=True)
            wait_for(lambda: "ready http" in self.output.read_text() or self.process.poll() is not None, self.logs, 2 * WAIT_SECONDS)
            if self.process.poll() is None or "not ready after" not in self.output.read_text():
                break
        assert self.process.poll() is None, self.logs()
        return self

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        os.kill(self.process.pid, signal.SIGINT)
        code = self.process.wait(WAIT_SECONDS)
        self.output.unlink(missing_ok=True)
        return code

    def pid(self, name: str) -> int:
        file = self.folder / "run" / f"{name}-{self.port}.pid"
        while not (found := file.read_text()):  # it is just being written
            time.sleep(0.01)
        return int(found)

    def alive(self, name: str) -> bool:
        """Is it running? Not so one that has been killed and not been missed yet."""
        try:
            return bool(Path(f"/proc/{self.pid(name)}/cmdline").read_bytes())
        except OSError:
            return False

    def environment_of(self, name: str) -> dict[str, str]:
        """The environment a process was started with."""
        pairs = Path(f"/proc/{self.pid(name)}/environ").read_text().split("\0")
        return dict(p.split("=", 1) for p in pairs if "=" in p)

    def kill(self, name: str) -> int:
        """kill -9 of rasa, web or worker, once it has been started again if it was killed before; returns the pid that died."""
        wait_for(lambda: self.alive(name), self.logs)
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
        wait_for(lambda: not port_open(self.port))

    def healthy(self) -> bool:
        try:
            return get(f"{self.url}/health").status_code == 200
        except httpx.HTTPError:
            return False

    def wait_healthy(self) -> None:
        wait_for(self.healthy, self.logs)

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

    def today(self) -> date:
        """The date where it lives; for one that was given a folder of `at_hour`."""
        with (Path(self.environment["PYTHONTZPATH"]) / "Asia" / "Ho_Chi_Minh").open("rb") as zone:
            return datetime.now(ZoneInfo.from_file(zone)).date()

    def citizen(self) -> "CitizenAtWeb":
        return CitizenAtWeb(self)


class CitizenAtWeb:
    """Talks over the web API. `say` and `tap` return the replies; `last` holds the newest."""

    def __init__(self, served: Served, sender: str | None = None):
        self.served, self.sender, self.last = served, sender, []

    def post(self, **body) -> httpx.Response:
        return post(f"{self.served.url}/api/chat", json={**({"sender": self.sender} if self.sender else {}), **body})

    def _send(self, **body) -> list[dict]:
        ident = body.pop("id", None) or uuid.uuid4().hex
        answer = self.post(id=ident, **body)
        assert answer.status_code == 200, answer.text
        data = answer.json()
        self.sender = data["sender"]
        deadline = time.monotonic() + WAIT_SECONDS
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
        stop, connections = threading.Event(), []

        def listen() -> None:
            query = {"sender": self.sender, **({"last_id": last_id} if last_id is not None else {})}
            while not stop.is_set():
                try:
                    with httpx.stream("GET", f"{self.served.url}/api/chat/events", params=query, timeout=HTTP_SECONDS) as stream:
                        connections.append(stream.extensions["network_stream"].get_extra_info("socket"))
                        if stop.is_set():
                            return
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
            for one in connections[-1:]:
                with suppress(OSError):  # it has ended by itself
                    one.shutdown(socket.SHUT_RDWR)
            thread.join(HTTP_SECONDS)


def port_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def words_in(text_: str) -> int:
    return len(re.findall(r"\S+", text_))
