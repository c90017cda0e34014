"""How Telegram says no, in our names, and what follows where that is not the sender's to decide.

Logs carry error classes and names only: the token is part of every URL, and Telegram's answers quote what citizens wrote.
"""

import logging
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TimedOut

from bot.channels import base
from bot.channels.base import Moved, SendError

logger = logging.getLogger(__name__)

BAD_TOKEN_SECONDS = 60
MOST_BACKOFF_SECONDS = 30
FAILURES = (  # exception, what it says, our name; BadRequest and TimedOut are NetworkErrors; all others: UNREACHABLE
    (Forbidden, "", base.BLOCKED),
    (InvalidToken, "", base.BAD_TOKEN),
    (BadRequest, "chat not found", base.GONE),
    (BadRequest, "message is too long", base.TOO_LONG),
    (BadRequest, "", base.BAD_REQUEST),
    (TimedOut, "", base.UNKNOWN_OUTCOME),
)


def failure_of(error: Exception) -> SendError:
    """The named failure of what PTB raised."""
    if isinstance(error, ChatMigrated):
        return Moved(str(error.new_chat_id))
    if isinstance(error, RetryAfter):
        wait = error.retry_after  # a timedelta when PTB_TIMEDELTA is set
        return SendError(base.RETRY_AFTER, wait.total_seconds() if isinstance(wait, timedelta) else float(wait))
    said = str(error).lower()
    return SendError(next((failure for kind, part, failure in FAILURES if isinstance(error, kind) and part in said), base.UNREACHABLE))


def pause_seconds(error: Exception, failures: int) -> float:
    """How long to wait before another try of what is tried until it works. failures: in a row, this one included."""
    wait = BAD_TOKEN_SECONDS if isinstance(error, InvalidToken) else min(MOST_BACKOFF_SECONDS, 2 ** (failures - 1))
    return max(wait, failure_of(error).retry_after_seconds or 0)


async def quietly(work: Awaitable[Any], what: str) -> None:
    """Does something whose failure is only logged."""
    try:
        await work
    except Exception as error:
        if not (isinstance(error, BadRequest) and "query is too old" in error.message.lower()):
            logger.warning("%s: %s", what, error.failure.name if isinstance(error, SendError) else type(error).__name__)
