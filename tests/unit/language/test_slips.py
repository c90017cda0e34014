"""Slips are those of hands, and the same again for the same seed."""

import random
from difflib import SequenceMatcher

import pytest

from bot.language import slips
from bot.language.normalise import fold
from bot.language.slips import keystrokes, slip

TEXT = "tôi muốn làm giấy khai sinh cho cháu thì cần những giấy tờ gì"


def test_the_same_text_and_seed_slip_alike_and_another_seed_otherwise():
    assert slip(TEXT, 1) == slip(TEXT, 1)
    made = [slip(TEXT, seed) for seed in range(20)]
    assert len(set(made)) >= 18
    assert made == [slip(TEXT, seed) for seed in range(20)]


def test_no_other_dice_are_thrown():
    random.seed(3)
    before = random.getstate()
    slip(TEXT, 1)
    assert random.getstate() == before


def test_nearly_every_seed_changes_something_and_none_everything():
    made = [slip(TEXT, seed) for seed in range(50)]
    assert sum(m == TEXT for m in made) <= 5
    assert all(SequenceMatcher(None, fold(TEXT), fold(m)).ratio() > 0.6 for m in made)


def test_a_greater_share_slips_more():
    def changed(share):
        return sum(w not in slip(TEXT, seed, share).split() for seed in range(30) for w in TEXT.split())

    assert changed(0.1) < changed(0.5) < changed(1.0)


@pytest.mark.parametrize("text", ["", "a", "ở", "12 34", "1.001193", "!!!", "  "])
def test_what_has_no_word_to_slip_in_is_left(text):
    assert slip(text, 1) == text


@pytest.mark.parametrize(("word", "telex", "vni"), [
    ("giấy", "giaays", "gia6y1"), ("đăng", "ddawng", "d9a8ng"), ("thường", "thuwowngf", "thu7o7ng2"), ("ký", "kys", "ky1"), ("sinh", "sinh", "sinh"),
    ("mẹ", "mej", "me5"), ("tuổi", "tuooir", "tuo6i3"), ("nghĩa", "nghiax", "nghia4"), ("hưu", "huwu", "hu7u")])
def test_keystrokes_of_a_word(word, telex, vni):
    assert (keystrokes(word), keystrokes(word, vni=True)) == (telex, vni)


@pytest.mark.parametrize(("kind", "letters"), [(slips._swap, 0), (slips._drop, -1), (slips._double, 1), (slips._hit_beside, 0), (slips._wrong_tone, 0)])
def test_each_kind_of_slip_is_one_slip(kind, letters):
    for seed in range(20):
        made = kind("thường", random.Random(seed))
        assert len(made) - len("thường") == letters
        assert SequenceMatcher(None, "thuong", fold(made)).ratio() >= 0.8


def test_spelt_as_it_is_said():
    made = {slips._other_sound("sinh", random.Random(seed)) for seed in range(10)}
    assert made == {"xinh"}
    assert {slips._other_sound("trang", random.Random(seed)) for seed in range(20)} == {"chang", "tran"}
