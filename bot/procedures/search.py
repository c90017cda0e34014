"""Which procedure is meant: candidates by likeness to what people say, re-ranked by learned weights, then a decision.

The index holds every phrase of every procedure (ways to ask, aliases, names, cases). A question is compared with all of
them; the likeliest procedures are re-ranked over the features of ranker.py, and the weights (ranker.json, fitted by
benchmarks/search/fit.py) turn them into chances, with one more for "none of these". Pure; the caller loads, or takes a
built index from disk (kept.py).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from ruamel.yaml import YAML

from bot.language.gazetteer import find
from bot.language.normalise import fold, marked, normalise
from bot.language.spelling import supposed
from bot.procedures.aspects import subject
from bot.procedures.ranker import FEATURES, Ranker
from bot.procedures.sense import Sense
from bot.procedures.space import Features, Held, packed_words, run_features, run_parts, unpacked_words, word_features, word_parts

Decision = Literal["answer", "clarify", "none"]
Kind = Literal["way", "name", "case"]

CANDIDATES = 30
CHOICES = 4
MOST_PIECES = 8
NAME_SHARE = 0.7
"""What a name weighs in the mean of a procedure's phrases; a way to ask weighs 1."""
COUNTER = Path(__file__).parent / "counter_codes.txt"
SEGMENT_WORDS = 9
EXAMPLE_WORDS, ABOUT_AS_NEAR = 11, 0.05
"""An example has at most so many words, and is the shortest of those that come about as near as the nearest."""
DIALECT = frozenset("tui hông hổng răng rứa mô dìa mần eng chi vầy vậy nghen hen má bầm bu ni tê chớ đặng biểu kêu sanh nè ổng bả giùm".split())
"""Words that mark a way as spoken in one region; an example for everybody has none of them."""
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
SUPPOSED_AT, SUPPOSED_BETTER, SUPPOSED_WORDS = 0.3, 2.0, 8
"""A question read with other words than were typed must be this likely to be right, so many times likelier than as typed, and of
no more words: in a longer one the other words tell enough."""


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

    @property
    def best(self) -> float:
        """The chance of the likeliest one."""
        return self.hits[0].score if self.hits else 0.0


@lru_cache
def synonyms() -> tuple[tuple[str, str], ...]:
    """(what people say, what names say), both folded."""
    table = YAML(typ="safe").load((Path(__file__).parent / "synonyms.yml").read_text(encoding="utf-8"))
    return tuple((fold(said), fold(meant)) for said, meant in table.items())


def words_of(text: str, mending: bool = True) -> str:
    """Folded words separated by single spaces."""
    return re.sub(r"[^a-z0-9]+", " ", fold(normalise(text, mending))).strip()


_AT_HOME = re.compile(r"(?:^|(?<=[\s,.]))(?:sinh song |song |hien |dang |que )*(?:o|tai|que)\s+(?:(?:xa|phuong|thi tran|x|p)\.?\s*)?$")


def without_home(question: str) -> str:
    """The question without where its writer lives ("tôi ở Giao Thủy"), which names no procedure. Unchanged when nothing else is left."""
    left, plain = question, fold(question)
    if len(plain) != len(question):  # a letter of several signs: what stands where is not known
        return question
    for name in reversed(find(question)):
        before = _AT_HOME.search(plain[:name["start"]]) if name["entity"] == "commune" else None
        if before:
            left = f"{left[:before.start()]} {left[name['end']:]}"
    return left if left != question and subject(left) else question


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
        """(1 or more, dimensions): the subject, the same with synonyms, each piece of a long question."""
        others = [*([self.widened] if self.widened != self.core else []), *self.pieces]
        return sense.vectors([self.core, *others], [self.accented, *[""] * len(others)])


