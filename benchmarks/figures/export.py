"""One export in a process of its own, for its memory: prints JSON.

    python -m benchmarks.figures.export DATABASE_URL VAR_FOLDER ADDRESS

before_mb: the process with the server up and one page served; peak_mb: at most until the last byte of the export.
"""

import json
import resource
import sys
import time

from benchmarks.figures.server import signed_in


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(url: str, var: str, address: str) -> None:
    with signed_in(url, var) as client:
        client.get("/tai-khoan").raise_for_status()
        before, began, size, lines = peak_mb(), time.perf_counter(), 0, 0
        with client.stream("GET", address) as answer:
            answer.raise_for_status()
            for chunk in answer.iter_bytes():
                size += len(chunk)
                lines += chunk.count(b"\n")
        print(json.dumps({"address": address, "bytes": size, "lines": lines, "seconds": round(time.perf_counter() - began, 2),
                          "before_mb": round(before, 1), "peak_mb": round(peak_mb(), 1)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
