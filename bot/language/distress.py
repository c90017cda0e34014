"""Recognises somebody who speaks of ending a life, their own or that of one close to them. Decided before any classifier.

A closed set of wordings on folded words. Much that sounds like it is none: "mệt muốn chết" is a figure of speech, "bố muốn
chết ở nhà" names a place, "khai tử cho người tự tử" is an office's business, "tu van" is advice. A false alarm costs a kind
sentence, so where a wording is open to both it counts; tests/unit/language/test_distress.py holds both sides.
"""

import re

from bot.language.normalise import fold, normalise

_MEANT = {
    "muon": ("muốn", "mún"), "chet": ("chết",), "song": ("sống",), "toi": ("tôi",), "bo": ("bố",), "me": ("mẹ",), "cha": ("cha", "chả"),
    "ba": ("bà", "ba"), "ma": ("má", "mà"), "co": ("cô", "có"), "vo": ("vợ",), "chi": ("chị", "chỉ", "chi"), "ong": ("ông",), "chau": ("cháu",),
    "qua": ("quá",), "nua": ("nữa",), "buon": ("buồn",), "chan": ("chán",), "cau": ("cầu",), "lau": ("lầu",), "tay": ("tay",), "doi": ("đời", "đòi"),
    "dinh": ("định",), "tu": ("tự", "tù"), "doa": ("dọa", "doạ"), "nghi": ("nghĩ",), "tha": ("thà",), "uoc": ("ước",), "xong": ("xong",), "roi": ("rồi", "rời"),
    "may": ("mày",), "a": ("ạ", "a"), "dau": ("đau", "đâu"), "thuoc": ("thuốc",), "sau": ("sâu",), "gia": ("giá", "già"), "gi": ("gì",),
    "nho": ("nhờ",), "minh": ("mình",), "nhay": ("nhảy",), "treo": ("treo",), "that": ("thắt", "thật"), "rach": ("rạch",), "cat": ("cắt",),
    "khoi": ("khỏi",), "em": ("em",), "con": ("con", "còn"), "bac": ("bác",), "chu": ("chú",), "ban": ("bạn", "bản"), "tui": ("tui",),
}
"""Folded words that the patterns use -> what they stand for there; a marked word that is none of these is another word ("chét", "mượn")."""
_SELF = re.compile(r"\btự[ -]*(?:tử|vẫn|sát|tận)\b|\bquyên sinh\b|\btu[ -]sat\b")
"""Without marks only "tu sat" is nothing else: "tu van" is "tư vấn", "tu tu" mostly "từ từ"."""
_PARTS = re.compile(r"[^\W_]+|[.,;:!?…()–\n]+")

_OUR = "(?:toi|em|e|minh|tui|tao|to|t|con|chau|bac|co|chu|anh|chi|ong|ba)"
"""Who may be speaking of themselves."""
_MINE = "(?:toi|em|e|minh|tui|tao|chau|nha (?:toi|em|minh|tui|chau)|cua (?:toi|em|minh|tui|chau)|gai|trai|than|hoc|cung lop|ut|lon|nho|ca|noi|ngoai|vo|chong)"
_CLOSE = rf"(?:(?:con|chau|bo|me|cha|ma|chong|vo|anh|chi|em|ong|ba|co|chu|bac)(?: {_MINE}){{0,3}}|(?:ban|con ban|nguoi (?:yeu|nha|ban))(?: {_MINE}){{1,3}})"
_WHO = rf"(?<!cua )(?<!nha )\b(?:{_CLOSE}|{_OUR}|(?<![\w~] )nha (?:toi|em|minh|tui|chau))"
"""Not the end of "cây của tôi", "con chó nhà tôi"."""
_SAYS = (r"(?: (?:chi|cung|that su|thuc su|that|dang|rat|luon|lai|da|tung|van|cu|se|gio|bay gio|khong con|bao|noi|keu|doi|nhan|nhan tin|tin|thay|"
         r"cam thay|nhieu luc|"
         r"nhieu khi|doi khi|co luc|co khi|luc nao|hay|nghi|den muc|la|rang|rat la|bat dau|hom nay|dao nay|no|minh|ay|ma|thi|qua|lam|roi)){0,5}")
