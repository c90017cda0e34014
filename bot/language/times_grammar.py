"""The patterns of time expressions over a Line of times_lexicon.py: words parted by single spaces, one spelling each.

Where a word still carries marks here ("tối", "sáu", "mốt"), the bare spelling is ambiguous and needs its neighbours.
"""

import re

L, R = r"(?<!\S)", r"(?!\S)"

# numbers -----------------------------------------------------------------------------------------------------------
_TENS = r"(?:hai|ba|bon|nam|sáu|sau|bay|tam|chin)"
_ONE = r"(?:một|mot|mốt|hai|ba|bon|tư|tu|nam|lam|nham|sáu|sau|bay|tam|chin)"
_LARGE = rf"(?:{_TENS} muoi(?: {_ONE})?|muoi(?: {_ONE})?|ham {_ONE}|{_TENS} (?:mốt|lam))"
N = rf"(?:\d{{1,4}}|{_LARGE}|{_ONE})"
# "từ giờ" and "sau giờ làm" are no hours
_HOUR_ONE = r"(?:một|mot|hai|ba|bon|nam|sáu|sau(?! gio (?:lam|hoc|hanh|tan|com|nghi|an|do))|bay|tam|chin)"
NH = rf"(?:\d{{1,2}}|{_LARGE}|{_HOUR_ONE})"
MONTH = r"(?:\d{1,2}|muoi (?:một|mot|hai)|muoi|một|mot|hai|ba|tư|tu|bon|nam|sáu|bay|tam|chin)"

# parts of the day --------------------------------------------------------------------------------------------------
PART = r"(?:sáng|sang|trua|chieu|tối|toi|túi|đêm|dem|khuya)"
PART_OF = {"sáng": "sang", "sang": "sang", "trua": "trua", "chieu": "chieu", "tối": "toi", "toi": "toi", "túi": "toi",
           "đêm": "dem", "dem": "dem", "khuya": "dem"}
_HR = r"(?:gio|h|g)"
# after these "toi" is whom to remind
_REMINDING = "nhac goi bao keu hu giup cho thuc nhan cua bot dum gium chung may"
_TO_ME = "".join(rf"(?<!{w} )" for w in _REMINDING.split(" "))
_NOT_ME = r"(?! (?:muon|can|se|thich|ranh|la|bi|dang|hay|da|khong|ko|chua)(?!\S))"
_DAY_AHEAD = (rf"(?= (?:som )?(?:mai|nay|mốt|mot(?! lan| cau| chut| ti)|hom|ngay (?:mai|mot|mốt|kia|\d)|thu (?:\d|hai|ba|tư|tu|nam|"
              rf"sáu|sau|bay)|chua? nhat|mung \S|\d+ /|\d+ nay|cuoi tuan|{NH} {_HR}|\d+ :|{NH} (?:ruoi|kem)|som|luc {NH}){R})")
PART_AFTER_HOUR = re.compile(rf"(?: (?:vao|buoi|luc|ban|,))* (?P<part>{PART}){R}{_NOT_ME}")
PART_SURE = re.compile(rf"{L}(?P<part>sáng|trua|chieu|tối|đêm|khuya){R}")
PART_BARE = re.compile(rf"{L}(?P<part>{_TO_ME}toi{_DAY_AHEAD}|toi(?= nay{R})|sang{_DAY_AHEAD}|dem{_DAY_AHEAD}|túi{_DAY_AHEAD}){R}")
PART_NAMED = re.compile(rf"{L}(?:moi|hang|buoi|cac|ban|mai|mốt|hom nay|cuoi tuan|chua? nhat|thu (?:[2-7]|hai|ba|tư|tu|nam|sáu|sau|bay)|"
                        rf"(?<=ngay )kia) (?P<part>toi|sang|dem|túi)(?= (?:nhac|luc|bao|keu|goi|,|\.|\?|!|{N}|nao|vao|nhe|nha|hoc)(?!\S)|$)")
PART_MOI = re.compile(rf"{L}(?<!vua )(?:moi|hang|buoi) (?P<part>toi|sang|dem|túi){R}")
PART_ONLY = re.compile(r"(?P<part>toi|sang|dem|túi)(?: (?:nhe|nha|a|nghe|di|nhac|nhac nhe|nhac nha|nghen|,|\.|!))*$")
# a part of the day far from hour and day may belong to a meal ("8h nhắc tôi nấu cơm chiều")
TOUCHING_BEFORE = re.compile(r"(?:^|[#,.!?;]|(?:^| )buoi)(?: (?:luc|vao|buoi|khoang|,|ngay))*\s?$")
TOUCHING_AFTER = re.compile(r"(?: (?:luc|vao|som|khoang|co|cỡ|tầm|tam|,|ngay|nay))* (?:#|nhac|bao|goi|keu)")
POSTPONE = re.compile(rf"{L}(?:doi|hoan|lui|chuyen|dat lai|de){R}")

