"""Ties to other systems in Chromium: keys, receivers and replay by keyboard, on a phone and in both schemes."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from bot import errands
from bot.store.tables import ApiKey, WebhookDelivery, WebhookEndpoint
from tests.browser.light import CHROMIUM, NEEDS_CHROMIUM, complaints, light
from tests.browser.studio import at_work
from tests.patience import get
from tests.standins.receiver import Receiver

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

if CHROMIUM is not None:
    from playwright.sync_api import expect

HOME = "/admin/ket-noi"
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with light(tmp_path_factory.mktemp("systems"), webhooks_to_private=True, lgsp_url="http://127.0.0.1:9") as found:
        yield found


@pytest.fixture(params=[(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"])
def page(browser, served, request):
    viewport, scheme = request.param
    with at_work(browser, served, "administrator", viewport=viewport, color_scheme=scheme) as context:
        found = context.new_page()
        strange = complaints(found)
        found.goto(f"{served.url}{HOME}")
        yield found
        assert [words for words in strange if "400" not in words] == []


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as found:
        yield found


def sound(page) -> None:
    """axe finds nothing, and nothing scrolls sideways."""
    from axe_playwright_python.sync_playwright import Axe

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert [(v["id"], v["nodes"][0]["html"][:160]) for v in Axe().run(page).response["violations"]] == []


def to(page, name: str, role: str = "button", within=None) -> None:
    """Tab until the control of that name has the focus: it must be reachable by keyboard alone, and seen then."""
    wanted = (within or page).get_by_role(role, name=name, exact=True)
    for _ in range(120):
        if wanted.evaluate("e => e === document.activeElement"):
            expect(wanted).to_be_in_viewport()
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {name} by keyboard")


def test_a_key_is_given_and_taken_back_by_keyboard(page, served):
    sound(page)
    asked: list[str] = []
    page.on("dialog", lambda d: (asked.append(d.message), d.accept() if len(asked) > 1 else d.dismiss()))
    name = f"Cổng {page.viewport_size['width']}"
    to(page, "Cấp cho hệ thống", "textbox")
    page.keyboard.type(name)
    to(page, "Cấp khoá")
    page.keyboard.press("Enter")  # with no right chosen
    expect(page.get_by_role("alert")).to_have_text("Hãy chọn ít nhất một quyền.")
    expect(page.get_by_label("Cấp cho hệ thống")).to_have_value(name)
    sound(page)
    to(page, "Tìm thủ tục", "checkbox")
    page.keyboard.press("Space")
    to(page, "Cấp khoá")
    page.keyboard.press("Enter")
    shown = page.get_by_role("status").locator("code")
    expect(shown).to_have_text(re.compile(r"^tlcds_[\w-]{40}$"))
    key = shown.inner_text()
    sound(page)

    def answer() -> int:
        return get(f"{served.url}/api/v1/search", params={"q": "khai sinh"}, headers={"X-API-Key": key}).status_code

    assert answer() == 200
    page.goto(f"{served.url}{HOME}")
    assert key not in page.content()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))
    expect(row).not_to_contain_text("chưa dùng")
    to(page, f"Thu hồi khoá của {name}")
    page.keyboard.press("Enter")  # asked, and not meant
    assert answer() == 200 and name in asked[0]
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã thu hồi khoá")
    expect(row).to_contain_text("đã thu hồi")
    expect(page.get_by_role("button", name=f"Thu hồi khoá của {name}")).to_have_count(0)
    assert answer() == 401
    with served.app.database.read() as session:
        assert key not in str([vars(k) for k in session.scalars(select(ApiKey))])
    sound(page)


def test_a_receiver_is_added_its_event_replayed_and_it_is_switched_off_by_keyboard(page, served, receiver):
    name = f"Trung tâm {page.viewport_size['width']}"
    form = page.locator("form", has=page.get_by_role("heading", name="Thêm nơi nhận"))
    to(page, "Tên", "textbox", form)
    page.keyboard.type(name)
    to(page, "Địa chỉ", "textbox", form)
    page.keyboard.type("ftp://soc.example/su-kien")
    to(page, "Thêm")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("https://")
    expect(form.get_by_label("Địa chỉ")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("Tên")).to_have_value(name)
    sound(page)
    form.get_by_label("Địa chỉ").fill(receiver.url)
    to(page, "Thêm")
    page.keyboard.press("Enter")
    secret = page.get_by_role("status").locator("code")
    expect(secret).to_have_text(re.compile(r"^[\w-]{43}$"))
    words = secret.inner_text()
    sound(page)
    errands.run(served.app)
    [ident] = receiver.events()
    page.goto(f"{served.url}{HOME}")
    assert words not in page.content()
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name=name, exact=True)).filter(has_text="Thử kết nối").filter(has_text="đã nhận")
    expect(row).to_have_count(1)
    to(page, f"Gửi lại sự kiện {ident}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Sự kiện sẽ được gửi lại trong ít giây.")
    errands.run(served.app)
    assert receiver.events() == [ident] * 2
    to(page, f"Tắt {name}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Đã tắt nơi nhận.")
    expect(page.get_by_role("button", name=f"Bật {name}", exact=True)).to_be_visible()
    sound(page)
    with served.app.database.read() as session:
        assert session.scalar(select(WebhookEndpoint.active).where(WebhookEndpoint.name == name)) is False
        assert session.scalar(select(WebhookDelivery.state).where(WebhookDelivery.id == int(ident))) == "sent"


def test_one_without_the_right_finds_no_door(browser, served):
    with at_work(browser, served, "officer", viewport=PHONE) as context:
        page = context.new_page()
        assert page.goto(f"{served.url}{HOME}").status == 403
        assert "Cấp khoá" not in page.content()
        sound(page)
