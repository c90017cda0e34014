"""The patterns of time expressions over a Line of times_lexicon.py: words parted by single spaces, one spelling each.

Where a word still carries marks here ("tối", "sáu", "mốt"), the bare spelling is ambiguous and needs its neighbours. A "#"
is a word already read.
"""

import re

L, R = r"(?<!\S)", r"(?!\S)"


def _after_none(words: str) -> str:
    """Refuses a place right after one of these words."""
    return "".join(rf"(?<!\b{word} )" for word in words.split(" "))


def _before_none(phrases: str) -> str:
    """Refuses a place right before one of these; alternatives as in a pattern."""
    return rf"(?! (?:{phrases})(?!\S))"


# numbers -----------------------------------------------------------------------------------------------------------
_TENS = r"(?:hai|ba|bon|nam|sáu|sau|bảy|bay|tám|tam|chin)"
_ONE = r"(?:một|mot|mốt|hai|ba|bon|tư|tu|nam|lam|nham|sáu|sau|bảy|bay|tám|tam|chin)"
_LARGE = rf"(?:{_TENS} muoi(?: {_ONE})?|muoi(?: {_ONE})?|ham {_ONE}|{_TENS} (?:mốt|lam))"
N = rf"(?:\d{{1,4}}|{_LARGE}|{_ONE})"
# no hours: "từ giờ", "sau giờ làm", "bây giờ", "của bà giờ"
_HOUR_ONE = (rf"(?:một|mot|hai|{_after_none('cua ong nha me')}ba|bon|nam|sáu|sau(?! gio (?:lam|hoc|hanh|tan|com|nghi|an|do))|bảy|"
             r"bay(?! gio)|bay(?= gio (?:sáng|sang|trua|chieu|tối|toi|dem|đêm|ruoi|kem|\d|phut|mai|moi|hang))|"
             r"(?:(?<=luc )|(?<=vao )|(?<=khoang )|(?<=mai )|(?<=nay )|(?<=dung ))bay|tám|tam|chin)")
NH = rf"(?:\d{{1,2}}|{_LARGE}|{_HOUR_ONE})"
MONTH = r"(?:\d{1,2}|muoi (?:một|mot|hai)|muoi|một|mot|hai|ba|tư|tu|bon|nam|sáu|bảy|bay|tám|tam|chin)"

_CUNG = r"nao(?: \S+){0,2}? cung"

# parts of the day --------------------------------------------------------------------------------------------------
PART = r"(?:sáng|sang_?|trua|chieu|tối|toi|túi|đêm|dem|khuya)"
PART_OF = {"sáng": "sang", "sang": "sang", "sang_": "sang", "trua": "trua", "chieu": "chieu", "tối": "toi", "toi": "toi", "túi": "toi",
           "đêm": "dem", "dem": "dem", "khuya": "dem"}
# "4g", "sim 5g" are no hours
_HR = (rf"(?:gio|h|(?<!mang \d )(?<!sim \d )g(?= (?:#|\d|{PART}|mai|hom|thu|chu|ngay|nhac|bao|nay|ruoi|kem|moi|hang|,|\.)|$))")
# after these "toi" is whom to remind
_TO_ME = _after_none("nhac goi bao keu hu giup cho thuc nhan cua bot dum gium chung may tuan thang")
_NOT_ME = _before_none("muon|can|se|thich|ranh|la|bi|dang|hay|da|khong|ko|chua")
_DAY_AHEAD = (rf"(?= (?:som )?(?:mai|nay|mốt|mot(?! lan| cau| chut| ti)|hom|ngay (?:mai|mot|mốt|kia|\d)|thu (?:\d|hai|ba|tư|tu|nam|"
              rf"sáu|sau|bảy|bay)|chua? nhat|mung \S|\d+ /|\d+ nay|cuoi tuan|{NH} {_HR}|\d+ :|{NH} (?:ruoi|kem)|som|luc {NH}){R})")
