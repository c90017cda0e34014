"""Rows and objects for tests, with as few words as possible."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.messages import Incoming
from bot.services import people
from bot.store.tables import Conversation

ROOT = Path(__file__).resolve().parent.parent
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TUESDAY_TEN = datetime(2026, 11, 24, 10, 0, tzinfo=HANOI)
KEY = b"a key for tests"


def course_folder(folder: Path, *slugs: str) -> Path:
    """A folder with these shipped courses (default: the first one) and the pictures they show."""
    (folder / "pictures").mkdir(parents=True)
    for slug in slugs or ("gia-danh-cong-an",):
        shutil.copy(ROOT / "courses" / f"{slug}.yml", folder)
        for picture in (ROOT / "courses" / "pictures").glob(f"{slug}-*.png"):
            shutil.copy(picture, folder / "pictures")
    return folder


class FrozenClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = TUESDAY_TEN):
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **delta: float) -> datetime:
        self.at += timedelta(**delta)
        return self.at


def talk_of(session, address: str = "sender-one-0123456", channel: str = "web", now: datetime = TUESDAY_TEN,
            consent: tuple[str, ...] = ()) -> Conversation:
    """A conversation; with consent also a citizen."""
    talk = people.conversation(session, KEY, channel, address, now)
    if consent:
        people.give_consent(session, talk, address, list(consent), now)
    return talk


def incoming(platform_id: str = "1", text: str = "chào", address: str = "sender-one-0123456", channel: str = "web",
             button: str = "") -> Incoming:
    return Incoming(channel, platform_id, address, text, button)
