"""Questions in a spreadsheet: the template reads back, every fault has its row and column, all or nothing."""

import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import PatternFill

from bot.learning.exchange import sheet
from bot.learning.exchange.faults import BadQuestions
from bot.learning.exchange.sheet import HEAD, SAMPLES

GOOD = {"Loại": "Một đáp án", "Câu hỏi": "Có người xin mã. Bác làm gì?", "Đáp án": "B", "Lựa chọn A": "Đọc mã", "Giải thích A": "Đọc là mất tiền.",
        "Lựa chọn B": "Gác máy", "Giải thích B": "Đúng, gác máy."}
MANY = {**GOOD, "Loại": "Nhiều đáp án", "Đáp án": "A, C", "Lựa chọn C": "Hỏi con", "Giải thích C": "Hỏi con là phải."}
WORD = {"Loại": "Điền", "Câu hỏi": "Mã gì?", "Đáp án": "OTP; mã OTP", "Giải thích chung": "Là mã OTP.", "Giải thích A": "Đúng là OTP."}


def xlsx(*rows: dict, head=HEAD, finish=None) -> bytes:
    """A workbook with this head and these rows (cells by head)."""
    book = Workbook()
    page = book.active
    page.append(head)
    for row in rows:
        page.append([row.get(h) for h in head])
    if finish:
        finish(page)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def faults(data: bytes) -> list[str]:
    with pytest.raises(BadQuestions) as caught:
        sheet.read(data)
    return [str(f) for f in caught.value.faults]


def test_the_template_reads_back():
    questions = sheet.read(sheet.template())
    assert [(q.id, q.type) for q in questions] == [("x2", "single"), ("x3", "multiple"), ("x4", "fill")]
    assert [q.prompt for q in questions] == [row[1] for row in SAMPLES]
    assert questions[0].solution() == "Gác máy, gọi số in sau thẻ"
    assert questions[1].solution() == "Mã xác nhận; Mật khẩu"
    assert (questions[2].accept, questions[2].feedback_right) == (("dụng",), "Đúng rồi, chỉ tải ở đó.")


def test_the_template_offers_the_kinds_in_a_list_and_keeps_its_head_in_sight():
    page = load_workbook(io.BytesIO(sheet.template())).active
    (rule,) = page.data_validations.dataValidation
    assert rule.formula1 == '"Một đáp án,Nhiều đáp án,Điền"' and "A2:A500" in str(rule.sqref)
    assert page.freeze_panes == "C2"


def test_each_kind_is_read():
    one, many, word = sheet.read(xlsx(GOOD, MANY, WORD))
    assert [(o.text, o.correct, o.feedback) for o in one.options] == [("Đọc mã", False, "Đọc là mất tiền."), ("Gác máy", True, "Đúng, gác máy.")]
    assert [o.correct for o in many.options] == [True, False, True]
    assert (word.accept, word.feedback_wrong) == (("OTP", "mã OTP"), "Là mã OTP.")


@pytest.mark.parametrize("change", [
    {"Loại": " một ĐÁP án "}, {"Loại": "mot dap an"}, {"Loại": "Mo\u0323\u0302t đáp án"}, {"Đáp án": " b "}, {"Câu hỏi": "  Có người xin mã. Bác làm gì?\n"}])
def test_small_slips_are_forgiven(change):
    (question,) = sheet.read(xlsx({**GOOD, **change}))
    assert question == sheet.read(xlsx(GOOD))[0]


def test_columns_may_stand_in_any_order_and_names_may_lack_diacritics():
    turned = tuple(reversed(HEAD))
    assert sheet.read(xlsx(GOOD, head=turned)) == sheet.read(xlsx(GOOD))
    plain = io.BytesIO()
    book = load_workbook(io.BytesIO(xlsx(GOOD)))
    book.active["A1"], book.active["B1"] = "loai", "CAU HOI"
    book.save(plain)
    assert sheet.read(plain.getvalue()) == sheet.read(xlsx(GOOD))


def test_empty_rows_are_passed_over_and_coloured_ones_at_the_end_do_not_count():
    def colour(page):
        for row in range(2, 700):
            page.cell(row, 1).fill = PatternFill("solid", fgColor="FFFF00")

    questions = sheet.read(xlsx(GOOD, {}, GOOD, finish=colour))
    assert [q.id for q in questions] == ["x2", "x4"]


@pytest.mark.parametrize("cell, text", [(15, "15"), (15.0, "15"), (1.5, "1.5"), (datetime(2026, 1, 15), "15/01/2026")])
def test_what_excel_makes_of_a_number_or_a_date_is_text_again(cell, text):
    (question,) = sheet.read(xlsx({**WORD, "Đáp án": cell}))
    assert question.accept == (text,)


