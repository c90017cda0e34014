"""Phrases as sparse vectors: words, pairs of words and letter runs within words, TF-IDF weighed, rows of length 1.

Letter runs are taken once per distinct word and multiplied out: Vietnamese has few syllables, so this builds ten times
faster than running over every phrase and gives the same numbers. scipy and scikit-learn hold and multiply the rows.
"""

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

SPAN = (3, 5)


class Space:
    """Built over folded phrases. `rows`: one a phrase; `cosines(queries)` compares."""

    def __init__(self, texts: list[str], letters: bool = True):
        """texts: words separated by single spaces, none empty. letters: with runs of letters, half the weight each."""
        self._pairs = CountVectorizer(ngram_range=(1, 2), token_pattern=r"[^ ]+", lowercase=False, dtype=np.float32)
        counts = self._pairs.fit_transform(texts)
        self._pair_weights = TfidfTransformer(sublinear_tf=True)
        words = self._pair_weights.fit_transform(counts)
        self._runs: CountVectorizer | None = None
        self.words: csr_matrix = words.tocsr()
        self.columns: csr_matrix = self.words.T.tocsr()
        if letters:
            self._single = CountVectorizer(token_pattern=r"[^ ]+", lowercase=False, dtype=np.float32)
            singles = self._single.fit_transform(texts)
            self._runs = CountVectorizer(analyzer="char_wb", ngram_range=SPAN, lowercase=False, dtype=np.float32)
            self._word_runs = self._runs.fit_transform(self._single.get_feature_names_out())
            self._run_weights = TfidfTransformer(sublinear_tf=True)
            runs = self._run_weights.fit_transform(singles @ self._word_runs)
            self.runs: csr_matrix = runs.tocsr()
            self.run_columns: csr_matrix = self.runs.T.tocsr()

    def word_vectors(self, queries: list[str]) -> csr_matrix:
        return self._pair_weights.transform(self._pairs.transform(queries))

    def run_vectors(self, queries: list[str]) -> csr_matrix:
        assert self._runs is not None
        return self._run_weights.transform(self._runs.transform(queries))

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
