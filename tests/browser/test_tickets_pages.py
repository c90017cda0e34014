"""Reports in Chromium: an officer works one by keyboard, the public figures, and a citizen's photo in the web chat."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from bot.services import people
from bot.services.tickets import drafts
from bot.store.tables import Conversation, Ticket, TicketPhoto
from tests.browser.light import CHROMIUM, NEEDS_CHROMIUM, light
from tests.browser.studio import at_work
from tests.factories import talk_of

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

if CHROMIUM is not None:
    from playwright.sync_api import expect

LAMP = "đèn đường đầu ngõ 5 hỏng cả tháng rồi tối om"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with light(tmp_path_factory.mktemp("tickets")) as found:
        yield found


def watched(context):
    page = context.new_page()
    page.strange = []
    page.on("console", lambda m: page.strange.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: page.strange.append(str(e)))
    return page


def axe(page) -> list:
    from axe_playwright_python.sync_playwright import Axe

    return [(v["id"], v["nodes"][0]["html"][:120]) for v in Axe().run(page).response["violations"]]


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "green").save(out, "JPEG")
    return out.getvalue()


def reported(served) -> int:
    now = served.app.clock()
    with served.app.database.write() as session:
        talk = talk_of(session, now=now, consent=("feedback",))
        draft = drafts.begin(session, talk, LAMP, now)
        draft.commune = "Xã Xuân Trường"
        ident = drafts.send(session, talk, drafts.asked(session, talk, draft, now), 10, now).id
        session.add(TicketPhoto(channel="web", source_id=f"p{ident}", ticket_id=ident, state="here", data=picture(), attempts=0, next_try_at=now,
                                created_at=now))
        return ident


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_an_officer_takes_a_report_and_answers_it_by_keyboard(browser, served, width, scheme):
    ident = reported(served)
    with at_work(browser, served, "officer", viewport={"width": width, "height": 800}, color_scheme=scheme) as context:
        page = watched(context)
        page.goto(f"{served.url}/admin/phan-anh")
        assert axe(page) == [] and page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.goto(f"{served.url}/admin/phan-anh/{ident}")
        expect(page.locator(".citizen")).to_have_text(LAMP)
        expect(page.locator(".photos img")).to_have_js_property("naturalWidth", 320)
        assert axe(page) == [] and page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.get_by_role("button", name="Tôi nhận việc này").press("Enter")
        expect(page.get_by_role("status")).to_have_text("Đã ghi.")
        page.get_by_label("Câu trả lời").fill("Gọi số 0912 345 678")
        page.get_by_role("button", name="Trả lời", exact=True).press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("bỏ số đó")
        expect(page.get_by_label("Câu trả lời")).to_have_value("Gọi số 0912 345 678")
        page.get_by_label("Câu trả lời").fill("Tổ điện sẽ thay bóng trong tuần.")
        page.get_by_role("button", name="Trả lời", exact=True).press("Enter")
        expect(page.locator("main ol")).to_contain_text("thay bóng trong tuần")
        assert [text for text in page.strange if "400" not in text] == []
    with served.app.database.read() as session:
        assert session.get_one(Ticket, ident).state == "answered"


def test_public_figures_are_readable_for_everybody(browser, served):
    reported(served)
    context = browser.new_context(viewport={"width": 320, "height": 700}, locale="vi-VN")
    page = watched(context)
    page.goto(f"{served.url}/phan-anh")
    expect(page.locator("h1")).to_have_text("Số liệu phản ánh, kiến nghị")
    assert axe(page) == [] and page.strange == [] and page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    context.close()


def test_a_citizen_adds_photos_to_the_report_that_is_being_written(browser, served):
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    page = watched(context)
    page.goto(served.url)
    page.get_by_test_id("input").fill("ảnh")
    page.get_by_test_id("input").press("Enter")
    expect(page.locator(".msg.bot").last).to_contain_text("Nghe rồi")
    chooser = page.get_by_label("Gửi ảnh")
    chooser.set_input_files([{"name": "den.jpg", "mimeType": "image/jpeg", "buffer": picture()}])
    expect(page.locator(".msg.system").last).to_contain_text("muốn phản ánh việc gì trước đã")
    sender = page.evaluate("JSON.parse(localStorage.getItem('tro-ly-cong-dan-so.chat')).sender")
    with served.app.database.write() as session:
        ident = people.conversation_id(served.app.settings.key(), "web", sender)
        talk = session.get_one(Conversation, ident)
        people.give_consent(session, talk, sender, ["feedback"], served.app.clock())
        drafts.begin(session, talk, LAMP, served.app.clock())
    chooser.set_input_files([{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": picture()} for n in range(2)])
    expect(page.locator(".msg.system", has_text="Đã nhận ảnh")).to_have_count(2)
    expect(page.get_by_role("button", name="Học bài")).to_be_visible()  # the open question keeps its buttons
    assert axe(page) == []
    page.reload()
    expect(page.locator(".msg.user", has_text="📷")).to_have_count(3)
    expect(page.get_by_label("Gửi ảnh")).to_have_count(1)
    with served.app.database.read() as session:
        found = session.scalars(select(TicketPhoto).where(TicketPhoto.conversation_id == ident)).all()
        assert [(row.state, row.data[:2]) for row in found] == [("here", b"\xff\xd8")] * 2
    assert [text for text in page.strange if "409" not in text] == []
    context.close()
