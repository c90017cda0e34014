"""The whole way over the served bot: a course made from nothing, previewed, approved by somebody else, and taken by a citizen in the web chat."""

import pytest
from playwright.sync_api import expect

from bot.clock import now
from bot.services import staff
from bot.store.db import Database
from tests.browser.light import NEEDS_CHROMIUM
from tests.browser.studio import write_lesson
from tests.browser.test_web_chat import newest, say, tap
from tests.unit.web.staff_pages import PASSWORD

pytestmark = [pytest.mark.served, pytest.mark.browser, NEEDS_CHROMIUM]


@pytest.fixture
def people(served) -> dict[str, str]:
    """Logins by role."""
    database, found = Database(served.environment["DATABASE_URL"]), {"author": "co.giao.lan", "approver": "bac.duyet"}
    with database.write() as session:
        for role, login in found.items():
            staff.add(session, login, f"Người {role}", PASSWORD, role, (), now())
    database.close()
    return found


def signed_in(browser, served, login: str):
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="vi-VN").new_page()
    page.goto(f"{served.url}/studio")
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Khoá học")
    return page


def test_from_an_empty_course_to_a_citizen_who_has_taken_it(browser, served, people):
    author = signed_in(browser, served, people["author"])
    author.get_by_label("Tên khoá học").fill("Gác máy với người lạ")
    author.get_by_role("button", name="Tạo khoá học").click()
    author.get_by_role("link", name="Cài đặt khoá học").click()
    author.get_by_label("Cụ thể là những ai").fill("Bà con hay nhận cuộc gọi lạ.")
    author.get_by_label("Tóm tắt").fill("Nhận ra người lạ gọi tới đòi tiền và gác máy.")
    author.get_by_role("button", name="Lưu", exact=True).click()
    expect(author.locator("#trang-thai")).to_contain_text("Đã lưu")
    author.get_by_role("link", name="Bài 1").first.click()
    write_lesson(author)
    expect(author.get_by_text("Trang này đã đủ")).to_be_visible()
    preview = author.frame_locator("#xem-thu")
    expect(preview.get_by_text("Bài 1/1")).to_be_visible()
    preview.get_by_role("button", name="Bắt đầu bài").click()
    expect(preview.get_by_text("Đây là thẻ thứ 1")).to_be_visible()
    author.get_by_role("link", name="Gác máy với người lạ").first.click()
    author.get_by_role("button", name="Gửi duyệt").click()
    expect(author.get_by_text("Chờ duyệt").first).to_be_visible()

    approver = signed_in(browser, served, people["approver"])
    approver.get_by_role("row", name="Gác máy với người lạ").get_by_role("link", name="Xem để duyệt").click()
    approver.get_by_role("button", name="Duyệt và công bố").click()
    expect(approver.get_by_role("status")).to_contain_text("Đã công bố")

    chat = browser.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN").new_page()
    chat.goto(served.url)
    say(chat, "gác máy với người lạ")
    expect(newest(chat)).to_contain_text("Đồng ý")
    tap(chat, "Đồng ý")
    expect(newest(chat)).to_contain_text("Bài 1/1")
    tap(chat, "Bắt đầu bài")
    for n in range(1, 6):
        expect(newest(chat)).to_contain_text(f"Đây là thẻ thứ {n}")
        tap(chat, "Tiếp")
    expect(newest(chat)).to_contain_text("Có người lạ gọi đòi chuyển tiền")
    say(chat, "gác máy")
    expect(chat.locator(".msg.bot", has_text="Đúng, gác máy là chắc chắn nhất.")).to_be_visible()
    expect(newest(chat)).to_contain_text("gọi là mã")
    say(chat, "otp")
    expect(chat.locator(".msg.bot", has_text="Đúng, mã ấy không đưa ai.")).to_be_visible()
    expect(chat.locator(".msg.bot", has_text="Gác máy, rồi gọi lại số mình biết.")).to_be_visible()
    rows = served.query("SELECT completed_at IS NOT NULL, items_right, items_total, channel FROM enrolments WHERE slug = 'gac-may-voi-nguoi-la'")
    assert [tuple(r) for r in rows] == [(1, 2, 2, "web")]
