"""What secrets look like, and what only looks like them, over the shadow of a text (see sensitive.py).

The shadow is lower case without marks, ASCII digits, single spaces; a line break stands for what is already read.
"""

import re
from typing import Pattern, Tuple

# between the groups of one number: spaces, dots, dashes
_GAP_CHAR = r"[ ._\-·•\u2010-\u2015\u2212]"
SEP = rf"{_GAP_CHAR}{{1,3}}"
_ALONE = r"(?<!\d)"
_END = r"(?!\d)"

WORTH_A_LOOK = re.compile(r"\d|khau|\bmk\b|pass|\bpwd?\b|mat ma")
"""Without any of these a text holds no secret that we know of."""

# plainly something else ----------------------------------------------------------------------------------------------
CODES: Tuple[Pattern[str], ...] = tuple(re.compile(p) for p in (
    # dossiers: 000.00.16.h40-251120-0007, h40-251120-0007; procedures: 1.001193, 2.000488.000.00.00.h40
    r"(?<![a-z0-9])(?:\d{3}\.\d\d\.\d\d\.)?[a-z]\d{2}(?:\.\d+)* ?[-.] ?\d{6} ?[-.] ?\d{3,6}(?!\d)",
    r"(?<![\d.])\d\.\d{6}(?:\.\d{3}(?:\.\d\d){2}(?:\.[a-z]\d\d)?)?(?!\d)",
    # laws, dates, hours
    r"(?<![\d/])\d{1,5}/\d{4}/[a-z][a-z0-9-]*", r"(?<!\d)\d{1,2}([/.-])\d{1,2}\1(?:19|20)\d\d(?!\d)",
    r"(?<![\d/])\d{1,2}/\d{4}(?!\d)", r"(?<!\d)(?:19|20)\d\d([-/.])\d\d\1\d\d(?!\d)", r"(?<!\d)\d{1,2}(?:h|:)\d\d(?!\d)",
    r"(?<=\bnam )(?:19|20)\d\d(?!\d)",
    # lines that anybody may call
    r"(?<!\d)1[89]00(?:[ .-]?\d){4,6}(?!\d)"))
_MOBILE = r"(?:3[2-9]|5[25689]|7[06-9]|8\d|9\d)"
PHONE = re.compile(
    rf"(?<![\d+])0(?:{SEP})?[35789](?:(?:{SEP})?\d){{8}}{_END}|(?<!\d)02\d(?:(?:{SEP})?\d){{8}}{_END}"
    rf"|(?<!\d)(?:\+ ?84|0084|84)(?:{SEP})?(?:\(?0\)?)?{_MOBILE}(?:(?:{SEP})?\d){{7}}{_END}")
# a number of eight digits and more is never counted in thousands or millions
_SMALL_UNIT = r"(?:dong(?! (?:tien|phi|hoc|bao|thue|le|cho|roi))|vnd|d|nghin|ngan(?! hang)|trieu|tr|ty|ti|usd|do la|cu|xu|₫|\$)(?![a-z0-9])"
_UNIT = r"(?:(?:dong(?! (?:tien|phi|hoc|bao|thue|le|cho|roi))|vnd|d|usd|trieu|₫|\$)(?![a-z0-9])|(?<=\d)k(?![a-z0-9]))"
UNIT_AFTER = re.compile(rf" ?{_UNIT}")
MONEY: Tuple[Pattern[str], ...] = tuple(re.compile(p) for p in (
    rf"(?<![\d.,])[1-9]\d{{0,2}}(?:[.,]\d{{3}})+(?:[.,]\d+)? ?{_SMALL_UNIT}",
    rf"(?<![\d.,])[1-9]\d{{0,6}}(?:[.,]\d{{1,2}})? ?{_SMALL_UNIT}", rf"(?<![\d.,])[1-9]\d{{7,11}} ?{_UNIT}",
    r"(?<![\d.,])[1-9]\d{0,2}(?: \d{3})+ ?(?:dong|vnd|₫)(?![a-z0-9])", r"(?<![\d.,])[1-9]\d{0,6}k(?![a-z0-9])",
    r"(?<![\d.,])[1-9]\d{0,2}(?:\.\d{3}){1,3}(?!\d|\.\d)", r"(?<![\d.,])[1-9]\d{0,2}(?:,\d{3}){1,3}(?!\d|,\d)"))

# words near a number -------------------------------------------------------------------------------------------------
ID_WORDS = re.compile(r"\b(?:cmnd|cmt|cmtnd|cccd|cc|chung minh|can cuoc|so the|giay to|dinh danh|the bao hiem|bhyt)\b")
PHONE_WORDS = re.compile(r"\b(?:sdt|dt|dien thoai|phone|zalo|hotline|goi|lien he|so may|tong dai|di dong|mst|ma so thue|bhxh)\b")
MONEY_WORDS = re.compile(r"\b(?:tien|gia|phi|vay|luong|von|no|thue|thu nhap|ck|chuyen|nop|dong|du|tru|rut|nap|tri gia)"
                         r"(?: (?:la|duoc|het|mat|di|toi|khoang|khoan|cho no|cho))*[ :=]*$")
FILE_WORDS = re.compile(r"\b(?:ho so|bien nhan|ma don|so don|phan anh|tra cuu|van don|don hang|thu tuc)(?: (?:so|la|cua \w+))*[ :=]*$")
_ACCOUNT = r"(?:so tai khoan|so tk|stk|tai khoan|tk|account|acc)"
ACCOUNT_BEFORE = re.compile(rf"\b{_ACCOUNT}\b(?P<between>[^\n]{{0,30}})$")
ACCOUNT_AFTER = re.compile(rf"^[^\d\n]{{0,12}}\b{_ACCOUNT}\b")
# so near that even what looks like a telephone number is an account: many banks give them out alike
ACCOUNT_CLOSE = re.compile(
    r"\b(?:so tai khoan|so tk|stk|account number)\b(?P<between>[^\d\n]{0,30})$"
    r"|\b(?:tai khoan|tk|account|acc)(?: (?:so|la|ngan hang|nh|cua \w+|[a-z]*bank|vcb|bidv|acb|mb|agri))*[ :=.-]*$")
