"""Typing as clumsy or hurried hands do it: the slips that training is hardened with and that benchmarks are run on.

Seeded, so the same text and seed give the same slips. Runs in both environments, standard library only.
"""

import random
import re
import unicodedata

from bot.language.normalise import ABBREVIATIONS, fold

_TELEX = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_VNI = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
_TELEX_HATS = {"â": "aa", "ê": "ee", "ô": "oo", "ă": "aw", "ơ": "ow", "ư": "uw", "đ": "dd"}
_VNI_HATS = {"â": "a6", "ê": "e6", "ô": "o6", "ă": "a8", "ơ": "o7", "ư": "u7", "đ": "d9"}
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {c: [row[i] for i in (k - 1, k + 1) if 0 <= i < len(row)] for row in _ROWS for k, c in enumerate(row)}
_SHORT = {long: short for short, long in reversed(list(ABBREVIATIONS.items())) if len(short) < len(long) and " " not in short}
_LONG_FORMS = re.compile("|".join(rf"(?<!\w){re.escape(f)}(?!\w)" for f in sorted(_SHORT, key=len, reverse=True)))
_ENDINGS = {"n": "ng", "ng": "n", "c": "t", "t": "c"}
_STARTS = {"s": "x", "x": "s", "tr": "ch", "ch": "tr", "d": "gi", "gi": "d", "l": "n", "n": "l", "r": "d", "v": "d"}


def keystrokes(word: str, vni: bool = False) -> str:
    """An accented word as the keys that type it: "giấy" -> "giaays" (Telex) or "gia6y1" (VNI)."""
    tones, hats = (_VNI, _VNI_HATS) if vni else (_TELEX, _TELEX_HATS)
    parts = unicodedata.normalize("NFD", word)
    tone = next((tones[c] for c in parts if c in tones), "")
    bare = unicodedata.normalize("NFC", "".join(c for c in parts if c not in tones))
    return "".join(hats.get(c, c) for c in bare) + tone


def _swap(word: str, dice: random.Random) -> str:
    at = dice.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2:]


def _drop(word: str, dice: random.Random) -> str:
    at = dice.randrange(len(word))
    return word[:at] + word[at + 1:]


def _double(word: str, dice: random.Random) -> str:
    at = dice.randrange(len(word))
    return word[:at] + word[at] * 2 + word[at + 1:]


def _hit_beside(word: str, dice: random.Random) -> str:
    at = dice.randrange(len(word))
    keys = _BESIDE.get(fold(word[at]), [])
    return word[:at] + dice.choice(keys) + word[at + 1:] if keys else word


def _other_sound(word: str, dice: random.Random) -> str:
    """Spelt as it is said: s for x, ch for tr, -n for -ng."""
    for table, at_start in ((_STARTS, True), (_ENDINGS, False)) if dice.random() < 0.5 else ((_ENDINGS, False), (_STARTS, True)):
        for heard in sorted(table, key=len, reverse=True):
            if at_start and word.startswith(heard):
                return table[heard] + word[len(heard):]
            if not at_start and word.endswith(heard):
                return word[:-len(heard)] + table[heard]
    return word


def _wrong_tone(word: str, dice: random.Random) -> str:
    parts = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(dice.choice(list(_TELEX)) if c in _TELEX else c for c in parts))


_KINDS = (_swap, _drop, _double, _hit_beside, _other_sound, _wrong_tone,
          lambda w, _: keystrokes(w), lambda w, _: keystrokes(w), lambda w, _: keystrokes(w, vni=True))


def slip(text: str, seed: int, share: float = 0.25) -> str:
    """`text` with slips in about `share` of its words (at least one), sometimes with abbreviations or lost spaces."""
    dice = random.Random(f"{seed}:{text}")
    if dice.random() < 0.4:
        text = _LONG_FORMS.sub(lambda m: _SHORT[m.group(0)] if dice.random() < 0.6 else m.group(0), text)
    words = text.split(" ")
    able = [i for i, w in enumerate(words) if len(w) > 2 and w.isalpha()]
    if not able:
        return text
    for i in dice.sample(able, max(1, round(share * len(able)))):
        words[i] = dice.choice(_KINDS)(words[i], dice)
    made = " ".join(words)
    if dice.random() < 0.2 and made.count(" ") > 1:
        spots = [m.start() for m in re.finditer(" ", made)]
        at = dice.choice(spots)
        made = made[:at] + made[at + 1:]
    return made
