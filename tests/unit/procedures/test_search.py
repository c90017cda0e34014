"""The likeliest procedure first, however it is typed; then answer, ask back, or admit that nothing fits."""

import numpy as np
import pytest

from bot.language.normalise import fold
from bot.procedures.aspects import subject
from bot.procedures.ranker import ABOUT, AMONG, BACKGROUND, BACKGROUND_COUNT, FEATURES, LEAST, TOP, Ranker, beside
from bot.procedures.search import CHOICES, Entry, Hit, Index, Phrase, Ranking, choices, synonyms, words_of

BIRTH, DEATH, MARRIAGE, MARRIAGE_ABROAD, PASSPORT = "1.001193", "1.000656", "1.000894", "2.000806", "1.001456"
COPY, LICENCE, SHOP, LAND = "2.000488.000.00.00.H40", "3.000347", "1.001612", "1.012783"


def entry(code, name, *ways, **more):
    return Entry(code, name, (Phrase(name, "name"), *map(Phrase, ways)), **more)


ENTRIES = [
    entry(BIRTH, "Đăng ký khai sinh", "vợ mới sinh con", "làm giấy khai sinh cho bé"),
    entry(DEATH, "Đăng ký khai tử", "ông nội mới mất"),
    entry(MARRIAGE, "Đăng ký kết hôn", "giấy hôn thú"),
    entry(MARRIAGE_ABROAD, "Đăng ký kết hôn có yếu tố nước ngoài"),
    entry(PASSPORT, "Cấp hộ chiếu phổ thông", also_codes=("2.002397",)),
    entry(COPY, "Chứng thực bản sao từ bản chính"),
    entry(LICENCE, "Đổi giấy phép lái xe"),
    entry(SHOP, "Đăng ký thành lập hộ kinh doanh"),
    entry(LAND, "Cấp đổi giấy chứng nhận quyền sử dụng đất"),
]


@pytest.fixture(scope="module")
def index():
    return Index(ENTRIES)


def first(index, question):
    hits = index.search(question).hits
    return hits[0].code if hits else None


def ranking(*scores, none=0.1):
    return Ranking([Hit(f"1.{n:06}", f"Thủ tục {n}", score) for n, score in enumerate(scores)], none)


@pytest.mark.parametrize(("own", "phrase"), [(e, p.text) for e in ENTRIES for p in e.phrases])
def test_every_phrase_finds_its_own_procedure_accented_and_folded(index, own, phrase):
    assert first(index, phrase) == own.code
    assert first(index, fold(phrase)) == own.code
    assert first(index, phrase.upper()) == own.code


def test_the_best_phrase_of_a_procedure_counts():
    one, many = entry("1.000001", "Một", "nuôi chim bồ câu"), entry("1.000002", "Hai", "cấp nước sạch", "nuôi chim yến non")
    assert [h.code for h in Index([one, many]).search("nuôi chim yến non").hits] == ["1.000002", "1.000001"]


def test_another_provinces_and_an_old_record_stand_behind_the_same_of_today():
    name = "Cấp phép nuôi chim yến"
    found = Index([entry("1.000001", name, local=True), entry("1.000002", name, old=True, local=True), entry("1.000003", name)]).search(name)
    assert found.hits[0].code == "1.000003"
    assert found.hits[0].score > found.hits[1].score


def test_scores_are_chances_that_leave_room_for_none(index):
    for question in ("đăng ký", "đăng ký kết hôn", "phóng tên lửa vũ trụ", "lấy chồng việt kiều"):
        found = index.search(question, top=100)
        assert all(0 <= h.score <= 1 for h in found.hits)
        assert 0 <= found.none <= 1
        assert sum(h.score for h in found.hits) + found.none == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("question", ["Đăng ký kết hôn", "đổi giấy phép lái xe", "cấp hộ chiếu phổ thông"])
def test_folded_is_decided_as_accented_is(index, question):
    typed, folded = index.search(question), index.search(fold(question))
    assert (typed.decision, typed.hits[0].code) == (folded.decision, folded.hits[0].code)


