"""Each question type: how it is shown, what a typed answer is read against, its verdicts, and what it refuses."""

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.language.choices import read
from bot.learning.items import TYPES
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
MATCHING = {"type": "matching", "id": "j", "prompt": "Nối lại.", "feedback_right": "Đúng cả ba cặp.",
            "pairs": [{"left": f"Trái {i}", "right": f"Phải {i}", "why": f"Vì cặp {i}."} for i in range(3)]}
SPOT = {"type": "spot", "id": "p", "prompt": "Chỗ nào đáng ngờ?", "sender": "Số lạ", "parts": [
    {"text": f"Đoạn {i}", "suspicious": i in (1, 2), "feedback": f"Xem đoạn {i}."} for i in range(3)]}
PICTURE = {**SINGLE, "type": "picture", "id": "h", "picture": {"file": "thu-hinh", "alt": "Hình vẽ một màn hình."}}


def choice(text: str, **leads: str) -> dict:
    return {"text": text, "feedback": f"Rằng {text}.", **leads}


SCENARIO = {"type": "scenario", "id": "c", "scenes": [
    {"id": "dau", "text": "Có người gọi đến.", "choices": [choice("nghe", to="giua"), choice("gác", ends="right"), choice("đưa", ends="wrong")]},
    {"id": "giua", "text": "Họ bảo đợi máy.", "choices": [choice("đợi", to="cuoi"), choice("cãi", ends="wrong")]},
    {"id": "cuoi", "text": "Họ xin mã số.", "choices": [choice("đọc", ends="wrong"), choice("thôi", ends="right")]}]}
ALL = [SINGLE, MULTIPLE, ORDERING, TRUE_FALSE, FILL, MATCHING, SPOT, PICTURE, SCENARIO]


def item(data: dict, **changes):
    return ITEM.validate_python({**data, **changes})


def test_the_tests_know_every_type():
    assert sorted(data["type"] for data in ALL) == list(TYPES)


@pytest.mark.parametrize("data", ALL, ids=lambda d: d["type"])
def test_the_best_answer_is_right_and_every_feedback_is_told_of(data):
    made = item(data)
    picks, text = made.best()
    verdict = made.grade(picks, text)
    assert verdict.correct
    assert all(any(line.endswith(told) for told in made.told()) for line in verdict.feedback.split("\n"))
    assert len(set(made.told())) == len(made.told()) > 1


@pytest.mark.parametrize("data", ALL, ids=lambda d: d["type"])
def test_every_type_survives_json_and_is_frozen(data):
    made = item(data)
    assert ITEM.validate_json(ITEM.dump_json(made)) == made
    with pytest.raises(ValidationError):
        made.id = "another"


@pytest.mark.parametrize("data", [SINGLE, MULTIPLE, ORDERING, TRUE_FALSE, MATCHING, PICTURE, SCENARIO], ids=lambda d: d["type"])
def test_choices_are_lettered_in_the_order_given_and_keep_the_files_index(data):
    made = item(data)
    shown = made.ask((2, 0, 1))
    assert shown.choices == (("A", 2), ("B", 0), ("C", 1))
    texts = made.expect((2, 0, 1))["options"]
    assert shown.text.endswith("\n".join(f"{LETTERS[i]}. {t}" for i, t in enumerate(texts)))
    assert len(texts) == made.size == 3


@pytest.mark.parametrize(("data", "kind", "many"), [
    (SINGLE, "single", False), (MULTIPLE, "multiple", True), (ORDERING, "ordering", True),
    (TRUE_FALSE, "true_false", False), (FILL, "fill", False), (MATCHING, "ordering", True), (SPOT, "multiple", True),
    (PICTURE, "single", False), (SCENARIO, "single", False),
])
def test_a_type_says_how_it_is_answered(data, kind, many):
    made = item(data)
    order = tuple(range(made.size))
    shown = made.ask(order)
    assert (made.expect(order)["kind"], shown.many) == (kind, many)
    assert (data.get("prompt") or data.get("statement") or data["scenes"][0]["text"]) in shown.text
    assert "õ" in shown.hint  # gõ: every question can be answered by typing


