"""Time words as people type them, brought to one spelling. Runs in both environments.

Vietnamese without diacritics is ambiguous exactly where time is concerned: "toi" is I, evening or until, "mot" is one or
the day after tomorrow, "sau" is six or after. So a word typed with marks is believed ("tôi" is never evening), a bare
one is judged by its neighbours in times_grammar.py. What comes out is a line of words parted by single spaces.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from typing import Dict, List, Tuple

from bot.language.normalise import fold

LONGEST = 1000
"""Characters that are read; nobody sets a reminder in a longer text, and the time taken stays bounded."""

_SPELLINGS = """
gio=giờ giơ giở gờ|phut=phút phụt phứt|tieng=tiếng tiêng|giay=giây|ngay=ngày ngầy|hom=hôm|bua=bữa bựa|tuan=tuần tuàn tuân
thang=tháng thàng|nam=năm|lam=lăm làm|nham=nhăm|mai=mơi|mốt=mốt|một=một|kia=|kìa=kìa|nay=này nầy|sáng=sáng sán|trua=trưa
chieu=chiều chìu chìeu chiềư|tối=tối tói|tới=tới tơí|túi=túi|đêm=đêm|khuya=|nua=nữa nửa nưa nũa nủa|kem=kém|luc=lúc lức
ruoi=rưỡi rưởi rươi ruỡi rửơi rưỡ|moi=mỗi mổi mõi mọi|hang=hằng hàng hăng|thu=thứ thư thừ|chu=chủ chũ chúa|mung=mùng mồng
nhat=nhật nhựt nhât|hai=|ba=|bon=bốn bôn|tư=tư|sáu=sáu|bảy=bảy bẩy bãy|tám=tám|chin=chín|muoi=mười mươi muời|ham=hăm
cuoi=cuối|dau=đầu|giua=giữa|cung=cũng củng|sau=|truoc=trước|qua=|ke=kế|den=đến|am=âm|lich=lịch|rằm=rằm|tết=tết|nhac=nhắc
gieng=giêng|chap=chạp|tru=trừ|cach=cách|vao=vào|tang=táng|hoan=hoãn|lui=lùi|doi=dời đợi|cham=chậm|nao=nào|cu=cứ|trong=
"""
_SLIPS = {"jo": "gio", "gjo": "gio", "gjờ": "gio", "hnay": "hom nay", "hqua": "hom qua", "homnay": "hom nay", "fut": "phut",
          "cn": "chu nhat", "cnhat": "chu nhat", "chunhat": "chu nhat", "nhut": "nhat", "ph": "phut", "mok": "mốt",
          "thag": "thang", "rui": "ruoi", "tieg": "tieng", "ngaymai": "ngay mai", "moingay": "moi ngay",
          "cuoituan": "cuoi tuan", "’": "'", "′": "'"}
_TELEX_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_TELEX_VOWELS = (("dd", "đ", ""), ("aa", "a", "\u0302"), ("ee", "e", "\u0302"), ("oo", "o", "\u0302"), ("aw", "a", "\u0306"),
                 ("ow", "o", "\u031b"), ("uw", "u", "\u031b"), ("w", "u", "\u031b"))

# pairs that look like a time and are none: compared folded, or exactly as typed where only the marks tell them apart
_FOLDED = """
mai tang|mai mai|thuong mai|khuyen mai|hoang mai|quynh mai|bach mai|xuan mai|tuyet mai|ngoc mai|hoa mai|cay mai|ten mai|mai chau
ho chieu|ban dem|ca dem|doanh thu|thu nhap
mai linh|mai dich|chieu cao|chieu dai|chieu rong|chieu ngang|chieu huong|chieu chuong|chieu long|nuong chieu|nguoc chieu
trai chieu|nghi trua|an trua|com trua
"""
_TYPED = """
mai mối|một chiều|sáng suốt|sáng tạo|sáng kiến|sáng lập|sáng chế|sáng sủa|sáng mắt|sáng tác|sáng láng|sáng ngời|sáng tỏ|sáng dạ
sáng đèn|sáng bóng|sáng choang|ánh sáng|chiếu sáng|tỏa sáng|toả sáng|thắp sáng|phát sáng|tươi sáng|đèn sáng|soi sáng|ăn sáng
bữa sáng|tối om|tối thiểu|tối đa|tối ưu|tối cao|tối tân|tối nghĩa|tối màu|tối tăm|tối hậu|tối đen|tối mịt|tối kỵ|tối giản|tối như
tối dạ|bóng tối|tăm tối|trời tối|tối trời|chiều sâu|chiều dọc|chiều theo|chiều ý|nhiều chiều|mốt mới|mốt nhất
theo mốt|đúng mốt|lỗi mốt|hợp mốt|một mốt|thời mốt
"""
_FOLDED_PAIRS, _TYPED_PAIRS = ({tuple(pair.split(" ")) for line in table.strip().splitlines() for pair in line.split("|")}
                               for table in (_FOLDED, _TYPED))
_KIN = {"chi", "co", "ba", "em", "ban", "anh", "bac", "chu", "ong", "chau", "ten", "be", "con", "di", "me"}
_NOTHING = "#"

_TOKEN = re.compile(r"(?<![^\W_])t[2-7](?![\d/.]|\s*/)|\d+|(?:[^\W\d_][\u0300-\u036f]*)+|[^\w\s]")
_VOWEL = re.compile("[aeiouy]")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
# never a time, whatever stands around: codes, amounts with dots, law numbers, addresses, round the clock
_NOT_TIME = re.compile(
    r"(?:\d+\.)*[a-z]\d\d(?:\.\d+)*-\d{6}-\d{3,}|\d+(?:\.\d+)*/\d{4}/[^\W\d_][\w-]*|\d+/[^\W\d_]{2,}[\w-]*|\d+(?:[.,]\d{3})+(?!\d)|"
    r"\d{5,}|\+\d[\d .]{7,}|0\d{2,3}[ .]\d{3}[ .]\d{3,4}(?!\d)|\d\.\d{6}[\w.]*|24\s?/\s?24\s?h?|24h\s?/\s?(?:24h?|7)|"
    r"(?<!ngày )(?<!ngay )24/7(?!/)|https?://\S+|www\.\S+|[a-z]+(?:-[a-z]+){2,}|"
    r"\d+/\d+(?= ?(?:điểm|diem|câu|cau|phần|phan|bài|bai|tiếng|tieng|người)\b)|"
    r"\b(?:số nhà|so nha|ngõ|ngo|ngách|ngach|hẻm|hem|kiệt|kiet|đường|duong|phố|thửa|thua) (?:số |so )?\d+(?:/\d+)*")


@dataclass(frozen=True)
class Line:
    """Text as comparable words. starts: where each word begins in `text`; spans: its place in what was typed."""

    text: str
    starts: List[int]
    spans: List[Tuple[int, int]]

    def typed(self, start: int, end: int) -> Tuple[int, int]:
        """The place in what was typed of a place in `text`."""
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, max(start, end - 1)) - 1
        return self.spans[first][0], self.spans[last][1]


def _key(word: str) -> str:
    """Letters and the set of marks, wherever they sit: "tôí" is "tối"."""
    parts = unicodedata.normalize("NFD", word)
    letters = "".join(c for c in parts if not unicodedata.combining(c))
    return letters + "|" + "".join(sorted({c for c in parts if unicodedata.combining(c)}))


_CANONICAL: Dict[str, str] = {}
_GUARDED = set()
for _entry in _SPELLINGS.replace("\n", "|").strip("|").split("|"):
    _name, _, _forms = _entry.partition("=")
    _GUARDED.add(fold(_name))
    for _form in _forms.split():
        _CANONICAL[_key(_form)] = _name
_CANONICAL[_key("ánh")] = "ánh"


def _telex(word: str) -> str:
    """The key of a word typed with the keyboard's Vietnamese mode off: "toois" is "tối". Empty when it is none."""
    marks = set()
    for typed, letter, mark in _TELEX_VOWELS:
        if typed in word:
            word = word.replace(typed, letter if typed != "w" else "")
            marks.add(mark)
    vowel = _VOWEL.search(word)
    for i, c in enumerate(word):
        if vowel and i > vowel.start() and c in _TELEX_TONES:
            word, marks = word[:i] + word[i + 1:], marks | {_TELEX_TONES[c]}
            break
    return word + "|" + "".join(sorted(marks)) if marks else ""


