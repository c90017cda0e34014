"""Course and service figures in Chromium: readable at any width and in both schemes, usable by keyboard, no faults of accessibility."""

from datetime import timedelta
from random import Random

import pytest

from bot.clock import local
from bot.store.tables import Asked, Rating, Reaction
from tests.browser.light import CHROMIUM, NEEDS_CHROMIUM, complaints, light
from tests.browser.studio import at_work
from tests.unit.services.figures_learners import NOW, SLUG, world

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

if CHROMIUM is not None:
    from playwright.sync_api import expect

PERIOD = "ky=rieng&tu=2026-08-01&den=2026-11-24"
PATHS = (f"/admin/khoa-hoc?{PERIOD}", f"/admin/khoa-hoc/{SLUG}?{PERIOD}", f"/admin/dich-vu?{PERIOD}", "/admin/khoa-hoc?ky=rieng", "/admin/dich-vu?ky=7")


def service_rows(random: Random):
    """A few weeks of questions, with what was done with the answers."""
    for _ in range(1500):
        at, code, channel = NOW - timedelta(minutes=random.randrange(60 * 24 * 90)), f"1.00{random.randrange(30):04d}", random.choice(("web", "zalo_oa"))
        answered = random.random() < 0.8
        yield Asked(at=at, day=local(at).date(), channel=channel, intent="ask_fee", aspect=random.choice(("overview", "fee", "place")),
                    first=random.random() < 0.4, decision="answer" if answered else "none", procedure_code=code if answered else None,
                    text="lệ phí làm hộ chiếu" if at > NOW - timedelta(days=20) else None)
        yield Reaction(day=local(at).date(), kind=random.choice(("chosen", "more", "denied")), procedure_code=code, aspect="fee", channel=channel)
        yield Rating(day=local(at).date(), about="answer", key=code, score=random.randint(1, 5), channel=channel)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    with light(folder) as found:
        found.app.clock = lambda: NOW
        with found.app.database.write() as session:
            world(session, folder / "courses")
            session.add_all(service_rows(Random(3)))
        yield found


@pytest.fixture
def page(browser, served):
    with at_work(browser, served, "administrator", viewport={"width": 1280, "height": 800}) as context:
        found = context.new_page()
        strange = complaints(found, but="400")
        yield found
        assert strange == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(page, served, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    for path in PATHS:
        page.goto(f"{served.url}{path}")
        for one in page.locator("main details").all():
            one.evaluate("one => one.open = true")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        assert [(path, v["id"], v["nodes"][0]["html"][:160]) for v in Axe().run(page).response["violations"]] == []


def test_from_the_list_to_a_course_and_one_of_its_versions_by_keyboard(page, served):
    page.goto(f"{served.url}/admin/khoa-hoc?{PERIOD}")
    page.get_by_role("link", name="Khóa khoa-nho").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Khóa khoa-nho")
    assert "tu=2026-08-01" in page.url
    expect(page.get_by_role("figure").filter(has_text="Nhiều người dừng lại nhất ở")).to_be_visible()
    page.get_by_role("link", name="Bản 1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Bản 1")).to_have_attribute("aria-current", "page")
    assert "ban=" in page.url and "tu=2026-08-01" in page.url


def test_the_filter_keeps_what_was_chosen(page, served):
    page.goto(f"{served.url}/admin/dich-vu")
    page.get_by_label("Kỳ").select_option("90")
    page.get_by_label("Kênh").select_option("zalo_oa")
    page.get_by_role("button", name="Xem", exact=True).click()
    expect(page.get_by_label("Kênh")).to_have_value("zalo_oa")
    expect(page.get_by_role("heading", name="Giờ trong ngày")).to_be_visible()


def test_people_s_words_after_a_reason(page, served):
    page.goto(f"{served.url}/admin/dich-vu?{PERIOD}")
    page.get_by_text("Xem lời người dân").click()
    page.get_by_label("Lý do cần xem").fill("Soạn lại câu trả lời về lệ phí hộ chiếu")
    page.get_by_role("button", name="Xem và ghi nhật ký").click()
    expect(page.get_by_role("row", name="lệ phí làm hộ chiếu")).to_be_visible()
    page.goto(f"{served.url}/admin/nhat-ky?viec=raw_text_seen")
    expect(page.get_by_role("cell", name="Soạn lại câu trả lời về lệ phí hộ chiếu")).to_be_visible()
