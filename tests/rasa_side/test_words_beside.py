"""What is typed beside the question on the screen: numbers of reports, bare links, questions without their mark, answers to another step."""

import pytest

from bot.rasa_glue.context import read


def intent(text, name, confidence=0.9, expect=None):
    found = {"name": name, "confidence": confidence}
    return read(text, found, [found], expect)


WORDS = {"kind": "words", "intent": "give_feedback"}


@pytest.mark.parametrize("text", ["PA-2026-000001-J", "pa 2026 000001 j", "phản ánh PA-2026-000001-J đến đâu rồi"])
@pytest.mark.parametrize("name", ["out_of_scope", "check_dossier", "nlu_fallback"])
@pytest.mark.parametrize("expect", [None, WORDS, {"kind": "card", "on_screen": False}])
def test_the_number_of_a_report_asks_for_it(text, name, expect):
    assert intent(text, name, expect=expect) == "check_feedback"


@pytest.mark.parametrize("text", ["https://vietcornbank.com.vn/login đúng không", "evn-hoantien.xyz", "bit.ly/abc123", "chamcong.apk"])
@pytest.mark.parametrize("name", ["out_of_scope", "nlu_fallback", "affirm", "thank"])
def test_a_link_that_means_nothing_else_is_judged(text, name):
    assert intent(text, name) == "check_suspicious"


def test_a_link_within_another_wish_is_part_of_it():
    assert intent("nộp hồ sơ trên dichvucong.gov.vn thế nào", "ask_online") == "ask_online"
    assert intent("đường hỏng, ảnh ở drive.google.com/abc", "out_of_scope", expect=WORDS) == "give_feedback"


@pytest.mark.parametrize("text, name", [("thủ tục khai sinh cần giấy gì", "ask_documents"), ("lệ phí làm căn cước bao nhiêu", "ask_fee"),
                                        ("nop ho so khai sinh o dau", "ask_place"), ("làm hộ chiếu mất bao lâu?", "ask_duration")])
def test_a_question_without_its_mark_is_no_part_of_a_report(text, name):
    assert intent(text, name, expect=WORDS) == name


@pytest.mark.parametrize("text, name, confidence", [
    ("đèn hỏng bao lâu rồi mà chưa ai sửa", "give_feedback", 0.9), ("dân đi thế nào được nữa", "ask_online", 0.5),
    ("cột số 7 gần nhà văn hóa", "ask_place", 0.9)])
def test_words_of_a_report_stay_its_words(text, name, confidence):
    assert intent(text, name, confidence, WORDS) == "give_feedback"


@pytest.mark.parametrize("step, text", [("channel", "chưa mất"), ("indicator", "gửi"), ("channel", "hôm qua"), ("loss", "gửi đi"), ("indicator", "qua zalo")])
@pytest.mark.parametrize("name", ["deny", "unsubscribe", "out_of_scope"])
def test_an_answer_to_another_step_is_taken_as_one(step, text, name):
    assert intent(text, name, expect={"kind": "report", "step": step, "on_screen": False}) == "report_answer"


@pytest.mark.parametrize("text, name", [("hôm nay xã có làm việc không", "ask_office_contact"), ("gặp cán bộ", "request_human")])
def test_another_wish_is_another_wish(text, name):
    assert intent(text, name, expect={"kind": "report", "step": "channel", "on_screen": False}) == name


@pytest.mark.parametrize("text, name, confidence", [
    ("link nó gửi là vietcombank-baove.top đúng không", "out_of_scope", 0.65), ("bit.ly/3xYz bấm được không", "out_of_scope", 0.9),
    ("trang vcb-khachhang.pro đăng nhập được không", "ask_online", 0.5), ("dichvucong.gov.vn.xyz vào được không", "ask_online", 0.5),
    ("số 0868123456 cứ gọi hoài", "nlu_fallback", 0.3), ("0868 123 456 la so nao vay", "out_of_scope", 0.6)])
def test_an_address_or_a_strangers_number_is_judged_where_little_else_is_understood(text, name, confidence):
    assert intent(text, name, confidence) == "check_suspicious"


@pytest.mark.parametrize("text, name, confidence", [
    ("nộp trên dichvucong.gov.vn được không", "ask_online", 0.5), ("khai trên vneid.link thế nào", "ask_online", 0.9),
    ("sđt của tôi 0912345678", "out_of_scope", 0.8), ("gọi lại cho em 0912 345 678", "nlu_fallback", 0.3),
    ("số 0912345678 tôi đăng ký vneid", "ask_procedure", 0.8)])
def test_what_is_understood_or_ones_own_is_not(text, name, confidence):
    assert intent(text, name, confidence) == name


def test_an_address_that_a_lesson_asks_for_is_its_answer():
    expect = {"kind": "fill", "options": [], "accept": ["dichvucong.gov.vn"], "on_screen": True}
    assert intent("dichvucong.gov.vn", "out_of_scope", 0.5, expect) == "lesson_answer"
