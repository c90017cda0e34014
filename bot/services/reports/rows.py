"""Rows that tell of nobody: enrolments, answers, questions, messages sent, ratings. One line an event, for spreadsheets and research.

No words of citizens, no ids of ours but the pseudonym of a learner (bot/services/results.py), times no finer than they need be.
No commune that stands for few: with a day and an hour beside it, it would say who they are (`unnamed`, `shown_alone`).
Streamed from the database, so that a large table needs little memory. Reads only.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.clock import local
from bot.errors import Refusal
from bot.learning.items.base import Question
from bot.services import results
from bot.services.figures.hiding import few, hide_column
from bot.services.figures.periods import Filter
from bot.services.figures.sql import within
from bot.services.figures.table import Column
from bot.services.reports.sheet import Sheet
from bot.services.versions import course_of
from bot.store.tables import Asked, Attempt, Citizen, Enrolment, Learner, MessageSent, ProcedureRow, Rating

CHUNK = 1000
COMMUNE = "Xã, phường"

DECISIONS = {"answer": "đã trả lời", "clarify": "hỏi lại", "none": "chưa có nội dung", "no_subject": "chưa rõ việc"}
ABOUT = {"answer": "câu trả lời", "lesson": "bài học", "ticket": "phản ánh", "chat": "trò chuyện"}
KINDS = {"reminder": "lời nhắc đã đặt", "nudge": "nhắc học", "drill": "diễn tập", "answer_ready": "báo đã có câu trả lời", "announcement": "thông báo"}
NOTE = ("Mỗi dòng là một lượt, không ghi tên ai; xã, phường có dưới năm người trong bảng thì để trống, kèm vài nơi khác để không đoán ngược ra. "
        "Dùng trong nội bộ; số liệu công bố ra ngoài lấy từ các bảng tổng hợp.")

ENROLMENT_HEADINGS = ("Người học (mã ẩn danh)", "Xã, phường", "Mã khoá", "Khoá học", "Lượt học", "Bắt đầu", "Lần học gần nhất", "Hoàn thành lúc",
                      "Thôi học lúc", "Số bài đã xong", "Số bài", "Số câu đúng", "Số câu", "Điểm (%)", "Đạt (1: có)", "Đúng khi thử sức trước",
                      "Đúng khi thử sức sau", "Số câu thử sức")
"""In the order of results.COLUMNS."""
TEXTS = ("text",) * 4
ENROLMENT_KINDS = (*TEXTS, "count", *TEXTS, *("count",) * 9)


@dataclass(frozen=True)
class Raw:
    """One of these tables.

    query: its rows within a filter; cells: makes of session and the server's key what makes a row's cells. channel, commune: the
    columns of the database that the filter goes by; who: what is counted once a person, or once a row where nobody stands behind
    it. by_channel: the table names the channel, so that a commune is of few where it is on one channel.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    query: Callable[[Filter], Select]
    cells: Callable[[Session, bytes], Callable[[Any], tuple[Any, ...]]]
    channel: Any
    commune: Any
    who: Any
    by_channel: bool = True

    def people(self, session: Session, flt: Filter, *by: Any) -> list[tuple[Any, ...]]:
        """(…by, people) in a fixed order; one query."""
        rows = session.execute(self.query(flt).order_by(None).with_only_columns(*by, func.count(self.who.distinct()), maintain_column_froms=True)
                               .group_by(*by)).all()
        return sorted((tuple(row) for row in rows), key=lambda row: [(key is None, str(key)) for key in row[:-1]])

    def shown_alone(self, session: Session, flt: Filter) -> None:
        """Raises Refusal for a commune or channel of few people, and for one whose rows would tell those of another by subtraction."""
        for name, column, field, words in (("commune", self.commune, "xa", "Xã, phường"), ("channel", self.channel, "kenh", "Kênh")):
            if not (chosen := getattr(flt, name)):
                continue
            found = self.people(session, replace(flt, **{name: ""}), column)
            marks = hide_column([people for _, people in found]).marks
            if any(key == chosen and (at, 0) in marks for at, (key, _) in enumerate(found)):
                raise Refusal(f"{words} này có quá ít người trong kỳ, hoặc tải riêng thì tính ngược được nơi có quá ít người. "
                              "Hãy chọn rộng hơn hay kỳ dài hơn.", field)
        if not flt.commune and len(flt.allowed) == 1 and any(few(people) for (people,) in self.people(session, flt)):
            raise Refusal("Xã, phường được giao cho bạn có quá ít người trong kỳ. Hãy chọn kỳ dài hơn.", "ky")

    def unnamed(self, session: Session, flt: Filter) -> frozenset[tuple[Any, ...]]:
        """The communes that are left blank, each with its channel where the table names it: of fewer than five people, and beside them so many
        that the blank ones are not of one place alone."""
        by = (self.commune, self.channel) if self.by_channel else (self.commune,)
        found = self.people(session, flt, *by)
        return frozenset(found[at][:-1] for at, _ in hide_column([people for *_, people in found]).marks)

    def count(self, session: Session, flt: Filter) -> int:
        return session.scalar(select(func.count()).select_from(self.query(flt).order_by(None).subquery())) or 0

    def sheet(self, session: Session, key: bytes, flt: Filter) -> Sheet:
        """The table, read as its rows are gone through; the session must stay open until then."""
        return Sheet(self.key, self.title, self.columns, self._rows(session, key, flt), NOTE)

    def _rows(self, session: Session, key: bytes, flt: Filter) -> Iterator[tuple[Any, ...]]:
        cells, unnamed = self.cells(session, key), self.unnamed(session, flt)
        at = next(n for n, column in enumerate(self.columns) if column.heading == COMMUNE)
        for row in session.execute(self.query(flt).execution_options(yield_per=CHUNK)):
            found = cells(row)
            if ((row.commune, row.channel) if self.by_channel else (row.commune,)) in unnamed:
                found = (*found[:at], "", *found[at + 1:])
            yield found


