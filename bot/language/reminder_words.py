"""What is said about reminders beside setting one: another time for it, reminders on again, why one came, all of them away.

Runs in both environments. "đổi sang thứ ba" means a reminder wherever it is said; "đổi bằng lái" never does: a time must be named,
and beside it nothing but courtesies or words that name the reminder.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import List, NamedTuple, Optional, Tuple

from bot.language import times
from bot.language.normalise import clean, fold

LONGEST = 18
"""Words of a text that is looked at; whoever writes more tells a story."""
SHORT = 8
_ANY = datetime(2026, 1, 5, 10, 0, tzinfo=times.ZONE)
"""Whether a time is named, and where, does not depend on when that is asked."""

_PUTS_OFF = {"hoan", "lui", "dời", "cham", "delay", "snooze"}
_CHANGES = {"doi", "sua", "chuyen", "thay", "chinh", "dich", "dat", *_PUTS_OFF}
_MARKED = {"doi": {"doi", "đổi", "dời", "đỏi", "đỗi"}, "dat": {"dat", "đặt"}, "thay": {"thay"}, "sua": {"sua", "sửa"}, "chinh": {"chinh", "chỉnh"},
           "dich": {"dịch"}, "hoan": {"hoan", "hoãn"}, "lui": {"lui", "lùi"}, "chuyen": {"chuyen", "chuyển"}, "cham": {"chậm"}}
"""How each may be typed: "đợi", "đội", "dạy" are other words."""
_TO = {"thanh", "thành", "sang", "qua", "đến", "tới", "xuong", "xuống", "len", "lên", "về", "vào", "vao", "lúc", "luc"}
"""Between what is changed and the new time; as typed, for "sáng" and "tối" are parts of a day."""
_LEADS = set("thoi a ah u uh uhm um o ua khong ko k nham sai lon roi chet quen vay the gio bay xin lam on ban bot oi em chau chi anh bac co chu ong ba "
             "giup cho toi minh tui muon can hay nho phien vui long may ad ok oke duoc dc da vang".split())
"""Folded words that may come before."""
_FILL = _LEADS | set("lai nhe nha nhen nghen nghe hen di ho gium dum voi luon nhi hon cai viec het ca cung do ay nay kia vua dat duoc khong chu ma thi la "
                     "cua mot ngay hom tu den luc vao dung khoang tam som muon hon ke tu them nua".split())
_NOUNS = {"nhac", "bao thuc", "hen gio", "chuong"}
_OF_A_TIME = {"gio", "lich"}
"""Words that lead in what is put off where nobody says "nhắc": "đổi giờ uống thuốc sang 9h"."""
_BEFORE_ONE = {"gio", "lich", "loi", "nhac", "cai", "lai", "chuong"}
_OTHER_TIMES = re.compile(r"\b(?:tin|thong bao|yen lang|im lang|lam viec|hen (?!gio)|chu to|tieng|mo cua|hoc vien|bay)\b")
"""Hours and appointments that are none of our reminders."""
_ELSE = re.compile(r"\b(?:bo|huy|xoa|go|khong can|khoi|bao lau|bao nhieu|o dau|thu tuc|the nao|lam sao|nhu nao|can gi|giay to|mat may|ho so gi)\b")
"""Nobody who says this wants another time for a reminder: it is to go, or something is asked."""


@dataclass(frozen=True)
class Change:
    """A wish for another time. said: the words of the new time, "" when none is named. puts_off: it is moved on from where it stands
    ("lùi 1 tiếng"), not set anew. about: folded words that name the reminder; old: the words of the time it has had so far."""

    said: str
    puts_off: bool
    about: Tuple[str, ...]
    old: str = ""


class _Word(NamedTuple):
    typed: str
    bare: str
    start: int
    end: int


def change_in(text: str, of_anything: bool = False) -> Optional[Change]:
    """The change of a reminder's time that the text asks for; None when it asks for none, or for something that may be another thing.

    of_anything: whatever is to have another time, as in "dời họp tổ sang thứ ba", for one who knows whether that is a reminder.
    """
    text = clean(text)
    words = [_Word(m.group().lower(), fold(m.group()), m.start(), m.end()) for m in re.finditer(r"[^\W_]+", text)]
    if not 1 < len(words) <= LONGEST or _ELSE.search(" ".join(w.bare for w in words)):
        return None
    at = next((i for i, w in enumerate(words) if _changes(w)), None)
    if at is None or any(w.bare not in _LEADS for w in words[:at]):
        return None
    verb, tail = words[at], _tail(text, words, at)
    if tail is None and at + 2 < len(words) and words[at + 1].typed in _TO and len(words) <= SHORT and times.is_lunar(text):
        return Change("", False, ())
    begins = words[tail].start if tail is not None else verb.start
    when = times.parse(text[begins:], _ANY)
    start, end = (begins + when.start, begins + when.end) if when is not None else (len(text), len(text))
    before = text[verb.end:words[tail - 1].start] if tail is not None else ""
    earlier = times.parse(before, _ANY) if before else None
    gone = (verb.end + earlier.start, verb.end + earlier.end) if earlier is not None else (0, 0)
    left = [w.bare for w in words[at + 1:] if not start <= w.start < end and not gone[0] <= w.start < gone[1] and w.typed not in _TO]
    named = _named(left, of_anything)
    if named is None or (when is None and not _asks_to_change_one(verb, left)):
        return None
    if verb.bare == "thay" and words[at + 1].bare not in ("doi", "gio", "lich", "loi"):
        return None  # "thấy nhắc rồi"
    if tail is None and not left and not (verb.typed in ("đổi", "dời", "hoãn", "lùi", "sửa", "delay", "snooze") or verb.bare in ("hoan", "lui", "sua")
                                           or (at + 1 < len(words) and words[at + 1].bare == "lai")):
        return None  # "doi 10 phut" is a wait, "chuyển 10 phút" nothing at all
    if verb.bare == "dat" and not (at + 1 < len(words) and words[at + 1].bare == "lai"):
        return None  # to set one is no change
    return Change(text[start:end], verb.bare in _PUTS_OFF or verb.typed == "dời", named, text[slice(*gone)])


def _asks_to_change_one(verb: _Word, left: List[str]) -> bool:
    """Without a time: "đổi giờ nhắc uống thuốc"."""
    return verb.bare in ("doi", "sua", "chinh", "thay") and left[:1] != [] and left[0] in _BEFORE_ONE and bool(set(left) & {"nhac", "chuong"})


def _changes(word: _Word) -> bool:
    return (word.bare in _CHANGES or word.typed in _CHANGES) and word.typed in _MARKED.get(word.bare, {word.typed})


def _tail(text: str, words: List[_Word], at: int) -> Optional[int]:
    """Where the new time begins: behind the first "sang", "thành", … that a time follows."""
    for i in range(at + 1, len(words) - 1):
        if words[i].typed not in _TO:
            continue
        after_hour = re.fullmatch(r"\d*(?:h|g|gio|giờ)\d*|\d+|ruoi|rưỡi", words[i - 1].typed) is not None
        if words[i].typed == "sang" and after_hour and not words[i + 1].typed[0].isdigit():
            continue  # "6h sang mai"
        if times.parse(text[words[i + 1].start:], _ANY) is not None:
            return i + 1
    return None


def _named(left: List[str], of_anything: bool) -> Optional[Tuple[str, ...]]:
    """What names the reminder, of the words beside verb and time; () when nothing does, None when they speak of something else."""
    plain = " ".join(left)
    words = tuple(w for w in left if w not in _FILL | {"loi", "lich", "gio", "nhac", "nho", "hen", "bao", "thuc", "chuong", "doi"})
    if of_anything or any(re.search(rf"\b{noun}\b", plain) for noun in _NOUNS):
        return words
    rest = [w for w in left if w not in _FILL - {"gio"}]
    if not rest:
        return ()
    return words if rest[0] in _OF_A_TIME and not _OTHER_TIMES.search(plain) else None


_US = r"(?:bot|may|ban|cau|em|chau|tro ly|he thong|ung dung|app|no|ben nay)"
_ME = r"(?:toi|minh|tui|em|chau|bac|ong|ba|me|co|chu|anh|chi|t|tao)"
_POLITE = rf"(?: (?:di|nhe|nha|a|voi|giup|gium|ho|cho|luon|{_ME}))*"
_WHY = re.compile(
    rf"(?:(?:oi|u|a|ua|o) )*(?:(?:vi|tai) )?sao (?:{_US} )?(?:(?:lai|cu|hay|tu nhien|tu dung|bong dung|hom nay|gio nay|nua dem|the|ma) )*"
    rf"(?:nhan|gui|bao|nhac|goi)(?: (?:tin|tin nhan|thong bao|nhac nho|lai|hoai|mai|suot|nhieu|cho|den|{_ME}|the|vay|nay|a|ha|nhi|nua|vo|lam gi|qua))*"
    rf"|(?:(?:vi|tai) )?sao {_ME} (?:(?:lai|cu|bi) )*(?:nhan|duoc|bi)(?: (?:duoc|nhac|nhan|gui))* (?:tin|tin nhan|loi nhac|thong bao)(?: nhan)?"
    rf" (?:nay|cua {_US})(?: (?:vay|the|a|nhi))*")


def asks_why_we_wrote(text: str) -> bool:
    """"Sao máy lại nhắn cho tôi", "vì sao tôi nhận tin này": why did something come that was not answered to anything?"""
    return _WHY.fullmatch(_plain(text)) is not None


_BEFORE = rf"(?:(?:{'|'.join(sorted(_LEADS))}) )*"
_KIND = rf"(?:(?:cho|giup|het|cac|nhung|moi|ca|viec|che do|chuc nang|phan|{_ME}) )*(?:loi nhac|nhac nho|nhac nhoi|nhac hen|nhac viec|nhac)"
_AS_BEFORE = r"(?:nhu cu|nhu truoc|nhu moi khi|nhu truoc day|binh thuong)"
_ON = re.compile(
    rf"{_BEFORE}(?:(?:bat|mo|kich hoat|khoi dong)(?: lai)?|khoi phuc|noi lai|cho chay lai) {_KIND}(?: lai)?"
    rf"(?: (?:duoc khong|duoc|khong|len|tro lai|{_AS_BEFORE}|di|nhe|nha|a|voi|giup|gium|ho|cho|luon|{_ME}))*"
    rf"|{_BEFORE}(?:tiep tuc )?(?:nhac|nhac nho|nhan tin|gui nhac)(?: (?:lai|cho|giup|di|{_ME}))* {_AS_BEFORE}{_POLITE}")


def turns_on(text: str) -> bool:
    """"Bật lại nhắc", "nhắc lại cho tôi như trước": reminders are wanted again, without a time for one."""
    return _ON.fullmatch(_plain(text)) is not None


_ALL = re.compile(
    rf"(?!tat ca$)(?:(?:thoi|a|u|roi|vay|{_ME}|muon) )*(?:xoa|huy|bo|go|don|dep|tat)(?: bo| sach)?{_POLITE} (?:het|sach|tat ca|toan bo|tat|ca)"
    rf"(?: (?:het|ca|dum|sach|chung|nhung cai do|may cai do))*{_POLITE}")


def clears_all(text: str) -> bool:
    """"Xóa hết", "hủy tất cả đi" and nothing beside: of what, the screen tells."""
    return _ALL.fullmatch(_plain(text)) is not None


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", fold(clean(text))).strip()
