"""Judges a message that a citizen finds suspicious: what gives it away, in plain words. "Safe" is never the verdict."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML

from bot.incidents import links
from bot.incidents.indicators import Found, find
from bot.incidents.indicators import links as links_in
from bot.incidents.reasons import Reason
from bot.language.incident_words import plain, trick_in

REPORTED_FROM = 3
"""So many different people have to have reported a number or link before others hear of it."""
SHOWN = 5
DANGER = 3


@dataclass(frozen=True)
class Sign:
    reason: Reason
    pattern: re.Pattern[str]
    trick: str | None


@lru_cache
def signs() -> tuple[Sign, ...]:
    rows = YAML(typ="safe").load((Path(__file__).parent / "signs.yml").read_text(encoding="utf-8"))
    return tuple(Sign(Reason(r["key"], r["weight"], r["says"]), re.compile(rf"(?<![a-z0-9])(?:{r['pattern']})"), r.get("trick")) for r in rows)


@dataclass(frozen=True)
class Judgement:
    """reasons: the weightiest first. signs: keys of the wording that was seen. trick: the kind it looks like, if one does.

    level: danger (one weighty reason, or doubts that add up), doubt, nothing (nothing known was seen, which proves nothing).
    """

    reasons: tuple[Reason, ...]
    found: tuple[Found, ...]
    signs: tuple[str, ...]
    trick: str | None
    addresses: int

    @property
    def level(self) -> str:
        total = sum(r.weight for r in self.reasons)
        return "danger" if total > DANGER or any(r.weight >= DANGER for r in self.reasons) else "doubt" if self.reasons else "nothing"

    @property
    def empty(self) -> bool:
        """Was there nothing to judge at all?"""
        return not self.reasons and not self.found and not self.addresses


def judge(text: str, reported: Mapping[Found, int] | None = None) -> Judgement:
    """text: as the citizen sent it (masked). reported: how many different people reported each indicator."""
    found, folded, reasons = find(text), plain(text), []
    for one in found:
        count = (reported or {}).get(one, 0)
        if count >= REPORTED_FROM:
            reasons.append(Reason("reported", 3, f"Đã có {count} người báo với tôi {shown(one)} (chưa ai xác minh)."))
        if one.kind == "phone" and one.value.startswith("+"):
            reasons.append(Reason("abroad", 2, f"{one.value} là số nước ngoài."))
    addresses = links_in(text)
    for link in addresses:
        reasons += links.look(link)
    seen = [sign for sign in signs() if sign.pattern.search(folded)]
    reasons += [sign.reason for sign in seen]
    kept = {r.key: r for r in sorted(reasons, key=lambda r: r.weight)}
    ordered = tuple(sorted(kept.values(), key=lambda r: -r.weight))
    trick = next((s.trick for s in sorted(seen, key=lambda s: -s.reason.weight) if s.trick), None) or trick_in(text)
    return Judgement(ordered, tuple(found), tuple(s.reason.key for s in seen), trick, len(addresses))


def shown(one: Found) -> str:
    """An indicator as it is named in a sentence; links are broken so that nobody taps them."""
    words = {"phone": "số", "host": "trang", "link": "link", "account": "tài khoản"}[one.kind]
    return f"{words} {one.value if one.kind in ('phone', 'account') else defanged(one.value)}"


def defanged(value: str) -> str:
    """An address nobody can tap."""
    head, slash, rest = value.partition("/")
    return head.replace(".", "[.]") + slash + rest
