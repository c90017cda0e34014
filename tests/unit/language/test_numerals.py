"""Numbers in folded words, compared as digits."""

import pytest

from bot.language.numerals import in_digits, numbers


@pytest.mark.parametrize(("plain", "expected"), [
    ("muoi lam ngay", "15 ngay"), ("15ngay", "15 ngay"), ("015 ngay", "15 ngay"), ("hai muoi mot", "21"), ("mot tram le nam", "105"),
    ("mot tram", "100"), ("ba tram bay muoi hai nghin", "372 nghin"), ("muoi", "10"), ("bon chuc", "40"), ("ba", "3"),
    ("nam muoi lam", "55"), ("hai muoi nam", "20 5"), ("mot tram nam muoi", "150"), ("hai ba", "2 3"),
    ("mot tram hai muoi dong", "120 dong"), ("muoi ba", "13"),
    ("lam viec", "lam viec"), ("tram y te", "tram y te"), ("cong an xa", "cong an xa"), ("10", "10"), ("0", "0"), ("", ""),
])
def test_numerals_become_digits(plain, expected):
    assert in_digits(plain) == expected
    assert in_digits(expected) == expected


def test_numbers_are_the_digits_alone():
    assert numbers(in_digits("tu 8 den muoi bay gio")) == ["4", "8", "17"]
