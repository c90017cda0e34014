"""What a drill must keep to before it may go out, beyond its shape: the rules of courses (check.py), and those of drills. Pure."""

import re
from collections.abc import Iterator
from datetime import date

from bot.language.normalise import fold
from bot.learning.check import (
    CARD_NUMBER,
    MESSAGE_CHARACTERS,
    SENTENCE_WORDS,
    TELEPHONE,
    Claim,
    Finding,
    of_told,
    sentences,
    texts,
)
from bot.learning.drill import AnyDrill, Drill, Exercise, ScamDrill, debrief, fake, inject, reaction, reveal

DOMAIN = re.compile(r"(?i)\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b")
NOBODYS = (".example", ".test", ".invalid")
"""Endings that nobody can register (RFC 2606): a link in a fake message must lead nowhere, today and later."""


def findings(drill: AnyDrill, claims: tuple[Claim, ...], today: date) -> list[Finding]:
    """Everything that keeps the drill from going out, in the document's order."""
    found = [*of_texts(drill, claims), *of_feedback(drill), *of_sources(drill), *of_messages(drill)]
    if isinstance(drill, ScamDrill):
        found += of_links(drill)
    if drill.review_by < today:
        found.append(Finding(("review_by",), f"was due on {drill.review_by:%d/%m/%Y}: open the sources again, mend what changed, "
                                             "then set checked_on and review_by"))
    return found


def of_texts(drill: Drill, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """Long sentences, telephone numbers, numbers of persons, claims nobody has verified."""
    most = SENTENCE_WORDS["citizens" if isinstance(drill, ScamDrill) else "staff"]
    for loc, text in texts(drill):
        for sentence in sentences(text):
            words = len(sentence.split())
            if words > most:
                yield Finding(loc, f"a sentence of {words} words, {most} are the most: “{sentence[:60]}…”; make two of it")
        if number := TELEPHONE.search(text):
            yield Finding(loc, f"holds a number to call ({number.group(0)}); name the office instead")
        if CARD_NUMBER.search(text):
            yield Finding(loc, "holds what looks like the number of a person or a card; take it out")
        plain = fold(text)
        for claim in claims:
            if claim.said.search(plain):
                yield Finding(loc, f"states what is not verified: {claim.why}")


def told(drill: AnyDrill) -> Iterator[tuple[tuple[str | int, ...], tuple[str, ...]]]:
    """(path, feedbacks) of the message or of each inject."""
    if isinstance(drill, ScamDrill):
        yield ("options",), tuple(o.feedback for o in drill.options)
    else:
        for at, one in enumerate(drill.injects):
            yield ("injects", at, "choices"), tuple(c.comment for c in one.choices)


def shown(drill: AnyDrill) -> Iterator[tuple[tuple[str | int, ...], tuple[str, ...]]]:
    """(path, texts of the choices) of the message or of each inject."""
    if isinstance(drill, ScamDrill):
        yield ("options",), tuple(o.text for o in drill.options)
    else:
        for at, one in enumerate(drill.injects):
            yield ("injects", at, "choices"), tuple(c.text for c in one.choices)


def of_feedback(drill: AnyDrill) -> Iterator[Finding]:
    """Each choice is told something of its own, neither a word nor a lecture."""
    for loc, feedbacks in told(drill):
        yield from of_told(loc, feedbacks)
    for loc, names in shown(drill):
        if len({fold(n) for n in names}) < len(names):
            yield Finding(loc, "two choices have the same words; nobody can tell them apart")


def sourced(drill: AnyDrill) -> Iterator[tuple[tuple[str | int, ...], tuple[str, ...]]]:
    """(path, ids of sources) of everything that may name some."""
    if isinstance(drill, ScamDrill):
        for at, sign in enumerate(drill.signs):
            yield ("signs", at, "source"), sign.source
        yield ("earnest", "source"), drill.earnest.source
    else:
        for at, step in enumerate(drill.procedure):
            yield ("procedure", at, "source"), step.source


def of_sources(drill: AnyDrill) -> Iterator[Finding]:
    """Every named source is listed once, every listed one is named; one of grade A or B can be looked up."""
    listed = [s.id for s in drill.sources]
    used: set[str] = set()
    for loc, ids in sourced(drill):
        used |= set(ids)
        for at, ident in enumerate(ids):
            if ident not in listed:
                yield Finding((*loc, at), f"names the source {ident}, which `sources` does not list")
    for at, source in enumerate(drill.sources):
        if source.id in listed[:at]:
            yield Finding(("sources", at, "id"), f"the source {source.id} is listed twice")
        if source.id not in used:
            yield Finding(("sources", at, "id"), f"{source.id} is not named anywhere; name it where its fact stands or take it out")
        if source.grade != "KD" and not (source.url or source.rows):
            yield Finding(("sources", at), f"{source.id} has neither `url` nor `rows`; nobody can look it up")


def of_messages(drill: AnyDrill) -> Iterator[Finding]:
    """Every message fits the channel with the shortest ones, whatever was chosen."""
    if isinstance(drill, ScamDrill):
        spoken = [fake(drill, 1), reveal(drill), *(reaction(drill, at) for at in (*range(len(drill.options)), None))]
        lengths = [((), max(len(s.text) for s in spoken))]
    else:
        lengths = [(("injects", at), len(inject(drill, Exercise(seed=1, step=at, choices=(None,) * (at + 1))).text))
                   for at in range(len(drill.injects))]
        lengths += [((), max(len(s.text) for s in debrief(drill, Exercise(seed=1, choices=(index,) * len(drill.injects)))))
                    for index in (None, 0, 1, 2)]
    for loc, length in lengths:
        if length > MESSAGE_CHARACTERS:
            yield Finding(loc, f"{length} characters on the screen, {MESSAGE_CHARACTERS} are the most that every channel takes")


def of_links(drill: ScamDrill) -> Iterator[Finding]:
    """A fake link leads nowhere, whoever types it in."""
    for field in ("sender", "message"):
        for found in DOMAIN.finditer(getattr(drill, field)):
            if not found.group(0).lower().endswith(NOBODYS):
                yield Finding((field,), f"holds the address {found.group(0)}, which somebody may own; end it in .example")
