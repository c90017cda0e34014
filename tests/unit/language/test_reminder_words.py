"""What is said about reminders beside setting one, with marks and without."""

import pytest

from bot.language.normalise import fold
from bot.language.reminder_words import asks_why_we_wrote, change_in, clears_all, turns_on


def both(*texts):
    return [t for text in texts for t in dict.fromkeys((text, fold(text)))]


CHANGES = {
    "thứ ba": ["đổi thành thứ ba", "đổi sang thứ ba", "bà muốn đổi thành thứ ba nhé"],
    "7 rưỡi tối": ["thôi đổi thành 7 rưỡi tối", "à nhầm, sửa lại thành 7 rưỡi tối"],
    "9 giờ": ["đổi giờ nhắc họp sang 9 giờ", "không, đổi sang 9 giờ", "sửa lời nhắc uống thuốc thành 9 giờ", "đổi giờ uống thuốc sang 9 giờ"],
    "9h tối": ["chuyển qua 9h tối giúp tôi", "đổi từ 7h tối sang 9h tối", "dời lịch họp sang 9h tối", "thay đổi giờ nhắc thành 9h tối"],
    "mai": ["dời sang mai", "đổi lời nhắc sang mai"],
    "6 giờ sáng mai": ["đặt lại thành 6 giờ sáng mai", "đổi thành 6 giờ sáng mai"],
    "15/12": ["đổi qua 15/12 nhé"],
    "hoãn 10 phút": ["hoãn 10 phút"],
    "lùi 1 tiếng": ["lùi 1 tiếng"],
    "": ["đổi sang rằm tháng giêng", "dời sang mùng 1 tết", "đổi giờ nhắc", "sửa lời nhắc uống thuốc", "đổi lịch nhắc học"],
}


@pytest.mark.parametrize(("said", "text"), [(said, t) for said, texts in CHANGES.items() for t in both(*texts)])
def test_another_time_is_asked_for(said, text):
    assert fold(change_in(text).said) == fold(said)


@pytest.mark.parametrize(("text", "about", "old"), [
    ("đổi giờ nhắc họp sang 9 giờ", ("hop",), ""), ("đổi sang thứ ba", (), ""), ("đổi nhắc họp tổ từ thứ hai sang thứ ba", ("hop", "to"), "thứ hai"),
    ("sửa lời nhắc uống thuốc thành 7 giờ", ("uong", "thuoc"), ""), ("dời cái nhắc vừa rồi tới 9h tối", (), "")])
def test_it_says_which_reminder(text, about, old):
    change = change_in(text)
    assert (change.about, change.old) == (about, old)


@pytest.mark.parametrize(("text", "puts_off"), [("lùi 1 tiếng", True), ("hoan den thu hai", True), ("dời sang mai", True), ("đổi sang mai", False)])
def test_putting_off_is_told_apart(text, puts_off):
    assert change_in(text).puts_off is puts_off


@pytest.mark.parametrize("text", both(
    "đổi bằng lái xe", "đổi bằng lái xe hết hạn ngày 15/12", "đổi tên", "đổi mật khẩu", "chuyển khẩu", "chuyển khẩu về quê tháng sau", "đổi sang tiếng Anh",
    "đợi tôi 5 phút", "chuyển 5 triệu sang tài khoản lúc 9 giờ", "chuyển tiền lúc 9 giờ", "đổi thẻ bảo hiểm", "chỉnh giờ nhận tin sang buổi tối",
    "đổi cài đặt thông báo sang buổi sáng", "dời mộ sang tháng sau", "hoãn nghĩa vụ quân sự đến 2027", "đổi sang khóa vneid",
    "đổi chỗ ở từ Thái Bình về Ninh Bình",
    "sửa nhà tháng sau phải xin phép", "đổi giấy phép lái xe hạng b1 sang b", "dời lịch hẹn làm hộ chiếu sang thứ ba được không",
    "chuyển trường cho con sang tháng 9",
    "đặt lời nhắc 8 giờ sáng mai", "sáng mai 6 giờ nhắc tôi uống thuốc", "tối mai 8 giờ nhắc tôi đổi bằng lái", "hoãn nộp thuế đến tháng 5", "đổi",
    "tôi đổi ca làm nên bỏ hết giờ nhắc cũ", "thấy nhắc rồi nhưng chưa làm", "đổi giờ nhắc thế nào", "nhắc lại sau 10 phút"))
def test_anything_else_that_changes_is_left_alone(text):
    assert change_in(text) is None


@pytest.mark.parametrize("text", both(
    "bật lại nhắc", "bật lại lời nhắc cho tôi", "mở lại nhắc nhở", "nhắc lại cho tôi như trước", "khôi phục lời nhắc", "tôi muốn bật lại nhắc",
    "nhắc tôi như cũ",
    "nhắn tin lại cho tôi như trước", "thôi bật lại nhắc cho bà", "tiếp tục nhắc tôi như trước nhé"))
def test_reminders_are_wanted_again(text):
    assert turns_on(text)


@pytest.mark.parametrize("text", both(
    "nhắc lại sau 10 phút", "nhắc lại", "bật nhắc học hằng ngày cho em", "lát nữa nhắc lại", "mở khóa học", "bật chữ to", "dừng nhắc hết đi",
    "thôi đừng nhắc nữa",
    "bật lại thông báo", "nhắc tôi 8 giờ như cũ"))
def test_other_wishes_do_not_turn_them_on(text):
    assert not turns_on(text)


@pytest.mark.parametrize("text", both(
    "sao máy lại nhắn cho tôi", "vì sao tôi nhận tin này", "Vì sao tôi nhận tin này?", "sao bot nhắn tôi hoài", "tại sao lại gửi tin cho tôi",
    "sao tôi nhận được tin này",
    "vì sao bạn lại nhắc tôi", "sao tự nhiên nhắn cho bà"))
def test_why_we_wrote(text):
    assert asks_why_we_wrote(text)


@pytest.mark.parametrize("text", both(
    "sao không nhắc tôi", "sao chưa nhắc tôi", "sao tôi nhận được tin nhắn từ ngân hàng", "vì sao tôi bị phạt", "sao tôi không nhận được tin",
    "sao cứ gửi tin hoài vậy, đừng gửi nữa", "tại sao công an nhắn tôi nộp tiền", "sao nhận con nuôi khó thế"))
def test_other_questions_why(text):
    assert not asks_why_we_wrote(text)


@pytest.mark.parametrize("text", both("xóa hết", "xóa hết đi", "hủy tất cả đi", "bỏ hết", "xóa giúp tôi hết đi", "thôi xóa hết đi nhé"))
def test_all_of_what_is_shown(text):
    assert clears_all(text)


@pytest.mark.parametrize("text", both("xóa hết dữ liệu", "xóa hết thông tin của tôi", "xóa", "hết", "tất cả", "xóa tài khoản", "hủy lời nhắc",
    "xóa hết lịch sử"))
def test_what_names_something_is_no_bare_all(text):
    assert not clears_all(text)


@pytest.mark.parametrize("text", ["sao " + "lai " * 400 + "x", "bat " + "nhac " * 400, "nhac " + "cho toi " * 400 + "x", "xoa " + "di " * 400 + "x",
    "doi " * 400, "", "?!"])
def test_long_and_empty_texts_are_nothing(text):
    assert not (change_in(text) or turns_on(text) or asks_why_we_wrote(text) or clears_all(text))