PART_AFTER_HOUR = re.compile(rf"(?: (?:vao|buoi|luc|ban|,))* (?P<part>(?!toi){PART}|toi{_NOT_ME}){R}")
OTHER_WORDS = {"toi", "sang", "sang_", "dem"}
"""Parts of the day that without their marks are other words as well."""
_KIN = "minh|em|tui|chau|con|bac|me|ma|bo|ba|ong|chi|anh|chu|vo|chong"
PART_ENDS = re.compile(rf"(?: ?#| ?$| (?:,|\.|!|\?|;|:|-|nhac|bao|goi|keu|hu|danh thuc|hen|nho (?:nhac|bao|goi|keu)|nhe|nha|nghe|nghen|nhen|a|ah|giup|"
                       rf"gium|dum|ho|voi|duoc (?:khong|ko|k)|hang|moi|luon|cho (?:toi|{_KIN})|toi|{_KIN}){R})")
"""What leaves no doubt that a bare "toi" before it is the evening; any other word may be what "I" do ("7h toi di hop")."""
GOES_OVER = re.compile(rf" (?:nha|xa|phuong|thon|xom|ben|uy ban|truong|tram|buu dien|ngan hang|hang xom|benh vien|chua|cho|ten|don|lay|dong|thanh){R}")
"""After "3h sang" without marks: over to some place, not a morning."""
CARRIES = re.compile(rf" (?:giay|ho so|hs|tien|do|theo|con|be|chau|me|bo|ra|len|qua|xe|so|the|cccd|can cuoc|ho chieu|don|sach|hang|rac|com|ga){R}")
"""After "9h dem" without marks: brings something, no night."""
PART_SURE = re.compile(rf"{L}{_after_none('một mot may ca nhung nhieu')}(?P<part>sáng|trua|{_after_none('doi')}chieu|"
                       rf"chieu(?= (?:mai|nay|mốt|mot|thu|ngay)){R}|tối|đêm|khuya){R}")
PART_BARE = re.compile(rf"{L}(?P<part>(?:{_TO_ME}toi|sang_?|dem|túi){_DAY_AHEAD}|toi(?= nay{R}| nhac lai{R})|"
                       rf"(?:toi|sang|dem)(?= {_CUNG})){R}")
_NAMED_DAY = r"(?:cuoi tuan|chua? nhat|thu (?:[2-7]|hai|ba|tư|tu|nam|sáu|sau|bảy|bay))"
# "thu 7 toi" is next Saturday unless an hour follows
PART_NAMED = re.compile(
    rf"{L}(?:(?:moi|{_after_none('ngan cua')}hang|buoi|cac|ban|mai|mốt|hom nay|ngay kia|{_NAMED_DAY}(?! toi)) "
    rf"(?P<part>toi|sang|dem|túi)"
    rf"(?= (?:co|khoang|tầm|nhac|luc|bao|keu|goi|,|\.|\?|!|\d+|{NH} {_HR}|nao|vao|nhe|nha|hoc)(?!\S)|$)"
    rf"|{_NAMED_DAY} (?P<part2>toi)(?= (?:\d+|{NH} {_HR}|luc)(?!\S)))")
_DAILY_BARE = (rf"(?:toi|sang|dem|túi)(?= (?:\d+|{NH} {_HR}|luc|vao|thu|nhac|bao|goi|keu|hoc|uong|tu|truoc|khoang|co|deu|nhe|nha|a|"
               rf",|\.)(?!\S)|$)")
