"""What one page of figures hides cannot be had by subtracting what other filters show."""

from datetime import date, datetime, timedelta
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.errors import Refusal
from bot.services.figures import courses, overview, service
from bot.services.figures.hiding import hide_column, hide_crossed
from bot.services.figures.periods import Filter, Period
from bot.services.figures.table import FEW, KEPT, Hidden
from bot.services.operations import CHANNEL_NAMES
from bot.store.tables import Asked, Citizen, CourseVersion, Enrolment
from tests.factories import TUESDAY_TEN
from tests.small_course import publish, small
from tests.unit.services.test_figures_subtraction import enrol

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
PLACES = ("Phường Hoa Lư", "Phường Đông A", "Phường Châu Sơn", None)
CHANNELS = ("web", "telegram", "zalo_oa")


def table(session, flt: Filter, by: str):
    return next(t for t in overview.tables(session, flt) if t.key == f"theo-{by}")


def cell(session, flt: Filter, by: str, row: str, column: str):
    found = table(session, flt, by)
    return dict(zip((r[0] for r in found.rows), found.column(column), strict=True))[row]


def headline(session, flt: Filter, title: str):
    return next(row[1] for row in overview.tables(session, flt)[0].rows if row[0] == title)


def ask(session, commune: str | None, channel: str, times: int, decision: str = "answer", at: datetime = TUESDAY_TEN, **more) -> None:
    session.add_all([Asked(at=at, channel=channel, commune=commune, intent="x", aspect="fee", decision=decision, **more) for _ in range(times)])


@pytest.fixture
def towns(database):
    """Three of Hoa Lư came on Telegram and ten on Zalo; elsewhere there are many on both. Each asked once."""
    with database.write() as session:
        for commune, channel, people in (("Phường Hoa Lư", "telegram", 3), ("Phường Hoa Lư", "zalo_oa", 10), ("Phường Đông A", "telegram", 12),
                                         ("Phường Đông A", "zalo_oa", 20), (None, "zalo_oa", 30), (None, "telegram", 8)):
            session.add_all([Citizen(created_at=TUESDAY_TEN, commune=commune, channel=channel) for _ in range(people)])
            ask(session, commune, channel, people)
    return database


