"""Masks what must never be stored or logged: identity numbers, cards, accounts, one-time codes, passwords.

    mask("cccd 034 082 001 234, otp 482913") -> ("cccd [số giấy tờ], otp [mã xác nhận]", {"id_number", "otp"})

Numbers are looked for in a shadow of the text: folded, full-width and other digits as ASCII, invisible characters gone,
each character knowing its place in the original. What is plainly something else is set aside (phones, money, dates,
procedure and dossier codes, laws); what is left is judged by its length, its grouping and the words near it. In doubt we
mask: a number too many hidden in a log costs less than one too few. Runs in both environments.
"""

import re
import unicodedata
from typing import Dict, FrozenSet, List, Match, Optional, Set, Tuple

from bot.language import sensitive_patterns as p
from bot.language.normalise import fold

TOKENS: Dict[str, str] = {
    "id_number": "[số giấy tờ]", "card": "[số thẻ]", "otp": "[mã xác nhận]", "password": "[mật khẩu]", "account": "[số tài khoản]"}
"""What stands for a secret of each kind. None holds a digit."""

_TOKEN = re.compile("|".join(re.escape(t) for t in TOKENS.values()))
_INVISIBLE = {"Cf", "Cc", "Mn", "Me", "Cs", "Co"}
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"


def mask(text: str) -> Tuple[str, FrozenSet[str]]:
    """The text with every secret replaced by its token, and the kinds found (the keys of TOKENS).

    Masking again changes nothing. Any string is accepted.
    """
    kinds: Set[str] = set()
    while True:  # what stood too far from its word may stand near it once a number between them is gone
        spans = _Search(text).spans
        if not spans:
            return text, frozenset(kinds)
        for start, end, kind in sorted(spans, reverse=True):
            text = text[:start] + TOKENS[kind] + text[end:]
            kinds.add(kind)


def _plain(char: str) -> str:
    """A character as lower-case letters without marks and ASCII digits; nothing for an invisible one."""
    if char.isascii():
        return char.lower() if char.isprintable() else char if char == "\n" else " " if char.isspace() else ""
    found = ""
    for part in unicodedata.normalize("NFKD", char):
        category = unicodedata.category(part)
        if category == "Nd":
            found += str(unicodedata.decimal(part))
        elif category == "Zs":
            found += " "
        elif category not in _INVISIBLE and part not in _FILLERS:
            found += part.lower().replace("đ", "d")
    return found


def _luhn(digits: str) -> bool:
    total = 0
    for i, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + i % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1


