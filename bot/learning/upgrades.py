"""Course documents carry a format version; small chained upgrades keep old ones loading, files and published rows alike."""

from collections.abc import Callable
from typing import Any

from bot.learning.model import FORMAT


def to_2(document: dict[str, Any]) -> dict[str, Any]:
    """Format 1 knew citizens' courses only, no tests, no easier questions, no pictures."""
    return {**document, "format": 2, "group": "citizens"}


UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: to_2}
"""From each old format to the next."""


def upgraded(document: Any) -> Any:
    """The document in the newest format. What is no document, or of no known format, is returned as it is: the model says so."""
    while isinstance(document, dict) and document.get("format") in UPGRADES and document["format"] != FORMAT:
        document = UPGRADES[document["format"]](document)
    return document
