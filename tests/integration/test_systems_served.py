"""The province's systems through the whole bot: a file asked for and followed, events handed on, the API; the gateway is a stand-in.

Files are asked for by day only, so the bot lives in a province where it is mid-morning whenever the test runs.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from sqlalchemy import create_engine, text

from tests.desk import Desk
from tests.patience import HTTP_SECONDS, WAIT_SECONDS, get, post
from tests.served import CitizenAtWeb, Served, at_hour, free_port, wait_for
from tests.standins.lgsp import KEY, SECRET, LgspStandIn
from tests.standins.receiver import Receiver

pytestmark = pytest.mark.served
EVENTS = "khoá ký sự kiện của trục"
HOME = "/admin/ket-noi"
PROCESSING, RETURNED, DONE, DELIVERED = "4", "5", "9", "10"


@pytest.fixture(scope="module")
def gateway():
    with LgspStandIn() as found:
        yield found


@pytest.fixture(scope="module")
def bot(gateway, tmp_path_factory):
    folder = tmp_path_factory.mktemp("systems")
    found = Served(folder, LGSP_URL=gateway.url, LGSP_KEY=KEY, LGSP_SECRET=SECRET, LGSP_EVENT_SECRET=EVENTS, LGSP_TIMEOUT_SECONDS="2",
                   WEBHOOKS_TO_PRIVATE="true", PYTHONTZPATH=at_hour(folder / "zone", 10)).start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def admin(bot):
    return Desk(bot, "administrator")


def file(gateway: LgspStandIn, code: str, state: str = PROCESSING, **more) -> str:
    gateway.dossiers[code] = {"code": code, "state": state, "procedure": "Đăng ký khai sinh", "office": "UBND phường Hoa Lư", **more,
                              "applicant": {"name": "Nguyễn Văn Kín", "phone": "0912345678"}}
    return code


def changed(bot: Served, code: str) -> int:
    """The gateway says that a file has changed; whether somebody follows it."""
    body, stamp = json.dumps({"code": code}), str(int(time.time()))
    signature = hmac.new(EVENTS.encode(), f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest()
    answer = post(f"{bot.url}/systems/lgsp", content=body, headers={"X-Signature": f"t={stamp},v1={signature}"})
    assert answer.status_code == 200, answer.text
    return answer.json()["followed"]


def following(bot: Served, code: str) -> CitizenAtWeb:
    """A citizen who has asked for the file and agreed to be told."""
    one = bot.citizen()
    one.say(f"hồ sơ {code} tới đâu rồi")
    one.tap("Báo tôi khi có thay đổi")
    assert "nơi gửi tin của bạn" in one.read()
    one.tap("Đồng ý")
    assert f"Khi hồ sơ {code} đổi trạng thái" in one.read()
    return one


def told(bot: Served) -> list[str]:
    """What citizens are told of their files, out of the outbox."""
    return [json.loads(body)["text"] for body, in bot.query("SELECT body FROM outbox WHERE kind = 'dossier' ORDER BY id")]


def at_once(bot: Served, statement: str) -> None:
    """Time passes: a statement on the bot's database."""
    engine = create_engine(bot.environment["DATABASE_URL"], connect_args={"timeout": WAIT_SECONDS})
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


class TestFile:
    @pytest.mark.parametrize("words", ["hồ sơ {code} tới đâu rồi", "xem giup ho so {lower} xong chua", "{code}"])
    def test_its_state_by_number(self, bot, gateway, words):
        code = file(gateway, "000.00.16.H40-251120-0007", due_on="2026-11-20")
        one = bot.citizen()
        one.say(words.format(code=code, lower=code.lower()))
        for part in (code, "Đang giải quyết", "Đăng ký khai sinh", "20/11/2026 (đã qua)", "UBND phường Hoa Lư", "👉 Bạn chưa phải làm gì",
                     "Nguồn: hệ thống một cửa"):
            assert part in one.read()
        assert "Kín" not in one.read() and "0912" not in one.read()

    def test_a_number_nobody_knows(self, bot):
        one = bot.citizen()
        one.say("H40-251120-9999 xong chưa")
        assert "không có hồ sơ mang mã H40-251120-9999" in one.read() and "hỏi nơi đã nộp" in one.read()

    @pytest.mark.parametrize("failures", [[500] * 3, ["timeout"] * 3, ["disconnect"] * 3, ["malformed"], ["html"], ["list"], ["stateless"]], ids=str)
    def test_a_gateway_that_fails_is_said_honestly_and_then_answers_again(self, bot, gateway, failures):
        code = file(gateway, f"H40-251121-{len(failures)}{sum(map(ord, str(failures[0]))):04d}")
        one = bot.citizen()
        gateway.upcoming.extend(failures)
        one.say(f"tra ho so {code}")
        assert "đang không trả lời" in one.read() and "dichvucong.gov.vn" in one.read() and "hỏi nơi đã nộp" in one.read()
        assert "📄" not in one.read() and not gateway.upcoming
        one.say("thế hồ sơ của tôi xong chưa")
        assert "Bạn gửi mã hồ sơ" in one.read()  # a number that was never found is not the one last spoken of
        one.say(f"hồ sơ {code} xong chưa")
        assert f"📄 {code}: Đang giải quyết" in one.read()

    def test_after_five_failures_the_answer_comes_at_once_and_the_gateway_is_left_alone(self, bot, gateway):
        code = file(gateway, "H40-251122-0001")
        one = bot.citizen()
        one.say("chào")
        gateway.upcoming.extend(["malformed"] * 5)
        for _ in range(5):
            one.say(code)
            assert "đang không trả lời" in one.read()
        asked = gateway.asked["/dossiers"]
        one.say(code)
        assert "đang không trả lời" in one.read()
        assert gateway.asked["/dossiers"] == asked
        wait_for(lambda: "Đang giải quyết" in (one.say(code), one.read())[1], bot.logs)


