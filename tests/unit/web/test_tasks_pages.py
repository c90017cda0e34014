"""How many wait stands in the menu; a task shows what it is about; whether the phone is told is a setting."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.services import catalogue, corrective, quality
from bot.services.staff import Who
from bot.services.tickets import citizen
from bot.store.tables import AuditEntry, Rating, Staff, Ticket
from tests.factories import ROOT, talk_of
from tests.unit.web.staff_pages import app_on, signed_in
from tests.unit.web.test_tickets_page import HERE, THERE, WORDS, reported

CODE = "1.001193"
ACTIONS = "/admin/chat-luong/khac-phuc"


@pytest.fixture
def app(database, tmp_path):
    return app_on(database, tmp_path)


def waits(browser) -> dict[str, int]:
    """Title in the menu -> how many wait there."""
    page = browser.get("/tai-khoan").text
    return {title.strip(): int(n) for title, n in re.findall(r'<li><a href="/admin/[^"]+">([^<]+)<span class="tag">(\d+) chờ bạn</span>', page)}


def rated(app, *texts) -> None:
    with app.database.write() as session:
        session.add_all([Rating(day=app.clock().date(), about="answer", key=CODE, score=1, channel="web", text=text) for text in texts])
        session.flush()
        corrective.low(session, app.clock(), timedelta(days=2))


def test_the_menu_counts_what_waits_for_whom(app):
    first, other, author = signed_in(app, "officer", (HERE,)), signed_in(app, "officer", (THERE,)), signed_in(app, "author")
    assert waits(first) == waits(author) == {}
    ident = reported(app)
    reported(app, address="sender-two-0123456", text="cột điện nghiêng sắp đổ ra đường")
    rated(app, None)
    assert (waits(first), waits(other), waits(author)) == ({"Phản ánh": 2}, {}, {"Chất lượng": 1})
    first.get(f"/admin/phan-anh/{ident}")
    first.post(f"/admin/phan-anh/{ident}", {"step": "reply", "text": "Đã cử thợ đến thay bóng"})
    assert waits(first) == {"Phản ánh": 1}


class TestTask:
    def test_one_low_rating_is_a_task_of_the_owner_with_date_and_score(self, app):
        with app.database.write() as session:
            catalogue.publish_curated(session, ROOT / "procedures", app.clock())
        author = signed_in(app, "author")
        with app.database.write() as session:
            one = session.scalars(select(Staff).where(Staff.role == "author")).one()
            quality.assign(session, Who(one.id, one.login, one.name, one.role, (), "", ""), f"procedure:{CODE}", one.id, None, app.clock())
        rated(app, "thiếu mục mẹ đơn thân", None)
        assert waits(author) == {"Chất lượng": 1} and waits(signed_in(app, "author")) == {}
        listed = author.get(ACTIONS).text
        assert "Có lượt chấm điểm thấp" in listed and "khai sinh" in listed and "Người author" in listed and "mẹ đơn thân" not in listed
        page = author.get(re.search(rf'href="({ACTIONS}/\d+)"', listed).group(1)).text
        assert "thiếu mục mẹ đơn thân" in page and page.count('<td class="n">1</td>\n    <td>') == 2 and "24/11/2026" in page
        with app.database.read() as session:
            assert [row.reason for row in session.scalars(select(AuditEntry).where(AuditEntry.action == "raw_text_seen"))] == [
                "Xem việc khắc phục do bị chấm thấp"]

    def test_without_words_nothing_is_noted_as_read(self, app):
        rated(app, None)
        assert "Các lượt chấm thấp" in signed_in(app, "officer").get(f"{ACTIONS}/1").text
        with app.database.read() as session:
            assert session.scalars(select(AuditEntry).where(AuditEntry.action == "raw_text_seen")).first() is None

    def test_a_badly_closed_report_is_a_task_of_its_commune_alone(self, app):
        ident, officer = reported(app), signed_in(app, "officer", (HERE,))
        officer.get(f"/admin/phan-anh/{ident}")
        officer.post(f"/admin/phan-anh/{ident}", {"step": "close", "text": "Đã thay bóng"})
        with app.database.write() as session:
            citizen.scored(session, session.get_one(Ticket, ident), 1, 10, app.clock())
            corrective.low(session, app.clock(), timedelta(days=2))
        page = officer.get(f"{ACTIONS}/1").text
        assert f"Phản ánh ở {HERE}" in page and f'href="/admin/phan-anh/{ident}"' in page and WORDS not in page
        assert signed_in(app, "officer", (THERE,)).get(f"{ACTIONS}/1").status_code == 404
        assert waits(officer) == {"Phản ánh": 1, "Chất lượng": 1}


def test_being_told_is_a_setting_of_whoever_has_linked_a_phone(app):
    officer = signed_in(app, "officer")
    page = "/tai-khoan/may-cua-toi"
    assert "Báo việc mới" not in officer.get(page).text
    with app.database.write() as session:
        session.scalars(select(Staff)).one().conversation_id = talk_of(session).id
    assert "Đang bật: khi có" in officer.get(page).text
    for yes, said in (("false", "Đang tắt"), ("true", "Đang bật: khi có")):
        assert said in officer.post(f"{page}/bao-viec", {"yes": yes}).text
