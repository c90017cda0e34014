"""How a message is fitted to a platform: cut at good places, choices as buttons or as numbered lines. Pure."""

import re
from dataclasses import dataclass
from typing import Any

from bot.channels.base import Limits

BREAKS = (  # paragraph; sentence or line, but not behind the number of a list item; word
    re.compile(r"\n\s*\n"), re.compile(r"(?<![0-9]\.)(?<=[.!?…])\s|\n"), re.compile(r"\s"))

TYPED = (  # how to answer, in the last line of a question, as it reads where there is nothing to press
    (re.compile(r"^Bấm chữ cái,? hoặc gõ"), "Gõ chữ cái, hoặc"), (re.compile(r"^Bấm chữ cái"), "Gõ chữ cái"),
    (re.compile(r"^Bấm lần lượt theo thứ tự, hoặc gõ ví dụ"), "Gõ lần lượt theo thứ tự, ví dụ"),
    (re.compile(r"rồi bấm Xong, hoặc gõ ví dụ"), "rồi gõ “Xong”, hoặc gõ một lần, ví dụ"),
    (re.compile(r"^Chọn một việc: bấm nút, hoặc gõ chữ cái"), "Chọn một việc: gõ chữ cái"))


def sound(text: str) -> str:
    """The text with lone surrogates replaced: neither a database nor a request can carry them."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def split(text: str, most_units: int = 4096) -> list[str]:
    """Parts of at most `most_units` UTF-16 units, cut at the best break of the second half, without outer white space."""
    parts, rest = [], sound(text).strip()
    while len(raw := rest.encode("utf-16-le")) > most_units * 2:
        fits = len(raw[:most_units * 2].decode("utf-16-le", "ignore"))  # ignore: half of a surrogate pair
        # one character more is looked at: white space just behind the last word that fits is a break as well
        ends = [[m.start() for m in found.finditer(rest, 0, fits + 1)] for found in BREAKS]
        good = [places[-1] for places in ends if places and places[-1] >= fits / 2]
        cut = good[0] if good else (ends[-1] or [fits])[-1]
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


@dataclass(frozen=True)
class Part:
    """One message of the platform. buttons: {title, payload}, only under the last one."""

    text: str
    buttons: tuple[dict[str, Any], ...] = ()


def fitted(body: dict[str, Any], limits: Limits) -> list[Part]:
    """The texts and buttons of a message {text, buttons, image, alt}; a picture goes before them, or its description does.

    Where there are more buttons than the platform takes, each becomes a line with its number (`n`, which the gateway
    has counted); titles of one letter are answers to a lettered question, and the letter is typed. Beside such letters a
    number would be taken for a place among them, so other buttons of the question (`n` None) are typed by their title.
    """
    buttons = list(body.get("buttons") or [])
    text = body.get("text") or ""
    if len(buttons) > limits.buttons:
        named = [(b.get("n", at), b["title"]) for at, b in enumerate(buttons, 1) if len(b["title"]) > 1]
        lines = [f"{number}. {title}" for number, title in named if number is not None]
        words = " hoặc ".join(f"“{title}”" for number, title in named if number is None)
        text = "\n".join([by_typing(text), *(["", "Gõ số để chọn:"] if lines else []), *lines, *(["", f"Gõ {words}."] if words else [])]).strip()
        buttons = []
    if body.get("alt") and not str(body.get("image")).startswith(("https://", "http://")):
        text = f"🖼 {body['alt']}\n\n{text}"
    parts = split(text, limits.characters)
    shown = tuple({**b, "title": shortened(b["title"], limits.title)} for b in buttons)
    return [Part(t, shown if at == len(parts) - 1 else ()) for at, t in enumerate(parts)]


def by_typing(text: str) -> str:
    """The text with its last line saying how to answer without buttons; the rest is content and is left alone."""
    before, line, last = text.rpartition("\n")
    for pressed, typed in TYPED:
        last = pressed.sub(typed, last, count=1)
    return f"{before}{line}{last}"


def shortened(title: str, most: int) -> str:
    """A button's title of at most so many characters, cut at a word."""
    if len(title) <= most:
        return title
    cut = title[:most - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2:] else cut).rstrip(" ,.;:“") + "…"
