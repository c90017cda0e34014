"""The page of warnings: who sees what, what is hidden, one click to a course or an announcement, exports that are written down."""

import json

import pytest
import stix2
from sqlalchemy import select

from bot.services import audit, drafts
from bot.store.tables import Draft
from tests.unit.services.test_spread import HOA_LU, TAY, a_past, outbreak, sent
from tests.unit.services.test_spread import NOW as AT
from tests.unit.web.staff_pages import app_on, signed_in

HOME = "/admin/canh-bao"


@pytest.fixture
def app(database, tmp_path):
    found = app_on(database, tmp_path)
    with found.database.write() as session:
        a_past(session)
        outbreak(session, 6, HOA_LU)
        sent(session, "one-elsewhere", AT, commune=TAY, found=(("phone", "0987654321"),), trick="bank")
    return found


def link(text: str, words: str) -> str:
    """The address of the first link that begins with these words."""
    before = text[:text.index(f">{words}")]
    return before[before.rindex('href="') + 6:].partition('"')[0].replace("&amp;", "&")


def test_the_overview_says_what_it_measures_and_what_grows(app):
    said = signed_in(app, "officer").get(HOME).text
    for words in ("Chỉ đo được những gì người dân gửi", "tăng nhanh", "evn-hoantien[.]xyz", "Theo kiểu lừa", "Người gửi theo kênh"):
        assert words in said


def test_a_cluster_in_full_and_from_there_to_an_announcement(app):
    browser = signed_in(app, "administrator")
    said = browser.get(link(browser.get(HOME).text, "Giả VNeID")).text
    assert "6</p><p>người nhắc tới" in said and HOA_LU in said and "Tăng từng ngày" in said
    draft = browser.get(link(said, "Soạn thông báo"))
    assert draft.status_code == 200 and "Nhiều người vừa báo về chiêu" in draft.text and "evn-hoantien" not in draft.text


def test_one_click_opens_a_draft_of_a_course_that_can_be_written_on(app):
    browser = signed_in(app, "administrator")
    place = link(browser.get(HOME).text, "Giả VNeID")
    browser.get(place)
    answer = browser.post(f"{place}/bai-hoc")
    assert answer.status_code == 200 and "Đã mở bài cảnh báo" in answer.text
    with app.database.read() as session:
        draft = session.scalars(select(Draft)).one()
        assert draft.document["scams"] and len(draft.document["lessons"][0]["steps"]) == 2
        assert drafts.document_of(session, draft.slug) == draft.document
        assert "evn-hoantien" not in json.dumps(draft.document)


def test_who_is_bound_to_a_commune_sees_nothing_of_another(app):
    browser = signed_in(app, "officer", (TAY,))
    said = browser.get(HOME).text
    assert "evn-hoantien" not in said and "&lt;5" in said
    key = link(signed_in(app, "officer").get(HOME).text, "Giả VNeID")
    assert browser.get(key).status_code == 404
    assert browser.get(HOME, xa=HOA_LU).status_code == 400
    rows = browser.get(f"{HOME}/xuat/bao-cao.csv").text
    assert TAY in rows and HOA_LU not in rows and "evn-hoantien" not in rows
    assert browser.get(f"{HOME}/xuat/bao-cao.csv", xa=HOA_LU).status_code == 400


@pytest.mark.parametrize("file, kind", [("bao-cao.csv", "text/csv"), ("stix.json", "application/stix+json")])
def test_an_export_is_what_it_says_and_is_written_down(app, file, kind):
    browser = signed_in(app, "officer")
    page = browser.get(f"{HOME}/xuat", ky="7").text
    assert f"/admin/canh-bao/xuat/{file}?ky=7" in page
    answer = browser.get(f"{HOME}/xuat/{file}", ky="7")
    assert answer.headers["content-type"].startswith(kind) and answer.headers["cache-control"] == "no-store"
    if file.endswith("json"):
        assert len([o for o in stix2.parse(answer.text).objects if o.type == "incident"]) == 7
    with app.database.read() as session:
        (entry,) = audit.listed(session, "exported")
        assert entry.about == f"canh-bao/{file}" and entry.detail["rows"] == 7


@pytest.mark.parametrize("role", ["viewer", "author", "approver"])
def test_others_are_not_let_in(app, role):
    browser = signed_in(app, role)
    assert browser.get(HOME).status_code == 403 and browser.get(f"{HOME}/xuat/stix.json").status_code == 403


def test_unknown_files_and_clusters_are_not_found(app):
    browser = signed_in(app, "officer")
    assert browser.get(f"{HOME}/xuat/khac.csv").status_code == 404 and browser.get(f"{HOME}/cum/s:999").status_code == 404
