"""The page of warnings in Chromium: readable at any width and in both schemes, by keyboard to a cluster, a course and an export."""

import re
from datetime import timedelta

import pytest

from tests.browser.light import CHROMIUM, NEEDS_CHROMIUM, complaints, light
from tests.browser.studio import at_work
from tests.unit.services.test_spread import NOW, a_past, outbreak, sent

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

if CHROMIUM is not None:
    from playwright.sync_api import expect

HOME = "/admin/canh-bao"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with light(tmp_path_factory.mktemp("incidents")) as found:
        found.app.clock = lambda: NOW
        with found.app.database.write() as session:
            a_past(session)
            outbreak(session, 9)
            for n in range(7):
                sent(session, f"bank{n}", NOW - timedelta(days=n), found=(("phone", "0987654321"), ("account", "0123456789012345678")), trick="bank")
        yield found


@pytest.fixture
def page(browser, served):
    with at_work(browser, served, "administrator", viewport={"width": 1280, "height": 800}) as context:
        found = context.new_page()
        strange = complaints(found)
        yield found
        assert strange == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(page, served, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{served.url}{HOME}")
    cluster = page.get_by_role("link", name="Giả VNeID").first.get_attribute("href")
    for path in (HOME, cluster, f"{HOME}/xuat"):
        page.goto(f"{served.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        assert [(path, v["id"], v["nodes"][0]["html"][:160]) for v in Axe().run(page).response["violations"]] == []


def test_by_keyboard_from_the_list_to_a_draft_of_a_course(page, served):
    page.goto(f"{served.url}{HOME}")
    page.get_by_role("link", name="Giả VNeID").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đang tăng nhanh")).to_be_visible()
    page.get_by_role("button", name="Soạn bài học ngắn").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã mở bài cảnh báo")


def test_an_announcement_begins_with_the_words_of_the_warning(page, served):
    page.goto(f"{served.url}{HOME}")
    page.get_by_role("link", name="Giả VNeID").first.click()
    page.get_by_role("link", name="Soạn thông báo").click()
    expect(page.locator("#text")).to_have_value(re.compile("Nhiều người vừa báo về chiêu"))


def test_the_export_is_one_click_from_its_form(page, served):
    page.goto(f"{served.url}{HOME}/xuat?ky=7")
    with page.expect_download() as got:
        page.get_by_role("link", name="STIX 2.1").click()
    assert got.value.suggested_filename.endswith(".json")
