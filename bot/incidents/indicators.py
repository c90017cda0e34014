"""Numbers, links and accounts in a text, normalised so that the same one is the same row. Nothing is opened or looked up."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML

from bot.language.incident_words import is_own


@dataclass(frozen=True)
class Found:
    """kind: a key of kinds.INDICATORS. value: normalised: 0912345678, +84 only abroad; host in ASCII; host/path; digits."""

    kind: str
    value: str


@dataclass(frozen=True)
class Link:
    """An address as typed (mended where its dots were hidden) and its parts. host: lower case, as typed; ascii: as a browser asks for it."""

    typed: str
    host: str
    ascii: str
    path: str
    port: int | None
    scheme: str
    user: bool

    @property
    def short(self) -> str:
        """Host and path, without what may name a single person (query, fragment)."""
        return f"{self.ascii}{self.path}"[:300].rstrip("/")


@lru_cache
def known() -> dict[str, Any]:
    """known_domains.yml, its lists as they stand."""
    return YAML(typ="safe").load((Path(__file__).parent / "known_domains.yml").read_text(encoding="utf-8"))


@lru_cache
def endings() -> frozenset[str]:
    return frozenset(known()["endings"]) | frozenset(known()["strange_endings"])


@lru_cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """(addresses, dots that were hidden before an ending)."""
    ends = "|".join(sorted(endings(), key=len, reverse=True))
    label = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
    address = (rf"h(?:tt|xx)ps?://[^\s<>\"'“”]+|(?<![\w@.-])(?:{label}\.)+(?:{ends})(?![\w-])(?!\.[\w])(?::\d{{2,5}})?(?:[/?#][^\s<>\"'“”]*)?"
               rf"|(?<![\w@.-])(?:{label}\.)*xn--[a-z0-9-]+(?:\.[a-z0-9-]+)+[^\s<>\"'“”]*|(?<![\w.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?::\d{{2,5}})?/[^\s<>\"'“”]*")
    hidden = rf"(?<=\w) ?(?:\[\.\]|\(\.\)|\{{\.\}}| \. ?| (?:dot|chấm|cham) )(?=(?:\w+\.)*(?:{ends})\b)"
    return re.compile(address, re.IGNORECASE), re.compile(hidden, re.IGNORECASE)


def links(text: str) -> list[Link]:
    """Every address in the text, each once, in its order."""
    address, hidden = _patterns()
    text = hidden.sub(".", unicodedata.normalize("NFKC", text))
    made = (link_of(match.group()) for match in address.finditer(text))
    return list({link.short: link for link in made if link is not None}.values())


def link_of(typed: str) -> Link | None:
    """None for what cannot be an address after all."""
    typed = typed.rstrip(".,;:!?)]}…*")
    full = re.sub(r"^hxxp", "http", typed, flags=re.IGNORECASE)
    full = full if "://" in full else f"http://{full}"
    try:
        parts = urlsplit(full)
        host, port = (parts.hostname or "").strip("."), parts.port
    except ValueError:
        return None
    host = host.removeprefix("www.")
    if "." not in host and ":" not in host:
        return None
    path = parts.path.rstrip("/")
    return Link(typed, host, ascii_of(host), path, port, "" if "://" not in typed else parts.scheme.lower(), "@" in parts.netloc)


def ascii_of(host: str) -> str:
    """The host as a browser asks for it; as typed where that cannot be."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def within(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def official(host: str) -> str | None:
    """Whose address it really is: of the list, or "cơ quan nhà nước" under .gov.vn; None for any other."""
    for one in known()["official"]:
        if within(host, one["domain"]):
            return one["owner"]
    return "cơ quan nhà nước" if host.endswith(".gov.vn") else None


def is_shared(host: str) -> bool:
    return any(within(host, one) for one in (*known()["shared"], *known()["shorteners"]))


PHONES = re.compile(r"(?<![\d+.,/-])(?:\+ ?84|0084|84|0)[ .-]?(?:\(0\)[ .-]?)?(?:[35789](?:[ .-]?\d){8}|2\d(?:[ .-]?\d){8})(?![\d]|[.,]\d{3})"
                    r"|(?<![\d+])1[89]00(?:[ .-]?\d){4,6}(?!\d)|\+(?!84)\d(?:[ .-]?\d){7,13}(?!\d)")


def phones(text: str) -> list[str]:
    """Normalised numbers, the citizen's own left out: 0…, 1800…, +<country>…."""
    found = []
    for match in PHONES.finditer(text):
        if is_own(text, match.start()):
            continue
        digits = re.sub(r"\D", "", match.group())
        if match.group().startswith("+") and not digits.startswith("84"):
            found.append(f"+{digits}")
        elif digits.startswith(("18", "19")) and len(digits) <= 10:
            found.append(digits)
        else:
            found.append("0" + re.sub(r"^(?:0084|84)?0?", "", digits))
    return list(dict.fromkeys(found))


def accounts(text: str) -> list[str]:
    """Account numbers in the answer to the question for one: 6 to 19 digits that are no phone, no citizen's number and no bank card."""
    left = PHONES.sub(" ", text)
    found = [re.sub(r"\D", "", one) for one in re.findall(r"(?<![\d,])\d(?:[ .-]?\d){5,18}(?![\d,])", left)]
    return list(dict.fromkeys(d for d in found if not (len(d) == 12 and d.startswith("0")) and not _card(d)))


def _card(digits: str) -> bool:
    if len(digits) not in (15, 16, 19):
        return False
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def find(text: str) -> list[Found]:
    """Indicators of a text. Real addresses of offices and banks are none; where anybody may put things up only the whole link is one."""
    return list(dict.fromkeys([*(Found("phone", number) for number in phones(text)), *_of_links(links(text))]))


def _of_links(given: list[Link]) -> Iterator[Found]:
    for link in given:
        if official(link.ascii):
            continue
        if not is_shared(link.ascii):
            yield Found("host", link.ascii[:300])
        if link.path:
            yield Found("link", link.short)
