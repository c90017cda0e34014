"""Which case of a procedure a question names: asking for fee, time, papers or place names none."""

import pytest

from bot.procedures import document
from bot.procedures.facts import case_named, of_curated
from tests.factories import ROOT

SHIPPED = {slug: of_curated(found) for slug, found in document.load_all(ROOT / "procedures").items()}
ASKED = ("mat tien khong", "có mất tiền không", "co phai nop tien khong", "hết bao nhiêu tiền", "cần giấy tờ gì", "bao lau thi xong", "mất mấy ngày",
         "nộp ở đâu", "có nộp qua mạng được không", "co can di truc tiep khong", "được không")


@pytest.mark.parametrize("slug", SHIPPED)
def test_asking_for_an_aspect_names_no_case(slug):
    facts = SHIPPED[slug]
    named = {f"{facts.name} {asked}": case_named(facts, f"{facts.name} {asked}") for asked in ASKED}
    assert {question: case for question, case in named.items() if case} == {}


def test_a_case_is_named_by_its_own_wordings():
    """Nearly all: a wording that consists of the name's words or of an aspect's says too little, and then the card says no case."""
    ways = [(facts, case, way) for facts in SHIPPED.values() for case, ways in zip(facts.cases, facts.case_ways, strict=True) for way in ways]
    assert sum(case_named(facts, way) == case for facts, case, way in ways) / len(ways) > 0.95


@pytest.mark.parametrize(("text", "case"), [
    ("lam giay khai sinh mat tien khong", ""), ("làm giấy khai sinh mất tiền không", ""), ("mất giấy chứng sinh thì khai sinh sao", "Không có giấy chứng sinh"),
    ("khai sinh muộn mất tiền không", "Đi khai sinh muộn")])
def test_lost_money_is_a_fee(text, case):
    assert case_named(SHIPPED["dang-ky-khai-sinh"], text).partition(":")[0] == case


@pytest.mark.parametrize(("slug", "text"), [
    ("dang-ky-khai-sinh", "e muon lam giay ks cho be"), ("dang-ky-khai-sinh", "minh muon doi ten con trong giay khai sinh"),
    ("xac-nhan-tinh-trang-hon-nhan", "xin giấy độc thân để lấy chồng"), ("xac-nhan-tinh-trang-hon-nhan", "cho tôi hỏi xin giấy xác nhận độc thân cần gì"),
    ("tam-ngung-ho-kinh-doanh", "tạm nghỉ bán 3 tháng thì khai báo ở đâu"), ("ban-sao-trich-luc-ho-tich", "xin trích lục khai sinh"),
    ("lien-thong-khai-sinh-tre-duoi-6-tuoi", "muốn làm khai sinh, bảo hiểm y tế, nhập hộ khẩu cho bé một lần luôn")])
def test_what_everybody_says_of_a_procedure_names_no_case(slug, text):
    assert case_named(SHIPPED[slug], text) == ""


@pytest.mark.parametrize(("slug", "text", "case"), [
    ("dang-ky-khai-sinh", "lam khai sinh muon cho con", "Đi khai sinh muộn"), ("dang-ky-khai-sinh", "khai sinh muon co bi phat khong", "Đi khai sinh muộn"),
    ("dang-ky-thuong-tru", "ở trọ có nhập khẩu được không", "Nhập khẩu vào nhà thuê, mượn, ở nhờ"),
    ("doi-giay-phep-lai-xe", "bằng tôi hết hạn 4 tháng rồi có phải thi lại không", "Bằng đã quá hạn"),
    ("dang-ky-ket-hon", "chồng em người nước ngoài thì cần giấy tờ gì", "Kết hôn với người nước ngoài")])
def test_what_sets_a_case_apart_names_it(slug, text, case):
    assert case_named(SHIPPED[slug], text).partition(":")[0] == case


@pytest.mark.parametrize("slug", SHIPPED)
def test_the_portal_is_a_place_to_file_at_only_where_it_takes_files(slug):
    facts = SHIPPED[slug]
    if not facts.online.startswith("Nộp"):
        assert "dichvucong.gov.vn" not in facts.place.split("\n")[0] and len(facts.place.split("\n")[0]) > 10
    assert "dichvucong.gov.vn" in facts.source or "ninhbinh.gov.vn" in facts.source or slug in ("to-giac-tin-bao-toi-pham", "chuyen-truong-tuyen-sinh")


@pytest.mark.parametrize("slug", SHIPPED)
def test_nothing_is_said_twice_over(slug):
    facts = SHIPPED[slug]
    said = " ".join((*facts.papers, facts.conditions, facts.place, facts.fee, facts.duration))
    assert "mẫu mẫu" not in said.lower() and ".." not in said.replace("…", "")
