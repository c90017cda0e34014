"""Time expressions as citizens type them. "Now" is Tuesday 24 November 2026, 10:00 in the province."""

import random
from datetime import datetime, timedelta, timezone

import pytest

from bot.errors import NaiveTime
from bot.language.normalise import fold
from bot.language.times import ZONE, is_lunar, next_after, parse, say, say_clock, say_rule

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)

# what each is to give, "~" where the hour is assumed; every one is read with its marks and again without
ONCE = """
25/11/2026 20:00 | tối mai 8 giờ nhắc tôi học bài | 8h tối mai | mai 8h tối | mai tối 8h nhé bot | tám giờ tối mai
25/11/2026 20:00 | 20h tối mai | em ơi tối mai khoảng 8 giờ nhắc chị vào học nhé
25/11/2026 07:45 | 8 giờ kém 15 sáng mai
25/11/2026 20:55 | 9 giờ kém 5 tối mai
24/11/2026 19:45 | 8h kém 15 | 8 kém 15 tối nay
24/11/2026 18:50 | bảy giờ kém mười tối
24/11/2026 12:45 | 1 giờ kém 15 chiều
24/11/2026 19:30 | 19h30 | 19:30 | 7 rưỡi tối | 7 giờ rưỡi
24/11/2026 20:00 | vào lúc 20:00 | sau 8 giờ tối | hôm nay lúc 8 giờ | hai mươi giờ | 8 giờ | lúc 8 tối
24/11/2026 20:00 | hôm qua quên học, 8h tối nhắc tôi nhé
24/11/2026 20:05 | 8:05 | 20h05
25/11/2026 08:05 | 08:05
24/11/2026 20:15 | 8 giờ 15 phút tối
24/11/2026 21:30 | hẹn giờ học lúc 9 rưỡi tối nay
24/11/2026 12:30 | trưa nay 12 rưỡi nhắc nghe | hai tiếng rưỡi nữa
24/11/2026 10:02 | nhắc tôi sau 2 phút | 2 phút nữa
24/11/2026 10:30 | 30p nữa nhắc tôi nha | nửa tiếng nữa | nửa giờ nữa hẵng gọi lại
24/11/2026 10:10 | bot ơi 10 phút nữa báo tôi | trong 10 phút nữa
24/11/2026 10:15 | mười lăm phút nữa | hoãn 15 phút
24/11/2026 10:25 | hai mươi lăm phút nữa
24/11/2026 10:20 | chậm lại 20 phút nữa
24/11/2026 10:05 | delay 5p
24/11/2026 10:45 | 45 phút sau nhắc học bài
24/11/2026 11:30 | 1 tiếng rưỡi nữa | 1h30 nữa
24/11/2026 13:00 | sau 3 tiếng | 1 giờ trưa
24/11/2026 11:00 | sau 1 giờ | lùi lại một tiếng | 11h
27/11/2026 08:00 ~ | ba hôm nữa
27/11/2026 09:00 | 3 ngày nữa lúc 9h
15/12/2026 08:00 ~ | 3 tuần nữa | hạn là 15 tháng 12 thì báo nhé | ngày mười lăm | giữa tháng sau
24/12/2026 08:00 ~ | một tháng nữa
30/11/2026 08:00 ~ | tuần sau | đầu tuần sau | nhắc tôi đi lấy sổ đỏ vào thứ hai tuần tới
30/11/2026 08:00 ~ | cuối tháng này nhắc tôi bổ sung hồ sơ H40-251120-0007
05/12/2026 08:00 ~ | cuối tuần sau | mùng 5 tháng sau
01/12/2026 08:00 ~ | thứ 3 tuần sau | thứ ba | t3 | mùng một tháng sau | đầu tháng sau
03/12/2026 08:00 ~ | nhắc tôi tuần tới thứ 5
09/12/2026 09:00 | tuần sau nữa, thứ tư, 9 giờ sáng, đi chứng thực
01/12/2026 14:00 | sang tuần thứ 3 lúc 14h | thứ 3 ngày 1/12 lúc 14h
24/11/2026 14:00 ~ | chiều thứ ba
24/11/2026 16:00 | thứ 3 lúc 16 giờ | chiều nay tan chợ khoảng 4 giờ nhắc chị
28/11/2026 08:00 ~ | thứ 7 này | thứ bẩy | ngày 28 | cuối tuần nhắc học nhé
29/11/2026 08:00 ~ | chủ nhật | chúa nhật | cn
29/11/2026 13:30 | 1h30 chiều cn báo mình vô học
25/11/2026 14:00 | nhắc lịch hẹn 14h chiều t4
25/11/2026 08:00 ~ | thứ 4 tới | ngày mai | mai | mai nhắc tôi | dời lời nhắc này sang mai
25/11/2026 19:00 | hẹn 19g thứ tư
27/11/2026 16:00 | lịch nhắc mới: thứ 6, 16 giờ, họp tổ dân phố
27/11/2026 17:00 | 5 giờ chiều thứ sáu
26/11/2026 20:30 | 8h30 tối thứ năm nhắc mình học tiếp khóa vneid
30/11/2026 09:00 | nhắc em thứ 2 lúc 9h
30/11/2026 02:00 | 2 giờ sáng thứ hai
05/12/2026 09:00 | mồng 5 tháng tới 9h
20/11/2027 08:00 ~ | ngày 20 tháng 11 | ngày 20 tháng mười một | 20/11 | ngày 20-11 | 20.11.2027
20/11/2027 08:00 | ngày 20/11/2027 lúc 8h
05/03/2027 08:00 ~ | ngày 5 tháng 3 năm 2027
10/03/2027 08:00 ~ | ngày mùng 10 tháng 3 năm sau
01/03/2027 08:00 ~ | tháng 3 sang năm
29/02/2028 08:00 ~ | 29/2
20/12/2026 08:00 ~ | ngày 20 này
31/12/2026 08:00 ~ | ngày 31 | cuối năm
07/12/2026 08:00 ~ | ngày 7 tới
24/11/2026 15:00 | 24/11 lúc 15h | lúc 15 giờ
01/01/2027 00:00 | 0h ngày 1/1
24/11/2026 20:00 ~ | tối nay
24/11/2026 23:00 | 11h đêm nay nhắc em học được không
25/11/2026 14:00 ~ | chiều mai
25/11/2026 15:00 | chiều mai 3h kêu tui vô học nghen | mai 3h | dời nhắc sang 3h chiều mai
24/11/2026 12:00 ~ | trưa nay | trưa
24/11/2026 10:30 ~ | sáng nay
26/11/2026 08:00 ~ | sáng mốt | ngày kia | mốt | bữa mốt
26/11/2026 20:00 ~ | tối mốt | em phải khai báo trước thứ sáu, tối thứ năm bot báo em
26/11/2026 14:00 | tạo lời nhắc lúc 14h ngày kia
25/11/2026 06:00 | mai sáng cỡ 6 giờ nhắc tui cái nghe
25/11/2026 10:00 | mai nhắc lại giờ này
24/11/2026 21:00 | 9 giờ tối
24/11/2026 12:00 | 12 giờ trưa
24/11/2026 14:00 | 2 giờ chiều
25/11/2026 01:00 | 1 giờ sáng
25/11/2026 00:00 | 12 giờ đêm | 0 giờ | nửa đêm
29/11/2026 00:00 | 12 giờ đêm thứ 7
24/11/2026 20:30 | tối nay lúc hai mươi giờ ba mươi
24/11/2026 18:00 | 6 giờ
25/11/2026 08:00 | 8h mai nhắc tôi nấu cơm chiều
"""

