"""Signing in, roles and the permission table, on every route there is."""

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.services import audit, staff
from bot.web import app as web
from bot.web.staff.guard import Needs
from bot.web.staff.permissions import PERMISSIONS, PROVINCE, ROLES
from tests.unit.web.staff_pages import PASSWORD, Browser, add_staff, app_on, server_of, signed_in

OPEN = {("GET", "/dang-nhap"), ("POST", "/dang-nhap"), ("GET", "/dang-nhap/tinh"), ("GET", "/dang-nhap/tinh/ve"), ("GET", "/loi-moi/{token}"),
        ("POST", "/loi-moi/{token}")}
"""Routes of staff that nobody needs to be signed in for."""
OF_ALL = {("POST", "/admin/xa-phuong/moi"), ("GET", "/studio/cau-hoi/ngoai-pham-vi"), ("POST", "/studio/cau-hoi/ngoai-pham-vi/tai-ve"),
          ("POST", "/studio/cau-hoi/ngoai-pham-vi/da-lay")}
"""What a role may do within communes, but not this of it: it is of the whole province. (Merging units is too; there is no unit "1".)"""
WRITING = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def app(database, tmp_path):
    return app_on(database, tmp_path)


def needed(route) -> set[str]:
    """The permissions a route asks for, its own and its router's."""
    found, waiting = set(), [route.dependant]
    while waiting:
        one = waiting.pop()
        if isinstance(one.call, Needs):
            found.add(one.call.permission)
        waiting += one.dependencies
    return found


def routes_of(server) -> list:
    """Every route with a handler, those of included routers too."""
    found, waiting = [], list(server.router.routes)
    while waiting:
        one = waiting.pop()
        inner = getattr(one, "original_router", None) or getattr(one, "router", None)
        if hasattr(one, "dependant"):
            found.append((one.path, one))
        elif inner is not None:
            waiting += inner.routes
    return sorted(found, key=lambda pair: pair[0])


@pytest.fixture(scope="module")
def staff_routes(tmp_path_factory):
    from bot.store.db import Database
    folder = tmp_path_factory.mktemp("routes")
    found = routes_of(server_of(app_on(Database(f"sqlite:///{folder}/x.db"), folder)))
    return [(method, path, needed(route)) for path, route in found if path.startswith(web.STAFF) for method in sorted(route.methods - {"HEAD"})]


