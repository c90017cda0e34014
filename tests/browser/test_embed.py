"""The chat in a corner of the province's portal: one line of HTML, under a strict policy, by mouse, keyboard and screen reader."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import expect
from pydantic import ValidationError

from bot.config import Settings
from tests.browser.light import NEEDS_CHROMIUM, light
from tests.patience import get
from tests.served import free_port
from tests.standins.serving import Serving

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

PAGE = """<!doctype html><html lang="vi"><head><title>Cổng thông tin</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/portal.css"></head><body><main><h1>Cổng thông tin điện tử</h1><p>{filler}</p></main>
<script src="{bot}/embed.js" async{options}></script></body></html>"""
HOSTILE = "button, iframe { display: none !important } body > * { position: static !important; opacity: .1 !important }"
"""A portal's style that must not reach the chat."""


def portal(bot: str, policy: str) -> FastAPI:
    """Pages of a portal on another origin with a policy of its own. /left: with options."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/portal.css")
    def style() -> HTMLResponse:
        return HTMLResponse(HOSTILE, media_type="text/css")

    @app.get("/")
    @app.get("/{name}")
    def page(name: str = "") -> HTMLResponse:
        options = ' data-side="left" data-xa="13285"' if name == "left" else ""
        return HTMLResponse(PAGE.format(bot=bot, options=options, filler="Tin tức của tỉnh. " * 400), headers={"Content-Security-Policy": policy})

    return app


@pytest.fixture(scope="module")
def sites(tmp_path_factory) -> Iterator[tuple]:
    """(our web server, address of the portal)."""
    at_portal, at_bot = free_port(), free_port()
    address = f"http://127.0.0.1:{at_bot}"
    strict = f"default-src 'none'; style-src 'self'; img-src 'self' data:; script-src {address}; frame-src {address}"
    with light(tmp_path_factory.mktemp("embed"), at_bot, embed_ancestors=f"'self' http://127.0.0.1:{at_portal}") as bot, \
            Serving(portal(address, strict), at_portal) as served:
        yield bot, served.url


@pytest.fixture(params=[(1280, 800), (320, 640)], ids=["desk", "320px"])
def page(request, browser, sites):
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN")
    found = context.new_page()
    errors: list[str] = []
    found.on("pageerror", lambda e: errors.append(str(e)))
    found.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    found.goto(f"{sites[1]}/")
    yield found
    context.close()
    assert errors == [], "no policy was violated"


def opener(page):
    return page.get_by_role("button", name="Hỏi Trợ lý Công dân số")


def chat(page):
    return page.frame_locator("iframe[title='Trợ lý Công dân số']")


def has_focus(page, words: str) -> None:
    """What says these words gets the focus."""
    page.wait_for_function("words => document.querySelector('[data-tro-ly-cong-dan-so]').shadowRoot.activeElement?.textContent === words", arg=words)


def test_one_line_opens_the_chat_and_it_answers(page, sites):
    assert page.locator("iframe").count() == 0, "nothing of the chat loads before it is opened"
    opener(page).click()
    chat(page).get_by_test_id("input").fill("làm hộ chiếu")
    chat(page).get_by_test_id("input").press("Enter")
    expect(chat(page).locator(".msg.bot", has_text="Nghe rồi: làm hộ chiếu")).to_be_visible()
    page.get_by_role("button", name="Đóng khung chat").click()
    expect(opener(page)).to_be_visible()
    opener(page).click()
    expect(chat(page).locator(".msg.bot")).to_have_count(1)


def test_the_frame_is_sandboxed_and_says_nothing_of_the_portal(page):
    opener(page).click()
    frame = page.locator("iframe")
    assert set(frame.get_attribute("sandbox").split()) == {"allow-scripts", "allow-same-origin", "allow-forms", "allow-popups",
                                                           "allow-popups-to-escape-sandbox"}
    assert frame.get_attribute("referrerpolicy") == "no-referrer"
    expect(chat(page).get_by_test_id("input")).to_be_visible()
    assert chat(page).locator("html").evaluate("() => { try { return parent.document.title } catch { return 'blocked' } }") == "blocked"


def test_by_keyboard_alone_it_opens_is_used_and_closes(page):
    page.keyboard.press("Tab")
    has_focus(page, "Hỏi Trợ lý Công dân số")
    assert "rgb(255, 215, 94)" in opener(page).evaluate("e => getComputedStyle(e).outlineColor")
    page.keyboard.press("Enter")
    has_focus(page, "✕ Đóng")
    expect(chat(page).get_by_test_id("input")).to_be_visible()
    page.keyboard.press("Tab")
    chat(page).get_by_test_id("input").focus()
    page.keyboard.type("mở quán phở")
    page.keyboard.press("Enter")
    expect(chat(page).locator(".msg.bot")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_be_hidden()
    has_focus(page, "Hỏi Trợ lý Công dân số")  # it goes back to where it came from
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_be_hidden()


def test_escape_closes_an_open_menu_of_the_chat_first(page):
    opener(page).click()
    chat(page).get_by_test_id("menu").click()
    page.keyboard.press("Escape")
    expect(chat(page).locator("#menu")).to_be_hidden()
    expect(page.locator("iframe")).to_be_visible()


def test_it_fits_and_leaves_the_portal_readable(page):
    before = page.evaluate("document.documentElement.scrollWidth")
    assert opener(page).evaluate("e => { const r = e.getBoundingClientRect(); return r.left >= 0 && r.right <= innerWidth && r.height >= 44 }")
    opener(page).click()
    expect(chat(page).get_by_test_id("input")).to_be_visible()
    box, view = page.locator("[role=dialog]").bounding_box(), page.viewport_size
    assert box["x"] >= 0 and box["x"] + box["width"] <= view["width"] and box["y"] >= 0 and box["y"] + box["height"] <= view["height"]
    assert (box["width"] == view["width"]) is (view["width"] < 480), "a small screen is filled"
    assert page.evaluate("document.documentElement.scrollWidth") == before
    assert chat(page).locator("html").evaluate("e => e.scrollWidth <= innerWidth")
    for part in ("[role=dialog]", "[data-tro-ly-cong-dan-so]"):
        assert page.locator(part).evaluate("e => [getComputedStyle(e).opacity, getComputedStyle(e).position]") == ["1", "fixed"]


@pytest.mark.parametrize("is_open", [False, True])
def test_axe_finds_nothing(browser, sites, is_open):
    """Axe has to be injected, which the strict policy of the portal forbids to anybody: here it is set aside."""
    context = browser.new_context(viewport={"width": 390, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{sites[1]}/")
    expect(opener(page)).to_be_visible()
    if is_open:
        opener(page).click()
        expect(chat(page).get_by_test_id("input")).to_be_visible()
    found = Axe().run(page, context="[data-tro-ly-cong-dan-so]").response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == []
    context.close()


def test_options_choose_the_side_and_what_the_chat_begins_with(browser, sites):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{sites[1]}/left")
    assert opener(page).bounding_box()["x"] < 100
    opener(page).click()
    expect(chat(page).locator(".msg.bot", has_text='/set_commune{"value": "13285"}')).to_be_visible()
    context.close()


def test_the_script_twice_is_one_button(browser, sites):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{sites[1]}/")
    expect(opener(page)).to_be_visible()
    page.evaluate("url => new Promise(done => { const s = document.createElement('script'); s.src = url; s.onload = done; document.body.append(s) })",
                  f"{sites[0].url}/embed.js?again")
    assert page.locator("[data-tro-ly-cong-dan-so]").count() == 1
    context.close()


def test_a_message_from_elsewhere_closes_nothing(browser, sites):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{sites[1]}/")
    opener(page).click()
    expect(chat(page).get_by_test_id("input")).to_be_visible()
    page.evaluate("postMessage('tro-ly-cong-dan-so:close', '*')")
    page.wait_for_timeout(300)
    expect(page.locator("iframe")).to_be_visible()
    context.close()


def test_a_site_that_is_not_named_cannot_frame_the_chat(browser, sites):
    bot, _ = sites
    stranger = FastAPI()

    @stranger.get("/")
    def page_of_stranger() -> HTMLResponse:
        return HTMLResponse(f"<iframe title='x' src='{bot.url}/'></iframe>")

    with Serving(stranger) as other:
        context = browser.new_context()
        page = context.new_page()
        with page.expect_console_message(lambda m: "frame-ancestors" in m.text):
            page.goto(other.url)
        assert page.frame_locator("iframe").get_by_test_id("input").count() == 0
        context.close()


# --- headers and settings, without a browser


def test_only_the_chat_page_may_be_framed_by_others(sites):
    bot, portal_url = sites
    policy = {path: get(bot.url + path).headers["content-security-policy"] for path in ("/", "/health", "/embed.js")}
    assert policy["/"].endswith(f"; frame-ancestors 'self' {portal_url}")
    assert policy["/health"].endswith("; frame-ancestors 'self'") and policy["/embed.js"].endswith("; frame-ancestors 'self'")


def test_the_script_is_javascript_that_any_site_may_load(sites):
    answer = get(f"{sites[0].url}/embed.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize("given", ["'self'", "'none'", "https://ninhbinh.gov.vn", "'self'  https://*.ninhbinh.gov.vn http://127.0.0.1:8090 https://a.vn:*"])
def test_who_may_frame_is_a_list_of_sources(given):
    assert Settings(_env_file=None, embed_ancestors=given).embed_ancestors == " ".join(given.split())


@pytest.mark.parametrize("given", ["", "*", "self", "https:", "https://a.vn; script-src *", "https://a.vn\nX-Evil: 1 x", "'none' https://a.vn", "https://a.vn/path",
                                   "https://*", "javascript:alert(1)"])
def test_what_could_say_more_than_that_is_refused(given):
    with pytest.raises(ValidationError):
        Settings(_env_file=None, embed_ancestors=given)
