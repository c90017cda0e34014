"""What a Vietnamese syllable looks like without its diacritics, and how Telex and VNI leave it half typed.

Runs in both environments, so it imports only the standard library.
"""

import re
import unicodedata
from typing import Optional

_ONSETS = "ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|b|c|d|g|h|k|l|m|n|p|r|s|t|v|x|"
_RHYMES = (
    "a ac ach ai am an ang anh ao ap at au ay e ec em en eng enh eo ep et eu ech i ia ich iec iem ien ieng iep iet ieu im in "
    "inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat oay oc oe oem oen oeo oet oi om on ong oong op ot u ua uan "
    "uang uat uau uay uc ue uech uen uenh ui uya uych uyen uyet uynh uyt uyu um un ung uo uoc uoi uom uon uong uop uot uou up "
    "ut uu uy y yem yen yet yeu").split()
SYLLABLE = re.compile(rf"(?:{_ONSETS})(?:{'|'.join(sorted(_RHYMES, key=len, reverse=True))})")
"""A well-formed syllable, folded. Not every one of them is a word."""

_HATS = {"a": "â", "e": "ê", "o": "ô"}
_HORNS = {"a": "ă", "o": "ơ", "u": "ư"}
_TELEX_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
_VOWELS = "aeiouyâêôăơư"


def is_syllable(word: str) -> bool:
    """word: folded."""
    return bool(SYLLABLE.fullmatch(word))


def decode(word: str) -> Optional[str]:
    """A word with keystrokes of Telex or VNI left in it, as it was meant: "ddawng" -> "đăng", "lam2" -> "làm".

    word: lower case; may already carry some marks ("giâys"). None when nothing of the kind is in it.
    """
    if re.search(r"[^\W\d_]\d", word) and re.fullmatch(r"[^\W_]+", word):
        return _vni(word)
    return _telex(word)


def _split(word: str) -> "tuple[str, str]":
    """(the word without tone marks, its tone mark or "")."""
    parts = unicodedata.normalize("NFD", word)
    tone = next((c for c in parts if c in _TELEX_TONES.values()), "")
    return unicodedata.normalize("NFC", "".join(c for c in parts if c not in _TELEX_TONES.values())), tone


def _telex(word: str) -> Optional[str]:
    letters, tone = _split(word)
    made = ""
    for at, letter in enumerate(letters):
        vowels_before = any(c in _VOWELS for c in made)
        if letter == "d" and made == "d":
            made = "đ"
        elif letter in _TELEX_TONES and vowels_before and at >= len(letters) - 3 and not (letter == "r" and made.endswith("t")):
            tone = _TELEX_TONES[letter]
        elif letter == "w":
            made = _horned(made)
        elif letter in _HATS and letter in made and not made.endswith(("gi", "qu")) and _HATS[letter] not in made:
            spot = made.rindex(letter)
            made = made[:spot] + _HATS[letter] + made[spot + 1:]
        else:
            made += letter
    return _checked(made, tone, word)


def _vni(word: str) -> Optional[str]:
    letters, tone = _split(word)
    made = ""
    for letter in letters:
        if letter in _VNI_TONES:
            tone = _VNI_TONES[letter]
        elif letter == "6":
            spot = max(made.rfind(v) for v in _HATS)
            made = made if spot < 0 else made[:spot] + _HATS[made[spot]] + made[spot + 1:]
        elif letter in "78":
            made = _horned(made)
        elif letter == "9":
            made = made.replace("d", "đ", 1)
        elif letter == "0":
            return None
        else:
            made += letter
    return _checked(made, tone, word)


def _horned(made: str) -> str:
    """The effect of w: "uo" -> "ươ", else the last a, o or u; alone it is "ư"."""
    if "uo" in made and not made.startswith("quo"):
        return made.replace("uo", "ươ", 1)
    if made.endswith("uu"):  # "huuw" is "hưu"; no syllable ends in "uư"
        return made[:-2] + "ưu"
    spot = max((made.rfind(v) for v in _HORNS), default=-1)
    return made + "ư" if spot < 0 else made[:spot] + _HORNS[made[spot]] + made[spot + 1:]


def _checked(made: str, tone: str, word: str) -> Optional[str]:
    from bot.language.normalise import fold

    if not is_syllable(fold(made)):
        return None
    whole = with_tone(made, tone)
    return whole if whole != word else None


def with_tone(letters: str, tone: str) -> str:
    """The tone mark on the vowel that carries it."""
    if not tone:
        return letters
    start = 2 if letters.startswith(("qu", "gi")) and len(letters) > 2 and letters[2] in _VOWELS else 0
    spots = [i for i, c in enumerate(letters) if c in _VOWELS and i >= start]
    if not spots:
        return letters
    marked = [i for i in spots if letters[i] in "âêôăơư"]
    if marked:
        spot = marked[-1]
    elif len(spots) == 1 or spots[-1] != len(letters) - 1:
        spot = spots[-1]
    else:
        spot = spots[-2]
    return unicodedata.normalize("NFC", letters[:spot + 1] + tone + letters[spot + 1:])
