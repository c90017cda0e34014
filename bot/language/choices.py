"""Reads a typed answer against the choices that were shown: "b", "câu 2", "a, c", "đúng", the option's own words.

Runs in both environments: the pipeline beside Rasa asks whether a text *is* an answer, the engine in the app asks which.
An expectation is a dict: kind (single, multiple, ordering, true_false, fill, card), options (texts in the order shown),
verdicts (true_false: a bool for each option), accept (fill: answers with a reaction of their own).
A reading is a dict with one of: picks (0-based indexes as shown), verdict (bool), text (fill), give_up (True).
"""

import re
from difflib import SequenceMatcher
from typing import Any, Dict, List, Optional

from bot.language.normalise import clean, fold, place_tones

LETTERS = "abcdef"
GIVE_UP = {"khong biet", "ko biet", "k biet", "chiu", "bo qua", "khong ro", "toi khong biet", "em khong biet", "bo cau nay",
           "khong nho", "chua biet", "hong biet", "khong biet nua"}
TRUE = {"dung", "that", "dung roi", "co that", "chinh xac", "phai", "la dung", "la that", "dung vay", "tin that", "dung ma"}
FALSE = {"sai", "gia", "khong dung", "sai roi", "la sai", "la gia", "khong phai", "khong that", "tin gia", "khong", "ko dung",
         "sai be bet", "sai het", "gia mao"}
NEXT = {"tiep", "tiep tuc", "tiep theo", "tiep di", "tiep nao", "ok", "oke", "okie", "da", "vang", "u", "uh", "um", "uk",
        "roi", "xong", "xong roi", "hieu roi", "da hieu", "next", "duoc", "co", "hieu", "toi hieu roi", "doc xong",
        "doc xong roi", "da doc", "tiep nhe", "vang a", "da roi", "dong y", "sang the sau", "qua the sau", "tiep bai"}
LEAD = re.compile(
    r"^(?:(?:cau|dap an|phuong an|lua chon|chon|y|so|toi|em|con|chau|bac|minh|co|chu|ba|ong|nghi|chac|la|thi|cai|muc|theo|"
    r"tra loi|tui|t|e|m)\s+)+(?=\S)")
TAIL = re.compile(r"(?:\s+(?:nhe|nha|nghen|di|dung khong|phai khong|chu|dung|thoi|bot oi))+$")
ORDINALS = {"nhat": 0, "dau": 0, "dau tien": 0, "mot": 0, "hai": 1, "nhi": 1, "ba": 2, "bon": 3, "tu": 3, "nam": 4, "sau": 5}
SIMILAR = 0.8


