"""What is waiting, what has gone wrong, who lives: the numbers behind /health and /metrics. Reads, but for what note_… writes."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.services import switches, tallies
from bot.services.outbox import NOBODYS_FAULT
from bot.store.tables import ChannelState, Heartbeat, Inbound, Outbound

SILENT_AFTER = timedelta(seconds=30)
PREFIX = "health:"
BACKUP = "backup_at"
"""When `bot backup` last wrote a file: a row of channel_state, in plain text as those above."""


@dataclass
class Picture:
    """inbox, outbox: messages by state. depth: due messages by (channel, priority). oldest: age in seconds of the longest due
    message, by channel (web: it waits until its reader opens the chat). processes: living ones by kind. channels: by name,
    {"up", "why", "token_expires_seconds"}. dead: given up, without what was only taken back. counts: see tallies.of_all.
    """

    inbox: dict[str, int] = field(default_factory=dict)
    outbox: dict[str, int] = field(default_factory=dict)
    depth: dict[tuple[str, int], int] = field(default_factory=dict)
    oldest: dict[str, float] = field(default_factory=dict)
    oldest_inbox_seconds: float = 0.0
    dead: dict[str, int] = field(default_factory=dict)
    processes: dict[str, int] = field(default_factory=dict)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: dict[str, list[tuple[dict[str, str], float]]] = field(default_factory=dict)

    @property
    def oldest_unsent_seconds(self) -> float:
        """Over the channels we send on; what waits for a browser is nobody's fault."""
        return max((age for channel, age in self.oldest.items() if channel != "web"), default=0.0)


def picture(session: Session, now: datetime, counts: bool = False) -> Picture:
    """The state of everything that is in the database. Raises what the database raises. counts: the tallies too."""
    seen = Picture()
    seen.inbox = dict(session.execute(select(Inbound.state, func.count()).group_by(Inbound.state)).all())
    waiting = session.scalar(select(func.min(Inbound.received_at)).where(Inbound.state.in_(("new", "working"))))
    seen.oldest_inbox_seconds = max(0.0, (now - waiting).total_seconds()) if waiting else 0.0
    seen.outbox = dict(session.execute(select(Outbound.state, func.count()).group_by(Outbound.state)).all())
    due = select(Outbound.channel, Outbound.priority, func.count(), func.min(Outbound.next_try_at)).where(
        Outbound.state.in_(("due", "sending")), Outbound.next_try_at <= now, switches.may_go(now)).group_by(Outbound.channel, Outbound.priority)
    for channel, priority, count, oldest in session.execute(due):
        seen.depth[channel, priority] = count
        seen.oldest[channel] = max(seen.oldest.get(channel, 0.0), (now - oldest).total_seconds())
    seen.dead = dict(session.execute(select(Outbound.error, func.count()).where(
        Outbound.state == "dead", Outbound.error.not_in(NOBODYS_FAULT)).group_by(Outbound.error)).all())
    for name in session.scalars(select(Heartbeat.process).where(Heartbeat.at > now - SILENT_AFTER)):
        kind = name.partition(":")[0]
        seen.processes[kind] = seen.processes.get(kind, 0) + 1
    for key, value in session.execute(select(ChannelState.key, ChannelState.value).where(ChannelState.key.like(f"{PREFIX}%"))):
        state = json.loads(value)
        if datetime.fromisoformat(state.pop("at")) > now - 2 * SILENT_AFTER:  # an older one is of a channel since switched off
            seen.channels[key.removeprefix(PREFIX)] = state
    if counts:
        seen.counts = tallies.of_all(session)
    return seen


def note_channels(session: Session, states: dict[str, dict[str, Any] | None], now: datetime) -> None:
    """What the channels of a worker say of themselves; None: nothing, so that only their being switched on is known."""
    for name, state in sorted(states.items()):
        kept = {"up": True, "why": "", "token_expires_seconds": None, **(state or {}), "at": now.isoformat()}
        _put(session, f"{PREFIX}{name}", json.dumps({k: kept[k] for k in ("up", "why", "token_expires_seconds", "at")}))


def note_backup(session: Session, now: datetime) -> None:
    """A backup was written whole."""
    _put(session, BACKUP, now.isoformat())


def backup_at(session: Session) -> datetime | None:
    """When the last backup was written; None when none is known."""
    row = session.get(ChannelState, BACKUP)
    return datetime.fromisoformat(row.value) if row is not None else None


def _put(session: Session, key: str, value: str) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(ChannelState).values(key=key, value=value).on_conflict_do_update(index_elements=["key"], set_={"value": value}))
