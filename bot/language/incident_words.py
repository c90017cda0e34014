"""What somebody who reports a trick says of it in own words: kind, way, loss, day. Runs in both environments.

Everything is read on folded text ("cong an goi"); what is not said is None, never guessed.
"""

import re
from datetime import date, timedelta
from typing import Optional, Pattern, Tuple

from bot.language import gazetteer
from bot.language.entities import PATTERNS
from bot.language.normalise import fold

Words = Tuple[Tuple[str, "Pattern[str]"], ...]


def _of(*pairs: Tuple[str, str]) -> Words:
    return tuple((key, re.compile(rf"\b(?:{pattern})\b")) for key, pattern in pairs)


_ACTS = r"(?:gia (?:danh |mao |lam )?|mao danh |tu xung (?:la )?|xung (?:la )?|noi la )(?:[a-z]+ ){0,2}?"
TRICKS: Words = _of(
    ("recover", r"lay lai (?:so )?tien|doi lai tien bi lua|thu hoi tien(?: bi lua)?|lay lai (?:facebook|fb|zalo)"),
    ("rumour", r"tin don|tin gia|tin bia|bia dat|don thoi|tin that thiet|tin sai su that|thong tin sai"),
    ("job", r"cong tac vien|viec nhe|tuyen (?:dung|nguoi|mau)|lam nhiem vu|like (?:video|tiktok)|mau nhi|chot don"),
    ("invest", r"dau tu|tien ao|tien so|bitcoin|chung khoan|co phieu|san forex|lai (?:suat )?(?:cao|khung)|so de|danh de|lo de|choi lo|co bac|ca do"),
    ("love", r"ket ban (?:\w+ ){0,3}?(?:tinh cam|nuoc ngoai|my)|yeu qua mang|gui qua (?:ve|tu nuoc ngoai)|nhan nham so|tinh cam qua mang"),
    ("prize", r"trung thuong|tri an|nhan qua|tang qua|qua tang|boc tham|li xi|hoan tien|phat tien|ho tro tien"),
    ("shipper", r"shipper|giao hang|don hang|buu dien|buu kien|ship(?:ping)?|dan de|ban hang|mua hang|dat coc|shop|tour|khach san|bien lai gia"),
    ("loan", r"vay (?:tien|nong|online|tin chap|von)|cho vay|tin dung den|chuyen (?:khoan )?nham|giai ngan"),
    ("account", r"(?:bi )?(?:hack|chiem)(?: mat)? (?:nick|facebook|fb|zalo|tai khoan|messenger)|nick (?:bi )?hack|"
                r"gia (?:lam )?(?:nguoi (?:nha|quen|than)|ban be|con)|muon tien|vay tien gap|deepfake|goi video gia|cap cuu|ma (?:zalo|telegram)"),
    ("gov_app", r"vneid|dinh danh|dich vu cong|so do|so hong|dat dai|lam sach du lieu|tro cap|an sinh|bao hiem xa hoi|bhxh|bhyt|sap nhap|"
                r"can bo (?:xa|phuong|thue)|co quan thue|hoan thue|cat dien|dien luc|dang kiem|phat nguoi"),
    ("bank", r"ngan hang|vietcombank|bidv|agribank|techcombank|mbbank|vpbank|sacombank|the tin dung|"
             r"khoa tai khoan|sinh trac hoc|khoa sim|nha mang|chuan hoa thue bao"),
    ("police", r"cong an|vien kiem sat|toa an|rua tien|lenh bat|trieu tap|dieu tra|bat coc"))
"""In the order in which they are asked: what says more comes first."""

CHANNELS: Words = _of(
    ("call", r"goi (?:dien|toi|cho|den|video|dien thoai)|cuoc goi|dien thoai (?:cho|toi|den)|nghe may|vua goi|no goi|ho goi|"
             r"(?:goi|dien) (?:doa|bao|noi|keu|xung)"),
    ("sms", r"sms|tin nhan (?:dien thoai|sms|thuong|hien ten)|brandname|nhan tin sms"),
    ("zalo", r"za ?lo"), ("facebook", r"facebook|fb|messenger|fanpage|phay ?buc"), ("telegram", r"tele(?:gram)?"),
    ("web", r"trang web|web(?:site)?|duong link|link|ten mien|app|ung dung|email|thu dien tu|tiktok|youtube|quang cao"),
    ("face", r"tan noi|tan nha|truc tiep|gap mat|ngoai (?:cho|duong)|den nha|tung nha"))
_BARE_CHANNEL = re.compile(r"\b(?:goi|dien thoai|call)\b")
_BARE_SMS = re.compile(r"\b(?:tin nhan|nhan tin|tin)\b")