PART_MOI = re.compile(rf"{L}(?:{_after_none('vua')}(?:moi|hang) (?P<part>{_DAILY_BARE})|buoi (?P<part2>toi|sang|dem|túi)){R}")
PART_ONLY = re.compile(r"^(?P<part>toi|sang|dem|túi)(?: (?:nhe|nha|a|nghe|di|nhac|nhac nhe|nhac nha|nghen|,|\.|!))*$")
# a part of the day far from hour and day may belong to a meal ("8h nhắc tôi nấu cơm chiều")
TOUCHING_BEFORE = re.compile(r"(?:^|[#,.!?;]|(?:^| )buoi)(?: (?:luc|vao|buoi|khoang|,|ngay))*\s?$")
TOUCHING_AFTER = re.compile(r"(?: (?:luc|vao|som|khoang|co|cỡ|tầm|tam|,|ngay|nay))* (?:#|nhac|bao|goi|keu)")
NEVER_ALONE = {"đêm", "khuya"}
POSTPONE = re.compile(rf"{L}(?:doi|hoan|lui|chuyen|dat lai|de){R}")

# named days --------------------------------------------------------------------------------------------------------
# "thu tu" is also "thứ tự", an order of things
_TU = r"tu(?= (?:\d|tuan|nay|hang|toi|luc|vao|nhac|bao|keu|goi|hop|hoc|nho|di|nop|lay|,|va|voi|thu)|$)"
_WD_WORD = rf"(?:hai|ba|tư|{_TU}|nam(?! \d{{4}})|sáu|sau_?|bảy|bay)"
_COUNTED = "trieu|tr|nghin|ngan|k|dong|lan|nguoi|con|loai|tien|phi|%|tuoi"
_NOT_COUNTED = _before_none(rf"gio|h|g|:|ruoi|kem|phut|p|muoi|tieng|(?:ngay|tuan|thang|hom) nua|{_COUNTED}") + r"(?! / \d)"
WD = rf"(?:thu (?:[2-7](?!\d)|{_WD_WORD})|chua? nhat)"
_WD_FIRST = rf"(?:thu (?:[2-7]{R}{_before_none(_COUNTED)}|{_WD_WORD}{R}(?! muoi))|chua? nhat{R})"
_WD_MORE = (rf"(?:(?: (?:,|va|voi|cung|&|\+|-))+ (?:{WD}|[2-7]|{_WD_WORD}){R}{_NOT_COUNTED}"
            rf"| {WD}{R}{_NOT_COUNTED}| [2-7]{R}{_NOT_COUNTED})")
WEEKDAYS = re.compile(
    rf"{L}(?P<slashed>thu [2-7](?: / [2-7]){{2,}}){R}"
    rf"|{L}(?P<first>{_WD_FIRST})(?: (?:den|tới|toi|-|~|>))+ (?P<last>{WD}|[2-7]|{_WD_WORD}){R}{_NOT_COUNTED}(?! [-,] [2-7]{R})"
    rf"|{L}(?P<list>{_WD_FIRST}{_WD_MORE}*)"
    rf"(?: (?P<rel>sau_? nua|sau_?(?! (?:\d|gio))|tới|toi(?! (?:{NH} {_HR}|\d+ :|luc))|nay){R})?"
    rf"|{L}(?P<working>(?:cac|moi|nhung|hang)(?: cac)? ngay (?:lam viec|trong tuan|thuong|hanh chinh)){R}")
WEEKDAY_WORDS = {"hai": 0, "ba": 1, "tư": 2, "tu": 2, "nam": 3, "sáu": 4, "sau": 4, "sau_": 4, "bảy": 5, "bay": 5, "nhat": 6}
EXCEPT = re.compile(rf"{L}(?:ngoai tru|tru ra|tru|khong ke)(?: ngay)?$")
WEEK = re.compile(rf"{L}(?:(?P<part>dau|giua|cuoi) (?:cua )?)?(?:(?P<to>sang_?) )?tuan"
                  rf"(?: (?P<rel>sau_? nua|tới nua|toi nua|sau_?|tới|toi|nay|ke tiep|ke|tiep theo))?{R}(?! khi{R})")
_NO_NOUN = _before_none("gio|h|ruoi|kem|tieng|phut|lan|cau|chut|ti|cai|viec|nguoi|con|ngay|tuan|thang|nam|it|so|bai|khoa|loi|phan|"
                        "dieu|trong|minh|noi|cach|loat|nua")
