"""`bot run`: starts Rasa, web and worker, starts again whatever dies, and ends all of it on Ctrl-C.

For one machine. Many machines run `bot web`, `bot worker` and Rasa under their own service manager (docs/operations.md).
"""

import ctypes
import logging
import os
import random
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
from ruamel.yaml import YAML

from bot.app import app
from bot.config import ROOT, Settings
from bot.errors import SetupError
from bot.services import catalogue, learn, opendata, quality

logger = logging.getLogger(__name__)

INNER_PORTS = (10_000, 20_000)
START_SECONDS = 300
STOP_SECONDS = 10
ASK_EVERY_SECONDS = 10
START_TIMES = 5
"""A process that has not answered yet has so many times as long."""
QUICK_SECONDS = 10
"""A process that lived shorter than this has not really started, and its next start waits longer each time."""
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A process to keep alive. fails: quick deaths in a row, which make the next start wait longer.

    asks: the address that shows whether it is more than alive, "" for none; answered: when it last did, asked: when it was asked,
    ready: whether it ever did.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    pid_file: Path
    asks: str = ""
    process: subprocess.Popen | None = None
    started: float = 0.0
    fails: int = 0
    not_before: float = field(default=0.0)
    answered: float = 0.0
    asked: float = 0.0
    ready: bool = False

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(self.command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                                            preexec_fn=die_with_parent)
        self.started = self.answered = self.asked = time.monotonic()
        self.ready = False
        self.pid_file.write_text(str(self.process.pid))

    def watch(self) -> None:
        """Starts the process again when it has died; at once the first time, then after 1, 2, 4 … 30 s."""
        if self.process is not None and self.process.poll() is None:
            return
        now = time.monotonic()
        if self.process is not None:
            logger.warning("%s ended (%s); starting it again", self.name, self.process.returncode)
            self.fails = 0 if now - self.started > QUICK_SECONDS else self.fails + 1
            self.not_before = now + (min(30, 2 ** (self.fails - 2)) if self.fails > 1 else 0)
            self.process = None
        if now >= self.not_before:
            self.start()

    def question(self, hung_seconds: float) -> None:
        """Ends a process that lives but has answered nothing of use for so long; `watch` starts it again.

        A Rasa that began while its model was being replaced, or a server whose loop stands still, would stay so for ever.
        """
        now = time.monotonic()
        if not self.asks or self.process is None or now - self.asked < ASK_EVERY_SECONDS:
            return
        self.asked = now
        try:
            if httpx.get(self.asks, timeout=3).status_code < 500:
                self.answered, self.ready = now, True
        except httpx.HTTPError:
            pass
        # on a busy machine Rasa needs minutes to load: killing it then would make it begin anew for ever
        if now - self.answered > (hung_seconds if self.ready else START_TIMES * hung_seconds):
            logger.error("%s has not answered for %.0f s; ending it", self.name, now - self.answered)
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def die_with_parent() -> None:
    """Linux: the kernel ends the child when we die, even by SIGKILL, so that no port stays taken."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def free_port() -> int:
    """A port nobody has, below those that outgoing connections take: Rasa binds it half a minute later."""
    for port in random.sample(range(*INNER_PORTS), 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SetupError("no port is free for the inner processes")


def check_port(settings: Settings) -> None:
    """Raises SetupError when the public port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SetupError(f"port {settings.port} cannot be used ({error.strerror}); choose another with PORT=8081") from error


def rasa_endpoints(settings: Settings, actions_port: int) -> Path:
    """A copy of endpoints.yml with this run's action port and database; returns its path."""
    yaml = YAML()
    endpoints = yaml.load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    endpoints["action_endpoint"]["url"] = f"http://127.0.0.1:{actions_port}/webhook"
    endpoints["tracker_store"]["url"] = settings.database_url
    if settings.redis_url:
        endpoints["lock_store"] = redis_lock_store(settings.redis_url)
    path = settings.var / "run" / f"endpoints-{settings.port}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # the database's password is in it
    with path.open("w") as out:
        yaml.dump(endpoints, out)
    return path