def _canonical(word: str, accented: bool) -> str:
    """One spelling for a word; what carries marks that no time word has keeps them, so that no pattern sees it."""
    if word in _SLIPS:
        return _SLIPS[word]
    known = _CANONICAL.get(_key(word))
    if known:
        return known
    folded = fold(word)
    if len(word) > 3 and word[-1] == word[-2] and (_key(word[:-1]) in _CANONICAL or folded[:-1] in _GUARDED):
        return _canonical(word[:-1], accented)  # "maii"
    if folded != word:
        return word if folded in _GUARDED else _SLIPS.get(folded, folded)
    if folded not in _GUARDED and word.isascii():
        return _CANONICAL.get(_telex(word), folded)
    # in a text with marks a bare "sau" is "after", not a "sáu" that lost its mark; "sang" is "over to", "thu" is "takings"
    return word + "_" if accented and word in ("sau", "sang", "thu") else folded


def _is_name(i: int, typed: List[str], bare: List[str]) -> bool:
    """Mai the woman: a capital inside the sentence, next to a title or another capital."""
    if bare[i] != "mai" or not typed[i].istitle() or i == 0 or not typed[i - 1].isalpha():
        return False
    if all(t.istitle() or t.isupper() for t in typed if t.isalpha()):
        return False
    following = typed[i + 1] if i + 1 < len(typed) else ""
    return bare[i - 1] in _KIN or (i > 1 and typed[i - 1].istitle()) or following.istitle()


