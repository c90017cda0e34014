"""Keys and receivers on the page of administrators, and the gateway's events coming in."""

import hashlib
import hmac
import json
import re

import pytest
from sqlalchemy import text

from bot.services import dossiers
from bot.systems.dossiers import Dossier
from tests.factories import talk_of
from tests.patience import HTTP_SECONDS
from tests.standins.lgsp import KEY, LgspStandIn
from tests.standins.lgsp import SECRET as LGSP_SECRET
from tests.unit.procedure_desk import SWIFTS, fill, record
from tests.unit.web.staff_pages import Browser, app_on, signed_in

CODE, SECRET = "H40-251120-0007", "khoá sự kiện"


@pytest.fixture
def app(database, tmp_path):
    return app_on(database, tmp_path, webhooks_to_private=True, lgsp_event_secret=SECRET)


class TestPage:
    def test_a_key_is_shown_once_works_and_ends(self, app):
        admin = signed_in(app, "administrator")
        page = admin.post("/admin/ket-noi/khoa", {"name": "Cổng tỉnh", "scopes": ["courses"], "per_minute": "5"})
        key = re.search(r"tlcds_[\w-]+", page.text).group(0)
        assert key not in admin.get("/admin/ket-noi").text and "Cổng tỉnh" in admin.get("/admin/ket-noi").text
        assert Browser(app).client.get("/api/v1/courses", headers={"X-API-Key": key}).status_code == 200
        ident = re.search(r"/admin/ket-noi/khoa/(\d+)/thu-hoi", admin.get("/admin/ket-noi").text).group(1)
        assert "Đã thu hồi" in admin.post(f"/admin/ket-noi/khoa/{ident}/thu-hoi").text
        assert Browser(app).client.get("/api/v1/courses", headers={"X-API-Key": key}).status_code == 401
        assert "không còn" in admin.post(f"/admin/ket-noi/khoa/{ident}/thu-hoi").text or "đã thu hồi" in admin.post(f"/admin/ket-noi/khoa/{ident}/thu-hoi").text

    @pytest.mark.parametrize("form, said", [({"name": "x"}, "từ 2 đến 80"), ({"scopes": []}, "ít nhất một quyền"), ({"per_minute": "0"}, "từ 1 đến 6000"),
                                            ({"scopes": ["root"]}, "ít nhất một quyền")])
    def test_a_wrong_form_says_so_and_makes_nothing(self, app, form, said):
        admin = signed_in(app, "administrator")
        page = admin.post("/admin/ket-noi/khoa", {"name": "Cổng", "scopes": ["ask"], "per_minute": "5", **form})
        assert page.status_code == 400 and said in page.text
        with app.database.read() as session:
            assert session.execute(text("SELECT count(*) FROM api_keys")).scalar() == 0

    def test_a_receiver_gets_a_test_event_and_can_be_switched_off(self, app):
        admin = signed_in(app, "administrator")
        page = admin.post("/admin/ket-noi/noi-nhan", {"name": "SOC", "url": "http://127.0.0.1:9/hook", "kinds": ["incident", "ping"]})
        assert "chỉ hiện ở đây lần này" in page.text and "Thử kết nối" in page.text
        ident = re.search(r"/noi-nhan/(\d+)/tat", page.text).group(1)
        assert f"/noi-nhan/{ident}/bat" in admin.post(f"/admin/ket-noi/noi-nhan/{ident}/tat").text
        assert admin.post(f"/admin/ket-noi/noi-nhan/{ident}/xoa").status_code == 400
        assert admin.post("/admin/ket-noi/su-kien/999/gui-lai").status_code == 400
        log = admin.get("/admin/nhat-ky").text
        assert log.count("Nơi nhận sự kiện") >= 2

    def test_a_wrong_field_is_marked_in_its_own_form(self, app):
        admin = signed_in(app, "administrator")
        page = admin.post("/admin/ket-noi/noi-nhan", {"name": "x", "url": "http://127.0.0.1:9/hook", "kinds": ["ping"]})
        (marked,) = re.findall(r'<input id="([a-z_]+)"[^>]*aria-invalid', page.text)
        assert page.status_code == 400 and marked == "receiver"
        assert admin.post("/admin/ket-noi/khoa", {"name": "Cổng", "scopes": ["ask"], "per_minute": ""}).status_code < 500

    def test_addresses_of_our_own_network_are_refused_by_default(self, database, tmp_path):
        admin = signed_in(app_on(database, tmp_path), "administrator")
        page = admin.post("/admin/ket-noi/noi-nhan", {"name": "SOC", "url": "https://127.0.0.1/hook", "kinds": ["ping"]})
        assert page.status_code == 400 and "mạng nội bộ" in page.text and 'value="https://127.0.0.1/hook"' in page.text


