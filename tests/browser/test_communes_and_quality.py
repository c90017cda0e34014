"""Communes, posters, the register of quality and the click from a cluster to a warning, in Chromium: a phone's width, the keyboard alone, axe."""

import io
import re
from datetime import timedelta

import openpyxl
import pypdf
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import select

from bot import places
from bot.clock import local
from bot.services import catalogue, corrective, quality
from bot.store.tables import CorrectiveAction, Rating
from tests.browser.light import CHROMIUM, NEEDS_CHROMIUM, light
from tests.browser.studio import at_work
from tests.factories import ROOT
from tests.small_course import publish, small
from tests.unit.services.test_spread import NOW, a_past, outbreak

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

if CHROMIUM is not None:
    from playwright.sync_api import Locator, Page, expect

UNITS, QUALITY, WARNINGS = "/admin/xa-phuong", "/admin/chat-luong", "/admin/canh-bao"
NAME = "Phường Hoa Lư"
CODE = places.code_of(NAME)
LOW = ("1.001193", "1.004194")
"""Procedures whose answer three people found bad."""
PAGES = (UNITS, f"{UNITS}?tim=khong co noi nay", f"{UNITS}/{CODE}", QUALITY, f"{QUALITY}?han=toi", f"{QUALITY}/tai-lieu/reply:ticket",
         f"{QUALITY}/tai-lieu/procedure:1.001193", f"{QUALITY}/khac-phuc", f"{QUALITY}/khac-phuc/1", WARNINGS)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("province")
    with light(folder, courses_dir=folder / "courses", procedures_dir=ROOT / "procedures", telegram_name="bot_thu") as found:
        app = found.app
        app.clock = lambda: NOW
        with app.database.write() as session:
            publish(session, folder / "courses", small("khoa-1", title="Chuyện số một"))
            catalogue.publish_curated(session, ROOT / "procedures", NOW)
            quality.note_shipped(session, app.settings, NOW)
            session.add_all([Rating(day=local(NOW).date(), about="answer", key=code, score=1, channel="web") for code in LOW for _ in range(3)])
            session.flush()
            corrective.look(session, NOW)
            a_past(session)
            outbreak(session, 9)
        yield found
    places.know(places.shipped())


@pytest.fixture(params=[{"width": 360, "height": 740}, {"width": 1280, "height": 800}], ids=lambda size: f"{size['width']} px")
def page(browser, served, request):
    with at_work(browser, served, "administrator", viewport=request.param) as context:
        found = context.new_page()
        strange: list[str] = []
        # a refused form is a page of its own with status 400, which the browser notes
        found.on("console", lambda m: strange.append(m.text) if m.type == "error" and "400 (Bad Request)" not in m.text else None)
        found.on("pageerror", lambda e: strange.append(str(e)))
        yield found
        assert strange == []


def sound(page: "Page") -> None:
    """Nothing that axe knows is wrong, nothing scrolls sideways, one heading."""
    from axe_playwright_python.sync_playwright import Axe

    for one in page.locator("main details").all():
        one.evaluate("one => one.open = true")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    assert [(page.url, v["id"], v["nodes"][0]["html"][:160]) for v in Axe().run(page).response["violations"]] == []
    assert page.locator("h1").count() == 1


def reach(page: "Page", wanted: "Locator", most: int = 120) -> None:
    """By the tab key alone, and then it can be seen that it has the focus."""
    expect(wanted).to_have_count(1)
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            ring = wanted.evaluate("one => { const s = getComputedStyle(one); return [s.outlineStyle, s.outlineWidth, s.boxShadow]; }")
            assert ring[0] != "none" and ring[1] != "0px" or ring[2] != "none", ring
            return
    raise AssertionError(f"{wanted} is not reached in {most} steps")


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(page, served, path):
    assert page.goto(f"{served.url}{path}").status == 200
    sound(page)


def test_a_new_commune_its_contacts_and_its_poster_by_keyboard(page, served):
    wide = page.viewport_size["width"] > 1000
    code, name = ("99002", "Phường Rộng Rãi") if wide else ("99001", "Phường Thon Gọn")
    page.goto(f"{served.url}{UNITS}")
    reach(page, page.get_by_label("Tìm theo tên"))
    page.keyboard.type("tam diep")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?.*tam"))
    expect(page.get_by_role("link", name="Phường Tam Điệp", exact=True)).to_be_visible()
    reach(page, page.get_by_label("Mã đơn vị hành chính"))
    page.keyboard.type("9900")
    page.keyboard.press("Tab")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("5 chữ số")
    expect(page.get_by_label("Tên", exact=True)).to_have_value(name)
    sound(page)
    page.goto(f"{served.url}{UNITS}?tim=tam diep")
    reach(page, page.get_by_label("Mã đơn vị hành chính"))
    page.keyboard.type(code)
    page.keyboard.press("Tab")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(f"Đã thêm {name}")
    expect(page.get_by_text("Trợ lý chưa nói thông tin liên hệ")).to_be_visible()
    reach(page, page.get_by_label("Địa chỉ", exact=True))
    page.keyboard.type("Số 9 đường Chín")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("nguồn")
    reach(page, page.get_by_label("Nguồn", exact=True))
    page.keyboard.type("Quyết định thành lập phường")
    page.get_by_label("Ngày đối chiếu với nguồn").fill("2026-11-20")  # how a date is typed is the browser's own
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(f"Đã lưu {name}")
    expect(page.get_by_text("Trợ lý chưa nói thông tin liên hệ")).to_have_count(0)
    sound(page)
    links = page.get_by_role("link", name=re.compile(f"Tờ dán A[45], .*{name}"))
    expect(links).to_have_count(4)
    for link in links.all():
        got = page.request.get(f"{served.url}{link.get_attribute('href')}")
        assert got.headers["content-type"] == "application/pdf"
        (sheet,) = pypdf.PdfReader(io.BytesIO(got.body())).pages
        assert code in zxingcpp.read_barcode(Image.open(io.BytesIO(sheet.images[0].data)).convert("L")).text


