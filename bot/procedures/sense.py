"""Meaning as a short dense vector, cheap enough to use on every message and whole without diacritics.

A linear map from word, pair and letter-run features to the space of a sentence-embedding model (multilingual-e5-small),
learned once by benchmarks/search/distil.py and kept in sense.npz. The model itself takes 15 to 50 ms a sentence and fails
on unaccented text; the map takes a tenth of a millisecond and was taught both spellings. See docs/adr/0008.
"""

from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.feature_extraction.text import CountVectorizer

from bot.procedures.space import pairs_of, runs_of, weighed

SHIPPED = Path(__file__).parent / "sense.npz"
RUNS = (3, 4)
FEW = 12


@dataclass(frozen=True)
class Sense:
    """weights: (features, dimensions). The three vocabularies are of folded words and pairs, accented ones, letter runs."""

    folded: CountVectorizer
    accented: CountVectorizer
    runs: CountVectorizer
    rareness: np.ndarray
    weights: np.ndarray

    @staticmethod
    @lru_cache
    def shipped() -> "Sense":
        with np.load(SHIPPED) as kept:
            words = [str(kept[name]).split("\n") for name in ("folded", "accented", "runs")]
            weights = kept["weights"].astype(np.float32) * kept["scales"].astype(np.float32)
            return Sense(*vectorizers(*words), kept["rareness"].astype(np.float32), weights)

    def features(self, folded: list[str], accented: list[str]) -> csr_matrix:
        """(texts, features). folded, accented: words separated by spaces; accented "" where typed without diacritics."""
        parts = [self.folded.transform(folded), self.accented.transform(accented), run_counts(self.runs, folded)]
        begin, made = 0, []
        for part in parts:
            rareness = self.rareness[begin:begin + part.shape[1]]
            begin += part.shape[1]
            part = part.tocsr().astype(np.float32)
            part.data = 1 + np.log(part.data)
            part = part @ diags(rareness)
            length = np.sqrt(np.asarray(part.multiply(part).sum(axis=1)).ravel())
            made.append(diags(1 / np.maximum(length, 1e-9)) @ part)
        return hstack(made).tocsr().astype(np.float32)

    def vectors(self, folded: list[str], accented: list[str]) -> np.ndarray:
        """(texts, dimensions), rows of length 1 (0 where nothing is known)."""
        if len(folded) <= FEW:
            made = np.vstack([self._one(f, a) for f, a in zip(folded, accented, strict=True)])
        else:
            made = self.features(folded, accented) @ self.weights
        return made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-6)


    def _one(self, folded: str, accented: str) -> np.ndarray:
        """(dimensions,) of one text: the same numbers without building matrices."""
        begin, made = 0, np.zeros(self.weights.shape[1], dtype=np.float32)
        words = folded.split()
        for found, counter in ((pairs_of(words), self.folded), (pairs_of(accented.split()), self.accented),
                               ([r for w in words for r in runs_of(w, *RUNS)], self.runs)):
            width = len(counter.vocabulary_)
            columns, weights = weighed(found, counter.vocabulary_, self.rareness[begin:begin + width])
            made += weights @ self.weights[begin + columns]
            begin += width
        return made


def run_counts(counter: CountVectorizer, folded: list[str]) -> csr_matrix:
    """(texts, runs) how often each letter run stands in each text; taken once per distinct word."""
    single = CountVectorizer(token_pattern=r"[^ ]+", lowercase=False, dtype=np.float32)
    try:
        counts = single.fit_transform(folded)
    except ValueError:  # not one word in them
        return csr_matrix((len(folded), len(counter.vocabulary_)), dtype=np.float32)
    return counts @ counter.transform(single.get_feature_names_out())


def vectorizers(folded: list[str], accented: list[str], runs: list[str]) -> tuple[CountVectorizer, ...]:
    """Counters with fixed vocabularies."""
    pairs = {"token_pattern": r"[^ ]+", "ngram_range": (1, 2), "lowercase": False, "dtype": np.float32}
    made = (CountVectorizer(vocabulary=folded, **pairs), CountVectorizer(vocabulary=accented, **pairs),
            CountVectorizer(vocabulary=runs, analyzer=partial(runs_of, shortest=RUNS[0], longest=RUNS[1]), dtype=np.float32))
    for counter in made:
        counter.transform([""])  # builds vocabulary_
    return made
