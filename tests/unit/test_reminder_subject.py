"""What a reminder is about: the words left when the time and the asking are taken away."""

import pytest

from actions.reminders import subject_of
from bot.language import times
from bot.reminders import deadline
from tests.factories import TUESDAY_TEN


@pytest.mark.parametrize("text, about", [
    ("tối mai 8 giờ nhắc tôi học bài", "học bài"), ("nhắc tôi sau 2 phút", ""), ("mỗi thứ 3 lúc 19h30 nhắc tôi ôn bài", "ôn bài"),
    ("nhắc tôi sau 2 phút cho gà ăn", "cho gà ăn"), ("nhac toi 7h toi mai nop ho so", "nop ho so"), ("đặt lịch nhắc uống thuốc 8h sáng mai", "uống thuốc"),
    ("mai 9h nhớ nhắc bác đi lấy căn cước nhé", "đi lấy căn cước"), ("nhắc tôi", ""), ("hẹn giờ 6 giờ sáng mai", ""),
    ("nhac sang mai 6h toi uong thuoc nhe", "uong thuoc"), ("chieu mai 3h toi di hop nhac giup", "di hop"), ("sáng mai 6h tôi uống thuốc", "uống thuốc"),
    ("chieu mai 3h sang nha ba nhac toi", "sang nha ba"), ("nhac toi mai 7h toi di hop", "di hop"), ("20/12 nhắc em nộp thuế", "nộp thuế"),
    ("nhắc nhở cho tôi việc đóng bảo hiểm ngày 5 hằng tháng", "đóng bảo hiểm"),
])
def test_the_subject_is_what_is_left(text, about):
    assert subject_of(text, times.parse(text, TUESDAY_TEN)) == about


@pytest.mark.parametrize("text, about", [
    ("hạn nộp thuế là 15/12, nhắc tôi trước 3 ngày", "hạn nộp thuế"), ("nhắc tôi trước hạn 3 ngày, hạn là 20/12", ""),
    ("đăng kiểm xe hết hạn ngày 18, báo trước cho anh 2 ngày", "đăng kiểm xe"),
    ("hộ chiếu hết hạn 12/06/2027 nhắc trước 6 tháng", "hộ chiếu"), ("con 2 tuan het han dang kiem 20/12 thi bao toi", "het han dang kiem"),
])
def test_of_a_deadline_the_words_that_count_back_go_too(text, about):
    assert subject_of(text, deadline.read(text, TUESDAY_TEN).due) == about
