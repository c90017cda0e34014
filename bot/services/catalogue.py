"""The procedures in the database: loaded from `procedures/`, imported from records, and searched."""

import hashlib
import json
import threading
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.procedures import document, entries
from bot.procedures.facts import Facts, of_curated, of_imported
from bot.procedures.imported import ImportedProcedure, read_rows
from bot.procedures.model import Procedure
from bot.procedures.search import Index
from bot.store.db import Database
from bot.store.tables import ProcedureRow


def digest(document_: dict) -> str:
    return hashlib.sha256(json.dumps(document_, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def publish_curated(session: Session, folder: Path, now: datetime) -> int:
    """Makes the curated rows equal to the files; returns how many there are. Raises ContentError, changing nothing."""
    procedures = document.load_all(folder)
    put(session, "curated", {p.code: p.model_dump(mode="json") for p in procedures.values()}, now)
    codes = [p.code for p in procedures.values()]
    session.execute(delete(ProcedureRow).where(ProcedureRow.origin == "curated", ProcedureRow.code.not_in(
        [f"curated:{c}" for c in codes])))
    return len(codes)


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


class Catalogue:
    """Search and facts over what the database holds. Rebuilt when the table has changed; safe for many threads."""

    def __init__(self, database: Database):
        self._database = database
        self._lock = threading.Lock()
        self._stamp: tuple | None = None
        self._facts: dict[str, Procedure | ImportedProcedure] = {}
        self._index = Index([])

    def refresh(self) -> None:
        """Loads the table again if it has changed since; a second or two for some thousand rows."""
        with self._lock, self._database.read() as session:
            stamp = session.execute(select(func.count(), func.max(ProcedureRow.updated_at))).one()
            if tuple(stamp) == self._stamp:
                return
            rows = session.execute(select(ProcedureRow.origin, ProcedureRow.code, ProcedureRow.document)).all()
            ours = [Procedure.model_validate(d) for o, _, d in rows if o == "curated"]
            theirs = [(c.split(":", 1)[1], ImportedProcedure.model_validate(d)) for o, c, d in rows if o == "imported"]
            self._index, self._facts = assemble(ours, theirs)
            self._stamp = tuple(stamp)

    @property
    def index(self) -> Index:
        return self._index

    def facts(self, code: str) -> Facts | None:
        """What is known of the procedure with this code; None when there is none (any more)."""
        found = self._facts.get(code)
        if isinstance(found, Procedure):
            return of_curated(found)
        return of_imported(code, found) if found is not None else None

    def procedure(self, code: str) -> Procedure | ImportedProcedure | None:
        return self._facts.get(code)


def assemble(ours: Iterable[Procedure], theirs: Iterable[tuple[str, ImportedProcedure]]):
    """The index and the documents by code; where both exist for a code, ours leads."""
    ours, theirs = list(ours), list(theirs)
    taken = entries.codes_of(ours)
    known: dict[str, Procedure | ImportedProcedure] = {c: row for c, row in theirs if c not in taken}
    for p in ours:
        known.update(dict.fromkeys((p.code, *p.also_codes), p))
    return Index(entries.curated(ours) + entries.imported(theirs, taken)), known


def from_files(folder: Path, files: Iterable[Path]) -> Index:
    """An index over curated files and JSONL files, without a database (`bot search --procedures`)."""
    rows: dict[str, ImportedProcedure] = {}
    for path in files:
        rows.update(read_rows(path))
    return assemble(document.load_all(folder).values(), rows.items())[0]
