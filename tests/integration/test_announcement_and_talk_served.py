"""Through the whole bot: somebody subscribes, an announcement is written by one and approved by others; and a talk with an officer."""

import re
import time

import httpx
import pytest

from bot.app import App
from bot.clock import now
from bot.config import Settings
from bot.services import staff
from bot.store.db import Database
from tests.announcing import TEXT
from tests.served import Served, wait_for
from tests.unit.web.staff_pages import PASSWORD, add_staff

pytestmark = pytest.mark.served
TALKS, NEWS = "/admin/tro-chuyen", "/admin/thong-bao"


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    found = Served(tmp_path_factory.mktemp("engage"), STAFFED_HOURS="1-7 00:00-23:59").start()
    yield found
    found.stop()


class Desk:
    """Somebody of staff with a browser at the served bot."""

    def __init__(self, bot: Served, role: str, communes: tuple[str, ...] = ()):
        database = Database(bot.environment["DATABASE_URL"])
        app = App(Settings(_env_file=None, database_url=database.url), database)
        with database.write() as session:
            login = add_staff(app, role, communes)
        with database.write() as session:
            token = staff.sign_in(session, staff.seal_of(app.settings), login, PASSWORD, "", now()).token
        database.close()
        self.client = httpx.Client(base_url=bot.url, cookies={"nhan_vien": token}, follow_redirects=True, timeout=30)
        self.csrf = ""
        self.get("/tai-khoan")

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        found = re.search(r'data-csrf="([^"]+)"', answer.text)
        self.csrf = found.group(1) if found else self.csrf
        return answer

    def get(self, path: str) -> str:
        return self._seen(self.client.get(path)).text

    def post(self, path: str, **data: str) -> httpx.Response:
        return self._seen(self.client.post(path, data={"csrf": self.csrf, **data}))


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
        wait_for(lambda: any(m["text"].startswith("🚨 KHẨN – UBND phường Hoa Lư: Nước lên nhanh") for m in stream), 40, bot.logs)
    wait_for(lambda: "Đã tới kênh của người dân" in officer.get(path), 30)
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
        wait_for(lambda: any("Từ giờ bạn nói với người" in m["text"] for m in stream), 20, bot.logs)
        assert citizen.say("tôi ở nước ngoài về, căn cước 037090001234") == [] or "Tôi đã che" in citizen.read()
        wait_for(lambda: "tôi ở nước ngoài về" in officer.get(f"{TALKS}/{ident}/moi"), 10)
        assert "037090001234" not in officer.get(f"{TALKS}/{ident}/moi")
        assert citizen.say("lệ phí bao nhiêu") == []  # no word of the machine
        citizen.say("tôi vừa bị lừa chuyển khoản 20 triệu")
        assert "Bình tĩnh, làm ngay" in citizen.read()
        officer.post(f"{TALKS}/{ident}/tra-loi", text="Bác ra ngân hàng ngay nhé.")
        wait_for(lambda: any("Bác ra ngân hàng ngay nhé." in m["text"] for m in stream), 20, bot.logs)
        officer.post(f"{TALKS}/{ident}/ket-thuc")
        wait_for(lambda: any("Cán bộ đã kết thúc" in m["text"] for m in stream), 20, bot.logs)
    citizen.say("làm hộ chiếu mất bao lâu")
    assert "hộ chiếu" in citizen.read().lower()
    assert bot.query("SELECT count(*) FROM inbox WHERE text IS NOT NULL AND state = 'done'") == [(0,)]
