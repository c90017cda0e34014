"""Words that end the following of a file, and words that only look so."""

import pytest

from bot.language.following import ends_following, ends_following_of_a_file


@pytest.mark.parametrize("text", ["ngừng theo dõi hồ sơ", "ngung theo doi ho so", "thôi không cần theo dõi hồ sơ nữa", "đừng báo hồ sơ H40-251120-0007 nữa",
                                  "bo theo doi hs nay", "ko cần theo dõi hồ sơ nữa", "hồ sơ ấy không phải báo tôi đâu", "hồ sơ đó không báo nữa nhé",
                                  "hủy theo dõi 000.00.16.h40-251120-0007"])
def test_what_ends_it(text):
    assert ends_following_of_a_file(text)


@pytest.mark.parametrize("text", ["theo dõi hồ sơ H40-251120-0007", "sao hồ sơ của tôi không báo gì", "không theo dõi được hồ sơ trên cổng",
                                  "thôi bao giờ hồ sơ xong", "hồ sơ bỏ bảo hiểm xã hội tới đâu rồi", "hồ sơ dừng báo cáo thuế xong chưa",
                                  "hồ sơ tôi có báo bổ sung không"])
def test_what_does_not(text):
    assert not ends_following(text)


@pytest.mark.parametrize("text", ["ngừng theo dõi bản tin xã", "thôi không theo dõi phường này nữa", "đừng báo nữa"])
def test_what_ends_something_but_names_no_file(text):
    assert ends_following(text) and not ends_following_of_a_file(text)
