"""The page of the privacy desk, as officers, bound officers and others see it."""

import re

import pytest

from bot.services import people, privacy, retention
from tests.factories import TUESDAY_TEN, talk_of
from tests.unit.web.staff_pages import app_on, signed_in

DESK = "/admin/du-lieu-ca-nhan"
LETTER = {"kind": "erasure", "origin": "letter", "reference": "12/2026-KN", "received": "2026-11-24", "commune": ""}


@pytest.fixture
def app(database, tmp_path):
    return app_on(database, tmp_path)


def test_an_officer_enters_answers_and_closes_a_letter(app):
    officer = signed_in(app, "officer")
    assert "Không có yêu cầu nào đang chờ" in officer.get(DESK).text
    shown = officer.post(f"{DESK}/moi", LETTER)
    address = shown.url.path
    receipt = re.search(r"YC-[0-9A-F]{8}", shown.text)[0]
    assert re.fullmatch(rf"{DESK}/\d+", address) and "14/12/2026" in shown.text and "26/11/2026" in shown.text
    assert receipt in officer.get(DESK).text
    assert "Lời trả lời" in officer.post(address, {"step": "reply", "text": "Lời trả lời"}).text
    assert "03/01/2027" in officer.post(address, {"step": "extend", "text": "Nhiều hồ sơ", "days": "20"}).text
    closed = officer.post(address, {"step": "done", "text": "Đã xóa hồ sơ giấy."}).text
    assert "Đã xong" in closed and 'value="reply"' not in closed and 'value="extend"' not in closed
    desk = officer.get(DESK).text
    assert "Đang chờ (0)" in desk and receipt in desk


@pytest.mark.parametrize(("wrong", "sentence"), [
    ({"reference": "037090001234"}, "giống số giấy tờ"), ({"received": "hôm qua"}, "Ngày nhận"), ({"kind": ""}, "loại yêu cầu"),
    ({"commune": "Xã Không Có"}, "không nằm trong danh sách")])
def test_a_form_that_is_wrong_is_shown_again_with_what_was_typed(app, wrong, sentence):
    officer = signed_in(app, "officer")
    officer.get(DESK)
    shown = officer.post(f"{DESK}/moi", LETTER | {"reference": "77/2026"} | wrong)
    assert shown.status_code == 400 and sentence in shown.text
    assert f'value="{(LETTER | {"reference": "77/2026"} | wrong)["reference"]}"' in shown.text


def test_an_empty_answer_keeps_the_request_open(app):
    officer = signed_in(app, "officer")
    officer.get(DESK)
    address = officer.post(f"{DESK}/moi", LETTER).url.path
    assert officer.post(address, {"step": "done", "text": " "}).status_code == 400
    assert officer.post(address, {"step": "extend", "text": "a", "days": "999999"}).status_code == 400
    assert officer.post(address, {"step": "bogus", "text": "a"}).status_code == 400
    assert "Đang xử lý" in officer.get(address).text


def test_overdue_is_marked(app):
    officer = signed_in(app, "officer")
    officer.get(DESK)
    officer.post(f"{DESK}/moi", LETTER | {"received": "2026-11-02"})
    assert "Quá hạn" in officer.get(DESK).text


def test_bound_staff_see_only_their_communes(app):
    bound, province = signed_in(app, "officer", ("Phường Hoa Lư",)), signed_in(app, "officer")
    province.get(DESK)
    theirs_not = province.post(f"{DESK}/moi", LETTER).url.path
    bound.get(DESK)
    assert bound.get(theirs_not).status_code == 404
    assert bound.post(theirs_not, {"step": "reply", "text": "a"}).status_code == 404
    mine = bound.post(f"{DESK}/moi", LETTER | {"reference": "13/2026", "commune": "Phường Hoa Lư"})
    assert mine.status_code == 200
    text = bound.get(DESK).text
    assert "chỉ người phụ trách cả tỉnh xem được" in text and "Đang chờ (1)" in text


def test_erasures_from_the_chat_stand_there_as_done_with_their_receipt(app):
    with app.database.write() as session:
        receipt = people.erase(session, talk_of(session, "nobody-0123456789", consent=("learning",)), TUESDAY_TEN)
    text = signed_in(app, "administrator").get(DESK).text
    assert receipt in text and "người dân tự làm trong đoạn chat" in text


def test_the_ledger_of_one_person_opens_by_their_receipt_only(app):
    with app.database.write() as session:
        talk = talk_of(session, "someone-0123456789", consent=("learning", "drills"))
        receipt = privacy.ask(session, talk, "correction", "x", TUESDAY_TEN).receipt
        ident = talk.id
    officer = signed_in(app, "officer")
    officer.get(DESK)
    shown = officer.post(f"{DESK}/so-dong-y", {"receipt": receipt}).text
    assert "các buổi diễn tập" in shown and ident not in shown
    assert officer.post(f"{DESK}/so-dong-y", {"receipt": ident}).status_code == 400
    assert "bước: xem sổ đồng ý" in signed_in(app, "administrator").get("/admin/nhat-ky", viec="privacy_request").text


def test_a_retention_job_that_stands_still_is_marked_red(app):
    officer = signed_in(app, "officer")
    assert officer.get(DESK).text.count("Quá một ngày</span>") == len(retention.JOBS)
    retention.run(app.database, app.clock())
    assert "Quá một ngày</span>" not in officer.get(DESK).text
    assert "10:00 24/11/2026" in officer.get(DESK).text


@pytest.mark.parametrize("role", ["viewer", "author", "approver"])
def test_others_may_not_look(app, role):
    assert signed_in(app, role).get(DESK).status_code == 403
