"""What passes between channels, gateway and actions: a message in, replies out. Plain data."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Incoming:
    """One event of a channel. platform_id: the platform's id of the event, unique within the channel.

    address: the channel's id of the chat, needed to answer. Either text (as typed) or button (an id we issued).
    """

    channel: str
    platform_id: str
    address: str
    text: str = ""
    button: str = ""


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
