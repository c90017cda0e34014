"""Short things said beside the matter: a bare question mark, what day it is, why an answer was wrong. Runs in both environments."""

import re
from typing import Optional

from bot.language.normalise import clean, fold, normalise

_POLITE = r"(?:a|vay|the|nhi|ha|roi|do|day|bot|em|chau|con|ban|oi|nhe|z|vay ta|the nhi)"
_TODAY = r"(?:hom nay|nay|bua nay|bua ni|hom ni|ngay hom nay|bay gio|gio|hien tai|hien gio|luc nay|chu)"
_LEAD = r"(?:(?:cho (?:toi|em|chau|bac|ba|ong|minh|con)?|xin|hoi|bot|em|chau|oi|vay|the|da|a|biet) )*"
_DAY = re.compile(rf"{_LEAD}(?:{_TODAY} (?:la )?(?:ngay )?(?:thu|ngay)(?: (?:may|bao nhieu|nao|gi))+|(?:ngay |thu )(?:may|bao nhieu|gi)(?: {_TODAY}| day| roi)"
                  rf"|{_TODAY} (?:la )?(?:ngay|mung|mong|mùng) (?:may|bao nhieu)(?: thang (?:may|bao nhieu))?(?: duong(?: lich)?)?)(?: {_POLITE})*")
_HOUR = re.compile(rf"{_LEAD}(?:{_TODAY} (?:la |dang )?may gio|may gio (?:roi|{_TODAY}))(?: (?:may phut|{_POLITE}))*")

# a small "a" is mostly "ạ"
_LETTER = r"(?:[b-f]|capa)"
_WHY = re.compile(
    rf"\b(?:sao|tai sao|vi sao)(?: (?:lai|la|dap an|cau|phai|chon|khong|ko|k|no|em|toi|con|ma|y))* (?:dap an |cau |la |chon )?{_LETTER}\b"
    rf"|\b(?:tuong|nghi|nham) (?:la |dap an |cau |y |phai )*{_LETTER}(?: (?:chu|co|moi dung|ma|a))*$"
    rf"|\b(?:sao|tai sao|vi sao)(?: (?:em|toi|chau|bac|ba|ong|minh|con|tui|cau|do|nay|vua roi|tra loi|chon|lai|la|bi|ma|cua|no))*"
    r" (?:sai|khong dung|ko dung|chua dung)\b"
    rf"|\bgiai thich(?: (?:lai|giup|cho|em|toi|chau|bac|ro|them|ky|ki|hon|vi|sao))* (?:cau|dap an)\b"
    r"|\b(?:cau|dap an)(?: (?:vua roi|nay|tren|truoc|do|hoi nay))* (?:sao|tai sao|vi sao)\b")


def is_a_mark(text: str) -> bool:
    """Nothing but "?" or other marks, without a letter, digit or picture: somebody does not know how to go on."""
    plain = clean(text)
    return bool(plain) and all(c in "?.!,…¿-_ \\n" for c in plain) and "?" in plain


def of_the_day(text: str) -> Optional[str]:
    """"day" or "hour" when nothing is asked but which it is now; None for anything else."""
    plain = re.sub(r"[^a-z0-9]+", " ", fold(normalise(text))).strip()
    return "hour" if _HOUR.fullmatch(plain) else "day" if _DAY.fullmatch(plain) else None


def asks_why(text: str) -> bool:
    """Said with a lesson on the screen: why the last answer was right or wrong ("sao lại D, em tưởng C")."""
    return _WHY.search(re.sub(r"[^a-z0-9]+", " ", fold(re.sub(r"\bA\b", "capa", text))).strip()) is not None
