"""What stands against a draft, in Vietnamese: every rule there is has words of its own, and every place is a place of the document."""

import copy
import re
from datetime import date

import pytest

from bot.learning import check, document, remedies
from bot.learning.labels import inside, label
from bot.learning.remedies import of_document
from tests.factories import ROOT
from tests.small_course import small
from tests.unit.learning.playing import QUESTIONS

TODAY = date(2026, 11, 24)
CLAIMS = document.claims_of(ROOT / "courses")
CARD = ("lessons", 0, "steps", 0, "card")
ASKED = ("lessons", 0, "steps", 1, "question")
OPTION = (*ASKED, "options", 1)
GONE = object()


def changed(*changes):
    """The sound course with some places set, or taken out: (path, value or GONE)."""
    made = small(checked_on="2026-11-20")
    for path, value in changes:
        part = made
        for name in path[:-1]:
            part = part[name]
        if value is GONE:
            del part[path[-1]]
        else:
            part[path[-1]] = copy.deepcopy(value)
    return made


def found(*changes, today=TODAY, approved=frozenset()):
    return [(p.loc, p.message) for p in of_document(changed(*changes), CLAIMS, today, approved) if p.blocking]


def test_nothing_stands_against_the_sound_course_nor_against_a_shipped_one():
    assert found() == []
    for path in document.files_of(ROOT / "courses"):
        course = document.load(path)
        approved = frozenset(text for _, text in check.texts(course))
        assert [p for p in of_document(course.model_dump(mode="json"), CLAIMS, course.checked_on, approved) if p.blocking] == []


def words(count: int) -> str:
    return " ".join(["từ"] * count)


QUESTION_OF = {kind: {**q, "id": "x"} for kind, q in ((q["type"], q) for q in QUESTIONS.values())}


def question(kind, **changes):
    return (ASKED, {**copy.deepcopy(QUESTION_OF[kind]), **changes})


SCENES = QUESTION_OF["scenario"]["scenes"]


def scenes(at, **changes):
    made = copy.deepcopy(SCENES)
    made[at] = {**made[at], **changes}
    return question("scenario", scenes=made)


def choice(**leads):
    return {"text": "làm", "feedback": "Vì sao làm thế.", **leads}


PAIRS = QUESTION_OF["matching"]["pairs"]