class TestOverview:
    @pytest.mark.parametrize("measure", ["citizens", "joined", "questions", "answered"])
    def test_a_channel_does_not_tell_what_the_commune_s_page_hides(self, towns, measure):
        """13 in Hoa Lư less 10 of Hoa Lư on Zalo would be the 3 on Telegram."""
        with towns.read() as session:
            hoa_lu = Filter(NOVEMBER, commune="Phường Hoa Lư")
            assert cell(session, hoa_lu, "channel", "Telegram", measure) is FEW or measure == "answered"
            assert isinstance(cell(session, hoa_lu, "channel", "Telegram", measure), Hidden)
            assert cell(session, Filter(NOVEMBER), "commune", "Phường Hoa Lư", measure) == 13
            assert cell(session, Filter(NOVEMBER, channel="zalo_oa"), "commune", "Phường Hoa Lư", measure) is KEPT
            # and what is hidden beside is so on every page
            for channel in ("telegram", "zalo_oa"):
                for commune in PLACES[:2]:
                    on_its_page = cell(session, Filter(NOVEMBER, commune=commune), "channel", CHANNEL_NAMES[channel], measure)
                    assert cell(session, Filter(NOVEMBER, channel=channel), "commune", commune, measure) == on_its_page

    def test_both_chosen_show_no_more_and_nothing_smaller(self, towns):
        with towns.read() as session:
            for channel, mark in (("telegram", FEW), ("zalo_oa", KEPT)):
                flt = Filter(NOVEMBER, commune="Phường Hoa Lư", channel=channel)
                assert headline(session, flt, "Người dân đã đồng ý") is mark and headline(session, flt, "Câu hỏi thủ tục") is mark
                assert len(overview.tables(session, flt)) == 1

    def test_three_choices_are_refused(self, towns):
        with towns.read() as session, pytest.raises(Refusal, match="nhiều nhất hai"):
            overview.tables(session, Filter(NOVEMBER, commune="Phường Hoa Lư", channel="web", course="khoa-nho"))

    def test_a_week_of_one_channel_does_not_tell_that_of_another(self, database):
        with database.write() as session:
            for week, telegram, zalo in ((0, 3, 10), (1, 20, 30), (2, 15, 25)):
                ask(session, None, "telegram", telegram, at=TUESDAY_TEN - timedelta(weeks=week))
                ask(session, None, "zalo_oa", zalo, at=TUESDAY_TEN - timedelta(weeks=week))
        with database.read() as session:
            assert cell(session, Filter(NOVEMBER), "week", date(2026, 11, 23), "questions") == 13
            assert cell(session, Filter(NOVEMBER, channel="telegram"), "week", date(2026, 11, 23), "questions") is FEW
            assert cell(session, Filter(NOVEMBER, channel="zalo_oa"), "week", date(2026, 11, 23), "questions") is KEPT

    def test_a_course_does_not_tell_what_the_commune_s_page_hides(self, database, tmp_path):
        with database.write() as session:
            publish(session, tmp_path, small(), small("khoa-hai"))
            versions = dict(session.execute(select(CourseVersion.slug, CourseVersion.id)).all())
            for commune, few, many in (("Phường Hoa Lư", 3, 10), ("Phường Đông A", 12, 14)):
                enrol(session, versions["khoa-nho"], few, channel="web", commune=commune)
                enrol(session, versions["khoa-hai"], many, channel="web", commune=commune)
            session.flush()
            session.execute(update(Enrolment).where(Enrolment.version_id == versions["khoa-hai"]).values(slug="khoa-hai"))
        with database.read() as session:
            assert cell(session, Filter(NOVEMBER, commune="Phường Hoa Lư"), "course", "Khóa khoa-nho", "enrolled") is FEW
            assert cell(session, Filter(NOVEMBER, course="khoa-nho"), "commune", "Phường Hoa Lư", "enrolled") is FEW
            assert cell(session, Filter(NOVEMBER, course="khoa-hai"), "commune", "Phường Hoa Lư", "enrolled") is KEPT
            listed = courses.listed(session, Filter(NOVEMBER, commune="Phường Hoa Lư")).table
            assert listed.column("enrolled") == (KEPT, FEW, 13)
            with pytest.raises(Refusal):
                courses.listed(session, Filter(NOVEMBER, commune="Phường Hoa Lư", channel="web"))

    def test_whoever_subtracts_one_page_from_another_learns_of_nobody(self, database):
        """Every line of the table by commune and channel, as the pages show it: one unknown in it is worked out, and so on."""
        random = Random(5)
        with database.write() as session:
            for commune, channel in product(PLACES, CHANNELS):
                for decision in ("answer", "clarify", "none"):
                    ask(session, commune, channel, random.choice((0, 1, 3, 4, 6, 9, 15)), decision)
        with database.read() as session:
            for measure in ("questions", "answered", "asked_back", "not_covered"):
                self.attack(session, measure)

    def attack(self, session, measure) -> None:
        places = [p or "Chưa rõ nơi ở" for p in PLACES]
        seen: dict[tuple[str, str], object] = {}
        for by in ("commune", "channel"):
            found = table(session, Filter(NOVEMBER), by)
            for name, value in zip((r[0] for r in found.rows), found.column(measure), strict=True):
                seen[(name, "") if by == "commune" else ("", name)] = value
        seen["", ""] = seen.pop(("Tất cả", ""))
        seen.pop(("", "Tất cả"))
        for channel in CHANNELS:
            found = table(session, Filter(NOVEMBER, channel=channel), "commune")
            for name, value in list(zip((r[0] for r in found.rows), found.column(measure), strict=True))[:-1]:
                seen[name, CHANNEL_NAMES[channel]] = value
        few = {at for at, value in seen.items() if value is FEW}
        known = {at: value for at, value in seen.items() if isinstance(value, int)}
        lines = [[(p, ""), *((p, CHANNEL_NAMES[c]) for c in CHANNELS)] for p in ["", *places]]
        lines += [[("", c), *((p, c) for p in places)] for c in ["", *(CHANNEL_NAMES[c] for c in CHANNELS)]]
        for _ in range(20):
            for whole, *parts in lines:
                unknown = [at for at in (whole, *parts) if at not in known and at in seen]
                if len(unknown) == 1:
                    at = unknown[0]
                    known[at] = (sum(known.get(p, 0) for p in parts) if at == whole
                                 else known.get(whole, 0) - sum(known.get(p, 0) for p in parts if p != at))
        assert (few or measure == "questions") and not few & known.keys(), (measure, few & known.keys())