_SCALE = {"ty": 1e9, "ti": 1e9, "trieu": 1e6, "tr": 1e6, "cu": 1e6, "chai": 1e6, "nghin": 1e3, "ngan": 1e3, "k": 1e3, "dong": 1.0, "d": 1.0, "vnd": 1.0}
_AMOUNT = re.compile(r"(?<![\d.,])(\d{1,3}(?:[.,]\d{3})+|\d+(?:[.,]\d{1,2})?) ?(ty|ti|trieu|tr|cu|chai|nghin|ngan|k|dong|d|vnd)(?![a-z])(?: ?(\d{1,3})(?!\d))?")
_LOST = re.compile(r"\b(?:mat|lua|gat|chuyen|ck|gui|nap|coc|dong|thiet hai|cuom)(?: (?!thuong|trung)[a-z]+){0,4} ?$")
_NOTHING = re.compile(r"\b(?:(?:chua|khong|ko|k|chang|hong|kg) (?:bi )?(?:mat|thiet hai|chuyen|dua|gui)|khong (?:sao|co thiet hai)|chua (?:sao|bi gi))\b")

_SKIPS = re.compile(r"(?:bo qua|skip|khong (?:co|biet|nho|ro|muon noi|noi)|ko (?:co|biet|nho|ro)|k (?:co|biet|nho)|khong|ko|hong|chua ro|quen roi|"
                    r"quen|khac|kieu khac)(?: (?:a|ah|roi|nua|dau|het|gi|nhe|ban|nha|so|link|ca))*")
_STOPS = re.compile(r"(?:thoi|dung|huy|thoat|ngung|stop|khong bao (?:nua|cao)|thoi khong bao|de (?:sau|khi khac)|huy bao cao|dung lai)"
                    r"(?: (?:nua|lai|di|nhe|a|bao cao|nha))*")
_SENDS = re.compile(r"(?:gui|gui di|dung roi|dung|ok|oke|okie|dong y|co|vang|u|uh|duoc|xac nhan|gui bao cao|phai|chuan)(?: (?:di|nhe|a|roi|luon|giup|nha))*")
_DAY = re.compile(r"(?<![\d/])(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?(?![\d/])")
_HAPPENED: Words = _of(
    ("yesterday", r"hom qua|toi qua|dem qua|chieu qua|sang qua|hom truoc"),
    ("today", r"hom nay|vua (?:moi |xong|nay)?|moi (?:day|nay|vua|bi)|luc nay|sang nay|trua nay|chieu nay|toi nay|ban nay|hoi nay|nay"),
    ("week", r"tuan nay|may hom|may ngay|(?:hai|ba|bon|nam|[2-6]) (?:hom|ngay) (?:truoc|nay)|hom kia|cuoi tuan|tuan truoc"),
    ("month", r"thang nay|thang truoc|(?:hai|ba|[2-4]) tuan"),
    ("older", r"nam ngoai|nam truoc|lau roi|da lau|may thang|(?:hai|ba|[2-9]) thang"))


def plain(text: str) -> str:
    """The text folded, without what stands at its ends."""
    return " ".join(re.sub(r"[^\w\s.,/+@%:-]", " ", fold(text)).split()).strip(" .,:-")


def first(words: Words, text: str) -> Optional[str]:
    folded = plain(text)
    return next((key for key, pattern in words if pattern.search(folded)), None)


def trick_in(text: str) -> Optional[str]:
    """The key of the kind of trick that the words name."""
    return first(TRICKS, text)


def channel_in(text: str, asked: bool = False) -> Optional[str]:
    """By what way it came. asked: the words answer that question, so a bare "gọi" says it."""
    found = first(CHANNELS, text)
    if found is None and asked:
        folded = plain(text)
        return "call" if _BARE_CHANNEL.search(folded) else "sms" if _BARE_SMS.search(folded) else None
    return found


def loss_in(text: str, asked: bool = False) -> Optional[str]:
    """The band of the loss in đồng: none, under2, 2to10, 10to50, over50 (millions). Unless asked, only an amount said to be lost."""
    folded = plain(text)
    amounts = []
    for match in _AMOUNT.finditer(folded):
        if not asked and not _LOST.search(folded[:match.start()]):
            continue
        number, unit, rest = match.groups()
        grouped = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", number)
        value = float(re.sub(r"[.,]", "", number) if grouped else number.replace(",", ".")) * _SCALE[unit]
        amounts.append(value + (float(rest) * _SCALE[unit] / 10 ** len(rest) if rest else 0))
    if amounts:
        return band_of(max(amounts))
    return "none" if _NOTHING.search(folded) else None


def band_of(lost_vnd: float) -> str:
    if lost_vnd <= 0:
        return "none"
    return "under2" if lost_vnd < 2e6 else "2to10" if lost_vnd < 10e6 else "10to50" if lost_vnd <= 50e6 else "over50"


def happened_in(text: str, today: date) -> Tuple[Optional[str], Optional[date]]:
    """(today, yesterday, week, month or older; the local day where one is named). Days to come are not meant."""
    match = _DAY.search(plain(text))
    if match:
        day, month, year = int(match.group(1)), int(match.group(2)), match.group(3)
        try:
            on = date(int(year) if year else today.year, month, day)
            on = on if year or on <= today else on.replace(year=on.year - 1)
        except ValueError:
            return None, None
        return (None, None) if on > today else (span_of(today - on), on)
    found = first(_HAPPENED, text)
    return found, {"today": today, "yesterday": today - timedelta(days=1)}.get(found or "")


