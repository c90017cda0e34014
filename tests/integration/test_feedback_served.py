"""A report through the whole bot: written over two subjects and a kill -9, with a photo, worked at the desk, scored low, joined by a neighbour."""

import io
import re
import uuid
from datetime import UTC, datetime

import httpx
import pytest
from PIL import Image

from bot.services import staff
from bot.store.db import Database
from tests.patience import HTTP_SECONDS, post
from tests.served import Served, wait_for

pytestmark = pytest.mark.served
PASSWORD = "con trâu đi trước cái cày"
LAMP = "đèn đường đầu ngõ 5 hỏng cả tháng rồi tối om"


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    found = Served(tmp_path_factory.mktemp("feedback")).start()
    yield found
    found.stop()


class Officer:
    """Somebody at the desk, over HTTP as a browser would."""

    def __init__(self, bot: Served, communes: tuple[str, ...] = ()):
        database, login = Database(bot.environment["DATABASE_URL"]), f"can-bo-{len(communes)}"
        with database.write() as session:
            staff.add(session, login, "Cán bộ Thử", PASSWORD, "officer", communes, datetime.now(UTC))
        database.close()
        self.client = httpx.Client(base_url=bot.url, follow_redirects=True, timeout=HTTP_SECONDS)
        self.client.get("/dang-nhap")
        self.client.post("/dang-nhap", data={"login": login, "password": PASSWORD})

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def do(self, ticket: int, step: str, **more: str) -> httpx.Response:
        csrf = re.search(r'data-csrf="([^"]+)"', self.get("/admin/phan-anh").text).group(1)
        return self.client.post(f"/admin/phan-anh/{ticket}", data={"csrf": csrf, "step": step, **more})


def photo(bot: Served, sender: str) -> httpx.Response:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "green").save(out, "JPEG")
    return post(f"{bot.url}/api/chat/photo", params={"sender": sender, "id": uuid.uuid4().hex}, content=out.getvalue())


def test_from_the_first_word_to_the_second_closing(bot):
    one = bot.citizen()
    one.say("xin chào")
    assert photo(bot, one.sender).status_code == 409
    one.say(f"{LAMP}, ở xã Xuân Trường")
    assert "lời bạn viết" in one.read()
    one.tap("Đồng ý")
    assert "Điện, đèn đường" in one.read() and "Xã Xuân Trường" in one.read() and any(m.get("photo") for m in one.last)
    assert photo(bot, one.sender).json()["text"].startswith("Đã nhận ảnh")
    one.say("làm căn cước mất bao nhiêu tiền?")
    assert "Tôi sẽ gửi cán bộ" not in one.read()
    bot.kill_all()
    bot.start()
    one.say("tôi muốn phản ánh")
    assert "ngõ 5" in one.read() and "1 ảnh" in one.read()
    one.say("cột số 7 gần nhà văn hóa")
    assert "cột số 7" in one.read()
    one.say("gửi đi")
    number = re.search(r"PA-\d{4}-\d{6}-[A-Z]", one.read()).group()

    [(ident, state)] = bot.query("SELECT id, state FROM tickets")
    officer, elsewhere = Officer(bot), Officer(bot, ("Xã Xuân Hưng",))
    assert number in officer.get("/admin/phan-anh").text and elsewhere.get(f"/admin/phan-anh/{ident}").status_code == 404
    page = officer.get(f"/admin/phan-anh/{ident}").text
    picture = officer.get(re.search(r'src="(/admin/phan-anh/\d+/anh/\d+\.jpg)"', page).group(1))
    assert "cột số 7" in page and picture.headers["content-type"] == "image/jpeg" and picture.content[:2] == b"\xff\xd8"
    officer.do(ident, "take")
    officer.do(ident, "ask_back", text="Đèn hỏng từ hôm nào?")
    one.say("phản ánh của tôi đến đâu rồi")
    assert "chờ bạn trả lời" in one.read() and "Đèn hỏng từ hôm nào?" in one.read()
    one.tap("Trả lời cán bộ")
    one.say("từ đầu tháng, làm khai sinh hôm đó tôi thấy tối rồi")
    assert "Đã chuyển lời bạn" in one.read()
    officer.do(ident, "close", text="Đã thay bóng.")
    assert bot.query("SELECT state FROM tickets") == [("closed",)]
    one.say("1")
    assert "mở lại" in one.read() and bot.query("SELECT state FROM tickets") == [("reopened",)]
    assert bot.query("SELECT about, score FROM ratings") == [("ticket", 1)]
    told = [str(body) for body, in bot.query("SELECT body FROM outbox WHERE kind = 'ticket' ORDER BY id")]
    assert len(told) == 3

    neighbour = bot.citizen()
    neighbour.say("den duong ngo 5 hong toi om ca thang, o xa xuan truong")
    neighbour.tap("Đồng ý")
    neighbour.say("gửi")
    assert number in neighbour.read() and "cột" not in neighbour.read()
    neighbour.tap("Theo dõi chung")
    assert "có 1 người" in neighbour.read()

    one.say("xóa dữ liệu của tôi")
    one.tap("Xóa")
    wait_for(lambda: bot.query("SELECT text, citizen_id FROM tickets") == [("(người gửi đã xóa)", None)], bot.logs)
    assert bot.query("SELECT count(*) FROM ticket_photos") == [(0,)]


def test_a_state_by_number_on_another_channel_and_what_is_no_photo(bot):
    [(number,)] = bot.query("SELECT number FROM tickets")
    stranger = bot.citizen()
    stranger.say(f"phản ánh {number} đến đâu rồi")
    assert "mở lại" in stranger.read() and "Lời" not in stranger.read()
    stranger.say("rác đổ đầy bờ sông ba hôm nay không ai dọn")
    stranger.tap("Đồng ý")
    bad = post(f"{bot.url}/api/chat/photo", params={"sender": stranger.sender, "id": "1"}, content=b"<svg/>")
    assert (bad.status_code, "JPG" in bad.json()["error"]) == (400, True)
    large = post(f"{bot.url}/api/chat/photo", params={"sender": stranger.sender, "id": "2"}, content=b"x" * (9 * 1024 * 1024))
    assert large.status_code == 413
    stranger.say("thôi không gửi")
    assert "không gửi gì" in stranger.read()
