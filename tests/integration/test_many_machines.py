"""Two Rasas, two web processes and two workers on one PostgreSQL and one Redis, started as deploy/ says, behind one address."""

import os
import threading
import time
import uuid
from types import SimpleNamespace

import httpx
import pytest
import redis
from sqlalchemy import create_engine, text

from scripts.run_as_deployed import Deployed
from tests.databases import POSTGRES, drop_postgres_database, new_postgres_database
from tests.patience import HTTP_SECONDS, WAIT_SECONDS, get, post
from tests.served import CitizenAtWeb, wait_for

pytestmark = pytest.mark.served
REDIS = os.environ.get("TEST_REDIS_URL", "")
THE_FRONT_LOOKS_EVERY_SECONDS = 1
QUESTIONS = ("làm hộ chiếu mất bao lâu", "đăng ký kết hôn cần gì", "mở quán phở", "bạn làm được gì")


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    if not (POSTGRES and REDIS):
        pytest.skip("TEST_POSTGRES_URL and TEST_REDIS_URL are not set: nothing to run several machines on")
    url, admin = new_postgres_database()
    running = Deployed(tmp_path_factory.mktemp("deployed"), url.replace("postgresql+psycopg://", "postgresql://"), REDIS,
                       SECRET_KEY="k" * 32, RASA_GATEWAY_TOKEN="t" * 32, CERTIFICATE_KEY="c" * 32)
    try:
        yield running.start()
    finally:
        running.stop()
        drop_postgres_database(url, admin)


def citizen_at(bot, url: str, sender: str | None = None) -> CitizenAtWeb:
    """Somebody whose messages go to this address."""
    return CitizenAtWeb(SimpleNamespace(url=url, logs=bot.logs), sender)