CASES = [
    # blanks and shape
    ([(("title",), "  ")], ("title",), "Tên còn trống"),
    ([(("audience",), GONE)], ("audience",), "Dành cho ai còn trống"),
    ([((*CARD, "text"), "")], (*CARD, "text"), "Nội dung còn trống"),
    ([((*CARD, "text"), "ngắn")], (*CARD, "text"), "ít nhất 10 ký tự"),
    ([((*CARD, "text"), words(61))], CARD, "Thẻ có 61 chữ, nhiều nhất 60"),
    ([((*CARD, "picture"), {"file": "anh-cu", "alt": ""})], (*CARD, "picture", "alt"), "Lời mô tả ảnh còn trống"),
    ([((*CARD, "picture"), {"file": "anh-cu"})], (*CARD, "picture", "alt"), "Lời mô tả ảnh còn trống"),
    ([((*CARD, "picture"), {"alt": "Một con cá trong ao."})], (*CARD, "picture", "file"), "Tệp ảnh còn trống"),
    ([((*CARD, "picture"), {"file": "ẢNH", "alt": "Một con cá trong ao."})], (*CARD, "picture", "file"), "Tệp ảnh chưa đúng"),
    ([((*OPTION, "feedback"), "")], (*OPTION, "feedback"), "Lời giải thích còn trống"),
    ([((*OPTION, "feedback"), GONE)], (*OPTION, "feedback"), "Lời giải thích còn trống"),
    ([((*OPTION, "text"), "x" * 161)], (*OPTION, "text"), "dài quá 160 ký tự"),
    ([((*ASKED, "options"), [])], (*ASKED, "options"), "Các lựa chọn cần ít nhất 2, chưa có gì"),
    ([((*ASKED, "options"), [{"text": f"{n}", "feedback": f"Vì sao là {n} chứ.", "correct": n == 1} for n in range(6)])], (*ASKED, "options"),
     "nhiều nhất 5, đang có 6"),
    ([((*OPTION, "correct"), True)], ASKED, "đúng một đáp án đúng"),
    ([((*OPTION, "correct"), "ừ")], (*OPTION, "correct"), "Đáp án đúng chưa đúng"),
    ([((*ASKED, "type"), "doan")], ASKED, "loại câu hỏi"), ([((*ASKED, "type"), GONE)], ASKED, "Chưa chọn loại câu hỏi"),
    ([((*ASKED, "lạ"), 1)], (*ASKED, "lạ"), "không có trong mẫu"),
    ([(("lessons", 0, "steps", 1), {"khac": 1})], ("lessons", 0, "steps", 1), "một thẻ hoặc một câu hỏi"),
    ([(("lessons", 0, "minutes"), 0)], ("lessons", 0, "minutes"), "từ 1 trở lên"),
    ([(("lessons", 0, "minutes"), 11)], ("lessons", 0, "minutes"), "nhiều nhất là 10"),
    ([(("minutes",), "sáu")], ("minutes",), "một số nguyên"), ([(("minutes",), 6.5)], ("minutes",), "một số nguyên"),
    ([(("checked_on",), "hôm qua")], ("checked_on",), "phải là một ngày"), ([(("checked_on",), [])], ("checked_on",), "phải là một ngày"),
    ([(("group",), "ai")], ("group",), "chọn một mục"),
    ([(("lessons",), [])], ("lessons",), "Các bài cần ít nhất 1, chưa có gì"),
    ([(("lessons", 0, "steps", 2), {"card": {"id": "them", "text": "Thêm một thẻ nữa để đọc."}})], ("lessons", 0), "ít nhất hai câu hỏi"),
    # rules of the course as a whole
    ([(("lessons", 1, "id"), "l1")], ("lessons", 1, "id"), "Ký hiệu l1 dùng hai lần"),
    ([(("sources",), [{"id": "S1", "title": "A", "grade": "A", "url": "https://a.vn"}] * 2)], ("sources", 1, "id"), "Nguồn S1 ghi hai lần"),
    ([((*CARD, "source"), ["S9"])], (*CARD, "source", 0), "Nguồn S9 không có trong danh sách"),
    ([(("review_by",), "2026-11-01")], ("review_by",), "Hạn xem lại phải sau"),
    # question types
    ([question("multiple", options=[{**o, "correct": False} for o in QUESTION_OF["multiple"]["options"]])], ASKED, "từ hai đáp án đúng"),
    ([question("true_false", reasons=[{**r, "correct": False} for r in QUESTION_OF["true_false"]["reasons"]])], ASKED, "đúng một lý do đúng"),
    ([question("true_false", reasons=[{**r, "verdict": False} for r in QUESTION_OF["true_false"]["reasons"]])], ASKED, "một lý do cho “sai”"),
    ([question("matching", pairs=[PAIRS[0], {**PAIRS[1], "left": PAIRS[0]["left"]}, PAIRS[2]])], (*ASKED, "pairs", 1, "left"), "vế trái giống nhau"),
    ([question("matching", pairs=[PAIRS[0], {**PAIRS[1], "right": PAIRS[0]["right"]}, PAIRS[2]])], (*ASKED, "pairs", 1, "right"), "vế phải giống nhau"),
    ([question("spot", parts=[{**p, "suspicious": True} for p in QUESTION_OF["spot"]["parts"]])], ASKED, "một đoạn đáng ngờ"),
    ([scenes(1, id="dau")], (*ASKED, "scenes", 1, "id"), "trùng ký hiệu"),
    ([scenes(2, choices=[choice(), choice(ends="right")])], (*ASKED, "scenes", 2, "choices", 0), "hoặc kết thúc"),
    ([scenes(2, choices=[choice(to="mai"), choice(ends="right")])], (*ASKED, "scenes", 2, "choices", 0, "to"), "không còn"),
    ([scenes(2, choices=[choice(to="dau"), choice(ends="right")])], (*ASKED, "scenes", 2, "choices", 0, "to"), "cảnh đứng sau"),
    ([scenes(1, choices=[choice(ends="wrong"), choice(ends="right")])], (*ASKED, "scenes", 2), "Chưa cách làm nào dẫn tới"),
    ([scenes(0, choices=[choice(to="giua"), choice(to="cuoi")]), ((*ASKED, "scenes", 1, "choices"), [choice(ends="wrong"), choice(ends="wrong")]),
      ((*ASKED, "scenes", 2, "choices"), [choice(ends="wrong"), choice(ends="wrong")])], ASKED, "đi tới kết thúc đúng"),
    # what may not go out
    ([(("minutes",), 60)], ("minutes",), "Các bài cộng lại là 6 phút, không phải 60"),
    ([((*CARD, "text"), words(16))], (*CARD, "text"), "Câu dài 16 chữ, nhiều nhất 15"),
    ([((*CARD, "text"), "Gọi số 0912 345 678 nhé.")], (*CARD, "text"), "số điện thoại (0912 345 678)"),
    ([((*CARD, "text"), "Số là 034 082 001 234 đấy.")], (*CARD, "text"), "giống số giấy tờ"),
    ([((*CARD, "text"), "Căn cước của ông là 034082001234.")], (*CARD, "text"), "của một người"),
    ([((*CARD, "text"), "Mỗi tháng được 540.000 đồng.")], (*CARD, "text"), "chưa được xác minh"),
    ([((*OPTION, "feedback"), "Sai rồi.")], ASKED, "quá ngắn"),
    ([((*OPTION, "feedback"), ". ".join([words(9)] * 6) + ".")], ASKED, "dài 54 chữ"),
    ([((*ASKED, "options", 2, "feedback"), "Nhanh thật, nhưng kẻ lừa cũng mong như thế.")], ASKED, "giống hệt nhau"),
    ([(("sources", 0, "rows"), [])], ("sources", 0), "chưa có địa chỉ trang"),
    ([(("sources",), [{"id": "S1", "title": "Nguồn thử", "grade": "B", "rows": ["scams K1"]},
                      {"id": "S2", "title": "Thừa", "grade": "B", "rows": ["scams K2"]}])],
     ("sources", 1, "id"), "Chưa thẻ hay câu hỏi nào dùng nguồn “Thừa”"),
    ([((*ASKED, "prompt"), " ".join(["Từ từ."] * 800))], ASKED, "các kênh nhận nhiều nhất 1900"),
]


