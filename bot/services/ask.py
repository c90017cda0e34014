"""Which procedure a question is about, given what the talk is about, and the anonymous log of questions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from bot.language.gazetteer import find
from bot.language.normalise import fold, normalise
from bot.procedures.aspects import is_follow_up, subject
from bot.procedures.ranker import LEAST
from bot.procedures.search import CHOICES, Hit, Ranking, choices
from bot.services.catalogue import Catalogue
from bot.store.tables import Asked

Outcome = Literal["answer", "clarify", "none", "no_subject"]

LEADS_BACK = re.compile(r"\s*(?:the|con|vay|neu|truong hop|lo|nho|rua|thi)\b")

_WANTED = re.compile(
    r"\b(?:(?:phai|can)(?: co| nop| mang| dem| kem| xuat trinh| photo| dung)+|(?:co |phai )?can(?! cuoc)(?: them)?"
    r"(?= (?:giay|so|the|chung minh|anh|ban sao|ho khau|to)\b)"
    r"|(?:dung|mang|dem|nop|lay)) (?:theo |them )?\S.*? (?:co )?(?:duoc )?(?:khong|ko|k|chu)\b")
"""Folded: "phải có … không", "có cần giấy … không", "dùng … được không" ask whether a procedure wants something."""
FAMILIAR = 0.65
"""Of what a question that names some procedure says, the one under discussion must hold this much, or another is meant."""
CLEARLY_ANOTHER_AT = 0.85
"""So sure must search be of another procedure when a question that leans back names none by its name."""

CHOSEN_AT = 0.3
"""Words that point at one of the choices just offered need be no surer than this."""
NEW_SUBJECT_AT = 0.55
"""While a procedure is under discussion, a question that leans back must be this likely to name another one."""
COMPARED_AT = 0.3
"""Each of two procedures named for comparison must be this likely."""

_CORRECTS = re.compile(
    r"^(?:a |da |u |oi )*(?:khong phai|khong|dau phai|dau co|sai roi|nham roi|nham|chua dung|khong dung)"
    r"(?: (?:the|vay|cai (?:do|nay)|dau|roi|a))*\s*[,.:;!]?\s*"
    r"|^(?:a |da )*(?:y|ys)(?: cua)? (?:toi|em|chau|bac|minh|con|co|chu|ong|ba|anh|chi)(?: muon)?(?: hoi)?(?: noi)? (?:la )?"
    r"|^(?:toi|em|chau|bac|minh|con) (?:dang )?(?:hoi|noi|muon hoi) (?:la |ve )?(?=.* (?:co|co ma|kia|chu)$)")
_DENIES = re.compile(r"(?:a |da |u |oi )*(?:khong|dau|sai|nham|chua)")
_TAIL = re.compile(r"\s+(?:co ma|co|kia|kia ma|chu|a|nhe|ma)$")
_COMPARES = re.compile(r"\b(?:khac (?:gi|nhau|the nao|cho nao|o diem nao)|so sanh|phan biet|giong nhau|giong hay khac|khac biet)\b")
_BETWEEN = re.compile(r"\s+(?:va|voi|vs|hay la|hay|hoac|so voi|khac gi voi|khac gi so voi|khac gi|khac voi|khac)\s+")
_COMPARING_WORDS = re.compile(r"\b(?:so sanh|phan biet|su khac (?:nhau|biet)|khac nhau|giong nhau|nhau|giong hay khac|khac biet|khac|giua|"
                              r"(?:hai )?cai (?:nao|nay|do|kia)|hai cai|nhu the nao|the nao|o diem nao|cho nao|gi|giup(?: \w+)? ho|giup|cho toi|"
                              r"ho (?:toi|em|chau|minh|bac)|la|giong)\b")
"""Not a bare "ho": "hộ kinh doanh" begins, "tách hộ" ends with it."""

_PASTIME = re.compile(r"\b(?:(?:ke|doc)(?: (?:cho|toi|em|con|chau|minh|nghe|1|mot|vai|may|cau|nhung))* (?:chuyen|truyen)"
                      r"|(?:chuyen|truyen) (?:cuoi|ma|tieu lam|co tich)|do vui|hat (?:mot|1|cho|di)\b.*|muon chet\b)")


@dataclass(frozen=True)
class Found:
    """decision with its code (answer) or candidates (clarify). follow_up: the procedure under discussion was meant."""

    decision: Outcome
    code: str = ""
    hits: list[Hit] = field(default_factory=list)
    follow_up: bool = False


def understand(catalogue: Catalogue, text: str, under_discussion: str | None, aspect: str = "overview",
               offered: Sequence[str] = ()) -> Found:
    """Decides what `text` asks about. under_discussion: the code the talk is about, if any; offered: codes asked back with.

    A question about an aspect ("con tôi 10 tuổi có được không"), or one that begins like a follow-up ("còn …"), stays
    with the procedure under discussion unless it clearly names another; a bare statement ("vợ mới đẻ") does not.
    """
    catalogue.refresh()
    if under_discussion is not None and catalogue.procedure(under_discussion) is None:
        under_discussion = None
    said = correction(text) if under_discussion or offered else None
    if said:
        return corrected(catalogue, said, under_discussion, offered)
    if said == "":
        left = others(catalogue, offered, under_discussion)
        return Found("clarify", hits=left[:CHOICES]) if left else Found("no_subject")
    if not text or is_follow_up(text):
        if under_discussion:
            return Found("answer", under_discussion, follow_up=True)
        left = others(catalogue, offered, None)  # an aspect of one of the choices that stand above: which is still open
        return Found("clarify", hits=left[:CHOICES]) if left else Found("no_subject")
    if is_pastime(text):
        return Found("none")
    if under_discussion is not None and asks_whether_wanted(text):
        return Found("answer", under_discussion, follow_up=True)
    ranking = catalogue.index.search(text)
    hits = ranking.hits
    leans_back = under_discussion is not None and bool(aspect != "overview" or LEADS_BACK.match(fold(text)))
    named = leans_back and any(found["entity"] == "procedure" for found in find(text))
    if ranking.decision == "answer" and not (leans_back and not named and hits[0].score < CLEARLY_ANOTHER_AT):
        return Found("answer", hits[0].code, hits)
    chosen = among(ranking, offered)
    if chosen is not None:
        return Found("answer", chosen.code, hits)
    stays = leans_back and (not named or catalogue.index.familiar(under_discussion, text) >= FAMILIAR)
    if stays and (not named or not hits or hits[0].score < NEW_SUBJECT_AT):
        return Found("answer", under_discussion, hits, follow_up=True)
    if ranking.decision == "clarify":
        return Found("clarify", hits=choices(ranking))
    return Found("none", hits=hits)


def asks_whether_wanted(text: str) -> bool:
    """Is it asked, and nothing else named, whether something must be brought or will do ("phải có giấy độc thân không")?"""
    plain = fold(normalise(text))
    found = _WANTED.search(plain)
    return found is not None and not subject(f"{plain[:found.start()]} {plain[found.end():]}")


def is_pastime(text: str) -> bool:
    """Does somebody want to be told a story, or say "mệt muốn chết"? Without its marks a joke ("cười") reads like a wedding ("cưới")."""
    return _PASTIME.search(fold(normalise(text))) is not None


def among(ranking: Ranking, offered: Sequence[str]) -> Hit | None:
    """The choice just offered that the words point at, when they point at one clearly more than at the others."""
    own = [h for h in ranking.hits if h.code in offered]
    if not own or own[0].score < CHOSEN_AT or (len(own) > 1 and own[1].score > 0.6 * own[0].score):
        return None
    return own[0]


def correction(text: str) -> str | None:
    """What somebody who corrects us says instead ("không, cho người lớn cơ" -> "cho nguoi lon"); None when it is no correction.

    "" when nothing is said instead ("không phải").
    """
    plain = re.sub(r"[?!.…]+\s*$", "", fold(normalise(text))).strip()
    match = _CORRECTS.match(plain)
    if not match:
        return None
    after = plain[match.end():]
    again = _CORRECTS.match(after)
    if again and not _DENIES.match(after):  # "không, ý tôi là khai tử"
        return _TAIL.sub("", after[again.end():]).strip(" ,.:;")
    rest = _TAIL.sub("", after).strip(" ,.:;")
    if match.group(0).strip(" ,") == "khong" and "," not in match.group(0) and not _TAIL.search(plain) and rest:
        return None  # "không có sổ hộ khẩu thì sao" denies nothing we said
    return rest


def corrected(catalogue: Catalogue, said: str, under_discussion: str | None, offered: Sequence[str]) -> Found:
    """The procedure that a correction means: another subject, or a sibling of the one under discussion."""
    ranking = catalogue.index.search(said)
    other = [h for h in ranking.hits if h.code != under_discussion]
    if ranking.decision == "answer" and other and other[0] is ranking.hits[0]:
        return Found("answer", other[0].code, ranking.hits)
    chosen = among(ranking, [c for c in offered if c != under_discussion])
    if chosen is not None:
        return Found("answer", chosen.code, ranking.hits)
    if under_discussion is None:
        return Found("clarify", hits=choices(ranking)) if ranking.decision == "clarify" else Found("none", hits=ranking.hits)
    known = catalogue.procedure(under_discussion)
    together = catalogue.index.search(f"{known.name} {said}" if known else said)
    siblings = [h for h in together.hits if h.code != under_discussion and h.score >= LEAST]
    if together.hits and together.hits[0].code == under_discussion:
        return Found("answer", under_discussion, together.hits, follow_up=True)
    if siblings:
        return Found("clarify", hits=siblings[:3])
    return Found("answer", under_discussion, together.hits, follow_up=True)


def others(catalogue: Catalogue, offered: Sequence[str], under_discussion: str | None) -> list[Hit]:
    """The choices that are left when the answer given was not what was meant."""
    catalogue.refresh()
    known = [(c, catalogue.procedure(c)) for c in offered if c != under_discussion]
    return [Hit(code, p.name, 0.0) for code, p in known if p is not None]


def compared(catalogue: Catalogue, text: str, under_discussion: str | None, offered: Sequence[str]) -> tuple[str, str] | None:
    """The two procedures that `text` asks to compare; None when it does not, or when they are not clear."""
    plain = re.sub(r"[?!.,…]+", " ", fold(normalise(text)))
    if not _COMPARES.search(plain):
        return None
    catalogue.refresh()
    parts = [p for p in (_COMPARING_WORDS.sub(" ", part).strip() for part in _BETWEEN.split(plain)) if subject(p)]
    named = []
    for part in parts[:3]:
        hits = catalogue.index.search(part).hits
        if hits and hits[0].score >= COMPARED_AT and hits[0].code not in named:
            named.append(hits[0].code)
    if len(named) >= 2:
        return named[0], named[1]
    if len(named) == 1 and under_discussion and under_discussion != named[0]:
        return under_discussion, named[0]
    if not parts or not named:
        left = list(dict.fromkeys((*([under_discussion] if under_discussion else []), *offered)))
        return (left[0], left[1]) if len(left) >= 2 and not [p for p in parts if len(p.split()) > 2] else None
    return None


def log(session: Session, channel: str, intent: str, aspect: str, found: Found, text: str | None, now: datetime, commune: str | None = None,
        first: bool = False) -> None:
    """One row, tied to nobody. text: only when the citizen consented to `improve`. commune: the citizen's, if known. first: of a visit."""
    session.add(Asked(at=now, channel=channel, intent=intent, aspect=aspect, decision=found.decision,
                      procedure_code=found.code or None, text=text, commune=commune, first=first))
