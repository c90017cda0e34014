"""`make bench`: latency, search and understanding in one run, into one results file.

    .venv/bin/python -m benchmarks.all [--only latency search understanding] [--epochs 5] [--out benchmarks/results]

Writes OUT/<commit>.json (figures, commit, machine) and OUT/latest.md (tables), and prints the tables. A part that cannot be run here
(no records of the national portal, no Rasa environment) is named with its reason; the others run. A part that was measured at
the same commit before and is left out now stays in the file. Exit codes: 0 done, 1 a part failed, 2 wrong usage.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
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


def written(results: dict) -> str:
    """The tables for people."""
    head = (f"# Measured at commit {results['commit']}\n\n{results['at']}, {results['machine']['cpus']} cores, a loop of 200,000 squares takes "
            f"{results['machine']['loop_ms']} ms (12 on the idle machine the goals were set on).\n")
    parts = [f"## {name}\n\n{PARTS[name][1](results[name])}\n" for name in PARTS if name in results]
    return "\n".join([head, *parts, *(f"## {name}\n\nNot measured: {why}.\n" for name, why in results["not_measured"].items() if name not in results)])


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.all", description="Every benchmark, one results file.")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART", help="of: " + ", ".join(PARTS))
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
            results[name] = PARTS[name][0](given)
        except NotHere as reason:
            results["not_measured"][name] = str(reason)
        except Exception as error:  # the other parts are still worth their time
            failed = True
            results["not_measured"][name] = f"it failed ({type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''})"
        path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        (given.out / "latest.md").write_text(written(results), encoding="utf-8")
    print(written(results))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
