"""Names that stand in lists: procedures, communes, courses."""


import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.language import entities, gazetteer
from bot.language.normalise import fold
from bot.learning.document import files_of
from tests.factories import ROOT

UNITS = YAML(typ="safe").load((ROOT / "bot/places/communes.yml").read_text(encoding="utf-8"))
KINDS = {"xa": "xã", "phuong": "phường", "tran": "thị trấn"}


def found(text):
    """["entity: value (as typed)"]"""
    return [f"{e['entity']}: {e['value']} ({text[e['start']:e['end']]})" for e in gazetteer.find(text)]


@pytest.mark.parametrize(("text", "expected"), [
    # as written
    ("làm giấy khai sinh cho con", ["procedure: giấy khai sinh (giấy khai sinh)"]),
    ("khai sinh cần gì", ["procedure: khai sinh (khai sinh)"]),
    ("Sổ Đỏ bị mất", ["procedure: sổ đỏ (Sổ Đỏ)"]),
    ("mất bằng lái", ["procedure: bằng lái (bằng lái)"]),
    ("xin giấy độc thân ở đâu", ["procedure: giấy độc thân (giấy độc thân)"]),
    ("mở hộ kinh doanh", ["procedure: hộ kinh doanh (hộ kinh doanh)"]),
    ("thẻ bảo hiểm y tế hết hạn", ["procedure: thẻ bảo hiểm y tế (thẻ bảo hiểm y tế)"]),
    ("rút bảo hiểm xã hội một lần", ["procedure: rút bảo hiểm xã hội một lần (rút bảo hiểm xã hội một lần)"]),
    ("lương hưu với sổ hộ khẩu", ["procedure: lương hưu (lương hưu)", "procedure: sổ hộ khẩu (sổ hộ khẩu)"]),
    ("bản sao giấy khai sinh", ["procedure: bản sao giấy khai sinh (bản sao giấy khai sinh)"]),
    ("má muốn làm giấy khai sanh", ["procedure: giấy khai sanh (giấy khai sanh)"]),
    ("cà vẹt xe", ["procedure: cà vẹt xe (cà vẹt xe)"]),
    ("làm cái pát-po đi Nhật", ["procedure: pát-po (pát-po)"]),
    ("SỔ ĐỎ", ["procedure: sổ đỏ (SỔ ĐỎ)"]),
    # without diacritics, tones elsewhere
    ("lam giay khai sinh", ["procedure: giấy khai sinh (giay khai sinh)"]),
    ("so do mat roi", ["procedure: sổ đỏ (so do)"]),
    ("dang ky tam tru", ["procedure: đăng ký tạm trú (dang ky tam tru)"]),
    ("giay doc than", ["procedure: giấy độc thân (giay doc than)"]),
    ("the bao hiem y te", ["procedure: thẻ bảo hiểm y tế (the bao hiem y te)"]),
    ("xin giấy uỷ quyền", ["procedure: giấy ủy quyền (giấy uỷ quyền)"]),
    ("mua hoá đơn, hoà giải đất đai", ["procedure: hòa giải đất đai (hoà giải đất đai)"]),
    ("cấp so đỏ lần đầu", ["procedure: cấp sổ đỏ lần đầu (cấp so đỏ lần đầu)"]),
    ("làm sỗ đỏ", ["procedure: sổ đỏ (sỗ đỏ)"]),
    ("chứng thưc bản sao", ["procedure: chứng thực bản sao (chứng thưc bản sao)"]),
    # abbreviations
    ("gks mất", ["procedure: giấy khai sinh (gks)"]),
    ("đổi GPLX", ["procedure: đổi bằng lái (đổi GPLX)"]),
    ("cccd hết hạn", ["procedure: căn cước công dân (cccd)"]),
    ("mua bhyt", ["procedure: bảo hiểm y tế (bhyt)"]),
    ("bỏ shk rồi", ["procedure: sổ hộ khẩu (shk)"]),
    ("làm skđ", ["procedure: sổ đỏ (skđ)"]),
    ("dk ket hon", ["procedure: đăng ký kết hôn (dk ket hon)"]),
    ("gpxd nha o", ["procedure: giấy phép xây dựng (gpxd)"]),
    ("hkd dong cua", ["procedure: hộ kinh doanh (hkd)"]),
    ("phiếu lltp số 2", ["procedure: phiếu lý lịch tư pháp (phiếu lltp)"]),
    # slips
    ("giấy khai sihn", ["procedure: giấy khai sinh (giấy khai sihn)"]),
    ("khaisinh cho con", ["procedure: khai sinh (khaisinh)"]),
    ("giaays khai sinh", ["procedure: giấy khai sinh (giaays khai sinh)"]),
    ("so3 do3", ["procedure: sổ đỏ (so3 do3)"]),
    ("ho kinh daonh", ["procedure: hộ kinh doanh (ho kinh daonh)"]),
    ("tạm  trú", ["procedure: tạm trú (tạm  trú)"]),
    ("kha\u200bi sinh", ["procedure: khai sinh (kha\u200bi sinh)"]),
    ("so\u0302\u0309 d\u0323o\u0309 so\u0302\u0309 đo\u0309", ["procedure: sổ đỏ (so\u0302\u0309 đo\u0309)"]),
    # no names
    ("khai", []), ("khai báo", []), ("sinh con", []), ("đừng so đo", []), ("sơ đồ nhà", []), ("ra chỗ công chúng", []),
    ("học ba bài", []), ("khai, sinh", []), ("khai\nsinh", []), ("mật khẩu", []), ("", []), ("🙂", []), ("xuất nhập khẩu", []),
    # communes
    ("tôi ở xã Hải Hậu", ["commune: Hải Hậu (xã Hải Hậu)"]),
    ("toi o hai hau", ["commune: Hải Hậu (hai hau)"]),
    ("UBND phường Tây Hoa Lư ở đâu", ["commune: Tây Hoa Lư (phường Tây Hoa Lư)"]),
    ("P. Nam Sơn", ["commune: Nam Sơn (P. Nam Sơn)"]),
    ("TT Gôi", ["commune: Gôi (TT Gôi)"]),
    ("thi tran lam", ["commune: Lâm (thi tran lam)"]),
    ("quê Gôi", ["commune: Gôi (Gôi)"]),
    ("Giao Thuỷ", ["commune: Giao Thủy (Giao Thuỷ)"]),
    ("em ở Ý Yên", ["commune: Ý Yên (Ý Yên)"]),
    ("quê em ở ý yên", ["commune: Ý Yên (ý yên)"]),
    ("về Nam Định", ["commune: Nam Định (Nam Định)"]),
    ("ở Ninh Giang với Phát Diệm", ["commune: Ninh Giang (Ninh Giang)", "commune: Phát Diệm (Phát Diệm)"]),
    ("phường phủ ly", ["commune: Phủ Lý (phường phủ ly)"]),
    ("xã Đồng Sơn", ["commune: Đồng Sơn (xã Đồng Sơn)"]), ("phường Đông Sơn", ["commune: Đông Sơn (phường Đông Sơn)"]),
    ("xax Yeen Cuwowngf", ["commune: Yên Cường (xax Yeen Cuwowngf)"]),
    # ordinary words
    ("nghe ý yên tâm", []), ("không có ý yên phận", []), ("hoà bình", []), ("tôi hài lòng", []), ("toi hai long", []), ("về an ninh mạng", []),
    ("hợp lý quá", []), ("co le mai di", []), ("em o xa lam", []), ("huyện Hải Hậu", []), ("đường Trần Hưng Đạo", []),
    ("tỉnh Nam Định", []), ("Nguyễn Văn Hải", []), ("hai anh em", []), ("của bác", []), ("con dâu", []), ("địa phương", []), ("bình minh", []),
    # courses
    ("tôi muốn học về lừa đảo", ["course: lừa đảo (lừa đảo)"]),
    ("hoc khoa mat khau", ["course: mật khẩu (mat khau)"]),
    ("mở khóa VNeID", ["course: VNeID (VNeID)"]),
    ("bài dịch vụ công trực tuyến", ["course: dịch vụ công trực tuyến (dịch vụ công trực tuyến)"]),
    ("có lớp nào dạy nhận biết tin giả không", ["course: tin giả (tin giả)"]),
    ("ôn lại khoá tin giả", ["course: tin giả (tin giả)"]),
    ("học Ai đang gọi tôi đấy?", ["course: Ai đang gọi tôi đấy (Ai đang gọi tôi đấy)"]),
    ("học chống lừa đảo", ["course: chống lừa đảo (chống lừa đảo)"]),
    ("khóa AI", ["course: AI (AI)"]),
    ("khóa ngân hàng", ["course: ngân hàng (ngân hàng)"]),
    ("hocj lowps deepfake", ["course: deepfake (deepfake)"]),
    ("ai dạy khóa này", []), ("học ở ngân hàng", []), ("tôi bị lừa đảo", []), ("cam on, toi bi lua dao", []), ("cảm ơn, mật khẩu đây", []),
    ("bị khóa mật khẩu", []), ("con là học sinh bị lừa đảo", []), ("thấy bài đăng lừa đảo", []), ("khóa thẻ vì lừa đảo", []),
    ("o day toi bi lua dao", []), ("con học lớp 5 bị lừa đảo", []), ("đại học lừa đảo", []),
    # together
    ("làm giấy khai sinh ở xã Hải Hậu", ["procedure: giấy khai sinh (giấy khai sinh)", "commune: Hải Hậu (xã Hải Hậu)"]),
    ("học cách làm sổ đỏ", ["procedure: sổ đỏ (sổ đỏ)"]),
    ("dạy khai thuế", ["course: khai thuế (khai thuế)"]),
    ("sổ đỏ, sổ hồng", ["procedure: sổ đỏ (sổ đỏ)", "procedure: sổ hồng (sổ hồng)"]),
])
def test_names_in_typed_sentences(text, expected):
    assert found(text) == expected


