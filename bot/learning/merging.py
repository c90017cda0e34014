"""Two people at one lesson: what each of them typed is kept, also when the other has saved in between. Pure.

A page carries a mark of every field as it was loaded. A field that comes back as it was is nobody's doing: whatever the newest
document has there stays. What differs from its mark was typed here.
"""

import json
import zlib
from collections.abc import Iterable, Mapping

from bot.learning.filling import Filled, Posted

Marks = Mapping[str, str]


def sent(shown: Iterable[Filled]) -> dict[str, list[str]]:
    """What a browser sends of the fields when nobody touches them."""
    found: dict[str, list[str]] = {}
    for one in shown:
        kind = one.blank.kind
        if kind == "list":
            for number, entry in enumerate(one.entries):
                found |= sent(f for f in entry if f.blank.kind != "only")
                found |= {f"{one.name}.{f.blank.name}": [str(number)] for f in entry if f.blank.kind == "only" and f.value}
        elif kind in ("choice", "way", "several"):
            chosen = [o.value for o in one.options if o.chosen]
            found |= {one.name: chosen} if chosen else {}
        elif kind == "tick":
            found |= {one.name: ["co"]} if one.value else {}
        elif kind == "picture":
            found[f"{one.name}.alt"] = [str(one.value.get("alt") or "")]
        else:
            found[one.name] = [one.value]
    return found


def mark(values: Iterable[str]) -> str:
    """A short stand-in for what a field holds; line ends and spaces around it do not count."""
    held = "\0".join(value.replace("\r\n", "\n").strip() for value in values)
    return f"{zlib.crc32(held.encode('utf-8', 'surrogatepass')):08x}"


def marked(fields: Posted) -> str:
    """The marks of the fields, for a hidden field of the page."""
    return json.dumps({name: mark(values) for name, values in fields.items()}, separators=(",", ":"))


def marks_of(given: str) -> Marks | None:
    """The marks that came back with a page; None when there are none that can be read."""
    try:
        found = json.loads(given)
    except ValueError:
        return None
    return found if isinstance(found, dict) and all(isinstance(v, str) for v in found.values()) else None


def merged(newest: Posted, marks: Marks, posted: Posted) -> dict[str, list[str]]:
    """The fields as to be saved. newest: as `sent` gives them of the newest document; posted: as they came back.

    A part that came new meanwhile, which has no mark and was not sent, stays as the newest document has it.
    """
    made = dict(newest)
    for name in {*marks, *posted}:
        now = posted.get(name, [])
        if mark(now) == marks.get(name, mark([])):
            continue
        if now:
            made[name] = now
        else:
            made.pop(name, None)
    return made
