"""Phrases as sparse vectors: words, pairs of words and letter runs within words, TF-IDF weighed, rows of length 1.

scikit-learn counts and weighs the phrases, scipy holds and multiplies the rows. Letter runs are taken once per distinct
word and multiplied out: Vietnamese has few syllables, so this builds ten times faster than running over every phrase and
gives the same numbers. Queries are weighed here by hand, since scikit-learn spends a millisecond on a row.
"""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

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


def weighed(found: Iterable[str], vocabulary: dict[str, int], rareness: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(columns, weights): sublinear counts times rareness, length 1; empty when nothing is known."""
    counts = Counter(column for f in found if (column := vocabulary.get(f)) is not None)
    columns = np.fromiter(counts, dtype=np.int32, count=len(counts))
    weights = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))) * rareness[columns]
    length = float(np.sqrt((weights ** 2).sum()))
    return columns, (weights / length if length else weights).astype(np.float32)


class Space:
    """Built over folded phrases. `words` and `runs`: one row a phrase."""

    def __init__(self, texts: list[str], letters: bool = True):
        """texts: words separated by single spaces, none empty. letters: with runs of letters."""
        counter = CountVectorizer(ngram_range=(1, 2), token_pattern=r"[^ ]+", lowercase=False, dtype=np.float32)
        weigh = TfidfTransformer(sublinear_tf=True)
        self.words: csr_matrix = weigh.fit_transform(counter.fit_transform(texts)).tocsr()
        self.columns: csr_matrix = self.words.T.tocsr()
        self._pairs, self._pair_rareness = counter.vocabulary_, weigh.idf_.astype(np.float32)
        if letters:
            singles = CountVectorizer(token_pattern=r"[^ ]+", lowercase=False, dtype=np.float32)
            self.singles: csr_matrix = singles.fit_transform(texts)
            self.vocabulary: dict[str, int] = singles.vocabulary_
            run_counter = CountVectorizer(analyzer=runs_of, dtype=np.float32)
            word_runs = run_counter.fit_transform(singles.get_feature_names_out())
            weigh_runs = TfidfTransformer(sublinear_tf=True)
            self.runs: csr_matrix = weigh_runs.fit_transform(self.singles @ word_runs).tocsr()
            self.run_columns: csr_matrix = self.runs.T.tocsr()
            self._runs, self._run_rareness = run_counter.vocabulary_, weigh_runs.idf_.astype(np.float32)

    def word_vectors(self, queries: list[str]) -> csr_matrix:
        return stacked([weighed(pairs_of(q.split()), self._pairs, self._pair_rareness) for q in queries], len(self._pairs))

    def run_vectors(self, queries: list[str]) -> csr_matrix:
        return stacked([weighed((r for w in q.split() for r in runs_of(w)), self._runs, self._run_rareness) for q in queries],
                       len(self._runs))

    def word_cosines(self, queries: list[str]) -> np.ndarray:
        """(queries, phrases) cosines of words and pairs."""
        return (self.word_vectors(queries) @ self.columns).toarray()

    def run_cosines(self, queries: list[str]) -> np.ndarray:
        """(queries, phrases) cosines of letter runs."""
        return (self.run_vectors(queries) @ self.run_columns).toarray()

    def vectors(self, queries: list[str]) -> csr_matrix:
        """Words and letter runs side by side; rows of length √2."""
        return hstack([self.word_vectors(queries), self.run_vectors(queries)]).tocsr()

    def sums(self, owners: np.ndarray, weights: np.ndarray, count: int) -> csr_matrix:
        """(count, features) the weighed sum of each owner's phrases."""
        gather = csr_matrix((weights, (owners, np.arange(len(owners)))), shape=(count, len(owners)), dtype=np.float32)
        return (gather @ hstack([self.words, self.runs]).tocsr()).tocsr()


def stacked(rows: list[tuple[np.ndarray, np.ndarray]], width: int) -> csr_matrix:
    """Rows of (columns, weights) as one matrix."""
    ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    return csr_matrix((np.concatenate([w for _, w in rows]), np.concatenate([c for c, _ in rows]), ends), shape=(len(rows), width))
