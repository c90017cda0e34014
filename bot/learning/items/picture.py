"""A picture and a question about it: one right choice among two to five. Who cannot see it answers from its description."""

from typing import Literal

from bot.learning.items.base import Picture
from bot.learning.items.single import Single


class PictureQuestion(Single):
    type: Literal["picture"]  # type: ignore[assignment]
    picture: Picture
