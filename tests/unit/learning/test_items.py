"""Each question type: how it is shown, what a typed answer is read against, its verdicts, and what it refuses."""

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.language.choices import read
from bot.learning.items.base import LETTERS, Verdict
from bot.learning.model import Item

ITEM = TypeAdapter(Item)


def options(*rights: bool) -> list[dict]:
    return [{"text": f"Ý số {i}", "correct": right, "feedback": f"Nghe này {i}."} for i, right in enumerate(rights)]


SINGLE = {"type": "single", "id": "s", "prompt": "Làm gì?", "options": options(False, True, False)}
MULTIPLE = {"type": "multiple", "id": "m", "prompt": "Dấu hiệu nào?", "options": options(True, False, True)}
ORDERING = {"type": "ordering", "id": "o", "prompt": "Xếp lại.", "feedback_right": "Đúng cả ba.",
            "places": [{"text": f"Việc {i}", "why": f"Vì là {i}."} for i in range(3)]}
TRUE_FALSE = {"type": "true_false", "id": "t", "statement": "Công an hỏi OTP.", "reasons": [
    {"verdict": True, "text": "họ cần", "feedback": "Chưa phải."},
    {"verdict": False, "text": "không bao giờ hỏi", "correct": True, "feedback": "Đúng rồi."},
    {"verdict": False, "text": "chỉ hỏi ban ngày", "feedback": "Lý do khác."}]}
FILL = {"type": "fill", "id": "f", "prompt": "Mức ___.", "accept": ["2", "mức hai", "công an"],
        "near": [{"match": ["1", "mức một"], "feedback": "Mức 1 chưa đủ."},
                 {"match": ["không phải công an"], "feedback": "Chính là họ."}],
        "feedback_right": "Đúng, mức 2.", "feedback_wrong": "Số cần điền là 2."}
ALL = [SINGLE, MULTIPLE, ORDERING, TRUE_FALSE, FILL]


def item(data: dict, **changes):
    return ITEM.validate_python({**data, **changes})


@pytest.mark.parametrize("data", ALL, ids=lambda d: d["type"])
def test_every_type_survives_json_and_is_frozen(data):
    made = item(data)
    assert ITEM.validate_json(ITEM.dump_json(made)) == made
    with pytest.raises(ValidationError):
        made.id = "another"


@pytest.mark.parametrize("data", [SINGLE, MULTIPLE, ORDERING, TRUE_FALSE], ids=lambda d: d["type"])
def test_choices_are_lettered_in_the_order_given_and_keep_the_files_index(data):
    made = item(data)
    shown = made.ask((2, 0, 1))
    assert shown.choices == (("A", 2), ("B", 0), ("C", 1))
    texts = made.expect((2, 0, 1))["options"]
    assert shown.text.endswith("\n".join(f"{LETTERS[i]}. {t}" for i, t in enumerate(texts)))
    assert len(texts) == made.size == 3


@pytest.mark.parametrize(("data", "kind", "many"), [
    (SINGLE, "single", False), (MULTIPLE, "multiple", True), (ORDERING, "ordering", True),
    (TRUE_FALSE, "true_false", False), (FILL, "fill", False),
])
def test_a_type_says_how_it_is_answered(data, kind, many):
    made = item(data)
    order = tuple(range(made.size))
    shown = made.ask(order)
    assert (made.expect(order)["kind"], shown.many) == (kind, many)
    assert (data.get("prompt") or data["statement"]) in shown.text
    assert "õ" in shown.hint  # gõ: every question can be answered by typing


@pytest.mark.parametrize(("data", "typed", "reading"), [
    (SINGLE, "b", {"picks": [1]}), (MULTIPLE, "a, c", {"picks": [0, 2]}), (ORDERING, "c a b", {"picks": [2, 0, 1]}),
    (TRUE_FALSE, "c", {"picks": [2]}), (TRUE_FALSE, "đúng", {"picks": [1]}), (FILL, "Mức Hai!", {"text": "muc hai"}),
])
def test_what_is_expected_reads_a_typed_answer(data, typed, reading):
    assert read(typed, item(data).expect((1, 0, 2))) == reading


@pytest.mark.parametrize(("data", "picks", "verdict"), [
    (SINGLE, (1,), Verdict(True, "Nghe này 1.", "1")),
    (SINGLE, (2,), Verdict(False, "Nghe này 2.", "2")),
    (MULTIPLE, (2, 0), Verdict(True, "Nghe này 0.\nNghe này 2.", "0,2")),
    (MULTIPLE, (0,), Verdict(False, "Còn thiếu “Ý số 2”: Nghe này 2.", "0")),
    (MULTIPLE, (0, 1, 2), Verdict(False, "“Ý số 1”: Nghe này 1.", "0,1,2")),
    (MULTIPLE, (1,), Verdict(False, "“Ý số 1”: Nghe này 1.", "1")),
    (ORDERING, (0, 1, 2), Verdict(True, "Đúng cả ba.", "0,1,2")),
    (ORDERING, (0, 2, 1), Verdict(False, "Việc thứ 2 là “Việc 1”. Vì là 1.", "0,2,1")),
    (ORDERING, (2, 1, 0), Verdict(False, "Việc thứ 1 là “Việc 0”. Vì là 0.", "2,1,0")),
    (ORDERING, (0, 1), Verdict(False, "Việc thứ 3 là “Việc 2”. Vì là 2.", "0,1")),
    (ORDERING, (), Verdict(False, "Việc thứ 1 là “Việc 0”. Vì là 0.", "")),
    (TRUE_FALSE, (1,), Verdict(True, "Đúng rồi.", "1")),
    (TRUE_FALSE, (0,), Verdict(False, "Chưa phải.", "0")),
    (TRUE_FALSE, (2,), Verdict(False, "Lý do khác.", "2")),
])
def test_picks_are_graded(data, picks, verdict):
    assert item(data).grade(picks) == verdict