class _Search:
    """One look for secrets. spans: (start, end, kind) in the text given, none overlapping another.

    all: the shadow; text: the same with what is already read as line breaks, so that no pattern sees it twice.
    """

    def __init__(self, typed: str):
        self.typed = typed
        self.spans: List[Tuple[int, int, str]] = []
        self.places: List[int] = []
        chars: List[str] = []
        for place, char in enumerate(_TOKEN.sub(lambda m: "\n" * len(m.group()), typed)):
            for part in _plain(char):
                if part == " " and chars and chars[-1] == " ":
                    continue
                chars.append(part)
                self.places.append(place)
        self.text = self.all = "".join(chars)
        if p.WORTH_A_LOOK.search(self.all):
            self._look()

    def _look(self) -> None:
        for match in p.PASSWORD.finditer(self.text):
            self._password(match)
        if not any(c.isdigit() for c in self.text):
            return
        self._cards()
        for pattern in p.CODES:
            self._set_aside(pattern)
        self._identity_named()
        self._accounts_close()
        self._identity_in_groups()
        self._set_aside(p.PHONE)
        for pattern in p.MONEY:
            self._set_aside(pattern)
        self._codes()
        self._runs()
        for pattern in (p.PASSWORD_BARE, p.PASSWORD_AFTER):
            for match in pattern.finditer(self.text):
                if not p.COUNTED.search(self.text[match.end("value"):]):
                    self._claim(*match.span("value"), "password")

    def _blank(self, start: int, end: int) -> None:
        self.text = self.text[:start] + "\n" * (end - start) + self.text[end:]

    def _claim(self, start: int, end: int, kind: str) -> None:
        last = self.places[end - 1] + 1
        while last < len(self.typed) and unicodedata.category(self.typed[last]) in ("Mn", "Me", "Cf"):
            last += 1
        if "\n" not in self.text[start:end]:
            self.spans.append((self.places[start], last, kind))
            self._blank(start, end)

    def _set_aside(self, pattern: "re.Pattern[str]") -> None:
        for match in pattern.finditer(self.text):
            if not match.group().endswith("dong") or self._is_dong(match.end() - 4):
                self._blank(*match.span())

    def _is_dong(self, start: int) -> bool:
        """ "đồng" the money, not "đóng" to pay."""
        typed = unicodedata.normalize("NFC", self.typed[self.places[start]:self.places[start + 3] + 1]).lower()
        return typed in ("dong", "đồng") or fold(typed) != "dong"  # the last: pieces of a decomposed or odd spelling

    def _unit_follows(self, end: int) -> bool:
        match = p.UNIT_AFTER.match(self.all, end)
        return bool(match) and (not match.group().endswith("dong") or self._is_dong(match.end() - 4))

    def _before(self, start: int, reach: int = 30) -> str:
        return self.all[max(0, start - reach):start]

    def _near_id_words(self, start: int, end: int) -> bool:
        return bool(p.ID_WORDS.search(self._before(start)) or p.ID_WORDS.search(self.all[end:end + 20]))

    # passwords

    def _password(self, match: Match[str]) -> None:
        start, end = match.span("value")
        value = match["value"].strip(".,;!?…()\"'“”‘’")
        rest = self.text[end:]
        if not value or value.startswith(("http", "www.")):
            return
        if value.isalpha():
            named = "la" not in match["sign"] and "is" not in match["sign"]
            typed = self.typed[self.places[start]:self.places[end - 1] + 1].lower()
            words = fold(typed) != typed  # a password rarely has Vietnamese marks
            short = p.MINE.match(match.group()) and len(value) < 7  # "mk là Lan": mk is also "mình", I
            mixed = self._extended(end, alphabetic=True) > end
            if not mixed and (value in p.ORDINARY or len(value) < 2 or (words and (not named or rest.strip())) or (short and not named)):
                return
        elif value.isdigit() and len(value) < 3:
            spaced = re.match(r"\d{1,2}(?:[ .-]\d{1,2}){2,}(?!\w)", self.text[start:])
            if not spaced:
                return
            end = start + spaced.end()
        elif p.COUNTED.match(rest) and len(value) < 4:
            return
        end = self._extended(end, alphabetic=value.isalpha() and value not in p.ORDINARY)
        while end - start > 1 and self.text[end - 1] in ".,;":
            end -= 1
        self._claim(start, end, "password")

    def _extended(self, end: int, alphabetic: bool) -> int:
        """Past the further words of a password such as "hoa mai 123": those with a digit or a sign in them."""
        for pattern in (r" [^\s,;]*[a-z][^\s,;]*\d\S*|(?: [a-z]{1,7})? \d[^\s]*", r" \S*\d\S*"):
            more = re.match(pattern, self.text[end:]) if alphabetic or pattern[2] == "S" else None
            if more and self.text[end - 1] not in ",;." and not p.COUNTED.match(self.text[end + more.end():]):
                return end + more.end()
        return end

    # numbers that speak for themselves

    def _cards(self) -> None:
        for match in p.CARD.finditer(self.text):
            digits = p.SEPS.sub("", match.group())
            if not 13 <= len(digits) <= 19 or p.YEARS.match(match.group()):
                continue
            self._claim(*match.span(), "card" if _luhn(digits) else "account")
        for match in p.RUN.finditer(self.text):
            if len(match.group()) >= 13:
                self._claim(*match.span(), self._kind_of_long_run(match))

    def _kind_of_long_run(self, match: Match[str]) -> str:
        if p.ACCOUNT_CLOSE.search(self._before(match.start())):
            return "account"
        if len(match.group()) <= 19 and _luhn(match.group()):
            return "card"
        return "id_number" if self._near_id_words(*match.span()) else "account"

    def _identity_named(self) -> None:
        """CCCD and CMND in groups of any size, next to a word that says so."""
        for pattern in (p.ID12, p.GROUPED):
            for match in pattern.finditer(self.text):
                if (len(p.SEPS.sub("", match.group())) in (9, 12) and self._near_id_words(*match.span())
                        and not self._unit_follows(match.end())):
                    self._claim(*match.span(), "id_number")

    def _identity_in_groups(self) -> None:
        """CCCD without a word near, in the groupings that people use for it."""
        for match in p.ID12.finditer(self.text):
            sizes = [len(group) for group in p.SEPS.split(match.group())]
            if len(sizes) > 1 and (min(sizes) >= 3 or max(sizes) == 1 or sizes in ([3, 1, 2, 6], [3, 1, 8])):
                self._claim(*match.span(), "id_number")

    # numbers that need their words

    def _accounts_close(self) -> None:
        """After "stk" and the like even what looks like a telephone number."""
        for pattern in (p.RUN, p.GROUPED):
            for match in pattern.finditer(self.text):
                close = p.ACCOUNT_CLOSE.search(self._before(match.start(), 45))
                digits = p.SEPS.sub("", match.group())
                if not close or not 8 <= len(digits) <= 19 or self._unit_follows(match.end()):
                    continue
                between = close["between"] or ""
                if not p.PHONE_WORDS.search(between) and not p.ID_WORDS.search(between) and not p.MONEY_WORDS.search(between):
                    self._claim(*match.span(), "account")

    def _codes(self) -> None:
        for match in p.OTP.finditer(self.text):
            start, end = match.span()
            before, after = self._before(start, p.ANNOUNCED_REACH), self.all[end:end + p.OTP_REACH]
            reach = p.ANNOUNCED_REACH if p.ANNOUNCED.search(before) else p.OTP_REACH
            near = p.OTP_WORDS.search(before[-reach:].rstrip()) or p.OTP_WORDS.search(after) or p.GIVEN_CODE.search(before)
            if not near:
                continue
            short = end - start <= 5
            if short and (p.OTP_MEASURE.match(after) or p.OTP_LINE.search(before)):
                continue
            self._claim(start, end, "otp")

    def _runs(self) -> None:
        for match in p.RUN.finditer(self.text):
            kind = self._kind_of_run(match)
            if kind:
                self._claim(*match.span(), kind)

    def _kind_of_run(self, match: Match[str]) -> Optional[str]:
        """Of 8 to 12 digits in one run."""
        digits, before = match.group(), self._before(match.start())
        if self._unit_follows(match.end()):
            return None
        if len(digits) in (9, 12) and self._near_id_words(*match.span()):
            return "id_number"
        amount = p.MONEY_WORDS.search(before) or digits.endswith("0000")
        citizen = len(digits) == 12 and digits.startswith("0")
        if not citizen and (p.FILE_WORDS.search(before) or (amount and not digits.startswith("0"))):
            return None
        word = p.ACCOUNT_BEFORE.search(before)
        phone = p.PHONE_WORDS.search(word["between"] if word else before)
        if (word and not phone) or p.ACCOUNT_AFTER.match(self.all[match.end():]):
            return "account"
        if len(digits) == 12 or (len(digits) == 9 and not phone):
            return "id_number"
        return None