# "mai moi" without marks is a matchmaker unless somebody is to do something then
_NO_MATCH = r"(?! moi(?! (?:nhac|bao|goi|keu|hoc|di|lam|nop|lay|ranh|ve))(?!\S))"
DAYS_AHEAD = (
    (1, re.compile(rf"{L}(?:(?:ngay|hom|bua|som) )*{_after_none('hoi tim doc dung')}mai(?: mốt)?{R}{_NO_MATCH}")),
    (2, re.compile(rf"{L}(?:(?:ngay|hom|bua) )?{_after_none('muoi hai ba ham')}mốt{R}"
                   rf"|{L}(?:ngay|hom|bua|sang|sáng|trua|chieu|tối|{_TO_ME}toi|dem|đêm) mot{R}{_NO_NOUN}"
                   rf"|(?:^|(?<=[,.] ))(?:ngay )?mot(?= (?:nhac|bao|keu|goi|\d+ {_HR}){R})|^mot$")),
    (2, re.compile(rf"{L}{_after_none('may cac nhung')}ngay kia{R}")),
    (3, re.compile(rf"{L}ngay kìa{R}")),
    (0, re.compile(rf"{L}(?:(?:ngay )?(?:hom|bua)|{PART}) nay{R}")),
    (1, re.compile(rf"{L}(?:ngay )?hom sau_?{R}(?! nua)")),
)

# dates -------------------------------------------------------------------------------------------------------------
_YEAR = r"(?:(?: ,)? nam (?P<y>\d{4})| [/-] (?P<y2>\d{4})|(?: ,)? nam (?P<yr>sau_?|tới|toi|nay)(?!\S)|(?: ,)? (?P<sang>sang_? nam))"
_DAY = r"(?:ngay|mung|mong|hom)"
_NEXT = r"(?P<rel>sau_?|tới|toi|nay|ke tiep|ke)"
_NEXT_ONES = r"(?P<rel>sau_? nua|sau_?|tới|toi|nay|ke tiep|ke)"
_NO_UNIT = _before_none("gio|h|g|:|ruoi|kem|phut|p|lan|bua|vien|tieng|con|nguoi|cai|bai|buoi|cau|trieu|tr|k|nghin|ngan|dong|ngay|hom|"
                        "phan|muc|loai|%|tuan|thang|nam|tuoi|/|cong")
DATES = (
    re.compile(rf"{L}(?:{_DAY} )?(?P<d>\d{{1,2}}) (?P<s>[/.-]) (?P<m>\d{{1,2}}) (?P=s) (?P<y>\d{{4}}|\d\d){R}(?! /)"),
    # "cho 4/5 điểm" is no date
    re.compile(rf"{L}(?:(?P<named>{_DAY}) )?(?<!/ ){_after_none('cho co duoc diem dat cham luon loai')}(?P<d>\d{{1,2}}) / "
               rf"(?P<m>\d{{1,2}}){R}(?! / ){_before_none('tieng|gio|h|phut|p|ngay nua|nua')}{_YEAR}?"),
    re.compile(rf"{L}(?P<named>ngay|mung|hom) (?P<d>\d{{1,2}}) [-.] (?P<m>\d{{1,2}}){R}{_YEAR}?"),
    re.compile(rf"{L}{_DAY} (?:mung )?(?P<d>{N}) (?:cua )?(?:thang {_NEXT}|(?P<to>sang_? thang)){R}"),
    re.compile(rf"{L}(?:(?P<named>{_DAY}) (?:mung )?(?P<d>{N})|(?P<d2>\d{{1,2}}|{_LARGE})) (?:cua )?thang "
               rf"(?P<m>{MONTH}){R}(?! ngay nua){_YEAR}?"),
    re.compile(rf"{L}{_after_none('moi hang nao')}(?:{_DAY} (?:mung )?(?P<d>\d{{1,2}}|{_LARGE})|mung (?P<d2>{_ONE}))"
               rf"{R}{_NO_UNIT}(?: (?P<rel>sau_?|tới|toi|nay){R})?"),
    re.compile(rf"{L}{PART} (?P<d>\d{{1,2}}) (?P<rel>nay){R}"),
)
MONTHS = re.compile(
    rf"{L}{_after_none('nhieu may vai')}(?:(?P<vague>vao|den|tới|toi) )?(?:(?P<part>dau|giua|cuoi) (?:cua )?(?:(?:moi|hang) )?)?"
    rf"(?:(?P<to>sang_?) )?thang(?: {_NEXT_ONES}{R}| (?P<m>{MONTH}){R}{_YEAR}?)?{R}(?! khi{R})")
