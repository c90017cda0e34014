"""Questions that mean the same, by the map of meaning that search uses (sense.py) or by their words, whichever says more.

The map knows what procedures are about; what nobody has an answer to is often about something it has never met ("flycam"),
and there the words themselves tell. Pure, offline, the same every time.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from bot.language.normalise import fold, marked
from bot.procedures.aspects import subject
from bot.procedures.search import accented_words_of, words_of
from bot.procedures.sense import Sense
from bot.procedures.space import run_parts

NEAR = 0.6
"""Two groups are one while the mean likeness of their questions is at least this."""


@lru_cache(maxsize=4)
def groups(texts: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """Positions of the texts by group: the largest first, in each the one nearest to its middle first."""
    from sklearn.cluster import AgglomerativeClustering

    if not texts:
        return ()
    cores = [core_of(text) for text in texts]
    distinct = list(dict.fromkeys(cores))
    alike = likeness(distinct)
    if len(distinct) == 1:
        labels = np.zeros(1, dtype=int)
    else:
        grouping = AgglomerativeClustering(n_clusters=None, distance_threshold=1 - NEAR, metric="precomputed", linkage="average")
        labels = grouping.fit_predict(np.clip(1 - alike, 0, 2))
    at = {core: n for n, core in enumerate(distinct)}
    members: dict[int, list[int]] = {}
    for position, core in enumerate(cores):
        members.setdefault(int(labels[at[core]]), []).append(position)
    found = []
    for positions in members.values():
        rows = [at[cores[p]] for p in positions]
        found.append(middle_first(positions, alike[np.ix_(rows, rows)]))
    return tuple(sorted(found, key=lambda group: (-len(group), min(group))))


def likeness(cores: list[tuple[str, str]]) -> np.ndarray:
    """(texts, texts) float32, 1 for the same."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    senses = Sense.shipped().vectors(*(list(column) for column in zip(*cores, strict=True)))
    runs = TfidfVectorizer(analyzer=run_parts, sublinear_tf=True, dtype=np.float32).fit_transform([folded for folded, _ in cores])
    return np.maximum(senses @ senses.T, (runs @ runs.T).toarray())


def core_of(text: str) -> tuple[str, str]:
    """(folded words, accented words or "") of what the question is about, without its words of aspect and politeness."""
    core = words_of(subject(text)) or words_of(text) or "-"
    kept = set(core.split())
    return core, " ".join(w for w in accented_words_of(text).split() if fold(w) in kept) if marked(text) else ""


def middle_first(positions: Sequence[int], alike: np.ndarray) -> tuple[int, ...]:
    """The positions by how much each is like all others of its group."""
    return tuple(positions[n] for n in np.lexsort((np.arange(len(positions)), -np.round(alike.mean(axis=0), 5))))
