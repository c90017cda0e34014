"""What is a bare yes or no, what ends something, and small things said beside the matter."""

import pytest

from bot.language.ending import ends_something
from bot.language.small_talk import asks_why, is_a_mark, of_the_day
from bot.language.yes_no import begins_with_no, is_no, is_yes

YES = ["ừ", "Ừm", "dạ", "vâng ạ", "ok", "okiii", "oke em", "được", "duoc", "đươc", "đồng ý", "dong y nhe em", "có ạ", "co", "có em ơi", "dạ chịu",
       "ừa, làm đi con",
       "chắc chắn rồi", "tất nhiên", "tôi đồng ý lưu", "vang, bac dong y chau a", "ờ được đó", "chuẩn luôn", "thôi được", "ừ xóa đi", "tui ưng rồi nghen"]
NO = ["không", "ko", "hông", "hổng chịu đâu", "khỏi", "thôi", "thôi không cần đâu ạ", "khong can", "thoi khoi", "tui không chịu", "chưa", "không lưu gì",
      "đừng",
      "nỏ cần mô", "không, cảm ơn nhé", "để lúc khác", "toi khong dong y", "đâu có", "chẳng cần", "không em ạ", "từ chối"]
NEITHER = ["ho chiu", "hộ chịu", "chồng tôi không chịu ly hôn thì sao", "khong chiu tra tien", "không có hộ khẩu", "thôi việc", "thoi viec", "thôi nôi",
           "dừng xe",
           "thôi trả nợ", "có con rồi mới đăng ký", "có con rồi", "đồng ý cho con ra nước ngoài cần giấy gì", "ok vậy mất bao lâu", "ừ thế nộp ở đâu",
           "u toi mat roi",
           "được cấp rồi giờ sao", "được không", "đồng ý không", "có không ạ", "ok?", "chịu", "D", "gửi luôn đi em", "tôi uống rồi", "cỏ",
           "vợ tôi đồng ý rồi", ""]


@pytest.mark.parametrize("text", YES)
def test_a_yes(text):
    assert is_yes(text)


@pytest.mark.parametrize("text", [t for t in YES if t != "thôi được"])
def test_a_yes_is_no_no(text):
    assert not is_no(text)


@pytest.mark.parametrize("text", NO)
def test_a_no(text):
    assert is_no(text) and not is_yes(text)


@pytest.mark.parametrize("text", NEITHER)
def test_words_of_ones_own_are_neither(text):
    assert not is_yes(text) and not is_no(text)


def test_only_the_marks_tell_yes_from_no_in_one_syllable():
    assert is_yes("đúng") and not is_no("đúng") and is_no("đừng") and not is_yes("đừng") and is_no("dừng") and not is_yes("dừng")
    assert is_yes("dung") and is_no("dung")  # typed without them it is either


@pytest.mark.parametrize("text, found", [("không, cho người lớn cơ", True), ("thôi, nộp ở đâu vậy", True), ("không", False), ("không có hộ khẩu", False),
                                         ("ừ, nộp ở đâu", False)])
def test_a_no_with_something_else_behind_it(text, found):
    assert begins_with_no(text) is found


@pytest.mark.parametrize("text", ["đừng nhắn nữa", "dung gui tin", "hủy nhận tin", "huy nhan tin", "tắt nhắc", "tat nhac di", "thôi nhận",
                                  "không nhận tin nữa", "STOP",
                                  "xóa dữ liệu của tôi", "xoa het di", "bỏ lời nhắc đó", "rút khỏi khóa", "ko muon nhan", "khỏi gửi", "ngưng gửi",
                                  "chấm dứt việc gửi tin"])
def test_words_of_ending(text):
    assert ends_something(text)


@pytest.mark.parametrize("text", ["gửi đi", "gui di", "gửi giúp tôi", "gửi luôn đi em", "vì sao tôi nhận tin này", "tôi có nhận tin không",
                                  "đổi lịch nhắc thành thứ tư",
                                  "vneid bị khóa", "sao máy lại nhắn cho tôi", "bố tôi nhắn tin", "gửi được không ạ"])
def test_what_ends_nothing(text):
    assert not ends_something(text)


@pytest.mark.parametrize("text, found", [
    ("hôm nay thứ mấy", "day"), ("hom nay la thu may vay", "day"), ("hôm nay ngày bao nhiêu ạ", "day"), ("nay ngày mấy rồi em ơi", "day"),
    ("mấy giờ rồi", "hour"), ("may gio roi chau", "hour"), ("bây giờ là mấy giờ", "hour"),
    ("mấy giờ", None), ("hôm nay mấy giờ xã làm việc", None), ("thứ mấy thì nộp được", None), ("hôm nay xã có làm việc không", None),
    ("ngày mấy trả kết quả", None),
    ("thứ bảy có làm không", None), ("", None)])
def test_the_day_and_the_hour(text, found):
    assert of_the_day(text) == found


@pytest.mark.parametrize("text, found", [("?", True), ("??", True), (" ?! ", True), ("...", False), ("a?", False), ("😀?", False), ("", False)])
def test_a_bare_question_mark(text, found):
    assert is_a_mark(text) is found


@pytest.mark.parametrize("text", ["sao lại D, em tưởng C", "tại sao là b", "sao khong phai A", "em nghĩ là C chứ", "sao em sai", "vi sao cau do sai",
                                  "giải thích lại câu vừa rồi",
                                  "câu vừa rồi sao thế"])
def test_asking_why_an_answer_was_wrong(text):
    assert asks_why(text)


@pytest.mark.parametrize("text", ["em chọn b", "C", "sao lại thế ạ", "sao phải đi học", "vì sao tôi nhận tin này", "bác nghĩ ạ", "tiếp", "câu b"])
def test_what_asks_for_no_reason(text):
    assert not asks_why(text)