YEARS = re.compile(rf"{L}(?:(?P<part>dau|cuoi) nam(?: (?P<rel>sau_?|tới|toi|nay))?|sang_? nam|nam (?:sau_?|tới)){R}")

# spans of time -----------------------------------------------------------------------------------------------------
_AMOUNT = (rf"(?:(?P<hours>{N}) (?P<unit>tieng|gio|h)(?: dong ho)?(?: (?P<half>ruoi)| (?P<rest>{N})(?: (?:phut|p|')(?!\S))?)?"
           rf"|(?P<minutes>{N}) (?:phut|p|')|(?P<half_hour>nua) (?:tieng|gio)(?: dong ho)?|(?P<seconds>{N}) giay"
           rf"|(?P<count>{N}|nua) (?P<days>ngay|hom|bua|tuan|thang|nam))")
_ABOUT = r"(?:khoang|chung|tam|tầm|do|dung|them|co|cỡ|vong)"
LATER = (
    re.compile(rf"{L}{_after_none('luc thu')}(?:trong )?(?:{_ABOUT} )*{_AMOUNT} (?P<nua>nua|sau_?(?! (?:khi|bua|do|an|gio)(?!\S))){R}"),
    re.compile(rf"{L}(?:sau_?|trong)(?: {_ABOUT})* {_AMOUNT}(?: (?P<nua>nua))?{R}"),
    re.compile(rf"{L}(?P<shift>hoan|lui|cham|tre|delay|snooze|doi|them)(?: (?:lai|them|nhac|lich|viec|gio|sang|xuong|toi|no|cai|nay|bao|"
               rf"thuc|hen|hoc|cho|minh|em|tre|{_ABOUT}))* {_AMOUNT}(?: (?P<nua>nua))?{R}"),
    re.compile(rf"{L}{_after_none('vai may nhieu it')}(?P<one>tieng ruoi|tieng|tuan|thang) nua{R}"),
)

# hours -------------------------------------------------------------------------------------------------------------
_LESS = rf"(?:\d{{1,2}}|{_LARGE}|nam|ba|hai|mot|một|bảy|bay|tám|tam)"
_MINUTE = (rf"(?:\d\d{R}(?! (?:con|nguoi|bai|cau|trieu|tr|k|nghin|lan|cai){R})|\d(?= (?:phut|p|'|,|\.|mai|{PART}){R}|$)|{_LARGE}|"
           rf"{_ONE}(?= phut))")
