"""Drafts of procedures and of ways to ask: begun, saved, sent for approval, sent back, published by somebody else.

Flushes only, but for `approve`, which needs the index as it would be and builds that with no transaction open.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.clock import local
from bot.errors import Refusal
from bot.language.normalise import clean
from bot.procedures import faults
from bot.procedures.changes import Change, between
from bot.procedures.faults import Fault
from bot.procedures.imported import ImportedProcedure
from bot.procedures.search import Index, words_of
from bot.services import audit, golden, procedures_desk, webhooks
from bot.services.catalogue import Catalogue, bare, stamp_of, stock, with_document
from bot.services.golden import Regressed
from bot.services.staff import Who
from bot.store.db import Database
from bot.store.tables import Asked, ProcedureDraft, ProcedureRow, WaitingQuestion

CODE = re.compile(r"[0-9A-Z][0-9A-Za-z.\-]{1,60}")
ASK_AT = "Trung tâm Phục vụ hành chính công xã, phường nơi bạn ở; Cổng dichvucong.gov.vn"
LONGEST_NOTE = 500
Questions = Mapping[str, Sequence[int]]


class Conflict(Refusal):
    """Somebody saved the draft in between."""

    def __init__(self):
        super().__init__("Người khác vừa lưu bản soạn này. Hãy mở lại để xem rồi sửa tiếp; phần bạn vừa gõ chưa được lưu.")


def get(session: Session, draft_id: int, lock: bool = False) -> ProcedureDraft:
    """Raises Refusal when the draft is gone: published or thrown away meanwhile."""
    found = session.get(ProcedureDraft, draft_id, with_for_update=lock or None)
    if found is None:
        raise Refusal("Bản soạn này không còn: đã được công bố hoặc đã bỏ.")
    return found


def of_key(session: Session, key: str) -> ProcedureDraft | None:
    return session.scalars(select(ProcedureDraft).where(ProcedureDraft.key == key)).first()


def everything(session: Session) -> Sequence[ProcedureDraft]:
    """Those that wait for approval first, then by the last save."""
    return session.scalars(select(ProcedureDraft).order_by(ProcedureDraft.state.desc(), ProcedureDraft.updated_at.desc())).all()


def begin(session: Session, who: Who, key: str, now: datetime) -> ProcedureDraft:
    """The open draft of the key, else a new one of what is in use; of a record of the portal one filled in from it. Raises Refusal."""
    if (there := of_key(session, key)) is not None:
        return there
    row = session.get(ProcedureRow, key)
    if row is not None:
        return _new(session, who, key, row.document, row.sha256, now)
    record = session.get(ProcedureRow, f"imported:{bare(key)}")
    if record is None:
        raise Refusal("Không có thủ tục nào mang mã này.")
    if key.startswith("ways:"):
        return _new(session, who, key, empty_ways(bare(key), record.name), None, now)
    asked = session.get(ProcedureRow, f"ways:{bare(key)}")
    doc = of_record(bare(key), ImportedProcedure.model_validate(record.document), local(now).date())
    return _new(session, who, key, {**doc, "ways_people_ask": list(asked.document["ways"]) if asked else []}, None, now)


def begin_new(session: Session, who: Who, code: str, name: str, now: datetime, ways: Sequence[str] = (), questions: Questions = {}) -> ProcedureDraft:  # noqa: B006
    """A draft of a procedure that nobody knows yet. Raises Refusal."""
    code, name = code.strip(), " ".join(clean(name).split())
    if not CODE.fullmatch(code):
        raise Refusal("Mã gồm chữ không dấu, số, dấu chấm, gạch ngang, ví dụ 1.001193.", "code")
    if not 3 <= len(name) <= 200:
        raise Refusal("Hãy ghi tên thủ tục, từ 3 đến 200 ký tự.", "name")
    if procedures_desk.known(session, code) is not None:
        raise Refusal(f"Đã có thủ tục mang mã {code}. Hãy mở thủ tục đó để soạn.", "code")
    doc = {**empty(code, name, local(now).date()), "ways_people_ask": list(dict.fromkeys(ways))}
    return _new(session, who, f"curated:{code}", doc, None, now, questions)


def next_code(session: Session) -> str:
    """A code of our own for what has no official one: NB.0001 and so on."""
    taken = [bare(k) for k in (*session.scalars(select(ProcedureRow.code).where(ProcedureRow.code.like("curated:NB.%"))),
                               *session.scalars(select(ProcedureDraft.key).where(ProcedureDraft.key.like("curated:NB.%"))))]
    numbers = [int(n) for code in taken if (n := code.removeprefix("NB.")).isdigit()]
    return f"NB.{max(numbers, default=0) + 1:04d}"


def _new(session: Session, who: Who, key: str, doc: Mapping[str, Any], base: str | None, now: datetime, questions: Questions = {}) -> ProcedureDraft:  # noqa: B006
    row = ProcedureDraft(key=key, state="draft", revision=1, document=dict(doc), base_sha256=base, editors=[], author=who.login,
                         questions={kind: list(ids) for kind, ids in questions.items()}, note="", remark="", created_at=now, updated_at=now)
    session.add(row)
    session.flush()
    return row


def empty(code: str, name: str, today: date) -> dict[str, Any]:
    """The shape of a procedure with nothing in it but what is always so."""
    return {"format": 1, "code": code, "also_codes": [], "name": name, "aliases": [], "ways_people_ask": [], "field": "", "level": "Cấp xã",
            "agency": "Ủy ban nhân dân cấp xã", "applicants": "", "papers": [], "steps": [], "methods": [], "fee": "", "duration": "", "result": "",
            "conditions": "", "legal_basis": [], "official_url": "", "effective_from": None, "checked_on": today.isoformat(),
            "review_by": (today + timedelta(days=180)).isoformat(), "sources": [], "cases": [], "related": [], "changed": "", "ask_at": ASK_AT}


def empty_ways(code: str, name: str) -> dict[str, Any]:
    return {"code": code, "name": name, "ways": [], "field": "", "level": "Cấp xã", "known": "record"}


def of_record(code: str, record: ImportedProcedure, today: date) -> dict[str, Any]:
    """A first text out of the portal's record. Fee and duration are left to be checked: the record's are often defaults."""
    channels = (("trực tuyến", "online"), ("trực tiếp", "in_person"), ("bưu", "post"))
    methods = dict.fromkeys(kind for m in record.methods for said, kind in channels if said in m.method.lower())
    url = record.url if record.url.startswith("https://") else ""
    return {**empty(code, record.name[:200], today), "field": record.field, "level": record.level or "Cấp xã", "agency": record.agency,
            "applicants": record.applicants, "papers": [{"name": d.name, "originals": number(d.original), "copies": number(d.copies), "form": d.form,
                                                         "when": d.case} for d in record.documents],
            "steps": list(record.steps), "methods": [{"channel": kind, "days": "", "fee_vnd": None, "note": ""} for kind in methods],
            "result": record.result, "conditions": record.conditions, "legal_basis": list(record.legal_basis), "official_url": url,
            "sources": [{"id": "CQG", "title": f"Cổng Dịch vụ công quốc gia, thủ tục {code}", "url": url, "grade": "A"}]}


def number(value: int | str) -> int | None:
    return int(value) if str(value).isdigit() and int(value) <= 20 else None


def save(session: Session, who: Who, draft_id: int, revision: int, doc: Mapping[str, Any], now: datetime) -> ProcedureDraft:
    """Writes the document, whatever it lacks; what waited for approval is a draft again. Raises Conflict, Refusal."""
    draft = get(session, draft_id, lock=True)
    if draft.revision != revision:
        raise Conflict()
    live = session.get(ProcedureRow, draft.key)
    draft.document = {**doc, **{k: draft.document[k] for k in ("code", "format", "known", "related") if k in draft.document}}
    draft.base_sha256 = live.sha256 if live is not None else None  # whoever saves has the differences from what is in use before them
    return touched(session, who, draft, now)


def touched(session: Session, who: Who, draft: ProcedureDraft, now: datetime) -> ProcedureDraft:
    draft.revision, draft.state, draft.submitted_at, draft.updated_at = draft.revision + 1, "draft", None, now
    draft.editors = [*(e for e in draft.editors if e != who.id), who.id]
    draft.author = ", ".join(dict.fromkeys((*draft.author.split(", "), who.login)))[-200:]
    session.flush()
    return draft


def add_ways(session: Session, who: Who, code: str, ways: Sequence[str], questions: Questions, now: datetime) -> tuple[ProcedureDraft, bool]:
    """Ways to ask into the draft of the procedure's text, or of its ways where it has no text of ours.

    Sent for approval at once when nothing else was being written there and it may go out; True then. Raises Refusal.
    """
    key = f"curated:{code}" if session.get(ProcedureRow, f"curated:{code}") is not None or of_key(session, f"curated:{code}") else f"ways:{code}"
    fresh = of_key(session, key) is None
    draft = begin(session, who, key, now)
    field = "ways_people_ask" if key.startswith("curated:") else "ways"
    there = {words_of(w) for w in draft.document[field]}
    given = {words_of(w): w for w in reversed([" ".join(clean(w).split()) for w in ways])}  # of two alike the first, which is the better written
    new = [w for words, w in reversed(given.items()) if words and words not in there]
    if not new:
        raise Refusal("Thủ tục này đã có các cách hỏi đó.", "ways")
    if bad := faults.of_words({"ways": new}):
        raise Refusal(bad[0].sentence, "ways")
    draft.document = {**draft.document, field: [*draft.document[field], *new]}
    draft.questions = {kind: sorted({*draft.questions.get(kind, ()), *ids}) for kind, ids in questions.items()}
    touched(session, who, draft, now)
    if fresh and not of_draft(session, draft, local(now).date()):
        submit(session, who, draft.id, "Thêm cách hỏi từ câu hỏi chưa trả lời được.", now)
        return draft, True
    return draft, False


def of_draft(session: Session, draft: ProcedureDraft, today: date) -> list[Fault]:
    """What keeps the draft from going out."""
    if draft.key.startswith("ways:"):
        return faults.of_ways(draft.document)
    others = session.execute(select(ProcedureRow.name, ProcedureRow.document).where(ProcedureRow.origin == "curated", ProcedureRow.code != draft.key))
    elsewhere = {code: name for name, doc in others for code in (doc["code"], *doc["also_codes"])}
    return faults.of_curated(draft.document, today, elsewhere)


def changes(session: Session, draft: ProcedureDraft) -> list[Change]:
    """What the draft changes of the text in use."""
    live = session.get(ProcedureRow, draft.key)
    return between(live.document if live is not None else None, draft.document)


def submit(session: Session, who: Who, draft_id: int, note: str, now: datetime) -> ProcedureDraft:
    """Sends it to whoever approves. Raises Refusal while something is wrong with it."""
    draft = get(session, draft_id, lock=True)
    if found := of_draft(session, draft, local(now).date()):
        raise Refusal(f"Chưa gửi duyệt được, còn {len(found)} chỗ cần sửa: {found[0].place}: {found[0].sentence}")
    if not changes(session, draft):
        raise Refusal("Bản soạn chưa khác gì bản đang dùng.")
    draft.state, draft.note, draft.remark, draft.submitted_at = "review", clean(note)[:LONGEST_NOTE], "", now
    draft.editors = draft.editors or [who.id]
    audit.note(session, who.id, who.login, "submitted", f"thủ tục {draft.key}", now)
    return draft


def refuse(session: Session, who: Who, draft_id: int, reason: str, now: datetime) -> None:
    """Back to the author. Raises Refusal."""
    draft, reason = get(session, draft_id, lock=True), clean(reason).strip()
    if draft.state != "review":
        raise Refusal("Bản soạn này không còn chờ duyệt.")
    if not reason:
        raise Refusal("Hãy ghi lý do để người soạn biết cần sửa gì.", "reason")
    draft.state, draft.remark, draft.submitted_at = "draft", reason[:LONGEST_NOTE], None
    audit.note(session, who.id, who.login, "refused", f"thủ tục {draft.key}", now, reason=reason[:LONGEST_NOTE])


def discard(session: Session, draft_id: int) -> None:
    """Throws the draft away; the questions it was begun for are open again."""
    draft = get(session, draft_id, lock=True)
    for kind, table in (("asked", Asked), ("waiting", WaitingQuestion)):
        session.execute(update(table).where(table.id.in_(draft.questions.get(kind, ()))).values(handled=None))
    session.delete(draft)
    session.flush()


def from_version(session: Session, who: Who, version_document: Mapping[str, Any], key: str, now: datetime) -> ProcedureDraft:
    """A draft that says what an older version said. Raises Refusal while another draft is open."""
    if of_key(session, key) is not None:
        raise Refusal("Đang có bản soạn dở của thủ tục này. Hãy công bố hoặc bỏ bản đó trước.")
    row = session.get(ProcedureRow, key)
    draft = _new(session, who, key, version_document, row.sha256 if row is not None else None, now)
    return touched(session, who, draft, now)


def after(catalogue: Catalogue, session: Session, draft: ProcedureDraft, today: date) -> Index:
    """The index as it would be with the draft published. Raises Refusal while the draft has no right shape."""
    try:
        would_be = with_document(stock(session), draft.key, draft.document)
    except ValidationError:
        first = of_draft(session, draft, today)[0]
        raise Refusal(f"Chưa thử được: {first.place}: {first.sentence}") from None
    return catalogue.candidate(session, would_be)


def approve(database: Database, catalogue: Catalogue, who: Who, draft_id: int, revision: int, now: datetime) -> str:
    """Publishes a draft that waits for approval; returns its code. Live with the next question anybody asks.

    Raises Refusal (also for one's own draft), Regressed when a golden question loses its procedure.
    """
    with database.read() as session:
        draft = get(session, draft_id)
        _may_go_out(session, who, draft, revision, now)
        catalogue.refresh()
        stamp, questions = stamp_of(session), golden.all_of(session)
        index = after(catalogue, session, draft, local(now).date())
    # the check takes seconds, so it holds no transaction; what is published below is exactly what was checked
    if lost := golden.worse(catalogue.index, index, questions):
        raise Regressed(lost)
    with database.write() as session:
        draft = get(session, draft_id, lock=True)
        _may_go_out(session, who, draft, revision, now)
        if stamp_of(session) != stamp:
            raise Refusal("Vừa có thay đổi khác được công bố. Hãy bấm công bố lần nữa.")
        changed = [c.field for c in changes(session, draft)]
        procedures_desk.put_live(session, draft.key, draft.document, draft.author, who.login, draft.note, now)
        audit.note(session, who.id, who.login, "published", f"thủ tục {draft.key}", now, author=draft.author, changed=changed)
        code = bare(draft.key)
        webhooks.enqueue(session, "procedure", {"code": code, "name": draft.document.get("name") or code, "changed": changed},
                         f"procedure:{draft.id}:{revision}", now)
        session.delete(draft)
    catalogue.refresh()
    return code


def _may_go_out(session: Session, who: Who, draft: ProcedureDraft, revision: int, now: datetime) -> None:
    if draft.state != "review":
        raise Refusal("Bản soạn này chưa được gửi duyệt.")
    if draft.revision != revision:
        raise Conflict()
    if who.id in draft.editors:
        raise Refusal("Bạn đã tham gia soạn bản này, nên người khác phải duyệt.")
    live = session.get(ProcedureRow, draft.key)
    if (live.sha256 if live is not None else None) != draft.base_sha256:
        raise Refusal("Bản đang dùng đã đổi sau khi soạn. Hãy mở bản soạn, xem chỗ khác nhau, lưu lại rồi gửi duyệt lại.")
    if found := of_draft(session, draft, local(now).date()):
        raise Refusal(f"Chưa công bố được: {found[0].place}: {found[0].sentence}")
