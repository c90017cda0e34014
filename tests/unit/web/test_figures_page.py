"""The overview page: its filter, its words, what bound staff see of it."""

import re
from datetime import timedelta

import pytest

from bot.services import counted
from bot.services.figures.measures import MEASURES
from bot.store.tables import Asked, Citizen
from tests.factories import TUESDAY_TEN, talk_of
from tests.unit.web.staff_pages import app_on, signed_in


@pytest.fixture
def app(database, tmp_path):
    """Twenty citizens of Hoa Lư and three of Châu Sơn who wrote today; 30 questions, 20 in the period before."""
    made = app_on(database, tmp_path)
    with database.write() as session:
        for commune, count in (("Phường Hoa Lư", 20), ("Phường Châu Sơn", 3)):
            for n in range(count):
                talk = talk_of(session, address=f"{commune}-{n}-0123456789", channel="telegram", consent=("learning",))
                session.get_one(Citizen, talk.citizen_id).commune = commune
                counted.wrote(session, talk, None, TUESDAY_TEN)
        for n in range(50):
            session.add(Asked(at=TUESDAY_TEN - timedelta(days=0 if n < 30 else 30), channel="telegram", intent="x", aspect="fee", decision="answer",
                              commune="Phường Hoa Lư"))
    return made


def card(page: str, title: str) -> tuple[str, str]:
    """(the figure, what stands about the period before) of a card."""
    found = re.search(rf'<h2 class="card-title">{title}</h2>\s*<p class="figure">(.*?)</p>\s*<p class="change">(.*?)</p>', page)
    return found.group(1), found.group(2)


def test_figures_stand_beside_the_period_before(app):
    page = signed_in(app, "viewer").get("/admin").text
    assert card(page, "Câu hỏi thủ tục") == ("30", "▲ tăng 10 (+50,0 %); kỳ trước 20")
    assert card(page, "Tỉ lệ trả lời được") == ("100,0 %", "không đổi; kỳ trước 100,0 %")


def test_every_definition_stands_on_the_page(app):
    page = signed_in(app, "viewer").get("/admin").text
    for measure in MEASURES:
        assert measure.definition in page


def test_the_few_are_not_in_the_page_in_any_form(app):
    page = signed_in(app, "viewer").get("/admin").text
    row = re.search(r'<tr>\s*<th scope="row">Phường Châu Sơn</th>(.*?)</tr>', page, re.DOTALL).group(1)
    assert "&lt;5" in row and not re.search(r">3<", row)


def test_the_filter_keeps_what_was_chosen(app):
    page = signed_in(app, "viewer").get("/admin", ky="rieng", tu="2026-11-01", den="2026-11-24", xa="Phường Hoa Lư", kenh="telegram").text
    assert 'value="2026-11-01"' in page and '<option value="Phường Hoa Lư" selected>' in page and '<option value="telegram" selected>' in page
    assert "01/11/2026 – 24/11/2026" in page


@pytest.mark.parametrize("wrong", [{"ky": "rieng"}, {"ky": "rieng", "tu": "2026-11-24", "den": "2026-11-01"}, {"xa": "Phường Không Có"}, {"ky": "zz"},
                                   {"kenh": "fax"}])
def test_a_wrong_filter_says_so_above_the_form(app, wrong):
    answer = signed_in(app, "viewer").get("/admin", **wrong)
    assert answer.status_code == 400 and 'role="alert"' in answer.text and '<select id="ky"' in answer.text


def test_bound_staff_see_their_communes_only(app):
    browser = signed_in(app, "officer", ("Phường Hoa Lư",))
    page = browser.get("/admin").text
    assert card(page, "Người dân mới")[0] == "20" and "Phường Châu Sơn" not in page and "Chỉ tính: Phường Hoa Lư." in page
    refused = browser.get("/admin", xa="Phường Châu Sơn")
    assert refused.status_code == 400 and "xã, phường được giao" in refused.text


def test_a_course_shows_what_courses_have(app):
    page = signed_in(app, "viewer").get("/admin", khoa="khoa-nho").text
    assert "Lượt ghi danh học" in page and "Câu hỏi thủ tục" not in page
