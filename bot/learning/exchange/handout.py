"""A course on paper: cards and questions to read and tick, answers and sources at the end. PDF."""

import io
from random import Random

from bot.learning import paper
from bot.learning.asking import Screen
from bot.learning.items.base import Question, lettered
from bot.learning.items.scenario import Scenario
from bot.learning.model import CardStep, Course

PICTURE_WIDTH = 110
"""Millimetres."""
ORDER = 1
"""Seed of the choices' order: the same on every print."""


def printed(item: Question) -> str:
    """The question as it stands on paper; of a scenario every scene, for nobody can tap on from the first."""
    if not isinstance(item, Scenario):
        return item.ask(Screen(item, ORDER).order).text
    number = {scene.id: at for at, scene in enumerate(item.scenes, 1)}
    told = []
    for scene in item.scenes:
        choices = [c.text + (f" (đọc tiếp cảnh {number[c.to]})" if c.to else "") for c in scene.choices]
        Random(f"{ORDER}:{item.id}{scene.id}").shuffle(choices)
        told.append(f"Cảnh {number[scene.id]}. {scene.text}\n\n{lettered(choices)}")
    return "\n\n".join(told)


def write(course: Course, pictures: dict[str, bytes]) -> bytes:
    """The hand-out. pictures: PNG by file name; one that is missing is described instead."""
    pdf = paper.page()
    pdf.set_title(course.title)
    pdf.set_lang("vi")
    pdf.set_margins(18, 18, 18)
    pdf.set_auto_page_break(True, 18)
    pdf.add_page()
    paper.line(pdf, course.title, 22, bold=True, colour=paper.ACCENT, align="L")
    paper.line(pdf, course.summary, 12, colour=paper.SOFT, align="L")
    paper.line(pdf, f"{len(course.lessons)} bài · khoảng {course.minutes} phút · nội dung đối chiếu ngày {course.checked_on:%d/%m/%Y}", 11,
               colour=paper.SOFT, align="L")
    answers: list[str] = []
    number = 0
    for at, lesson in enumerate(course.lessons, 1):
        pdf.ln(5)
        paper.line(pdf, f"Bài {at}. {lesson.title}", 16, bold=True, colour=paper.ACCENT, align="L")
        paper.line(pdf, lesson.goal, 11, colour=paper.SOFT, align="L")
        for step in lesson.steps:
            pdf.ln(2)
            if isinstance(step, CardStep):
                paper.line(pdf, step.card.text, 12, align="L")
                part = step.card
            else:
                number += 1
                part = step.question
                paper.line(pdf, f"Câu {number}. {printed(part)}", 12, align="L")
                answers.append(f"Câu {number}: {part.solution()}")
            picture = getattr(part, "picture", None)
            if picture is not None and picture.file in pictures:
                pdf.image(io.BytesIO(pictures[picture.file]), w=PICTURE_WIDTH, alt_text=picture.alt)
            elif picture is not None:
                paper.line(pdf, f"[Hình: {picture.alt}]", 11, colour=paper.SOFT, align="L")
        pdf.ln(1)
        paper.line(pdf, f"Điều cần nhớ: {lesson.remember}", 12, bold=True, align="L")
    pdf.add_page()
    paper.line(pdf, "Đáp án", 16, bold=True, colour=paper.ACCENT, align="L")
    for answer in answers:
        paper.line(pdf, answer, 11, align="L")
    pdf.ln(4)
    paper.line(pdf, "Nguồn", 16, bold=True, colour=paper.ACCENT, align="L")
    for source in course.sources:
        if source.grade != "KD":
            paper.line(pdf, f"• {source.title}", 10, colour=paper.SOFT, align="L")
    return bytes(pdf.output())
