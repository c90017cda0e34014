"""What a course must keep to before it is published, beyond its shape: reading measures, feedback, sources, channels, facts.

`document.load` says whether a file is a course; this says whether it may go out. Pure; findings carry the path of the
place, so that `bot courses check` names the line and the studio can point at the field.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.language.normalise import fold
from bot.learning.asking import Screen
from bot.learning.items.base import Part
from bot.learning.model import Card, Course

SENTENCE_WORDS = {"citizens": 15, "staff": 25}
"""Most space-separated syllables of a sentence (curriculum/pedagogy.md, 5)."""
FEEDBACK_WORDS, LEAST_FEEDBACK_WORDS = 45, 4
MESSAGE_CHARACTERS = 1900
"""Zalo takes 2,000 characters, the shortest of our channels; Telegram 4,096."""

TELEPHONE = re.compile(r"(?<![\d/.])(?:1(?:11|12|13|14|15)|156|1022|5656|1[89]00[ .-]?\d{2,4}|(?:\+84[ .-]?|0)\d(?:[ .-]?\d){7,9})(?![\d/])"
                       r"(?! (?:đồng|triệu|nghìn))")
"""Numbers to call. They change, and a wrong one in a course against fraud is worse than none."""
CARD_NUMBER = re.compile(r"\b\d{12}\b|\b\d{3}(?: \d{3}){3}\b|\b(?:\d{4}[ -]?){3}\d{4}\b")
_SENTENCES = re.compile(r"(?<=[.!?…])[”\"’)]*\s+|\n+|(?<=:)\s+(?=[“\"A-ZĐÀ-Ỹ])")
_UNTOLD = ("id", "source", "sources", "slug", "type", "file", "sha", "url", "rows", "aliases", "to", "ends", "group", "match")


@dataclass(frozen=True)
class Claim:
    """Something no course may state. said: a pattern over folded text; why: the remedy."""

    said: re.Pattern[str]
    why: str


@dataclass(frozen=True)
class Finding:
    """loc: the path in the document. message: the remedy, for who writes YAML. kind, values: the same for `remedies.py`."""

    loc: tuple[str | int, ...]
    message: str
    kind: str = ""
    values: dict[str, Any] = field(default_factory=dict, compare=False)


Parts = Iterable[tuple[tuple[str | int, ...], Any]]
"""(path in the document, lesson, card or question)."""


def findings(course: Course, claims: tuple[Claim, ...], today: date) -> list[Finding]:
    """Everything that keeps the course from being published, in the document's order."""
    found = [*of_texts(course, course.group, claims), *of_feedback(course.parts()), *of_sources(course), *of_messages(course.parts())]
    if course.review_by < today:
        found.append(Finding(("review_by",), f"was due on {course.review_by:%d/%m/%Y}: open the sources again, mend what changed, "
                                             "then set checked_on and review_by", "review_due", {"on": course.review_by}))
    minutes = sum(lesson.minutes for lesson in course.lessons)
    if abs(minutes - course.minutes) > len(course.lessons):
        found.append(Finding(("minutes",), f"the lessons take {minutes} minutes together, not {course.minutes}",
                             "minutes", {"together": minutes, "said": course.minutes}))
    return found


def texts(part: Any, loc: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(path, text) of everything a learner is told, in a course or in the document of one."""
    if isinstance(part, str):
        yield loc, part
    elif isinstance(part, tuple | list):
        for at, one in enumerate(part):
            yield from texts(one, (*loc, at))
    elif isinstance(part, Part):
        for name in type(part).model_fields:
            if name not in _UNTOLD:
                yield from texts(getattr(part, name), (*loc, name))
    elif isinstance(part, dict):
        for name, one in part.items():
            if name not in _UNTOLD:
                yield from texts(one, (*loc, name))


def sentences(text: str) -> list[str]:
    return [s for s in _SENTENCES.split(text) if s.strip()]


def of_texts(course: Any, group: str, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """Long sentences, telephone numbers, numbers of persons, claims nobody has verified. course: or the document of one."""
    most = SENTENCE_WORDS[group]
    for loc, text in texts(course):
        for sentence in sentences(text) if loc[0] in ("lessons", "test") and loc[-1] != "alt" else ():
            words = len(sentence.split())
            if words > most:
                yield Finding(loc, f"a sentence of {words} words, {most} are the most: “{sentence[:60]}…”; make two of it",
                              "sentence", {"words": words, "most": most, "begins": sentence[:60]})
        if number := TELEPHONE.search(text):
            yield Finding(loc, f"holds a number to call ({number.group(0)}); name the office instead", "telephone", {"number": number.group(0)})
        if CARD_NUMBER.search(text):
            yield Finding(loc, "holds what looks like the number of a person or a card; take it out", "personal_number")
        plain = fold(text)
        for claim in claims:
            if claim.said.search(plain):
                yield Finding(loc, f"states what is not verified: {claim.why}", "unverified", {"why": claim.why})


def of_feedback(parts: Parts) -> Iterator[Finding]:
    """Each answer has a feedback of its own, neither a word nor a lecture."""
    for loc, part in parts:
        yield from of_told(loc, part.told() if hasattr(part, "told") else ())


def of_told(loc: tuple[str | int, ...], told: tuple[str, ...]) -> Iterator[Finding]:
    """The feedbacks of one question, or of one choice of a drill."""
    for text in told:
        words = len(text.split())
        if words < LEAST_FEEDBACK_WORDS:
            yield Finding(loc, f"“{text}” explains nothing; say why a sensible person might choose it, then what is so",
                          "explains_nothing", {"text": text})
        elif words > FEEDBACK_WORDS:
            yield Finding(loc, f"a feedback of {words} words, {FEEDBACK_WORDS} are the most: “{text[:50]}…”",
                          "long_feedback", {"words": words, "most": FEEDBACK_WORDS, "text": text})
    if len(set(told)) < len(told):
        yield Finding(loc, "two choices have the same feedback; each needs its own", "same_feedback")


def of_sources(course: Course) -> Iterator[Finding]:
    """A listed source is used; one of grade A or B says where it is in the fact sheets or on the net."""
    used = {s for _, part in course.parts() for s in getattr(part, "source", ())}
    for at, source in enumerate(course.sources):
        if source.id not in used and source.grade != "KD":  # advice of our own states no fact that would need one
            yield Finding(("sources", at, "id"), f"{source.id} is not named by any card or question; name it there or take it out",
                          "unused_source", {"title": source.title})
        if source.grade != "KD" and not (source.url or source.rows):
            yield Finding(("sources", at), f"{source.id} has neither `url` nor `rows`; nobody can look it up",
                          "source_nowhere", {"title": source.title})


def of_messages(parts: Parts) -> Iterator[Finding]:
    """Every message fits the channel with the shortest ones."""
    for loc, part in parts:
        if isinstance(part, Card):
            length = len(part.text)
        elif hasattr(part, "ask"):
            length = max(len(Screen(part, 1).say().text), 2 * max(len(t) for t in part.told()) + len(part.solution()))
        else:
            continue
        if length > MESSAGE_CHARACTERS:
            yield Finding(loc, f"{length} characters on the screen, {MESSAGE_CHARACTERS} are the most that every channel takes",
                          "too_long", {"length": length, "most": MESSAGE_CHARACTERS})