def pieces(question: str, core: str) -> list[str]:
    """The clauses of a long question, each without its words of aspect and politeness."""
    if len(core.split()) <= SEGMENT_WORDS:
        return []
    found = []
    for clause in re.split(r"[.,;?!\n]+", question):
        words = words_of(subject(clause)).split()
        step = max(1, SEGMENT_WORDS // 2)
        found += [" ".join(words[i:i + SEGMENT_WORDS]) for i in range(0, max(1, len(words) - step), step)]
    return list(dict.fromkeys(p for p in found if len(p.split()) >= 2))[-MOST_PIECES:]


@lru_cache
def counter_codes() -> frozenset[str]:
    """Codes of the procedures that a commune's counter displays: what people come for (procedures_index of the shared data)."""
    return frozenset(COUNTER.read_text(encoding="utf-8").split())


@dataclass(frozen=True)
class Built:
    """The numbers of an index, apart from its entries: what takes seconds to make and is kept on disk.

    starts, owners: first phrase of each entry, entry of each phrase. names: the phrase that is each entry's name.
    senses: (phrases, dimensions); centres: (entries, dimensions), the mean of each entry's phrases, length 1.
    shares: what each phrase weighs in a mean; lengths: of each entry's mean before it was made 1, in words and in runs.
    """

    starts: np.ndarray
    owners: np.ndarray
    is_name: np.ndarray
    names: np.ndarray
    words: Features
    runs: Features
    marks: Features
    lengths: np.ndarray
    senses: np.ndarray
    centres: np.ndarray
    vocabulary: dict[str, int]
    rareness: np.ndarray
    phrase_words: Held
    entry_words: Held

    PLAIN = ("starts", "owners", "is_name", "names", "lengths", "senses", "centres", "rareness")

    @classmethod
    def of(cls, entries: list[Entry], sense: Sense) -> "Built":
        """entries: each with a phrase at least."""
        phrases = [p for e in entries for p in e.phrases]
        texts = [words_of(p.text, mending=False) or "-" for p in phrases]
        accented = [accented_words_of(p.text, mending=False) or "-" for p in phrases]
        owners = np.repeat(np.arange(len(entries), dtype=np.int32), [len(e.phrases) for e in entries])
        starts = np.searchsorted(owners, np.arange(len(entries)))
        is_name = np.array([p.kind == "name" for p in phrases])
        names = np.array([s + next((n for n, p in enumerate(e.phrases) if p.kind == "name"), 0)
                          for s, e in zip(starts, entries, strict=True)])
        shares = shares_of(is_name)
        words, runs = word_features(texts), run_features(texts)
        senses = sense.vectors(texts, accented)
        sums = np.add.reduceat(senses * shares[:, None], starts)
        vocabulary: dict[str, int] = {}
        held = Held.of([vocabulary.setdefault(w, len(vocabulary)) for w in text.split()] for text in texts)
        ends = np.append(starts[1:], len(texts))
        whole = Held.of(held.words[held.starts[a]:held.starts[b]].tolist() for a, b in zip(starts, ends, strict=True))
        having = np.bincount(whole.words, minlength=len(vocabulary))
        rareness = np.maximum(np.log((1 + len(entries)) / (1 + having)), 0.1).astype(np.float32)
        return cls(starts, owners, is_name, names, words, runs, word_features(accented),
                   mean_lengths((words, runs), owners, shares, len(entries)), senses.astype(np.float32),
                   (sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-3)).astype(np.float32),
                   vocabulary, rareness, held, whole)

    def packed(self) -> dict[str, np.ndarray]:
        """Arrays to keep in an .npz; `unpacked` makes the same of them."""
        found = {name: getattr(self, name) for name in self.PLAIN}
        for name in ("words", "runs", "marks"):
            found |= getattr(self, name).packed(name)
        for name in ("phrase_words", "entry_words"):
            held: Held = getattr(self, name)
            found |= {f"{name}_starts": held.starts, f"{name}_held": held.words}
        return found | {"vocabulary": packed_words(self.vocabulary)}

    @classmethod
    def unpacked(cls, kept: Mapping[str, np.ndarray]) -> "Built":
        return cls(**{name: kept[name] for name in cls.PLAIN},
                   **{name: Features.unpacked(name, kept) for name in ("words", "runs", "marks")},
                   **{name: Held(kept[f"{name}_starts"], kept[f"{name}_held"]) for name in ("phrase_words", "entry_words")},
                   vocabulary=unpacked_words(kept["vocabulary"]))


def shares_of(is_name: np.ndarray) -> np.ndarray:
    return np.where(is_name, NAME_SHARE, 1.0).astype(np.float32)


def mean_lengths(kinds: tuple[Features, ...], owners: np.ndarray, shares: np.ndarray, count: int) -> np.ndarray:
    """(count,) length of the weighed sum of each entry's phrases, all kinds of features side by side."""
    from scipy.sparse import csc_matrix, csr_matrix

    gather = csr_matrix((shares, (owners, np.arange(len(owners)))), shape=(count, len(owners)))
    squares = np.zeros(count)
    for kind in kinds:
        sums = gather @ csc_matrix((kind.weights, kind.phrases, kind.starts), shape=(kind.count, len(kind.vocabulary))).tocsr()
        squares += np.asarray(sums.multiply(sums).sum(axis=1)).ravel()
    return np.sqrt(np.maximum(squares, 1e-3)).astype(np.float32)