def columns(*named: tuple[str, str]) -> tuple[Column, ...]:
    """Columns of (heading, kind); their keys are numbers."""
    return tuple(Column(f"c{at}", heading, kind) for at, (heading, kind) in enumerate(named))  # type: ignore[arg-type]


def _enrolments(flt: Filter) -> Select:
    query = select(Enrolment.id, Enrolment.learner_id, Enrolment.slug, Enrolment.round, Enrolment.version_id, Enrolment.started_at, Enrolment.touched_at,
                   Enrolment.completed_at, Enrolment.left_at, Enrolment.lessons_done, Enrolment.items_right, Enrolment.items_total,
                   Enrolment.score_percent, Enrolment.passed, Enrolment.before_right, Enrolment.after_right, Enrolment.test_total, Citizen.commune)
    query = query.join(Learner, Learner.id == Enrolment.learner_id).join(Citizen, Citizen.id == Learner.citizen_id)
    query = query.where(Enrolment.started_at >= flt.period.begins, Enrolment.started_at < flt.period.ends, *_course(flt),
                        *within(flt, Enrolment.channel, Citizen.commune))
    return query.order_by(Enrolment.id)


def _attempts(flt: Filter) -> Select:
    query = select(Attempt.id, Attempt.at, Attempt.lesson_id, Attempt.item_id, Attempt.nth, Attempt.answer, Attempt.correct, Enrolment.learner_id,
                   Enrolment.slug, Enrolment.version_id, Citizen.commune)
    query = query.join(Enrolment, Enrolment.id == Attempt.enrolment_id).join(Learner, Learner.id == Enrolment.learner_id)
    query = query.join(Citizen, Citizen.id == Learner.citizen_id)
    query = query.where(Attempt.at >= flt.period.begins, Attempt.at < flt.period.ends, *_course(flt), *within(flt, Enrolment.channel, Citizen.commune))
    return query.order_by(Attempt.id)


def _course(flt: Filter) -> list[Any]:
    return [Enrolment.slug == flt.course] if flt.course else []


def _attempt(session: Session, key: bytes) -> Callable[[Any], tuple[Any, ...]]:
    @cache
    def asked(version_id: int, item_id: str) -> tuple[str, Question | None]:
        course = course_of(session, version_id)
        return course.title, course.item(item_id)

    def cells(row: Any) -> tuple[Any, ...]:
        title, item = asked(row.version_id, row.item_id)
        return (results.pseudonym(key, row.learner_id), row.commune or "", row.slug, title, row.lesson_id, row.item_id, row.nth,
                results.told(item, row.answer), "đúng" if row.correct else "sai", local(row.at).date(), local(row.at).hour)

    return cells


