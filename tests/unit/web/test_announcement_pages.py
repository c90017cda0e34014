"""The pages of announcements: written by one, approved by another, the number of people hidden while it is small."""

import re

import pytest

from bot.services import announcing
from bot.store.tables import Announcement
from tests.announcing import TEXT, subscriber
from tests.unit.web.staff_pages import app_on, signed_in

HOME = "/admin/thong-bao"
FORM = {"kind": "normal", "topic": "local", "sender": "UBND phường Hoa Lư", "title": "Lịch tiêm phòng", "text": TEXT}


@pytest.fixture
def app(database, tmp_path):
    return app_on(database, tmp_path)


def written(browser, **more) -> str:
    """The address of a new announcement that waits for approval."""
    browser.get(f"{HOME}/moi")
    shown = browser.post(f"{HOME}/moi", FORM | more)
    assert shown.status_code == 200, shown.text
    browser.post(f"{shown.url.path}/gui-duyet")
    return shown.url.path


def state(app, address: str) -> str:
    with app.database.read() as session:
        return session.get_one(Announcement, int(address.rpartition("/")[2])).state


def test_one_writes_another_approves_and_it_goes_out(app):
    with app.database.write() as session:
        for n in range(6):
            subscriber(session, n, commune="Phường Hoa Lư" if n < 4 else None, now=app.clock())
    officer, approver = signed_in(app, "officer"), signed_in(app, "approver")
    address = written(officer)
    shown = approver.get(address).text
    assert '<dd id="so-nguoi"><strong>6</strong>' in shown and "Gõ DỪNG" in shown and all(n in shown for n in ("Telegram", "Zalo OA", "Zalo Bot", "Trang web"))
    assert officer.post(f"{address}/duyet").status_code == 403
    assert "Đã duyệt, chờ giờ gửi" in approver.post(f"{address}/duyet").text
    app.clock.forward(hours=1)
    assert announcing.run(app.database, app.clock) == 6
    page = officer.get(address).text
    assert "Kết quả" in page and "Đã đọc (trên kênh báo lại): <strong>0</strong> trong 0 tin" in page and re.search(r'class="n">6<', page)


def test_under_five_are_never_a_number(app):
    with app.database.write() as session:
        for n in range(4):
            subscriber(session, n, commune="Phường Hoa Lư", now=app.clock())
    officer = signed_in(app, "officer")
    assert "<strong>dưới 5</strong>" in officer.get(written(officer, communes="Phường Hoa Lư")).text


@pytest.mark.parametrize("role", ["administrator", "approver"])
def test_one_person_alone_sends_nothing_whatever_the_role(app, role):
    one = signed_in(app, role)
    address = written(one)
    answer = one.post(f"{address}/duyet")
    assert answer.status_code == 400 and "không tự duyệt" in answer.text and state(app, address) == "submitted"
    assert "/duyet" not in one.get(address).text


def test_an_emergency_needs_a_second_approver(app):
    officer, first, second = signed_in(app, "officer"), signed_in(app, "approver"), signed_in(app, "administrator")
    address = written(officer, kind="emergency", reason="Nước lũ lên trong đêm nay")
    first.post(f"{address}/duyet")
    assert state(app, address) == "submitted" and first.post(f"{address}/duyet").status_code == 400
    second.get(address)
    second.post(f"{address}/duyet")
    assert state(app, address) == "approved"


def test_what_is_wrong_is_said_at_the_form_and_what_was_typed_stays(app):
    officer = signed_in(app, "officer")
    officer.get(f"{HOME}/moi")
    shown = officer.post(f"{HOME}/moi", FORM | {"text": "Gọi ngay 0912345678 để được hướng dẫn.", "send_at": "2026-12-01T08:00"})
    assert shown.status_code == 400 and "không được chứa số điện thoại" in shown.text and "Gọi ngay" in shown.text and "2026-12-01T08:00" in shown.text


def test_the_time_is_of_the_province(app):
    officer, approver = signed_in(app, "officer"), signed_in(app, "approver")
    address = written(officer, send_at="2026-12-01T08:00")
    assert "08:00 01/12/2026" in approver.get(address).text


def test_sent_back_with_a_reason_it_can_be_changed(app):
    officer, approver = signed_in(app, "officer"), signed_in(app, "approver")
    address = written(officer)
    approver.get(address)
    assert approver.post(f"{address}/tra-lai", {"why": "ngắn"}).status_code == 400
    approver.post(f"{address}/tra-lai", {"why": "Ghi rõ thôn nào"})
    assert "Người duyệt trả lại: Ghi rõ thôn nào" in officer.get(address).text
    assert "Lịch mới" in officer.post(f"{address}/sua", FORM | {"title": "Lịch mới"}).text
    assert approver.post(f"{address}/sua", FORM).status_code == 400


def test_officers_of_one_commune_see_nothing_of_another(app):
    here, there = signed_in(app, "officer", ("Phường Hoa Lư",)), signed_in(app, "officer", ("Phường Nam Định",))
    here.get(f"{HOME}/moi")
    assert here.post(f"{HOME}/moi", FORM).status_code == 400
    address = written(here, communes="Phường Hoa Lư")
    assert there.get(address).status_code == 404 and "Lịch tiêm phòng" not in there.get(HOME).text
    assert there.post(f"{address}/huy").status_code == 404 and "Lịch tiêm phòng" in here.get(HOME).text
    assert "Đã hủy" in here.post(f"{address}/huy").text