OTP_WORDS = re.compile(
    r"\b(?:(?:smart ?)?o ?\.?t\.?p|ma (?:so )?(?:xac (?:nhan|thuc|minh)|pin|bi mat|bao mat|kich hoat|dang nhap|giao dich|sau so|bon so|\d (?:chu )?so)|"
    r"so pin|pin(?= (?:la|cua)\b| ?[:=]|$)|cvv2?|cvc2?|passcode|verification code|code xac (?:nhan|thuc)|mxn|mxt)(?![a-z])")
GIVEN_CODE = re.compile(r"\b(?:doc|dua|cho|gui|nhap|nhan|bao|dien)(?: \w+){0,3} (?:ma|code)(?: (?:la|so|ay|nay|do))*[ :=]*$")
OTP_REACH = 30
ANNOUNCED = re.compile(r"(?:\b(?:la|is)|:) ?$")
ANNOUNCED_REACH = 70
"""Bank messages tell much between the word and the number: "Mã OTP giao dịch 2.000.000 VND tại VCB là 482913"."""

# numbers -------------------------------------------------------------------------------------------------------------
OTP = re.compile(rf"{_ALONE}(?:\d{{4,8}}{_END}|\d{{3}}{SEP}\d{{3}}{_END}|\d\d{SEP}\d\d{SEP}\d\d{_END}|\d{{4}}{SEP}\d{{4}}{_END}|"
                 rf"\d(?:{SEP}\d){{3,7}}{_END}|(?:(?<=cvv )|(?<=cvc )|(?<=cvv: )|(?<=cvv:))\d{{3}}{_END})")
OTP_MEASURE = re.compile(r"^ ?(?:vu|mah|km|m2|kg|nghin|ngan|trieu|ty|dong)(?![a-z0-9])")
OTP_LINE = re.compile(r"\b(?:dau so|tong dai|hotline|goi)(?: so)? ?$")
RUN = re.compile(r"\d{8,}")
CARD = re.compile(rf"{_ALONE}\d{{4}}{SEP}\d{{4}}{SEP}\d{{4}}(?:{SEP}\d{{1,4}}){{1,2}}{_END}"
                  rf"|{_ALONE}\d{{4}}{SEP}\d{{6}}{SEP}\d{{4,5}}{_END}|{_ALONE}\d(?:{SEP}\d){{12,18}}{_END}")
YEARS = re.compile(rf"(?:(?:19|20)\d\d(?:{SEP})?)+$")
ID12 = re.compile(rf"{_ALONE}0(?:(?:{SEP})?\d){{11}}{_END}")
GROUPED = re.compile(rf"{_ALONE}\d{{1,6}}(?:{SEP}\d{{1,7}})+{_END}")
"""Any number written in groups; which of them matter is for the lengths and the words near to say."""
SEPS = re.compile(SEP)

# passwords -----------------------------------------------------------------------------------------------------------
_NAME = r"(?<![a-z0-9])(?:mat khau|mat ma|mk|passwords?|passwd|pass ?word|pass|pwd|pw)"
# words between the name and "là" that make it talk about passwords, not the telling of one
_NO_GAP = "phai|nen|can|khong|ko|gom|dai|sao|nhu|neu|gi|la|is|manh|tot|toi thieu|it nhat|yeu|an toan|chi|nao"
PASSWORD = re.compile(rf"{_NAME}(?: (?!(?:{_NO_GAP})\b)[a-z0-9@._]+){{0,6}}?(?P<sign> ?(?:(?:la|is)\b ?[:=]?|[:=]|->|=>|→) ?)"
                      r"(?P<value>[\"'“][^\"'”\n]{2,40}[\"'”]|(?=\S*\w)\S+)")
PASSWORD_BARE = re.compile(rf"{_NAME}(?: (?:cu|moi|cua (?:toi|em|minh|bac|chau|anh|chi)|wifi|vneid|zalo|facebook|fb|email))? "
                           r"(?P<value>(?=\S*\d)\S{4,})")
PASSWORD_AFTER = re.compile(r"(?<!\S)(?P<value>(?=\S*\d)\S{4,}) la (?:mat khau|mk|pass)(?:word)?\b")
MINE = re.compile(r"(?<![a-z0-9])(?:mk|pw)\b")
COUNTED = re.compile(r"^ (?:ky tu|so|chu|lan|ngay|thang|nam|phut|gio|cai|loai|lop|trong)\b")
_ORDINARY = (
    "yeu manh du tot nhieu "
    "gi j sao nao chi the nhu o dau bao may ai mot hai ba thu cai thong bi rieng cua do rat khong ko k dieu chuoi ma chia "
    "quan nen phai sai dung duoc su cach loai ca nhung gom to so chu ngay ten can hoi lam ntn vay a ah ha nhi con nguoi hoc "
    "sinh giao vien dan nam nu em anh ban toi minh chau bac co khi neu de vi tai cho chua da se dang moi cu quen mat doi "
    "dat lai va voi hay hoac tu het khau day bat gioi hop tinh secret required not what how the incorrect wrong")
ORDINARY = frozenset(_ORDINARY.split(" "))
"""Words that follow "mật khẩu là" in questions and explanations; not passwords."""
