"""How sending through the Official Account fails: every code by its name, and what a retry does."""

import socket

import pytest

from bot.channels import base
from bot.channels.base import Occasion, SendError
from bot.channels.zalo_oa import ATTACHMENT_EXPIRED, FAILURES, code_of
from tests.loops import opened, run
from tests.patience import time_out
from tests.standins.zalo_oa import MESSAGE
from tests.zalo_oa_channel import CITIZEN, HOUR, MemoryKeep, channel, now_of, refusal, sent, stand_in

api = pytest.fixture(stand_in)

OUTCOMES = [("429", base.RETRY_AFTER), ("500", base.UNKNOWN_OUTCOME), ("502", base.UNKNOWN_OUTCOME), ("disconnect", base.UNKNOWN_OUTCOME),
            ("garbage", base.UNKNOWN_OUTCOME), ("list", base.UNKNOWN_OUTCOME), ("timeout", base.UNKNOWN_OUTCOME)]


@pytest.mark.parametrize(("kind", "failure"), OUTCOMES)
@pytest.mark.parametrize("body", [{"text": "chữ"}, {"text": "chữ", "image": "https://x.vn/a.png"}], ids=["text", "picture"])
def test_a_failure_has_its_name(api, kind, failure, body):
    api.fail_next(1, kind, MESSAGE)
    error = refusal(api, body, timeout_seconds=time_out(str(kind)))
    assert error.failure is failure
    assert error.retry_after_seconds == (3 if kind == "429" else None)
    assert len(api.sent) == (1 if kind == "timeout" else 0), "only a time-out leaves open what happened"


@pytest.mark.parametrize("code", sorted(FAILURES))
def test_a_code_of_zalo_has_its_name(api, code):
    if code == ATTACHMENT_EXPIRED:  # only of pictures, see above
        return
    api.fail_next(2, code, MESSAGE)  # twice: a token that is refused is renewed once
    failure, wait_seconds = FAILURES[code]
    error = refusal(api, {"text": "chữ"}, occasion=Occasion("reply", now_of(api)))
    assert error.failure is failure
    if failure is not base.BAD_TOKEN:
        assert error.retry_after_seconds == wait_seconds
    assert api.sent == []


SHEET = {-32: base.RETRY_AFTER, -201: base.BAD_REQUEST, -210: base.TOO_LONG, -211: base.QUOTA, -213: base.BLOCKED, -216: base.BAD_TOKEN,
         -217: base.BLOCKED, -218: base.RETRY_AFTER, -219: base.MISCONFIGURED, -220: base.BAD_TOKEN, -221: base.MISCONFIGURED,
         -223: base.MISCONFIGURED, -224: base.MISCONFIGURED, -227: base.GONE, -230: base.WINDOW_CLOSED, -232: base.WINDOW_CLOSED,
         -233: base.BAD_REQUEST, -240: base.BAD_REQUEST, -242: base.MISCONFIGURED, -244: base.BLOCKED, -320: base.QUOTA, -321: base.QUOTA}


@pytest.mark.parametrize(("code", "failure"), SHEET.items())
def test_the_table_says_what_the_fact_sheet_says(code, failure):
    assert FAILURES[code][0] is failure


def test_what_is_worth_another_try_waits_as_long_as_its_cause():
    assert FAILURES[-32][1] == 60 and FAILURES[-218][1] >= HOUR
    assert all(wait for failure, wait in FAILURES.values() if failure.ours and failure.retry), "a human is slower than eight tries"
    assert all(wait is None for failure, wait in FAILURES.values() if not failure.retry)


def test_an_unknown_code_is_tried_again_and_logged_once(api, caplog):
    api.fail_next(2, -99999, MESSAGE)

    async def main():
        async with opened(channel(api)) as bot:
            for _ in range(2):
                with pytest.raises(SendError) as caught:
                    await bot.send(CITIZEN, {"text": "chữ"})
                assert caught.value.failure is base.UNREACHABLE

    run(main())
    assert caplog.text.count("-99999") == 1


@pytest.mark.parametrize(("answer", "code"), [({"error": 0}, 0), ({"error": -216}, -216), ({"error": "-216"}, -216), ({"error": 216}, -216),
                                              ({"error": 401}, -216), ({}, None), ({"error": None}, None), ({"error": True}, None),
                                              ({"error": "x"}, None), ({"error": "9" * 400}, None), ({"error": 1.0}, None), (None, None)])
def test_the_code_of_an_answer_is_read_in_every_form(answer, code):
    assert code_of(answer) == code


def test_nobody_listening_is_unreachable(api):
    keep = MemoryKeep()
    sent(api, {"text": "chữ"}, keep=keep)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        error = refusal(api, {"text": "chữ"}, keep=keep, zalo_oa_api_url=f"http://127.0.0.1:{free.getsockname()[1]}")
    assert error.failure is base.UNREACHABLE


@pytest.mark.parametrize(("kind", "times"), [("502", 1), ("429", 1), (-32, 1), ("timeout", 2)])
def test_a_retry_goes_on_with_the_part_that_failed(api, kind, times):
    """times: how often the part in question arrives; nobody knows that it did when the answer does not come."""
    words = "a" * 1900 + " " + "b" * 1900 + " " + "c" * 1900
    api.fail_next(2, "ok", MESSAGE)
    api.fail_next(1, kind, MESSAGE)
    body = {"text": words, "image": "https://x.vn/a.png", "alt": "hình"}

    keep, noted = MemoryKeep(), []

    async def main():
        async with opened(channel(api, keep, timeout_seconds=time_out(str(kind)))) as bot:
            with pytest.raises(SendError):
                await bot.send(CITIZEN, body, Occasion(note=lambda parts: noted.append(list(parts))))
        async with opened(channel(api, keep, timeout_seconds=time_out(str(kind)))) as other:
            return await other.send(CITIZEN, body, Occasion(done=noted[-1])), await other.send(CITIZEN, {"text": "xong"})

    ids, last = run(main())
    assert [s.text[0] for s in api.sent] == ["h", "a", *["b"] * times, "c", "x"]
    assert len(ids.split(",")) == 4 and last == api.sent[-1].message_id


def test_a_picture_that_was_refused_stays_described_in_a_retry(api):
    api.broken_urls.add("https://x.vn/a.png")
    api.fail_next(1, "ok", MESSAGE)
    api.fail_next(1, "502", MESSAGE)
    body = {"text": "chữ", "image": "https://x.vn/a.png", "alt": "hình"}

    keep, noted = MemoryKeep(), []

    async def main():
        async with opened(channel(api, keep)) as bot:
            with pytest.raises(SendError):
                await bot.send(CITIZEN, body, Occasion(note=lambda parts: noted.append(list(parts))))
        async with opened(channel(api, keep)) as other:
            return await other.send(CITIZEN, body, Occasion(done=noted[-1]))

    assert run(main()) == api.sent[0].message_id
    assert [s.text for s in api.sent] == ["🖼 hình\n\nchữ"]
