"""Imported rows: bad ones are named, and known defects of the source are never passed on as facts."""

import json
import re
import unicodedata

import pytest

from bot.errors import ContentError
from bot.procedures.aspects import ASPECTS
from bot.procedures.entries import imported
from bot.procedures.facts import LONG_LINE, MOST_LAWS, MOST_PAPERS, MOST_STEPS, ONE_STOP, answer, imported_duration, imported_fee, of_imported, shorten
from bot.procedures.imported import Heading, ImportedProcedure, key_of, nfc, read_headings, read_rows
from bot.procedures.ways import Asked

EVERY_ASPECT = sorted(set(ASPECTS.values()))
CODE, NAME = "9.000001", "Cấp phép nuôi chim yến"


def raw(**more):
    return {"code": CODE, "name": NAME, "level": "Cấp xã", "agency": "Ủy ban nhân dân xã", "steps": ["Nộp hồ sơ", "Nhận kết quả"],
            "documents": [{"name": "Đơn đề nghị", "original": 1, "copies": 0, "form": "Mẫu 01.docx", "case": ""}],
            "methods": [{"method": "Trực tiếp", "duration": "3 ngày làm việc", "fee": "10.000 đồng", "note": ""}],
            "result": "Giấy phép", "legal_basis": ["Luật Chăn nuôi"], "conditions": "Có chuồng", "url": "https://dichvucong.gov.vn/x",
            "promulgated_by": "Bộ Nông nghiệp", "scope": "toàn quốc", "as_of": "2026-07", **more}


def row(**more):
    return ImportedProcedure.model_validate(raw(**more))


def card(aspect, **more):
    return answer(of_imported(CODE, row(**more)), aspect)


def paid(*fees):
    return [{"method": f"Cách {n}", "fee": fee} for n, fee in enumerate(fees)]


def body(text):
    """The card without its first line (name) and without warnings, source and link."""
    return re.split(r"\n⚠️|\n\n", text.split("\n", 1)[1])[0].strip()


@pytest.fixture
def rows_of(tmp_path):
    def read(*lines):
        path = tmp_path / "rows.jsonl"
        path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines), encoding="utf-8")
        return read_rows(path)

    return read


# reading

def test_rows_are_read_by_code_and_blank_lines_are_none(rows_of):
    rows = rows_of(raw(), "", raw(code="9.000002"), "")
    assert list(rows) == [CODE, "9.000002"]
    assert rows[CODE].documents[0].original == 1


def test_a_row_needs_only_code_and_name_and_ignores_what_it_does_not_know(rows_of):
    found = rows_of({"code": CODE, "name": NAME, "source_repo": "x", "decision_no": 3})[CODE]
    assert (found.scope, found.steps, found.pre_reform) == ("toàn quốc", [], False)


def test_counts_may_be_numbers_or_empty(rows_of):
    rows = rows_of(raw(documents=[{"name": "Một", "original": "", "copies": ""}, {"name": "Hai", "original": 0, "copies": 0}]))
    assert [(d.original, d.copies) for d in rows[CODE].documents] == [("", ""), (0, 0)]


def test_text_is_composed_and_trimmed(rows_of):
    found = rows_of(raw(name="  " + unicodedata.normalize("NFD", NAME) + "\u200b ", steps=[unicodedata.normalize("NFD", "Nộp")]))[CODE]
    assert (found.name, found.steps) == (NAME, ["Nộp"])
    assert nfc({"a": [unicodedata.normalize("NFD", "ộ"), 1, None]}) == {"a": ["ộ", 1, None]}


def test_a_line_separator_inside_a_text_and_a_byte_order_mark_break_no_row(rows_of):
    rows = rows_of("\ufeff" + json.dumps(raw(conditions="một\u2028hai\u0085ba"), ensure_ascii=False), raw(code="9.000002"))
    assert list(rows) == [CODE, "9.000002"]


def test_an_empty_code_gets_one_made_from_the_name(rows_of):
    rows = rows_of(raw(code=""), raw(code=" ", name="Việc khác"))
    assert [re.fullmatch(r"x-[0-9a-f]{12}", code) is not None for code in rows] == [True, True]
    assert list(rows) == [key_of("", NAME), key_of("", "Việc khác")]
    assert key_of("", NAME) == key_of("", NAME.upper()) != key_of("", "Việc khác")
    assert key_of(CODE, NAME) == CODE


