"""Wishes about reminders beside setting one, whatever the classifiers took them for."""

import pytest

from bot.rasa_glue.context import read


def intent(text, name, expect=None):
    found = {"name": name, "confidence": 0.9}
    return read(text, found, [found], expect)


@pytest.mark.parametrize("text", ["đổi thành thứ ba", "doi sang thu ba", "thôi đổi thành 7 rưỡi tối", "đổi giờ nhắc họp sang 9 giờ", "bật lại nhắc",
                                  "nhac lai cho toi nhu truoc", "hoãn 10 phút"])
@pytest.mark.parametrize("name", ["set_commune", "change_settings", "set_reminder", "snooze_reminder", "nlu_fallback", "deny"])
@pytest.mark.parametrize("expect", [None, {"kind": "card"}, {"kind": "words", "intent": "give_feedback", "on_screen": False}])
def test_they_go_to_the_reminders(text, name, expect):
    assert intent(text, name, expect) == "snooze_reminder"


@pytest.mark.parametrize("text", ["sao máy lại nhắn cho tôi", "vi sao toi nhan tin nay"])
@pytest.mark.parametrize("name", ["nlu_fallback", "check_suspicious", "unsubscribe"])
def test_why_we_wrote_is_explained(text, name):
    assert intent(text, name) == "choose_nudge"


@pytest.mark.parametrize(("text", "name"), [("đổi bằng lái xe", "ask_procedure"), ("đổi sang tiếng Anh", "change_settings"),
                                            ("chuyển khẩu về xã", "ask_procedure"),
                                            ("tôi ở phường Hoa Lư", "set_commune"), ("sáng mai 6 giờ nhắc tôi đổi bằng lái", "set_reminder")])
def test_others_go_where_they_went(text, name):
    assert intent(text, name) == name


def test_words_that_are_asked_for_are_taken_as_they_are():
    assert intent("đổi sang thứ ba", "set_commune", {"kind": "words", "intent": "give_feedback"}) == "give_feedback"


def test_a_robbed_citizen_comes_first():
    assert intent("tôi vừa chuyển khoản cho kẻ lừa đảo, sao máy lại nhắn cho tôi", "nlu_fallback") == "scam_emergency"
