"""What Zalo posts to the webhook of an Official Account: its signature, and what an event means. Pure."""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from typing import Any

from bot.channels.photos import address_of_photo
from bot.channels.reading import storable, value_at
from bot.messages import Incoming
from bot.wording import say

CHANNEL = "zalo_oa"
BUTTON = re.compile(r"b[A-Za-z0-9_-]{12}")  # the ids that the outbox gives to buttons; a press arrives as text
TYPEABLE = re.compile(r"[a-z0-9]+")
WHOSE = {"follow": ("follower", "id"), "unfollow": ("follower", "id"), "user_click_chatnow": ("user_id",)}
"""Where events name the citizen that have no sender."""
DIGITS = re.compile(r"[0-9]{1,32}")
ECHOES = {"oa_send_text", "oa_send_image", "oa_send_gif", "oa_send_list", "oa_send_file", "oa_send_sticker", "oa_send_template"}
"""What the OA has sent, through the API or by a person in Zalo's own window."""
SEEN = "user_seen_message"
"""Like an echo it goes from the OA to the citizen."""
MOST_SEEN = 100
WITHOUT_TEXT = {"user_send_image", "user_send_gif", "user_send_sticker", "user_send_audio", "user_send_video", "user_send_file",
                "user_send_link", "user_send_business_card"}


def parsed(raw: bytes) -> dict[str, Any] | None:
    """The JSON object of a request, None for anything else."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def signed(raw: bytes, event: dict[str, Any], header: str, app_id: str, secret: str) -> bool:
    """Is `header` the signature of these very bytes? It hashes the time inside the body, which has to be parsed for that."""
    stamp = _digits(event.get("timestamp"))
    if not (app_id and secret and stamp) or _digits(event.get("app_id")) != app_id:
        return False
    expected = hashlib.sha256(app_id.encode() + raw + stamp.encode() + secret.encode()).hexdigest()
    given = header.strip().lower().removeprefix("mac=")  # one source leaves mac= out
    return hmac.compare_digest(given.encode(), expected.encode())


def incoming(event: dict[str, Any], secret: str, oa_id: str = "", pause_minutes: int = 0) -> Incoming | None:
    """What a citizen did or saw, or staff in Zalo's own window; None for echoes of ours and all that is not for us.

    secret keys the ids of events that have none. oa_id: ours, where several OAs post to one app. pause_minutes: how long
    the machine is silent after staff wrote.
    """
    name = event.get("event_name")
    if not isinstance(name, str):
        return None
    echo = name in ECHOES
    from_oa = echo or name == SEEN
    person = _digits(value_at(event, *WHOSE.get(name, ("recipient", "id") if from_oa else ("sender", "id"))))
    if not person or (oa_id and _oa_of(event, from_oa) not in (oa_id, None)):
        return None
    at = _instant(event.get("timestamp"))
    ident = _ident(event, name, person, secret)
    if echo:  # the API's own bear no admin_id
        wrote = pause_minutes and value_at(event, "sender", "admin_id")
        return Incoming(CHANNEL, ident, person, at=at, person_minutes=pause_minutes) if wrote else None
    if name == SEEN:
        read = _seen(event)
        return Incoming(CHANNEL, ident, person, at=at, read=read) if read else None
    text = value_at(event, "message", "text")
    text = storable(text).strip() if isinstance(text, str) else ""
    if name == "unfollow":
        return Incoming(CHANNEL, ident, person, at=at, left=True)
    if name in ("follow", "user_click_chatnow"):
        return Incoming(CHANNEL, ident, person, text="xin chào", at=at, opened=True)
    if name == "user_send_location":
        return Incoming(CHANNEL, ident, person, at=at, answer=say("no_location"), location=_place(event))
    if name == "user_send_text" and BUTTON.fullmatch(text):
        # what somebody may as well have typed stays, should it turn out to be no button
        return Incoming(CHANNEL, ident, person, text=text if TYPEABLE.fullmatch(text) else "", button=text, at=at)
    if text and (name == "user_send_text" or name in WITHOUT_TEXT):  # a caption or the address of a link is text like any other
        return Incoming(CHANNEL, ident, person, text=text, at=at, photo=_photo(event, name))
    return Incoming(CHANNEL, ident, person, at=at, answer=say("not_text"), photo=_photo(event, name)) if name in WITHOUT_TEXT else None


def _seen(event: dict[str, Any]) -> tuple[str, ...]:
    """The ids of the messages that were seen: a list by some sources, a single one by another."""
    several = value_at(event, "message", "msg_ids")
    given = [*(several if isinstance(several, list) else [several]), value_at(event, "message", "msg_id")]
    texts = [str(one) if type(one) is int and 0 <= one < 10**32 else one for one in given]
    return tuple(dict.fromkeys(t for t in texts if isinstance(t, str) and 0 < len(t) <= 100 and t.isprintable()))[:MOST_SEEN]


def _attached(event: dict[str, Any], kind: str) -> Any:
    """The payload of the first attachment of that type."""
    found = value_at(event, "message", "attachments")
    return next((value_at(one, "payload") for one in found if value_at(one, "type") == kind), None) if isinstance(found, list) else None


def _photo(event: dict[str, Any], name: str) -> str:
    return address_of_photo(value_at(_attached(event, "image"), "url")) if name == "user_send_image" else ""


def _place(event: dict[str, Any]) -> tuple[float, float] | None:
    """Coordinates come as texts or as numbers."""
    found = value_at(_attached(event, "location"), "coordinates")
    try:
        latitude, longitude = float(value_at(found, "latitude")), float(value_at(found, "longitude"))
    except (TypeError, ValueError):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _oa_of(event: dict[str, Any], from_oa: bool) -> str | None:
    """The OA that an event belongs to, None where it does not say."""
    return _digits(event.get("oa_id")) or _digits(value_at(event, "sender" if from_oa else "recipient", "id"))


def _ident(event: dict[str, Any], name: str, person: str, secret: str) -> str:
    """The platform's id of the event; where it has none, one made of what tells it from others, which names nobody."""
    given = value_at(event, "message", "msg_id")
    if isinstance(given, str) and 0 < len(given) <= 100 and given.isprintable():
        return storable(given)
    told_apart = "\0".join((name, person, _digits(event.get("timestamp")) or ""))
    return "e" + hashlib.blake2b(told_apart.encode(), key=hashlib.sha256(secret.encode()).digest(), digest_size=20).hexdigest()


def _instant(stamp: Any) -> datetime | None:
    """The time of an event, given in milliseconds since 1970."""
    digits = _digits(stamp)
    return datetime.fromtimestamp(int(digits) / 1000, UTC) if digits and len(digits) <= 13 else None


def _digits(value: Any) -> str | None:
    """An id or a time, which Zalo sends as a text of digits; a number is taken as well."""
    text = str(value) if type(value) is int and 0 <= value < 10**32 else value
    return text if isinstance(text, str) and DIGITS.fullmatch(text) else None