def read(text: str) -> Line:
    """Typed text as a Line; empty when there are no words. Any string is accepted."""
    chars: List[str] = []
    places: List[int] = []
    for place, char in enumerate(text[:LONGEST]):
        if unicodedata.category(char) in ("Cf", "Cc") and not char.isspace():
            continue
        for part in unicodedata.normalize("NFKC", char):
            chars.append(part)
            places.append(place)
    flat = "".join(chars)
    lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in chars)
    lower = _NOT_TIME.sub(lambda m: " # " + " " * (len(m.group()) - 3) if len(m.group()) > 2 else m.group(), lower)
    found = list(_TOKEN.finditer(lower))
    words = [_REPEATED.sub(r"\1", unicodedata.normalize("NFC", m.group())) for m in found]
    typed = [flat[m.start():m.end()] for m in found]
    bare = [fold(w) for w in words]
    accented = bare != words
    out = [f"thu {w[1]}" if len(w) == 2 and w[0] == "t" and w[1].isdigit() else _canonical(w, accented) for w in words]
    for i in range(len(words)):
        if i and ((bare[i - 1], bare[i]) in _FOLDED_PAIRS or (words[i - 1], words[i]) in _TYPED_PAIRS):
            out[i - 1] = out[i] = _NOTHING
        elif _is_name(i, typed, bare):
            out[i] = _NOTHING
    starts, at = [], 0
    for word in out:
        starts.append(at)
        at += len(word) + 1
    spans = [(places[m.start()], _end(text, places[m.end() - 1])) for m in found]
    return Line(" ".join(out), starts, spans)


def _end(text: str, last: int) -> int:
    """One past the character, and past the marks that sit on it in decomposed text."""
    last += 1
    while last < len(text) and unicodedata.combining(text[last]):
        last += 1
    return last


_DIGITS = {"một": 1, "mot": 1, "mốt": 1, "hai": 2, "ba": 3, "bon": 4, "tư": 4, "tu": 4, "nam": 5, "lam": 5, "nham": 5,
           "sáu": 6, "sau": 6, "sau_": 6, "bảy": 7, "bay": 7, "tám": 8, "tam": 8, "chin": 9}


def number(words: str) -> int:
    """ "20", "hai muoi", "muoi lam", "hai lam" -> the whole number. Raises KeyError for anything else."""
    if words.isdigit():
        return int(words)
    parts = words.split()
    if parts[0] == "ham":
        return 20 + _DIGITS[parts[1]]
    if "muoi" not in parts:
        return _DIGITS[parts[0]] if len(parts) == 1 else 10 * _DIGITS[parts[0]] + _DIGITS[parts[1]]
    tens = 1 if parts[0] == "muoi" else _DIGITS[parts[0]]
    rest = parts[parts.index("muoi") + 1:]
    return 10 * tens + (_DIGITS[rest[0]] if rest else 0)