# once more only as typed: slips, and words that lose their meaning with their marks
TYPED = """
25/11/2026 20:00 | toi mai 8 gio | toois mai 8 giowf | tôí mai 8 gìơ | tối maii 8 giờ | TỐI MAI 8 GIỜ | tối\u200b mai ８ giờ
24/11/2026 20:00 ~ | toi thu 3 nhac toi hoc | giờ bận, tối nhắc lại nhé
25/11/2026 08:00 | nhac toi mai 8h
24/11/2026 20:00 | nhac toi luc 8h toi | 8 gio toi toi muon hoc | nhawcs tooi hocj luc 8 gio
25/11/2026 07:00 | dat lich nhac 7h sang mai
26/11/2026 08:00 ~ | sang mot nhac bac ra uy ban | chua nop duoc vi mua, mot nhac lai tui
24/11/2026 10:05 | nhac laij sau 5 phuts
27/11/2026 19:30 | Tối thứ Sáu 7h30
25/11/2026 15:00 | chìu mai 3h
26/11/2026 19:00 | bữa mốt 7 giờ túi
24/11/2026 19:00 | bảy giờ tối | bay gio toi nhac hoc
25/11/2026 06:00 | sáu giờ sáng
24/11/2026 10:10 | 10’ nữa
25/11/2026 08:00 ~ | mai gọi cô Mai
30/11/2026 08:00 ~ | hôm nay xã nghỉ, dời nhắc sang thứ hai cho tôi
25/11/2026 06:00 | nhac sang mai 6h toi uong thuoc nhe | sang mai luc 6 gio toi di cho nhac giup | ngay mai buoi sang 6h toi uong thuoc
25/11/2026 15:00 | chieu mai 3h toi di hop nhac giup | mai 3h chieu toi hop | chieu mai luc 3 gio toi don chau
25/11/2026 15:00 | chiều mai 3h sang nhà bà | chieu mai 3h sang nha ba nhac toi | mai 3h sang nha ba
25/11/2026 11:00 | trua mai 11h toi don con
24/11/2026 23:00 | dem nay 11h toi truc | 11h dem toi di truc
30/11/2026 07:00 | sang thu 2 7h toi di hop | thu 2 sang 7h toi di hop
25/11/2026 08:00 | sang mai 8h toi nhac toi | sang mai 8h dem giay to ra xa
24/11/2026 15:00 | 3h toi di kham nhac giup
24/11/2026 12:00 | sau 2 tieng toi uong thuoc | sau 2 gio toi an com | them 2 tieng nua
24/11/2026 21:00 | 9h toi nhac toi uong thuoc | nhac toi hoc luc 9h toi | 9h toi nhe | 9h toi hom nay | 9h toi em hoc bai
25/11/2026 06:00 | mai toi 6h sang uong thuoc | 6h sang mai toi uong thuoc
25/11/2026 03:00 | mai 3h sang day di cho
"""

