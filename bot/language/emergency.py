"""Recognises a citizen who has just been robbed, whatever else is going on. Runs in both environments.

The classifier alone is not enough here: a missed emergency costs a family its savings, a false one costs a card that
says "call your bank". So clear wording decides by itself; tests/unit/language/test_emergency.py holds both sides.
"""

import re

from bot.language.emergency_patterns import BLANK, CHECKING, CLAIM, OFFICIAL, PLAIN_THEFT, ROBBED
from bot.language.normalise import fold, normalise

_MEANT = {
    "lua": ("lừa",), "gat": ("gạt",), "mat": ("mất", "mật"), "bay": ("bay", "bẫy"), "no": ("nó",), "lo": ("lỡ", "lộ"), "gia": ("giả",),
    "ma": ("mã",), "the": ("thẻ",), "tien": ("tiền",), "chuyen": ("chuyển",), "da": ("đã",), "doc": ("đọc",), "may": ("máy",),
    "rut": ("rút",), "nap": ("nạp",), "an": ("ấn", "ăn"), "cai": ("cài", "cái"), "cu": ("củ",), "bi": ("bị",), "bao": ("bảo", "báo"),
    "chan": ("chặn",), "dong": ("đóng", "đồng"), "ho": ("họ",), "con": ("còn", "con"), "chung": ("chúng",), "bon": ("bọn", "bốn"),
    "du": ("dụ", "dư"), "dinh": ("dính", "định"), "tru": ("trừ",), "lay": ("lấy",), "vay": ("vay",), "sap": ("sập",), "so": ("số", "sổ", "sợ"),
    "coc": ("cọc",), "tra": ("trả",), "nham": ("nhầm",), "trot": ("trót",), "dien": ("điền", "điện"), "di": ("đi",), "roi": ("rồi",),
}
"""Folded words that patterns use -> what they stand for there; a marked word that is none of these is another word."""
_TEENCODE = {"bj": "bi", "mik": "minh", "ngta": "nguoi ta", "bt": "biet", "lien lac dc": "lien lac", "tin": "tin"}


def plain(text: str) -> str:
    """Folded words with "|" between clauses; a marked word that only folds to one of ours ("lúa", "mặt") is "~"."""
    marked = re.sub(r"(?<=\d)[.,](?=\d)", "", normalise(text))
    found = []
    for token in re.findall(r"[^\W_]+|[^\w\s]+", marked):
        if not token[0].isalnum():
            found += ["|"] if found and found[-1] != "|" and re.search(r"[.,;:!?…\-–()\"”“]", token) else []
            continue
        word = fold(token)
        meant = _MEANT.get(word)
        found.append("~" if meant and token != word and token not in meant else _TEENCODE.get(word, word))
    return " ".join(found).strip("| ")


def is_emergency(text: str) -> bool:
    """True when the words say that money, a code or an account is already gone. Never for "should I …?"."""
    said = plain(text)
    if CHECKING.search(said):
        said = CLAIM.sub(" ", said)
    for pattern in BLANK:
        said = pattern.sub(" # ", said)
    patterns = PLAIN_THEFT if OFFICIAL.search(said) else ROBBED
    return any(p.search(said) for p in patterns)
