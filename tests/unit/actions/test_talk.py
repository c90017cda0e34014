"""What is off the subject, what is an office's business that we lack, and messages that are little but a secret."""

import pytest

from actions import talk
from actions._turn import little_said
from bot.app import App
from bot.config import Settings
from bot.services import catalogue
from tests.databases import sqlite_at
from tests.factories import ROOT, TUESDAY_TEN, FrozenClock, talk_of
from tests.unit.actions.test_learning_view import Chat


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    database = sqlite_at(tmp_path_factory.mktemp("talk") / "bot.db")
    with database.write() as session:
        catalogue.publish_curated(session, ROOT / "procedures", TUESDAY_TEN)
    yield App(Settings(_env_file=None, database_url=database.url), database, FrozenClock())
    database.close()


@pytest.fixture
def chat(app):
    with app.database.write() as session:
        yield Chat(app, session, talk_of(session))


@pytest.mark.parametrize("text", ["xin phép mở trại nuôi chim yến ở đâu", "thu tuc xin mo dai phat thanh tren mat trang"])
def test_business_of_an_office_that_is_not_covered_is_said_to_be_and_can_be_told_later(chat, text):
    said = chat.do(talk.out_of_scope, text=text)
    assert "ngoài phần tôi được dạy" not in said
    assert "Báo tôi khi có câu trả lời" in chat.titles or said.startswith("Ý bạn")


@pytest.mark.parametrize("text", ["trận bóng tối qua ai thắng", "hôm nay trời có mưa không", "dự báo giá vàng ngày mai"])
def test_what_is_off_the_subject_is_off_the_subject(chat, text):
    assert "ngoài phần tôi được dạy" in chat.do(talk.out_of_scope, text=text)
    assert "Báo tôi khi có câu trả lời" not in chat.titles


@pytest.mark.parametrize("text, little", [
    ("thẻ tôi số [số thẻ]", True), ("số thẻ của tôi [số thẻ] đúng không ạ", True), ("so cccd cua em la [số định danh] phai khong a", True),
    ("[mã OTP]", True), ("đây là mã otp ngân hàng gửi cho em [mã OTP] nhé bot", True),
    ("số căn cước [số định danh], làm giấy khai sinh cho con cần gì", False), ("họ bắt tôi đọc [mã OTP] để nhận quà", False),
    ("tôi lỡ đưa [mã OTP] cho nó rồi", False)])
def test_a_message_that_is_little_but_a_secret(text, little):
    assert little_said(text) is little
