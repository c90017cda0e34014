"""The procedures a commune's counter displays of which we have no record: known by their names, never taken for another."""

import json

import pytest

from bot.language.normalise import fold
from bot.procedures.search import Index
from bot.services import catalogue
from tests.factories import ROOT

SHARED = ROOT.parent / "shared" / "data"
RECORDS = [SHARED / "procedures.jsonl", SHARED / "procedures_more.jsonl"]


@pytest.mark.skipif(not (SHARED / "procedures_index.jsonl").exists(), reason="the shared data are not beside the project")
def test_a_name_of_the_counter_is_never_answered_with_another_procedure():
    index = Index(catalogue.entries_from_files(ROOT / "procedures", RECORDS))
    rows = [json.loads(line) for line in (SHARED / "procedures_index.jsonl").read_text(encoding="utf-8").splitlines()]
    unrecorded = [r for r in rows if not r["in_procedures"]]
    assert len(unrecorded) == 136
    assert [r["code"] for r in unrecorded if index.by_code.get(r["code"].casefold()) is None] == []
    taken_for_another = []
    for row in unrecorded:
        found = index.search(row["name"])
        own = index.entries[index.by_code[row["code"].casefold()]].code
        if found.decision == "answer" and found.hits[0].code != own and fold(found.hits[0].name) != fold(row["name"]):
            taken_for_another.append((row["code"], found.hits[0].code))
    assert taken_for_another == []
