"""The pages of course and service figures: what they show, to whom, and the words of citizens that take a reason."""

import html
import re
from datetime import timedelta

import pytest

from bot.clock import local
from bot.services import audit
from bot.services.figures import courses, service
from bot.services.figures.periods import Filter, Period
from bot.store.tables import Asked
from tests.unit.services.figures_learners import NOW, SLUG, world
from tests.unit.web.staff_pages import app_on, signed_in

YEAR = {"ky": "365"}


@pytest.fixture
def app(database, tmp_path):
    with database.write() as session:
        world(session, tmp_path / "courses", 120)
        at = NOW - timedelta(days=3)
        session.add_all([Asked(at=at, channel="web", intent="ask_fee", aspect="fee", decision="answer", procedure_code="1.000001", commune=commune, first=True,
                               text="lệ phí hộ chiếu") for commune in ("Phường Hoa Lư", "Xã Giao Minh") for _ in range(6)])
    return app_on(database, tmp_path)


def text_of(answer) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def period(app) -> Period:
    today = local(app.clock()).date()
    return Period(today - timedelta(days=364), today)


class TestCourses:
    def test_the_list_shows_what_the_table_says_and_leads_to_each_course(self, app):
        browser = signed_in(app, "viewer")
        answer = browser.get("/admin/khoa-hoc", **YEAR)
        with app.database.read() as session:
            found = courses.listed(session, Filter(period(app)))
        assert answer.status_code == 200 and f'href="/admin/khoa-hoc/{SLUG}?ky=365"' in answer.text
        shown = text_of(answer)
        for at in range(len(found.table.rows)):
            assert " ".join(found.table.shown(at, column) for column in range(len(found.table.columns))) in shown
        assert found.slugs == (SLUG, "")

    def test_a_course_shows_every_table(self, app):
        answer = signed_in(app, "author").get(f"/admin/khoa-hoc/{SLUG}", **YEAR)
        with app.database.read() as session:
            found = courses.of_course(session, Filter(period(app)), SLUG, app.clock())
        shown = text_of(answer)
        assert [t.title for t in found.tables if t.title not in shown] == [] and answer.status_code == 200
        place, people = found.stop
        assert f"{place.name} ( {people} người)" in shown.replace("(", "( ") and place.text in shown

    def test_one_version_alone(self, app):
        browser = signed_in(app, "author")
        with app.database.read() as session:
            versions = courses.of_course(session, Filter(period(app)), SLUG, app.clock()).versions
            alone = courses.of_course(session, Filter(period(app)), SLUG, app.clock(), versions[1].id)
        assert [v.live for v in versions] == [True, False]
        answer = browser.get(f"/admin/khoa-hoc/{SLUG}", ban=versions[1].id, **YEAR)
        way = alone.table("duong-hoc")
        assert " ".join(way.shown(3, column) for column in range(len(way.columns))) in text_of(answer)
        assert "Kể cả người xưng là công an" not in answer.text

    @pytest.mark.parametrize("address", ["/admin/khoa-hoc/khong-co", f"/admin/khoa-hoc/{SLUG}?ban=99999999999999999999"])
    def test_what_does_not_exist_is_not_found(self, app, address):
        assert signed_in(app, "viewer").get(address).status_code == 404

    @pytest.mark.parametrize("path", ["/admin/khoa-hoc", f"/admin/khoa-hoc/{SLUG}", "/admin/dich-vu"])
    def test_a_wrong_period_is_told_and_a_foreign_commune_refused(self, app, path):
        browser = signed_in(app, "officer", ("Xã Giao Minh",))
        assert "Ngày kết thúc đang trước" in browser.get(path, ky="rieng", tu="2026-11-02", den="2026-11-01").text
        assert browser.get(path, xa="Phường Hoa Lư", **YEAR).status_code == 400

    def test_who_is_bound_sees_only_their_communes(self, app):
        answer = signed_in(app, "officer", ("Xã Giao Minh",)).get(f"/admin/khoa-hoc/{SLUG}", **YEAR)
        with app.database.read() as session:
            way = courses.of_course(session, Filter(period(app), allowed=("Xã Giao Minh",)), SLUG, app.clock()).table("duong-hoc")
            everywhere = courses.of_course(session, Filter(period(app)), SLUG, app.clock()).table("duong-hoc")
        lines = [" ".join(t.shown(0, column) for column in range(len(t.columns))) for t in (way, everywhere)]
        assert lines[0] in text_of(answer) and lines[1] not in text_of(answer)


class TestService:
    def test_the_page_shows_every_table(self, app):
        answer = signed_in(app, "viewer").get("/admin/dich-vu", **YEAR)
        with app.database.read() as session:
            found = service.tables(session, Filter(period(app)))
        shown = text_of(answer)
        for table in found:
            assert table.title in shown
            assert not table.rows or " ".join(table.shown(0, column) for column in range(len(table.columns))) in shown

    def test_who_is_bound_counts_only_their_communes(self, app):
        answer = signed_in(app, "officer", ("Xã Giao Minh",)).get("/admin/dich-vu", **YEAR)
        assert "1.000001 1.000001 6 0 6 100,0 %" in text_of(answer)

    def test_the_words_themselves_are_not_on_the_page(self, app):
        assert "lệ phí hộ chiếu" not in signed_in(app, "administrator").get("/admin/dich-vu", **YEAR).text

    def test_words_take_a_reason_and_leave_a_line_in_the_log(self, app):
        browser = signed_in(app, "author")
        browser.get("/admin/dich-vu", **YEAR)
        refused = browser.post("/admin/dich-vu/loi-nguoi-dan?ky=365", {"ly_do": "xem"})
        assert refused.status_code == 400 and "lý do" in refused.text and "lệ phí hộ chiếu" not in refused.text
        shown = browser.post("/admin/dich-vu/loi-nguoi-dan?ky=365", {"ly_do": "Soạn lại câu trả lời về hộ chiếu"})
        assert "lệ phí hộ chiếu" in shown.text
        with app.database.read() as session:
            (row,) = audit.listed(session, "raw_text_seen")
        assert row.reason == "Soạn lại câu trả lời về hộ chiếu" and row.detail["rows"] == 1

    @pytest.mark.parametrize("role", ["viewer", "officer"])
    def test_who_may_not_read_words_sees_no_way_to_them(self, app, role):
        browser = signed_in(app, role)
        assert "Xem lời người dân" not in browser.get("/admin/dich-vu", **YEAR).text
        assert browser.post("/admin/dich-vu/loi-nguoi-dan", {"ly_do": "Soạn lại câu trả lời"}).status_code == 403


def test_pages_over_an_empty_database(database, tmp_path):
    browser = signed_in(app_on(database, tmp_path), "viewer")
    assert [browser.get(path).status_code for path in ("/admin/khoa-hoc", "/admin/dich-vu")] == [200, 200]