def _asked(flt: Filter) -> Select:
    query = select(Asked.id, Asked.at, Asked.day, Asked.channel, Asked.commune, Asked.intent, Asked.aspect, Asked.decision, Asked.procedure_code,
                   ProcedureRow.name).join(ProcedureRow, ProcedureRow.code == Asked.procedure_code, isouter=True)
    query = query.where(Asked.day >= flt.period.first, Asked.day <= flt.period.last, *within(flt, Asked.channel, Asked.commune))
    return query.order_by(Asked.id)


def _sent(flt: Filter) -> Select:
    query = select(MessageSent.id, MessageSent.day, MessageSent.kind, MessageSent.channel, MessageSent.commune, MessageSent.sent_at,
                   MessageSent.answered_at)
    query = query.where(MessageSent.day >= flt.period.first, MessageSent.day <= flt.period.last, *within(flt, MessageSent.channel, MessageSent.commune))
    return query.order_by(MessageSent.id)


def _ratings(flt: Filter) -> Select:
    query = select(Rating.id, Rating.day, Rating.about, Rating.key, Rating.score, Rating.channel, Rating.commune)
    query = query.where(Rating.day >= flt.period.first, Rating.day <= flt.period.last, *within(flt, Rating.channel, Rating.commune))
    return query.order_by(Rating.id)


def _minutes(row: Any) -> int | None:
    return None if row.answered_at is None else max(0, round((row.answered_at - row.sent_at).total_seconds() / 60))


ALL: tuple[Raw, ...] = (
    Raw("ghi-danh", "Lượt ghi danh học", columns(*zip(ENROLMENT_HEADINGS, ENROLMENT_KINDS, strict=True)), _enrolments,
        lambda session, key: lambda row: results.cells_of(session, key, row, row.commune),
        Enrolment.channel, Citizen.commune, Enrolment.learner_id, by_channel=False),
    Raw("tra-loi-cau-hoi", "Lượt trả lời câu hỏi trong khoá học", columns(
        ("Người học (mã ẩn danh)", "text"), ("Xã, phường", "text"), ("Mã khoá", "text"), ("Khoá học", "text"), ("Bài", "text"), ("Câu", "text"),
        ("Lần trả lời", "count"), ("Trả lời", "text"), ("Kết quả", "text"), ("Ngày", "day"), ("Giờ", "count")), _attempts, _attempt,
        Enrolment.channel, Citizen.commune, Enrolment.learner_id, by_channel=False),
    Raw("hoi-dap", "Lượt hỏi thủ tục", columns(
        ("Ngày", "day"), ("Giờ", "count"), ("Kênh", "text"), ("Xã, phường", "text"), ("Loại câu hỏi", "text"), ("Hỏi về", "text"), ("Kết quả", "text"),
        ("Mã thủ tục", "text"), ("Thủ tục", "text")), _asked,
        lambda session, key: lambda row: (row.day, local(row.at).hour, row.channel, row.commune or "", row.intent, row.aspect,
                                   DECISIONS.get(row.decision, row.decision), row.procedure_code or "", row.name or ""),
        Asked.channel, Asked.commune, Asked.id),
    Raw("tin-da-gui", "Tin máy chủ động gửi", columns(
        ("Ngày", "day"), ("Giờ", "count"), ("Loại tin", "text"), ("Kênh", "text"), ("Xã, phường", "text"), ("Có trả lời trong 24 giờ", "text"),
        ("Trả lời sau (phút)", "count")), _sent,
        lambda session, key: lambda row: (row.day, local(row.sent_at).hour, KINDS.get(row.kind, row.kind), row.channel, row.commune or "",
                                   "có" if row.answered_at else "không", _minutes(row)),
        MessageSent.channel, MessageSent.commune, func.coalesce(MessageSent.conversation_id, "gone")),
    Raw("danh-gia", "Lượt đánh giá", columns(
        ("Ngày", "day"), ("Về", "text"), ("Mã thủ tục hay khoá", "text"), ("Điểm (1 đến 5)", "count"), ("Kênh", "text"), ("Xã, phường", "text")), _ratings,
        lambda session, key: lambda row: (row.day, ABOUT.get(row.about, row.about), row.key, row.score, row.channel, row.commune or ""),
        Rating.channel, Rating.commune, Rating.id),
)
"""Every table of rows there is; what is not here is not exported."""


def called(key: str) -> Raw | None:
    """The table with this key."""
    return next((one for one in ALL if one.key == key), None)
