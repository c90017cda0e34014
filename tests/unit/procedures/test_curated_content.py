"""The files we ship: complete, sourced, current in their offices, without hotline numbers, and found by their own words."""

import json
import re
from pathlib import Path

import pytest

from bot.language.normalise import fold
from bot.procedures.aspects import ASPECTS
from bot.procedures.document import load_all
from bot.procedures.entries import curated
from bot.procedures.facts import answer, of_curated
from bot.procedures.search import Index, words_of
from tests.factories import ROOT

FOLDER = ROOT / "procedures"
SLUGS = sorted(path.stem for path in FOLDER.glob("*.yml"))
DEV_QUESTIONS = Path(__file__).resolve().parents[4] / "shared" / "data" / "questions_dev.jsonl"

HOTLINE = re.compile(r"(?<![\d./])(?:1800|1900)[ .]?\d{3,6}(?![\d/])|(?<![\d./])1[89]00[ .]xxxx|(?<![\d./,])(?:11[1-5]|1022|156|5656)(?![.,]\d|[\w/])")
"""Numbers change and are called in need; only the safety module may name them."""
ACT = re.compile(r"(?i)(?:số|điều|khoản|nghị định|thông tư|quyết định|luật|công văn|mẫu)\s+(?:số\s+)?\d+")
"""A number that belongs to an act ("Nghị định 156", "Điều 113") is none to call."""
DISTRICT = re.compile(r"(?i)cấp huyện|\b(?:UBND|ủy ban nhân dân|công an|phòng [^.,;]{0,30}|bảo hiểm xã hội|chi cục thuế)\s+(?:quận|huyện)\b")
GONE = re.compile(r"(?i)(?:không còn|đã bỏ|bỏ|thay)\s+(?:cấp|công an) huyện|cấp huyện (?:không còn|đã bỏ)")


@pytest.fixture(scope="module")
def procedures():
    return load_all(FOLDER)


@pytest.fixture(scope="module")
def index(procedures):
    return Index(curated(procedures.values()))


def texts(node):
    """Every text of a document."""
    if isinstance(node, str):
        return [node]
    if isinstance(node, dict):
        return [t for v in node.values() for t in texts(v)]
    return [t for v in node for t in texts(v)] if isinstance(node, (list, tuple)) else []


def hotlines(text):
    return HOTLINE.findall(ACT.sub(" ", text))


def test_there_are_files_for_what_people_ask_most(procedures):
    assert len(procedures) >= 55
    assert list(procedures) == SLUGS


