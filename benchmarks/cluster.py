"""A PostgreSQL of a benchmark's own, which may be stopped and started again; the machine's is left alone."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path


class Cluster:
    """While the context lasts. url: of its database "postgres". fsync is on, as it is where it counts."""

    def __enter__(self) -> "Cluster":
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4].split(".")[0]))
        if not found:
            raise SystemExit("PostgreSQL is not installed (initdb not found under /usr/lib/postgresql)")
        self._bin = found[-1].parent
        self._folder = Path(tempfile.mkdtemp(prefix="bench-postgres-"))
        if os.getuid() == 0:
            shutil.chown(self._folder, "postgres")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"
        self._run("initdb", "-D", f"{self._folder}/data", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        self.start()
        return self

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder} -c max_connections=200"
        self._run("pg_ctl", "-D", f"{self._folder}/data", "-l", f"{self._folder}/log", "-w", "-t", "60", "-o", options, "start")

    def restart(self, hard: bool) -> None:
        """hard: as if the power had gone; else connections are cut in good order."""
        self._run("pg_ctl", "-D", f"{self._folder}/data", "-m", "immediate" if hard else "fast", "-w", "-t", "60", "stop")
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        user = {"user": pwd.getpwnam("postgres").pw_uid, "group": pwd.getpwnam("postgres").pw_gid} if os.getuid() == 0 else {}
        subprocess.run([str(self._bin / program), *arguments], check=True, stdout=subprocess.DEVNULL, cwd=self._folder, **user)

    def __exit__(self, *_: object) -> None:
        subprocess.run([str(self._bin / "pg_ctl"), "-D", f"{self._folder}/data", "-m", "immediate", "stop"], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, **({"user": pwd.getpwnam("postgres").pw_uid} if os.getuid() == 0 else {}))
        shutil.rmtree(self._folder, ignore_errors=True)
