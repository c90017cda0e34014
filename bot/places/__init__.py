"""Communes and wards, new and old names: which one does a text name?"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import cos, hypot, radians
from pathlib import Path

from ruamel.yaml import YAML

from bot.language.normalise import clean, fold, place_tones

_KINDS = {"xa": "Xã", "phuong": "Phường", "tran": "Thị trấn"}
_AT = {"o", "tai", "que"}
"""Folded words after which a name is meant as one, even with a wrong mark: "ở phú lý"."""
_NEAR = {"ve", "thuoc", "nguoi", "dan", "nha", "den"}
"""Folded words after which a name without marks is meant as one: "nha hai long", but not "nhà hài lòng"."""


@dataclass(frozen=True)
class Named:
    """What a text names. said: the name as official lists have it; communes: the new units it belongs to now."""

    said: str
    communes: tuple[str, ...]
    old: bool

    @property
    def kind(self) -> str:
        return next(k for k in _KINDS.values() if self.said.startswith(k))

    @property
    def proper(self) -> str:
        """The name without its kind, as `words_of` has typed words."""
        return " ".join(words_of(self.said.removeprefix(self.kind)))


def words_of(text: str) -> list[str]:
    """Lower-case words with their marks, tones placed one way. Abbreviations stay: "hong" is Hồng here, not "không"."""
    return re.findall(r"[^\W_]+", place_tones(clean(text)).lower())


def plain(text: str) -> str:
    return " ".join(fold(w) for w in words_of(text))


@lru_cache
def shipped() -> tuple[dict, ...]:
    """The units that came with the program, as communes.yml has them: code, name, old."""
    return tuple(YAML(typ="safe").load((Path(__file__).parent / "communes.yml").read_text(encoding="utf-8")))


@lru_cache
def centres() -> dict[str, tuple[float, float]]:
    """(latitude, longitude) of the middle of each shipped unit, by its code; from the public list the units came from, not surveyed."""
    with (Path(__file__).parent / "centres.csv").open(encoding="utf-8", newline="") as lines:
        return {row["code"]: (float(row["latitude"]), float(row["longitude"])) for row in csv.DictReader(lines)}


class _Known:
    """The units as they are known now, with what is looked up in them; replaced as a whole, so that threads see one state or the other."""

    def __init__(self, units: tuple[dict, ...]):
        self.units = units

    @cached_property
    def listed(self) -> tuple[str, ...]:
        return tuple(sorted((unit["name"] for unit in self.units), key=lambda name: plain(name)))

    @cached_property
    def names(self) -> dict[str, tuple[Named, ...]]:
        """Folded name without "xã/phường" -> the units of that wording; a new one hides an old one of the very same name."""
        named: dict[str, Named] = {}
        for unit in self.units:
            for old in unit["old"]:
                before = named.get(old["name"])
                into = (before.communes if before else ()) + (unit["name"],)
                named[old["name"]] = Named(old["name"], tuple(dict.fromkeys(into)), True)
        named.update({u["name"]: Named(u["name"], (u["name"],), False) for u in self.units})
        by_key: dict[str, tuple[Named, ...]] = {}
        for one in named.values():
            key = plain(one.proper)
            by_key[key] = (*by_key.get(key, ()), one)
        return by_key

    @cached_property
    def newer(self) -> frozenset[str]:
        """The names, new and old, that did not come with the program."""
        came = {name for unit in shipped() for name in (unit["name"], *(old["name"] for old in unit["old"]))}
        return frozenset(one.said for named in self.names.values() for one in named) - came


_known = _Known(shipped())


def know(units: Iterable[dict]) -> None:
    """From now on these are the units of the province, for the whole process (bot/services/communes.py reads what staff changed)."""
    global _known  # noqa: PLW0603  one process serves one province
    units = tuple(units)
    if units != _known.units:
        _known = _Known(units)


def _units() -> tuple[dict, ...]:
    return _known.units


def by_code(code: str) -> str | None:
    """The name of the commune with this code of the national list; None when it is none of this province."""
    return next((unit["name"] for unit in _units() if unit["code"] == code), None)


def code_of(name: str) -> str | None:
    """The code of the commune with this very name."""
    return next((unit["code"] for unit in _units() if unit["name"] == name), None)


KM_A_DEGREE = 111.2
NEAR_KM = 15
"""A point further than this from every centre is outside the province, or nearly."""


def near(latitude: float, longitude: float, most: int = 3) -> tuple[str, ...]:
    """The units whose centres lie nearest to the point, the nearest first; () far from all. Centres are not borders: only to be offered."""
    found = []
    for code, (lat, lon) in centres().items():
        name = by_code(code)
        away = hypot(lat - latitude, (lon - longitude) * cos(radians(latitude))) * KM_A_DEGREE
        if name is not None and away <= NEAR_KM:
            found.append((away, name))
    return tuple(name for _, name in sorted(found)[:most])


def listed() -> tuple[str, ...]:
    """The names of all communes and wards as they are now, in the order of the alphabet."""
    return _known.listed


def _names() -> dict[str, tuple[Named, ...]]:
    return _known.names


def newer() -> frozenset[str]:
    """Names that staff have added, by making, renaming or merging units: Rasa's model and lists do not know them."""
    return _known.newer


def find(text: str) -> Named | None:
    """The longest name of a commune in the text, or None.

    Marks and a kind ("xã", "phường") choose between units of one wording; what they leave open is the new unit's name,
    or old ones together. With its marks a name counts anywhere, without them behind a kind, behind "ở" and the like,
    or all alone. A one-word name counts only behind its own kind.
    """
    words = words_of(text)
    bare = all(fold(w) == w for w in words)
    for length in range(min(4, len(words)), 0, -1):
        for at in range(len(words) - length + 1):
            found = _meant(words[at:at + length], words[:at], bare, alone=length == len(words))
            if found:
                return found
    return None


def _meant(typed: list[str], before: list[str], bare: bool, alone: bool) -> Named | None:
    """The unit meant by the typed words. before: the words up to them; bare: no word of the text has marks."""
    units = _names().get(" ".join(map(fold, typed)), ())
    last = fold(before[-1]) if before else ""
    kind = _KINDS.get(last)
    marked = [u for u in units if u.proper == " ".join(typed)]
    unmarked = [fold(w) for w in typed] == typed
    if len(typed) == 1:
        units = [u for u in (units if unmarked else marked) if u.kind == kind]
    elif kind or last in _AT or [fold(w) for w in before[-2:-1]] == ["que"] or (unmarked and (alone or last in _NEAR)):
        units = units if bare else marked or units
    else:
        units = [u for u in marked if not unmarked]
    units = [u for u in units if u.kind == kind] or units
    new = [u for u in units if not u.old]
    if new or not units:
        return new[0] if new else None
    return Named(units[0].said, tuple(dict.fromkeys(c for u in units for c in u.communes)), True)