def redis_lock_store(url: str) -> dict[str, object]:
    """Rasa's settings for its lock store, from redis://[user:password@]host[:port][/db]."""
    parts = urlsplit(url)
    return {"type": "redis", "url": parts.hostname or "localhost", "port": parts.port or 6379, "db": int(parts.path.strip("/") or 0),
            "key_prefix": "rasalock", **({"username": unquote(parts.username)} if parts.username else {}),
            **({"password": unquote(parts.password)} if parts.password else {}), **({"use_ssl": True} if parts.scheme == "rediss" else {})}


def children(settings: Settings) -> list[Child]:
    """Rasa, web and worker with their ports agreed."""
    actions_port, rasa_ports = free_port(), [free_port() for _ in range(settings.rasa_processes)]
    shared = {**os.environ, "DATABASE_URL": settings.database_url, "PORT": str(settings.port),
              "RASA_URL": ",".join(f"http://127.0.0.1:{port}" for port in rasa_ports), "ACTIONS_PORT": str(actions_port),
              "RASA_GATEWAY_TOKEN": settings.gateway_token()}
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore",
             "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "PYTHONPATH": str(ROOT)}
    logs = settings.var / "log"
    logs.mkdir(parents=True, exist_ok=True)
    rasa = [str(ROOT / ".venv-rasa" / "bin" / "python"), "-m", "rasa", "run", "--model", str(ROOT / "models"),
            "--endpoints", str(rasa_endpoints(settings, actions_port)), "--credentials", "credentials.yml",
            "-i", "127.0.0.1", "-p"]
    ours = [sys.executable, "-m", "bot"]

    def child(name: str, command: list[str], environment: dict[str, str], asks: str = "") -> Child:
        return Child(name, command, environment, logs / f"{name}.log", settings.var / "run" / f"{name}-{settings.port}.pid", asks)

    rasas = [child("rasa" if n == 1 else f"rasa-{n}", [*rasa, str(port)], {**shared, **quiet}, f"http://127.0.0.1:{port}/webhooks/gateway/ready")
             for n, port in enumerate(rasa_ports, 1)]
    # any answer below 500 will do: /health says 503 when another part is down
    return [*rasas, child("web", [*ours, "web"], shared, f"http://127.0.0.1:{settings.port}/embed.js"),
            child("worker", [*ours, "worker"], shared)]


def prepare(settings: Settings) -> None:
    """Database migrated, courses and procedures loaded."""
    one = app()
    one.database.migrate()
    with one.database.write() as session:
        count = learn.publish(session, settings.courses_dir, one.clock())
        procedures = catalogue.publish_curated(session, settings.procedures_dir, one.clock())
        opendata.publish_shipped(session, opendata.SHIPPED, one.clock())
        quality.note_shipped(session, settings, one.clock())
    print(f"· database ready: {count} course(s), {procedures} curated procedures", flush=True)


def run() -> int:
    """Until Ctrl-C or SIGTERM; returns the exit code."""
    settings = app().settings
    check_port(settings)
    if not list((ROOT / "models").glob("*.tar.gz")):
        raise SetupError("there is no trained model; run `make train` first")
    prepare(settings)
    kept = children(settings)
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    print("· starting Rasa, web and worker", flush=True)
    began, ready, told = time.monotonic(), False, time.monotonic()
    try:
        while not stopping:
            for child in kept:
                child.watch()
                child.question(settings.hung_seconds)
            if not ready:
                ready = is_ready(settings)
                if ready:
                    print(f"ready {settings.public_url or f'http://127.0.0.1:{settings.port}'}", flush=True)
                elif time.monotonic() - began > START_SECONDS or any(c.fails > 3 for c in kept):
                    raise SetupError(f"not ready after {time.monotonic() - began:.0f} s; see {settings.var / 'log'}")
                elif time.monotonic() - told > 5:
                    told = time.monotonic()
                    print(f"· still starting ({told - began:.0f} s)", flush=True)
            time.sleep(0.25)
    finally:
        end(kept)
    return 0


def is_ready(settings: Settings) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{settings.port}/health", timeout=3).status_code == 200
    except httpx.HTTPError:
        return False


def end(kept: list[Child]) -> None:
    """SIGTERM to every child's group, SIGKILL to what is left after STOP_SECONDS."""
    living = [c.process for c in kept if c.process is not None and c.process.poll() is None]
    for process in living:
        os.killpg(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in living:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