def query(bot, sql: str, **values) -> list:
    engine = create_engine(bot.database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        rows = connection.execute(text(sql), values).fetchall()
    engine.dispose()
    return rows


def test_a_lesson_goes_on_from_one_web_process_to_the_other_and_past_a_dead_rasa(bot):
    here = citizen_at(bot, bot.webs[0])
    here.say("chào")
    here.tap("Đồng ý cả hai")
    there = citizen_at(bot, bot.webs[1], here.sender)
    there.say("học chống lừa đảo")
    here.last = there.last
    here.tap("Bắt đầu bài")
    card = here.last[-1]["text"]
    for rasa in bot.rasas:
        rasa.kill()
        there.say("xem lại")
        assert there.last[-1]["text"] == card
        wait_for(bot.healthy, bot.logs)


def test_rasas_locks_are_in_redis_and_its_conversations_in_postgresql(bot):
    with redis.Redis.from_url(REDIS).monitor() as heard:
        citizen_at(bot, bot.url).say("chào")
        redis.Redis.from_url(REDIS).ping()
        commands = []
        for said in heard.listen():
            commands.append(said["command"])
            if said["command"] == "PING":
                break
    assert [c for c in commands if c.startswith("SET") and "rasalock" in c] != []
    assert query(bot, "SELECT count(*) FROM rasa_trackers WHERE sender_id LIKE 'web:%'")[0][0] >= 1


def test_the_rate_limit_is_counted_over_both(bot):
    sender = uuid.uuid4().hex
    status = lambda url: post(f"{url}/api/chat", json={"sender": sender, "text": "chào"}).status_code
    assert {status(url) for url in bot.webs} == {200}
    assert [k for k in redis.Redis.from_url(REDIS).keys("*") if sender.encode() in k] != []


def test_the_metrics_of_either_speak_for_all(bot):
    wait_for(lambda: "bot_processes{kind=\"worker\"} 2.0" in get(f"{bot.webs[1]}/metrics").text, bot.logs)
    found = get(f"{bot.webs[0]}/metrics").text
    assert "bot_processes{kind=\"web\"} 2.0" in found and "bot_rasa_seconds_bucket" in found


class TestFront:
    def test_the_address_for_citizens_keeps_the_figures_of_operation_to_itself(self, front):
        assert get(f"{front.url}/metrics").status_code == 404
        assert get(f"{front.url}/health").json()["status"] == "ok"

    def test_what_is_sent_by_event_stream_is_passed_on_at_once(self, front):
        asks = citizen_at(front, front.url)
        asks.say("chào")
        other_tab = {"sender": asks.sender, "answers": 1}
        with httpx.stream("GET", f"{front.url}/api/chat/events", params=other_tab, timeout=HTTP_SECONDS) as stream:
            assert stream.status_code == 200
            asks.say("làm hộ chiếu mất bao lâu")
            assert any("hộ chiếu" in line for line in stream.iter_lines() if line.startswith("data:"))

    def test_a_new_version_goes_up_without_a_break(self, front):
        """In the order that docs/operations.md gives, while citizens write: no answer is refused, lost or given twice."""
        stop, refused, answered = threading.Event(), [], []

        def writes() -> None:
            sender = uuid.uuid4().hex
            with httpx.Client(base_url=front.url, timeout=HTTP_SECONDS) as http:
                for number in range(10_000):
                    body = {"sender": sender, "id": f"n{number}", "text": QUESTIONS[number % len(QUESTIONS)]}
                    data = {"pending": True}
                    while data["pending"]:
                        answer = http.post("/api/chat", json=body)
                        if answer.status_code != 200:
                            refused.append((answer.status_code, answer.text[:200]))
                            return
                        data = answer.json()
                        time.sleep(0.2)
                    answered.append((sender, body["id"]))
                    if stop.is_set():
                        return

        citizens = [threading.Thread(target=writes) for _ in range(3)]
        for one in citizens:
            one.start()
        codes = {}
        front.migrate()
        for part in (front.workers[0], front.rasas[0], *front.web):
            codes[part.name] = part.restart()
            wait_for(front.healthy, front.logs)
            time.sleep(THE_FRONT_LOOKS_EVERY_SECONDS + 1)
            wait_for(lambda: all_up_for(front), front.logs)
        stop.set()
        for one in citizens:
            one.join(WAIT_SECONDS)
        assert refused == []
        assert [codes[part.name] for part in (front.workers[0], *front.web)] == [0] * 3  # they ended in order, not by force
        assert len({sender for sender, _ in answered}) == len(citizens) and len(answered) > 30
        rows = query(front, "SELECT platform_id, state FROM inbox WHERE platform_id LIKE :ours", ours="%:n%")
        assert {state for _, state in rows} == {"done"} and len(rows) == len(answered)


def all_up_for(front) -> bool:
    """Has the front seen everything come back that it saw go?"""
    told = (front.folder / "front.log").read_text(encoding="utf-8")
    return told.count(" is DOWN,") == told.count(" is UP,")


@pytest.fixture
def front(bot):
    if bot.front is None:
        pytest.skip("haproxy is not installed: nothing to stand in front")
    wait_for(bot.healthy, bot.logs)
    return bot


def test_a_message_accepted_by_a_web_process_that_dies_is_answered_by_the_other(bot):
    citizen = citizen_at(bot, bot.webs[1])
    citizen.say("chào")
    ident = uuid.uuid4().hex
    for rasa in bot.rasas:
        rasa.kill()  # so that the message is still waiting when its process dies
    answer = citizen.post(id=ident, text="làm hộ chiếu mất bao lâu").json()
    bot.web[1].kill()
    ours = citizen_at(bot, bot.webs[0], citizen.sender)
    if answer["pending"]:
        wait_for(lambda: ours.post(id=ident, text="làm hộ chiếu mất bao lâu").json()["pending"] is False, bot.logs)
    assert query(bot, "SELECT count(*) FROM inbox WHERE platform_id LIKE :ident", ident=f"%{ident}") == [(1,)]
