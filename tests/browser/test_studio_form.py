"""The lesson form in a real browser: a lesson made from nothing, saved by itself, kept through a lost connection, usable by keyboard."""

import re

import pytest
from playwright.sync_api import expect

from bot.services import authoring, staff
from tests.browser.light import light
from tests.browser.studio import add, at_work, write_lesson
from tests.small_course import publish

pytestmark = pytest.mark.browser
LESSON, SETTINGS = "/studio/khoa-hoc/khoa-nho/bai/l1", "/studio/khoa-hoc/khoa-nho/cai-dat"


@pytest.fixture
def served(tmp_path):
    with light(tmp_path / "data") as made:
        with made.app.database.write() as session:
            publish(session, tmp_path / "courses")
        yield made


@pytest.fixture
def page(browser, served):
    with at_work(browser, served, "author", viewport={"width": 1280, "height": 900}) as context:
        found = context.new_page()
        errors: list[str] = []
        found.on("pageerror", lambda e: errors.append(str(e)))
        found.on("console", lambda m: errors.append(m.text) if m.type == "error" and "ERR_INTERNET_DISCONNECTED" not in m.text else None)
        opened(found, served, SETTINGS)
        yield found
        assert errors == []


def opened(page, served, address: str = LESSON) -> None:
    """The page with a draft to edit."""
    page.goto(served.url + address)
    begin = page.get_by_role("button", name="Mở bản soạn để sửa")
    if begin.count():
        begin.click()
        expect(begin).to_have_count(0)


def document(served, slug: str = "khoa-nho") -> dict:
    with served.app.database.read() as session:
        return authoring.document_of(session, slug)


def parts(served) -> list[str]:
    return [part["id"] for step in document(served)["lessons"][0]["steps"] for part in step.values()]


def saved(page) -> None:
    expect(page.locator("#trang-thai")).to_contain_text("Đã lưu lúc")


def test_a_lesson_of_five_cards_and_two_questions_is_made_from_nothing(page, served):
    with served.app.database.write() as session:
        who = staff.Who(1, "ai", "Ai", "author", (), "", False)
        draft = authoring.create(session, who, "Khoá thử của cô giáo", "citizens", served.app.clock())
    page.goto(f"{served.url}/studio/khoa-hoc/{draft.slug}/bai/l1")
    write_lesson(page)
    expect(page.get_by_text("Trang này đã đủ")).to_be_visible()
    lesson = document(served, draft.slug)["lessons"][0]
    assert [next(iter(step)) for step in lesson["steps"]] == ["card"] * 5 + ["question"] * 2
    assert lesson["steps"][4]["card"]["text"] == "Đây là thẻ thứ 5. Người lạ gọi thì gác máy."


def test_it_saves_by_itself_and_the_preview_follows(page, served):
    opened(page, served)
    page.evaluate("""() => {
        const state = document.getElementById("trang-thai");
        window.told = [];
        new MutationObserver(() => window.told.push(state.textContent)).observe(state, { childList: true, characterData: true, subtree: true });
    }""")
    page.get_by_label("Nội dung thẻ").first.fill("Chữ mới của thẻ, vừa gõ xong.")
    saved(page)
    assert page.evaluate("window.told[0]") == "Đang soạn…"
    assert document(served)["lessons"][0]["steps"][0]["card"]["text"] == "Chữ mới của thẻ, vừa gõ xong."
    page.get_by_label("Tên bài").fill("Tên bài hiện ở bản xem thử")
    saved(page)
    expect(page.frame_locator("#xem-thu").get_by_text("Tên bài hiện ở bản xem thử").first).to_be_attached()


