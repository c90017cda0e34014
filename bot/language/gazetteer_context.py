"""What the words around a name say: does the sentence speak of learning, is a place meant?

Words come as typed, in lower case with their tones placed. Runs in both environments.
"""

from typing import List, Tuple

from bot.language.normalise import fold

_LEARNING = {"hoc": "học", "khoa": "khóa", "bai": "bài", "on": "ôn", "lop": "lớp", "day": "dạy", "luyen": "luyện", "giang": "giảng"}
_PAIRS = {("tap", "huan"), ("dao", "tao"), ("on", "tap"), ("bo", "tuc")}
_NOT_AFTER = {
    "hoc": {"dai", "tieu", "trung", "truong", "y", "van", "toan", "di", "nam", "tin", "den", "du"},
    "khoa": {"bi", "o", "chia", "cua", "truong", "chuyen"},
    "lop": {"hai", "2"},  # xác thực hai lớp
    "bai": {"bao", "that", "danh"},
    "day": {"o", "gio", "bay", "luc", "hom", "la", "tu", "den"},
    "on": {"cam", "lam", "biet", "tri", "ta"},
    "giang": {"van", "ninh", "xuan", "binh", "hai", "chau", "nam", "bac", "ha", "an", "tien", "kien", "hau"},
}
"""Folded words in front of which a learning word means something else: đại học, bị khóa, cảm ơn."""
_NOT_BEFORE = {
    "hoc": {"sinh", "ba", "phi", "vien", "duong", "vi", "bong", "ham", "lop"},
    "khoa": {"may", "the", "tai", "tk", "sim", "cua", "zalo", "facebook", "fb", "acc", "so", "man", "nick", "app", "stk", "kham", "noi"},
    "bai": {"viet", "dang", "bao", "hat", "toan", "tho", "do", "rac", "bo"},
    "lop": {"xe", "ao"},
}
_ONLY_BEFORE = {
    "on": {"tap", "bai", "lai", "luyen", "ve", "khoa", "phan", "cach"},
    "day": {"ve", "hoc", "cach", "bai", "dung", "su", "chong", "toi", "em", "minh", "bac", "chau", "cho"},
    "giang": {"bai", "ve"},
}
"""Typed without marks they are mostly other words (ơn, đây, gian), so the next word must speak for learning."""

_LINKS = {"ve", "cach", "dung", "cai", "danh", "cho", "cua", "cac", "nguoi", "lam"}
"""Words between a learning word and what is learnt."""

_UNITS = {"xa": "xa", "x": "xa", "phuong": "phuong", "p": "phuong", "ph": "phuong", "tt": "tran", "ttr": "tran"}
_TO_PLACE = {"ở", "o", "tại", "tai", "quê", "que", "thuộc", "thuoc", "về", "ve", "ngụ", "ngu", "trú", "tru", "ubnd"}
_OTHER_PLACES = {"huyện", "huyen", "tỉnh", "tinh", "tp", "quận", "đường", "duong", "phố", "pho", "ngõ", "ngo"}
_SURNAMES = {"nguyễn", "nguyen", "trần", "phạm", "pham", "hoàng", "huỳnh", "huynh", "phan", "vũ", "võ", "đặng", "bùi", "bui", "ngô", "đinh",
             "trịnh", "trinh", "lê", "đỗ", "hồ", "lý", "thị", "văn"}


def learning(words: List[str], marked: bool) -> bool:
    """Does the sentence speak of learning? marked: it was typed with diacritics."""
    folded = [fold(w) for w in words]
    return any(_learns(words, folded, i, marked) for i in range(len(words)))


def _learns(words: List[str], folded: List[str], at: int, marked: bool) -> bool:
    word = folded[at]
    before, after = folded[at - 1] if at else "", folded[at + 1] if at + 1 < len(words) else ""
    if (word, after) in _PAIRS:
        return not marked or words[at] != word or words[at + 1] != after
    if word not in _LEARNING:
        return False
    exact = words[at] == _LEARNING[word]
    if not exact and (marked or words[at] != word):
        return False
    if before in _NOT_AFTER.get(word, ()) or after in _NOT_BEFORE.get(word, ()) or (word == "lop" and after.isdigit()):
        return False
    return exact or word not in _ONLY_BEFORE or after in _ONLY_BEFORE[word]


def follows_learning(before: List[str]) -> bool:
    """before: folded words in front of a name. "khóa ngân hàng", "học cách bán hàng", "lớp dành cho nông dân"."""
    while before and before[-1] in _LINKS:
        before = before[:-1]
    return bool(before) and before[-1] in _LEARNING


def unit_word(folded: List[str], typed: str, before: str, marked: bool) -> Tuple[str, int]:
    """("xa", "phuong" or "tran", how many words it takes) when the words say "xã", "phường" or "thị trấn"; ("", 0) else.
    folded: the word and the next; before: the folded word in front, "địa" of "địa phương" for one."""
    if folded == ["thi", "tran"]:
        return "tran", 2
    unit = _UNITS.get(folded[0], "")
    meant = typed in ("xã", "phường") or (typed == folded[0] and not (marked and typed == "xa"))  # "xa" with marks around is far
    if not unit or not meant or before in ("thi", "dia") or (len(folded[0]) < 2 and len(folded) < 2):
        return "", 0
    return unit, 1


def leads_to_place(before: List[str]) -> bool:
    """before: up to three words in front of a name."""
    return bool(before) and (before[-1] in _TO_PLACE or any(w in ("quê", "que") for w in before))


def is_other_place(before: List[str]) -> bool:
    """Is the name that of a district, a province or a street?"""
    folded = [fold(w) for w in before]
    return bool(before) and (before[-1] in _OTHER_PLACES or folded[-2:] in (["thanh", "pho"], ["thi", "xa"]))


def is_surname(before: List[str]) -> bool:
    """Is the name that of a person: "Nguyễn Thanh Sơn"?"""
    return bool(before) and before[-1] in _SURNAMES
