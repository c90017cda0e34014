"""A question asked while a procedure is under discussion: about that one, or about another."""

from types import SimpleNamespace

import pytest

from bot.procedures import document
from bot.services import ask, catalogue
from tests.factories import ROOT

PROCEDURES = document.load_all(ROOT / "procedures")


@pytest.fixture(scope="module")
def known():
    """What the index holds before anything is imported: our texts, and all names with their ways to ask."""
    by_code = {p.code: p for p in PROCEDURES.values()}
    return SimpleNamespace(index=catalogue.index_from_files(ROOT / "procedures", []), refresh=lambda: None, procedure=by_code.get)


def asked(known, slug, text):
    return ask.understand(known, text, PROCEDURES[slug].code, "conditions", ())


@pytest.mark.parametrize(("slug", "text"), [
    ("dang-ky-khai-sinh", "bố vắng nhà có đi thay được không"), ("dang-ky-khai-sinh", "con tôi 10 tuổi có được không"),
    ("ho-chieu-pho-thong", "trẻ em thì cần gì"), ("ho-chieu-pho-thong", "mang theo ảnh không"), ("ho-chieu-pho-thong", "có cần chứng minh thư không"),
    ("dang-ky-ket-hon", "người yêu ở tỉnh khác có được không"), ("dang-ky-ket-hon", "phải có giấy độc thân không"),
    ("dang-ky-thuong-tru", "không có sổ hộ khẩu thì sao"), ("doi-giay-phep-lai-xe", "có phải khám sức khỏe không"),
    ("cap-the-can-cuoc", "cho bà cụ 80 tuổi có được làm tại nhà không"), ("dang-ky-ho-kinh-doanh", "phải có giấy an toàn thực phẩm không"),
    ("tro-cap-that-nghiep", "nghỉ việc 3 tháng rồi có còn được không"), ("dang-ky-ket-hon", "ca hai phai co mat khong"),
    ("dang-ky-khai-sinh", "cần đem sổ hộ khẩu không"), ("dang-ky-khai-sinh", "dùng bản sao chứng thực có được không"),
    ("thue-ho-kinh-doanh", "họ bảo phải đóng lệ phí môn bài có đúng không")])
def test_what_leans_back_stays(known, slug, text):
    found = asked(known, slug, text)
    assert found.decision == "answer" and found.code == PROCEDURES[slug].code


@pytest.mark.parametrize(("slug", "text"), [
    ("doi-giay-phep-lai-xe", "the bhyt bi mat thi kham benh co duoc khong"), ("thue-ho-kinh-doanh", "giấy an toàn thực phẩm xin ở đâu"),
    ("dang-ky-thuong-tru", "me toi 82 tuoi nam liet giuong lam can cuoc tai nha duoc khong"),
    ("dang-ky-thuong-tru", "đăng kí xe máy cũ mua lại không có giấy tờ"), ("cap-the-can-cuoc", "mở quán phở cần giấy gì"),
    ("ho-chieu-pho-thong", "xây nhà có phải xin phép không"), ("dang-ky-khai-sinh", "hộ nghèo được gì"),
    ("dang-ky-ket-hon", "mở quán phở có phải có giấy an toàn thực phẩm không")])
def test_another_subject_is_not_swallowed(known, slug, text):
    found = asked(known, slug, text)
    assert found.code != PROCEDURES[slug].code and not found.follow_up


@pytest.mark.parametrize(("text", "code"), [
    ("toi o giao thuy lam lai can cuoc mat roi", "1.014061"), ("o ninh giang muon lam ho chieu", "1.001456"),
    ("tôi ở xã Giao Thủy, xin làm lại căn cước bị mất", "1.014061"), ("giấy phép bán rượu", "2.000620"),
    ("đăng ký kết hôn với người nước ngoài", "2.000806")])
def test_where_somebody_lives_hides_nothing_and_names_are_known_before_any_import(known, text, code):
    assert known.index.search(text).hits[0].code == code