@pytest.fixture
def headings_of(tmp_path):
    def read(*lines):
        path = tmp_path / "rows.jsonl"
        path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines), encoding="utf-8")
        return read_headings(path)

    return read


def test_headings_hold_what_search_needs_under_the_same_codes_as_the_rows(headings_of, rows_of):
    lines = (raw(), "", raw(code=" 9.000002 ", level="Cấp tỉnh", scope="Hà Nội", pre_reform=True), raw(code="", name="Không mã"))
    found = headings_of(*lines)
    assert list(found) == list(rows_of(*lines)) == [CODE, "9.000002", key_of("", "Không mã")]
    assert found[CODE] == Heading(NAME, "Cấp xã", "toàn quốc", False)
    assert found["9.000002"] == Heading(NAME, "Cấp tỉnh", "Hà Nội", True)


def test_a_heading_needs_only_a_name(headings_of):
    assert headings_of({"name": unicodedata.normalize("NFD", NAME) + " "}) == {key_of("", NAME): Heading(NAME)}
    assert headings_of(raw(level=None, scope=None, pre_reform=None))[CODE] == Heading(NAME)


def test_lines_that_are_no_heading_are_all_named_with_their_numbers(headings_of):
    with pytest.raises(ContentError) as error:
        headings_of(raw(), "{broken", "", {"code": "9.000003"}, "[1, 2]", {"code": "9.000004", "name": None}, '"text"')
    assert [p.line for p in error.value.problems] == [2, 4, 5, 6, 7]
    assert all(p.file.endswith("rows.jsonl") and "not a record with a name" in str(p) for p in error.value.problems)


def test_headings_begin_behind_a_byte_order_mark(headings_of):
    assert list(headings_of("\ufeff" + json.dumps(raw(), ensure_ascii=False), raw(code="9.000002"))) == [CODE, "9.000002"]


def test_a_file_that_is_missing_or_no_text_is_one_problem(tmp_path):
    (tmp_path / "latin.jsonl").write_bytes("Đăng ký".encode("utf-16"))
    for name in ("none.jsonl", "latin.jsonl"):
        with pytest.raises(ContentError) as error:
            read_headings(tmp_path / name)
        assert [f"{name}:0: (file): cannot be read" in str(p) for p in error.value.problems] == [True]


@pytest.mark.parametrize(("field", "value", "where"), [
    ("name", None, "name"), ("name", "", "name"), ("name", " x ", "name"), ("name", 5, "name"), ("code", None, "code"), ("code", 9, "code"),
    ("code", "9" * 61, "code"), ("steps", "Nộp", "steps"), ("steps", [1], "steps.0"), ("documents", "none", "documents"),
    ("documents", [{"original": 1}], "documents.0.name"), ("documents", [{"name": "a"}, {"name": 3}], "documents.1.name"),
    ("methods", {}, "methods"), ("methods", [{"fee": 10000}], "methods.0.fee"), ("fee", 10, "fee"), ("legal_basis", None, "legal_basis"),
    ("pre_reform", "maybe", "pre_reform"), ("as_of", 2026, "as_of"), ("scope", [], "scope"), ("url", None, "url")])
def test_a_bad_field_is_named_with_its_row(rows_of, field, value, where):
    with pytest.raises(ContentError) as error:
        rows_of(raw(code="9.000009"), raw(**{field: value}))
    assert [(p.line, p.field) for p in error.value.problems] == [(2, where)]
    assert error.value.problems[0].remedy != ""


@pytest.mark.parametrize("missing", ["code", "name"])
def test_a_missing_field_is_named(rows_of, missing):
    with pytest.raises(ContentError) as error:
        rows_of({k: v for k, v in raw().items() if k != missing})
    assert [(p.line, p.field) for p in error.value.problems] == [(1, missing)]


@pytest.mark.parametrize("line", ["{broken", "[1, 2]", "5", '"text"', "null", "{}"])
def test_a_line_that_is_no_row_is_named(rows_of, line):
    with pytest.raises(ContentError) as error:
        rows_of(raw(), line)
    assert {p.line for p in error.value.problems} == {2}


