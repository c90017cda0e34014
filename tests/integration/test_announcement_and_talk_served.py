"""Through the whole bot: somebody subscribes, an announcement is written by one and approved by others; and a talk with an officer."""

import re
import time

import pytest

from tests.announcing import TEXT
from tests.desk import NEWS, Desk
from tests.served import Served, at_hour, wait_for

pytestmark = pytest.mark.served
TALKS = "/admin/tro-chuyen"


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engage")
    found = Served(folder, STAFFED_HOURS="1-7 00:00-23:59", PYTHONTZPATH=at_hour(folder / "zone", 22)).start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def officer(bot):
    return Desk(bot, "officer")


def test_nobody_alone_sends_and_two_approvals_pass_the_night(bot, officer):
    citizen = bot.citizen()
    citizen.say("đăng ký nhận tin phường Hoa Lư")
    assert "Bạn muốn nhận tin nào?" in citizen.read()
    citizen.tap("Nhận mọi tin")
    assert "Đã đăng ký" in citizen.read()
    first, second = Desk(bot, "approver"), Desk(bot, "administrator")
    made = officer.post(f"{NEWS}/moi", kind="emergency", topic="local", sender="UBND phường Hoa Lư", title="Nước lên nhanh", text=TEXT,
                        communes="Phường Hoa Lư", reason="Nước lũ lên trong đêm nay")
    assert "dưới 5" in made.text
    path = made.url.path
    officer.post(f"{path}/gui-duyet")
    assert officer.post(f"{path}/duyet").status_code == 403
    with citizen.listening() as stream:
        first.post(f"{path}/duyet")
        assert first.post(f"{path}/duyet").status_code == 400
        time.sleep(12)  # more than a tick
        assert stream == []
        second.post(f"{path}/duyet")
        wait_for(lambda: any(m["text"].startswith("🚨 KHẨN – UBND phường Hoa Lư: Nước lên nhanh") for m in stream), bot.logs)
    wait_for(lambda: "Đã tới kênh của người dân" in officer.get(path))
    citizen.say("dừng")
    assert "Đã dừng nhận tin" in citizen.read()
    assert bot.query("SELECT count(*) FROM announcement_sends WHERE unsubscribed_at IS NOT NULL") == [(1,)]


def test_a_person_instead_of_the_machine_and_back(bot, officer):
    citizen = bot.citizen()
    citizen.say("cho tôi gặp cán bộ")
    assert "đứng thứ 1" in citizen.read()
    citizen.tap("Cho cán bộ xem")
    citizen.say("làm khai sinh cho con cần giấy tờ gì")
    assert "khai sinh" in citizen.read().lower()  # the machine answers while nobody has come
    ident = re.search(rf"{TALKS}/(\d+)/nhan", officer.get(TALKS)).group(1)
    with citizen.listening() as stream:
        assert "làm khai sinh cho con cần giấy tờ gì" in officer.post(f"{TALKS}/{ident}/nhan").text
        wait_for(lambda: any("Từ giờ bạn nói với người" in m["text"] for m in stream), bot.logs)
        assert citizen.say("tôi ở nước ngoài về, căn cước 037090001234") == [] or "Tôi đã che" in citizen.read()
        wait_for(lambda: "tôi ở nước ngoài về" in officer.get(f"{TALKS}/{ident}/moi"))
        assert "037090001234" not in officer.get(f"{TALKS}/{ident}/moi")
        assert citizen.say("lệ phí bao nhiêu") == []  # no word of the machine
        citizen.say("tôi vừa bị lừa chuyển khoản 20 triệu")
        assert "Bình tĩnh, làm ngay" in citizen.read()
        officer.post(f"{TALKS}/{ident}/tra-loi", text="Bác ra ngân hàng ngay nhé.")
        wait_for(lambda: any("Bác ra ngân hàng ngay nhé." in m["text"] for m in stream), bot.logs)
        officer.post(f"{TALKS}/{ident}/ket-thuc")
        wait_for(lambda: any("Cán bộ đã kết thúc" in m["text"] for m in stream), bot.logs)
    citizen.say("làm hộ chiếu mất bao lâu")
    assert "hộ chiếu" in citizen.read().lower()
    assert bot.query("SELECT count(*) FROM inbox WHERE text IS NOT NULL AND state = 'done'") == [(0,)]