class TestFollowed:
    def test_a_change_comes_once_with_its_reason_and_the_chat_says_the_same(self, bot, gateway):
        code = file(gateway, "H40-251123-0001")
        one = following(bot, code)
        with one.listening() as stream:
            asked = gateway.asked["/dossiers"]
            assert changed(bot, code) == 1
            wait_for(lambda: gateway.asked["/dossiers"] > asked, bot.logs)
            gateway.dossiers[code] |= {"state": RETURNED, "reason": "Giấy chứng sinh mờ dấu", "missing": ["Giấy chứng sinh bản gốc"]}
            for _ in range(3):  # the gateway says so more than once
                changed(bot, code)
            wait_for(lambda: stream, bot.logs)
            changed(bot, code)
            time.sleep(12)  # more than a tick
            assert len(stream) == 1
        for part in ("🔔 Hồ sơ bạn theo dõi vừa đổi trạng thái", f"{code}: Cần bổ sung giấy tờ", "Lý do cơ quan ghi: Giấy chứng sinh mờ dấu",
                     "• Giấy chứng sinh bản gốc", "👉 Bổ sung đúng giấy tờ"):
            assert part in stream[0]["text"]
        one.say(f"hồ sơ {code} tới đâu rồi")  # asked a minute ago; what is kept of that is not what was told since
        assert "Cần bổ sung giấy tờ" in one.read() and any(b["title"] == "Ngừng theo dõi" for b in one.last[-1]["buttons"])

    def test_a_worker_killed_while_it_asks_tells_once_all_the_same(self, bot, gateway):
        code = file(gateway, "H40-251124-0001")
        one = following(bot, code)
        before = len(told(bot))
        gateway.dossiers[code]["state"] = DONE
        with one.listening() as stream:
            gateway.upcoming.extend(["timeout"] * 3)  # the worker waits for two seconds, thrice at most, and dies in it
            asked = gateway.asked["/dossiers"]
            changed(bot, code)
            wait_for(lambda: gateway.asked["/dossiers"] > asked, bot.logs)
            old = bot.kill("worker")
            wait_for(lambda: bot.pid("worker") != old, bot.logs)
            gateway.upcoming.clear()
            assert len(told(bot)) == before and stream == []
            changed(bot, code)  # as ten minutes later
            wait_for(lambda: len(told(bot)) > before, bot.logs)
            bot.kill("worker")
            wait_for(lambda: stream, bot.logs)
            bot.wait_healthy()
            asked = gateway.asked["/dossiers"]
            changed(bot, code)
            wait_for(lambda: gateway.asked["/dossiers"] > asked, bot.logs)
            time.sleep(3)
            assert len(stream) == 1 and "Đã có kết quả" in stream[0]["text"]
        assert len(told(bot)) == before + 1

    def test_a_gateway_that_fails_for_the_worker_tells_nothing_and_the_change_comes_later(self, bot, gateway):
        code = file(gateway, "H40-251125-0001")
        one = following(bot, code)
        gateway.dossiers[code]["state"] = DELIVERED
        with one.listening() as stream:
            gateway.upcoming.append("html")
            changed(bot, code)
            wait_for(lambda: not gateway.upcoming, bot.logs)
            time.sleep(2)
            assert stream == []
            changed(bot, code)
            wait_for(lambda: stream, bot.logs)
        assert "Đã trả kết quả" in stream[0]["text"] and stream[0]["buttons"] == []
        assert changed(bot, code) == 0  # nothing more comes of it

    def test_one_who_gives_up_or_is_erased_hears_no_more(self, bot, gateway):
        code = file(gateway, "H40-251126-0001")
        gone, kept = following(bot, code), following(bot, code)
        gone.say("ban biet gi ve toi")
        assert "hồ sơ đang theo dõi: 1" in gone.read()
        gone.say("xóa dữ liệu của tôi")
        gone.tap("Xóa")
        wait_for(lambda: bot.query("SELECT count(*) FROM followed_dossiers WHERE code = :code", code=code) == [(1,)], bot.logs)
        kept.say("ngung theo doi ho so")
        assert f"Đã ngừng theo dõi: {code}" in kept.read()
        gateway.dossiers[code]["state"] = DONE
        before, asked = len(told(bot)), gateway.asked["/dossiers"]
        assert changed(bot, code) == 0
        time.sleep(12)
        assert (len(told(bot)), gateway.asked["/dossiers"]) == (before, asked)

    def test_nothing_of_the_owner_is_kept_and_no_secret_is_in_a_log(self, bot):
        logs = "".join(p.read_text() for p in (bot.folder / "log").glob("*.log"))
        rows = "".join(str(bot.query(f"SELECT * FROM {table}")) for table in ("followed_dossiers", "outbox", "inbox", "rasa_trackers"))
        for secret in ("Nguyễn Văn Kín", "0912345678", SECRET, EVENTS):
            assert secret not in logs and secret not in rows


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    """Receivers, closed in the end."""
    with ExitStack() as found:
        yield found


