"""Reminders counted back from a deadline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reminders import deadline
from tests.factories import TUESDAY_TEN


def shown(instant) -> str:
    return f"{instant:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(("text", "at", "due"), [
    ("hạn là 15 tháng 12, nhắc tôi trước hạn 3 ngày", "2026-12-12 08:00", "2026-12-15 08:00"),
    ("nhắc tôi trước ngày 31/1 một tuần nộp thuế", "2027-01-24 08:00", "2027-01-31 08:00"),
    ("truoc ngay 31/1 mot tuan thi nhac toi thong bao doanh thu", "2027-01-24 08:00", "2027-01-31 08:00"),
    ("thẻ hết hạn 12/06/2027 nhắc trước một tháng", "2027-05-12 08:00", "2027-06-12 08:00"),
    ("hạn 31/3/2027 nhắc trước 1 tháng", "2027-02-28 08:00", "2027-03-31 08:00"),
    ("hết hạn 29/2/2028, báo trước 12 tháng", "2027-02-28 08:00", "2028-02-29 08:00"),
    ("hết hạn ngày 18, báo trước cho anh 2 ngày", "2026-12-16 08:00", "2026-12-18 08:00"),
    ("lịch lấy vân tay 10 giờ ngày 6, báo mình trước hai tiếng", "2026-12-06 08:00", "2026-12-06 10:00"),
    ("còn 3 ngày nữa hết hạn 20/12 thì báo", "2026-12-17 08:00", "2026-12-20 08:00"),
    ("giấy tạm trú hết hạn cuối tháng 4, báo trước cho tôi nửa tháng", "2027-04-15 08:00", "2027-04-30 08:00"),
    ("bao cho em truoc han quyet toan thue 31/3 ba hom", "2027-03-28 08:00", "2027-03-31 08:00"),
    ("nhắc trước mười lăm ngày, hạn 31/12", "2026-12-16 08:00", "2026-12-31 08:00"),
])
def test_the_reminder_is_so_long_before_the_deadline(text, at, due):
    found = deadline.read(text, TUESDAY_TEN)
    assert (shown(found.at), shown(found.due.at), found.past) == (at, due, False)


@pytest.mark.parametrize("text", ["nhắc tôi trước hạn 3 ngày", "khi nào còn 10 ngày nữa hết hạn đăng kiểm thì nhắn tôi", "trước tết 10 ngày nhắc tôi"])
def test_without_a_date_it_counts_back_from_nothing_yet(text):
    assert deadline.read(text, TUESDAY_TEN) is None and deadline.lead(text) is not None


@pytest.mark.parametrize("text", ["nhắc tôi nộp tờ khai trước 25/12", "3 ngày nữa nhắc tôi", "nhắc trước ngày 30 tháng 6", "nhắc tôi trước thứ 6 tuần sau",
                                  "nhắc trước ngày 5 tháng sau", "mỗi tối trước khi đi ngủ nhắc học tí", "nhắc trước vài ngày", ""])
def test_what_counts_back_from_nothing_is_left_alone(text):
    assert deadline.lead(text) is None and deadline.read(text, TUESDAY_TEN) is None


def test_when_so_long_before_is_over_it_says_so_and_the_deadline_is_known():
    found = deadline.read("mai hết hạn, nhắc trước 3 ngày", TUESDAY_TEN)
    assert found.past and not found.due.past and shown(found.due.at) == "2026-11-25 08:00"


@given(st.text(alphabet="trướchạn còn3ngàytuầnthánghai12/.,?!\n đ", max_size=60))
def test_no_text_breaks_it(text):
    found = deadline.read(text, TUESDAY_TEN)
    assert found is None or found.at <= found.due.at