# "toi" without marks before a verb: evening or I; taken, and said not to be sure of, with the other hour
UNSURE = """
25/11/2026 19:00 | 07:00 | mai 7h toi di hop
25/12/2026 19:30 | 07:30 | 25/12 7h ruoi toi di an cuoi
24/11/2026 20:00 | 08:00 | 8h toi hoc bai | nhac toi 8 gio toi uong thuoc
25/11/2026 10:00 | 22:00 | 10h toi uong thuoc nhac nhe
24/11/2026 12:00 | 00:00 | 12h toi uong thuoc
"""

LUNAR = """nhắc tôi mồng 5 tháng chạp đi giỗ cụ|rằm tháng giêng nhắc cúng 5 giờ sáng|23 tháng chạp|mùng 1 tết|mồng 3 Tết nhắc tôi|30 tết
ngày 10/3 âm lịch|10/3 âm nhắc|giỗ cụ 12 tháng 8 âm|hôm rằm|rằm tháng 7 đi chùa|giao thừa|sau tết|mùng một hằng tháng âm|tết nguyên đán nhắc|trung thu
ngày ông công ông táo|lễ vu lan|rằm này nhắc tôi"""
NOT_LUNAR = "mùng 5 tháng 3|mùng 1 hằng tháng|8:00 am|tết dương lịch|lịch âm nhạc|đầu tháng sau|20/11|tết thiếu nhi|âm thanh|sáng mai 6 giờ"

