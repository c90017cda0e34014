"""Links, numbers and wording judged by their text: what is a look-alike, what is not, and that nothing is ever called safe."""

import pytest

from bot.incidents import indicators
from bot.incidents.indicators import Found, known
from bot.incidents.judging import judge, signs
from bot.incidents.kinds import TRICKS


def keys(text: str) -> set[str]:
    return {r.key for r in judge(text).reasons}


@pytest.mark.parametrize("text, key", [
    ("vneid-capnhat.com", "lookalike"), ("https://vietcornbank.com.vn/login", "lookalike"), ("https://vіеtcombank.com", "letters"),
    ("xn--vitcombank-h7a.com", "letters"), ("dichvucong-gov.net", "not_gov"), ("http://dichvucong.gov.vn.nop-hoso.vn/a", "not_gov"),
    ("https://103.2.4.5/x", "ip"), ("https://abc.com:8443/x", "port"), ("https://bidv.com.vn@evil.com/x", "user"), ("bit.ly/abc", "shortener"),
    ("nhan-qua-tet-2026.com", "hyphens"), ("quatang.top", "ending"), ("http://tai.com/a.apk", "apk"), ("agribank.vn", "lookalike"),
    ("t.me/nhomkin", "shared"), ("evn-hoantien.xyz", "lookalike"), ("sacombarnk.com", "lookalike")])
def test_each_fault_of_an_address_is_named(text, key):
    assert key in keys(text)


REAL = [f"https://{one['domain']}/dang-nhap" for one in known()["official"]]


@pytest.mark.parametrize("text", [*REAL, "https://ninhbinh.gov.vn", "thanhnien.vn", "chotot.com"])
def test_real_addresses_are_no_look_alikes_and_no_indicators(text):
    assert not keys(text) & {"lookalike", "not_gov", "letters", "ending", "shortener"}
    assert not any(indicators.official(one.value.split("/")[0]) for one in judge(text).found)


@pytest.mark.parametrize("text, found", [
    ("hxxps://evn-hoantien[.]xyz/nhan?u=1#a", {("host", "evn-hoantien.xyz"), ("link", "evn-hoantien.xyz/nhan")}),
    ("vào qua-tet . com nhé", {("host", "qua-tet.com")}), ("quatet chấm com", {("host", "quatet.com")}),
    ("WWW.QuaTet.COM/A", {("host", "quatet.com"), ("link", "quatet.com/A")}), ("zalo.me/g/abc123", {("link", "zalo.me/g/abc123")}),
    ("gọi +84 912.345.678 hoặc 0084912345678", {("phone", "0912345678")}), ("tổng đài 1900 1234", {("phone", "19001234")}),
    ("+855 12 345 678", {("phone", "+85512345678")}), ("giá 1.500.000 ngày 20.11.2026 a@b.com TP.HCM v.v. 3.5.2", set()),
    ("sđt của tôi là 0912345678, liên hệ em 0987654321", set()), ("1.004222.000.00.00.H42 và H40-251120-0007", set())])
def test_what_is_an_indicator_and_how_it_is_written(text, found):
    assert {(one.kind, one.value) for one in indicators.find(text)} == found


@pytest.mark.parametrize("text, found", [("0123456789012 vietcombank", ["0123456789012"]), ("stk 1903 6789 1234 56", ["19036789123456"]),
                                         ("034082001234", []), ("4111 1111 1111 1111", []), ("số 0912345678", []), ("12", [])])
def test_accounts_but_no_papers_cards_or_phones(text, found):
    assert indicators.accounts(text) == found


def test_reported_by_three_counts_by_two_does_not():
    number = Found("phone", "0912345678")
    assert judge("0912345678", {number: 2}).level == "nothing"
    seen = judge("0912345678", {number: 3})
    assert seen.level == "danger" and "3 người" in seen.reasons[0].says


def test_every_sign_has_a_source_of_the_fact_base_and_a_known_trick():
    assert len({s.reason.key for s in signs()}) == len(signs())
    assert all(s.trick in (None, *TRICKS) for s in signs())


@pytest.mark.parametrize("text", ["", "tôi đi chợ", "lệ phí làm hộ chiếu bao nhiêu", "xem https://dichvucong.gov.vn", "0912345678"])
def test_nothing_seen_is_no_verdict(text):
    assert judge(text).level == "nothing"
