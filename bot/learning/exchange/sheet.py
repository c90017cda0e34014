"""Questions in a spreadsheet (XLSX): a template, and reading it back with every fault named by row and column."""

import io
import unicodedata
from datetime import date
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from bot.language.choices import squeeze
from bot.learning.exchange.faults import BadQuestions, Fault, question
from bot.learning.items.base import LETTERS, Question

KINDS = {"Một đáp án": "single", "Nhiều đáp án": "multiple", "Điền": "fill"}
HEAD = ("Loại", "Câu hỏi", "Đáp án", "Giải thích chung", *(h for letter in LETTERS for h in (f"Lựa chọn {letter}", f"Giải thích {letter}")))
MOST_ROWS = 500
SAMPLES = (
    ("Một đáp án", "Có người xưng ngân hàng xin mã xác nhận. Bác làm gì?", "B", "", "Đọc mã cho nhanh", "Nhanh thật, nhưng mã ấy mở được tài khoản của bác.",
     "Gác máy, gọi số in sau thẻ", "Đúng. Số sau thẻ là số bác tự biết."),
    ("Nhiều đáp án", "Những thứ nào không đưa cho ai?", "A, C", "", "Mã xác nhận", "Đúng, mã này mở được tài khoản.", "Tên trường của cháu",
     "Tên trường ai cũng biết, chỉ nên kín khi không cần.", "Mật khẩu", "Đúng, mật khẩu chỉ mình mình biết."),
    ("Điền", "Ứng dụng chỉ tải từ chợ ứng ___.", "dụng", "Là chợ ứng dụng của máy, ví dụ App Store.", "", "Đúng rồi, chỉ tải ở đó."),
)
"""One row of each kind; people learn a form by a filled-in one. For "Điền": answers in "Đáp án" (several behind ;), what is
told of a wrong answer in "Giải thích chung", of a right one in "Giải thích A"."""


def template() -> bytes:
    """The empty form with a sample of each kind, XLSX."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Câu hỏi"
    sheet.append(HEAD)
    for row in SAMPLES:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number in range(1, len(HEAD) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 14 if number in (1, 3) else 34
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "C2"
    kinds = DataValidation(type="list", formula1=f'"{",".join(KINDS)}"', allow_blank=False)
    sheet.add_data_validation(kinds)
    kinds.add(f"A2:A{MOST_ROWS}")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes) -> list[Question]:
    """The questions of the first sheet, with the ids x2, x3 … after their rows. Raises BadQuestions."""
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = [[text_of(c) for c in row] for row in book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS + 2)]
        book.close()
    except (InvalidFileException, BadZipFile, LookupError, ValueError, OSError, ParseError) as error:
        raise BadQuestions([Fault(1, "", "không mở được tệp; hãy lưu dạng Excel (.xlsx) rồi gửi lại")]) from error
    while rows and not any(rows[-1]):
        rows.pop()  # rows that are only coloured
    heads = {squeeze(h): n for n, h in enumerate(rows[0])} if rows else {}
    missing = [h for h in HEAD[:8] if squeeze(h) not in heads]
    if missing:
        raise BadQuestions([Fault(1, "", f"thiếu cột “{missing[0]}”; hãy dùng đúng mẫu, không đổi tên cột")])
    if len(rows) > MOST_ROWS + 1:
        raise BadQuestions([Fault(MOST_ROWS + 2, "", f"nhiều nhất {MOST_ROWS} câu một lần; tách làm nhiều tệp")])
    faults: list[Fault] = []
    found = []
    for number, row in enumerate(rows[1:], 2):
        if any(row):
            cells = {h: (row[heads[squeeze(h)]] if squeeze(h) in heads and heads[squeeze(h)] < len(row) else "") for h in HEAD}
            letters = {h: get_column_letter(heads[squeeze(h)] + 1) if squeeze(h) in heads else "" for h in HEAD}
            made = one(number, cells, letters, faults)
            if made is not None:
                found.append(made)
    if not found and not faults:
        faults.append(Fault(2, "", "tệp không có câu hỏi nào"))
    if faults:
        raise BadQuestions(faults)
    return found


def text_of(cell: Any) -> str:
    """A cell as text: 15.0 as "15", a date that Excel made of "15/1" as it shows it."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return unicodedata.normalize("NFC", str(cell)).strip()


def one(row: int, cells: dict[str, str], letters: dict[str, str], faults: list[Fault]) -> Question | None:
    """The question of a row; its faults are noted."""
    before = len(faults)
    kind = next((t for name, t in KINDS.items() if squeeze(name) == squeeze(cells["Loại"])), None)
    if kind is None:
        faults.append(Fault(row, letters["Loại"], f"“{cells['Loại'][:30]}” không phải loại câu; chọn một trong: {', '.join(KINDS)}"))
    if not cells["Câu hỏi"]:
        faults.append(Fault(row, letters["Câu hỏi"], "câu hỏi còn trống"))
    if not cells["Đáp án"]:
        faults.append(Fault(row, letters["Đáp án"], "chưa ghi đáp án"))
    if len(faults) > before:
        return None
    data: dict[str, Any] = {"type": kind, "id": f"x{row}", "prompt": cells["Câu hỏi"]}
    if kind == "fill":
        for head, what in (("Giải thích chung", "khi trả lời sai"), ("Giải thích A", "khi trả lời đúng")):
            if not cells[head]:
                faults.append(Fault(row, letters[head], f"câu điền cần lời giải thích {what}"))
        accept = [a.strip() for a in cells["Đáp án"].split(";") if a.strip()]
        data.update(accept=accept, feedback_right=cells["Giải thích A"], feedback_wrong=cells["Giải thích chung"])
    else:
        options = choices(row, cells, letters, faults)
        right = {a.strip().upper() for a in cells["Đáp án"].replace(";", ",").split(",") if a.strip()}
        unknown = sorted(right - {o for o, _ in options})
        if unknown:
            faults.append(Fault(row, letters["Đáp án"], f"đáp án “{unknown[0][:20]}” không ứng với lựa chọn nào; ghi chữ cái, ví dụ A hoặc A, C"))
        data["options"] = [{**o, "correct": letter in right} for letter, o in options]
    return question(row, data, faults) if len(faults) == before else None


def choices(row: int, cells: dict[str, str], letters: dict[str, str], faults: list[Fault]) -> list[tuple[str, dict[str, Any]]]:
    """(letter, option) of the filled-in choices."""
    found = []
    for letter in LETTERS:
        text, why = cells[f"Lựa chọn {letter}"], cells[f"Giải thích {letter}"]
        if not text and why:
            faults.append(Fault(row, letters[f"Lựa chọn {letter}"], f"có giải thích mà chưa có lựa chọn {letter}"))
        elif text and not why:
            faults.append(Fault(row, letters[f"Giải thích {letter}"], f"lựa chọn {letter} chưa có lời giải thích"))
        elif text:
            found.append((letter, {"text": text, "feedback": why}))
    return found