_THEN = rf"(?= (?:{PART}|mai|hom|ngay|thu|moi|hang|nhac|nhe|nha|nghe|,|\.){R}|$)"
CLOCKS = (
    re.compile(rf"{L}{_after_none('trong vong suot')}(?P<h>{NH}) {_HR}{R}(?! dau(?! gio)| / (?:ngay|tuan))(?: dung{R})?"
               rf"(?:(?: :)? (?P<m>{_MINUTE}){R}(?: (?:phut|p|'){R})?| (?P<half>ruoi){R}| kem (?P<less>{_LESS}){R}(?: (?:phut|p|'){R})?)?"),
    re.compile(rf"{L}(?<!: )(?P<h>\d{{1,2}}) : (?P<m>\d\d)(?: : \d\d)?{R}"),
    re.compile(rf"{L}(?P<h>{NH}) (?:(?P<half>ruoi)|kem (?P<less>{_LESS})(?: (?:phut|p))?){R}(?! (?:trieu|tram|ty){R})"),
    re.compile(rf"{L}luc (?P<h>\d{{1,2}}) \. (?P<m>\d\d){R}"),
    re.compile(rf"{L}luc (?P<h>{NH}){_THEN}"),
    re.compile(rf"{L}(?:tam|tầm|khoang|co|hoi|dung) (?P<h>\d{{1,2}}){_THEN}"),
)
HOUR_BY_PART = re.compile(rf"(?P<before>\S*) ?(?<!\S)(?P<h>\d{{1,2}}) (?=(?:sáng|tối|trua|chieu|đêm|khuya){R}|"
                          rf"(?:sang|toi|dem)(?: (?:mai|nay|mốt|thu|hom|nhac){R}|$))")
"""A number right before a part of the day, "7 tối"; not when the word before counts something ("bài 3 tối nay")."""
_COUNTING = ("bai cau muc thu ngay thang so phan chuong khoa lop to phuong xa khu quan tuoi t lan mung tap buoc nam - / . : , nha "
             "tang cap diem hang loai dieu khoan doi nhom thon xom ap mau phong ban va")
COUNTING = set(_COUNTING.split(" "))
HOUR_MARK = re.compile(rf"{L}(?:luc|vao|dung) $")
MIDNIGHT = re.compile(rf"{L}(?:nua|giua) (?:đêm|dem){R}")
NOON = re.compile(rf"{L}(?:giua trua|chinh ngo|giua ngo|dung ngo){R}")
THIS_HOUR = re.compile(rf"{L}(?:cung )?(?:gio|tầm|tam|cỡ) nay{R}")

# again and again ---------------------------------------------------------------------------------------------------
EVERY_MONTH = re.compile(rf"{L}(?:(?P<part>dau|giua|cuoi) )?(?:moi|hang|cac|theo)(?: (?:mot|một|1))?(?: (?P<part2>dau|giua|cuoi))? thang{R}"
                         rf"|{L}(?:(?P<part3>dau|giua|cuoi) )?thang {_CUNG}{R}")
EVERY_WEEK = re.compile(rf"{L}(?:moi|hang|theo|cac)(?: (?:mot|một|1))?(?: (?P<end>cuoi))? tuan{R}|{L}(?P<end2>cuoi )?tuan {_CUNG}{R}"
                        rf"|{L}(?:mot|một|1) tuan (?:mot|một|1) lan{R}")
EVERY_DAY = re.compile(rf"{L}(?:moi|hang|tat ca cac|tat ca moi) (?:(?:mot|một|1) )?(?:buoi )?(?:ngay|hom|bua){R}"
                       rf"|{L}(?:ngay|hom|bua|(?:buoi )?{PART}) {_CUNG}{R}"
                       rf"|{L}{_after_none('vua cua khach ban ngan')}(?:moi|hang|cac) (?:buoi )?"
                       rf"(?:sáng|trua|chieu|tối|đêm|khuya|{_DAILY_BARE}){R}|{L}(?:tối tối|sáng sáng|chieu chieu){R}")
EVERY_WEEKDAY = re.compile(rf"{L}(?:moi|hang|cac|nhung|cu)(?: (?:buoi|ngay|vao|cu|hom|den|tới|{PART}|,))*(?= {WD}{R})"
                           rf"|{L}{WD} {_CUNG}{R}|{L}co dinh{R}(?! danh)")
