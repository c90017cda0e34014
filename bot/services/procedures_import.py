"""Records of the national portal from an uploaded JSONL file: what it would change first, then whole or not at all."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.errors import Refusal
from bot.procedures.changes import Change, between
from bot.procedures.faults import Fault, in_words
from bot.procedures.imported import Defect, ImportedProcedure, rows_of
from bot.services import audit, golden, quality
from bot.services.catalogue import Catalogue, bare, digest, put, stamp_of, stock, with_records
from bot.services.golden import Regressed
from bot.services.staff import Who
from bot.store.db import Database
from bot.store.tables import ProcedureRow, ProcedureUpload

KEPT_FOR = timedelta(days=1)
MOST_BYTES = 64 * 1024 * 1024
"""Unpacked."""
MOST_FAULTS = 200
PACKED = b"\x1f\x8b"


class Wrong(Refusal):
    """The file cannot be imported; faults: what is wrong, by row and field, at most MOST_FAULTS of `count`."""

    def __init__(self, faults: list[Fault], count: int):
        self.faults, self.count = faults, count
        super().__init__(f"Tệp có {count} chỗ sai nên chưa nhập dòng nào.")


@dataclass(frozen=True)
class Difference:
    """What an import would change. changed: (code, name, what). mark: of exactly this difference."""

    new: list[tuple[str, str]]
    changed: list[tuple[str, str, list[Change]]]
    same: int
    gone: list[tuple[str, str]]

    @property
    def mark(self) -> str:
        said = repr(([c for c, _ in self.new], [(c, what) for c, _, what in self.changed], self.same, [c for c, _ in self.gone]))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def upload(session: Session, who: Who, name: str, content: bytes, now: datetime) -> ProcedureUpload:
    """Keeps a file, plain or packed by gzip, for confirming. Raises Wrong, Refusal."""
    read(text_of(content))
    row = ProcedureUpload(name=name[:200] or "tệp", content=content if content[:2] == PACKED else gzip.compress(content, 6), uploaded_by=who.id, at=now)
    session.add(row)
    session.flush()
    return row


def lines_of(records: Iterable[dict[str, Any]]) -> bytes:
    """Records of another system as the file they would have come in."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def text_of(content: bytes) -> str:
    """The lines of the file. Raises Refusal."""
    try:
        if content[:2] == PACKED:
            unpacking = zlib.decompressobj(wbits=31)
            content = unpacking.decompress(content, MOST_BYTES + 1)
            if unpacking.unconsumed_tail or len(content) > MOST_BYTES:
                raise Refusal("Tệp quá lớn sau khi giải nén; nhiều nhất 64 MB.", "file")
        return content.decode("utf-8-sig")
    except zlib.error:
        raise Refusal("Tệp nén bị hỏng, không mở được.", "file") from None
    except UnicodeDecodeError:
        raise Refusal("Tệp không phải UTF-8. Hãy lưu lại dạng UTF-8.", "file") from None


def read(text: str) -> dict[str, ImportedProcedure]:
    """The rows by code. Raises Wrong, Refusal."""
    rows, defects = rows_of((n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip())
    if defects:
        raise Wrong([in_vietnamese(d) for d in defects[:MOST_FAULTS]], len(defects))
    if not rows:
        raise Refusal("Tệp không có dòng nào.", "file")
    return rows


def in_vietnamese(defect: Defect) -> Fault:
    sentence = {"not_json": "Dòng này không phải JSON hợp lệ.", "twice": "Mã này đã có ở một dòng trước trong tệp."}.get(defect.kind) or in_words(defect.error)
    return Fault(defect.field, sentence, defect.row)


def get(session: Session, upload_id: int, now: datetime) -> ProcedureUpload:
    """Raises Refusal when it is no longer there."""
    row = session.get(ProcedureUpload, upload_id)
    if row is None or row.at < now - KEPT_FOR:
        raise Refusal("Tệp này không còn chờ nhập. Hãy tải lên lại.")
    return row


def difference(session: Session, rows: dict[str, ImportedProcedure]) -> Difference:
    """The file beside what the database holds."""
    shas = {bare(k): (sha, name) for k, sha, name in session.execute(
        select(ProcedureRow.code, ProcedureRow.sha256, ProcedureRow.name).where(ProcedureRow.origin == "imported"))}
    docs = {code: row.model_dump(mode="json") for code, row in rows.items()}
    other = [code for code, doc in docs.items() if code in shas and digest(doc) != shas[code][0]]
    changed = []
    for begin in range(0, len(other), 500):
        keys = [f"imported:{code}" for code in other[begin:begin + 500]]
        for key, before in session.execute(select(ProcedureRow.code, ProcedureRow.document).where(ProcedureRow.code.in_(keys)).order_by(ProcedureRow.code)):
            changed.append((bare(key), docs[bare(key)]["name"], between(before, docs[bare(key)])))
    new = sorted((code, doc["name"]) for code, doc in docs.items() if code not in shas)
    gone = sorted((code, name) for code, (_, name) in shas.items() if code not in docs)
    return Difference(new, changed, len(docs) - len(new) - len(changed), gone)


def confirm(database: Database, catalogue: Catalogue, who: Who, upload_id: int, mark: str, remove_gone: bool, now: datetime) -> Difference:
    """Imports exactly the difference that was shown. Raises Refusal when the data have changed since, Regressed, changing nothing."""
    with database.read() as session:
        row = get(session, upload_id, now)
        rows, name = read(text_of(row.content)), row.name
        shown = difference(session, rows)
        if shown.mark != mark:
            raise Refusal("Dữ liệu đã đổi sau khi bạn xem. Hãy xem lại phần khác nhau rồi xác nhận.")
        gone = [code for code, _ in shown.gone] if remove_gone else []
        catalogue.refresh()
        stamp, questions = stamp_of(session), golden.all_of(session)
        index = catalogue.candidate(session, with_records(stock(session), rows, gone)) if questions else None
    if index is not None and (lost := golden.worse(catalogue.index, index, questions)):
        raise Regressed(lost)
    with database.write() as session:
        if stamp_of(session) != stamp:
            raise Refusal("Vừa có thay đổi khác được công bố. Hãy bấm nhập lần nữa.")
        put(session, "imported", {code: one.model_dump(mode="json") for code, one in rows.items()}, now)
        for begin in range(0, len(gone), 500):
            session.execute(delete(ProcedureRow).where(ProcedureRow.code.in_([f"imported:{c}" for c in gone[begin:begin + 500]])))
        session.execute(delete(ProcedureUpload).where(ProcedureUpload.id == upload_id))
        if shown.new or shown.changed:
            quality.imported(session, who.id, now)
        audit.note(session, who.id, who.login, "imported", f"{quality.FROM_FILE}{name}", now, new=len(shown.new), changed=len(shown.changed),
                   same=shown.same, removed=len(gone))
    catalogue.refresh()
    return shown


def cancel(session: Session, upload_id: int) -> None:
    session.execute(delete(ProcedureUpload).where(ProcedureUpload.id == upload_id))


def waiting(session: Session, now: datetime) -> Sequence[ProcedureUpload]:
    """Files that nobody has confirmed yet."""
    return session.scalars(select(ProcedureUpload).where(ProcedureUpload.at >= now - KEPT_FOR).order_by(ProcedureUpload.id)).all()


def clean(session: Session, now: datetime) -> int:
    """Uploads that nobody confirmed go; returns how many."""
    return session.execute(delete(ProcedureUpload).where(ProcedureUpload.at < now - KEPT_FOR)).rowcount
