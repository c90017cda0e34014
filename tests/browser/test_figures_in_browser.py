"""The overview in a real browser: no faults of accessibility, nothing scrolls sideways, the filter works by keyboard alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from benchmarks.figures.events import NOW, Sizes, generate
from bot.services import staff
from tests.browser.light import light
from tests.small_course import small, write

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The web server over a few thousand made-up events; its clock stands where they end."""
    folder = tmp_path_factory.mktemp("figures")
    with light(folder) as found:
        generate(found.app.database, write(folder / "courses", small(), small("khoa-hai")), Sizes().part(0.01))
        found.app.clock = lambda: NOW
        yield found


@pytest.fixture(scope="module")
def token(served) -> str:
    with served.app.database.write() as session:
        staff.add(session, "nguoi-xem", "Người Xem", "con trâu đi trước cái cày", "viewer", (), NOW)
        return staff.sign_in(session, staff.seal_of(served.app.settings), "nguoi-xem", "con trâu đi trước cái cày", "", NOW).token


@pytest.fixture
def page(browser, served, token):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="vi-VN")
    context.add_cookies([{"name": "nhan_vien", "value": token, "url": served.url}])
    found = context.new_page()
    errors: list[str] = []
    found.on("pageerror", lambda e: errors.append(str(e)))
    found.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    yield found
    context.close()
    assert errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(page, served, width, scheme):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{served.url}/admin?ky=365")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tổng quan")
    expect(page.locator("svg.bars").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == []


def test_the_filter_is_used_by_keyboard_alone(page, served):
    page.goto(f"{served.url}/admin")
    page.get_by_label("Kỳ", exact=True).focus()
    page.keyboard.press("End")  # "Tự chọn ngày"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "tu"
    page.get_by_label("Từ ngày").fill("2026-11-01")
    page.get_by_label("Đến ngày").fill("2026-11-24")
    page.get_by_role("button", name="Xem", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**tu=2026-11-01**")
    expect(page.get_by_text("01/11/2026 – 24/11/2026").first).to_be_visible()
    expect(page.get_by_label("Kỳ", exact=True)).to_have_value("rieng")


def test_a_wrong_period_is_told_and_marked(page, served):
    answer = page.request.get(f"{served.url}/admin?ky=rieng&tu=2026-11-24&den=2026-11-01")
    assert answer.status == 400 and 'aria-invalid="true"' in answer.text() and "Ngày kết thúc đang trước ngày bắt đầu." in answer.text()
