"""Whatever comes in: a clear answer or a 4xx, never a 500, nothing half-stored."""

import os
import unicodedata
import uuid
from contextlib import contextmanager

import pytest

from tests.patience import get, post

pytestmark = pytest.mark.served


@pytest.mark.parametrize("content", [
    b"", b"{", b"[]", b"null", b"42", b'"text"', b"\xff\xfe", b'{"text": 1}', b'{"text": null}', b'{"text": ["a"]}', b'{"text": ""}',
    b'{"text": "   "}', b'{"text": "a", "payload": "b"}', b'{"text": "a", "sender": "short"}', b'{"text": "a", "sender": 7}',
    b'{"text": "a", "sender": "../../etc/passwd........"}', b'{"text": "a", "id": {"x": 1}}', b'{"text": "\\ud800"}', b'{"payload": "' + b"x" * 300 + b'"}',
    b"[" * 5000, b'{"text": "\\u0000\\u0001"}',
])
def test_a_bad_body_is_400_with_a_sentence(served, content):
    before = served.query("SELECT count(*) FROM inbox")[0][0]
    answer = post(f"{served.url}/api/chat", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]
    assert served.query("SELECT count(*) FROM inbox")[0][0] == before


@pytest.mark.parametrize("length", [4001, 10_000, 200_000])
def test_too_long_is_413(served, length):
    answer = post(f"{served.url}/api/chat", json={"text": "x" * length})
    assert answer.status_code == 413 and "4000" in answer.json()["error"]


@pytest.mark.parametrize("path", ["/api/chat", "/channels/zalo-oa"])
def test_a_body_that_does_not_say_how_long_it_is_is_refused_unread(served, path):
    answer = post(f"{served.url}{path}", content=(b"x" * 1000 for _ in range(200)))
    assert answer.status_code == 411 and answer.json()["error"]


@pytest.mark.parametrize("words", [
    "🎉🎉🎉", "👨‍👩‍👧", "?", "...", "Здравствуйте, как получить паспорт", "你好，我要办护照", "مرحبا", "a" * 3900, "xin chào\u202e\u200b ơi",
    unicodedata.normalize("NFD", "làm giấy khai sinh cần giấy tờ gì"), "'; DROP TABLE inbox; --", "<script>alert(1)</script>", "{{7*7}}",
    '{"value": "x"}', "\n\n\n a \t b", "０１２３", "ﬀ ½ ①", "làm " * 900, "\\n\\t", "%s %d {0} {province}",
])
def test_odd_text_gets_an_answer(citizen, words):
    replies = citizen.say(words)
    assert replies and all(r["text"] for r in replies)


def test_nfd_is_understood_as_nfc(citizen):
    citizen.say(unicodedata.normalize("NFD", "đăng ký kết hôn cần giấy tờ gì"))
    assert "kết hôn" in citizen.read().lower()


def test_wrong_methods_and_paths_are_4xx(served):
    assert get(f"{served.url}/api/chat").status_code == 405
    assert get(f"{served.url}/nothing").status_code == 404
    assert get(f"{served.url}/api/chat/events").status_code == 400
    assert get(f"{served.url}/api/chat/events?sender=x").status_code == 400
    assert get(f"{served.url}/api/chat/events", params={"sender": "a" * 20, "last_id": "x"}).status_code == 400
    assert get(f"{served.url}/static/../app.py").status_code == 404


def test_security_headers_and_no_inline_code(served):
    page = get(served.url)
    assert page.status_code == 200
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert "<script>" not in page.text and "style=" not in page.text and "onclick" not in page.text


REDIS = os.environ.get("TEST_REDIS_URL", "")


def test_the_rate_limit_is_shared_by_processes_over_redis(tmp_path_factory):
    if not REDIS:
        pytest.skip("TEST_REDIS_URL is not set: no Redis to test on")
    sender = "r" + uuid.uuid4().hex
    codes = []
    for _ in range(2):  # two web processes, one after the other, with one Redis
        with limited_to_three(tmp_path_factory.mktemp("redis"), redis_url=REDIS) as client:
            codes += [client.post("/api/chat", json={"sender": sender, "text": "chào"}).status_code for _ in range(2)]
    assert codes == [200, 200, 200, 429]


def test_the_rate_limit_answers_429(tmp_path_factory):
    with limited_to_three(tmp_path_factory.mktemp("rate")) as client:
        answers = [client.post("/api/chat", json={"sender": "s" * 20, "text": "chào"}) for _ in range(5)]
        other = client.post("/api/chat", json={"sender": "t" * 20, "text": "chào"})
    assert [a.status_code for a in answers] == [200, 200, 200, 429, 429] and other.status_code == 200
    assert answers[-1].json()["error"] and answers[-1].headers["retry-after"] == "60"


@contextmanager
def limited_to_three(folder, **more):
    """A web app in this process whose limit is three a minute, without a Rasa."""
    from fastapi.testclient import TestClient

    from bot.app import App
    from bot.config import Settings
    from bot.store.db import Database
    from bot.web import app as web

    settings = Settings(database_url=f"sqlite:///{folder}/bot.db", chat_rate_per_minute=3, reply_wait_seconds=0.1,
                        rasa_url="http://127.0.0.1:9", **more)
    database = Database(settings.database_url)
    database.migrate()
    with TestClient(web.make(App(settings, database))) as client:
        yield client


def test_health_and_metrics(served):
    health = get(f"{served.url}/health")
    assert health.status_code == 200
    assert {k: health.json()[k] for k in ("status", "rasa", "database", "worker")} == {
        "status": "ok", "rasa": "up", "database": "up", "worker": "up"}
    metrics = get(f"{served.url}/metrics").text
    assert 'bot_inbox_messages{state="done"}' in metrics and "bot_rasa_up 1.0" in metrics