class TestCatalogue:
    """The gateway's procedures come like an uploaded file: nothing changes until somebody confirms."""

    @pytest.fixture
    def other(self):
        with LgspStandIn() as found:
            found.catalogue = [record(SWIFTS, "Cấp phép nuôi chim yến"), record("9.000002", "Cấp phép nuôi ong")]
            yield found

    @pytest.fixture
    def approver(self, database, tmp_path, other):
        fill(database)
        return signed_in(app_on(database, tmp_path, lgsp_url=other.url, lgsp_key=KEY, lgsp_secret=LGSP_SECRET, lgsp_timeout_seconds=HTTP_SECONDS), "approver")

    def codes(self, approver) -> set[str]:
        with approver.app.database.read() as session:
            return set(session.scalars(text("SELECT code FROM procedures WHERE origin = 'imported'")))

    def test_the_difference_is_shown_and_then_confirmed(self, approver):
        page = approver.post("/studio/nhap-thu-tuc/tu-truc")
        assert page.status_code == 200 and "Cấp phép nuôi ong" in page.text and "imported:9.000002" not in self.codes(approver)
        mark = re.search(r'name="mark" value="([^"]+)"', page.text).group(1)
        assert "Đã nhập: 1 mới" in approver.post(page.url.path, {"mark": mark}).text
        assert "imported:9.000002" in self.codes(approver)

    @pytest.mark.parametrize("failures", [["malformed"], [503] * 3, ["list"]], ids=str)
    def test_half_a_catalogue_changes_nothing(self, approver, other, failures):
        before = self.codes(approver)
        other.upcoming.extend(failures)
        page = approver.post("/studio/nhap-thu-tuc/tu-truc")
        assert page.status_code == 400 and "chưa lấy được gì" in page.text and self.codes(approver) == before

    def test_records_that_are_wrong_are_named(self, approver, other):
        other.catalogue.append({"code": "9.000003"})
        page = approver.post("/studio/nhap-thu-tuc/tu-truc")
        assert page.status_code == 400 and "Chỗ sai trong tệp" in page.text

    def test_without_a_gateway_there_is_no_button(self, database, tmp_path):
        approver = signed_in(app_on(database, tmp_path), "approver")
        assert "trục tích hợp" not in approver.get("/studio/nhap-thu-tuc").text
        assert "Chưa nối" in approver.post("/studio/nhap-thu-tuc/tu-truc").text


class TestEvents:
    def send(self, app, body: bytes, secret: str = SECRET, age: int = 0):
        stamp = str(int(app.clock().timestamp()) - age)
        signature = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return Browser(app).client.post("/systems/lgsp", content=body, headers={"X-Signature": f"t={stamp},v1={signature}"})

    def test_a_file_that_changed_is_asked_for_at_once(self, app):
        with app.database.write() as session:
            row = dossiers.follow(session, talk_of(session, consent=("reminders",)), Dossier(CODE, "processing"), app.clock())
            assert row.next_check_at > app.clock()
        answer = self.send(app, json.dumps({"code": CODE.lower(), "state": "10"}).encode())
        assert (answer.status_code, answer.json()) == (200, {"followed": 1})
        with app.database.write() as session:
            assert dossiers.due(session, app.clock()) == [(1, CODE)]

    def test_a_file_nobody_follows_is_no_fault(self, app):
        assert self.send(app, json.dumps({"code": CODE}).encode()).json() == {"followed": 0}

    @pytest.mark.parametrize("how", [{"secret": "sai"}, {"age": 301}, {"age": -301}])
    def test_forged_and_old_ones_are_refused(self, app, how):
        assert self.send(app, json.dumps({"code": CODE}).encode(), **how).status_code == 401

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"code": 5}', b'{"code": "../x"}', b"\xff"])
    def test_bodies_that_say_nothing_are_refused(self, app, body):
        assert self.send(app, body).status_code == 400

    @pytest.mark.parametrize("header", ["", "t=1", "t=1,v1=zz", "v1=" + "0" * 64])
    def test_without_a_signature(self, app, header):
        assert Browser(app).client.post("/systems/lgsp", content=b"{}", headers={"X-Signature": header}).status_code == 401

    def test_without_a_secret_there_is_no_door(self, database, tmp_path):
        assert self.send(app_on(database, tmp_path), b"{}").status_code == 404
