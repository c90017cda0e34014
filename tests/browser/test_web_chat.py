"""The web chat in a real browser: first visit, question, three cards, reload, a reminder arriving, accessibility."""

import pytest
from playwright.sync_api import expect

from tests.browser.light import NEEDS_CHROMIUM, complaints
from tests.integration.test_conversation import served_due

pytestmark = [pytest.mark.served, pytest.mark.browser, NEEDS_CHROMIUM]

@pytest.fixture
def page(browser, served):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN")
    found = context.new_page()
    errors = complaints(found, but="ERR_INTERNET_DISCONNECTED")
    found.goto(served.url)
    yield found
    context.close()
    assert errors == []


def say(page, words: str) -> None:
    page.get_by_test_id("input").fill(words)
    page.get_by_test_id("input").press("Enter")


def newest(page):
    return page.locator(".msg.bot").last


def tap(page, title: str) -> None:
    page.locator(".msg button.choice", has_text=title).last.click()


def learning(page) -> None:
    say(page, "xin chào")
    expect(newest(page)).to_contain_text("không lưu họ tên")
    tap(page, "Đồng ý cả hai")
    expect(newest(page)).to_contain_text("Tôi sẽ lưu")
    tap(page, "Học chống lừa đảo")
    expect(newest(page)).to_contain_text("Bài 1/7")
    tap(page, "Bắt đầu bài")
    expect(newest(page)).to_contain_text("Bài 1 · 1/")


def test_a_first_visit_offers_something_to_tap_and_answers_it(page):
    chip = page.locator(".chip").first
    expect(chip).to_be_visible()
    chip.click()
    expect(page.locator(".msg.bot", has_text="Giấy chứng sinh")).to_be_visible()
    expect(page.locator(".msg.bot a[href^='https://dichvucong.gov.vn']").first).to_be_visible()


def test_three_cards_a_reload_and_on_from_the_same_place(page):
    learning(page)
    for _ in range(2):
        answers = page.locator(".msg.bot").count()
        if newest(page).locator("button.choice", has_text="Tiếp").count():
            tap(page, "Tiếp")
        else:
            say(page, "a")
        expect(page.locator(".msg.bot")).not_to_have_count(answers)
        expect(page.locator("#typing")).to_be_hidden()
    before = newest(page).inner_text()
    count = page.locator(".msg").count()
    page.reload()
    expect(page.locator(".msg")).to_have_count(count)
    assert newest(page).inner_text() == before
    say(page, "xem lại")
    expect(page.locator(".msg")).to_have_count(count + 2)
    assert newest(page).inner_text().split("\n")[0:3] == before.split("\n")[0:3]


def test_a_reminder_arrives_in_the_open_page(page, served):
    learning(page)
    say(page, "nhắc tôi sau 2 phút mua phân bón")
    expect(page.locator(".msg.bot", has_text="Đã đặt")).to_be_visible()
    served_due(served, None)
    expect(page.locator(".msg.bot", has_text="Đến giờ bạn dặn: mua phân bón")).to_be_visible()
    page.reload()
    page.wait_for_timeout(3000)
    expect(page.locator(".msg.bot", has_text="Đến giờ bạn dặn: mua phân bón")).to_have_count(1)


def test_keyboard_alone_is_enough(page):
    page.get_by_test_id("input").focus()
    page.keyboard.type("đăng ký kết hôn cần gì")
    page.keyboard.press("Enter")
    expect(page.locator(".msg.bot button.choice").first).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.classList.contains('choice')"):
            break
    assert page.evaluate("document.activeElement.classList.contains('choice')")
    count = page.locator(".msg").count()
    page.keyboard.press("Enter")
    expect(page.locator(".msg")).not_to_have_count(count)


def test_large_text_is_larger_and_remembered(page):
    before = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    page.get_by_test_id("big-text").click()
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") > before
    page.reload()
    expect(page.get_by_test_id("big-text")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_scrolls_sideways_and_axe_finds_nothing(page, width):
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 700})
    say(page, "làm hộ chiếu mất bao lâu")
    expect(page.locator(".msg.bot", has_text="8 ngày làm việc")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == []


def test_erasure_empties_the_page_too(page):
    learning(page)
    say(page, "xóa dữ liệu của tôi")
    expect(page.locator(".msg.bot button.choice", has_text="Xóa hết").last).to_be_visible()
    tap(page, "Xóa hết")
    expect(page.locator(".msg.bot", has_text="Mã biên nhận")).to_be_visible()
    page.reload()
    expect(page.locator(".chip").first).to_be_visible()


def test_the_page_works_offline_and_sends_when_the_network_is_back(page):
    page.context.set_offline(True)
    say(page, "thủ tục khai tử cần gì")
    expect(page.get_by_text("Chưa gửi được")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".msg.bot", has_text="khai tử").first).to_be_visible()


