"""One person on Telegram and on the web, through the whole bot: linked by a code, sharing results and reminders, parted again."""

import re
import time

import pytest

from tests.integration.test_conversation import served_due
from tests.integration.test_telegram_served import heard, say, tap
from tests.served import Served, wait_for
from tests.standins.telegram import TelegramStandIn

pytestmark = pytest.mark.served
CHAT, NEWCOMER = 700500, 700501
TOKEN = "123:secret-token"


@pytest.fixture(scope="module")
def telegram():
    with TelegramStandIn(token=TOKEN, chat_burst=50) as api:
        yield api


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    found = Served(tmp_path_factory.mktemp("linking"), TELEGRAM_TOKEN=TOKEN, TELEGRAM_API_URL=telegram.url).start()
    yield found
    found.stop()


def newest_code(telegram) -> str:
    return next(m.group(1) for t in reversed(heard(telegram, CHAT)) if (m := re.search(r"Mã nối của bạn: (\w{6})", t)))


def test_one_person_on_two_channels(telegram, bot):
    say(telegram, bot, "/start c-gia-danh-cong-an", "không lưu họ tên", CHAT)
    tap(telegram, bot, "Đồng ý cả hai", "Tôi sẽ lưu", CHAT)
    tap(telegram, bot, "Học “", "Bài 1/7", CHAT)
    tap(telegram, bot, "Bắt đầu bài", "Bài 1 · 1/", CHAT)

    # a code from Telegram, typed on the web, confirmed in both
    say(telegram, bot, "nối tài khoản", "Mã nối của bạn", CHAT)
    code, web = newest_code(telegram), bot.citizen()
    web.say(code.lower())
    assert "Nối với tài khoản đang học trên Telegram?" in web.read()
    web.tap("Đồng ý nối")
    assert "mở Telegram" in web.read()
    wait_for(lambda: any("vừa được gõ ở trang web chat" in t for t in heard(telegram, CHAT)), bot.logs)
    with web.listening() as stream:
        tap(telegram, bot, "Đồng ý nối", "✅ Đã nối với trang web chat", CHAT)
        wait_for(lambda: any("✅ Đã nối với Telegram" in m["text"] for m in stream), bot.logs)
    assert bot.query("SELECT count(DISTINCT citizen_id), count(*) FROM conversations WHERE citizen_id IS NOT NULL") == [(1, 2)]

    # the lesson goes on where it was
    web.say("kết quả của tôi")
    assert "0/7" in web.read() or "1/7" in web.read()
    web.tap("Học tiếp")
    assert "Bài 1 · 1/" in web.read()
    web.say("dừng học")

    # a reminder comes where it was set, once
    web.say("nhắc tôi sau 2 phút mua cám lợn")
    assert "Đã đặt" in web.read()
    with web.listening() as stream:
        served_due(bot, None)
        wait_for(lambda: any("mua cám lợn" in m["text"] for m in stream), bot.logs)
        time.sleep(3)
    assert sum("mua cám lợn" in m["text"] for m in stream) == 1
    assert not any("mua cám lợn" in t for t in heard(telegram, CHAT))

    # the code is spent
    stranger = bot.citizen()
    stranger.say(code)
    assert "không đúng, đã dùng hoặc đã hết hạn" in stranger.read()

    # parted: the data stays with Telegram
    web.say("bỏ nối")
    web.tap("Dữ liệu ở lại Telegram")
    assert "không còn giữ gì của bạn" in web.read()
    assert bot.query("SELECT channel FROM conversations WHERE citizen_id IS NOT NULL") == [("telegram",)]
    assert bot.query("SELECT count(*) FROM enrolments") == [(1,)]
    assert code not in bot.logs() and code.lower() not in "".join(p.read_text() for p in (bot.folder / "log").glob("*.log")).lower()


def test_a_no_in_telegram_leaves_both_as_they_were(telegram, bot):
    say(telegram, bot, "lấy mã liên kết", "Mã nối của bạn", CHAT)
    web = bot.citizen()
    web.say(f"nhập mã {newest_code(telegram)} để nối tài khoản")
    web.say("có")
    assert "mở Telegram" in web.read()
    wait_for(lambda: sum("vừa được gõ ở" in t for t in heard(telegram, CHAT)) >= 2, bot.logs)
    with web.listening() as stream:
        say(telegram, bot, "không", "tôi không nối", CHAT)
        wait_for(lambda: any("không đồng ý" in m["text"] for m in stream), bot.logs)
    assert bot.query("SELECT count(*) FROM conversations WHERE citizen_id IS NOT NULL AND channel = 'web'") == [(0,)]


def test_the_link_of_a_commune_is_kept_once_the_citizen_agrees(telegram, bot):
    say(telegram, bot, "/start x-13285", "không lưu họ tên", NEWCOMER)
    assert any("Bạn vừa mở trang của Phường Phủ Lý" in t for t in heard(telegram, NEWCOMER))
    assert bot.query("SELECT count(*) FROM citizens WHERE commune IS NOT NULL") == [(0,)]
    tap(telegram, bot, "Đồng ý cả hai", "Đã ghi nơi ở của bạn là Phường Phủ Lý", NEWCOMER)
    assert bot.query("SELECT commune FROM citizens WHERE commune IS NOT NULL") == [("Phường Phủ Lý",)]


def test_an_edited_question_is_answered_anew_and_a_picture_politely(telegram, bot):
    chat = 700502
    say(telegram, bot, "làm hộ chiếu mất bao lâu", "8 ngày làm việc", chat)
    telegram.user_edits(chat, telegram.written[chat], "đăng ký kết hôn cần gì")
    wait_for(lambda: any("📄 Đăng ký kết hôn" in t for t in heard(telegram, chat)), bot.logs)
    for _ in range(3):
        telegram.user_sends_photo(chat, media_group_id="album-1")
    wait_for(lambda: any("chỉ đọc được chữ" in t for t in heard(telegram, chat)), bot.logs)
    time.sleep(2)
    assert sum("chỉ đọc được chữ" in t for t in heard(telegram, chat)) == 1


def test_who_blocks_the_bot_gets_no_reminder_until_writing_again(telegram, bot):
    say(telegram, bot, "nhắc tôi sau 2 phút tưới rau", "Đã đặt", CHAT)
    telegram.block(CHAT)
    wait_for(lambda: bot.query("SELECT count(*) FROM conversations WHERE closed_at IS NOT NULL") == [(1,)], bot.logs)
    served_due(bot, None)
    wait_for(lambda: bot.query("SELECT count(*) FROM outbox WHERE error = 'closed'") == [(1,)], bot.logs)
    say(telegram, bot, "chào", "Chào bạn", CHAT)
    assert bot.query("SELECT count(*) FROM conversations WHERE closed_at IS NOT NULL") == [(0,)]
    assert not any("Đến giờ bạn dặn: tưới rau" in t for t in heard(telegram, CHAT))
