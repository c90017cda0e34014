"""Staff in Chromium: signing in, the pause after wrong passwords, a viewer who is refused, by keyboard alone, in both schemes."""

import pytest

from tests.browser.light import CHROMIUM, NEEDS_CHROMIUM, light
from tests.unit.web.staff_pages import PASSWORD, add_staff

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

if CHROMIUM is not None:
    from playwright.sync_api import expect


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with light(tmp_path_factory.mktemp("staff")) as found:
        yield found


@pytest.fixture
def page(browser):
    context = browser.new_context(locale="vi-VN", viewport={"width": 1280, "height": 800})
    found = context.new_page()
    found.strange = []
    found.on("console", lambda m: found.strange.append(m.text) if m.type == "error" else None)
    yield found
    context.close()


def sign_in(page, served, login: str, password: str = PASSWORD) -> None:
    page.goto(f"{served.url}/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập").click()


def test_the_page_asked_for_comes_after_signing_in(page, served):
    login = add_staff(served.app, "administrator")
    page.goto(f"{served.url}/admin/nhan-su")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đăng nhập")
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Người làm việc")
    assert page.strange == []


def test_five_wrong_passwords_lock_the_sixth_even_if_right(page, served):
    login = add_staff(served.app, "author")
    for _ in range(5):
        sign_in(page, served, login, "mật khẩu sai bét")
        expect(page.get_by_role("alert")).to_contain_text("không đúng")
    sign_in(page, served, login)
    expect(page.get_by_role("alert")).to_contain_text("tạm khoá")


def test_a_viewer_sees_figures_and_nothing_else(page, served):
    sign_in(page, served, add_staff(served.app, "viewer"))
    links = page.get_by_role("navigation", name="Các trang").get_by_role("link")
    expect(links).to_have_text(["Tổng quan", "Các khoá học", "Dịch vụ công"])
    for path in ("/studio", "/studio/thu-tuc", "/studio/cau-hoi", "/admin/van-hanh", "/admin/bao-cao", "/admin/du-lieu-ca-nhan", "/admin/nhan-su",
                 "/admin/nhat-ky"):
        answer = page.goto(f"{served.url}{path}")
        assert (path, answer.status) == (path, 403)
        expect(page.get_by_role("heading", level=1)).to_have_text("Bạn không vào được đây")


def test_an_invitation_by_keyboard_alone(page, served):
    page.goto(f"{served.url}/dang-nhap")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Đến nội dung")).to_be_focused()
    while page.evaluate("document.activeElement.id") != "login":
        page.keyboard.press("Tab")
    page.keyboard.type(add_staff(served.app, "administrator"))
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Người làm việc")).to_be_visible()
    while page.evaluate("document.activeElement.textContent") != "Người làm việc":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Người làm việc")
    while page.evaluate("document.activeElement.name") != "name":
        page.keyboard.press("Tab")
    page.keyboard.type("Cô Hoa")
    page.keyboard.press("Tab")
    page.keyboard.type("hoa.ban.phim")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("/loi-moi/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(page, served, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    pages = ["/dang-nhap", "/loi-moi/khong-co"]
    sign_in(page, served, add_staff(served.app, "administrator"))
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Đăng nhập")
    for path in [*pages, "/tai-khoan", "/tai-khoan/hai-buoc", "/admin/nhan-su", "/admin/nhat-ky", "/admin/khong-co-trang-nay"]:
        page.goto(f"{served.url}{path}")
        for one in page.locator("main details").all():
            one.evaluate("one => one.open = true")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        assert [(path, v["id"], v["nodes"][0]["html"][:120]) for v in Axe().run(page).response["violations"]] == []
