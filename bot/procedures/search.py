"""Which procedure is meant: candidates by likeness to what people say, re-ranked by learned weights, then a decision.

The index holds every phrase of every procedure (ways to ask, aliases, names, cases). A question is compared with all of
them; the likeliest procedures are re-ranked over the features below, and the weights (ranker.json, fitted by
benchmarks/search/fit.py) turn them into chances, with one more for "none of these". Pure; the caller loads.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from ruamel.yaml import YAML
from scipy.sparse import csr_matrix, hstack

from bot.language.normalise import fold, marked, normalise
from bot.procedures.aspects import subject
from bot.procedures.ranker import FEATURES, Ranker
from bot.procedures.sense import Sense
from bot.procedures.space import Space

Decision = Literal["answer", "clarify", "none"]
Kind = Literal["way", "name", "case"]

CANDIDATES = 30
CHOICES = 4
SEGMENT_WORDS = 9
"""Longer questions are also read in pieces of about this many words: a story has its request at the end."""

SPECIAL_CASES = ("nuoc ngoai", "luu dong", "dang ky lai", "bien gioi", "cong tac vien", "lien thong", "nguoi khong quoc tich",
                 "vang mat", "luc luong", "quan doi", "to chuc", "doanh nghiep", "du an", "cap lai", "cap doi",
                 "thu hoi", "chuyen doi", "sua doi", "bo sung", "dinh chinh", "cong ty", "hop tac xa", "tau", "lanh su",
                 "dai dien", "truong hop", "dieu chinh", "gia han", "huy bo", "xoa", "cham dut", "giai the", "sap nhap",
                 "tam dung", "tam ngung", "tro lai", "thay doi", "chia tach", "cap tinh", "dinh ky", "chuyen nhuong")
"""Words that name a special case; a procedure that has one the question does not is meant less often."""

NAMED_CASES = (("nuoc ngoai", "nuoc ngoai"), ("viet kieu", "nuoc ngoai"), ("luu dong", "luu dong"), ("bien gioi", "bien gioi"),
               ("dang ky lai", "dang ky lai"), ("cap lai", "cap lai"), ("cap doi", "cap doi"), ("gia han", "gia han"),
               ("cham dut", "cham dut"), ("giai the", "giai the"), ("tro lai", "tro lai"), ("sap nhap", "sap nhap"),
               ("thu hoi", "thu hoi"), ("tam dung", "tam dung"), ("tam ngung", "tam ngung"))
"""Said in the question -> the special case a procedure must have to be meant."""


@dataclass(frozen=True)
class Phrase:
    text: str
    kind: Kind = "way"


@dataclass(frozen=True)
class Entry:
    """A procedure to be found.

    level: 0 commune, 1 province, 2 ministry or unknown. local: another province's own. old: recorded before July 2025.
    also_codes: other official codes that a citizen may type for it.
    """

    code: str
    name: str
    phrases: tuple[Phrase, ...]
    level: int = 0
    curated: bool = False
    local: bool = False
    old: bool = False
    also_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hit:
    """score: the chance, 0..1, that this one is meant."""

    code: str
    name: str
    score: float


@dataclass(frozen=True)
class Ranking:
    """hits: best first. none: the chance that no procedure we know is meant."""

    hits: list[Hit] = field(default_factory=list)
    none: float = 1.0
    decision: Decision = "none"


@lru_cache
def synonyms() -> tuple[tuple[str, str], ...]:
    """(what people say, what names say), both folded."""
    table = YAML(typ="safe").load((Path(__file__).parent / "synonyms.yml").read_text(encoding="utf-8"))
    return tuple((fold(said), fold(meant)) for said, meant in table.items())


def words_of(text: str, mending: bool = True) -> str:
    """Folded words separated by single spaces."""
    return re.sub(r"[^a-z0-9]+", " ", fold(normalise(text, mending))).strip()


def accented_words_of(text: str, mending: bool = True) -> str:
    return re.sub(r"[\W_]+", " ", normalise(text, mending)).strip()


@dataclass(frozen=True)
class Query:
    """A question made ready: its subject, with synonyms, its pieces, its accented words ("" when typed without)."""

    core: str
    widened: str
    pieces: tuple[str, ...]
    accented: str

    @classmethod
    def of(cls, question: str) -> "Query":
        core = words_of(subject(question)) or words_of(question)
        meant = " ".join(m for said, m in synonyms() if f" {said} " in f" {core} " and m not in core)
        asked = set(core.split())
        accented = " ".join(w for w in accented_words_of(question).split() if fold(w) in asked) if marked(question) else ""
        return cls(core, f"{core} {meant}".strip(), tuple(pieces(question, core)), accented)


    def senses(self, sense: Sense) -> np.ndarray:
        """(1 or more, dimensions): the subject, and each piece of a long question."""
        texts = [self.core, *self.pieces]
        return sense.vectors(texts, [self.accented, *[""] * len(self.pieces)])


def pieces(question: str, core: str) -> list[str]:
    """The clauses of a long question, each without its words of aspect and politeness."""
    if len(core.split()) <= SEGMENT_WORDS:
        return []
    found = []
    for clause in re.split(r"[.,;?!\n]+", question):
        words = words_of(subject(clause)).split()
        step = max(1, SEGMENT_WORDS // 2)
        found += [" ".join(words[i:i + SEGMENT_WORDS]) for i in range(0, max(1, len(words) - step), step)]
    return list(dict.fromkeys(p for p in found if len(p.split()) >= 2))[:10]


class Index:
    """Built once over all entries (12,000 in about two seconds), searched in milliseconds. Thread-safe to read."""

    def __init__(self, entries: Iterable[Entry], ranker: Ranker | None = None, sense: Sense | None = None):
        # every entry needs a phrase of its own; one without is found by its name
        self.entries = [e if e.phrases else replace(e, phrases=(Phrase(e.name, "name"),)) for e in entries]
        self.sense = sense or Sense.shipped()
        self.ranker = ranker or Ranker.shipped()
        self.by_code = {c.casefold(): i for i, e in enumerate(self.entries) for c in e.also_codes}
        self.by_code.update({e.code.casefold(): i for i, e in enumerate(self.entries)})
        if not self.entries:
            return
        texts, accented, kinds, owners = [], [], [], []
        for number, entry in enumerate(self.entries):
            for phrase in entry.phrases:
                texts.append(words_of(phrase.text, mending=False) or "-")
                accented.append(accented_words_of(phrase.text, mending=False) or "-")
                kinds.append(phrase.kind)
                owners.append(number)
        self.texts, self.owners = texts, np.array(owners, dtype=np.int32)
        self.starts = np.searchsorted(self.owners, np.arange(len(self.entries)))
        self.is_name = np.array([k == "name" for k in kinds])
        self.space, self.marks = Space(texts), Space(accented, letters=False)
        self.shares = np.where(self.is_name, 0.7, 1.0).astype(np.float32)
        self.sums = self.space.sums(self.owners, self.shares, len(self.entries))
        self.sum_columns = self.sums.T.tocsr()
        self.sum_squares = np.asarray(self.sums.multiply(self.sums).sum(axis=1)).ravel()
        self.senses = self.sense.vectors(texts, accented)
        self.sense_sums = np.add.reduceat(self.senses * self.shares[:, None], self.starts)
        self.sense_lengths = np.maximum(np.linalg.norm(self.sense_sums, axis=1), 1e-3)
        self._count_words()
        self.fixed = np.array([self._fixed(e) for e in self.entries], dtype=np.float32)
        self.special = [frozenset(c for c in SPECIAL_CASES if f" {c} " in f" {words_of(e.name, mending=False)} ")
                        for e in self.entries]

    def _count_words(self) -> None:
        """How many phrases of each entry hold each word, how rare a word is, and how much rareness a phrase holds."""
        counts = self.space.singles.copy()
        counts.data[:] = 1
        gather = csr_matrix((np.ones(len(self.owners), dtype=np.float32), (self.owners, np.arange(len(self.owners)))),
                            shape=(len(self.entries), len(self.owners)))
        self.entry_words: csr_matrix = (gather @ counts).tocsr()
        having = np.asarray((self.entry_words > 0).sum(axis=0)).ravel()
        self.rareness = np.maximum(np.log((1 + len(self.entries)) / (1 + having)), 0.1).astype(np.float32)
        self.vocabulary = self.space.vocabulary
        self.phrase_words: csr_matrix = counts.tocsr()
        self.phrase_rareness = np.maximum(counts @ self.rareness, 1e-6)

    @staticmethod
    def _fixed(e: Entry) -> list[float]:
        ways = sum(p.kind == "way" for p in e.phrases)
        return [float(ways > 0), float(e.curated), float(e.level == 0), float(e.level == 2), float(e.local), float(e.old),
                np.log1p(len(e.name.split())) / 4]

    def search(self, question: str, top: int = 10) -> Ranking:
        """The likeliest procedures and what to do with them. A code typed in the question decides alone."""
        typed = self._code_in(question)
        if typed is not None:
            return Ranking([Hit(self.entries[typed].code, self.entries[typed].name, 1.0)], 0.0, "answer")
        query = Query.of(question)
        if not query.core or not self.entries:
            return Ranking()
        rows, features, about = self.features(query)
        if not len(rows):
            return Ranking()
        chances, none = self.ranker.chances(features, about)
        order = np.argsort(-chances)
        hits = [Hit(self.entries[rows[i]].code, self.entries[rows[i]].name, round(float(chances[i]), 4)) for i in order[:top]]
        return Ranking(hits, round(none, 4), self.ranker.decide([h.score for h in hits], none))

    def example(self, code: str, question: str) -> str:
        """The way to ask for this procedure that comes nearest to the question; "" when nobody has written any."""
        entry = self.by_code.get(code.casefold())
        if entry is None:
            return ""
        start = self.starts[entry]
        ways = [(start + n, p.text) for n, p in enumerate(self.entries[entry].phrases) if p.kind == "way"]
        if not ways:
            return ""
        vectors = Query.of(question).senses(self.sense) if question else self.sense_sums[entry][None, :]
        near = (self.senses[[n for n, _ in ways]] @ vectors.T).max(axis=1)
        return ways[int(np.argmax(near))][1]

    def features(self, query: Query, without: int | None = None,
                 sensed: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(candidate entry numbers, (candidates, features), features of the question itself).

        without: number of a phrase to be treated as not there (fitting leaves the question's own phrase out).
        sensed: the question's sense vectors, where fitting has them from elsewhere.
        """
        asked = [query.core, *([query.widened] if query.widened != query.core else []), *query.pieces]
        words, runs = self.space.word_cosines(asked), self.space.run_cosines(asked)
        if query.widened == query.core:
            words, runs = np.insert(words, 1, words[0], axis=0), np.insert(runs, 1, runs[0], axis=0)
        both = 0.5 * (words + runs)
        marks = self.marks.word_cosines([query.accented])[0] if query.accented else words[0]
        if without is not None:
            both[:, without] = words[:, without] = marks[without] = runs[:, without] = 0
        plain, wide = both[0], np.maximum(both[0], 0.97 * both[1])
        piece = np.maximum(both[2:].max(axis=0), plain) if len(both) > 2 else plain
        best_wide, best_piece = self._best(wide), self._best(piece)
        centre = self._centre(query.core, without)
        sense_best, sense_centre = self._sensed(query if sensed is None else sensed, without)
        rough = np.maximum(best_wide, 0.9 * best_piece) + 0.5 * centre + 0.7 * sense_centre + 0.3 * sense_best
        count = min(CANDIDATES, len(self.entries))
        rows = np.argpartition(-rough, count - 1)[:count]
        rows = rows[rough[rows] > 0.02]
        best_plain, best_name = self._best(plain), self._best(np.where(self.is_name, plain, 0))
        covered, unknown = self._coverage(query, rows, without)
        padded = f" {query.widened} "
        unnamed = [sum(f" {c} " not in padded for c in self.special[i]) for i in rows]
        lacking = [sum(1 for said, c in NAMED_CASES if f" {said} " in padded and c not in self.special[i]) for i in rows]
        support = np.array([self._third(plain, i) for i in rows])
        table = np.column_stack([
            best_plain[rows], best_wide[rows] - best_plain[rows], best_piece[rows] - best_plain[rows],
            self._best(words[0])[rows], self._best(runs[0])[rows], self._best(marks)[rows], best_name[rows], centre[rows],
            support, covered, self._used(query, rows, plain), np.minimum(unnamed, 3), np.minimum(lacking, 2),
            best_plain[rows] ** 2, covered * best_plain[rows], sense_best[rows], sense_centre[rows], sense_centre[rows] ** 2,
            self.fixed[rows],
        ]).astype(np.float32) if len(rows) else np.zeros((0, len(FEATURES)), dtype=np.float32)
        length = len(query.core.split())
        about = np.array([1.0, min(length, 12) / 12, float(length == 1), unknown, float(bool(query.accented))], dtype=np.float32)
        return rows, table, about

    def _best(self, scores: np.ndarray) -> np.ndarray:
        """Scores of phrases to the best of each entry."""
        return np.maximum.reduceat(scores, self.starts)

    def _third(self, scores: np.ndarray, entry: int) -> float:
        """Mean of the entry's three best phrases: one lucky phrase is weaker evidence than several."""
        end = self.starts[entry + 1] if entry + 1 < len(self.starts) else len(scores)
        own = np.sort(scores[self.starts[entry]:end])[-3:]
        return float(own.sum() / 3) if len(own) >= 3 else float(own.mean())

    def _centre(self, core: str, without: int | None) -> np.ndarray:
        """Cosine with the mean direction of all of an entry's phrases."""
        row = self.space.vectors([core])
        products, squares = (row @ self.sum_columns).toarray()[0], self.sum_squares
        if without is not None:
            owner, share = self.owners[without], self.shares[without]
            phrase = hstack([self.space.words[without], self.space.runs[without]]).tocsr()
            squares = squares.copy()
            products[owner] -= share * float((row @ phrase.T).toarray()[0, 0])
            squares[owner] += share ** 2 * 2 - 2 * share * float((self.sums[owner] @ phrase.T).toarray()[0, 0])
        return products / (1.4142 * np.sqrt(np.maximum(squares, 1e-3)))

    def _sensed(self, query: "Query | np.ndarray", without: int | None) -> tuple[np.ndarray, np.ndarray]:
        """Likeness in meaning to each entry's best phrase and to the mean of its phrases."""
        vectors = query.senses(self.sense) if isinstance(query, Query) else query
        scores = (self.senses @ vectors.T).max(axis=1)
        centres, lengths = (self.sense_sums @ vectors.T).max(axis=1), self.sense_lengths
        if without is not None:
            owner, scores[without] = self.owners[without], -1
            rest = self.sense_sums[owner] - self.shares[without] * self.senses[without]
            centres[owner] = (vectors @ rest).max()
            lengths = lengths.copy()
            lengths[owner] = max(float(np.linalg.norm(rest)), 1e-3)
        return np.maximum(self._best(scores), 0), np.maximum(centres / lengths, 0)

    def _coverage(self, query: Query, rows: np.ndarray, without: int | None) -> tuple[np.ndarray, float]:
        """How much of the question's rareness each candidate's words hold, and how much nobody knows."""
        tokens = set(query.core.split())
        known = [self.vocabulary[t] for t in tokens if t in self.vocabulary]
        highest = float(np.log(1 + len(self.entries)))
        strange = highest * sum(t not in self.vocabulary for t in tokens)
        weight = self.rareness[known]
        total = max(float(weight.sum()) + strange, 1e-6)
        held = self.entry_words[rows][:, known].toarray() if known else np.zeros((len(rows), 0))
        if without is not None:
            own = np.flatnonzero(rows == self.owners[without])
            held[own] = held[own] - self.phrase_words[without][:, known].toarray()
        return (np.minimum(held, 1) > 0) @ weight / total if known else np.zeros(len(rows)), strange / total

    def _used(self, query: Query, rows: np.ndarray, plain: np.ndarray) -> np.ndarray:
        """How much of the best phrase's rareness the question holds."""
        best = []
        for i in rows:
            end = self.starts[i + 1] if i + 1 < len(self.starts) else len(plain)
            best.append(self.starts[i] + int(np.argmax(plain[self.starts[i]:end])))
        asked = np.zeros(len(self.rareness), dtype=np.float32)
        known = [self.vocabulary[t] for t in set(query.widened.split()) if t in self.vocabulary]
        asked[known] = self.rareness[known]
        return (self.phrase_words[best] @ asked) / self.phrase_rareness[best]

    def _code_in(self, question: str) -> int | None:
        for token in re.findall(r"(?<![\d.,])\d\.\d{6}(?!\d)(?:\.[0-9A-Z.]+)?", question.upper()):
            for code in (token, token[:8]):
                if code.casefold() in self.by_code:
                    return self.by_code[code.casefold()]
        return None


def choices(ranking: Ranking) -> list[Hit]:
    """The two to four to ask back with: those that are not much less likely than the first."""
    if not ranking.hits:
        return []
    return [h for h in ranking.hits if h.score >= 0.12 * ranking.hits[0].score][:CHOICES]
