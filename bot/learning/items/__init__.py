"""Question types: one module each, a frozen model derived from `Question` (see base.py). A new file here is a new type."""

import importlib
import pkgutil
from typing import get_args

from bot.learning.items.base import Question


def found() -> dict[str, type[Question]]:
    """Every question type by the name that files give it, from the modules of this folder."""
    types: dict[str, type[Question]] = {}
    for module in pkgutil.iter_modules(__path__):
        for value in vars(importlib.import_module(f"{__name__}.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, Question) and value.__module__ == f"{__name__}.{module.name}" \
                    and "type" in value.model_fields:
                (name,) = get_args(value.model_fields["type"].annotation)
                types[name] = value
    return dict(sorted(types.items()))


TYPES = found()
