"""What a report is: kinds, states, numbers, deadlines, what is much alike. Pure: no session, no clock."""

import re
from collections.abc import Collection
from datetime import datetime, time

from rapidfuzz import fuzz

from bot.clock import ZONE, local
from bot.language.normalise import clean, fold
from bot.language.sensitive import mask
from bot.services.privacy_law import after_working_days

PURPOSE = "feedback"
CATEGORIES = {"roads": "Đường sá, cầu cống, vỉa hè", "lighting": "Điện, đèn đường", "waste": "Rác, ô nhiễm", "water": "Nước sạch, ngập, thoát nước",
              "noise": "Tiếng ồn", "security": "An ninh, trật tự", "attitude": "Thái độ phục vụ của cán bộ", "online": "Lỗi dịch vụ công trực tuyến",
              "other": "Việc khác"}
STATES = {"new": "Mới gửi", "assigned": "Đang xử lý", "asked_back": "Chờ bạn trả lời thêm", "answered": "Đã trả lời", "closed": "Đã xong",
          "reopened": "Mở lại"}
"""As citizens and staff read them."""
WAITING = ("new", "assigned", "asked_back", "reopened")
"""The clock of the desk runs."""
OPEN = (*WAITING, "answered")
EVENTS = {"sent": "Người dân gửi", "assigned": "Giao việc", "replied": "Trả lời", "asked_back": "Hỏi lại", "said": "Người dân viết thêm",
          "closed": "Khép lại", "reopened": "Mở lại", "handed": "Chuyển nơi khác", "joined": "Thêm người cùng phản ánh", "scored": "Người dân chấm điểm",
          "note": "Ghi chú nội bộ", "photo": "Ảnh không lấy được"}
MOST_PHOTOS = 5
MOST_CHARACTERS = 1500
MOST_A_DAY = 10
"""Reports that one citizen may send in a day of the province."""
ALIKE = 62
"""Of 100: from here on two texts of one commune and category may be about the same thing (tests/unit/services/test_tickets.py has pairs)."""
ALIKE_DAYS = 30
LEAST_WORDS = 3
"""A text with fewer says that somebody wants to report, not what; one less is enough where the words name a category."""
LOW_SCORE = 2
END_OF_DAY = time(17)

LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
NUMBER = re.compile(r"(?i)(?<![a-z0-9])PA[ -]?(20\d{2})[ -]?(\d{6})[ -]?([a-z])(?![a-z0-9])")
LONG_NUMBER = re.compile(r"(?P<harmless>(?<![\d.])[1-9]\d{0,2}(?:\.\d{3})+(?= ?(?:đ|đồng|vnđ|vnd)\b)|(?<!\d)\d{1,2}[.-]\d{1,2}[.-]20\d\d(?!\d))"
                         r"|\d(?:[ .-]?\d){8,}", re.IGNORECASE)
"""Of papers, telephones, accounts; harmless: an amount of money, a day."""

_ABOUT = {name: re.compile(rf"\b(?:{words})\b") for name, words in {
    "roads": "o ga|ham ga|lay loi|(?<!den )duong (?:lang|thon|xom|ngo|hong|xau|nat|lun|be tong|lien xa)|mat duong|via he|cau (?:gay|hong|sap|qua|dan sinh)"
             "|nap cong|bien bao|den (?:xanh|do|tin hieu)|sut lun|lan can|giao thong|cay do",
    "lighting": "den duong|den cao ap|den (?:chieu sang|ngo)|chieu sang|toi om|day dien|cot dien|mat dien|tram dien|dien yeu",
    "waste": "rac|phe thai|hoi|thoi|o nhiem|khoi|dot rom|bui|xac (?:ga|lon|chet)|ca chet|cong tac|xa thai|nuoc thai",
    "water": "nuoc (?:may|sach|duc|ngap|tran|yeu|sinh hoat)|ngap|thoat nuoc|muong|kenh|trao nguoc|cong tran|mat nuoc|nao vet",
    "noise": "on ao|tieng on|on qua|rat on|karaoke|loa (?:phuong|keo|dai)|hat (?:toi|den|ho)|nhac to|am i",
    "security": "trom|danh nhau|ma tuy|co bac|danh bac|cho tha rong|dua xe|an ninh|quay pha|say ruou|gay roi|lan chiem",
    "attitude": "thai do|quat|hach sach|nhung nhieu|voi vinh|tiep dan|mot cua|vo trach nhiem|lam kho|khong bien lai|can bo (?:xa|phuong|tiep)",
    "online": "dich vu cong|vneid|nop ho so (?:truc tuyen|qua mang|online)|cong (?:dich vu|truc tuyen)|trang web|dang nhap|loi he thong",
}.items()}
_EMPTY = set("toi em minh bac chau con anh chi o la co khong ko qua rat da dang roi va voi cho cua nay kia do day xin de nghi phan anh kien nghi "
             "xa phuong thi tran thon xom mot cac nhung may hom ngay thang lau gi nao a nhe nha duoc bi ma den tu trong ngoai tren duoi "
             "gui len uy ban muon gop y bao biet chinh quyen kem hien truong van de nghe nay dau can em co the cap o day".split())


