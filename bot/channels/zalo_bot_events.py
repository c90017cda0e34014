"""What the Zalo Bot Platform tells of a citizen, polled or posted. Pure."""

from datetime import UTC, datetime
from typing import Any

from bot.channels.photos import address_of_photo
from bot.channels.reading import storable, value_at
from bot.messages import Incoming
from bot.wording import say

CHANNEL = "zalo_bot"
TEXT = "message.text.received"


def update_of(body: Any) -> dict[str, Any] | None:
    """The event in a webhook body or a polled result: the documented {"ok", "result"}, or the bare form seen in production."""
    inner = value_at(body, "result")
    found = inner if isinstance(value_at(inner, "event_name"), str) else body
    return found if isinstance(value_at(found, "event_name"), str) and isinstance(value_at(found, "message"), dict) else None


def incoming(update: Any, bot_id: str = "") -> Incoming | None:
    """What a citizen sent in a private chat; None for everything else, our own echoed messages included.

    The words under a picture are text like any other. What has no words (a sticker, a voice message, what the platform does
    not hand on) gets a sentence for an answer.
    """
    chat, ident = _private_chat(update, bot_id), _ident(value_at(update, "message", "message_id"), 120)
    event = value_at(update, "event_name")
    received = isinstance(event, str) and event.startswith("message.") and event.endswith(".received")
    if chat is None or ident is None or not received:
        return None
    at = _instant(value_at(update, "message", "date"))
    words = value_at(update, "message", "text" if event == TEXT else "caption")
    words = storable(words).strip() if isinstance(words, str) else ""
    photos = (address_of_photo(value_at(update, "message", key)) for key in ("photo", "photo_url"))  # which one it is, sources disagree on
    photo = next(filter(None, photos), "")
    if words:
        return Incoming(CHANNEL, ident, chat, text=words, at=at, photo=photo)
    return None if event == TEXT else Incoming(CHANNEL, ident, chat, at=at, answer=say("not_text"), photo=photo)


def _instant(milliseconds: Any) -> datetime | None:
    """The time of a message, given in milliseconds since 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if type(milliseconds) is int and 0 < milliseconds < 10**13 else None


def _private_chat(update: Any, bot_id: str) -> str | None:
    """Where to answer a person; groups are a beta, and what is said in one is not meant for us alone."""
    sender = value_at(update, "message", "from")
    if not isinstance(sender, dict) or sender.get("is_bot") is True or (bot_id and _ident(sender.get("id"), 80) == bot_id):
        return None
    chat = value_at(update, "message", "chat")
    return _ident(value_at(chat, "id"), 80) if value_at(chat, "chat_type") == "PRIVATE" else None


def _ident(value: Any, most: int) -> str | None:
    """An id as the database takes it: ids are texts of no fixed form."""
    return value if isinstance(value, str) and 0 < len(value) <= most and value.isprintable() and storable(value) == value else None