class TestTable:
    def test_routes_are_found(self, staff_routes):
        paths = {path for _, path, _ in staff_routes}
        assert {"/dang-nhap", "/admin/nhan-su", "/admin/nhat-ky", "/tai-khoan"} <= paths

    def test_every_route_names_one_permission_of_the_table(self, staff_routes):
        for method, path, permissions in staff_routes:
            if (method, path) not in OPEN:
                assert len(permissions) == 1 and permissions <= PERMISSIONS.keys(), (method, path, permissions)

    def test_every_permission_is_used_and_roles_exist(self, staff_routes):
        used = set().union(*(permissions for *_, permissions in staff_routes))
        assert used == set(PERMISSIONS)
        assert set().union(*PERMISSIONS.values()) == set(ROLES)

    def test_without_signing_in_every_route_leads_to_the_form(self, app, staff_routes):
        browser = Browser(app)
        browser.client.follow_redirects = False
        for method, path, _ in staff_routes:
            if (method, path) not in OPEN:
                answer = browser.client.request(method, re.sub(r"\{[^}]+\}", "1", path))
                assert (method, path, answer.status_code, answer.headers["location"][:10]) == (method, path, 303, "/dang-nhap")

    @pytest.mark.parametrize("role", ROLES)
    def test_a_role_is_refused_where_the_table_says_so_and_nowhere_else(self, app, staff_routes, role):
        browser = signed_in(app, role)
        browser.client.follow_redirects = False
        for method, path, permissions in staff_routes:
            if (method, path) in OPEN or path == "/dang-xuat":
                continue
            answer = browser.client.request(method, re.sub(r"\{[^}]+\}", "1", path), headers={"X-CSRF-Token": browser.csrf})
            allowed = all(role in PERMISSIONS[p] for p in permissions)
            assert (method, path, answer.status_code == 403) == (method, path, not allowed)
            assert answer.status_code < 500, (method, path)

    @pytest.mark.parametrize("role", ROLES)
    def test_whoever_is_bound_to_communes_does_nothing_that_holds_for_the_province(self, app, staff_routes, role):
        add_staff(app, "viewer")  # person 1, of the whole province: what is done to them below is refused, and not done to this browser
        browser = signed_in(app, role, ("Phường Hoa Lư",))
        browser.client.follow_redirects = False
        refused = set()
        for method, path, permissions in staff_routes:
            if (method, path) in OPEN or path == "/dang-xuat":
                continue
            answer = browser.client.request(method, re.sub(r"\{[^}]+\}", "1", path), headers={"X-CSRF-Token": browser.csrf})
            assert answer.status_code < 500, (method, path)
            may = all(role in PERMISSIONS[p] for p in permissions)
            if answer.status_code == 403 and may:
                refused.add((method, path))
                assert "cả tỉnh" in answer.text, (method, path)
            elif may:
                assert not permissions & PROVINCE, (method, path)
        held = {(method, path) for method, path, permissions in staff_routes if permissions & PROVINCE and all(role in PERMISSIONS[p] for p in permissions)}
        assert held <= refused
        assert refused - held <= OF_ALL and (role != "administrator" or refused - held == OF_ALL)

    def test_whoever_is_bound_to_communes_is_not_led_there(self, app):
        bound, whole = (signed_in(app, "administrator", communes).get("/admin/van-hanh").text for communes in (("Phường Hoa Lư",), ()))
        for there in ('href="/admin/nhat-ky"', 'href="/admin/ket-noi"', 'action="/admin/van-hanh/cong-tac/'):
            assert there in whole and there not in bound

    def test_no_form_without_its_token_is_taken(self, app, staff_routes):
        browser = signed_in(app, "administrator")
        for method, path, _ in staff_routes:
            if method in WRITING and (method, path) not in OPEN:
                address = re.sub(r"\{[^}]+\}", "1", path)
                assert (path, browser.client.request(method, address).status_code) == (path, 403)
                assert (path, browser.client.request(method, address, data={"csrf": "x"}).status_code) == (path, 403)
                from_elsewhere = browser.client.request(method, address, headers={"X-CSRF-Token": browser.csrf, "Origin": "https://xau.example"})
                assert (path, from_elsewhere.status_code) == (path, 403)


