"""How long each page of figures takes over a million events, and what exports of more than 100,000 rows need of memory.

    .venv/bin/python -m benchmarks.figures [--database URL] [--share 1.0]

Fills an empty database (default: a SQLite file that is deleted afterwards), then asks for every page over HTTP as a signed-in
administrator, the longest period chosen, TIMES times each. Prints one JSON. Exit code 1 when the middle time of a page is two
seconds or more, a page does not answer, or the large export needs more than MORE_MB beyond the small one.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.figures.events import Sizes, generate
from benchmarks.figures.server import signed_in
from bot.store.db import Database

ROOT = Path(__file__).resolve().parent.parent.parent
TIMES = 3
MOST_SECONDS = 2.0
MORE_MB = 40
YEAR = "ky=365"
PAGES = ("/admin", f"/admin?{YEAR}", "/admin?ky=90", f"/admin?{YEAR}&xa=Phường+Hoa+Lư", f"/admin?{YEAR}&kenh=zalo_oa", f"/admin?{YEAR}&khoa=COURSE",
         f"/admin?{YEAR}&kenh=web&xa=Phường+Hoa+Lư", f"/admin?{YEAR}&kenh=web&khoa=COURSE", f"/admin/khoa-hoc?{YEAR}",
         f"/admin/khoa-hoc?{YEAR}&xa=Phường+Hoa+Lư", f"/admin/khoa-hoc/COURSE?{YEAR}", f"/admin/dich-vu?{YEAR}", f"/admin/dich-vu?{YEAR}&xa=Phường+Hoa+Lư",
         f"/admin/dich-vu?{YEAR}&kenh=zalo_oa", "/admin/van-hanh", "/admin/bao-cao", "/admin/du-lieu-ca-nhan", "/admin/nhat-ky")
EXPORTS = ("/admin/bao-cao/du-lieu/hoi-dap.csv?ky=7", f"/admin/bao-cao/du-lieu/hoi-dap.csv?{YEAR}", f"/admin/bao-cao/du-lieu/tin-da-gui.xlsx?{YEAR}")
"""A small one, 300,000 rows as CSV, and 120,000 as XLSX."""


def timed(client: httpx.Client, address: str) -> dict[str, Any]:
    """Seconds from the request to the last byte, and what came. cpu: of this process, the server and SQLite in it; not of PostgreSQL."""
    seconds, busy = [], []
    for _ in range(TIMES):
        began, worked = time.perf_counter(), time.process_time()
        answer = client.get(address)
        seconds.append(time.perf_counter() - began)
        busy.append(time.process_time() - worked)
        if answer.status_code != 200:
            return {"status": answer.status_code}
    return {"status": 200, "seconds": round(statistics.median(seconds), 3), "first": round(seconds[0], 3), "cpu": round(statistics.median(busy), 3),
            "kilobytes": len(answer.content) // 1024}


def exported(url: str, var: str, address: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", "benchmarks.figures.export", url, var, address], cwd=ROOT, capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {"address": address, "error": done.stderr.strip().splitlines()[-1][:300]}


def run(url: str, folder: Path, sizes: Sizes) -> dict[str, Any]:
    database = Database(url)
    database.migrate()
    began = time.perf_counter()
    rows = generate(database, ROOT / "courses", sizes)
    filled = round(time.perf_counter() - began, 1)
    database.close()
    with signed_in(url, str(folder / "var")) as client:
        course = sorted(p.stem for p in (ROOT / "courses").glob("*.yml") if p.stem != "unverified")[0]
        client.get("/admin")  # whatever is made at the first request of a process is made
        pages = {address: timed(client, address) for address in (p.replace("COURSE", course) for p in PAGES)}
    return {"database": url.partition(":")[0], "rows": rows, "rows_in_all": sum(rows.values()), "filled_seconds": filled, "pages": pages,
            "exports": [exported(url, str(folder / "var"), address) for address in EXPORTS]}


def failed(result: dict[str, Any]) -> bool:
    slow = any(p.get("seconds", MOST_SECONDS) >= MOST_SECONDS for p in result["pages"].values())
    small, *large = result["exports"]
    return slow or "error" in small or any("error" in one or one["peak_mb"] - small["peak_mb"] > MORE_MB for one in large)


def main() -> int:
    arguments = argparse.ArgumentParser(prog="benchmarks.figures")
    arguments.add_argument("--database", default="", help="an empty database; default: a SQLite file that is deleted afterwards")
    arguments.add_argument("--share", type=float, default=1.0, help="of the million events")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = run(given.database or f"sqlite:///{folder}/figures.db", Path(folder), Sizes().part(given.share))
    print(json.dumps(result, ensure_ascii=False, indent=1))
    return int(failed(result))


if __name__ == "__main__":
    sys.exit(main())