@pytest.mark.parametrize(("question", "code"), [
    ("khai sihn cho be", BIRTH), ("dang ki ket honn", MARRIAGE), ("hộ chiêú phổ thôg", PASSPORT), ("ho chieu pho thong", PASSPORT),
    ("doi giay phep lai xee", LICENCE), ("ket hon", MARRIAGE), ("khai tu", DEATH), ("hộ kinh doah", SHOP), ("gplx đổi", LICENCE),
    ("đk khai sinh ntn", BIRTH), ("KHAI SINH!!!", BIRTH), ("khai   sinh", BIRTH), ("ddawng kys khai sinh", BIRTH), ("d9a8ng ky1 ket hon", MARRIAGE),
    ("khaisinh cho con", BIRTH)])
def test_slips_and_abbreviations_do_not_hide_what_is_meant(index, question, code):
    found = index.search(question)
    assert (found.decision, found.hits[0].code) == ("answer", code)


@pytest.mark.parametrize(("question", "code"), [
    ("bằng lái sắp hết hạn", LICENCE), ("sổ đỏ", LAND), ("so do", LAND), ("lay chong", MARRIAGE), ("sao y", COPY), ("qua đời", DEATH)])
def test_what_people_say_finds_what_names_say(index, question, code):
    assert first(index, question) == code


def test_no_synonym_is_stripped_from_a_question_before_it_is_looked_up():
    told = [said for said, _ in synonyms() if said != "cmnd"]  # written out before it gets here
    assert [s for s in told if f" {s} " not in f" {words_of(subject(s))} "] == []
    assert len(told) > 50


@pytest.mark.parametrize(("question", "code"), [
    (BIRTH, BIRTH), ("thủ tục 1.001193 cần gì", BIRTH), ("1.001193.", BIRTH), ("(1.001193)?", BIRTH), ("mã 1.001193.000.00.00.H40", BIRTH),
    ("1.001193...", BIRTH), ("2.000488.000.00.00.H40", COPY), ("2.000488.000.00.00.h40 nộp ở đâu", COPY),
    ("kết hôn 1.000656", DEATH), ("2.002397", PASSPORT)])
def test_a_typed_code_is_certain(index, question, code):
    found = index.search(question)
    assert [(h.code, h.score) for h in found.hits] == [(code, 1.0)]
    assert (found.none, found.decision) == (0.0, "answer")


@pytest.mark.parametrize("question", ["9.999999", "11.001193", "1.0011935", "1001193", "đóng 31.001.193 đồng"])
def test_a_number_that_is_no_code_of_ours_is_not_taken_for_one(index, question):
    assert index.search(question).decision == "none"


def test_an_own_code_goes_before_another_entrys_second_code():
    index = Index([entry("1.000001", "Một"), entry("1.000002", "Hai", also_codes=("1.000001",))])
    assert first(index, "1.000001") == "1.000001"


def test_a_special_case_is_meant_only_when_it_is_named(index):
    assert first(index, "đăng ký kết hôn") == MARRIAGE
    assert first(index, "đăng ký kết hôn với người nước ngoài") == MARRIAGE_ABROAD
    assert first(index, "dang ky ket hon nuoc ngoai") == MARRIAGE_ABROAD
    assert index.search("lấy chồng việt kiều đăng ký kết hôn").hits[0].code == MARRIAGE_ABROAD


@pytest.mark.parametrize("question", ["", "   ", "\n", "😀", "👍👍👍", "???", "...", "登记结婚", "регистрация", "\u200b"])
def test_a_question_without_latin_words_finds_nothing(index, question):
    assert index.search(question) == Ranking([], 1.0, "none")


@pytest.mark.parametrize("question", [
    "what is the weather like", "xyzzy qwrt", "phóng tên lửa vũ trụ", "hôm nay trời mưa không", "gia vang hom nay", "nấu canh chua cá lóc", "a" * 10_000])
def test_a_question_about_something_else_is_not_answered(index, question):
    found = index.search(question)
    assert found.decision == "none"
    assert found.none > max((h.score for h in found.hits), default=0)


def test_a_question_of_ten_thousand_characters_is_searched(index):
    assert first(index, "đăng ký khai sinh cho con " * 400) == BIRTH


def test_the_request_at_the_end_of_a_story_is_heard(index):
    story = "Chào anh chị, hôm qua nhà em đi chợ về thì trời mưa to quá, cả nhà ướt hết, nay tạnh em mới rảnh, em muốn đổi giấy phép lái xe thì đi đâu"
    assert first(index, story) == LICENCE


def test_no_more_than_top_are_given_best_first(index):
    found = index.search("đăng ký", top=3).hits
    assert len(found) == 3
    assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
    assert len(index.search("đăng ký", top=1).hits) == 1


