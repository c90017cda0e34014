"""The intent classifier itself, free of Rasa: a linear model over accented and folded n-grams.

Why not Rasa's own: `../shared/design/rasa_facts.md` measured that this trains in seconds, answers in milliseconds and
does not fall apart when people type without diacritics. Every training sentence is learned thrice: as written, folded,
and with slips of a hurried hand. The first and last words of a sentence are features of their own: in Vietnamese the
question word stands at the end, the greeting at the start.
Runs in both environments (scikit-learn is in both).
"""

import re
from typing import List, Sequence, Tuple

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.svm import LinearSVC

from bot.language.normalise import fold, normalise
from bot.language.slips import slip

FOLDS = 4
SLIPS_SEED = 11
FAMILIAR = 0.6
"""From this share of known letter runs on, a text counts as familiar (the lowest of real slips and dialect)."""
TEMPERATURES = np.geomspace(0.05, 1.5, 40)
OUTSIDE, MISTAKEN_FOR_OUTSIDE = "out_of_scope", 0.0175
"""The intent of all that is not ours, and the share of our own subjects' sentences that may be taken for it. There is no end of
other subjects, so a classifier that weighs both errors alike recognises 59 % of unseen ones; leaning so far, 72 % and no less
of the rest (five-fold development split of nlu_data, docs/adr/0009)."""


class Written(BaseEstimator, TransformerMixin):
    """Texts normalised; with `folded` also without diacritics."""

    def __init__(self, folded: bool):
        self.folded = folded

    def fit(self, texts, y=None):
        return self

    def transform(self, texts):
        return [fold(normalise(t)) if self.folded else normalise(t) for t in texts]


_WORD = re.compile(r"[^\W_]+")
_LATIN = re.compile("[a-zđàáảãạăâèéẻẽẹêìíỉĩịòóỏõọôơùúủũụưỳýỷỹỵ]")


def marked_words(text: str) -> List[str]:
    """Words, pairs of words, and the one to three words at either end marked as such."""
    found = _WORD.findall(text)
    pairs = [f"{a} {b}" for a, b in zip(found, found[1:], strict=False)]
    if not found:
        return []
    ends = ["^" + found[0], "^" + " ".join(found[:2]), found[-1] + "$", " ".join(found[-2:]) + "$", " ".join(found[-3:]) + "$",
            f"#{min(len(found) // 3, 6)}"]
    # a length says something only of words that could be known
    return found + pairs + (ends if _LATIN.search(text) else [])


def features() -> FeatureUnion:
    """Words with their ends, and characters (2-5 within words), each over the accented and over the folded text."""

    def part(folded: bool, **how):
        return Pipeline([("text", Written(folded)),
                         ("tfidf", TfidfVectorizer(sublinear_tf=True, lowercase=False, dtype=np.float32, **how))])

    letters = {"analyzer": "char_wb", "ngram_range": (2, 5), "min_df": 2}
    return FeatureUnion([
        ("words", part(False, analyzer=marked_words)),
        ("folded_words", part(True, analyzer=marked_words)),
        ("characters", part(False, **letters)),
        ("folded_characters", part(True, **letters)),
    ])


def margins_of(classifier: LinearSVC, rows) -> np.ndarray:
    """(n, classes) margins; with two classes scikit-learn gives only that of the second."""
    margins = classifier.decision_function(rows)
    return np.column_stack([-margins, margins]) if margins.ndim == 1 else margins


def softmax(margins: np.ndarray, temperature: float) -> np.ndarray:
    """(n, classes) margins to (n, classes) probabilities."""
    scaled = margins / temperature
    scaled = scaled - scaled.max(axis=1, keepdims=True)
    powers = np.exp(scaled)
    return powers / powers.sum(axis=1, keepdims=True)


