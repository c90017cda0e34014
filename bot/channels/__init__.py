"""Channels: one module each. A module with `make(settings)` is found by itself; see base.py for what a channel is."""

import importlib
import pkgutil
from typing import Any

from bot.channels.base import PushChannel, Store
from bot.config import Settings


def all_channels(settings: Settings) -> list[PushChannel]:
    """The push channels that are switched on by their settings."""
    return [channel for _, channel in _switched_on(settings)]


def webhooks(settings: Settings, store: Store) -> list[Any]:
    """The webhook routes of the channels that are switched on, for the web server to mount."""
    return [module.router(channel, store) for module, channel in _switched_on(settings) if hasattr(module, "router")]


def _switched_on(settings: Settings) -> list[tuple[Any, PushChannel]]:
    modules = [importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    made = [(module, module.make(settings)) for module in modules if hasattr(module, "make")]
    return [(module, channel) for module, channel in made if channel is not None]
