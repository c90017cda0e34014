"""Sentences for citizens, from wording.yml."""

from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML

from bot.config import settings


@lru_cache
def sentences() -> dict[str, str]:
    """All sentences by key."""
    return YAML(typ="safe").load((Path(__file__).parent / "wording.yml").read_text(encoding="utf-8"))


def say(key: str, **values: object) -> str:
    """The sentence `key`, filled in. Raises KeyError for an unknown key or a missing value: a programming error."""
    return sentences()[key].format(**{"province": settings().province, **values})
