"""Which procedure is meant: ranked over what people say, names and synonyms, accented and folded; then a decision.

TF-IDF over words and over characters, one row a phrase; a procedure scores as its best phrase does, weighed by how
likely it is that a citizen means it (commune before ministry, plain before special case). Pure; the caller loads.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from ruamel.yaml import YAML
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.language.normalise import fold, normalise
from bot.procedures.aspects import subject

Decision = Literal["answer", "clarify", "none"]

ANSWER_AT, CLARIFY_AT = 0.60, 0.30
"""Scores 0..1: from the first we answer when the runner-up is clearly behind, from the second we ask back."""
CLEAR_LEAD = 0.92
"""The runner-up is clearly behind when its score is under this share of the best."""
SURE_AT = 0.80
"""From here a small lead is enough."""
CHOICES = 4
NEAR = 0.68
"""Candidates to ask back with score at least this share of the best: farther ones only confuse."""

SPECIAL_CASES = ("nuoc ngoai", "luu dong", "dang ky lai", "bien gioi", "cong tac vien", "lien thong", "nguoi khong quoc tich",
                 "nguoi nuoc ngoai", "vang mat", "luc luong", "quan doi", "to chuc", "doanh nghiep", "du an", "cap lai",
                 "thu hoi", "chuyen doi", "sua doi", "bo sung", "dinh chinh", "cong ty", "hop tac xa", "tau", "lanh su",
                 "dai dien", "truong hop", "dieu chinh", "gia han", "huy bo", "xoa", "cham dut")
"""Words that name a special case; a procedure that has one the question does not is meant less often."""

NAMED_CASES = (("nuoc ngoai", "nuoc ngoai"), ("viet kieu", "nuoc ngoai"), ("luu dong", "luu dong"), ("bien gioi", "bien gioi"),
               ("dang ky lai", "dang ky lai"))
"""Said in the question -> the special case a procedure must have to be meant."""


@dataclass(frozen=True)
class Entry:
    """A procedure to be found. phrases: (text, weight 0..1). prior: how likely it is meant at all, 0..1.

    also_codes: other official codes that a citizen may type for it.
    """

    code: str
    name: str
    phrases: tuple[tuple[str, float], ...]
    prior: float = 1.0
    also_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hit:
    code: str
    name: str
    score: float


@lru_cache
def synonyms() -> tuple[tuple[str, str], ...]:
    """(what people say, what names say), both folded."""
    table = YAML(typ="safe").load((Path(__file__).parent / "synonyms.yml").read_text(encoding="utf-8"))
    return tuple((fold(said), fold(meant)) for said, meant in table.items())


def words_of(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", fold(normalise(text))).strip()


class Index:
    """Built once over all entries (12,000 in about two seconds), searched in milliseconds. Thread-safe to read."""

    def __init__(self, entries: Iterable[Entry]):
        self.entries = list(entries)
        texts, self.weights, owners = [], [], []
        for number, entry in enumerate(self.entries):
            for text, weight in entry.phrases:
                texts.append(words_of(text) or "-")
                self.weights.append(weight)
                owners.append(number)
        self.owners = np.array(owners, dtype=np.int32)
        self.weight = np.array(self.weights, dtype=np.float32)
        self.priors = np.array([e.prior for e in self.entries], dtype=np.float32)
        self.by_code = {c.casefold(): i for i, e in enumerate(self.entries) for c in e.also_codes}
        self.by_code.update({e.code.casefold(): i for i, e in enumerate(self.entries)})
        self.special = [frozenset(c for c in SPECIAL_CASES if f" {c} " in f" {words_of(e.name)} ") for e in self.entries]
        self.word = TfidfVectorizer(analyzer="word", ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32,
                                    token_pattern=r"[^ ]+")
        self.chars = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, dtype=np.float32,
                                     min_df=1)
        self.word_rows: csr_matrix = self.word.fit_transform(texts or ["-"])
        self.char_rows: csr_matrix = self.chars.fit_transform(texts or ["-"])
        self.word_columns, self.char_columns = self.word_rows.T.tocsr(), self.char_rows.T.tocsr()

    def search(self, question: str, top: int = 10) -> list[Hit]:
        """The likeliest procedures, best first; scores 0..1. A code typed in the question comes first, with 1."""
        typed = self._code_in(question)
        if typed is not None:
            return [Hit(self.entries[typed].code, self.entries[typed].name, 1.0)]
        core = words_of(subject(question)) or words_of(question)
        if not core or not self.entries:
            return []
        plain, best = self._scores(core), None
        meant = " ".join(m for said, m in synonyms() if f" {said} " in f" {core} " and m not in core)
        best = plain if not meant else np.maximum(plain, 0.97 * self._scores(f"{core} {meant}"))
        scores = np.zeros(len(self.entries), dtype=np.float32)
        np.maximum.at(scores, self.owners, best * self.weight)
        scores *= self.priors
        padded = f" {core} {meant} "
        order = np.argsort(-scores)[: max(top * 4, 40)]
        ranked = []
        for i in order:
            unnamed = sum(f" {case} " not in padded for case in self.special[i])
            lacking = sum(1 for said, case in NAMED_CASES if f" {said} " in padded and case not in self.special[i])
            ranked.append((float(scores[i]) * 0.93 ** min(unnamed, 3) * 0.7 ** min(lacking, 2), i))
        ranked.sort(reverse=True)
        return [Hit(self.entries[i].code, self.entries[i].name, round(min(s, 1.0), 4)) for s, i in ranked[:top] if s > 0.02]

    def _scores(self, query: str) -> np.ndarray:
        """Score of every phrase: words and characters, half each."""
        words = (self.word.transform([query]) @ self.word_columns).toarray()[0]
        characters = (self.chars.transform([query]) @ self.char_columns).toarray()[0]
        return 0.5 * words + 0.5 * characters

    def _code_in(self, question: str) -> int | None:
        for token in re.findall(r"(?<![\d.,])\d\.\d{6}(?!\d)(?:\.[0-9A-Z.]+)?", question.upper()):
            for code in (token, token[:8]):
                if code.casefold() in self.by_code:
                    return self.by_code[code.casefold()]
        return None


def decide(hits: list[Hit]) -> Decision:
    """Answer with the first, ask back among the first few, or none of them."""
    if not hits or hits[0].score < CLARIFY_AT:
        return "none"
    lead = len(hits) == 1 or hits[1].score < CLEAR_LEAD * hits[0].score
    if hits[0].score >= ANSWER_AT and (lead or (hits[0].score >= SURE_AT and hits[1].score < 0.98 * hits[0].score)):
        return "answer"
    return "clarify"


def choices(hits: list[Hit]) -> list[Hit]:
    """The two to four to ask back with."""
    return [h for h in hits if h.score >= max(CLARIFY_AT * 0.75, NEAR * hits[0].score)][:CHOICES]
