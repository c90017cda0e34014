"""Incidents on their way out: as an event for webhooks, as a table, as STIX. Never the reporter's hash or words."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import local
from bot.incidents import kinds, stix
from bot.services.figures.periods import Period
from bot.services.reports.sheet import harmless
from bot.store.tables import Incident, Indicator, Mention

AUTHOR = "Trợ lý Công dân số"
BATCH = 500
HEADINGS = ("Mã", "Ngày", "Kiểu", "Kênh kẻ lừa dùng", "Thiệt hại", "Xảy ra", "Ngày xảy ra", "Xã, phường", "Kênh nhận tin", "Số điện thoại",
            "Tên miền", "Đường link", "Số tài khoản", "Nhiều người báo nhất")


def event_of(row: Incident, found: Sequence[Indicator]) -> dict[str, Any]:
    """What receivers of webhooks get of one report: short facts, and the same as a STIX 2.1 bundle."""
    told = told_of(row, found)
    return {"number": told.number, "day": told.day.isoformat(), "trick": told.trick, "channel": told.channel, "loss": told.loss,
            "happened_on": told.happened_on.isoformat() if told.happened_on else None, "commune": told.commune,
            "indicators": [{"kind": kind, "value": value, "reporters": count} for kind, value, count, _ in told.indicators],
            "stix": json.loads(stix.bundle([told], AUTHOR).serialize())}


def told_of(row: Incident, found: Sequence[Indicator]) -> stix.Told:
    return stix.Told(row.number or f"CH-{row.id}", local(row.at).date(), row.trick, row.channel, row.loss, row.happened_on, row.commune,
                     tuple((one.kind, one.value, one.reporters, local(one.first_seen_at).date()) for one in found))


def reports(session: Session, period: Period, communes: Sequence[str]) -> Iterator[tuple[Incident, Sequence[Indicator]]]:
    """Sent reports of the period, oldest first, each with its indicators. communes: only of these; empty for all."""
    where = [Incident.state == "sent", Incident.source == "report", Incident.at >= period.begins, Incident.at < period.ends]
    if communes:
        where.append(Incident.commune.in_(communes))
    last = 0
    while True:
        rows = session.scalars(select(Incident).where(*where, Incident.id > last).order_by(Incident.id).limit(BATCH)).all()
        if not rows:
            return
        last = rows[-1].id
        found: dict[int, list[Indicator]] = {}
        for incident_id, one in session.execute(select(Mention.incident_id, Indicator).join(Indicator, Indicator.id == Mention.indicator_id)
                                                .where(Mention.incident_id.in_([r.id for r in rows])).order_by(Indicator.id)):
            found.setdefault(incident_id, []).append(one)
        for row in rows:
            yield row, found.get(row.id, [])


def table(session: Session, period: Period, communes: Sequence[str]) -> list[list[str]]:
    """The rows of the CSV, headings first."""
    return [list(HEADINGS), *(line(row, found) for row, found in reports(session, period, communes))]


def line(row: Incident, found: Sequence[Indicator]) -> list[str]:
    values = {kind: " ".join(one.value for one in found if one.kind == kind) for kind in kinds.INDICATORS}
    cells = [row.number or "", f"{local(row.at):%d/%m/%Y}", kinds.TRICKS.get(row.trick or "", ""), kinds.CHANNELS.get(row.channel or "", ""),
             kinds.LOSSES.get(row.loss or "", ""), kinds.HAPPENED.get(row.happened or "", ""), f"{row.happened_on:%d/%m/%Y}" if row.happened_on else "",
             row.commune or "", row.chat_channel, values["phone"], values["host"], values["link"], values["account"],
             str(max((one.reporters for one in found), default=0))]
    return [harmless(cell) for cell in cells]


def bundle(session: Session, period: Period, communes: Sequence[str]) -> tuple[str, int]:
    """(the STIX bundle as JSON, how many reports are in it)."""
    told = [told_of(row, found) for row, found in reports(session, period, communes)]
    return stix.bundle(told, AUTHOR).serialize(pretty=True), len(told)


