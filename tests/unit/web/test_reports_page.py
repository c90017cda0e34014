"""Downloads, reports on paper and monthly ones: who gets what, what is in it, and that it is written down."""

import csv
import io
import re
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from bot.services import audit, staff
from bot.services.reports import orders, rows, schedule
from bot.store.tables import Asked, CourseVersion, ReportOrder, ReportPlan
from bot.web.staff import reports
from tests.unit.services.test_figures_subtraction import enrol
from tests.unit.services.test_reports import at, happened
from tests.unit.web.staff_pages import app_on, signed_in

HOME = "/admin/bao-cao"


@pytest.fixture
def app(database, tmp_path):
    return app_on(database, tmp_path)


@pytest.fixture
def filled(app, tmp_path):
    with app.database.write() as session:
        happened(session, tmp_path)
    return app


def table_of(answer) -> list[list[str]]:
    assert answer.status_code == 200, answer.text[:300]
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def exports(app) -> list:
    with app.database.read() as session:
        return [(e.about, e.detail) for e in audit.listed(session, "exported")]


class TestDownloads:
    def test_every_link_on_the_page_downloads_what_it_says_and_is_written_down(self, filled):
        browser = signed_in(filled, "administrator")
        links = re.findall(r'href="(/admin/bao-cao/(?:bang|du-lieu)/[^"]+)"', browser.get(HOME, ky="90").text)
        assert len(links) == 2 * (3 + len(rows.ALL)) and all("ky=90" in link for link in links)
        for number, link in enumerate(links, 1):
            answer = browser.client.get(link.replace("&amp;", "&"))
            kind = link.partition("?")[0].rpartition(".")[2]
            assert answer.status_code == 200 and answer.headers["content-type"].startswith(reports.KINDS[kind].partition(";")[0]), link
            assert f".{kind}" in answer.headers["content-disposition"] and answer.headers["cache-control"] == "no-store"
            if kind == "xlsx":
                assert load_workbook(io.BytesIO(answer.content)).sheetnames
            else:
                assert answer.content.startswith(b"\xef\xbb\xbf")
            assert len(exports(filled)) == number

    def test_the_log_says_how_many_rows_of_which_days(self, filled):
        browser = signed_in(filled, "officer")
        found = table_of(browser.get(f"{HOME}/du-lieu/hoi-dap.csv", ky="rieng", tu="2026-11-01", den="2026-11-30"))
        assert len(found) == 1 + 3 and found[0][:2] == ["Ngày", "Giờ"]
        about, detail = exports(filled)[0]
        assert (about, detail["rows"], detail["first"], detail["last"], detail["communes"]) == ("hoi-dap.csv", 3, "2026-11-01", "2026-11-30", [])

    def test_one_table_alone_is_that_of_the_page(self, filled):
        browser = signed_in(filled, "approver")  # who may export, but sees no reports
        alone = table_of(browser.get(f"{HOME}/bang/tong-quan/theo-channel.csv"))
        whole = table_of(browser.get(f"{HOME}/bang/tong-quan/tat-ca.csv"))
        assert alone[0][0] == "Kênh" and all(line in whole for line in alone)
        assert browser.get(HOME).status_code == 403

    def test_who_is_bound_to_communes_gets_their_rows_only(self, filled):
        browser = signed_in(filled, "officer", ("Phường Hoa Lư",))
        for raw in rows.ALL:  # one person of theirs is too few to be given out line by line
            few = browser.get(f"{HOME}/du-lieu/{raw.key}.csv")
            assert few.status_code == 400 and "quá ít người" in few.text
        assert exports(filled) == []
        with filled.database.write() as session:
            for commune in ("Phường Hoa Lư", "Phường Nam Định"):
                session.add_all([Asked(at=filled.clock(), channel="web", commune=commune, intent="x", aspect="fee", decision="none") for _ in range(9)])
        found = table_of(browser.get(f"{HOME}/du-lieu/hoi-dap.csv"))
        assert len(found) == 11 and all("Phường Hoa Lư" in line for line in found[1:])
        assert browser.get(f"{HOME}/du-lieu/hoi-dap.csv", xa="Phường Nam Định").status_code == 400

    def test_nobodys_words_leave(self, filled):
        browser = signed_in(filled, "administrator")
        assert "lời riêng" not in browser.get(f"{HOME}/du-lieu/hoi-dap.csv").text

    @pytest.mark.parametrize(("page", "keys"), [("/admin", "theo-week"), ("/admin/khoa-hoc", ""), ("/admin/khoa-hoc/khoa-nho", "duong-hoc"),
                                                ("/admin/dich-vu", "")])
    def test_each_page_of_figures_downloads_its_own_tables_for_its_own_filter(self, filled, page, keys):
        with filled.database.write() as session:  # so many that the course's page shows one commune alone
            version = session.scalars(select(CourseVersion.id).where(CourseVersion.slug == "khoa-nho")).first()
            for commune in ("Phường Hoa Lư", "Phường Nam Định"):
                enrol(session, version, 5, channel="web", commune=commune)
        browser = signed_in(filled, "approver")
        link = re.search(r'href="(/admin/bao-cao/bang/[^"]+\.xlsx[^"]*)"', browser.get(page, ky="90", xa="Phường Hoa Lư").text).group(1).replace("&amp;", "&")
        book = load_workbook(io.BytesIO(browser.client.get(link).content))
        assert not keys or keys in book.sheetnames
        assert exports(filled)[0][1]["communes"] == ["Phường Hoa Lư"] and (page[-8:] != "khoa-nho" or exports(filled)[0][1]["course"] == "khoa-nho")
        assert "bao-cao/bang" not in signed_in(filled, "viewer").get(page).text

    @pytest.mark.parametrize("path", ["bang/tong-quan/khong-co.csv", "bang/khong-co/tat-ca.csv", "bang/tong-quan/tat-ca.pdf", "bang/tong-quan/.csv",
                                      "du-lieu/khong-co.csv", "du-lieu/hoi-dap", "99/tai-ve"])
    def test_what_is_not_there_is_not_found_and_not_logged(self, filled, path):
        assert signed_in(filled, "administrator").get(f"{HOME}/{path}").status_code == 404
        assert exports(filled) == []

    def test_a_workbook_that_would_take_minutes_is_refused_with_a_way_out(self, filled, monkeypatch):
        monkeypatch.setattr(reports, "MOST_XLSX_ROWS", 2)
        browser = signed_in(filled, "administrator")
        refused = browser.get(f"{HOME}/du-lieu/hoi-dap.xlsx")
        assert refused.status_code == 400 and "tải bản CSV" in refused.text
        assert len(table_of(browser.get(f"{HOME}/du-lieu/hoi-dap.csv"))) == 4

    def test_a_wrong_period_comes_back_as_a_sentence(self, filled):
        browser = signed_in(filled, "administrator")
        for path in ("", "/du-lieu/hoi-dap.csv", "/bang/tong-quan/tat-ca.csv"):
            page = browser.get(HOME + path, ky="rieng", tu="2026-12-01", den="2026-11-01")
            assert page.status_code == 400 and "trước ngày bắt đầu" in page.text


