"""What is measured with is nowhere in what we train on or search in, and is enough to measure with."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.language.normalise import fold
from tests.factories import ROOT

SEARCH = ROOT / "benchmarks" / "search" / "questions.jsonl"
UNDERSTANDING = ROOT / "benchmarks" / "understanding" / "questions.jsonl"
DEV = ROOT.parent / "shared" / "data" / "questions_dev.jsonl"
SPELLINGS = ("question", "slips", "dialect")
COMMON_WORDS = 7
"""Greetings, commands and buttons this short ("cảm ơn", "tiếp đi") can hardly be said otherwise; see the test."""


def comparable(text: str) -> str:
    """Folded words without punctuation."""
    return re.sub(r"[\W_]+", " ", fold(text)).strip()


def leaked(asked: Iterable[str], known: dict[str, str]) -> list[tuple[str, str]]:
    """(sentence, file) of what is asked and stands in a file, however it is spelt there."""
    return [(text, known[key]) for text in asked if (key := comparable(text)) in known]


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def sentences() -> Iterable[tuple[str, Path]]:
    """Everything that is trained on or searched in, with its file."""
    def load(path):
        return YAML(typ="safe", pure=False).load(path.read_text(encoding="utf-8"))

    for path in sorted((ROOT / "nlu_data").glob("*.yml")):
        for group in load(path)["nlu"]:
            yield from ((line[2:], path) for line in group["examples"].splitlines() if line.startswith("- "))
    for path in sorted((ROOT / "procedures").glob("*.yml")):
        document = load(path)
        yield from ((w, path) for w in (*document["ways_people_ask"], *document.get("aliases", ())))
    for path in sorted((ROOT / "procedures" / "ways").glob("*.yml")):
        yield from ((w, path) for one in load(path)["procedures"] for w in one["ways"])


@pytest.fixture(scope="module")
def known():
    found = {comparable(text): str(path.relative_to(ROOT)) for text, path in sentences()}
    assert len(found) > 10_000
    assert {Path(f).parent.as_posix() for f in found.values()} == {"nlu_data", "procedures", "procedures/ways"}
    return found


def test_a_leak_is_seen_however_it_is_spelt():
    known = {comparable("Đăng ký khai sinh cho con, ở đâu?"): "a.yml"}
    assert leaked(["dang  ky khai-sinh cho con o dau!!", "đăng ký khai sinh"], known) == [("dang  ky khai-sinh cho con o dau!!", "a.yml")]
    assert leaked(["ĐĂNG KÝ KHAI SINH CHO CON Ở ĐÂU"], known) != []
    assert leaked([], known) == leaked(["khác hẳn"], known) == []


def test_a_sentence_taken_from_each_source_would_be_seen(known):
    firsts = {Path(path).parent: text for text, path in sentences()}
    assert [len(leaked([text.upper() + " ?"], known)) for text in firsts.values()] == [1, 1, 1]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_question_of_the_search_set_is_known(known, spelling):
    assert leaked((q[spelling] for q in lines(SEARCH)), known) == []


def test_no_question_of_the_understanding_set_is_known(known):
    """Nor any but the shortest commands; those the benchmark itself leaves out (sentences.unseen)."""
    asked = [q["text"] for q in lines(UNDERSTANDING)]
    found = leaked(asked, known)
    assert [(t, f) for t, f in found if len(comparable(t).split()) > COMMON_WORDS or not f.startswith("nlu_data/")] == []
    assert len(found) / len(asked) <= 0.06


def test_no_development_question_is_known(known):
    if not DEV.exists():
        pytest.skip(f"{DEV} is not on this machine: its questions were not compared")
    asked = [q["question"] for q in lines(DEV)]
    assert len(asked) > 100
    assert leaked(asked, known) == []


def test_the_search_set_is_large_and_whole():
    asked = lines(SEARCH)
    answerable = [q for q in asked if q["gold_set"]]
    assert len(answerable) >= 300
    assert len({q["gold_code"] for q in answerable}) >= 100
    assert len(asked) - len(answerable) >= 50
    assert [q for q in asked if not all(isinstance(q.get(s), str) and q[s].strip() for s in SPELLINGS)] == []
    assert [q for q in answerable if q["gold_code"] not in q["gold_set"]] == []


def test_no_question_is_asked_twice():
    for spelling in SPELLINGS:
        said = [comparable(q[spelling]) for q in lines(SEARCH)]
        assert [s for s in set(said) if said.count(s) > 1] == []
