"""Learned weights of search: features of a candidate to the chance that it is meant, and the decision."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

FEATURES = ("best", "synonyms", "piece", "words", "letters", "accented", "name", "centre", "support", "covers", "used",
            "unnamed", "lacking", "best_squared", "covers_best", "sense", "sense_centre",
            "sense_squared", "has_ways", "curated", "commune", "ministry", "local", "old",
            "name_length")
ABOUT = ("one", "length", "single", "unknown", "marked")
"""Features of the question, for the chance that nothing we know is meant."""
SHIPPED = Path(__file__).parent / "ranker.json"


@dataclass(frozen=True)
class Ranker:
    """A conditional logit: each candidate has a utility, "none" has one too, and chances are their softmax.

    answer_at: the best candidate's chance from which we answer. ask_at: the least chance that any candidate is meant
    for asking back at all.
    """

    weights: np.ndarray
    none: np.ndarray
    answer_at: float = 0.8
    ask_at: float = 0.5

    @staticmethod
    @lru_cache
    def shipped() -> "Ranker":
        kept = json.loads(SHIPPED.read_text(encoding="utf-8"))
        return Ranker(np.array([kept["weights"][f] for f in FEATURES], dtype=np.float32),
                      np.array([kept["none"][f] for f in ABOUT], dtype=np.float32), kept["answer_at"], kept["ask_at"])

    def chances(self, features: np.ndarray, about: np.ndarray) -> tuple[np.ndarray, float]:
        """features: (candidates, len(FEATURES)); about: (len(ABOUT),). -> (chances of the candidates, chance of none)."""
        utilities = np.append(features @ self.weights, about @ self.none)
        powers = np.exp(utilities - utilities.max())
        powers /= powers.sum()
        return powers[:-1], float(powers[-1])

    def decide(self, scores: list[float], none: float) -> Literal["answer", "clarify", "none"]:
        """Answer with the first, ask back among the first few, or none of them."""
        if scores and scores[0] >= self.answer_at:
            return "answer"
        return "clarify" if scores and none <= 1 - self.ask_at else "none"
