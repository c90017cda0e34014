"""What about a procedure is asked, and what is left of a question without it.

The intent says the aspect (ask_fee, ask_place …); this module strips the aspect's words, so that "thế lệ phí bao nhiêu"
leaves nothing and is a follow-up, while "lệ phí làm hộ chiếu" leaves "hộ chiếu".
"""

import re

from bot.language.normalise import fold, normalise

ASPECTS = {
    "ask_procedure": "overview", "ask_documents": "papers", "ask_fee": "fee", "ask_duration": "duration",
    "ask_place": "place", "ask_online": "online", "ask_steps": "steps", "ask_form": "form",
    "ask_legal_basis": "law", "ask_eligibility": "conditions", "ask_result": "result",
}
"""Intent -> aspect."""

_PHRASES = """
can giay to gi|can nhung giay to gi|can nhung giay to nao|giay to gi|giay to nao|giay to can thiet|can mang gi|mang theo gi|mang gi|can nhung gi|
can gi|phai co gi|can chuan bi gi|chuan bi gi|chuan bi nhung gi|ho so gom nhung gi|ho so gom gi|ho so can gi|gom nhung gi|gom gi|
thanh phan ho so|ho so nhu the nao|ho so the nao|ho so|
het bao nhieu tien|mat bao nhieu tien|bao nhieu tien|ton bao nhieu|het bao nhieu|mat bao nhieu|bao nhieu|le phi|chi phi|phi la|mat phi|phi|
co mat tien khong|mat tien khong|ton tien khong|co ton tien|het nhieu tien khong|mien phi khong|co mien phi|mien phi|gia bao|may tien|tien nong|dong bao nhieu|dong tien|
mat bao lau|bao lau thi co|bao lau co|bao lau thi xong|bao lau|may ngay thi co|may ngay thi xong|may ngay|may hom|bao gio co|bao gio xong|khi nao co|khi nao xong|khi nao|bao gio|thoi han|thoi gian giai quyet|thoi gian|nhanh nhat|lau khong|lay lien|mat may|
nop o dau|lam o dau|o dau|den dau|di dau|toi dau|cho nao|co quan nao|noi nao|cho mo|o mo|nop cho ai|gap ai|xin o dau|ra dau|len dau|dia diem nop|dia diem|noi nop|cap nao|tham quyen|
qua mang|tren mang|online|truc tuyen|tren dien thoai|tren may|qua vneid|tren vneid|dich vu cong|cong dich vu cong|o nha|tai nha|
cac buoc|tung buoc|trinh tu|buoc dau tien|quy trinh|may buoc|
mau don|mau to khai|to khai|bieu mau|mau so|mau nao|cai mau|xin mau|tai mau|dien the nao|cach dien|
can cu phap ly|can cu vao dau|can cu|luat nao|nghi dinh nao|thong tu nao|theo luat|van ban nao|quy dinh nao|quy dinh o dau|
dieu kien la gi|dieu kien gi|dieu kien|co duoc khong|duoc khong|co duoc|ai duoc|doi tuong nao|co can|co phai|
nhan duoc gi|duoc cap gi|ket qua la gi|ket qua|co gia tri bao lau|gia tri bao lau|han su dung|co thoi han khong|
nhu the nao|the nao|lam sao|lam the nao|ra sao|sao|cach lam|cach|huong dan|thu tuc|can lam gi|phai lam gi|lam gi|lam nhu nao|nhu nao|la gi|gi|nao|
cho toi hoi|cho em hoi|cho chau hoi|cho minh hoi|cho bac hoi|cho hoi|cho con hoi|xin hoi|hoi chut|toi muon hoi|em muon hoi|muon hoi|toi muon biet|muon biet|toi muon|em muon|chau muon|bac muon|minh muon|muon|toi can|em can|minh can|cho biet|hoi|
can|phai|nhung|cac|thi|the|vay|a|ah|ạ|nhi|nhe|voi|giup|dum|ho toi|duoc|khong|co|la|roi|con|cai|nay|do|kia|viec|toi|em|chau|bac|minh|anh|chi|co giao|ban|ad|bot|oi|xin|vui long|va|hay|cua|de|di|lai cho|cung|chua|nua|bay gio|hien nay|gio|luon|nop|cong|gui|khi|neu|muon lam|lam|ra|nhieu|tat ca|dang
"""
_STRIP = re.compile(r"\b(?:" + "|".join(sorted((p.strip() for p in _PHRASES.replace("\n", "").split("|") if p.strip()),
                                                key=len, reverse=True)) + r")\b")
_KEEP_WHOLE = re.compile(r"\bcong chung\b|\bdang ky\b|\bcho con\b|\bcon nuoi\b|\bcha me con\b|\blam lai\b|\bco cong\b|\bcong dan\b|"
                         r"\btra cong\b|\bchi tra\b|\bvo chong\b|\bcap lai\b|\blam nha\b|\blam chu\b|\bviec lam\b|\bdi lam\b|\blam duong\b|"
                         r"\bto khai thue\b|\bmien thue\b|\bphi bao ve\b|\btro cap\b|\bnghi viec\b|\bthoi viec\b|\bmat viec\b|\bcong an\b|"
                         r"\bcong trinh\b|\bcong ty\b|\bbao hiem\b|\bsong con\b|\bcon nho\b|\bcon em\b|\bco nuoc\b|\bket qua\b(?= hoc)")


def subject(question: str) -> str:
    """The question, folded, without words of aspect and politeness; "" when nothing else is in it."""
    text = re.sub(r"[^a-z0-9. ]+", " ", fold(normalise(question)))
    kept: list[str] = []

    def hide(match: re.Match[str]) -> str:
        kept.append(match.group(0))
        return f" zq{len(kept) - 1}zq "

    text = _KEEP_WHOLE.sub(hide, re.sub(r" +", " ", text))
    text = _STRIP.sub(" ", text)
    text = re.sub(r"zq(\d+)zq", lambda m: kept[int(m.group(1))], text)
    return re.sub(r" +", " ", text).strip()


def is_follow_up(question: str) -> bool:
    """True when the question names no subject of its own."""
    left = [w for w in subject(question).replace("dang ky", "").replace("lam lai", "").split() if len(w) > 1 or w.isdigit()]
    return not left
