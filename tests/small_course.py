"""Courses of two short lessons for tests that play them: written as files, published, answered right or wrong."""

from copy import deepcopy
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.learning import engine
from bot.services import learn
from tests.factories import TUESDAY_TEN

RIGHT, WRONG = "Gác máy rồi gọi lại số mình biết", "Làm theo cho nhanh"


def single(ident: str) -> dict[str, Any]:
    return {"type": "single", "id": ident, "prompt": f"Có người lạ gọi ({ident}). Bác làm gì?", "source": ["S1"], "options": [
        {"text": RIGHT, "correct": True, "feedback": "Đúng, số mình biết thì chắc chắn."},
        {"text": WRONG, "feedback": "Nhanh thật, nhưng kẻ lừa cũng mong như thế."},
        {"text": "Hỏi thêm cho rõ", "feedback": "Hỏi thì họ vẫn nói khéo, nên gác máy."}]}


def fill(ident: str) -> dict[str, Any]:
    return {"type": "fill", "id": ident, "prompt": f"Mã chỉ mình biết gọi là mã ___ ({ident}).", "accept": ["OTP"],
            "feedback_right": "Đúng, mã ấy không đưa cho ai.", "feedback_wrong": "Là mã OTP, gửi về máy của mình."}


def small(slug: str = "khoa-nho", **changes: Any) -> dict[str, Any]:
    """A course document: two lessons of a card and two questions (q1 single, q2 fill), an easier one each, a test of one."""
    lessons = [{"id": f"l{n}", "title": f"Bài số {n}", "goal": "Biết việc cần làm.", "minutes": 3, "steps": [
        {"card": {"id": f"l{n}c1", "text": "Người lạ gọi thì gác máy. Rồi gọi lại số mình biết.", "source": ["S1"]}},
        {"question": single(f"l{n}q1")}, {"question": fill(f"l{n}q2")}],
        "easier": single(f"l{n}e"), "remember": "Gác máy, gọi lại."} for n in (1, 2)]
    return deepcopy({
        "format": 2, "slug": slug, "title": f"Khóa {slug}", "group": "citizens", "audience": "Mọi người", "summary": "Một khóa nhỏ.",
        "aliases": [slug.replace("-", " ")], "minutes": 6, "pass_percent": 75, "checked_on": "2026-11-01", "review_by": "2027-06-30",
        "sources": [{"id": "S1", "title": "Nguồn thử", "grade": "B", "rows": ["scams K1"]}], "test": [single("t1")], "lessons": lessons,
        **changes})


def write(folder: Path, *documents: dict[str, Any]) -> Path:
    """The folder with these course files (default: the small one)."""
    folder.mkdir(parents=True, exist_ok=True)
    for document in documents or (small(),):
        with (folder / f"{document['slug']}.yml").open("w", encoding="utf-8") as out:
            YAML().dump(document, out)
    return folder


def publish(session, folder: Path, *documents: dict[str, Any], now: datetime = TUESDAY_TEN) -> None:
    learn.publish(session, write(folder, *documents), now)


def answer(session, enrolment, right: bool = True, now: datetime = TUESDAY_TEN):
    """Goes on to the next question of the course and answers it; returns what came of it, None when the course is done."""
    course = learn.course_of(session, enrolment.version_id)
    for _ in range(20):
        progress = engine.Progress.model_validate(enrolment.progress)
        if progress.phase == "done":
            return None
        item = engine.current(course, progress)
        if item is not None and hasattr(item, "type"):
            given = item.best() if right else ((), "chịu thua") if item.type == "fill" else ((1,), "")
            return learn.play(session, enrolment, partial(judged, item, item.grade(*given)), now)
        learn.play(session, enrolment, engine.go_on, now)
    raise AssertionError("no question comes")


def judged(item, verdict, course, progress):
    return engine.judge(course, progress, item, verdict)


def finish(session, enrolment, now: datetime = TUESDAY_TEN):
    """Answers everything right to the end."""
    while answer(session, enrolment, now=now) is not None:
        pass
    return enrolment
