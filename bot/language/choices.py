"""Reads a typed answer against the choices that were shown: "b", "câu 2", "a, c", "đúng", the option's own words.

Runs in both environments: the pipeline beside Rasa asks whether a text *is* an answer, the engine in the app asks which.
An expectation is a dict: kind (single, multiple, ordering, true_false, fill, card), options (texts in the order shown),
verdicts (true_false: a bool for each option), accept (fill: answers with a reaction of their own).
A reading is a dict with one of: picks (0-based indexes as shown), verdict (bool), text (fill), give_up (True).
"""

import re
from difflib import SequenceMatcher
from typing import AbstractSet, Any, Dict, List, Optional

from bot.language.choice_words import (
    ALL,
    BETWEEN,
    FALSE,
    GIVE_UP,
    LEAD,
    NEXT,
    NUMBERS,
    ORDINALS,
    POLITE,
    SAID_OF,
    TAIL,
    TAIL_ASKING,
    TRUE,
)
from bot.language.normalise import clean, fold, place_tones

LETTERS = "abcdef"
SIMILAR = 0.8
SOFT = {"out_of_scope", "nlu_fallback", "affirm", "deny", "bot_wrong", "greet", "set_commune"}
"""Intents that a one-word answer is easily mistaken for."""

_PAIRS = (re.compile(r"(\d)([a-f])"), re.compile(r"([a-f])(\d)"))
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_DOUBT = re.compile(r"(?:^|\s)(?:à|hả|ư|chăng)\s*\??$")


