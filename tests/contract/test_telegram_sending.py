"""What goes out to Telegram: texts in parts, buttons, pictures, failures by name, the pace."""

import asyncio
import json
import socket
from itertools import count

import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from bot.channels import base
from bot.channels.base import Moved, Occasion, SendError
from bot.channels.rendering import split
from bot.channels.telegram_failures import failure_of
from bot.channels.telegram_sending import Pace
from tests.loops import opened, run
from tests.patience import time_out
from tests.standins.telegram import TelegramStandIn, units
from tests.telegram_channel import CHAT, channel, refusal, stand_in

api = pytest.fixture(stand_in)

# --- what goes out


WORDS = st.sampled_from(["thủ", "tục", "đăng", "ký", "khai", "sinh.", "Căn", "cước!", "Ninh", "Bình?", "👩‍🌾", "🇻🇳", "😀" * 9, "—", "(",
                         "1.", "nghiêng" * 5, "e\u0302\u0301", "…"])
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", " ", " ", "\n", "\n\n", " \n \n", "  ", ""])), max_size=200).map(
    lambda pairs: "".join(word + space for word, space in pairs))


@given(TEXTS, st.integers(2, 400))
@runs(max_examples=400, deadline=None)
def test_a_long_text_is_split_without_loss(text, most):
    parts = split(text, most)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(0 < units(part) <= most and part == part.strip() for part in parts)
    if all(units(word) <= most for word in text.split()):
        assert [word for part in parts for word in part.split()] == text.split()


def test_a_text_is_cut_at_paragraphs_then_sentences_then_words():
    assert split("Một hai. Ba.\n\nBốn năm sáu.", 20) == ["Một hai. Ba.", "Bốn năm sáu."]
    assert split("Một hai ba bốn. Năm sáu bảy.", 20) == ["Một hai ba bốn.", "Năm sáu bảy."]
    assert split("1. Giấy tờ\n2. Nộp ở xã", 15) == ["1. Giấy tờ", "2. Nộp ở xã"]
    assert split("một hai ba bốn", 10) == ["một hai ba", "bốn"]
    assert split("mộthaibabốn", 4) == ["mộth", "aiba", "bốn"]
    assert split("😀😀😀", 5) == ["😀😀", "😀"]
    assert split("a\n\n" + "b" * 6 + " " + "c" * 9, 12) == ["a\n\nbbbbbb", "ccccccccc"], "no scraps for the sake of a paragraph"
    assert split("a" * 4096) == ["a" * 4096]
    assert split("\ud83d") == ["\ufffd"]
    assert split(" \n ") == []


def test_a_long_message_goes_out_in_parts_with_the_buttons_under_the_last(api):
    text = "\n\n".join(f"Bước {n}. Mang <giấy> & tờ đến {'xã ' * 500}😀." for n in range(4))
    ids, = send(api, {"text": text, "buttons": [{"title": "Tiếp", "payload": "b1"}]}, gap_seconds=0.01)
    assert " ".join(s.text for s in api.sent).split() == text.split()
    assert [s.keyboard for s in api.sent] == [None] * (len(api.sent) - 1) + [[[{"text": "Tiếp", "callback_data": "b1"}]]]
    assert ids == ",".join(str(s.message_id) for s in api.sent)
    assert len(api.sent) == len(split(text)) > 1


def test_any_text_arrives_as_it_was_written():
    """What the stand-in un-escapes is what was sent."""
    chats = count(1)
    pieces = st.sampled_from(["<", ">", "&", "&amp;", "&lt;b&gt;", "<b>", "</i>", "&#65;", "<!--", "<?", "<![CDATA[", '"', "'", "`_*[",
                              ";", "\n"])
    with TelegramStandIn() as api, asyncio.Runner() as runner:
        bot = channel(api)

        @given(st.lists(pieces | st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=12).map("".join))
        @runs(max_examples=120, deadline=None)
        def holds(text):
            if not text.strip():
                return
            chat = next(chats)
            api.meet(chat)
            runner.run(bot.send(str(chat), {"text": text}))
            assert api.sent[-1][:2] == (chat, text.strip())

        holds()
        runner.run(bot.close())


def test_a_message_is_html_without_previews(api):
    send(api, {"text": "1 < 2 & \"3\""})
    fields = next(f for m, f in api.calls if m == "sendMessage")
    assert fields["text"] == '1 &lt; 2 &amp; "3"'
    assert fields["parse_mode"] == "HTML"
    assert json.loads(fields["link_preview_options"]) == {"is_disabled": True}


@pytest.mark.parametrize(("titles", "rows"), [
    (["Có", "Không"], [2]), (["A", "B", "C", "D", "E"], [4, 1]), (["Làm căn cước công dân", "Khác"], [1, 1]),
    (["mười hai ký "], [1]), ([str(n) for n in range(100)], [4] * 25)])
