"""The web server alone with a course in it, and somebody of staff at its studio."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.app import App
from bot.services import staff
from tests.browser.light import Light
from tests.unit.web.staff_pages import PASSWORD, add_staff


def sign_in(context: BrowserContext, served: Light, login: str) -> None:
    """Past the sign-in form."""
    app: App = served.app
    with app.database.write() as session:
        tried = staff.sign_in(session, staff.seal_of(app.settings), login, PASSWORD, "", app.clock())
    context.add_cookies([{"name": "nhan_vien", "value": tried.token, "url": served.url}])


@contextmanager
def at_work(browser: Browser, served: Light, role: str, **options) -> Iterator[BrowserContext]:
    """A browser of somebody with this role, signed in."""
    context = browser.new_context(locale="vi-VN", **options)
    sign_in(context, served, add_staff(served.app, role))
    yield context
    context.close()


def add(page: Page, name: str) -> None:
    """The button of the last "add" list, waited for until the new part has the focus."""
    before = page.locator(".part").count()
    page.locator("#f-steps > .adder").get_by_role("button", name=name, exact=True).click()
    expect(page.locator(".part")).to_have_count(before + 1)


def write_lesson(page: Page) -> None:
    """Five cards, two questions and the easier one into the empty lesson on the page, by its fields and buttons; then saved."""
    page.get_by_label("Tên bài").fill("Người lạ gọi đến")
    page.get_by_label("Mục tiêu: học xong làm được gì").fill("Gác máy được khi người lạ đòi chuyển tiền.")
    page.get_by_label("Câu cần nhớ").fill("Gác máy, rồi gọi lại số mình biết.")
    for n in range(1, 6):
        add(page, "Thẻ")
        page.keyboard.type(f"Đây là thẻ thứ {n}. Người lạ gọi thì gác máy.")
    add(page, "Chọn một câu đúng")
    page.keyboard.type("Có người lạ gọi đòi chuyển tiền. Bác làm gì?")
    question = page.locator(".part").last
    for n, (words, told) in enumerate([("Gác máy", "Đúng, gác máy là chắc chắn nhất."), ("Chuyển ngay", "Họ giục cho mình vội, đừng chuyển."),
                                       ("Hỏi thêm cho rõ", "Hỏi thì họ vẫn nói khéo lắm.")]):
        entry = question.locator(".entry").nth(n)
        entry.get_by_label("Nội dung lựa chọn").fill(words)
        entry.get_by_label("Lời giải thích").fill(told)
    question.locator(".entry").first.get_by_label("Đây là đáp án đúng").check()
    add(page, "Điền từ hoặc số")
    page.keyboard.type("Mã chỉ mình biết gọi là mã ___.")
    question = page.locator(".part").last
    question.get_by_label("Các đáp án đúng").fill("OTP")
    question.get_by_label("Lời khen khi điền đúng").fill("Đúng, mã ấy không đưa ai.")
    question.get_by_label("Lời giải thích khi điền sai").fill("Đó là mã OTP gửi về máy mình.")
    page.get_by_role("button", name="Thêm: đúng hay sai, vì sao").click()
    expect(page.locator("#f-easier .part")).to_be_visible()
    page.keyboard.type("Công an hỏi mã OTP qua điện thoại.")
    for n, (verdict, words, told) in enumerate([("Sai", "không bao giờ hỏi", "Đúng rồi, họ không bao giờ hỏi."),
                                                ("Đúng", "họ cần mã", "Không ai cần mã của mình cả."),
                                                ("Sai", "chỉ hỏi ban ngày", "Ban ngày họ cũng không hỏi.")]):
        entry = page.locator("#f-easier .entry").nth(n)
        entry.get_by_label("Lý do này nói nhận định là").select_option(label=verdict)
        entry.get_by_label("Nội dung lý do").fill(words)
        entry.get_by_label("Lời giải thích").fill(told)
    page.locator("#f-easier .entry").first.get_by_label("Đây là lý do đúng").check()
    page.get_by_role("button", name="Lưu", exact=True).click()
