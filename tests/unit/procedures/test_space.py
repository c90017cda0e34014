"""Our cosines are scikit-learn's, only faster: for the phrases the space is built of and for questions."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.procedures.space import Space, pairs_of, runs_of

CORPUS = [
    "dang ky khai sinh", "dang ky khai tu", "dang ky ket hon", "dang ky ket hon co yeu to nuoc ngoai", "cap ho chieu pho thong",
    "chung thuc ban sao tu ban chinh", "doi giay phep lai xe", "ho ho ho kinh doanh", "a", "cap doi giay chung nhan quyen su dung dat",
    "nghieng nghieng", "x y z", "giay khai sinh cho be lam o dau"]
ASKED = ["khai sinh", "ho chieu", "lam giay khai sinh cho chau o dau", "dang ky dang ky dang ky", "giay phep lai xe bi mat", "nghieng", "a", "ban sao ban sao"]
STRANGE = "zzz qqq"


@pytest.fixture(scope="module")
def space():
    return Space(CORPUS)


def stock_words():
    return TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"[^ ]+", lowercase=False, sublinear_tf=True).fit(CORPUS)


def stock_runs():
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), lowercase=False, sublinear_tf=True).fit(CORPUS)


@pytest.mark.parametrize("questions", [CORPUS, ASKED], ids=["built", "asked"])
def test_cosines_of_words_and_pairs_are_those_of_the_stock_vectorizer(space, questions):
    stock = stock_words()
    expected = (stock.transform(questions) @ stock.transform(CORPUS).T).toarray()
    assert space.word_cosines(questions) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("questions", [CORPUS, ASKED], ids=["built", "asked"])
def test_cosines_of_letter_runs_are_those_of_the_stock_vectorizer(space, questions):
    stock = stock_runs()
    expected = (stock.transform(questions) @ stock.transform(CORPUS).T).toarray()
    assert space.run_cosines(questions) == pytest.approx(expected, abs=1e-5)


def test_the_rows_that_were_built_are_the_stock_rows(space):
    words, runs = stock_words(), stock_runs()
    for own, stock in ((space.words, words.transform(CORPUS)), (space.runs, runs.transform(CORPUS))):
        assert own.shape == stock.shape
        assert (own @ own.T).toarray() == pytest.approx((stock @ stock.T).toarray(), abs=1e-5)


def test_a_phrase_is_wholly_like_itself(space):
    assert np.diag(space.word_cosines(CORPUS)) == pytest.approx(np.ones(len(CORPUS)), abs=1e-5)
    assert np.diag(space.run_cosines(CORPUS)) == pytest.approx(np.ones(len(CORPUS)), abs=1e-5)


@pytest.mark.parametrize("question", [STRANGE, ""])
def test_what_nobody_knows_is_like_nothing(space, question):
    assert not space.word_cosines([question]).any()
    assert not space.run_cosines([question]).any()
    assert space.vectors([question, "khai sinh"]).shape[0] == 2


@pytest.mark.parametrize("word", ["a", "ba", "sinh", "nghieng", "qwertyuiop"])
def test_letter_runs_are_those_of_char_wb(word):
    analyse = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), lowercase=False).build_analyzer()
    assert sorted(runs_of(word)) == sorted(analyse(word))


def test_pairs_stand_behind_the_words():
    assert pairs_of(["khai", "sinh", "cho"]) == ["khai", "sinh", "cho", "khai sinh", "sinh cho"]
    assert pairs_of([]) == []


def test_sums_are_the_weighed_rows_of_each_owner(space):
    owners, weights = np.array([0] * 3 + [1] * (len(CORPUS) - 3)), np.full(len(CORPUS), 0.5, dtype=np.float32)
    rows = np.hstack([space.words.toarray(), space.runs.toarray()])
    found = space.sums(owners, weights, 2).toarray()
    assert found == pytest.approx(0.5 * np.stack([rows[:3].sum(axis=0), rows[3:].sum(axis=0)]), abs=1e-5)
