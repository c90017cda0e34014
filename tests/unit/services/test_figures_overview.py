"""The overview's figures equal what plain Python counts over the same rows, on both databases; what must be hidden is."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import fmean

import pytest
from sqlalchemy import select

from benchmarks.figures.events import NOW, Sizes, generate
from bot.clock import local
from bot.errors import Refusal
from bot.services import counted
from bot.services.figures import overview, seen
from bot.services.figures.measures import MEASURES
from bot.services.figures.periods import Filter, Period, filter_of, monday_of
from bot.services.figures.table import FEW, KEPT, Hidden
from bot.store.tables import ActiveDay, Asked, Citizen, Conversation, Enrolment, Learner, MessageSent, Rating
from tests.factories import TUESDAY_TEN, talk_of
from tests.small_course import small, write

COMMUNE = "Phường Châu Sơn"
YEAR = Period(date(2025, 11, 25), date(2026, 11, 24))
FILTERS = {
    "the year": Filter(YEAR),
    "a month": Filter(Period(date(2026, 10, 1), date(2026, 10, 31))),
    "one day": Filter(Period(date(2026, 11, 20), date(2026, 11, 20))),
    "a commune": Filter(YEAR, commune=COMMUNE),
    "a channel": Filter(YEAR, channel="zalo_oa"),
    "a course": Filter(YEAR, course="khoa-hai"),
    "a commune on a channel": Filter(YEAR, commune=COMMUNE, channel="web"),
    "a course on a channel": Filter(YEAR, channel="web", course="khoa-mot"),
    "a commune of bound staff": Filter(YEAR, allowed=(COMMUNE, "Phường Đông A", "Phường Hoa Lư"), commune=COMMUNE),
    "bound staff": Filter(YEAR, allowed=(COMMUNE, "Phường Đông A", "Phường Hoa Lư")),
}
SIDES = ("all", "week", "channel", "commune", "course")


@pytest.fixture
def filled(database, tmp_path):
    """A few thousand made-up events of the year before NOW, and some at the edges of days."""
    folder = write(tmp_path / "courses", small("khoa-mot"), small("khoa-hai"), small("khoa-ba"))
    generate(database, folder, Sizes().part(0.006), seed=7)
    with database.write() as session:
        for at in (datetime(2026, 10, 31, 16, 59, tzinfo=UTC), datetime(2026, 10, 31, 17, 1, tzinfo=UTC), datetime(2026, 9, 30, 17, 0, tzinfo=UTC)):
            session.add(Asked(at=at, channel="web", intent="x", aspect="fee", decision="answer"))
            session.add(Citizen(created_at=at, channel="web"))
            learner = session.scalars(select(Learner)).first()
            version = session.scalars(select(Enrolment.version_id)).first()
            session.add(Enrolment(learner_id=learner.id, slug="khoa-mot", round=900 + at.minute, version_id=version, progress={}, active=False, items_total=4,
                                  started_at=at, touched_at=at, channel="web"))
            counted.left(session, "reminder", "web", session.scalars(select(Conversation.id).where(Conversation.channel == "web")).first(), at)
    return database


class Naive:
    """Every row in memory, counted one by one."""

    def __init__(self, session, flt: Filter):
        self.flt = flt
        homes = dict(session.execute(select(Learner.id, Citizen.commune).join(Citizen, Citizen.id == Learner.citizen_id)).all())
        self.rows = {by: defaultdict(lambda: defaultdict(list)) for by in SIDES}
        for row in session.scalars(select(Enrolment)):
            self.note("enrolled", row.learner_id, local(row.started_at).date(), row.channel, homes[row.learner_id], row.slug)
            if row.begun_at is not None:
                self.note("begun", row.learner_id, local(row.started_at).date(), row.channel, homes[row.learner_id], row.slug)
            if row.completed_at is not None:
                self.note("completed", row.learner_id, local(row.started_at).date(), row.channel, homes[row.learner_id], row.slug)
            if row.before_right is not None and row.after_right is not None and row.test_total:
                gain = 100 * (row.after_right - row.before_right) / row.test_total
                self.note("both", row.learner_id, local(row.started_at).date(), row.channel, homes[row.learner_id], row.slug)
                self.note("gains", gain, local(row.started_at).date(), row.channel, homes[row.learner_id], row.slug)
        for row in session.scalars(select(Rating)):
            if not flt.course or row.about == "lesson":
                self.note("scored", row.score, row.day, row.channel, row.commune, row.key, sides=SIDES if row.about == "lesson" else SIDES[:-1])
        if flt.course:
            return
        for row in session.scalars(select(Citizen)):
            self.note("joined", row.id, local(row.created_at).date(), row.channel, row.commune)
            if local(row.created_at).date() <= flt.period.last:
                self.note("citizens", row.id, flt.period.last, row.channel, row.commune, sides=("all", "channel", "commune"))
        for row in session.scalars(select(ActiveDay)):
            self.note("active", row.conversation_id, row.day, row.channel, row.commune)
        for row in session.scalars(select(Asked)):
            what = {"answer": "answered", "none": "not_covered"}.get(row.decision, "asked_back")
            for name in ("questions", what):
                self.note(name, row.id, local(row.at).date(), row.channel, row.commune)
        for row in session.scalars(select(MessageSent)):
            if row.kind in ("reminder", "nudge"):
                self.note("sent", row.conversation_id, local(row.sent_at).date(), row.channel, row.commune)
                if row.answered_at is not None:
                    self.note("replied", row.conversation_id, local(row.sent_at).date(), row.channel, row.commune)

    def note(self, name, thing, day, channel, commune, course=None, sides=None) -> None:
        flt = self.flt
        if not flt.period.first <= day <= flt.period.last or (flt.channel and channel != flt.channel) or (flt.course and course != flt.course):
            return
        if flt.communes and commune not in flt.communes:
            return
        keys = {"all": "", "week": monday_of(day), "channel": channel, "commune": commune, "course": course}
        for by in sides or (SIDES if course else SIDES[:-1]):
            self.rows[by][keys[by]][name].append(thing)

    def value(self, by, key, name):
        """As Measure has it; None where there is nothing to divide by."""
        found = self.rows[by][key]
        each = {"active": set}.get(name, list)
        if name == "gain":
            return fmean(found["gains"]) if found["gains"] else None
        if name == "satisfaction":
            return fmean(found["scored"]) if found["scored"] else None
        rates = {"answered_rate": ("answered", "questions"), "begun_rate": ("begun", "enrolled"), "completed_rate": ("completed", "enrolled"),
                 "finished_rate": ("completed", "begun"), "replied_rate": ("replied", "sent")}
        if name in rates:
            top, below = (len(found[n]) for n in rates[name])
            return 100 * top / below if below else None
        return len(each(found["scored" if name == "ratings" else name]))

    def people(self, by, key, name) -> int:
        """How many people stand behind a count: of what is tied to somebody, the somebodies."""
        return len(set(self.rows[by][key]["scored" if name == "ratings" else name])) if name in ("enrolled", "begun", "completed", "both", "sent", "replied") \
            else self.value(by, key, name)


def test_every_figure_equals_a_plain_count_or_is_hidden(filled):
    measures = {m.title: m for m in MEASURES}
    with filled.read() as session:
        slugs = {title: slug for slug, title in overview.course_names(session).items()}
        for name, flt in FILTERS.items():
            summary, *sides = overview.tables(session, flt)
            now, before = Naive(session, flt), Naive(session, replace(flt, period=flt.period.before))
            shown = sum(agrees(naive, "all", "", measures[row[0]].key, row[at]) for row in summary.rows for at, naive in ((1, now), (2, before)))
            totals = {measures[row[0]].key: row[1] for row in summary.rows}
            for table in sides:
                by = table.key.removeprefix("theo-")
                for row in table.rows[:-1]:
                    shown += sum(agrees(now, by, key_of(by, row[0], slugs), c.key, cell) for c, cell in zip(table.columns[1:], row[1:], strict=True))
                assert [table.rows[-1][1:]] == [tuple(totals[c.key] for c in table.columns[1:])] if table.totals else not table.rows
            assert shown > 10, name


def key_of(by, said, slugs):
    """What the first cell of a row stands for."""
    if by == "week" or said in ("Không rõ", "Chưa rõ nơi ở"):
        return said if by == "week" else None
    return slugs.get(said, said) if by == "course" else {v: k for k, v in overview.CHANNEL_NAMES.items()}.get(said, said)


def agrees(naive: Naive, by, key, name, cell) -> int:
    """1 for a shown cell that equals the plain count, 0 for one that is rightly hidden."""
    expected = naive.value(by, key, name)
    if isinstance(cell, Hidden):
        assert cell is KEPT or 0 < naive.people(by, key, name) < 5, (by, key, name, expected)
        return 0
    assert cell == pytest.approx(expected), (by, key, name)
    measure = next(m for m in MEASURES if m.key == name)
    if measure.of is None:
        assert not 0 < naive.people(by, key, name) < 5, (by, key, name, cell)
    return 1


def test_days_begin_at_midnight_in_the_province(filled):
    names = ("questions", "joined", "enrolled", "sent")
    with filled.read() as session:
        naive = Naive(session, FILTERS["a month"])
        found = seen.rows_by(session, FILTERS["a month"], "all")["all"][""].values
        assert {n: found[n] for n in names} == {n: naive.value("all", "", n) for n in names}
        edge = session.scalars(select(Asked).where(Asked.intent == "x").order_by(Asked.at))
        assert [f"{a.day:%d/%m}" for a in edge] == ["01/10", "31/10", "01/11"]


def weekly(session, flt):
    return next(t for t in overview.tables(session, flt) if t.key == "theo-week")


def test_weeks_without_anything_stand_in_the_table(filled):
    with filled.read() as session:
        table = weekly(session, Filter(Period(date(2020, 1, 1), date(2020, 1, 20))))
    assert table.column("week") == (date(2019, 12, 30), date(2020, 1, 6), date(2020, 1, 13), date(2020, 1, 20), "Tất cả")
    assert set(table.column("questions")) == {0}


def test_an_empty_bot_has_an_overview_of_zeros(database):
    with database.read() as session:
        summary, *_ = overview.tables(session, Filter(YEAR))
    assert {row[1] for row in summary.rows} == {0, None} and {row[3] for row in summary.rows} == {"không đổi", ""}


class TestHiding:
    @pytest.fixture
    def towns(self, database):
        """Citizens by commune: many in A, eight in B, three in C."""
        with database.write() as session:
            for commune, count in (("Phường Hoa Lư", 20), ("Phường Đông A", 8), ("Phường Châu Sơn", 3)):
                for n in range(count):
                    talk = talk_of(session, address=f"{commune}-{n}-0123456789", consent=("learning",))
                    session.get_one(Citizen, talk.citizen_id).commune = commune
                    counted.wrote(session, talk, None, TUESDAY_TEN)
        return database

    def cell(self, database, row_name: str, **flt):
        with database.read() as session:
            summary, *sides = overview.tables(session, Filter(Period(date(2026, 11, 1), date(2026, 11, 30)), **flt))
        if not row_name:
            return next(row[1] for row in summary.rows if row[0] == "Người dân đã đồng ý")
        table = next(t for t in sides if t.key == "theo-commune")
        return next(row for row in table.rows if row[0] == row_name)[1]

    def test_the_few_are_hidden_and_so_is_who_would_betray_them(self, towns):
        assert [self.cell(towns, c) for c in ("Phường Hoa Lư", "Phường Đông A", "Phường Châu Sơn", "Tất cả")] == [20, KEPT, FEW, 31]

    def test_choosing_a_commune_shows_no_more_of_it_than_the_table_of_all(self, towns):
        assert [self.cell(towns, "", commune=c) for c in ("Phường Hoa Lư", "Phường Đông A", "Phường Châu Sơn")] == [20, KEPT, FEW]

    def test_a_hidden_figure_is_hidden_in_every_row(self, towns):
        with towns.read() as session:
            _, *sides = overview.tables(session, Filter(Period(date(2026, 11, 1), date(2026, 11, 30)), commune="Phường Đông A"))
        assert {t.key for t in sides} == {"theo-week", "theo-channel", "theo-course"}
        channel = next(t for t in sides if t.key == "theo-channel")
        assert channel.column("citizens") == (KEPT, KEPT)
        week = next(t for t in sides if t.key == "theo-week")
        assert set(week.column("active")) == {KEPT}

    def test_who_is_bound_to_communes_sees_no_other_and_no_total_of_others(self, towns):
        allowed = ("Phường Hoa Lư", "Phường Đông A")
        assert [self.cell(towns, c, allowed=allowed) for c in ("Phường Hoa Lư", "Phường Đông A", "Tất cả")] == [20, 8, 28]
        with pytest.raises(StopIteration):
            self.cell(towns, "Phường Châu Sơn", allowed=allowed)

    def test_asking_for_a_commune_of_others_is_refused(self):
        with pytest.raises(Refusal):
            filter_of(("Phường Hoa Lư",), date(2026, 11, 24), xa="Phường Đông A")

    def test_a_share_of_hidden_counts_is_hidden(self, database):
        with database.write() as session:
            for n in range(10):
                session.add(Asked(at=TUESDAY_TEN, channel="web", intent="x", aspect="fee", decision="answer" if n < 8 else "none"))
        with database.read() as session:
            summary, *_ = overview.tables(session, Filter(Period(date(2026, 11, 1), date(2026, 11, 30))))
        found = {row[0]: row[1] for row in summary.rows}
        titles = ("Câu hỏi thủ tục", "Trả lời được", "Phải hỏi lại", "Chưa có câu trả lời", "Tỉ lệ trả lời được")
        assert [found[t] for t in titles] == [10, KEPT, KEPT, FEW, KEPT]

    def test_many_reminders_of_few_people_are_hidden(self, database):
        with database.write() as session:
            talk = talk_of(session, consent=("reminders",))
            for _ in range(30):
                counted.left(session, "reminder", "web", talk.id, TUESDAY_TEN)
        with database.read() as session:
            summary, *_ = overview.tables(session, Filter(Period(date(2026, 11, 1), date(2026, 11, 30))))
        assert next(row[1] for row in summary.rows if row[0] == "Lời nhắc đã gửi") is FEW


class TestWords:
    @pytest.mark.parametrize(("now", "before", "kind", "said"), [
        (120, 100, "count", "tăng 20 (+20,0 %)"), (80, 100, "count", "giảm 20 (−20,0 %)"), (5, 5, "count", "không đổi"), (7, 0, "count", "tăng 7"),
        (61.5, 58.25, "percent", "tăng 3,2 điểm %"), (-3.0, 2.0, "points", "giảm 5,0 điểm"), (4.21, 4.20, "score", "không đổi"),
        (FEW, 100, "count", ""), (5, None, "percent", ""), (1200, 12, "count", "tăng 1.188 (+9.900,0 %)")])
    def test_a_change_is_said_in_words(self, now, before, kind, said):
        assert overview.change(now, before, kind) == said

    def test_periods_are_followed_by_the_one_before_of_the_same_length(self):
        assert Period(date(2026, 11, 1), date(2026, 11, 30)).before == Period(date(2026, 10, 2), date(2026, 10, 31))

    @pytest.mark.parametrize(("preset", "first", "last"), [
        ("7", "2026-11-18", "2026-11-24"), ("thang", "2026-11-01", "2026-11-24"), ("thang-truoc", "2026-10-01", "2026-10-31"),
        ("nam", "2026-01-01", "2026-11-24")])
    def test_presets_end_today(self, preset, first, last):
        assert filter_of((), local(NOW).date(), preset).period == Period(date.fromisoformat(first), date.fromisoformat(last))

    @pytest.mark.parametrize(("tu", "den"), [
        ("", ""), ("2026-11-05", "2026-11-01"), ("2020-01-01", "2026-01-01"), ("x", "2026-01-01"), ("1890-01-01", "1890-01-02")])
    def test_wrong_days_are_refused(self, tu, den):
        with pytest.raises(Refusal):
            filter_of((), date(2026, 11, 24), "rieng", tu, den)

    def test_a_period_begins_and_ends_at_local_midnight(self):
        period = Period(date(2026, 11, 24), date(2026, 11, 24))
        assert (period.begins, period.ends) == (datetime(2026, 11, 23, 17, tzinfo=UTC), datetime(2026, 11, 24, 17, tzinfo=UTC))
        assert period.ends - period.begins == timedelta(days=1)
