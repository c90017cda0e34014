"""Recognises a citizen who has just been robbed, whatever else is going on. Runs in both environments.

The classifier alone is not enough here: a missed emergency costs a family its savings, a false one costs a card that
says "call your bank". So clear wording decides by itself; tests/unit/language/test_emergency.py holds both sides.
"""

import re

from bot.language.normalise import fold, normalise

_DONE = r"(?:vua|lo|trot|da|moi|bi|mat|hom qua|sang nay|chieu nay|toi qua|ban nay|hoi nay|khi nay|nay gio|xong|roi|nham|het)"
_MONEY = (r"(?:(?:chuyen|ck|gui|nap|dua|nop|bank|ban|tra) (?:\w+ ){0,3}?(?:tien|khoan|trieu|tr|ty|ti|nghin|coc|cu|chai)"
          r"|chuyen khoan|mat (?:\w+ ){0,3}?(?:tien|trieu|tr|ty|ti|cu)\b|\d+ ?(?:tr|trieu|ty|cu)\b)")
_THIEF = (r"(?:lua|ke gian|ke xau|bon (?:no|lua|chung)|tui (?:no|lua)|chung no|cong an gia|gia danh|gia mao|gia lam|hacker|"
          r"bon kia|scam|dan canh|bay)")
_SECRET = r"(?:ma (?:otp|xac nhan|xac thuc|pin)|otp|mat khau|ma pin|so the|ma bao mat|password|pass)"
_GIVE = r"(?:doc|dua|cho|gui|nhap|cung cap|khai|noi|dien|bao|nhan|chup|cap)"
_TAKEN = r"(?:tai khoan|zalo|facebook|fb|face|nick|dien thoai|may|sim|the|tien|ngan hang|vneid|telegram)"

_PATTERNS = [re.compile(p) for p in (
    rf"\b{_DONE}\b.*\b{_MONEY}.*\b{_THIEF}\b", rf"\b{_THIEF}\b.*\b{_DONE}\b.*\b{_MONEY}",
    rf"\b{_MONEY}.*\b{_THIEF}\b.*\b(?:roi|mat|xong|cuu|giup)\b",
    rf"\bbi (?:\w+ ){{0,3}}?lua\b.*(?:\b{_MONEY}|\btien\b|\bmat\b|\bcuu\b|\bgiup\b|\bphai lam\b|\blam sao\b|\blam gi\b|\broi\b)",
    r"\b(?:cuu|giup)\b.*\bbi (?:\w+ ){0,3}?lua\b", r"^(?:\w+ ){0,3}bi lua(?: dao)?(?: roi)?$",
    rf"\b(?:vua|lo|trot|da|moi|nham)\b (?:\w+ ){{0,2}}?{_GIVE}\b(?: \w+){{0,4}}? {_SECRET}\b",
    rf"\b{_GIVE}\b(?: \w+){{0,2}}? {_SECRET}\b.*\b(?:roi|mat roi|xong)\b",
    rf"\b(?:bi|da|no|vua)\b (?:\w+ ){{0,2}}?(?:hack|chiem|danh cap|chiem doat|xam nhap)(?: \w+){{0,3}}? {_TAKEN}\b",
    rf"\b{_TAKEN}\b (?:\w+ ){{0,4}}?bi (?:\w+ ){{0,2}}?(?:hack|chiem|danh cap|rut|tru|khong che|dieu khien)\b",
    r"\btien\b.*\b(?:bay|boc hoi|mat) (?:sach|het|khoi)\b",
    r"\b(?:mat|rut|tru) (?:sach|het)(?: \w+){0,2}? tien\b.*\b(?:tai khoan|ngan hang|the)\b",
    r"\b(?:lo|vua|trot|da) (?:\w+ ){0,2}?(?:bam|nhan|an|click|cai|quet)\b(?: \w+){0,5}?\b(?:mat|tru|rut|bay)\b(?: \w+){0,2}? tien\b",
)]
_NOT_YET = re.compile(
    r"\b(?:chua|khong|dung|chang|dau co) (?:\w+ ){0,1}?(?:chuyen|gui|doc|dua|bi|mat|nap|cung cap|nhap)\b|\bco nen\b|"
    r"\bco phai (?:la )?lua\b|\b(?:doi|bat|bao|yeu cau|keu|nho|rang) (?:\w+ ){0,3}?(?:chuyen|gui|doc|dua|cung cap|nap|nop|cai)\b|"
    r"\blam the nao de khong\b|\btranh bi\b|\bphong\b|\bhoc\b|\bbai hoc\b|\bkhoa hoc\b|\bso bi\b|\bcanh giac\b")


def is_emergency(text: str) -> bool:
    """True when the words say that money, a code or an account is already gone. Never for "should I …?"."""
    folded = re.sub(r"[^a-z0-9 ]+", " ", fold(normalise(text)))
    folded = re.sub(r" +", " ", folded).strip()
    return any(p.search(folded) for p in _PATTERNS) and not _NOT_YET.search(folded)