def leaning(margins: np.ndarray, classes: Sequence[str], truth: Sequence[str]) -> float:
    """What to add to the margin of OUTSIDE so that MISTAKEN_FOR_OUTSIDE of the other sentences are taken for it; never less than 0."""
    if OUTSIDE not in classes or len(classes) < 3:
        return 0.0
    at = list(classes).index(OUTSIDE)
    ahead = np.delete(margins, at, axis=1).max(axis=1) - margins[:, at]
    ours = np.asarray(truth) != OUTSIDE
    return max(0.0, float(np.quantile(ahead[ours], MISTAKEN_FOR_OUTSIDE))) if ours.any() else 0.0


class IntentModel:
    """fit(texts, intents), then rank(text). Confidence is calibrated on sentences the model had not seen."""

    def __init__(self) -> None:
        self.features = features()
        self.classifier = LinearSVC()
        self.temperature = 0.3
        self.leaning = 0.0
        self.intents: List[str] = []

    def fit(self, texts: Sequence[str], intents: Sequence[str]) -> "IntentModel":
        """texts and intents of equal length; at least two intents with FOLDS examples each."""
        labels = np.asarray(intents)
        copies = [list(texts), [fold(t) for t in texts], [slip(t, SLIPS_SEED) for t in texts]]
        rows = self.features.fit_transform(sum(copies, [])).tocsr()
        spelt = [rows[start:start + len(labels)] for start in range(0, rows.shape[0], len(labels))]
        self.temperature, self.leaning = self._calibrate(spelt, labels)
        self.classifier = self._fitted(spelt, labels, np.arange(len(labels)))
        self.intents = [str(c) for c in self.classifier.classes_]
        return self

    @staticmethod
    def _fitted(spelt, labels, rows) -> LinearSVC:
        """A classifier on the given rows of every spelling."""
        from scipy.sparse import vstack

        classifier = LinearSVC(C=0.3, class_weight="balanced", tol=0.01, random_state=1)
        return classifier.fit(vstack([s[rows] for s in spelt]).tocsr(), np.tile(labels[rows], len(spelt)))

    def _calibrate(self, spelt, labels) -> Tuple[float, float]:
        """The temperature under which held-out sentences are least surprising (lowest mean log loss), and what is added to the
        margin of OUTSIDE."""
        train, held = next(StratifiedShuffleSplit(1, test_size=1 / FOLDS, random_state=1).split(labels, labels))
        fitted = self._fitted(spelt[:1], labels, train)
        classes = list(fitted.classes_)
        margins, truth = margins_of(fitted, spelt[0][held]), [classes.index(label) for label in labels[held]]
        losses = [-np.log(softmax(margins, t)[np.arange(len(truth)), truth] + 1e-12).mean() for t in TEMPERATURES]
        return float(TEMPERATURES[int(np.argmin(losses))]), leaning(margins, classes, labels[held])

    def familiarity(self, text: str) -> float:
        """1 for text made of letter runs seen in training, towards 0 for what is not: a margin says nothing there."""
        letters = dict(self.features.transformer_list)["folded_characters"]
        vectorizer = letters.named_steps["tfidf"]
        runs = [r for r in vectorizer.build_analyzer()(fold(normalise(text))) if len(r.strip()) >= 3]
        if not runs:
            return 1.0
        known = sum(r in vectorizer.vocabulary_ for r in runs) / len(runs)
        return min(1.0, known / FAMILIAR)

    def rank(self, text: str) -> List[Tuple[str, float]]:
        """(intent, confidence 0..1) from the likeliest down; all zero when nothing in the text was ever seen."""
        row = self.features.transform([text])
        if row.nnz == 0:
            return [(intent, 0.0) for intent in self.intents]
        margins = margins_of(self.classifier, row)
        if self.leaning:
            margins[:, self.intents.index(OUTSIDE)] += self.leaning
        chances = softmax(margins, self.temperature)[0] * self.familiarity(text)
        order = np.argsort(-chances)
        return [(self.intents[i], float(chances[i])) for i in order]
