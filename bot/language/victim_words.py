"""What somebody says who has just been robbed and has read the steps: which of them is meant? Read only behind those steps."""

import re
from typing import List

from bot.language.normalise import fold, normalise

_THEY = r"(?:no|ho|chung|ke \w+|ai do)"
_STEPS = tuple((step, re.compile(rf"\b(?:{'|'.join(words)})\b")) for step, words in (
    ("stop", (r"(?:chuyen|nop|dong|nap|gui|tra|dua|doi|coc|bom)(?: \w+){0,2} (?:them|tiep|nua)", r"(?:moi|thi) (?:cho rut|tra lai|nha|hoan|giai ngan)",
              r"(?:chua|khong|ko)(?: (?:co|he|kip|dam|bi))? (?:chuyen|gui|dua|doc|nap|nop|cho|mat|bam|lam)",
              r"(?:chuyen|gui|nap|nop|dua|doc|bam) (?:\w+ )?(?:chua|khong)", r"(?:dinh|sap|dang|toan|tinh|muon) (?:di )?(?:chuyen|gui|nap|nop|rut|doc|dua)",
              r"(?:van|dang|con) (?:dang |con )?(?:goi|noi may|nghe may|giu may|cho may|nhan tin|doa|giuc|ep|bat)",
              rf"{_THEY} (?:lai |dang |van |cu )?(?:goi|doa|giuc|ep|doi)")),
    ("lock", ("otp", r"ma (?:xac (?:nhan|thuc)|pin|so)", "pin", "mat khau", "so the", "cvv", r"khoa (?:the|tai khoan|kieu|the nao|sao|o dau)",
              "ngan hang", "quet mat", "tai khoan")),
    ("device", (r"(?:cai|tai) (?:\w+ ){0,3}(?:app|ung dung|phan mem|apk)", r"(?:app|ung dung|phan mem) (?:la|do|no|gia)", "dieu khien", "man hinh",
                r"ultra ?view", "teamviewer", r"may (?:tu|bi)")),
    ("known", (rf"{_THEY}(?: \w+){{0,3}} (?:biet|co|giu|lay|nam)(?: \w+){{0,3}} "
               r"(?:can cuoc|cccd|dia chi|ten|ngay sinh|thong tin|so nha|anh|hinh|giay to|ho khau)",)),
    ("report", ("cong an", "canh sat", "kien", "to cao", "to giac", "trinh bao", r"bao (?:ai|o dau|cho ai|dau|vu)", "lam don", "viet don")),
    ("back", (r"(?:lay|doi|hoan|thu|tra|rut)(?: \w+){0,3} lai", "mat luon")),
))
_ASKS_POLICE = re.compile(r"\b(?:cong an|canh sat|trinh bao|to cao|to giac|kien (?:no|ai|o dau|the nao|sao)|bao (?:ai|o dau|cho ai|vu nay))\b")
MOST = 2


def steps_meant(text: str) -> List[str]:
    """Keys of the steps that the words ask for or need, in the order in which they are to be done, two at most: stop, lock, device, known, report, back."""
    plain = fold(normalise(text))
    return [step for step, words in _STEPS if words.search(plain)][:MOST]


def asks_police(text: str) -> bool:
    """Where and how is it reported?"""
    return _ASKS_POLICE.search(fold(normalise(text))) is not None
