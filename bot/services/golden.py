"""Golden questions: what must go on finding its procedure. A text that makes one lose it is not published."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.errors import Refusal
from bot.language.normalise import clean, fold
from bot.language.sensitive import mask
from bot.procedures.search import Index, Ranking
from bot.services import audit
from bot.services.staff import Who
from bot.store.tables import GoldenQuestion

LONGEST, MOST = 300, 1000


@dataclass(frozen=True)
class Worse:
    """A question that found its procedure before and does not any more."""

    question: str
    code: str
    before: Ranking
    after: Ranking


class Regressed(Refusal):
    """Seen by the approver: the text cannot be published as it is. worse: every question that loses its procedure."""

    def __init__(self, worse: list[Worse]):
        self.worse = worse
        super().__init__(f"Chưa công bố được: {len(worse)} câu hỏi chuẩn không còn ra đúng thủ tục. Xem bảng bên dưới.")


def found(index: Index, ranking: Ranking, code: str) -> bool:
    """Right: the procedure comes first, and is answered or asked back with."""
    return ranking.decision != "none" and bool(ranking.hits) and same(index, ranking.hits[0].code, code)


def same(index: Index, one: str, other: str) -> bool:
    """Two codes of one procedure."""
    at = index.by_code.get(one.casefold())
    return at is not None and at == index.by_code.get(other.casefold())


def worse(before: Index, after: Index, questions: Iterable[GoldenQuestion]) -> list[Worse]:
    """The questions that were right and are not any more."""
    found_worse = []
    for one in questions:
        old = before.search(one.question, top=5)
        if found(before, old, one.code):
            new = after.search(one.question, top=5)
            if not found(after, new, one.code):
                found_worse.append(Worse(one.question, one.code, old, new))
    return found_worse


def all_of(session: Session) -> Sequence[GoldenQuestion]:
    """The newest first."""
    return session.scalars(select(GoldenQuestion).order_by(GoldenQuestion.id.desc())).all()


def of_code(session: Session, code: str) -> Sequence[GoldenQuestion]:
    return session.scalars(select(GoldenQuestion).where(GoldenQuestion.code == code).order_by(GoldenQuestion.id)).all()


def add(session: Session, who: Who, index: Index, lines: Iterable[tuple[str, str]], now: datetime) -> int:
    """Adds questions with their codes, all or none; returns how many were new. Raises Refusal naming the first bad line."""
    known = {one.folded: one for one in all_of(session)}
    new = 0
    for number, (text, code) in enumerate(lines, 1):
        question, code = " ".join(clean(text).split()), code.strip()
        if not question or len(question) > LONGEST:
            raise Refusal(f"Dòng {number}: câu hỏi còn trống hoặc dài quá {LONGEST} ký tự.", "question")
        if code.casefold() not in index.by_code:
            raise Refusal(f"Dòng {number}: không có thủ tục nào mang mã “{code}”.", "code")
        if mask(question)[1]:
            raise Refusal(f"Dòng {number}: câu hỏi có số giấy tờ, số thẻ hoặc mật khẩu.", "question")
        folded = fold(question)[:LONGEST]
        if folded in known:
            if known[folded].code != code:
                raise Refusal(f"Dòng {number}: câu này đã có, với mã {known[folded].code}.", "question")
            continue
        known[folded] = GoldenQuestion(question=question, folded=folded, code=code, added_by=who.login, at=now)
        session.add(known[folded])
        new += 1
    if len(known) > MOST:
        raise Refusal(f"Nhiều nhất {MOST} câu hỏi chuẩn.", "question")
    session.flush()
    if new:
        audit.note(session, who.id, who.login, "imported", "câu hỏi chuẩn", now, added=new)
    return new


def lines_of(text: str) -> list[tuple[str, str]]:
    """(question, code) of every line "question <tab> code". Raises Refusal for a line without a tab."""
    found_lines = []
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if not line.strip():
            continue
        question, tab, code = line.rpartition("\t")
        if not tab:
            raise Refusal(f"Dòng {number}: cần câu hỏi, một dấu tab, rồi mã thủ tục.", "file")
        found_lines.append((question, code))
    if not found_lines:
        raise Refusal("Tệp không có dòng nào.", "file")
    return found_lines


def remove(session: Session, who: Who, golden_id: int, now: datetime) -> str:
    """Takes a question off the list; returns its words. Raises Refusal."""
    one = session.get(GoldenQuestion, golden_id)
    if one is None:
        raise Refusal("Câu này không còn trong danh sách.")
    session.execute(delete(GoldenQuestion).where(GoldenQuestion.id == golden_id))
    audit.note(session, who.id, who.login, "imported", "câu hỏi chuẩn", now, removed=one.code)
    return one.question
