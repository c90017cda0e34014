"""What a reminder is about: the words left when the time and the asking are taken away."""

import pytest

from actions.reminders import subject_of
from bot.language import times
from tests.factories import TUESDAY_TEN


@pytest.mark.parametrize("text, about", [
    ("tối mai 8 giờ nhắc tôi học bài", "học bài"), ("nhắc tôi sau 2 phút", ""), ("mỗi thứ 3 lúc 19h30 nhắc tôi ôn bài", "ôn bài"),
    ("nhắc tôi sau 2 phút cho gà ăn", "cho gà ăn"), ("nhac toi 7h toi mai nop ho so", "nop ho so"), ("đặt lịch nhắc uống thuốc 8h sáng mai", "uống thuốc"),
    ("mai 9h nhớ nhắc bác đi lấy căn cước nhé", "đi lấy căn cước"), ("nhắc tôi", ""), ("hẹn giờ 6 giờ sáng mai", ""),
    ("20/12 nhắc em nộp thuế", "nộp thuế"), ("nhắc nhở cho tôi việc đóng bảo hiểm ngày 5 hằng tháng", "đóng bảo hiểm"),
])
def test_the_subject_is_what_is_left(text, about):
    assert subject_of(text, times.parse(text, TUESDAY_TEN)) == about
