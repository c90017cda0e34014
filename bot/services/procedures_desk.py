"""The desk of procedures: the list, one procedure with its history, and the date by which it must be looked at again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import local
from bot.errors import Refusal
from bot.language.normalise import fold
from bot.procedures.changes import Change, between
from bot.procedures.facts import Facts, of_curated, of_imported, of_known
from bot.procedures.imported import ImportedProcedure
from bot.procedures.model import Procedure
from bot.procedures.ways import Asked
from bot.services import audit
from bot.services.catalogue import bare, digest
from bot.services.staff import Who
from bot.store.tables import ProcedureDraft, ProcedureRow, ProcedureVersion

ORIGINS = {"curated": "Bài đã biên tập", "imported": "Bản ghi của Cổng", "ways": "Mới biết tên"}
REVIEWED_FOR = timedelta(days=180)
"""How long a text that was looked at again is good for, unless another day is chosen; a year is the most."""


@dataclass(frozen=True)
class Line:
    """One procedure of the list, by its best origin. draft: "" without one, else its state."""

    code: str
    name: str
    origin: str
    updated_at: datetime
    edited: bool
    review_by: date | None
    draft: str


def listed(session: Session, words: str = "", due_by: date | None = None, origin: str = "", drafts_only: bool = False) -> list[Line]:
    """Procedures whose code or name holds the words, however they are typed, by name; with due_by the most overdue first."""
    asked, field = fold(words).split(), ProcedureRow.document
    drafts = dict(session.execute(select(ProcedureDraft.key, ProcedureDraft.state)).all())
    rows = session.execute(select(ProcedureRow.origin, ProcedureRow.code, ProcedureRow.name, ProcedureRow.updated_at, ProcedureRow.studio_at,
                                  field["review_by"].as_string()))
    best: dict[str, Line] = {}
    order = list(ORIGINS)
    for kind, key, name, updated_at, studio_at, review_by in rows:
        code = bare(key)
        draft = drafts.pop(key, "") or (best[code].draft if code in best else "")
        line = Line(code, name, kind, updated_at, studio_at is not None, date.fromisoformat(review_by) if review_by else None, draft)
        if code not in best or order.index(kind) < order.index(best[code].origin):
            best[code] = line
        elif draft:
            best[code] = Line(**{**vars(best[code]), "draft": draft})
    for key, state in drafts.items():  # new ones, and texts that are to lead a record of the portal
        code, kind = bare(key), key.split(":", maxsplit=1)[0]
        known = best.get(code)
        best[code] = Line(**{**vars(known), "draft": state}) if known else \
            Line(code, draft_name(session, key), kind, draft_time(session, key), False, None, state)
    found = [line for line in best.values() if all(w in fold(f"{line.code} {line.name}") for w in asked)
             and (not origin or line.origin == origin) and (not drafts_only or line.draft)
             and (due_by is None or (line.review_by is not None and line.review_by <= due_by))]
    return sorted(found, key=lambda line: (line.review_by or date.max, line.name) if due_by else (fold(line.name), line.code))


def draft_name(session: Session, key: str) -> str:
    return str(session.execute(select(ProcedureDraft.document).where(ProcedureDraft.key == key)).scalar_one().get("name") or "(chưa đặt tên)")


def draft_time(session: Session, key: str) -> datetime:
    return session.execute(select(ProcedureDraft.updated_at).where(ProcedureDraft.key == key)).scalar_one()


@dataclass(frozen=True)
class Known:
    """Everything about one code. curated, imported, ways: the rows in use. facts: what citizens are told now; None while nothing is in use."""

    code: str
    name: str
    curated: ProcedureRow | None
    imported: ProcedureRow | None
    ways: ProcedureRow | None
    drafts: Sequence[ProcedureDraft]
    facts: Facts | None

    @property
    def review_by(self) -> date | None:
        return date.fromisoformat(self.curated.document["review_by"]) if self.curated else None

    @property
    def ways_asked(self) -> tuple[str, ...]:
        if self.curated is not None:
            return tuple(self.curated.document["ways_people_ask"])
        return tuple(self.ways.document["ways"]) if self.ways is not None else ()


def known(session: Session, code: str) -> Known | None:
    """None for a code that nobody knows."""
    rows = {o: session.get(ProcedureRow, f"{o}:{code}") for o in ORIGINS}
    drafts = session.scalars(select(ProcedureDraft).where(ProcedureDraft.key.in_([f"{o}:{code}" for o in ORIGINS])).order_by(ProcedureDraft.key)).all()
    first = next((r for r in rows.values() if r is not None), None)
    if first is None and not drafts:
        return None
    name = first.name if first is not None else str(drafts[0].document.get("name") or "")
    return Known(code, name, rows["curated"], rows["imported"], rows["ways"], drafts, facts_of(code, first))


def facts_of(code: str, row: ProcedureRow | None) -> Facts | None:
    if row is None:
        return None
    if row.origin == "curated":
        return of_curated(Procedure.model_validate(row.document))
    if row.origin == "imported":
        return of_imported(code, ImportedProcedure.model_validate(row.document))
    return of_known(Asked.model_validate(row.document))


@dataclass(frozen=True)
class Step:
    """One version with what it changed; changes: [] for the first that is known."""

    version: ProcedureVersion
    changes: list[Change]


def history(session: Session, code: str) -> list[Step]:
    """Versions of the text and of the ways to ask, the newest first."""
    rows = session.scalars(select(ProcedureVersion).where(ProcedureVersion.key.in_([f"{o}:{code}" for o in ORIGINS])).order_by(ProcedureVersion.id)).all()
    before: dict[str, Any] = {}
    steps = []
    for row in rows:
        steps.append(Step(row, between(before[row.key], row.document) if row.key in before else []))
        before[row.key] = row.document
    return steps[::-1]


def put_live(session: Session, key: str, doc: dict, author: str, approver: str, note: str, now: datetime) -> ProcedureVersion:
    """Makes the document the one in use, with a row of history; what was in use before gets its row first if it has none."""
    row = session.get(ProcedureRow, key, with_for_update=True)
    if row is not None and not session.scalars(select(ProcedureVersion.id).where(ProcedureVersion.key == key).limit(1)).first():
        session.add(ProcedureVersion(key=key, document=row.document, sha256=row.sha256, at=row.updated_at, source="files", author="", approver="", note=""))
        session.flush()
    sha = digest(doc)
    version = ProcedureVersion(key=key, document=doc, sha256=sha, at=now, source="studio", author=author[:200], approver=approver, note=note)
    session.add(version)
    session.merge(ProcedureRow(code=key, origin=key.split(":", maxsplit=1)[0], name=doc["name"], document=doc, sha256=sha, updated_at=now, studio_at=now))
    session.flush()
    return version


def looked_at_again(session: Session, who: Who, code: str, review_by: date | None, now: datetime) -> date:
    """The text was compared with its sources and nothing has changed: new dates, a row of history, an entry in the log. Raises Refusal."""
    row = session.get(ProcedureRow, f"curated:{code}", with_for_update=True)
    if row is None:
        raise Refusal("Chỉ bài đã biên tập mới có hạn xem lại.")
    today = local(now).date()
    until = review_by or today + REVIEWED_FOR
    if not today < until <= today + timedelta(days=366):
        raise Refusal("Hạn xem lại mới phải sau hôm nay và trong vòng một năm.", "review_by")
    doc = {**row.document, "checked_on": today.isoformat(), "review_by": until.isoformat()}
    put_live(session, row.code, doc, who.login, who.login, "Đã xem lại, không đổi.", now)
    audit.note(session, who.id, who.login, "published", f"thủ tục {code}", now, reviewed=True, review_by=until.isoformat())
    return until