PAST = """
03/02/2020 08:00 | ngày 3/2/2020
20/11/2026 15:00 | 20/11/2026 lúc 15h
24/11/2026 08:00 | 24/11 lúc 8h sáng | 8h sáng nay
23/11/2026 08:00 | thứ hai tuần này
"""

AGAIN = {
    "mỗi thứ 3 lúc 19h30": ("24/11/2026 19:30", {"every": "week", "time": "19:30", "weekdays": [1]}),
    "mỗi sáng thứ 2 4 6": ("25/11/2026 08:00", {"every": "week", "time": "08:00", "weekdays": [0, 2, 4]}),
    "lên lịch học thứ 2 4 6 hàng tuần vào 21h": ("25/11/2026 21:00", {"every": "week", "time": "21:00", "weekdays": [0, 2, 4]}),
    "thứ hai, thứ tư và thứ sáu hằng tuần 18h": ("25/11/2026 18:00", {"every": "week", "time": "18:00", "weekdays": [0, 2, 4]}),
    "t3 t5 t7 hàng tuần 20h nhắc mình": ("24/11/2026 20:00", {"every": "week", "time": "20:00", "weekdays": [1, 3, 5]}),
    "set lịch 21h t2-t6 học bài nha bot": ("24/11/2026 21:00", {"every": "week", "time": "21:00", "weekdays": [0, 1, 2, 3, 4]}),
    "thứ 2 đến thứ 6 lúc 7h": ("25/11/2026 07:00", {"every": "week", "time": "07:00", "weekdays": [0, 1, 2, 3, 4]}),
    "20:00 các ngày làm việc": ("24/11/2026 20:00", {"every": "week", "time": "20:00", "weekdays": [0, 1, 2, 3, 4]}),
    "mỗi ngày trừ chủ nhật 6h sáng": ("25/11/2026 06:00", {"every": "week", "time": "06:00", "weekdays": [0, 1, 2, 3, 4, 5]}),
    "hàng tuần vào thứ năm": ("26/11/2026 08:00", {"every": "week", "time": "08:00", "weekdays": [3]}),
    "tuần nào cũng thứ 5 lúc 9h": ("26/11/2026 09:00", {"every": "week", "time": "09:00", "weekdays": [3]}),
    "hàng tuần cn lúc 9h nhắc ôn bài": ("29/11/2026 09:00", {"every": "week", "time": "09:00", "weekdays": [6]}),
    "cho lịch học cố định tối thứ bảy với chủ nhật đi": ("28/11/2026 20:00", {"every": "week", "time": "20:00", "weekdays": [5, 6]}),
    "mỗi tuần học hai buổi, sáng thứ ba với sáng thứ năm": ("26/11/2026 08:00", {"every": "week", "time": "08:00", "weekdays": [1, 3]}),
    "12 giờ đêm thứ 7 hàng tuần": ("29/11/2026 00:00", {"every": "week", "time": "00:00", "weekdays": [6]}),
    "mỗi cuối tuần": ("28/11/2026 08:00", {"every": "week", "time": "08:00", "weekdays": [5]}),
    "mỗi tuần": ("01/12/2026 08:00", {"every": "week", "time": "08:00", "weekdays": [1]}),
    "mỗi tối": ("24/11/2026 20:00", {"every": "day", "time": "20:00"}),
    "mỗi sáng 6h, nhắc": ("25/11/2026 06:00", {"every": "day", "time": "06:00"}),
    "mỗi buổi sáng lúc 6 giờ": ("25/11/2026 06:00", {"every": "day", "time": "06:00"}),
    "tối nào cũng 8 giờ": ("24/11/2026 20:00", {"every": "day", "time": "20:00"}),
    "hằng đêm 10 giờ": ("24/11/2026 22:00", {"every": "day", "time": "22:00"}),
    "hằng ngày 7h": ("25/11/2026 07:00", {"every": "day", "time": "07:00"}),
    "ngày nào cũng 7 giờ sáng": ("25/11/2026 07:00", {"every": "day", "time": "07:00"}),
    "ngày nào cháu cũng nhắc bác 7 giờ tối": ("24/11/2026 19:00", {"every": "day", "time": "19:00"}),
    "mỗi ngày lúc 20h": ("24/11/2026 20:00", {"every": "day", "time": "20:00"}),
    "mỗi ngày 8 giờ": ("25/11/2026 08:00", {"every": "day", "time": "08:00"}),
    "từ mai mỗi ngày lúc 15h": ("25/11/2026 15:00", {"every": "day", "time": "15:00"}),
    "ngày 5 hằng tháng": ("05/12/2026 08:00", {"every": "month", "time": "08:00", "day": 5}),
    "mùng 5 hàng tháng lúc 9h": ("05/12/2026 09:00", {"every": "month", "time": "09:00", "day": 5}),
    "mỗi tháng ngày 10 nhắc nộp tiền điện": ("10/12/2026 08:00", {"every": "month", "time": "08:00", "day": 10}),
    "ngày 31 hằng tháng": ("30/11/2026 08:00", {"every": "month", "time": "08:00", "day": 31}),
    "đầu mỗi tháng": ("01/12/2026 08:00", {"every": "month", "time": "08:00", "day": 1}),
    "cuối tháng nào cũng nhắc": ("30/11/2026 08:00", {"every": "month", "time": "08:00", "day": 31}),
}

