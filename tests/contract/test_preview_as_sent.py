"""What the studio's preview shows of a message is what the platform gets of it: the same bodies, once drawn, once really sent."""

import asyncio
import hashlib
from dataclasses import replace

import pytest

from bot.learning import document, preview
from bot.store.tables import PublishedPicture
from bot.web.staff.channel_view import CHANNELS, TEXT, shown
from bot.web.staff.rehearsal import Move, rehearse
from tests.channel_door import applications
from tests.every_channel import ENTRIES
from tests.factories import ROOT, TUESDAY_TEN

app_of = pytest.fixture(applications)

PNG = (ROOT / "courses" / "pictures").glob("*.png").__next__().read_bytes()
SHA = hashlib.sha256(PNG).hexdigest()
URL = "https://tro-ly.example"
EIGHT = [{"title": f"{n} thứ ở nhà mà ai cũng đang có sẵn rồi", "payload": str(n), "n": n} for n in range(1, 9)]
LETTERS = [{"title": letter, "payload": letter, "n": None} for letter in "ABCD"]
BODIES = {
    "a card": {"text": "Bài 1 · 1/3\nGác máy & gọi lại <số mình biết>.", "buttons": [{"title": "Tiếp", "payload": "0", "n": 1}]},
    "a question": {"text": "❓ Làm gì?\n\nA. có\nB. không\n\nBấm chữ cái.", "buttons": LETTERS},
    "more than a text takes": {"text": "Câu này lặp lại cho dài. " * 400, "buttons": EIGHT[:2]},
    "more than five buttons": {"text": "Chọn đi", "buttons": EIGHT},
    "a picture": {"text": "Nhìn hình", "image": f"{URL}/pictures/{SHA}.png", "alt": "Một màn hình có nút màu đỏ.", "buttons": LETTERS[:2]},
    "a picture that is not there": {"text": "Nhìn hình", "image": f"{URL}/pictures/{'0' * 64}.png", "alt": "Một màn hình khác.", "buttons": []},
}


def sent(one, app, body) -> None:
    """Sends to the platform's stand-in."""
    async def main():
        channel = one.make(app.settings, app)
        try:
            await channel.send(one.chat, body)
        finally:
            await channel.close()

    asyncio.run(asyncio.wait_for(main(), 30))


def drawn(channel, bodies, there=True) -> list[list[str]]:
    """For each body its messages of words, titles of buttons at their end, as the stand-ins say what they have got."""
    return [["\n".join([view.text, *(title for row in view.rows for title, _ in row)]) for view in one.views]
            for one in shown(channel, bodies, lambda image: there and SHA in image)]


@pytest.mark.parametrize("what", BODIES)
@pytest.mark.parametrize("name", ENTRIES)
def test_it_is_drawn_as_it_arrives(app_of, name, what):
    one, body = ENTRIES[name], {"image": None, "alt": None, **BODIES[what]}
    with one.standin() as api:
        one.arrange(api, "ok")
        app = app_of(one, api, public_url=URL)
        with app.database.write() as session:
            session.add(PublishedPicture(sha256=SHA, media_type="image/png", data=PNG, created_at=TUESDAY_TEN))
        there = app.picture(body["image"] or "") is not None
        # a platform that fetches pictures by their address cannot know that this one is not there; the studio does
        sent(one, app, body if there or not body["image"] else {**body, "image": None})
        arrived = one.arrived(api, one.chat)
        expected = [text for text in drawn(name, [body])[0] if text]
        assert [text for text in arrived if text] == expected


