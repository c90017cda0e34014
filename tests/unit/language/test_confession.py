"""What stands behind our warning of a message: "I have done it" must lead to the steps at once, everything else must not."""

import pytest

from bot.language.confession import did_it


@pytest.mark.parametrize("text", [
    "bam vao roi thi lam sao", "bấm vào rồi thì làm sao", "lỡ bấm vào link rồi", "lỡ bấm rồi làm sao giờ", "tôi bấm vào link đó rồi", "đã cài rồi",
    "nhập mật khẩu rồi thì sao", "lo lam theo roi", "em cài app đó rồi", "chuyển tiền rồi làm sao đây", "tôi đưa mã otp cho nó rồi", "đã đọc mã",
    "lỡ rồi", "trót chuyển khoản"])
def test_it_was_done(text):
    assert did_it(text)


@pytest.mark.parametrize("text", [
    "chưa bấm", "nếu bấm vào thì sao", "họ đã gửi tin", "có nên bấm không", "tôi không bấm", "cảm ơn", "học chống lừa đảo", "nó gửi link rồi",
    "làm giấy khai sinh cần gì", "tôi chưa chuyển tiền", "vừa mới có tin khác", "thôi được rồi", "hiểu rồi", "báo công an rồi", "xem rồi",
    "tôi xóa tin rồi", "tôi đã báo công an", "sắp chuyển tiền", "suýt nữa chuyển"])
def test_it_was_not(text):
    assert not did_it(text)


def test_a_long_story_is_left_to_the_classifier():
    assert not did_it("hôm qua tôi ra xã nộp hồ sơ rồi nhưng cán bộ bảo thiếu một tờ nên tôi phải về làm lại từ đầu")