NO_TIME = """
thứ nhất|câu 2|câu thứ hai|bài 3|bài thứ 3|lần thứ ba|con thứ 2|5 triệu|500k|mai táng phí|hỗ trợ mai táng|đăng ký mai mối|2 con
mức 2|tuổi 14|khuyến mãi|thương mại điện tử|chiều cao chiều rộng|hình chữ nhật|hộ chiếu|làm hộ chiếu|tối đa 3 ngày|tối thiểu 2 người
bao giờ lấy được|mấy giờ mở cửa|bây giờ|tôi cần một lời nhắc|xem lịch nhắc của tôi|nghị định 15/2020/NĐ-CP|1.001193|0912 345 678
hồ sơ H40-251120-0007|gọi 1900 1234|số nhà 20/11|hỗ trợ 24/7|24 giờ đầu|trong 48 giờ|sim 5g|cho 4/5 điểm|1.500.000 đồng
tuần trước|hôm qua|tối qua buồn ngủ quá|8h sáng hôm qua|tháng trước|hôm nọ|mấy hôm nay|đóng bảo hiểm 11 tháng|mất 3 ngày
nghỉ trưa|thứ tự ưu tiên|doanh thu năm|ban đêm|cả ngày|cứ hai ngày nhắc tôi một lần|mỗi 2 ngày|cách ngày|mỗi ngày 2 lần
thứ hai đầu tiên mỗi tháng|mùng 5 âm lịch|ngày rằm tháng giêng|mùng 1 tết|giao thừa nhắc tôi|ngày 31/4|30/2|lúc 25 giờ|8h75
ngày 35|0 phút nữa|500 năm nữa||   |?!
"""
NO_TIME_TYPED = ["sáng suốt", "sáng tạo", "ánh sáng", "tối ưu", "chế độ tối thiểu", "rằm", "gặp cô Mai", "nhớ mãi", "tôi", "tới đâu rồi",
                 "xem lich nhac cua toi", "sang ten so do", "doi chieu giay to", "đem giấy tờ", "hộ chiếu", "trú tạm"]


def rows(table):
    """(text, at, exact) of lines such as "24/11/2026 20:00 ~ | text | text"."""
    for line in table.strip().splitlines():
        expected, *texts = line.split(" | ")
        for text in texts:
            yield text, expected[:16], not expected.endswith("~")


def both(table):
    return [row for text, at, exact in rows(table) for row in ((text, at, exact), (fold(text), at, exact))]


def shown(when):
    return None if when is None else f"{when.at:%d/%m/%Y %H:%M}"


def test_the_table_is_large():
    assert len(list(rows(ONCE))) + len(AGAIN) >= 120


@pytest.mark.parametrize(("text", "at", "exact"), both(ONCE) + list(rows(TYPED)))
def test_once(text, at, exact):
    when = parse(text, NOW)
    assert (shown(when), when and when.rule, when and when.exact, when and when.past) == (at, None, exact, False)
    assert when.at.tzinfo is not None and when.at > NOW


