"""Photos citizens sent on a platform: told by file id or address in an event, fetched later by the worker. No channel by itself.

The address comes out of a signed event, and is all the same fetched only from the platform's own API host or from a public https
host, without redirects, and never more bytes than allowed.
"""

import ipaddress
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.config import Settings
from bot.errors import BotError

SECONDS, MOST_SECONDS = 15.0, 60.0
"""Without a byte, and for the whole file: less than the lease of a photo (bot/services/tickets/photos.py)."""
FILE = "file:"
"""How a Telegram photo is told: its file id follows."""


class NotFetched(BotError):
    """The photo did not come. why: a class of failure, for the log; again: may it later?"""

    def __init__(self, why: str, again: bool):
        self.why, self.again = why, again
        super().__init__(why)


def address_of_photo(value: Any) -> str:
    """An address as `Incoming.photo` has it; "" for anything else."""
    if not isinstance(value, str) or len(value) > 2000 or not value.isprintable():
        return ""
    try:
        parts = urlsplit(value)
        return value if parts.scheme in ("https", "http") and parts.hostname and not parts.username else ""
    except ValueError:
        return ""


def fetch(settings: Settings, channel: str, ref: str, most_bytes: int) -> bytes:
    """The file behind a photo's `ref`. Blocking. Raises NotFetched."""
    if channel == "telegram" and ref.startswith(FILE):
        base, token = settings.telegram_api_url.rstrip("/"), settings.telegram_token.get_secret_value().strip()
        answer = _json(f"{base}/bot{token}/getFile", ref.removeprefix(FILE))
        path = answer.get("file_path")
        if not isinstance(path, str) or not path or ".." in path:
            raise NotFetched("no_path", again=False)
        return _bytes(f"{base}/file/bot{token}/{path}", most_bytes)
    bases = {"zalo_oa": settings.zalo_oa_api_url, "zalo_bot": settings.zalo_bot_api_url}
    if channel not in bases or not address_of_photo(ref):
        raise NotFetched("no_address", again=False)
    if _origin(ref) != _origin(bases[channel]) and not _public(ref):
        raise NotFetched("private_address", again=False)
    return _bytes(ref, most_bytes)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _public(url: str) -> bool:
    """https on its own port, and every address of the host lies outside private networks."""
    parts = urlsplit(url)
    try:
        if parts.scheme != "https" or parts.port not in (None, 443):
            return False
        found = {info[4][0] for info in socket.getaddrinfo(parts.hostname, 443, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError, ValueError):
        return False
    return bool(found) and all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in found)


def _json(url: str, file_id: str) -> dict[str, Any]:
    """Telegram's answer to getFile. The URL holds the token, so no error of httpx goes further than this."""
    try:
        answer = httpx.post(url, data={"file_id": file_id}, timeout=SECONDS, follow_redirects=False)
        body = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise NotFetched(type(error).__name__, again=True) from None
    if not isinstance(body, dict) or body.get("ok") is not True or not isinstance(body.get("result"), dict):
        raise NotFetched(f"HTTP {answer.status_code}", again=answer.status_code == 429 or answer.status_code >= 500)
    return body["result"]


def _bytes(url: str, most_bytes: int) -> bytes:
    found, until = bytearray(), time.monotonic() + MOST_SECONDS
    try:
        with httpx.stream("GET", url, timeout=SECONDS, follow_redirects=False) as answer:
            if answer.status_code != 200:
                raise NotFetched(f"HTTP {answer.status_code}", again=answer.status_code == 429 or answer.status_code >= 500)
            for chunk in answer.iter_bytes():
                found += chunk
                if len(found) > most_bytes:
                    raise NotFetched("too_large", again=False)
                if time.monotonic() > until:
                    raise NotFetched("too_slow", again=True)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotFetched(type(error).__name__, again=True) from None
    return bytes(found)