def read(text: str, expect: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """What the text says about the choices, or None when it is not an answer."""
    raw = place_tones(clean(text)).lower()
    plain = squeeze(re.sub(r"\s*(?:ạ|à|ơi|nhỉ)\s*$", "", re.sub(r"[.!?…]+$", "", raw)))
    kind, options = expect["kind"], expect.get("options") or []
    if not plain or kind == "card" or raw in ("dạ", "dạ vâng"):
        return None
    if plain in GIVE_UP:
        return {"give_up": True}
    if kind == "fill":
        return {"text": plain}
    if kind == "true_false":
        verdict = True if plain in TRUE else False if plain in FALSE else None
        if verdict is not None:
            having = [i for i, v in enumerate(expect["verdicts"]) if v == verdict]
            return {"picks": having} if len(having) == 1 else {"verdict": verdict}
    many = kind in ("multiple", "ordering")
    picks = labels(plain, len(options), many) or by_words(raw, options, many)
    if not picks or (kind == "ordering" and len(picks) not in (len(options), len(options) - 1)):
        return None
    if kind == "ordering" and len(picks) == len(options) - 1:
        picks = picks + [i for i in range(len(options)) if i not in picks]
    return {"picks": picks}


def squeeze(text: str) -> str:
    """Folded, only letters and digits, single spaces."""
    return re.sub(r"[^a-z0-9]+", " ", fold(text)).strip()


def labels(plain: str, count: int, many: bool) -> List[int]:
    """0-based indexes named by letters, numbers or ordinals; empty when the text is something else."""
    body = TAIL.sub("", plain)
    stripped = LEAD.sub("", body + " ").strip() or body
    stripped = re.sub(r"^(?:thu|cai thu)\s+", "", stripped)
    if not many:
        if stripped in ("cuoi", "cuoi cung"):
            return [count - 1]
        if stripped in ORDINALS and ORDINALS[stripped] < count and stripped not in LETTERS:
            return [ORDINALS[stripped]]
        parts = stripped.split()
        if len(parts) == 2 and parts[1] == "a":  # "b a" is "b ạ"
            parts = parts[:1]
        return [one] if len(parts) == 1 and (one := label(parts[0], count)) is not None else []
    parts = [p for p in re.split(r"\s+|(?<=[a-f])(?=\d)", stripped) if p not in ("va", "voi", "roi", "den", "sau", "do", "cau", "y", "cung")]
    if len(parts) == 1 and 1 < len(parts[0]) <= count and len(set(parts[0])) == len(parts[0]):
        parts = list(parts[0])
    found = [label(p, count) for p in parts]
    if not found or None in found or len(set(found)) != len(found):
        return []
    return [i for i in found if i is not None]


def label(token: str, count: int) -> Optional[int]:
    """"b" or "2" as 1 where there are at least two options."""
    if token in LETTERS[:count] and len(token) == 1:
        return LETTERS.index(token)
    if token.isdigit() and len(token) == 1 and 1 <= int(token) <= count:
        return int(token) - 1
    return None


def by_words(raw: str, options: List[str], many: bool) -> List[int]:
    """The options whose own words were typed; one, or several separated by commas or "và"."""
    whole = nearest(squeeze(raw), options)
    if whole is not None:
        return [whole]
    if not many:
        return []
    found = [nearest(squeeze(p), options) for p in re.split(r"[,;\n]|\svà\s|\sva\s|\srồi\s", raw) if squeeze(p)]
    return [] if None in found or len(set(found)) != len(found) else [i for i in found if i is not None]


def nearest(plain: str, options: List[str]) -> Optional[int]:
    """The one option that the words mean: equal, nearly equal, or the only one that holds them."""
    if not plain:
        return None
    squeezed = [squeeze(o) for o in options]
    if plain in squeezed:
        return squeezed.index(plain)
    close = sorted(((SequenceMatcher(None, plain, s).ratio(), i) for i, s in enumerate(squeezed)), reverse=True)
    if close and close[0][0] >= SIMILAR and (len(close) == 1 or close[0][0] - close[1][0] >= 0.08):
        return close[0][1]
    holding = [i for i, s in enumerate(squeezed) if f" {plain} " in f" {s} "]
    return holding[0] if len(holding) == 1 and len(plain.split()) >= 2 else None


def is_next(text: str) -> bool:
    """Words that mean "go on" when a card is on the screen."""
    return re.sub(r"\s(?:a|nhe|nha|di|em|bot|nao)$", "", squeeze(text)) in NEXT


def is_answer(text: str, expect: Dict[str, Any], intent: str, confidence: float) -> bool:
    """Is the text an answer to what was asked, rather than a wish of its own?

    Choices are recognised by their labels and words. A fill-in takes any short text unless the classifier is sure
    that it is a command or a question; what the course itself lists as an answer always is one.
    """
    reading = read(text, expect)
    if reading is None:
        return False
    if expect["kind"] != "fill" or "give_up" in reading:
        return True
    if reading["text"] in {squeeze(a) for a in expect.get("accept", [])}:
        return True
    return len(reading["text"].split()) <= 6 and (confidence < 0.6 or intent in SOFT)


SOFT = {"out_of_scope", "nlu_fallback", "affirm", "deny", "bot_wrong", "greet", "set_commune"}
"""Intents that a one-word answer is easily mistaken for."""
