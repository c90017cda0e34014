"""Communes and wards, new and old names: which one does a text name?"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML

from bot.language.normalise import fold, normalise

_KIND = re.compile(r"^(?:xa|phuong|thi tran)\s+")


@dataclass(frozen=True)
class Named:
    """What a text names. said: the name as official lists have it; communes: the new units it belongs to now."""

    said: str
    communes: tuple[str, ...]
    old: bool


def plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", fold(normalise(text))).strip()


@lru_cache
def _names() -> dict[str, Named]:
    """Folded name without "xã/phường" -> what it means; a new name wins over an old one of the same wording."""
    units = YAML(typ="safe").load((Path(__file__).parent / "communes.yml").read_text(encoding="utf-8"))
    names: dict[str, Named] = {}
    for unit in units:
        for old in unit["old"]:
            key = _KIND.sub("", plain(old["name"]))
            before = names.get(key)
            into = (before.communes if before else ()) + (unit["name"],)
            names[key] = Named(old["name"], tuple(dict.fromkeys(into)), True)
    for unit in units:
        names[_KIND.sub("", plain(unit["name"]))] = Named(unit["name"], (unit["name"],), False)
    return names


def find(text: str) -> Named | None:
    """The longest name of a commune in the text, or None. A one-word name counts only behind "xã" or "phường"."""
    words = plain(text).split()
    for length in range(min(4, len(words)), 0, -1):
        for at in range(len(words) - length + 1):
            found = _names().get(" ".join(words[at:at + length]))
            if found and (length > 1 or (at and words[at - 1] in ("xa", "phuong", "tran"))):
                return found
    return None