# named days --------------------------------------------------------------------------------------------------------
_WD_WORD = r"(?:hai|ba|tư|tu(?! (?:nao|uu|cac|thuc|buoc|nhu|cua)(?!\S))|nam(?! \d{4})|sáu|sau_?|bay)"
_NOT_COUNTED = (r"(?! (?:gio|h|g|:|ruoi|kem|phut|p|muoi|tieng|ngay nua|tuan nua|thang nua|hom nua|trieu|tr|nghin|ngan|k|dong|lan|"
                r"nguoi|con|loai|tien|phi|%)(?!\S))(?! / \d)")
WD = rf"(?:thu (?:[2-7](?!\d)|{_WD_WORD})|chua? nhat)"
_WD_FIRST = rf"(?:thu (?:[2-7]{R}(?! (?:trieu|tr|nghin|ngan|k|dong|lan|nguoi|con|loai|tien|phi|%|tuoi){R})|{_WD_WORD}{R}(?! muoi))|chua? nhat{R})"
_WD_MORE = (rf"(?:(?: (?:,|va|voi|cung|&|\+|-))+(?: {PART})? (?:{WD}|[2-7]|{_WD_WORD}){R}{_NOT_COUNTED}"
            rf"| {WD}{R}{_NOT_COUNTED}| [2-7]{R}{_NOT_COUNTED})")
WEEKDAYS = re.compile(
    rf"{L}(?P<slashed>thu [2-7](?: / [2-7]){{2,}}){R}"
    rf"|{L}(?P<first>{_WD_FIRST})(?: (?:den|tới|toi|-|~|>))+ (?P<last>{WD}|[2-7]|{_WD_WORD}){R}{_NOT_COUNTED}(?! [-,] [2-7]{R})"
    rf"|{L}(?P<list>{_WD_FIRST}{_WD_MORE}*)(?: (?P<rel>sau_? nua|sau_?(?! (?:\d|gio))|tới|toi(?! (?:{NH} {_HR}|\d+ :|luc))|nay){R})?"
    rf"|{L}(?P<working>(?:cac|moi|nhung|hang)(?: cac)? ngay (?:lam viec|trong tuan|thuong|hanh chinh)){R}")
WEEKDAY_WORDS = {"hai": 0, "ba": 1, "tư": 2, "tu": 2, "nam": 3, "sáu": 4, "sau": 4, "sau_": 4, "bay": 5, "nhat": 6}
EXCEPT = re.compile(rf"{L}(?:ngoai tru|tru ra|tru|khong ke)(?: ngay)?$")
WEEK = re.compile(rf"{L}(?:(?P<part>dau|giua|cuoi) (?:cua )?)?(?:(?P<to>sang) )?tuan"
                  rf"(?: (?P<rel>sau_? nua|tới nua|toi nua|sau_?|tới|toi|nay|ke tiep|ke|tiep theo))?{R}")
_NOUN_AFTER_MOT = (r"(?! (?:gio|h|ruoi|kem|tieng|phut|lan|cau|chut|ti|cai|viec|nguoi|con|ngay|tuan|thang|nam|it|so|bai|khoa|loi|phan|"
                   r"dieu|trong|minh|noi|cach|loat|nua)(?!\S))")
DAYS_AHEAD = (
    (1, re.compile(rf"{L}(?:(?:ngay|hom|bua|som) )*mai(?: mốt)?{R}(?! moi(?! (?:nhac|bao|goi|keu|hoc|di|lam|nop|lay|ranh|ve))(?!\S))")),
    (2, re.compile(rf"{L}(?:(?:ngay|hom|bua) )?(?<!muoi )(?<!hai )(?<!ba )(?<!ham )mốt{R}"
                   rf"|{L}(?:ngay|hom|bua|sang|sáng|trua|chieu|tối|{_TO_ME}toi|dem|đêm) mot{R}{_NOUN_AFTER_MOT}"
                   rf"|(?:^|(?<=[,.] ))(?:ngay )?mot(?= (?:nhac|bao|keu|goi|\d+ {_HR}){R})|^mot$")),
    (2, re.compile(rf"{L}(?<!may )(?<!cac )(?<!nhung )ngay kia{R}")),
    (3, re.compile(rf"{L}ngay kìa{R}")),
    (0, re.compile(rf"{L}(?:(?:ngay )?(?:hom|bua)|{PART}) nay{R}")),
    (1, re.compile(rf"{L}(?:ngay )?hom sau_?{R}(?! nua)")),
)

