"""Questions into a course file, in the place of one lesson: the file's comments and layout stay, and it is written whole or not at all."""

import io
import os
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.errors import ContentError, Problem
from bot.learning import document
from bot.learning.items.base import Question


def add(path: Path, lesson_id: str, questions: list[Question], today: date) -> list[str]:
    """Appends the questions to the lesson; returns their new ids. Raises ContentError, leaving the file as it was."""
    course = document.load(path)
    lesson = next((at for at, le in enumerate(course.lessons) if le.id == lesson_id), None)
    if lesson is None:
        raise ContentError([Problem(str(path), 1, "lessons", f"there is no lesson {lesson_id}; there are {', '.join(le.id for le in course.lessons)}")])
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    tree = yaml.load(path.read_text(encoding="utf-8"))
    taken = [int(m.group(1)) for _, part in course.parts() if (m := re.fullmatch(rf"{re.escape(lesson_id)}q(\d+)", part.id))]
    ids = []
    for number, question in enumerate(questions, max(taken, default=0) + 1):
        ids.append(f"{lesson_id}q{number}")
        tree["lessons"][lesson]["steps"].append({"question": plain(question, ids[-1])})
    out = io.StringIO()
    yaml.dump(tree, out)
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(out.getvalue(), encoding="utf-8")
        shutil.copymode(path, draft)
        check(draft, path, today)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return ids


def check(draft: Path, path: Path, today: date) -> None:
    """Is the draft a course that may go out? Its problems are told of the real file."""
    folder = draft.parent / f".check-{draft.stem}"
    folder.mkdir(exist_ok=True)
    copy = folder / path.name
    try:
        copy.write_bytes(draft.read_bytes())
        document.checked(copy, document.claims_of(path.parent), today)
    except ContentError as error:
        raise ContentError([Problem(str(path), p.line, p.field, p.remedy) for p in error.problems]) from error
    finally:
        copy.unlink(missing_ok=True)
        folder.rmdir()


def plain(question: Question, ident: str) -> dict[str, Any]:
    """The question as a file holds it: `correct: false` and other defaults are left out."""
    data = {**question.model_dump(mode="json", exclude_defaults=True), "id": ident}
    return {"type": data.pop("type"), "id": data.pop("id"), **data}
