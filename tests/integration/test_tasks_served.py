"""Through the whole bot: a low rating becomes its owner's task, a report and a task are told to linked phones, questions about open data are counted."""

import re

import pytest

from tests.desk import Desk
from tests.served import Served, at_hour, wait_for

pytestmark = pytest.mark.served
DOCUMENT = "/admin/chat-luong/tai-lieu/procedure:1.001193"
ACTIONS = "/admin/chat-luong/khac-phuc"


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tasks")
    found = Served(folder, PYTHONTZPATH=at_hour(folder / "zone", 10)).start()  # staff are told by day
    yield found
    found.stop()


def linked(bot: Served, desk: Desk):
    """The chat of somebody of staff, linked by the code of their page."""
    code = re.search(r'class="copy">([^<]+)<', desk.post("/tai-khoan/may-cua-toi/ma").text).group(1)
    chat = bot.citizen()
    chat.say(code)
    assert "máy này nhận" in chat.read()
    return chat


def waits(desk: Desk, title: str) -> int:
    found = re.search(rf'>{title} <span class="tag">(\d+) chờ bạn', desk.get("/tai-khoan"))
    return int(found.group(1)) if found else 0


def test_a_low_rating_a_report_and_a_question(bot):
    approver, officer = Desk(bot, "approver"), Desk(bot, "officer")
    mine = re.search(r'<option value="(\d+)"[^>]*>Người approver', approver.get(DOCUMENT)).group(1)
    assert "Đã lưu người phụ trách" in approver.post(DOCUMENT, owner_id=mine).text
    owner, desk_phone = linked(bot, approver), linked(bot, officer)

    citizen = bot.citizen()
    with owner.listening() as to_owner, desk_phone.listening() as to_desk:
        citizen.say("làm giấy khai sinh cần giấy tờ gì")
        assert "khai sinh" in citizen.read().lower()
        citizen.say("đánh giá câu trả lời này 1 sao")
        assert "1" in citizen.read() and bot.query("SELECT about, \"key\", score, text FROM ratings") == [("answer", "1.001193", 1, None)]
        wait_for(lambda: waits(approver, "Chất lượng") == 1, bot.logs)
        listed = approver.get(ACTIONS)
        assert "Có lượt chấm điểm thấp" in listed and "Người approver" in listed
        assert "Các lượt chấm thấp" in approver.get(re.search(rf'href="({ACTIONS}/\d+)"', listed).group(1))

        citizen.say("phản ánh đèn đường đầu ngõ 5 hỏng cả tháng rồi tối om, ở xã Xuân Trường")
        citizen.tap("Đồng ý")
        citizen.say("gửi đi")
        assert re.search(r"PA-\d{4}-\d{6}-[A-Z]", citizen.read())
        assert waits(officer, "Phản ánh") == 1 and waits(officer, "Chất lượng") == 0
        wait_for(lambda: any("1 việc khắc phục" in m["text"] for m in to_owner), bot.logs)
        wait_for(lambda: any("1 phản ánh chưa ai nhận" in m["text"] for m in to_desk), bot.logs)
    assert bot.query("SELECT count(*) FROM outbox WHERE kind = 'staff_task'") == [(2,)]
    assert bot.query("SELECT count(*) FROM messages_sent WHERE kind = 'staff_task'") == [(0,)]
    assert not any("tối om" in m["text"] for m in [*to_owner, *to_desk])
    desk_phone.say("ngừng báo việc")
    assert "Đã ngừng báo việc" in desk_phone.read() and "Đang tắt" in officer.get("/tai-khoan/may-cua-toi")

    before = bot.query("SELECT count(*) FROM asked")[0][0]
    citizen.say("làng La Xuyên làm nghề gì")
    assert "chạm khắc gỗ" in citizen.read()
    assert bot.query("SELECT count(*) FROM asked")[0][0] == before + 1
    assert bot.query("SELECT decision, text FROM asked WHERE aspect = 'data'") == [("answer", None)]