def test_a_document_gets_an_owner_and_the_register_goes_out_with_its_history(page, served):
    page.goto(f"{served.url}{QUALITY}")
    reach(page, page.get_by_label("Tìm", exact=True))
    page.keyboard.type("phan anh")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?.*phan"))
    wanted = page.get_by_role("link", name=re.compile("Câu có sẵn: phản ánh"))
    reach(page, wanted)
    page.keyboard.press("Enter")
    reach(page, page.get_by_label("Người phụ trách"))
    page.keyboard.type("Người administrator")
    due = local(NOW).date() + timedelta(days=5)
    page.get_by_label("Rà soát trước ngày").fill(due.isoformat())
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã lưu người phụ trách")
    reach(page, page.get_by_role("button", name="Tôi đã đọc phiên bản này và thấy đúng"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã ghi bạn xác nhận")
    sound(page)
    page.goto(f"{served.url}{QUALITY}?han=toi")
    line = page.get_by_role("row", name=re.compile("Câu có sẵn: phản ánh"))
    expect(line).to_contain_text("Người administrator")
    expect(line).to_contain_text(f"{due:%d/%m/%Y}")
    reach(page, page.get_by_role("link", name="Tải danh mục (XLSX)"))
    with page.expect_download() as got:
        page.keyboard.press("Enter")
    book = openpyxl.load_workbook(io.BytesIO(got.value.path().read_bytes()))
    assert "reply:ticket" in {row[0].value for row in book["danh-muc"].iter_rows()} & {row[0].value for row in book["lich-su"].iter_rows()}


def test_a_corrective_action_is_closed_by_another_than_did_it(page, browser, served):
    page.goto(f"{served.url}{QUALITY}/khac-phuc")
    reach(page, page.get_by_role("row", name=re.compile("đang xử lý")).get_by_role("link").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Trước và sau")).to_be_visible()
    reach(page, page.get_by_label("Người phụ trách"))
    page.keyboard.type("Người administrator")
    reach(page, page.get_by_label("Nguyên nhân"))
    page.keyboard.type("Câu trả lời thiếu một trường hợp")
    reach(page, page.get_by_label("Việc đã làm hoặc sẽ làm"))
    page.keyboard.type("Đã thêm trường hợp ấy")
    reach(page, page.get_by_label("Đã làm xong, nhờ người khác xác nhận"))
    page.keyboard.press("Space")
    reach(page, page.get_by_role("button", name="Lưu"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Một người khác xem kết quả")
    expect(page.get_by_label("Nhận xét về kết quả")).to_have_count(0)
    sound(page)
    with served.app.database.write() as session:  # three days have gone by, of which the results can be seen
        for row in session.scalars(select(CorrectiveAction).where(CorrectiveAction.done_at.is_not(None))):
            row.done_at -= corrective.SEEN_AFTER
    with at_work(browser, served, "approver", viewport=page.viewport_size) as context:
        other = context.new_page()
        other.goto(page.url)
        sound(other)
        reach(other, other.get_by_label("Nhận xét về kết quả"))
        other.keyboard.type("Điểm đã tăng lên rồi")
        reach(other, other.get_by_role("button", name="Ghi xác nhận"))
        other.keyboard.press("Enter")
        expect(other.get_by_role("status")).to_contain_text("Đã khép việc khắc phục")
        sound(other)


def test_one_click_from_a_cluster_to_a_warning_that_awaits_another_person(page, served):
    page.goto(f"{served.url}{WARNINGS}")
    reach(page, page.get_by_role("link", name="Giả VNeID, cơ quan, cán bộ: evn-hoantien[.]xyz").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Soạn thông báo")).to_be_visible()
    sound(page)
    reach(page, page.get_by_role("link", name="Soạn thông báo"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Tiêu đề")).to_have_value("Cảnh báo: Giả VNeID, cơ quan, cán bộ")
    expect(page.get_by_label("Nội dung")).to_have_value(re.compile("chiêu “Giả VNeID, cơ quan, cán bộ”"))
    expect(page.get_by_label("Chủ đề")).to_have_value("scam")
    sound(page)
    reach(page, page.get_by_label("Cơ quan gửi"))
    page.keyboard.type("Công an tỉnh")
    reach(page, page.get_by_label("Xã, phường"))
    page.get_by_label("Xã, phường").select_option(NAME)
    reach(page, page.get_by_role("button", name="Lưu và xem thử"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã lưu bản soạn")
    sound(page)
    reach(page, page.get_by_role("button", name="Gửi duyệt"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Người soạn không tự duyệt được")).to_be_visible()
    expect(page.get_by_role("button", name="Duyệt", exact=True)).to_have_count(0)
    sound(page)
