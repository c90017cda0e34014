"""Is it alive, and what is waiting: /health for people and monitors, /metrics for Prometheus.

Both speak for all processes on the database, whichever web process is asked.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from bot.app import App
from bot.services import health as watching
from bot.services.health import Picture
from bot.services.tallies import BOUNDS_SECONDS

router = APIRouter()
PRIORITY_NAMES = {0: "reply", 1: "reminder"}
BROADCAST = "broadcast"


def look(app: App, counts: bool = False) -> Picture:
    """Raises when the database is down."""
    with app.database.read() as session:
        return watching.picture(session, app.clock(), counts)


@router.get("/health")
async def health(request: Request) -> JSONResponse:
    """200 when citizens are served, else 503; says which part is down. One Rasa of several is enough.

    A channel that cannot send makes it "degraded", not 503: the other channels and the web chat work on.
    """
    state = request.app.state
    try:
        found = await asyncio.to_thread(look, state.app)
        database, worker, channels = "up", "up" if found.processes.get("worker") else "down", found.channels
    except Exception:  # any failure of the database means the same here
        database, worker, channels = "down", "unknown", {}
    rasas = await state.rasa.each_ready()
    parts = {"rasa": "up" if any(rasas.values()) else "down", "database": database, "worker": worker}
    shown = {name: {"state": "up" if one["up"] else "down", **({"why": one["why"]} if one["why"] else {}),
                    **({"token_expires_seconds": one["token_expires_seconds"]} if one["token_expires_seconds"] is not None else {})}
             for name, one in channels.items()}
    serving = all(v == "up" for v in parts.values())
    ok = serving and all(one["up"] for one in channels.values())
    more = {"rasas": {address: "up" if up else "down" for address, up in rasas.items()}} if len(rasas) > 1 else {}
    return JSONResponse({"status": "ok" if ok else "degraded", **parts, "channels": shown, **more}, 200 if serving else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus text; with the database down only what this process knows by itself, so that the alarm still gets through."""
    registry = CollectorRegistry()
    try:
        found, database_up = await asyncio.to_thread(look, request.app.state.app, True), True
    except Exception:
        found, database_up = Picture(), False
    registry.register(Collector(found, database_up, await request.app.state.rasa.each_ready()))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class Collector:
    """A picture as metric families."""

    def __init__(self, found: Picture, database_up: bool, rasas: dict[str, bool]):
        self._found, self._database_up, self._rasas = found, database_up, rasas

    def collect(self) -> Iterator[Metric]:
        found = self._found
        yield GaugeMetricFamily("bot_database_up", "1 when the database answers", value=int(self._database_up))
        yield GaugeMetricFamily("bot_rasa_up", "1 when a Rasa has its model loaded", value=int(any(self._rasas.values())))
        yield labelled("bot_rasa_address_up", "1 when the Rasa at this address has its model loaded", ["address"],
                       {(address,): int(up) for address, up in self._rasas.items()})
        yield GaugeMetricFamily("bot_worker_up", "1 when a worker has shown life in the last 30 s", value=int(bool(found.processes.get("worker"))))
        yield labelled("bot_processes", "Processes that have shown life in the last 30 s", ["kind"],
                       {(kind,): found.processes.get(kind, 0) for kind in ("web", "worker")})
        yield labelled("bot_inbox_messages", "Rows of the inbox by state", ["state"],
                       {(s,): found.inbox.get(s, 0) for s in ("new", "working", "done", "parked")})
        yield labelled("bot_outbox_messages", "Rows of the outbox by state", ["state"],
                       {(s,): found.outbox.get(s, 0) for s in ("due", "sending", "sent", "held", "dead")})
        yield labelled("bot_queue_depth", "Messages due by channel and priority", ["channel", "priority"],
                       {(channel, PRIORITY_NAMES.get(priority, BROADCAST)): count for (channel, priority), count in found.depth.items()})
        yield GaugeMetricFamily("bot_oldest_unsent_seconds", "Age of the oldest message due on a push channel", value=found.oldest_unsent_seconds)
        yield labelled("bot_oldest_due_seconds", "Age of the oldest message due, by channel", ["channel"], {(c,): age for c, age in found.oldest.items()})
        yield GaugeMetricFamily("bot_oldest_unanswered_seconds", "Age of the oldest message of a citizen that is not answered",
                                value=found.oldest_inbox_seconds)
        yield labelled("bot_dead_letters", "Messages given up, by error", ["error"], {(e or "unknown",): n for e, n in found.dead.items()})
        yield labelled("bot_channel_up", "1 when the channel says it can send", ["channel"], {(n,): int(s["up"]) for n, s in found.channels.items()})
        yield labelled("bot_token_expires_seconds", "Seconds until the channel's token expires", ["channel"],
                       {(n,): s["token_expires_seconds"] for n, s in found.channels.items() if s["token_expires_seconds"] is not None})
        errors = CounterMetricFamily("bot_delivery_errors", "Sends that failed, by error", labels=["channel", "error"])
        for labels, value in found.counts.get("delivery_errors", []):
            errors.add_metric([labels["channel"], labels["error"]], value)
        yield errors
        yield self._histogram("send_seconds", "bot_send_seconds", "From handing a message to the channel to its record, in seconds", ["channel"])
        yield self._histogram("rasa_seconds", "bot_rasa_seconds", "Rasa's turns, in seconds", [])
        yield self._histogram("answer_seconds", "bot_answer_seconds", "From a citizen's message stored to its replies in the outbox, in seconds", ["channel"])

    def _histogram(self, kept: str, name: str, meaning: str, labels: list[str]) -> HistogramMetricFamily:
        buckets: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
        for given, value in self._found.counts.get(f"{kept}_bucket", []):
            buckets[tuple(given.get(one, "") for one in labels)][given["le"]] = value
        sums = {tuple(given.get(one, "") for one in labels): value for given, value in self._found.counts.get(f"{kept}_sum", [])}
        family = HistogramMetricFamily(name, meaning, labels=labels)
        for key, found in buckets.items():
            total, rising = 0.0, []
            for bound in [*map(str, BOUNDS_SECONDS), "+Inf"]:
                total += found.get(bound, 0.0)
                rising.append((bound, total))
            family.add_metric(list(key), rising, sums.get(key, 0.0))
        return family


def labelled(name: str, meaning: str, labels: list[str], values: dict[tuple, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(list(key), value)
    return family