@pytest.mark.parametrize("name", ENTRIES)
def test_a_whole_shipped_lesson_is_drawn_as_it_arrives(app_of, monkeypatch, name):
    """Every message of a lesson answered at once with the first button, pictures left out."""
    one = ENTRIES[name]
    playable = preview.playable(document.load(ROOT / "courses" / "gia-danh-cong-an.yml").model_dump(mode="json"))
    seen: list[dict] = []
    see = CHANNELS[name].see
    monkeypatch.setitem(CHANNELS, name, replace(CHANNELS[name], see=lambda body: seen.append(body) or see(body)))
    played = rehearse(playable, 1, [Move(button=0)] * 5, name, "", lambda image: False)
    bodies = [body for body in seen if body["text"] != "ngắn"]
    with one.standin() as api:
        one.arrange(api, "ok")
        if hasattr(api, "chat_burst"):
            api.chat_burst = 100
        app = app_of(one, api)
        for body in bodies:
            sent(one, app, body)
        views = [view for step in played.steps for message in step.messages for view in message.views]
        assert one.arrived(api, one.chat) == ["\n".join([v.text, *(t for row in v.rows for t, _ in row)]) for v in views]
        assert len(views) > 6


class TestNotices:
    def notices(self, channel, body, there=True):
        (one,) = shown(channel, [{"image": None, "alt": None, **body}], lambda image: there)
        return list(one.notices)

    def test_nothing_is_said_where_nothing_is_changed(self):
        for channel in CHANNELS:
            assert self.notices(channel, BODIES["a card"]) == [] == self.notices(channel, BODIES["a question"])

    def test_more_buttons_than_zalo_takes(self):
        (said,) = self.notices("zalo_oa", {"text": "Chọn", "buttons": [{"title": "Có", "payload": "0", "n": n} for n in range(6)]})
        assert said == "Zalo OA chỉ hiện 5 nút; tin này có 6 lựa chọn nên người học gõ chữ hoặc số."

    def test_a_title_that_is_cut(self):
        assert self.notices("zalo_oa", {"text": "Chọn", "buttons": [EIGHT[0]]}) == [
            "Tên nút “1 thứ ở nhà mà ai cũng đang có sẵn rồi” bị cắt còn “1 thứ ở nhà mà ai cũng đang có…”."]
        assert self.notices("telegram", {"text": "Chọn", "buttons": [EIGHT[0]]}) == []

    @pytest.mark.parametrize("channel, parts, most", [("telegram", 3, "4.096"), ("zalo_oa", 5, "2.000"), ("zalo_bot", 5, "2.000")])
    def test_a_text_that_is_split(self, channel, parts, most):
        body = {**BODIES["more than a text takes"], "buttons": []}
        assert self.notices(channel, body) == [f"{CHANNELS[channel].name} tách chữ của tin này thành {parts} tin vì dài quá {most} ký tự."]
        assert self.notices("web", body) == [] == self.notices(TEXT, body)

    def test_a_picture_that_is_not_uploaded_and_one_that_zalo_bot_cannot_fetch(self):
        assert self.notices("telegram", BODIES["a picture"], there=False) == ["Hình này chưa được tải lên, nên chỉ có lời mô tả."]
        assert self.notices("zalo_bot", {**BODIES["a picture"], "image": f"/pictures/{SHA}.png"}) == [
            "Zalo Bot chưa hiện được hình này; người học đọc lời mô tả."]
        assert self.notices("zalo_bot", BODIES["a picture"]) == []


def test_pictures_are_shown_from_our_own_server_whatever_address_the_platform_gets():
    for channel in ("telegram", "zalo_oa", "zalo_bot", "web"):
        (one,) = shown(channel, [{"image": None, "alt": None, **BODIES["a picture"]}], lambda image: True)
        assert [v.picture for v in one.views if v.picture] == [f"/pictures/{SHA}.png"] and all(v.alt for v in one.views if v.picture)


def test_the_terminal_counts_over_all_messages_of_a_turn():
    first, second = (view.text for one in shown(TEXT, [{"text": "Một", "buttons": EIGHT[:1]}, {"text": "Hai", "buttons": EIGHT[1:2]}], bool)
                     for view in one.views)
    assert first.splitlines()[-1].startswith("  [1] ") and second.splitlines() == ["Hai", "  [2] 2 thứ ở nhà mà ai cũng đang có sẵn rồi"]
