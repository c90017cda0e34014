"""Words that end the following of a file, whatever the classifiers took them for."""

import pytest

from bot.rasa_glue.context import read


def intent(text, name):
    return read(text, {"name": name, "confidence": 0.9}, [{"name": name, "confidence": 0.9}], None)


@pytest.mark.parametrize("text", ["ngừng theo dõi hồ sơ", "ngung theo doi ho so", "thôi đừng báo hồ sơ H40-251120-0007 nữa"])
@pytest.mark.parametrize("name", ["unsubscribe", "cancel_reminder", "deny"])
def test_they_go_to_the_file(text, name):
    assert intent(text, name) == "check_dossier"


@pytest.mark.parametrize("text", ["ngừng theo dõi bản tin xã", "đừng nhắn cho tôi nữa"])
def test_others_go_where_they_went(text):
    assert intent(text, "unsubscribe") == "unsubscribe"