def test_the_lines_of_the_data_files_are_read_as_yaml_reads_them():
    names = {f"{KINDS[unit].capitalize()} {name}" for unit, name, _ in gazetteer.commune_names()}
    assert names == {u["name"] for u in UNITS} | {o["name"] for u in UNITS for o in u["old"]}
    assert sum(not old for _, _, old in gazetteer.commune_names()) == len(UNITS) == 129
    for path in files_of(ROOT / "courses"):
        course = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        wanted = [course["title"].rstrip("?!. "), *(a.removeprefix("học ") for a in course.get("aliases", []))]
        assert set(wanted) <= set(gazetteer.course_names())


@pytest.mark.parametrize(("unit", "name", "old"), gazetteer.commune_names(), ids=lambda v: str(v))
def test_every_commune_is_found_behind_its_kind_and_behind_xa(unit, name, old):
    """A one-word name typed "xa lam" reads as "xa lắm", far; behind its own kind it is found without marks too."""
    for kind in dict.fromkeys(("xã", KINDS[unit])):
        text = f"em ở {kind} {name}"
        assert found(text) == [f"commune: {name} ({kind} {name})"]
        if " " in name or kind != "xã":
            (one,) = gazetteer.find(fold(text))
            assert (one["entity"], fold(one["value"]), one["start"], one["end"]) == ("commune", fold(name), 5, len(fold(text)))