class TestSignIn:
    def test_right_password_leads_to_the_page_asked_for(self, app):
        login, browser = add_staff(app, "administrator"), Browser(app)
        asked = browser.get("/admin/nhan-su")
        assert 'value="/admin/nhan-su"' in asked.text and "Đăng nhập" in asked.text
        page = browser.post("/dang-nhap", {"login": login.upper(), "password": PASSWORD, "tiep": "/admin/nhan-su"})
        assert page.status_code == 200 and page.url.path == "/admin/nhan-su" and "Người administrator" in page.text

    @pytest.mark.parametrize("elsewhere", ["https://xau.example/", "//xau.example", "/\\xau.example", "javascript:alert(1)", "/admin\\@xau"])
    def test_it_never_leads_to_another_site(self, app, elsewhere):
        login, browser = add_staff(app, "viewer"), Browser(app)
        browser.client.follow_redirects = False
        answer = browser.post("/dang-nhap", {"login": login, "password": PASSWORD, "tiep": elsewhere})
        assert answer.headers["location"] == "/admin"

    def test_wrong_password_unknown_login_and_inactive_person_sound_alike(self, app):
        login, off = add_staff(app, "viewer"), add_staff(app, "viewer")
        with app.database.write() as session:
            session.execute(text("UPDATE staff SET active = false WHERE login = :l"), {"l": off})
        browser = Browser(app)
        said = {re.search(r'role="alert">([^<]+)', browser.post("/dang-nhap", {"login": name, "password": word}).text).group(1)
                for name, word in ((login, "không phải đâu nhé"), ("khong.co.ai", PASSWORD), (off, PASSWORD))}
        assert said == {staff.WRONG}

    @pytest.mark.parametrize("field", ["login", "password", "code", "tiep"])
    def test_a_nul_in_any_field_is_no_fault_of_ours(self, app, field):
        page = Browser(app).post("/dang-nhap", {"login": "khong.co.ai", "password": PASSWORD, "code": "", "tiep": "", field: "a\0b"})
        assert page.status_code == 400 and staff.WRONG in page.text
        assert Browser(app).get("/loi-moi/a%00b").status_code == 404

    def test_after_five_wrong_passwords_even_the_right_one_waits_a_quarter_of_an_hour(self, app):
        login, browser = add_staff(app, "viewer"), Browser(app)
        for _ in range(5):
            browser.post("/dang-nhap", {"login": login, "password": "sai rồi sai rồi"})
        page = browser.post("/dang-nhap", {"login": login, "password": PASSWORD})
        assert page.status_code == 400 and "tạm khoá đến 10:15" in page.text
        app.clock.forward(minutes=15, seconds=1)
        assert browser.post("/dang-nhap", {"login": login, "password": PASSWORD}).url.path == "/admin"

    def test_one_address_may_not_try_for_ever(self, app):
        browser = Browser(app)
        codes = [browser.post("/dang-nhap", {"login": f"ai{n}", "password": "x"}).status_code for n in range(21)]
        assert codes[:20] == [400] * 20 and codes[20] == 429

    def test_a_browser_is_signed_out_after_an_hour_idle_and_after_twelve_in_any_case(self, app):
        browser = signed_in(app, "viewer")
        app.clock.forward(minutes=59)
        assert browser.get("/tai-khoan").url.path == "/tai-khoan"
        app.clock.forward(minutes=61)
        assert browser.get("/tai-khoan").url.path == "/dang-nhap"
        busy = signed_in(app, "viewer")
        for _ in range(14):
            app.clock.forward(minutes=50)
            assert busy.get("/tai-khoan").url.path == "/tai-khoan"
        app.clock.forward(minutes=50)
        assert busy.get("/tai-khoan").url.path == "/dang-nhap"

    def test_signing_out_ends_the_session_itself(self, app):
        browser = signed_in(app, "viewer")
        token = browser.client.cookies["nhan_vien"]
        browser.post("/dang-xuat")
        browser.client.cookies.set("nhan_vien", token)
        assert browser.get("/tai-khoan").url.path == "/dang-nhap"

    def test_passwords_and_tokens_are_not_in_the_database(self, app):
        browser = signed_in(app, "viewer")
        with app.database.read() as session:
            stored = str(session.execute(text("SELECT * FROM staff")).all()) + str(session.execute(text("SELECT * FROM staff_sessions")).all())
        assert PASSWORD not in stored and browser.client.cookies["nhan_vien"] not in stored and "$argon2id$" in stored


class TestSecondFactor:
    def switch_on(self, app, browser) -> str:
        secret = re.search(r'name="secret" value="([A-Z2-7]{32})"', browser.get("/tai-khoan/hai-buoc").text).group(1)
        page = browser.post("/tai-khoan/hai-buoc", {"secret": secret, "code": pyotp.TOTP(secret).at(app.clock())})
        assert "Đang bật" in page.text
        return secret

    def test_a_code_is_asked_for_and_none_is_good_twice(self, app):
        browser = signed_in(app, "author")
        secret = self.switch_on(app, browser)
        with app.database.read() as session:
            login = staff.everybody(session)[0].login
            assert secret not in str(session.execute(text("SELECT totp_secret FROM staff")).all())
        other = Browser(app)
        asked = other.post("/dang-nhap", {"login": login, "password": PASSWORD})
        assert asked.status_code == 400 and 'name="code"' in asked.text
        code = lambda: pyotp.TOTP(secret).at(app.clock())
        used = other.post("/dang-nhap", {"login": login, "password": PASSWORD, "code": code()})
        assert used.status_code == 400  # the very code that switched it on
        app.clock.forward(seconds=30)
        assert other.post("/dang-nhap", {"login": login, "password": PASSWORD, "code": "000000"}).status_code == 400
        assert other.post("/dang-nhap", {"login": login, "password": PASSWORD, "code": code()}).url.path == "/studio"

    def test_a_mistyped_code_shows_the_same_secret_again(self, app):
        browser = signed_in(app, "author")
        secret = re.search(r'name="secret" value="([A-Z2-7]{32})"', browser.get("/tai-khoan/hai-buoc").text).group(1)
        again = browser.post("/tai-khoan/hai-buoc", {"secret": secret, "code": "000000"})
        assert again.status_code == 400 and f'value="{secret}"' in again.text and "Mã không khớp" in again.text

    def test_it_goes_only_with_the_password(self, app):
        browser = signed_in(app, "author")
        self.switch_on(app, browser)
        assert "Mật khẩu không đúng" in browser.post("/tai-khoan/hai-buoc/bo", {"password": "x"}).text
        assert "Chưa bật" in browser.post("/tai-khoan/hai-buoc/bo", {"password": PASSWORD}).text