class TestService:
    def test_an_hour_of_one_channel_does_not_tell_that_of_another(self, towns):
        with towns.write() as session:
            for hours, telegram, zalo in ((1, 3, 9), (2, 20, 30), (3, 9, 8)):
                ask(session, None, "telegram", telegram, at=TUESDAY_TEN + timedelta(hours=hours), first=True, procedure_code="1.1")
                ask(session, None, "zalo_oa", zalo, at=TUESDAY_TEN + timedelta(hours=hours), first=True, procedure_code=f"1.{hours}")
        with towns.read() as session:
            found = {c: service.hours(session, Filter(NOVEMBER, channel=c), "channel").column("questions")[11] for c in ("telegram", "zalo_oa")}
            assert found == {"telegram": FEW, "zalo_oa": KEPT}
            assert service.hours(session, Filter(NOVEMBER)).column("questions")[11] == 12

    @pytest.mark.parametrize(("few", "listed"), [(3, False), (6, True)])
    def test_a_procedure_of_one_channel_does_not_tell_that_of_another(self, database, few, listed):
        with database.write() as session:
            for code, telegram, zalo in (("1.1", few, 10), ("1.2", 20, 30), ("1.3", 9, 8)):
                ask(session, None, "telegram", telegram, procedure_code=code, first=True)
                ask(session, None, "zalo_oa", zalo, procedure_code=code, first=True)
        with database.read() as session:
            tables = {t.key: t for t in service.tables(session, Filter(NOVEMBER, channel="zalo_oa"))}
            assert ("1.1" in tables["hoi-nhieu"].column("code")) == listed
            assert ("1.1" in tables["cau-dau"].column("procedure")) == listed
            whole = {t.key: t for t in service.tables(session, Filter(NOVEMBER))}
            assert dict(zip(whole["hoi-nhieu"].column("code"), whole["hoi-nhieu"].column("total"), strict=True))["1.1"] == 10 + few

    def test_follow_ups_of_one_channel_do_not_tell_those_of_another(self, database):
        with database.write() as session:
            for channel, times in (("telegram", 3), ("zalo_oa", 10), ("web", 9)):
                ask(session, None, channel, times)
        with database.read() as session:
            found = {c: service.aspects(session, Filter(NOVEMBER, channel=c), "channel").rows[0][1] for c in ("telegram", "zalo_oa", "web")}
            assert found["telegram"] is FEW and KEPT in (found["zalo_oa"], found["web"])
            assert service.aspects(session, Filter(NOVEMBER)).rows[0][1] == 22

    def test_a_commune_and_a_channel_at_once_are_refused(self, towns):
        with towns.read() as session, pytest.raises(Refusal, match="không theo cả hai"):
            service.tables(session, Filter(NOVEMBER, commune="Phường Hoa Lư", channel="zalo_oa"))

    def test_staff_of_two_communes_do_not_learn_of_the_one_by_the_other(self, database):
        with database.write() as session:
            ask(session, "Phường Hoa Lư", "web", 3)
            ask(session, "Phường Đông A", "web", 10)
            for commune in ("Phường Hoa Lư", "Phường Đông A"):
                ask(session, commune, "web", 20, at=TUESDAY_TEN + timedelta(hours=2))
        bound = Filter(NOVEMBER, allowed=("Phường Hoa Lư", "Phường Đông A"))
        with database.read() as session:
            tables = {t.key: t for t in service.tables(session, Filter(NOVEMBER, bound.allowed, "Phường Đông A"))}
            assert tables["gio-trong-ngay"].column("questions")[10] is KEPT
            assert {t.key: t for t in service.tables(session, bound)}["gio-trong-ngay"].column("questions")[10] == 13


TOP = 25


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=3), min_size=2, max_size=3).filter(lambda rows: len({len(r) for r in rows}) == 1))
def test_no_hidden_cell_of_two_filters_can_be_worked_out(body):
    """Every table that fits what all pages show is tried."""
    rows, columns = [sum(r) for r in body], [sum(c) for c in zip(*body, strict=True)]
    sums = {(r, 0): mark for (r, _), mark in hide_column(rows).marks.items()} | {(len(rows), c + 1): m for (c, _), m in hide_column(columns).marks.items()}
    if 0 < sum(rows) < 5:
        sums[len(rows), 0] = FEW
    marks = hide_crossed([*([n, *r] for n, r in zip(rows, body, strict=True)), [sum(rows), *columns]], sums).marks
    inner = sorted(p for p in marks if p[0] < len(rows) and p[1])
    few = {(r, c + 1) for r, row in enumerate(body) for c, n in enumerate(row) if 0 < n < 5}
    assert few <= set(inner) and {p: m for p, m in marks.items() if p not in inner} == sums
    whole = FEW not in [marks[p] for p in inner]  # hidden whole: then a mark says nothing
    spans = [range(TOP) if whole else range(1, 5) if marks[p] is FEW else range(5, TOP) for p in inner]
    size = 1
    for span in spans:
        size *= len(span)
    if size > 30_000:
        return
    ways = []
    for way in product(*spans):
        filled = {(r, c + 1): n for r, row in enumerate(body) for c, n in enumerate(row)} | dict(zip(inner, way, strict=True))
        tried = [sum(filled[r, c + 1] for c in range(len(columns))) for r in range(len(rows))], \
            [sum(filled[r, c + 1] for r in range(len(rows))) for c in range(len(columns))]
        if sum(tried[0]) == sum(rows) or (len(rows), 0) in sums:
            fits = all(n == m or (r, 0) in sums for r, (n, m) in enumerate(zip(tried[0], rows, strict=True)))
            if fits and all(n == m or (len(rows), c + 1) in sums for c, (n, m) in enumerate(zip(tried[1], columns, strict=True))):
                ways.append(way)
    for at, place in enumerate(inner):
        assert len({way[at] for way in ways}) > 1, (place, body, marks)
