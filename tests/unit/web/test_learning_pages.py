"""What anybody may look up without the chat: a certificate by its number, its paper, the public key, a course's picture.

The server is made without its gateway: these pages need the database only.
"""

import hashlib
import io
import warnings
from datetime import datetime, timezone

import pytest
from pypdf import PdfReader
from starlette.exceptions import StarletteDeprecationWarning

from bot.app import App
from bot.config import Settings
from bot.learning import certificate
from bot.services import certificates, learn
from bot.services.certificates import Office
from bot.store.tables import PublishedPicture
from bot.web import app as web
from tests.factories import TUESDAY_TEN, FrozenClock, talk_of
from tests.small_course import finish, publish, small

with warnings.catch_warnings():
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from fastapi.testclient import TestClient

NAME = "Nguyễn <b>Thị</b> Phượng"
PNG = b"\x89PNG\r\n\x1a\n..."


@pytest.fixture
def app(database, tmp_path):
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/var/x.db", public_url="https://tro-ly.example/")
    return App(settings, database, FrozenClock())


@pytest.fixture
def browser(app):
    server = web.make(app)
    server.state.app = app
    return TestClient(server)


@pytest.fixture
def issued(app, tmp_path) -> str:
    """The number of a certificate in force."""
    with app.database.write() as session:
        publish(session, tmp_path / "courses", small(title="Ai đang gọi tôi đấy?"))
        enrolment, _, _ = learn.enrol(session, talk_of(session, consent=("learning",)).learner_id, "khoa-nho", TUESDAY_TEN)
        finish(session, enrolment)
        return certificates.issue(session, Office.of(app.settings), enrolment.learner_id, enrolment.id, NAME, TUESDAY_TEN).number


def revoke(app, number: str, at: datetime = TUESDAY_TEN) -> None:
    with app.database.write() as session:
        certificates.revoke(session, number, "ghi sai tên", at)


class TestPage:
    def test_the_form_asks_for_a_number(self, browser):
        page = browser.get("/chung-nhan")
        assert page.status_code == 200
        assert '<label for="so">' in page.text and 'name="so"' in page.text and "verdict" not in page.text

    def test_a_valid_one_is_shown_with_what_it_says(self, browser, issued):
        page = browser.get(f"/chung-nhan/{issued}")
        assert page.status_code == 200
        for said in ("có thật và còn hiệu lực", issued, "Ai đang gọi tôi đấy?", "100 %", "24/11/2026", "tỉnh Ninh Bình", f"/chung-nhan/{issued}.pdf",
                     "Không phải giấy xác nhận phổ cập kỹ năng số"):
            assert said in page.text

    def test_a_name_is_text_and_never_markup(self, browser, issued):
        page = browser.get(f"/chung-nhan/{issued}").text
        assert "Nguyễn &lt;b&gt;Thị&lt;/b&gt; Phượng" in page and NAME not in page
        assert "<script>" not in browser.get("/chung-nhan", params={"so": "<script>x</script>"}).text

    def test_the_form_leads_to_the_same_answer_in_any_spelling(self, browser, issued):
        page = browser.get("/chung-nhan", params={"so": issued.lower().replace("-", " ")})
        assert page.status_code == 200 and "có thật và còn hiệu lực" in page.text and issued in page.text

    def test_a_revoked_one_says_when_and_why_and_offers_no_paper(self, app, browser, issued):
        revoke(app, issued)
        page = browser.get(f"/chung-nhan/{issued}")
        assert page.status_code == 200
        assert "đã bị thu hồi ngày 24/11/2026. Lý do: ghi sai tên." in page.text
        assert "còn hiệu lực" not in page.text and f"{issued}.pdf" not in page.text

    def test_the_day_of_a_revocation_is_the_province_s(self, app, browser, issued):
        revoke(app, issued, datetime(2026, 11, 30, 22, 0, tzinfo=timezone.utc))  # 05:00 on the first of December here
        assert "thu hồi ngày 01/12/2026" in browser.get(f"/chung-nhan/{issued}").text

    @pytest.mark.parametrize("number", ["CN-AAAA-BBBB-CCCC", "x", "%00", "%E1%BA%A1" * 12, "CN-" + "A" * 500])
    def test_an_unknown_number_is_404_and_says_so_politely(self, browser, number):
        page = browser.get(f"/chung-nhan/{number}")
        assert page.status_code == 404
        assert "Không có chứng nhận nào mang số" in page.text and 'name="so"' in page.text

    def test_it_is_neither_kept_nor_indexed(self, browser, issued):
        for path in ("/chung-nhan", f"/chung-nhan/{issued}", f"/chung-nhan/{issued}.pdf", "/chung-nhan/CN-AAAA-BBBB-CCCC"):
            headers = browser.get(path).headers
            assert headers["cache-control"] == "no-store" and headers["x-robots-tag"] == "noindex"

    def test_nothing_from_elsewhere_may_be_loaded(self, browser, issued):
        page = browser.get(f"/chung-nhan/{issued}")
        policy = page.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "form-action 'self'" in policy and "unsafe" not in policy
        assert page.headers["x-content-type-options"] == "nosniff" and page.headers["referrer-policy"] == "no-referrer"
        assert "style=" not in page.text and "<script" not in page.text and "http://" not in page.text


class TestPaper:
    def test_the_pdf_is_the_signed_certificate(self, app, browser, issued, tmp_path):
        answer = browser.get(f"/chung-nhan/{issued}.pdf")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.headers["content-disposition"] == f'inline; filename="{issued}.pdf"'
        (tmp_path / "cn.pdf").write_bytes(answer.content)
        key = browser.get("/chung-nhan/khoa-cong-khai.pem").text
        assert certificate.verified(certificates.token_of(tmp_path / "cn.pdf"), key)["number"] == issued
        assert f"https://tro-ly.example/chung-nhan/{issued}" in PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()

    def test_a_number_in_another_spelling_gives_the_same_paper(self, browser, issued):
        assert browser.get(f"/chung-nhan/{issued.lower().replace('-', '')}.pdf").headers["content-disposition"].endswith(f'"{issued}.pdf"')

    def test_there_is_none_of_a_revoked_or_unknown_one(self, app, browser, issued):
        revoke(app, issued)
        for number in (issued, "CN-AAAA-BBBB-CCCC"):
            answer = browser.get(f"/chung-nhan/{number}.pdf")
            assert answer.status_code == 404 and "Không có chứng nhận" in answer.json()["error"]

    def test_the_public_key_is_pem_and_the_secret_stays(self, app, browser):
        answer = browser.get("/chung-nhan/khoa-cong-khai.pem")
        assert answer.headers["content-type"].startswith("application/x-pem-file")
        assert answer.text == Office.of(app.settings).public_key and answer.text.startswith("-----BEGIN PUBLIC KEY-----")


class TestPicture:
    def test_a_published_picture_may_be_kept_for_ever(self, app, browser):
        sha = hashlib.sha256(PNG).hexdigest()
        with app.database.write() as session:
            session.add(PublishedPicture(sha256=sha, media_type="image/png", data=PNG, created_at=TUESDAY_TEN))
        answer = browser.get(f"/pictures/{sha}.png")
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, PNG, "image/png")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"

    @pytest.mark.parametrize("sha", ["0" * 64, "x", "%00", "..%2f..%2fetc%2fpasswd"])
    def test_any_other_address_is_404(self, browser, sha):
        answer = browser.get(f"/pictures/{sha}.png")
        assert answer.status_code == 404
        assert "immutable" not in answer.headers.get("cache-control", "")
