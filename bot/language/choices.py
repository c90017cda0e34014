"""Reads a typed answer against the choices that were shown: "b", "câu 2", "a, c", "đúng", the option's own words.

Runs in both environments: the pipeline beside Rasa asks whether a text *is* an answer, the engine in the app asks which.
An expectation is a dict: kind (single, multiple, ordering, true_false, fill, card), options (texts in the order shown),
verdicts (true_false: a bool for each option), accept (fill: answers with a reaction of their own), lefts (matching, which is
an ordering of the right side: what the numbers stand for), begun (ordering that may be given one by one: how many are chosen).
A reading is a dict with one of: picks (0-based indexes as shown), verdict (bool), text (fill), give_up (True).
"""

import re
from difflib import SequenceMatcher
from typing import AbstractSet, Any, Dict, List, Optional

from bot.language.choice_words import (
    ALL,
    BETWEEN,
    COUNTED,
    DENYING,
    FALSE,
    GIVE_UP,
    JOINING,
    LEAD,
    NEXT,
    NUMBERS,
    ORDINALS,
    OTHER_WORDS,
    POLITE,
    SAID_OF,
    TAIL,
    TAIL_ASKING,
    THINGS,
    TRUE,
)
from bot.language.normalise import clean, fold, place_tones
from bot.language.numerals import in_digits, numbers

LETTERS = "abcdef"
SIMILAR = 0.8
SOFT = {"out_of_scope", "nlu_fallback", "affirm", "deny", "bot_wrong", "greet", "set_commune"}
"""Intents that a one-word answer is easily mistaken for."""

_GLUED = re.compile(r"(?:\d[a-f])+|(?:[a-f]\d)+")
_BECAUSE = re.compile(r"(?:(.+?) )?(?:boi )?(?:vi|do|tai)(?: vi)? (?!sao$|dau$)(.+)")
_END = re.compile(r"(\w+) (?:cau|cai|y|cho|dong|doan|phan|dap an) (dau|cuoi)(?: tien| cung)?")
_BUT = re.compile(r"(?:(?:tat ca|het|ca \w+)(?: (?:cau|y|cai))? )?(?:ngoai )?tru (.+)")
_NUMERIC = re.compile(r"(?:[a-z]+ )?\d+(?: [a-z]+)?")
_LINE = {"cau", "thu", "y", "cai", "an", "dong"}
_CLAUSE = re.compile(r"[,;.!?]\s")
_APART = re.compile(r"[,;\n>→]|\s(?:và|va|rồi|roi|sau đó|sau do|xong|tiếp theo|tiep theo|cuối cùng|cuoi cung)(?=\s)")
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
    itself = own_text(plain, options)
    if itself and (kind != "ordering" or "begun" in expect):
        return {"picks": itself}
    if kind == "single" and (counted := by_number(plain, options)) is not None:
        return {"picks": counted} if counted else None
    if kind == "ordering":
        picks = in_order(raw, plain, expect)
    elif kind == "multiple":
        raw, plain = (re.sub(r"(?:^|\s)(?:đánh dấu|danh dau)\s", " ", said).strip() for said in (raw, plain))
        picks = a_group(plain, len(options)) or labels(raw, len(options), True) or by_words(raw, options, True)
    else:
        picks = labels(raw, len(options), False) or by_words(raw, options, False)
    if picks:
        return {"picks": picks}
    return of_reason(plain, expect) if kind == "true_false" else None


def own_text(plain: str, options: List[str]) -> List[int]:
    """The option that was typed itself, politeness around it: "số 3" is the option "Số 3", wherever it stands."""
    texts = [in_digits(squeeze(o)) for o in options]
    said = core(in_digits(plain), frozenset(texts))
    return [texts.index(said)] if texts.count(said) == 1 else []


