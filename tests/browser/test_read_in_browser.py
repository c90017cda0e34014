"""The chat page tells which messages that came by themselves were really on the screen, and only those."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from bot.services import outbox, people
from bot.store.tables import Outbound
from tests.browser.light import NEEDS_CHROMIUM, chromium, light
from tests.browser.test_tabs import say, sender_of

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]
HIDE = "Object.defineProperty(document, 'hidden', { configurable: true, get: () => window.asleep ?? false });"
LOOKED = 2500


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    with light(tmp_path_factory.mktemp("read")) as one:
        yield one


@pytest.fixture
def page(bot):
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN")
        found = context.new_page()
        found.add_init_script(HIDE)
        found.goto(bot.url)
        say(found, "chào")
        expect(found.locator(".msg.bot")).to_have_count(1)
        yield found
        context.close()


def push(bot, page, text, kind="alert"):
    with bot.app.database.write() as session:
        talk = people.conversation(session, bot.app.settings.key(), "web", sender_of(page), bot.app.clock())
        return outbox.enqueue(session, talk, f"{text}:{talk.id}", kind, {"text": text, "buttons": []}, bot.app.clock())


def read(bot, *ids):
    with bot.app.database.read() as session:
        return [session.scalars(select(Outbound.read_at).where(Outbound.id == ident)).one() is not None for ident in ids]


def until_read(bot, page, ident):
    """Waits until the server has been told."""
    for _ in range(600):
        if read(bot, ident) == [True]:
            return
        page.wait_for_timeout(100)
    raise AssertionError("nobody told")


def asleep(page, yes):
    page.evaluate(f"window.asleep = {'true' if yes else 'false'}; document.dispatchEvent(new Event('visibilitychange'))")


def test_what_stands_on_a_visible_page_is_told_once(bot, page):
    told = []
    page.on("request", lambda r: told.append(r.post_data_json["ids"]) if r.url.endswith("/api/chat/seen") else None)
    one = push(bot, page, "Tin thứ nhất")
    expect(page.locator(".msg.bot", has_text="Tin thứ nhất")).to_be_visible()
    until_read(bot, page, one)
    assert told == [[one]]
    say(page, "một câu nữa")
    expect(page.locator(".msg.bot", has_text="Nghe rồi: một câu nữa")).to_be_visible()
    page.reload()
    page.wait_for_timeout(LOOKED)
    assert told == [[one]]


def test_a_page_that_nobody_looks_at_tells_nothing_until_they_do(bot, page):
    asleep(page, True)
    one = push(bot, page, "Tin lúc ngủ")
    expect(page.locator(".msg.bot", has_text="Tin lúc ngủ")).to_be_visible()
    page.wait_for_timeout(LOOKED)
    assert read(bot, one) == [False]
    asleep(page, False)
    until_read(bot, page, one)


def test_what_is_further_down_is_read_when_it_is_scrolled_to_even_after_a_reload(bot, page):
    for n in range(14):
        say(page, f"câu dài {n} " * 12)
        expect(page.locator(".msg.bot")).to_have_count(n + 2)
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_function("window.scrollY === 0")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")  # the page has noticed it as well
    one = push(bot, page, "Tin ở cuối")
    expect(page.locator(".msg.bot", has_text="Tin ở cuối")).to_be_attached()
    page.wait_for_timeout(LOOKED)
    assert read(bot, one) == [False]
    page.reload()
    page.wait_for_timeout(LOOKED)
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    until_read(bot, page, one)


def test_a_server_that_cannot_be_reached_is_told_later(bot, page):
    page.route("**/api/chat/seen", lambda route: route.abort())
    one = push(bot, page, "Tin khi mạng hỏng")
    expect(page.locator(".msg.bot", has_text="Tin khi mạng hỏng")).to_be_visible()
    page.wait_for_timeout(LOOKED)
    assert read(bot, one) == [False]
    page.unroute("**/api/chat/seen")
    asleep(page, False)
    until_read(bot, page, one)
