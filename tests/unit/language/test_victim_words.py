"""Which step a victim means who has read them all."""

import pytest

from bot.language.normalise import fold
from bot.language.victim_words import asks_police, steps_meant


@pytest.mark.parametrize("spelled", [str, fold], ids=["accented", "folded"])
@pytest.mark.parametrize("text, steps", [
    ("tôi lỡ đọc otp cho nó rồi", ["lock"]), ("mật khẩu ngân hàng cũng đưa rồi", ["lock"]), ("nó đòi chuyển thêm 5 triệu mới trả lại", ["stop"]),
    ("tôi chưa chuyển đâu", ["stop"]), ("đang định chuyển thì hỏi", ["stop"]), ("nó vẫn đang gọi", ["stop"]), ("tôi đang nghe máy", ["stop"]),
    ("nó bắt cài ứng dụng lạ", ["device"]), ("điện thoại bị điều khiển", ["device"]), ("nó biết cả số căn cước của tôi", ["known"]),
    ("giờ kiện nó thế nào", ["report"]), ("báo ở đâu", ["report"]), ("có lấy lại được tiền không", ["back"]), ("trời ơi 30 triệu", []),
    ("hôm nay trời mưa", [])])
def test_the_step(text, steps, spelled):
    assert steps_meant(spelled(text))[:1] == steps


def test_no_more_than_two_at_once():
    assert steps_meant("nó đòi chuyển thêm, tôi đọc otp, cài app, báo công an ở đâu, lấy lại được không") == ["stop", "lock"]


@pytest.mark.parametrize("spelled", [str, fold], ids=["accented", "folded"])
@pytest.mark.parametrize("text, asks", [
    ("giờ báo công an ở đâu", True), ("gọi công an số mấy", True), ("tố cáo nó ở đâu", True), ("kiện nó thế nào", True), ("báo cho ai", True),
    ("ủy ban xã mấy giờ làm việc", False), ("nộp hồ sơ ở đâu", False), ("báo cáo tạm trú", False)])
def test_where_to_report(text, asks, spelled):
    assert asks_police(spelled(text)) is asks
