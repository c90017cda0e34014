"""The page behind a certificate's QR code, in a real browser: readable at any width, usable by keyboard, no faults of accessibility."""

import pytest
from playwright.sync_api import expect

from bot.config import Settings
from bot.services import certificates, learn
from bot.services.certificates import Office
from bot.store.db import Database
from tests.browser.light import NEEDS_CHROMIUM
from tests.factories import TUESDAY_TEN, talk_of
from tests.small_course import finish, small, write

pytestmark = [pytest.mark.served, pytest.mark.browser, NEEDS_CHROMIUM]
NAME = "Nguyễn Thị Hồng Phượng Vĩ Dạ Thảo Nguyên Xanh"


@pytest.fixture(scope="module")
def numbers(served, tmp_path_factory) -> dict[str, str]:
    """Numbers of certificates of the running server: valid, revoked, unknown."""
    settings = Settings(_env_file=None, database_url=served.environment["DATABASE_URL"], port=served.port)
    database = Database(settings.database_url)
    folder = write(tmp_path_factory.mktemp("certified") / "courses", small(title="Ai đang gọi tôi đấy?"))
    with database.write() as session:
        live = [i for i, _ in learn.live(session)]
        learn.publish(session, folder, TUESDAY_TEN)
        talk = talk_of(session, address="a-certified-learner", consent=("learning",))
        enrolment = finish(session, learn.enrol(session, talk.learner_id, "khoa-nho", TUESDAY_TEN)[0])
        office = Office.of(settings)
        revoked = certificates.issue(session, office, talk.learner_id, enrolment.id, "Lan", TUESDAY_TEN)
        valid = certificates.issue(session, office, talk.learner_id, enrolment.id, NAME, TUESDAY_TEN)
        # the other tests of this server find its courses as they were
        for version in session.query(learn.CourseVersion):
            version.live = version.id in live
        found = {"valid": valid.number, "revoked": revoked.number, "unknown": "CN-AAAA-BBBB-CCCC"}
    database.close()
    return found


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN")
    found = context.new_page()
    errors: list[str] = []
    found.on("pageerror", lambda e: errors.append(str(e)))
    found.on("console", lambda m: errors.append(m.text) if m.type == "error" and "404" not in m.text else None)
    yield found
    context.close()
    assert errors == []


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("state", ["form", "valid", "revoked", "unknown"])
def test_nothing_scrolls_sideways_and_axe_finds_nothing(page, served, numbers, state, width):
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"{served.url}/chung-nhan" + ("" if state == "form" else f"/{numbers[state]}"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Kiểm tra chứng nhận")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_verdict_is_read_in_light_and_in_dark(page, served, numbers, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    for state, said in (("valid", "có thật và còn hiệu lực"), ("revoked", "đã bị thu hồi"), ("unknown", "Không có chứng nhận nào")):
        page.goto(f"{served.url}/chung-nhan/{numbers[state]}")
        expect(page.get_by_role("status")).to_contain_text(said)
        assert [v["id"] for v in Axe().run(page).response["violations"]] == []


def test_a_number_is_looked_up_by_keyboard_alone(page, served, numbers):
    page.goto(f"{served.url}/chung-nhan")
    page.keyboard.press("Tab")
    expect(page.locator("#so")).to_be_focused()
    page.keyboard.type(numbers["valid"].lower().replace("-", " "))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("có thật và còn hiệu lực")
    expect(page.get_by_text(NAME)).to_be_visible()


def test_the_paper_can_be_loaded_from_the_page(page, served, numbers):
    page.goto(f"{served.url}/chung-nhan/{numbers['valid']}")
    link = page.get_by_role("link", name="Tải bản in")
    answer = page.request.get(f"{served.url}{link.get_attribute('href')}")
    assert answer.status == 200 and answer.body().startswith(b"%PDF-")
    page.goto(f"{served.url}/chung-nhan/{numbers['revoked']}")
    expect(link).to_have_count(0)