def test_words_are_counted_and_what_is_wrong_stands_at_its_field(page, served):
    opened(page, served)
    card = page.get_by_label("Nội dung thẻ").first
    card.fill("chữ " * 61)
    count = page.locator(f"#{card.get_attribute('id')}-dem")
    expect(count).to_have_text("61/60 chữ")
    expect(count).to_have_class(re.compile("over"))
    saved(page)
    expect(card).to_have_attribute("aria-invalid", "true")
    described = card.get_attribute("aria-describedby").split()
    assert "Hãy tách làm hai thẻ" in page.locator(f"#{described[-1]}").text_content() + page.locator(".part").first.text_content()
    page.locator("#con-thieu summary").click()
    page.locator("#con-thieu a").first.click()
    page.wait_for_function("document.activeElement.closest('.part, .head') !== null")
    card.fill("Ngắn lại rồi, một ý thôi.")
    expect(page.locator(".part").first.locator("[data-left]")).to_have_text("Đủ")
    expect(card).not_to_have_attribute("aria-invalid", "true")


def test_undo_and_redo_by_button_and_the_browsers_own_within_a_field(page, served):
    opened(page, served)
    expect(page.get_by_role("button", name="Hoàn tác")).to_be_disabled()
    page.locator(".part").first.get_by_role("button", name="Bỏ thẻ 1").click()
    expect(page.locator(".parts .part")).to_have_count(2)
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.locator(".parts .part")).to_have_count(3)
    page.get_by_role("button", name="Làm lại").click()
    expect(page.locator(".parts .part")).to_have_count(2)
    title = page.get_by_label("Tên bài")
    title.click()
    page.keyboard.press("End")
    page.keyboard.type(" thêm")
    page.keyboard.press("Control+z")
    expect(title).not_to_have_value("Bài số 1 thêm")
    assert len(parts(served)) == 2


def test_a_lost_connection_is_said_and_everything_is_saved_when_it_is_back(page, served):
    opened(page, served)
    page.context.set_offline(True)
    page.get_by_label("Tên bài").fill("Gõ lúc mất mạng")
    expect(page.get_by_role("alert")).to_contain_text("Không có mạng")
    expect(page.get_by_role("alert")).to_contain_text("được giữ trên máy này")
    assert document(served)["lessons"][0]["title"] == "Bài số 1"
    page.context.set_offline(False)
    saved(page)
    expect(page.get_by_role("alert")).to_be_empty()
    assert document(served)["lessons"][0]["title"] == "Gõ lúc mất mạng"


def test_what_could_not_be_saved_is_offered_again_when_the_page_is_opened(page, served):
    opened(page, served)
    page.context.set_offline(True)
    page.get_by_label("Tên bài").fill("Còn trên máy này")
    expect(page.get_by_role("alert")).to_contain_text("Không có mạng")
    page.close(run_before_unload=False)
    other = page.context.new_page()
    page.context.set_offline(False)
    other.goto(served.url + LESSON)
    expect(other.get_by_label("Tên bài")).to_have_value("Bài số 1")
    other.get_by_role("button", name="Lấy lại chữ ấy").click()
    saved(other)
    assert document(served)["lessons"][0]["title"] == "Còn trên máy này"
    other.reload()
    expect(other.get_by_role("alert")).to_be_empty()


@pytest.mark.parametrize(("choice", "title"), [("Bỏ chữ của tôi, mở bản mới", "Bài số 1"), ("Đặt chữ của tôi lên bản mới", "Tên của tôi")])
def test_somebody_else_has_saved(page, served, browser, choice, title):
    opened(page, served)
    with at_work(browser, served, "approver") as context:
        other = context.new_page()
        opened(other, served)
        other.get_by_label("Mục tiêu: học xong làm được gì").fill("Mục tiêu của người khác.")
        saved(other)
    page.get_by_label("Tên bài").fill("Tên của tôi")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Có người khác vừa lưu bản mới hơn")
    expect(alert.get_by_role("link", name="Xem bản mới ở thẻ khác")).to_be_visible()
    assert document(served)["lessons"][0]["title"] == "Bài số 1"
    alert.get_by_role("button", name=choice).click()
    expect(page.get_by_label("Mục tiêu: học xong làm được gì")).to_have_value("Mục tiêu của người khác.")
    expect(page.get_by_label("Tên bài")).to_have_value(title)
    expect(alert).to_be_empty()
    assert document(served)["lessons"][0]["title"] == title and document(served)["lessons"][0]["goal"] == "Mục tiêu của người khác."


