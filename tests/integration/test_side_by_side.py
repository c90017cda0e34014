"""Many citizens at once: each conversation in its own order, none waiting for another's; the same on PostgreSQL."""

import re
import threading
import uuid

import pytest
from sqlalchemy import create_engine, text

from tests.databases import POSTGRES, drop_postgres_database, new_postgres_database
from tests.patience import WAIT_SECONDS
from tests.served import CitizenAtWeb, Served, wait_for

pytestmark = pytest.mark.served

QUESTIONS = [("đăng ký kết hôn cần gì", "Đăng ký kết hôn"), ("làm hộ chiếu mất bao lâu", "Cấp hộ chiếu"),
             ("thế lệ phí bao nhiêu", "Cấp hộ chiếu"), ("mở quán phở", "Đăng ký thành lập hộ kinh doanh")]


def test_eight_citizens_talk_at_once_and_each_is_answered_in_order(served):
    answers: dict[int, list[str]] = {}

    def talk(number: int) -> None:
        citizen = CitizenAtWeb(served)
        answers[number] = [citizen.say(words)[0]["text"] for words, _ in QUESTIONS]

    threads = [threading.Thread(target=talk, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * WAIT_SECONDS)
    assert len(answers) == 8
    for texts in answers.values():
        heads = [re.match(r"📄 (.*)", t).group(1) for t in texts]
        assert [h.startswith(e) for h, (_, e) in zip(heads, QUESTIONS, strict=True)] == [True] * len(QUESTIONS), heads


def test_messages_of_one_citizen_sent_at_once_are_answered_each_and_in_order_of_arrival(served):
    citizen = CitizenAtWeb(served)
    citizen.say("chào")
    found: dict[str, dict] = {}

    def send(words: str) -> None:
        ident = uuid.uuid4().hex
        while True:
            data = citizen.post(id=ident, text=words).json()
            if not data["pending"]:
                found[words] = data
                return

    threads = [threading.Thread(target=send, args=(w,)) for w, _ in QUESTIONS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * WAIT_SECONDS)
    assert len(found) == len(QUESTIONS)
    rows = served.query("SELECT id, done_at FROM inbox WHERE state = 'done' ORDER BY id DESC LIMIT 4")
    assert [r[1] for r in rows] == sorted((r[1] for r in rows), reverse=True)


def test_one_conversation_does_not_wait_for_another_that_is_stuck(served):
    """A message that some process has leased and does not finish holds up its own conversation and nobody else's."""
    stuck, free = CitizenAtWeb(served), CitizenAtWeb(served)
    stuck.say("chào")
    free.say("chào")
    engine = create_engine(served.environment["DATABASE_URL"], connect_args={"timeout": WAIT_SECONDS})
    with engine.begin() as connection:
        connection.execute(text(
            "INSERT INTO inbox (channel, platform_id, conversation_id, text, state, attempts, next_try_at, lease_until, received_at, masked) "
            "SELECT channel, 'stuck', conversation_id, 'x', 'working', 1, '2020-01-01', '2999-01-01', '2020-01-01', '[]' FROM inbox "
            "WHERE platform_id LIKE :sender"), {"sender": f"{stuck.sender}:%"})
    answer = stuck.post(id="later-1", text="làm hộ chiếu mất bao lâu").json()
    assert answer["pending"] and "đã được ghi lại" in answer["messages"][0]["text"]
    assert free.say("làm hộ chiếu mất bao lâu")[0]["text"].startswith("📄")
    with engine.begin() as connection:
        connection.execute(text("UPDATE inbox SET state = 'done' WHERE platform_id = 'stuck'"))
    engine.dispose()
    wait_for(lambda: not stuck.post(id="later-1", text="làm hộ chiếu mất bao lâu").json()["pending"])


def test_the_whole_bot_runs_on_postgresql(tmp_path):
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES_URL is not set: no PostgreSQL to run on")
    url, admin = new_postgres_database()
    bot = Served(tmp_path, DATABASE_URL=url, SECRET_KEY="k" * 32, RASA_GATEWAY_TOKEN="t" * 32)
    bot.folder = var_of(bot)
    try:
        bot.start()
        citizen = CitizenAtWeb(bot)
        citizen.say("chào")
        citizen.tap("Đồng ý cả hai")
        citizen.say("học chống lừa đảo")
        citizen.tap("Bắt đầu bài")
        card = citizen.last[-1]["text"]
        citizen.say("nhắc tôi 8 giờ tối mai học bài")
        assert "20 giờ" in citizen.read()
        citizen.say("học tiếp")
        assert citizen.last[-1]["text"] == card
        assert bot.query("SELECT count(*) FROM rasa_trackers")[0][0] == 1
        citizen.say("xóa dữ liệu của tôi")
        citizen.tap("Xóa hết")
        assert "XD-" in citizen.read()
        left = [bot.query(f"SELECT count(*) FROM {t}")[0][0] for t in ("citizens", "enrolments", "reminders", "rasa_trackers", "conversations")]
        assert left == [0, 0, 0, 0, 0]
    finally:
        if bot.process is not None and bot.process.poll() is None:
            bot.stop()
        drop_postgres_database(url, admin)


def var_of(bot: Served):
    """With PostgreSQL the installation's files stand under var/ of the checkout."""
    from tests.served import ROOT

    return ROOT / "var"
