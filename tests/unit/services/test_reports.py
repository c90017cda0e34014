"""Reports: files that say what the tables say, made once, on their day, however many workers look and whenever."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from bot.clock import ZONE
from bot.config import Settings
from bot.errors import Refusal
from bot.services import audit, learn, outbox, staff
from bot.services.figures.periods import Filter, Period
from bot.services.figures.table import FEW, KEPT, Column, Table
from bot.services.reports import areas, orders, paper, rows, schedule, sheet
from bot.services.reports.sheet import Sheet
from bot.services.staff import Who
from bot.store.tables import Asked, Citizen, MessageSent, Outbound, Rating, ReportOrder, Staff
from tests.factories import TUESDAY_TEN, FrozenClock, talk_of
from tests.small_course import answer, finish, publish, small

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
KEY = b"k" * 32
FORMULA = "=HYPERLINK(\"http://xau.example\")"


@pytest.fixture
def settings(tmp_path):
    return Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/var/bot.db", public_url="https://bot.example", secret_key="k" * 32)


@pytest.fixture
def admin(database) -> Who:
    return member(database, "quan.tri", "administrator")


def member(database, login: str, role: str, communes: tuple[str, ...] = ()) -> Who:
    with database.write() as session:
        row = staff.add(session, login, f"Người {login}", "con trâu đi trước cái cày", role, communes, TUESDAY_TEN)
        return Who(row.id, row.login, row.name, row.role, communes, "", "")


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


TABLE = Table("theo-xa", "Theo xã", (Column("a", "Xã", "text"), Column("b", "Người"), Column("c", "Đạt", "percent"), Column("d", "Từ ngày", "day")),
              (("Phường Hoa Lư", 1234, 71.44, date(2026, 11, 2)), (FORMULA, FEW, KEPT, None), ("+84", 0, 0.0, None)), "Ghi chú.",
              (("Đạt", "số người đạt."),))


class TestCsv:
    def read(self, *tables: Table) -> list[list[str]]:
        data = b"".join(sheet.as_csv([Sheet.of(t) for t in tables]))
        assert data.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))

    def test_headings_have_units_and_hidden_cells_their_marks(self):
        assert self.read(TABLE) == [["Xã", "Người", "Đạt (%)", "Từ ngày"], ["Phường Hoa Lư", "1234", "71.44", "2026-11-02"],
                                    [f"'{FORMULA}", "<5", "ẩn", ""], ["'+84", "0", "0.0", ""]]

    def test_several_tables_stand_one_below_the_other(self):
        lines = self.read(TABLE, TABLE)
        assert [line for line in lines if len(line) == 1] == [["Theo xã"], ["Theo xã"]] and lines.count([]) == 1

    def test_rows_are_asked_for_only_as_the_file_is_read(self):
        taken = []

        def endless():
            while True:
                taken.append(1)
                yield ("Phường Hoa Lư", 1, 2.0, None)

        pieces = sheet.as_csv([Sheet("x", "X", TABLE.columns, endless())])
        assert len(next(pieces)) < 2 * sheet.CHUNK
        first = len(taken)
        next(pieces)
        assert 1.5 * first < len(taken) < 2.5 * first


class TestXlsx:
    def book(self, *sheets: Sheet):
        out = io.BytesIO()
        count = sheet.write_xlsx(sheets, out)
        return count, load_workbook(io.BytesIO(out.getvalue()))

    def test_numbers_stay_numbers_and_formulas_become_text(self):
        count, book = self.book(Sheet.of(TABLE))
        found = book["theo-xa"]
        assert count == 3 and [c.value for c in found[1]] == ["Xã", "Người", "Đạt (%)", "Từ ngày"]
        assert [c.value for c in found[2]] == ["Phường Hoa Lư", 1234, 71.44, datetime(2026, 11, 2)]
        assert found["B2"].number_format == "#,##0" and found["D2"].number_format == "dd/mm/yyyy"
        assert [c.value for c in found[3]] == [f"'{FORMULA}", "<5", "ẩn", None] and found["A3"].data_type == "s"
        assert found.cell(6, 1).value == "Ghi chú. Đạt: số người đạt."

    def test_one_sheet_a_table_and_another_when_one_is_full(self, monkeypatch):
        monkeypatch.setattr(sheet, "ROWS_A_SHEET", 2)
        long = Sheet("dai", "Dài", (Column("a", "Số"),), ((n,) for n in range(5)))
        count, book = self.book(long, Sheet.of(TABLE))
        assert count == 8 and book.sheetnames == ["dai", "dai-2", "dai-3", "theo-xa", "theo-xa-2"]
        assert [c.value for name in ("dai", "dai-2", "dai-3") for row in book[name].iter_rows(min_row=2) for c in row] == list(range(5))

    def test_characters_excel_cannot_hold_are_left_out(self):
        _, book = self.book(Sheet("x", "X", (Column("a", "Chữ", "text"),), (("a\x00b\x0bc",),)))
        assert book["x"]["A2"].value == "abc"


class TestPaper:
    def report(self, *tables: Table) -> PdfReader:
        made = paper.Report("Báo cáo tháng 11", "Ninh Bình", NOVEMBER, ("Phường Hoa Lư",), TUESDAY_TEN, (paper.Part("Tổng quan", tables),))
        return PdfReader(io.BytesIO(paper.write(made)))

    def test_cover_tables_definitions_remarks_and_page_numbers(self):
        found = self.report(TABLE)
        text = [" ".join(page.extract_text().split()) for page in found.pages]
        assert "Kỳ báo cáo: 01/11/2026 – 30/11/2026" in text[0] and "Phạm vi: Phường Hoa Lư" in text[0] and "10:00 ngày 24/11/2026" in text[0]
        assert "1.234" in text[1] and "71,4 %" in text[1] and "02/11/2026" in text[1] and "Đạt: số người đạt." in text[1]
        assert "dưới năm người" in text[2]
        assert [t.endswith(f"Trang {n}/3") for n, t in enumerate(text, 1)] == [True] * 3

    def test_headings_are_in_the_outline_and_tagged_for_screen_readers(self):
        found = self.report(TABLE)
        assert [one["/Title"] if isinstance(one, dict) else [x["/Title"] for x in one] for one in found.outline] == [
            "Tổng quan", ["Theo xã"], "Về chất lượng số liệu"]
        document = found.trailer["/Root"]["/StructTreeRoot"]["/K"][0].get_object()
        assert [k.get_object()["/S"] for k in document["/K"]] == ["/H1", "/H2", "/H1"]
        assert found.trailer["/Root"]["/Lang"] == "vi"

    def test_hiding_is_explained_only_where_something_is_hidden(self):
        plain = Table("a", "A", (Column("a", "Xã", "text"), Column("b", "Người")), (("X", 9),))
        assert "dưới năm người" not in self.report(plain).pages[-1].extract_text()

    def test_a_wide_table_is_cut_into_grids_with_its_first_column_in_each(self):
        wide = Table("w", "Rộng", (Column("a", "Xã", "text"), *(Column(f"c{n}", f"Cột {n}") for n in range(20))),
                     (("Phường Hoa Lư", *range(100, 120)),))
        text = " ".join(self.report(wide).pages[1].extract_text().split())
        assert text.count("Phường Hoa Lư") == 3 and all(str(n) in text for n in range(100, 120))

    def test_a_very_long_table_is_cut_and_says_so(self):
        long = Table("l", "Dài", (Column("a", "Xã", "text"), Column("b", "Người")), (*((f"Xã số {n}", n) for n in range(900)), ("Tất cả", 7777)), totals=True)
        text = " ".join(page.extract_text() for page in self.report(long).pages)
        assert "Xã số 198" in text and "Xã số 199" not in text and "7.777" in text and "bản XLSX có đủ 901 dòng" in text

    def test_every_real_table_can_be_printed(self, database, tmp_path):
        flt = Filter(NOVEMBER)
        with database.write() as session:
            happened(session, tmp_path)
            parts = [paper.Part(area.title, area.tables(session, flt, TUESDAY_TEN)) for area in areas.ALL]
        made = paper.Report("Báo cáo", "Ninh Bình", NOVEMBER, (), TUESDAY_TEN, parts)
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.write(made))).pages)
        for part in parts:
            for table in part.tables:
                assert table.title in text


def happened(session, tmp_path) -> str:
    """A little of everything in Phường Hoa Lư and elsewhere; the pseudonym of the learner."""
    publish(session, tmp_path / "courses", small(), small("khoa-hai"))
    talks = [talk_of(session, f"somebody-{n}-0123", "telegram" if n else "web", consent=("learning", "reminders")) for n in range(2)]
    for talk, commune in zip(talks, ("Phường Hoa Lư", "Phường Nam Định"), strict=True):
        session.get_one(Citizen, talk.citizen_id).commune = commune
    first = learn.enrol(session, talks[0].learner_id, "khoa-nho", TUESDAY_TEN)[0]
    answer(session, first, right=False)
    answer(session, first, right=True)
    finish(session, learn.enrol(session, talks[1].learner_id, "khoa-hai", TUESDAY_TEN)[0])
    for n, (commune, decision) in enumerate((("Phường Hoa Lư", "answer"), ("Phường Nam Định", "none"), (None, "clarify"))):
        session.add(Asked(at=TUESDAY_TEN + timedelta(hours=n), day=date(2026, 11, 24), channel="web", intent="ask_fee", aspect="fee", decision=decision,
                          procedure_code=None, text="lời riêng của dân", commune=commune))
        session.add(MessageSent(day=date(2026, 11, 24), kind="reminder", channel="web", commune=commune, sent_at=TUESDAY_TEN,
                                answered_at=TUESDAY_TEN + timedelta(minutes=n) if n else None, conversation_id=talks[0].id))
        session.add(Rating(day=date(2026, 11, 24), about="answer", key="1.001", score=n + 1, channel="web", commune=commune))
    session.add(Asked(at=TUESDAY_TEN - timedelta(days=90), day=date(2026, 8, 26), channel="web", intent="x", aspect="fee", decision="none"))
    session.flush()
    return str(first.learner_id)


def lines(session, key: str, flt: Filter) -> list[tuple]:
    return list(rows.called(key).sheet(session, KEY, flt).rows)


class TestRows:
    @pytest.mark.parametrize(("key", "everywhere", "here"), [("ghi-danh", 2, 1), ("hoi-dap", 3, 1), ("tin-da-gui", 3, 1), ("danh-gia", 3, 1)])
    def test_a_period_and_a_commune_are_kept_to(self, database, tmp_path, key, everywhere, here):
        with database.write() as session:
            happened(session, tmp_path)
            for flt, count in ((Filter(NOVEMBER), everywhere), (Filter(NOVEMBER, ("Phường Hoa Lư",)), here), (Filter(NOVEMBER.before), 0)):
                assert len(lines(session, key, flt)) == count == rows.called(key).count(session, flt), flt

    def test_answers_of_a_course_with_their_result(self, database, tmp_path):
        with database.write() as session:
            happened(session, tmp_path)
            flt = Filter(NOVEMBER, course="khoa-nho")
            found = lines(session, "tra-loi-cau-hoi", flt)
            assert [(row[2], row[3], row[8]) for row in found] == [("khoa-nho", "Khóa khoa-nho", "sai"), ("khoa-nho", "Khóa khoa-nho", "đúng")]
            assert len(lines(session, "tra-loi-cau-hoi", Filter(NOVEMBER))) > len(found)

    def test_lines_are_as_wide_as_their_headings_and_hold_nobodys_words_or_ids(self, database, tmp_path):
        with database.write() as session:
            happened(session, tmp_path)
            talk = talk_of(session, "somebody-0-0123")
            for raw in rows.ALL:
                for row in raw.sheet(session, KEY, Filter(NOVEMBER)).rows:
                    assert len(row) == len(raw.columns), raw.key
                    assert "lời riêng" not in str(row) and talk.id not in str(row) and "somebody" not in str(row)
            assert [row[6] for row in lines(session, "tin-da-gui", Filter(NOVEMBER))] == [None, 1, 2]

    def test_the_hour_is_the_provinces(self, database):
        with database.write() as session:
            session.add(Asked(at=at(2026, 11, 30, 23, 59).astimezone(UTC), day=date(2026, 11, 30), channel="web", intent="x", aspect="fee", decision="none"))
            session.flush()
            assert lines(session, "hoi-dap", Filter(NOVEMBER))[0][:2] == (date(2026, 11, 30), 23)


class TestOrders:
    def test_it_is_made_once_and_can_be_read(self, database, settings, admin, tmp_path):
        with database.write() as session:
            happened(session, tmp_path)
            made = orders.order(session, admin, " Báo cáo  tháng 11 ", NOVEMBER, [], TUESDAY_TEN).id
        assert orders.make(database, settings, lambda: TUESDAY_TEN) is True
        assert orders.make(database, settings, lambda: TUESDAY_TEN) is False
        with database.read() as session:
            row = session.get_one(ReportOrder, made)
            path = orders.file_of(settings, row)
            assert (row.state, row.name, row.size) == ("done", "Báo cáo tháng 11", path.stat().st_size)
            assert "Báo cáo tháng 11" in PdfReader(path).pages[0].extract_text()
            assert path.stat().st_mode & 0o077 == 0 and list(path.parent.iterdir()) == [path]

    def test_a_report_says_what_its_commune_says(self, database, settings, admin, tmp_path):
        with database.write() as session:
            happened(session, tmp_path)
            orders.order(session, admin, "Một phường", NOVEMBER, ["Phường Hoa Lư"], TUESDAY_TEN)
        orders.make(database, settings, lambda: TUESDAY_TEN)
        with database.read() as session:
            text = " ".join(page.extract_text() for page in PdfReader(orders.file_of(settings, session.scalars(select(ReportOrder)).one())).pages)
        assert "Phạm vi: Phường Hoa Lư" in text and "Phường Nam Định" not in text

    def test_two_workers_make_it_once(self, database, admin):
        with database.write() as session:
            orders.order(session, admin, "Báo cáo", NOVEMBER, [], TUESDAY_TEN)
        with database.write() as session:
            assert orders.claim(session, TUESDAY_TEN) is not None
        with database.write() as session:
            assert orders.claim(session, TUESDAY_TEN + orders.LEASE) is None
            assert orders.claim(session, TUESDAY_TEN + orders.LEASE + timedelta(seconds=1)).attempts == 2

    def test_what_goes_wrong_is_tried_three_times_and_then_told(self, database, settings, admin, monkeypatch):
        with database.write() as session:
            orders.order(session, admin, "Báo cáo", NOVEMBER, [], TUESDAY_TEN)
        (settings.var / "reports").parent.mkdir(parents=True, exist_ok=True)
        (settings.var / "reports").write_text("a file where the folder should be")
        clock = FrozenClock()
        for tries in range(1, 4):
            assert orders.make(database, settings, clock) is True
            assert orders.make(database, settings, clock) is False  # not at once again
            clock.forward(minutes=1)
            with database.read() as session:
                row = session.scalars(select(ReportOrder)).one()
            assert (row.attempts, row.state, row.error) == (tries, "failed" if tries == 3 else "waiting", "FileExistsError")
        with pytest.raises(Refusal):
            orders.file_of(settings, row)

    def test_nobody_orders_more_than_a_few_at_once(self, database, admin):
        with database.write() as session:
            for _ in range(orders.MOST_WAITING):
                orders.order(session, admin, "Báo cáo", NOVEMBER, [], TUESDAY_TEN)
            with pytest.raises(Refusal, match="đang có 5 báo cáo chờ"):
                orders.order(session, admin, "Báo cáo", NOVEMBER, [], TUESDAY_TEN)

    def test_who_is_bound_to_communes_orders_and_sees_those_only(self, database, admin):
        bound = member(database, "can.bo", "officer", ("Phường Hoa Lư", "Phường Nam Định"))
        with database.write() as session:
            whole = orders.order(session, admin, "Cả tỉnh", NOVEMBER, [], TUESDAY_TEN)
            other = orders.order(session, admin, "Nơi khác", NOVEMBER, ["Phường Phủ Lý"], TUESDAY_TEN)
            own = orders.order(session, bound, "Của tôi", NOVEMBER, [], TUESDAY_TEN)
            assert own.communes == ["Phường Hoa Lư", "Phường Nam Định"]
            with pytest.raises(Refusal):
                orders.order(session, bound, "Nơi khác", NOVEMBER, ["Phường Phủ Lý"], TUESDAY_TEN)
            assert [one.name for one in orders.listed(session, bound)] == ["Của tôi"]
            assert [one.name for one in orders.listed(session, admin)] == ["Của tôi", "Nơi khác", "Cả tỉnh"]
            assert [orders.found(session, bound, one.id) is not None for one in (whole, other, own)] == [False, False, True]

    def test_files_go_after_their_time_and_no_month_comes_anew(self, database, settings, admin):
        with database.write() as session:
            schedule.plan(session, admin, "Hằng tháng", [], 1, [], at(2026, 11, 20))
        now = at(2026, 12, 1, 7)
        with database.write() as session:
            assert schedule.due(session, now) == 1
        orders.make(database, settings, lambda: now)
        later = now + orders.KEEP + timedelta(days=1)
        with database.write() as session:
            path = orders.file_of(settings, session.scalars(select(ReportOrder)).one())
            assert orders.clean(session, settings, later - timedelta(days=2)) == 0 and path.exists()
            assert orders.clean(session, settings, later) == 1 and not path.exists()
            schedule.due(session, later)
            assert [one.period for one in session.scalars(select(ReportOrder).order_by(ReportOrder.id))].count("2026-11") == 1


class TestSchedule:
    @pytest.mark.parametrize(("day", "year", "month", "expected"), [
        (1, 2026, 12, (2026, 12, 1)), (31, 2026, 12, (2026, 12, 31)), (31, 2026, 11, (2026, 11, 30)), (31, 2027, 2, (2027, 2, 28)),
        (29, 2027, 2, (2027, 2, 28)), (29, 2028, 2, (2028, 2, 29)), (30, 2028, 2, (2028, 2, 29))])
    def test_a_day_a_month_does_not_have_is_its_last(self, day, year, month, expected):
        assert schedule.due_in(day, year, month) == at(*expected, 6)

    def ordered(self, database, now) -> list[tuple[str, str, str]]:
        """What is ordered by then: (period, first day, last day)."""
        with database.write() as session:
            schedule.due(session, now)
            return [(r.period, r.first_day, r.last_day) for r in session.scalars(select(ReportOrder).order_by(ReportOrder.period))]

    def planned(self, database, admin, day=31, now=at(2026, 11, 20), recipients=()):
        with database.write() as session:
            return schedule.plan(session, admin, "Báo cáo tháng", [], day, recipients, now).id

    def test_on_its_day_at_six_and_not_a_minute_before(self, database, admin):
        self.planned(database, admin)
        assert self.ordered(database, at(2026, 11, 30, 5, 59)) == []
        assert self.ordered(database, at(2026, 11, 30, 6)) == [("2026-10", "2026-10-01", "2026-10-31")]
        assert len(self.ordered(database, at(2026, 12, 31, 5, 59))) == 1
        assert self.ordered(database, at(2026, 12, 31, 6))[1:] == [("2026-11", "2026-11-01", "2026-11-30")]

    def test_the_end_of_february_and_the_turn_of_the_year(self, database, admin):
        self.planned(database, admin, day=30, now=at(2026, 12, 31))
        assert self.ordered(database, at(2027, 2, 28, 6)) == [("2026-12", "2026-12-01", "2026-12-31"), ("2027-01", "2027-01-01", "2027-01-31")]
        assert self.ordered(database, at(2027, 3, 30, 6))[2] == ("2027-02", "2027-02-01", "2027-02-28")

    def test_months_nobody_looked_at_are_made_up_each_once(self, database, admin):
        self.planned(database, admin, day=1)
        missed = ["2026-11", "2026-12", "2027-01"]
        for _ in range(3):
            assert [p for p, *_ in self.ordered(database, at(2027, 2, 15))] == missed

    def test_any_number_of_workers_orders_a_month_once(self, database, admin):
        self.planned(database, admin, day=1)
        now = at(2026, 12, 1, 6)
        with database.read() as session:
            row = schedule.listed(session, admin)[0]
        # both have looked before either has ordered
        with database.write() as session:
            assert schedule._ordered(session, row, "2026-11", NOVEMBER, now) == 1
        with database.write() as session:
            assert schedule._ordered(session, row, "2026-11", NOVEMBER, now) == 0
        assert len(self.ordered(database, now)) == 1

    def test_nothing_from_before_it_was_made_or_while_it_rested(self, database, admin):
        ident = self.planned(database, admin, day=20, now=at(2026, 11, 20, 7))
        assert self.ordered(database, at(2026, 11, 21)) == []
        with database.write() as session:
            schedule.switch(session, admin, ident, False, at(2026, 12, 1))
        assert self.ordered(database, at(2027, 1, 25)) == []
        with database.write() as session:
            schedule.switch(session, admin, ident, True, at(2027, 2, 1))
        assert [p for p, *_ in self.ordered(database, at(2027, 2, 25))] == ["2027-01"]

    @pytest.mark.parametrize(("now", "expected"), [(at(2026, 11, 20), at(2026, 11, 30, 6)), (at(2026, 11, 30, 6), at(2026, 12, 31, 6)),
                                                   (at(2027, 1, 31, 7), at(2027, 2, 28, 6))])
    def test_the_next_time_is_told(self, database, admin, now, expected):
        self.planned(database, admin)
        with database.read() as session:
            assert schedule.next_at(schedule.listed(session, admin)[0], now) == expected

    def test_those_with_a_phone_get_the_link_once_and_only_who_may_read_it(self, database, settings, admin):
        people = [member(database, f"nguoi{n}", "officer", communes) for n, communes in enumerate([(), (), (), ("Phường Hoa Lư",)])]
        self.planned(database, admin, day=1, recipients=[p.id for p in people[:3]])
        with database.write() as session:
            talk, gone = talk_of(session, "own-phone-0123456", "telegram", consent=("learning",)), talk_of(session, "old-phone-0123456", "telegram")
            session.get_one(Staff, people[0].id).conversation_id = talk.id
            session.get_one(Staff, people[1].id).conversation_id = gone.id  # nothing can be sent there: no address is kept
            session.get_one(Staff, people[3].id).conversation_id = talk.id
        now = at(2026, 12, 1, 6)
        self.ordered(database, now)
        orders.make(database, settings, lambda: now)
        with database.write() as session:
            row = session.scalars(select(ReportOrder)).one()
            message = session.scalars(select(Outbound)).one()
            assert message.kind == "staff_notice" and message.conversation_id == talk.id
            assert f"https://bot.example/admin/bao-cao/{row.id}/tai-ve" in message.body["text"] and "01/11/2026 – 30/11/2026" in message.body["text"]
            # made anew after a crash between file and commit: nobody is told twice
            row.state = "working"
            orders.done(session, settings, row.id, "x.pdf", 1, now)
            assert len(session.scalars(select(Outbound)).all()) == 1
            assert [(e.login, e.detail["told"]) for e in audit.listed(session, "report_made")][-1] == ("(máy)", 1)
            # not before the day: it is sent of our own accord
            assert outbox.claim(session, ["telegram"], at(2026, 12, 1, 6, 30)) == []
            assert len(outbox.claim(session, ["telegram"], at(2026, 12, 1, 7, 1))) == 1

    def test_who_left_meanwhile_or_may_read_less_now_is_not_told(self, database, settings, admin):
        people = [member(database, f"nguoi{n}", "officer") for n in range(2)]
        ident = self.planned(database, admin, day=1, recipients=[p.id for p in people])
        with database.write() as session:
            talk = talk_of(session, channel="telegram", consent=("learning",))
            for one in people:
                session.get_one(Staff, one.id).conversation_id = talk.id
            session.get_one(Staff, people[0].id).active = False
            session.get_one(Staff, people[1].id).communes = ["Phường Hoa Lư"]
            session.flush()
            plan = next(one for one in schedule.listed(session, admin) if one.id == ident)
            assert orders.reachable(session, plan) == []

    @pytest.mark.parametrize("change", [{"day": 0}, {"day": 32}, {"recipients": [999]}, {"name": "x"}])
    def test_what_cannot_be_planned_is_refused(self, database, admin, change):
        given = {"name": "Báo cáo", "communes": [], "day": 1, "recipients": [], **change}
        with database.write() as session, pytest.raises(Refusal):
            schedule.plan(session, admin, given["name"], given["communes"], given["day"], given["recipients"], TUESDAY_TEN)

    def test_a_recipient_who_may_not_read_it_is_refused_by_name(self, database, admin):
        bound = member(database, "hoa", "officer", ("Phường Hoa Lư",))
        with database.write() as session:
            with pytest.raises(Refusal, match="Người hoa không được xem"):
                schedule.plan(session, admin, "Báo cáo", [], 1, [bound.id], TUESDAY_TEN)
            assert schedule.plan(session, admin, "Báo cáo", ["Phường Hoa Lư"], 1, [bound.id], TUESDAY_TEN).recipients == [bound.id]