def by_number(plain: str, options: List[str]) -> Optional[List[int]]:
    """Where every option is a number: the one with the number typed, none when no option has it. None: no number was typed,
    or the number of a line ("câu 2")."""
    texts = [in_digits(squeeze(o)) for o in options]
    if not all(_NUMERIC.fullmatch(t) for t in texts) or _LINE & set(plain.split()):
        return None
    said = numbers(in_digits(plain))
    found = [i for i, t in enumerate(texts) if numbers(t) == said]
    return None if not said else found if len(found) == 1 else []


def of_reason(plain: str, expect: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """"Sai vì …": the reason where its words are one of those that go with the verdict, else the verdict."""
    because = _BECAUSE.fullmatch(plain)
    if not because:
        return None
    verdict = verdict_of(because.group(1)) if because.group(1) else None
    if because.group(1) and verdict is None:
        return None
    reason = nearest(because.group(2), [o.partition(": ")[2] or o for o in expect["options"]])
    if reason is None:
        return None if verdict is None else of_verdict(verdict, expect)
    return {"picks": [reason]} if verdict in (None, expect["verdicts"][reason]) else None


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


def core(plain: str, known: AbstractSet[str]) -> str:
    """The known text with only politeness around it, else the bare one: "là ba ngày ạ" is "ba ngày", though "ba" may be said to a father."""
    words = plain.split()
    for start in range(len(words)):
        if start and words[start - 1] not in LEAD:
            break
        for end in range(len(words), start, -1):
            if end < len(words) and words[end] not in TAIL:
                break
            if (said := " ".join(words[start:end])) in known:
                return said
    return bare(plain)


def verdict_of(plain: str) -> Optional[bool]:
    """True or false as said of a statement ("da dung roi a", "sai bet"); None for anything else."""
    said = " ".join(stripped(_DRAWN_OUT.sub(r"\1", plain).split(), LEAD | SAID_OF, TAIL, TRUE | FALSE))
    return True if said in TRUE else False if said in FALSE else None


def labels(typed: str, count: int, many: bool) -> List[int]:
    """0-based indexes named by letters, numbers or ordinals; empty when the text is something else."""
    words = [label_word(w) for w in re.findall(r"[^\W_]+", typed.lower())]
    tail = TAIL | TAIL_ASKING
    if not many:
        return single_label(stripped(words, LEAD | THINGS - {"thu"}, tail), count)
    counted = bool(COUNTED & set(words))
    begins = words[0] in ("e", "ba") and len(words) > 1 and count > (4 if words[0] == "e" else 2) and \
        (words[1] in NUMBERS or words[1] in BETWEEN or label(words[1], count) is not None)
    words = stripped(words, frozenset() if begins else LEAD | THINGS, tail - {"a"})
    parts = [w for w in words if w not in BETWEEN and w not in THINGS]
    if parts == ["ba"] and not counted:  # "b, a" or "three"
        return []
    if len(parts) == 1 and parts[0] not in ("da", "ba") and 1 < len(parts[0]) <= count and re.fullmatch(r"[a-fđ]+|\d+", parts[0]):
        parts = list(parts[0])
    elif len(parts) > 2 and parts[-1] == "a" and "a" in parts[:-1]:  # "a c a" is "a, c ạ"
        parts = parts[:-1]
    found = [NUMBERS[p] if NUMBERS.get(p, count) < count else label(p, count) for p in parts]
    if not found or None in found or len(set(found)) != len(found):
        return []
    return [i for i in found if i is not None]


def label_word(word: str) -> str:
    """The word folded, unless that would make a label of one that is none: "dạ", "bà", "cả", "á", "đâu"."""
    folded = squeeze(word)
    return word if word in OTHER_WORDS - {"sau"} or re.fullmatch("[a-f]+", folded) and word not in (folded, "đ") else folded


def single_label(words: List[str], count: int) -> List[int]:
    """The one choice that the words name, in a list; "b a" is "b ạ"."""
    if words[:1] == ["thu"]:
        words = words[1:]
    if len(words) > 1 and (words[-1] == "a" or len(set(words)) == 1):
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


def in_order(raw: str, plain: str, expect: Dict[str, Any]) -> List[int]:
    """A whole order; or, where things may be chosen one by one, the next one alone."""
    count = len(expect["options"])
    places = joined(plain, expect)
    if places:
        left = [i for i in range(count) if i not in places.values()]
        if len(left) <= 1:
            return [places.get(at, *left) if left else places[at] for at in range(count)]
        return list(places.values()) if list(places) == [expect.get("begun")] else []
    named = labels(raw, count, True)
    picks = named or by_words(raw, expect["options"], True)
    one = len(picks) == 1 and "begun" in expect and (named or len(bare(plain).split()) > 2)  # "dừng lại" is a wish of its own
    return completed(picks, count) or (picks if one else [])


def joined(plain: str, expect: Dict[str, Any]) -> Dict[int, int]:
    """Place -> choice as in "1b 2a 3c", "b1 a2 c3", "số 1 là b" or the words of both sides; empty for anything else."""
    count, said = len(expect["options"]), f" {plain} "
    names = {squeeze(left): str(n) for n, left in enumerate(expect.get("lefts", ()), 1)}
    names.update({squeeze(right): LETTERS[i] for i, right in enumerate(expect["options"]) if names})
    for text in sorted(names, key=len, reverse=True):
        said = said.replace(f" {text} ", f" {names[text]} ")
    signs: List[str] = []
    for word in stripped(said.split(), (LEAD | THINGS) - set(NUMBERS), TAIL - {"a"}):
        if _GLUED.fullmatch(word):
            signs += word
        elif word in NUMBERS or len(word) == 1:
            signs.append(str(NUMBERS[word] + 1) if word in NUMBERS else word)
        elif word not in JOINING:
            return {}
    if len(signs) % 2 and signs[-1] == "a":  # "… 3c ạ"
        signs = signs[:-1]
    first, second = signs[::2], signs[1::2]
    if not second or len(first) != len(second):
        return {}
    numbered, lettered = (first, second) if first[0].isdigit() else (second, first)
    if not all(n.isdigit() for n in numbered) or any(w.isdigit() for w in lettered):
        return {}
    found = {int(n) - 1: label(w, count) for n, w in zip(numbered, lettered, strict=True)}
    known = {at: i for at, i in found.items() if i is not None and 0 <= at < count}
    return known if len(set(known.values())) == len(numbered) else {}


def completed(picks: List[int], count: int) -> List[int]:
    """An order with the last one added where all others are named; empty when more is missing."""
    if len(picks) == count - 1:
        picks = picks + [i for i in range(count) if i not in picks]
    return picks if len(picks) == count else []


def a_group(plain: str, count: int) -> List[int]:
    """Several choices named together: "tất cả", "cả bốn", "hai câu đầu", "trừ câu d"; empty for anything else."""
    words = stripped(plain.split(), (LEAD | THINGS) - set(NUMBERS), frozenset())
    if but := _BUT.fullmatch(" ".join(words)):
        gone = labels(but.group(1), count, True)
        return [i for i in range(count) if i not in gone] if gone else []
    said = " ".join(stripped(words, frozenset(), TAIL))
    every = re.fullmatch(r"(?:tat )?ca (\w+)(?: (?:cau|y|cai|cho|dong|doan|phan))?", said)
    if ALL.fullmatch(said) or (every and number_of(every.group(1), count) == count):
        return list(range(count))
    if (end := _END.fullmatch(said)) and 1 < (many := number_of(end.group(1), count)) < count:
        return list(range(many)) if end.group(2) == "dau" else list(range(count - many, count))
    return []


def number_of(word: str, count: int) -> int:
    """"bon" or "4" as a number up to count; 0 for anything else."""
    found = NUMBERS.get(word, label(word, count) if word.isdigit() else None)
    return 0 if found is None else found + 1


def by_words(raw: str, options: List[str], many: bool) -> List[int]:
    """The options whose own words were typed; one, or several separated by commas, "và", "rồi".

    A label before the words must be theirs: "b. Gác máy" chooses nothing where "Gác máy" is A.
    """
    plain = squeeze(raw)
    first, _, rest = plain.partition(" ")
    named, said = label(first, len(options)), nearest(rest, options)
    if named is not None and said is not None and plain not in map(squeeze, options):
        return [named] if named == said else []
    for words in dict.fromkeys((plain, bare(plain))):
        if (whole := nearest(words, options)) is not None:
            return [whole]
    if not many:
        return []
    parts = [p for p in map(squeeze, _APART.split(raw)) if p]
    found: List[int] = []
    for part in parts if len(parts) > 1 else []:
        near = nearest(part, options, 1)
        near = nearest(bare(part), options, 1) if near is None else near
        if near is None:
            return []
        if found[-1:] != [near]:  # an option with a comma in it is two parts
            found.append(near)
    return found if len(set(found)) == len(found) else []


def nearest(plain: str, options: List[str], least: int = 2) -> Optional[int]:
    """The one option that the words mean: equal, nearly equal, or the only one that holds them.

    One syllable or two are too few unless the option begins with them. least: how many at least then.
    """
    if not plain:
        return None
    squeezed = [squeeze(o) for o in options]
    if plain in squeezed:
        return squeezed.index(plain)
    close = sorted(((SequenceMatcher(None, plain, s).ratio(), i) for i, s in enumerate(squeezed)), reverse=True)
    if close and close[0][0] >= SIMILAR and (len(close) == 1 or close[0][0] - close[1][0] >= 0.08):
        return close[0][1] if same_sense(plain, squeezed[close[0][1]]) else None
    holding = [i for i, o in enumerate(options) if holds(o, plain, least)]
    return holding[0] if len(holding) == 1 else None


def same_sense(plain: str, option: str) -> bool:
    """Texts that differ by a letter or two mean the same unless one denies what the other says, or names another number."""
    said, meant = numbers(in_digits(plain)), numbers(in_digits(option))
    return denials(plain) == denials(option) and (said == meant or not (said and meant))


def denials(plain: str) -> int:
    return sum(word in DENYING for word in plain.split())


def holds(option: str, plain: str, least: int) -> bool:
    """Does the option, or a clause of it, begin with the words; or do they stand in it, three or more, and not denied there?"""
    clauses = [squeeze(c) for c in _CLAUSE.split(option)]
    count = len(plain.split())
    if count >= least and any(f"{' '.join(clauses[at:])} ".startswith(f"{plain} ") for at in range(len(clauses))):
        return True
    before, found, _ = f" {' '.join(clauses)} ".partition(f" {plain} ")
    return count >= 3 and bool(found) and not denials(" ".join(before.split()[-3:]))


_POINTS = re.compile(
    r"(?P<how>(?:chon|lay|xem|hoi|can|muon|la|y|bam|cai|so|muc|viec|dong|nut|phuong an|lua chon|thu|o|tren) )*"
    r"(?P<which>[1-9]|nhat|hai|nhi|ba|bon|tu|nam|dau tien|dau|cuoi cung|cuoi|duoi cung|tren cung)(?: (?:do|ay|kia|do do|trong so do))*")

_NOT_POINTING = re.compile(r"\bmức \w+$|\b(?:con|bé|be|đứa|dua|sinh|lần|lan) (?:thứ|thu) \w+$|^\d+ (?:con|cháu|đứa)$")
"""A level of identification, a second child, two children."""
_POINTING = frozenset(("cai", "so", "muc", "cau", "thu"))


def pointed(text: str, count: int) -> Optional[int]:
    """The 0-based choice that words like "cái thứ hai", "số 2", "cái cuối" point at; None when they point at none."""
    plain = squeeze(text)
    if _NOT_POINTING.search(place_tones(clean(text)).lower()) or _NOT_POINTING.search(plain):
        return None
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
    listed = frozenset(squeeze(a) for a in expect.get("accept", []))
    if {reading["text"], core(reading["text"], listed)} & listed:
        return True
    return len(reading["text"].split()) <= 6 and (confidence < 0.6 or intent in SOFT)