def test_every_entry_is_found_as_it_is_written():
    for file, entity, before in (("procedure_names.txt", "procedure", ""), ("course_names.txt", "course", "học ")):
        for line in gazetteer.lines(gazetteer.HERE / file):
            name = line.strip("!").partition("=")[0].strip()
            if not line.startswith("!"):
                assert found(before + name) == [f"{entity}: {name} ({name})"], line


def test_every_ordinary_word_stands_in_the_way_of_a_commune():
    names = {fold(name) for _, name, _ in gazetteer.commune_names()}
    assert set(gazetteer.index().ordinary) <= names


TYPED = ("học khóa xã ở p. tt hai hau Ý Yên giấy khai sinh khaisinh sổ đỏ so do lừa đảo mật khẩu 0912345678 5 triệu tối mai "
                        "8 giờ gks khai\u0300 hoà ﬀ İ 🙂 \u200b , . - \n dich vu cong TRỰC TUYẾN 1.001193 giấp sihn")
WORDS = st.sampled_from(TYPED.split(" "))


@given(st.one_of(st.lists(WORDS).map(" ".join), st.lists(WORDS).map("".join), st.text()))
def test_spans_lie_in_the_text_and_never_overlap(text):
    for spans in (gazetteer.find(text), entities.find(text)):
        at = 0
        for one in spans:
            assert at <= one["start"] < one["end"] <= len(text)
            assert one["value"]
            at = one["end"]


def test_what_has_a_form_of_its_own_goes_first():
    text = "nộp 1.001193 làm sổ đỏ hết 5 triệu, tối mai 8 giờ"
    assert [e["entity"] for e in entities.find(text)] == ["procedure_code", "procedure", "money", "time"]
