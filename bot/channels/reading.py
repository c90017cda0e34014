"""How the JSON of platforms is looked into, where nothing can be relied on to be there."""

from typing import Any

from bot.channels.rendering import sound


def value_at(value: Any, *path: str) -> Any:
    """The value under a path of keys, None where there is nothing."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def storable(text: str) -> str:
    """A text of an event as a database takes it: without NUL, which PostgreSQL refuses, and without lone surrogates."""
    return sound(text).replace("\0", " ")