FAULTS = {
    "an unknown kind": ({**GOOD, "Loại": "Tự luận"}, ["dòng 2, cột A: “Tự luận” không phải loại câu; chọn một trong: Một đáp án, Nhiều đáp án, Điền"]),
    "hardly anything": ({"Lựa chọn A": "x"}, [
        "dòng 2, cột A: “” không phải loại câu; chọn một trong: Một đáp án, Nhiều đáp án, Điền", "dòng 2, cột B: câu hỏi còn trống",
        "dòng 2, cột C: chưa ghi đáp án"]),
    "no feedback": ({**GOOD, "Giải thích B": None}, ["dòng 2, cột H: lựa chọn B chưa có lời giải thích",
                                                     "dòng 2, cột C: đáp án “B” không ứng với lựa chọn nào; ghi chữ cái, ví dụ A hoặc A, C"]),
    "feedback without its choice": ({**GOOD, "Giải thích C": "Lạc loài."}, ["dòng 2, cột I: có giải thích mà chưa có lựa chọn C"]),
    "an answer that is no choice": ({**GOOD, "Đáp án": "D"}, ["dòng 2, cột C: đáp án “D” không ứng với lựa chọn nào; ghi chữ cái, ví dụ A hoặc A, C"]),
    "an answer in words": ({**GOOD, "Đáp án": "Gác máy"}, ["dòng 2, cột C: đáp án “GÁC MÁY” không ứng với lựa chọn nào; ghi chữ cái, ví dụ A hoặc A, C"]),
    "two answers to a question of one": ({**GOOD, "Đáp án": "A, B"}, ["dòng 2: phải có đúng một đáp án đúng"]),
    "one answer to a question of many": ({**MANY, "Đáp án": "A"}, ["dòng 2: câu nhiều đáp án cần từ hai đáp án đúng và một đáp án sai trở lên"]),
    "one choice": ({**GOOD, "Đáp án": "A", "Lựa chọn B": None, "Giải thích B": None}, ["dòng 2: cần ít nhất 2 lựa chọn, đang có 1"]),
    "a choice too long": ({**GOOD, "Lựa chọn A": "a" * 161}, [f"dòng 2: “{'a' * 40}…” dài quá 160 ký tự; viết ngắn lại"]),
    "a word without feedback": ({**WORD, "Giải thích chung": None, "Giải thích A": " "}, [
        "dòng 2, cột D: câu điền cần lời giải thích khi trả lời sai", "dòng 2, cột F: câu điền cần lời giải thích khi trả lời đúng"]),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_named_by_row_and_column(case):
    row, expected = FAULTS[case]
    assert sorted(faults(xlsx(row))) == sorted(expected)


def test_all_or_nothing_and_the_faults_of_all_rows():
    assert faults(xlsx(GOOD, {**GOOD, "Câu hỏi": ""}, WORD, {**WORD, "Đáp án": None})) == ["dòng 3, cột B: câu hỏi còn trống", "dòng 5, cột C: chưa ghi đáp án"]


def test_a_sheet_without_questions_or_with_too_many():
    assert faults(xlsx()) == ["dòng 2: tệp không có câu hỏi nào"]
    assert faults(xlsx(*[GOOD] * (sheet.MOST_ROWS + 1))) == ["dòng 502: nhiều nhất 500 câu một lần; tách làm nhiều tệp"]
    assert len(sheet.read(xlsx(*[GOOD] * sheet.MOST_ROWS))) == 500


def test_a_missing_column_is_named():
    assert faults(xlsx(GOOD, head=tuple(h for h in HEAD if h != "Đáp án"))) == ["dòng 1: thiếu cột “Đáp án”; hãy dùng đúng mẫu, không đổi tên cột"]
    assert faults(xlsx(head=("",))) == ["dòng 1: thiếu cột “Loại”; hãy dùng đúng mẫu, không đổi tên cột"]


def broken_inside() -> bytes:
    """A workbook whose sheet is no XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(GOOD))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"<broken" if "sheet1" in name else old.read(name))
    return out.getvalue()


def other_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a.txt", "chào")
    return out.getvalue()


@pytest.mark.parametrize("data", [b"", "Loại,Câu hỏi\n".encode(), b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old .xls", other_zip(), broken_inside()],
                         ids=["empty", "csv", "half a zip", "xls", "another zip", "broken inside"])
def test_what_is_no_xlsx_is_one_fault(data):
    assert faults(data) == ["dòng 1: không mở được tệp; hãy lưu dạng Excel (.xlsx) rồi gửi lại"]
