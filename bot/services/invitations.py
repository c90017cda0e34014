"""Links and QR codes that open the bot at a course or for a commune: a deep link of Telegram, or the web chat's address.

What they say is read by the inbox (start_payload); a payload of Telegram holds 64 letters, digits, _ and -.
"""

import io
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlencode

import segno

from bot import places
from bot.config import Settings
from bot.errors import BotError

MOST_PAYLOAD = 64
QUIET_MODULES = 4
"""Blank edge that a scanner needs, in squares of the code."""


class NoLink(BotError):
    """There is no such link; seen on the command line."""


def start_of(courses: Path, course: str | None, commune: str | None, live: Collection[str] = ()) -> str:
    """The payload "c-<slug>" or "x-<code>". Raises NoLink for a course that is not there or a commune of another province.

    courses: the folder of the shipped ones; live: slugs of those that can be taken, the studio's among them.
    """
    if course is not None:
        if course not in live and ("/" in course or not (courses / f"{course}.yml").is_file()):
            raise NoLink(f"there is no course {course}, neither published nor in {courses}")
        start = f"c-{course}"
    else:
        if places.by_code(commune or "") is None:
            raise NoLink(f"{commune} is the code of no commune here; the page /admin, Xã, phường, lists them")
        start = f"x-{commune}"
    if len(start) > MOST_PAYLOAD:
        raise NoLink(f"{start} is longer than the {MOST_PAYLOAD} characters of a deep link")
    return start


def link(settings: Settings, start: str, channel: str) -> str:
    """The address. channel: telegram or web. Raises NoLink when the settings lack what it takes."""
    if channel == "telegram":
        name = settings.telegram_name.lstrip("@")
        if not name:
            raise NoLink("set TELEGRAM_NAME to the bot's user name first, or choose --channel web")
        return f"https://t.me/{name}?start={start}"
    kind, _, value = start.partition("-")
    return f"{settings.base_url}/?{urlencode({'khoa' if kind == 'c' else 'xa': value})}"


def png(address: str) -> bytes:
    """The QR code, ten pixels a square; a fifth of it may be dirty or covered and it can still be read."""
    out = io.BytesIO()
    segno.make(address, error="q", micro=False).save(out, kind="png", scale=10, border=QUIET_MODULES)
    return out.getvalue()


def drawn(address: str) -> str:
    """The QR code for a terminal, in half-height blocks."""
    out = io.StringIO()
    segno.make(address, error="m", micro=False).terminal(out, compact=True, border=QUIET_MODULES)
    return out.getvalue()