class TestPeople:
    def invite(self, browser, **form) -> str:
        page = browser.post("/admin/nhan-su/moi", {"login": "hoa", "name": "Cô Hoa", "role": "author", **form})
        return re.search(r"http://testserver(/loi-moi/[\w-]+)", page.text).group(1)

    def test_an_invited_person_sets_a_password_and_comes_in_once(self, app):
        link = self.invite(signed_in(app, "administrator"), communes=["Phường Hoa Lư"])
        guest = Browser(app)
        assert "Cô Hoa" in guest.get(link).text
        weak = "matkhau123456"
        for bad, said in ((("ngắn", "ngắn"), "ít nhất 12"), (("mật khẩu dài dài", "mật khẩu khác"), "chưa giống nhau"), ((weak, weak), "dễ đoán")):
            answer = guest.post(link, {"password": bad[0], "password2": bad[1]})
            assert answer.status_code == 400 and said in answer.text
        assert "Mời bạn đăng nhập" in guest.post(link, {"password": PASSWORD, "password2": PASSWORD}).text
        assert guest.get(link).status_code == 404
        assert guest.post(link, {"password": PASSWORD, "password2": PASSWORD}).status_code == 400
        assert guest.post("/dang-nhap", {"login": "hoa", "password": PASSWORD}).url.path == "/studio"
        assert "Phường Hoa Lư" in guest.get("/tai-khoan").text

    def test_an_invitation_ends_after_a_week(self, app):
        link = self.invite(signed_in(app, "administrator"))
        app.clock.forward(days=7, seconds=1)
        assert Browser(app).get(link).status_code == 404

    @pytest.mark.parametrize("form, said", [({"login": "ab"}, "từ 3 ký tự"), ({"name": " "}, "họ tên"), ({"role": "king"}, "vai trò"),
                                            ({"communes": ["Xã Trên Trời"]}, "không nằm trong danh sách")])
    def test_a_wrong_form_comes_back_with_what_was_typed(self, app, form, said):
        page = signed_in(app, "administrator").post("/admin/nhan-su/moi", {"login": "hoa", "name": "Cô Hoa", "role": "author", **form})
        assert page.status_code == 400 and said in page.text and ('value="Cô Hoa"' in page.text or "name" in form)

    def test_a_changed_role_holds_at_once_and_signs_out(self, app):
        admin, author = signed_in(app, "administrator"), signed_in(app, "author")
        with app.database.read() as session:
            ident = next(p.id for p in staff.everybody(session) if p.role == "author")
        admin.post(f"/admin/nhan-su/{ident}", {"role": "viewer", "active": "true"})
        assert author.get("/tai-khoan").url.path == "/dang-nhap"
        admin.post(f"/admin/nhan-su/{ident}", {"role": "viewer"})  # no longer active
        with app.database.read() as session:
            assert [(p.role, p.active) for p in staff.everybody(session) if p.id == ident] == [("viewer", False)]

    def test_the_last_administrator_stays(self, app):
        admin = signed_in(app, "administrator")
        with app.database.read() as session:
            ident = staff.everybody(session)[0].id
        assert "ít nhất một người quản trị" in admin.post(f"/admin/nhan-su/{ident}", {"role": "viewer", "active": "true"}).text

    def test_an_administrator_bound_to_a_commune_sees_to_nobody_elsewhere(self, app):
        home, other = "Phường Hoa Lư", "Phường Đông A"
        admin, far = signed_in(app, "administrator", (home,)), add_staff(app, "author", (other,))
        with app.database.read() as session:
            ids = {p.login: p.id for p in staff.everybody(session)}
        own = next(ident for login, ident in ids.items() if login != far)
        for communes in ([], [other], [home, other]):
            page = admin.post("/admin/nhan-su/moi", {"login": "hoa", "name": "Cô Hoa", "role": "author", "communes": communes})
            assert page.status_code == 400 and "được giao cho mình" in page.text
            wide = admin.post(f"/admin/nhan-su/{own}", {"role": "administrator", "communes": communes, "active": "true"})
            assert wide.status_code == 400 and "được giao cho mình" in wide.text
        assert admin.post(f"/admin/nhan-su/{ids[far]}", {"role": "author", "communes": [home], "active": "true"}).status_code == 400
        assert admin.post(f"/admin/nhan-su/{ids[far]}/moi-lai").status_code == 400
        assert self.invite(admin, communes=[home])

    def test_a_renewed_way_in_ends_the_old_one(self, app):
        admin, author = signed_in(app, "administrator"), signed_in(app, "author")
        with app.database.read() as session:
            ident = next(p.id for p in staff.everybody(session) if p.role == "author")
        link = re.search(r"http://testserver(/loi-moi/[\w-]+)", admin.post(f"/admin/nhan-su/{ident}/moi-lai").text).group(1)
        assert author.get("/tai-khoan").url.path == "/dang-nhap"
        new = "mùa xuân hoa gạo nở"
        assert author.post(link, {"password": new, "password2": new}).status_code == 200
        with app.database.read() as session:
            login = next(p.login for p in staff.everybody(session) if p.id == ident)
        assert author.post("/dang-nhap", {"login": login, "password": new}).url.path == "/studio"


