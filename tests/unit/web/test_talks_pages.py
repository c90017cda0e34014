"""The desk of talks: taken by one officer, seen by nobody else, read by an administrator with a reason."""

import pytest

from bot.reminders import staffed
from bot.services import handover, inbox
from tests.factories import KEY, incoming, talk_of
from tests.unit.web.staff_pages import app_on, signed_in

HOME = "/admin/tro-chuyen"


@pytest.fixture
def app(database, tmp_path):
    return app_on(database, tmp_path)


def asked(app, commune: str | None = None) -> int:
    """Somebody asks for a person and says one thing; the talk's id."""
    with app.database.write() as session:
        talk = talk_of(session, now=app.clock())
        assert handover.request(session, talk, "address", commune, staffed.read(app.settings.staffed_hours), app.clock()).kind == "waiting"
        inbox.store(session, KEY, incoming("p1", "cho tôi hỏi về đất"), app.clock())
        return handover.going(session, talk.id).id


def test_taken_answered_and_given_back(app):
    officer = signed_in(app, "officer")
    ident = asked(app)
    listed = officer.get(HOME).text
    assert "Đang chờ (1)" in listed and "cho tôi hỏi về đất" not in listed
    page = officer.post(f"{HOME}/{ident}/nhan")
    assert page.url.path == f"{HOME}/{ident}" and "cho tôi hỏi về đất" in page.text
    assert officer.post(f"{HOME}/{ident}/tra-loi", {"text": " "}).status_code == 400
    officer.post(f"{HOME}/{ident}/tra-loi", {"text": "Bác cần trích lục ạ."})
    assert "Bác cần trích lục ạ." in officer.get(f"{HOME}/{ident}/moi").text
    assert "Không có ai đang chờ" in officer.get(f"{HOME}/moi").text
    done = officer.post(f"{HOME}/{ident}/ket-thuc")
    assert done.url.path == HOME and "cán bộ kết thúc" in done.text
    again = officer.get(f"{HOME}/{ident}").text
    assert "Bác cần trích lục ạ." in again and "/tra-loi" not in again


def test_nobody_else_sees_it(app):
    officer, other, admin, author = (signed_in(app, role) for role in ("officer", "officer", "administrator", "author"))
    ident = asked(app)
    officer.post(f"{HOME}/{ident}/nhan")
    for one in (other, admin):
        assert [one.get(f"{HOME}/{ident}{end}").status_code for end in ("", "/moi")] == [404, 404]
        assert one.post(f"{HOME}/{ident}/nhan").status_code == 400 and one.post(f"{HOME}/{ident}/tra-loi", {"text": "x"}).status_code == 404
    assert author.get(HOME).status_code == 403 and other.post(f"{HOME}/{ident}/xem", {"reason": "muốn xem cho biết"}).status_code == 403
    assert admin.post(f"{HOME}/{ident}/xem", {"reason": "xem"}).status_code == 400
    seen = admin.post(f"{HOME}/{ident}/xem", {"reason": "Người dân khiếu nại"}).text
    assert "cho tôi hỏi về đất" in seen and "/tra-loi" not in seen
    log = admin.get("/admin/nhat-ky").text
    assert "Người dân khiếu nại" in log and "Xem lời người dân" in log and "cho tôi hỏi" not in log


def test_an_officer_of_another_commune_is_not_even_told(app):
    there, here = signed_in(app, "officer", ("Phường Nam Định",)), signed_in(app, "officer", ("Phường Hoa Lư",))
    ident = asked(app, "Phường Hoa Lư")
    assert "Đang chờ (0)" in there.get(HOME).text and there.post(f"{HOME}/{ident}/nhan").status_code == 400
    assert "Đang chờ (1)" in here.get(HOME).text
