"""What citizens asked in vain, by meaning: to become a way to ask, a new text, or none of our business. Flushes only.

Two sources: questions kept with consent to `improve` (thirty days), and those of citizens who asked to be told. Words are
masked; even so reading them is a view of citizens' words, for which a reason is given once a sign-in. Whoever is bound to communes
(who.communes) sees only what was asked by people of these: of Asked as it was then, of those who wait as it is now.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.errors import Refusal
from bot.language.normalise import clean
from bot.procedures import clusters, faults
from bot.services import audit, procedure_drafts
from bot.services.staff import Who
from bot.store.tables import Asked, AuditEntry, Citizen, Conversation, OutOfScopeQuestion, ProcedureDraft, WaitingQuestion

KEPT_FOR = timedelta(days=30)
MOST = 3000
"""Of the newest questions; clustering so many takes about a second."""
FEW = 5
"""A group of fewer says nothing of where its questions came from."""
SUBJECT = "câu hỏi chưa trả lời được"
LEAST_REASON = 8
Questions = dict[str, list[int]]


@dataclass(frozen=True)
class Question:
    """kind: asked, waiting. clarify: we asked back among procedures, and whether that helped we do not know."""

    kind: str
    id: int
    text: str
    at: datetime
    channel: str
    clarify: bool

    @property
    def ident(self) -> str:
        return f"{self.kind[0]}{self.id}"


@dataclass(frozen=True)
class Group:
    """questions: the one in the middle of them first. ident: of the oldest, by which the group is found again."""

    questions: tuple[Question, ...]

    @property
    def ident(self) -> str:
        return min(self.questions, key=lambda q: (q.at, q.ident)).ident

    @property
    def title(self) -> str:
        return self.questions[0].text

    @property
    def newest(self) -> datetime:
        return max(q.at for q in self.questions)

    @property
    def waiting(self) -> int:
        """How many want to be told."""
        return sum(q.kind == "waiting" for q in self.questions)

    @property
    def channels(self) -> list[tuple[str, int]]:
        """[] of a small group."""
        return Counter(q.channel for q in self.questions).most_common() if len(self.questions) >= FEW else []

    @property
    def texts(self) -> list[str]:
        """Different wordings."""
        return list(dict.fromkeys(q.text for q in self.questions))

    @property
    def ids(self) -> Questions:
        return {kind: [q.id for q in self.questions if q.kind == kind] for kind in ("asked", "waiting")}


def _open_asked(now: datetime, communes: Sequence[str]):
    found = (Asked.decision.in_(("none", "clarify")), Asked.text.is_not(None), Asked.handled.is_(None), Asked.at >= now - KEPT_FOR)
    return (*found, Asked.commune.in_(communes)) if communes else found


def _open_waiting(communes: Sequence[str]):
    found = (WaitingQuestion.agreed_at.is_not(None), WaitingQuestion.logged.is_(False), WaitingQuestion.handled.is_(None), WaitingQuestion.code.is_(None))
    theirs = select(Conversation.id).join(Citizen, Citizen.id == Conversation.citizen_id).where(Citizen.commune.in_(communes))
    return (*found, WaitingQuestion.conversation_id.in_(theirs)) if communes else found


def count(session: Session, now: datetime, communes: Sequence[str] = ()) -> int:
    """How many questions wait for staff bound to these communes, () for the whole province; says nothing of their words."""
    return sum(session.scalar(select(func.count()).select_from(table).where(*where)) or 0
               for table, where in ((Asked, _open_asked(now, communes)), (WaitingQuestion, _open_waiting(communes))))


def questions(session: Session, now: datetime, communes: Sequence[str] = ()) -> list[Question]:
    """The open ones, the oldest first, at most MOST of the newest."""
    asked = session.execute(select(Asked.id, Asked.text, Asked.at, Asked.channel, Asked.decision).where(*_open_asked(now, communes))
                            .order_by(Asked.id.desc()).limit(MOST))
    found = [Question("asked", i, text, at, channel, decision == "clarify") for i, text, at, channel, decision in asked]
    waiting = session.execute(select(WaitingQuestion.id, WaitingQuestion.question, WaitingQuestion.agreed_at, WaitingQuestion.channel)
                              .where(*_open_waiting(communes)).order_by(WaitingQuestion.id.desc()).limit(MOST))
    found += [Question("waiting", i, text, at, channel, False) for i, text, at, channel in waiting]
    return sorted(found, key=lambda q: (q.at, q.ident))[-MOST:]


def groups(of: Sequence[Question]) -> list[Group]:
    """By meaning, the largest first."""
    return [Group(tuple(of[n] for n in members)) for members in clusters.groups(tuple(q.text for q in of))]


def group(session: Session, ident: str, now: datetime, communes: Sequence[str] = ()) -> Group | None:
    """The group that holds this question; None when it is no longer open."""
    return next((g for g in groups(questions(session, now, communes)) if any(q.ident == ident for q in g.questions)), None)


def opened(session: Session, who: Who) -> bool:
    """Has this person given a reason in this sign-in?"""
    return session.scalars(select(AuditEntry.id).where(
        AuditEntry.staff_id == who.id, AuditEntry.action == "raw_text_seen", AuditEntry.about == SUBJECT,
        AuditEntry.detail["sign_in"].as_string() == who.session[:12]).limit(1)).first() is not None


def open_words(session: Session, who: Who, reason: str, now: datetime) -> None:
    """Writes down why somebody reads citizens' words. Raises Refusal."""
    reason = " ".join(clean(reason).split())
    if len(reason) < LEAST_REASON:
        raise Refusal("Hãy ghi rõ vì sao cần xem, ví dụ “soạn câu trả lời cho các câu còn thiếu”.", "reason")
    audit.note(session, who.id, who.login, "raw_text_seen", SUBJECT, now, reason=reason[:300], sign_in=who.session[:12])


