"""When officers answer in the chat, read from one setting."""

from datetime import datetime, timezone

import pytest

from bot.config import Settings
from bot.errors import NaiveTime
from bot.reminders import staffed
from tests.factories import HANOI, TUESDAY_TEN

USUAL = staffed.read("1-5 07:30-11:30 13:30-17:00")


@pytest.mark.parametrize(("at", "there"), [
    (datetime(2026, 11, 24, 7, 29, 59), False), (datetime(2026, 11, 24, 7, 30), True), (datetime(2026, 11, 24, 11, 29), True),
    (datetime(2026, 11, 24, 11, 30), False), (datetime(2026, 11, 24, 16, 59), True), (datetime(2026, 11, 24, 17, 0), False),
    (datetime(2026, 11, 27, 10, 0), True), (datetime(2026, 11, 28, 10, 0), False), (datetime(2026, 11, 29, 10, 0), False)])
def test_days_and_hours_are_local(at, there):
    assert USUAL.at(at.replace(tzinfo=HANOI)) is there
    assert USUAL.at(at.replace(tzinfo=HANOI).astimezone(timezone.utc)) is there


def test_in_words():
    assert USUAL.words == "thứ Hai đến thứ Sáu, 07:30–11:30 và 13:30–17:00"
    assert staffed.read("6 08:00-11:00").words == "thứ Bảy, 08:00–11:00"


@pytest.mark.parametrize("wrong", ["", "1-5", "8 07:00-09:00", "5-1 07:00-09:00", "1-5 09:00-07:00", "1-5 24:00-25:00", "1-5 7:00-9:00", "mon 07:00-09:00"])
def test_what_is_no_such_setting(wrong):
    with pytest.raises(ValueError):
        staffed.read(wrong)


def test_the_default_can_be_read_and_a_time_without_zone_cannot_be_asked():
    assert staffed.read(Settings.model_fields["staffed_hours"].default).at(TUESDAY_TEN)
    with pytest.raises(NaiveTime):
        USUAL.at(datetime(2026, 11, 24, 10))