@pytest.mark.parametrize(("changes", "loc", "told"), CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_every_rule_is_told_at_its_place(changes, loc, told):
    assert any(where == loc and told in message for where, message in found(*changes)), found(*changes)


@pytest.mark.parametrize("changes", [c for c, *_ in CASES])
def test_no_word_of_english_and_every_place_has_words(changes):
    for place in of_document(changed(*changes), CLAIMS, TODAY):
        told = re.sub(r"“[^”]*”|\([^)]*\)|: .*", "", place.message)
        assert not re.search(r"\b(?:the|must|should|is|are|field|list|input|valid|string|value|least|most)\b", told), place
        assert place.where == label(changed(*changes), place.loc) and place.where


def test_every_kind_of_finding_has_words():
    kinds = set(re.findall(r'"([a-z_]+)"(?:, \{|\)$)', (ROOT / "bot/learning/check.py").read_text(), re.MULTILINE)) - {"lessons", "test", "match"}
    assert kinds == set(remedies._FINDINGS)


def test_every_rule_of_the_models_has_words():
    """The messages that models raise, each matched by one pattern; what an f-string fills in is any word."""
    raised = []
    for path in [ROOT / "bot/learning/model.py", *(ROOT / "bot/learning/items").glob("*.py")]:
        raised += re.findall(r'(?:ValueError|Misplaced)\(\s*f?"([^"]+)"', path.read_text())
    assert len(raised) >= 17
    for message in raised:
        text = re.sub(r"\{CARD_WORDS\}|\{words\}", "7", message)
        text = re.sub(r"\{side\}", "left", re.sub(r"\{(?!side)[^}]+\}", "x", text))
        assert sum(bool(pattern.match(text)) for pattern, _ in remedies._RAISED) == 1, message


def test_what_is_no_course_yet_is_judged_part_by_part():
    places = found((("lessons", 1, "steps"), []), ((*CARD, "text"), "Gọi số 0912 345 678 nhé."), ((*OPTION, "feedback"), "Sai rồi."))
    assert {loc for loc, _ in places} >= {("lessons", 1, "steps"), (*CARD, "text"), ASKED}


@pytest.mark.parametrize("rubbish", [None, 5, "khoá", [], {}, {"lessons": 5}, {"lessons": [5]}, {"lessons": [{"steps": "x"}]}, {"test": {"a": 1}},
                                     {"lessons": [{"steps": [{"card": 5}, {"question": []}, None]}]}, {"group": [], "review_by": 9, "aliases": {}}])
def test_any_document_is_judged_and_none_may_go_out(rubbish):
    assert any(p.blocking for p in of_document(rubbish, CLAIMS, TODAY))


def test_examples_of_codes_are_only_asked_about_and_approved_texts_not_at_all():
    text = "Mã OTP của tôi là 482913."
    made = of_document(changed(((*CARD, "text"), text)), CLAIMS, TODAY)
    assert [(p.loc, p.blocking) for p in made] == [((*CARD, "text"), False)]
    secret = "Căn cước của ông là 034082001234."
    assert len(found(((*CARD, "text"), secret))) == 2
    assert len(found(((*CARD, "text"), secret), approved=frozenset({secret}))) == 1  # the plain rule of twelve digits stays


def test_advice_does_not_block():
    made = changed((("aliases",), []), (("lessons", 0, "easier"), GONE))
    places = of_document(made, CLAIMS, date(2027, 6, 10))
    assert {(p.loc, p.blocking) for p in places} == {(("aliases",), False), (("lessons", 0, "easier"), False), (("review_by",), False)}
    assert found(today=date(2027, 7, 1))[0][0] == ("review_by",)


@pytest.mark.parametrize(("loc", "expected"), [
    ((), "Khoá học"), (("title",), "Tên"), (("lessons", 1, "title"), "Bài 2 › Tên"), (CARD, "Bài 1 › Thẻ 1"), ((*CARD, "text"), "Bài 1 › Thẻ 1 › Nội dung"),
    (ASKED, "Bài 1 › Câu hỏi 1"), (("lessons", 0, "steps", 2, "question", "accept", 0), "Bài 1 › Câu hỏi 2 › Đáp án 1"),
    ((*OPTION, "feedback"), "Bài 1 › Câu hỏi 1 › Lựa chọn B › Lời giải thích"), (("lessons", 0, "easier", "prompt"), "Bài 1 › Câu dễ hơn › Câu hỏi"),
    (("test", 0), "Câu thử sức 1"), (("sources", 0, "url"), "Nguồn 1 › Địa chỉ trang"), (("lessons", 9, "steps", 3), "Bài 10 › Bước 1"),
    (("lessons", 0, "steps"), "Bài 1 › Thẻ và câu hỏi")])
def test_places_in_words(loc, expected):
    assert label(small(), loc) == expected


def test_what_is_inside_nothing_is_nothing():
    assert inside(None, "x") is None and inside([1], 5) is None and inside({"a": 1}, "b") is None
