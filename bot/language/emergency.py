"""Recognises a citizen who has just been robbed, whatever else is going on. Runs in both environments.

The classifier alone is not enough here: a missed emergency costs a family its savings, a false one costs a card that
says "call your bank". So clear wording decides by itself; tests/unit/language/test_emergency.py holds both sides.
"""

import re

from bot.language.emergency_patterns import BLANK, CHECKING, CLAIM, NEUTRAL, OFFICE, OTHER_CRIME, PAID_SIGNS, RULES, SIGNS, TOLD_SIGNS
from bot.language.normalise import fold, normalise

_MEANT = {
    "lua": ("lừa",), "gat": ("gạt",), "mat": ("mất", "mật"), "bay": ("bay", "bẫy"), "no": ("nó",), "lo": ("lỡ", "lộ", "lở"),
    "gia": ("giả",), "ma": ("mã",), "the": ("thẻ",), "tien": ("tiền",), "chuyen": ("chuyển",), "da": ("đã",), "doc": ("đọc",),
    "may": ("máy",), "rut": ("rút",), "nap": ("nạp",), "an": ("ấn", "ăn", "án"), "cai": ("cài", "cái"), "cu": ("củ", "cứ"),
    "bi": ("bị",), "bao": ("bảo", "báo"), "chan": ("chặn",), "dong": ("đóng", "đồng"), "ho": ("họ",), "chung": ("chúng",),
    "bon": ("bọn", "bốn"), "du": ("dụ", "dư"), "dinh": ("dính", "định"), "tru": ("trừ",), "lay": ("lấy",), "sap": ("sập",),
    "so": ("số", "sổ", "sợ"), "coc": ("cọc", "cóc"), "tra": ("trả",), "nham": ("nhầm",), "trot": ("trót",),
    "dien": ("điền", "điện"), "roi": ("rồi",), "han": ("hắn",), "san": ("sàn",), "vay": ("vay",),
    "sach": ("sạch",), "lon": ("lộn",), "cam": ("cầm",), "am": ("ẵm",), "thang": ("thằng",), "nhan": ("nhấn", "nhắn", "nhận", "nhẵn"),
}
"""Folded words that patterns use -> what they stand for there; a marked word that is none of these is another word."""
_SPELLINGS = {"nhỡ": "lo", "gởi": "gui", "bj": "bi", "bij": "bi", "mik": "minh", "ngta": "nguoi ta", "bt": "biet"}
_UNFINISHED = re.compile(r"aa|ee|oo|dd|[aou]w|[aeiouy][a-z]{0,2}[sfrxj]\b")


def plain(text: str) -> str:
    """Folded words with "|" between clauses; a marked word that only folds to one of ours ("lúa", "mặt") is "~"."""
    marked = re.sub(r"(?<=\d)[.,](?=\d)", "", normalise(text))
    found: list[str] = []
    for token in re.findall(r"[^\W_]+|[^\w\s]+", marked):
        if not token[0].isalnum():
            found += ["|"] if found and found[-1] != "|" and re.search(r"[.,;:!?…()–-]", token) else []
            continue
        word = fold(token)
        meant = _MEANT.get(word)
        found.append("~" if meant and token != word and token not in meant else _SPELLINGS.get(token) or _SPELLINGS.get(word, word))
    return NEUTRAL.sub("~", " ".join(found).strip("| "))


def is_emergency(text: str) -> bool:
    """True when the words say that money, a code or an account is already gone. Never for "should I …?"."""
    said = plain(text)
    return robbed(said) or (bool(_UNFINISHED.search(said)) and robbed(composed(said)))


_ALARMING = re.compile(r"\b(?:tien|otp|no|ho|chung|bon|nguoi (?:la|ta|khac)|ke|lua|gat|hack|link|app|ung dung|chuyen khoan|rut|vay|ma|goi|sim|"
                       r"ngan hang|momo|vi dien tu|cuu|chiem|cuop|danh cap|doi mat khau|dang nhap|zalo|facebook|fb|nick)\b")


def is_calm(text: str) -> bool:
    """Is nothing said that people say of a theft? A lost paper or a locked account alone is calm; for where the classifier was in doubt."""
    said = plain(text)
    return not is_emergency(text) and not _ALARMING.search(said) and {name for name, p in SIGNS.items() if p.search(said)} <= {"lost", "past", "help"}


def robbed(said: str) -> bool:
    """The decision on a plain text."""
    if CHECKING.search(said):
        said = CLAIM.sub(" ", said)
    for pattern in BLANK:
        said = pattern.sub("#", said)
    found = {name for name, pattern in SIGNS.items() if pattern.search(said)}
    if OFFICE.search(said):
        found -= PAID_SIGNS
    if "extorted" not in found and OTHER_CRIME.search(said):
        found -= TOLD_SIGNS
    return any(rule <= found for rule in RULES)


def composed(said: str) -> str:
    """Telex keys that the keyboard did not turn into letters: "vuwaf chuyeenr" -> "vua chuyen"."""
    said = re.sub(r"([aeo])\1|(d)d", r"\1\2", said)
    return re.sub(r"([aeiouy][a-z]{0,2})[sfrxj]\b", r"\1", re.sub(r"([aou])w", r"\1", said))
