"""Growth is measured in people against the cluster's own past; groups form by words, slips and shared numbers."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.incidents.growth import growth
from bot.incidents.spreading import Sighting, bare, by_trick, clusters

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=90)


def ago(hours: float, who: str) -> tuple[datetime, str]:
    return NOW - timedelta(hours=hours), who


def steady(per_day: int, days: int = 24) -> list[tuple[datetime, str]]:
    return [ago(24 * d + 24 / per_day * n + 0.1, f"p{d}-{n}") for d in range(days) for n in range(per_day)]


def test_five_people_in_a_day_are_news_when_there_was_nothing_before():
    assert growth([ago(h, f"p{h}") for h in range(5)], NOW, LONG_AGO).fast


def test_four_people_are_not_nor_one_who_comes_fifty_times():
    assert not growth([ago(h, f"p{h}") for h in range(4)], NOW, LONG_AGO).fast
    assert not growth([ago(h / 10, "same") for h in range(50)], NOW, LONG_AGO).fast


@pytest.mark.parametrize("per_day", [1, 5, 20])
def test_what_always_goes_round_is_not_growth(per_day):
    assert not growth(steady(per_day), NOW, LONG_AGO).fast


def test_a_jump_over_the_own_past_is():
    found = growth([*steady(5), *[ago(h / 2, f"new{h}") for h in range(20)]], NOW, LONG_AGO)
    assert found.fast and found.people == 25 and 3 < found.usual < 8


def test_in_the_first_days_of_all_nothing_can_be_told_from_what_is_usual():
    seen = [ago(h, f"p{h}") for h in range(5)]
    assert not growth(seen, NOW, NOW - timedelta(hours=6)).fast


def test_old_and_coming_reports_do_not_count():
    assert growth([ago(24 * 60, "old"), (NOW + timedelta(hours=1), "later")], NOW, LONG_AGO).people == 0


def sighting(n: int, text: str = "", named: tuple[str, ...] = (), trick: str | None = None) -> Sighting:
    return Sighting(n, NOW - timedelta(hours=100 - n), f"w{n}", "report", trick, "web", None, frozenset(named), text)


def groups(seen) -> list[set[int]]:
    return [{m.id for m in c.members} for c in clusters(seen)]


def test_wording_slips_and_missing_marks_are_one_group_and_other_tricks_are_not():
    seen = [sighting(1, "điện lực nhắn hoàn tiền điện, bấm link nhập thẻ"), sighting(2, "dien luc bao hoan tien dien bam link"),
            sighting(3, "evn nhắn hoaàn tiền điện bấm lnik nhập số thẻ"), sighting(4, "công an gọi dọa bắt vì rửa tiền"),
            sighting(5, "cong an goi noi rua tien doa bat giam")]
    assert groups(seen) == [{1, 2, 3}, {4, 5}]


def test_the_same_number_joins_what_has_no_words_and_what_is_said_differently():
    seen = [sighting(1, "điện lực nhắn hoàn tiền điện", ("phone:0912345678",)), sighting(2, "", ("phone:0912345678", "host:a.top")),
            sighting(3, "", ("host:a.top",)), sighting(4, "", ("host:b.top",)), sighting(5, "")]
    assert groups(seen) == [{1, 2, 3}]


def test_kinds_of_tricks_count_everybody_of_that_kind():
    found = by_trick([sighting(1, trick="bank"), sighting(2, trick="bank"), sighting(3)])
    assert [(c.key, c.people) for c in found] == [("t:bank", 2)]


def test_the_same_input_gives_the_same_groups_whatever_its_order():
    seen = [sighting(n, f"cô giáo báo cháu cấp cứu chuyển viện phí {'gấp' * (n % 2)}", (f"phone:091234567{n % 3}",)) for n in range(1, 9)]
    assert groups(seen) == groups(list(reversed(seen)))


def test_numbers_and_tokens_are_no_words():
    assert bare("Số 0912 345 678, link a.top/x [số tài khoản] hoàn tiền điện") == "so link hoan tien dien"
