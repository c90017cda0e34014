"""The studio's pages of courses in Chromium: approving, going back, an import with three bad rows; both schemes, phone and desktop."""

import io
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from bot.learning.exchange import sheet
from bot.services import authoring
from bot.services.versions import live
from tests.browser.light import CHROMIUM, NEEDS_CHROMIUM, light
from tests.browser.studio import at_work
from tests.studio import published, somebody

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

if CHROMIUM is not None:
    from playwright.sync_api import expect

HERE = "/studio/khoa-hoc/nuoi-ca-mua-lanh"


@pytest.fixture
def served(tmp_path):
    with light(tmp_path) as found:
        yield found


@pytest.fixture
def course(served):
    """Two versions of a course, and a third one that awaits an approver."""
    now = datetime.now(UTC)
    dates = {"checked_on": "2026-11-01", "review_by": "2099-12-31"}
    with served.app.database.write() as session:
        lan, minh = somebody(session, "lan"), somebody(session, "minh", "approver")
        version = published(session, lan, minh, now, **dates)
        for number, text in enumerate(("Giới thiệu lần hai.", "Giới thiệu lần ba.")):
            draft = authoring.begin(session, lan, version.slug, now)
            authoring.save(session, lan, draft.id, draft.revision, {**draft.document, "summary": text}, now)
            authoring.submit(session, lan, draft.id, "Xem giúp phần giới thiệu", now)
            if number == 0:
                authoring.publish(session, minh, draft.id, now)
    return version


def summaries(served) -> list[str]:
    with served.app.database.read() as session:
        return [c.summary for _, c in live(session)]


def opened(context, served, path: str):
    page = context.new_page()
    page.strange = []
    page.on("console", lambda m: page.strange.append(m.text) if m.type == "error" else None)
    page.goto(served.url + path)
    return page


def test_an_approver_reads_what_changed_publishes_it_and_goes_back(browser, served, course):
    with at_work(browser, served, "approver") as context:
        page = opened(context, served, "/studio")
        page.get_by_role("link", name="Xem để duyệt").click()
        expect(page.get_by_role("cell", name="Giới thiệu lần ba.")).to_be_visible()
        page.get_by_role("button", name="Duyệt và công bố").click()
        expect(page.get_by_role("status")).to_contain_text("Đã công bố")
        assert summaries(served) == ["Giới thiệu lần ba."]
        page.get_by_role("link", name="Các bản đã công bố").click()
        page.get_by_text("Quay về bản 1", exact=True).click()
        page.get_by_label("Vì sao quay về bản 1").fill("Bản mới có chỗ chưa đúng.")
        page.get_by_role("button", name="Dùng lại bản 1").click()
        expect(page.get_by_role("status")).to_contain_text("Đã quay về bản 1")
        assert summaries(served) == ["Một khóa nhỏ."] and page.strange == []


def test_an_import_with_three_bad_rows_then_mended(browser, served, course):
    book = load_workbook(io.BytesIO(sheet.template()))
    rows = book.active
    rows["A2"], rows["C3"], rows["D4"] = "Loại lạ", "A, F", None
    out = io.BytesIO()
    book.save(out)
    excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    with at_work(browser, served, "author") as context:
        page = opened(context, served, HERE)
        page.get_by_role("button", name="Rút về để sửa").click()
        page.get_by_role("link", name="Nhập câu hỏi").click()
        page.get_by_label("Vào bài").select_option(label="Bài 2: Bài số 2")
        page.get_by_label("Tệp câu hỏi").set_input_files({"name": "c.xlsx", "mimeType": excel, "buffer": out.getvalue()})
        page.get_by_role("button", name="Nhập câu hỏi").click()
        expect(page.get_by_role("alert")).to_contain_text("3 chỗ sai")
        told = [row.all_inner_texts()[:2] for row in (r.locator("th, td") for r in page.locator("tbody tr").all())]
        assert told == [["2", "A"], ["3", "C"], ["4", "D"]]
        assert page.get_by_label("Vào bài").input_value() == "l2"
        page.get_by_label("Tệp câu hỏi").set_input_files({"name": "c.xlsx", "mimeType": excel, "buffer": sheet.template()})
        page.get_by_role("button", name="Nhập câu hỏi").click()
        expect(page.get_by_role("status").first).to_contain_text("Đã nhập 3 câu hỏi")


def test_a_place_to_mend_leads_to_its_field(browser, served):
    with at_work(browser, served, "author") as context:
        page = opened(context, served, "/studio")
        page.get_by_label("Tên khoá học").fill("Trồng rau sạch")
        page.get_by_role("button", name="Tạo khoá học", exact=True).click()
        page.get_by_role("link", name="Bài 1 › Mục tiêu").click()
        expect(page).to_have_url(f"{served.url}/studio/khoa-hoc/trong-rau-sach/bai/l1#f-bai-goal")
        expect(page.locator("#f-bai-goal")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_nothing_scrolls_sideways_and_axe_finds_nothing(browser, served, course, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    with served.app.database.read() as session:
        new, old = authoring.history(session, course.slug)
    with at_work(browser, served, "approver", viewport={"width": width, "height": 800}, color_scheme=scheme) as context:
        page = opened(context, served, "/studio")
        pages = ["/studio", HERE, f"{HERE}/duyet", f"{HERE}/phien-ban", f"{HERE}/phien-ban/so-sanh?cu={old.id}&moi={new.id}", f"{HERE}/nhap"]

        def sound(address):
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
            found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
            assert found.violations_count == 0, (address, found.generate_report())
            assert page.strange == [], address

        for address in pages:
            page.goto(served.url + address)
            page.evaluate("document.querySelectorAll('main details').forEach((d) => { d.open = true; })")
            sound(address)
        page.goto(served.url + HERE)
        page.get_by_role("button", name="Rút về để sửa").click()
        expect(page.get_by_role("button", name="Rút về để sửa")).to_have_count(0)
        sound("a draft that may be edited")
        page.goto(f"{served.url}{HERE}/nhap")
        page.get_by_label("Tệp câu hỏi").set_input_files({"name": "c.txt", "mimeType": "text/plain", "buffer": b"Ai?{=A ~B}"})
        page.get_by_role("button", name="Nhập câu hỏi").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.strange.clear()  # Chromium notes the 400 of a form that is shown again
        sound("faults of a file")
