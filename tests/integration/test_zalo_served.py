"""Zalo OA by webhook against the stand-in: the whole bot, from a signed event to the message in the chat."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from tests.integration.test_conversation import served_due
from tests.patience import WAIT_SECONDS, get
from tests.served import wait_for
from tests.standins.zalo_oa import MESSAGE, TOKEN
from tests.zalo_served import bot_with_account, posts, stand_in

pytestmark = pytest.mark.served
USER = "7001234567890123456"

zalo = pytest.fixture(scope="module")(stand_in)
bot = pytest.fixture(scope="module")(bot_with_account)


def heard(zalo, user=USER) -> list[str]:
    return [s.text for s in zalo.sent if s.user == user]


def say(zalo, bot, words, expected, user=USER) -> None:
    before = len(heard(zalo, user))
    posts(zalo, bot, zalo.text(user, words))
    wait_for(lambda: any(expected in t for t in heard(zalo, user)[before:]), lambda: f"{heard(zalo, user)[before:]}\n{bot.logs()}")


def tap(zalo, bot, title, expected, user=USER) -> None:
    """Presses the newest button whose title begins so: its payload arrives as a text."""
    for sent in reversed([s for s in zalo.sent if s.user == user and s.buttons]):
        for button in sent.buttons:
            if button["title"].startswith(title):
                say(zalo, bot, button["payload"], expected, user)
                return
    raise AssertionError(f"no button {title}: {heard(zalo, user)[-3:]}")


def away(bot, days: int) -> None:
    """Everybody wrote last so many days ago."""
    engine = create_engine(bot.environment["DATABASE_URL"], connect_args={"timeout": WAIT_SECONDS})
    then = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S.000000")
    with engine.begin() as connection:
        connection.execute(text("UPDATE conversations SET seen_at = :then"), {"then": then})
    engine.dispose()


def test_a_citizen_follows_asks_learns_with_buttons_and_is_reminded(zalo, bot):
    posts(zalo, bot, zalo.relation("follow", USER))
    wait_for(lambda: any("không lưu họ tên" in t for t in heard(zalo)), bot.logs)
    tap(zalo, bot, "Đồng ý cả hai", "Tôi sẽ lưu")
    say(zalo, bot, "lệ phí làm hộ chiếu <b>&", "hộ chiếu")
    say(zalo, bot, "học chống lừa đảo", "Bài 1/7")
    tap(zalo, bot, "Bắt đầu bài", "")
    for _ in range(12):  # cards, up to the first question
        wait_for(lambda: bot.query("SELECT count(*) FROM outbox WHERE state IN ('due', 'sending')") == [(0,)], bot.logs)  # the whole of a reply
        titles = [b["title"] for b in [s for s in zalo.sent if s.user == USER and s.buttons][-1].buttons]
        if "A" in titles:
            break
        tap(zalo, bot, titles[0], "")
    question = heard(zalo)[-1]
    tap(zalo, bot, "A", "")
    assert "A." in question and bot.query("SELECT count(*) FROM attempts")[0][0] == 1
    say(zalo, bot, "tôi vừa chuyển tiền cho kẻ lừa", "🚨")
    say(zalo, bot, "nhắc tôi sau 2 phút cho gà ăn", "Đã đặt")
    served_due(bot, None)
    wait_for(lambda: sum("Đến giờ bạn dặn: cho gà ăn" in t for t in heard(zalo)) == 1, bot.logs)
    time.sleep(3)
    assert sum("Đến giờ bạn dặn: cho gà ăn" in t for t in heard(zalo)) == 1
    assert zalo.paths().count(TOKEN) == 1 and set(zalo.paths()) <= {TOKEN, MESSAGE, "/v2.0/oa/upload/image"}
    assert zalo.charged == []


def test_a_reminder_for_somebody_long_away_costs_nothing_and_is_not_lost(zalo, bot):
    say(zalo, bot, "nhắc tôi sau 2 phút tưới rau", "Đã đặt")
    away(bot, 3)
    served_due(bot, None)
    wait_for(lambda: bot.query("SELECT count(*) FROM outbox WHERE state = 'held'")[0][0] == 1, bot.logs)
    assert not any("tưới rau" in t and "Đến giờ" in t for t in heard(zalo))
    assert 'state="held"} 1.0' in get(f"{bot.url}/metrics").text
    say(zalo, bot, "chào", "Đến giờ bạn dặn: tưới rau")
    assert any("lẽ ra tới bạn lúc" in t and "tưới rau" in t for t in heard(zalo))
    assert zalo.charged == []


def test_the_bot_says_nothing_over_a_person_of_the_staff(zalo, bot):
    user = "7001234567890123999"
    zalo.meet(user)
    posts(zalo, bot, zalo.chatnow(user))
    wait_for(lambda: any("không lưu họ tên" in t for t in heard(zalo, user)), bot.logs)
    posts(zalo, bot, zalo.person(user, "Chào bác, cháu ở Trung tâm đây ạ"))
    before = len(heard(zalo, user))
    posts(zalo, bot, zalo.chatnow(user))
    posts(zalo, bot, zalo.text(user, "làm hộ chiếu mất bao lâu"))
    tap(zalo, bot, "Chỉ hỏi", "không lưu", user)  # pressed for the machine, and answered by it
    time.sleep(2)
    assert len(heard(zalo, user)) == before + 1 and "hộ chiếu" not in heard(zalo, user)[-1]
    engine = create_engine(bot.environment["DATABASE_URL"], connect_args={"timeout": WAIT_SECONDS})
    with engine.begin() as connection:  # half an hour later
        connection.execute(text("UPDATE conversations SET person_until = '2020-01-01 00:00:00.000000' WHERE person_until IS NOT NULL"))
    engine.dispose()
    say(zalo, bot, "làm hộ chiếu mất bao lâu", "hộ chiếu", user)


def test_who_unfollows_gets_nothing_more_and_is_welcome_again(zalo, bot):
    say(zalo, bot, "nhắc tôi sau 2 phút gọi cho mẹ", "Đã đặt")
    posts(zalo, bot, zalo.relation("unfollow", USER))
    served_due(bot, None)
    wait_for(lambda: bot.query("SELECT count(*) FROM reminders WHERE about = 'gọi cho mẹ' AND state = 'on'")[0][0] == 0, bot.logs)
    time.sleep(3)
    assert not any("gọi cho mẹ" in t and "Đến giờ" in t for t in heard(zalo))
    say(zalo, bot, "làm hộ chiếu mất bao lâu", "8 ngày làm việc")


def test_a_photo_and_a_place_are_answered_politely_and_not_kept(zalo, bot):
    user = "7002"
    posts(zalo, bot, zalo.media(user, "image", {"url": "https://zalo.example/rieng-tu.jpg"}))
    wait_for(lambda: any("chỉ đọc được chữ" in t for t in heard(zalo, user)), bot.logs)
    time.sleep(10)  # one such sentence in ten seconds
    posts(zalo, bot, zalo.media(user, "location", {"coordinates": {"latitude": "20.25", "longitude": "105.97"}}))
    wait_for(lambda: any("gõ tên xã, phường" in t for t in heard(zalo, user)), bot.logs)
    for table in ("inbox", "outbox", "conversations"):
        rows = str(bot.query(f"SELECT * FROM {table}"))
        assert "rieng-tu" not in rows and "105.97" not in rows


def test_echoes_receipts_and_the_unknown_are_confirmed_and_come_to_nothing(zalo, bot):
    before = bot.query("SELECT count(*) FROM inbox")[0][0], len(zalo.sent)
    for event in (zalo.echo(USER, "chào"), zalo.echo(USER, "chào", admin_id="777"), zalo.receipt("user_received_message", USER, msg_id="m1"),
                  zalo.receipt("user_seen_message", USER, msg_ids=["m1"]), zalo.event("something_new", USER)):
        posts(zalo, bot, event)
    time.sleep(2)
    assert (bot.query("SELECT count(*) FROM inbox")[0][0], len(zalo.sent)) == before


def test_an_event_delivered_twice_is_answered_once(zalo, bot):
    user = "7003"
    event = zalo.text(user, "làm hộ chiếu mất bao lâu", "m-twice")
    for _ in range(3):
        posts(zalo, bot, event)
    wait_for(lambda: any("8 ngày làm việc" in t for t in heard(zalo, user)), bot.logs)
    time.sleep(3)
    assert sum("8 ngày làm việc" in t for t in heard(zalo, user)) == 1
    assert bot.query("SELECT count(*) FROM inbox WHERE platform_id = 'm-twice'")[0][0] == 1


def test_forty_people_at_once_are_confirmed_and_answered(zalo, bot):
    for n in range(40):
        posts(zalo, bot, zalo.text(f"71{n:02}", "làm hộ chiếu mất bao lâu"))
    wait_for(lambda: all(heard(zalo, f"71{n:02}") for n in range(40)), bot.logs)


def test_a_token_that_dies_is_renewed_while_a_citizen_waits(zalo, bot):
    user = "7005"
    before = zalo.paths().count(TOKEN)
    wait_for(lambda: bot.query("SELECT count(*) FROM outbox WHERE state IN ('due', 'sending')")[0][0] == 0, bot.logs)
    time.sleep(max(0.0, 61 - (time.time() - bot.output.stat().st_mtime)))  # a token is not renewed twice within a minute
    zalo.revoke()
    say(zalo, bot, "làm hộ chiếu mất bao lâu", "8 ngày làm việc", user)
    assert zalo.paths().count(TOKEN) == before + 1


def test_a_worker_killed_while_sending_loses_nothing_and_keeps_its_token(zalo, bot):
    user = "7006"
    before = zalo.paths().count(TOKEN)
    for round_ in range(2):
        heard_before = len(heard(zalo, user))
        posts(zalo, bot, zalo.text(user, "làm hộ chiếu mất bao lâu"))
        time.sleep(0.3 * round_)
        bot.kill("worker")
        wait_for(lambda b=heard_before: len(heard(zalo, user)) > b, bot.logs)
        bot.wait_healthy()
    assert zalo.paths().count(TOKEN) == before, "the pair was read from the database"


def test_nothing_of_a_stranger_stays_and_no_secret_is_in_a_log_or_the_database(zalo, bot):
    wait_for(lambda: bot.query("SELECT count(*) FROM outbox WHERE state IN ('due', 'sending')")[0][0] == 0, bot.logs)
    for table, column in (("inbox", "address"), ("conversations", "address"), ("inbox", "platform_id"), ("conversations", "id"), ("outbox", "address")):
        assert bot.query(f"SELECT count(*) FROM {table} WHERE {column} = '7003' OR {column} LIKE '%:7003:%'")[0][0] == 0, table
    kept = "".join(str(row) for row in bot.query("SELECT key, value FROM channel_state"))
    logs = "".join(p.read_text() for p in (bot.folder / "log").glob("*.log"))
    for secret in (zalo.access_token, zalo.refresh_token, zalo.first_refresh_token, zalo.secret, zalo.app_secret):
        assert secret not in kept and secret not in logs
    assert "cho gà ăn" not in logs and USER not in logs
    told = get(f"{bot.url}/health").json()["channels"]["zalo_oa"]
    assert told["state"] == "up" and 0 < told["token_expires_seconds"] <= 90_000
