"""Which case of a procedure a question names: asking for fee, time, papers or place names none."""

import pytest

from bot.procedures import document
from bot.procedures.facts import case_named, of_curated
from tests.factories import ROOT

SHIPPED = {slug: of_curated(found) for slug, found in document.load_all(ROOT / "procedures").items()}
ASKED = ("mat tien khong", "có mất tiền không", "co phai nop tien khong", "hết bao nhiêu tiền", "cần giấy tờ gì", "bao lau thi xong", "mất mấy ngày",
         "nộp ở đâu", "có nộp qua mạng được không", "co can di truc tiep khong", "được không")


@pytest.mark.parametrize("slug", SHIPPED)
def test_asking_for_an_aspect_names_no_case(slug):
    facts = SHIPPED[slug]
    named = {f"{facts.name} {asked}": case_named(facts, f"{facts.name} {asked}") for asked in ASKED}
    assert {question: case for question, case in named.items() if case} == {}


def test_a_case_is_named_by_its_own_wordings():
    """Nearly all: a wording that consists of the name's words or of an aspect's says too little, and then the card says no case."""
    ways = [(facts, case, way) for facts in SHIPPED.values() for case, ways in zip(facts.cases, facts.case_ways, strict=True) for way in ways]
    assert sum(case_named(facts, way) == case for facts, case, way in ways) / len(ways) > 0.95


@pytest.mark.parametrize(("text", "case"), [
    ("lam giay khai sinh mat tien khong", ""), ("làm giấy khai sinh mất tiền không", ""), ("mất giấy chứng sinh thì khai sinh sao", "Không có giấy chứng sinh"),
    ("khai sinh muộn mất tiền không", "Đi khai sinh muộn")])
def test_lost_money_is_a_fee(text, case):
    assert case_named(SHIPPED["dang-ky-khai-sinh"], text).partition(":")[0] == case
