"""Typed Vietnamese made comparable: one module for training, parsing and search alike.

Runs in both environments (Python 3.10 beside Rasa, 3.11+ in the app), so it imports only the standard library.
"""

import re
import unicodedata
from functools import lru_cache
from typing import List

from bot.language.spelling import mend

ABBREVIATIONS = {
    "ko": "không", "k": "không", "kh": "không", "khg": "không", "kg": "không", "hok": "không", "hông": "không",
    "hong": "không", "hem": "không", "hổng": "không", "hk": "hộ khẩu", "dc": "được", "đc": "được", "dk": "đăng ký",
    "đk": "đăng ký", "đky": "đăng ký", "dky": "đăng ký", "j": "gì", "z": "vậy", "dz": "vậy", "dzậy": "vậy",
    "bn": "bao nhiêu", "bnhiu": "bao nhiêu", "bnhieu": "bao nhiêu", "ntn": "như thế nào",
    "lm": "làm", "lmj": "làm gì", "vs": "với", "mn": "mọi người", "ng": "người", "nc": "nước", "trc": "trước",
    "gks": "giấy khai sinh", "ks": "khai sinh", "cccd": "căn cước", "cmnd": "chứng minh nhân dân",
    "cmt": "chứng minh nhân dân", "bhyt": "bảo hiểm y tế", "bhxh": "bảo hiểm xã hội",
    "bhtn": "bảo hiểm thất nghiệp", "gplx": "giấy phép lái xe", "hkd": "hộ kinh doanh",
    "gpxd": "giấy phép xây dựng", "ubnd": "ủy ban nhân dân", "llttp": "lý lịch tư pháp", "tthc": "thủ tục hành chính",
    "dvc": "dịch vụ công", "qsdđ": "quyền sử dụng đất", "qsdd": "quyền sử dụng đất", "tk": "tài khoản",
    "stk": "số tài khoản", "ck": "chuyển khoản", "mk": "mật khẩu", "đt": "điện thoại", "sdt": "số điện thoại",
    "sđt": "số điện thoại", "nhg": "nhưng", "r": "rồi", "rùi": "rồi", "thui": "thôi", "tks": "cảm ơn",
    "thanks": "cảm ơn", "thank": "cảm ơn", "ok": "đồng ý", "oki": "đồng ý", "okie": "đồng ý", "oke": "đồng ý",
    "vk": "vợ", "vc": "vợ chồng", "dkkh": "đăng ký kết hôn", "đkkh": "đăng ký kết hôn",
    "răng": "sao", "mần": "làm", "rứa": "vậy", "tui": "tôi", "ở mô": "ở đâu", "bữa": "hôm",
    "nghen": "nhé", "nha": "nhé", "nhá": "nhé", "hen": "nhé",
}
"""What people type -> what they mean. Whole words only; the folded forms are looked up too."""

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_MOVABLE = re.compile("(?i)[oO][àáảãạèéẻẽẹ]|[uU][ỳýỷỹỵ]|[\u0300-\u0323]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_CONTROL = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]")
_SPACES = re.compile(r"[^\S\n]+")
_REPEATED = re.compile(r"([^\W\d])\1{2,}")
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
# hoà -> hòa: the tone of a syllable that ends in oa, oe or uy goes on its first vowel (the older, commoner placement);
# decomposed, the dot of "hoặc" stands before the mark that makes its vowel another letter
_OPEN_SYLLABLE = re.compile(rf"([ou])([aey])([{_TONES}])(?![\w\u0302\u0306\u031b])", re.IGNORECASE)


def clean(text: str) -> str:
    """What we keep of typed text: NFC, no control or invisible characters, single spaces, trimmed."""
    text = _INVISIBLE.sub("", _CONTROL.sub(" ", text.replace("\r\n", "\n")))
    # composed last: an invisible character may stand between a letter and its mark
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _plain_letters() -> "dict[int, str]":
    """Every composed Vietnamese letter -> its bare one; a table is thirty times faster than decomposing."""
    table = {ord("đ"): "d", ord("ð"): "d"}
    for letter in "aeiouy":
        for hat in ("", "\u0302", "\u0306", "\u031b"):
            for tone in ("", *_TONES):
                made = unicodedata.normalize("NFC", letter + hat + tone)
                if len(made) == 1:
                    table[ord(made)] = letter
    return table


_PLAIN = _plain_letters()


def fold(text: str) -> str:
    """Lower case without diacritics: "Đăng ký" -> "dang ky". Old documents write the Icelandic "Ð" for "Đ"."""
    text = text.lower().translate(_PLAIN)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFD", text)
    return "".join(c for c in text if not unicodedata.combining(c))


def place_tones(text: str) -> str:
    """One spelling for "hoà" and "hòa", "thuỷ" and "thủy"."""
    if not _MOVABLE.search(text):
        return text
    parts = unicodedata.normalize("NFD", text)

    def move(match: "re.Match[str]") -> str:
        first, second, tone = match.groups()
        pair = (first + second).lower()
        before = parts[match.start() - 1].lower() if match.start() else ""
        if pair not in ("oa", "oe", "uy") or before == "q":
            return match.group(0)
        return first + tone + second

    return unicodedata.normalize("NFC", _OPEN_SYLLABLE.sub(move, parts))


def words(text: str) -> List[str]:
    """Letters and digits, split at everything else."""
    return _WORD.findall(text)


# without diacritics these are mostly other words ("răng" tooth, "nhà" house, "hẹn" appointment, "rửa" to wash)
_AMBIGUOUS = {"rang", "man", "bua", "rui", "rua", "hen", "hem", "nha", "nghen"}
_FOLDED_ABBREVIATIONS = {f: v for k, v in ABBREVIATIONS.items() if " " not in k and (f := fold(k)) not in _AMBIGUOUS}
_ENTRY = re.compile("|".join((
    *(rf"(?<!\w){entry}(?!\w)" for entry in ABBREVIATIONS if " " in entry), r"(?<!\w)(?:so|bi|hu|mau) hong(?!\w)", _WORD.pattern)))
"""A word, or an entry of several; "so hong" is "sổ hồng" and "bi hong" "bị hỏng", not "không"."""


def expand(text: str) -> str:
    """Abbreviations and teencode written out; digits glued to a unit ("500k") stay as they are. text: lower case."""
    return _expand(text, marked(text))


def marked(text: str) -> bool:
    """Was the text typed with diacritics?"""
    return fold(text) != text.lower()


def _expand(text: str, with_marks: bool) -> str:
    def replace(match: "re.Match[str]") -> str:
        word = match.group(0)
        if word in _AMBIGUOUS and not with_marks:
            return word
        return ABBREVIATIONS.get(word) or _FOLDED_ABBREVIATIONS.get(word, word)

    return _ENTRY.sub(replace, text)


@lru_cache(maxsize=65536)
def normalise(text: str, mending: bool = True) -> str:
    """Typed text for comparison: cleaned, lower case, tones placed, repeated letters squeezed, abbreviations written out,
    words that cannot be right mended. mending: False for text we wrote ourselves, ten times faster."""
    text = place_tones(clean(text).lower())
    with_marks = marked(text)
    # abbreviations first: "cccd" is not "cd" typed with a trembling finger
    text = _REPEATED.sub(r"\1", _expand(text, with_marks))
    if mending:
        text = place_tones(mend(text))
    text = _expand(text, with_marks)
    return unicodedata.normalize("NFC", text)  # a stray mark may stand behind what was written out
