"""Staff bound to communes: the words of their own people only, and no change to other units."""

import pytest
from sqlalchemy import select

from bot.services import communes
from bot.store.tables import Asked, CommuneSheet
from tests.factories import TUESDAY_TEN
from tests.unit.web.staff_pages import app_on, signed_in


@pytest.fixture
def app(database, tmp_path):
    return app_on(database, tmp_path)


def test_an_administrator_of_one_commune_does_not_merge_it_into_another(app):
    with app.database.read() as session:
        mine, other = communes.units(session)[:2]
    form, address = {"into": other["code"]}, f"/admin/xa-phuong/{mine['code']}/sap-nhap"
    refused = signed_in(app, "administrator", (mine["name"],)).post(address, form)
    assert refused.status_code == 403 and "cả tỉnh" in refused.text
    with app.database.read() as session:
        assert session.scalars(select(CommuneSheet)).all() == []
    assert signed_in(app, "administrator").post(address, form).status_code == 200


def test_an_author_of_one_commune_reads_and_counts_only_what_was_asked_there(app):
    with app.database.write() as session:
        for commune, text in (("Phường Hoa Lư", "nuôi ong ở đâu"), ("Phường Đông A", "bay flycam xin ai")):
            session.add(Asked(at=TUESDAY_TEN, channel="web", intent="x", aspect="overview", decision="none", text=text,
                              commune=commune))
    author = signed_in(app, "author", ("Phường Hoa Lư",))
    assert "Có 1 câu" in author.get("/studio/cau-hoi").text
    page = author.post("/studio/cau-hoi", {"reason": "soạn câu trả lời còn thiếu"}).text
    assert "nuôi ong" in page and "flycam" not in page and "Danh sách ngoài phạm vi" not in page
    assert [author.get(f"/studio/cau-hoi/a{n}").status_code for n in (1, 2)] == [200, 404]
    everywhere = signed_in(app, "author")
    assert "flycam" in everywhere.post("/studio/cau-hoi", {"reason": "soạn câu trả lời còn thiếu"}).text
