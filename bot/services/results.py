"""Results out to other systems: CSV for people, xAPI statements (JSON lines) for learning record stores.

Nobody is named: a learner is a keyed hash, the same in every export of this server. Reads only, row by row, so that a
large table needs little memory.
"""

import csv
import hashlib
import hmac
import io
import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import local
from bot.language.choices import squeeze
from bot.learning.items.base import Question
from bot.services.versions import course_of
from bot.store.tables import Attempt, Citizen, Enrolment, Learner

CHUNK = 500
COLUMNS = ("nguoi_hoc", "xa_phuong", "khoa", "ten_khoa", "lan", "bat_dau", "lan_cuoi", "hoan_thanh", "thoi_hoc", "bai_xong", "so_bai",
           "cau_dung", "so_cau", "diem_phan_tram", "dat", "thu_suc_truoc", "thu_suc_sau", "cau_thu_suc")
VERBS = {"answered": "http://adlnet.gov/expapi/verbs/answered", "completed": "http://adlnet.gov/expapi/verbs/completed",
         "initialized": "http://adlnet.gov/expapi/verbs/initialized"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet would compute."""


def pseudonym(key: bytes, learner_id: int) -> str:
    """The learner in exports: 20 letters that lead nowhere without the server's key."""
    return hmac.new(key, f"learner:{learner_id}".encode(), hashlib.sha256).hexdigest()[:20]


def as_csv(session: Session, key: bytes, since: datetime | None = None) -> Iterator[str]:
    """Lines of a CSV file (UTF-8, with a byte order mark so that Excel shows Vietnamese), one enrolment a line, local times."""
    yield "\ufeff" + line_of(COLUMNS)
    query = select(Enrolment, Citizen.commune).join(Learner, Learner.id == Enrolment.learner_id).join(Citizen, Citizen.id == Learner.citizen_id)
    if since is not None:
        query = query.where(Enrolment.touched_at >= since)
    for e, commune in session.execute(query.order_by(Enrolment.id).execution_options(yield_per=CHUNK)):
        yield line_of(cells_of(session, key, e, commune))


def cells_of(session: Session, key: bytes, e: Enrolment, commune: str | None) -> tuple[Any, ...]:
    """One enrolment in the order of COLUMNS."""
    course = course_of(session, e.version_id)
    return (pseudonym(key, e.learner_id), commune or "", e.slug, course.title, e.round, when(e.started_at), when(e.touched_at),
            when(e.completed_at), when(e.left_at), e.lessons_done, len(course.lessons), e.items_right, e.items_total,
            e.score_percent if e.score_percent is not None else "", "" if e.passed is None else int(e.passed),
            shown(e.before_right), shown(e.after_right), e.test_total)


def shown(value: int | None) -> str:
    return "" if value is None else str(value)


def when(at: datetime | None) -> str:
    return f"{local(at):%Y-%m-%d %H:%M:%S}" if at is not None else ""


def line_of(cells: tuple[Any, ...]) -> str:
    """One CSV line. A cell that a spreadsheet would take for a formula is put behind an apostrophe."""
    out = io.StringIO()
    csv.writer(out).writerow([f"'{c}" if isinstance(c, str) and c[:1] in FORMULA else c for c in cells])
    return out.getvalue()


def as_xapi(session: Session, key: bytes, home: str, since: datetime | None = None) -> Iterator[str]:
    """xAPI 1.0.3 statements, one JSON object a line: initialized, answered, completed. home: this server's address.

    Statement ids are derived from our rows, so that exporting twice gives a record store nothing twice.
    """
    query = select(Attempt, Enrolment).join(Enrolment, Enrolment.id == Attempt.enrolment_id)
    if since is not None:
        query = query.where(Attempt.at >= since)
    for attempt, e in session.execute(query.order_by(Attempt.id).execution_options(yield_per=CHUNK)):
        course = course_of(session, e.version_id)
        item = course.item(attempt.item_id)
        definition = {"type": "http://adlnet.gov/expapi/activities/cmi.interaction", "interactionType": "other",
                      "name": {"vi": getattr(item, "prompt", None) or getattr(item, "statement", None) or attempt.item_id}}
        yield json.dumps(statement(key, home, f"attempt:{attempt.id}", e.learner_id, "answered", f"{e.slug}/{attempt.item_id}", definition, attempt.at,
                                   {"success": attempt.correct, "response": told(item, attempt.answer)}, e, attempt.nth), ensure_ascii=False)
    courses = select(Enrolment)
    for e in session.scalars(courses.order_by(Enrolment.id).execution_options(yield_per=CHUNK)):
        course = course_of(session, e.version_id)
        definition = {"type": "http://adlnet.gov/expapi/activities/course", "name": {"vi": course.title}}
        if since is None or e.started_at >= since:
            yield json.dumps(statement(key, home, f"start:{e.id}", e.learner_id, "initialized", e.slug, definition, e.started_at, None, e), ensure_ascii=False)
        if e.completed_at is not None and (since is None or e.completed_at >= since):
            result = {"completion": True, "success": bool(e.passed), "score": {"scaled": (e.score_percent or 0) / 100}}
            yield json.dumps(statement(key, home, f"done:{e.id}", e.learner_id, "completed", e.slug, definition, e.completed_at, result, e), ensure_ascii=False)


def told(item: Question | None, answer: str) -> str:
    """The answer as a statement may carry it: choices as they are, a typed word only if the course itself has it.

    Whatever else somebody typed may be a name.
    """
    if item is None or item.count() or answer == "?":
        return answer
    expected = item.expect(()).get("accept", ())
    return answer if answer in {squeeze(a) for a in expected} else "other"


def statement(key: bytes, home: str, row: str, learner_id: int, verb: str, activity: str, definition: dict[str, Any], at: datetime,
              result: dict[str, Any] | None, enrolment: Enrolment, nth: int | None = None) -> dict[str, Any]:
    """One statement about one learner."""
    extensions = {f"{home}/xapi/version": enrolment.version_id, f"{home}/xapi/round": enrolment.round}
    if nth is not None:
        extensions[f"{home}/xapi/nth"] = nth
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{home}/{pseudonym(key, learner_id)}/{row}")),
        "actor": {"objectType": "Agent", "account": {"homePage": home, "name": pseudonym(key, learner_id)}},
        "verb": {"id": VERBS[verb], "display": {"en": verb}},
        "object": {"objectType": "Activity", "id": f"{home}/courses/{activity}", "definition": definition},
        **({"result": result} if result else {}),
        "context": {"platform": "tro-ly-cong-dan-so", "language": "vi", "extensions": extensions},
        "timestamp": at.isoformat(),
    }
