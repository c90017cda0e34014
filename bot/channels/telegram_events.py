"""What Telegram sends about a citizen: typed, edited, tapped, opened a link, sent a photo, blocked us. Pure."""

import re
from datetime import UTC, datetime
from typing import Any

from telegram import Update

from bot.channels.reading import storable, value_at
from bot.messages import Incoming
from bot.wording import say

CHANNEL = "telegram"
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
"""The kinds that are asked for, polling and by webhook."""
FILE_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
DEEP_LINK = re.compile(r"[cx]-[A-Za-z0-9-]{1,60}")

COMMANDS = {  # what a command stands for, and its line in the menu (none: not shown there)
    "start": ("xin chào", "Bắt đầu, xem trợ lý giúp được gì"),
    "hoc": ("tôi muốn học", "Học kỹ năng số"),
    "ketqua": ("kết quả của tôi", "Xem kết quả học của tôi"),
    "nhac": ("lời nhắc của tôi", "Xem và đổi lời nhắc"),
    "dung": ("dừng học", "Dừng học"),
    "giup": ("giúp tôi", "Hướng dẫn"),
    "help": ("giúp tôi", None),
}
NOT_TEXT = {"photo", "sticker", "document", "voice", "contact", "location", "video", "video_note", "audio", "animation", "poll",
            "dice", "venue", "story", "game", "checklist", "paid_media"}


def incoming(update: dict[str, Any] | Update) -> Incoming | None:
    """What a citizen did in a private chat: typed, edited, tapped, opened a link, sent a photo, blocked us.

    None for every other update, malformed ones included.
    """
    data = update.to_dict() if isinstance(update, Update) else update
    ident, chat = update_id(data), _private_chat(data)
    if ident is None or chat is None:
        return None
    tapped, member = value_at(data, "callback_query", "data"), value_at(data, "my_chat_member")
    if isinstance(tapped, str) and tapped:
        return Incoming(CHANNEL, str(ident), chat, button=storable(tapped))
    if member is not None:
        kicked = value_at(member, "new_chat_member", "status") == "kicked"
        return Incoming(CHANNEL, str(ident), chat, left=True, at=_end_of_second(value_at(member, "date"))) if kicked else None
    message = value_at(data, "message") or value_at(data, "edited_message")
    photo = _photo_of(message) if "message" in data else ""
    typed, number = value_at(message, "caption" if photo else "text"), value_at(message, "message_id")
    if isinstance(typed, str) and typed.strip():
        typed = storable(typed).strip()
        at = _end_of_second(value_at(message, "edit_date") or value_at(message, "date"))
        link = typed.split()[1] if typed.startswith("/start ") and len(typed.split()) == 2 else ""
        if DEEP_LINK.fullmatch(link):
            return Incoming(CHANNEL, str(ident), chat, start=link, at=at)
        number = str(number) if type(number) is int else ""
        return Incoming(CHANNEL, str(ident), chat, text=_meant(typed), message=number, edited="message" not in data, photo=photo, at=at)
    if isinstance(message, dict) and NOT_TEXT & message.keys() and "message" in data:
        album = value_at(message, "media_group_id")
        return Incoming(CHANNEL, str(ident), chat, answer=say("not_text"), album=storable(album)[:40] if isinstance(album, str) else "", photo=photo,
                        location=_place(value_at(message, "location")), at=_end_of_second(value_at(message, "date")))
    return None


def _photo_of(message: Any) -> str:
    """The largest size of a photo, or a picture sent as a file, as `Incoming.photo` has it; "" without one."""
    sizes = value_at(message, "photo")
    best = sizes[-1] if isinstance(sizes, list) and sizes else None
    if best is None and str(value_at(message, "document", "mime_type")).startswith("image/"):
        best = value_at(message, "document")
    ident = value_at(best, "file_id")
    return f"file:{ident}" if isinstance(ident, str) and FILE_ID.fullmatch(ident) else ""


def _place(value: Any) -> tuple[float, float] | None:
    latitude, longitude = value_at(value, "latitude"), value_at(value, "longitude")
    good = all(type(v) in (int, float) for v in (latitude, longitude)) and abs(latitude) <= 90 and abs(longitude) <= 180
    return (float(latitude), float(longitude)) if good else None


def _end_of_second(seconds: Any) -> datetime | None:
    """Telegram's times are whole seconds, cut off; what was written in the same second was written before."""
    return datetime.fromtimestamp(seconds + 1, UTC) if type(seconds) is int and 0 <= seconds < 2**33 else None


def update_id(update: Any) -> int | None:
    """The id of an update; None when it has no proper one."""
    value = value_at(update, "update_id")
    return value if type(value) is int and 0 <= value < 2**63 else None


def query_of(update: Any) -> str | None:
    """The id of a callback query, which is answered whatever was tapped; None without one."""
    query = value_at(update, "callback_query", "id")
    return query if isinstance(query, str) and query else None


def _private_chat(update: Any) -> str | None:
    """The address of the private chat in which a person did something."""
    kinds = ("message", "edited_message", "my_chat_member")
    if any(value_at(update, kind, "from", "is_bot") for kind in kinds):
        return None
    chat = value_at(update, "callback_query", "message", "chat") or next((c for c in (value_at(update, kind, "chat") for kind in kinds) if c), None)
    ident = value_at(chat, "id")
    return str(ident) if value_at(chat, "type") == "private" and type(ident) is int and abs(ident) < 2**63 else None


def _meant(text: str) -> str:
    """The sentence a command stands for; other text as it is, without leading slashes."""
    if not text.startswith("/"):
        return text
    command = text[1:].partition("@")[0].split()
    return COMMANDS.get(command[0].lower() if command else "", ("",))[0] or text.lstrip("/").strip() or text
