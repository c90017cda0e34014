"""What goes out through the Official Account: texts, buttons, pictures."""

import asyncio
import unicodedata
from itertools import count

import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from bot.channels import base
from bot.channels.zalo_oa import plain
from bot.channels.zalo_oa_events import incoming
from tests.standins.zalo_oa import MESSAGE, TOKEN, UPLOAD, Sent
from tests.zalo_oa_channel import CITIZEN, PICTURE, PNG, SECRET, MemoryKeep, channel, refusal, sent, stand_in, text

api = pytest.fixture(stand_in)


# --- what goes out


def test_a_message_goes_out_as_plain_text(api):
    ids = sent(api, {"text": "1 < 2 & <b>đậm</b> *không*"})
    assert api.sent == [Sent(CITIZEN, "1 < 2 & <b>đậm</b> *không*", [], "", ids[0])]
    assert api.paths() == [TOKEN, MESSAGE]
    assert api.calls[1][1] == {"recipient": {"user_id": CITIZEN}, "message": {"text": "1 < 2 & <b>đậm</b> *không*"}}


def test_buttons_send_their_id_unseen(api):
    buttons = [{"title": f"Nút {n}", "payload": f"b{n:012}", "n": n} for n in range(1, 6)]
    sent(api, {"text": "Chọn", "buttons": buttons})
    assert api.sent[0].buttons == [{"title": b["title"], "type": "oa.query.hide", "payload": b["payload"]} for b in buttons]
    assert incoming(text(api.sent[0].buttons[2]["payload"]), SECRET).button == "b000000000003", "and a press comes back as that id"


def test_six_choices_become_numbered_lines(api):
    sent(api, {"text": "Chọn", "buttons": [{"title": f"Việc {n}", "payload": f"b{n}", "n": n} for n in range(1, 7)]})
    assert api.sent[0].buttons == []
    assert [line for line in api.sent[0].text.split("\n") if line[:1].isdigit()] == [f"{n}. Việc {n}" for n in range(1, 7)]


def test_a_long_title_is_cut_at_a_word(api):
    sent(api, {"text": "?", "buttons": [{"title": "Đăng ký thành lập hộ kinh doanh cá thể tại xã", "payload": "b1"}]})
    assert api.sent[0].buttons[0]["title"] == "Đăng ký thành lập hộ kinh doanh…"


def test_a_long_text_goes_out_in_parts_with_the_buttons_under_the_last(api):
    words = "\n\n".join(f"Bước {n}. Mang giấy tờ đến {'xã ' * 250}😀." for n in range(4))
    ids, = sent(api, {"text": words, "buttons": [{"title": "Tiếp", "payload": "b1"}]})
    assert " ".join(s.text for s in api.sent).split() == words.split()
    assert [len(s.buttons) for s in api.sent] == [0] * (len(api.sent) - 1) + [1]
    assert max(len(s.text) for s in api.sent) <= 2000
    assert ids == ",".join(s.message_id for s in api.sent)


def test_text_is_composed_before_it_is_counted(api):
    words = unicodedata.normalize("NFD", "ệ" * 1999)
    sent(api, {"text": words})
    assert [s.text for s in api.sent] == ["ệ" * 1999]


def test_any_text_arrives_as_it_was_written(api):
    users = count(5000)
    with asyncio.Runner() as runner:
        bot = channel(api)

        @given(st.text(st.characters(), max_size=60))
        @runs(max_examples=60, deadline=None)
        def holds(words):
            if not plain(words):
                return
            user = str(next(users))
            api.meet(user)
            runner.run(bot.send(user, {"text": words}))
            assert api.sent[-1][:2] == (user, plain(words))

        holds()
        runner.run(bot.close())


def test_nothing_to_say_is_a_bad_request(api):
    assert refusal(api, {"text": " \n "}).failure is base.BAD_REQUEST
    assert api.sent == []


# --- pictures


def test_a_picture_of_a_public_address_is_shown_from_there(api):
    ids, = sent(api, {"text": "chữ", "image": "https://bot.example.vn" + PICTURE, "alt": "Tin nhắn giả", "buttons": [{"title": "Có", "payload": "b1"}]})
    first, second = api.sent
    assert (first.picture, first.text, second.text, second.picture) == ("https://bot.example.vn" + PICTURE, "Tin nhắn giả", "chữ", "")
    assert (len(second.buttons), ids) == (1, f"{first.message_id},{second.message_id}")
    assert api.uploads == {}


def test_without_a_public_address_its_bytes_are_uploaded_once(api):
    keep = MemoryKeep()
    for _ in range(2):  # two processes, one after the other
        sent(api, {"text": "chữ", "image": PICTURE, "alt": "Tin nhắn giả"}, {"text": "nữa", "image": PICTURE}, keep=keep)
    assert list(api.uploads.values()) == [PNG]
    ident, = api.uploads
    assert [s.picture for s in api.sent] == [ident, ""] * 4


def test_an_upload_is_renewed_before_it_expires(api):
    keep = MemoryKeep()
    sent(api, {"text": "chữ", "image": PICTURE}, keep=keep)
    api.forward(6 * 24 + 1)
    api.meet(CITIZEN)
    sent(api, {"text": "chữ", "image": PICTURE}, keep=keep)
    assert len(api.uploads) == 2
    assert [s.picture for s in api.sent if s.picture] == list(api.uploads)


def test_an_upload_that_zalo_has_forgotten_is_made_again(api):
    keep = MemoryKeep()
    sent(api, {"text": "chữ", "image": PICTURE}, keep=keep)
    api._uploaded.clear()
    sent(api, {"text": "chữ", "image": PICTURE}, keep=keep)
    assert [s.picture for s in api.sent if s.picture] == list(api.uploads)
    assert len(api.uploads) == 2


@pytest.mark.parametrize(("image", "data"), [(PICTURE, None), (PICTURE, b"\x89PNG" + b"0" * 1_000_000), ("http://bot.example.vn" + PICTURE, None),
                                             ("file:///etc/passwd", None), (PICTURE, b"no picture"), ("https://bot.example.vn/gone.png", None)])
def test_a_picture_that_cannot_be_shown_is_described(api, image, data):
    api.broken_urls.add("https://bot.example.vn/gone.png")
    ids, = sent(api, {"text": "chữ", "image": image, "alt": "Tin nhắn giả"}, picture=lambda path: data)
    assert [(s.text, s.picture) for s in api.sent] == [("🖼 Tin nhắn giả\n\nchữ", "")]
    assert ids == api.sent[0].message_id


def test_when_the_uploads_of_the_month_are_used_up_the_text_still_goes(api):
    api.fail_next(1, -211, UPLOAD)
    sent(api, {"text": "chữ", "image": PICTURE, "alt": "Tin nhắn giả"})
    assert [s.text for s in api.sent] == ["🖼 Tin nhắn giả\n\nchữ"]


def test_an_upload_without_an_id_is_no_upload(api):
    api.fail_next(1, "ok", TOKEN)
    api.fail_next(1, 0, UPLOAD)
    sent(api, {"text": "chữ", "image": PICTURE, "alt": "Tin nhắn giả"})
    assert [s.text for s in api.sent] == ["🖼 Tin nhắn giả\n\nchữ"]