# dates -------------------------------------------------------------------------------------------------------------
_YEAR = r"(?:(?: ,)? nam (?P<y>\d{4})| [/-] (?P<y2>\d{4})|(?: ,)? nam (?P<yr>sau_?|tới|toi|nay)(?!\S)|(?: ,)? (?P<sang>sang nam))"
_DAY = r"(?:ngay|mung|mong|hom)"
_NEXT = r"(?P<rel>sau_?|tới|toi|nay|ke tiep|ke)"
_COUNTED = (r"(?! (?:gio|h|g|:|ruoi|kem|phut|p|lan|bua|vien|tieng|con|nguoi|cai|bai|buoi|cau|trieu|tr|k|nghin|ngan|dong|ngay|hom|"
            r"phan|muc|loai|%|tuan|thang|nam|tuoi|/|cong)(?!\S))")
DATES = (
    re.compile(rf"{L}(?:{_DAY} )?(?P<d>\d{{1,2}}) (?P<s>[/.-]) (?P<m>\d{{1,2}}) (?P=s) (?P<y>\d{{4}}|\d\d){R}(?! /)"),
    re.compile(rf"{L}(?:(?P<named>{_DAY}) )?(?<!/ )(?P<d>\d{{1,2}}) / (?P<m>\d{{1,2}}){R}(?! / )(?! (?:tieng|gio|h|phut|p|ngay nua|nua){R}){_YEAR}?"),
    re.compile(rf"{L}(?P<named>ngay|mung|hom) (?P<d>\d{{1,2}}) [-.] (?P<m>\d{{1,2}}){R}{_YEAR}?"),
    re.compile(rf"{L}{_DAY} (?:mung )?(?P<d>{N}) (?:cua )?(?:thang {_NEXT}|(?P<to>sang thang)){R}"),
    re.compile(rf"{L}(?:(?P<named>{_DAY}) (?:mung )?(?P<d>{N})|(?P<d2>\d{{1,2}}|{_LARGE})) (?:cua )?thang (?P<m>{MONTH}){R}(?! ngay nua){_YEAR}?"),
    re.compile(rf"{L}(?<!moi )(?<!hang )(?<!nao )(?:(?:ngay|hom|mung|mong) (?:mung )?(?P<d>\d{{1,2}}|{_LARGE})|mung (?P<d2>{_ONE}))"
               rf"{R}{_COUNTED}(?: (?P<rel>sau_?|tới|toi|nay){R})?"),
    re.compile(rf"{L}{PART} (?P<d>\d{{1,2}}) (?P<rel>nay){R}"),
)
MONTHS = re.compile(rf"{L}(?:(?P<vague>vao|den|tới|toi) )?(?:(?P<part>dau|giua|cuoi) (?:cua )?(?:(?:moi|hang) )?)?(?:(?P<to>sang) )?"
                    rf"thang(?: (?P<rel>sau_? nua|sau_?|tới|toi|nay|ke tiep|ke){R}| (?P<m>{MONTH}){R}{_YEAR}?)?{R}")
YEARS = re.compile(rf"{L}(?:(?P<part>dau|cuoi) nam(?: (?P<rel>sau_?|tới|toi|nay))?|sang nam|nam (?:sau_?|tới)){R}")

# spans of time -----------------------------------------------------------------------------------------------------
_AMOUNT = (rf"(?:(?P<hours>{N}) (?P<unit>tieng|gio|h)(?: dong ho)?(?: (?P<half>ruoi)| (?P<rest>{N})(?: (?:phut|p|')(?!\S))?)?"
           rf"|(?P<minutes>{N}) (?:phut|p|')|(?P<half_hour>nua) (?:tieng|gio)(?: dong ho)?|(?P<seconds>{N}) giay"
           rf"|(?P<count>{N}|nua) (?P<days>ngay|hom|bua|tuan|thang|nam))")
