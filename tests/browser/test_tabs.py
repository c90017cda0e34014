"""One citizen with several tabs, the same browser or not: everything is seen in each of them, once; offline and back."""

import json

import pytest
from playwright.sync_api import expect

from bot.services import outbox, people
from tests.browser.light import NEEDS_CHROMIUM, light

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]
KEY = "tro-ly-cong-dan-so.chat"


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    with light(tmp_path_factory.mktemp("tabs")) as one:
        yield one


@pytest.fixture
def context(browser):
    found = browser.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN")
    yield found
    found.close()


def tab(context, bot, query=""):
    page = context.new_page()
    page.goto(bot.url + query)
    return page


def say(page, words):
    page.get_by_test_id("input").fill(words)
    page.get_by_test_id("input").press("Enter")


def kept(page):
    """What the tab keeps on its device."""
    return json.loads(page.evaluate(f"localStorage.getItem('{KEY}')"))


def sender_of(page):
    return kept(page)["sender"]


def elsewhere(browser, bot, page):
    """A tab of the same sender that shares no storage with the first: what is said there can come by the stream only."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    state = {"epoch": "e", "sender": sender_of(page), "lastId": max(m.get("id") or 0 for m in kept(page)["log"]), "log": [], "outbox": []}
    context.add_init_script(f"localStorage.getItem('{KEY}') || localStorage.setItem('{KEY}', {json.dumps(json.dumps(state))})")
    page = context.new_page()
    with page.expect_response("**/api/chat/events?*"):  # what is said before that it cannot hear
        page.goto(bot.url)
    return page, context


def messages(page):
    return page.locator(".msg .text").all_inner_texts()


def test_two_tabs_of_one_browser_show_the_same_conversation(context, bot):
    one, two = tab(context, bot), tab(context, bot)
    say(one, "một")
    expect(one.locator(".msg.bot", has_text="Nghe rồi: một")).to_be_visible()
    expect(two.locator(".msg.bot", has_text="Nghe rồi: một")).to_be_visible()
    say(two, "hai")
    expect(one.locator(".msg.bot", has_text="Nghe rồi: hai")).to_be_visible()
    one.wait_for_timeout(2500)  # the stream brings the answers once more
    assert messages(one) == messages(two) == ["một", "Nghe rồi: một", "hai", "Nghe rồi: hai"]
    one.reload()
    one.wait_for_timeout(1500)
    assert messages(one) == ["một", "Nghe rồi: một", "hai", "Nghe rồi: hai"]


def test_a_tab_that_shares_nothing_hears_words_and_answers_by_the_stream(browser, context, bot):
    one = tab(context, bot)
    say(one, "chào")
    expect(one.locator(".msg.bot")).to_have_count(1)
    two, other = elsewhere(browser, bot, one)
    say(one, "căn cước 034082001234 mất")
    expect(two.locator(".msg.bot", has_text="Nghe rồi")).to_be_visible()
    expect(two.locator(".msg.user")).to_have_text("Bạn: căn cước [số giấy tờ] mất")
    say(one, "nút")
    two.locator(".choice", has_text="Học bài").click()
    expect(one.locator(".msg.bot", has_text="Nghe rồi: /start_course")).to_be_visible()
    expect(one.locator(".msg.user").last).to_have_text("Bạn: Học bài")
    assert len(bot.rasa.turns) == len({t["message_id"] for t in bot.rasa.turns}), "no turn was made twice"
    other.close()


def test_what_was_missed_while_a_tab_slept_comes_when_it_wakes(browser, context, bot):
    one = tab(context, bot)
    say(one, "chào")
    expect(one.locator(".msg.bot")).to_have_count(1)
    two, other = elsewhere(browser, bot, one)
    say(one, "trước")
    expect(two.locator(".msg.bot", has_text="Nghe rồi: trước")).to_be_visible()
    other.set_offline(True)
    two.wait_for_timeout(300)
    say(one, "giữa")
    expect(one.locator(".msg.bot", has_text="Nghe rồi: giữa")).to_be_visible()
    with bot.app.database.write() as session:
        talk = people.conversation(session, bot.app.settings.key(), "web", sender_of(one), bot.app.clock())
        outbox.enqueue(session, talk, "reminder:1:x", "reminder", {"text": "Tin đến lúc vắng", "buttons": []}, bot.app.clock())
    expect(one.locator(".msg.bot", has_text="Tin đến lúc vắng")).to_be_visible()
    other.set_offline(False)
    expect(two.locator(".msg.bot", has_text="Nghe rồi: giữa")).to_have_count(1)
    expect(two.locator(".msg.bot", has_text="Tin đến lúc vắng")).to_have_count(1)
    assert sum("Nghe rồi: trước" in m for m in messages(two)) == 1
    other.close()


def test_two_tabs_offline_queue_and_send_everything_once_and_in_order(context, bot):
    one, two = tab(context, bot), tab(context, bot)
    say(one, "đầu tiên")
    expect(two.locator(".msg.bot", has_text="Nghe rồi: đầu tiên")).to_be_visible()
    before = len(bot.rasa.turns)
    context.set_offline(True)
    say(one, "khi mất mạng 1")
    say(two, "khi mất mạng 2")
    say(one, "khi mất mạng 3")
    expect(one.get_by_text("Chưa gửi được").first).to_be_visible()
    context.set_offline(False)
    for page in (one, two):
        for n in (1, 2, 3):
            expect(page.locator(".msg.bot", has_text=f"Nghe rồi: khi mất mạng {n}")).to_have_count(1)
    assert [t["text"] for t in bot.rasa.turns[before:]] == [f"khi mất mạng {n}" for n in (1, 2, 3)]
    one.wait_for_timeout(2500)
    assert sorted(messages(one)) == sorted(messages(two)) and len(messages(one)) == len(set(messages(one)))
    expect(one.get_by_text("Chưa gửi được")).to_have_count(0)


def test_wiping_in_one_tab_wipes_the_other(context, bot):
    one, two = tab(context, bot), tab(context, bot)
    say(one, "một")
    expect(two.locator(".msg.bot")).to_have_count(1)
    one.get_by_test_id("menu").click()
    one.get_by_text("Xóa đoạn chat trên máy này").first.click()
    one.get_by_role("button", name="Xóa đoạn chat", exact=True).click()
    expect(two.locator(".msg")).to_have_count(0)
    one.wait_for_timeout(2500)
    assert messages(one) == messages(two) == [], "the stream does not bring back what was wiped"


@pytest.mark.parametrize(("query", "words", "payload"), [
    ("/?khoa=gia-danh-cong-an", "Tôi muốn xem khóa học này", '/list_courses{"value": "course:gia-danh-cong-an"}'),
    ("/?xa=13285", "Tôi ở xã, phường này", '/set_commune{"value": "13285"}')])
def test_a_link_is_passed_on_as_the_first_message_once(context, bot, query, words, payload):
    page = tab(context, bot, query)
    expect(page.locator(".msg.bot", has_text=f"Nghe rồi: {payload}")).to_be_visible()
    assert page.url == bot.url + "/"
    page.reload()
    page.wait_for_timeout(1500)
    assert messages(page) == [words, f"Nghe rồi: {payload}"]


@pytest.mark.parametrize("query", ["/?khoa=%22%7D", "/?xa=", "/?khoa=../x"])
def test_a_link_that_means_nothing_says_nothing(context, bot, query):
    page = tab(context, bot, query)
    page.wait_for_timeout(800)
    assert messages(page) == []
    expect(page.locator("#welcome")).to_be_visible()
