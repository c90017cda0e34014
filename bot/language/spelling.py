"""Mends what a clumsy or hurried hand typed, before anything else reads it.

`mend` touches only words that cannot be Vietnamese: keystrokes of Telex and VNI left over, words run together, letters
swapped, dropped, doubled or hit beside the right key. `supposed` goes further, for a reader who has not understood: words
that exist but stand where another one belongs ("hộ chịu"). Runs in both environments, so it imports only the standard library.
"""

import math
import re
from functools import lru_cache
from pathlib import Path
from typing import Dict, List, Optional, Tuple

from bot.language.syllables import decode, is_syllable

VOCABULARY = Path(__file__).parent / "vocabulary.tsv"
COMMON = 3
"""A word seen this often in our own texts is a word, however it is spelt ("vneid", "facebook")."""
FOREIGN = frozenset("""
acc account acct add admin agribank alo app apps bank bidv bot cam captcha check chip clip cod code combo cookie crypto data deepfake digi email face fake
fb file form game gmail google group hack hacker hotline icon ib inbox internet iphone itel kyc laptop like link live livestream log
login mail mb menu mess messenger mic mobifone momo mod ngta ngt nick note oke online onl otp pass passport password pay photo pin
phishing pos print qr quick rep reply reset review robot sale samsung scam scammer scan share shop shopee shipper ship sim sms spam sđt tab tablet techcombank
teams telegram tiktok token top ultraviewer teamviewer update upload usb user username vcb vcom viber video vietcombank viettel
viettelpay vinaphone visa vneid vnpay vtv wallet web website wifi wechat whatsapp youtube zalo zalopay zl
""".split())
"""Foreign words, brands and shorthand that people type; never mended."""
CLOSE, CLOSE_SHARE = 12, 0.05
"""Two words belong together that stand so this often, in this share of the places where the rarer of them stands."""
EVERYWHERE = 800
"""A word this common stands beside anything; that it was not seen beside its neighbour says nothing."""
STARTS = {"s": "x", "x": "s", "tr": "ch", "ch": "tr", "d": "gi", "gi": "d", "l": "n", "n": "l", "r": "d", "v": "d", "k": "kh", "c": "k",
          "ng": "ngh", "ngh": "ng"}
ENDINGS = {"n": "ng", "ng": "n", "nh": "n", "c": "t", "t": "c", "ch": "t", "i": "y", "y": "i"}
"""Heard alike somewhere in the country, so written for one another."""
_TOKEN = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(r"\S*(?:\w\.\w|@|://|\d{3})\S*")
"""Links, mail addresses, codes and numbers: never mended."""
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {pair for row in _ROWS for i in range(len(row) - 1) for pair in (row[i:i + 2], row[i + 1] + row[i])}
_ALPHABET = "abcdeghiklmnopqrstuvxy"


class Vocabulary:
    """Folded words and pairs of our own texts with their counts. `common[word]` is its usual accented spelling."""

    def __init__(self, lines: List[str]):
        self.words: Dict[str, int] = {}
        self.usual: Dict[str, str] = {}
        self.pairs: Dict[Tuple[str, str], int] = {}
        for line in lines:
            parts = line.rstrip("\n").split("\t")
            if len(parts) == 3:
                self.words[parts[0]], self.usual[parts[0]] = int(parts[1]), parts[2]
            elif len(parts) == 2:
                first, second = parts[0].split(" ")
                self.pairs[first, second] = int(parts[1])
        self.total = sum(self.words.values()) or 1

    def fit(self, word: str, before: Optional[str], after: Optional[str]) -> float:
        """How well a known folded word stands between its neighbours: pairs count far more than the word alone."""
        pairs = self.pairs.get((before or "", word), 0) + self.pairs.get((word, after or ""), 0)
        return self.words.get(word, 0) ** 0.5 + 6 * pairs ** 0.5

    def closeness(self, first: Optional[str], second: Optional[str]) -> int:
        """How often the one stands before the other, when they belong together; else 0."""
        count = self.pairs.get((first or "", second or ""), 0)
        return count if count >= CLOSE and count >= CLOSE_SHARE * min(self.words.get(first or "", 1), self.words.get(second or "", 1)) else 0

    def chance(self, before: Optional[str], word: str) -> float:
        """Log chance of a known word behind another one (None: at the start)."""
        alone = self.words[word] / self.total
        follows = self.pairs.get((before, word), 0) / self.words[before] if before else 0.0
        return math.log(0.8 * follows + 0.2 * alone if before else alone)


