"""The preview in a real browser: played by mouse and by keys, with and without scripts, beside the form, on a phone, by axe's rules."""

import re

import pytest
from playwright.sync_api import expect

from bot.messages import Incoming
from bot.services import inbox
from bot.store.tables import Outbound
from bot.web.staff.channel_view import CHANNELS
from tests.browser.light import light
from tests.browser.studio import at_work
from tests.small_course import RIGHT, publish, small

pytestmark = pytest.mark.browser
PAGE = "/studio/khoa-hoc/khoa-nho/xem-thu"
LINK = "https://dichvucong.gov.vn/tra-cuu"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("preview")
    course = small()
    course["lessons"][1]["steps"][0]["card"]["text"] = f"Tra cứu ở {LINK}. Đừng tin <b>tin lạ</b>."
    with light(folder) as made:
        with made.app.database.write() as session:
            publish(session, folder / "courses", course)
        yield made


@pytest.fixture
def page(browser, served, request):
    options = getattr(request, "param", {})
    with at_work(browser, served, "author", viewport={"width": 390, "height": 844}, **options) as context:
        found = context.new_page()
        errors: list[str] = []
        found.on("pageerror", lambda e: errors.append(str(e)))
        found.on("console", lambda m: errors.append(m.text) if m.type == "error" and "ERR_INTERNET_DISCONNECTED" not in m.text else None)
        yield found
        assert errors == []


def opened(page, served, channel: str = "telegram", lesson: str = "l1"):
    page.goto(f"{served.url}{PAGE}?bai={lesson}&kenh={channel}")
    return page


def newest(page):
    return page.locator(".message .text").last


def choice(page, name: str):
    return page.locator("button.choice", has_text=re.compile(f"^{name}$"))


def letter_of(page, text: str) -> str:
    return next(line[0] for line in newest(page).inner_text().splitlines() if line.endswith(text))


class TestPlaying:
    @pytest.mark.parametrize("page", [{}, {"java_script_enabled": False}], indirect=True, ids=["with scripts", "without"])
    def test_a_lesson_is_played_to_its_end(self, page, served):
        opened(page, served)
        choice(page, "Bắt đầu bài").click()
        expect(newest(page)).to_contain_text("Bài 1 · 1/3")
        choice(page, "Tiếp").click()
        expect(newest(page)).to_contain_text("❓ Có người lạ gọi")
        choice(page, letter_of(page, RIGHT)).click()
        expect(newest(page)).to_contain_text("gọi là mã ___")
        page.get_by_label("Gõ như người học").fill("otp")
        page.get_by_label("Gõ như người học").press("Enter")
        expect(newest(page)).to_contain_text("Bài 2/2")
        expect(page.locator(".said")).to_have_text(["Người học: Bắt đầu bài", "Người học: Tiếp", re.compile("Người học: [ABC]"), "Người học: otp"])

    def test_by_keys_alone(self, page, served):
        opened(page, served)
        choice(page, "Bắt đầu bài").focus()
        page.keyboard.press("Enter")
        expect(newest(page)).to_contain_text("1/3")
        expect(page.locator("#moi")).to_be_focused()
        page.keyboard.press("Tab")
        expect(choice(page, "Tiếp")).to_be_focused()
        page.keyboard.press("Space")
        expect(newest(page)).to_contain_text("❓")
        page.get_by_label("Gõ như người học").focus()
        page.keyboard.type(RIGHT)
        page.keyboard.press("Enter")
        expect(newest(page)).to_contain_text("___")
        # whoever types goes on typing, and hears what came
        expect(page.locator("#chu")).to_be_focused()
        expect(page.locator("#doc")).to_contain_text("✅ Đúng")

    def test_older_buttons_cannot_be_pressed_any_more(self, page, served):
        opened(page, served)
        choice(page, "Bắt đầu bài").click()
        expect(newest(page)).to_contain_text("1/3")
        expect(page.locator("button.choice")).to_have_text(["Tiếp", "Dừng"])
        expect(page.locator("span.choice")).to_have_text(["Bắt đầu bài", "Thử sức trước (1 câu)", "Dừng ở đây"])

    def test_without_a_network_it_says_so_and_goes_on_afterwards(self, page, served):
        opened(page, served)
        page.context.set_offline(True)
        choice(page, "Bắt đầu bài").click()
        expect(page.get_by_role("alert")).to_have_text("Không có mạng nên chưa gửi được. Hãy bấm lại.")
        page.context.set_offline(False)
        choice(page, "Bắt đầu bài").click()
        expect(newest(page)).to_contain_text("1/3")
        expect(page.get_by_role("alert")).to_have_text("")

    def test_signed_out_meanwhile_it_leads_to_signing_in(self, page, served):
        opened(page, served)
        page.context.clear_cookies()
        choice(page, "Bắt đầu bài").click()
        expect(page).to_have_url(re.compile("/dang-nhap"))


