"""Channels: one module each. A module with `make(settings)` is found by itself; see base.py for what a channel is."""

import importlib
import pkgutil

from bot.channels.base import PushChannel
from bot.config import Settings


def all_channels(settings: Settings) -> list[PushChannel]:
    """The push channels that are switched on by their settings."""
    found = []
    for module in pkgutil.iter_modules(__path__):
        make = getattr(importlib.import_module(f"{__name__}.{module.name}"), "make", None)
        channel = make(settings) if make else None
        if channel is not None:
            found.append(channel)
    return found
