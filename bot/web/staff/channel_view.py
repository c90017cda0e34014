"""A message as each channel shows it, for the studio's preview. What is cut, split or listed is decided by the code that sends."""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot import terminal
from bot.channels import telegram_messages, zalo_bot_sending, zalo_oa
from bot.web import chat

Rows = tuple[tuple[tuple[str, str], ...], ...]
"""Rows of buttons: (title, payload)."""


@dataclass(frozen=True)
class View:
    """One message of the platform. picture: its address on our server; alt: for who cannot see it."""

    text: str = ""
    picture: str = ""
    alt: str = ""
    rows: Rows = ()


@dataclass(frozen=True)
class Shown:
    """What becomes of one message of ours. notices: what was cut, split or changed for the channel, in words for the author."""

    views: tuple[View, ...]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Channel:
    """name, and what always holds there; see: how it shows messages. characters: the longest text it takes, 0 for any."""

    name: str
    rule: str
    see: Callable[[dict[str, Any]], tuple[View, ...]]
    characters: int = 0
    buttons: int | None = None


def column(buttons: Sequence[dict[str, Any]]) -> Rows:
    """One button a row."""
    return tuple(((b["title"], b["payload"]),) for b in buttons)


def on_telegram(body: dict[str, Any]) -> tuple[View, ...]:
    views = []
    for message in telegram_messages.messages_of(body, body.get("image")):
        keys = message.get("reply_markup")
        rows = tuple(tuple((key.text, str(key.callback_data)) for key in row) for row in keys.inline_keyboard) if keys else ()
        photo = message.get("photo", "")
        views.append(View(html.unescape(message.get("text", "")), photo, body.get("alt") or "" if photo else "", rows))
    return tuple(views)


def on_zalo_oa(body: dict[str, Any]) -> tuple[View, ...]:
    shown = body.get("image") or ""
    picture = (View(zalo_oa.caption_of(body), shown, body.get("alt") or ""),) if shown else ()
    return (*picture, *(View(part.text, rows=column(part.buttons)) for part in zalo_oa.parts_of(body, bool(shown))))


def on_zalo_bot(body: dict[str, Any]) -> tuple[View, ...]:
    return tuple(View(fields.get("caption" if method == "sendPhoto" else "text", ""), fields.get("photo", ""),
                      body.get("alt") or "" if method == "sendPhoto" else "")
                 for method, fields in zalo_bot_sending.calls_of(body, ""))


def on_web(body: dict[str, Any]) -> tuple[View, ...]:
    content = chat.content(body)
    return (View(content["text"], content["image"] or "", content["alt"] or "" if content["image"] else "", column(content["buttons"])),)


def as_text(body: dict[str, Any]) -> tuple[View, ...]:
    return (View("\n".join(terminal.lines_of([body])[0]).strip("\n")),)


TEXT = "chu"
CHANNELS = {
    "telegram": Channel("Telegram", "Nút bấm nằm ngay dưới tin, bốn nút một hàng khi tên nút ngắn.", on_telegram, telegram_messages.MOST_UNITS),
    "zalo_oa": Channel("Zalo OA", f"Nhiều nhất {zalo_oa.LIMITS.buttons} nút và {zalo_oa.LIMITS.characters:,} ký tự một tin.".replace(",", "."),
                       on_zalo_oa, zalo_oa.LIMITS.characters, zalo_oa.LIMITS.buttons),
    "zalo_bot": Channel("Zalo Bot", "Zalo Bot không có nút: người học gõ chữ hoặc số.", on_zalo_bot, zalo_bot_sending.LIMITS.characters, 0),
    "web": Channel("Trang web", "Nút của câu hỏi biến mất sau khi trả lời.", on_web),
    TEXT: Channel("Chỉ có chữ", "Không có nút và hình: người học gõ số trong ngoặc.", as_text),
}
"""The channels a lesson can be looked at on, by the names that conversations have."""


def shown(channel: str, bodies: Sequence[dict[str, Any]], stored: Callable[[str], bool]) -> list[Shown]:
    """The messages of one turn. stored: is there a picture at this address of ours? A draft may name one that is not there yet."""
    return [_shown(CHANNELS[channel], body, stored) for body in bodies] if channel != TEXT else _printed(bodies)


def _shown(channel: Channel, body: dict[str, Any], stored: Callable[[str], bool]) -> Shown:
    notices = []
    if body.get("image") and not stored(body["image"]):
        body = {**body, "image": None}
        notices.append("Hình này chưa được tải lên, nên chỉ có lời mô tả.")
    views = channel.see(body)
    if body.get("image") and not any(view.picture for view in views):
        notices.append(f"{channel.name} chưa hiện được hình này; người học đọc lời mô tả.")
    if (more := len(views) - len(channel.see({**body, "text": "ngắn"}))) > 0:
        most = f"{channel.characters:,}".replace(",", ".")
        notices.append(f"{channel.name} tách chữ của tin này thành {more + 1} tin vì dài quá {most} ký tự.")
    titles = [b["title"] for b in body.get("buttons") or []]
    if channel.buttons and len(titles) > channel.buttons:
        notices.append(f"{channel.name} chỉ hiện {channel.buttons} nút; tin này có {len(titles)} lựa chọn nên người học gõ chữ hoặc số.")
    pressed = [title for view in views for row in view.rows for title, _ in row]
    notices += [f"Tên nút “{whole}” bị cắt còn “{cut}”." for whole, cut in zip(titles, pressed, strict=False) if whole != cut]
    return Shown(tuple(View(v.text, local(v.picture), v.alt, v.rows) for v in views), tuple(notices))


def _printed(bodies: Sequence[dict[str, Any]]) -> list[Shown]:
    """The terminal counts its buttons over all messages of a turn."""
    made, before = [], 0
    for at in range(len(bodies)):
        lines, _ = terminal.lines_of(list(bodies[:at + 1]))
        made.append(Shown((View("\n".join(lines[before:]).strip("\n")),)))
        before = len(lines)
    return made


def local(image: str) -> str:
    """The address of a picture of ours on the server that shows the preview."""
    return f"/pictures/{image.rpartition('/')[2]}" if image else ""
