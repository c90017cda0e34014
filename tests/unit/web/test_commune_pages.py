"""Pages of communes, open tables and quality: what administrators, writers and officers see and do there."""

import io
import re

import openpyxl
import pytest

from bot import places
from bot.services import catalogue, communes, corrective, opendata, quality
from bot.store.tables import Rating
from tests.factories import ROOT
from tests.small_course import publish, small
from tests.unit.web.staff_pages import app_on, signed_in

NAME = "Phường Hoa Lư"
CODE = places.code_of(NAME)
OTHER = places.code_of("Xã Vũ Dương")
FULL = {"name": NAME, "address": "Số 1 đường Một", "source": "Trang của phường", "checked_on": "2026-11-20"}
CSV, YML = ((opendata.SHIPPED / f"lang-nghe.{kind}").read_bytes() for kind in ("csv", "yml"))


@pytest.fixture
def app(database, tmp_path):
    app = app_on(database, tmp_path, telegram_name="bot_thu")
    with database.write() as session:
        publish(session, tmp_path / "courses", small("khoa-1", title="Chuyện số một"))
    yield app
    places.know(places.shipped())


class TestCommunes:
    def test_contacts_are_kept_shown_and_told(self, app):
        admin = signed_in(app, "administrator")
        assert "0 nơi có thông tin liên hệ" in admin.get("/admin/xa-phuong").text
        assert "Đã lưu" in admin.post(f"/admin/xa-phuong/{CODE}", FULL).text
        assert "1 nơi có thông tin liên hệ" in admin.get("/admin/xa-phuong").text
        refused = admin.post(f"/admin/xa-phuong/{CODE}", {**FULL, "site": "https://lua-dao.com"})
        assert refused.status_code == 400 and ".gov.vn" in refused.text and 'value="https://lua-dao.com"' in refused.text
        assert "Số 1 đường Một" in signed_in(app, "author").get(f"/admin/xa-phuong/{CODE}").text

    def test_a_new_name_and_a_new_unit_are_known_without_a_restart(self, app):
        admin = signed_in(app, "administrator")
        admin.post(f"/admin/xa-phuong/{CODE}", {**FULL, "name": "Phường Cố Đô"})
        assert places.find("phường Hoa Lư").communes == ("Phường Cố Đô",)
        added = admin.post("/admin/xa-phuong/moi", {"code": "99001", "name": "Xã Bến Mới", "formerly": "Xã Bến Cũ"})
        assert "Xã Bến Mới" in added.text and places.by_code("99001") == "Xã Bến Mới"
        assert admin.post("/admin/xa-phuong/moi", {"code": "99001", "name": "Xã Khác"}).status_code == 400
        assert "Tên cũ từ nay dẫn" in admin.post("/admin/xa-phuong/99001/sap-nhap", {"into": OTHER}).text
        assert places.find("xã Bến Cũ").communes == ("Xã Vũ Dương",)
        assert admin.get("/admin/xa-phuong/99001").status_code == 404
        assert "Xã, phường" in admin.get("/admin/nhat-ky").text

    def test_an_officer_of_one_commune_sees_no_other(self, app):
        officer = signed_in(app, "officer", (NAME,))
        listed = officer.get("/admin/xa-phuong").text
        assert NAME in listed and "Xã Vũ Dương" not in listed
        assert officer.get(f"/admin/xa-phuong/{CODE}").status_code == 200
        assert [officer.get(f"/admin/xa-phuong/{OTHER}{path}").status_code for path in ("", "/to-dan-a4.pdf")] == [404, 404]
        assert officer.post(f"/admin/xa-phuong/{CODE}", FULL).status_code == 403
        bound = signed_in(app, "administrator", (NAME,))
        assert bound.post("/admin/xa-phuong/moi", {"code": "99001", "name": "Xã Bến Mới"}).status_code == 403

    def test_posters_come_as_pdf_and_openings_are_shown(self, app):
        viewer = signed_in(app, "officer")
        for path in (f"{CODE}/to-dan-a4.pdf", f"{CODE}/to-dan-a5.pdf?kenh=telegram", "khoa-hoc/khoa-1/to-dan-a4.pdf"):
            answer = viewer.client.get(f"/admin/xa-phuong/{path}")
            assert (answer.headers["content-type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
        for path in (f"{CODE}/to-dan-a3.pdf", f"{CODE}/to-dan-a4.pdf?kenh=zalo", "khoa-hoc/khong-co/to-dan-a4.pdf", "1/to-dan-a4.pdf"):
            assert viewer.get(f"/admin/xa-phuong/{path}").status_code == 404
        with app.database.write() as session:
            for start in (f"x-{CODE}", f"x-{CODE}", "c-khoa-1"):
                communes.opened(session, start, "web", app.clock())
        page = viewer.get("/admin/xa-phuong", tim="hoa lu").text
        assert re.search(rf"{CODE}</span>.*?<td class=\"n\">2</td>", page, re.S) and re.search(r"Chuyện số một</th><td class=\"n\">1</td>", page)
        assert "Xã Vũ Dương" not in page


class TestOpenTables:
    def upload(self, browser, csv=CSV, yml=YML):
        return browser.post("/admin/du-lieu-mo", files={"described": ("m.yml", yml), "sheet": ("d.csv", csv)})

    def test_one_uploads_another_publishes_and_the_chat_answers(self, app):
        author, approver = signed_in(app, "author"), signed_in(app, "approver")
        assert "Một người duyệt khác" in self.upload(author).text
        assert app.opendata.tables() == ()
        page = approver.get("/admin/du-lieu-mo/1", cau="làng đúc đồng, làng nghề nào").text
        assert "Tống Xá: đúc đồng" in page and "Công bố" in page
        assert "đang dùng" in approver.post("/admin/du-lieu-mo/1/cong-bo").text
        assert app.opendata.table("lang-nghe") is not None
        assert author.post("/admin/du-lieu-mo/1/go").status_code == 403
        assert "đã gỡ" in approver.post("/admin/du-lieu-mo/1/go").text and app.opendata.tables() == ()

    def test_every_fault_is_shown_and_nothing_is_taken(self, app):
        author = signed_in(app, "author")
        page = self.upload(author, CSV + "thừa\n,,x,,y,\n".encode())
        assert page.status_code == 400 and "Còn 2 chỗ phải sửa" in page.text and "Dòng 10" in page.text and "Dòng 11" in page.text
        assert self.upload(author, yml="a: {").status_code == 400 and "Chưa có bảng nào" in author.get("/admin/du-lieu-mo").text
        assert author.post("/admin/du-lieu-mo").status_code == 400

    def test_who_uploads_does_not_publish(self, app):
        approver = signed_in(app, "approver")
        self.upload(approver)
        assert "Công bố" not in approver.get("/admin/du-lieu-mo/1").text
        refused = approver.post("/admin/du-lieu-mo/1/cong-bo")
        assert refused.status_code == 400 and "người khác duyệt" in refused.text


class TestQuality:
    @pytest.fixture
    def filled(self, app):
        with app.database.write() as session:
            catalogue.publish_curated(session, ROOT / "procedures", app.clock())
            opendata.publish_shipped(session, opendata.SHIPPED, app.clock())
            quality.note_shipped(session, app.settings, app.clock())
            session.add_all([Rating(day=app.clock().date(), about="answer", key="1.001193", score=1, channel="web") for _ in range(3)])
            session.flush()
            corrective.look(session, app.clock())
        return app

    def test_the_register_is_filtered_and_exported(self, filled):
        approver = signed_in(filled, "approver")
        page = approver.get("/admin/chat-luong", tim="lang nghe", loai="data").text
        assert "Làng nghề truyền thống" in page and re.search(r"1 trong \d+ tài liệu", page)
        book = openpyxl.load_workbook(io.BytesIO(approver.client.get("/admin/chat-luong/danh-muc.xlsx").content))
        rows = list(book["danh-muc"].iter_rows(values_only=True))
        changes = list(book["lich-su"].iter_rows(values_only=True))
        assert changes[0] == ("Mã", "Tài liệu", "Ngày", "Phiên bản", "Người soạn", "Người duyệt", "Ghi chú")
        assert {row[0] for row in changes[1:]} >= {"data:lang-nghe", "reply:ticket", "course:khoa-1"}
        with filled.database.read() as session:
            assert len(rows) == 1 + len(quality.register(session))
        assert rows[0][:3] == ("Mã", "Loại", "Tài liệu") and {"procedure:1.001193", "data:lang-nghe"} <= {row[0] for row in rows}
        assert signed_in(filled, "viewer").get("/admin/chat-luong/danh-muc.xlsx").status_code == 403

    def test_a_document_gets_an_owner_and_a_confirmation(self, filled):
        approver = signed_in(filled, "approver")
        page = approver.get("/admin/chat-luong/tai-lieu/reply:ticket").text
        ident = re.search(r'<option value="(\d+)"', page).group(1)
        assert "Đã lưu người phụ trách" in approver.post("/admin/chat-luong/tai-lieu/reply:ticket", {"owner_id": ident, "review_on": "2027-03-01"}).text
        assert "01/03/2027" in approver.get("/admin/chat-luong/tai-lieu/reply:ticket").text
        assert "Đã ghi bạn xác nhận" in approver.post("/admin/chat-luong/tai-lieu/reply:ticket/xac-nhan").text
        assert approver.post("/admin/chat-luong/tai-lieu/reply:ticket", {"review_on": "hôm nay"}).status_code == 400
        assert approver.get("/admin/chat-luong/tai-lieu/reply:x").status_code == 404

    def test_a_corrective_action_is_worked_by_one_and_closed_by_another(self, filled):
        officer, approver = signed_in(filled, "officer"), signed_in(filled, "approver")
        page = officer.get("/admin/chat-luong/khac-phuc/1").text
        assert "Người dân chấm điểm thấp" in page and "Xác nhận kết quả" not in page
        mine = re.search(r'<option value="(\d+)">Người officer', page).group(1)
        form = {"owner_id": mine, "due_on": "2026-12-01", "cause": "Thiếu một trường hợp", "remedy": "Đã thêm trường hợp ấy", "done": "true"}
        assert officer.post("/admin/chat-luong/khac-phuc/1", {**form, "cause": ""}).status_code == 400
        assert "Một người khác xem kết quả" in officer.post("/admin/chat-luong/khac-phuc/1", form).text
        assert "Xác nhận kết quả" not in officer.get("/admin/chat-luong/khac-phuc/1").text
        filled.clock.forward(minutes=20)
        assert officer.post("/admin/chat-luong/khac-phuc/1/xac-nhan", {"effective": "co", "remark": "Điểm đã tăng lên"}).status_code == 400
        assert approver.post("/admin/chat-luong/khac-phuc/1/xac-nhan", {"effective": "", "remark": "Điểm đã tăng lên"}).status_code == 400
        filled.clock.forward(minutes=30)
        early = approver.post("/admin/chat-luong/khac-phuc/1/xac-nhan", {"effective": "co", "remark": "Điểm đã tăng lên"})
        assert early.status_code == 400 and "phải qua 3 ngày" in early.text and "Khép được từ" in approver.get("/admin/chat-luong/khac-phuc/1").text
        filled.clock.forward(days=3)
        officer, approver = signed_in(filled, "officer"), signed_in(filled, "approver")
        assert "Đã khép" in approver.post("/admin/chat-luong/khac-phuc/1/xac-nhan", {"effective": "co", "remark": "Điểm đã tăng lên"}).text
        assert "đã khép" in approver.get("/admin/chat-luong/khac-phuc").text
        assert signed_in(filled, "viewer").post("/admin/chat-luong/khac-phuc/1", form).status_code == 403