def span_of(ago: timedelta) -> str:
    return "today" if ago.days == 0 else "yesterday" if ago.days == 1 else "week" if ago.days <= 7 else "month" if ago.days <= 31 else "older"


def skips(text: str) -> bool:
    """Is nothing said but that this question is left out?"""
    return bool(_SKIPS.fullmatch(plain(text)))


def stops(text: str) -> bool:
    return bool(_STOPS.fullmatch(plain(text)))


def sends(text: str) -> bool:
    return bool(_SENDS.fullmatch(plain(text)))


def names_something(text: str) -> bool:
    """Is there a link, a number, or the token of a masked account in the text?"""
    return bool(re.search(r"\d{5}|\[số", re.sub(r"[ .-](?=\d)", "", text))) or any(
        pattern.search(text) for entity, pattern in PATTERNS if entity in ("url", "phone_number"))


OWN = re.compile(r"\b(?:so|sdt|dt|dien thoai|zalo|lien he|goi)(?: (?:dien thoai|cua|lai|cho|so|la|voi))* "
                 r"(?:toi|em|minh|con|chau|bac|tui|tao|to|nha toi|me toi|bo toi)(?: (?:la|qua|so|theo|dang dung))*[ :]*$")
"""Before a number that is the citizen's own: it is no indicator."""


def is_own(text: str, at: int) -> bool:
    """Do the words say of the number that begins at this place that it is the citizen's own?"""
    return OWN.search(fold(text[max(0, at - 50):at])) is not None


def names_a_strangers_number(text: str) -> bool:
    """Is there a telephone number that is not said to be one's own?"""
    return any(not is_own(text, match.start()) for entity, pattern in PATTERNS if entity == "phone_number" for match in pattern.finditer(text))


_UNIT = r"(?:xa|phuong|thi tran|tt)"
_HAMLET = r"(?:doi \d+|(?:thon|xom|khu(?: pho)?|to(?: dan pho)?|lang|ap|pho|duong|cho)(?: \w+){1,3}?)"
_WHERE = re.compile(
    rf"(?:(?:da|vang|thua|chuyen|vu|no|xay ra|bi|toi|em|minh|chau|con|bac|nha|que|ben|o|tai|dan|thuoc|ngay|hien|dang|song|cho|{_HAMLET}) )*"
    rf"(?:{_UNIT} )?@(?: (?:a|nhe|nha|day|nay|do|cu|moi|roi|ninh binh|nam dinh|ha nam|\w+(?= cu)))*")
"""Folded words around the name of a commune ("@") by which nothing is said but where."""
_UNLISTED = re.compile(rf"(?:(?:toi|em|minh|o|tai|ben|que|nha|{_HAMLET}) )*{_UNIT}(?: \w+){{1,4}}")
"""A unit that stands in no list of ours: renamed or made since."""
_DISTRICT = re.compile(r"(?i)[,\s]+(?:huyện|huyen|thị xã|thi xa|thành phố|thanh pho|tp\.?|tỉnh|tinh)\s+\S+(?:\s+\S+){0,4}$")
"""What stood above the commune, behind its name."""
_ASKS = re.compile(r"\b(?:nao|dau|gi|sao|bao nhieu|may gio|the nao|khong|thu tuc|lam|dang ky|muon|can|hoi)\b")


def names_place(text: str) -> bool:
    """Is nothing said but where: a commune, alone or within "tôi ở thôn 2, xã …"?"""
    if "?" in text or len(text.split()) > LONG_WORDS:
        return False
    text = _DISTRICT.sub("", text)
    named = next((e for e in gazetteer.find(text) if e["entity"] == "commune"), None)
    if named is not None:
        around = f"{plain(text[:named['start']])} @ {plain(text[named['end']:])}".replace(",", " ")
        return _WHERE.fullmatch(" ".join(re.sub(rf"\b{_UNIT} @", "@", " ".join(around.split())).split())) is not None
    folded = " ".join(plain(text).replace(",", " ").split())
    return _UNLISTED.fullmatch(folded) is not None and _ASKS.search(folded) is None


LONG_WORDS = 15


def answers(step: str, text: str) -> bool:
    """Do the words answer this step of a report (trick, channel, indicator, loss, happened, place, confirm; suspect: show us the message)?"""
    if step == "suspect":
        return names_something(text) or len(text.split()) >= LONG_WORDS
    if stops(text) or (step == "confirm" and sends(text)):
        return True
    if step != "confirm" and skips(text):
        return True
    if step == "indicator" or (step == "confirm" and names_something(text)):
        return names_something(text)
    if step == "place":
        return names_place(text)
    found = {"trick": trick_in, "channel": lambda t: channel_in(t, True), "loss": lambda t: loss_in(t, True),
             "happened": lambda t: happened_in(t, date.max)[0]}.get(step)
    return found is not None and found(text) is not None
