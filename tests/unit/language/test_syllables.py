"""Telex and VNI keystrokes left in a word, read as they were meant."""

import pytest

from bot.language.slips import keystrokes
from bot.language.syllables import decode, is_syllable, with_tone

TELEX = [
    ("ddawng", "đăng"), ("kys", "ký"), ("giaays", "giấy"), ("khaaur", "khẩu"), ("thuwowngf", "thường"), ("thuwowfng", "thường"), ("truws", "trứ"),
    ("trus", "trú"), ("taamj", "tậm"), ("tamj", "tạm"), ("cawn", "căn"), ("cuwowcs", "cước"), ("keets", "kết"), ("hoon", "hôn"), ("chuwngs", "chứng"),
    ("thuwcj", "thực"), ("dduowngf", "đường"), ("ddaats", "đất"), ("dats", "dát"), ("phuwowngf", "phường"), ("quyeenf", "quyền"), ("huyeenj", "huyện"),
    ("meej", "mệ"), ("tuooir", "tuổi"), ("tieenf", "tiền"), ("nghieepj", "nghiệp"), ("chuyeenr", "chuyển"), ("huuw", "hưu"), ("huwu", "hưu"),
    ("ruwowuj", "rượu"), ("giuwx", "giữ"), ("nooij", "nội"), ("giâys", "giấy"), ("ddoi", "đoi"), ("hoaf", "hòa"), ("thuyr", "thủy"), ("quys", "quý")]
VNI = [
    ("d9a8ng", "đăng"), ("ky1", "ký"), ("gia6y1", "giấy"), ("giay61", "giấy"), ("kha6u3", "khẩu"), ("thu7o7ng2", "thường"), ("thuong72", "thường"),
    ("tru1", "trú"), ("tam5", "tạm"), ("ca8n", "căn"), ("cu7o7c1", "cước"), ("ke6t1", "kết"), ("ho6n", "hôn"), ("chu7ng1", "chứng"), ("thu7c5", "thực"),
    ("d9a6t1", "đất"), ("dat961", "đất"), ("phu7o7ng2", "phường"), ("quye6n2", "quyền"), ("huye6n5", "huyện"), ("me5", "mẹ"), ("tuo6i3", "tuổi"),
    ("tie6n2", "tiền"), ("nghie6p5", "nghiệp"), ("lam2", "làm"), ("hu7u", "hưu"), ("huu7", "hưu"), ("giu74", "giữ"), ("dan6", "dân"), ("d9i", "đi")]
NOTHING_LEFT = ["sinh", "an", "khai", "xe", "giấy", "tôi", "a", "hn", "bhyt", "xyz", "t70", "x0a", "wifi", "ccc"]


@pytest.mark.parametrize(("typed", "meant"), [*TELEX, *VNI])
def test_keystrokes_are_read_as_they_were_meant(typed, meant):
    assert decode(typed) == meant


@pytest.mark.parametrize("word", NOTHING_LEFT)
def test_a_word_without_keystrokes_is_left(word):
    assert decode(word) is None


WORDS = ("giấy đăng khẩu thường trú tạm căn cước kết hôn chứng thực bản quyền đất đổi phép lái hộ nghèo bảo hiểm nước ngoài người được trường huyện "
         "phường mẹ tuổi tiền nộp đường việc viết lệ phí quỹ giữ thuế rượu khuyết nghiệp chuyển xuất ngũ điện giúp gửi hoãn thủy hưu").split()


@pytest.mark.parametrize("vni", [False, True], ids=["telex", "vni"])
def test_every_word_comes_back_from_its_keystrokes(vni):
    assert [(w, found) for w in WORDS if (found := decode(keystrokes(w, vni))) != w] == []


@pytest.mark.parametrize("word", "a an nghieng khuyu quyen giay uong yeu ngoeo thuong duoc ruou huu oanh gi xoong".split())
def test_what_is_a_syllable(word):
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["", "ng", "khh", "sihn", "honn", "wifi", "zalo", "facebook", "khaisinh", "đăng", "giaays", "f"])
def test_what_is_none(word):
    assert not is_syllable(word)


@pytest.mark.parametrize(("letters", "whole"), [
    ("hoa", "hóa"), ("hoan", "hoán"), ("tuy", "túy"), ("quy", "quý"), ("gia", "giá"), ("gi", "gí"), ("thuong", "thuóng"), ("thương", "thướng"),
    ("tiên", "tiến"), ("mia", "mía"), ("khuyu", "khuýu"), ("ng", "ng")])
def test_the_tone_stands_on_the_vowel_that_carries_it(letters, whole):
    assert with_tone(letters, "\u0301") == whole
    assert with_tone(letters, "") == letters
