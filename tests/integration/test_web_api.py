"""The web chat's API with a stand-in for Rasa: links, old buttons, what other tabs are told. Needs no trained model."""

import json
import threading
import time
from contextlib import contextmanager

import httpx
import pytest

from bot.wording import say
from tests import patience
from tests.browser.light import light
from tests.patience import HTTP_SECONDS, wait_for


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    # so that "at once" is far from the time for which the chat waits for Rasa
    with light(tmp_path_factory.mktemp("api"), reply_wait_seconds=HTTP_SECONDS) as one:
        yield one


def post(bot, **body):
    return patience.post(f"{bot.url}/api/chat", json=body)


@contextmanager
def listening(bot, sender, **query):
    """(event, data) of an event stream while the block runs; it has been opened when the block begins."""
    heard, opened = [], threading.Event()

    def listen():
        try:
            with httpx.stream("GET", f"{bot.url}/api/chat/events", params={"sender": sender, **query}, timeout=HTTP_SECONDS) as stream:
                opened.set()
                event = ""
                for line in stream.iter_lines():
                    if line.startswith("event:"):
                        event = line[6:].strip()
                    if line.startswith("data:"):
                        heard.append((event, json.loads(line[5:])))
        except httpx.HTTPError:
            return  # the server is gone

    threading.Thread(target=listen, daemon=True).start()
    assert opened.wait(HTTP_SECONDS)
    yield heard


@pytest.mark.parametrize(("start", "payload"), [("c-a-b", '/list_courses{"value": "course:a-b"}'), ("x-13285", '/set_commune{"value": "13285"}')])
def test_a_link_is_a_first_message(bot, start, payload):
    answer = post(bot, start=start).json()
    assert [m["text"] for m in answer["messages"]] == [f"Nghe rồi: {payload}"]


@pytest.mark.parametrize("body", [{"start": "z-1"}, {"start": "c-"}, {"start": 'c-"}'}, {"start": 5}, {"start": "c-a", "text": "chào"},
                                  {"start": "c-a", "payload": "b1"}, {"text": "chào", "shown": "x" * 201}, {"shown": "chào"}, {"text": "chào", "shown": []}])
def test_what_is_no_message_is_refused(bot, body):
    assert (post(bot, **body).status_code, post(bot, **body).json()) == (400, {"error": say("bad_request")})


def test_an_old_button_is_answered_at_once_and_honestly(bot):
    sender = post(bot, text="chào").json()["sender"]
    before, began = len(bot.rasa.turns), time.monotonic()
    answer = post(bot, sender=sender, payload="bLongGone", id="1").json()
    assert [m["text"] for m in answer["messages"]] == [say("stale_button")] and answer["pending"] is False
    assert time.monotonic() - began < HTTP_SECONDS / 2 and len(bot.rasa.turns) == before
    assert [m["text"] for m in post(bot, sender=sender, payload="bLongGone", id="1").json()["messages"]] == [say("stale_button")], "asked again"


def test_a_stream_carries_other_tabs_words_and_answers_only_when_it_asks_for_them(bot):
    sender = post(bot, text="chào").json()["sender"]
    with listening(bot, sender) as plain, listening(bot, sender, answers="true") as full:
        post(bot, sender=sender, text="otp 482913 đây", id="m1")
        wait_for(lambda: len(full) == 2, lambda: str(full))
        time.sleep(1.5)
    assert full[0] == ("said", {"id": "m1", "text": "otp [mã xác nhận] đây"})
    assert (full[1][0], full[1][1]["text"], len(full)) == ("message", "Nghe rồi: otp [mã xác nhận] đây", 2)
    assert plain == []


def test_a_stream_of_answers_resumes_behind_the_last_one(bot):
    first = post(bot, text="một").json()
    second = post(bot, sender=first["sender"], text="hai").json()["messages"][0]
    with listening(bot, first["sender"], answers="true", last_id=first["messages"][0]["id"]) as heard:
        wait_for(lambda: heard)
        time.sleep(1.5)
    assert [data["id"] for _, data in heard] == [second["id"]]


def test_nobody_hears_the_tabs_of_another_sender(bot):
    mine, other = post(bot, text="chào").json()["sender"], post(bot, text="chào").json()["sender"]
    with listening(bot, other, answers="true") as heard:
        post(bot, sender=mine, text="riêng tư", id="m2")
        time.sleep(2)
    assert heard == []
