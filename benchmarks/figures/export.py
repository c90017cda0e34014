"""One export in a process of its own, for its memory: prints JSON.

    python -m benchmarks.figures.export DATABASE_URL VAR_FOLDER ADDRESS

before_mb: what the process holds with the server up and one page served; peak_mb: at most until the last byte of the export.
Linux only: the peak of starting up is set back first (/proc/self/clear_refs).
"""

import json
import re
import sys
import time
from pathlib import Path

from benchmarks.figures.server import signed_in


def held_mb(what: str) -> float:
    """VmRSS: now; VmHWM: at most since the peak was set back."""
    return int(re.search(rf"{what}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024


def main(url: str, var: str, address: str) -> None:
    with signed_in(url, var) as client:
        client.get("/tai-khoan").raise_for_status()
        Path("/proc/self/clear_refs").write_text("5")
        before, began, size, lines = held_mb("VmRSS"), time.perf_counter(), 0, 0
        with client.stream("GET", address) as answer:
            answer.raise_for_status()
            for chunk in answer.iter_bytes():
                size += len(chunk)
                lines += chunk.count(b"\n")
        print(json.dumps({"address": address, "bytes": size, "lines": lines, "seconds": round(time.perf_counter() - began, 2),
                          "before_mb": round(before, 1), "peak_mb": round(held_mb("VmHWM"), 1)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
