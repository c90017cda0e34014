"""Open tables: what questions find in them, what is wrong with their files."""

import pytest

from bot.opendata.lookup import card, find
from bot.opendata.model import BadTable, read
from tests.factories import ROOT

DATA = ROOT / "bot" / "opendata" / "data"


def shipped(slug: str):
    return read((DATA / f"{slug}.yml").read_bytes(), (DATA / f"{slug}.csv").read_bytes())


VILLAGES = shipped("lang-nghe")
NAMES = [row["ten"] for row in VILLAGES.rows]


def rows(question: str) -> tuple[str, list[str]]:
    found = find([VILLAGES], question)
    return found.kind, [NAMES[at] for at in found.rows]


@pytest.mark.parametrize("question, names", [
    ("làng La Xuyên làm nghề gì", ["La Xuyên"]), ("lang la xuyen lam nghe gi", ["La Xuyên"]), ("mộc La Xuyên ở đâu", ["La Xuyên"]),
    ("ở đâu đúc đồng, làng nghề nào vậy", ["Tống Xá"]), ("làng nghề thêu ở đâu", ["Phú Nhai"]), ("lang nghe o nam truc", ["Vân Chàng", "Vị Khê", "Báo Đáp"]),
    ("làng nghề ở phường Vị Khê", ["Vị Khê"]), ("nghề truyền thống ở Ý Yên", ["La Xuyên", "Cát Đằng", "Tống Xá"]), ("đèn ông sao Báo Đáp", ["Báo Đáp"]),
    ("làng nghề đúc đồng ở Ý Yên", ["Tống Xá"]), ("làng nghề ở xã Ninh Giang", ["Cổ Chất"]),
    ("làng Xuân Phương làm nghề gì", ["Phú Nhai"]), ("lang duc dong o xa nao", ["Tống Xá"])])
def test_a_question_finds_its_rows(question, names):
    assert rows(question)[1] == names


def test_the_table_as_a_whole_and_nothing():
    assert rows("tỉnh mình có làng nghề nào") == ("table", NAMES)
    assert rows("làm giấy khai sinh") == ("none", [])
    assert find([], "làng nghề") == find([VILLAGES], "thời tiết")


@pytest.mark.parametrize("at", range(len(NAMES)))
def test_every_card_has_source_date_and_where_to_ask(at):
    said = card(VILLAGES, at)
    for words in (NAMES[at], "Nguồn: ", "Đối chiếu ngày 29/11/2026", "Hỏi thêm: UBND", "không phải giấy công nhận"):
        assert words in said
    assert said.startswith("⚠️ Chưa kiểm chứng")  # its source names no document
    assert "{" not in said and "Nay thuộc: \n" not in said


@pytest.mark.parametrize("grade", ["A", "B"])
def test_only_what_no_document_bears_out_is_said_not_to_be_verified(grade):
    sound = read(DESCRIPTION.replace("grade: C", f"grade: {grade}").encode(), (DATA / "lang-nghe.csv").read_bytes())
    assert "Chưa kiểm chứng" not in card(sound, 0)
    with pytest.raises(BadTable, match="mục grade"):
        read(DESCRIPTION.replace("grade: C", "grade: D").encode(), (DATA / "lang-nghe.csv").read_bytes())


def test_communes_of_today_are_those_the_old_ones_went_into():
    from bot import places
    units = {(old["name"], old["was_in"].removeprefix("Huyện ").partition(",")[0]): unit["name"] for unit in places._units() for old in unit["old"]
             if not old.get("partial")}
    for row in VILLAGES.rows:
        commune, district = (part.strip() for part in row["dia_chi_cu"].split(","))
        assert units.get((commune, district.removeprefix("huyện ")), "") == row["dia_chi_nay"]


DESCRIPTION = (DATA / "lang-nghe.yml").read_text()
HEADS = "ten,ten_khac,nghe,san_pham,dia_chi_cu,dia_chi_nay\n"


@pytest.mark.parametrize("sheet, where, said", [
    ("", "dòng 1, cột ten", "thiếu cột"), (HEADS, "dòng 1", "chưa có dòng"), (HEADS + "A,,x,,y\n", "dòng 2", "có 5 ô"),
    (HEADS + ",,x,,y,\n", "dòng 2, cột ten", "đang trống"), (HEADS + "A,,x,,y,\nA,,x,,y,\n", "dòng 3, cột ten", "đã có ở dòng 2"),
    (HEADS.replace("nghe", "nghề", 1), "cột nghe", "thiếu cột"), (HEADS.strip() + ",la\nA,,x,,y,,z\n", "cột la", "không có trong bản mô tả"),
    (HEADS + "A,,số thẻ 4111 1111 1111 1111,,y,\n", "dòng 2, cột nghe", "hãy bỏ ra"), (HEADS + f"A,,{'x' * 2001},,y,\n", "dòng 2, cột nghe", "dài quá"),
    (HEADS.strip() + ",ten\n", "cột ten", "hai lần")])
def test_a_bad_sheet_is_named_by_row_and_column(sheet, where, said):
    with pytest.raises(BadTable) as caught:
        read(DESCRIPTION.encode(), sheet.encode())
    assert where in str(caught.value) and said in str(caught.value)


def test_every_fault_is_named_at_once_and_excel_s_ways_are_read():
    with pytest.raises(BadTable) as caught:
        read(DESCRIPTION.encode(), (HEADS + ",,x,,y,\nA,,x\nB,,x,,y,\nB,,x,,y,\n").encode())
    assert [f.row for f in caught.value.faults] == [2, 3, 5]
    excel = "\ufeff" + HEADS.replace(",", ";").replace("\n", "\r\n") + "Phú Nhai;;thêu;;Xuân Trường;\r\n"
    assert read(DESCRIPTION.encode(), excel.encode()).rows[0]["dia_chi_cu"] == "Xuân Trường"


@pytest.mark.parametrize("old, new, where, said", [
    ("name: ten\n", "name: khong_co\n", "bản mô tả", "không có cột khong_co"), ("{nghe}", "{gia}", "bản mô tả", "{gia} không có"),
    ("{nghe}", "{nghe", "bản mô tả", "thừa"),
    ("checked_on: 2026-11-29", "checked_on: hôm qua", "mục checked_on", "dạng 2026-11-29"),
    ("slug: lang-nghe", "slug: Làng Nghề", "mục slug", "không dấu"),
    ("owner: Nhóm nội dung\n", "", "mục owner", "thiếu"),
    ("format: 1", "format: 2", "mục format", "phải là 1"),
    ("title:", "tittle:", "mục tittle", "không có mục này")])
def test_a_bad_description_is_named_by_field(old, new, where, said):
    with pytest.raises(BadTable) as caught:
        read(DESCRIPTION.replace(old, new, 1).encode(), HEADS.encode())
    assert where in str(caught.value) and said in str(caught.value)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"[1, 2", b"a: {", b"", b"- a"])
def test_a_description_that_is_none_says_so(data):
    with pytest.raises(BadTable):
        read(data, HEADS.encode())