def test_all_problems_are_named_at_once_and_a_code_may_stand_but_once(rows_of):
    with pytest.raises(ContentError) as error:
        rows_of(raw(), "{", raw(name=""), raw(), raw(code=""), raw(code=""))
    assert [(p.line, p.field) for p in error.value.problems] == [(2, ""), (3, "name"), (4, "code"), (6, "code")]


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00bad"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "rows.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ContentError) as error:
        read_rows(path)
    assert [(p.file, p.line) for p in error.value.problems] == [(str(path), 0)]


# what is said of fee and time

@pytest.mark.parametrize("fees", [("Miễn phí",), ("Miễn phí (theo cổng)",), ("Miễn phí.",), ("Miễn phí", "Miễn phí (theo cổng)"), ("miễn phí",),
                                  ("0 VNĐ",), ("Miễn phí", "0 VNĐ"), ("Miễn phí (a)",)])
def test_a_default_is_quoted_and_not_stated(fees):
    said = imported_fee(row(methods=paid(*fees)))
    assert said.startswith("Cổng ghi “Miễn phí”; hỏi lại")


@pytest.mark.parametrize("fee", ["Miễn phí", "Miễn phí.", "Trực tuyến: Miễn phí; Trực tiếp: Miễn phí"])
def test_a_default_of_the_whole_row_is_quoted_too(fee):
    assert imported_fee(row(methods=[], fee=fee)).startswith("Cổng ghi “Miễn phí”; hỏi lại")


@pytest.mark.parametrize("fees", [("Miễn phí", "10.000 đồng"), ("10.000 đồng", "Miễn phí (theo cổng)"), ("0 VNĐ", "10.000 đồng")])
def test_a_default_beside_a_fee_is_no_fact_either(fees):
    assert imported_fee(row(methods=paid(*fees))) == "10.000 đồng. Có cách nộp Cổng ghi “Miễn phí”; hỏi lại nơi nhận hồ sơ trước khi nộp."


@pytest.mark.parametrize(("fee", "said"), [
    ("Miễn phí (theo cổng). Phí: 70.000 đồng", "Phí: 70.000 đồng"), ("Miễn phí (theo cổng) (Theo quy định của tỉnh)", "(Theo quy định của tỉnh)"),
    ("Miễn phí (70.000 đồng/thẻ)", "70.000 đồng/thẻ"), ("Miễn phí (Mức thu:\n10.000 đồng)", "Mức thu: 10.000 đồng"),
    ("Miễn phí (do tỉnh quy định (nếu có))", "do tỉnh quy định (nếu có)"), ("Miễn phí (câu bị cắt", "câu bị cắt"),
    ("40 VNĐ (40.000 đồng/giấy)", "40.000 đồng/giấy"), ("Không thu lệ phí", "Không thu lệ phí"), ("10,000 Việt Nam Đồng", "10,000 Việt Nam Đồng")])
def test_the_fee_in_the_bracket_is_the_fee(fee, said):
    assert imported_fee(row(methods=paid(fee))) == said


@pytest.mark.parametrize(("fees", "said"), [(("(1)", "(2)"), ""), (("(1)", "10.000 đồng"), "10.000 đồng")])
def test_a_reference_to_a_lost_footnote_is_no_fee(fees, said):
    assert imported_fee(row(methods=paid(*fees))) == said


def test_an_amount_without_its_thousands_is_quoted():
    assert imported_fee(row(methods=paid("5 VNĐ"))) == "Cổng ghi “5 VNĐ”, có thể thiếu số; hỏi lại nơi nhận hồ sơ trước khi nộp"


def test_equal_fees_are_said_once_and_none_is_unknown():
    assert imported_fee(row(methods=paid("10.000 đồng", "10.000 đồng", "20.000 đồng"))) == "10.000 đồng; 20.000 đồng"
    assert imported_fee(row(methods=paid(""))) == ""
    assert "Nguồn tôi có không ghi" in body(card("fee", methods=[]))


