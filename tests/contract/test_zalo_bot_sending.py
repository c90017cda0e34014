"""What goes out to the Zalo Bot Platform: texts, pictures, failures by name, and silence after a 429 or a refused token."""

import asyncio
import logging
import socket

import pytest

from bot.channels import base
from bot.channels.base import Occasion, SendError
from bot.channels.zalo_bot_sending import QUOTA_AFTER_SECONDS, calls_of
from bot.clock import now
from bot.services.keep import Kept
from tests.loops import opened, run
from tests.patience import time_out
from tests.zalo_bot_channel import CHAT, channel, failed, refusal, settings, stand_in

api = pytest.fixture(stand_in)


# --- what goes out


def test_a_text_goes_out_plain(api):
    ids, = send(api, {"text": "**1** < 2 & [x](y)"})
    assert api.calls == [("sendMessage", {"chat_id": CHAT, "text": "**1** < 2 & [x](y)"})]
    assert ids == api.sent[0].message_id


def test_a_text_is_composed_before_it_is_counted(api):
    send(api, {"text": "ba\u0300i " * 499})
    assert [s.text for s in api.sent] == [("bài " * 499).strip()]


def test_a_long_text_goes_out_in_parts_within_the_limit(api):
    words = "\n\n".join(f"Bước {n}. Mang giấy tờ đến {'xã ' * 300}😀." for n in range(6))
    ids, = send(api, {"text": words})
    assert " ".join(s.text for s in api.sent).split() == words.split()
    assert max(len(s.text) for s in api.sent) <= 2000
    assert ids == ",".join(s.message_id for s in api.sent)
    assert len(api.sent) == 3


def test_buttons_become_numbers_and_letters_stay_letters(api):
    send(api, {"text": "Ý bạn là việc nào?", "buttons": [{"title": "Khai sinh", "payload": "b1", "n": 1}, {"title": "Khai tử", "payload": "b2", "n": 2}]},
         {"text": "❓ Gác máy?\n\nA. Có\nB. Không", "buttons": [{"title": "A", "payload": "b3", "n": None}, {"title": "B", "payload": "b4", "n": None}]},
         {"text": "Đã chọn: A.", "buttons": [{"title": t, "payload": "b", "n": None} for t in ("B", "Xong", "Chọn lại")]},
         {"text": "Nhắc bạn", "buttons": [{"title": "Để sau", "payload": "b5"}]})
    assert [s.text for s in api.sent] == [
        "Ý bạn là việc nào?\n\nGõ số để chọn:\n1. Khai sinh\n2. Khai tử", "❓ Gác máy?\n\nA. Có\nB. Không",
        "Đã chọn: A.\n\nGõ “Xong” hoặc “Chọn lại”.", "Nhắc bạn\n\nGõ số để chọn:\n1. Để sau"]


def test_a_picture_goes_out_with_its_text_under_it(api):
    ids, = send(api, {"text": "chữ", "image": "https://example.vn/a.png", "alt": "tin nhắn giả", "buttons": [{"title": "Tiếp", "payload": "b", "n": 1}]})
    assert [s[:3] for s in api.sent] == [(CHAT, "chữ\n\nGõ số để chọn:\n1. Tiếp", "https://example.vn/a.png")]
    assert ids == api.sent[0].message_id


def test_the_rest_of_a_long_text_follows_its_picture(api):
    words = ("một " * 480 + "\n\n") * 3
    send(api, {"text": words, "image": "https://example.vn/a.png"})
    assert [bool(s.photo) for s in api.sent] == [True, False, False]
    assert " ".join(s.text for s in api.sent).split() == words.split()


def test_a_picture_alone_goes_without_words(api):
    send(api, {"text": "", "image": "https://example.vn/a.png"})
    assert api.calls == [("sendPhoto", {"chat_id": CHAT, "photo": "https://example.vn/a.png"})]


def test_a_picture_without_public_address_is_described(api):
    send(api, {"text": "chữ", "image": "/pictures/abc.png", "alt": "tin nhắn giả"}, {"text": "chữ", "image": __file__})
    assert [s[1:3] for s in api.sent] == [("🖼 tin nhắn giả\n\nchữ", ""), ("chữ", "")]


def test_a_picture_that_was_refused_stays_described_in_a_retry(api):
    api.broken_urls.add("https://example.vn/gone.png")
    body, noted = {"text": "a" * 1900 + " " + "b" * 1900, "image": "https://example.vn/gone.png", "alt": "tin nhắn giả " * 20}, []

    async def main():
        async with opened(channel(api)) as bot:
            api.fail_next(1, "400")
            api.fail_next(1, "ok")
            api.fail_next(1, "500")
            await failed(bot.send(CHAT, body, Occasion(note=lambda parts: noted.append(list(parts)))))
        async with opened(channel(api)) as other:
            return await other.send(CHAT, body, Occasion(done=noted[-1]))

    ids = run(main())
    assert [s.text for s in api.sent] == [t for _, fields in calls_of({**body, "image": None}, CHAT) for t in [fields["text"]]]
    assert ids.split(",") == [str(s.message_id) for s in api.sent]