def test_buttons_stand_in_rows(api, titles, rows):
    send(api, {"text": "?", "buttons": [{"title": t, "payload": f"b{n}"} for n, t in enumerate(titles)]})
    assert [len(row) for row in api.sent[0].keyboard] == rows
    assert [b["text"] for row in api.sent[0].keyboard for b in row] == titles


def test_an_image_comes_before_its_text(api):
    ids, = send(api, {"text": "chữ", "image": "https://example.vn/a.png", "buttons": [{"title": "Có", "payload": "b1"}]})
    (_, url, photo), = api.photos
    assert (url, ids) == ("https://example.vn/a.png", f"{photo},{api.sent[0].message_id}")
    assert photo < api.sent[0].message_id
    assert api.sent[0].keyboard


def test_an_image_alone_carries_the_buttons(api):
    send(api, {"text": "", "image": "https://example.vn/a.png", "buttons": [{"title": "Có", "payload": "b1"}]})
    assert "b1" in next(f for m, f in api.calls if m == "sendPhoto")["reply_markup"]


def test_a_broken_image_does_not_keep_the_text_back(api):
    api.broken_urls.add("https://example.vn/gone.png")
    ids, = send(api, {"text": "chữ", "image": "https://example.vn/gone.png"})
    assert (ids, [s.text for s in api.sent]) == (str(api.sent[0].message_id), ["chữ"])


def test_a_file_of_this_machine_is_never_uploaded(api):
    send(api, {"text": "chữ", "image": __file__}, {"text": "chữ", "image": f"file://{__file__}"})
    assert api.methods() == ["sendMessage"] * 2


FAILURES = [("429", base.RETRY_AFTER), ("500", base.UNREACHABLE), ("disconnect", base.UNREACHABLE), ("garbage", base.UNREACHABLE),
            ("not_ok", base.UNREACHABLE), ("timeout", base.UNKNOWN_OUTCOME)]


@pytest.mark.parametrize(("kind", "failure"), FAILURES)
@pytest.mark.parametrize("body", [{"text": "chữ"}, {"image": "https://example.vn/a.png", "text": "chữ"}], ids=["text", "photo"])
def test_a_failure_has_its_name(api, kind, failure, body):
    api.fail_next(1, kind)
    error = refusal(api, body, timeout_seconds=time_out(kind))
    assert error.failure is failure
    assert error.retry_after_seconds == (3 if kind == "429" else None)
    assert len(api.sent) + len(api.photos) == (1 if kind == "timeout" else 0), "only a time-out leaves open what happened"


def test_the_other_refusals_have_theirs(api):
    assert refusal(api, {"text": "chữ"}, to="8").failure is base.GONE
    assert refusal(api, {"text": "chữ"}, to="không").failure is base.GONE
    assert refusal(api, {"text": " "}).failure is base.BAD_REQUEST
    assert refusal(api, {"text": "?", "buttons": [{"title": "Có", "payload": "é" * 33}]}).failure is base.BAD_REQUEST
    api.block(CHAT)
    assert refusal(api, {"text": "chữ"}).failure is base.BLOCKED
    api.token = "1:other"
    assert refusal(api, {"text": "chữ"}, token="1:a").failure is base.BAD_TOKEN
    assert failure_of(BadRequest("Bad Request: message is too long")).failure is base.TOO_LONG
    assert failure_of(TelegramError("Invalid server response")).failure is base.UNREACHABLE
    assert failure_of(NetworkError("Bad Gateway")).failure is base.UNREACHABLE
    assert api.sent == []


def test_a_chat_that_moved_says_where(api):
    api.fail_next(1, "migrate")
    error = refusal(api, {"text": "chữ"})
    assert isinstance(error, Moved)
    assert error.address == "-1001"


def test_nobody_listening_is_unreachable():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        api = TelegramStandIn()
        api.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        assert refusal(api, {"text": "chữ"}).failure is base.UNREACHABLE


@pytest.mark.parametrize("as_timedelta", ["", "true"])
def test_the_wait_is_in_seconds_whatever_the_library_gives(monkeypatch, as_timedelta):
    monkeypatch.setenv("PTB_TIMEDELTA", as_timedelta)
    assert failure_of(RetryAfter(5)).retry_after_seconds == 5.0


@pytest.mark.parametrize(("kind", "times"), [("500", 1), ("429", 1), ("timeout", 2)])
def test_a_retry_goes_on_with_the_part_that_failed(api, kind, times):
    """times: how often the part in question arrives; nobody knows that it did when the answer does not come."""
    api.retry_after_seconds = 1
    text = "a" * 4000 + " " + "b" * 4000 + " " + "c" * 4000
    api.fail_next(1, "ok", "sendMessage")
    api.fail_next(1, kind, "sendMessage")

    async def main():
        noted = []
        async with opened(channel(api, timeout_seconds=time_out(kind), gap_seconds=0.01)) as bot:
            with pytest.raises(SendError):
                await bot.send(str(CHAT), {"text": text}, Occasion(note=lambda parts: noted.append(list(parts))))
        assert noted == [[str(api.sent[0].message_id)]]
        async with opened(channel(api, timeout_seconds=time_out(kind), gap_seconds=0.01)) as other:
            return await other.send(str(CHAT), {"text": text}, Occasion(done=noted[-1])), await other.send(str(CHAT), {"text": "xong"})

    ids, last = run(main())
    assert [s.text[0] for s in api.sent] == ["a", *["b"] * times, "c", "x"]
    assert (len(ids.split(",")), last) == (3, str(api.sent[-1].message_id))


