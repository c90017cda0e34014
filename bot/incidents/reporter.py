"""Who reported, so that people can be counted and nobody followed: a keyed hash that changes every ninety days."""

import hashlib
import hmac
from datetime import datetime, timedelta

SPAN = timedelta(days=90)


def span_of(at: datetime) -> int:
    """The number of the span that an aware instant lies in."""
    return int(at.timestamp() // SPAN.total_seconds())


def reporter(key: bytes, conversation_id: str, at: datetime, back: int = 0) -> str:
    """64 hex digits. back: how many spans earlier."""
    return hmac.new(key, f"reporter:{span_of(at) - back}:{conversation_id}".encode(), hashlib.sha256).hexdigest()