@pytest.mark.parametrize(("durations", "said"), [
    (("3 ngày", "3 ngày"), "3 ngày"), (("8 (nguồn không ghi đơn vị)",), "8 (Cổng không ghi đơn vị)"), (("8",), "8 (Cổng không ghi đơn vị)"),
    (("1,5 (nguồn không ghi đơn vị)", "2 ngày"), "1,5 (Cổng không ghi đơn vị); 2 ngày"),
    (("8 (nguồn không ghi đơn vị) khi đủ hồ sơ",), "8 (Cổng không ghi đơn vị) khi đủ hồ sơ"), (("",), "")])
def test_a_number_without_a_unit_is_said_to_have_none(durations, said):
    assert imported_duration(row(methods=[{"method": "x", "duration": d} for d in durations])) == said


def test_time_of_the_whole_row_is_used_where_no_way_to_file_has_one():
    assert imported_duration(row(methods=[], duration="5 (nguồn không ghi đơn vị)")) == "5 (Cổng không ghi đơn vị)"


# place and warnings

@pytest.mark.parametrize("aspect", EVERY_ASPECT)
@pytest.mark.parametrize(("defect", "warning"), [
    ({"pre_reform": True}, "trước 01/07/2025"), ({"mentions_district_level": True}, "nhắc cấp huyện"), ({"agency": "Công an huyện"}, "nhắc cấp huyện"),
    ({"scope": "Đà Nẵng"}, "thủ tục riêng của Đà Nẵng")])
def test_every_answer_of_a_doubtful_row_warns(aspect, defect, warning):
    assert re.search(rf"\n⚠️ [^\n]*{warning}", card(aspect, **defect))


@pytest.mark.parametrize("aspect", EVERY_ASPECT)
def test_a_sound_row_warns_of_nothing(aspect):
    assert "⚠️" not in card(aspect)


@pytest.mark.parametrize("agency", ["Ủy ban nhân dân cấp huyện", "Ủy ban nhân dân Cấp Huyện", "Công an huyện"])
def test_the_district_is_no_place_to_file(agency):
    assert "(cấp huyện đã bỏ)" in body(card("place", agency=agency))
    assert "huyện" not in body(card("place", agency=agency)).lower().replace("(cấp huyện đã bỏ)", "")


def test_the_one_stop_centre_is_named_for_the_commune_level_alone():
    assert ONE_STOP in card("place")
    assert ONE_STOP not in card("place", level="Cấp tỉnh")


def test_rows_of_elsewhere_and_of_before_are_marked_as_such():
    headings = (Heading(NAME), Heading(NAME, pre_reform=True), Heading(NAME, scope="Đà Nẵng"), Heading(NAME, scope=""))
    found = [imported([(CODE, h)], {}, set())[0] for h in headings]
    assert [(e.local, e.old) for e in found] == [(False, False), (False, True), (True, False), (False, False)]


@pytest.mark.parametrize(("level", "number"), [("Cấp xã", 0), ("Cấp tỉnh, Cấp xã", 0), ("Cấp tỉnh", 1), ("Cấp Bộ", 2), ("", 2)])
def test_the_level_of_a_row_is_that_nearest_to_the_citizen(level, number):
    assert imported([(CODE, Heading(NAME, level))], {}, set())[0].level == number


def test_ways_written_for_a_row_are_its_phrases_behind_its_name():
    asked = Asked(code=CODE, name=NAME, ways=("nuôi yến", "làm nhà yến", "gọi yến về"))
    assert [(p.text, p.kind) for p in imported([(CODE, Heading(NAME))], {CODE: asked}, set())[0].phrases] == [
        (NAME, "name"), ("nuôi yến", "way"), ("làm nhà yến", "way"), ("gọi yến về", "way")]


def test_a_code_that_ours_answers_for_is_left_out():
    assert [e.code for e in imported([(CODE, Heading(NAME)), ("9.000002", Heading("Việc khác"))], {}, {CODE})] == ["9.000002"]


# cards

@pytest.mark.parametrize("aspect", EVERY_ASPECT)
@pytest.mark.parametrize("fields", [
    {}, {"documents": [], "steps": [], "methods": [], "legal_basis": [], "conditions": "", "result": "", "agency": "", "level": "", "url": "",
         "promulgated_by": "", "as_of": "", "scope": ""},
    {"documents": [{"name": " - "}, {"name": ""}], "steps": ["", " ; "], "legal_basis": ["-"], "methods": [{}], "agency": "", "level": "", "conditions": "."}])
