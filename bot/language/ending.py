"""Words by which somebody ends or takes back something. Runs in both environments."""

import re

from bot.language.normalise import clean, fold, normalise, place_tones
from bot.language.yes_no import forms

ENDING = frozenset(("unsubscribe", "delete_my_data", "leave_course", "cancel_reminder"))
"""Intents that take back what may not be had again."""

_WORDS = frozenset(form for word in (
    "dừng đừng thôi thui hủy tắt ngừng ngưng ngắt xóa xoas bỏ khỏi stop cancel quit drop clear chặn rút gỡ tháo cắt dẹp thoát out loại block delete del remove "
    "unsub unsubscribe unfollow unenroll format miễn nghỉ tẩy").split() for form in forms(place_tones(word)))
_EXPRESSIONS = re.compile(
    r"\b(?:unsub\w*|ra luon|cham dut|ket thuc|thu hoi|vo hieu|don (?:sach|het)|bien (?:di|mat)|quen (?:het|di)|lang quen|khoa (?:het|luon)"
    r"|het bi|(?:ra|roi) (?:khoi|khoa|lop|han)|het (?:can|muon|hoc|nhac)|(?:khong|ko|k|hong|khg|kg|kh|hok|chang|chua)"
    r" (?!(?:a|vay|z|nhi|nhe|nha|ban|em|ha|bot)\b)\w+"
    r"|(?:nhac|hoc|nhan|gui|lam|can|thich|muon)(?: \w+){0,4} nua)\b")
"""Folded. A "không" at the end asks ("tôi có nhận tin không"); only with something behind it does it say no."""

_OF_OFFICES = re.compile(
    r"\b(?:dang ky (?!tai khoan|tro ly|bot|hoc|nhan|theo|tin|khoa|o day)\w+|(?:thuong|tam|luu|cu) tru|ho khau|so ho|an tich|tien an|the chap|so (?:do|hong)"
    r"|no (?:xau|thue)|bien so|ma so thue|hop dong|giay phep|giay to xe|ket hon|khai sinh|khai tu|quoc tich|ho kinh doanh|phat nguoi|ten (?:\w+ ){0,3}khoi)\b")
"""Folded: what offices strike out, not we."""
_OURS = re.compile(r"\b(?:du lieu|thong tin|tai khoan|tro ly|bot|data|doan chat|o day|trong nay|ben nay)\b")


def of_offices(text: str) -> bool:
    """Is something to be struck out that stands in an office's books ("xóa án tích", "xóa đăng ký thường trú")?"""
    plain = fold(text)
    return _OF_OFFICES.search(plain) is not None and _OURS.search(plain) is None


def ends_something(text: str) -> bool:
    """Is there a word of ending in it? "Gửi đi" and "vì sao tôi nhận tin này" have none."""
    for said in (place_tones(clean(text)).lower(), normalise(text)):
        if not _WORDS.isdisjoint(re.findall(r"[^\W_]+", said)) or _EXPRESSIONS.search(fold(said)):
            return True
    return False
