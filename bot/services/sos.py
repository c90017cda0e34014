"""For some turns after the steps for whoever was robbed, the talk is still about that: `Conversation.awaiting` says how many are left.

A mark "sos:<turns left>:<Unix time>" without a word of what happened; it costs no statement of its own and is gone with the talk.
"""

from datetime import datetime, timedelta

AWAITED = "sos:"
TURNS = 5
FRESH = 4
"""So many turns left or more: what is not understood still belongs to it, and nothing else is asked for."""
LASTS = timedelta(hours=12)
"""Robbed in the evening, in the morning the question is still where to report it."""


def mark(left: int, now: datetime) -> str | None:
    return f"{AWAITED}{left}:{int(now.timestamp())}" if left > 0 else None


def left(awaiting: str, now: datetime) -> int:
    """Turns that are left; 0 for what is no such mark, or too old a one."""
    turns, _, at = awaiting.removeprefix(AWAITED).partition(":")
    if not awaiting.startswith(AWAITED) or not turns.isdigit() or not at.isdigit() or now.timestamp() - int(at) > LASTS.total_seconds():
        return 0
    return int(turns)