def test_a_chat_gets_three_at_once_and_then_one_a_second():
    pace = Pace(1.0)
    waits = []
    for at in (0, 0, 0, 0, 0, 100):
        waits.append(pace.wait_seconds("7", at))
        pace.count("7", at)
    assert waits == [0, 0, 0, 1, 2, 0]
    assert pace.wait_seconds("8", 0) == 0
    pace.hold("7", 30, 100)
    assert pace.wait_seconds("7", 110) == 20


def test_the_pace_keeps_within_telegrams_limit():
    with TelegramStandIn(chat_burst=3.95) as api:
        api.meet(CHAT)
        send(api, *[{"text": str(n)} for n in range(4)])
        assert [s.text for s in api.sent] == ["0", "1", "2", "3"]


def test_a_chat_under_flood_control_is_left_alone_and_others_are_not(api):
    api.retry_after_seconds = 30
    api.meet(8)
    api.fail_next(1, "429")

    async def main():
        async with opened(channel(api)) as bot:
            errors = []
            for _ in range(2):
                with pytest.raises(SendError) as caught:
                    await bot.send(str(CHAT), {"text": "chữ"})
                errors.append(caught.value)
            await bot.send("8", {"text": "chữ"})
            return errors

    first, second = run(main())
    assert (first.failure, first.retry_after_seconds) == (base.RETRY_AFTER, 30)
    assert second.failure is base.RETRY_AFTER
    assert 15 < second.retry_after_seconds <= 30
    assert (api.methods(), [s.chat for s in api.sent]) == (["sendMessage"] * 2, [8])


# --- pictures as bytes


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40 + b"\r\n--\n"
OURS = f"/pictures/{'a' * 64}.png"


def test_our_picture_is_uploaded_where_there_is_no_public_address(api):
    asked = []

    def picture(path):
        asked.append(path)
        return PNG

    send(api, {"text": "chữ", "image": OURS, "alt": "một chiếc máy"}, picture=picture)
    assert (asked, [p[:2] for p in api.photos], [s.text for s in api.sent]) == ([OURS], [(CHAT, PNG)], ["chữ"])


def test_a_picture_that_is_not_there_is_described(api):
    send(api, {"text": "chữ", "image": OURS, "alt": "một <chiếc> máy"}, picture=lambda path: None)
    assert (api.photos, [s.text for s in api.sent]) == ([], ["🖼 một <chiếc> máy", "chữ"])


def test_our_picture_at_an_address_that_telegram_cannot_reach_is_uploaded(api):
    api.broken_urls.add("http://127.0.0.1:8080" + OURS)
    send(api, {"text": "chữ", "image": "http://127.0.0.1:8080" + OURS}, picture=lambda path: PNG if path.endswith(OURS) else None)
    assert [p[1] for p in api.photos] == [PNG]


def test_a_refused_picture_is_described_in_its_place(api):
    api.broken_urls.add("https://example.vn/gone.png")
    ids, = send(api, {"text": "chữ", "image": "https://example.vn/gone.png", "alt": "máy"})
    assert [s.text for s in api.sent] == ["🖼 máy", "chữ"]
    assert ids == ",".join(str(s.message_id) for s in api.sent)


def test_the_picture_function_is_asked_for_nothing_else(api):
    send(api, {"text": "chữ", "image": "/etc/passwd"}, {"text": "chữ", "image": "file:///pictures/x"}, picture=lambda path: PNG)
    assert api.photos == []


# --- long texts full of markup


@given(st.lists(st.sampled_from(["<b>", "</b>", "&amp;", "& ", "< ", "thủ tục. ", "😀", "\n\n", "&#65; ", "x" * 500, "một hai ba bốn năm "]),
                min_size=20, max_size=400).map("".join))
@runs(max_examples=40, deadline=None)
def test_a_long_text_full_of_markup_arrives_whole_in_parts_that_fit(text):
    with TelegramStandIn(chat_burst=1000) as api:
        api.meet(CHAT)
        send(api, {"text": text}, gap_seconds=0)
        assert "".join("".join(s.text for s in api.sent).split()) == "".join(text.split())
        assert all(units(s.text) <= 4096 for s in api.sent)


def send(api, *bodies, **options):
    """The ids of each message, sent to CHAT."""
    async def main():
        async with opened(channel(api, **options)) as bot:
            return [await bot.send(str(CHAT), body) for body in bodies]

    return run(main())