OTHER_RHYTHM = (
    re.compile(rf"{L}(?:moi|cu|cach|hang) (?P<n>{N}) (?:ngay|hom|bua|tuan|thang|gio|h|tieng|phut|p|nam){R}(?! {PART}{R})"),
    re.compile(rf"{L}(?P<n>{N}) (?:ngay|hom|tuan|thang) (?:một|mot|1) lan{R}"),
    re.compile(rf"{L}(?:cach (?:ngay|tuan|thang|nhat)|ngay (?:chan|le)|"
               rf"{WD} (?:dau tien|cuoi cung|dau|cuoi) (?:cua )?(?:moi |hang )?thang){R}"),
)
"""Rhythms that a rule cannot hold: every two days, odd days, the first Monday of a month."""
TIMES_PER = re.compile(rf"{L}(?:(?:ngay|tuan|thang)(?: \S+)? (?P<n>{N}) (?:lan|buoi)|(?P<n2>{N}) (?:lan|buoi) "
                       rf"(?:(?:moi|một|mot|1|/|trong) )?(?:ngay|tuan|thang)){R}")

# not ours ----------------------------------------------------------------------------------------------------------
LUNAR = re.compile(rf"{L}(?:am lich|al|(?:ngay |hom |dem |đêm )ram|ram thang|rằm|giao thua|thang (?:gieng|chap)|"
                   rf"(?:mung|mong) {N} (?:\S+ )?(?:tết|tet)|\d+ (?:tết|tet)|(?:mung|mong) {N} am|"
                   rf"(?:\d{{1,2}} / \d{{1,2}}|thang(?: {MONTH})?) am(?! (?:ban|thanh|vang|tinh))|"
                   rf"(?:vao|den|truoc|sau_?|ra|dip|qua|an) tết){R}")
FEAST = re.compile(rf"{L}(?:(?:tết|tet)(?! (?:duong|tay|thieu nhi))|trung thu|vu lan|doan ngo|ong (?:cong|tao)|tat nien|"
                   rf"(?:{PART} |nhac )?ram(?= (?:nay|tới|toi|nhac|nho|sau)))")
"""Days that go by the lunar calendar as well, but may stand beside a date ("trước trung thu, 20/9 nhắc tôi")."""
_LAST = r"(?:qua|kia|truoc|no|bua|roi)"
PAST = re.compile(
    rf"{L}(?:luc )?(?:{NH} {_HR}(?: \d{{1,2}})?(?: {PART})? )?(?:{PART} )?(?:ngay )?(?:hom {_LAST}|bua {_LAST}|hom bua){R}"
    rf"|{L}(?:{NH} {_HR}(?: \d{{1,2}})? )?{PART} qua{R}"
    rf"|{L}(?:{WD} |ngay \d+ |cuoi |dau )?(?:tuan|thang|nam) (?:truoc|roi|qua|vua roi|vua qua|ngoai|kia){R}"
    rf"|{L}{WD} (?:vua roi|vua qua|truoc){R}"
    rf"|{L}{N} (?:ngay|tuan|thang|nam|gio|tieng|phut|hom|bua) truoc{R}|{L}(?:may|cac|nhung) ngay kia{R}"
    rf"|{L}{_after_none('thu ngay')}(?:{N}|may|chuc|nhung|suot|ca) (?:hom|bua|ngay|tuan|thang|nam|dem|đêm) nay{R}"
    rf"|{L}(?:tu|từ) dau (?:thang|tuan|nam){R}|{L}hinh chu nhat{R}")
ORDINAL = re.compile(
    rf"{L}(?:(?:cau|lan|bai|cach|buoc|muc|phan|chuong|dieu|khoan|ben|cai|dua|khoa|mon|loai|trang|diem|gioi)|"
    rf"{_after_none('nhac giup goi cho bao')}(?:nguoi|con|chau)) {WD}{R}(?! (?:hang |moi )?(?:tuan|luc|nay|{NH} {_HR}|\d+ :|tới))")
LEADING_WORDS = {"luc", "vao", "khoang", "tam", "tầm", "cỡ", "hoi", "buoi", "dung", "den", "tu", "sau", "sau_"}
"""Taken into the span when they stand before it."""
