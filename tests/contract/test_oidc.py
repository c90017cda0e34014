"""Signing in with the province's account, against a stand-in that also forges."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text, update

from bot.store.tables import Invitation
from bot.systems.oidc import Issuer, NotSignedIn, begin
from tests.patience import get
from tests.standins.oidc import CLIENT, SECRET, OidcStandIn
from tests.unit.web.staff_pages import Browser, add_staff, app_on, signed_in


@pytest.fixture
def province():
    with OidcStandIn() as found:
        yield found


@pytest.fixture
def app(database, tmp_path, province):
    return app_on(database, tmp_path, oidc_issuer=province.url, oidc_client_id=CLIENT, oidc_client_secret=SECRET, oidc_name="tài khoản tỉnh")


def go_through(browser: Browser, tiep: str = ""):
    """Presses the button, signs in at the province's, comes back."""
    browser.client.follow_redirects = False
    away = browser.client.get("/dang-nhap/tinh", params={"tiep": tiep})
    assert away.status_code == 303, away.text
    back = get(away.headers["location"], follow_redirects=False)
    query = urlsplit(back.headers["location"]).query
    browser.client.follow_redirects = True
    return browser.get(f"/dang-nhap/tinh/ve?{query}")


class TestThrough:
    def test_somebody_the_administrator_added_comes_in_at_the_page_asked_for(self, app):
        add_staff(app, "author", login="hoa@ninhbinh.example")
        browser = Browser(app)
        assert "Đăng nhập bằng tài khoản tỉnh" in browser.get("/dang-nhap").text
        page = go_through(browser, "/tai-khoan")
        assert page.url.path == "/tai-khoan" and "Người author" in page.text
        with app.database.read() as session:
            assert session.execute(text("SELECT action, login FROM audit_log")).all() == [("sign_in", "hoa@ninhbinh.example")]

    def test_somebody_invited_comes_in_once_the_province_vouches_for_them(self, app):
        admin = signed_in(app, "administrator")
        admin.post("/admin/nhan-su/moi", {"login": "hoa@ninhbinh.example", "name": "Hoa", "role": "author"})
        page = go_through(Browser(app), "/tai-khoan")
        assert page.url.path == "/tai-khoan" and "Hoa" in page.text
        with app.database.read() as session:
            assert session.execute(text("SELECT count(*) FROM invitations WHERE used_at IS NULL")).scalar() == 0
            assert session.execute(text("SELECT role FROM staff WHERE login = 'hoa@ninhbinh.example'")).scalar() == "author"
        assert go_through(Browser(app), "/tai-khoan").url.path == "/tai-khoan"

    def test_an_invitation_that_is_over_lets_nobody_in(self, app):
        signed_in(app, "administrator").post("/admin/nhan-su/moi", {"login": "hoa@ninhbinh.example", "name": "Hoa", "role": "author"})
        with app.database.write() as session:
            session.execute(update(Invitation).values(expires_at=app.clock()))
        assert go_through(Browser(app)).status_code == 400

    def test_nobody_else_does(self, app):
        add_staff(app, "author", login="lan@ninhbinh.example")
        page = go_through(Browser(app))
        assert page.status_code == 400 and "chưa được quản trị cho vào" in page.text

    def test_nor_does_somebody_who_left(self, app):
        add_staff(app, "author", login="hoa@ninhbinh.example")
        with app.database.write() as session:
            session.execute(text("UPDATE staff SET active = false"))
        assert go_through(Browser(app)).status_code == 400

    @pytest.mark.parametrize("verified", [False, None, "true"])
    def test_an_address_that_is_not_verified_is_nobodys(self, app, province, verified):
        add_staff(app, "author", login="hoa@ninhbinh.example")
        province.person["email_verified"] = verified
        assert go_through(Browser(app)).status_code == 400

    @pytest.mark.parametrize("tiep", ["https://xau.example", "//xau.example"])
    def test_it_never_leads_to_another_site(self, app, tiep):
        add_staff(app, "author", login="hoa@ninhbinh.example")
        browser = Browser(app)
        browser.client.follow_redirects = False
        back = get(browser.client.get("/dang-nhap/tinh", params={"tiep": tiep}).headers["location"], follow_redirects=False)
        answer = browser.client.get(f"/dang-nhap/tinh/ve?{urlsplit(back.headers['location']).query}")
        assert answer.headers["location"] == "/studio"

    def test_without_it_there_is_no_such_page(self, database, tmp_path):
        browser = Browser(app_on(database, tmp_path))
        assert browser.get("/dang-nhap/tinh").status_code == 404 and "/dang-nhap/tinh" not in browser.get("/dang-nhap").text


