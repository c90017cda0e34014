"""`make bench`: latency, search and understanding in one run, into one results file; the others when asked for.

    .venv/bin/python -m benchmarks.all [--only latency search understanding delivery load figures spread announce] [--short] [--epochs 5]
                                       [--out benchmarks/results]

Writes OUT/<commit>.json (figures, commit, machine) and OUT/latest.md (tables), and prints the tables. A part that cannot be run here
(no records of the national portal, no Rasa environment, no PostgreSQL) is named with its reason; the others run. A part that was
measured at the same commit before and is left out now stays in the file. The parts that run as commands of their own take up to half
an hour each, so they are run by name only, and what they found last stays in OUT/<part>.json. Exit codes: 0 done, 1 a part failed, 2
wrong usage.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import latency, understanding
from benchmarks.search import __main__ as search
from benchmarks.understanding.compare import EPOCHS, table

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
GOALS = {"latency": {"ratio": 1.2, "median_ms": 80}, "search": {"r_at_1": [0.90, 0.88, 0.84], "wrong_of_answered": 0.05, "absent_answered": 0.10, "ms": 15}}


class NotHere(Exception):
    """What a part lacks, in one sentence."""


def run_latency(given: argparse.Namespace) -> dict:
    return latency.measured(given.messages, given.stock)


def run_search(given: argparse.Namespace) -> dict:
    records = [search.SHARED / name for name in search.RECORDS]
    missing = [p.name for p in records if not p.exists()]
    if missing:
        raise NotHere(f"the records of the national portal are not beside this checkout ({', '.join(missing)})")
    return search.run(records, search.SHARED / "questions_dev.jsonl")


def run_understanding(given: argparse.Namespace) -> dict:
    return understanding.run(epochs=given.epochs)


def latency_table(result: dict) -> str:
    rows = [("whole bot over the web API, durable", result["end_to_end"]), *((one["what"] + ", alone", one) for one in result["rasa_alone"])]
    lines = ["| | messages | median, 11–60 | median, last 50 | ratio | p95 |", "|---|---|---|---|---|---|"]
    return "\n".join(lines + [f"| {name} | {r['messages']} | {r['median_11_60_ms']} ms | {r['median_last_50_ms']} ms | {r['ratio']} | {r['p95_ms']} ms |"
                              for name, r in rows])


@dataclass(frozen=True)
class Apart:
    """A benchmark that is a command of its own and prints one JSON. runs: its arguments, one tuple a run; short: further ones for --short."""

    runs: tuple[tuple[str, ...], ...]
    short: tuple[str, ...]
    table: Callable[[list[dict]], str]
    needs_postgres: bool = False


def run_apart(name: str, given: argparse.Namespace) -> list[dict]:
    """What each run printed. Raises RuntimeError with the last line of its errors when one fails."""
    part = APART[name]
    if part.needs_postgres and not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        raise NotHere("PostgreSQL is not installed")
    found = []
    for arguments in part.runs:
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments, *(part.short if given.short else ())], cwd=ROOT,
                              capture_output=True, text=True)
        if not done.stdout.strip():
            raise RuntimeError((done.stderr.strip().splitlines() or ["it printed nothing"])[-1])
        found.append({**json.loads(done.stdout), "exit_code": done.returncode})
    if not given.short:
        (given.out / f"{name}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return found


def delivery_table(runs: list[dict]) -> str:
    lines = ["| | lost | sent again though the id was known | though the platform had answered | never answered | a second | longest wait |",
             "|---|---|---|---|---|---|---|"]
    return "\n".join(lines + [
        f"| {r['database']}, {r['workers']} worker(s), {r['reminders']} reminders, {r['kills']} kills, {r['database_restarts']} restarts of the database "
        f"| {r['lost']} | {r['repeated_after_confirmation']} | {r['repeated_after_answer']} | {r['repeated_never_answered']} | {r['rate_per_second']} "
        f"| {r['wait_seconds']['oldest']} s |" for r in runs])


def load_table(runs: list[dict]) -> str:
    lines = ["| | p50 | p95 | p99 | errors | memory |", "|---|---|---|---|---|---|"]
    return "\n".join(lines + [
        f"| {whole['rate_per_second']:g} a second from {whole['citizens']} citizens, {one['rasas']} Rasa(s), {whole['database']} | {one['p50_ms']} ms "
        f"| {one['p95_ms']} ms | {one['p99_ms']} ms | {sum(one['errors'].values())} of {one['answered'] + sum(one['errors'].values())} "
        f"| {', '.join(f'{name} {mb:.0f} MB' for name, mb in one['memory_mb'].items())} |" for whole in runs for one in whole["runs"]])


def announce_table(runs: list[dict]) -> str:
    lines = ["| | rows | twice | missed | planned in | worker's memory | a second of at most | p95 of replies without it | with it | page |",
             "|---|---|---|---|---|---|---|---|---|---|"]
    return "\n".join(lines + [
        f"| {r['people']} citizens on {r['database']}, {r['workers']} worker(s), {r['kills']} kills | {r['rows']} | {r['twice']} | {r['missed']} "
        f"| {r['planning']['seconds']} s | {r['planning']['worker_peak_mb']} MB | {r['sending']['bulk_per_second']} of {r['sending']['bulk_most_per_second']} "
        f"| {r['replies']['without']['p95_ms']} ms | {r['replies']['with']['p95_ms']} ms | {r['page_seconds']['results']} s |" for r in runs])


def plain_table(runs: list[dict]) -> str:
    return "\n\n".join(f"```\n{json.dumps(one, indent=1, ensure_ascii=False)}\n```" for one in runs)


APART = {
    "delivery": Apart((("--database", "postgresql"), ("--database", "sqlite", "--workers", "1", "--restarts", "0")),
                      ("--reminders", "600", "--kills", "6"), delivery_table, needs_postgres=True),
    "load": Apart(((),), ("--seconds", "30"), load_table, needs_postgres=True),
    "figures": Apart(((),), ("--share", "0.02"), plain_table),
    "spread": Apart(((),), ("--step", "24"), plain_table),
    "announce": Apart((("--database", "postgresql"), ("--database", "sqlite", "--people", "20000", "--workers", "1")),
                      ("--people", "3000", "--seconds", "20", "--kills", "1"), announce_table, needs_postgres=True),
}
PARTS: dict[str, tuple[Callable[[argparse.Namespace], dict], Callable[[dict], str]]] = {
    "search": (run_search, search.table), "latency": (run_latency, latency_table),
    "understanding": (run_understanding, lambda result: f"```\n{table(result)}\n```")}


def commit() -> str:
    """The short hash, with a plus when the work tree differs from it."""
    def git(*what: str) -> str:
        return subprocess.run(["git", *what], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    return (git("rev-parse", "--short", "HEAD") or "unknown") + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")


def calibrated_ms() -> float:
    """Milliseconds of a fixed piece of work: tells a busy or slow machine from ours."""
    spent = []
    for _ in range(20):
        began = time.perf_counter()
        sum(n * n for n in range(200_000))
        spent.append(1000 * (time.perf_counter() - began))
    return round(sorted(spent)[len(spent) // 2], 1)


def kept(out: Path, results: dict) -> dict[str, list[dict]]:
    """What the parts apart have found: in this run, else the last time."""
    files = {name: out / f"{name}.json" for name in APART}
    before = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in files.items() if path.exists()}
    return {name: one if isinstance(one, list) else [one] for name, one in {**before, **{n: results[n] for n in APART if n in results}}.items()}


def written(results: dict, apart: dict[str, list[dict]]) -> str:
    """The tables for people. apart: of `kept`."""
    head = (f"# Measured at commit {results['commit']}\n\n{results['at']}, {results['machine']['cpus']} cores, a loop of 200,000 squares takes "
            f"{results['machine']['loop_ms']} ms (12 on the idle machine the goals were set on).\n")
    parts = [f"## {name}\n\n{PARTS[name][1](results[name])}\n" for name in PARTS if name in results]
    parts += [f"## {name}\n\nAt commit {runs[0].get('commit', 'unknown')}.\n\n{APART[name].table(runs)}\n" for name, runs in apart.items()]
    return "\n".join([head, *parts, *(f"## {name}\n\nNot measured: {why}.\n" for name, why in results["not_measured"].items() if name not in results)])


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.all", description="Every benchmark, one results file.")
    parser.add_argument("--only", nargs="+", choices=[*PARTS, *APART], default=list(PARTS), metavar="PART",
                        help=f"of: {', '.join([*PARTS, *APART])}; by default {', '.join(PARTS)}")
    parser.add_argument("--short", action="store_true", help="delivery, load and figures at a size that takes minutes")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"epochs of DIET ({EPOCHS}; Rasa's default: 100)")
    parser.add_argument("--messages", type=int, default=1000, help="messages of the latency run")
    parser.add_argument("--stock", type=int, default=300, help="messages to Rasa alone; 0: skip")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the results")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    at = commit()
    path = given.out / f"{at}.json"
    results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    results |= {"commit": at, "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), "goals": GOALS, "not_measured": {},
                "machine": {"cpus": os.cpu_count(), "loop_ms": calibrated_ms(), "python": platform.python_version()}}
    failed = False
    for name in given.only:
        print(f"== {name}", file=sys.stderr, flush=True)
        try:
            results[name] = PARTS[name][0](given) if name in PARTS else run_apart(name, given)
            failed = failed or (name in APART and any(one["exit_code"] for one in results[name]))  # it ran, and missed its own goals
        except NotHere as reason:
            results["not_measured"][name] = str(reason)
        except Exception as error:  # the other parts are still worth their time
            failed = True
            results["not_measured"][name] = f"it failed ({type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''})"
        path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        (given.out / "latest.md").write_text(written(results, kept(given.out, results)), encoding="utf-8")
    print(written(results, kept(given.out, results)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
