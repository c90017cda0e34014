"""Numbers in folded words made comparable: "muoi lam ngay", "15ngay" and "015 ngay" are all "15 ngay".

Folded, some numerals are other words too ("nam", "sau", "tam"); so this is for comparing two texts that both went through
it, never for showing. Runs in both environments.
"""

import re

UNITS = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9}
AFTER_TEN = {**{word: n for word, n in UNITS.items() if word != "nam"}, "lam": 5, "nham": 5}
"""After ten, "năm" is the year."""
_UNIT, _AFTER = "|".join(UNITS), "|".join(AFTER_TEN)
_NUMERAL = re.compile(
    rf"\b(?:(?:(?P<hundreds>{_UNIT}) tram(?: (?:linh|le))?(?= |$) ?)?"
    rf"(?:(?:(?P<tens>{_UNIT}) )?(?P<ten>muoi|chuc)(?: (?P<after>{_AFTER}))?|(?P<unit>{_UNIT}))?)\b")
_GLUED = re.compile(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)")
_ZEROS = re.compile(r"\b0+(?=\d)")


def in_digits(plain: str) -> str:
    """A squeezed text with its numerals up to 999 as digits, digits apart from letters, no zeros in front."""
    apart = _ZEROS.sub("", _GLUED.sub(" ", plain))
    return " ".join(_NUMERAL.sub(_digits, apart).split())


def numbers(plain: str) -> "list[str]":
    """The numbers of a text that went through in_digits."""
    return [word for word in plain.split() if word.isdigit()]


def _digits(match: "re.Match[str]") -> str:
    if not match.group(0).strip():
        return match.group(0)
    part = match.groupdict()
    value = 100 * UNITS.get(part["hundreds"] or "", 0) + UNITS.get(part["unit"] or "", 0) + AFTER_TEN.get(part["after"] or "", 0)
    if part["ten"]:
        value += 10 * UNITS.get(part["tens"] or "mot", 1)
    return f"{value} " if match.group(0).endswith(" ") else str(value)
