"""Incidents as STIX 2.1, for the security centre. Ids are made of ours, so that what is sent twice is the same object.

Nothing in a bundle leads to the citizen: no hash, no words, no commune smaller than what staff may see, days instead of hours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid5

from stix2 import AttackPattern, Bundle, CustomObservable, Grouping, Identity, Indicator, Relationship
from stix2.properties import StringProperty
from stix2.v21 import Incident

from bot.incidents import kinds

SPACE = UUID("6d0b54ca-6c4e-5a44-9f0e-53a3b8e1d3f7")
"""Of our ids; any fixed value does."""
PHONE, ACCOUNT = "x-phone-number", "x-bank-account"
TYPES = {"phone": PHONE, "host": "domain-name", "link": "url", "account": ACCOUNT}


@CustomObservable(PHONE, [("value", StringProperty(required=True))], ["value"])
class PhoneNumber:
    """A telephone number; STIX has no object for it."""


@CustomObservable(ACCOUNT, [("value", StringProperty(required=True))], ["value"])
class BankAccount:
    """A bank account that money was to go to."""


@dataclass(frozen=True)
class Told:
    """An incident as it leaves us. number: what the citizen was told; day: local. indicators: (kind, value, reporters, first day)."""

    number: str
    day: date
    trick: str | None
    channel: str | None
    loss: str | None
    happened_on: date | None
    commune: str | None
    indicators: tuple[tuple[str, str, int, date], ...]


def bundle(told: Iterable[Told], author: str) -> Bundle:
    """One bundle of all these incidents. author: who hands them on."""
    begun = midnight(date(2026, 1, 1))
    maker = Identity(id=ident("identity", author), name=author, identity_class="organization", created=begun, modified=begun)
    objects: dict[str, object] = {maker.id: maker}
    for one in told:
        made = list(of_incident(one, maker.id))
        objects.update({o.id: o for o in made})
        at = midnight(one.day)
        group = Grouping(id=ident("grouping", one.number), created_by_ref=maker.id, created=at, modified=at, name=f"Báo cáo {one.number}",
                         context="suspicious-activity", object_refs=[o.id for o in made])
        objects[group.id] = group
    return Bundle(*objects.values())


def of_incident(one: Told, maker: str) -> Iterable[object]:
    """The incident, the kind of trick, and each indicator with how it belongs to them."""
    at = midnight(one.day)
    same = {"created_by_ref": maker, "created": at, "modified": at}
    words = [f"Kênh: {kinds.CHANNELS[one.channel]}." if one.channel else "", f"Thiệt hại: {kinds.LOSSES[one.loss]}." if one.loss else "",
             f"Xảy ra ngày {one.happened_on:%d/%m/%Y}." if one.happened_on else "", f"Địa bàn: {one.commune}." if one.commune else ""]
    labels = [f"trick:{one.trick or 'other'}", *([f"channel:{one.channel}"] if one.channel else []), *([f"loss:{one.loss}"] if one.loss else [])]
    incident = Incident(id=ident("incident", one.number), name=kinds.TRICKS[one.trick or "other"], description=" ".join(filter(None, words)) or None,
                        labels=labels, external_references=[{"source_name": "tro-ly-cong-dan-so", "external_id": one.number}], **same)
    yield incident
    # of the kind itself, hence the same whenever it is sent
    begun = {"created_by_ref": maker, "created": midnight(date(2026, 1, 1)), "modified": midnight(date(2026, 1, 1))}
    pattern = AttackPattern(id=ident("attack-pattern", one.trick or "other"), name=kinds.TRICKS[one.trick or "other"], **begun)
    yield pattern
    yield link(incident.id, "related-to", pattern.id, same)
    for kind, value, reporters, first in one.indicators:
        seen = {"created_by_ref": maker, "created": midnight(first), "modified": max(midnight(first), at)}
        found = Indicator(id=ident("indicator", f"{kind}:{value}"), name=f"{kinds.INDICATORS[kind]} {value}"[:250], indicator_types=["malicious-activity"],
                          pattern=f"[{TYPES[kind]}:value = '{quoted(as_url(value) if kind == 'link' else value)}']", pattern_type="stix",
                          valid_from=midnight(first), description=f"{reporters} người báo, chưa xác minh.", confidence=min(15 + 10 * reporters, 85), **seen)
        yield found
        yield link(found.id, "related-to", incident.id, same)
        yield link(found.id, "indicates", pattern.id, same)


def link(source: str, how: str, target: str, same: dict[str, object]) -> Relationship:
    return Relationship(id=ident("relationship", f"{source}:{how}:{target}"), source_ref=source, relationship_type=how, target_ref=target, **same)


def ident(kind: str, name: str) -> str:
    return f"{kind}--{uuid5(SPACE, f'{kind}:{name}')}"


def as_url(value: str) -> str:
    return value if "://" in value else f"http://{value}"


def quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def midnight(day: date) -> datetime:
    """The day as STIX has instants; no hour of ours goes out."""
    return datetime.combine(day, time(), UTC)
