"""The operations page: what it shows, switches, letters with replay; who may do what, and that it is written down."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.services import audit, outbox, switches
from bot.store.tables import Inbound, Outbound
from tests.factories import talk_of
from tests.unit.web.staff_pages import app_on, signed_in

SECRET_WORDS = "chồng tôi tên là Nguyễn Văn Kín"
HOME = "/admin/van-hanh"


@pytest.fixture
def app(database, tmp_path):
    return app_on(database, tmp_path)


@pytest.fixture
def admin(app):
    return signed_in(app, "administrator")


def broken(app, *errors: str) -> list[int]:
    """Dead messages with these errors; their ids."""
    with app.database.write() as session:
        talk = talk_of(session, channel="telegram", consent=("reminders",))
        ids = []
        for number, error in enumerate(errors):
            ident = outbox.enqueue(session, talk, f"reminder:{number}:x", "reminder", {"text": SECRET_WORDS}, app.clock())
            row = session.get_one(Outbound, ident)
            row.state, row.error, row.attempts = "dead", error, 8
            ids.append(ident)
        session.add(Inbound(channel="telegram", platform_id="p1", conversation_id=talk.id, address="a", text=SECRET_WORDS, state="parked", attempts=5,
                            error="no reply", next_try_at=app.clock(), received_at=app.clock() - timedelta(hours=2)))
    return ids


def states(app) -> dict[int, str]:
    with app.database.read() as session:
        return dict(session.execute(select(Outbound.id, Outbound.state)).all())


class TestState:
    def test_it_says_what_is_wrong_and_what_to_do(self, admin):
        page = admin.get(HOME).text
        assert "Không có tiến trình nào chạy" in page and "khởi động lại dịch vụ worker" in page
        assert 'data-worst="bad"' in page and "Chưa có lỗi gửi nào" in page

    def test_the_part_that_refreshes_is_the_same_words_without_the_frame(self, app, admin):
        whole, part = admin.get(HOME).text, admin.get(f"{HOME}/tinh-hinh").text
        assert "<html" not in part and "Hàng chờ" in part
        assert re.findall(r'data-part="(\w+)"', whole) == re.findall(r'data-part="(\w+)"', part)

    def test_errors_are_told_by_channel_in_words(self, app, admin):
        app.tallies.count("delivery_errors", 3, channel="zalo_oa", error="bad_token")
        with app.database.write() as session:
            app.tallies.flush(session)
        page = admin.get(HOME).text
        assert re.search(r"Zalo OA</th><td>Mã truy cập bị từ chối</td><td class=\"n\">3<", page)


class TestLetters:
    def test_nobodys_words_are_on_the_page(self, app, admin):
        broken(app, "bad_request", "bad_request", "internal", "cancelled")
        page = admin.get(HOME).text
        assert SECRET_WORDS not in page and "Nguyễn" not in page
        assert re.search(r"Kênh không nhận dạng tin này</td><td class=\"n\">2<", page) and "no reply" in page
        assert "cancelled" not in page

    def test_all_with_one_reason_go_again_and_the_others_stay(self, app, admin):
        ids = broken(app, "bad_request", "bad_request", "internal")
        page = admin.post(f"{HOME}/gui-lai", {"box": "out", "channel": "telegram", "error": "bad_request"})
        assert page.url.path == HOME and "Đã cho 2 thư chạy lại" in page.text
        assert states(app) == {ids[0]: "due", ids[1]: "due", ids[2]: "dead"}
        with app.database.read() as session:
            row = audit.listed(session, "replayed")[0]
        assert (row.about, row.detail) == ("out: telegram, bad_request", {"letters": 2, "again": 2})

    def test_one_alone_goes_again(self, app, admin):
        ids = broken(app, "bad_request", "bad_request")
        assert "Đã cho 1 thư chạy lại" in admin.post(f"{HOME}/gui-lai", {"name": f"out:{ids[1]}"}).text
        assert states(app) == {ids[0]: "dead", ids[1]: "due"}
        assert "Đã cho 1 thư chạy lại" in admin.post(f"{HOME}/gui-lai", {"box": "in", "channel": "telegram", "error": "no reply"}).text
        with app.database.read() as session:
            assert session.scalars(select(Inbound.state)).one() == "new"

    def test_one_without_an_address_is_said_to_stay(self, app, admin):
        ids = broken(app, "bad_request", "bad_request")
        with app.database.write() as session:
            session.get_one(Outbound, ids[0]).address = None
        page = admin.post(f"{HOME}/gui-lai", {"box": "out", "channel": "telegram", "error": "bad_request"}).text
        assert "Đã cho 1 thư chạy lại. 1 thư không còn địa chỉ" in page

    def test_the_same_press_twice_does_nothing_twice(self, app, admin):
        ids = broken(app, "bad_request")
        admin.post(f"{HOME}/gui-lai", {"name": f"out:{ids[0]}"})
        assert "đã được gửi lại trước đó" in admin.post(f"{HOME}/gui-lai", {"name": f"out:{ids[0]}"}).text

    @pytest.mark.parametrize("form", [{"name": "x"}, {"name": "out:9x"}, {"box": "bad", "channel": "a", "error": "b"}])
    def test_what_is_no_letter_is_refused(self, admin, form):
        page = admin.post(f"{HOME}/gui-lai", form)
        assert page.status_code == 400 and "Không có thư lỗi này" in page.text


class TestSwitches:
    def test_off_with_a_sentence_and_on_again(self, app, admin):
        page = admin.post(f"{HOME}/cong-tac/questions", {"why": "Cập nhật dữ liệu thủ tục.", "until": "2026-11-24T15:00"}).text
        assert "Phần hỏi đáp thủ tục đang tạm nghỉ để cập nhật dữ liệu thủ tục, dự kiến trở lại" in page
        assert "tự bật lại lúc 15:00 24/11/2026" in page and page.count("Đang tắt") == 1
        with app.database.read() as session:
            assert switches.off(session, app.clock())["questions"].until == app.clock() + timedelta(hours=5)
        page = admin.post(f"{HOME}/cong-tac/questions", {"on": "true"}).text
        assert "Đã bật lại: Hỏi đáp thủ tục" in page and "Đang tắt" not in page

    @pytest.mark.parametrize(("form", "said"), [({"why": "x"}, "Hãy ghi lý do"), ({"why": "bảo trì", "until": "2026-11-24T09:00"}, "đã qua"),
                                                ({"why": "bảo trì", "until": "mai"}, "chưa đúng")])
    def test_a_wrong_form_comes_back_as_typed_beside_its_switch(self, app, admin, form, said):
        page = admin.post(f"{HOME}/cong-tac/courses", form)
        assert page.status_code == 400 and said in page.text and f'value="{form["why"]}"' in page.text and page.text.count("<details open>") == 1
        with app.database.read() as session:
            assert switches.off(session, app.clock()) == {}

    @pytest.mark.parametrize("name", ["emergency", "my_data", "delete", "scam_emergency"])
    def test_the_emergency_and_ones_own_data_have_no_switch(self, admin, name):
        assert admin.post(f"{HOME}/cong-tac/{name}", {"why": "bảo trì máy chủ"}).status_code == 400
        assert f"cong-tac/{name}" not in admin.get(HOME).text

    def test_an_officer_sees_and_cannot_change(self, app):
        broken(app, "bad_request")
        officer = signed_in(app, "officer")
        page = officer.get(HOME).text
        assert "Công tắc" in page and "van-hanh/gui-lai" not in page and "Tắt phần này" not in page
        assert officer.post(f"{HOME}/cong-tac/questions", {"why": "bảo trì máy chủ"}).status_code == 403
        assert officer.post(f"{HOME}/gui-lai", {"name": "out:1"}).status_code == 403