@pytest.mark.parametrize(("typed", "correct", "feedback"), [
    ("2", True, "Đúng, mức 2."), ("MỨC  HAI", True, "Đúng, mức 2."), ("muc hai a", True, "Đúng, mức 2."),
    ("phải gọi công an", True, "Đúng, mức 2."), ("1", False, "Mức 1 chưa đủ."), ("muc mot", False, "Mức 1 chưa đủ."),
    ("không phải công an", False, "Chính là họ."),  # holds an accepted answer, and is expected as a wrong one
    ("3", False, "Số cần điền là 2."), ("12", False, "Số cần điền là 2."), ("", False, "Số cần điền là 2."),
    ("tôi nghĩ chắc là công an chứ ai nữa", False, "Số cần điền là 2."),
    ("dạ 2 ạ", True, "Đúng, mức 2."), ("là 2 nhé", True, "Đúng, mức 2."), ("em nghĩ mức hai ạ", True, "Đúng, mức 2."),
    ("dạ mức 1 ạ", False, "Mức 1 chưa đủ."), ("không phải 2", False, "Số cần điền là 2."),
    ("chắc không phải công an đâu", False, "Chính là họ."), ("đúng là công an", True, "Đúng, mức 2."),
    ("không gọi công an", False, "Số cần điền là 2."),
])
def test_a_filled_in_word_is_graded(typed, correct, feedback):
    verdict = item(FILL).grade((), typed)
    assert (verdict.correct, verdict.feedback) == (correct, feedback)


def test_what_is_stored_of_a_fill_is_folded_and_short():
    assert item(FILL).grade((), "Mức Một").key == "muc mot"
    assert len(item(FILL).grade((), "dài " * 200).key) == 200


@pytest.mark.parametrize(("data", "solution"), [
    (SINGLE, "Ý số 1"), (MULTIPLE, "Ý số 0; Ý số 2"), (ORDERING, "Việc 0 → Việc 1 → Việc 2"),
    (TRUE_FALSE, "Sai: không bao giờ hỏi"), (FILL, "2"),
])
def test_the_solution_is_told_in_words(data, solution):
    assert item(data).solution() == solution


REASON_TRUE, REASON_RIGHT = TRUE_FALSE["reasons"][0], TRUE_FALSE["reasons"][1]


@pytest.mark.parametrize(("data", "change", "said"), [
    (SINGLE, {"options": options(False, False)}, "exactly one option must be `correct: true`"),
    (SINGLE, {"options": options(True, True)}, "exactly one option must be `correct: true`"),
    (SINGLE, {"options": options(True)}, "at least 2"),
    (SINGLE, {"options": options(True, *[False] * 5)}, "at most 5"),
    (SINGLE, {"options": [*options(True), {"text": "Hai"}]}, "Field required"),
    (SINGLE, {"options": [*options(True), {"text": "Hai", "feedback": "Ừ"}]}, "at least 5 characters"),
    (SINGLE, {"options": [*options(True), {"text": "x" * 161, "feedback": "Chưa phải."}]}, "at most 160 characters"),
    (SINGLE, {"colour": "red"}, "Extra inputs"),
    (MULTIPLE, {"options": options(True, False, False)}, "at least two options must be `correct: true`"),
    (MULTIPLE, {"options": options(True, True, True)}, "at least one must not"),
    (MULTIPLE, {"options": options(True, True)}, "at least 3"),
    (MULTIPLE, {"options": options(True, True, *[False] * 5)}, "at most 6"),
    (ORDERING, {"places": ORDERING["places"][:2]}, "at least 3"),
    (ORDERING, {"places": ORDERING["places"] * 2}, "at most 5"),
    (ORDERING, {"places": [{"text": "Một việc"}] * 3}, "Field required"),
    (TRUE_FALSE, {"reasons": [REASON_TRUE, {**REASON_RIGHT, "correct": False}]}, "exactly one reason"),
    (TRUE_FALSE, {"reasons": [{**REASON_TRUE, "correct": True}, REASON_RIGHT]}, "exactly one reason"),
    (TRUE_FALSE, {"reasons": [REASON_RIGHT, {**REASON_TRUE, "verdict": False}]}, "one reason for true and one for false"),
    (FILL, {"accept": []}, "at least 1"),
    (FILL, {"near": [{"match": [], "feedback": "Gần đúng rồi."}]}, "at least 1"),
    (FILL, {"feedback_wrong": ""}, "at least 5 characters"),
    (SINGLE, {"type": "guess"}, "does not match any of the expected tags"),
])
def test_an_unsound_question_is_refused(data, change, said):
    with pytest.raises(ValidationError, match=said):
        item(data, **change)
