"""Is it alive, and what is waiting: /health for people and monitors, /metrics for Prometheus."""

import asyncio
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select

from bot.app import App
from bot.store.tables import Heartbeat, Inbound, Outbound

router = APIRouter()
WORKER_SILENT_AFTER = timedelta(seconds=30)


def database_state(app: App) -> dict:
    """Queues and the worker's last sign of life, from the database; raises when it is down."""
    now = app.clock()
    with app.database.read() as session:
        inbox = dict(session.execute(select(Inbound.state, func.count()).group_by(Inbound.state)).all())
        outbox = dict(session.execute(select(Outbound.state, func.count()).group_by(Outbound.state)).all())
        oldest = session.scalar(select(func.min(Outbound.next_try_at)).where(Outbound.state == "due", Outbound.channel != "web"))
        beat = session.scalar(select(func.max(Heartbeat.at)).where(Heartbeat.process.like("worker%")))
    return {"inbox": inbox, "outbox": outbox, "worker": beat is not None and now - beat < WORKER_SILENT_AFTER,
            "oldest_unsent_seconds": max(0.0, (now - oldest).total_seconds()) if oldest else 0.0}


@router.get("/health")
async def health(request: Request) -> JSONResponse:
    """200 when every part works, else 503; says which part is down."""
    state = request.app.state
    try:
        found = await asyncio.to_thread(database_state, state.app)
        database, worker = "up", "up" if found["worker"] else "down"
    except Exception:  # any failure of the database means the same here
        database, worker = "down", "unknown"
    parts = {"rasa": "up" if await state.rasa.ready() else "down", "database": database, "worker": worker}
    ok = all(v == "up" for v in parts.values())
    return JSONResponse({"status": "ok" if ok else "degraded", **parts}, 200 if ok else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    registry = CollectorRegistry()
    found = await asyncio.to_thread(database_state, request.app.state.app)
    for name, states in (("inbox", ("new", "working", "done", "parked")), ("outbox", ("due", "sending", "sent", "dead"))):
        gauge = Gauge(f"bot_{name}_messages", f"Rows of the {name} by state", ["state"], registry=registry)
        for one in states:
            gauge.labels(one).set(found[name].get(one, 0))
    Gauge("bot_oldest_unsent_seconds", "Age of the oldest message due on a push channel", registry=registry).set(
        found["oldest_unsent_seconds"])
    Gauge("bot_worker_up", "1 when a worker has shown life in the last 30 s", registry=registry).set(int(found["worker"]))
    Gauge("bot_rasa_up", "1 when Rasa has its model loaded", registry=registry).set(int(await request.app.state.rasa.ready()))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
