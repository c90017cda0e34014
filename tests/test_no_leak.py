"""No sentence of an evaluation set stands in training data or among the ways to ask."""

import json
import re

import pytest
from ruamel.yaml import YAML

from bot.language.normalise import fold
from tests.factories import ROOT

SEARCH = ROOT / "benchmarks/search/questions.jsonl"
INTENTS = ROOT / "benchmarks/understanding/questions.jsonl"
DEVELOPMENT = ROOT.parent / "shared/data/questions_dev.jsonl"


def key(text: str) -> str:
    """A sentence without case, diacritics and punctuation."""
    return re.sub(r"[\W_]+", " ", fold(text)).strip()


def rows(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def learned() -> set[str]:
    """Every example, way to ask, alias and case wording, comparable."""
    found: set[str] = set()
    for path in [*(ROOT / "nlu_data").glob("*.yml"), *(ROOT / "procedures").rglob("*.yml")]:
        document = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        for group in document.get("nlu", []):
            found |= {key(line[2:]) for line in group["examples"].splitlines() if line.startswith("- ")}
        for procedure in document.get("procedures", [document]):
            cases = [w for c in procedure.get("cases", []) for w in (c["when"], *c.get("ways", []))]
            for name in ("ways", "ways_people_ask", "aliases"):
                cases += procedure.get(name, [])
            found |= set(map(key, cases))
    return found


def test_the_comparison_sees_through_spelling(learned):
    assert len(learned) > 15_000
    assert key("  Làm  GIẤY khai-sinh?! ") == key("lam giay khai sinh")
    assert key("vợ em mới sinh thì làm giấy tờ gì cho cháu") in learned


def test_the_search_set_is_not_learned(learned):
    assert [q[s] for q in rows(SEARCH) for s in ("question", "slips", "dialect") if key(q[s]) in learned] == []


def test_the_intent_set_is_not_learned(learned):
    assert [q["text"] for q in rows(INTENTS) if key(q["text"]) in learned] == []


def test_the_development_questions_are_not_learned(learned):
    if not DEVELOPMENT.exists():
        pytest.skip("the shared development questions are not beside this checkout")
    assert [q["question"] for q in rows(DEVELOPMENT) if key(q["question"]) in learned] == []


def test_the_search_set_is_broad_enough():
    answerable = [q for q in rows(SEARCH) if q["gold_set"]]
    assert len(answerable) >= 300
    assert len({q["gold_code"] for q in answerable}) >= 100
    assert all(q[s].strip() for q in rows(SEARCH) for s in ("question", "slips", "dialect"))
