"""Reports and questions about the same thing: by number, link or account, and by what the words mean.

Words first: texts become vectors of words, pairs and letter runs (bot/procedures/space.py), weighed by how rare they are among
all, grouped by average likeness. Then groups that name the same indicator become one. Pure, the same every time.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np

from bot.incidents.growth import Growth, growth
from bot.language.normalise import fold
from bot.procedures.space import run_parts, word_parts

NEAR = 0.24
"""Two groups of texts are one while their mean likeness is at least this; chosen by benchmarks/spread."""
MOST_TEXTS = 3000
"""Of the newest; grouping so many takes some seconds."""
COMMON = frozenset("toi em chau bac anh chi minh ban co la va thi ma cho hoi nay kia gi khong ko k a oi nhe voi cua duoc bi roi den tu thay nguoi mot cai "
                   "cac nhung xin giup phai lua dao that hay gia bao muon".split())
"""Said about everything, hence about nothing."""


@dataclass(frozen=True)
class Sighting:
    """One report or question. who: hash of the reporter. indicators: "kind:value". text: masked, "" where none is kept."""

    id: int
    at: datetime
    who: str
    source: str
    trick: str | None
    channel: str
    commune: str | None
    indicators: frozenset[str]
    text: str = ""


@dataclass(frozen=True)
class Cluster:
    """members: oldest first. kind: same (one thing going round) or trick (everything of a kind of trick, words or not)."""

    members: tuple[Sighting, ...]
    kind: str = "same"

    @property
    def key(self) -> str:
        """Stays while the cluster's oldest member does."""
        return f"t:{self.members[0].trick}" if self.kind == "trick" else f"s:{self.members[0].id}"

    @property
    def people(self) -> int:
        return len({m.who for m in self.members})

    @property
    def trick(self) -> str | None:
        found = Counter(m.trick for m in self.members if m.trick)
        return found.most_common(1)[0][0] if found else None

    @property
    def indicators(self) -> list[tuple[str, int]]:
        """("kind:value", how many people named it), most named first."""
        people: dict[str, set[str]] = {}
        for member in self.members:
            for one in member.indicators:
                people.setdefault(one, set()).add(member.who)
        return sorted(((one, len(who)) for one, who in people.items()), key=lambda pair: (-pair[1], pair[0]))

    def growth(self, now: datetime, since: datetime | None = None) -> Growth:
        """since: when anything at all was first heard."""
        return growth([(m.at, m.who) for m in self.members], now, since)


def clusters(seen: Sequence[Sighting], near: float = NEAR) -> list[Cluster]:
    """Whatever at least two people brought up, the largest first."""
    seen = sorted(seen, key=lambda s: (s.at, s.id))
    groups = Groups(len(seen))
    with_text = [n for n, s in enumerate(seen) if bare(s.text)][-MOST_TEXTS:]
    for together in by_meaning(tuple(bare(seen[n].text) for n in with_text), near):
        groups.join(with_text[n] for n in together)
    named: dict[str, list[int]] = {}
    for n, one in enumerate(seen):
        for indicator in one.indicators:
            named.setdefault(indicator, []).append(n)
    for together in named.values():
        groups.join(together)
    found = [Cluster(tuple(seen[n] for n in members)) for members in groups.all()]
    return sorted((c for c in found if c.people > 1), key=lambda c: (-c.people, c.members[0].id))


def by_trick(seen: Sequence[Sighting]) -> list[Cluster]:
    """Everything of each kind of trick: what nobody let us keep the words of is seen here at least."""
    kinds: dict[str, list[Sighting]] = {}
    for one in sorted(seen, key=lambda s: (s.at, s.id)):
        if one.trick:
            kinds.setdefault(one.trick, []).append(one)
    return [Cluster(tuple(members), "trick") for _, members in sorted(kinds.items())]


class Groups:
    """Which positions belong together, found by joining."""

    def __init__(self, count: int):
        self._parent = list(range(count))

    def _root(self, n: int) -> int:
        while self._parent[n] != n:
            self._parent[n] = n = self._parent[self._parent[n]]
        return n

    def join(self, positions: Iterable[int]) -> None:
        roots = {self._root(n) for n in positions}
        for root in roots:
            self._parent[root] = min(roots)

    def all(self) -> list[list[int]]:
        found: dict[int, list[int]] = {}
        for n in range(len(self._parent)):
            found.setdefault(self._root(n), []).append(n)
        return list(found.values())


def bare(text: str) -> str:
    """The words that tell: folded, without numbers, addresses, tokens of secrets and what everybody says."""
    plain = re.sub(r"\[[^\]]*\]|\S*[./]\S+|\S*\d\S*", " ", fold(text))
    return " ".join(w for w in re.findall(r"[a-z]+", plain) if w not in COMMON)


@lru_cache(maxsize=4)
def by_meaning(texts: tuple[str, ...], near: float = NEAR) -> tuple[tuple[int, ...], ...]:
    """Positions of texts that mean the same."""
    from sklearn.cluster import AgglomerativeClustering

    distinct = list(dict.fromkeys(texts))
    if len(distinct) < 2:
        return (tuple(range(len(texts))),) if texts else ()
    vectors = vectors_of(distinct)
    far = np.clip(1 - (vectors @ vectors.T).toarray(), 0, 1).astype(np.float32)
    labels = AgglomerativeClustering(n_clusters=None, distance_threshold=1 - near, metric="precomputed", linkage="average").fit_predict(far)
    label_of = dict(zip(distinct, labels.tolist(), strict=True))
    found: dict[int, list[int]] = {}
    for position, text in enumerate(texts):
        found.setdefault(label_of[text], []).append(position)
    return tuple(tuple(members) for members in found.values())


def vectors_of(texts: list[str]):
    """(texts, features) sparse, rows of length 1: words and pairs beside letter runs, which bear slips of the finger."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    made = [TfidfVectorizer(analyzer=parts, sublinear_tf=True, dtype=np.float32).fit_transform(texts) for parts in (word_parts, run_parts)]
    return (hstack(made) * np.float32(np.sqrt(0.5))).tocsr()