class TestAuditLog:
    def test_what_was_done_is_there_and_secrets_are_not(self, app):
        admin = signed_in(app, "administrator")
        Browser(app).post("/dang-nhap", {"login": PASSWORD, "password": "x"})  # a password typed into the wrong field
        admin.post("/admin/nhan-su/moi", {"login": "hoa", "name": "Cô Hoa", "role": "author"})
        page = admin.get("/admin/nhat-ky").text
        for said in ("Đăng nhập không được", "(không rõ)", "Mời nhân sự", "hoa", "Chuỗi niêm phong còn nguyên"):
            assert said in page
        assert PASSWORD not in page

    def test_the_database_itself_refuses_to_change_it(self, app):
        signed_in(app, "administrator")
        for statement in ("UPDATE audit_log SET login = 'x'", "DELETE FROM audit_log"):
            with pytest.raises(DBAPIError), app.database.write() as session:
                session.execute(text(statement))

    def test_a_row_changed_behind_its_back_is_found(self, app):
        signed_in(app, "administrator")
        signed_in(app, "viewer")
        with app.database.write() as session:
            if session.get_bind().dialect.name == "postgresql":
                session.execute(text("ALTER TABLE audit_log DISABLE TRIGGER ALL"))
            else:
                session.execute(text("DROP TRIGGER audit_log_no_update"))
            session.execute(text("UPDATE audit_log SET login = 'ai khác' WHERE id = 1"))
        with app.database.read() as session:
            assert audit.first_broken(session) == 1

    def test_pages_of_it_go_on_to_the_oldest_row(self, app):
        admin = signed_in(app, "administrator")
        with app.database.write() as session:
            for n in range(150):
                audit.note(session, None, "máy", "exported", f"bảng {n}", app.clock() + timedelta(seconds=n))
        first = admin.get("/admin/nhat-ky").text
        older = re.search(r"truoc=(\d+)", first).group(1)
        assert "bảng 149" in first and "bảng 0<" not in first
        assert "bảng 0<" in admin.get("/admin/nhat-ky", truoc=older).text
        assert "bảng 3<" not in admin.get("/admin/nhat-ky", viec="sign_in").text
