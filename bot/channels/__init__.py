"""Channels: <name>.py each, and beside it what it is made of (<name>_events.py: what comes in, <name>_sending.py …).

A module with `make(settings)` is found by itself; see base.py for what a channel is.
"""

import importlib
import inspect
import pkgutil
from typing import Any

from bot.channels.base import PushChannel, Store
from bot.config import Settings


def all_channels(settings: Settings, **given: Any) -> list[PushChannel]:
    """The push channels that are switched on by their settings. given: what the application hands out, see base.PushChannel."""
    return [channel for _, channel in _switched_on(settings, given)]


def webhooks(settings: Settings, store: Store, **given: Any) -> list[Any]:
    """The webhook routes of the channels that are switched on, for the web server to mount."""
    return [module.router(channel, store) for module, channel in _switched_on(settings, given) if hasattr(module, "router")]


def _switched_on(settings: Settings, given: dict[str, Any]) -> list[tuple[Any, PushChannel]]:
    modules = [importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    made = [(module, _made(module.make, settings, given)) for module in modules if hasattr(module, "make")]
    return [(module, channel) for module, channel in made if channel is not None]


def _made(make: Any, settings: Settings, given: dict[str, Any]) -> PushChannel | None:
    """Each module is handed only what its make names."""
    named = inspect.signature(make).parameters
    return make(settings, **{name: value for name, value in given.items() if name in named})