def test_what_fits_several_alike_is_asked_back(index):
    found = index.search("đăng ký")
    assert found.decision == "clarify"
    assert {MARRIAGE, BIRTH, DEATH} <= {h.code for h in choices(found)}


def test_an_empty_index_and_names_without_latin_letters_can_be_searched():
    assert Index([]).search("khai sinh") == Ranking()
    foreign = Index([entry("1.000001", "登记")])
    assert foreign.search("khai sinh").decision == "none"
    assert first(foreign, "1.000001") == "1.000001"


@pytest.mark.parametrize("at", [0, 4, len(ENTRIES)])
def test_an_entry_without_phrases_is_found_by_its_name_and_breaks_nothing(at):
    found = Index([*ENTRIES[:at], Entry("1.000001", "Nuôi chim yến", ()), *ENTRIES[at:]])
    assert first(found, "nuôi chim yến") == first(found, "1.000001") == "1.000001"
    assert [first(found, e.name) for e in ENTRIES] == [e.code for e in ENTRIES]
    assert Index([Entry("1.000001", "Nuôi chim yến", ())]).search("khai sinh").decision == "none"


# ranker

WEIGHTS, OF_NONE = len(FEATURES) + len(AMONG), len(ABOUT) + len(TOP)
RANKER = Ranker(np.zeros(WEIGHTS), np.zeros(OF_NONE), answer_at=0.7, ask_at=0.4)


@pytest.mark.parametrize(("scores", "none", "decision"), [
    ([], 1.0, "none"), ([], 0.0, "none"), ([0.7], 0.3, "answer"), ([0.699], 0.3, "clarify"), ([0.7, 0.3], 0.0, "answer"), ([0.5, 0.5], 0.0, "clarify"),
    ([0.4], 0.6, "clarify"), ([0.39], 0.601, "none"), ([LEAST] * 5, 0.5, "clarify"), ([LEAST - 0.01] * 5, 0.5, "none"),
    ([0.1], 0.9, "none"), ([1.0], 0.0, "answer")])
def test_decision_at_each_boundary(scores, none, decision):
    assert RANKER.decide(scores, none) == decision


def test_chances_are_a_softmax_over_the_candidates_and_none():
    chances, none = RANKER.chances(np.ones((3, len(FEATURES))), np.ones(len(ABOUT)))
    assert [*chances, none] == pytest.approx([0.25] * 4)
    sure, none = Ranker(np.full(WEIGHTS, 1000.0), np.zeros(OF_NONE)).chances(np.ones((1, len(FEATURES))), np.ones(len(ABOUT)))
    assert (sure[0], none) == (pytest.approx(1), pytest.approx(0))


def test_the_likeliest_of_a_few_is_not_certain_for_being_one_of_few():
    like_chance = np.zeros((1, len(FEATURES)))
    like_chance[0, FEATURES.index("sense_centre")] = BACKGROUND["sense_centre"]
    alone, _ = beside(like_chance, np.ones(len(ABOUT)))
    assert alone[0, len(FEATURES) + AMONG.index("sense_chance")] == pytest.approx(1 / (1 + BACKGROUND_COUNT))


def test_the_shipped_weights_know_every_feature():
    shipped = Ranker.shipped()
    assert (shipped.weights.shape, shipped.none.shape) == ((WEIGHTS,), (OF_NONE,))
    assert 0 < shipped.ask_at < shipped.answer_at < 1


# what is asked back with

@pytest.mark.parametrize(("scores", "kept"), [((), 0), ((0.5,), 1), ((0.5, 0.06), 2), ((0.5, 0.059), 1), ((0.2,) * 5, CHOICES), ((0.5, 0.3, 0.01), 2)])
def test_choices_are_the_near_ones_and_at_most_four(scores, kept):
    given = ranking(*scores)
    assert choices(given) == given.hits[:kept]


def test_the_example_is_the_way_that_comes_nearest(index):
    assert index.example(BIRTH, "vợ tôi vừa sinh") == "vợ mới sinh con"
    assert index.example(BIRTH, "giay khai sinh cua be") == "làm giấy khai sinh cho bé"
    assert index.example(BIRTH, "") in ("vợ mới sinh con", "làm giấy khai sinh cho bé")
    assert index.example(COPY.lower(), "sao y") == ""  # nobody has written a way for it
    assert index.example("9.999999", "sao y") == ""
