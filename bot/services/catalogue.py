"""The procedures in the database: loaded from `procedures/`, imported from records, and searched.

A file that came with the program never overwrites what staff published in the studio, unless it is newer: a procedure's file
whose `checked_on` is later than both the studio's own date and the day it was published. Ways to ask carry no date, so
there the studio's always stand. What the studio made and no file holds stays as it is.
"""

import hashlib
import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.clock import local
from bot.procedures import document, entries, kept, ways
from bot.procedures.facts import Facts, of_curated, of_imported, of_known
from bot.procedures.imported import Heading, ImportedProcedure, read_headings, read_rows
from bot.procedures.model import Procedure
from bot.procedures.search import Entry, Index
from bot.procedures.ways import Asked
from bot.store.db import Database
from bot.store.tables import ProcedureRow, ProcedureVersion


def digest(document_: dict) -> str:
    return hashlib.sha256(json.dumps(document_, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def publish_curated(session: Session, folder: Path, now: datetime) -> int:
    """Makes the curated rows and the ways to ask equal to the files; returns how many curated procedures there are.

    Raises ContentError, changing nothing.
    """
    procedures, asked = document.load_all(folder), ways.load_all(folder / "ways")
    replace(session, "curated", {p.code: p.model_dump(mode="json") for p in procedures.values()}, now)
    replace(session, "ways", {code: a.model_dump(mode="json") for code, a in asked.items()}, now)
    return len(procedures)


def replace(session: Session, origin: str, documents: dict[str, dict], now: datetime) -> None:
    """Makes the rows of an origin equal to the documents, but for what the studio published (see above)."""
    edited = {row.code: row for row in session.scalars(select(ProcedureRow).where(ProcedureRow.origin == origin, ProcedureRow.studio_at.is_not(None)))}
    taken = {code: doc for code, doc in documents.items() if f"{origin}:{code}" not in edited or newer(doc, edited[f"{origin}:{code}"])}
    for code, doc in taken.items():
        if (row := edited.get(f"{origin}:{code}")) is not None and row.sha256 != digest(doc):
            session.add(ProcedureVersion(key=row.code, document=doc, sha256=digest(doc), at=now, source="files", author="", approver="", note=""))
    put(session, origin, taken, now)
    session.execute(delete(ProcedureRow).where(ProcedureRow.origin == origin, ProcedureRow.studio_at.is_(None), ProcedureRow.code.not_in(
        [f"{origin}:{code}" for code in documents])))


def newer(doc: dict, row: ProcedureRow) -> bool:
    """Was the file checked after the studio's text, and after the day that was published?"""
    if "checked_on" not in doc:
        return False
    return date.fromisoformat(doc["checked_on"]) > max(date.fromisoformat(row.document["checked_on"]), local(row.studio_at).date())


def import_file(session: Session, path: Path, now: datetime) -> tuple[int, int, int]:
    """Imports a JSONL file whole: (new, changed, unchanged). Raises ContentError naming every bad row, changing nothing."""
    rows = read_rows(path)
    return put(session, "imported", {code: row.model_dump(mode="json") for code, row in rows.items()}, now)


def put(session: Session, origin: str, documents: dict[str, dict], now: datetime) -> tuple[int, int, int]:
    """Inserts or updates by code; an unchanged document is left alone."""
    known = dict(session.execute(select(ProcedureRow.code, ProcedureRow.sha256).where(ProcedureRow.origin == origin)).all())
    new = changed = 0
    for code, doc in documents.items():
        key, sha = f"{origin}:{code}", digest(doc)
        if known.get(key) == sha:
            continue
        session.merge(ProcedureRow(code=key, origin=origin, name=doc["name"], document=doc, sha256=sha, updated_at=now, studio_at=None))
        new, changed = (new + 1, changed) if key not in known else (new, changed + 1)
    session.flush()
    return new, changed, len(documents) - new - changed


Known = Procedure | ImportedProcedure | Asked
"""What may be known of a code: our own text, the portal's record, or only its name."""


@dataclass(frozen=True)
class Stock:
    """What search is built of. records: code -> hash of each imported record; headings: of records that are not in the database yet."""

    ours: tuple[Procedure, ...]
    asked: Mapping[str, Asked]
    records: Mapping[str, str]
    headings: Mapping[str, Heading]

    @cached_property
    def key(self) -> str:
        """Names the index: changes with whatever search reads, and not with a fee or a date."""
        own = [*map(repr, entries.curated(self.ours)), *(repr((a.code, a.name, a.ways, a.level, a.known)) for _, a in sorted(self.asked.items()))]
        return kept.key_of(part.encode() for part in (*own, *(f"imported:{code} {sha}" for code, sha in sorted(self.records.items()))))


def stock(session: Session) -> Stock:
    """What the database holds."""
    own = session.execute(select(ProcedureRow.origin, ProcedureRow.code, ProcedureRow.document)
                          .where(ProcedureRow.origin.in_(("curated", "ways"))).order_by(ProcedureRow.code)).all()
    records = session.execute(select(ProcedureRow.code, ProcedureRow.sha256).where(ProcedureRow.origin == "imported")).all()
    return Stock(tuple(Procedure.model_validate(d) for o, _, d in own if o == "curated"),
                 {bare(c): Asked.model_validate(d) for o, c, d in own if o == "ways"}, {bare(c): sha for c, sha in records}, {})


def with_document(before: Stock, key: str, doc: dict) -> Stock:
    """The stock with this curated text or these ways to ask. doc: valid."""
    if key.startswith("ways:"):
        return changed(before, asked={**before.asked, bare(key): Asked.model_validate(doc)})
    mine = Procedure.model_validate(doc)
    return changed(before, ours=tuple(sorted((*(p for p in before.ours if p.code != mine.code), mine), key=lambda p: f"curated:{p.code}")))


def with_records(before: Stock, rows: Mapping[str, ImportedProcedure], gone: Iterable[str]) -> Stock:
    """The stock after an import of these rows; gone: codes of records taken out."""
    out = set(gone)
    shas = {code: digest(row.model_dump(mode="json")) for code, row in rows.items()}
    heads = {code: Heading(row.name, row.level, row.scope, row.pre_reform) for code, row in rows.items()}
    return changed(before, records={c: s for c, s in {**before.records, **shas}.items() if c not in out}, headings=heads)


def bare(key: str) -> str:
    """The official code of a row's key."""
    return key.split(":", 1)[1]


def stamp_of(session: Session) -> tuple:
    """Changes whenever the procedures do, also when two machines' clocks disagree."""
    newest = select(func.max(ProcedureVersion.id)).scalar_subquery()
    return tuple(session.execute(select(func.count(), func.max(ProcedureRow.updated_at), newest)).one())


class Catalogue:
    """Search and facts over what the database holds. Rebuilt when the table has changed; safe for many threads."""

    def __init__(self, database: Database, folder: Path | None = None):
        """folder: where built indexes are kept between starts; None: nowhere."""
        self._database, self._folder = database, folder
        self._lock = threading.Lock()
        self._stamp: tuple | None = None
        self._key = ""
        self._known: dict[str, Known] = {}
        self._index = Index([])

    def refresh(self) -> None:
        """Builds the index again if the table has changed since. Records stay in the database until one is asked for.

        While one thread builds, the others go on with what was there before.
        """
        if not self._lock.acquire(blocking=self._stamp is None):
            return
        try:
            self._refresh()
        finally:
            self._lock.release()

    def _refresh(self) -> None:
        with self._database.read() as session:
            stamp = stamp_of(session)
            if stamp == self._stamp:
                return
            found = stock(session)
            recorded = entries.codes_of(found.ours) | found.records.keys()
            known: dict[str, Known] = {a.code: a for a in entries.known_by_name(found.asked.values(), recorded, bool(found.records))}
            for p in found.ours:
                known.update(dict.fromkeys((p.code, *p.also_codes), p))
            if found.key != self._key:
                self._index, self._key = self._built(session, found), found.key
            self._known = known
            self._stamp = stamp

    def _built(self, session: Session, of: Stock) -> Index:
        def read() -> list[Entry]:
            heads = {**dict(headings(session)), **of.headings}
            return entries.all_of(of.ours, [(code, heads[code]) for code in sorted(of.records)], of.asked)

        return kept.index_of(self._folder, of.key, read)

    def candidate(self, session: Session, of: Stock) -> Index:
        """The index as it would be with this stock. It is kept, so that once published every process only has to read it."""
        return self._index if of.key == self._key else self._built(session, of)

    @property
    def index(self) -> Index:
        return self._index

    def facts(self, code: str) -> Facts | None:
        """What is known of the procedure with this code; None when there is none (any more)."""
        found = self.procedure(code)
        if isinstance(found, Procedure):
            return of_curated(found)
        if isinstance(found, Asked):
            return of_known(found)
        return of_imported(code, found) if found is not None else None

    def procedure(self, code: str) -> Known | None:
        """Our text, the portal's record or the mere name of the procedure with this code."""
        if code in self._known:
            return self._known[code]
        with self._database.read() as session:
            row = session.get(ProcedureRow, f"imported:{code}")
            return ImportedProcedure.model_validate(row.document) if row is not None else None


def headings(session: Session) -> list[tuple[str, Heading]]:
    """What search needs of every imported row."""
    field = ProcedureRow.document
    rows = session.execute(select(
        ProcedureRow.code, ProcedureRow.name, field["level"].as_string(), field["scope"].as_string(), field["pre_reform"].as_boolean())
        .where(ProcedureRow.origin == "imported").order_by(ProcedureRow.code))
    return [(code.split(":", 1)[1], Heading(name, level or "", scope or "", bool(old))) for code, name, level, scope, old in rows]


def index_from_files(folder: Path, files: Iterable[Path], kept_in: Path | None = None) -> Index:
    """An index over curated files and JSONL files, without a database (`bot search --procedures`). Raises ContentError."""
    files = list(files)
    key = kept.key_of(p.read_bytes() for p in (*sorted(folder.rglob("*.yml")), *files))
    return kept.index_of(kept_in, key, lambda: entries_from_files(folder, files))


def entries_from_files(folder: Path, files: Iterable[Path]) -> list[Entry]:
    """What an index over curated files and JSONL files holds. Raises ContentError."""
    rows: dict[str, Heading] = {}
    for path in files:
        rows.update(read_headings(path))
    return entries.all_of(document.load_all(folder).values(), rows.items(), ways.load_all(folder / "ways"))
