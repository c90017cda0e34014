"""The best phrase wins, however it is typed; then answer, ask back, or admit that nothing fits."""

import pytest

from bot.language.normalise import fold
from bot.procedures.aspects import subject
from bot.procedures.search import (
    ANSWER_AT,
    CHOICES,
    CLARIFY_AT,
    CLEAR_LEAD,
    NEAR,
    SURE_AT,
    Entry,
    Hit,
    Index,
    choices,
    decide,
    synonyms,
    words_of,
)

BIRTH, DEATH, MARRIAGE, MARRIAGE_ABROAD, PASSPORT = "1.001193", "1.000656", "1.000894", "2.000806", "1.001456"
COPY, LICENCE, SHOP, LAND = "2.000488.000.00.00.H40", "3.000347", "1.001612", "1.012783"
ENTRIES = [
    Entry(BIRTH, "Đăng ký khai sinh", (("Đăng ký khai sinh", 1.0), ("vợ mới sinh con", 1.0), ("làm giấy khai sinh cho bé", 1.0))),
    Entry(DEATH, "Đăng ký khai tử", (("Đăng ký khai tử", 1.0), ("ông nội mới mất", 1.0))),
    Entry(MARRIAGE, "Đăng ký kết hôn", (("Đăng ký kết hôn", 1.0), ("giấy hôn thú", 1.0))),
    Entry(MARRIAGE_ABROAD, "Đăng ký kết hôn có yếu tố nước ngoài", (("Đăng ký kết hôn có yếu tố nước ngoài", 1.0),)),
    Entry(PASSPORT, "Cấp hộ chiếu phổ thông", (("Cấp hộ chiếu phổ thông", 1.0),), also_codes=("2.002397",)),
    Entry(COPY, "Chứng thực bản sao từ bản chính", (("Chứng thực bản sao từ bản chính", 1.0),)),
    Entry(LICENCE, "Đổi giấy phép lái xe", (("Đổi giấy phép lái xe", 1.0),)),
    Entry(SHOP, "Đăng ký thành lập hộ kinh doanh", (("Đăng ký thành lập hộ kinh doanh", 1.0),)),
    Entry(LAND, "Cấp đổi giấy chứng nhận quyền sử dụng đất", (("Cấp đổi giấy chứng nhận quyền sử dụng đất", 1.0),)),
]


@pytest.fixture(scope="module")
def index():
    return Index(ENTRIES)


def first(index, question):
    hits = index.search(question)
    return hits[0].code if hits else None


def hits(*scores):
    return [Hit(f"1.{n:06}", f"Thủ tục {n}", score) for n, score in enumerate(scores)]


@pytest.mark.parametrize(("entry", "phrase"), [(e, text) for e in ENTRIES for text, _ in e.phrases])
def test_every_phrase_finds_its_own_procedure_accented_and_folded(index, entry, phrase):
    assert first(index, phrase) == entry.code
    assert first(index, fold(phrase)) == entry.code
    assert first(index, phrase.upper()) == entry.code


def test_a_procedure_scores_as_its_best_phrase_does():
    one, many = Entry("1.000001", "Một", (("nuôi chim yến", 1.0),)), Entry("1.000002", "Hai", (("cấp nước sạch", 1.0), ("nuôi chim yến non", 1.0)))
    found = Index([one, many]).search("nuôi chim yến non")
    assert [h.code for h in found] == ["1.000002", "1.000001"]
    assert found[0].score == pytest.approx(1.0, abs=0.01)


def test_a_phrase_of_less_weight_and_a_procedure_of_a_lower_prior_stand_behind():
    phrase = "cấp phép nuôi chim yến"
    found = Index([Entry("1.000001", "Xa", ((phrase, 1.0),), 0.5), Entry("1.000002", "Nhẹ", ((phrase, 0.8),)),
                   Entry("1.000003", "Đúng", ((phrase, 1.0),))]).search(phrase)
    assert [(h.code, h.score) for h in found] == [("1.000003", pytest.approx(1.0, abs=0.001)), ("1.000002", pytest.approx(0.8, abs=0.001)),
                                                  ("1.000001", pytest.approx(0.5, abs=0.001))]


@pytest.mark.parametrize("question", ["Đăng ký kết hôn", "đổi giấy phép lái xe", "cấp hộ chiếu phổ thông"])
def test_folded_scores_as_accented_does(index, question):
    assert index.search(fold(question))[0] == index.search(question)[0]


@pytest.mark.parametrize(("question", "code"), [
    ("khai sihn cho be", BIRTH), ("dang ki ket honn", MARRIAGE), ("hộ chiêú phổ thôg", PASSPORT), ("ho chieu pho thong", PASSPORT),
    ("doi giay phep lai xee", LICENCE), ("ket hon", MARRIAGE), ("khai tu", DEATH), ("hộ kinh doah", SHOP), ("gplx đổi", LICENCE),
    ("đk khai sinh ntn", BIRTH), ("KHAI SINH!!!", BIRTH), ("khai   sinh", BIRTH)])
