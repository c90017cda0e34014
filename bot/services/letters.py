"""Messages that went wrong, for whoever runs the server: parked ones of the inbox, dead ones of the outbox. Never their words.

A letter's name is "in:<id>" or "out:<id>".
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.errors import BotError
from bot.services import inbox, outbox
from bot.store.tables import Inbound, Outbound

MOST = 1000


class UnknownLetter(BotError):
    """There is no such message; seen on the command line."""


@dataclass(frozen=True)
class Letter:
    """One message that went wrong. cause: of an outbound one, ids only. since: UTC; characters: of its text."""

    name: str
    channel: str
    kind: str
    state: str
    error: str
    attempts: int
    since: datetime
    cause: str
    characters: int
    buttons: int

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "since": self.since.isoformat()}


@dataclass(frozen=True)
class Group:
    """Letters of one box (in, out), channel and reason. since: when the oldest of them came or was made."""

    box: str
    channel: str
    error: str
    count: int
    since: datetime


def all_of(session: Session, limit: int = MOST) -> list[Letter]:
    """Parked, then dead, the newest first in each."""
    return [*map(of_inbox, inbox.parked(session, limit)), *map(of_outbox, outbox.dead(session, limit))]


def of_inbox(row: Inbound) -> Letter:
    return Letter(f"in:{row.id}", row.channel, "button" if row.payload else "text", row.state, row.error or "", row.attempts, row.received_at, "",
                  len(row.text or ""), 0)


def of_outbox(row: Outbound) -> Letter:
    return Letter(f"out:{row.id}", row.channel, row.kind, row.state, row.error or "", row.attempts, row.created_at, row.cause,
                  len(row.body.get("text") or ""), len(row.body.get("buttons") or []))


def find(session: Session, name: str) -> Letter:
    """Any message by its name, gone wrong or not. Raises UnknownLetter."""
    box, ident = parts(name)
    row = session.get(Inbound if box == "in" else Outbound, ident)
    if row is None:
        raise UnknownLetter(f"there is no message {name}")
    return of_inbox(row) if box == "in" else of_outbox(row)


def groups(session: Session) -> list[Group]:
    """What went wrong by box, channel and reason, the commonest first; no message is read for it."""
    found = []
    for box, table, state, at in (("in", Inbound, "parked", Inbound.received_at), ("out", Outbound, "dead", Outbound.created_at)):
        reason = func.coalesce(table.error, "")
        rows = select(table.channel, reason, func.count(), func.min(at)).where(table.state == state, reason.not_in(outbox.NOBODYS_FAULT))
        found += [Group(box, *row) for row in session.execute(rows.group_by(table.channel, reason))]
    return sorted(found, key=lambda one: (-one.count, one.box, one.channel, one.error))


def named_with(session: Session, box: str, channel: str, error: str, limit: int = MOST) -> list[str]:
    """The names of a group's letters, the newest first. Raises UnknownLetter for a box that is none."""
    parts(f"{box}:0")
    table, state = (Inbound, "parked") if box == "in" else (Outbound, "dead")
    ids = session.scalars(select(table.id).where(table.state == state, table.channel == channel, func.coalesce(table.error, "") == error)
                          .order_by(table.id.desc()).limit(limit))
    return [f"{box}:{ident}" for ident in ids]


def replay(session: Session, names: Iterable[str], now: datetime) -> int:
    """Another round of tries for these; returns how many took it. Others are neither parked nor dead, or have no address any more."""
    found = [parts(name) for name in names]
    return (inbox.replay(session, [ident for box, ident in found if box == "in"], now)
            + outbox.replay(session, [ident for box, ident in found if box == "out"], now))


def parts(name: str) -> tuple[str, int]:
    """Raises UnknownLetter for anything but in:<id> and out:<id>."""
    box, _, ident = name.partition(":")
    if box not in ("in", "out") or not (ident.isascii() and ident.isdigit() and len(ident) <= 18):
        raise UnknownLetter(f"{name} is not the name of a message; those are in:<id> and out:<id>")
    return box, int(ident)
