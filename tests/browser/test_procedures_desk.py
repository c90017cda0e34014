"""A fee changed in the studio by one person and approved by another reaches the citizen; the pages hold at any width, without faults."""

import re

import pytest
from playwright.sync_api import expect

from bot.services import staff, tell_later
from tests.browser.light import light
from tests.factories import talk_of
from tests.unit.procedure_desk import BIRTH, fill
from tests.unit.web.staff_pages import PASSWORD, add_staff

pytestmark = [pytest.mark.browser]
FEE = "Thu 8.000 đồng mỗi bản sao trích lục."


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with light(tmp_path_factory.mktemp("desk"), secret_key="k" * 32) as served:
        fill(served.app.database)
        served.app.catalogue.refresh()
        yield served


@pytest.fixture
def person(browser, desk):
    """Opens a page in which somebody of that role is signed in; no page may have errors."""
    contexts, errors = [], []

    def open_(role: str, width: int = 390):
        login = add_staff(desk.app, role)
        with desk.app.database.write() as session:
            token = staff.sign_in(session, staff.seal_of(desk.app.settings), login, PASSWORD, "", desk.app.clock()).token
        context = browser.new_context(viewport={"width": width, "height": 844}, locale="vi-VN")
        context.add_cookies([{"name": "nhan_vien", "value": token, "url": desk.url}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("dialog", lambda d: d.accept())
        return page

    yield open_
    for one in contexts:
        one.close()
    assert errors == []


def test_a_fee_goes_from_the_author_over_the_approver_to_the_citizen(person, desk):
    author, approver = person("author"), person("approver", 1280)
    author.goto(f"{desk.url}/studio/thu-tuc")
    author.get_by_label("Tên hoặc mã").fill("dang ky khai sinh")
    author.get_by_role("button", name="Lọc").click()
    author.get_by_role("link", name="Đăng ký khai sinh").click()
    author.get_by_role("button", name="Sửa bài và cách hỏi").click()
    author.get_by_label("Lệ phí", exact=True).fill(FEE)
    papers = author.get_by_role("group", name=re.compile(r"^Giấy tờ \d"))
    count = papers.count()
    author.get_by_role("button", name="Thêm giấy tờ").click()
    expect(papers).to_have_count(count + 1)
    papers.last.get_by_label("Tên giấy tờ").fill("Sổ tiêm chủng")
    author.get_by_role("button", name="Lưu bản soạn").click()
    expect(author.get_by_role("status").first).to_contain_text("Đã lưu bản soạn")
    author.get_by_label("Lời nhắn cho người duyệt").fill("Nghị quyết mới của tỉnh")
    author.get_by_role("button", name="Gửi duyệt bản đã lưu").click()
    expect(author.get_by_text("chờ duyệt", exact=True)).to_be_visible()
    assert FEE not in desk.app.catalogue.facts(BIRTH).fee

    approver.goto(f"{desk.url}/studio/thu-tuc")
    approver.get_by_role("link", name="Đăng ký khai sinh").first.click()
    expect(approver.get_by_text("Nghị quyết mới của tỉnh")).to_be_visible()
    expect(approver.locator("ins", has_text="Sổ tiêm chủng")).to_be_visible()
    approver.get_by_role("button", name="Duyệt và công bố").click()
    expect(approver.get_by_role("status").first).to_contain_text("Đã công bố")

    # what the action would answer a citizen, in the very process that serves the chat
    desk.app.catalogue.refresh()
    assert desk.app.catalogue.index.search("làm giấy khai sinh cho con").hits[0].code == BIRTH
    facts = desk.app.catalogue.facts(BIRTH)
    assert facts.fee == FEE and any(p.startswith("Sổ tiêm chủng") for p in facts.papers)


@pytest.fixture(scope="module")
def addresses(desk) -> list[str]:
    """Every page of the desk, with something on it."""
    from bot.services import procedure_drafts, procedures_import, unanswered
    from tests.unit.procedure_desk import AN, jsonl, record

    now, app = desk.app.clock(), desk.app
    with app.database.write() as session:
        draft = procedure_drafts.begin(session, AN, f"curated:{BIRTH}", now)
        bare = procedure_drafts.begin_new(session, AN, "NB.0001", "Xin phép bay flycam", now)
        upload = procedures_import.upload(session, AN, "p.jsonl", jsonl(record(agency="UBND phường"), record("9.000002", "Đăng ký tàu cá nhỏ")), now)
        talk = talk_of(session, now=now)
        for question in ("vay tiền mua trâu ở đâu", "vay tien mua trau"):
            tell_later.agree(session, talk, "x", tell_later.offer(session, talk, question, False, now), now)
        group = unanswered.groups(unanswered.questions(session, now))[0].ident
        return ["/studio/thu-tuc", f"/studio/thu-tuc/{BIRTH}", "/studio/thu-tuc/cau-hoi-chuan?kiem=true", "/studio/ban-soan", f"/studio/ban-soan/{draft.id}",
                f"/studio/ban-soan/{bare.id}", "/studio/nhap-thu-tuc", f"/studio/nhap-thu-tuc/{upload.id}", "/studio/cau-hoi",
                f"/studio/cau-hoi/{group}", "/studio/cau-hoi/ngoai-pham-vi"]


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_scrolls_sideways_and_axe_finds_nothing(person, desk, addresses, width):
    from axe_playwright_python.sync_playwright import Axe

    page = person("administrator", width)
    page.goto(f"{desk.url}/studio/cau-hoi")
    page.get_by_label("Vì sao bạn cần xem lời người dân?").fill("soạn câu trả lời còn thiếu")
    page.get_by_role("button", name="Xem các câu hỏi").click()
    expect(page.get_by_role("link", name="vay").first).to_be_visible()
    for address in addresses:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.goto(f"{desk.url}{address}")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
            found = Axe().run(page)
            assert found.violations_count == 0, (address, scheme, found.generate_report())


def test_by_keyboard_alone_a_question_becomes_a_way_to_ask(person, desk, addresses):
    page = person("author", 1280)
    page.goto(f"{desk.url}/studio/cau-hoi")
    page.get_by_label("Vì sao bạn cần xem lời người dân?").focus()
    page.keyboard.type("soạn câu trả lời còn thiếu")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="vay").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Thêm cách hỏi và gửi duyệt").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Đã thêm cách hỏi")