_FIRST = (r"(?:^|\| )(?:(?:chi|that su|thuc su|gio|bay gio|thoi|nhieu luc|nhieu khi|co luc|luc nao cung|cu|dang|lai|a|oi|troi oi|nen|va|ma|qua|"
          r"hic|huhu|hu) ){0,3}")
_DESPAIR = r"(?:buon|dau kho|tuyet vong|co don|be tac|nhuc nha|tui than|tram cam|chan doi|chan song|chan nan|that vong)(?: (?:qua|lam|roi|di|ma|nen|chi)){0,3}"
_DIES = r"muon (?:duoc )?chet\b(?! (?:(?:o|tai) (?:nha|que|trong nha|benh vien)|gia\b|duoc |thi (?:lam|can|phai)|ha\b|hay|~|cuoi|doi\b|dung|ngat|khat))"
_END = r"(?: (?:qua|lam|di|luon|thoi|mat|day|roi|cho (?:xong|roi|khuat|nhe|do kho|yen)))*(?= \||$)"
_WILLS = (r"(?:muon|dinh|doi|doa|se|tinh|sap|co y dinh|co y|y dinh|y nghi|nghi (?:den|toi|ve)|cu thu|tung|noi (?:den|toi)|tim cach|ru|dang)"
          r"(?: (?:di|viec|chuyen|cai|nhau|se))?")
_OVER = r"cho (?:xong|roi|khuat|nhe|do kho|yen than|yen chuyen|het kho|ranh no)"
_LIVING = (r"song(?: (?:tren (?:doi|coi doi)(?: nay)?|them|tiep|roi|dau|luon|qua|lam|a|ma))*"
           r"(?:(?= \||$)| nua\b(?! (?:o|tai|voi|chung|cung)\b)|(?= (?:vi|de lam|lam gi)\b))")
_NOT = r"(?:khong|chang|cha|ko|deo|het|chua bao gio)(?: (?:con|he|co|thay|the))*"

