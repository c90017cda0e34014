"""Finds what has a form of its own in a text, and names that stand in a list. Runs in both environments."""

import re
from typing import Any, Dict, List

from bot.clock import now
from bot.language import gazetteer, times

_ENDINGS = ("vn|com|net|org|info|xyz|top|cc|io|me|app|shop|site|online|club|vip|link|pro|cn|tk|gl|gle|ru|us|uk|eu|hk|jp|kr|sg|biz|mobi|dev|icu|click|live|buzz|"
            "work|website|store|space|tech|world|life|asia|page|group|global|cyou|sbs|cfd|monster|lol|pw|ws|ml|cf|gq|win|bid|gov|edu")
"""Of addresses without http:// and path. None that is a Vietnamese syllable ("ly", "la", "so", "ga"): few type a space behind a full stop."""
_SHORT = r"(?:bit|cutt|ow|rebrand)\.ly|(?:is|v)\.gd|rb\.gy|tiny\.im|urlz\.fr|(?:t\.(?:co|ly)|s\.id|bom\.(?:so|to))(?=/)"
"""Shorteners whose ending would not do."""
_PATH = r"\b(?:[a-z0-9-]+\.)*[a-z0-9-]{3,}\.[a-z]{2,12}/[^\s<>\"]+[^\s<>\".,;:!?)]"
"""Any ending at all before a path; "TP.HCM/…" is none."""
_UNITS = "tỷ|ty|tỉ|triệu|trieu|tr|nghìn|nghin|ngàn|ngan|k|đồng|dong|đ|vnđ|vnd|củ|cu|lít|chai"

DOSSIER_CODE = r"\b(?:\d{3}\.\d{2}\.\d{2}\.)?[HG]\d{2}(?:\.\d{1,3})*-\d{6}-\d{2,6}\b"
"""The number of a submitted file; letters in either case."""

PATTERNS = [(entity, re.compile(pattern, re.IGNORECASE)) for entity, pattern in (
    ("dossier_code", DOSSIER_CODE),
    ("procedure_code", r"\b\d\.\d{6}(?:\.\d{3}\.\d{2}\.\d{2}\.[HG]\d{2})?\b"),
    ("url", rf"\b(?:https?://|www\.)[^\s<>\"]+[^\s<>\".,;:!?)]|\b(?:[a-z0-9-]+\.)+(?:{_ENDINGS})\b(?:/[^\s<>\"]*)?"
            rf"|\b(?:{_SHORT})\b(?:/[^\s<>\"]*)?|{_PATH}"),
    ("phone_number", r"(?<![\d.])(?:\+84|84|0)(?:[ .-]?\d){8,10}(?!\d)|\b1(?:800|900)[ .-]?\d{4,6}\b"),
    ("money", rf"\b\d[\d.,]*\s?(?:{_UNITS})\b(?:\s?\d+)?(?:\s?(?:đồng|dong|đ|vnd))?"),
)]


def find(text: str) -> List[Dict[str, Any]]:
    """[{entity, value, start, end}] in the order of the text, never overlapping. A time's value is ISO 8601 or a rule,
    that of a name its proper spelling."""
    found: List[Dict[str, Any]] = []
    for entity, pattern in PATTERNS:
        for match in pattern.finditer(text):
            add(found, {"entity": entity, "value": match.group(0), "start": match.start(), "end": match.end()})
    when = times.parse(text, now())
    if when is not None:
        add(found, {"entity": "time", "value": when.rule or when.at.isoformat(), "start": when.start, "end": when.end})
    for named in gazetteer.find(text):
        add(found, named)
    return sorted(found, key=lambda e: e["start"])


def add(found: List[Dict[str, Any]], entity: Dict[str, Any]) -> None:
    """Adds an entity unless an earlier, more certain kind holds a part of its span."""
    if all(entity["end"] <= e["start"] or entity["start"] >= e["end"] for e in found):
        found.append(entity)
