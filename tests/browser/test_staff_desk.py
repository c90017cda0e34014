"""Operations and reports in Chromium: the page renews itself without taking anything away, switches and downloads work by keyboard."""

from datetime import timedelta

import pytest

from bot.services import outbox
from bot.services.reports import orders
from bot.services.roll import Roll
from bot.store.tables import Outbound
from tests.browser.light import CHROMIUM, NEEDS_CHROMIUM, complaints, light
from tests.browser.studio import at_work
from tests.factories import talk_of

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

if CHROMIUM is not None:
    from playwright.sync_api import expect

HOME = "/admin/van-hanh"
RENEWED = 16_000
"""Milliseconds after which the page has looked anew."""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with light(tmp_path_factory.mktemp("desk")) as found:
        yield found


@pytest.fixture
def page(browser, served):
    with at_work(browser, served, "administrator", viewport={"width": 1280, "height": 800}) as context:
        found = context.new_page()
        strange = complaints(found)
        yield found
        assert strange == []


def broken(served, count: int = 1) -> None:
    with served.app.database.write() as session:
        talk = talk_of(session, channel="telegram", consent=("reminders",), now=served.app.clock())
        for n in range(count):
            ident = outbox.enqueue(session, talk, f"reminder:{served.app.clock().timestamp()}:{n}", "reminder", {"text": "chào"}, served.app.clock())
            session.flush()
            row = session.get_one(Outbound, ident)
            row.state, row.error = "dead", "bad_request"


def beat(served, ago: int = 0) -> None:
    with served.app.database.write() as session:
        Roll("worker:may-thu:1:x").beat(session, served.app.clock() - timedelta(seconds=ago))


def axe(page) -> list:
    from axe_playwright_python.sync_playwright import Axe

    return [(v["id"], v["nodes"][0]["html"][:120]) for v in Axe().run(page).response["violations"]]


def renewed(page) -> None:
    """The page has looked anew, and shows what it found."""
    at = page.locator("#luc")
    before = at.inner_text()
    page.clock.run_for(RENEWED)
    expect(at).not_to_have_text(before)


class TestRenewing:
    def test_what_changes_is_said_and_what_does_not_stays_where_it_is(self, page, served):
        beat(served, ago=99)
        page.clock.install()
        page.goto(f"{served.url}{HOME}")
        expect(page.get_by_text("Tự làm mới mỗi 15 giây")).to_be_visible()
        worker = page.locator("[data-check='Tiến trình gửi tin']")
        expect(worker).to_have_text("Cần xử lý")
        page.evaluate("document.querySelector('[data-part=errors]').dataset.kept = 'yes'")
        beat(served)
        renewed(page)
        expect(worker).to_have_text("Ổn")
        expect(page.locator("#bao")).to_contain_text("Tiến trình gửi tin: Ổn")
        assert page.evaluate("document.querySelector('[data-part=errors]').dataset.kept") == "yes"

    def test_nothing_is_said_when_nothing_turned(self, page, served):
        page.clock.install()
        page.goto(f"{served.url}{HOME}")
        beat(served)
        renewed(page)
        before = page.locator("#bao").inner_text()
        beat(served)
        renewed(page)
        assert page.locator("#bao").inner_text() == before

    def test_what_somebody_is_about_to_press_is_not_taken_away(self, page, served):
        broken(served)
        page.clock.install()
        page.goto(f"{served.url}{HOME}")
        button = page.get_by_role("button", name="Gửi lại tất cả")
        button.focus()
        broken(served)
        renewed(page)
        expect(button).to_be_focused()

    def test_a_screen_left_open_stops_asking_and_a_key_starts_it_again(self, page, served):
        page.clock.install()
        page.goto(f"{served.url}{HOME}")
        page.clock.fast_forward(31 * 60 * 1000)
        page.clock.run_for(RENEWED)
        expect(page.get_by_text("Đã dừng tự làm mới")).to_be_visible()
        with page.expect_response("**/tinh-hinh"):
            page.keyboard.press("Shift")
        expect(page.get_by_text("Tự làm mới mỗi 15 giây")).to_be_visible()

    def test_it_works_without_scripts(self, browser, served):
        broken(served)
        with at_work(browser, served, "administrator", java_script_enabled=False) as context:
            page = context.new_page()
            page.goto(f"{served.url}{HOME}")
            page.get_by_role("link", name="Xem lại ngay").click()
            expect(page.get_by_role("heading", name="Hàng chờ")).to_be_visible()
            page.get_by_role("button", name="Gửi lại tất cả").first.click()
            expect(page.get_by_role("status").first).to_contain_text("thư chạy lại")


def test_a_part_is_switched_off_and_on_by_keyboard_alone(page, served):
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{served.url}{HOME}")
    part = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Học và ôn tập"))
    part.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("cập nhật bài học")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Phần học đang tạm nghỉ để cập nhật bài học.")
    expect(part).to_contain_text("Đang tắt")
    part.get_by_role("button", name="Bật lại").focus()
    page.keyboard.press("Enter")
    expect(part).to_contain_text("Đang bật")


def test_a_report_is_ordered_appears_by_itself_and_opens(page, served):
    page.clock.install()
    page.goto(f"{served.url}/admin/bao-cao")
    page.get_by_label("Tên báo cáo").first.fill("Báo cáo thử")
    page.get_by_role("button", name="Lập báo cáo").click()
    expect(page.get_by_text("Đang chờ lập")).to_be_visible()
    assert orders.make(served.app.database, served.app.settings, served.app.clock)
    with page.expect_response("**/admin/bao-cao"):
        page.clock.run_for(6000)
    expect(page.locator("#bao")).to_have_text("Báo cáo đã lập xong.")
    link = page.get_by_role("link", name="Mở bản in Báo cáo thử")
    answer = page.request.get(f"{served.url}{link.get_attribute('href')}")
    assert answer.status == 200 and answer.body().startswith(b"%PDF-")


def test_a_table_is_two_clicks_from_the_dashboard(page, served):
    page.goto(f"{served.url}/admin")
    page.get_by_role("link", name="Báo cáo", exact=True).click()
    with page.expect_download() as got:
        page.get_by_role("link", name="XLSX Tổng quan").click()
    assert got.value.suggested_filename.startswith("tong-quan-") and got.value.suggested_filename.endswith(".xlsx")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", [HOME, "/admin/bao-cao"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(page, served, path, width, scheme):
    broken(served, 2)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{served.url}{path}")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert axe(page) == []
    small = page.evaluate("""() => [...document.querySelectorAll('main a, main button, main input, main select, main summary')]
        .filter((e) => e.offsetParent && e.type !== 'hidden' && e.getBoundingClientRect().height < 24 && !e.closest('label'))
        .map((e) => e.outerHTML.slice(0, 80))""")
    assert small == []
