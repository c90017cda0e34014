"""Phrases as sparse vectors: words, pairs of words and letter runs within words, TF-IDF weighed, rows of length 1.

scikit-learn counts and weighs the phrases when a space is built; it is imported only then, since a process that finds a
built index on disk never needs it. A question is weighed by hand and compared by walking down the columns of its own
features, which takes a tenth of the time of a sparse matrix product.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SHORTEST, LONGEST = 3, 5
"""Letters in a run."""


@lru_cache(maxsize=50000)
def runs_of(word: str, shortest: int = SHORTEST, longest: int = LONGEST) -> tuple[str, ...]:
    """The letter runs of a word with its edges marked by spaces, as scikit-learn's char_wb takes them."""
    padded, found = f" {word} ", []
    for size in range(shortest, longest + 1):
        if size >= len(padded):
            found.append(padded)
            break
        found += [padded[i:i + size] for i in range(len(padded) - size + 1)]
    return tuple(found)


def pairs_of(words: list[str]) -> list[str]:
    """Words and pairs of neighbours."""
    return [*words, *(f"{a} {b}" for a, b in zip(words, words[1:], strict=False))]


def word_parts(text: str) -> list[str]:
    """What `word_features` counts in a text: words and pairs."""
    return pairs_of(text.split())


def run_parts(text: str) -> list[str]:
    """What `run_features` counts in a text: the letter runs of every word."""
    return [r for w in text.split() for r in runs_of(w)]


def weighed(found: Iterable[str], vocabulary: Mapping[str, int], rareness: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(columns, weights): sublinear counts times rareness, length 1; empty when nothing is known."""
    counts = Counter(column for f in found if (column := vocabulary.get(f)) is not None)
    columns = np.fromiter(counts, dtype=np.int32, count=len(counts))
    weights = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))) * rareness[columns]
    length = float(np.sqrt((weights ** 2).sum()))
    return columns, (weights / length if length else weights).astype(np.float32)


@dataclass(frozen=True)
class Features:
    """One kind of features of all phrases, by column: phrases[starts[c]:starts[c + 1]] hold feature c, so heavily.

    vocabulary: feature -> column; rareness: (features,) float32; count: how many phrases there are.
    """

    vocabulary: dict[str, int]
    rareness: np.ndarray
    starts: np.ndarray
    phrases: np.ndarray
    weights: np.ndarray
    count: int

    @classmethod
    def of(cls, rows: "csr_matrix", vocabulary: Mapping[str, int], rareness: np.ndarray) -> "Features":
        """rows: (phrases, features), weighed."""
        columns = rows.tocsc()
        return cls({w: int(c) for w, c in vocabulary.items()}, rareness.astype(np.float32), columns.indptr.astype(np.int32),
                   columns.indices.astype(np.int32), columns.data.astype(np.float32), rows.shape[0])

    def cosines(self, found: Iterable[str]) -> np.ndarray:
        """(phrases,) float32 likeness to a question that has these features."""
        columns, weights = weighed(found, self.vocabulary, self.rareness)
        spans = [slice(self.starts[c], self.starts[c + 1]) for c in columns]
        if not spans:
            return np.zeros(self.count, dtype=np.float32)
        products = np.concatenate([self.weights[s] * w for s, w in zip(spans, weights, strict=True)])
        return np.bincount(np.concatenate([self.phrases[s] for s in spans]), products, self.count).astype(np.float32)

    def packed(self, name: str) -> dict[str, np.ndarray]:
        """Arrays to keep in an .npz; `unpacked` makes the same of them."""
        return {f"{name}_vocabulary": packed_words(self.vocabulary), f"{name}_rareness": self.rareness,
                f"{name}_starts": self.starts, f"{name}_phrases": self.phrases, f"{name}_weights": self.weights,
                f"{name}_count": np.array(self.count)}

    @classmethod
    def unpacked(cls, name: str, kept: Mapping[str, np.ndarray]) -> "Features":
        return cls(unpacked_words(kept[f"{name}_vocabulary"]), kept[f"{name}_rareness"], kept[f"{name}_starts"],
                   kept[f"{name}_phrases"], kept[f"{name}_weights"], int(kept[f"{name}_count"]))


def packed_words(vocabulary: Mapping[str, int]) -> np.ndarray:
    """A vocabulary as bytes, one word a line in the order of its columns."""
    return np.frombuffer("\n".join(sorted(vocabulary, key=vocabulary.__getitem__)).encode(), dtype=np.uint8)


def unpacked_words(kept: np.ndarray) -> dict[str, int]:
    text = kept.tobytes().decode()
    return {word: column for column, word in enumerate(text.split("\n"))} if text else {}


def word_features(texts: list[str]) -> Features:
    """Words and pairs. texts: words separated by single spaces, none empty."""
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

    counter = CountVectorizer(ngram_range=(1, 2), token_pattern=r"[^ ]+", lowercase=False, dtype=np.float32)
    weigh = TfidfTransformer(sublinear_tf=True)
    return Features.of(weigh.fit_transform(counter.fit_transform(texts)), counter.vocabulary_, weigh.idf_)


def run_features(texts: list[str]) -> Features:
    """Letter runs, taken once per distinct word and multiplied out: Vietnamese has few syllables, so this builds ten times
    faster than running over every phrase and gives the same numbers."""
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

    singles = CountVectorizer(token_pattern=r"[^ ]+", lowercase=False, dtype=np.float32)
    counts = singles.fit_transform(texts)
    counter = CountVectorizer(analyzer=runs_of, dtype=np.float32)
    per_word = counter.fit_transform(singles.get_feature_names_out())
    weigh = TfidfTransformer(sublinear_tf=True)
    return Features.of(weigh.fit_transform(counts @ per_word), counter.vocabulary_, weigh.idf_)


@dataclass(frozen=True)
class Held:
    """Distinct words by row: words[starts[r]:starts[r + 1]] are the columns of row r's words."""

    starts: np.ndarray
    words: np.ndarray

    @classmethod
    def of(cls, rows: Iterable[Iterable[int]]) -> "Held":
        lists = [sorted(set(row)) for row in rows]
        return cls(np.cumsum([0, *map(len, lists)]).astype(np.int32), np.array([c for row in lists for c in row], dtype=np.int32))

    def __getitem__(self, row: int) -> np.ndarray:
        return self.words[self.starts[row]:self.starts[row + 1]]
