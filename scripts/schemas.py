"""Writes docs/schemas/*.json from the models; a test fails when they are out of date."""

import json
from pathlib import Path

from bot.learning.drill import DrillFile
from bot.learning.model import Course
from bot.procedures.model import Procedure
from bot.procedures.ways import WaysFile

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "schemas"


def schemas() -> dict[str, str]:
    """File name -> content."""
    return {name: json.dumps(model.model_json_schema(), indent=1, ensure_ascii=False) + "\n"
            for name, model in (("course.json", Course), ("drill.json", DrillFile), ("procedure.json", Procedure), ("ways.json", WaysFile))}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in schemas().items():
        (FOLDER / name).write_text(content, encoding="utf-8")
