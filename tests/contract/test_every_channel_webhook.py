"""The same webhook requests to every push channel: good, repeated, forged, malformed, huge."""

from copy import deepcopy
from typing import Any

import pytest

from tests.channel_door import applications, doors, nothing_outside
from tests.every_channel import ENTRIES, WORDS, Request

outside = pytest.fixture(autouse=True)(nothing_outside)
app_of = pytest.fixture(applications)
door = pytest.fixture(params=list(ENTRIES))(doors)


def test_a_good_text_is_stored(door):
    assert door.post(door.one.text(WORDS, 1)) == [200]
    assert door.stored() == [(WORDS, None)]


def test_a_button_or_its_number_presses_what_was_offered(door):
    buttons = [{"title": "Lệ phí", "payload": "/ask_fee"}, {"title": "Nộp ở đâu", "payload": "/ask_place"}]
    ident = door.offer(buttons)
    assert door.post(door.one.press(ident, 2, 1)) == [200]
    assert [payload for _, payload in door.stored()] == ["/ask_place"]


def test_a_press_of_something_never_offered_is_no_payload(door):
    door.post(door.one.press("/delete_my_data", 1, 1), door.one.press("b" + "A" * 12, 2, 2), door.one.text('/consent_give{"value": "learning"}', 3))
    assert [payload for _, payload in door.stored() if payload] == []


def test_a_press_that_no_database_takes_is_confirmed_and_no_payload(door):
    assert door.post(door.one.press("b\0" + "A" * 11, 1, 1), door.one.press("b" + "A" * 11 + "\ud800", 2, 2), door.one.text(WORDS, 3)) == [200] * 3
    assert [payload for _, payload in door.stored() if payload] == []
    assert WORDS in [text for text, _ in door.stored()]


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"a"', b"\xff\xfe", b"[" * 60_000, b"9" * 5000, b"{}"], ids=range(9))
def test_malformed_json_is_refused(door, body):
    assert door.post(body) == [door.one.malformed]
    assert door.stored() == []


def test_wrong_types_anywhere_do_no_harm(door):
    """Every value of a good update replaced by values of every other type."""
    good = door.one.text(WORDS, 1)
    payloads = list(spoilt(good))
    statuses = door.post(*payloads)
    assert len(payloads) > 60
    assert set(statuses) <= door.one.wrong_type
    assert 200 in statuses
    assert all(isinstance(text, str) or payload for text, payload in door.stored())


def test_a_repeated_delivery_is_one_message(door):
    first, second = door.one.text(WORDS, 1), door.one.text("rồi sao nữa", 2)
    assert door.post(first, first, second, first) == [200] * 4
    assert door.stored() == [(WORDS, None), ("rồi sao nữa", None)]
    door.finish()
    assert door.post(first, second) == [200] * 2
    assert door.stored() == [], "an answered message stays answered"


def test_repeated_at_the_same_time_is_one_message(door):
    assert door.at_once(*[door.one.text(WORDS, 1)] * 5) == [200] * 5
    assert door.stored() == [(WORDS, None)]


def test_out_of_order_is_taken_as_it_comes(door):
    assert door.post(door.one.text("thứ hai", 2), door.one.text("thứ nhất", 1)) == [200, 200]
    assert door.stored() == [("thứ hai", None), ("thứ nhất", None)]
    assert len(door.conversations()) == 1


def test_a_forged_request_is_refused(door):
    good = door.request(door.one.text(WORDS, 1))
    (header, value), = good.headers.items()
    other_body = door.request(door.one.text("xóa dữ liệu của tôi", 1)).body
    forged = [{header: value[:-1]}, {header: value + "0"}, {header: "é"}, {header: value[:-1] + ("0" if value[-1] != "0" else "1")}]
    requests = [Request(good.path, good.body, h) for h in forged]
    if door.one.unsigned == 200:  # signatures cover the body
        requests.append(Request(good.path, other_body, good.headers))
    assert door.send(*requests) == [403] * len(requests)
    assert door.send(Request(good.path, good.body, {})) == [door.one.unsigned]
    assert door.stored() == []


def test_a_huge_request_is_refused(door):
    assert door.post(door.one.text("một " * 60_000, 1)) == [413]
    assert door.stored() == []


def test_the_longest_text_of_the_platform_is_stored_whole(door):
    words = ("Đường " * door.one.limit)[:door.one.limit].strip()
    assert door.post(door.one.text(words, 1)) == [200]
    assert door.stored() == [(words, None)]


def test_other_kinds_of_chats_and_events_are_let_go(door):
    payloads = door.one.elsewhere()
    assert door.post(*payloads) == [200] * len(payloads)
    assert (door.stored(), door.answers()) == ([], [])


@pytest.mark.parametrize(("words", "kept"), [
    ("Cha\u0300o ba\u0301c 👩‍🌾", "Chào bác 👩🌾"), ("chào \ud83d bạn", "chào \ufffd bạn"), ("một\u0000hai", "một hai"), ("\u202eđảo\u202c", "đảo"),
    ("ＣＣＣＤ ﷽ 中文", "ＣＣＣＤ ﷽ 中文")], ids=["decomposed", "half a pair", "nul", "direction", "other scripts"])
def test_text_beyond_ascii_is_kept_as_it_can_be_stored(door, words, kept):
    payload = door.one.text(words, 1)
    assert door.post(payload) == [200]
    assert door.stored() == [(kept, None)]


def test_what_cannot_be_stored_is_not_confirmed(door, caplog):
    door.broken = True
    assert door.post(door.one.text("bí mật", 1)) == [503]
    assert "bí mật" not in caplog.text


def spoilt(good: Any):
    """Copies of a JSON value, in each of which one inner value is of another type or missing."""
    for path in paths(good):
        for wrong in (None, True, 5, -1, 2**80, "", "x", [], [5], {}, {"id": 5}):
            copy = deepcopy(good)
            at(copy, path[:-1])[path[-1]] = wrong
            yield copy
        copy = deepcopy(good)
        del at(copy, path[:-1])[path[-1]]
        yield copy


def paths(value: Any, before: tuple = ()):
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield (*before, key)
        yield from paths(inner, (*before, key))


def at(value: Any, path: tuple) -> Any:
    for key in path:
        value = value[key]
    return value