@pytest.mark.parametrize(("line", "text"), [(line, text) for line in UNSURE.strip().splitlines() for text in line.split(" | ")[2:]])
def test_a_bare_toi_before_a_verb_is_not_sure(line, text):
    at, other, *_ = line.split(" | ")
    when = parse(text, NOW)
    assert (shown(when), when.exact, when.unsure, when.otherwise) == (at, False, True, other)


@pytest.mark.parametrize("text", ["8h tối nay", "8 giờ tối tôi học", "mai 7h tôi đi họp", "9h toi", "8h toi toi muon hoc"])
def test_elsewhere_there_is_no_other_hour(text):
    assert parse(text, NOW).exact and parse(text, NOW).otherwise is None


@pytest.mark.parametrize("text", [t for part in LUNAR.replace("\n", "|").split("|") for t in (part, fold(part))])
def test_lunar_days_are_known_for_what_they_are(text):
    assert is_lunar(text) and parse(text.replace("5 giờ sáng", "").replace("5 gio sang", ""), NOW) is None


@pytest.mark.parametrize("text", [t for part in NOT_LUNAR.split("|") for t in (part, fold(part))])
def test_solar_days_are_not_lunar(text):
    assert not is_lunar(text)


@pytest.mark.parametrize(("text", "day_said"), [("thứ ba", "weekday"), ("thứ ba tuần sau", "date"), ("9 giờ", ""), ("ngày 15", "day of a month"),
                                                ("mai 9h", "date"), ("3 ngày nữa", "days ahead"), ("2 tiếng nữa", "")])
def test_how_the_day_was_named(text, day_said):
    when = parse(text, NOW)
    assert when.day_said == day_said and (not day_said or when.day == when.at.date()) and bool(when.clocks) == ("tiếng" not in text)


@pytest.mark.parametrize(("text", "at", "_exact"), both(PAST))
def test_a_full_date_that_is_over_is_said_to_be_past(text, at, _exact):
    when = parse(text, NOW)
    assert (shown(when), when and when.past) == (at, True)


@pytest.mark.parametrize("text", [t for text in AGAIN for t in (text, fold(text))])
def test_again_and_again(text):
    at, rule = next(v for k, v in AGAIN.items() if text in (k, fold(k)))
    when = parse(text, NOW)
    assert (shown(when), when and when.rule) == (at, rule)
    assert when.at == next_after(rule, when.at - timedelta(seconds=1))


@pytest.mark.parametrize("text", [t for line in NO_TIME.strip().splitlines() for text in line.split("|") for t in (text, fold(text))]
                         + NO_TIME_TYPED)
def test_no_time(text):
    assert parse(text, NOW) is None


@pytest.mark.parametrize(("text", "words"), [
    ("tối mai 8 giờ nhắc tôi học bài", "tối mai 8 giờ"), ("nhắc tôi sau 2 phút nhé", "sau 2 phút"),
    ("bot ơi vào lúc 20:00 nhắc", "vào lúc 20:00"), ("mỗi thứ 3 lúc 19h30 nhắc học", "mỗi thứ 3 lúc 19h30"),
    ("nhac toi 30p nua nha", "30p nua"), ("họp ngày 20/11/2027 ở xã", "ngày 20/11/2027"),
    ("nhớ to\u0302\u0301i mai nhé", "to\u0302\u0301i mai"),
])
def test_the_span_covers_the_time_words(text, words):
    when = parse(text, NOW)
    assert text[when.start:when.end] == words