def added(admin: Desk, port: int) -> tuple[int, str]:
    """(number of its test event, secret) of a receiver added on the page."""
    page = admin.post(f"{HOME}/noi-nhan", name=f"Trung tâm {port}", url=f"http://127.0.0.1:{port}/su-kien", kinds=["ping", "incident"])
    assert page.status_code == 200, page.text
    return int(re.search(r'<td class="n">(\d+)</td>', page.text).group(1)), re.search(r"này: <code>([\w-]+)</code>", page.text).group(1)


def delivery(bot: Served, ident: int) -> tuple:
    [row] = bot.query("SELECT state, attempts, error FROM webhook_deliveries WHERE id = :ident", ident=ident)
    return tuple(row)


class TestEventsOut:
    def test_a_receiver_that_is_down_gets_it_once_it_is_up_signed_and_again_by_hand(self, bot, admin, port, opened):
        ident, secret = added(admin, port)
        wait_for(lambda: delivery(bot, ident)[2] == "ConnectError", bot.logs)
        assert "chờ gửi (ConnectError, lần" in admin.get(HOME)
        receiver = opened.enter_context(Receiver(503, port=port))
        wait_for(lambda: delivery(bot, ident)[0] == "sent", bot.logs)
        assert receiver.events() == [str(ident)] * 2
        _, headers, body = receiver.got[-1]
        stamp, signature = (part.partition("=")[2] for part in headers["X-Signature"].split(","))
        assert hmac.new(secret.encode(), f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest() == signature
        assert abs(int(stamp) - time.time()) < 2 * WAIT_SECONDS and json.loads(body)["kind"] == headers["X-Event-Kind"] == "ping"
        assert "sẽ được gửi lại" in admin.post(f"{HOME}/su-kien/{ident}/gui-lai").text
        wait_for(lambda: len(receiver.got) == 3, bot.logs)
        wait_for(lambda: delivery(bot, ident) == ("sent", 1, None), bot.logs)
        assert receiver.events() == [str(ident)] * 3 and receiver.got[-1].body == body

    def test_a_worker_killed_before_it_noted_that_it_was_taken_sends_the_same_event_again(self, bot, admin, port, opened):
        receiver = opened.enter_context(Receiver("hold", port=port))
        ident, _ = added(admin, port)
        wait_for(lambda: receiver.got, bot.logs)
        bot.kill("worker")
        assert delivery(bot, ident)[0] == "sending"
        at_once(bot, f"UPDATE webhook_deliveries SET lease_until = '2020-01-01 00:00:00.000000' WHERE id = {ident}")
        wait_for(lambda: delivery(bot, ident)[0] == "sent", bot.logs)
        assert receiver.events() == [str(ident)] * 2


class TestApi:
    def test_a_key_from_the_page_asks_until_it_is_taken_back(self, bot, admin):
        page = admin.post(f"{HOME}/khoa", name="Cổng của tỉnh", scopes=["ask", "search"], per_minute="60").text
        key, number = re.search(r"tlcds_[\w-]+", page).group(0), re.search(rf"{HOME}/khoa/(\d+)/thu-hoi", page).group(1)
        with httpx.Client(base_url=f"{bot.url}/api/v1", headers={"X-API-Key": key}, timeout=HTTP_SECONDS) as portal:
            for question in ("làm giấy khai sinh cho con cần gì", "lam giay khai sinh cho con can gi"):
                found = portal.post("/ask", json={"question": question, "aspect": "papers"}).json()
                assert found["decision"] == "answer" and "khai sinh" in found["answer"]["name"].lower()
                assert "Nguồn:" in found["answer"]["text"] and re.search(r"Đối chiếu ngày \d\d/\d\d/\d{4}", found["answer"]["text"])
            assert portal.post("/ask", json={"question": "thủ tục phóng vệ tinh lên sao hỏa"}).json()["decision"] == "none"
            assert portal.get("/figures").status_code == 403
            assert get(f"{bot.url}/api/v1/search", params={"q": "khai sinh"}).status_code == 401
            assert key not in admin.get(HOME)
            admin.post(f"{HOME}/khoa/{number}/thu-hoi")
            refused = portal.post("/ask", json={"question": "làm hộ chiếu mất bao lâu"})
            assert refused.status_code == 401 and "không còn dùng được" in refused.json()["error"]
        assert key not in "".join(p.read_text() for p in (bot.folder / "log").glob("*.log"))
