"""A picture and a question about it: one right choice among two to five. Who cannot see it answers from its description."""

from typing import ClassVar, Literal

from bot.learning import form
from bot.learning.form import Blank, Form
from bot.learning.items.base import Picture
from bot.learning.items.single import Single


class PictureQuestion(Single):
    form: ClassVar[Form] = Form("Hỏi theo ảnh", "Cho xem một ảnh, ví dụ một màn hình, rồi hỏi về ảnh đó; một đáp án đúng.", (
        form.PICTURE, Blank("prompt", "Câu hỏi", "text"), form.options(begin=3)))
    type: Literal["picture"]  # type: ignore[assignment]
    picture: Picture