def guess(text: str) -> str | None:
    """The category that the words name; None when none or several do equally."""
    plain = fold(text)
    hits = {name: len(words.findall(plain)) for name, words in _ABOUT.items()}
    top = max(hits.values())
    named = [name for name, n in hits.items() if n == top]
    return named[0] if top and len(named) == 1 else None


def says_something(text: str) -> bool:
    """Does the text say what it is about, rather than only "tôi muốn phản ánh"?"""
    return len(telling(text)) >= LEAST_WORDS - (guess(text) is not None)


def telling(text: str) -> list[str]:
    """Folded words of the text that carry its meaning, in its order."""
    return [w for w in re.findall(r"[a-z0-9]+", fold(text)) if w not in _EMPTY]


def alike(one: str, other: str) -> float:
    """0 to 100: how much two reports say the same, diacritics, order and small words aside."""
    a, b = telling(one), telling(other)
    common = len(set(a) & set(b))
    # a text that lies within the other is alike, but only by as much as it says: a shared word or two is little
    return min(fuzz.token_set_ratio(" ".join(a), " ".join(b)), 55 + 5 * common) if common else 0.0


def shared(one: str, other: str, most: int = 6) -> list[str]:
    """Words of the first text, as typed there, that the other has too: what a citizen may see of somebody else's report."""
    theirs = set(telling(other))
    return list(dict.fromkeys(w for w in re.findall(r"\w+", clean(one).lower()) if fold(w) in theirs and fold(w) not in _EMPTY))[:most]


def number_of(year: int, running: int) -> str:
    """"PA-2026-000123-K": the letter shows a mistyped digit or two that changed places."""
    return f"PA-{year}-{running:06d}-{letter(f'{year}{running:06d}')}"


def letter(digits: str) -> str:
    return LETTERS[int(digits) % len(LETTERS)]


def number_in(text: str) -> str | None:
    """The number in the text as we write it; "" for one that cannot be right; None without one."""
    found = NUMBER.search(text)
    if found is None:
        return None
    year, running, check = found.groups()
    return number_of(int(year), int(running)) if check.upper() == letter(year + running) else ""


def due_at(now: datetime, working_days: int) -> datetime:
    """The end of the last working day of the desk's own aim."""
    return datetime.combine(after_working_days(local(now).date(), working_days), END_OF_DAY, ZONE)


def kept(text: str) -> str:
    """What is stored of a citizen's words: masked, without long numbers, at most MOST_CHARACTERS."""
    return LONG_NUMBER.sub(lambda found: found["harmless"] or "[số]", mask(clean(text).strip())[0])[:MOST_CHARACTERS]


def personal(text: str) -> bool:
    """Does the text hold what may be somebody's number?"""
    return mask(text)[0] != text or any(found["harmless"] is None for found in LONG_NUMBER.finditer(text))


def hours_late(due: datetime, now: datetime) -> int:
    """Whole hours since the deadline; 0 before it."""
    return max(0, int((now - due).total_seconds() // 3600))


def waits(state: str, states: Collection[str] = WAITING) -> bool:
    return state in states
