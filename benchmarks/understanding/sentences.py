"""What is trained on and what is asked: reading, limiting, splitting, misspelling. Nothing of Rasa here."""

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bot.language.intent_model import SLIPS_SEED
from bot.language.normalise import fold, words
from bot.language.slips import slip

HELD_OUT = 0.2
LEAST = 5
"""Sentences that a limit leaves to every intent: four to train on, as our classifier wants, and one to ask."""
ASKED_SLIPS_SEED = SLIPS_SEED + 2026
VARIANTS = {"as_written": lambda text: text, "folded": fold, "slips": lambda text: slip(text, ASKED_SLIPS_SEED)}


class Sentence(NamedTuple):
    text: str
    intent: str

    @property
    def key(self) -> str:
        return " ".join(words(fold(self.text))) or self.text


class Unreadable(Exception):
    """For whoever runs the benchmark: file, line and what is wrong."""


def questions(path: Path) -> list[Sentence]:
    """The lines {"text": …, "intent": …} of a file. Raises Unreadable."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            text, intent = entry["text"], entry["intent"]
        except (ValueError, KeyError, TypeError):
            raise Unreadable(f'{path}:{number} is not a line like {{"text": "…", "intent": "…"}}') from None
        if not (isinstance(text, str) and text.strip() and isinstance(intent, str)):
            raise Unreadable(f"{path}:{number} needs a text and an intent that are strings")
        found.append(Sentence(text.strip(), intent))
    if not found:
        raise Unreadable(f"{path} holds no question")
    return found


def grouped(sentences: Sequence[Sentence], seed: int) -> dict[str, list[Sentence]]:
    """Intent -> its sentences, shuffled; the same for the same seed."""
    found: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        found[sentence.intent].append(sentence)
    dice = random.Random(seed)
    for intent in sorted(found):
        dice.shuffle(found[intent])
    return dict(sorted(found.items()))


def limited(sentences: Sequence[Sentence], most: int | None, seed: int) -> list[Sentence]:
    """About `most` of them, every intent in proportion but with LEAST where it has as many. None: all."""
    if most is None or most >= len(sentences):
        return list(sentences)
    share = most / len(sentences)
    return [s for found in grouped(sentences, seed).values() for s in found[:max(LEAST, round(share * len(found)))]]


def split(sentences: Sequence[Sentence], seed: int, held_out: float = HELD_OUT) -> tuple[list[Sentence], list[Sentence]]:
    """(to train on, to ask): of every intent that share is held out; an intent of one sentence is trained on only."""
    train, ask = [], []
    for found in grouped(sentences, seed).values():
        count = min(len(found) - 1, max(1, round(held_out * len(found)))) if len(found) > 1 else 0
        ask += found[:count]
        train += found[count:]
    return train, ask


def unseen(ask: Sequence[Sentence], train: Sequence[Sentence]) -> list[Sentence]:
    """Those to ask that are in nobody's training, diacritics and punctuation aside; each text once."""
    seen = {s.key for s in train}
    return [s for s in dict.fromkeys(ask) if s.key not in seen]