_OWN = re.compile("|".join((
    rf"{_WHO}{_SAYS} {_DIES}", rf"{_FIRST}{_DIES}", rf"{_DESPAIR} (?:{_OUR} )?{_DIES}", rf"{_OUR} (?:\w+ ){{0,6}}muon chet (?:di |quach )?{_OVER}",
    rf"{_FIRST}(?:\w+ ){{0,3}}muon chet (?:di |quach ){_OVER}",
    rf"\b(?:toi|em|minh|tui|con|chau|tao|tha|chac)(?: \w+){{0,2}} chet (?:di |quach |luon )?{_OVER}", r"\bmuon chet quach\b",
    r"\b(?:uoc gi|uoc|gia ma|gia nhu|mong) (?:minh|toi|em|tui|con|chau) (?:duoc )?chet(?: di| duoc| quach| cho|(?= \||$))",
    rf"\b{_NOT} (?:muon|thiet(?: tha)?|thich) {_LIVING}", rf"\bhet (?:muon|thiet) {_LIVING}",
    r"\bsong (?:(?:de|ma|tiep) )*(?:lam (?:gi|chi)|chi)(?: nua| tren doi)+", r"\bsong (?:(?:de|ma) )lam (?:gi|chi)(?= \||$)", r"\bsong khong bang chet\b",
    rf"\b{_NOT} (?:ly do|le|gi|dong luc)(?: (?:gi|nao))? de song\b(?! (?:o|chung|voi)\b)", rf"\b{_OUR} (?:\w+ ){{0,2}}chan song\b",
    r"\bmuon (?:bien mat|ra di|roi bo|roi|tu bo|lia bo|giai thoat)(?: khoi)? (?:the gioi|the gian|coi doi|cuoc doi|cuoc song|coi tran|mai mai|vinh vien)",
    r"\b(?:nghi (?:den|toi)|tim (?:den|toi)) (?:cai chet|chuyen chet|viec chet)\b",
    rf"{_FIRST}(?:co )?cach (?:nao )?(?:de )?(?:tuhai|tu tu|chet)(?: \w+)? (?:khong dau|it dau|nhe nhang|nhanh nhat)",
    r"\b(?:lam sao|lam the nao|cach nao)(?: de)? (?:tuhai|chet)(?: \w+)? (?:khong dau|it dau|nhe nhang|nhanh nhat)", rf"{_FIRST}cach tuhai{_END}",
    rf"\b(?:toi|em|minh|tui|con|chau|tao)(?: \w+)? tuhai(?: (?:day|thoi|luon|mat|di)|(?= {_OVER}))",
    rf"\b(?:toi|em|minh|tui|con|chau|tao|bac)(?: \w+){{0,3}} {_WILLS} tuhai\b", rf"{_FIRST}{_WILLS} tuhai\b",
    rf"\b(?:toi|em|minh|tui|con|chau|tao|bac)(?: \w+){{0,3}} (?:muon|dinh|se|tinh) tu tu{_END}", rf"{_FIRST}(?:muon|dinh) tu tu{_END}",
)))
"""About oneself, or a wish to die or not to live of anybody who is close."""
_OTHERS = re.compile("|".join((
    rf"\b{_WILLS} tuhai\b", rf"\b(?:dinh|doi|doa|nghi (?:den|toi)|doi di) (?:chuyen |viec )?tu tu{_END}", rf"{_WHO}(?: \w+){{0,3}} muon tu tu{_END}",
    r"\b(?:tu )?ket lieu (?:doi|cuoc doi|cuoc song|ban than|chinh minh|mang song|tat ca)\b",
    rf"\b{_WILLS} (?:nhay (?:cau|lau|xuong song|tu tren)|treo co|that co|uong thuoc (?:tru )?(?:sau|chuot|co)|uong thuoc diet co|(?:cat|rach) (?:co )?tay)\b",
    r"\btu (?:lam dau|lam hai|hai|hanh ha|rach|cat) (?:tay|minh|ban than|chinh minh)\b", r"\b(?:hay|toan|lai) rach (?:co )?tay\b",
    rf"\buong (?:\w+ ){{0,3}}thuoc (?:tru )?(?:sau|diet co|chuot|ngu)\b.{{0,40}}(?:tuhai|tu tu(?= \||$)|de chet|{_OVER})",
)))
_ELSEWHERE = re.compile(r"\b(?:khai tu|bao tu|mai tang|tuat|bao hiem|trich luc|thua ke|di chuc|che do|tro cap|giay to|tin don|tin gia|clip|video|"
                        r"bai dang|phim|truyen|nan nhan|hung thu|vu an|lop tap huan|phong chong|tuyen truyen)\b")
"""Of papers, news and rumours: there what others did is not what is feared."""
_THREAT = re.compile(r"\b(?:may|bay|chung may|tui bay|bon may|bot|thang|con kia)(?: \w+){0,3} (?:khong )?(?:muon (?:chet|song)|chan song)\b")
_FIGURE = re.compile(r"\b(?:nong|lanh|ret|doi bung|khat|buon ngu|buon cuoi|mac cuoi|them|ngon|dat|cham|lau|cho|(?<!chan )doi|xep hang|bi te|hoi)"
                     r"(?: (?:qua|lam|mai|ma|den|toi|luon)){0,2} (?:toi |em |minh |tui )?muon chet\b")
"""What is merely very hot, dear or slow."""


def plain(text: str) -> str:
    """Folded words with "|" between clauses; a marked word that only folds to one of ours is "~", suicide "tuhai"."""
    found = []
    for part in _PARTS.findall(_SELF.sub("tuhai", normalise(text))):
        if not part[0].isalnum():
            found += ["|"] if found and found[-1] != "|" else []
            continue
        word = fold(part)
        found.append("~" if part != word and part not in _MEANT.get(word, (part,)) else {"mun": "muon", "k": "khong", "ko": "khong"}.get(word, word))
    return " ".join(found).strip("| ")


def in_distress(text: str) -> bool:
    """True when somebody speaks of wanting to die, or of one close to them who does."""
    said = plain(text)
    said = _FIGURE.sub("#", _THREAT.sub("#", said))
    return _OWN.search(said) is not None or (_OTHERS.search(said) is not None and _ELSEWHERE.search(said) is None)