def test_a_picture_that_is_refused_is_described(api):
    api.broken_urls.add("https://example.vn/gone.png")
    send(api, {"text": "chữ", "image": "https://example.vn/gone.png", "alt": "tin nhắn giả"}, {"text": "chữ", "image": "https://example.vn/gone.png"})
    assert [s[1:3] for s in api.sent] == [("🖼 tin nhắn giả\n\nchữ", ""), ("chữ", "")]
    assert refusal(api, {"text": "", "image": "https://example.vn/gone.png"}).failure is base.BAD_REQUEST


FAILURES = {
    "400": base.BAD_REQUEST, "403": base.UNKNOWN_OUTCOME, "404": base.GONE, "408": base.UNKNOWN_OUTCOME, "429": base.RETRY_AFTER,
    "500": base.UNKNOWN_OUTCOME, "timeout": base.UNKNOWN_OUTCOME, "disconnect": base.UNKNOWN_OUTCOME, "garbage": base.UNREACHABLE,
    "not_ok": base.UNREACHABLE, "other_page": base.MISCONFIGURED}


@pytest.mark.parametrize(("kind", "failure"), FAILURES.items())
def test_a_failure_has_its_name(api, kind, failure):
    api.fail_next(1, kind)
    error = refusal(api, {"text": "chữ"}, timeout_seconds=time_out(kind))
    assert error.failure is failure
    assert len(api.sent) == (1 if kind == "timeout" else 0), "only a time-out leaves open what happened"


@pytest.mark.parametrize("kind", [k for k in FAILURES if k != "400"])
def test_a_picture_fails_like_a_text(api, kind):
    api.fail_next(1, kind)
    assert refusal(api, {"text": "chữ", "image": "https://example.vn/a.png"}, timeout_seconds=time_out(kind)).failure is FAILURES[kind]


def test_the_other_refusals_have_theirs(api):
    assert refusal(api, {"text": "chữ"}, to="unknown").failure is base.GONE
    assert refusal(api, {"text": " \n"}).failure is base.BAD_REQUEST
    assert refusal(api, {"text": "chữ"}, token="4711:b").failure is base.BAD_TOKEN
    assert refusal(api, {"text": "chữ"}, url="ftp://127.0.0.1").failure is base.MISCONFIGURED
    assert refusal(api, {"text": "chữ"}, url="http://[::1").failure is base.MISCONFIGURED
    assert api.sent == []


def test_nobody_listening_is_unreachable(api):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert refusal(api, {"text": "chữ"}, url=f"http://127.0.0.1:{free.getsockname()[1]}").failure is base.UNREACHABLE


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("0", 0.0), (None, 15.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 15.0), ("-1", 15.0), ("nan", 15.0)])
def test_a_wait_is_as_long_as_the_platform_says(api, header, seconds):
    api.retry_after = header
    api.fail_next(1, "429")
    assert refusal(api, {"text": "chữ"}).retry_after_seconds == seconds


@pytest.mark.parametrize(("kind", "times"), [("500", 1), ("disconnect", 1), ("timeout", 2)])
def test_a_retry_goes_on_with_the_part_that_failed(api, kind, times):
    """times: how often the part in question arrives; nobody knows that it did when the answer does not come."""
    words = "a" * 1900 + " " + "b" * 1900 + " " + "c" * 1900
    api.fail_next(1, "ok")
    api.fail_next(1, kind)

    async def main():
        noted = []
        async with opened(channel(api, timeout_seconds=time_out(kind))) as bot:
            with pytest.raises(SendError):
                await bot.send(CHAT, {"text": words}, Occasion(note=lambda parts: noted.append(list(parts))))
        async with opened(channel(api, timeout_seconds=time_out(kind))) as other:
            return await other.send(CHAT, {"text": words}, Occasion(done=noted[-1])), await other.send(CHAT, {"text": words})

    first, second = run(main())
    assert [s.text[0] for s in api.sent] == ["a", *"b" * times, "c", "a", "b", "c"]
    assert (len(first.split(",")), len(second.split(","))) == (3, 3)


# --- 429 and a refused token concern the whole bot


class Clock:
    def __init__(self):
        self.at = 1_800_000_000.0

    def __call__(self):
        return self.at


