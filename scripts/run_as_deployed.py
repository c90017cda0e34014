"""Runs the parts on this machine with the command lines of deploy/systemd, behind deploy/haproxy.cfg, without systemd.

    PYTHONPATH=. .venv/bin/python scripts/run_as_deployed.py --database-url postgresql://… --redis-url redis://…

Two Rasas, two web processes, two workers, and HAProxy in front when it is installed. What a unit says of its command, environment and
restarting is taken from its file, so a mistake there shows here; what belongs to systemd itself (users, what may be written) is not
tried. For tests and for a look before a server is set up.
"""

import argparse
import configparser
import os
import shlex
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bot.config import ROOT
from bot.supervisor import die_with_parent, free_port

UNITS = ROOT / "deploy" / "systemd"
FRONT = ROOT / "deploy" / "haproxy.cfg"
FOLDER_OF_UNITS = "/srv/bot"
START_SECONDS = 300


def unit(name: str, instance: str = "") -> dict[str, list[str]]:
    """The settings of a unit's [Service], %i filled in and the folder of the installation replaced by this checkout."""
    class Repeated(dict):
        def __setitem__(self, key, value):
            super().__setitem__(key, [*self[key], *value] if isinstance(value, list) and key in self else value)

    read = configparser.RawConfigParser(strict=False, dict_type=Repeated, delimiters=("=",), comment_prefixes=("#", ";"))
    read.optionxform = str
    read.read(UNITS / name)
    lines = {key: value.split("\n") for key, value in read["Service"].items()}
    return {key: [one.replace("%i", instance).replace(FOLDER_OF_UNITS, str(ROOT)) for one in values] for key, values in lines.items()}


def environment_of(found: dict[str, list[str]]) -> dict[str, str]:
    """What Environment= lines set."""
    return dict(pair.split("=", 1) for line in found.get("Environment", []) for pair in shlex.split(line))


