"""Words that end the following of a submitted file. Runs in both environments."""

import re

from bot.language.entities import DOSSIER_CODE
from bot.language.normalise import fold

_WATCH = r"(?:theo doi|bao(?! (?:gio|lau|nhieu|hiem|cao|tro)\b))\b"
_NOT = r"(?:khong|ko|k|khoi|chang)"
_ENDS = re.compile(
    rf"\b(?:ngung|thoi|dung|bo|huy|tat)(?: (?:{_NOT}|can|muon|phai|viec))* {_WATCH}"
    rf"|\b{_NOT}(?: (?:can|muon|phai|thich|con))+ {_WATCH}|\b{_NOT} {_WATCH}[^.?!]*\bnua\b")
_FILE = re.compile(r"\b(?:ho so|hs)\b")


def ends_following(text: str) -> bool:
    """Is somebody tired of being told? A bare "không báo" is none: it may be a complaint that nobody told them."""
    return _ENDS.search(fold(text)) is not None


def ends_following_of_a_file(text: str) -> bool:
    """The same, and it is a file that they mean."""
    return ends_following(text) and (_FILE.search(fold(text)) is not None or re.search(DOSSIER_CODE, text, re.IGNORECASE) is not None)
