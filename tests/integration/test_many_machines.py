"""Two Rasas, two web processes and two workers side by side on one PostgreSQL and one Redis, as on several machines."""

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import httpx
import pytest
import redis

from tests.conftest import POSTGRES, drop_postgres_database, new_postgres_database
from tests.integration.test_side_by_side import var_of
from tests.served import ROOT, CitizenAtWeb, Served, free_port, wait_for

pytestmark = pytest.mark.served
REDIS = os.environ.get("TEST_REDIS_URL", "")


class Second:
    """What a citizen needs of a server: another web process beside a served bot's own."""

    def __init__(self, bot: Served, environment: dict[str, str]):
        self.port, self._bot = free_port(), bot
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {**environment, "PORT": str(self.port), "ACTIONS_PORT": str(free_port())}
        self._processes: list[subprocess.Popen] = []
        self._log = Path(bot.output).with_name("second.log").open("ab")

    def start(self, *commands: str) -> None:
        for command in commands:
            self._processes.append(subprocess.Popen([sys.executable, "-m", "bot", command], cwd=ROOT, env=self._environment,
                                                    stdout=subprocess.DEVNULL, stderr=self._log))

    def kill(self, at: int) -> None:
        os.kill(self._processes[at].pid, signal.SIGKILL)

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(30)

    def logs(self) -> str:
        return f"{Path(self._log.name).read_text()[-3000:]}\n{self._bot.logs()}"


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    if not (POSTGRES and REDIS):
        pytest.skip("TEST_POSTGRES_URL and TEST_REDIS_URL are not set: nothing to run several machines on")
    url, admin = new_postgres_database()
    found = Served(tmp_path_factory.mktemp("many"), DATABASE_URL=url, REDIS_URL=REDIS, RASA_PROCESSES="2", SECRET_KEY="k" * 32,
                   RASA_GATEWAY_TOKEN="t" * 32)
    found.folder = var_of(found)
    try:
        yield found.start()
    finally:
        if found.process is not None and found.process.poll() is None:
            found.stop()
        drop_postgres_database(url, admin)


@pytest.fixture(scope="module")
def second(bot):
    other = Second(bot, bot.environment_of("web"))
    try:
        other.start("web", "worker")
        wait_for(lambda: responds(other.url), 90, other.logs)
        yield other
    finally:
        other.stop()


def responds(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=3).status_code == 200
    except httpx.HTTPError:
        return False


def test_a_lesson_goes_on_from_one_web_process_to_the_other_and_past_a_dead_rasa(bot, second):
    here = CitizenAtWeb(bot)
    here.say("chào")
    here.tap("Đồng ý cả hai")
    there = CitizenAtWeb(second, here.sender)
    there.say("học chống lừa đảo")
    here.last = there.last
    here.tap("Bắt đầu bài")
    card = here.last[-1]["text"]
    wait_for(lambda: list(httpx.get(f"{bot.url}/health").json()["rasas"].values()) == ["up", "up"], 60, bot.logs)
    for name in ("rasa", "rasa-2"):
        bot.kill(name)
        there.say("xem lại")
        assert there.last[-1]["text"] == card
        wait_for(lambda: list(httpx.get(f"{bot.url}/health").json()["rasas"].values()) == ["up", "up"], 90, bot.logs)


def test_rasas_locks_are_in_redis_and_its_conversations_in_postgresql(bot, second):
    with redis.Redis.from_url(REDIS).monitor() as heard:
        CitizenAtWeb(bot).say("chào")
        redis.Redis.from_url(REDIS).ping()
        commands = []
        for said in heard.listen():
            commands.append(said["command"])
            if said["command"] == "PING":
                break
    assert [c for c in commands if c.startswith("SET") and "rasalock" in c] != []
    assert bot.query("SELECT count(*) FROM rasa_trackers WHERE sender_id LIKE 'web:%'")[0][0] >= 1
    assert "lock_store" in (bot.folder / "run" / f"endpoints-{bot.port}.yml").read_text()


def test_the_rate_limit_is_counted_over_both(bot, second):
    sender = uuid.uuid4().hex
    status = lambda url: httpx.post(f"{url}/api/chat", json={"sender": sender, "text": "chào"}, timeout=60).status_code
    assert {status(bot.url), status(second.url)} == {200}
    assert [k for k in redis.Redis.from_url(REDIS).keys("*") if sender.encode() in k] != []


def test_the_metrics_of_either_speak_for_all(bot, second):
    wait_for(lambda: "bot_processes{kind=\"worker\"} 2.0" in httpx.get(f"{second.url}/metrics").text, 30, bot.logs)
    text = httpx.get(f"{bot.url}/metrics").text
    assert "bot_processes{kind=\"web\"} 2.0" in text and "bot_rasa_seconds_bucket" in text


def test_a_message_accepted_by_a_web_process_that_dies_is_answered_by_the_other(bot, second):
    citizen = CitizenAtWeb(second)
    citizen.say("chào")
    ident = uuid.uuid4().hex
    bot.kill("rasa"), bot.kill("rasa-2")  # so that the message is still waiting when its process dies
    answer = citizen.post(id=ident, text="làm hộ chiếu mất bao lâu").json()
    second.kill(0)
    ours = CitizenAtWeb(bot, citizen.sender)
    if answer["pending"]:
        wait_for(lambda: ours.post(id=ident, text="làm hộ chiếu mất bao lâu").json()["pending"] is False, 120, bot.logs)
    assert bot.query("SELECT count(*) FROM inbox WHERE platform_id LIKE :ident", ident=f"%{ident}") == [(1,)]