def test_who_leaves_by_a_link_right_after_typing_loses_nothing(page, served):
    opened(page, served)
    page.get_by_label("Tên bài").fill("Gõ rồi đi ngay")
    page.get_by_role("link", name="Bài sau").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bài 2")
    assert document(served)["lessons"][0]["title"] == "Gõ rồi đi ngay"


def test_by_keyboard_alone_a_card_is_added_typed_and_moved(page, served):
    opened(page, served)
    page.locator("#f-steps > .adder button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".parts .part")).to_have_count(4)
    page.wait_for_function("document.activeElement.matches('.part textarea')")
    page.keyboard.type("Thẻ gõ bằng bàn phím.")
    moved = None
    for place in (2, 1, 0):
        button = page.locator(".parts > li").nth(place + 1).get_by_role("button", name=re.compile("^Lên (thẻ|câu hỏi)")).last
        if moved is None:
            button.focus()
        page.keyboard.press("Enter")
        moved = f"b-{'up' if place else 'down'}-lessons-0-steps-{place}"
        page.wait_for_function("id => document.activeElement.id === id", arg=moved)
    assert document(served)["lessons"][0]["steps"][0]["card"]["text"] == "Thẻ gõ bằng bàn phím."


def test_a_chosen_picture_goes_up_at_once(page, served):
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (400, 300), "teal").save(out, "PNG")
    opened(page, served)
    page.get_by_label("Nội dung thẻ").first.fill("Gõ trước khi chọn ảnh.")
    page.locator(".part .picture summary").first.click()
    page.get_by_label("Chọn tệp ảnh").first.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": out.getvalue()})
    expect(page.locator(".part .picture img")).to_be_visible()
    card = document(served)["lessons"][0]["steps"][0]["card"]
    assert card["text"] == "Gõ trước khi chọn ảnh." and card["picture"]["sha"]
    page.get_by_label("Lời mô tả ảnh").first.fill("Màn hình màu xanh của điện thoại.")
    saved(page)
    assert document(served)["lessons"][0]["steps"][0]["card"]["picture"]["alt"] == "Màn hình màu xanh của điện thoại."


def test_without_scripts_every_button_works_and_comes_back_to_its_place(browser, served):
    with at_work(browser, served, "author", java_script_enabled=False, viewport={"width": 900, "height": 700}) as context:
        page = context.new_page()
        opened(page, served)
        page.get_by_label("Tên bài").fill("Không có script")
        page.locator("#f-steps > .adder button").first.click()
        expect(page.locator(".parts .part")).to_have_count(4)
        expect(page.locator(":focus")).to_have_attribute("name", re.compile(r"^p-c[0-9a-f]{6}\.text$"))
        assert document(served)["lessons"][0]["title"] == "Không có script" and len(parts(served)) == 4
        page.get_by_role("button", name="Hoàn tác").click()
        expect(page.locator(".parts .part")).to_have_count(3)
        page.get_by_label("Tên bài").press("Enter")
        expect(page.get_by_role("status").filter(has_text="Đã lưu")).to_be_visible()
        assert len(parts(served)) == 3


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark"), (1280, "light")])
def test_nothing_scrolls_sideways_and_axe_finds_nothing(page, served, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    opened(page, served)
    for name in ("Tình huống rẽ nhánh", "Hỏi theo ảnh", "Ghép đôi", "Đúng hay sai, vì sao"):
        add(page, name)
    for address in (LESSON, SETTINGS):
        page.goto(served.url + address)
        page.evaluate("document.querySelectorAll('main details').forEach((d) => { d.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:150]) for v in found] == []
        small = page.evaluate("""[...document.querySelectorAll('main button, main a, main summary, main input:not([type=hidden])')]
            .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
            .filter(([, r]) => r.width && (r.height < 20 || r.width < 20)).map(([h]) => h)""")
        assert small == []
