"""Fill in a word or a number; diacritics, case and spacing do not matter."""

import re
from typing import ClassVar, Literal

from pydantic import Field

from bot.language.choices import core, squeeze
from bot.language.numerals import in_digits, numbers
from bot.learning.form import WHY, Blank, Form, told
from bot.learning.items.base import Part, Question, Shown, Verdict, expectation

KEPT_CHARACTERS = 30
OTHER = "khac"
"""What is stored of an answer that is longer, or that holds a long number: it may be talk, or a secret."""
DENIED = re.compile(r"\b(?:khong|ko|chang|chua)\b")


def within(part: str, whole: str) -> bool:
    """Does the squeezed text hold the other as whole words?"""
    return bool(part) and f" {part} " in f" {whole} "


def alone(part: str, whole: str) -> bool:
    """Is the number in the part the only one of the whole? "mười ba" holds "ba" and is another number."""
    return not (said := numbers(in_digits(part))) or said == numbers(in_digits(whole))


class Near(Part):
    """Wrong answers to expect, and what to tell who gave one."""

    match: tuple[str, ...] = Field(min_length=1)
    feedback: str = Field(min_length=5)


class Fill(Question):
    form: ClassVar[Form] = Form("Điền từ hoặc số", "Người học tự gõ một từ hay một con số. Không kể dấu, chữ hoa, chữ thường.", (
        Blank("prompt", "Câu hỏi, chỗ cần điền viết ___", "text"),
        Blank("accept", "Các đáp án đúng", "lines", hint="Mỗi cách một dòng, cách hay nhất ở dòng đầu."),
        told("feedback_right", "Lời khen khi điền đúng"),
        told("feedback_wrong", "Lời giải thích khi điền sai", "Nói đáp án và lý do."),
        Blank("near", "Đáp án sai hay gặp (không bắt buộc)", "list", WHY, one="Đáp án sai hay gặp", blanks=(
            Blank("match", "Người học gõ gì", "lines", hint="Mỗi cách một dòng."),
            told("feedback", "Lời giải thích cho người gõ như vậy")))))
    type: Literal["fill"]
    prompt: str
    accept: tuple[str, ...] = Field(min_length=1)
    near: tuple[Near, ...] = ()
    feedback_right: str = Field(min_length=5)
    feedback_wrong: str = Field(min_length=5)

    def count(self, picked: tuple[int, ...] = ()) -> int:
        return 0

    def ask(self, order: tuple[int, ...] = (), picked: tuple[int, ...] = ()) -> Shown:
        return Shown(self.prompt, (), "Gõ câu trả lời ngắn, không dấu cũng được.")

    def expect(self, order: tuple[int, ...] = (), picked: tuple[int, ...] = ()) -> dict:
        return expectation("fill", [], accept=[*self.accept, *(m for n in self.near for m in n.match)])

    def grade(self, picks: tuple[int, ...] = (), text: str = "") -> Verdict:
        """Right when it is an accepted answer, or a few words around one; an expected wrong answer stays wrong.

        Politeness around an answer is none of it ("dạ 2 ạ"), and what is denied is not given ("không phải gov").
        """
        given = squeeze(text)
        accepted = {squeeze(a) for a in self.accept}
        nears = [(squeeze(m), near.feedback) for near in self.near for m in near.match]
        key = given if len(given) <= KEPT_CHARACTERS and not re.search(r"\d{5}", given) else OTHER
        same = {in_digits(a) for a in accepted}
        for said in dict.fromkeys((in_digits(given), in_digits(core(given, accepted | {m for m, _ in nears})))):
            if said in same:
                return Verdict(True, self.feedback_right, key)
            for near, feedback in nears:
                near = in_digits(near)
                if said == near or (within(near, said) and any(within(a, near) for a in same)):
                    return Verdict(False, feedback, key)
        few = len(given.split()) <= 5 and not DENIED.search(given)
        if few and any(len(a) > 1 and within(a, given) and alone(a, given) for a in accepted):
            return Verdict(True, self.feedback_right, key)
        return Verdict(False, self.feedback_wrong, key)

    def solution(self) -> str:
        return self.accept[0]

    def best(self) -> tuple[tuple[int, ...], str]:
        return (), self.accept[0]

    def told(self) -> tuple[str, ...]:
        return self.feedback_right, self.feedback_wrong, *(n.feedback for n in self.near)
