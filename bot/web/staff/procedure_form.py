"""The form of a procedure: its fields on the page, and the document that comes back from them. Shaped like the answer card."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData

from bot.language.normalise import clean

CHANNELS = (("in_person", "Trực tiếp"), ("online", "Trực tuyến"), ("post", "Bưu chính"))
GRADES = (("A", "A: văn bản, Cổng quốc gia"), ("B", "B: báo chính thống"), ("C", "C: nghe lại"))
LEVELS = ("Cấp xã", "Cấp tỉnh", "Cấp bộ", "Cơ quan khác")
TEXTS = ("name", "field", "level", "agency", "applicants", "fee", "duration", "result", "conditions", "official_url", "changed", "ask_at",
         "checked_on", "review_by")
LINES = ("also_codes", "aliases", "ways_people_ask", "steps", "legal_basis")
ROWS = {
    "papers": ("name", "originals", "copies", "form", "when"), "methods": ("channel", "days", "fee_vnd", "note"),
    "cases": ("when", "answer", "ways"), "sources": ("id", "title", "url", "grade"),
}
"""Lists of things of several fields; the row stays when one of WORDED is filled in."""
WORDED = {"papers": ("name",), "methods": ("channel",), "cases": ("when", "answer"), "sources": ("title",)}
NUMBERS = ("originals", "copies", "fee_vnd")
SPARE = 1
"""Empty rows shown behind the others, for browsers without scripts; the script adds more."""


async def fields(request: Request) -> FormData:
    """Everything the form sent. A dependency, for reading it waits for the network and handlers do not."""
    return await request.form()


def text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return clean(value).strip() if isinstance(value, str) else ""


def lines(value: str) -> list[str]:
    """One an unempty line, each once."""
    return list(dict.fromkeys(line for part in clean(value).splitlines() if (line := " ".join(part.split()))))


def curated(form: FormData) -> dict[str, Any]:
    """The document of a procedure as the form says it; what is no number stays as it was typed, so that the fault is named."""
    doc: dict[str, Any] = {name: " ".join(text(form, name).split()) for name in TEXTS}
    doc |= {name: lines(text(form, name)) for name in LINES}
    doc |= {name: rows(form, name) for name in ROWS}
    return {**doc, "effective_from": text(form, "effective_from") or None}


def rows(form: FormData, name: str) -> list[dict[str, Any]]:
    columns = [[str(v) for v in form.getlist(f"{name}-{part}")] for part in ROWS[name]]
    found = []
    for values in zip(*columns, strict=False):
        given = dict(zip(ROWS[name], (clean(v).strip() for v in values), strict=True))
        if not any(given[part] for part in WORDED[name]):
            continue
        found.append({part: value_of(part, value) for part, value in given.items()})
    return found


def value_of(part: str, value: str) -> Any:
    if part in NUMBERS:
        digits = re.sub(r"[.\s]", "", value)
        return int(digits) if digits.isdigit() else value or None
    return lines(value) if part == "ways" else " ".join(value.split())


def ways(form: FormData) -> dict[str, Any]:
    """The document of ways to ask."""
    return {"name": " ".join(text(form, "name").split()), "field": text(form, "field"), "level": text(form, "level") or "Cấp xã",
            "ways": lines(text(form, "ways"))}


def spared(doc: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The rows of every list with empty ones behind them."""
    return {name: [*(doc.get(name) or ()), *({} for _ in range(SPARE))] for name in ROWS}