def template() -> dict[str, str]:
    """The environment file of all units, as it is before anything is filled in."""
    lines = (ROOT / "deploy" / "bot.env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


class Part:
    """One running unit. Restart=always is kept: what dies is started again after RestartSec, until `stop`."""

    def __init__(self, file: str, instance: str, environment: dict[str, str], log: Path):
        self.name = file.replace("@.service", f"@{instance}").removesuffix(".service")
        found = unit(file, instance)
        (command,) = found["ExecStart"]
        self._command, self._folder = shlex.split(command), found["WorkingDirectory"][0]
        # as systemd has it: nothing of ours, and what the file says wins over the unit
        self._environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(log.parent),
                             **environment_of(found), **environment}
        self._restarts, self._pause = found.get("Restart") == ["always"], float(found.get("RestartSec", ["0.1"])[0])
        self._signal = signal.Signals[found.get("KillSignal", ["SIGTERM"])[0]]
        self._stop_seconds = float(found.get("TimeoutStopSec", ["90"])[0])
        self._log, self._stopping, self.process = log, False, None

    def start(self) -> None:
        self._stopping = False
        self._spawn()
        if self._restarts:
            threading.Thread(target=self._watch, args=(self.process,), daemon=True).start()

    def _spawn(self) -> None:
        with self._log.open("ab") as out:
            self.process = subprocess.Popen(self._command, cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=die_with_parent)

    def _watch(self, process: subprocess.Popen) -> None:
        while True:
            process.wait()
            time.sleep(self._pause)
            if self._stopping or self.process is not process:
                return
            self._spawn()
            process = self.process

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)

    def stop(self) -> int:
        """KillSignal, and SIGKILL when it is still there after TimeoutStopSec; the exit code."""
        self._stopping = True
        if self.process is None:
            return 0
        self.process.send_signal(self._signal)
        try:
            return self.process.wait(self._stop_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def restart(self) -> int:
        """`systemctl restart`: the exit code of the old process."""
        code = self.stop()
        self.start()
        return code


class Deployed:
    """Every part on one machine. url: the address of all web processes; webs: theirs; parts: by unit name ("bot-web@8080")."""

    def __init__(self, folder: Path, database_url: str, redis_url: str, **settings: str):
        """folder: for logs. settings: further lines of the environment file."""
        redis = urlsplit(redis_url)
        rasa_ports, web_ports, actions = [free_port(), free_port()], [free_port(), free_port()], [free_port(), free_port()]
        self.folder, self.database_url = folder, database_url
        self.front_port = free_port()
        self.webs = [f"http://127.0.0.1:{port}" for port in web_ports]
        self.environment = {
            **template(), "DATABASE_URL": database_url, "REDIS_URL": redis_url, "REDIS_HOST": redis.hostname or "", "REDIS_PORT": str(redis.port or 6379),
            "RASA_URL": ",".join(f"http://127.0.0.1:{port}" for port in rasa_ports), "PUBLIC_URL": "", "CHAT_RATE_PER_MINUTE": "100000", **settings}
        self._migrate = self._part("bot-migrate.service", "")
        self._with_front = shutil.which("haproxy") is not None
        self._actions, self._actions_front = [f"127.0.0.1:{port}" for port in actions], free_port()
        self.environment["ACTIONS_URL"] = f"http://127.0.0.1:{self._actions_front if self._with_front else actions[0]}/webhook"
        self.rasas = [self._part("bot-rasa@.service", str(port)) for port in rasa_ports]
        # a second web process has its ACTIONS_PORT in a drop-in
        self.web = [self._part("bot-web@.service", str(port), ACTIONS_PORT=str(at)) for port, at in zip(web_ports, actions, strict=True)]
        self.workers = [self._part("bot-worker@.service", number) for number in "12"]
        self.front: subprocess.Popen | None = None

    def _part(self, file: str, instance: str, **more: str) -> Part:
        return Part(file, instance, {**self.environment, **more}, self.folder / f"{file.removesuffix('.service').rstrip('@')}-{instance or 'once'}.log")

    @property
    def parts(self) -> list[Part]:
        return [*self.rasas, *self.web, *self.workers]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.front_port}" if self.front else self.webs[0]

    def start(self) -> "Deployed":
        self.migrate()
        for part in self.parts:
            part.start()
        if self._with_front:
            with (self.folder / "front.log").open("ab") as out:
                self.front = subprocess.Popen(
                    ["haproxy", "-db", "-f", str(FRONT)], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                    preexec_fn=die_with_parent,
                    env={**os.environ, "HTTP_BIND": f"127.0.0.1:{self.front_port}", "ACTIONS_BIND": f"127.0.0.1:{self._actions_front}",
                         **{f"WEB_{n}": url.removeprefix("http://") for n, url in enumerate(self.webs, 1)},
                         **{f"ACTIONS_{n}": at for n, at in enumerate(self._actions, 1)}})
        until = time.monotonic() + START_SECONDS
        while not self.healthy():
            if time.monotonic() > until:
                raise RuntimeError(f"not ready after {START_SECONDS} s\n{self.logs()}")
            time.sleep(0.3)
        return self

    def migrate(self) -> None:
        self._migrate.start()
        if code := self._migrate.process.wait(START_SECONDS):
            raise RuntimeError(f"bot-migrate ended with {code}\n{self.logs()}")

    def healthy(self) -> bool:
        """Do all web processes answer and see both Rasas and a worker, and does the front see the web processes?"""
        try:
            found = [httpx.get(f"{url}/health", timeout=10) for url in (*self.webs, self.url)]
        except httpx.HTTPError:
            return False
        return all(one.status_code == 200 and set(one.json().get("rasas", {}).values()) == {"up"} for one in found)

    def logs(self) -> str:
        return "\n".join(f"--- {path.name}\n{path.read_text(encoding='utf-8', errors='replace')[-3000:]}" for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> dict[str, int]:
        """The exit codes by unit."""
        if self.front is not None:
            self.front.terminate()  # HAProxy's way to stop at once, open event streams or not
        codes = {part.name: part.stop() for part in reversed(self.parts)}
        if self.front is not None:
            self.front.wait(10)
        return codes


@contextmanager
def deployed(folder: Path, database_url: str, redis_url: str, **settings: str) -> Iterator[Deployed]:
    running = Deployed(folder, database_url, redis_url, **settings)
    try:
        yield running.start()
    finally:
        running.stop()


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--database-url", required=True, help="PostgreSQL; its tables are made or brought up to date")
    given.add_argument("--redis-url", required=True)
    given.add_argument("--logs", type=Path, default=ROOT / "var" / "log", help="folder of the logs")
    told = given.parse_args()
    told.logs.mkdir(parents=True, exist_ok=True)
    with deployed(told.logs, told.database_url, told.redis_url, SECRET_KEY="", RASA_GATEWAY_TOKEN="") as running:
        print(f"ready {running.url}", flush=True)
        try:
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
        finally:
            print("stopping", flush=True)


if __name__ == "__main__":
    main()
