"""Addresses as tricksters send them are found whatever their ending; sentences without a space behind the full stop are none."""

import pytest

from bot.language.entities import find


def urls(text: str) -> list[str]:
    return [e["value"] for e in find(text) if e["entity"] == "url"]


@pytest.mark.parametrize("text, url", [
    ("bit.ly/3xYz bấm được không", "bit.ly/3xYz"), ("mở bit.ly không", "bit.ly"), ("xem goo.gl/abc nhé", "goo.gl/abc"), ("vneid.link đó", "vneid.link"),
    ("trang evn-hoadon.cn là gì", "evn-hoadon.cn"), ("nhan-qua.tk", "nhan-qua.tk"), ("vcb.pro", "vcb.pro"), ("is.gd/x1", "is.gd/x1"), ("t.ly/abc", "t.ly/abc"),
    ("no gui ngan-hang.zip/a.apk", "ngan-hang.zip/a.apk"), ("shop.abcxyz/qua-tang có thật không", "shop.abcxyz/qua-tang"),
    ("vietcombank-baove.top", "vietcombank-baove.top"),
    ("dichvucong.gov.vn/tra-cuu.", "dichvucong.gov.vn/tra-cuu."), ("https://a.b/c?d=1", "https://a.b/c?d=1")])
def test_an_address(text, url):
    assert urls(text) == [url]


@pytest.mark.parametrize("text", ["tôi nộp rồi.la sao", "muon ly hon.ly do la gi", "TP.HCM/Hà Nội", "TT.BTC/2026",
                                  "xong.so do dau", "ngay 20.11/2026", "ga.lon",
                                  "v.v. và", "nop o xa.co dung khong", "ho so 1.000656 o dau", "t.co"])
def test_no_address(text):
    assert urls(text) == []
