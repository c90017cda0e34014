"""What processes count, kept in the database for /metrics: any web process answers for all of them.

A process counts in memory and writes every few seconds; one that is killed loses those seconds of counting, nothing else.
"""

import threading
from bisect import bisect_left
from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.store.tables import Tally

BOUNDS_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 15.0)
"""Upper bounds of the histograms' buckets; the last bucket is everything above."""
Key = tuple[str, str]


class Tallies:
    """Counts of one process. labels are names of ours (channel, error, step), never a citizen's."""

    def __init__(self) -> None:
        self._counts: dict[Key, float] = defaultdict(float)
        self._lock = threading.Lock()

    def count(self, name: str, value: float = 1.0, **labels: str) -> None:
        with self._lock:
            self._counts[name, written(labels)] += value

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """One measured time, into its bucket, the sum and the count."""
        at = bisect_left(BOUNDS_SECONDS, seconds)
        bound = str(BOUNDS_SECONDS[at]) if at < len(BOUNDS_SECONDS) else "+Inf"
        with self._lock:
            self._counts[f"{name}_bucket", written({**labels, "le": bound})] += 1
            self._counts[f"{name}_sum", written(labels)] += seconds

    def flush(self, session: Session) -> None:
        """Adds what was counted since the last time to the table. Call `kept` once that is committed."""
        with self._lock:
            self._flying = dict(self._counts)
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        for (name, labels), value in sorted(self._flying.items()):  # in one order, so that two processes never wait for each other
            session.execute(insert(Tally).values(name=name, labels=labels, value=value).on_conflict_do_update(
                index_elements=["name", "labels"], set_={"value": Tally.value + value}))

    def kept(self) -> None:
        """The last flush is committed."""
        with self._lock:
            for key, value in self._flying.items():
                left = self._counts[key] - value
                if left > 1e-9:
                    self._counts[key] = left
                else:
                    del self._counts[key]
            self._flying = {}


def written(labels: dict[str, str]) -> str:
    """"channel=telegram,error=blocked", by name."""
    return ",".join(f"{name}={value}" for name, value in sorted(labels.items()))


def read(labels: str) -> dict[str, str]:
    """The labels of a row."""
    return dict(part.split("=", 1) for part in labels.split(",") if "=" in part)


def of_all(session: Session) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Every count by name, as [(labels, value)]."""
    found: dict[str, list[tuple[dict[str, str], float]]] = defaultdict(list)
    for name, labels, value in session.execute(select(Tally.name, Tally.labels, Tally.value).order_by(Tally.name, Tally.labels)):
        found[name].append((read(labels), value))
    return found
