"""The procedures in the database: loaded from `procedures/`, imported from records, and searched."""

import hashlib
import json
import threading
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.procedures import document, entries, kept, ways
from bot.procedures.facts import Facts, of_curated, of_imported, of_known
from bot.procedures.imported import Heading, ImportedProcedure, read_headings, read_rows
from bot.procedures.model import Procedure
from bot.procedures.search import Entry, Index
from bot.procedures.ways import Asked
from bot.store.db import Database
from bot.store.tables import ProcedureRow


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
    """Makes the rows of an origin equal to the documents."""
    put(session, origin, documents, now)
    session.execute(delete(ProcedureRow).where(ProcedureRow.origin == origin, ProcedureRow.code.not_in(
        [f"{origin}:{code}" for code in documents])))


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
        session.merge(ProcedureRow(code=key, origin=origin, name=doc["name"], document=doc, sha256=sha, updated_at=now))
        new, changed = (new + 1, changed) if key not in known else (new, changed + 1)
    session.flush()
    return new, changed, len(documents) - new - changed


Known = Procedure | ImportedProcedure | Asked
"""What may be known of a code: our own text, the portal's record, or only its name."""


class Catalogue:
    """Search and facts over what the database holds. Rebuilt when the table has changed; safe for many threads."""

    def __init__(self, database: Database, folder: Path | None = None):
        """folder: where built indexes are kept between starts; None: nowhere."""
        self._database, self._folder = database, folder
        self._lock = threading.Lock()
        self._stamp: tuple | None = None
        self._known: dict[str, Known] = {}
        self._index = Index([])

    def refresh(self) -> None:
        """Builds the index again if the table has changed since. Records stay in the database until one is asked for."""
        with self._lock, self._database.read() as session:
            stamp = session.execute(select(func.count(), func.max(ProcedureRow.updated_at))).one()
            if tuple(stamp) == self._stamp:
                return
            rows = session.execute(select(ProcedureRow.code, ProcedureRow.sha256).order_by(ProcedureRow.code)).all()
            own = session.execute(select(ProcedureRow.origin, ProcedureRow.code, ProcedureRow.document)
                                  .where(ProcedureRow.origin.in_(("curated", "ways")))).all()
            ours = [Procedure.model_validate(d) for o, _, d in own if o == "curated"]
            asked = {c.split(":", 1)[1]: Asked.model_validate(d) for o, c, d in own if o == "ways"}
            recorded = entries.codes_of(ours) | {code.split(":", 1)[1] for code, _ in rows if code.startswith("imported:")}
            known: dict[str, Known] = {c: a for c, a in asked.items() if a.known == "name_only" and c not in recorded}
            for p in ours:
                known.update(dict.fromkeys((p.code, *p.also_codes), p))
            key = kept.key_of(f"{code} {sha}".encode() for code, sha in rows)
            self._index = kept.index_of(self._folder, key, lambda: entries.all_of(ours, headings(session), asked))
            self._known = known
            self._stamp = tuple(stamp)

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