def test_every_aspect_has_a_body_and_a_source(aspect, fields):
    text = card(aspect, **fields)
    assert text.startswith(f"📄 {NAME}\n")
    assert body(text) != ""
    assert not re.search(r"(?m)^(•|\d+\.|.*:)\s*$(?!\n[•\d])", body(text))
    assert re.search(r"\n\nNguồn: .+, chụp .+, chưa biên tập lại\. Hỏi thêm: .+", text)


@pytest.mark.parametrize(("fields", "source"), [
    ({}, "bản ghi Cổng Dịch vụ công quốc gia, chụp 07/2026"), ({"url": ""}, "Bộ Nông nghiệp, chụp 07/2026"),
    ({"url": "https://congan.phutho.gov.vn/a"}, "Nguồn: Bộ Nông nghiệp, trang congan.phutho.gov.vn, chụp 07/2026"),
    ({"url": "https://csdl.dichvucong.gov.vn/a"}, "bản ghi Cổng Dịch vụ công quốc gia, chụp"), ({"url": "???"}, "Nguồn: Bộ Nông nghiệp, chụp"),
    ({"url": "https://dichvucong-gov.vn.top/a", "promulgated_by": ""}, "Nguồn: dichvucong-gov.vn.top, chụp"),
    ({"url": "", "promulgated_by": ""}, "bản ghi thủ tục, chụp 07/2026"), ({"as_of": "2026"}, "chụp 2026,"), ({"as_of": ""}, "chụp không rõ,")])
def test_the_source_says_whose_record_of_when(fields, source):
    assert source in card("fee", **fields)


def test_the_official_page_is_linked_where_there_is_one():
    assert card("fee").endswith("\nTrang chính thức: https://dichvucong.gov.vn/x")
    assert "Trang chính thức" not in card("fee", url="")


@pytest.mark.parametrize(("aspect", "field", "most"), [("papers", "documents", MOST_PAPERS), ("steps", "steps", MOST_STEPS), ("law", "legal_basis", MOST_LAWS)])
def test_a_long_list_is_shortened_and_says_by_how_much(aspect, field, most):
    def given(count):
        lines = [f"Mục số {n}" for n in range(count)]
        return card(aspect, **{field: [{"name": x} for x in lines] if field == "documents" else lines})

    assert given(most).count("Mục số") == most
    assert "… còn" not in given(most)
    assert given(most + 3).count("Mục số") == most
    assert "… còn 3 mục" in given(most + 3)


def test_equal_papers_are_named_once():
    assert card("papers", documents=[{"name": "Đơn"}, {"name": "Đơn "}, {"name": "Giấy khác"}]).count("•") == 2


def test_a_long_text_is_cut_at_a_word():
    text = "giấy chứng nhận " * 40
    assert len(shorten(text)) <= LONG_LINE + 2
    assert shorten(text).endswith((" giấy …", " chứng …", " nhận …"))
    assert shorten(" - một,\n hai; ") == "một, hai"
    assert shorten("vừa đúng", 8) == "vừa đúng"
    for aspect in EVERY_ASPECT:
        long = card(aspect, agency=text * 9, conditions=text * 9, result=text * 9, steps=[text * 9] * 30, legal_basis=[text * 9] * 30)
        assert len(long) < 4096  # what one message holds


def test_online_is_said_only_where_the_record_says_so():
    assert body(card("online", methods=[{"method": "Trực tuyến"}])).startswith("Cổng ghi có nộp trực tuyến.")
    assert body(card("online")) == "Bản ghi của Cổng không ghi cách nộp trực tuyến."


def test_who_may_file_is_said_with_the_conditions():
    assert body(card("conditions", applicants="Công dân Việt Nam")) == "Ai làm, điều kiện: Công dân Việt Nam. Có chuồng."
    assert body(card("conditions", applicants="Công dân Việt Nam", conditions="")) == "Ai làm, điều kiện: Công dân Việt Nam."
