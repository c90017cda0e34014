"""A page whose script is still on its way: what is typed and pressed by then is said once the script is there, and only once."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.light import NEEDS_CHROMIUM, complaints, light

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    with light(tmp_path_factory.mktemp("slow")) as found:
        yield found


class Slow:
    """A page and its chat.js, which comes when told."""

    def __init__(self, page: Page, url: str):
        self.page, self.held = page, []
        page.route("**/static/chat.js*", lambda route: self.held.append(route))
        page.goto(url, wait_until="commit")
        expect(page.get_by_test_id("input")).to_be_visible()

    def comes(self) -> None:
        for route in self.held:
            route.continue_()


@pytest.fixture
def slow(browser, bot) -> Iterator[Slow]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN")
    page = context.new_page()
    errors = complaints(page)
    yield Slow(page, bot.url)
    context.close()
    assert errors == []


@pytest.mark.parametrize("how", ["enter", "button"])
def test_what_was_sent_before_the_script_is_said_once(slow, how):
    words = slow.page.get_by_test_id("input")
    words.fill("mở quán phở")
    for _ in range(2):
        words.press("Enter") if how == "enter" else slow.page.get_by_test_id("send").click()
    expect(words).to_have_value("mở quán phở")
    slow.comes()
    expect(slow.page.locator(".msg.bot", has_text="Nghe rồi: mở quán phở")).to_be_visible()
    expect(slow.page.locator(".msg.user")).to_have_count(1)
    expect(words).to_have_value("")
    words.fill("còn phí")
    words.press("Enter")
    expect(slow.page.locator(".msg.bot", has_text="Nghe rồi: còn phí")).to_be_visible()
    expect(slow.page.locator(".msg")).to_have_count(4)


def test_shift_and_enter_still_begins_a_line(slow):
    words = slow.page.get_by_test_id("input")
    words.fill("một")
    words.press("Shift+Enter")
    slow.comes()
    expect(words).to_have_value("một\n")
    expect(slow.page.locator(".msg")).to_have_count(0)
