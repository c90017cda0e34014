"""Our cosines are scikit-learn's, only faster: for the phrases the space is built of and for questions."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.procedures.space import Features, Held, pairs_of, run_features, run_parts, runs_of, word_features, word_parts

CORPUS = [
    "dang ky khai sinh", "dang ky khai tu", "dang ky ket hon", "dang ky ket hon co yeu to nuoc ngoai", "cap ho chieu pho thong",
    "chung thuc ban sao tu ban chinh", "doi giay phep lai xe", "ho ho ho kinh doanh", "a", "cap doi giay chung nhan quyen su dung dat",
    "nghieng nghieng", "x y z", "giay khai sinh cho be lam o dau"]
ASKED = ["khai sinh", "ho chieu", "lam giay khai sinh cho chau o dau", "dang ky dang ky dang ky", "giay phep lai xe bi mat", "nghieng", "a", "ban sao ban sao"]
KINDS = {
    "words": (word_features, word_parts, {"ngram_range": (1, 2), "token_pattern": r"[^ ]+"}),
    "runs": (run_features, run_parts, {"analyzer": "char_wb", "ngram_range": (3, 5)})}


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    """(features of CORPUS, what is counted in a text, the stock vectorizer fitted on CORPUS)."""
    build, parts, how = KINDS[request.param]
    return build(CORPUS), parts, TfidfVectorizer(lowercase=False, sublinear_tf=True, **how).fit(CORPUS)


@pytest.mark.parametrize("questions", [CORPUS, ASKED], ids=["built", "asked"])
def test_cosines_are_those_of_the_stock_vectorizer(kind, questions):
    features, parts, stock = kind
    expected = (stock.transform(questions) @ stock.transform(CORPUS).T).toarray()
    assert np.stack([features.cosines(parts(q)) for q in questions]) == pytest.approx(expected, abs=1e-5)


def test_a_phrase_is_wholly_like_itself(kind):
    features, parts, _ = kind
    assert [features.cosines(parts(text))[n] for n, text in enumerate(CORPUS)] == pytest.approx([1] * len(CORPUS), abs=1e-5)


@pytest.mark.parametrize("question", ["zzz qqq", ""])
def test_what_nobody_knows_is_like_nothing(kind, question):
    features, parts, _ = kind
    found = features.cosines(parts(question))
    assert found.shape == (len(CORPUS),)
    assert not found.any()


def test_packed_and_unpacked_it_is_the_same(kind):
    features, parts, _ = kind
    again = Features.unpacked("x", features.packed("x"))
    assert again.vocabulary == features.vocabulary
    for question in ASKED:
        assert np.array_equal(again.cosines(parts(question)), features.cosines(parts(question)))


@pytest.mark.parametrize("word", ["a", "ba", "sinh", "nghieng", "qwertyuiop"])
def test_letter_runs_are_those_of_char_wb(word):
    analyse = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), lowercase=False).build_analyzer()
    assert sorted(runs_of(word)) == sorted(analyse(word))


def test_pairs_stand_behind_the_words():
    assert pairs_of(["khai", "sinh", "cho"]) == ["khai", "sinh", "cho", "khai sinh", "sinh cho"]
    assert pairs_of([]) == []


def test_held_words_are_distinct_and_in_order():
    held = Held.of([[3, 1, 3], [], [2]])
    assert [held[row].tolist() for row in range(3)] == [[1, 3], [], [2]]
