"""What about a procedure is asked, and what is left of a question without it.

The intent says the aspect (ask_fee, ask_place …); this module strips the aspect's words, so that "thế lệ phí bao nhiêu"
leaves nothing and is a follow-up, while "lệ phí làm hộ chiếu" leaves "hộ chiếu".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.language.normalise import fold, marked, normalise

ASPECTS = {
    "ask_procedure": "overview", "ask_documents": "papers", "ask_fee": "fee", "ask_duration": "duration",
    "ask_place": "place", "ask_online": "online", "ask_steps": "steps", "ask_form": "form",
    "ask_legal_basis": "law", "ask_eligibility": "conditions", "ask_result": "result",
}
"""Intent -> aspect."""


def any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """Any of the phrases as whole words, the longest first."""
    ordered = sorted(set(phrases), key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, ordered)) + r")(?!\w)")


@dataclass(frozen=True)
class Patterns:
    """first: taken away before all else. keep: never taken apart. away: taken away. names: a subject on their own."""

    first: re.Pattern[str]
    keep: re.Pattern[str]
    away: re.Pattern[str]
    names: re.Pattern[str]


@lru_cache
def _lists() -> dict[str, Any]:
    return YAML(typ="safe").load((Path(__file__).parent / "aspect_words.yml").read_text(encoding="utf-8"))


@lru_cache
def _patterns(with_marks: bool) -> Patterns:
    """For accented or for unaccented text."""
    lists = _lists()
    away = [*(p for group in lists["phrases"].values() for p in group), *lists["words"]]
    names = list(lists["names"])
    if with_marks:
        away += lists["words_not_folded"]
        names += lists["names_not_folded"]
    spell = normalise if with_marks else lambda p: fold(normalise(p))
    first, keep = lists["phrases_first"], [*lists["keep"], *names]
    return Patterns(*(any_of(map(spell, group)) for group in (first, keep, away, names)))


@lru_cache
def _weak() -> re.Pattern[str]:
    return any_of(fold(w) for w in _lists()["weak"])


def _comparable(question: str) -> tuple[str, Patterns]:
    """The question's words, folded where it was typed so: an abbreviation written out brings marks of its own."""
    with_marks = marked(question)
    text = normalise(question) if with_marks else fold(normalise(question))
    patterns = _patterns(with_marks)
    text = re.sub(r"\s+", " ", re.sub(r"[^\w. ]+", " ", text)).strip()
    return patterns.first.sub(" ", text), patterns


def subject(question: str) -> str:
    """The question, folded, without words of aspect and politeness; "" when nothing else is in it."""
    kept: list[str] = []

    def hide(match: re.Match[str]) -> str:
        kept.append(match.group(0))
        return f" zq{len(kept) - 1}zq "

    text, patterns = _comparable(question)
    text = patterns.away.sub(" ", patterns.keep.sub(hide, text))
    text = re.sub(r"zq(\d+)zq", lambda m: kept[int(m.group(1))] if int(m.group(1)) < len(kept) else m.group(0), text)
    return re.sub(r"[^a-z0-9.]+", " ", fold(text)).strip()


def is_follow_up(question: str) -> bool:
    """True when the question names no subject of its own: nothing is left, or only words that name nothing alone."""
    text, patterns = _comparable(question)
    if patterns.names.search(text):
        return False
    left = _weak().sub(" ", subject(question))
    return not [w for w in left.split() if len(w) > 1 or w.isdigit()]