@lru_cache
def vocabulary() -> Vocabulary:
    """Made by scripts/vocabulary.py."""
    return Vocabulary(VOCABULARY.read_text(encoding="utf-8").splitlines())


def mend(text: str) -> str:
    """text: lower case, NFC. Words that cannot be right are replaced by what was most likely meant."""
    from bot.language.normalise import fold

    held = [m.span() for m in _ADDRESS.finditer(text) if not _is_vni(m.group(0))]
    tokens = [m for m in _TOKEN.finditer(text) if not any(a <= m.start() < b for a, b in held)]
    folded = [fold(m.group(0)) for m in tokens]
    known = vocabulary()
    parts, at = [], 0
    for number, match in enumerate(tokens):
        word = match.group(0)
        if is_fine(word, folded[number], known):
            continue
        better = mended(word, folded[number - 1] if number else None,
                        folded[number + 1] if number + 1 < len(folded) else None, known)
        if better:
            parts += [text[at:match.start()], better]
            at = match.end()
    return "".join(parts) + text[at:] if parts else text


def supposed(text: str) -> str:
    """text: normalised. A word never seen beside either neighbour gives way to one written or heard almost alike that belongs beside
    one of them. A guess: the commune of Tân Bình becomes "an bình"."""
    from bot.language.normalise import fold, marked

    known, with_marks = vocabulary(), marked(text)
    tokens = list(_TOKEN.finditer(text))
    folded = [fold(m.group(0)) for m in tokens]
    parts, at = [], 0
    for number, match in enumerate(tokens):
        before, after = folded[number - 1] if number else None, folded[number + 1] if number + 1 < len(folded) else None
        # with its marks it was typed with care: it may be heard wrongly then, hardly mistyped
        better = _supposed(folded[number], before, after, with_marks and known.usual.get(folded[number]) == match.group(0))
        if better:
            folded[number] = better
            heard = next((w for w in alike(match.group(0)) if fold(w) == better), known.usual.get(better, better))
            parts += [text[at:match.start()], heard if with_marks else better]
            at = match.end()
    return "".join(parts) + text[at:]


@lru_cache(maxsize=20000)
def _supposed(word: str, before: Optional[str], after: Optional[str], with_care: bool) -> Optional[str]:
    """All folded."""
    known = vocabulary()
    if len(word) < 2 or not word.isalpha() or known.words.get(word, 0) > EVERYWHERE or (before, word) in known.pairs or (word, after) in known.pairs:
        return None
    best, score = None, 0.0
    slips = near(word) if len(word) > 2 and not with_care else {}  # of two letters, one slip makes any other two
    for candidate, cost in {**slips, **dict.fromkeys(alike(word), 1.0)}.items():
        if known.words.get(candidate, 0) >= COMMON:
            fit = (known.closeness(before, candidate) + known.closeness(candidate, after)) * cost
            if fit > score:
                best, score = candidate, fit
    return best


def alike(word: str) -> List[str]:
    """Words that sound like this one, its marks left as they are, in some part of the country: another start, another ending, or both."""
    heads = [word, *(other + word[len(start):] for start, other in STARTS.items() if word.startswith(start))]
    ends = [head[:-len(end)] + other for head in heads for end, other in ENDINGS.items() if head.endswith(end)]
    return [found for found in dict.fromkeys(heads + ends) if found != word]


