"""Talks and announcements in Chromium: words appear by themselves, nothing typed is lost, all of it by keyboard and without a fault axe knows."""

import re

import pytest

from bot.clock import now
from bot.reminders import staffed
from bot.services import handover, inbox
from tests.announcing import TEXT, subscriber
from tests.browser.light import CHROMIUM, NEEDS_CHROMIUM, light
from tests.browser.studio import at_work
from tests.factories import KEY, incoming, talk_of

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

if CHROMIUM is not None:
    from playwright.sync_api import expect

TALKS, NEWS = "/admin/tro-chuyen", "/admin/thong-bao"
ALWAYS = staffed.read("1-7 00:00-23:59")
RENEWED = 5_000
"""Milliseconds after which the page has asked anew."""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with light(tmp_path_factory.mktemp("talks"), staffed_hours="1-7 00:00-23:59") as found:
        yield found


@pytest.fixture(params=[(320, "light"), (1280, "dark")], ids=lambda p: f"{p[0]} px, {p[1]}")
def page(request, browser, served):
    width, scheme = request.param
    with at_work(browser, served, "officer", viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce") as context:
        found = context.new_page()
        strange: list[str] = []
        found.on("console", lambda m: strange.append(m.text) if m.type == "error" and "400 (Bad Request)" not in m.text else None)
        found.on("pageerror", lambda e: strange.append(str(e)))
        yield found
        assert strange == []


def fine(page) -> None:
    from axe_playwright_python.sync_playwright import Axe

    assert [(v["id"], v["nodes"][0]["html"][:160]) for v in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"


def says(served, address: str, text: str, ask: bool = False) -> None:
    """A citizen writes, after asking for a person if so."""
    with served.app.database.write() as session:
        talk = talk_of(session, address, now=now())
        if ask:
            assert handover.request(session, talk, address, None, ALWAYS, now()).kind == "waiting"
        inbox.store(session, KEY, incoming(f"{address}:{text}", text, address), now())


def test_who_waits_appears_and_the_talk_goes_on_by_itself(page, served):
    address = f"sender-{page.viewport_size['width']:010}"
    page.clock.install()
    page.goto(f"{served.url}{TALKS}")
    expect(page.get_by_text("Không có ai đang chờ.")).to_be_visible()
    fine(page)
    says(served, address, "cho tôi hỏi", ask=True)
    with page.expect_response(f"**{TALKS}/moi"):
        page.clock.run_for(RENEWED)
    expect(page.locator("#bao")).to_have_text("1 người đang chờ")
    expect(page).to_have_title(re.compile(r"^\(1\)"))
    page.get_by_role("button", name="Nhận cuộc số").focus()
    page.keyboard.press("Enter")
    log = page.get_by_role("log")
    expect(log).to_contain_text("cho tôi hỏi")
    box = page.get_by_label("Trả lời người dân")
    box.fill("Dạ em nghe")
    says(served, address, "về giấy khai sinh")
    with page.expect_response("**/moi"):
        page.clock.run_for(RENEWED)
    expect(log).to_contain_text("về giấy khai sinh")
    expect(box).to_have_value("Dạ em nghe")  # what is being typed stays
    expect(log.locator("li")).to_have_count(2)
    fine(page)
    page.get_by_role("button", name="Gửi", exact=True).click()
    expect(page.get_by_role("log")).to_contain_text("Dạ em nghe")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Kết thúc trò chuyện").click()
    expect(page.get_by_role("status").filter(has_text="Đã kết thúc")).to_be_visible()


def test_an_announcement_from_the_form_to_what_each_channel_shows(page, served):
    with served.app.database.write() as session:
        subscriber(session, 1, now=now())
    page.goto(f"{served.url}{NEWS}")
    fine(page)
    page.get_by_role("link", name="Soạn thông báo").click()
    expect(page.get_by_label("Cơ quan gửi")).to_be_visible()
    fine(page)
    page.get_by_label("Cơ quan gửi").fill("UBND phường Hoa Lư")
    page.get_by_label("Tiêu đề").fill("Lịch tiêm phòng")
    page.get_by_label("Nội dung").fill("Gọi số 0912 345 678 để biết lịch nhé bà con.")
    page.get_by_role("button", name="Lưu và xem thử").click()
    expect(page.get_by_role("alert")).to_contain_text("không được chứa số điện thoại")
    page.get_by_label("Nội dung").fill(TEXT)
    page.get_by_role("button", name="Lưu và xem thử").click()
    expect(page.locator("#so-nguoi")).to_have_text("dưới 5")
    expect(page.get_by_role("heading", name="Zalo Bot")).to_be_visible()
    fine(page)
    page.get_by_role("button", name="Gửi duyệt").click()
    expect(page.get_by_text("Người soạn không tự duyệt được")).to_be_visible()
    expect(page.get_by_role("button", name="Duyệt", exact=True)).to_have_count(0)
