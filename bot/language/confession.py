"""Did somebody do what a trickster's message wanted? Read only behind our warning of that message."""

import re

from bot.language.normalise import fold, normalise

MOST_WORDS = 14
_DEED = (r"(?:bam|nhan|(?<!cong )an|click|kich|mo|vao|cai|tai|nhap|dien|khai|dua|gui|doc|cho|cung cap|chuyen|nop|dong|quet|dang nhap|ket ban|tra loi|"
         r"lam theo|nghe theo|lam)")
_LITTLE = r"(?: (?:cai|no|do|nay|kia|ay|het|luon|vao|phai|ma|link|lien ket|duong dan|app|ung dung|ma|otp|tien|cho|theo|thong tin|so|mat khau|tai khoan))*"
_DONE = re.compile(rf"\b(?:lo(?: tay)?|trot|da|vua(?: moi)?|moi|le|so y)(?: (?:la|ma|tay))? {_DEED}\b|\b{_DEED}{_LITTLE} (?:mat |xong )?(?:roi|mat roi|xong)\b"
                   r"|\blo roi\b")
_NOT_DONE = re.compile(rf"\b(?:chua|khong|ko|k|dung|neu|co nen|dinh|sap|muon|suyt) (?:co |nen |dam |he |lo |da |vua )?{_DEED}\b"
                       rf"|\b(?:no|ho|nguoi ta|chung) (?:da |vua |moi )?{_DEED}\b")


def did_it(text: str) -> bool:
    """"bấm vào rồi thì làm sao", "lỡ cài app đó rồi"; not "chưa bấm", "nếu bấm thì sao", "họ đã gửi tin"."""
    plain = fold(normalise(text))
    return len(plain.split()) <= MOST_WORDS and _DONE.search(plain) is not None and _NOT_DONE.search(plain) is None
