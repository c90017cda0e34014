"""A bare yes or no: words that say nothing else. Runs in both environments.

"ừ, đồng ý nhé em" is a yes, "thôi không cần đâu ạ" a no. "Đồng ý cho con ra nước ngoài cần giấy gì" and "không có hộ khẩu"
are neither: with a word that is on none of these lists somebody says something of their own.
"""

import re
import unicodedata
from typing import Dict, FrozenSet, Iterator, List, Tuple

from bot.language.normalise import clean, fold, normalise, place_tones

Phrases = Dict[str, List[Tuple[str, ...]]]


def _of(lines: str) -> Phrases:
    """Folded expression -> the words it is written with."""
    found: Phrases = {}
    for said in re.split(r"[|\n]", lines):
        found.setdefault(fold(said), []).append(tuple(place_tones(said).split()))
    return found


_YES = _of("""có|ừ|ừa|ừm|ư|ưm|u|uh|uhm|uhuh|um|uk|ukm|ukie|ok|oke|okê|okie|oki|okay|okela|okla|ô kê|đồng ý|dongy|vâng|dạ|được|dc|đc|dk|dr|đr
đúng|dungs|ddungs|phải|chuẩn|chính xác|chính nó
chính là nó|cái đó đó|xác nhận|tất nhiên|đương nhiên|dĩ nhiên|hiển nhiên|nhất trí|tán thành|chấp nhận|cho phép|yes|yep|yeah|yess|sure
ờ|ò|muốn|ưng|duyệt|hẳn|hợp lý|chắc|chắc chắn|y chang|rứa đó|thích|sẵn sàng|cứ làm|cứ tiến hành|cứ lưu|cứ giữ|làm luôn|làm đi|làm theo|lưu đi|chốt|gật đầu
thôi được|thôi cũng được|thôi ok""")
_NO = _of("""không|ko|k|kh|khg|kg|hông|hok|hong|hem|hổng|hỏng|hoong|khoong|hk|khum|kô|no|nope|noo|never|chưa|đừng|thôi|thui|khỏi|từ chối|bỏ|bỏ qua|chẳng|chả|nỏ
mô có|mô phải|đâu có|đâu phải|đâu cần|đâu dám|đâu nào|đâu mà|làm gì có|nào có|phản đối|để sau|để khi khác|để lúc khác|khi khác|lúc khác|khoan|dừng|ngừng|ngưng
hủy|miễn|chỉ hỏi""")
_POLITE = _of("""ạ|à|ah|a|nhé|nhe|nhá|nha|nhỉ|nghe|nghen|hen|hí|hỉ|ha|hả|luôn|đi|đó|đấy|ấy|kia|này|nè|nữa|rồi|r|ơi|mà|thì|là|lắm|quá|hết|cả|cũng|thế|vậy|z|rứa
như thế|như vậy|cơ|chứ|chớ|sao|với|giúp|giùm|dùm|hộ|cho|cái|đã|vẫn|cứ|dạ|em|anh|chị|cô|chú|bác|ông|bà|cháu|con|tôi|tui|tao|mình|bạn|bot|ad|mẹ|má|mệ|o|thím
cậu|dì|mợ|e|b|c|chịu|cảm ơn|cám ơn|xin|trợ lý|thưa""")
"""Around either. "Chịu" is a yes or no only with another word of one: alone it is also said of a riddle."""
_WITH_YES = _of("""làm|xóa|gửi|nhắc|học|theo dõi
tiến hành|tiếp|tiếp tục|bắt đầu|lưu|giữ|nhận|liền|ngay|hoàn toàn|cả hai|thông tin|nội dung|trên|ý|đơn|bằng lòng|cái rụp|hai tay|thật
nhất định|không cần chỉnh|không sao|k sao|chứ sao không|còn hỏi gì nữa|cmnr""")
_BEFORE_NO = _of("tạm thời|bây giờ|lúc này|vâng|ừ|nghĩ lại|để|suy nghĩ|bậy|ai bảo|bảo|nói")
_AFTER_NO = _of("""xóa|gửi|nhắc|học|theo dõi|thủ tục
cần|muốn|phải|đúng|được|thích|đồng ý|ưng|nhất trí|tán thành|chấp nhận|xác nhận|có|có gì|gì|làm|lưu|giữ|nhận|hề|đâu|mô|bao giờ|lúc này
nhu cầu|nhầm|tham gia|suy nghĩ|nghĩ|lại|hãy|dám|cái nào|nào|trong số|chọn|chuyện|việc này|lấy""")

MOST_WORDS, LONGEST = 20, 4
_WORD = re.compile(r"[^\W_]+")
_DRAWN_OUT = re.compile(r"([^\W\d])\1+$")
_OF_CHILDREN = re.compile(r"\b(?:co|duoc|phai) con (?!(?:oi|a|nhe|nha|nghe|da)\b)")
"""With more behind it "có con" is no yes to a child."""
_ENDS = re.compile(r"[,;.!?\n]")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")


def is_yes(text: str) -> bool:
    return any(_made_of(words, _YES, (_POLITE, _WITH_YES), (_POLITE, _WITH_YES)) for words in _spellings(text)) and \
        _OF_CHILDREN.search(fold(text)) is None


def is_no(text: str) -> bool:
    """A question ("được không") is none: what is denied stands behind the no."""
    return any(_made_of(words, _NO, (_POLITE, _BEFORE_NO), (_POLITE, _BEFORE_NO, _AFTER_NO)) for words in _spellings(text)) and \
        _OF_CHILDREN.search(fold(text)) is None


def begins_with_no(text: str) -> bool:
    """A no, and behind a comma what was meant instead: "không, cho người lớn cơ"."""
    first, *more = _ENDS.split(text, 1)
    return bool(more and more[0].strip()) and is_no(first)


def _spellings(text: str) -> Iterator[List[str]]:
    """The words as typed, without letters drawn out, and mended. Nothing of a question or a long text."""
    plain = place_tones(clean(text)).lower()
    for said in (plain, normalise(text)):
        words = _WORD.findall(said)
        if words and len(words) <= MOST_WORDS and not plain.rstrip().endswith("?"):
            yield words
            yield [_DRAWN_OUT.sub(r"\1", word) for word in words]


def _made_of(words: List[str], core: Phrases, before: Tuple[Phrases, ...], after: Tuple[Phrases, ...]) -> bool:
    """Can the words be read as expressions of these lists, one of `core` among them, and only those of `before` in front of it?"""
    reached = {(0, False)}
    for at in range(len(words)):
        for found in [f for f in (False, True) if (at, f) in reached]:
            for end in range(at + 1, min(at + LONGEST, len(words)) + 1):
                said = words[at:end]
                if _stands_in(said, core):
                    reached.add((end, True))
                if any(_stands_in(said, phrases) for phrases in (after if found else before)):
                    reached.add((end, found))
    return (len(words), True) in reached


def _stands_in(said: List[str], phrases: Phrases) -> bool:
    return any(len(written) == len(said) and all(one in forms(word) for one, word in zip(said, written, strict=True))
               for written in phrases.get(fold(" ".join(said)), ()))


def forms(word: str) -> FrozenSet[str]:
    """How a word is typed: with all its marks, without the tone, with only its đ, with none. "dừng" is never "đúng"."""
    toneless = unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", word) if c not in _TONES))
    bare = fold(word)
    return frozenset((word, toneless, bare, f"đ{bare[1:]}" if word.startswith("đ") else bare))
