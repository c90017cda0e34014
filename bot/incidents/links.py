"""Judging an address by its text alone: reasons in plain words. It is never opened, and none is called safe."""

import ipaddress
import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import OSA

from bot.incidents.indicators import Link, is_shared, known, official, within
from bot.incidents.reasons import Reason

CONFUSABLE = str.maketrans({
    "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "і": "i", "ї": "i", "ѕ": "s", "ԁ": "d", "ɡ": "g", "ӏ": "l", "ԛ": "q",
    "ԝ": "w", "һ": "h", "ј": "j", "к": "k", "м": "m", "т": "t", "в": "b", "н": "h", "ν": "v", "ο": "o", "α": "a", "ρ": "p", "τ": "t", "υ": "u",
    "ι": "i", "κ": "k", "ɑ": "a", "ı": "i", "đ": "d", "ł": "l", "ø": "o", "0": "o", "1": "l", "3": "e", "5": "s", "4": "a", "8": "b", "$": "s"})
"""Letters and digits that look like a Latin letter, as far as they are seen in names."""
NEAR_FROM, NEARER_FROM = 6, 10
"""From so many letters on a name that differs in one letter, and in two, is a look-alike; shorter names differ by chance."""
MANY_HYPHENS, MANY_LABELS, LONG = 3, 5, 60
SECOND_LEVEL = ("com.vn", "gov.vn", "net.vn", "org.vn", "edu.vn", "co.uk", "com.cn", "io.vn", "id.vn", "info.vn", "biz.vn", "name.vn")


def skeleton(text: str) -> str:
    """What the eye takes a name for: confusable letters as Latin ones, no marks, rn as m, vv as w."""
    plain = unicodedata.normalize("NFKD", text.lower()).translate(CONFUSABLE)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return plain.replace("rn", "m").replace("vv", "w")


def readable(host: str) -> str:
    """A punycode host as it is shown to people."""
    try:
        return host.encode("ascii").decode("idna") if "xn--" in host else host
    except UnicodeError:
        return host


def registered(host: str) -> str:
    """The part somebody has bought: "a.b-c.com.vn" -> "b-c.com.vn"."""
    labels = host.split(".")
    count = 3 if ".".join(labels[-2:]) in SECOND_LEVEL else 2
    return ".".join(labels[-count:])


@lru_cache
def _names() -> tuple[tuple[str, str, str], ...]:
    """(skeleton of a name, its owner, the real domain): the first label of every real domain, and the words owners are known by."""
    found = []
    for one in known()["official"]:
        for name in (one["domain"].split(".")[0], *one["names"]):
            found.append((skeleton(name), one["owner"], one["domain"]))
    return tuple(found)


def imitates(link: Link) -> Reason | None:
    """The real address that this one would be taken for."""
    shown = readable(link.host)
    labels = [skeleton(part) for part in re.split(r"\.", shown)]
    parts = {p for label in labels for p in (*label.split("-"), label.replace("-", ""))}
    bought = skeleton(registered(shown).split(".")[0])
    for name, owner, domain in _names():
        holds = any(p == name or (len(name) >= 5 and name in p) for p in parts)
        allowed = 2 if len(name) >= NEARER_FROM else 1 if len(name) >= NEAR_FROM else 0
        near = allowed and any(OSA.distance(name, p, score_cutoff=allowed) <= allowed for p in (bought, bought.replace("-", ""), *bought.split("-")))
        if holds or near:
            return Reason("lookalike", 3, f"“{shown}” gần giống địa chỉ của {owner} ({domain}) nhưng không phải địa chỉ đó.")
    return None


def look(link: Link) -> list[Reason]:
    """Reasons to doubt the address, the weightiest first; none does not mean that it is good."""
    shown, found = readable(link.host), []
    owner = official(link.ascii)
    if link.user:
        found.append(Reason("user", 3, "Địa chỉ có dấu @: phần trước @ chỉ để đánh lừa, trang thật nằm sau đó."))
    if owner is None and is_address(link.ascii):
        found.append(Reason("ip", 2, "Địa chỉ là một dãy số, không có tên cơ quan nào đứng tên."))
    elif owner is None:
        labels = set(re.split(r"[.-]", skeleton(shown)))
        if labels & {"gov", "govvn", "vngov"} or "gov-vn" in shown or "govvn" in shown.replace("-", "").replace(".", ""):
            found.append(Reason("not_gov", 3, "Nhìn như trang nhà nước nhưng không kết thúc bằng .gov.vn."))
        elif (like := imitates(link)) is not None and not is_shared(link.ascii):
            found.append(like)
    if link.host != link.ascii or "xn--" in link.ascii:
        found.append(Reason("letters", 3, "Tên miền có chữ cái lạ, nhìn giống chữ thường nhưng là chữ khác."))
    if re.search(r"\.(?:apk|exe|xapk|scr|msi|bat|ipa|dmg)\b", link.typed, re.IGNORECASE):
        found.append(Reason("apk", 3, "Link tải tệp cài đặt (như .apk): ứng dụng thật chỉ lấy từ App Store, Google Play."))
    if any(within(link.ascii, one) for one in known()["shorteners"]):
        found.append(Reason("shortener", 2, "Link rút gọn: nó giấu trang thật ở phía sau."))
    elif owner is None and is_shared(link.ascii):
        found.append(Reason("shared", 1, "Ai cũng lập được trang hay nhóm ở địa chỉ này, nên tên miền không nói gì về người lập."))
    if link.port not in (None, 80, 443):
        found.append(Reason("port", 2, "Địa chỉ có thêm dấu hai chấm và số cổng, trang của cơ quan không ghi vậy."))
    if owner is None and link.ascii.rpartition(".")[2] in known()["strange_endings"]:
        found.append(Reason("ending", 2, f"Đuôi .{link.ascii.rpartition('.')[2]}: cơ quan, ngân hàng ở Việt Nam không dùng."))
    if shown.count("-") >= MANY_HYPHENS:
        found.append(Reason("hyphens", 1, "Tên miền nhiều dấu gạch nối, kiểu tên ghép cho giống thật."))
    if shown.count(".") + 1 >= MANY_LABELS and owner is None or len(shown) > LONG:
        found.append(Reason("long", 1, "Tên miền dài, nhiều phần: phần đứng trước dấu chấm cuối cùng mới là chủ thật."))
    if link.scheme == "http" and owner is None:
        found.append(Reason("http", 1, "Trang không mã hóa (http, không có s): chớ nhập gì vào đó."))
    return sorted(found, key=lambda r: -r.weight)


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(re.fullmatch(r"0x[0-9a-f]+|\d{8,10}", host))
    return True