def _handled(session: Session, ids: Questions, how: str) -> None:
    for kind, table in (("asked", Asked), ("waiting", WaitingQuestion)):
        session.execute(update(table).where(table.id.in_(ids.get(kind, []))).values(handled=how))
    session.flush()


def add_way(session: Session, who: Who, of: Group, code: str, ways: Sequence[str], now: datetime) -> tuple[ProcedureDraft, bool]:
    """The wordings become ways to ask for a procedure, once somebody else approves. True: sent for approval. Raises Refusal."""
    draft, sent = procedure_drafts.add_ways(session, who, code, ways, of.ids, now)
    _handled(session, of.ids, "way")
    return draft, sent


def draft_answer(session: Session, who: Who, of: Group, code: str, name: str, ways: Sequence[str], now: datetime) -> ProcedureDraft:
    """A new text begins, with the wordings as its ways to ask. Raises Refusal."""
    draft = procedure_drafts.begin_new(session, who, code or procedure_drafts.next_code(session), name, now, ways, of.ids)
    _handled(session, of.ids, "draft")
    return draft


def out_of_scope(session: Session, who: Who, of: Group, texts: Sequence[str], now: datetime) -> int:
    """None of our business: the wordings, as staff left them, go to the list that a developer takes into nlu_data. Raises Refusal."""
    kept = [" ".join(clean(t).split())[:300] for t in texts if t.strip()]
    if bad := faults.of_words({"ways": kept}):
        raise Refusal(bad[0].sentence, "texts")
    there = set(session.scalars(select(OutOfScopeQuestion.text)))
    new = [t for t in dict.fromkeys(kept) if t not in there]
    session.add_all(OutOfScopeQuestion(text=t, added_by=who.login, at=now) for t in new)
    _handled(session, of.ids, "scope")
    return len(new)


def scope_list(session: Session) -> Sequence[OutOfScopeQuestion]:
    """What a developer may take, the oldest first."""
    return session.scalars(select(OutOfScopeQuestion).order_by(OutOfScopeQuestion.id)).all()


def scope_file(session: Session, who: Who, now: datetime) -> str:
    """The list as lines of an intent's examples."""
    rows = scope_list(session)
    audit.note(session, who.id, who.login, "exported", "câu hỏi ngoài phạm vi", now, rows=len(rows))
    return "".join(f"      - {row.text}\n" for row in rows)


def scope_taken(session: Session, up_to: int) -> int:
    """The developer has them up to this one; returns how many go from the list."""
    return session.execute(delete(OutOfScopeQuestion).where(OutOfScopeQuestion.id <= up_to)).rowcount
