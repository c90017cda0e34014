"""Through the whole bot: an announcement goes out on Zalo, its readers are told back, and the results page says how many."""

import time

import pytest
from sqlalchemy import create_engine, text

from tests.announcing import TEXT
from tests.desk import NEWS, Desk
from tests.patience import WAIT_SECONDS, post
from tests.served import wait_for
from tests.zalo_served import bot_with_account, posts, stand_in

pytestmark = pytest.mark.served
USERS = [f"70012345678901234{n:02}" for n in range(5)]
READ = "SELECT count(*) FROM announcement_sends WHERE read_at IS NOT NULL"

zalo = pytest.fixture(scope="module")(stand_in)
bot = pytest.fixture(scope="module")(bot_with_account)


def says(zalo, bot, user, words, expected) -> None:
    before = len(zalo.sent)
    posts(zalo, bot, zalo.text(user, words))
    wait_for(lambda: any(s.user == user and expected in s.text for s in zalo.sent[before:]), bot.logs)


def sent_to(zalo, user) -> list[str]:
    return [s.message_id for s in zalo.sent if s.user == user and "Nước lên nhanh" in s.text]


def seen_at(bot) -> list:
    return bot.query("SELECT id, seen_at, closed_at FROM conversations ORDER BY id")


def seconds_pass() -> None:
    time.sleep(1.5)


def test_an_announcement_on_zalo_is_read_by_one_and_then_by_all(zalo, bot):
    for user in USERS:
        says(zalo, bot, user, "đăng ký nhận tin phường Hoa Lư", "1. Nhận mọi tin")
        says(zalo, bot, user, "1", "Đã đăng ký")
    officer, first, second = Desk(bot, "officer"), Desk(bot, "approver"), Desk(bot, "administrator")
    made = officer.post(f"{NEWS}/moi", kind="emergency", topic="local", sender="UBND phường Hoa Lư", title="Nước lên nhanh", text=TEXT,
                        communes="Phường Hoa Lư", reason="Nước lũ lên trong đêm nay")
    page = made.url.path
    officer.post(f"{page}/gui-duyet")
    first.post(f"{page}/duyet")
    second.post(f"{page}/duyet")
    wait_for(lambda: all(sent_to(zalo, user) for user in USERS), bot.logs)
    wait_for(lambda: "<strong>0</strong> trong 5 tin đã tới Zalo OA" in officer.get(page))
    before, messages = seen_at(bot), len(zalo.sent)

    event = zalo.receipt("user_seen_message", USERS[0], msg_ids=["of-somebody-else", *sent_to(zalo, USERS[0])])
    forged, header = zalo.signed(zalo.receipt("user_seen_message", USERS[1], msg_ids=sent_to(zalo, USERS[1])))
    for _ in range(2):
        posts(zalo, bot, event)
        assert bot.query(READ) == [(1,)]
        assert "<strong>dưới 5</strong> trong 5 tin đã tới Zalo OA" in officer.get(page)
    answer = post(f"{bot.url}/channels/zalo-oa", content=forged.replace(b"user_seen", b"user_seen "), headers={"X-ZEvent-Signature": header})
    assert answer.status_code == 403
    posts(zalo, bot, zalo.receipt("user_received_message", USERS[1], msg_id=sent_to(zalo, USERS[1])[0]))
    posts(zalo, bot, zalo.receipt("user_seen_message", USERS[1], msg_ids=[None, {}, 7]))
    posts(zalo, bot, zalo.receipt("user_seen_message", USERS[2], msg_ids=sent_to(zalo, USERS[1])))  # another's message
    posts(zalo, bot, zalo.receipt("user_seen_message", "7009999", msg_ids=["s1"]))  # a chat that never was
    assert bot.query(READ) == [(1,)]

    for user in USERS[1:]:
        posts(zalo, bot, zalo.receipt("user_seen_message", user, msg_id=sent_to(zalo, user)[0]))
    assert bot.query(READ) == [(5,)] == bot.query("SELECT count(*) FROM outbox WHERE kind = 'alert' AND read_at IS NOT NULL")
    assert "<strong>5</strong> trong 5 tin đã tới Zalo OA" in officer.get(page)
    seconds_pass()
    assert (seen_at(bot), len(zalo.sent)) == (before, messages)  # nobody wrote, nobody was answered


def test_the_web_chat_tells_what_was_on_the_screen(bot):
    citizen, other = bot.citizen(), bot.citizen()
    citizen.say("chào")
    other.say("chào")
    ident = bot.query("SELECT max(id) FROM outbox")[0][0] + 100
    chat = bot.query("SELECT conversation_id FROM outbox WHERE id = :id", id=citizen.last[0]["id"])[0][0]
    engine = create_engine(bot.environment["DATABASE_URL"], connect_args={"timeout": WAIT_SECONDS})
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO outbox (id, cause, conversation_id, channel, kind, priority, body, state, attempts, next_try_at, created_at) "
                                "VALUES (:id, 'own', :chat, 'web', 'alert', 1, '{\"text\": \"tin\", \"buttons\": []}', 'due', 0, '2026-01-01', '2026-01-01')"),
                           {"id": ident, "chat": chat})
    engine.dispose()

    def tells(sender, *ids):
        return post(f"{bot.url}/api/chat/seen", json={"sender": sender, "ids": list(ids)}).status_code

    def read() -> list:
        return [one for one, in bot.query("SELECT id FROM outbox WHERE channel = 'web' AND read_at IS NOT NULL")]

    with citizen.listening() as stream:
        wait_for(lambda: any(m.get("id") == ident and m.get("own") for m in stream), bot.logs)
    assert tells(other.sender, ident) == 204 and read() == []
    assert tells(citizen.sender, citizen.last[0]["id"], ident + 1000) == 204 and read() == []  # an answer, and nothing
    assert tells(citizen.sender, ident) == 204 and read() == [ident]
    when = bot.query("SELECT read_at FROM outbox WHERE id = :id", id=ident)
    assert tells(citizen.sender, ident) == 204 and bot.query("SELECT read_at FROM outbox WHERE id = :id", id=ident) == when
    for body in ({}, {"sender": citizen.sender}, {"sender": citizen.sender, "ids": []}, {"sender": citizen.sender, "ids": "1"}, {"sender": "x", "ids": [1]},
                 {"sender": citizen.sender, "ids": [True]}, {"sender": citizen.sender, "ids": [1] * 51}, {"sender": citizen.sender, "ids": [2**63]},
                 {"sender": citizen.sender, "ids": ["1"]}, {"sender": citizen.sender, "ids": [-1]}, {"ids": [1]}, []):
        assert post(f"{bot.url}/api/chat/seen", json=body).status_code == 400, body