class Index:
    """Built once over all entries, searched in milliseconds. Thread-safe to read."""

    def __init__(self, entries: Iterable[Entry], ranker: Ranker | None = None, sense: Sense | None = None, built: Built | None = None):
        """built: what was made of these very entries before. Every entry needs a phrase; one without is found by its name."""
        self.entries = [e if e.phrases else replace(e, phrases=(Phrase(e.name, "name"),)) for e in entries]
        self.sense = sense or Sense.shipped()
        self.ranker = ranker or Ranker.shipped()
        self.by_code = {c.casefold(): i for i, e in enumerate(self.entries) for c in e.also_codes}
        self.by_code.update({e.code.casefold(): i for i, e in enumerate(self.entries)})
        if not self.entries:
            return
        self.built = built or Built.of(self.entries, self.sense)
        self.shares = shares_of(self.built.is_name)
        self.ends = np.append(self.built.starts[1:], len(self.built.owners))
        self.fixed = np.array([self._fixed(e) for e in self.entries], dtype=np.float32)
        self._special: dict[int, frozenset[str]] = {}

    @staticmethod
    def _fixed(e: Entry) -> list[float]:
        ways = sum(p.kind == "way" for p in e.phrases)
        counter = not counter_codes().isdisjoint((e.code, *e.also_codes))
        return [np.log1p(ways) / 3, float(e.curated), float(counter), float(e.level == 0), float(e.level == 2), float(e.local), float(e.old),
                np.log1p(len(e.name.split())) / 4]

    def _special_of(self, entry: int) -> frozenset[str]:
        """The special cases that an entry's name names."""
        if entry not in self._special:
            name = f" {words_of(self.entries[entry].name, mending=False)} "
            self._special[entry] = frozenset(c for c in SPECIAL_CASES if f" {c} " in name)
        return self._special[entry]

    def search(self, question: str, top: int = 10) -> Ranking:
        """The likeliest procedures and what to do with them. A code typed in the question decides alone.

        What is not understood as it stands is read once more with the words that were probably meant ("hộ chịu")."""
        typed = self._code_in(question)
        if typed is not None:
            return Ranking([Hit(self.entries[typed].code, self.entries[typed].name, 1.0)], 0.0, "answer")
        question = without_home(question)
        found = self._search(question, top)
        if found.decision == "answer":
            return found
        said = normalise(question)
        meant = supposed(said) if subject(said).count(" ") < SUPPOSED_WORDS else said
        again = self._search(meant, top) if meant != said else found
        return again if again.best > max(SUPPOSED_AT, SUPPOSED_BETTER * found.best) else found

    def _search(self, question: str, top: int) -> Ranking:
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

    def familiar(self, code: str, question: str) -> float:
        """How much of what the question names, by rareness, stands in the texts of this procedure: 0..1; 0 when there is no such code."""
        row, query = self.by_code.get(code.casefold()), Query.of(question)
        return float(self._coverage(query, np.array([row]))[0][0]) if row is not None and query.core else 0.0

    def example(self, code: str, question: str) -> str:
        """The plainly written way to ask for this procedure that comes nearest to the question; "" when there is none.

        Slips, abbreviations and long stories help to find; shown to a citizen they would only look odd.
        """
        entry = self.by_code.get(code.casefold())
        if entry is None:
            return ""
        start = self.built.starts[entry]
        ways = [(start + n, p.text) for n, p in enumerate(self.entries[entry].phrases)
                if p.kind == "way" and plainly_written(p.text)]
        if not ways:
            return ""
        vectors = Query.of(question).senses(self.sense)[:1] if question else self.built.centres[entry][None, :]
        near = (self.built.senses[[n for n, _ in ways]] @ vectors.T).max(axis=1)
        return min((ways[at][1] for at in np.flatnonzero(near >= near.max() - ABOUT_AS_NEAR)), key=len)

    def features(self, query: Query) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(candidate entry numbers, (candidates, features), features of the question itself)."""
        built = self.built
        words, runs = built.words.cosines(word_parts(query.core)), built.runs.cosines(run_parts(query.core))
        plain = 0.5 * (words + runs)
        wide = np.maximum(plain, 0.97 * self._both(query.widened)) if query.widened != query.core else plain
        piece = plain
        for text in query.pieces:
            piece = np.maximum(piece, self._both(text))
        marks = built.marks.cosines(word_parts(query.accented)) if query.accented else words
        best_plain, best_wide, best_piece = self._best(plain), self._best(wide), self._best(piece)
        centre = np.add.reduceat(2 * plain * self.shares, built.starts) / (1.4142 * built.lengths)
        senses = query.senses(self.sense)
        sense_centre = np.maximum((built.centres @ senses.T).max(axis=1), 0)
        rough = np.maximum(best_wide, 0.9 * best_piece) + 0.5 * centre + 1.2 * sense_centre
        count = min(CANDIDATES, len(self.entries))
        rows = np.argpartition(-rough, count - 1)[:count]
        rows = rows[rough[rows] > 0.02]
        length = len(query.core.split())
        covered, unknown = self._coverage(query, rows)
        about = np.array([1.0, min(length, 12) / 12, float(length == 1), unknown, max(0.0, 2 * unknown - 1),
                          float(bool(query.accented))], dtype=np.float32)
        if not len(rows):
            return rows, np.zeros((0, len(FEATURES)), dtype=np.float32), about
        padded = f" {query.widened} "
        special = [self._special_of(i) for i in rows]
        unnamed = [sum(f" {c} " not in padded for c in s) for s in special]
        lacking = [sum(1 for said, c in NAMED_CASES if f" {said} " in padded and c not in s) for s in special]
        spans = [slice(built.starts[i], self.ends[i]) for i in rows]
        sensed = [(built.senses[s] @ senses.T).max(axis=1) for s in spans]
        sense_best = np.maximum([s.max() for s in sensed], 0)
        nearest = [s.start + int(np.argmax(plain[s])) for s in spans]
        best, own_centre = best_plain[rows], sense_centre[rows]
        table = np.column_stack([
            best, best_wide[rows] - best, best_piece[rows] - best, [words[s].max() for s in spans], [runs[s].max() for s in spans],
            [marks[s].max() for s in spans], plain[built.names[rows]], self._used(query, built.names[rows]), centre[rows],
            [support(plain[s]) for s in spans], covered, self._used(query, nearest), np.minimum(unnamed, 3), np.minimum(lacking, 2),
            best ** 2, covered * best, sense_best, own_centre, own_centre ** 2, sense_best * own_centre,
            [support(s) for s in sensed], self.fixed[rows],
        ]).astype(np.float32)
        return rows, table, about

    def _both(self, text: str) -> np.ndarray:
        """(phrases,) likeness in words and letter runs, 0..1."""
        return 0.5 * (self.built.words.cosines(word_parts(text)) + self.built.runs.cosines(run_parts(text)))

    def _best(self, scores: np.ndarray) -> np.ndarray:
        """Scores of phrases to the best of each entry."""
        return np.maximum.reduceat(scores, self.built.starts)

    def _coverage(self, query: Query, rows: np.ndarray) -> tuple[np.ndarray, float]:
        """How much of the question's rareness each candidate's words hold, and how much nobody knows."""
        tokens = set(query.core.split())
        known = np.array([self.built.vocabulary[t] for t in tokens if t in self.built.vocabulary], dtype=np.int32)
        strange = float(np.log(1 + len(self.entries))) * sum(t not in self.built.vocabulary for t in tokens)
        weight = self.built.rareness[known]
        total = max(float(weight.sum()) + strange, 1e-6)
        held = [float(weight[among(known, self.built.entry_words[i])].sum()) for i in rows]
        return np.array(held, dtype=np.float32) / total, strange / total

    def _used(self, query: Query, phrases: Iterable[int]) -> list[float]:
        """How much of each phrase's rareness the question holds."""
        asked = np.array([self.built.vocabulary[t] for t in set(query.widened.split()) if t in self.built.vocabulary], dtype=np.int32)
        asked.sort()
        found = []
        for phrase in phrases:
            own = self.built.phrase_words[phrase]
            weight = self.built.rareness[own]
            found.append(float(weight[among(own, asked)].sum() / max(float(weight.sum()), 1e-6)))
        return found

    def _code_in(self, question: str) -> int | None:
        for token in re.findall(r"(?<![\d.,])\d\.\d{6}(?!\d)(?:\.[0-9A-Z.]+)?", question.upper()):
            for code in (token, token[:8]):
                if code.casefold() in self.by_code:
                    return self.by_code[code.casefold()]
        return None


def plainly_written(text: str) -> bool:
    """Short, with diacritics, and nothing in it that normalising would mend or spell out."""
    words = [w for w in re.split(r"[\W_]+", text.lower()) if w]
    return 2 <= len(words) <= EXAMPLE_WORDS and marked(text) and DIALECT.isdisjoint(words) and words == re.split(r"[\W_]+", normalise(text).strip(" .?!,"))


def among(these: np.ndarray, those: np.ndarray) -> np.ndarray:
    """Which of these stand among those (ascending)."""
    if not len(those):
        return np.zeros(len(these), dtype=bool)
    return those[np.minimum(np.searchsorted(those, these), len(those) - 1)] == these


def support(scores: np.ndarray) -> float:
    """Mean of the three best phrases: one lucky phrase is weaker evidence than several."""
    if len(scores) <= 3:
        return float(scores.mean())
    return float(np.partition(scores, -3)[-3:].mean())


def choices(ranking: Ranking) -> list[Hit]:
    """The two to four to ask back with: those that are not much less likely than the first."""
    if not ranking.hits:
        return []
    return [h for h in ranking.hits if h.score >= 0.12 * ranking.hits[0].score][:CHOICES]
