"""Waiting in tests. How soon something comes is not what they ask: a wait is long, and ends as soon as the thing is so."""

import time
from collections.abc import Callable
from typing import Any

import httpx

WAIT_SECONDS = 180
"""Longest wait for anything to become so, on a machine that has much else to do."""
HTTP_SECONDS = 60
"""Longest wait for one answer; httpx's own five seconds are short on such a machine."""
HUNG_SECONDS = 2.0
"""A time-out that is meant to run out."""


def time_out(situation: str) -> float:
    """Seconds for a client of ours: few where the other side never answers, many where it does."""
    return HUNG_SECONDS if "timeout" in situation or "time-out" in situation else HTTP_SECONDS


def wait_for(true: Callable[[], object], explain: Callable[[], str] = str, seconds: float = WAIT_SECONDS) -> None:
    """Until `true()` holds; fails with the explanation after `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain\n{explain()}")
        time.sleep(0.1)


def get(url: str, **more: Any) -> httpx.Response:
    return httpx.get(url, **{"timeout": HTTP_SECONDS, **more})


def post(url: str, **more: Any) -> httpx.Response:
    return httpx.post(url, **{"timeout": HTTP_SECONDS, **more})