@pytest.mark.parametrize(("now", "text", "at"), [
    ("24/11/2026 21:30", "8 giờ", "25/11/2026 08:00"), ("24/11/2026 07:59", "8 giờ", "24/11/2026 08:00"),
    ("24/11/2026 08:00", "8 giờ", "24/11/2026 20:00"), ("24/11/2026 20:30", "tối nay", "24/11/2026 21:00"),
    ("24/11/2026 20:30", "thứ ba", "01/12/2026 08:00"), ("28/11/2026 09:00", "cuối tuần", "05/12/2026 08:00"),
    ("29/11/2026 07:00", "cuối tuần", "29/11/2026 08:00"), ("29/11/2026 07:00", "tuần sau", "30/11/2026 08:00"),
    ("24/11/2026 00:30", "1 giờ đêm nay", "24/11/2026 01:00"), ("24/11/2026 23:30", "12 giờ đêm", "25/11/2026 00:00"),
    ("31/01/2026 09:00", "một tháng nữa", "28/02/2026 08:00"), ("30/11/2026 09:00", "cuối tháng", "31/12/2026 08:00"),
    ("31/12/2026 09:00", "mai", "01/01/2027 08:00"), ("31/12/2026 09:00", "đầu tháng sau", "01/01/2027 08:00"),
    ("20/11/2026 07:00", "20/11", "20/11/2026 08:00"), ("20/11/2026 09:00", "20/11 lúc 3h", "20/11/2026 15:00"),
])
def test_other_moments(now, text, at):
    now = datetime.strptime(now, "%d/%m/%Y %H:%M").replace(tzinfo=ZONE)
    assert shown(parse(text, now)) == at
    assert shown(parse(fold(text), now)) == at


def test_now_may_be_in_any_zone_but_not_naive():
    assert parse("tối nay", NOW.astimezone(timezone.utc)) == parse("tối nay", NOW)
    for call in (lambda: parse("mai", datetime(2026, 11, 24)), lambda: parse("không có gì", datetime(2026, 11, 24)),
                 lambda: next_after({"every": "day", "time": "08:00"}, datetime(2026, 11, 24)),
                 lambda: say(datetime(2026, 11, 24), NOW), lambda: say(NOW, datetime(2026, 11, 24))):
        with pytest.raises(NaiveTime):
            call()


@pytest.mark.parametrize("rule", [
    {"every": "day", "time": "00:00"}, {"every": "week", "time": "19:30", "weekdays": [1]},
    {"every": "week", "time": "06:00", "weekdays": [0, 2, 4]}, {"every": "month", "time": "08:00", "day": 31},
    {"every": "month", "time": "08:00", "day": 29}, {"every": "month", "time": "23:59", "day": 1},
])
def test_a_year_of_occurrences_neither_repeats_nor_skips(rule):
    start = datetime(2027, 12, 15, 8, 0, tzinfo=ZONE)  # into the leap year 2028
    found, at = [], start
    while (at := next_after(rule, at)) <= start + timedelta(days=366):
        found.append(at)
    hour, minute = (int(p) for p in rule["time"].split(":"))
    days = [(start + timedelta(days=d)).replace(hour=hour, minute=minute) for d in range(368)]

    def due(day):
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return {"day": True, "week": day.weekday() in rule.get("weekdays", []),
                "month": day.day == min(rule.get("day", 0), last.day)}[rule["every"]]

    assert found == [d for d in days if due(d) and start < d <= start + timedelta(days=366)]


def test_month_ends_are_clamped_and_come_back():
    rule, at, days = {"every": "month", "time": "08:00", "day": 31}, datetime(2027, 1, 31, 7, 0, tzinfo=ZONE), []
    for _ in range(4):
        at = next_after(rule, at)
        days.append(f"{at:%d/%m}")
    assert days == ["31/01", "28/02", "31/03", "30/04"]


def test_an_occurrence_is_strictly_after():
    at = datetime(2026, 11, 24, 19, 30, tzinfo=ZONE)
    assert next_after({"every": "day", "time": "19:30"}, at) == at + timedelta(days=1)
    assert next_after({"every": "day", "time": "19:30"}, at - timedelta(microseconds=1)) == at
    assert next_after({"every": "day", "time": "19:30"}, at.astimezone(timezone.utc)) == at + timedelta(days=1)


@pytest.mark.parametrize("rule", [{}, {"every": "year", "time": "08:00"}, {"every": "week", "time": "08:00", "weekdays": []},
                                  {"every": "day"}, {"every": "month", "time": "08:00", "day": 0}, {"every": "day", "time": 8}])
