"""Every page of staff, with data on it: no fault that axe knows, nothing that scrolls sideways, no error in the console; phone and desk."""

import pytest

from tests.browser.light import NEEDS_CHROMIUM
from tests.browser.staff_walk import PAGES, furnished, sign_in

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with furnished(tmp_path_factory.mktemp("walk"), share=0.005) as found:
        yield found


@pytest.fixture(scope="module", params=[(320, "light"), (1280, "dark")], ids=lambda p: f"{p[0]} px, {p[1]}")
def page(request, browser, served):
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="vi-VN", color_scheme=scheme, reduced_motion="reduce")
    found = context.new_page()
    sign_in(found, served)
    yield found
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_page(page, served, name):
    from axe_playwright_python.sync_playwright import Axe

    strange = []
    listen = lambda message: strange.append(message.text) if message.type == "error" else None
    page.on("console", listen)
    answer = page.goto(f"{served.url}{PAGES[name]}")
    assert answer.status == 200
    page.wait_for_load_state("networkidle")
    for one in page.locator("main details").all():
        one.evaluate("one => one.open = true")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"
    assert [(v["id"], v["nodes"][0]["html"][:160]) for v in Axe().run(page).response["violations"]] == []
    assert page.locator("h1").count() == 1 and page.title()
    assert strange == []
    page.remove_listener("console", listen)


def test_the_menu_leads_to_nothing_that_is_not_walked(page, served):
    page.goto(f"{served.url}/admin")
    walked = {path.partition("?")[0] for path in PAGES.values()}
    links = page.get_by_role("navigation", name="Các trang").get_by_role("link").all()
    assert {link.get_attribute("href") for link in links} - walked == set()