def read(text: str, expect: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """What the text says about the choices, or None when it is not an answer."""
    raw = place_tones(clean(text)).lower()
    plain = squeeze(re.sub(r"(?:^|\s+)(?:ạ|à|ơi|nhỉ)\s*$", "", re.sub(r"[.!?…\s]+$", "", raw)))
    kind, options = expect["kind"], expect.get("options") or []
    if not plain or kind == "card":
        return None
    if GIVE_UP.fullmatch(plain) or GIVE_UP.fullmatch(bare(plain)):
        return {"give_up": True}
    if kind == "fill":
        return {"text": plain}
    if kind == "true_false" and not _DOUBT.search(raw) and (verdict := verdict_of(plain)) is not None:
        return of_verdict(verdict, expect)
    many = kind in ("multiple", "ordering")
    picks = labels(raw, len(options), many) or by_words(raw, options, many)
    if kind == "ordering":
        picks = completed(numbered(plain, len(options)) or picks, len(options))
    elif kind == "multiple" and not picks and is_all(bare(plain), len(options)):
        picks = list(range(len(options)))
    if picks:
        return {"picks": picks}
    because = re.match(r"(.+?) (?:boi )?(?:vi|do|tai) (?!sao$|dau$)", plain) if kind == "true_false" else None
    verdict = verdict_of(because.group(1)) if because else None
    return of_verdict(verdict, expect) if verdict is not None else None


def of_verdict(verdict: bool, expect: Dict[str, Any]) -> Dict[str, Any]:
    """The one reason that goes with the verdict, or the bare verdict when several do."""
    having = [i for i, v in enumerate(expect["verdicts"]) if v == verdict]
    return {"picks": having} if len(having) == 1 else {"verdict": verdict}


def squeeze(text: str) -> str:
    """Folded, only letters and digits, single spaces."""
    return re.sub(r"[^a-z0-9]+", " ", fold(text)).strip()


def stripped(words: List[str], lead: AbstractSet[str], tail: AbstractSet[str], known: AbstractSet[str] = frozenset()) -> List[str]:
    """The words without those of `lead` and `tail` at the ends; stops at an expression that is known, and at the last word."""
    while len(words) > 1 and " ".join(words) not in known and words[0] in lead:
        words = words[1:]
    while len(words) > 1 and " ".join(words) not in known and words[-1] in tail:
        words = words[:-1]
    return words


def bare(plain: str) -> str:
    """A squeezed text without the politeness around it."""
    return " ".join(stripped(plain.split(), LEAD, TAIL))


def verdict_of(plain: str) -> Optional[bool]:
    """True or false as said of a statement ("da dung roi a", "sai bet"); None for anything else."""
    said = " ".join(stripped(_DRAWN_OUT.sub(r"\1", plain).split(), LEAD | SAID_OF, TAIL, TRUE | FALSE))
    return True if said in TRUE else False if said in FALSE else None


def labels(typed: str, count: int, many: bool) -> List[int]:
    """0-based indexes named by letters, numbers or ordinals; empty when the text is something else."""
    words = [label_word(w) for w in re.findall(r"[^\W_]+", typed.lower())]
    tail = TAIL | TAIL_ASKING
    if not many:
        return single_label(stripped(words, LEAD, tail), count)
    begins = words[0] in ("e", "ba") and len(words) > 1 and count > (4 if words[0] == "e" else 2) and \
        (words[1] in NUMBERS or words[1] in BETWEEN or label(words[1], count) is not None)
    words = stripped(words, frozenset() if begins else LEAD, tail - {"a"})
    parts = [w for w in words if w not in BETWEEN]
    if len(parts) == 1 and parts[0] != "da" and 1 < len(parts[0]) <= count:
        parts = list(parts[0])
    elif len(parts) > 2 and parts[-1] == "a" and "a" in parts[:-1]:  # "a c a" is "a, c ạ"
        parts = parts[:-1]
    found = [NUMBERS[p] if NUMBERS.get(p, count) < count else label(p, count) for p in parts]
    if not found or None in found or len(set(found)) != len(found):
        return []
    return [i for i in found if i is not None]


def label_word(word: str) -> str:
    """The word folded, unless that would make a label of one that is none: "dạ", "bà", "cả", "á"."""
    folded = squeeze(word)
    return word if re.fullmatch("[a-f]+", folded) and word not in (folded, "đ") else folded


def single_label(words: List[str], count: int) -> List[int]:
    """The one choice that the words name, in a list; "b a" is "b ạ"."""
    if words[:1] == ["thu"]:
        words = words[1:]
    if len(words) > 1 and words[-1] == "a":
        words = words[:-1]
    said = " ".join(words)
    if said in ("cuoi", "cuoi cung"):
        return [count - 1]
    if ORDINALS.get(said, count) < count:
        return [ORDINALS[said]]
    one = label(said, count)
    return [] if one is None else [one]


def label(token: str, count: int) -> Optional[int]:
    """"b" or "2" as 1 where there are at least two options."""
    token = "d" if token == "đ" else token
    if len(token) == 1 and token in LETTERS[:count]:
        return LETTERS.index(token)
    if len(token) == 1 and token in "123456789" and int(token) <= count:
        return int(token) - 1
    return None


def numbered(plain: str, count: int) -> List[int]:
    """An order written as "1b 2a 3c" or "b1 a2 c3"; empty for anything else."""
    together = plain.replace(" ", "")
    for number, pattern in enumerate(_PAIRS):
        pairs = pattern.findall(together)
        if len(pairs) == count and "".join(a + b for a, b in pairs) == together:
            place = {int(p[number]): label(p[1 - number], count) for p in pairs}
            found = [i for n in range(1, count + 1) if (i := place.get(n)) is not None]
            return found if len(set(found)) == count else []
    return []


def completed(picks: List[int], count: int) -> List[int]:
    """An order with the last one added where all others are named; empty when more is missing."""
    if len(picks) == count - 1:
        picks = picks + [i for i in range(count) if i not in picks]
    return picks if len(picks) == count else []


def is_all(plain: str, count: int) -> bool:
    """"tất cả", "cả bốn"."""
    every = re.fullmatch(r"(?:tat )?ca (\w+)(?: cau| y| cai)?", plain)
    number = NUMBERS.get(every.group(1), label(every.group(1), count)) if every else None
    return bool(ALL.fullmatch(plain)) or number == count - 1


def by_words(raw: str, options: List[str], many: bool) -> List[int]:
    """The options whose own words were typed; one, or several separated by commas or "và".

    A label before the words must be theirs: "b. Gác máy" chooses nothing where "Gác máy" is A.
    """
    plain = squeeze(raw)
    first, _, rest = plain.partition(" ")
    named, said = label(first, len(options)), nearest(rest, options)
    if named is not None and said is not None and plain not in map(squeeze, options):
        return [named] if named == said else []
    whole = nearest(plain, options)
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


_POINTS = re.compile(
    r"(?P<how>(?:chon|lay|xem|hoi|can|muon|la|y|bam|cai|so|muc|viec|dong|nut|phuong an|lua chon|thu|o|tren) )*"
    r"(?P<which>[1-9]|nhat|hai|nhi|ba|bon|tu|nam|dau tien|dau|cuoi cung|cuoi|duoi cung|tren cung)(?: (?:do|ay|kia|do do|trong so do))*")

_POINTING = frozenset(("cai", "so", "muc", "cau", "thu"))


def pointed(text: str, count: int) -> Optional[int]:
    """The 0-based choice that words like "cái thứ hai", "số 2", "cái cuối" point at; None when they point at none."""
    plain = squeeze(text)
    match = _POINTS.fullmatch(bare(plain))
    # a bare "hai" may be an answer to anything; a digit or a pointing word is not, even one that bare() takes away
    points = match and (match.group("how") or _POINTING & set(plain.split()) or " " in match.group("which"))
    if not match or not (points or match.group("which").isdigit()):
        return None
    which = match.group("which")
    at = count - 1 if which.startswith(("cuoi", "duoi")) else int(which) - 1 if which.isdigit() else \
        0 if which == "tren cung" else ORDINALS[which]
    return at if at < count else None


def is_next(text: str) -> bool:
    """Words that mean "go on" when a card is on the screen."""
    return " ".join(stripped(_DRAWN_OUT.sub(r"\1", squeeze(text)).split(), POLITE, TAIL | {"nao"}, NEXT)) in NEXT


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
    if {reading["text"], bare(reading["text"])} & {squeeze(a) for a in expect.get("accept", [])}:
        return True
    return len(reading["text"].split()) <= 6 and (confidence < 0.6 or intent in SOFT)