def _is_vni(token: str) -> bool:
    return bool(re.fullmatch(r"[^\W\d_]+\d[^\W_]*", token)) and len(re.findall(r"\d", token)) < 3


def is_fine(word: str, folded: str, known: Vocabulary) -> bool:
    """Is this a word as it stands?"""
    if len(folded) < 3 or folded.isdigit() or known.words.get(folded, 0) >= COMMON or folded in FOREIGN:
        return True
    return is_syllable(folded) or folded[0].isdigit()


@lru_cache(maxsize=20000)
def _cached(word: str, before: Optional[str], after: Optional[str]) -> Optional[str]:
    return _mended(word, before, after, vocabulary())


def mended(word: str, before: Optional[str], after: Optional[str], known: Vocabulary) -> Optional[str]:
    """What was meant by a word that is none, or None when nothing is likely. before, after: folded neighbours."""
    return _cached(word, before, after)


def _mended(word: str, before: Optional[str], after: Optional[str], known: Vocabulary) -> Optional[str]:
    from bot.language.normalise import fold

    decoded = decode(word)
    if decoded is not None and fold(decoded) in known.words:
        return decoded
    folded = fold(word)
    if any(c.isdigit() for c in folded):
        return decoded
    best, score = None, 0.0
    # on the word as typed, so that the marks it has stay where they are: "vắg" is "vắng", not "vàng" and not "và"
    for candidate, cost in near(word).items():
        plain = fold(candidate)
        if plain in known.words and not _UNENDED.search(candidate):
            fit = known.fit(plain, before, after) * cost
            if fit > score:
                best, score = candidate if candidate != plain else known.usual.get(plain, plain), fit
    split = apart(folded, known)
    if split is not None and (best is None or len(folded) > 6):
        return " ".join(cut(word, split))
    return decoded if best is None else best


_UNENDED = re.compile("[ăằắẳẵặâầấẩẫậ]$")
"""No syllable ends so: a letter is missing."""


def cut(word: str, pieces: List[str]) -> List[str]:
    """The word in pieces of the same lengths, with the marks it was typed with."""
    found, at = [], 0
    for piece in pieces:
        found.append(word[at:at + len(piece)])
        at += len(piece)
    return found


def near(word: str) -> Dict[str, float]:
    """Words one slip away, with how likely that slip is (0..1)."""
    found: Dict[str, float] = {}

    def add(candidate: str, likely: float) -> None:
        if len(candidate) >= 2 and candidate != word:
            found[candidate] = max(likely, found.get(candidate, 0.0))

    for at in range(len(word)):
        add(word[:at] + word[at + 1:], 1.0 if at and word[at] == word[at - 1] else 0.7)
        if at + 1 < len(word):
            add(word[:at] + word[at + 1] + word[at] + word[at + 2:], 1.0)
        for letter in _ALPHABET:
            add(word[:at] + letter + word[at + 1:], 0.6 if word[at] + letter in _NEIGHBOURS else 0.3)
    for at in range(len(word) + 1):
        for letter in _ALPHABET:
            add(word[:at] + letter + word[at:], 0.6)
    return found


def apart(word: str, known: Vocabulary) -> Optional[List[str]]:
    """Words run together, apart again: the likeliest cut into two to five known syllables, or None."""
    if len(word) < 5:
        return None
    best: List[Optional[Tuple[float, List[str]]]] = [(0.0, [])] + [None] * len(word)
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - 6), end - 1):
            before, piece = best[start], word[start:end]
            if before is None or len(before[1]) >= 5 or known.words.get(piece, 0) < COMMON or not is_syllable(piece):
                continue
            score = before[0] + known.chance(before[1][-1] if before[1] else None, piece)
            if best[end] is None or score > best[end][0]:  # type: ignore[index]
                best[end] = (score, before[1] + [piece])
    found = best[len(word)]
    return found[1] if found is not None and len(found[1]) >= 2 else None
