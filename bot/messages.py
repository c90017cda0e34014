"""What passes between channels, gateway and actions: a message in, replies out. Plain data."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Incoming:
    """One event of a channel. platform_id: the platform's id of the event, unique within the channel.

    address: the channel's id of the chat, needed to answer. Either text (as typed) or button (an id we issued).
    start: neither; the payload of a deep link, "c-<course slug>" or "x-<commune code>".
    album: what a picture, file or voice message was sent with; all of it together gets one answer.
    message: the platform's id of the message where it can be edited later; edited: this is its new wording.
    at: when it happened, aware, if the platform says; deliveries may come late and out of order.
    left: neither; the citizen has blocked or unfollowed us, and gets nothing of our own accord until they write again.
    answer: neither; what to say to something that there is nothing to understand in, such as a photo.
    opened: the chat was opened without a word; text is what we hear in that, and only of somebody who is new or comes back.
    photo: of what was sent beside the text or instead of it, where the platform has it: "file:<id>" or an address. location:
    (latitude, longitude) of a place that was shared. Both only matter while a report is being written; answer is said otherwise.
    person_minutes: neither; a person of ours has written to the citizen, and the machine keeps silent for so long.
    read: neither; the platform's ids of messages of ours that the citizen has seen.
    """

    channel: str
    platform_id: str
    address: str
    text: str = ""
    button: str = ""
    at: datetime | None = None
    left: bool = False
    answer: str = ""
    start: str = ""
    album: str = ""
    message: str = ""
    edited: bool = False
    opened: bool = False
    person_minutes: int = 0
    photo: str = ""
    location: tuple[float, float] | None = None
    read: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """One message to a citizen. buttons: (title, payload for Rasa). quick: the buttons are for this moment only."""

    text: str
    buttons: tuple[tuple[str, str], ...] = ()
    image: str | None = None
    quick: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {"text": self.text, "buttons": [{"title": t, "payload": p} for t, p in self.buttons], "image": self.image,
                "quick": self.quick, **self.extra}


def payload(intent: str, value: str) -> str:
    """A button's payload: the intent with its value, as Rasa reads it."""
    return f"/{intent}{json.dumps({'value': value}, ensure_ascii=False)}"