class TestPaper:
    def ordered(self, app, browser, **form):
        return browser.post(f"{HOME}/lap", {"name": "Báo cáo quý", "ky": "rieng", "tu": "2026-11-01", "den": "2026-11-30", **form})

    def test_ordered_made_and_opened(self, filled):
        browser = signed_in(filled, "officer")
        page = self.ordered(filled, browser)
        assert page.url.path == HOME and "Đã đặt lập báo cáo" in page.text and "Đang chờ lập" in page.text and 'data-waiting="true"' in page.text
        assert orders.make(filled.database, filled.settings, filled.clock)
        page = browser.get(HOME).text
        link = re.search(r'href="(/admin/bao-cao/\d+/tai-ve)"', page).group(1)
        assert 'data-waiting="false"' in page
        paper = browser.get(link)
        assert paper.content.startswith(b"%PDF-") and paper.headers["content-type"] == "application/pdf" and "no-store" in paper.headers["cache-control"]
        assert exports(filled)[0][0] == "Báo cáo quý"
        with filled.database.read() as session:
            assert [e.detail["first"] for e in audit.listed(session, "report_made")] == ["2026-11-01"]

    @pytest.mark.parametrize(("form", "said"), [({"name": "x"}, "Hãy đặt tên"), ({"tu": ""}, "chọn đủ ngày"),
                                                ({"communes": ["Xã Trên Trời"]}, "không nằm trong")])
    def test_a_wrong_form_comes_back_as_typed(self, filled, form, said):
        page = self.ordered(filled, signed_in(filled, "officer"), **form)
        assert page.status_code == 400 and said in page.text and 'value="2026-11-30"' in page.text

    def test_it_is_not_open_before_it_is_made_nor_to_who_may_not_read_it(self, filled):
        admin, bound = signed_in(filled, "administrator"), signed_in(filled, "officer", ("Phường Hoa Lư",))
        self.ordered(filled, admin)
        with filled.database.read() as session:
            ident = session.scalars(select(ReportOrder.id)).one()
        assert admin.get(f"{HOME}/{ident}/tai-ve").status_code == 400
        orders.make(filled.database, filled.settings, filled.clock)
        assert admin.get(f"{HOME}/{ident}/tai-ve").status_code == 200
        assert bound.get(f"{HOME}/{ident}/tai-ve").status_code == 404 and "Báo cáo quý" not in bound.get(HOME).text

    def test_a_file_that_is_gone_is_told(self, filled):
        admin = signed_in(filled, "administrator")
        self.ordered(filled, admin)
        orders.make(filled.database, filled.settings, filled.clock)
        with filled.database.read() as session:
            row = session.scalars(select(ReportOrder)).one()
        orders.file_of(filled.settings, row).unlink()
        page = admin.get(f"{HOME}/{row.id}/tai-ve")
        assert page.status_code == 400 and "Hãy lập lại" in page.text and exports(filled) == []


