"""Prepares both environments and the trained model with nothing but a bare Python 3: what `make` calls.

    python3 scripts/bootstrap.py setup | train | run | test [pytest arguments]

Each step is skipped when nothing it depends on has changed. Imports only the standard library.
"""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP, RASA = ROOT / ".venv", ROOT / ".venv-rasa"
MODEL = ROOT / "models" / "bot.tar.gz"
OLDEST_APP_PYTHON = (3, 11)


class Stop(Exception):
    """One sentence for whoever ran make."""


def say(text):
    print(f"· {text}", flush=True)


def digest(paths):
    """One hash over the contents and names of files and folders."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file() and "__pycache__" not in p.parts) if path.is_dir() else [path]
        for file in files:
            total.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()


def current(stamp, value):
    return stamp.exists() and stamp.read_text() == value


def call(arguments, what, **kwargs):
    """Runs a step; its own output is shown, and a failure is one sentence."""
    if subprocess.run([str(a) for a in arguments], cwd=ROOT, **kwargs).returncode != 0:
        raise Stop(f"{what} failed; the reason stands above")


def version_of(python):
    """(major, minor) of an interpreter that really runs, else None: pyenv's shims exist for versions that are not active."""
    try:
        out = subprocess.run([str(python), "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True,
                             text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return tuple(map(int, out.stdout.split())) if out.returncode == 0 and out.stdout.split() else None


def pyenv_pythons(minor):
    """Interpreters of Python 3.<minor> under pyenv's versions folder, the newest first."""
    roots = [os.environ.get("PYENV_ROOT"), Path.home() / ".pyenv"]
    shim = shutil.which("pyenv")
    if shim:
        roots.append(Path(shim).resolve().parent.parent)
    found = {p for r in roots if r for p in Path(r).glob(f"versions/3.{minor}.*/bin/python")}
    return sorted(found, key=lambda p: [int(x) for x in p.parent.parent.name.split(".") if x.isdigit()], reverse=True)


def app_python():
    """A Python of 3.11 or newer for the app environment."""
    candidates = [sys.executable, *(shutil.which(n) for n in ("python3", "python3.11", "python3.12", "python3.13"))]
    for python in [c for c in candidates if c] + [p for m in (11, 12, 13) for p in pyenv_pythons(m)]:
        found = version_of(python)
        if found and found >= OLDEST_APP_PYTHON:
            return python
    raise Stop("Python 3.11 or newer is needed and was not found; install it and run this again")


def rasa_python(uv):
    """A Python 3.10: on PATH, under pyenv's versions folder, or downloaded by uv."""
    for python in [shutil.which("python3.10"), *pyenv_pythons(10)]:
        if python and version_of(python) == (3, 10):
            return python
    got = subprocess.run([uv, "python", "install", "3.10"], capture_output=True)
    if got.returncode == 0:
        where = subprocess.run([uv, "python", "find", "3.10"], capture_output=True, text=True)
        if where.returncode == 0 and version_of(where.stdout.strip()) == (3, 10):
            return where.stdout.strip()
    raise Stop("Rasa needs Python 3.10 and none was found on PATH, under pyenv's versions or through uv; install it, "
               "for example with `pyenv install 3.10`, and run this again")


def setup():
    """Both environments as requirements/*.txt pin them."""
    wanted = digest([ROOT / "requirements" / "app.txt", ROOT / "requirements" / "dev.txt", ROOT / "pyproject.toml"])
    if not current(APP / ".stamp", wanted):
        say("preparing the app environment .venv (about half a minute)")
        if version_of(APP / "bin" / "python") is None:
            call([app_python(), "-m", "venv", "--clear", APP], "making .venv (is the venv module installed?)")
        python = APP / "bin" / "python"
        pin = next(line.split()[0] for line in (ROOT / "requirements" / "dev.txt").read_text().splitlines()
                   if line.startswith("uv=="))
        call([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", pin], "installing uv")
        uv = APP / "bin" / "uv"
        call([uv, "pip", "install", "--python", python, "-r", "requirements/app.txt", "-r", "requirements/dev.txt"],
             "installing the app's packages")
        call([uv, "pip", "install", "--quiet", "--python", python, "--no-deps", "-e", "."], "installing the bot command")
        (APP / ".stamp").write_text(wanted)
    wanted = digest([ROOT / "requirements" / "rasa.txt"])
    if not current(RASA / ".stamp", wanted):
        say("preparing the Rasa environment .venv-rasa (2.6 GB, about a minute)")
        uv = str(APP / "bin" / "uv")
        if version_of(RASA / "bin" / "python") != (3, 10):
            call([uv, "venv", "--no-project", "--clear", "--python", rasa_python(uv), RASA], "making .venv-rasa")
        call([uv, "pip", "install", "--python", RASA / "bin" / "python", "-r", "requirements/rasa.txt"],
             "installing Rasa")
        # whoever runs `rasa …` by hand gets no telemetry either; a .pth line is run at every start of this Python
        for packages in (RASA / "lib").glob("python3.*/site-packages"):
            (packages / "no_telemetry.pth").write_text('import os; os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")\n')
        (RASA / ".stamp").write_text(wanted)


def rasa_environment():
    """Rasa without telemetry and without TensorFlow's chatter."""
    return {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "TQDM_DISABLE": "1"}


def train():
    """The model, when data, configuration or our components have changed."""
    parts = [ROOT / n for n in ("nlu_data", "domain.yml", "config.yml", "bot/rasa_glue", "bot/language")]
    wanted = digest([*parts, ROOT / "requirements" / "rasa.txt"])
    if MODEL.exists() and current(MODEL.parent / ".stamp", wanted):
        return
    say("training the model (about half a minute)")
    began = time.monotonic()
    log = ROOT / "var" / "log" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as out:
        done = subprocess.run([RASA / "bin" / "python", "-m", "rasa", "train", "--fixed-model-name", "bot"], cwd=ROOT,
                              env=rasa_environment(), stdout=out, stderr=subprocess.STDOUT)
    if done.returncode != 0 or not MODEL.exists():
        print("".join(log.read_text().splitlines(keepends=True)[-15:]), file=sys.stderr)
        raise Stop(f"training failed; the whole log is {log.relative_to(ROOT)}")
    (MODEL.parent / ".stamp").write_text(wanted)
    say(f"trained in {time.monotonic() - began:.0f} s")


def run():
    """Everything, then hands over to `bot run`."""
    port = os.environ.get("PORT", "8080")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((os.environ.get("HOST", "127.0.0.1"), int(port)))
        except (OSError, ValueError, OverflowError) as error:
            raise Stop(f"port {port} cannot be used ({getattr(error, 'strerror', None) or 'not a port number'}); "
                       f"stop what uses it or choose another: PORT=8081 make run") from error
    setup()
    train()
    os.chdir(ROOT)
    os.execv(APP / "bin" / "python", [str(APP / "bin" / "python"), "-m", "bot", "run"])


def test(arguments):
    setup()
    train()
    os.chdir(ROOT)
    # the whole suite on two cores at once; what starts the whole bot stays together on one (tests/conftest.py)
    side_by_side = [] if arguments or (os.cpu_count() or 1) < 2 else ["-n", "2", "--dist", "loadscope", "--no-loadscope-reorder"]
    os.execv(APP / "bin" / "python", [str(APP / "bin" / "python"), "-m", "pytest", *side_by_side, *arguments])


def main():
    command, arguments = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    steps = {"setup": setup, "train": lambda: (setup(), train()), "run": run, "test": lambda: test(arguments)}
    if command not in steps:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        steps[command]()
    except Stop as reason:
        print(f"bootstrap: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
