"""Stored answers in words: every question type through its own verdict, and never what somebody typed freely."""

import pytest

from bot.learning.answer_words import GAVE_UP, NOTHING, TYPED_OTHER, UNREADABLE, in_words, prompt_of
from tests.unit.learning.test_items import ALL, FILL, MATCHING, MULTIPLE, ORDERING, SCENARIO, SINGLE, SPOT, TRUE_FALSE, item


@pytest.mark.parametrize("data", ALL, ids=lambda d: d["type"])
def test_the_best_answer_reads_like_the_solution(data):
    made = item(data)
    assert in_words(made, made.grade(*made.best()).key) == made.solution()


@pytest.mark.parametrize(("data", "answer", "words"), [
    (SINGLE, "0", "Ý số 0"), (MULTIPLE, "0,1", "Ý số 0; Ý số 1"), (MULTIPLE, "", NOTHING), (SPOT, "0", "Đoạn 0"),
    (ORDERING, "2,0,1", "Việc 2 → Việc 0 → Việc 1"), (TRUE_FALSE, "0", "Đúng: họ cần"), (TRUE_FALSE, "2", "Sai: chỉ hỏi ban ngày"),
    (MATCHING, "1,0,2", "Trái 0 – Phải 1; Trái 1 – Phải 0; Trái 2 – Phải 2"), (SCENARIO, "0,0,0", "nghe → đợi → đọc"), (SCENARIO, "2", "đưa"),
    (FILL, "muc mot", "mức một"), (FILL, "nguyen thi lan", TYPED_OTHER), (FILL, "khac", TYPED_OTHER)])
def test_a_wrong_answer_in_words(data, answer, words):
    assert in_words(item(data), answer) == words


@pytest.mark.parametrize("data", ALL, ids=lambda d: d["type"])
def test_who_gave_up_said_so(data):
    assert in_words(item(data), "?") == GAVE_UP


@pytest.mark.parametrize("answer", ["9", "x", "0,7"])
def test_an_answer_the_question_cannot_have_had_is_no_error(answer):
    assert in_words(item(MULTIPLE), answer) == UNREADABLE


@pytest.mark.parametrize(("data", "words"), [
    (SINGLE, "Làm gì?"), (MATCHING, "Nối lại."), (SCENARIO, "Có người gọi đến."), (SPOT, "Chỗ nào đáng ngờ?"), (FILL, "Mức ___."),
    (TRUE_FALSE, "Đúng hay sai? Vì sao? “Công an hỏi OTP.”")])
def test_the_question_on_one_line(data, words):
    assert prompt_of(item(data)) == words