class TestMonthly:
    def test_planned_stopped_and_resumed(self, app):
        admin = signed_in(app, "administrator")
        with app.database.read() as session:
            me = staff.everybody(session)[0]
        page = admin.post(f"{HOME}/lich", {"name": "Gửi lãnh đạo", "day": "31", "recipients": [str(me.id)]})
        assert "Báo cáo đầu tiên lập lúc 06:00 ngày 30/11/2026" in page.text and "06:00 30/11/2026" in page.text and me.name in page.text
        with app.database.read() as session:
            ident = session.scalars(select(ReportPlan.id)).one()
        assert "đã dừng" in admin.post(f"{HOME}/lich/{ident}").text
        assert "đã dừng" not in admin.post(f"{HOME}/lich/{ident}", {"active": "true"}).text
        with app.database.read() as session:
            assert len(audit.listed(session, "report_scheduled")) == 3

    @pytest.mark.parametrize(("form", "said"), [({"day": "32"}, "từ 1 đến 31"), ({"day": "x"}, "từ 1 đến 31"),
                                                ({"recipients": ["999"]}, "không được xem báo cáo"),
                                                ({"name": ""}, "Hãy đặt tên")])
    def test_a_wrong_form_comes_back_open(self, app, form, said):
        page = signed_in(app, "administrator").post(f"{HOME}/lich", {"name": "Gửi lãnh đạo", "day": "1", **form})
        assert page.status_code == 400 and said in page.text and "<details open>" in page.text

    def test_an_author_cannot_be_sent_a_report(self, app):
        admin, author = signed_in(app, "administrator"), signed_in(app, "author")
        with app.database.read() as session:
            ident = next(one.id for one in staff.everybody(session) if one.role == "author")
        assert "không được xem báo cáo" in admin.post(f"{HOME}/lich", {"name": "Gửi lãnh đạo", "day": "1", "recipients": [str(ident)]}).text
        assert author.get(HOME).status_code == 403

    def test_an_officer_sees_the_plans_and_changes_none(self, app):
        admin, officer = signed_in(app, "administrator"), signed_in(app, "officer")
        admin.post(f"{HOME}/lich", {"name": "Gửi lãnh đạo", "day": "1"})
        page = officer.get(HOME).text
        assert "Gửi lãnh đạo" in page and "Đặt lịch mới" not in page
        assert officer.post(f"{HOME}/lich/1").status_code == 403

    def test_the_workers_tick_orders_and_makes(self, app):
        import asyncio

        from bot.worker import Worker

        admin = signed_in(app, "administrator")
        admin.post(f"{HOME}/lich", {"name": "Gửi lãnh đạo", "day": "1"})
        app.clock.at = at(2026, 12, 1, 6, 1)
        workers = [Worker(app, []) for _ in range(2)]
        assert sorted([asyncio.run(one.report()) for one in workers]) == [0, 1]
        app.clock.forward(minutes=30)
        assert asyncio.run(workers[0].report()) == 0
        with app.database.read() as session:
            row = session.scalars(select(ReportOrder)).one()
            assert (row.name, row.state, row.made_at) == ("Gửi lãnh đạo, tháng 11/2026", "done", app.clock() - timedelta(minutes=30))
            assert schedule.next_at(session.scalars(select(ReportPlan)).one(), app.clock()) == at(2027, 1, 1, 6)