_ABOUT = r"(?:khoang|chung|tam|tầm|do|dung|them|co|cỡ|vong)"
LATER = (
    re.compile(rf"{L}(?<!luc )(?<!thu )(?:trong )?(?:{_ABOUT} )*{_AMOUNT} (?P<nua>nua|sau_?(?! (?:khi|bua|do|an|gio)(?!\S))){R}"),
    re.compile(rf"{L}(?:sau_?|trong)(?: {_ABOUT})* {_AMOUNT}(?: (?P<nua>nua))?{R}"),
    re.compile(rf"{L}(?P<shift>hoan|lui|cham|tre|delay|snooze|doi|them)(?: (?:lai|them|nhac|lich|viec|gio|sang|xuong|toi|no|cai|nay|bao|"
               rf"thuc|hen|hoc|cho|minh|em|tre|{_ABOUT}))* {_AMOUNT}(?: (?P<nua>nua))?{R}"),
    re.compile(rf"{L}(?<!vai )(?<!may )(?<!nhieu )(?<!it )(?P<one>tieng ruoi|tieng|tuan|thang) nua{R}"),
)

# hours -------------------------------------------------------------------------------------------------------------
_MINUTE = (rf"(?:\d\d{R}(?! (?:con|nguoi|bai|cau|trieu|tr|k|nghin|lan|cai){R})|\d(?= (?:phut|p|'|,|\.|mai|{PART}){R}|$)|{_LARGE}|"
           rf"{_ONE}(?= phut))")
CLOCKS = (
    re.compile(rf"{L}(?<!trong )(?<!vong )(?<!suot )(?P<h>{NH}) {_HR}{R}(?! dau(?! gio))(?: dung{R})?(?:(?: :)? (?P<m>{_MINUTE}){R}"
               rf"(?: (?:phut|p|'){R})?| (?P<half>ruoi){R}| kem (?P<less>{N}){R}(?: (?:phut|p|'){R})?)?"),
    re.compile(rf"{L}(?<!: )(?P<h>\d{{1,2}}) : (?P<m>\d\d)(?: : \d\d)?{R}"),
    re.compile(rf"{L}(?P<h>{NH}) (?:(?P<half>ruoi)|kem (?P<less>{N})(?: (?:phut|p))?){R}(?! (?:trieu|tram|ty){R})"),
    re.compile(rf"{L}luc (?P<h>\d{{1,2}}) \. (?P<m>\d\d){R}"),
    re.compile(rf"{L}(?:luc|tam|tầm|khoang|cỡ|hoi|dung) (?P<h>{NH})(?= (?:{PART}|mai|hom|ngay|thu|moi|hang|nhac|nhe|nha|nghe|,|\.){R}|$)"),
)
HOUR_BY_PART = re.compile(rf"(?P<before>\S*) ?(?<!\S)(?P<h>{NH}) (?=(?:sáng|tối|trua|chieu|đêm|khuya){R}|(?:sang|toi|dem)(?: (?:mai|nay|mốt|thu|hom|nhac){R}|$))")
"""A number right before a part of the day, "7 tối"; not when the word before counts something ("bài 3 tối nay")."""
_COUNTING = ("bai cau muc thu ngay thang so phan chuong khoa lop to phuong xa khu quan tuoi t lan mung tap buoc nam - / . : , nha "
             "tang cap diem hang loai dieu khoan doi nhom thon xom ap mau phong ban va")
COUNTING = set(_COUNTING.split(" "))
HOUR_MARK = re.compile(rf"{L}(?:luc|vao|dung) $")
MIDNIGHT = re.compile(rf"{L}(?:nua|giua) (?:đêm|dem){R}")
NOON = re.compile(rf"{L}(?:giua trua|chinh ngo|giua ngo|dung ngo){R}")
THIS_HOUR = re.compile(rf"{L}(?:cung )?(?:gio|tầm|tam|cỡ) nay{R}")

# again and again ---------------------------------------------------------------------------------------------------
_CUNG = r"nao(?: \S+){0,2}? cung"
EVERY_MONTH = re.compile(rf"{L}(?:(?P<part>dau|giua|cuoi) )?(?:moi|hang|cac|theo)(?: (?:mot|một|1))?(?: (?P<part2>dau|giua|cuoi))? thang{R}"
                         rf"|{L}(?:(?P<part3>dau|giua|cuoi) )?thang {_CUNG}{R}")