def test_after_a_429_nothing_is_asked_until_the_time_is_over(api):
    api.retry_after = "30"
    api.fail_next(1, "429")
    api.meet("other")
    clock = Clock()

    async def main():
        async with opened(channel(api, clock=clock)) as bot:
            first = await failed(bot.send(CHAT, {"text": "chữ"}))
            clock.at += 10
            second = await failed(bot.send("other", {"text": "chữ"}))
            asked = len(api.calls)
            clock.at += 20
            await bot.send("other", {"text": "chữ"})
            return first, second, asked

    first, second, asked = run(main())
    assert [(e.failure, e.retry_after_seconds) for e in (first, second)] == [(base.RETRY_AFTER, 30), (base.RETRY_AFTER, 20)]
    assert (asked, [s.chat for s in api.sent]) == (1, ["other"])


def test_waits_without_a_time_grow_and_begin_anew(api):
    clock, waits = Clock(), []

    async def main():
        async with opened(channel(api, clock=clock)) as bot:
            for kind in ("429", "429", "429", "ok", "429"):
                api.fail_next(1, kind)
                try:
                    await bot.send(CHAT, {"text": "chữ"})
                except SendError as error:
                    waits.append(error.retry_after_seconds)
                    clock.at += error.retry_after_seconds

    run(main())
    assert waits == [15, 30, 60, 15]


def test_many_refused_at_once_count_once(api):
    api.fail_next(5, "429")
    for n in range(5):
        api.meet(f"c{n}")

    async def main():
        async with opened(channel(api, clock=Clock())) as bot:
            return await asyncio.gather(*(failed(bot.send(f"c{n}", {"text": "chữ"})) for n in range(5)))

    assert {(e.failure, e.retry_after_seconds) for e in run(main())} == {(base.RETRY_AFTER, 15.0)}


def test_a_clock_that_goes_back_stops_nothing(api):
    api.retry_after = "30"
    api.fail_next(1, "429")
    clock = Clock()

    async def main():
        async with opened(channel(api, clock=clock)) as bot:
            await failed(bot.send(CHAT, {"text": "chữ"}))
            clock.at -= 3600
            await bot.send(CHAT, {"text": "chữ"})

    run(main())
    assert len(api.sent) == 1


def test_429_for_hours_is_the_quota_over_restarts_and_an_alert(api, database, caplog):
    api.quota = 0
    clock, kept, names, waits, passed = Clock(), Kept(database, settings(api), now), [], [], 0.0

    async def main(steps):
        nonlocal passed
        async with opened(channel(api, keep=kept, clock=clock)) as bot:
            for _ in range(steps):
                try:
                    await bot.send(CHAT, {"text": "chữ"})
                    names.append("sent")
                except SendError as error:
                    names.append(error.failure.name)
                    waits.append(error.retry_after_seconds)
                    clock.at += error.retry_after_seconds
            return await bot.state()

    assert run(main(4)) == {"up": True, "why": "retry_after", "token_expires_seconds": None}
    clock.at += QUOTA_AFTER_SECONDS
    assert run(main(2)) == {"up": False, "why": "quota", "token_expires_seconds": None}, "another process"
    assert run(channel(api, keep=kept).state())["why"] == "quota", "the web process, which does not send"
    api.quota = 3000
    assert run(main(1)) == {"up": True, "why": "", "token_expires_seconds": None}
    api.quota = 0
    assert run(main(1))["why"] == "retry_after", "and the count begins anew"
    assert names == ["retry_after"] * 4 + ["quota"] * 2 + ["sent", "retry_after"]
    assert waits[4:6] == [3600, 3600]
    assert base.QUOTA.retry and base.QUOTA.ours
    assert sum(r.levelno == logging.ERROR and "quota" in r.getMessage() for r in caplog.records) == 2


def test_a_refused_token_stops_the_channel_and_alerts(api, caplog):
    clock = Clock()

    async def main():
        async with opened(channel(api, token="4711:b", clock=clock)) as bot:
            errors = [await failed(bot.send(CHAT, {"text": "chữ"})) for _ in range(3)]
            return errors, await bot.state()

    errors, state = run(main())
    assert [(e.failure, e.retry_after_seconds) for e in errors] == [(base.BAD_TOKEN, 300)] * 3
    assert state == {"up": False, "why": "bad_token", "token_expires_seconds": None}
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR] == [
        "Zalo bot: bad_token; nothing gets through for 0 min, again in 5 min"]


def test_what_is_noted_may_fail_without_harm(api):
    class Broken:
        def get(self, key):
            return None

        def put(self, key, value):
            raise RuntimeError("database is down")

    api.fail_next(1, "429")
    assert refusal(api, {"text": "chữ"}, keep=Broken()).failure is base.RETRY_AFTER


def send(api, *bodies, **options):
    """The ids of each message, sent to CHAT."""
    async def main():
        async with opened(channel(api, **options)) as bot:
            return [await bot.send(CHAT, body) for body in bodies]

    return run(main())