class TestForged:
    @pytest.mark.parametrize("lie", [
        {"nonce": "another"}, {"aud": "another"}, {"iss": "https://xau.example"}, {"exp": 1000}, {"iat": 32503680000}, {"sub": None},
        {"aud": [CLIENT, "another"]}, {"azp": "another"}, {"nonce": None}, {"exp": None}], ids=str)
    def test_a_token_for_somebody_else_is_refused(self, app, province, lie):
        add_staff(app, "author", login="hoa@ninhbinh.example")
        province.lie = lambda claims: {k: v for k, v in {**claims, **lie}.items() if v is not None}
        page = go_through(Browser(app))
        assert page.status_code == 400 and "Chưa đăng nhập được" in page.text

    @pytest.mark.parametrize("how", ["foreign", "unsigned", "hmac"])
    def test_a_token_signed_by_another_or_by_nobody_is_refused(self, app, province, how):
        add_staff(app, "author", login="hoa@ninhbinh.example")
        setattr(province, how, True)
        assert go_through(Browser(app)).status_code == 400

    def test_several_audiences_with_us_as_the_party_are_right(self, app, province):
        add_staff(app, "author", login="hoa@ninhbinh.example")
        province.lie = lambda claims: {**claims, "aud": [CLIENT, "another"], "azp": CLIENT}
        assert go_through(Browser(app)).url.path == "/studio"

    def test_a_code_of_another_browser_is_refused(self, app):
        add_staff(app, "author", login="hoa@ninhbinh.example")
        victim, attacker = Browser(app), Browser(app)
        attacker.client.follow_redirects = victim.client.follow_redirects = False
        theirs = get(attacker.client.get("/dang-nhap/tinh").headers["location"], follow_redirects=False)
        victim.client.get("/dang-nhap/tinh")
        assert victim.client.get(f"/dang-nhap/tinh/ve?{urlsplit(theirs.headers['location']).query}").status_code == 400

    def test_coming_back_without_having_left_is_refused(self, app):
        assert Browser(app).get("/dang-nhap/tinh/ve?state=x&code=y").status_code == 400

    def test_a_way_back_is_good_once(self, app):
        add_staff(app, "author", login="hoa@ninhbinh.example")
        browser = Browser(app)
        browser.client.follow_redirects = False
        back = get(browser.client.get("/dang-nhap/tinh").headers["location"], follow_redirects=False)
        query = urlsplit(back.headers["location"]).query
        assert browser.client.get(f"/dang-nhap/tinh/ve?{query}").status_code == 303
        assert browser.client.get(f"/dang-nhap/tinh/ve?{query}").status_code == 400

    def test_an_issuer_that_says_it_is_another_is_not_followed(self, province):
        province.issuer_says = "https://xau.example"
        with pytest.raises(NotSignedIn, match="issuer"):
            Issuer(province.url, CLIENT, SECRET, "http://testserver/ve").address(begin(""))

    def test_an_issuer_that_is_not_there(self):
        with pytest.raises(NotSignedIn):
            Issuer("http://127.0.0.1:9", CLIENT, SECRET, "http://testserver/ve").address(begin(""))


def test_the_browser_is_sent_with_pkce_state_and_nonce_and_without_the_secret(province):
    attempt = begin("/studio")
    address = Issuer(province.url, CLIENT, SECRET, "http://testserver/ve").address(attempt)
    given = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
    assert (given["state"], given["nonce"], given["code_challenge_method"], given["scope"]) == (attempt.state, attempt.nonce, "S256", "openid email profile")
    assert attempt.verifier not in address and SECRET not in address
