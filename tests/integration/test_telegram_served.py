"""Telegram by long polling against the stand-in: the whole bot, from a typed word to the reply in the chat."""

import re
import time

import pytest

from tests.integration.test_conversation import served_due
from tests.served import Served, wait_for
from tests.standins.telegram import TelegramStandIn

pytestmark = pytest.mark.served
CHAT = 700123


@pytest.fixture(scope="module")
def telegram():
    with TelegramStandIn(token="123:secret-token") as api:
        yield api


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    found = Served(tmp_path_factory.mktemp("telegram"), TELEGRAM_TOKEN="123:secret-token", TELEGRAM_API_URL=telegram.url).start()
    yield found
    found.stop()


def heard(telegram, chat=CHAT) -> list[str]:
    return [s.text for s in telegram.sent if s.chat == chat]


def say(telegram, bot, words, expected, chat=CHAT) -> None:
    before = len(heard(telegram, chat))
    telegram.user_says(chat, words)
    wait_for(lambda: any(expected in t for t in heard(telegram, chat)[before:]), lambda: f"{heard(telegram, chat)[before:]}\n{bot.logs()}")


def tap(telegram, bot, title, expected, chat=CHAT) -> None:
    before = len(heard(telegram, chat))
    for sent in reversed([s for s in telegram.sent if s.chat == chat and s.keyboard]):
        for button in [b for row in sent.keyboard for b in row]:
            if button["text"].startswith(title):
                telegram.user_taps(chat, sent.message_id, button["callback_data"])
                wait_for(lambda: any(expected in t for t in heard(telegram, chat)[before:]), bot.logs)
                return
    raise AssertionError(f"no button {title}")


def test_consent_a_question_a_lesson_and_a_reminder_over_telegram(telegram, bot):
    say(telegram, bot, "/start", "không lưu họ tên")
    tap(telegram, bot, "Đồng ý cả hai", "Tôi sẽ lưu")
    say(telegram, bot, "lệ phí làm hộ chiếu <b>&", "hộ chiếu")
    say(telegram, bot, "/hoc", "Các khóa cho mọi người")
    tap(telegram, bot, "Học “Ai đang gọi tôi đấy?”", "Bài 1/7")
    tap(telegram, bot, "Bắt đầu bài", "Bài 1 · 1/")
    say(telegram, bot, "tôi vừa chuyển tiền cho kẻ lừa", "🚨")
    say(telegram, bot, "nhắc tôi sau 2 phút cho gà ăn", "Đã đặt")
    served_due(bot, None)
    wait_for(lambda: sum("Đến giờ bạn dặn: cho gà ăn" in t for t in heard(telegram)) == 1, bot.logs)
    time.sleep(3)
    assert sum("Đến giờ bạn dặn: cho gà ăn" in t for t in heard(telegram)) == 1


def test_replies_come_in_the_order_of_the_questions(telegram, bot):
    chat = 700200
    say(telegram, bot, "chào", "không lưu họ tên", chat)
    for words in ("đăng ký kết hôn cần gì", "làm hộ chiếu mất bao lâu", "mở quán phở"):
        telegram.user_says(chat, words)
    wait_for(lambda: any("hộ kinh doanh" in t for t in heard(telegram, chat)), bot.logs)
    heads = [re.match(r"📄 (.*)", t).group(1) for t in heard(telegram, chat) if t.startswith("📄")]
    assert heads == ["Đăng ký kết hôn", "Cấp hộ chiếu phổ thông ở trong nước", "Đăng ký thành lập hộ kinh doanh"]


def test_a_worker_killed_while_polling_loses_and_repeats_nothing(telegram, bot):
    chat = 700300
    say(telegram, bot, "chào", "không lưu họ tên", chat)
    for round_ in range(3):
        before = len(heard(telegram, chat))
        telegram.user_says(chat, "làm hộ chiếu mất bao lâu")
        time.sleep(0.1 * round_)
        bot.kill("worker")
        wait_for(lambda b=before: any("8 ngày làm việc" in t for t in heard(telegram, chat)[b:]), bot.logs)
        time.sleep(2)
        assert sum("8 ngày làm việc" in t for t in heard(telegram, chat)[before:]) == 1
        bot.wait_healthy()


def test_no_chat_id_stays_of_who_has_not_consented(telegram, bot):
    chat = 700400
    say(telegram, bot, "làm hộ chiếu mất bao lâu", "8 ngày làm việc", chat)
    wait_for(lambda: bot.query("SELECT count(*) FROM outbox WHERE state = 'due' OR state = 'sending'")[0][0] == 0)
    for table, column in (("inbox", "address"), ("conversations", "address"), ("rasa_trackers", "sender_id"), ("conversations", "id")):
        assert bot.query(f"SELECT count(*) FROM {table} WHERE {column} LIKE :c", c=f"%{chat}%")[0][0] == 0, table
    assert bot.query("SELECT count(*) FROM outbox WHERE address = :c", c=str(chat))[0][0] == 0


def test_the_token_and_the_words_are_in_no_log(telegram, bot):
    logs = "".join(p.read_text() for p in (bot.folder / "log").glob("*.log"))
    assert "secret-token" not in logs and "cho gà ăn" not in logs and str(CHAT) not in logs