def test_slips_and_abbreviations_do_not_hide_what_is_meant(index, question, code):
    assert first(index, question) == code


@pytest.mark.parametrize(("question", "code"), [
    ("mở quán phở", SHOP), ("mo quan pho", SHOP), ("passport", PASSPORT), ("bằng lái sắp hết hạn", LICENCE), ("sổ đỏ", LAND), ("so do", LAND),
    ("lấy vợ", MARRIAGE), ("lay chong", MARRIAGE), ("sao y", COPY), ("qua đời", DEATH)])
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
    assert [(h.code, h.score) for h in index.search(question)] == [(code, 1.0)]


@pytest.mark.parametrize("question", ["9.999999", "11.001193", "1.0011935", "1001193", "đóng 31.001.193 đồng"])
def test_a_number_that_is_no_code_of_ours_is_not_taken_for_one(index, question):
    assert 1.0 not in [h.score for h in index.search(question)]


def test_an_own_code_goes_before_another_entrys_second_code():
    index = Index([Entry("1.000001", "Một", (("một", 1.0),)), Entry("1.000002", "Hai", (("hai", 1.0),), also_codes=("1.000001",))])
    assert first(index, "1.000001") == "1.000001"


def test_a_special_case_is_meant_only_when_it_is_named(index):
    assert first(index, "đăng ký kết hôn") == MARRIAGE
    assert first(index, "đăng ký kết hôn với người nước ngoài") == MARRIAGE_ABROAD
    assert first(index, "dang ky ket hon nuoc ngoai") == MARRIAGE_ABROAD
    assert first(index, "lấy chồng việt kiều đăng ký kết hôn") == MARRIAGE_ABROAD


@pytest.mark.parametrize("question", ["", "   ", "\n", "😀", "👍👍👍", "???", "...", "登记结婚", "регистрация", "\u200b"])
def test_a_question_without_latin_words_finds_nothing(index, question):
    assert index.search(question) == []
    assert decide(index.search(question)) == "none"


@pytest.mark.parametrize("question", ["what is the weather like", "xyzzy qwrt", "phóng tên lửa vũ trụ"])
def test_a_foreign_question_is_not_answered(index, question):
    assert decide(index.search(question)) == "none"


def test_a_question_of_ten_thousand_characters_is_searched(index):
    found = index.search("đăng ký khai sinh cho con " * 400)
    assert found[0].code == BIRTH
    assert index.search("a" * 10_000) == []
    assert all(0 <= h.score <= 1 for h in found)


def test_no_more_than_top_are_given_best_first(index):
    found = index.search("đăng ký", top=3)
    assert len(found) == 3
    assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
    assert len(index.search("đăng ký", top=1)) == 1


def test_an_empty_index_and_names_without_latin_letters_can_be_searched():
    assert Index([]).search("khai sinh") == []
    assert Index([Entry("1.000001", "登记", (("登记", 1.0),))]).search("khai sinh") == []
    assert Index([Entry("1.000001", "Không câu nào", ())]).search("khai sinh") == []
    assert first(Index([Entry("1.000001", "登记", (("登记", 1.0),))]), "1.000001") == "1.000001"


@pytest.mark.parametrize(("scores", "decision"), [
    ((), "none"), ((CLARIFY_AT - 0.001,), "none"), ((CLARIFY_AT,), "clarify"), ((ANSWER_AT - 0.001,), "clarify"), ((ANSWER_AT,), "answer"),
    ((0.7, 0.7 * CLEAR_LEAD), "clarify"), ((0.7, 0.7 * CLEAR_LEAD - 0.001), "answer"), ((SURE_AT, 0.98 * SURE_AT), "clarify"),
    ((SURE_AT, 0.98 * SURE_AT - 0.001), "answer"), ((SURE_AT - 0.001, 0.97 * SURE_AT), "clarify"), ((1.0, 1.0), "clarify"), ((1.0,), "answer")])
def test_decision_at_each_boundary(scores, decision):
    assert decide(hits(*scores)) == decision


@pytest.mark.parametrize(("scores", "kept"), [
    ((), 0), ((0.5,), 1), ((0.5, 0.5 * NEAR), 2), ((0.5, 0.5 * NEAR - 0.001), 1), ((0.3, 0.225), 2),
    ((0.3, 0.3 * NEAR - 0.001), 1), ((0.5,) * 9, CHOICES), ((0.9, 0.9 * NEAR, 0.9 * NEAR - 0.01), 2)])
def test_choices_are_the_near_ones_and_at_most_four(scores, kept):
    given = hits(*scores)
    assert choices(given) == given[:kept]
