"""Which commune a typed text names: the 129 new names, the old ones, several at once, and none in ordinary talk."""

import unicodedata

import pytest
from ruamel.yaml import YAML

from bot import places
from bot.language.normalise import fold
from tests.factories import ROOT

UNITS = YAML(typ="safe").load((ROOT / "bot/places/communes.yml").read_text(encoding="utf-8"))
NEW = [u["name"] for u in UNITS]
OLD_UNITS = sorted({old["name"] for u in UNITS for old in u["old"]} - set(NEW))


def proper(name: str) -> str:
    """The name without its kind."""
    return name.removeprefix("Xã ").removeprefix("Phường ").removeprefix("Thị trấn ")


def into(old_name: str) -> set[str]:
    return {u["name"] for u in UNITS if any(o["name"] == old_name for o in u["old"])}


def test_the_province_has_129_units_each_with_its_own_name_and_code():
    assert (len(UNITS), len(set(NEW)), len({u["code"] for u in UNITS})) == (129, 129, 129)


@pytest.mark.parametrize("name", NEW)
def test_a_new_name_is_found_however_it_is_typed(name):
    bare, new = proper(name), places.Named(name, (name,), False)
    ways = [name, bare, name.lower(), bare.upper(), fold(name), fold(bare), f"tôi ở {name} ạ", f"Nhà tôi ở {bare}.",
            f"toi o {fold(name)}", f"toi o {fold(bare)} a", f"quê ở {bare}, lên thành phố", f"  {bare} !",
            unicodedata.normalize("NFD", name), f"tôi\u00a0ở {bare[:-1]}\u200b{bare[-1]}"]
    assert {way: places.find(way) for way in ways} == dict.fromkeys(ways, new)


@pytest.mark.parametrize("name", OLD_UNITS)
def test_an_old_name_tells_every_new_unit_it_went_to(name):
    found = places.find(f"trước tôi ở {name}")
    assert (found.said, set(found.communes), found.old) == (name, into(name), True)


@pytest.mark.parametrize("name", OLD_UNITS)
def test_an_old_name_without_marks_and_kind_includes_its_own_unit_or_gives_way_to_a_new_one(name):
    typed = fold(proper(name))
    found = places.find(f"toi o {typed if ' ' in typed else fold(name)}")
    assert into(name) <= set(found.communes) or found.said in NEW


@pytest.mark.parametrize(("text", "communes"), [
    ("phường Hoàng Đông", ("Phường Duy Hà", "Phường Hà Nam")),  # divided
    ("xã Gia Tân", ("Xã Gia Vân", "Phường Tây Hoa Lư")),
    ("xã Yên Phong", ("Xã Ý Yên", "Xã Yên Từ")),  # two units of one name
    ("toi o quang trung", ("Phường Phủ Lý", "Phường Hà Nam", "Phường Nam Định", "Xã Hiển Khánh")),
    ("phuong quang trung", ("Phường Phủ Lý", "Phường Hà Nam", "Phường Nam Định")),  # the kind narrows
    ("xã Quang Trung", ("Xã Hiển Khánh",)),
    ("toi o dong son", ("Xã Nam Đồng", "Phường Trung Sơn")),  # the marks would tell
    ("toi o nam thanh", ("Xã Nam Ninh", "Phường Hoa Lư")),
    ("toi o phuong nam thanh", ("Phường Hoa Lư",)),
    ("tôi ở Nam Thanh", ("Xã Nam Ninh",)),
    ("ở Đồng Sơn", ("Xã Nam Đồng",)),
    ("ở Đông Sơn", ("Phường Trung Sơn",)),
    ("xã Yên Thắng", ("Xã Vạn Thắng", "Phường Yên Thắng")),  # the new one is a ward
])
def test_an_old_name_that_means_several_units_gives_them_all(text, communes):
    found = places.find(text)
    assert (found.communes, found.old) == (communes, True)


@pytest.mark.parametrize(("text", "said"), [
    ("xã Ninh Giang", "Xã Ninh Giang"), ("phường Ninh Giang", "Phường Ninh Giang"), ("ninh giang", "Xã Ninh Giang"),
    ("Vụ Bản", "Xã Vụ Bản"), ("xã Vũ Bản", "Xã Vũ Bản"), ("xa vu ban", "Xã Vụ Bản"),
    ("nghĩa hưng", "Xã Nghĩa Hưng"), ("xã nghĩa hùng", "Xã Nghĩa Hùng"),
    ("phường Tân Thành", "Phường Tân Thành"), ("xã Tân Thành", "Xã Tân Thành"), ("tan thanh", "Xã Tân Thanh"),
    ("thị trấn Tân Thanh", "Thị trấn Tân Thanh"), ("xã Hoa Lư", "Phường Hoa Lư"), ("ở phú lý", "Phường Phủ Lý"),
    ("phường tây hoa lư", "Phường Tây Hoa Lư"), ("o nam hoa lu", "Phường Nam Hoa Lư"), ("xã Định Hoá", "Xã Định Hóa"),
])
def test_kind_marks_and_the_longer_name_decide(text, said):
    assert places.find(text).said == said


@pytest.mark.parametrize(("text", "said"), [
    ("thị trấn Lâm", "Thị trấn Lâm"), ("tôi ở thi tran goi", "Thị trấn Gôi"), ("phường Quế", "Phường Quế"),
])
def test_a_one_word_name_is_found_behind_its_own_kind(text, said):
    assert places.find(text).said == said


@pytest.mark.parametrize("text", [
    "", "   ", "🙂", "xã", "tôi ở xã", "phường nào cũng được", "tỉnh Ninh Bình", "Hà Nội", "làm giấy khai sinh cần gì",
    "câu trả lời rất có ích, tôi hài lòng", "khong hai long voi cach phuc vu", "hài lòng", "bình thường, cho ba sao",
    "có đứa giả làm nhân viên ngân hàng", "gửi bên an ninh mạng chặn giúp", "của tỉnh Ninh Bình mình làm",
    "hai anh em con chú con bác có lấy nhau được không", "không rành chữ nghĩa, cháu nói cho o biết",
    "chau giang lai cho bac", "góp ý cho xã làm cái sân chơi", "may gio xa lam viec", "dien thoai xa goi mai ko dc",
    "con tôi ở quê", "cồn cào ruột gan", "lâm vào cảnh khó", "Hòn Gai",
])
def test_ordinary_sentences_name_no_commune(text):
    assert places.find(text) is None
