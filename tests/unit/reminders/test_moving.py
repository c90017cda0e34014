"""Another time for a reminder. "Now" is Tuesday 24 November 2026, 10:00 in the province."""

import pytest

from bot.language import times
from bot.language.normalise import fold
from bot.reminders.moving import moved
from tests.factories import TUESDAY_TEN


def new_time(before: str, said: str, puts_off: bool = False):
    old, new = times.parse(before, TUESDAY_TEN), times.parse(said, TUESDAY_TEN)
    to = moved(old.at, old.rule, new, TUESDAY_TEN, puts_off)
    return f"{to.at:%d/%m %H:%M}", times.say_rule(to.rule) if to.rule else "", "once" if to.once else "past" if to.past else ""


@pytest.mark.parametrize(("before", "said", "expected"), [
    ("thứ sáu 8h", "9 giờ", ("27/11 09:00", "", "")), ("tối nay 8h", "9 giờ", ("24/11 21:00", "", "")), ("sáng mai 6h", "5 giờ", ("25/11 05:00", "", "")),
    ("thứ sáu 8h", "3 giờ", ("27/11 15:00", "", "")), ("tối nay 8h", "8 giờ sáng", ("25/11 08:00", "", "")),
    ("tối nay 8h", "mai", ("25/11 20:00", "", "")), ("sáng mai 6h", "sáng thứ bảy", ("28/11 06:00", "", "")),
    ("sáng mai 6h", "tối thứ bảy", ("28/11 20:00", "", "")),
    ("thứ sáu 8h", "25/12", ("25/12 08:00", "", "")), ("thứ sáu 8h", "2 tiếng nữa", ("24/11 12:00", "", "")),
    ("thứ sáu 8h", "1/1/2020", ("01/01 08:00", "", "past")),
    ("sáng mai 6h", "mỗi ngày", ("25/11 06:00", "6 giờ sáng mỗi ngày", "")), ("thứ sáu 8h", "12 giờ đêm", ("28/11 00:00", "", "")),
])
def test_once(before, said, expected):
    assert new_time(before, said) == new_time(before, fold(said)) == expected


@pytest.mark.parametrize(("before", "said", "expected"), [
    ("mỗi thứ hai 7h", "thứ ba", ("01/12 07:00", "7 giờ mỗi thứ ba", "")), ("mỗi tối 8h", "7 rưỡi tối", ("24/11 19:30", "19 giờ 30 tối mỗi ngày", "")),
    ("mỗi thứ hai 7h", "mỗi ngày 6 giờ sáng", ("25/11 06:00", "6 giờ sáng mỗi ngày", "")),
    ("mỗi thứ hai 7h", "mỗi thứ ba", ("01/12 07:00", "7 giờ mỗi thứ ba", "")),
    ("mỗi thứ hai 7h", "thứ ba với thứ năm", ("26/11 07:00", "7 giờ mỗi thứ ba, thứ năm", "")),
    ("ngày 5 hằng tháng", "ngày 15", ("15/12 08:00", "8 giờ ngày 15 mỗi tháng", "")),
    ("mỗi tối 8h", "mai", ("25/11 20:00", "20 giờ tối mỗi ngày", "once")),
    ("mỗi thứ hai 7h", "chủ nhật tuần sau", ("06/12 07:00", "7 giờ mỗi thứ hai", "once")),
])
def test_again_and_again(before, said, expected):
    assert new_time(before, said) == expected


def test_putting_off_counts_from_where_it_stands():
    assert new_time("thứ sáu 8h", "lùi 1 tiếng", True) == ("27/11 09:00", "", "")
    assert new_time("thứ sáu 8h", "lùi 1 ngày", True) == ("28/11 08:00", "", "")
    assert new_time("thứ sáu 8h", "lùi 1 tiếng") == ("24/11 11:00", "", "")


def test_between_seconds_ten_minutes_are_ten_minutes():
    now = TUESDAY_TEN.replace(second=37, microsecond=512_345)
    before = times.parse("thứ sáu 8h", now).at
    assert f"{moved(before, None, times.parse('hoãn 10 phút', now), now, True).at:%d/%m %H:%M:%S}" == "27/11 08:10:00"