def test_names_differ(procedures):
    names = [fold(p.name) for p in procedures.values()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("slug", SLUGS)
def test_ten_ways_to_ask_or_more_all_different_when_folded(procedures, slug):
    ways = [words_of(w) for w in procedures[slug].ways_people_ask]
    assert len(set(ways)) >= 10
    assert [w for w in ways if ways.count(w) > 1] == []
    assert "" not in ways


def test_no_way_to_ask_stands_in_two_files(procedures):
    ways = [(words_of(w), slug) for slug, p in procedures.items() for w in p.ways_people_ask]
    said = [w for w, _ in ways]
    assert [(w, slug) for w, slug in ways if said.count(w) > 1] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_sources_have_a_grade_and_a_title(procedures, slug):
    sources = procedures[slug].sources
    assert {s.grade for s in sources} <= {"A", "B", "C"}
    assert [s.id for s in sources if not s.title.strip() or not re.match(r"https?://|$", s.url)] == []
    assert len({s.id for s in sources}) == len(sources)


@pytest.mark.parametrize("slug", SLUGS)
def test_dates_say_when_it_was_checked_and_when_to_check_again(procedures, slug):
    p = procedures[slug]
    assert p.checked_on.year >= 2026
    assert 0 < (p.review_by - p.checked_on).days <= 366


@pytest.mark.parametrize("slug", SLUGS)
def test_papers_steps_and_where_to_ask_are_stated(procedures, slug):
    p = procedures[slug]
    assert [f for f in ("name", "field", "level", "agency", "applicants", "fee", "duration", "result", "ask_at") if not getattr(p, f).strip()] == []
    assert "" not in [x.strip() for x in (*p.steps, *p.legal_basis, *p.aliases, *(d.name for d in p.papers))]


@pytest.mark.parametrize("slug", SLUGS)
def test_no_hotline_number_is_named(procedures, slug):
    assert [t for t in texts(procedures[slug].model_dump(mode="json", exclude={"sources", "code", "also_codes", "official_url"})) if hotlines(t)] == []


@pytest.mark.parametrize(("text", "named"), [
    ("gọi 113", True), ("gọi 113.", True), ("tổng đài 1022, bấm 1", True), ("nhắn tin 156 hoặc 5656", True), ("1900 6060", True), ("18001091", True),
    ("Nghị định 156/2020/NĐ-CP", False), ("theo Điều 113", False), ("mã 1.001139", False), ("156.000 đồng", False), ("năm 1900", False), ("1130 m2", False),
    ("115k hay 135k", False)])
def test_a_hotline_number_is_told_from_other_numbers(text, named):
    assert bool(hotlines(text)) == named


@pytest.mark.parametrize("slug", SLUGS)
def test_no_district_office_is_a_place_to_file(procedures, slug):
    p = procedures[slug]
    places = [p.agency, p.level, p.ask_at, p.conditions, p.duration, p.changed, *p.steps, *(m.note for m in p.methods), *(c.answer for c in p.cases)]
    assert [t for t in places if DISTRICT.search(GONE.sub(" ", t))] == []


@pytest.mark.parametrize(("text", "sent"), [
    ("Nộp ở Ủy ban nhân dân cấp huyện", True), ("nộp tại UBND huyện Kim Sơn", True), ("đến Công an huyện", True), ("không còn cấp huyện", False),
    ("Cấp huyện không còn nữa", False), ("không còn cấp huyện, nộp ở UBND huyện", True), ("nộp ở xã", False)])
def test_a_district_office_is_told_from_the_news_that_it_is_gone(text, sent):
    assert bool(DISTRICT.search(GONE.sub(" ", text))) == sent


@pytest.mark.parametrize("slug", SLUGS)
def test_the_official_page_is_https_or_none(procedures, slug):
    assert re.fullmatch(r"(https://\S+)?", procedures[slug].official_url)


@pytest.mark.parametrize("aspect", sorted(set(ASPECTS.values())))
@pytest.mark.parametrize("slug", SLUGS)
def test_every_aspect_answers_with_its_source(procedures, slug, aspect):
    p = procedures[slug]
    head, rest = answer(of_curated(p), aspect).split("\n", 1)
    said, source = rest.split("\n\nNguồn: ", 1)
    assert head == f"📄 {p.name}"
    assert len(said.strip()) >= 10
    assert f"Đối chiếu ngày {p.checked_on:%d/%m/%Y}." in source
    assert p.ask_at in source
    assert len(rest) < 4096


def test_originals_and_copies_are_both_counted(procedures):
    both = [(p, d) for p in procedures.values() for d in p.papers if d.originals and d.copies]
    assert both
    for p, d in both:
        assert any(f"{d.originals} bản chính; {d.copies} bản sao" in line for line in of_curated(p).papers if line.startswith(d.name))


def test_no_development_question_was_copied(procedures):
    if not DEV_QUESTIONS.exists():
        pytest.skip(f"{DEV_QUESTIONS} is not on this machine: nothing to compare with")
    asked = {words_of(json.loads(line)["question"]) for line in DEV_QUESTIONS.read_text(encoding="utf-8").splitlines()}
    assert len(asked) > 100
    assert [(slug, w) for slug, p in procedures.items() for w in p.ways_people_ask if words_of(w) in asked] == []


@pytest.mark.parametrize("typed", [str, fold], ids=["accented", "folded"])
def test_a_procedure_comes_first_for_its_own_ways(procedures, index, typed):
    ways = [(p.code, typed(w)) for p in procedures.values() for w in p.ways_people_ask]
    missed = [(code, w) for code, w in ways if [h.code for h in index.search(w, top=1).hits] != [code]]
    assert 1 - len(missed) / len(ways) >= 0.97, missed


def test_a_procedure_comes_first_for_its_name_and_its_codes(procedures, index):
    missed = [(p.code, said) for p in procedures.values() for said in (p.name, fold(p.name)) if index.search(said).hits[0].code != p.code]
    assert missed == []
    typed = [(c, p.code) for p in procedures.values() for c in (p.code, *p.also_codes) if re.match(r"\d\.\d{6}", c)]
    assert [index.search(f"thủ tục {c}").hits[0].code for c, _ in typed] == [code for _, code in typed]
