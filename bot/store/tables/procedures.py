"""What can be answered, what was asked, and the desk where staff make the one of the other."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.clock import local
from bot.store.db import Base, Key


class ProcedureRow(Base):
    """A procedure that can be answered: curated from `procedures/` or the studio, imported from the portal's records.

    code: "<origin>:<official code>". studio_at: when staff published this text; null while it is the shipped file's or an import's.
    """

    __tablename__ = "procedures"
    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    origin: Mapped[str] = mapped_column(String(10), index=True)
    name: Mapped[str] = mapped_column(Text)
    document: Mapped[Any] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime]
    studio_at: Mapped[datetime | None]


class ProcedureVersion(Base):
    """What a curated procedure or its ways to ask said from then on; never changed. key: as ProcedureRow.code.

    source: files (came with the program), studio. author, approver: logins. Written from the first edit in the studio on.
    """

    __tablename__ = "procedure_versions"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(String(80), index=True)
    document: Mapped[Any] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(10))
    author: Mapped[str] = mapped_column(String(200))
    approver: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text)


class ProcedureDraft(Base):
    """A text that staff are writing; one a key. document may be incomplete. revision grows with every save.

    base_sha256: of the text in use that it changes, null for a new one. editors: ids of who saved it, none of whom may publish
    it. questions: {"asked": ids, "waiting": ids} it was begun for. state: draft, review. remark: why it came back.
    """

    __tablename__ = "procedure_drafts"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int]
    document: Mapped[Any] = mapped_column(JSON)
    base_sha256: Mapped[str | None] = mapped_column(String(64))
    editors: Mapped[Any] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(200))
    questions: Mapped[Any] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(Text)
    remark: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]


class ProcedureUpload(Base):
    """A file of records that somebody has uploaded and not yet confirmed, packed by gzip. Gone after a day."""

    __tablename__ = "procedure_uploads"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    uploaded_by: Mapped[int] = mapped_column(Key)
    at: Mapped[datetime]


class GoldenQuestion(Base):
    """A question that must go on finding its procedure: what makes it lose it is not published. folded: to know it again."""

    __tablename__ = "golden_questions"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    question: Mapped[str] = mapped_column(String(300))
    folded: Mapped[str] = mapped_column(String(300), unique=True)
    code: Mapped[str] = mapped_column(String(80))
    added_by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class OutOfScopeQuestion(Base):
    """What people ask that is no business of ours, in staff's words: for a developer to take into nlu_data."""

    __tablename__ = "out_of_scope_questions"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    text: Mapped[str] = mapped_column(String(300))
    added_by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class Asked(Base):
    """A question and what became of it, tied to nobody. text is masked, and kept only with consent to `improve`, 30 days.

    handled: what staff made of an unanswered one (way, draft, scope), null while it is open.
    day: local. commune: the citizen's, if known. first: the first question of a visit. The indexes hold every column that a page of figures needs.
    """

    __tablename__ = "asked"
    __table_args__ = (Index("ix_asked_places", "channel", "commune", "decision", "day"), Index("ix_asked_days", "decision", "day"),
                      Index("ix_asked_where", "day", "channel", "commune", "decision", "at"),
                      Index("ix_asked_what", "day", "procedure_code", "decision", "aspect", "intent", "channel", "commune", "first"))
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(String(20))
    intent: Mapped[str] = mapped_column(String(40))
    aspect: Mapped[str] = mapped_column(String(20))
    decision: Mapped[str] = mapped_column(String(10))
    procedure_code: Mapped[str | None] = mapped_column(String(80))
    text: Mapped[str | None] = mapped_column(Text)
    handled: Mapped[str | None] = mapped_column(String(10))
    commune: Mapped[str | None] = mapped_column(String(80))
    day: Mapped[date] = mapped_column(default=lambda context: local(context.get_current_parameters()["at"]).date())
    first: Mapped[bool] = mapped_column(default=False)


class WaitingQuestion(Base):
    """A masked question we could not answer, of somebody who may want to be told when we can.

    Offered with the reply that says so, and gone within a day unless agreed_at says that the citizen pressed the button; then
    kept until told, 180 days at most, and erased with the person. logged: the question stands in `asked` with its text too.
    looked_at: when search was last tried. code: the procedure that answers it now. next_try_at: not told before. handled: as Asked's.
    """

    __tablename__ = "waiting_questions"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(80), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    question: Mapped[str] = mapped_column(Text)
    logged: Mapped[bool]
    offered_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    looked_at: Mapped[datetime]
    code: Mapped[str | None] = mapped_column(String(80))
    next_try_at: Mapped[datetime | None]
    handled: Mapped[str | None] = mapped_column(String(10))
