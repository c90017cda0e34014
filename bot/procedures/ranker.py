"""Learned weights of search: features of the candidates to the chance that each is meant, and the decision."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

FEATURES = ("best", "synonyms", "piece", "words", "letters", "accented", "name", "name_used", "centre", "support", "covers",
            "used", "unnamed", "lacking", "best_squared", "covers_best", "sense", "sense_centre", "sense_squared",
            "sense_sense", "sense_support", "ways", "curated", "counter", "commune", "ministry", "local", "old", "name_length")
"""Of one candidate by itself."""
AMONG = ("sense_chance", "centre_chance", "best_behind", "covers_behind")
"""Of a candidate beside the others."""
ABOUT = ("one", "length", "single", "unknown", "strange", "marked")
"""Of the question, for the chance that nothing we know is meant."""
TOP = ("best", "sense_centre", "sense", "covers", "words")
"""The best of the candidates in these, for the same chance."""
SHARPNESS = 1 / 0.07
"""How the map of meaning was taught to part procedures (benchmarks/search/distil.py)."""
LEAST = 0.15
"""A procedure less likely than this is not worth asking back with as the first."""
SHIPPED = Path(__file__).parent / "ranker.json"
BACKGROUND = {"sense_centre": 0.5, "centre": 0.4}
"""Likeness that a question has to some procedure or other by chance, as if BACKGROUND_COUNT more candidates had it: else the
likeliest of a few candidates would look certain, whatever the question."""
BACKGROUND_COUNT = 3
_AT = {name: column for column, name in enumerate(FEATURES)}


@dataclass(frozen=True)
class Ranker:
    """A conditional logit: each candidate has a utility, "none" has one too, and chances are their softmax.

    answer_at: the best candidate's chance from which we answer. ask_at: the least chance that any candidate is meant for
    asking back at all.
    """

    weights: np.ndarray
    none: np.ndarray
    answer_at: float = 0.8
    ask_at: float = 0.5

    @staticmethod
    @lru_cache
    def shipped() -> "Ranker":
        kept = json.loads(SHIPPED.read_text(encoding="utf-8"))
        return Ranker(np.array([kept["weights"][f] for f in (*FEATURES, *AMONG)], dtype=np.float32),
                      np.array([kept["none"][f] for f in (*ABOUT, *(f"top_{t}" for t in TOP))], dtype=np.float32),
                      kept["answer_at"], kept["ask_at"])

    def chances(self, features: np.ndarray, about: np.ndarray) -> tuple[np.ndarray, float]:
        """features: (candidates, len(FEATURES)); about: (len(ABOUT),). -> (chances of the candidates, chance of none)."""
        table, question = beside(features, about)
        utilities = np.append(table @ self.weights, question @ self.none)
        powers = np.exp(utilities - utilities.max())
        powers /= powers.sum()
        return powers[:-1], float(powers[-1])

    def decide(self, scores: list[float], none: float) -> Literal["answer", "clarify", "none"]:
        """Answer with the first, ask back among the first few, or none of them."""
        if scores and scores[0] >= self.answer_at:
            return "answer"
        return "clarify" if scores and scores[0] >= LEAST and none <= 1 - self.ask_at else "none"


def beside(features: np.ndarray, about: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The features of the candidates with those AMONG them, and those of the question with the TOP ones."""
    best, covers = features[:, _AT["best"]], features[:, _AT["covers"]]
    among = np.column_stack([chance_by(features, "sense_centre"), chance_by(features, "centre"), best - best.max(), covers - covers.max()])
    top = [features[:, _AT[t]].max() for t in TOP]
    return np.hstack([features, among]).astype(np.float32), np.append(about, top).astype(np.float32)


def chance_by(features: np.ndarray, name: str) -> np.ndarray:
    """(candidates,) chances by one likeness alone, with the background."""
    powers = np.exp(SHARPNESS * (features[:, _AT[name]] - 1))
    return powers / (powers.sum() + BACKGROUND_COUNT * np.exp(SHARPNESS * (BACKGROUND[name] - 1)))