class TestPlace:
    def test_after_a_reload_and_on_another_channel_the_lesson_stands_where_it_stood(self, page, served):
        opened(page, served)
        choice(page, "Bắt đầu bài").click()
        expect(newest(page)).to_contain_text("1/3")
        page.reload()
        expect(newest(page)).to_contain_text("1/3")
        page.get_by_role("link", name="Zalo Bot").click()
        expect(newest(page)).to_contain_text("1. Tiếp")
        page.get_by_role("link", name="Xem lại từ đầu").click()
        expect(newest(page)).to_contain_text("Bài 1/2")

    def test_the_channel_is_kept_where_none_is_named_as_beside_the_form(self, page, served):
        opened(page, served, "zalo_oa")
        page.goto(f"{served.url}{PAGE}?bai=l2")
        expect(page.get_by_role("link", name="Zalo OA")).to_have_attribute("aria-current", "page")
        expect(page.get_by_label("Bài", exact=True)).to_have_value("l2")


def test_the_web_chat_and_the_preview_draw_a_text_alike(page, served):
    """Links, marks of markup and lines: the same elements in both, made by the same script."""
    opened(page, served, "web", "l2")
    choice(page, "Bắt đầu bài").click()
    expect(newest(page)).to_contain_text("Tra cứu")
    drawn = newest(page).evaluate("e => e.innerHTML")
    text = newest(page).evaluate("e => e.textContent")
    page.goto(served.url)
    in_chat = page.evaluate("""async (text) => (await import("/static/message.js")).textWithLinks(text).innerHTML""", text)
    assert drawn == in_chat and f'href="{LINK}"' in drawn and "&lt;b&gt;" in drawn


def test_it_stands_in_a_frame_of_our_own_pages_only(page, served):
    headers = page.request.get(f"{served.url}{PAGE}").headers
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    page.goto(f"{served.url}/tai-khoan")
    page.evaluate("""(address) => { const frame = document.createElement("iframe"); frame.src = address; document.body.append(frame); }""", PAGE)
    inside = page.frame_locator("iframe")
    expect(inside.locator(".message").first).to_contain_text("Bài 1/2")
    assert inside.locator("nav.menu").count() == 0


def test_the_lesson_is_sent_to_ones_own_phone(page, served):
    opened(page, served)
    page.get_by_role("link", name="Gắn máy của tôi").click()
    page.get_by_role("button", name="Lấy mã để gắn máy").click()
    code = page.locator("code.copy").inner_text()
    app = served.app
    with app.database.write() as session:
        inbox.store(session, app.settings.key(), Incoming("telegram", "1", "7", code), app.clock())
    page.get_by_role("link", name="mở lại trang này").click()
    expect(page.get_by_text("Đang gắn: Telegram")).to_be_visible()
    opened(page, served)
    page.get_by_role("button", name="Gửi thử tới Telegram của tôi").click()
    expect(page.get_by_text("Đã gửi 5 tin tới Telegram của bạn.")).to_be_visible()
    page.get_by_role("button", name="Gửi thử tới Telegram của tôi").click()
    expect(page.get_by_text("Mỗi phút chỉ gửi thử được một lần")).to_be_visible()
    with app.database.read() as session:
        assert session.query(Outbound).filter(Outbound.kind == "trial").count() == 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_scrolls_sideways_and_axe_finds_nothing(page, served, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 700})
    page.emulate_media(color_scheme=scheme)
    for channel in CHANNELS:
        opened(page, served, channel)
        page.get_by_label("Gõ như người học").fill("tiếp")
        page.keyboard.press("Enter")
        expect(newest(page)).to_contain_text("1/3")
        page.get_by_label("Gõ như người học").fill("thời tiết hôm nay")
        page.keyboard.press("Enter")
        expect(page.locator(".aside")).to_contain_text("câu hỏi thường")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert [(v["id"], v["nodes"][0]["html"][:120]) for v in Axe().run(page).response["violations"]] == []
        small_ones = page.evaluate("""[...document.querySelectorAll("button:not(.default), select, input:not([type=hidden]), nav a")]
            .map((e) => [e.textContent.slice(0, 20), e.getBoundingClientRect()]).filter(([, r]) => r.height < 24 || r.width < 24).map(([t]) => t)""")
        assert small_ones == []
        page.evaluate("sessionStorage.clear()")
    page.goto(f"{served.url}/tai-khoan/may-cua-toi")
    page.get_by_role("button").filter(has_text="Lấy mã").click()
    expect(page.locator("code.copy")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in Axe().run(page).response["violations"]] == []