def test_a_rule_of_another_shape_is_refused(rule):
    with pytest.raises(ValueError):
        next_after(rule, NOW)


@pytest.mark.parametrize(("at", "said"), [
    (datetime(2026, 11, 25, 20, 0, tzinfo=ZONE), "20 giờ tối mai, thứ tư 25/11/2026"),
    (datetime(2026, 11, 25, 20, 5, tzinfo=ZONE), "20 giờ 05 tối mai, thứ tư 25/11/2026"),
    (datetime(2026, 11, 24, 12, 0, tzinfo=ZONE), "12 giờ trưa nay, thứ ba 24/11/2026"),
    (datetime(2026, 11, 26, 8, 0, tzinfo=ZONE), "8 giờ sáng ngày kia, thứ năm 26/11/2026"),
    (datetime(2026, 11, 29, 14, 30, tzinfo=ZONE), "14 giờ 30 chiều chủ nhật 29/11/2026"),
    (datetime(2026, 11, 25, 1, 0, tzinfo=timezone.utc), "8 giờ sáng mai, thứ tư 25/11/2026"),
])
def test_say(at, said):
    assert say(at, NOW) == said


@pytest.mark.parametrize(("rule", "said"), [
    ({"every": "week", "time": "19:30", "weekdays": [1]}, "19 giờ 30 mỗi thứ ba"),
    ({"every": "week", "time": "08:00", "weekdays": [6, 0]}, "8 giờ mỗi thứ hai, chủ nhật"),
    ({"every": "week", "time": "08:00", "weekdays": [0, 1, 2, 3, 4, 5, 6]}, "8 giờ mỗi ngày"),
    ({"every": "day", "time": "07:00"}, "7 giờ sáng mỗi ngày"),
    ({"every": "month", "time": "08:00", "day": 15}, "8 giờ ngày 15 mỗi tháng"),
    ({"every": "month", "time": "08:00", "day": 31}, "8 giờ ngày 31 mỗi tháng, tháng thiếu thì ngày cuối cùng"),
])
def test_say_rule(rule, said):
    assert say_rule(rule) == said


@pytest.mark.parametrize(("clock", "said"), [("07:30", "7 giờ 30 sáng"), ("19:00", "19 giờ tối"), ("00:00", "0 giờ sáng"), ("12:00", "12 giờ trưa")])
def test_say_clock(clock, said):
    assert say_clock(clock) == said and [c.said for c in parse(said, NOW).clocks] == [clock]


def test_what_is_said_is_understood_again():
    chance = random.Random(7)
    for _ in range(300):
        at = (NOW + timedelta(minutes=chance.randint(1, 500_000))).replace(second=0)
        assert parse(say(at, NOW), NOW).at == at
        rule = {"every": chance.choice(["day", "week", "month"]), "time": f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}"}
        if rule["every"] == "week":
            rule["weekdays"] = sorted(chance.sample(range(7), chance.randint(1, 6)))
        elif rule["every"] == "month":
            rule["day"] = chance.randint(1, 31)
        assert parse(say_rule(rule), NOW).rule == rule


def test_parse_never_raises_and_never_looks_back():
    chance = random.Random(11)
    words = (" ".join(text for text, _, _ in rows(ONCE)) + " " + " ".join(AGAIN) + " 0 31 99 / - : . , 30/2 âm lịch tết trừ cách "
             "năm 9999 nữa sau").split(" ")
    for turn in range(6000):
        text = " ".join(chance.choice(words) for _ in range(chance.randint(0, 10)))
        if turn % 3 == 0:
            text = "".join(chr(chance.choice([chance.randint(32, 126), chance.randint(0xC0, 0x1EF9), chance.randint(0, 0xFFFF)]))
                           for _ in range(chance.randint(0, 60)))
        now = NOW + timedelta(minutes=chance.randint(0, 1_000_000))
        when = parse(text, now)
        if when:
            assert when.past or when.at > now, text
            assert 0 <= when.start < when.end <= len(text), text
