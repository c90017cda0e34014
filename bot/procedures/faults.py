"""What keeps a text from going out, in Vietnamese, for staff: the shape, personal data, dates, sources. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from bot.language.sensitive import mask
from bot.procedures.changes import PARTS, label_of
from bot.procedures.model import Procedure
from bot.procedures.search import words_of
from bot.procedures.ways import LEAST, Asked

LEAST_WAYS = 10
TOKEN = re.compile(r"\[[^\]\n]{2,30}\]")
HOTLINE = re.compile(r"(?<![\d./])(?:1800|1900)[ .]?\d{3,6}(?![\d/])|(?<![\d./,])(?:11[1-5]|1022|5656)(?![.,]\d|[\w/])")
ACT = re.compile(r"(?i)(?:số|điều|khoản|nghị định|thông tư|quyết định|luật|công văn|mẫu)\s+(?:số\s+)?\d+")
"""A number that belongs to an act is none to call."""
UNCALLED = ("sources", "code", "also_codes", "official_url")


@dataclass(frozen=True)
class Fault:
    """field: dotted path such as `papers.2.name`, "" for the whole. row: line of an uploaded file, else 0."""

    field: str
    sentence: str
    row: int = 0

    @property
    def place(self) -> str:
        """The field in staff's words: "Giấy tờ, dòng 3, tên"."""
        head, *rest = self.field.split(".")
        return ", ".join((label_of(head) if head else "Cả bài", *(f"dòng {int(p) + 1}" if p.isdigit() else PARTS.get(p, p) for p in rest)))


SENTENCES = {
    "missing": "Thiếu mục này.", "string_too_short": "Quá ngắn hoặc còn trống.", "string_too_long": "Quá dài.", "string_type": "Phải là chữ.",
    "string_pattern_mismatch": "Không đúng dạng mã thủ tục, ví dụ 1.001193.", "list_type": "Phải là danh sách.", "tuple_type": "Phải là danh sách.",
    "dict_type": "Phải là nhóm các mục.", "model_type": "Phải là nhóm các mục.", "model_attributes_type": "Phải là nhóm các mục.",
    "int_parsing": "Phải là số nguyên.", "int_type": "Phải là số nguyên.", "int_from_float": "Phải là số nguyên.",
    "bool_parsing": "Phải là có hoặc không.", "bool_type": "Phải là có hoặc không.", "greater_than_equal": "Không được là số âm.",
    "less_than_equal": "Số quá lớn.", "too_short": "Cần ít nhất {min_length} dòng.", "literal_error": "Chọn một trong các giá trị có sẵn.",
    "date_from_datetime_parsing": "Không phải ngày có thật.", "date_parsing": "Không phải ngày có thật.", "date_type": "Không phải ngày có thật.",
    "extra_forbidden": "Không có mục này.",
}


def in_words(error: Mapping[str, Any]) -> str:
    """A pydantic error as a sentence for staff."""
    return SENTENCES.get(error["type"], "Giá trị không đúng kiểu.").format(**error.get("ctx", {}))


def of_shape(error: ValidationError) -> list[Fault]:
    """One fault a field; what the whole model objects to is found by `of_curated` itself."""
    return [Fault(".".join(str(p) for p in e["loc"]), in_words(e)) for e in error.errors() if e["type"] != "value_error"]


def of_curated(doc: Mapping[str, Any], today: date, elsewhere: Mapping[str, str]) -> list[Fault]:
    """Everything that keeps the procedure from being published. elsewhere: code -> name of the other curated procedures."""
    found: list[Fault] = []
    try:
        Procedure.model_validate(doc)
    except ValidationError as error:
        found += of_shape(error)
    if len({words_of(w) for w in doc.get("ways_people_ask") or ()} - {""}) < LEAST_WAYS:
        found.append(Fault("ways_people_ask", f"Cần ít nhất {LEAST_WAYS} cách hỏi khác nhau."))
    for field, sentence in (("steps", "Cần ít nhất một bước."), ("methods", "Cần ít nhất một cách nộp."), ("field", "Thiếu mục này."),
                            ("agency", "Thiếu mục này."), ("applicants", "Thiếu mục này."), ("fee", "Ghi lệ phí, hoặc ghi rõ là không thu."),
                            ("duration", "Ghi thời hạn."), ("result", "Ghi kết quả nhận được.")):
        if not doc.get(field):
            found.append(Fault(field, sentence))
    checked, review = (day_of(doc.get(name)) for name in ("checked_on", "review_by"))
    if checked is not None and checked > today:
        found.append(Fault("checked_on", "Ngày đối chiếu chưa tới."))
    if review is not None and checked is not None and not 0 < (review - checked).days <= 366:
        found.append(Fault("review_by", "Hạn xem lại phải sau ngày đối chiếu và trong vòng một năm."))
    if review is not None and review <= today:
        found.append(Fault("review_by", "Đã quá hạn xem lại. Hãy đối chiếu nguồn rồi ghi ngày mới."))
    if not any(s.get("grade") in ("A", "B") for s in doc.get("sources") or ()):
        found.append(Fault("sources", "Cần ít nhất một nguồn hạng A (văn bản, Cổng quốc gia) hoặc B (báo chính thống)."))
    for field, one in addresses(doc):
        if one and not one.startswith("https://"):
            found.append(Fault(field, "Địa chỉ phải bắt đầu bằng https://."))
    for code in (doc.get("code", ""), *(doc.get("also_codes") or ())):
        if code in elsewhere:
            found.append(Fault("also_codes", f"Mã {code} đã có ở bài “{elsewhere[code]}”."))
    return found + of_words(doc)


def of_ways(doc: Mapping[str, Any]) -> list[Fault]:
    """Everything that keeps ways to ask from being published."""
    found: list[Fault] = []
    try:
        Asked.model_validate(doc)
    except ValidationError as error:
        found += [f for f in of_shape(error) if f.field != "ways"]
    if len({words_of(w) for w in doc.get("ways") or ()} - {""}) < LEAST:
        found.append(Fault("ways", f"Cần ít nhất {LEAST} cách hỏi khác nhau."))
    return found + of_words(doc)


def of_words(doc: Mapping[str, Any]) -> list[Fault]:
    """Personal data, tokens that stand for it, and numbers to call, which change."""
    found = []
    for field, text in texts(doc):
        if mask(text)[1] or (field.startswith("ways") and TOKEN.search(text)):
            found.append(Fault(field, "Có số giấy tờ, số thẻ, mật khẩu hoặc dấu che; hãy viết lại không có nó."))
        elif field.split(".")[0] not in UNCALLED and HOTLINE.search(ACT.sub(" ", text)):
            found.append(Fault(field, "Có số điện thoại. Số hay đổi nên không ghi; hãy ghi tên nơi cần hỏi."))
    return found


def texts(node: Any, path: str = "") -> Iterable[tuple[str, str]]:
    """(dotted path, text) of every text."""
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from texts(value, f"{path}.{key}".strip("."))
    elif isinstance(node, (list, tuple)):
        for number, value in enumerate(node):
            yield from texts(value, f"{path}.{number}")


def addresses(doc: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [("official_url", doc.get("official_url") or ""), *((f"sources.{n}.url", s.get("url") or "") for n, s in enumerate(doc.get("sources") or ()))]


def day_of(value: Any) -> date | None:
    """The date that is written there, None for none."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
