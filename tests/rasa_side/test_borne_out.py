"""An intent holds only where the words bear it out: a yes or no must be one, and nothing is ended without a word of ending."""

import pytest

from bot.rasa_glue.context import read

CARD = {"kind": "card", "on_screen": True}


def intent(text, *ranking, expect=None):
    found = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    return read(text, found[0], found, expect)


@pytest.mark.parametrize("text, name", [("ok", "affirm"), ("dạ được ạ", "affirm"), ("không cần đâu", "deny"), ("hông", "deny"), ("không, cho người lớn cơ",
                                        "deny")])
def test_a_yes_or_no_holds(text, name):
    assert intent(text, (name, 0.9), ("ask_fee", 0.1)) == name


@pytest.mark.parametrize("text, name", [("ho chiu", "deny"), ("không có hộ khẩu", "deny"), ("thôi việc", "deny"), ("ừ thế còn con tôi", "affirm"), ("D",
                                        "affirm"),
                                        ("được không", "affirm")])
def test_words_of_ones_own_are_no_yes_or_no(text, name):
    assert intent(text, (name, 0.95), ("give_feedback", 0.02), ("thank", 0.01)) == "nlu_fallback"


def test_the_next_likeliest_is_taken_where_it_is_likely():
    assert intent("chồng em không chịu ký giấy", ("deny", 0.44), ("ask_procedure", 0.31), ("out_of_scope", 0.08)) == "ask_procedure"
    assert intent("chồng tôi không chịu ly hôn thì sao", ("deny", 0.5), ("ask_fee", 0.16), ("ask_eligibility", 0.12)) == "nlu_fallback"


def test_the_marks_tell_yes_from_no():
    assert intent("đừng", ("affirm", 0.6), ("deny", 0.4)) == "deny"
    assert intent("đúng", ("deny", 0.6), ("affirm", 0.4)) == "affirm"


@pytest.mark.parametrize("name", ["unsubscribe", "delete_my_data", "leave_course", "cancel_reminder"])
def test_nothing_is_ended_without_a_word_of_ending(name):
    assert intent("gửi đi", (name, 0.6), ("abusive", 0.1)) == "nlu_fallback"
    assert intent("vneid bị khóa", (name, 0.5), ("ask_online", 0.33), ("start_course", 0.11)) == "ask_online"
    assert intent("thôi không cần nữa", (name, 0.6), ("deny", 0.4)) == name


@pytest.mark.parametrize("text", ["xóa án tích", "xoa dang ky thuong tru", "xóa tên chồng cũ khỏi hộ khẩu"])
def test_what_offices_strike_out_is_no_data_of_ours(text):
    assert intent(text, ("delete_my_data", 0.9), ("ask_form", 0.03)) == "nlu_fallback"


@pytest.mark.parametrize("text", ["xóa dữ liệu của tôi", "xoa het thong tin dang ky hoc", "xóa số cccd tôi lỡ gõ"])
def test_our_data_are_ours(text):
    assert intent(text, ("delete_my_data", 0.9), ("ask_form", 0.03)) == "delete_my_data"


def test_asking_how_long_puts_nothing_off():
    assert intent("dạy tôi xong bài này mấy phút nữa", ("snooze_reminder", 0.42), ("my_progress", 0.32), ("stop_lesson", 0.15)) == "my_progress"
    assert intent("mười phút nữa nhắc lại", ("snooze_reminder", 0.42), ("my_progress", 0.32)) == "snooze_reminder"


@pytest.mark.parametrize("expect, name", [(None, "help_menu"), ({"kind": "card", "on_screen": False}, "help_menu"), (CARD, "repeat_step")])
def test_a_bare_question_mark(expect, name):
    assert intent("?", ("list_courses", 0.6), ("out_of_scope", 0.2), expect=expect) == name


@pytest.mark.parametrize("text", ["hôm nay thứ mấy", "may gio roi", "bây giờ là mấy giờ vậy em"])
def test_the_day_and_the_hour(text):
    assert intent(text, ("ask_duration", 0.9), ("out_of_scope", 0.05)) == "out_of_scope"


def test_asking_why_within_a_lesson():
    ranking = ("out_of_scope", 0.6), ("ask_procedure", 0.14)
    assert intent("sao lại D, em tưởng C", *ranking, expect=CARD) == "repeat_step"
    assert intent("sao lại D, em tưởng C", *ranking) == "out_of_scope"
    assert intent("sao lại D, em tưởng C", *ranking, expect={"kind": "single", "options": ["Gác máy", "Chuyển tiền", "Đọc mã",
    "Chờ"], "on_screen": True}) == "repeat_step"


def test_the_lesson_goes_on_over_a_no_that_is_none():
    assert intent("không có hộ khẩu", ("deny", 1.0), ("ask_fee", 0.0), expect=CARD) == "nlu_fallback"
    assert intent("thôi khỏi", ("deny", 1.0), ("ask_fee", 0.0), expect=CARD) == "stop_lesson"
