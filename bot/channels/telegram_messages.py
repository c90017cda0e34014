"""What is put to Telegram for one message of ours. Pure; the staff's preview shows the same."""

import html
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.rendering import split

MOST_UNITS = 4096  # of UTF-16, in which Telegram measures entities; a text never has more code points


def keyboard(buttons: list[dict[str, str]]) -> InlineKeyboardMarkup | None:
    """Four buttons a row, or one when a title is too long for that."""
    if not buttons:
        return None
    per_row = 1 if any(len(b["title"]) > 12 for b in buttons) else 4
    keys = [InlineKeyboardButton(b["title"], callback_data=b["payload"]) for b in buttons]
    return InlineKeyboardMarkup([keys[i:i + per_row] for i in range(0, len(keys), per_row)])


def description(body: dict[str, Any]) -> dict[str, Any] | None:
    """What goes in the place of a picture that cannot be shown."""
    return {"text": html.escape(f"🖼 {body['alt']}", quote=False)} if body.get("alt") else None


def messages_of(body: dict[str, Any], photo: str | bytes | None) -> list[dict[str, Any]]:
    """What is put to Telegram for one message: the picture (or its description), the text in parts, the buttons under the last."""
    messages: list[dict[str, Any]] = [{"text": html.escape(part, quote=False)} for part in split(body.get("text") or "")]
    described = description(body)
    if photo is not None:
        messages.insert(0, {"photo": photo})
    elif described:
        messages.insert(0, described)
    if messages:
        messages[-1]["reply_markup"] = keyboard(body.get("buttons") or [])
    return messages