EVERY_WEEK = re.compile(rf"{L}(?:moi|hang|theo|cac)(?: (?:mot|một|1))?(?: (?P<end>cuoi))? tuan{R}|{L}(?P<end2>cuoi )?tuan {_CUNG}{R}"
                        rf"|{L}(?:mot|một|1) tuan (?:mot|một|1) lan{R}")
EVERY_DAY = re.compile(rf"{L}(?:moi|hang|tat ca cac|tat ca moi) (?:(?:mot|một|1) )?(?:buoi )?(?:ngay|hom|bua){R}"
                       rf"|{L}(?:ngay|hom|bua|(?:buoi )?{PART}) {_CUNG}{R}"
                       rf"|{L}(?<!vua )(?:moi|hang|cac) (?:buoi )?{PART}{R}|{L}(?:tối tối|sáng sáng|chieu chieu){R}")
EVERY_WEEKDAY = re.compile(rf"{L}(?:moi|hang|cac|nhung|cu)(?: (?:buoi|ngay|vao|cu|hom|den|tới|{PART}|,))*(?= {WD}{R})"
                           rf"|{L}{WD} {_CUNG}{R}|{L}co dinh{R}")
OTHER_RHYTHM = (
    re.compile(rf"{L}(?:moi|cu|cach|hang) (?P<n>{N}) (?:ngay|hom|bua|tuan|thang|gio|h|tieng|phut|p|nam){R}(?! {PART}{R})"),
    re.compile(rf"{L}(?P<n>{N}) (?:ngay|hom|tuan|thang) (?:một|mot|1) lan{R}"),
    re.compile(rf"{L}(?:cach (?:ngay|tuan|thang|nhat)|ngay (?:chan|le)|{WD} (?:dau tien|cuoi cung|dau|cuoi) (?:cua )?(?:moi |hang )?thang){R}"),
)
"""Rhythms that a rule cannot hold: every two days, odd days, the first Monday of a month."""
TIMES_PER = re.compile(rf"{L}(?:(?:ngay|tuan|thang)(?: \S+)? (?P<n>{N}) (?:lan|buoi)|(?P<n2>{N}) (?:lan|buoi) (?:(?:moi|một|mot|1|/|trong) )?"
                       rf"(?:ngay|tuan|thang)){R}")

# not ours ----------------------------------------------------------------------------------------------------------
LUNAR = re.compile(rf"{L}(?:am lich|al|(?:ngay |hom |dem |đêm )ram|ram thang|rằm|giao thua|thang (?:gieng|chap)|"
                   rf"(?:mung|mong) {N} (?:\S+ )?(?:tết|tet)|\d+ (?:tết|tet)|(?:mung|mong) {N} am|(?:vao|den|truoc|sau_?|ra|dip|qua|an) tết){R}")
_LAST = r"(?:qua|kia|truoc|no|bua|roi)"
PAST = re.compile(
    rf"{L}(?:luc )?(?:{NH} {_HR}(?: \d{{1,2}})?(?: {PART})? )?(?:{PART} )?(?:ngay )?(?:hom {_LAST}|bua {_LAST}|hom bua){R}"
    rf"|{L}(?:{NH} {_HR}(?: \d{{1,2}})? )?{PART} qua{R}"
    rf"|{L}(?:{WD} |ngay \d+ |cuoi |dau )?(?:tuan|thang|nam) (?:truoc|roi|qua|vua roi|vua qua|ngoai|kia){R}|{L}{WD} (?:vua roi|vua qua|truoc){R}"
    rf"|{L}{N} (?:ngay|tuan|thang|nam|gio|tieng|phut|hom|bua) truoc{R}|{L}(?:may|cac|nhung) ngay kia{R}"
    rf"|{L}(?:tu|từ) dau (?:thang|tuan|nam){R}|{L}hinh chu nhat{R}")
ORDINAL = re.compile(
    rf"{L}(?:(?:cau|lan|bai|cach|buoc|muc|phan|chuong|dieu|khoan|ben|cai|dua|khoa|mon|loai|trang|diem)|(?<!nhac )(?<!giup )(?<!goi )(?<!cho )"
    rf"(?<!bao )(?:nguoi|con|chau)) {WD}{R}(?! (?:hang |moi )?(?:tuan|luc|nay|{NH} {_HR}|\d+ :|tới))")
LEADING_WORDS = {"luc", "vao", "khoang", "tam", "tầm", "cỡ", "hoi", "buoi", "dung", "den", "tu"}
"""Taken into the span when they stand before it."""
