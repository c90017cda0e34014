"""Meaning as a short dense vector, cheap enough to use on every message and whole without diacritics.

A linear map from word, pair and letter-run features, first taught to imitate a sentence-embedding model
(multilingual-e5-small), then to bring a question near the other ways people ask for the same procedure; both by
benchmarks/search/distil.py, kept in sense.npz. The model itself takes 15 to 50 ms a sentence and fails on unaccented text;
the map takes a tenth of a millisecond and was taught every spelling. See docs/adr/0008.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.procedures.space import pairs_of, runs_of, unpacked_words, weighed

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SHIPPED = Path(__file__).parent / "sense.npz"
RUNS = (3, 4)
FEW = 12


@dataclass(frozen=True)
class Sense:
    """weights: (features, dimensions). The three vocabularies are of folded words and pairs, accented ones, letter runs."""

    folded: dict[str, int]
    accented: dict[str, int]
    runs: dict[str, int]
    rareness: np.ndarray
    weights: np.ndarray

    @staticmethod
    @lru_cache
    def shipped() -> "Sense":
        with np.load(SHIPPED, allow_pickle=False) as kept:
            words = [unpacked_words(kept[name]) for name in ("folded", "accented", "runs")]
            return Sense(*words, kept["rareness"].astype(np.float32), kept["weights"] * kept["scales"].astype(np.float32))

    def features(self, folded: list[str], accented: list[str]) -> "csr_matrix":
        """(texts, features). folded, accented: words separated by spaces; accented "" where typed without diacritics."""
        from scipy.sparse import diags, hstack

        begin, made = 0, []
        for part in (pair_counts(self.folded, folded), pair_counts(self.accented, accented), run_counts(self.runs, folded)):
            rareness = self.rareness[begin:begin + part.shape[1]]
            begin += part.shape[1]
            part = part.tocsr().astype(np.float32)
            part.data = 1 + np.log(part.data)
            part = part @ diags(rareness)
            length = np.sqrt(np.asarray(part.multiply(part).sum(axis=1)).ravel())
            made.append(diags(1 / np.maximum(length, 1e-9)) @ part)
        return hstack(made).tocsr().astype(np.float32)

    def vectors(self, folded: list[str], accented: list[str]) -> np.ndarray:
        """(texts, dimensions) float32, rows of length 1 (0 where nothing is known)."""
        if len(folded) <= FEW:
            made = np.vstack([self._one(f, a) for f, a in zip(folded, accented, strict=True)])
        else:
            made = self.features(folded, accented) @ self.weights
        return (made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-6)).astype(np.float32)

    def _one(self, folded: str, accented: str) -> np.ndarray:
        """(dimensions,) of one text: the same numbers without building matrices."""
        begin, made = 0, np.zeros(self.weights.shape[1], dtype=np.float32)
        words = folded.split()
        for found, vocabulary in ((pairs_of(words), self.folded), (pairs_of(accented.split()), self.accented),
                                  ([r for w in words for r in runs_of(w, *RUNS)], self.runs)):
            columns, weights = weighed(found, vocabulary, self.rareness[begin:begin + len(vocabulary)])
            made += weights @ self.weights[begin + columns]
            begin += len(vocabulary)
        return made


def pair_counts(vocabulary: Mapping[str, int], texts: list[str]) -> "csr_matrix":
    """(texts, words and pairs) how often each stands in each text."""
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(vocabulary=vocabulary, token_pattern=r"[^ ]+", ngram_range=(1, 2), lowercase=False,
                           dtype=np.float32).transform(texts)


def run_counts(vocabulary: Mapping[str, int], folded: list[str]) -> "csr_matrix":
    """(texts, runs) how often each letter run stands in each text; taken once per distinct word."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import CountVectorizer

    single = CountVectorizer(token_pattern=r"[^ ]+", lowercase=False, dtype=np.float32)
    try:
        counts = single.fit_transform(folded)
    except ValueError:  # not one word in them
        return csr_matrix((len(folded), len(vocabulary)), dtype=np.float32)
    runs = CountVectorizer(vocabulary=vocabulary, analyzer=partial(runs_of, shortest=RUNS[0], longest=RUNS[1]), dtype=np.float32)
    return counts @ runs.transform(single.get_feature_names_out())
