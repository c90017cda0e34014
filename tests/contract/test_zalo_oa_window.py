"""When the Official Account may write: the window, and the template outside it."""

from datetime import timedelta

import pytest

from bot.channels import base
from bot.channels.base import Occasion
from bot.channels.zalo_oa import window_open
from tests.standins.zalo_oa import MESSAGE, TEMPLATE
from tests.zalo_oa_channel import AT, CITIZEN, HOUR, MemoryKeep, now_of, refusal, sent, stand_in

api = pytest.fixture(stand_in)


@pytest.mark.parametrize(("hours", "paid", "open_"), [(0, False, True), (47.9, False, True), (48, False, False), (48.1, True, True),
                                                      (167.9, True, True), (168, True, False), (400, True, False)])
def test_the_window_is_two_days_and_seven_where_we_pay(hours, paid, open_):
    assert window_open(Occasion("reminder", AT - timedelta(hours=hours)), paid, AT) is open_


def test_who_is_not_known_has_just_written_if_this_is_an_answer():
    assert [window_open(Occasion(kind), True, AT) for kind in ("reply", "notice", "reminder", "nudge")] == [True, True, False, False]


@pytest.mark.parametrize(("hours", "paid", "charged"), [(47, False, 0), (49, True, 1)])
def test_inside_the_window_a_reminder_goes_out(api, hours, paid, charged):
    api.meet(CITIZEN, hours)
    sent(api, {"text": "Đến giờ"}, occasion=Occasion("reminder", now_of(api) - timedelta(hours=hours)), zalo_oa_paid=paid)
    assert (len(api.sent), len(api.charged)) == (1, charged)


@pytest.mark.parametrize(("hours", "paid"), [(49, False), (169, False), (169, True)])
@pytest.mark.parametrize("kind", ["reminder", "nudge", "drill"])
def test_outside_the_window_nothing_is_sent_and_nothing_charged(api, hours, paid, kind):
    error = refusal(api, {"text": "Đến giờ"}, occasion=Occasion(kind, now_of(api) - timedelta(hours=hours)), zalo_oa_paid=paid)
    assert (error.failure, api.calls) == (base.WINDOW_CLOSED, [])


@pytest.mark.parametrize("code", [-230, -232])
def test_zalos_own_word_on_the_window_counts(api, code):
    api.refusals[CITIZEN] = code
    assert refusal(api, {"text": "Đến giờ"}).failure is base.WINDOW_CLOSED


TEMPLATE_SET = {"zalo_oa_template_id": "12345"}


@pytest.mark.parametrize("hours", [49, 169])
def test_a_reminder_outside_the_window_goes_by_template_where_one_is_set(api, hours):
    api.approved["12345"] = {"noi_dung"}
    words = "Đến giờ bạn dặn: " + "cho gà ăn " * 30 + "\nNút ở dưới."
    ids = sent(api, {"text": words, "buttons": [{"title": "Để sau", "payload": "b1"}]},
               occasion=Occasion("reminder", now_of(api) - timedelta(hours=hours)), **TEMPLATE_SET)
    (user, template, data), = api.templates
    assert (user, template, list(data)) == (CITIZEN, "12345", ["noi_dung"])
    assert data["noi_dung"].startswith("Đến giờ bạn dặn: cho gà ăn") and len(data["noi_dung"]) <= 100 and "\n" not in data["noi_dung"]
    assert api.sent == [] and ids[0].startswith("t")


@pytest.mark.parametrize("kind", ["nudge", "drill", "reply", "notice", "announcement"])
def test_nothing_else_goes_by_template(api, kind):
    api.approved["12345"] = {"noi_dung"}
    error = refusal(api, {"text": "Học tiếp nhé"}, occasion=Occasion(kind, now_of(api) - timedelta(hours=49)), **TEMPLATE_SET)
    assert (error.failure, api.templates) == (base.WINDOW_CLOSED, [])


def test_when_zalo_closes_the_window_the_template_is_tried(api):
    api.approved["12345"] = {"noi_dung"}
    api.fail_next(1, -230, MESSAGE)
    sent(api, {"text": "Đến giờ"}, occasion=Occasion("reminder", now_of(api)), **TEMPLATE_SET)
    assert len(api.templates) == 1


def test_a_template_that_is_refused_leaves_the_message_waiting(api, caplog):
    old, keep = Occasion("reminder", now_of(api) - timedelta(hours=49)), MemoryKeep()
    assert refusal(api, {"text": "Đến giờ"}, occasion=old, keep=keep, **TEMPLATE_SET).failure is base.WINDOW_CLOSED
    assert "the template was refused (-109)" in caplog.text
    api.fail_next(1, -133, TEMPLATE)
    night = refusal(api, {"text": "Đến giờ"}, occasion=old, keep=keep, **TEMPLATE_SET)
    assert (night.failure, night.retry_after_seconds) == (base.RETRY_AFTER, HOUR)


def test_an_answer_that_says_nothing_of_a_quota_is_told_once(api, caplog):
    api.meet(CITIZEN, 49)
    sent(api, {"text": "một"}, {"text": "hai"})
    assert caplog.text.count("an answer without a quota") == 1
