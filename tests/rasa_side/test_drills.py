"""Words typed with a drill on the screen, as the last component of the pipeline reads them."""

import pytest

from bot.rasa_glue.context import read

FAKE = {"kind": "drill", "on_screen": False}
INCIDENT = {"kind": "drill", "on_screen": False, "options": ["Tắt máy bật lại", "Rút dây mạng, để máy bật", "Chờ người phụ trách"]}


def intent(text, name="out_of_scope", confidence=0.5, expect=FAKE):
    return read(text, {"name": name, "confidence": confidence}, [{"name": name, "confidence": confidence}], expect)


@pytest.mark.parametrize("text", ["ơ ai đấy", "1", "bấm vào link", "ok để tôi gửi", "123456", "👍", "làm giấy khai sinh ở đâu", "có", "không"])
@pytest.mark.parametrize("name", ["ask_place", "affirm", "deny", "nlu_fallback", "check_suspicious", "greet"])
def test_any_words_answer_a_fake_message(text, name):
    assert intent(text, name, 0.95) == "drill_choice"


@pytest.mark.parametrize("expect", [FAKE, INCIDENT, None])
@pytest.mark.parametrize("text", ["tôi vừa chuyển 20 triệu cho kẻ lừa", "lỡ đọc mã otp cho nó rồi mất hết tiền"])
def test_an_emergency_comes_before_any_drill(text, expect):
    assert intent(text, expect=expect) == "scam_emergency"


def test_the_classifiers_suspicion_of_an_emergency_is_enough():
    ranking = [{"name": "check_suspicious", "confidence": 0.5}, {"name": "scam_emergency", "confidence": 0.35}]
    assert read("em gửi rồi chị ạ", ranking[0], ranking, FAKE) == "scam_emergency"


@pytest.mark.parametrize("name", ["stop_lesson", "unsubscribe", "help_menu", "request_human"])
@pytest.mark.parametrize("expect", [FAKE, INCIDENT])
def test_clear_commands_are_obeyed_when_the_classifier_is_sure(name, expect):
    assert intent("thôi, lời gì đó", name, 0.6, expect) == name
    assert intent("thôi, lời gì đó", name, 0.59, FAKE) == "drill_choice"


@pytest.mark.parametrize("text", ["b", "2", "câu b", "rút dây mạng", "Rut day mang, de may bat"])
def test_an_incident_takes_its_choices(text):
    assert intent(text, expect=INCIDENT) == "drill_choice"


@pytest.mark.parametrize(("text", "name"), [("làm giấy khai sinh cần gì", "ask_documents"), ("cảm ơn", "thank"), ("z", "nlu_fallback")])
def test_an_incident_leaves_other_words_to_what_they_mean(text, name):
    assert intent(text, name, 0.9, INCIDENT) == name


@pytest.mark.parametrize("text", [
    "thôi diễn tập", "Thoi dien tap", "dừng diễn tập giúp tôi", "hủy lịch diễn tập", "cho tôi thôi tham gia diễn tập nhé", "không diễn tập nữa",
    "tôi không muốn tham gia diễn tập nữa", "diễn tập thôi nhé", "huy dien tap di", "đừng gửi tin diễn tập nữa"])
@pytest.mark.parametrize("expect", [None, FAKE, INCIDENT, {"kind": "card"}])
def test_words_that_end_drills_end_them_whatever_is_on_the_screen(text, expect):
    assert intent(text, "join_drill", 0.9, expect) == "drill_stop"


@pytest.mark.parametrize("text", ["diễn tập", "cho tôi diễn tập", "tôi muốn diễn tập sự cố", "không biết diễn tập là gì, cho tôi tham gia", "diễn tập lần nữa"])
def test_words_that_ask_for_a_drill_do_not(text):
    assert intent(text, "join_drill", 0.9, None) == "join_drill"


def test_with_nothing_expected_nothing_is_read_into_words():
    assert intent("ơ ai đấy", "greet", 0.9, None) == "greet"