@pytest.mark.parametrize(("data", "typed", "reading"), [
    (SINGLE, "b", {"picks": [1]}), (MULTIPLE, "a, c", {"picks": [0, 2]}), (ORDERING, "c a b", {"picks": [2, 0, 1]}),
    (TRUE_FALSE, "c", {"picks": [2]}), (TRUE_FALSE, "đúng", {"picks": [1]}), (FILL, "Mức Hai!", {"text": "muc hai"}),
    (MATCHING, "1c 2a 3b", {"picks": [2, 0, 1]}), (MATCHING, "trái 0 với a, trái 1 với c, trái 2 với b", {"picks": [0, 2, 1]}),
    (SPOT, "b, c", {"picks": [1, 2]}), (PICTURE, "ý số 1", {"picks": [0]}), (SCENARIO, "gác", {"picks": [0]}),
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
    (MATCHING, (0, 1, 2), Verdict(True, "Đúng cả ba cặp.", "0,1,2")),
    (MATCHING, (0, 2, 1), Verdict(False, "“Trái 1” đi với “Phải 1”. Vì cặp 1.", "0,2,1")),
    (MATCHING, (2, 1, 0), Verdict(False, "“Trái 0” đi với “Phải 0”. Vì cặp 0.", "2,1,0")),
    (MATCHING, (), Verdict(False, "“Trái 0” đi với “Phải 0”. Vì cặp 0.", "")),
    (SPOT, (2, 1), Verdict(True, "Xem đoạn 1.\nXem đoạn 2.", "1,2")),
    (SPOT, (0, 1), Verdict(False, "“Đoạn 0”: Xem đoạn 0.\nCòn sót “Đoạn 2”: Xem đoạn 2.", "0,1")),
    (SPOT, (0, 1, 2), Verdict(False, "“Đoạn 0”: Xem đoạn 0.", "0,1,2")),
    (SPOT, (), Verdict(False, "Còn sót “Đoạn 1”: Xem đoạn 1.\nCòn sót “Đoạn 2”: Xem đoạn 2.", "")),
    (PICTURE, (1,), Verdict(True, "Nghe này 1.", "1")),
    (PICTURE, (0,), Verdict(False, "Nghe này 0.", "0")),
    (SCENARIO, (1,), Verdict(True, "Rằng gác.", "1")),
    (SCENARIO, (2,), Verdict(False, "Rằng đưa.", "2")),
    (SCENARIO, (0, 1), Verdict(False, "Rằng cãi.", "0,1")),
    (SCENARIO, (0, 0, 1), Verdict(True, "Rằng thôi.", "0,0,1")),
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


@pytest.mark.parametrize(("accept", "typed", "correct"), [
    ("15", "mười lăm", True), ("mười lăm", "15", True), ("15", "015", True), ("15 phút", "15phút", True), ("15", "mười năm", False),
    ("ba", "mười ba", False), ("ba", "số ba", True), ("ba", "trong ba ngày", True), ("ba", "ba mươi", False), ("ba", "23 ngày", False),
    ("gov.vn", "gov . vn", True), ("gov.vn", "govvn", False), ("ba ngày", "dạ là ba ngày nghen", True),
])
def test_numbers_may_be_written_in_words_and_one_number_does_not_hold_another(accept, typed, correct):
    assert item(FILL, accept=[accept], near=[]).grade((), typed).correct == correct


def test_a_spot_keeps_the_messages_order_and_a_sequence_never_shows_its_solution():
    assert item(SPOT).arranged((2, 0, 1)) == (0, 1, 2)
    assert item(SPOT).ask((0, 1, 2)).text == "Chỗ nào đáng ngờ?\n\n✉️ Số lạ:\n[A] Đoạn 0\n[B] Đoạn 1\n[C] Đoạn 2"
    for data in (ORDERING, MATCHING):
        assert [item(data).arranged(o) for o in ((0, 1, 2), (2, 0, 1))] == [(1, 2, 0), (2, 0, 1)]


@pytest.mark.parametrize("data", [ORDERING, MATCHING], ids=lambda d: d["type"])
def test_a_sequence_is_chosen_one_by_one_and_the_last_follows(data):
    made = item(data)
    first = made.pick((), 2)
    assert (first.picked, first.complete) == ((2,), False)
    assert made.pick((2,), 2).picked == (2,)
    assert (made.pick((2,), 0).picked, made.pick((2,), 0).complete) == ((2, 0, 1), True)
    assert made.read_as((2,), (0,)) == made.pick((2,), 0)
    assert made.read_as((2,), (0, 1, 2)).picked == (0, 1, 2)


def test_a_matching_says_which_is_next():
    assert item(MATCHING).pick((), 2).note == "Tiếp: số 2, “Trái 1”."
    assert item(ORDERING).pick((), 2).note == ""


def test_a_story_goes_on_from_choice_to_choice():
    made = item(SCENARIO)
    assert [(made.count(p), made.stage(p)) for p in ((), (0,), (0, 0))] == [(3, "dau"), (2, "giua"), (2, "cuoi")]
    on = made.pick((), 0)
    assert (on.picked, on.complete, on.note) == ((0,), False, "Rằng nghe.")
    end = made.pick((0, 0), 1)
    assert (end.picked, end.complete, end.note) == ((0, 0, 1), True, "")
    assert made.read_as((0,), (1,)) == made.pick((0,), 1)
    assert made.ask((1, 0), (0,)).text == "Họ bảo đợi máy.\n\nA. cãi\nB. đợi"
    assert made.scene((0, 0, 1)) is None


def test_the_shortest_right_way_of_a_story_is_told():
    assert item(SCENARIO).best() == ((1,), "")
    longer = item(SCENARIO, scenes=[{**SCENARIO["scenes"][0], "choices": [choice("nghe", to="giua"), choice("sang", to="cuoi")]}, *SCENARIO["scenes"][1:]])
    assert longer.best() == ((1, 1), "")
    assert longer.solution() == "sang → thôi"
    assert longer.grade(longer.best()[0]).correct


def test_a_pictures_description_is_for_who_cannot_see_it():
    assert item(PICTURE).picture.alt == "Hình vẽ một màn hình."


def test_what_is_stored_of_a_fill_is_folded_and_short():
    assert item(FILL).grade((), "Mức Một").key == "muc mot"
    assert item(FILL).grade((), "nhà tôi ở xóm 3, tôi tên là Nguyễn Văn A").key == "khac"
    assert item(FILL).grade((), "098765").key == "khac"


@pytest.mark.parametrize(("data", "solution"), [
    (SINGLE, "Ý số 1"), (MULTIPLE, "Ý số 0; Ý số 2"), (ORDERING, "Việc 0 → Việc 1 → Việc 2"),
    (TRUE_FALSE, "Sai: không bao giờ hỏi"), (FILL, "2"), (MATCHING, "Trái 0 – Phải 0; Trái 1 – Phải 1; Trái 2 – Phải 2"),
    (SPOT, "Đoạn 1; Đoạn 2"), (PICTURE, "Ý số 1"), (SCENARIO, "gác"),
])
def test_the_solution_is_told_in_words(data, solution):
    assert item(data).solution() == solution


def scenes(*changed: tuple[int, dict]) -> dict:
    """The story with the choices of some scenes replaced."""
    found = [dict(scene) for scene in SCENARIO["scenes"]]
    for at, change in changed:
        found[at].update(change)
    return {"scenes": found}


PAIRS, PARTS = MATCHING["pairs"], SPOT["parts"]
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
    (MATCHING, {"pairs": PAIRS[:2]}, "at least 3"),
    (MATCHING, {"pairs": [*PAIRS, {"left": "x", "right": "y", "why": "Vì thế."}, {"left": "z", "right": "w", "why": "Vì thế."}]}, "at most 4"),
    (MATCHING, {"pairs": [*PAIRS[:2], {**PAIRS[2], "left": "TRÁI 1 "}]}, "two pairs have the same `left`"),
    (MATCHING, {"pairs": [*PAIRS[:2], {**PAIRS[2], "right": "phải 1"}]}, "two pairs have the same `right`"),
    (MATCHING, {"pairs": [*PAIRS[:2], {**PAIRS[2], "right": "x" * 61}]}, "at most 60 characters"),
    (SPOT, {"parts": [{**p, "suspicious": False} for p in PARTS]}, "at least one part must be `suspicious: true`"),
    (SPOT, {"parts": [{**p, "suspicious": True} for p in PARTS]}, "at least one must not"),
    (SPOT, {"parts": PARTS[:2]}, "at least 3"),
    (SPOT, {"parts": [{**PARTS[0], "text": f"Đoạn số {i}"} for i in range(6)] + [PARTS[1]]}, "at most 6"),
    (SPOT, {"sender": ""}, "at least 1 character"),
    (PICTURE, {"picture": {"file": "Hình.png", "alt": "Hình vẽ một màn hình."}}, "match pattern"),
    (PICTURE, {"picture": {"file": "thu-hinh", "alt": "Hình"}}, "at least 10 characters"),
    (PICTURE, {"picture": None}, "Input should be a valid dictionary"),
    (PICTURE, {"options": options(True, True)}, "exactly one option"),
    (SCENARIO, scenes((1, {"id": "dau"})), "two scenes have the same id"),
    (SCENARIO, {"scenes": SCENARIO["scenes"][:1]}, "at least 2"),
    (SCENARIO, scenes((0, {"choices": [choice("x", to="giua"), choice("y")]})), "either `to` a scene or `ends` right or wrong"),
    (SCENARIO, scenes((0, {"choices": [choice("x", to="giua"), choice("y", to="cuoi", ends="right")]})), "either `to` a scene or `ends`"),
    (SCENARIO, scenes((0, {"choices": [choice("x", to="giua"), choice("y", to="đâu đó")]})), "there is no scene đâu đó"),
    (SCENARIO, scenes((1, {"choices": [choice("x", to="cuoi"), choice("y", to="dau")]})), "a choice leads to a later scene only"),
    (SCENARIO, scenes((1, {"choices": [choice("x", to="giua"), choice("y", to="cuoi")]})), "a choice leads to a later scene only"),
    (SCENARIO, scenes((1, {"choices": [choice("x", ends="right"), choice("y", ends="wrong")]})), "no choice leads to this scene"),
    (SCENARIO, scenes((0, {"choices": [choice("x", to="giua"), choice("y", ends="wrong")]}),
                      (2, {"choices": [choice("x", ends="wrong"), choice("y", ends="wrong")]})), "no way through the story ends right"),
    (SCENARIO, scenes((0, {"choices": [choice(str(i), to="giua") for i in range(4)]})), "at most 3"),
])
def test_an_unsound_question_is_refused(data, change, said):
    with pytest.raises(ValidationError, match=said):
        item(data, **change)
