"""The intent classifier itself, free of Rasa: a linear model over accented and folded n-grams.

Why not Rasa's own: `../shared/design/rasa_facts.md` measured that this trains in seconds, answers in milliseconds and
does not fall apart when people type without diacritics. The training set is doubled with its folded copy.
Runs in both environments (scikit-learn is in both).
"""

from typing import List, Sequence, Tuple

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.svm import LinearSVC

from bot.language.normalise import fold, normalise

FOLDS = 4
FAMILIAR = 0.6
"""From this share of known letter runs on, a text counts as familiar (the lowest of real slips and dialect)."""
TEMPERATURES = np.geomspace(0.05, 1.5, 40)


class Written(BaseEstimator, TransformerMixin):
    """Texts normalised; with `folded` also without diacritics."""

    def __init__(self, folded: bool):
        self.folded = folded

    def fit(self, texts, y=None):
        return self

    def transform(self, texts):
        return [fold(normalise(t)) if self.folded else normalise(t) for t in texts]


def features() -> FeatureUnion:
    """Words (1-2) and characters (2-5 within words), each over the accented and over the folded text."""

    def part(folded: bool, analyzer: str, span: Tuple[int, int]):
        pattern = {"token_pattern": r"(?u)[^\W_]+"} if analyzer == "word" else {}
        return Pipeline([
            ("text", Written(folded)),
            ("tfidf", TfidfVectorizer(analyzer=analyzer, ngram_range=span, sublinear_tf=True, lowercase=False,
                                      dtype=np.float32, **pattern)),
        ])

    return FeatureUnion([
        ("words", part(False, "word", (1, 2))),
        ("folded_words", part(True, "word", (1, 2))),
        ("characters", part(False, "char_wb", (2, 5))),
        ("folded_characters", part(True, "char_wb", (2, 5))),
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


class IntentModel:
    """fit(texts, intents), then rank(text). Confidence is calibrated on sentences the model had not seen."""

    def __init__(self) -> None:
        self.features = features()
        self.classifier = LinearSVC(C=0.3, class_weight="balanced", random_state=1)
        self.temperature = 0.3
        self.intents: List[str] = []

    def fit(self, texts: Sequence[str], intents: Sequence[str]) -> "IntentModel":
        """texts and intents of equal length; at least two intents with FOLDS examples each."""
        labels = np.asarray(intents)
        copies = [fold(t) for t in texts]
        self.features.fit(list(texts) + copies)
        written, folded = self.features.transform(list(texts)), self.features.transform(copies)
        self.temperature = self._calibrate(written, folded, labels)
        self._fit_linear(self.classifier, written, folded, labels, np.arange(len(labels)))
        self.intents = [str(c) for c in self.classifier.classes_]
        return self

    @staticmethod
    def _fit_linear(classifier: LinearSVC, written, folded, labels, rows) -> LinearSVC:
        from scipy.sparse import vstack

        return classifier.fit(vstack([written[rows], folded[rows]]).tocsr(), np.tile(labels[rows], 2))

    def _calibrate(self, written, folded, labels) -> float:
        """The temperature under which held-out sentences are least surprising (lowest mean log loss)."""
        margins, truth = [], []
        for train, held in StratifiedKFold(FOLDS, shuffle=True, random_state=1).split(written, labels):
            fitted = self._fit_linear(LinearSVC(C=0.3, class_weight="balanced", random_state=1), written, folded,
                                      labels, train)
            classes = list(fitted.classes_)
            margins.append(margins_of(fitted, written[held]))
            truth += [classes.index(label) for label in labels[held]]
        stacked, rows = np.vstack(margins), np.arange(len(truth))
        losses = [-np.log(softmax(stacked, t)[rows, truth] + 1e-12).mean() for t in TEMPERATURES]
        return float(TEMPERATURES[int(np.argmin(losses))])

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
        chances = softmax(margins_of(self.classifier, row), self.temperature)[0] * self.familiarity(text)
        order = np.argsort(-chances)
        return [(self.intents[i], float(chances[i])) for i in order]
